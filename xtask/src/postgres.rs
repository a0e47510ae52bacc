//! A PostgreSQL server for the tests that need one: made in a folder of its own, reached by a socket only,
//! and gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Where distributions put the server's programs, with the version between.
const FOLDERS: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// The user under whom the server runs where the tests run as root, which PostgreSQL refuses.
const USER: &str = "postgres";

/// A server that runs until it is dropped.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// Makes a cluster and starts it; `Err` inside with the reason when none can be had here.
    pub(crate) fn start() -> Result<std::result::Result<Server, String>> {
        let Some(programs) = programs() else {
            return Ok(Err("PostgreSQL's initdb and pg_ctl are not installed".to_owned()));
        };
        // The path of a socket may have 107 bytes, so it does not stand under the project's own folder.
        let folder = std::env::temp_dir().join(format!("landgavel-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if is_root()? {
            let given = run(Command::new("chown").arg(USER).arg(&folder))?;
            if !given {
                return Ok(Err(format!("the tests run as root, and there is no user {USER} to run PostgreSQL")));
            }
        }
        let server = Server { programs, folder };
        let data = server.folder.join("data");
        let mut initdb = server.program("initdb")?;
        initdb.arg("-D").arg(&data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        if !run(initdb.stdout(Stdio::null()))? {
            bail!("initdb failed");
        }
        // Two tests at a time, with ten connections for each store that they open.
        let settings = format!("-k {} -c listen_addresses= -c max_connections=200", server.folder.display());
        let log = server.folder.join("log");
        let started = run(server
            .program("pg_ctl")?
            .args(["start", "--wait", "--silent", "-o", &settings, "-D"])
            .arg(&data)
            .arg("-l")
            .arg(&log))?;
        if !started {
            bail!("PostgreSQL does not start: {}", fs::read_to_string(log).unwrap_or_default());
        }
        Ok(Ok(server))
    }

    /// What the tests are told: where the server is, and where its programs are for those that kill one.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let url = format!("postgres:///postgres?host={}&user=postgres", self.folder.display());
        [("LANDGAVEL_TEST_POSTGRES", url), ("LANDGAVEL_TEST_POSTGRES_PROGRAMS", self.programs.display().to_string())]
    }

    /// A program of PostgreSQL, run as somebody whom it does not refuse.
    fn program(&self, name: &str) -> Result<Command> {
        let program = self.programs.join(name);
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = self.program("pg_ctl").and_then(|mut stop| {
            run(stop.args(["stop", "--silent", "--mode=immediate", "-D"]).arg(self.folder.join("data")))
        });
        if !matches!(stopped, Ok(true)) {
            println!("postgres: the server in {} could not be stopped", self.folder.display());
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            println!("postgres: {} stays: {error}", self.folder.display());
        }
    }
}

/// The folder with the programs of the newest version.
fn programs() -> Option<PathBuf> {
    let versions = FOLDERS.iter().flat_map(|folder| {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|version| version.path().join("bin"))
    });
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut found: Vec<PathBuf> =
        versions.chain(on_path.into_iter().flatten()).filter(|folder| is_whole(folder)).collect();
    found.sort_by_key(|folder| version(folder));
    found.pop()
}

fn is_whole(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file())
}

/// The number in a path such as `…/postgresql/15/bin`; 0 where there is none.
fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

fn is_root() -> Result<bool> {
    let output = Command::new("id").arg("-u").output().context("cannot run id")?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// Runs a program to its end; whether it succeeded. One that is not there did not.
fn run(command: &mut Command) -> Result<bool> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot run {}", command.get_program().to_string_lossy())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_told_by_its_number() {
        let folder = |version: &str| PathBuf::from("usr/lib/postgresql").join(version).join("bin");
        assert!(version(&folder("9")) < version(&folder("15")));
        assert_eq!(version(Path::new("usr/bin")), 0);
    }
}
