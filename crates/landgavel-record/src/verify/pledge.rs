//! The verdict on the bundle of a pledge: the sale's record first, then the opening that names it, then every entry.

use landgavel_base::Digest;
use landgavel_log::policy::Policy;

use super::grounds::{Fixed, SaleGrounds};
use super::log::Log;
use super::report::Of;
use super::times::{Pace, Witnessed};
use super::{
    Caveat, Check, Observer, Options, Prepared, Report, Subject, Workers, Wrong, check_of, difference, judge_all,
    placed, read, wrong, wrong_entry,
};
use crate::bundle::{BundleFiles, NOTE_MAX, PLEDGE_FILES, ReadError, SALE_FOLDER};
use crate::canonical;
use crate::language::{Files, PledgeTerms, load_pledge_terms};
use crate::pledges::record::{Opening, PledgeRecord, outcome_json};
use crate::record::{Received, notice_line, sha256};

/// The part of a bundle in a folder of it.
struct Folder<'a> {
    files: &'a dyn BundleFiles,
    prefix: &'static str,
}

impl BundleFiles for Folder<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        self.files.read(&format!("{}{path}", self.prefix), most)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        let paths = self.files.paths()?.into_iter();
        Ok(paths.filter_map(|path| path.strip_prefix(self.prefix).map(str::to_owned)).collect())
    }
}

/// The terms of a bundle, which are one file.
struct Terms<'a>(&'a [u8]);

impl Files for Terms<'_> {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.to_vec())
    }
}

/// Verifies the bundle of a pledge.
pub(super) fn verify(
    files: &dyn BundleFiles,
    options: &Options,
    workers: &dyn Workers,
    observer: &mut dyn Observer,
) -> Report {
    let mut judge = Judge {
        counts: [0; Check::COUNT],
        caveats: Vec::new(),
        subject: Subject::default(),
        record: None,
        times: Witnessed::default(),
    };
    if options.policy.is_none() {
        judge.caveats.push(Caveat::PolicyFromBundle);
    }
    if options.notice.is_none() {
        judge.caveats.push(Caveat::NoticeFromBundle);
    }
    let wrong = judge.run(files, options, workers, observer).err();
    let outcome = match (&wrong, &judge.record) {
        (None, Some(record)) => Some(outcome_json(&record.opened().pledge)),
        _ => None,
    };
    judge.caveats.sort_unstable();
    judge.caveats.dedup();
    Report { of: Of::Pledge, wrong, counts: judge.counts, caveats: judge.caveats, subject: judge.subject, outcome }
}

/// What is recomputed, and what the opening must name.
struct Grounds<'a> {
    files: &'a dyn BundleFiles,
    options: &'a Options,
    terms: PledgeTerms,
    policy: Digest,
    sale: SaleGrounds,
}

struct Judge {
    counts: [u64; Check::COUNT],
    caveats: Vec<Caveat>,
    subject: Subject,
    record: Option<PledgeRecord>,
    times: Witnessed,
}

impl Judge {
    fn count(&mut self, check: Check, by: u64) {
        self.counts[check as usize] += by;
    }

    fn run(
        &mut self,
        files: &dyn BundleFiles,
        options: &Options,
        workers: &dyn Workers,
        observer: &mut dyn Observer,
    ) -> Result<(), Wrong> {
        self.count(Check::Files, 1);
        let mut texts = Vec::new();
        for (path, most) in &PLEDGE_FILES[1..] {
            texts.push(read(files, path, *most)?);
            self.count(Check::Files, 1);
        }
        let [policy, terms, checkpoint, checkpoints, standing] =
            <[Vec<u8>; 5]>::try_from(texts).map_err(|_| wrong(Check::Files, "bundle.json", "missing", "is missing"))?;
        let mut log = Log::open(&policy, options.policy.as_deref(), &checkpoint, checkpoints)?;
        self.subject.origin = Some(log.origin().to_owned());
        self.subject.entries = log.size();
        self.subject.root = Some(log.root_hex());
        self.subject.trusted = log.trusted();
        self.count(Check::Policy, 1);
        let mut paths = files.paths().map_err(|why| wrong(Check::Files, "bundle.json", "unreadable", why))?;
        paths.retain(|path| !path.starts_with(SALE_FOLDER));
        log.check_paths(&paths, &PLEDGE_FILES)?;
        let terms = load_pledge_terms(&Terms(&terms), "terms.toml").map_err(|findings| {
            let first = findings.iter().find(|finding| finding.is_error());
            wrong(Check::Rules, "terms.toml", "unreadable", first.map(ToString::to_string).unwrap_or_default())
        })?;
        self.subject.title = Some(terms.title.clone());
        if terms.is_sample {
            self.caveats.push(Caveat::Sample);
        }
        self.count(Check::Rules, 1);
        let sale = self.sale(files, options, workers)?;
        let grounds = Grounds { files, options, terms, policy: sha256(&policy), sale };
        let mut judge = |prepared: &Prepared, log: &mut Log, _: &mut dyn Observer| self.judge(prepared, &grounds, log);
        judge_all(files, &mut log, workers, observer, &mut judge)?;
        log.finish(files)?;
        self.end(&standing)
    }

    /// The record of the sale must hold and have ended in an award: by its own policy, and by the reader's if that names
    /// its log.
    fn sale(
        &mut self,
        files: &dyn BundleFiles,
        options: &Options,
        workers: &dyn Workers,
    ) -> Result<SaleGrounds, Wrong> {
        let folder = Folder { files, prefix: SALE_FOLDER };
        let policy = options.policy.clone().filter(|policy| names_log_of(policy, &folder));
        let (sale, caveats) = SaleGrounds::verify(&folder, policy, workers).map_err(|found| Wrong {
            check: Check::Sale,
            file: format!("{SALE_FOLDER}{}", found.file),
            ..found
        })?;
        // What the sale's own report warns of counts here too. Its notice is the one that the opening names.
        self.caveats.extend(caveats.into_iter().filter(|caveat| *caveat != Caveat::NoticeFromBundle));
        self.count(Check::Sale, sale.named().entries);
        Ok(sale)
    }

    fn judge(&mut self, prepared: &Prepared, grounds: &Grounds<'_>, log: &mut Log) -> Result<(), Wrong> {
        let (number, size) = (log.judged(), log.size());
        let at = |check, code, message| wrong_entry(number, size, check, code, message);
        let content = placed(prepared, number, size)?;
        let received = &content.received;
        if content.is_notice {
            let record =
                self.opening(received, grounds, log).map_err(|(code, message)| at(Check::Notice, code, message))?;
            if notice_line(received).as_bytes() != prepared.bytes {
                return Err(at(Check::Notice, "not_canonical", "is not written in its canonical form".to_owned()));
            }
            self.subject.notice = Some(record.digest().to_string());
            self.record = Some(record);
            self.count(Check::Notice, 1);
        } else {
            self.command(prepared, received).map_err(|(check, code, message)| at(check, code, message))?;
        }
        self.times.entry(number, received.at);
        self.count(Check::Signatures, received.signatures.len() as u64);
        self.count(Check::Tree, 1);
        if let Some(published) = log.push(prepared.leaf, grounds.files)? {
            self.count(Check::Checkpoints, 1);
            if let Some(record) = &mut self.record {
                record.published();
                let late = self.times.checkpoint(published.cosigned_ms, pace(record.opening())).map_err(
                    |(check, code, message)| Wrong {
                        check,
                        file: "checkpoints.jsonl".to_owned(),
                        entry: Some(published.size - 1),
                        code,
                        message,
                    },
                )?;
                // Days decide here, not seconds, and the desk of a pledge does not pause: witnesses that were silent for
                // an hour in ten years do not spoil the record.
                if late.is_some() {
                    self.caveats.push(Caveat::WitnessedLate);
                }
            }
        }
        Ok(())
    }

    fn command(&mut self, prepared: &Prepared, received: &Received) -> Result<(), (Check, &'static str, String)> {
        let Some(record) = &mut self.record else {
            return Err((Check::Notice, "missing", "comes before any opening".to_owned()));
        };
        self.times.before(received.at, pace(record.opening()))?;
        let entry = record.enter(received).map_err(|fault| (check_of(&fault), fault.code(), fault.to_string()))?;
        if entry.line.as_bytes() != prepared.bytes {
            return Err((Check::Replay, "does_not_follow", difference(&entry.line, &prepared.bytes)));
        }
        self.count(Check::Binding, 1);
        self.count(Check::Replay, 1);
        Ok(())
    }

    fn opening(
        &mut self,
        received: &Received,
        grounds: &Grounds<'_>,
        log: &Log,
    ) -> Result<PledgeRecord, (&'static str, String)> {
        let Grounds { terms, policy, sale, .. } = grounds;
        let fixed = Fixed { terms, policy: *policy, origin: log.origin(), sale };
        let (record, caveats) = fixed.open(received)?;
        self.caveats.extend(caveats);
        if let Some(expected) = grounds.options.notice.filter(|expected| *expected != record.digest()) {
            let is = record.digest();
            return Err(("other_notice", format!("has the digest {is}, but {expected} was published")));
        }
        Ok(record)
    }

    fn end(&mut self, standing: &[u8]) -> Result<(), Wrong> {
        let Some(record) = &self.record else {
            return Err(wrong(Check::Tree, "checkpoint", "empty", "is of an empty log: there is no opening in it"));
        };
        let pledge = &record.opened().pledge;
        let again = canonical::encode(&outcome_json(pledge)) + "\n";
        if again.as_bytes() != standing {
            return Err(wrong(Check::Outcome, "standing.json", "other_outcome", difference(&again, standing)));
        }
        if pledge.status() == landgavel_pledge::Status::Running {
            self.caveats.push(Caveat::PledgeRuns);
        }
        if record.has_other_keys() {
            self.caveats.push(Caveat::KeysReplaced);
        }
        let judged = self.times.judged();
        self.count(Check::Times, judged);
        self.count(Check::Outcome, 1);
        Ok(())
    }
}

/// Whether a policy names the log of the bundle in a folder.
fn names_log_of(policy: &str, folder: &Folder<'_>) -> bool {
    let note = folder.read("checkpoint", NOTE_MAX).unwrap_or_default();
    let origin = note.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Policy::parse(policy).is_ok_and(|policy| policy.logs().iter().any(|log| log.name().as_bytes() == origin))
}

fn pace(opening: &Opening) -> Pace {
    Pace { within: opening.checkpoint_within, tolerance: opening.clock_tolerance }
}
