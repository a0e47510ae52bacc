//! Everything that must hold before a change is taken, in order, with the time that each step took.
//!
//! A step that cannot run here (a tool or a target is missing) says so by name and does not fail the
//! run; it is never passed over in silence. A failed step does not stop the later ones, so that one
//! run shows all there is to mend.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::{Verdict, browser, cargo, foreign, generate, page, postgres, python, reference, tidy};

/// A step and its name on the command line.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Path) -> Result<Outcome>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Passed,
    /// Passed, but not in the way that was meant; why.
    PassedOtherwise(String),
    Failed,
    /// Could not run here; why.
    NotRun(String),
    /// Left out by `--skip`.
    SkippedByRequest,
}

const STEPS: [Step; 14] = [
    Step { name: "fmt", what: "sources are formatted", run: fmt },
    Step { name: "clippy", what: "no lint fires", run: clippy },
    Step { name: "tidy", what: "walls, style and documents hold", run: |root| Ok(tidy::run(root)?.into()) },
    Step { name: "gen", what: "generated files are fresh", run: |root| Ok(generate::check(root)?.into()) },
    Step { name: "test", what: "tests pass", run: test },
    Step { name: "postgres", what: "tests that need a PostgreSQL server pass", run: on_postgres },
    Step { name: "doctest", what: "examples in the documentation run", run: doctest },
    Step { name: "reference", what: "the verifier written from the documents agrees", run: second },
    Step { name: "foreign", what: "Go's packages for logs believe ours, and no changed ones", run: foreign_log },
    Step {
        name: "wasm",
        what: "the pure crates and the verifier build for the browser, and its report is the same",
        run: wasm,
    },
    Step { name: "js", what: "scripts of the hall's pages do what they should", run: scripts },
    Step { name: "browser", what: "the page verifies, and everybody can use it", run: in_browser },
    Step { name: "python", what: "the package for Python builds, and its tests pass", run: in_python },
    Step { name: "deny", what: "dependencies are permitted", run: deny },
];

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::Good => Outcome::Passed,
            Verdict::Found | Verdict::WrongUse => Outcome::Failed,
        }
    }
}

/// Runs all steps but those named after `--skip`.
pub(crate) fn run(root: &Path, flags: &[&str]) -> Result<Verdict> {
    let skipped = match skips(flags) {
        Ok(skipped) => skipped,
        Err(complaint) => {
            eprintln!("{complaint}");
            return Ok(Verdict::WrongUse);
        }
    };
    let started = Instant::now();
    let mut results = Vec::new();
    for step in &STEPS {
        println!("\n== {}: {}", step.name, step.what);
        let begun = Instant::now();
        let outcome = if skipped.contains(&step.name) {
            println!("SKIPPED by request: {}", step.name);
            Outcome::SkippedByRequest
        } else {
            (step.run)(root).unwrap_or_else(|fault| {
                println!("{}: {fault:#}", step.name);
                Outcome::Failed
            })
        };
        if let Outcome::NotRun(why) | Outcome::PassedOtherwise(why) = &outcome {
            println!("{}: {why}", step.name);
        }
        println!("== {}: {:.1} s", step.name, begun.elapsed().as_secs_f64());
        results.push((step.name, outcome, begun.elapsed()));
    }
    print!("\n{}", summary(&results, started.elapsed()));
    let failed = results.iter().any(|(_, outcome, _)| *outcome == Outcome::Failed);
    Ok(if failed { Verdict::Found } else { Verdict::Good })
}

/// The names after each `--skip`.
fn skips<'a>(flags: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let mut skipped = Vec::new();
    let mut rest = flags;
    loop {
        let (name, after) = match rest {
            [] => return Ok(skipped),
            ["--skip", name, after @ ..] => (*name, after),
            [flag, after @ ..] => match flag.strip_prefix("--skip=") {
                Some(name) => (name, after),
                None => return Err(format!("`{flag}` is not understood; there is `--skip NAME`, repeatable")),
            },
        };
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            return Err(format!("there is no step `{name}`; the steps are {}", names.join(", ")));
        }
        skipped.push(name);
        rest = after;
    }
}

fn summary(results: &[(&str, Outcome, Duration)], total: Duration) -> String {
    let mut text = String::new();
    let (mut passed, mut failed, mut left_out) = (0, 0, 0);
    for (name, outcome, time) in results {
        let words = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::PassedOtherwise(why) => format!("passed ({why})"),
            Outcome::Failed => "FAILED".to_owned(),
            Outcome::NotRun(why) => format!("NOT RUN ({why})"),
            Outcome::SkippedByRequest => "SKIPPED by request".to_owned(),
        };
        match outcome {
            Outcome::Passed | Outcome::PassedOtherwise(_) => passed += 1,
            Outcome::Failed => failed += 1,
            Outcome::NotRun(_) | Outcome::SkippedByRequest => left_out += 1,
        }
        text.push_str(&format!("{:>7.1} s  {name:<9} {words}\n", time.as_secs_f64()));
    }
    let seconds = total.as_secs_f64();
    text.push_str(&format!("{seconds:>7.1} s  steps: {passed} passed, {failed} failed, {left_out} not run\n"));
    text
}

fn fmt(root: &Path) -> Result<Outcome> {
    if !answers(cargo(root).args(["fmt", "--version"])) {
        return Ok(Outcome::NotRun("rustfmt is not installed".to_owned()));
    }
    finish(cargo(root).args(["fmt", "--all", "--check"]))
}

fn clippy(root: &Path) -> Result<Outcome> {
    if !answers(cargo(root).args(["clippy", "--version"])) {
        return Ok(Outcome::NotRun("clippy is not installed".to_owned()));
    }
    finish(cargo(root).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// Tests with this word in their name need a server, which the step of that name starts. They are told
/// apart by name so that none passes for want of one.
const NEEDS_SERVER: &str = "postgres";

fn test(root: &Path) -> Result<Outcome> {
    tests(root, &format!("not (kind(test) and test({NEEDS_SERVER}))"), &["--skip", NEEDS_SERVER], &[])
}

fn on_postgres(root: &Path) -> Result<Outcome> {
    match postgres::Server::start()? {
        Ok(server) => {
            tests(root, &format!("kind(test) and test({NEEDS_SERVER})"), &[NEEDS_SERVER], &server.variables())
        }
        Err(why) => Ok(Outcome::NotRun(why)),
    }
}

/// Runs the tests that a filter names, in nextest's words and in those of cargo test.
fn tests(root: &Path, filter: &str, plain: &[&str], variables: &[(&str, String)]) -> Result<Outcome> {
    let given = || variables.iter().map(|(name, value)| (*name, value.as_str()));
    if answers(cargo(root).args(["nextest", "--version"])) {
        let run = ["nextest", "run", "--workspace", "--no-fail-fast", "--filterset", filter];
        return finish(cargo(root).args(run).envs(given()));
    }
    let run = ["test", "--workspace", "--all-targets", "--no-fail-fast", "--"];
    Ok(match finish(cargo(root).args(run).args(plain).envs(given()))? {
        Outcome::Passed => Outcome::PassedOtherwise("cargo-nextest is not installed: ran cargo test".to_owned()),
        other => other,
    })
}

fn doctest(root: &Path) -> Result<Outcome> {
    finish(cargo(root).args(["test", "--quiet", "--doc", "--workspace"]))
}

fn second(root: &Path) -> Result<Outcome> {
    Ok(outcome(reference::run(root)?))
}

fn foreign_log(root: &Path) -> Result<Outcome> {
    Ok(outcome(foreign::run(root)?))
}

/// Of a check that held, did not, or can't run here for a reason.
fn outcome(held: std::result::Result<bool, String>) -> Outcome {
    match held {
        Ok(true) => Outcome::Passed,
        Ok(false) => Outcome::Failed,
        Err(why) => Outcome::NotRun(why),
    }
}

/// A browser has no clock, file or chance of Rust's own, so what builds and is `no_std` asks for none.
fn wasm(root: &Path) -> Result<Outcome> {
    const TARGET: &str = "wasm32-unknown-unknown";
    if !page::has_target()? {
        return Ok(Outcome::NotRun(format!("the target {TARGET} is not installed")));
    }
    let built = finish(cargo(root).args([
        "build",
        "--quiet",
        "--package",
        "landgavel-sale",
        "--package",
        "landgavel-beacon",
        "--package",
        "landgavel-log",
        "--target",
        TARGET,
    ]))?;
    if built != Outcome::Passed {
        return Ok(built);
    }
    Ok(match reference::module(root)? {
        Ok(true) => Outcome::Passed,
        Ok(false) => Outcome::Failed,
        Err(why) => Outcome::PassedOtherwise(why),
    })
}

/// The scripts of the hall's pages, without a browser.
fn scripts(root: &Path) -> Result<Outcome> {
    Ok(outcome(browser::scripts(root)?))
}

fn in_browser(root: &Path) -> Result<Outcome> {
    Ok(match browser::test(root)? {
        Ok(true) => Outcome::Passed,
        Ok(false) => Outcome::Failed,
        Err(why) => Outcome::NotRun(why),
    })
}

fn in_python(root: &Path) -> Result<Outcome> {
    Ok(outcome(python::run(root)?))
}

fn deny(root: &Path) -> Result<Outcome> {
    if !answers(cargo(root).args(["deny", "--version"])) {
        return Ok(Outcome::NotRun("cargo-deny is not installed; tidy has checked the licences".to_owned()));
    }
    finish(cargo(root).args(["deny", "check", "bans", "licenses", "sources"]))
}

/// Whether a tool is there at all.
fn answers(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a tool with its output in view.
fn finish(command: &mut Command) -> Result<Outcome> {
    let status = command.status().with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    Ok(if status.success() { Outcome::Passed } else { Outcome::Failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_are_read_in_both_forms() {
        assert_eq!(skips(&["--skip", "wasm", "--skip=deny"]), Ok(vec!["wasm", "deny"]));
        assert_eq!(skips(&[]), Ok(vec![]));
    }

    #[test]
    fn an_unknown_step_or_flag_is_refused() {
        assert!(skips(&["--skip", "everything"]).unwrap_err().contains("fmt, clippy, tidy"));
        assert!(skips(&["--fast"]).unwrap_err().contains("--fast"));
        assert!(skips(&["--skip"]).is_err());
    }

    #[test]
    fn the_summary_names_what_did_not_run() {
        let second = Duration::from_secs(1);
        let results = [
            ("fmt", Outcome::Passed, second),
            ("test", Outcome::Failed, second),
            ("wasm", Outcome::NotRun("no target".to_owned()), second),
            ("deny", Outcome::SkippedByRequest, second),
        ];
        let text = summary(&results, Duration::from_secs(4));
        assert!(text.contains("NOT RUN (no target)") && text.contains("SKIPPED by request"));
        assert!(text.ends_with("steps: 1 passed, 1 failed, 2 not run\n"), "{text}");
    }
}
