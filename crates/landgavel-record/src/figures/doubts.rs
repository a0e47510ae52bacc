//! Figures that are plausible by themselves and yet look as if they were in another unit: 元 or 亿元 where 万元 belong.

use landgavel_base::Bilingual;
use landgavel_score::{Benchmark, Column, ColumnKind, Indicator, Way};

use super::join::Figures;
use super::words::format_quanta;

/// A figure that somebody should look at. It counts as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Line, from 1.
    pub line: usize,
    /// Id of the column.
    pub column: String,
    /// The figure.
    pub found: String,
    /// Unit of the column.
    pub unit: String,
    /// What it was held against.
    pub against: Against,
    /// How many figures of the column are like it: the others are not told one by one.
    pub figures: usize,
    /// It is about a ten-thousandth of what is usual, and not ten thousand times as much.
    pub is_small: bool,
}

/// What a figure was held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The middle figure of its column.
    Middle(String),
    /// The usual magnitude that the card states of the column.
    Typical(String),
    /// A benchmark that the card prints.
    Benchmark {
        /// Id of the indicator.
        indicator: String,
        /// What the figure makes of it.
        value: String,
        /// The benchmark.
        benchmark: String,
    },
}

impl Against {
    /// Name of the kind, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Middle(_) => "middle",
            Self::Typical(_) => "typical",
            Self::Benchmark { .. } => "benchmark",
        }
    }
}

/// 万元 are 10,000 元, and 亿元 10,000 万元.
const WAN: i64 = 10_000;

/// So many times ten thousand, or a part of it, is still taken for a slip of the unit and not for a firm that is unlike others.
/// Assumption.
const AROUND: i64 = 10;

/// A figure so many times the middle one is doubted, if a ten-thousandth of it is no further from the middle the other way.
/// Firms differ, but of the on-scale firms of a county few are a thousand times the middle one. Assumption.
const TIMES: i64 = 1_000;

/// Fewer figures have no middle worth the name.
const FIGURES_MIN: usize = 5;

/// Most doubts that are told.
const DOUBTS_MAX: usize = 100;

/// How a figure stands to what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Usual,
    /// About ten thousand times as much.
    Large,
    /// About a ten-thousandth.
    Small,
}

impl Size {
    fn of(value: i64, usual: i64) -> Self {
        let (value, usual) = (i128::from(value), i128::from(usual));
        let (near, far) = (i128::from(WAN / AROUND), i128::from(WAN * AROUND));
        if value >= usual * near && value <= usual * far {
            Self::Large
        } else if value * near <= usual && value * far >= usual {
            Self::Small
        } else {
            Self::Usual
        }
    }
}

/// A column of 万元, and all that the card says of its magnitude.
struct Measures<'a> {
    index: usize,
    column: &'a Column,
    decimals: u8,
    typical: Option<i64>,
    benchmarks: Vec<(&'a Indicator, i64)>,
}

impl Figures<'_> {
    /// Figures in 万元 (or another unit of ten thousands) that may have been written in 元 or 亿元, by line.
    pub fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        for (index, column) in self.card().card.columns.iter().enumerate() {
            let ColumnKind::Number { decimals } = column.kind else { continue };
            if !is_wan(column) {
                continue;
            }
            let typical = self.card().heads.columns.get(index).and_then(|rule| rule.typical);
            let measures = Measures { index, column, decimals, typical, benchmarks: self.benchmarks(index) };
            let by_card = self.by_card(&measures);
            if by_card.is_empty() {
                self.by_middle(&measures, &mut doubts);
            }
            doubts.extend(by_card);
        }
        doubts.truncate(DOUBTS_MAX);
        doubts.sort_by_key(|doubt| doubt.line);
        doubts
    }

    /// Printed benchmarks of what the card makes of a column: amounts of 万元 by something that is no money, so that a slip shows.
    fn benchmarks(&self, column: usize) -> Vec<(&Indicator, i64)> {
        let card = &self.card().card;
        let ways = card.items.iter().flat_map(|item| &item.ways).filter_map(|way| match way {
            Way::Linear { indicator, benchmark: Benchmark::Fixed(benchmark) } => {
                Some((card.indicators.get(indicator.0)?, *benchmark))
            }
            _ => None,
        });
        let all_wan = |indicator: &Indicator| {
            let mut of = indicator.of.terms.iter();
            of.all(|(id, _)| card.columns.get(id.0).is_some_and(is_wan))
        };
        let no_wan = |indicator: &Indicator| {
            let mut over = indicator.over.iter().flat_map(|over| &over.terms);
            over.all(|(id, _)| card.columns.get(id.0).is_some_and(|column| !is_wan(column)))
        };
        ways.filter(|(indicator, _)| {
            indicator.of.terms.iter().any(|(id, _)| id.0 == column) && all_wan(indicator) && no_wan(indicator)
        })
        .collect()
    }

    /// What stands about ten thousand times above, or below, what the card states, from the first row on. Many firms have next to
    /// nothing, so small figures are doubted only where the whole column is small.
    fn by_card(&self, measures: &Measures<'_>) -> Vec<Doubt> {
        if measures.typical.is_none() && measures.benchmarks.is_empty() {
            return Vec::new();
        }
        let table = self.table();
        let (mut large, mut small, mut positive) = ((0, 0), (0, 0), 0);
        for row in 0..table.rows() {
            let Some(value) = table.cell(row, measures.index).get().filter(|value| *value > 0) else { continue };
            positive += 1;
            let told = match self.size(measures, row, value) {
                Size::Usual => continue,
                Size::Large => &mut large,
                Size::Small => &mut small,
            };
            if told.1 == 0 {
                told.0 = row;
            }
            told.1 += 1;
        }
        let doubt = |(row, figures): (usize, usize), is_small| self.doubt(measures, row, figures, is_small);
        let large = (large.1 > 0).then(|| doubt(large, false));
        let small = (small.1 > 0 && small.1 == positive).then(|| doubt(small, true));
        large.into_iter().chain(small).flatten().collect()
    }

    /// All that the card states must agree: a firm without emissions has any amount of value by ton.
    fn size(&self, measures: &Measures<'_>, row: usize, value: i64) -> Size {
        let by_typical = measures.typical.map(|typical| Size::of(value, typical));
        let by_benchmark = measures
            .benchmarks
            .iter()
            .filter_map(|(indicator, benchmark)| Some(Size::of(indicator.value(self.table(), row).get()?, *benchmark)));
        let mut all = by_typical.into_iter().chain(by_benchmark);
        let Some(first) = all.next() else { return Size::Usual };
        if first != Size::Usual && all.all(|other| other == first) { first } else { Size::Usual }
    }

    fn doubt(&self, measures: &Measures<'_>, row: usize, figures: usize, is_small: bool) -> Option<Doubt> {
        let found = self.table().cell(row, measures.index).get()?;
        let by_benchmark = measures.benchmarks.iter().find_map(|(indicator, benchmark)| {
            Some(Against::Benchmark {
                indicator: indicator.id.clone(),
                value: format_quanta(indicator.value(self.table(), row).get()?, indicator.decimals),
                benchmark: format_quanta(*benchmark, indicator.decimals),
            })
        });
        let by_typical = || Some(Against::Typical(format_quanta(measures.typical?, measures.decimals)));
        Some(Doubt {
            line: self.line_of_unit(row),
            column: measures.column.id.clone(),
            found: format_quanta(found, measures.decimals),
            unit: measures.column.unit.clone(),
            against: by_benchmark.or_else(by_typical)?,
            figures,
            is_small,
        })
    }

    /// What stands far above the middle of its column.
    fn by_middle(&self, measures: &Measures<'_>, doubts: &mut Vec<Doubt>) {
        let Measures { index, column, decimals, .. } = *measures;
        let table = self.table();
        let values = (0..table.rows()).filter_map(|row| table.cell(row, index).get());
        let mut positive: Vec<i64> = values.filter(|value| *value > 0).collect();
        if positive.len() < FIGURES_MIN {
            return;
        }
        let at = positive.len() / 2;
        let (_, middle, _) = positive.select_nth_unstable(at);
        let middle = *middle;
        for row in 0..table.rows() {
            let Some(value) = table.cell(row, index).get() else { continue };
            let is_far = value / TIMES >= middle && value / WAN <= middle.saturating_mul(TIMES / 10);
            if is_far && doubts.len() < DOUBTS_MAX {
                doubts.push(Doubt {
                    line: self.line_of_unit(row),
                    column: column.id.clone(),
                    found: format_quanta(value, decimals),
                    unit: column.unit.clone(),
                    against: Against::Middle(format_quanta(middle, decimals)),
                    figures: 1,
                    is_small: false,
                });
            }
        }
    }
}

fn is_wan(column: &Column) -> bool {
    column.unit.starts_with('万')
}

impl Doubt {
    /// The question.
    pub fn words(&self) -> Bilingual {
        let Self { line, column, found, unit, figures, .. } = self;
        let (times_zh, times_en) = if self.is_small {
            ("约为其万分之一", "about a ten-thousandth of")
        } else {
            ("约为其一万倍", "about ten thousand times")
        };
        let (zh, en) = match &self.against {
            Against::Middle(middle) => (
                format!("为该列中位数 {middle} 的千倍以上"),
                format!("is over a thousand times the middle figure, {middle}"),
            ),
            Against::Typical(typical) => {
                (format!("，通常为 {typical}，{times_zh}"), format!("is {times_en} what is usual, {typical}"))
            }
            Against::Benchmark { indicator, value, benchmark } => (
                format!("使 {indicator} 为 {value}，基准值为 {benchmark}，{times_zh}"),
                format!("makes {indicator} {value}, {times_en} the benchmark, {benchmark}"),
            ),
        };
        let (other_zh, other_en) = if self.is_small { ("亿元", "亿元") } else { ("元", "元") };
        let (more_zh, more_en) = match figures {
            0 | 1 => (String::new(), String::new()),
            figures => {
                (format!("（该列共 {figures} 个数字如此）"), format!(" ({figures} figures of the column are so)"))
            }
        };
        Bilingual::new(
            format!("第 {line} 行，{column}：{found} {unit} {zh}，是否把{other_zh}写成了{unit}？{more_zh}"),
            format!("line {line}, {column}: {found} {unit} {en}; is it {other_en}?{more_en}"),
        )
    }
}
