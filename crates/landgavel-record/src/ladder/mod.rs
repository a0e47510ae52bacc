//! Enterprises on a ladder of standards: where each stands on a day, and exactly what it lacks for the next rung.
//!
//! Every rung is a scorecard in versions; the one in force on the day is applied. A rung whose standard is not known here is neither
//! reached nor missed. A figure that was not given is not known: a rung that hangs on it waits for it. Modules: `facts`,
//! `gaps`, `words`, `page`.

mod facts;
mod gaps;
mod page;
mod words;

use landgavel_base::{Bilingual, Date};
use landgavel_score::{Cell, Comparison, Explanation, FAULTS_MAX, Fault, Graded, Grading, Mark, Outcome, Survey};

use crate::figures::{Figures, Layout, Results, TableFault};
use crate::language::{Ladder, LoadedCard, Rung, in_force};

pub use facts::FactsTable;
pub(crate) use gaps::of_gate as gap_of;
pub use gaps::{Gap, Need};
pub use page::page;
pub(crate) use words::gap_json;
pub use words::{climb_json, gap_words, need_words, standing_words};

/// A table of facts, read by every standard that holds on the day.
#[derive(Debug)]
pub struct Ascent<'a> {
    ladder: &'a Ladder,
    day: Date,
    /// Of the rungs, then of what stands beside.
    read: Vec<Option<Read<'a>>>,
    /// Heads that no standard asks for.
    pub ignored: Vec<String>,
}

#[derive(Debug)]
struct Read<'a> {
    is_expired: bool,
    figures: Figures<'a>,
}

/// An ascent with its benchmarks, ready to tell of each firm.
#[derive(Debug)]
pub struct Surveyed<'a> {
    ascent: &'a Ascent<'a>,
    read: Vec<Option<Scored<'a>>>,
}

#[derive(Debug)]
struct Scored<'a> {
    figures: &'a Figures<'a>,
    survey: Survey<'a>,
    results: Results<'a>,
    is_expired: bool,
}

/// Where a firm stands.
#[derive(Debug)]
pub struct Climb<'a> {
    /// Name of the firm.
    pub firm: String,
    /// Line of the firm, from 1.
    pub line: usize,
    /// The rungs, lowest first.
    pub rungs: Vec<Standing<'a>>,
    /// What stands beside the ladder.
    pub beside: Vec<Standing<'a>>,
    /// Index of the highest rung reached with all below it.
    pub reached: Option<usize>,
    /// Index of the first rung that is not reached.
    pub next: Option<usize>,
}

/// A firm on one rung.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The rung.
    pub rung: &'a Rung,
    /// The version that was applied.
    pub version: Option<&'a LoadedCard>,
    /// The version no longer holds and was asked for all the same.
    pub is_expired: bool,
    /// Whether it is reached.
    pub state: State,
    /// What is lacking: for a rung that is not reached by gates, each gate that does not hold; for one of grades, the next grade.
    pub gaps: Vec<Gap>,
    /// The outcome, as a certificate can carry it; `None` where no version was applied.
    pub outcome: Option<Outcome>,
}

/// Whether a rung is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The figures meet the standard.
    Reached,
    /// They do not.
    NotReached,
    /// A figure that decides it was not given.
    FactsMissing,
    /// No version of the standard that holds on the day is known.
    StandardUnknown,
}

impl<'a> Ascent<'a> {
    /// Reads a table of facts by the standards in force on a day. With `expired`, a standard that holds no longer is applied where
    /// its successor is not known, and marked.
    ///
    /// # Errors
    /// All that is wrong with the table, each fault once.
    pub fn of(ladder: &'a Ladder, table: &'a FactsTable, day: Date, expired: bool) -> Result<Self, Vec<TableFault>> {
        let (mut read, mut faults, mut ignored) = (Vec::new(), Vec::new(), None::<Vec<String>>);
        for rung in ladder.rungs.iter().chain(&ladder.beside) {
            let Some((card, is_expired)) = version(rung, day, expired) else {
                read.push(None);
                continue;
            };
            let figures =
                Layout::partial(card, table.bytes()).and_then(|layout| Figures::join(&layout, vec![layout.read_all()]));
            match figures {
                Ok(figures) => {
                    let unused = &figures.ignored;
                    ignored = Some(match ignored {
                        None => unused.clone(),
                        Some(known) => known.into_iter().filter(|head| unused.contains(head)).collect(),
                    });
                    read.push(Some(Read { is_expired, figures }));
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            // What a standard that does not hold asks for is no slip.
            let cards = ladder.rungs.iter().chain(&ladder.beside).flat_map(|rung| &rung.versions);
            let mut ignored = ignored.unwrap_or_default();
            ignored.retain(|head| !cards.clone().any(|card| card.heads.names(head)));
            return Ok(Self { ladder, day, read, ignored });
        }
        Err(told_once(table, faults))
    }

    /// The first pass of each standard, and what came of each firm.
    ///
    /// # Errors
    /// What a standard does not allow, such as a divisor of zero.
    pub fn survey(&'a self, table: &FactsTable) -> Result<Surveyed<'a>, Vec<TableFault>> {
        let (mut scored, mut faults) = (Vec::new(), Vec::new());
        for read in &self.read {
            let Some(Read { is_expired, figures }) = read else {
                scored.push(None);
                continue;
            };
            match figures.survey() {
                Ok(survey) => {
                    let marks = marks(figures, &survey, &mut faults);
                    let graded: Graded = survey.grade(&marks);
                    let results = Results { figures, marks, graded };
                    scored.push(Some(Scored { figures, survey, results, is_expired: *is_expired }));
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(Surveyed { ascent: self, read: scored }) } else { Err(told_once(table, faults)) }
    }
}

/// The version that is applied on a day, and whether it holds no longer.
fn version(rung: &Rung, day: Date, expired: bool) -> Option<(&LoadedCard, bool)> {
    let pending = rung.pending.as_ref().filter(|pending| pending.from <= day);
    let holds = in_force(rung.versions.iter(), day)
        .filter(|loaded| pending.is_none_or(|pending| loaded.card.from.is_some_and(|from| from >= pending.from)));
    let last = || rung.versions.iter().filter(|loaded| loaded.card.from.is_none_or(|from| from <= day));
    match holds {
        Some(loaded) => Some((loaded, false)),
        None if expired => last().max_by_key(|loaded| loaded.card.from).map(|loaded| (loaded, true)),
        None => None,
    }
}

/// Marks of all rows. A row that lacks a figure which its standard must have is not evaluated; what else is wrong is a fault.
fn marks(figures: &Figures<'_>, survey: &Survey<'_>, faults: &mut Vec<TableFault>) -> Vec<Mark> {
    let unknown = Mark { total: Cell::MISSING, qualifies: false, not_above: None };
    (0..figures.table().rows())
        .map(|row| match survey.mark(row) {
            Ok(mark) => mark,
            Err(Fault::ValueMissing { .. }) => unknown,
            Err(fault) => {
                if faults.len() < FAULTS_MAX {
                    faults.push(figures.fault(fault));
                }
                unknown
            }
        })
        .collect()
}

/// Standards share their columns: a fault that several find is told once, by the line of the file that was given.
pub(crate) fn told_once(table: &FactsTable, faults: Vec<TableFault>) -> Vec<TableFault> {
    let mut out: Vec<TableFault> = Vec::new();
    for mut fault in faults {
        fault.line = table.line(fault.line, &fault.column);
        let is_new = !out.iter().any(|known| {
            (known.line, &known.column, known.code, &known.found)
                == (fault.line, &fault.column, fault.code, &fault.found)
        });
        if is_new && out.len() < FAULTS_MAX {
            out.push(fault);
        }
    }
    out.sort_by_key(|fault| fault.line);
    out
}

impl Surveyed<'_> {
    /// Number of firms; none when no standard that holds is known.
    pub fn firms(&self) -> usize {
        self.read.iter().flatten().map(|scored| scored.figures.firms()).next().unwrap_or(0)
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.ascent.day
    }

    /// The ladder.
    pub fn ladder(&self) -> &Ladder {
        self.ascent.ladder
    }

    /// Name of a firm.
    pub fn firm(&self, firm: usize) -> String {
        self.read.iter().flatten().map(|scored| scored.figures.firm(firm)).next().unwrap_or_default()
    }

    /// Where a firm stands.
    pub fn climb(&self, firm: usize, table: &FactsTable) -> Climb<'_> {
        let ladder = self.ascent.ladder;
        let mut all: Vec<Standing<'_>> = ladder
            .rungs
            .iter()
            .chain(&ladder.beside)
            .zip(&self.read)
            .map(|(rung, scored)| standing(rung, scored.as_ref(), firm))
            .collect();
        let beside = all.split_off(ladder.rungs.len());
        let next = all.iter().position(|standing| standing.state != State::Reached);
        let reached = next.unwrap_or(all.len()).checked_sub(1);
        let line = self.read.iter().flatten().map(|scored| scored.figures.line(firm)).next().unwrap_or(0);
        Climb { firm: self.firm(firm), line: table.line(line, ""), rungs: all, beside, reached, next }
    }
}

fn standing<'a>(rung: &'a Rung, scored: Option<&'a Scored<'a>>, firm: usize) -> Standing<'a> {
    let Some(scored) = scored else {
        return Standing {
            rung,
            version: None,
            is_expired: false,
            state: State::StandardUnknown,
            gaps: Vec::new(),
            outcome: None,
        };
    };
    let loaded = scored.figures.card();
    let row = scored.figures.unit(firm);
    let outcome = Some(scored.results.outcome(firm, scored.survey.exemption(row)));
    let (state, gaps) = match scored.survey.explain(row) {
        Ok(explanation) => judged(scored, row, &explanation),
        // Only what is missing is left: all else was told before.
        Err(_) => (State::FactsMissing, gaps::of_missing(loaded, &scored.survey, row)),
    };
    Standing { rung, version: Some(loaded), is_expired: scored.is_expired, state, gaps, outcome }
}

fn judged(scored: &Scored<'_>, row: usize, explanation: &Explanation) -> (State, Vec<Gap>) {
    let loaded = scored.figures.card();
    let total = explanation.total.as_ref().map(|total| total.total);
    match (&loaded.card.grading, total) {
        (Grading::Bands { bands, .. }, Some(total)) => {
            let above = bands.iter().rev().find(|(least, _)| total < *least);
            let is_lowest = bands.last().is_none_or(|(least, _)| total < *least);
            let gaps = above.map(|(least, name)| gaps::to_band(loaded, total, *least, name)).into_iter().collect();
            (if is_lowest { State::NotReached } else { State::Reached }, gaps)
        }
        _ if explanation.gates.iter().all(|gate| gate.holds) => (State::Reached, Vec::new()),
        _ => {
            let open = scored.survey.gaps(row, explanation);
            (state_of(open.iter()), open.iter().map(|gap| gap_of(loaded, gap)).collect())
        }
    }
}

/// What open gates mean: one is missed when each of its alternatives has a test that fails on a figure that was given.
pub(crate) fn state_of<'a>(mut open: impl Iterator<Item = &'a landgavel_score::Gap>) -> State {
    let is_known = |need: &landgavel_score::Need| need.target.value.is_some();
    let is_missed = open.any(|gap| gap.alternatives.iter().all(|needs| needs.iter().any(is_known)));
    if is_missed { State::NotReached } else { State::FactsMissing }
}

/// How a comparison is written for people.
fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "≥",
        Comparison::Above => ">",
        Comparison::AtMost => "≤",
        Comparison::Below => "<",
        Comparison::Equal => "=",
        Comparison::Unequal => "≠",
    }
}

/// Yes and no for people.
fn yes_no(yes: bool) -> Bilingual {
    if yes { Bilingual::new("是", "yes") } else { Bilingual::new("否", "no") }
}
