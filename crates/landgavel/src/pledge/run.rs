use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek as _, SeekFrom};

use landgavel_base::{Date, LocalTime, Money};
use landgavel_pledge::{ClaimState, Event, Status, Verdict};
use landgavel_record::pledges::Opened;
use landgavel_record::pledges::record::{Change, PledgeEntry};
use landgavel_record::rehearsal::{NotEntered, PledgeGrounds, PledgeRehearsal, Sink};
use landgavel_record::verify::code_in_words;
use landgavel_record::wire::RequestLines;
use serde_json::{Map, Value, json};

use super::{Arguments, Ended};
use crate::bundle::BundleWriter;
use crate::exit::Exit;

/// Refusals that are listed; the rest is counted.
const REFUSALS_LISTED: usize = 50;

/// Where the record goes.
pub enum Target {
    /// Nowhere: only what came of it is told.
    Nowhere,
    /// Into a bundle.
    Bundle(BundleWriter),
}

impl Sink for Target {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        if let Self::Bundle(bundle) = self {
            bundle.file(path, bytes);
        }
    }

    fn append(&mut self, path: &str, bytes: &[u8]) {
        if let Self::Bundle(bundle) = self {
            bundle.append(path, bytes);
        }
    }
}

/// Takes a command: name of the file, number of the line, what it holds.
type Hear<'a> = dyn FnMut(&str, u64, &Map<String, Value>) -> Result<(), Ended> + 'a;

/// Most bytes of commands that come from a pipe, which are kept in a file until they were read twice.
const PIPE_MAX: u64 = 1 << 30;

/// A file of commands, read twice: first for whom it names.
pub struct Commands {
    name: String,
    file: File,
}

impl Commands {
    /// Opens a file; standard input (`-`) and pipes are kept in a file without a name.
    ///
    /// # Errors
    /// It cannot be opened or kept.
    pub fn open(name: &str) -> Result<Self, Ended> {
        let unopened = |error: std::io::Error| (Exit::WrongUse, format!("{name}: {error}"));
        let file = if name == "-" {
            kept(name, std::io::stdin())?
        } else {
            let file = File::open(name).map_err(unopened)?;
            let kind = file.metadata().map_err(unopened)?.file_type();
            if kind.is_dir() {
                return Err((Exit::WrongUse, format!("{name}: is a directory. Expected: a file of commands.")));
            }
            if kind.is_file() { file } else { kept(name, file)? }
        };
        Ok(Self { name: name.to_owned(), file })
    }

    /// Hears every line, with its number, from the first on.
    fn each(&mut self, hear: &mut Hear<'_>) -> Result<(), Ended> {
        self.file
            .seek(SeekFrom::Start(0))
            .map_err(|error| (Exit::WrongUse, format!("{}: cannot be read twice: {error}", self.name)))?;
        let input: &mut dyn BufRead = &mut BufReader::new(&self.file);
        let mut lines = RequestLines::new(input);
        while let Some(next) = lines.next_request() {
            let (line, object) = next.map_err(|error| {
                let field = error.field.map_or_else(String::new, |field| format!(" {field}:"));
                let why =
                    format!("{}:{}:{field} {}. Expected: {}.", self.name, error.line, error.message, error.expected);
                (Exit::WrongUse, why)
            })?;
            hear(&self.name, line, &object)?;
        }
        Ok(())
    }

    /// Names of the officers and of the sources in the file, each once.
    ///
    /// # Errors
    /// A line cannot be read, or there are too many names for an opening.
    pub fn names(&mut self) -> Result<(Vec<String>, Vec<String>), Ended> {
        const NAMES_MAX: usize = 50;
        let (mut officers, mut sources) = (Vec::new(), Vec::new());
        self.each(&mut |name, line, object| {
            for field in ["officer", "second_officer", "source"] {
                let names = if field == "source" { &mut sources } else { &mut officers };
                match object.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()) {
                    Some(text) if !names.iter().any(|known| known == text) => names.push(text.to_owned()),
                    _ => {}
                }
                if names.len() > NAMES_MAX {
                    let why = format!("{name}:{line}: {field}: is one name too many. Expected: at most {NAMES_MAX}.");
                    return Err((Exit::WrongUse, why));
                }
            }
            Ok(())
        })?;
        Ok((officers, sources))
    }
}

fn kept(name: &str, from: impl Read) -> Result<File, Ended> {
    let keep = || -> std::io::Result<(File, u64)> {
        let mut file = tempfile::tempfile()?;
        let length = std::io::copy(&mut from.take(PIPE_MAX + 1), &mut file)?;
        Ok((file, length))
    };
    match keep() {
        Ok((file, length)) if length <= PIPE_MAX => Ok(file),
        Ok(_) => {
            Err((Exit::WrongUse, format!("{name}: is longer than {PIPE_MAX} bytes, the most that a pipe may bring")))
        }
        Err(error) => Err((Exit::WorldFailed, format!("{name}: cannot be kept: {error}"))),
    }
}

/// A pledge that is run, and what is told of it afterwards.
pub struct Run {
    rehearsal: PledgeRehearsal,
    target: Target,
    pub happened: Vec<Event>,
    /// The first of what was refused, and how many there were.
    pub refused: Vec<Value>,
    pub refused_count: u64,
}

impl Run {
    pub fn begin(grounds: PledgeGrounds<'_>, mut target: Target) -> Result<Self, Ended> {
        let rehearsal = PledgeRehearsal::open(grounds, &mut target).map_err(|why| (Exit::WrongUse, why))?;
        Ok(Self { rehearsal, target, happened: Vec::new(), refused: Vec::new(), refused_count: 0 })
    }

    pub fn opened(&self) -> &Opened {
        self.rehearsal.opened()
    }

    /// Entries of the record.
    pub fn size(&self) -> u64 {
        self.rehearsal.size()
    }

    pub fn all(&mut self, commands: Option<&mut Commands>, until: Option<Date>) -> Result<(), Ended> {
        if let Some(commands) = commands {
            commands.each(&mut |name, line, object| self.command(name, line, object))?;
        }
        // What falls due on a day is decided when it is over.
        let offset = self.opened().pledge.contract().utc_offset;
        let end = until.and_then(|date| LocalTime { date, millis_of_day: 86_399_999 }.instant(offset));
        if let Some(end) = end {
            let mut heard = Vec::new();
            self.rehearsal.advance(end, &mut self.target, &mut |entry| heard.push(entry.clone()));
            self.hear(heard, 0);
        }
        Ok(())
    }

    /// Writes what is left to write; gives the bundle.
    pub fn finish(&mut self) -> Option<BundleWriter> {
        self.rehearsal.finish(&mut self.target);
        match std::mem::replace(&mut self.target, Target::Nowhere) {
            Target::Bundle(bundle) => Some(bundle),
            Target::Nowhere => None,
        }
    }

    fn command(&mut self, name: &str, line: u64, object: &Map<String, Value>) -> Result<(), Ended> {
        let mut heard = Vec::new();
        let entered = self.rehearsal.request(object, &mut self.target, &mut |entry| heard.push(entry.clone()));
        self.hear(heard, line);
        let wrong = |why: String| Err((Exit::WrongUse, format!("{name}:{line}: {why}")));
        match entered {
            Ok(()) => Ok(()),
            Err(NotEntered::Field(error)) => {
                wrong(format!("{}: {}. Expected: {}.", error.field, error.message, error.expected))
            }
            Err(NotEntered::OutOfOrder { last }) => {
                let last = last.local(self.opened().pledge.contract().utc_offset);
                wrong(format!("at: is older than what came before. Expected: {last} or later."))
            }
            Err(NotEntered::TurnedAway(fault)) => {
                let words = code_in_words(fault.code()).unwrap_or_default();
                let at_ms = self.opened().pledge.last().millis();
                self.refuse(json!({"line": line, "at_ms": at_ms, "code": fault.code(),
                                   "zh": format!("未入记录：{} [{}]", words.zh, fault.code()),
                                   "en": format!("not recorded: {fault} [{}]", fault.code())}));
                Ok(())
            }
            Err(NotEntered::NoRound { .. }) => wrong("needs randomness, which no pledge has".to_owned()),
        }
    }

    fn refuse(&mut self, refused: Value) {
        self.refused_count += 1;
        if self.refused.len() < REFUSALS_LISTED {
            self.refused.push(refused);
        }
    }

    fn hear(&mut self, entries: Vec<PledgeEntry>, line: u64) {
        for entry in entries {
            match entry.result {
                Ok(changes) => self.happened.extend(changes.into_iter().filter_map(|change| match change {
                    Change::Pledge(event) => Some(event),
                    Change::Rekeyed { .. } => None,
                })),
                Err(reason) => {
                    let words = self.opened().reason_in_words(reason);
                    self.refuse(json!({"line": line, "at_ms": entry.at.millis(), "code": reason.code(),
                                       "zh": words.zh, "en": words.en}));
                }
            }
        }
    }

    pub fn today(&self, arguments: &Arguments) -> Date {
        let pledge = &self.opened().pledge;
        let last = pledge.last().local(pledge.contract().utc_offset).date;
        arguments.until.map_or(last, |until| until.max(last))
    }

    pub fn exit(&self, today: Date) -> Exit {
        let pledge = &self.opened().pledge;
        let is_breached = pledge.told().any(|one| pledge.verdict(one) == Some(Verdict::Breached));
        let owes = pledge.claims().iter().any(|claim| claim.state != ClaimState::Closed);
        let lacks = pledge.missing() > Money::ZERO && pledge.demands().iter().any(|one| one.was_missed);
        let is_bad = is_breached
            || pledge.owed_by_seller(today).next().is_some()
            || owes
            || lacks
            || pledge.status() == Status::TakenBack;
        if is_bad { Exit::No } else { Exit::Good }
    }
}
