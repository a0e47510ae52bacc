//! Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them are enough.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::decimal;
use crate::note::{KeyKind, NoteError, VerifierKey};

/// The most bytes of a policy.
pub const MAX_POLICY: usize = 65_536;

/// The most logs, witnesses and groups, each; the format advises at least 32.
pub const MAX_NAMES: usize = 64;

/// A policy that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Quorum,
}

/// A witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name in the policy only.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it is asked, if the policy says so.
    pub url: Option<String>,
}

/// A group: so many of its members are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

/// Who can witness: by its place among the witnesses or among the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quorum {
    None,
    Of(Member),
}

/// Whether the cosignatures are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// The policy says `quorum none`: it asks for no witness. A caller may refuse such a policy.
    NotRequired,
    /// The quorum was reached at this time (seconds since 1970): the earliest by which the
    /// cosignatures until then were enough.
    ReachedAt(u64),
    /// Not enough.
    NotReached,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] with the number of the line, from 1.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let mut reader = Reader::default();
        if text.len() > MAX_POLICY {
            return Err(PolicyError { line: 1, fault: PolicyFault::TooLarge });
        }
        let mut line_count = 0;
        for (line, content) in (1..).zip(text.split_terminator('\n')) {
            reader.read(content).map_err(|fault| PolicyError { line, fault })?;
            line_count = line;
        }
        let Reader { logs, witnesses, groups, quorum } = reader;
        let quorum = quorum.ok_or(PolicyError { line: line_count + 1, fault: PolicyFault::NoQuorum })?;
        Ok(Policy { logs, witnesses, groups, quorum })
    }

    /// The keys of the logs, of which any is accepted. Their names are the origins.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether the policy asks for any witness at all.
    #[must_use]
    pub fn requires_witnesses(&self) -> bool {
        self.quorum != Quorum::None
    }

    /// Judges valid cosignatures, given as the time (seconds since 1970) at which each witness cosigned,
    /// in the order of [`Policy::witnesses`]. Missing places count as not cosigned.
    #[must_use]
    pub fn evaluate(&self, times: &[Option<u64>]) -> Evaluation {
        // Groups name only what stands before them, so one pass in their order is enough.
        let mut reached: Vec<Option<u64>> = Vec::new();
        for group in &self.groups {
            let mut members: Vec<u64> =
                group.members.iter().filter_map(|member| time_of(*member, times, &reached)).collect();
            members.sort_unstable();
            // The group has witnessed once the last of the first `threshold` members has.
            reached.push(group.threshold.checked_sub(1).and_then(|last| members.get(last)).copied());
        }
        match self.quorum {
            Quorum::None => Evaluation::NotRequired,
            Quorum::Of(member) => match time_of(member, times, &reached) {
                Some(time) => Evaluation::ReachedAt(time),
                None => Evaluation::NotReached,
            },
        }
    }
}

fn time_of(member: Member, times: &[Option<u64>], reached: &[Option<u64>]) -> Option<u64> {
    let (list, place) = match member {
        Member::Witness(place) => (times, place),
        Member::Group(place) => (reached, place),
    };
    list.get(place).copied().flatten()
}

/// What the lines so far have said.
#[derive(Default)]
struct Reader {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Quorum>,
}

impl Reader {
    fn read(&mut self, line: &str) -> Result<(), PolicyFault> {
        if line.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
            return Err(PolicyFault::ControlCharacter);
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some((*url).to_owned())),
            ["group", name, threshold, members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Line),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), PolicyFault> {
        let key = read_key(key, KeyKind::Ed25519)?;
        if self.is_taken(&key) || self.logs.iter().any(|other| other.key() == key.key()) {
            return Err(PolicyFault::DuplicateKey);
        }
        push(&mut self.logs, key)
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<String>) -> Result<(), PolicyFault> {
        self.check_new(name)?;
        let key = read_key(key, KeyKind::Cosignature)?;
        if self.is_taken(&key) || self.witnesses.iter().any(|other| other.key.key() == key.key()) {
            return Err(PolicyFault::DuplicateKey);
        }
        push(&mut self.witnesses, Witness { name: name.to_owned(), key, url })
    }

    /// Whether a signature line of this key would be one of another too. An id has four bytes, so two keys of
    /// one id can be made.
    fn is_taken(&self, key: &VerifierKey) -> bool {
        let mut all = self.logs.iter().chain(self.witnesses.iter().map(|witness| &witness.key));
        all.any(|other| other.name() == key.name() && other.id() == key.id())
    }

    fn group(&mut self, name: &str, threshold: &str, names: &[&str]) -> Result<(), PolicyFault> {
        self.check_new(name)?;
        let mut members = Vec::new();
        for member in names {
            let member = self.find(member).ok_or(PolicyFault::UnknownName)?;
            let taken = self.groups.iter().any(|group| group.members.contains(&member));
            if taken || members.contains(&member) {
                return Err(PolicyFault::MemberTwice);
            }
            members.push(member);
        }
        let threshold = match threshold {
            "any" => Some(1),
            "all" => Some(members.len()),
            number => decimal::parse(number).and_then(|number| usize::try_from(number).ok()),
        };
        let threshold =
            threshold.filter(|number| (1..=members.len()).contains(number)).ok_or(PolicyFault::Threshold)?;
        push(&mut self.groups, Group { name: name.to_owned(), threshold, members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::SecondQuorum);
        }
        self.quorum = Some(match name {
            "none" => Quorum::None,
            name => Quorum::Of(self.find(name).ok_or(PolicyFault::UnknownName)?),
        });
        Ok(())
    }

    fn check_new(&self, name: &str) -> Result<(), PolicyFault> {
        if name == "none" || self.find(name).is_some() { Err(PolicyFault::NameTaken) } else { Ok(()) }
    }

    fn find(&self, name: &str) -> Option<Member> {
        let witness = self.witnesses.iter().position(|witness| witness.name == name).map(Member::Witness);
        witness.or_else(|| self.groups.iter().position(|group| group.name == name).map(Member::Group))
    }
}

fn read_key(text: &str, kind: KeyKind) -> Result<VerifierKey, PolicyFault> {
    let key = VerifierKey::parse(text).map_err(PolicyFault::Key)?;
    if key.kind() == kind { Ok(key) } else { Err(PolicyFault::Key(NoteError::Kind)) }
}

fn push<T>(list: &mut Vec<T>, item: T) -> Result<(), PolicyFault> {
    if list.len() >= MAX_NAMES {
        return Err(PolicyFault::TooMany);
    }
    list.push(item);
    Ok(())
}

/// What is wrong with a policy, and in which line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyFault {
    /// Too many bytes.
    TooLarge,
    /// Too many logs, witnesses or groups.
    TooMany,
    /// A control character other than tab.
    ControlCharacter,
    /// A line of no known form.
    Line,
    /// A key that cannot be read or is of the wrong kind.
    Key(NoteError),
    /// A key that stands in an earlier line, or has name and id of one.
    DuplicateKey,
    /// A name that is taken, or `none`.
    NameTaken,
    /// A name that no earlier line defines.
    UnknownName,
    /// A member of two groups, or twice of one.
    MemberTwice,
    /// A threshold that is not from 1 to the number of members.
    Threshold,
    /// A second quorum line.
    SecondQuorum,
    /// No quorum line.
    NoQuorum,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyFault::TooLarge => write!(f, "a policy has at most {MAX_POLICY} bytes"),
            PolicyFault::TooMany => write!(f, "a policy has at most {MAX_NAMES} logs, witnesses and groups, each"),
            PolicyFault::ControlCharacter => f.write_str("expected no control character but tab"),
            PolicyFault::Line => f.write_str(
                "expected `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|K MEMBER…` or `quorum NAME`",
            ),
            PolicyFault::Key(error) => error.fmt(f),
            PolicyFault::DuplicateKey => {
                f.write_str("expected a key, and a name and id of it, that no earlier line has")
            }
            PolicyFault::NameTaken => f.write_str("expected a name that is not taken, and not `none`"),
            PolicyFault::UnknownName => f.write_str("expected a name that an earlier line defines"),
            PolicyFault::MemberTwice => f.write_str("expected members that are in no group yet"),
            PolicyFault::Threshold => f.write_str("expected `all`, `any` or a number from 1 to that of the members"),
            PolicyFault::SecondQuorum => f.write_str("a policy has one quorum line, and it stands above"),
            PolicyFault::NoQuorum => f.write_str("expected a quorum line"),
        }
    }
}

impl core::error::Error for PolicyError {}
