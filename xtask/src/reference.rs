//! The second verifier, written from `docs/format` alone, must agree with the first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result};

use crate::{cargo, page};

/// Sales whose bundles both must believe: name, lot.
const SALES: [(&str, &str); 2] = [
    ("open", "lots/cn/zhejiang/wenling/gy020108-2-four-part"),
    ("sealed", "crates/landgavel/tests/unseen/three_plots"),
];
/// A pledge after the first of them: its terms, the sale and what came of them.
const PLEDGE: [&str; 3] = [
    "pledges/cn/zhejiang/sample/four-part.toml",
    "golden/1/four-part.zip",
    "pledges/cn/zhejiang/sample/four-part.jsonl",
];
/// Every so many bytes of a bundle one is changed.
const STRIDE: usize = 6007;
/// Checks that need the languages of rulebooks and terms or the pairing, which the second verifier does not know.
const NOT_COVERED: [&str; 6] = ["rules", "sale", "replay", "outcome", "draws", "seals"];

/// Folders of golden bundles that hold.
const BUNDLES: [&str; 3] = ["1", "2", "pledge-1"];
/// One of golden bundles that do not, each for what its report says.
const WRONG: &str = "pledge-1-wrong";

/// `Err` with the reason when it can't run here.
pub(crate) fn run(root: &Path) -> Result<std::result::Result<bool, String>> {
    let Some(python) = python(root) else {
        return Ok(Err("python3 with the package cryptography is not to be had".to_owned()));
    };
    let mut changed = 0;
    for (name, lot) in SALES {
        let bundle = root.join("target/reference").join(name);
        let out = bundle.to_string_lossy().into_owned();
        let commands = format!("{lot}.commands.jsonl");
        let ran = landgavel(root, &["run", &format!("{lot}.toml"), "--commands", &commands, "--out", &out])?;
        match changes(root, &python, &bundle)? {
            Some(count) if ran.status.success() => changed += count,
            _ => return Ok(Ok(false)),
        }
    }
    let bundle = root.join("target/reference/pledge");
    let [terms, sale, commands] = PLEDGE;
    let out = bundle.to_string_lossy();
    // That something is breached is no fault of the run: a bundle is there or not.
    landgavel(
        root,
        &["pledge", terms, "--sale", sale, "--commands", commands, "--until", "2033-10-20", "--out", &out],
    )?;
    match changes(root, &python, &bundle)? {
        Some(count) => changed += count,
        None => return Ok(Ok(false)),
    }
    let good = golden(root, &BUNDLES)?;
    for archive in &good {
        let verdict = second(root, &python, archive)?;
        if !verdict.status.success() {
            println!("{}: {}", archive.display(), String::from_utf8_lossy(&verdict.stdout));
            return Ok(Ok(false));
        }
    }
    let wrong = golden(root, &[WRONG])?;
    for archive in &wrong {
        if let Some(why) = names_the_same(root, &python, archive)? {
            println!("{}: {why}", archive.display());
            return Ok(Ok(false));
        }
    }
    let mut vectors = Command::new(&python);
    if !vectors.arg(root.join("docs/format/reference/vectors.py")).status().context("cannot run python")?.success() {
        return Ok(Ok(false));
    }
    let mut receipts = Command::new(&python);
    receipts.arg(root.join("docs/format/reference/receipt.py")).arg(root.join("docs/format/vectors/receipt.json"));
    if !receipts.status().context("cannot run python")?.success() {
        return Ok(Ok(false));
    }
    let (bundles, golden) = (SALES.len() + 1, good.len() + wrong.len());
    println!("reference: both verifiers agree on {bundles} bundles, {changed} changed ones and {golden} golden ones");
    Ok(Ok(true))
}

/// Whether both verifiers believe a bundle, and agree on it with each of some bytes changed: how many; else nothing.
fn changes(root: &Path, python: &Path, bundle: &Path) -> Result<Option<usize>> {
    let verdict = second(root, python, bundle)?;
    if !verdict.status.success() {
        println!("{}: {}", bundle.display(), String::from_utf8_lossy(&verdict.stdout));
        return Ok(None);
    }
    let mut changed = 0;
    for path in files(bundle)? {
        let good = fs::read(&path)?;
        for at in (0..good.len()).step_by(STRIDE) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad)?;
            if let Some(why) = agree(root, python, bundle)? {
                println!("{}: byte {at} changed: {why}", path.display());
                return Ok(None);
            }
            changed += 1;
        }
        fs::write(&path, &good)?;
    }
    Ok(Some(changed))
}

/// The verifier as a module of the browser, run by Node, must give the same bytes as the program.
/// `Err` with the reason when it can't run here.
pub(crate) fn module(root: &Path) -> Result<std::result::Result<bool, String>> {
    let mut node = Command::new("node");
    if !node.arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return Ok(Err("node is not installed: the module was not built and run".to_owned()));
    }
    let module = page::module(root)?;
    let lot = SALES[0].1;
    let archive = root.join("target/reference/module.zip");
    let (out, zip) = (root.join("target/reference/module"), archive.to_string_lossy().into_owned());
    let (toml, commands, out) = (format!("{lot}.toml"), format!("{lot}.commands.jsonl"), out.to_string_lossy());
    landgavel(root, &["run", &toml, "--commands", &commands, "--out", &out, "--zip", &zip])?;
    let own = landgavel(root, &["verify", "--json", &zip])?;
    let script = root.join("crates/landgavel-wasm/tests/report.mjs");
    let report = |archive: &Path| {
        let mut node = Command::new("node");
        node.arg(&script).arg(&module).arg(archive).stderr(Stdio::inherit()).output().context("cannot run node")
    };
    let its = report(&archive)?;
    let same = own.status.success() && its.status.success() && own.stdout == its.stdout;
    println!("module: its report {} the program's", if same { "is byte for byte" } else { "differs from" });
    for archive in golden(root, &BUNDLES)? {
        let (its, kept) = (report(&archive)?, fs::read(archive.with_extension("report.json"))?);
        if !its.status.success() || its.stdout != kept {
            println!("module: its report of {} is not the golden one", archive.display());
            return Ok(Ok(false));
        }
    }
    Ok(Ok(same))
}

/// The golden archives in these folders.
fn golden(root: &Path, folders: &[&str]) -> Result<Vec<PathBuf>> {
    let is_archive = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "zip");
    let found = folders.iter().map(|folder| files(&root.join("golden").join(folder)));
    Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().filter(is_archive).collect())
}

/// Why the second verifier does not find in a golden bundle what the report beside it says is wrong: check, code, entry.
fn names_the_same(root: &Path, python: &Path, archive: &Path) -> Result<Option<String>> {
    let kept = fs::read(archive.with_extension("report.json"))?;
    let report: serde_json::Value = serde_json::from_slice(&kept).context("a report")?;
    let word = |field: &str| report[field].as_str().unwrap_or_default();
    let named = format!("[{}/{}]", word("check"), word("code"));
    let place = report["entry"].as_u64().map_or_else(String::new, |entry| format!("entry {entry}: "));
    let verdict = second(root, python, archive)?;
    let said = String::from_utf8_lossy(&verdict.stdout).into_owned();
    let same = verdict.status.code() == Some(1)
        && said.starts_with(&format!("fails: {place}"))
        && said.trim_end().ends_with(&named)
        && (!place.is_empty() || !said.starts_with("fails: entry "));
    Ok((!same).then(|| format!("the second verifier says {said}, its report {place}{named}")))
}

/// Why two verdicts on a changed bundle don't agree.
fn agree(root: &Path, python: &Path, bundle: &Path) -> Result<Option<String>> {
    let first = landgavel(root, &["verify", "--json", &bundle.to_string_lossy()])?;
    let report: serde_json::Value = serde_json::from_slice(&first.stdout).context("a report")?;
    let second = second(root, python, bundle)?;
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    let wrong = &report["wrong"];
    if wrong.is_null() {
        return Ok(Some("the first verifier believes it".to_owned()));
    }
    let is_covered = !NOT_COVERED.iter().any(|check| wrong["check"] == *check);
    if second.status.success() {
        return Ok(is_covered.then(|| format!("the second verifier believes it, the first says {wrong}")));
    }
    let entry = said.strip_prefix("fails: entry ").and_then(|rest| rest.split(':').next()).and_then(|n| n.parse().ok());
    let same = second.status.code() == Some(1)
        && said.starts_with("fails: ")
        && (!is_covered || entry.is_none() || entry == wrong["entry"].as_u64());
    Ok((!same).then(|| format!("the second verifier says {said}, the first {wrong}")))
}

fn landgavel(root: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "landgavel", "--"]).args(arguments);
    command.output().context("cannot run cargo")
}

fn second(root: &Path, python: &Path, bundle: &Path) -> Result<Output> {
    let script = root.join("docs/format/reference/verify.py");
    Command::new(python).arg(script).arg(bundle).stderr(Stdio::inherit()).output().context("cannot run python")
}

/// A Python that has the package: the machine's own, or one in a folder of the build.
fn python(root: &Path) -> Option<PathBuf> {
    let has = |python: &Path| {
        let mut ask = Command::new(python);
        ask.args(["-c", "import cryptography"]).stdout(Stdio::null()).stderr(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    };
    let own = PathBuf::from("python3");
    if has(&own) {
        return Some(own);
    }
    let folder = root.join("target/python");
    let made = folder.join("bin/python3");
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !made.exists() && !quiet(Command::new(own).args(["-m", "venv"]).arg(&folder)) {
        return None;
    }
    let installed = quiet(Command::new(&made).args(["-m", "pip", "install", "--quiet", "cryptography>=42"]));
    (installed && has(&made)).then_some(made)
}

/// All files under a folder, sorted.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
