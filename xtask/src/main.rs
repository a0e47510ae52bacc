//! Project chores, so that there is one command and no shell: `tidy`, `gen`, `casebook`, `page`, `ci`.
//!
//! `tidy` turns the house style and the walls between crates into a test; `gen` writes the documents
//! that a program can write; `casebook` runs the cases that a lawyer can read; `ci` runs everything
//! that must hold before a change is taken; `tamper` makes every change of a bundle. Nothing here ships.

mod browser;
mod ci;
mod foreign;
mod generate;
mod markdown;
mod page;
mod postgres;
mod python;
mod reference;
mod rust_text;
mod tidy;
mod tree;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  tidy [--assumptions]   check style, walls and documents; list clauses that rest on an assumption
  gen [--check]          write the generated documents, or compare them with what is there
  casebook [NAME]        run the casebook
  page                   build the verifier as one page: target/page/verify.html
  bench-page [EVENTS RUNS]   how long the page takes in a browser, beside the program
  python                 build the package for Python and run its tests
  tamper [--stride N]    make every change of a small bundle, and count those that are named
  ci [--skip NAME]...    everything: fmt, clippy, tidy, gen, tests, postgres, doctests, wasm, browser, python, deny

Exit codes: 0 all is well, 1 something was found, 2 wrong use, 3 a tool could not be run.
";

/// What a chore came to; the exit code of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing to complain about.
    Good,
    /// Something was found; it has been printed.
    Found,
    /// The command line could not be understood; why has been printed.
    WrongUse,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Ok(Verdict::WrongUse) => ExitCode::from(2),
        Err(fault) => {
            eprintln!("xtask: {fault:#}");
            ExitCode::from(3)
        }
    }
}

fn dispatch(words: &[&str]) -> Result<Verdict> {
    let root = root()?;
    match words {
        ["tidy"] => tidy::run(&root),
        ["tidy", "--assumptions"] => tidy::list_assumptions(&root),
        ["gen"] => generate::write(&root),
        ["gen", "--check"] => generate::check(&root),
        ["casebook", names @ ..] => casebook(&root, names),
        ["page"] => page::run(&root),
        ["bench-page"] => browser::bench(&root, "10000", "5"),
        ["bench-page", events, runs] => browser::bench(&root, events, runs),
        ["python"] => python(&root),
        ["tamper", flags @ ..] => tamper(&root, flags),
        ["ci", flags @ ..] => ci::run(&root, flags),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(Verdict::Good)
        }
        _ => {
            eprint!("{HELP}");
            Ok(Verdict::WrongUse)
        }
    }
}

/// Runs the casebook's test binary. The runner itself lives in record, the lowest crate that reads text.
fn casebook(root: &Path, names: &[&str]) -> Result<Verdict> {
    let filter = names.first().copied().unwrap_or("casebook");
    let status = cargo(root)
        .args(["test", "--package", "landgavel-record", "--test", "it", "--", filter])
        .status()
        .context("cannot run cargo test")?;
    Ok(if status.success() { Verdict::Good } else { Verdict::Found })
}

/// The package for Python, alone.
fn python(root: &Path) -> Result<Verdict> {
    match python::run(root)? {
        Ok(true) => Ok(Verdict::Good),
        Ok(false) => Ok(Verdict::Found),
        Err(why) => bail!("{why}"),
    }
}

/// Every bit, length, file and entry of a small bundle; optimised, for there are a hundred thousand of them.
fn tamper(root: &Path, flags: &[&str]) -> Result<Verdict> {
    let mut command = cargo(root);
    command
        .args(["run", "--quiet", "--release", "--package", "landgavel-hostile", "--bin", "tamper", "--"])
        .args(flags);
    let status = command.status().context("cannot run cargo")?;
    Ok(if status.success() { Verdict::Good } else { Verdict::Found })
}

/// The cargo that runs this program, started in the root of the project.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// The root of the project, found from where this crate was compiled.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    match here.parent() {
        Some(parent) if parent.join("Cargo.toml").is_file() => Ok(parent.to_path_buf()),
        _ => bail!("the project that this program was compiled in has moved: run it through `cargo xtask`"),
    }
}
