use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant as Stopwatch;

use anyhow::{Context as _, Result, anyhow, ensure};
use landgavel_record::figures::{Results, TableFault, csv_head};
use landgavel_record::language::{Files, LoadedCard, load_scorecard};
use serde_json::json;

use super::{peak_mib, rate};
use crate::exit::Exit;
use crate::score::{lines, marks, read};

/// What is measured.
#[derive(clap::Args)]
pub struct Arguments {
    /// Number of firms.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Runs; the median counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Keep table.csv and grades.csv in this folder, for other programs to be compared with.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const CARD: &str = include_str!("scorecard.toml");
const INDUSTRIES: u64 = 20;

struct Embedded;

impl Files for Embedded {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(CARD.as_bytes().to_vec())
    }
}

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    ensure!(arguments.runs > 0, "at least one run");
    let scratch = tempfile::tempdir()?;
    let folder = arguments.keep.as_deref().unwrap_or(scratch.path());
    std::fs::create_dir_all(folder)?;
    let (table, grades) = (folder.join("table.csv"), folder.join("grades.csv"));
    write_table(&table, arguments.rows)?;
    let card = load_scorecard(&Embedded, "scorecard.toml", &[])
        .map_err(|findings| anyhow!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..arguments.runs {
        let watch = Stopwatch::now();
        once(&card, &table, &grades)?;
        seconds.push(watch.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let (rows_per_s, peak_mib) = (rate(arguments.rows, median), peak_mib()?);
    let report = json!({
        "rows": arguments.rows, "indicators": 6, "groups": INDUSTRIES, "seconds": format!("{median:.3}"),
        "rows_per_s": rows_per_s, "peak_mib": peak_mib, "runs": arguments.runs, "statistic": "median",
    });
    if arguments.json {
        println!("{report:#}");
    } else {
        println!(
            "{} firms × 6 indicators, CSV to grades: {rows_per_s} rows/s, {median:.3} s, {peak_mib} MiB (median of {})",
            arguments.rows, arguments.runs
        );
    }
    Ok(Exit::Good)
}

/// From the bytes on the disk to the grades on the disk.
fn once(card: &LoadedCard, table: &Path, grades: &Path) -> Result<()> {
    let bytes = std::fs::read(table).with_context(|| format!("cannot read {}", table.display()))?;
    let figures = read(card, &bytes).map_err(|faults| first(&faults))?;
    let survey = figures.survey().map_err(|faults| first(&faults))?;
    let marks = marks(&figures, &survey).map_err(|faults| first(&faults))?;
    let graded = survey.grade(&marks);
    let results = Results { figures: &figures, marks, graded };
    let mut file = File::create(grades).with_context(|| format!("cannot write {}", grades.display()))?;
    file.write_all(csv_head(&results, false).as_bytes())?;
    lines(&results, &survey, false).iter().try_for_each(|part| file.write_all(part))?;
    Ok(())
}

fn first(faults: &[TableFault]) -> anyhow::Error {
    anyhow!("{}", faults.first().map_or_else(String::new, ToString::to_string))
}

/// Figures that look like those of a county, and are the same on every machine.
fn write_table(path: &Path, rows: u32) -> Result<()> {
    let mut file = BufWriter::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?);
    writeln!(file, "firm,industry,tax,value,energy,emission,labour,research")?;
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    for row in 0..rows {
        let industry = next(INDUSTRIES);
        write!(file, "91330782MA{row:08},I{industry:02}")?;
        // In ten-thousandths: up to about 50, 300, 6, 9,000, 40 万元, and 8 %.
        for bound in [500_000, 3_000_000, 60_000, 90_000_000, 400_000, 80_000] {
            let value = next(bound) + 1;
            write!(file, ",{}.{:04}", value / 10_000, value % 10_000)?;
        }
        writeln!(file)?;
    }
    file.flush()?;
    Ok(())
}
