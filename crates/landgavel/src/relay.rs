//! Rounds of the public beacon: from a file, or from relays of drand, none of which is believed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use landgavel_beacon::{Chain, Output};
use landgavel_record::archive::read_at_most;
use landgavel_record::bundle::ReadError;
use landgavel_record::rounds::{ANSWER_MAX, FILE_MAX, RoundError, Rounds, RoundsFile, read_answer};

use crate::client::{Address, Client, FetchError, Network};

/// Relays of one run; drand itself has five.
const RELAYS_MAX: usize = 16;

/// Reads a file of rounds.
///
/// # Errors
/// Why it cannot be read, in words.
pub fn read_file(path: &Path) -> Result<RoundsFile, String> {
    let name = path.display();
    let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let bytes = read_at_most(file, FILE_MAX).map_err(|error| match error {
        ReadError::TooLarge { most } => format!("{name}: is larger than {most} bytes, the most such a file may have"),
        ReadError::Missing => format!("{name}: is missing"),
        ReadError::Failed(why) => format!("{name}: {why}"),
    })?;
    RoundsFile::parse(&bytes).map_err(|why| format!("{name}: {why}"))
}

/// A relay.
struct Relay {
    address: Address,
    client: Client,
}

impl Relay {
    /// Asks for a round: drand's HTTP interface has it at `/{chain hash}/public/{round}`.
    fn ask(&self, chain: &Chain, round: u64) -> Result<Output, RoundError> {
        let hash: String = chain.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        let address = self.address.file(&format!("{hash}/public/{round}"));
        let answer = self.client.get(&address, ANSWER_MAX, &mut |_, _| {}).map_err(|error| match error {
            FetchError::Missing => RoundError::Missing,
            FetchError::TooLarge { most } => RoundError::Unreadable(format!("the answer is longer than {most} bytes")),
            FetchError::World(why) => RoundError::World(why),
        })?;
        read_answer(chain, round, &answer)
    }
}

/// A file, and relays in their order; the first that has a round which the chain signed is taken.
pub struct Sources {
    file: Option<(PathBuf, RoundsFile)>,
    relays: Vec<Relay>,
    known: RefCell<BTreeMap<u64, Output>>,
}

impl Sources {
    /// Opens them; nothing is asked yet.
    ///
    /// # Errors
    /// Which of them cannot be read, in words.
    pub fn open(file: Option<&PathBuf>, relays: &[String], network: &Network) -> Result<Self, String> {
        if relays.len() > RELAYS_MAX {
            return Err(format!("{} relays, at most {RELAYS_MAX} are asked", relays.len()));
        }
        let file = file.map(|path| read_file(path).map(|rounds| (path.clone(), rounds))).transpose()?;
        let relay = |text: &String| {
            let address = Address::parse(text).map_err(|why| format!("--relay {text}: {why}"))?;
            Client::new(network, &address, 1).map(|client| Relay { address, client })
        };
        let relays = relays.iter().map(relay).collect::<Result<_, String>>()?;
        Ok(Self { file, relays, known: RefCell::default() })
    }

    fn find(&self, chain: &Chain, round: u64) -> Result<Output, RoundError> {
        if let Some((path, file)) = &self.file {
            match file.output(chain, round) {
                // A file that lies is somebody's mistake, and not passed over.
                Err(error) if error != RoundError::Missing => {
                    return Err(RoundError::Unreadable(format!("{}: {error}", path.display())));
                }
                Err(_) if self.relays.is_empty() => return Err(RoundError::Missing),
                Err(_) => {}
                Ok(output) => return Ok(output),
            }
        }
        let mut failed = Vec::new();
        for relay in &self.relays {
            match relay.ask(chain, round) {
                Ok(output) => {
                    failed.iter().for_each(|why| eprintln!("{why}"));
                    return Ok(output);
                }
                Err(error) => failed.push(format!("{}: {error}", relay.address)),
            }
        }
        Err(RoundError::World(failed.join("; ")))
    }
}

impl Rounds for Sources {
    fn output(&self, chain: &Chain, round: u64) -> Result<Output, RoundError> {
        if let Some(output) = self.known.borrow().get(&round) {
            return Ok(output.clone());
        }
        let output = self.find(chain, round)?;
        self.known.borrow_mut().insert(round, output.clone());
        Ok(output)
    }
}
