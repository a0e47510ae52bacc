//! The verdict on a bundle: everything recomputed from its bytes.
//!
//! Entries are prepared in any order (parsing, signatures) and judged in theirs (binding, replay,
//! tree, times). The first thing wrong in that order is named; the verdict does not depend on how
//! many threads prepared.

mod entry;
mod grounds;
mod legend;
mod log;
mod pledge;
mod report;
mod times;

use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_sale::event::{Event, Happened};
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::StageKind;
use landgavel_sale::{Sale, Status};

pub use entry::{Outline, Prepared};
pub use grounds::{Fixed, HeardAward, SaleGrounds};
pub use legend::{code_in_words, legend};
pub use log::{believe, believe_by};
pub use report::{Caveat, Check, Of, PLEDGE_REPORT_FORMAT, REPORT_FORMAT, Report, Subject, Wrong};

use crate::bundle::{BUNDLE_JSON, BundleFiles, FILES, PLEDGE_BUNDLE_JSON, ReadError};
use crate::canonical;
use crate::language::{Files, Finding, Loaded, load_lot};
use crate::outcome::outcome_json;
use crate::record::{Entry, Fault, Notice, Received, Record, notice_line, sha256};
use entry::Content;
use log::Log;
use times::Times;

/// What the verifier trusts beforehand, and how much it does at once.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Text of the policy that names the log and the witnesses to trust; the bundle's own without.
    pub policy: Option<String>,
    /// Digest of the notice as published elsewhere: the leaf hash of entry 0.
    pub notice: Option<Digest>,
}

/// Path of the bundle of entries that holds an entry, in a record of `size` entries, and how many it
/// holds.
pub fn entries_path(number: u64, size: u64) -> (String, usize) {
    let width = if number / 256 < size / 256 { 256 } else { size % 256 };
    (log::entry_file(number, size), usize::try_from(width).unwrap_or(0))
}

/// The entries of a bundle; none when it is not whole.
pub fn read_bundle(bytes: &[u8], expected: usize) -> Vec<Vec<u8>> {
    let width = u16::try_from(expected).unwrap_or(u16::MAX);
    landgavel_log::tile::decode_bundle(bytes, width)
        .map(|entries| entries.into_iter().map(<[u8]>::to_vec).collect())
        .unwrap_or_default()
}

/// Prepares entries; may use several threads.
pub trait Workers {
    /// Prepares entries in their order, while `meanwhile` runs.
    fn prepare(&self, entries: Vec<Vec<u8>>, meanwhile: &mut dyn FnMut()) -> Vec<Prepared>;
}

/// One thread.
#[derive(Default)]
pub struct Alone {
    keys: std::cell::RefCell<crate::keys::KeyCache>,
}

impl Workers for Alone {
    fn prepare(&self, entries: Vec<Vec<u8>>, meanwhile: &mut dyn FnMut()) -> Vec<Prepared> {
        meanwhile();
        let mut keys = self.keys.borrow_mut();
        entries.into_iter().map(|bytes| Prepared::new(bytes, &mut keys)).collect()
    }
}

/// Hears how a verification goes on.
pub trait Observer {
    /// So many entries of so many are judged.
    fn progress(&mut self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// An entry holds; the sale stands as it left it.
    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        let _ = (sale, entry);
    }
}

/// Nobody listens.
pub struct Silent;

impl Observer for Silent {}

/// Verifies a bundle: of a sale, or of a pledge.
pub fn verify(
    files: &dyn BundleFiles,
    options: &Options,
    workers: &dyn Workers,
    observer: &mut dyn Observer,
) -> Report {
    match read(files, "bundle.json", FILES[0].1) {
        Ok(format) if format == PLEDGE_BUNDLE_JSON.as_bytes() => pledge::verify(files, options, workers, observer),
        format => verify_sale(format, files, options, workers, observer),
    }
}

/// Verifies the bundle of a sale, whose `bundle.json` is read already.
fn verify_sale(
    format: Result<Vec<u8>, Wrong>,
    files: &dyn BundleFiles,
    options: &Options,
    workers: &dyn Workers,
    observer: &mut dyn Observer,
) -> Report {
    let mut judge = Judge::new(options);
    let wrong = format.and_then(|format| judge.run(format, files, options, workers, observer)).err();
    let outcome = match (&wrong, &judge.record) {
        (None, Some(record)) => Some(outcome_json(record.sale())),
        _ => None,
    };
    judge.caveats.sort_unstable();
    judge.caveats.dedup();
    Report { of: Of::Sale, wrong, counts: judge.counts, caveats: judge.caveats, subject: judge.subject, outcome }
}

/// Reads a file of the bundle, or says what is wrong with it.
fn read(files: &dyn BundleFiles, path: &str, most: usize) -> Result<Vec<u8>, Wrong> {
    files.read(path, most).map_err(|error| {
        let code = match error {
            ReadError::Missing => "missing",
            ReadError::TooLarge { .. } => "too_large",
            ReadError::Failed(_) => "unreadable",
        };
        wrong(Check::Files, path, code, error.to_string())
    })
}

fn wrong(check: Check, file: &str, code: &'static str, message: impl Into<String>) -> Wrong {
    Wrong { check, file: file.to_owned(), entry: None, code, message: message.into() }
}

/// Something wrong with an entry.
fn wrong_entry(number: u64, size: u64, check: Check, code: &'static str, message: String) -> Wrong {
    Wrong { check, file: log::entry_file(number, size), entry: Some(number), code, message }
}

/// What an entry holds: it can be read, and its number is that of its place.
fn placed(prepared: &Prepared, number: u64, size: u64) -> Result<&Content, Wrong> {
    let content = prepared
        .content
        .as_ref()
        .map_err(|unfit| wrong_entry(number, size, unfit.check, unfit.code, unfit.message.clone()))?;
    if content.number == number && content.is_notice == (number == 0) {
        return Ok(content);
    }
    let message = format!("is numbered {}, expected {number}", content.number);
    Err(wrong_entry(number, size, Check::Tree, "wrong_number", message))
}

struct Judge {
    counts: [u64; Check::COUNT],
    caveats: Vec<Caveat>,
    subject: Subject,
    record: Option<Record>,
    times: Times,
}

/// Rulebook and lot of the bundle; the lot names its rulebook by the path that it once had.
struct Rules<'a> {
    rulebook: &'a [u8],
    lot: &'a [u8],
}

impl Files for Rules<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { self.lot } else { self.rulebook }.to_vec())
    }
}

impl Judge {
    fn new(options: &Options) -> Self {
        let mut caveats = Vec::new();
        if options.policy.is_none() {
            caveats.push(Caveat::PolicyFromBundle);
        }
        if options.notice.is_none() {
            caveats.push(Caveat::NoticeFromBundle);
        }
        Self { counts: [0; Check::COUNT], caveats, subject: Subject::default(), record: None, times: Times::default() }
    }

    fn count(&mut self, check: Check, by: u64) {
        self.counts[check as usize] += by;
    }

    fn run(
        &mut self,
        bundle: Vec<u8>,
        files: &dyn BundleFiles,
        options: &Options,
        workers: &dyn Workers,
        observer: &mut dyn Observer,
    ) -> Result<(), Wrong> {
        self.count(Check::Files, 1);
        let mut texts = Vec::with_capacity(FILES.len());
        for (path, most) in &FILES[1..] {
            texts.push(read(files, path, *most)?);
            self.count(Check::Files, 1);
        }
        let [policy, rulebook, lot, checkpoint, checkpoints, outcome] =
            <[Vec<u8>; 6]>::try_from(texts).map_err(|_| wrong(Check::Files, "bundle.json", "missing", "is missing"))?;
        if bundle != BUNDLE_JSON.as_bytes() {
            let message = format!("is not {}: another format, or another version of it", BUNDLE_JSON.trim_end());
            return Err(wrong(Check::Files, "bundle.json", "format", message));
        }
        let policy_sha256 = sha256(&policy);
        let mut log = Log::open(&policy, options.policy.as_deref(), &checkpoint, checkpoints)?;
        self.subject.origin = Some(log.origin().to_owned());
        self.subject.entries = log.size();
        self.subject.root = Some(log.root_hex());
        self.subject.trusted = log.trusted();
        self.count(Check::Policy, 1);
        let paths = files.paths().map_err(|why| wrong(Check::Files, "bundle.json", "unreadable", why))?;
        log.check_paths(&paths, &FILES)?;
        let loaded = load_lot(&Rules { rulebook: &rulebook, lot: &lot }, "lot.toml").map_err(|findings| {
            // What is wrong with the rulebook comes first: much in a lot is wrong only because of it.
            let is_of_rulebook = |finding: &&Finding| finding.file != "lot.toml";
            let errors = || findings.iter().filter(|finding| finding.is_error());
            let first = errors().find(is_of_rulebook).or_else(|| errors().next());
            let file = if first.is_some_and(|first| is_of_rulebook(&first)) { "rulebook.toml" } else { "lot.toml" };
            wrong(Check::Rules, file, "unreadable", first.map(ToString::to_string).unwrap_or_default())
        })?;
        self.subject.title = Some(loaded.lot.title.clone());
        self.count(Check::Rules, 2);
        let digests = Digests { rulebook: sha256(&rulebook), lot: sha256(&lot), policy: policy_sha256 };
        let grounds = Grounds { files, options, loaded: &loaded, digests };
        self.entries(&grounds, workers, observer, &mut log)?;
        log.finish(files)?;
        self.end(&outcome)
    }

    fn entries(
        &mut self,
        grounds: &Grounds<'_>,
        workers: &dyn Workers,
        observer: &mut dyn Observer,
        log: &mut Log,
    ) -> Result<(), Wrong> {
        let mut judge = |prepared: &Prepared, log: &mut Log, observer: &mut dyn Observer| {
            self.judge(prepared, grounds, log, observer)
        };
        judge_all(grounds.files, log, workers, observer, &mut judge)
    }

    fn judge(
        &mut self,
        prepared: &Prepared,
        grounds: &Grounds<'_>,
        log: &mut Log,
        observer: &mut dyn Observer,
    ) -> Result<(), Wrong> {
        let (number, size) = (log.judged(), log.size());
        let at = |check, code, message| wrong_entry(number, size, check, code, message);
        let content = placed(prepared, number, size)?;
        if content.is_notice {
            let notice = self
                .notice(&content.received, grounds, log)
                .map_err(|(code, message)| at(Check::Notice, code, message))?;
            if notice_line(&content.received).as_bytes() != prepared.bytes {
                return Err(at(Check::Notice, "not_canonical", "is not written in its canonical form".to_owned()));
            }
            let lot = Arc::new(grounds.loaded.lot.clone());
            self.record = Some(Record::open(lot, Arc::new(notice), content.received.at));
            self.subject.notice = Some(Digest(prepared.leaf.0).to_string());
            self.count(Check::Notice, 1);
            self.times.entry(number, content.received.at);
        } else {
            self.command(prepared, &content.received, number, observer)
                .map_err(|(check, code, message)| at(check, code, message))?;
        }
        self.count(Check::Signatures, content.received.signatures.len() as u64);
        self.count(Check::Tree, 1);
        if let Some(published) = log.push(prepared.leaf, grounds.files)? {
            self.count(Check::Checkpoints, 1);
            if let Some(record) = &mut self.record {
                record.published(published.size, published.root);
                self.times.checkpoint(record.notice(), &published).map_err(|(check, code, message)| Wrong {
                    check,
                    file: "checkpoints.jsonl".to_owned(),
                    entry: Some(published.size - 1),
                    code,
                    message,
                })?;
            }
        }
        Ok(())
    }

    fn notice(
        &mut self,
        received: &Received,
        grounds: &Grounds<'_>,
        log: &Log,
    ) -> Result<Notice, (&'static str, String)> {
        let Grounds { options, loaded, digests, .. } = grounds;
        let notice = Notice::parse(received.text())
            .map_err(|error| ("unreadable", format!("field {}: {}", error.field, error.message)))?;
        for (named, is, file) in [
            (notice.rulebook_sha256, digests.rulebook, "rulebook.toml"),
            (notice.lot_sha256, digests.lot, "lot.toml"),
            (notice.policy_sha256, digests.policy, "policy.txt"),
        ] {
            if named != is {
                return Err(("other_file", format!("fixes {file} with the digest {named}, but the file's is {is}")));
            }
        }
        if !notice.is_of(&loaded.lot) {
            return Err(("other_lot", format!("is about the lot {}, the file about {}", notice.lot, loaded.lot.id)));
        }
        if notice.origin != log.origin() {
            return Err((
                "other_log",
                format!("stands in the log {}, the checkpoint is of {}", notice.origin, log.origin()),
            ));
        }
        let mut signers: Vec<String> = received
            .signatures
            .iter()
            .filter(|signed| notice.is_officer(&signed.key))
            .map(|signed| signed.key.to_string())
            .collect();
        signers.sort_unstable();
        signers.dedup();
        if signers.len() < 2 || signers.len() != received.signatures.len() {
            let message =
                format!("is signed by {} of its officers, expected two different ones and nobody else", signers.len());
            return Err(("four_eyes", message));
        }
        if let Some(expected) = options.notice {
            let is = Digest(landgavel_log::tree::leaf_hash(notice_line(received).as_bytes()).0);
            if is != expected {
                return Err(("other_notice", format!("has the digest {is}, but {expected} was published")));
            }
        }
        if notice.is_demonstration {
            self.caveats.push(Caveat::Demonstration);
        }
        if notice.chain.is_local() {
            self.caveats.push(Caveat::LocalChain);
        }
        if loaded.is_sample {
            self.caveats.push(Caveat::Sample);
        }
        Ok(notice)
    }

    fn command(
        &mut self,
        prepared: &Prepared,
        received: &Received,
        number: u64,
        observer: &mut dyn Observer,
    ) -> Result<(), (Check, &'static str, String)> {
        let Some(record) = &mut self.record else {
            return Err((Check::Notice, "missing", "comes before any notice".to_owned()));
        };
        self.times.before(record, received)?;
        let entry = record.enter(received).map_err(|fault| (check_of(&fault), fault.code(), fault.to_string()))?;
        if entry.line.as_bytes() != prepared.bytes {
            return Err((Check::Replay, "does_not_follow", difference(&entry.line, &prepared.bytes)));
        }
        observer.entry(record.sale(), &entry);
        self.times.entry(number, received.at);
        self.count(Check::Binding, 1);
        self.count(Check::Replay, 1);
        if let Ok(events) = &entry.result {
            for event in events {
                self.happened(event, number);
            }
        }
        Ok(())
    }

    fn happened(&mut self, event: &Event, number: u64) {
        match &event.happened {
            Happened::DrawFrozen { .. } => self.times.froze(number),
            Happened::DrawHeld { .. } => {
                self.count(Check::Draws, 1);
            }
            Happened::SealLodged { bidder, readable_from, .. } => {
                self.times.sealed(number, *bidder, readable_from.map_or(i64::MIN, Instant::millis));
            }
            Happened::SealVoided { bidder } => self.times.voided(*bidder),
            Happened::SealOpened { .. } => self.count(Check::Seals, 1),
            Happened::StageEnded { stage, why: EndReason::Overdue, .. } => {
                let lot = self.record.as_ref().map(|record| record.sale().lot());
                if lot.is_some_and(|lot| matches!(lot.rulebook.stage(*stage).kind, StageKind::Draw(_))) {
                    self.caveats.push(Caveat::DrawNotHeld);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, outcome: &[u8]) -> Result<(), Wrong> {
        let Some(record) = &self.record else {
            return Err(wrong(Check::Tree, "checkpoint", "empty", "is of an empty log: there is no notice in it"));
        };
        let again = canonical::encode(&outcome_json(record.sale())) + "\n";
        if again.as_bytes() != outcome {
            return Err(wrong(Check::Outcome, "outcome.json", "other_outcome", difference(&again, outcome)));
        }
        if record.is_by_hand() {
            self.caveats.push(Caveat::NumberByHand);
        }
        if matches!(record.sale().status(), Status::Admitting | Status::Running(_) | Status::Provisional) {
            self.caveats.push(Caveat::NotEnded);
        }
        let judged = self.times.judged();
        self.count(Check::Times, judged);
        self.count(Check::Outcome, 1);
        Ok(())
    }
}

/// Judges an entry in its place.
type JudgeEntry<'a> = dyn FnMut(&Prepared, &mut Log, &mut dyn Observer) -> Result<(), Wrong> + 'a;

/// Reads, prepares and judges all entries of a log.
fn judge_all(
    files: &dyn BundleFiles,
    log: &mut Log,
    workers: &dyn Workers,
    observer: &mut dyn Observer,
    judge: &mut JudgeEntry<'_>,
) -> Result<(), Wrong> {
    let total = log.size();
    let mut done = 0;
    let mut next = 0;
    let mut ready: Vec<Prepared> = Vec::new();
    let (mut raw, mut fault) = log.read_entries(files, &mut next);
    let mut found = Ok(());
    while found.is_ok() && !(raw.is_empty() && ready.is_empty()) {
        // While some are prepared, those before them are judged and those after them are read.
        let judged = std::mem::take(&mut ready);
        let (mut after, mut after_fault) = (Vec::new(), None);
        ready = workers.prepare(std::mem::take(&mut raw), &mut || {
            found = judged.iter().try_for_each(|prepared| {
                judge(prepared, log, observer)?;
                done += 1;
                Ok(())
            });
            observer.progress(done, total);
            if fault.is_none() {
                (after, after_fault) = log.read_entries(files, &mut next);
            }
        });
        raw = after;
        // A fault in reading is named only after the entries before it are judged.
        if fault.is_none() {
            fault = after_fault;
        }
    }
    found?;
    match fault {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

/// What entries are judged against.
struct Grounds<'a> {
    files: &'a dyn BundleFiles,
    options: &'a Options,
    loaded: &'a Loaded,
    digests: Digests,
}

struct Digests {
    rulebook: Digest,
    lot: Digest,
    policy: Digest,
}

fn check_of(fault: &Fault) -> Check {
    match fault {
        Fault::TickOwed { .. } | Fault::TickLate { .. } | Fault::EntryTooLong => Check::Replay,
        Fault::NoticeNotPublished => Check::Notice,
        Fault::TimeRunsBackwards { .. } => Check::Times,
        Fault::Source { .. } => Check::Draws,
        Fault::RoundNotYet { .. } => Check::Times,
        Fault::WrongOpening { .. } | Fault::SealNotOpened { .. } => Check::Seals,
        Fault::Unsigned { .. } | Fault::KeyNotAllowed { .. } => Check::Signatures,
        Fault::Field { .. }
        | Fault::AlreadyEnrolled { .. }
        | Fault::OtherSale { .. }
        | Fault::OtherPledge { .. }
        | Fault::IdRepeated { .. } => Check::Binding,
    }
}

/// Where two texts part, with what stands there.
fn difference(expected: &str, found: &[u8]) -> String {
    let same = expected.bytes().zip(found).take_while(|(a, b)| a == *b).count();
    let piece = |bytes: &[u8]| {
        let from = same.saturating_sub(24).min(bytes.len());
        let to = (same + 40).min(bytes.len());
        String::from_utf8_lossy(&bytes[from..to]).into_owned()
    };
    format!(
        "does not follow from the rules at byte {}: has “…{}…”, expected “…{}…”",
        same + 1,
        piece(found),
        piece(expected.as_bytes())
    )
}
