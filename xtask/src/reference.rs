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
/// Every so many bytes of a bundle one is changed.
const STRIDE: usize = 6007;
/// Checks that need the rulebook language or the pairing, which the second verifier does not know.
const NOT_COVERED: [&str; 5] = ["rules", "replay", "outcome", "draws", "seals"];

/// Folders of golden bundles, and those that the second verifier reads.
const BUNDLES: [&str; 3] = ["1", "2", "pledge-1"];
const SECOND_READS: [&str; 1] = ["1"];

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
        let verdict = second(root, &python, &bundle)?;
        if !ran.status.success() || !verdict.status.success() {
            println!("{name}: {}", String::from_utf8_lossy(&verdict.stdout));
            return Ok(Ok(false));
        }
        for path in files(&bundle)? {
            let good = fs::read(&path)?;
            for at in (0..good.len()).step_by(STRIDE) {
                let mut bad = good.clone();
                bad[at] ^= 1;
                fs::write(&path, &bad)?;
                let agrees = agree(root, &python, &bundle)?;
                if let Some(why) = agrees {
                    println!("{}: byte {at} changed: {why}", path.display());
                    return Ok(Ok(false));
                }
                changed += 1;
            }
            fs::write(&path, &good)?;
        }
    }
    let golden = golden(root, &SECOND_READS)?;
    for archive in &golden {
        let verdict = second(root, &python, archive)?;
        if !verdict.status.success() {
            println!("{}: {}", archive.display(), String::from_utf8_lossy(&verdict.stdout));
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
    let (sales, golden) = (SALES.len(), golden.len());
    println!("reference: both verifiers agree on {sales} bundles, {changed} changed ones and {golden} golden ones");
    Ok(Ok(true))
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
