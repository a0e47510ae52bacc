//! The page of the verifier in a real browser: its tests, and how fast it is beside the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{Verdict, cargo, page};

const FOLDER: &str = "tests/browser";
/// Tests of the scripts of the hall's pages.
const SCRIPTS: &str = "crates/landgavel-server/tests/js";
/// Python package that checks releases of the Open Contracting Data Standard.
const VALIDATOR: &str = "libcoveocds==0.17.0";
/// The oldest Node that has all that the tests use.
const NODE_MIN: u32 = 20;
/// Where distributions put a browser of the kind.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Runs the tests; `Err` inside with the reason when they can't run here.
pub(crate) fn test(root: &Path) -> Result<std::result::Result<bool, String>> {
    let browser = match ready(root)? {
        Ok(browser) => browser,
        Err(why) => return Ok(Err(why)),
    };
    build(root, &["--package", "landgavel"])?;
    let page = page::build(root)?;
    let mut node = node(root, &browser, &page, "debug");
    if let Some(validator) = ocds_validator(root) {
        node.env("LIBCOVEOCDS", validator);
    }
    let status =
        node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).status().context("cannot run node")?;
    Ok(Ok(status.success()))
}

/// Runs the tests of scripts that need Node and nothing else; `Err` inside with the reason when they can't run here.
pub(crate) fn scripts(root: &Path) -> Result<std::result::Result<bool, String>> {
    if let Err(why) = has_node() {
        return Ok(Err(why));
    }
    let tests = std::fs::read_dir(root.join(SCRIPTS)).with_context(|| format!("cannot read {SCRIPTS}"))?;
    let mut tests: Vec<PathBuf> = tests.flatten().map(|test| test.path()).collect();
    tests.retain(|test| test.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    ensure!(!tests.is_empty(), "{SCRIPTS} holds no tests");
    let status =
        Command::new("node").arg("--test").args(tests).current_dir(root).status().context("cannot run node")?;
    Ok(Ok(status.success()))
}

/// Whether Node is there, and new enough; else what is not.
fn has_node() -> std::result::Result<(), String> {
    match node_version() {
        Some(version) if version >= NODE_MIN => Ok(()),
        Some(version) => Err(format!("Node {version} is installed, the tests need {NODE_MIN} or later")),
        None => Err("Node is not installed".to_owned()),
    }
}

/// Prints how long the page takes for so many events beside the program, optimised, on this machine.
pub(crate) fn bench(root: &Path, events: &str, runs: &str) -> Result<Verdict> {
    let browser = match ready(root)? {
        Ok(browser) => browser,
        Err(why) => {
            println!("bench-page: {why}");
            return Ok(Verdict::Found);
        }
    };
    build(root, &["--release", "--package", "landgavel"])?;
    let page = page::build(root)?;
    let status = node(root, &browser, &page, "release").args(["bench.mjs", events, runs]).status()?;
    Ok(if status.success() { Verdict::Good } else { Verdict::Found })
}

/// A browser, when it, Node, its packages and the target are all there; else what is not.
fn ready(root: &Path) -> Result<std::result::Result<PathBuf, String>> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let Some(browser) = named.or_else(|| BROWSERS.iter().map(PathBuf::from).find(|path| path.exists())) else {
        return Ok(Err("Chromium is not installed".to_owned()));
    };
    if let Err(why) = has_node() {
        return Ok(Err(why));
    }
    if !page::has_target()? {
        return Ok(Err("the target for a browser is not installed".to_owned()));
    }
    let folder = root.join(FOLDER);
    let installed = ["playwright-core", "axe-core"].iter().all(|name| folder.join("node_modules").join(name).exists());
    if !installed {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder).stdout(Stdio::null());
        if !npm.status().is_ok_and(|status| status.success()) {
            return Ok(Err("npm could not install playwright-core and axe-core".to_owned()));
        }
    }
    Ok(Ok(browser))
}

/// The first number of `v20.20.2`.
fn node_version() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

fn build(root: &Path, arguments: &[&str]) -> Result<()> {
    let status = cargo(root).args(["build", "--quiet"]).args(arguments).status().context("cannot run cargo")?;
    ensure!(status.success(), "the program could not be built");
    Ok(())
}

fn node(root: &Path, browser: &Path, page: &Path, profile: &str) -> Command {
    let mut node = Command::new("node");
    let program = root.join("target").join(profile).join("landgavel");
    node.current_dir(root.join(FOLDER));
    node.env("CHROMIUM", browser).env("LANDGAVEL_PAGE", page).env("LANDGAVEL", program);
    node
}

/// The public validator of OCDS, in a folder of the build; nothing when it cannot be had here.
fn ocds_validator(root: &Path) -> Option<PathBuf> {
    let folder = root.join("target/ocds");
    let program = folder.join("bin/libcoveocds");
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !program.exists() {
        let made =
            quiet(Command::new("python3").args(["-m", "venv"]).arg(&folder)).is_ok_and(|status| status.success());
        let install = ["-m", "pip", "install", "--quiet", VALIDATOR];
        let had =
            made && quiet(Command::new(folder.join("bin/python3")).args(install)).is_ok_and(|done| done.success());
        if !had {
            println!("browser: {VALIDATOR} cannot be had, so its test is left out");
            return None;
        }
    }
    Some(program)
}
