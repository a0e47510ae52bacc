//! The hall's process, as whoever measures it sees it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::rest;

/// What is being played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scene {
    /// Live bidding that any bid keeps open.
    Hot,
    /// An end at a fixed time; the last minute begins when it is told so.
    Surge,
    /// A short countdown on a clock that runs fast, and a hall that is killed.
    Killed,
    /// Live bidding, with so many bids in the journal already.
    Filled,
}

impl Scene {
    fn word(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Surge => "surge",
            Self::Killed => "killed",
            Self::Filled => "filled",
        }
    }
}

/// The hall's process; it ends with this one, without a word: only what is on the disk counts.
pub struct Hall {
    child: Child,
    input: ChildStdin,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Drop for Hall {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Hall {
    /// Starts a hall in a directory, new or killed before, and waits until it listens.
    pub fn begin(directory: &Path, bidders: usize, scene: Scene) -> Result<Self> {
        Self::begin_with(directory, bidders, scene, 0)
    }

    /// The same, with so many bids in its journal before it listens for the first time.
    pub fn begin_with(directory: &Path, bidders: usize, scene: Scene, events: u64) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["bench", "hall", "--bidders", &bidders.to_string(), "--scene", scene.word()])
            .args(["--events", &events.to_string(), "--stage"])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("the hall's output")?;
        let input = child.stdin.take().context("the hall's input")?;
        let mut hall = Self { child, input, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line).context("the hall did not say where it listens")?;
        hall.address = told["listen"].as_str().context("an address")?.parse()?;
        Ok(hall)
    }

    /// Lets its clock come to what the scene is about.
    pub fn go_on(&mut self) -> Result<()> {
        writeln!(self.input, "go on")?;
        Ok(self.input.flush()?)
    }

    /// Puts the process aside for so long, as a machine that is overloaded or moved does.
    pub fn freeze(&self, length: Duration) -> Result<()> {
        self.signal("-STOP")?;
        rest(length);
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "the hall could not be sent {signal}");
        Ok(())
    }

    /// Processor time of the hall so far.
    pub fn cpu_ms(&self) -> Result<u64> {
        cpu_ms(&self.child.id().to_string())
    }

    /// Peak resident memory of the hall, from Linux's own books.
    pub fn peak_mib(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM line")?;
        let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib.div_ceil(1024))
    }
}

/// Processor time of this process so far.
pub fn own_cpu_ms() -> Result<u64> {
    cpu_ms("self")
}

/// Time of all threads, from Linux's own books, whose ticks are hundredths of a second.
fn cpu_ms(process: &str) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("the name of a process")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks * 10)
}
