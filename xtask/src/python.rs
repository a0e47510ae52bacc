//! The package for Python: its wheel builds, and its tests pass, in an environment of its own with pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::{cargo, tidy};

/// Where the package lies.
pub(crate) const FOLDER: &str = "python";
/// What its tests need, with their versions.
const NEEDS: &str = "python/requirements.txt";
/// The oldest Python that the wheel serves.
const PYTHON_MIN: (u32, u32) = (3, 11);

/// `Err` with the reason when it can't run here.
pub(crate) fn run(root: &Path) -> Result<std::result::Result<bool, String>> {
    let bin = match environment(root)? {
        Ok(bin) => bin,
        Err(why) => return Ok(Err(why)),
    };
    let there = root.join(FOLDER);
    // With the workspace, which has built most of it already.
    let target = root.join("target");
    let in_package = || {
        let mut command = cargo(&there);
        command.env("CARGO_TARGET_DIR", &target);
        command
    };
    if !tidy::licences_of(&there)? || !done(in_package().args(["fmt", "--check"]))? {
        return Ok(Ok(false));
    }
    if !done(in_package().args(["clippy", "--quiet", "--locked", "--", "-D", "warnings"]))? {
        return Ok(Ok(false));
    }
    let wheels = target.join("python-wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    let mut maturin = Command::new(bin.join("maturin"));
    maturin.args(["build", "--quiet", "--locked", "--profile", "dev", "--manifest-path", "python/Cargo.toml", "--out"]);
    maturin
        .arg(&wheels)
        .arg("--interpreter")
        .arg(bin.join("python"))
        .current_dir(root)
        .env("CARGO_TARGET_DIR", &target);
    ensure!(done(&mut maturin)?, "the wheel does not build");
    let mut made: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&wheels)? {
        made.push(entry?.path());
    }
    let [wheel] = made.as_slice() else { anyhow::bail!("one wheel is expected, not {}", made.len()) };
    let install = ["-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"];
    ensure!(done(Command::new(bin.join("python")).args(install).arg(wheel))?, "the wheel cannot be installed");
    ensure!(done(cargo(root).args(["build", "--quiet", "--package", "landgavel"]))?, "the command does not build");
    // Not `python -m pytest`, which would find the sources here before the wheel; and no caches in the tree.
    let mut pytest = Command::new(bin.join("pytest"));
    pytest.args(["--quiet", "-p", "no:cacheprovider", "tests"]).current_dir(&there);
    pytest.env("LANDGAVEL", root.join("target/debug/landgavel")).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(Ok(done(&mut pytest)?))
}

/// The folder of programs of an environment with what is needed; made once for each list of needs.
fn environment(root: &Path) -> Result<std::result::Result<PathBuf, String>> {
    let Some(version) = version() else { return Ok(Err("python3 is not installed".to_owned())) };
    if version < PYTHON_MIN {
        let (major, minor) = PYTHON_MIN;
        return Ok(Err(format!("python3 is {}.{}; {major}.{minor} or later is needed", version.0, version.1)));
    }
    let needs = fs::read_to_string(root.join(NEEDS)).with_context(|| format!("cannot read {NEEDS}"))?;
    let folder = root.join("target/python-env");
    let (bin, mark) = (folder.join("bin"), folder.join("needs.txt"));
    if fs::read_to_string(&mark).is_ok_and(|had| had == needs) {
        return Ok(Ok(bin));
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !quiet(Command::new("python3").args(["-m", "venv"]).arg(&folder)) {
        return Ok(Err("python3 cannot make an environment (Debian: python3-venv)".to_owned()));
    }
    let install = ["-m", "pip", "install", "--quiet", "--requirement"];
    if !quiet(Command::new(bin.join("python")).args(install).arg(root.join(NEEDS))) {
        return Ok(Err(format!("pip could not install what {NEEDS} names")));
    }
    fs::write(&mark, needs)?;
    Ok(Ok(bin))
}

/// The first two numbers of `Python 3.11.7`.
fn version() -> Option<(u32, u32)> {
    let output = Command::new("python3").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.strip_prefix("Python ")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn done(command: &mut Command) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    Ok(command.status().with_context(|| format!("cannot run {name}"))?.success())
}
