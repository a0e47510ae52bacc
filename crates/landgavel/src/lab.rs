use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use landgavel_lab::report::{Findings, blocks};
use landgavel_lab::study::Study;
use landgavel_lab::work::{Finished, Shard, Work, line, read_line};
use landgavel_record::language::{FILE_BYTES_MAX, Files};
use sha2::{Digest as _, Sha256};

use crate::disk::Disk;
use crate::exit::Exit;
use crate::show::Tongue;

/// Try rules before they are adopted.
#[derive(clap::Args)]
pub struct Arguments {
    /// The study, a TOML file.
    study: String,
    /// Directory for tables and report; what a stopped run finished there is used again.
    #[arg(long)]
    out: PathBuf,
    /// Threads; the tables are the same for any number.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Play only the part I of N, as 0/4: write its blocks and no report. Runs of all parts into one
    /// directory, or their files copied there, are joined by a run without this.
    #[arg(long, value_parser = shard, value_name = "I/N")]
    shard: Option<Shard>,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((index, of)) if index < of => Ok(Shard { index, of }),
        _ => Err("write it as 0/4: the first of four parts".to_owned()),
    }
}

pub fn lab(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let bytes = Files::read(&Disk, &arguments.study);
    if bytes.as_ref().is_ok_and(|bytes| bytes.len() > FILE_BYTES_MAX) {
        return Ok(refuse(&arguments.study, &format!("is larger than {FILE_BYTES_MAX} bytes")));
    }
    let text = match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return Ok(refuse(&arguments.study, "is not UTF-8")),
        Err(why) => return Ok(refuse(&arguments.study, &why)),
    };
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} rulebooks ready  {elapsed}")?);
    let ready = |made: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(made as u64);
        true
    };
    let made = Study::parse(&text).and_then(|study| Work::prepare(&Disk, &arguments.study, study, &ready));
    bar.finish_and_clear();
    let work = match made {
        Ok(work) => work,
        Err(wrong) => return Ok(refuse(&arguments.study, &wrong.located(&text).to_string())),
    };
    let out = &arguments.out;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    // Blocks count only for the same study on the same lots and rules.
    let mark = format!("{FORMAT}{}", digest(&text, &work));
    let mut finished = Finished::new();
    for path in block_files(out)? {
        read_blocks(&path, &mark, &mut finished)?;
    }
    let part = arguments.shard.unwrap_or(Shard::WHOLE);
    let left = work.left(part, &finished);
    let name = arguments.shard.map_or("blocks.csv".to_owned(), |s| format!("blocks-{}-of-{}.csv", s.index, s.of));
    play(&work, &left, &mut finished, &out.join(name), &mark, arguments.threads)?;
    if arguments.shard.is_some() {
        return Ok(Exit::Good);
    }
    let findings = Findings::new(&work, &finished);
    let files = [
        ("designs.csv", findings.csv().into_bytes()),
        ("designs.parquet", findings.parquet()),
        ("ranking.csv", findings.ranking().into_bytes()),
        ("blocks.parquet", blocks(&finished)),
        ("report.html", findings.html(&text).into_bytes()),
    ];
    for (name, bytes) in files {
        let path = out.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for advice in findings.advice() {
        let n = advice.bidders;
        match advice.best {
            Some(best) => {
                println!(
                    "{}: {} {}",
                    tongue.say(&format!("{n} 名竞买人"), &format!("{n} bidders")),
                    Findings::name(best),
                    findings.title(best)
                );
                let equal: Vec<String> = advice.not_separable.iter().map(|&case| Findings::name(case)).collect();
                if !equal.is_empty() {
                    println!("  {}: {}", tongue.say("误差之内不分高下", "not separable from it"), equal.join(", "));
                }
            }
            None => {
                let (zh, en) = findings.why_none(advice);
                println!("{}: {}", tongue.say(&format!("{n} 名竞买人"), &format!("{n} bidders")), tongue.say(&zh, &en));
            }
        }
    }
    println!("{}", out.join("report.html").display());
    Ok(Exit::Good)
}

fn refuse(study: &str, why: &str) -> Exit {
    eprintln!("{study}: {why}");
    Exit::WrongUse
}

fn digest(text: &str, work: &Work) -> String {
    let hash = Sha256::new_with_prefix(text).chain_update(format!("{:?}", work.games)).finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn block_files(out: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(out).with_context(|| format!("cannot list {}", out.display()))? {
        let path = entry?.path();
        let is_blocks = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("blocks") && name.ends_with(".csv"));
        if is_blocks {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// How a file of blocks begins.
const FORMAT: &str = "# landgavel-blocks/1 ";

/// Reads what a run finished. Blocks of another study make room under a name of their own; what is no file of blocks is left alone.
fn read_blocks(path: &Path, mark: &str, finished: &mut Finished) -> Result<()> {
    let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = BufReader::new(file).lines();
    let first = lines.next().transpose().with_context(|| format!("cannot read {}", path.display()))?;
    if first.as_deref() != Some(mark) {
        if let Some(other) = first.as_deref().and_then(|first| first.strip_prefix(FORMAT)) {
            let aside = path.with_extension(format!("{}.other", other.get(..12).unwrap_or("unnamed")));
            eprintln!("{}: of another study; kept as {}", path.display(), aside.display());
            fs::rename(path, aside)?;
        }
        return Ok(());
    }
    for line in lines {
        // A line that was cut off is played again.
        finished.extend(read_line(&line?));
    }
    Ok(())
}

fn play(
    work: &Work,
    left: &[(usize, u64)],
    finished: &mut Finished,
    path: &Path,
    mark: &str,
    threads: Option<u16>,
) -> Result<()> {
    let is_new = fs::metadata(path).map_or(true, |there| there.len() == 0);
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    // A line that was cut off must not swallow the next.
    writeln!(file, "{}", if is_new { mark } else { "" }).with_context(|| format!("cannot write {}", path.display()))?;
    let bar = ProgressBar::new(left.len() as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {percent} %  {elapsed} / {duration}")?);
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.map_or_else(cores, usize::from);
    let mut failed = None;
    work.run(left, threads, &mut |key, sums| {
        bar.inc(1);
        finished.insert(key, sums);
        let written = writeln!(file, "{}", line(key, &sums));
        let goes_on = written.is_ok();
        failed = failed.take().or(written.err());
        goes_on
    });
    bar.finish_and_clear();
    match failed {
        Some(error) => Err(error).with_context(|| format!("cannot write {}; what is in it is kept", path.display())),
        None => Ok(()),
    }
}
