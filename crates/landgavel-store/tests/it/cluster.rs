//! A PostgreSQL server of a test's own, which it may set up badly, stop and kill.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::places::Folder;

/// A server in a folder of its own.
pub struct Cluster {
    folder: Folder,
    programs: PathBuf,
    settings: String,
}

/// How a server ends.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// As after a loss of power: nothing more is written.
    Immediate,
    /// Connections are ended, and what is open is rolled back.
    Fast,
}

impl Cluster {
    /// `None`, said aloud, where the programs are not given.
    pub fn start(settings: &str) -> Option<Cluster> {
        #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the programs are")]
        let given = std::env::var("LANDGAVEL_TEST_POSTGRES_PROGRAMS").ok();
        if given.is_none() {
            eprintln!("LEFT OUT: LANDGAVEL_TEST_POSTGRES_PROGRAMS names no folder");
        }
        let programs = PathBuf::from(given?);
        let cluster = Cluster { folder: Folder::new(), programs, settings: settings.to_owned() };
        if is_root() {
            let given = Command::new("chown").arg("postgres").arg(cluster.folder.all()).status().unwrap();
            assert!(given.success());
        }
        let made = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        cluster.run("initdb", &made);
        cluster.go_on();
        Some(cluster)
    }

    /// Starts it, again.
    pub fn go_on(&self) {
        self.go_on_with("");
    }

    /// Starts it with more settings, which win over its own.
    pub fn go_on_with(&self, more: &str) {
        let folder = self.folder.all().display();
        let settings = format!("-k {folder} -c listen_addresses= {} {more}", self.settings);
        let log = format!("{folder}/log");
        self.run("pg_ctl", &["start", "--wait", "--silent", "-l", &log, "-o", &settings]);
    }

    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Immediate => "--mode=immediate",
            Stop::Fast => "--mode=fast",
        };
        self.run("pg_ctl", &["stop", "--wait", "--silent", mode]);
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The address of its database `postgres`.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=postgres", self.folder.all().display())
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
    }

    /// A program on this cluster's data, as somebody whom it does not refuse.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.folder.path("data")).current_dir(self.folder.all());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl").args(["stop", "--silent", "--mode=immediate"]).stderr(Stdio::null()).status();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.trim_ascii() == b"0"
}
