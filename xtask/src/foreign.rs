//! A program on Go's own packages for transparency logs must believe our logs and receipts, and no changed ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::cargo;

/// Where Debian's `golang-golang-x-mod-dev` puts the sources of Go packages.
const GO_PATH: &str = "/usr/share/gocode";
const PACKAGE: &str = "src/golang.org/x/mod/sumdb/tlog/tlog.go";
const PROGRAM: &str = "crates/landgavel-log/tests/foreign/go/check.go";

/// A sale whose bundle it reads.
const SALE: &str = "lots/cn/zhejiang/wenling/gy020108-2-four-part";
/// Entries of that sale of which it reads receipts.
const RECEIPTS: [&str; 3] = ["0", "9", "17"];
/// Every so many bytes of that bundle one is changed.
const CHANGE_STRIDE: usize = 211;

/// Entries of a plain log with three levels of tiles, and how many of them are passed over between two proofs.
const NUMBERS: (&str, &str) = ("66000", "97");

/// `Err` with the reason when it can't run here.
pub(crate) fn run(root: &Path) -> Result<std::result::Result<bool, String>> {
    if !Path::new(GO_PATH).join(PACKAGE).exists() {
        return Ok(Err("the package golang-golang-x-mod-dev is not installed".to_owned()));
    }
    let mut version = Command::new("go");
    if !version.arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|done| done.success()) {
        return Ok(Err("go is not installed".to_owned()));
    }
    let folder = root.join("target/foreign");
    for stale in ["numbers", "sale"] {
        if folder.join(stale).exists() {
            fs::remove_dir_all(folder.join(stale))?;
        }
    }
    let check = build(root, &folder)?;
    Ok(Ok(numbers(root, &folder, &check)? && sale(root, &folder, &check)?))
}

/// Builds the program, without modules: it needs what Debian has and nothing from the network.
fn build(root: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let check = folder.join("check");
    let mut go = Command::new("go");
    go.current_dir(root).args(["build", "-o"]).arg(&check).arg(PROGRAM);
    go.env("GO111MODULE", "off").env("GOPATH", GO_PATH).env("GOCACHE", folder.join("cache")).env("GOFLAGS", "");
    ensure!(go.status().context("cannot run go")?.success(), "the program in Go does not build");
    Ok(check)
}

/// A plain log, written by the log's own example.
fn numbers(root: &Path, folder: &Path, check: &Path) -> Result<bool> {
    let bundle = folder.join("numbers");
    let mut example = cargo(root);
    example.args(["run", "--quiet", "--package", "landgavel-log", "--example", "log_on_disk", "--"]);
    ensure!(example.arg(&bundle).arg(NUMBERS.0).status()?.success(), "the example failed");
    let mut receipts = Vec::new();
    for entry in fs::read_dir(bundle.join("receipts"))? {
        receipts.push(entry?.path());
    }
    receipts.sort();
    let said = ask(check, &bundle, NUMBERS.1, &receipts)?;
    print!("numbers: {}", String::from_utf8_lossy(&said.stdout));
    Ok(said.status.success())
}

/// The bundle of a sale with receipts, and the same with one byte changed here or there.
fn sale(root: &Path, folder: &Path, check: &Path) -> Result<bool> {
    let bundle = folder.join("sale");
    let (lot, commands, out) = (format!("{SALE}.toml"), format!("{SALE}.commands.jsonl"), bundle.to_string_lossy());
    landgavel(root, &["run", &lot, "--commands", &commands, "--out", &out])?;
    let mut receipts = Vec::new();
    for entry in RECEIPTS {
        let receipt = folder.join(format!("sale-{entry}.tlog-proof"));
        landgavel(root, &["receipt", "make", &out, entry, "--out", &receipt.to_string_lossy()])?;
        receipts.push(receipt);
    }
    let said = ask(check, &bundle, "1", &receipts)?;
    print!("sale: {}", String::from_utf8_lossy(&said.stdout));
    if !said.status.success() {
        return Ok(false);
    }
    let mut paths = vec![bundle.join("checkpoints.jsonl")];
    paths.extend(crate::reference::files(&bundle.join("tile"))?);
    paths.extend(receipts.iter().cloned());
    let mut changed = 0;
    for path in paths {
        let good = fs::read(&path)?;
        for at in (0..good.len()).step_by(CHANGE_STRIDE) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad)?;
            if ask(check, &bundle, "1", &receipts)?.status.code() != Some(1) {
                println!("{}: byte {at} changed, and it is believed", path.display());
                return Ok(false);
            }
            changed += 1;
        }
        fs::write(&path, &good)?;
    }
    println!("sale: refused with each of {changed} changed bytes");
    Ok(changed > 0)
}

fn ask(check: &Path, bundle: &Path, stride: &str, receipts: &[PathBuf]) -> Result<Output> {
    let mut command = Command::new(check);
    command.arg(bundle).arg(stride).args(receipts).stderr(Stdio::inherit());
    command.output().context("cannot run the program in Go")
}

fn landgavel(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "landgavel", "--"]).args(arguments);
    let output = command.output().context("cannot run cargo")?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "landgavel {}: {words}", arguments.join(" "));
    Ok(())
}
