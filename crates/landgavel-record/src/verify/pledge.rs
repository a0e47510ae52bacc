//! The verdict on the bundle of a pledge: the sale's record first, then the opening that names it, then every entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_sale::Sale;
use landgavel_sale::event::Happened;

use super::log::Log;
use super::report::Of;
use super::times::{Pace, Witnessed};
use super::{
    Caveat, Check, Observer, Options, Prepared, Report, Subject, Workers, Wrong, check_of, difference, judge_all,
    placed, read, verify_sale, wrong, wrong_entry,
};
use crate::bundle::{BundleFiles, PLEDGE_FILES, ReadError, SALE_FOLDER};
use crate::canonical::{self, Document, Item};
use crate::keys::PublicKey;
use crate::language::{Files, PledgeTerms, load_pledge_terms};
use crate::outcome::outcome_json as sale_outcome_json;
use crate::pledges::open;
use crate::pledges::record::{Holder, Opening, PledgeRecord, outcome_json};
use crate::record::{Entry, Notice, Received, notice_line, sha256};

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

/// Hears from a sale's record what a pledge rests on.
#[derive(Default)]
pub struct HeardAward {
    sale: Option<Sale>,
    /// When the sale was awarded, and when its record ended.
    at: Option<Instant>,
    last: Option<Instant>,
    keys: BTreeMap<String, PublicKey>,
}

impl HeardAward {
    /// The sale as it stood after its award and all that came after, and when it was awarded.
    pub fn awarded(&self) -> Option<(&Sale, Instant)> {
        self.sale.as_ref().zip(self.at)
    }

    /// Time of the last entry.
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// The key under which a bidder applied.
    pub fn key(&self, code: &str) -> Option<&PublicKey> {
        self.keys.get(code)
    }
}

impl Observer for HeardAward {
    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        self.last = Some(entry.at);
        let events = entry.result.as_deref().unwrap_or_default();
        for event in events {
            match &event.happened {
                Happened::Applied(application) => {
                    let document = Document::parse(entry.command.as_str()).ok();
                    let key = document.as_ref().and_then(|one| one.object().get("key").and_then(Item::text));
                    if let Some(key) = key.and_then(|key| PublicKey::parse(key).ok()) {
                        self.keys.insert(application.code.clone(), key);
                    }
                }
                Happened::Awarded => self.at = self.at.or(Some(entry.at)),
                _ => {}
            }
        }
        // What is said and changes nothing needs no copy.
        if self.at.is_some() && !events.is_empty() {
            self.sale = Some(sale.clone());
        }
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
    award: HeardAward,
    sale: SaleFound,
}

/// The sale's record as it was verified.
struct SaleFound {
    origin: String,
    notice: Digest,
    entries: u64,
    root: Digest,
    outcome: Digest,
    /// Keys of the officers of its notice.
    officers: Vec<PublicKey>,
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
        let (award, sale) = self.sale(files, workers)?;
        let grounds = Grounds { files, options, terms, policy: sha256(&policy), award, sale };
        let mut judge = |prepared: &Prepared, log: &mut Log, _: &mut dyn Observer| self.judge(prepared, &grounds, log);
        judge_all(files, &mut log, workers, observer, &mut judge)?;
        log.finish(files)?;
        self.end(&standing)
    }

    /// The record of the sale must hold and have ended in an award.
    fn sale(&mut self, files: &dyn BundleFiles, workers: &dyn Workers) -> Result<(HeardAward, SaleFound), Wrong> {
        let folder = Folder { files, prefix: SALE_FOLDER };
        let in_folder = |path: &str| format!("{SALE_FOLDER}{path}");
        let fault = |path: &str, code, message: String| wrong(Check::Sale, &in_folder(path), code, message);
        let mut award = HeardAward::default();
        let report = verify_sale(read(&folder, "bundle.json", 1024), &folder, &Options::default(), workers, &mut award);
        if let Some(found) = report.wrong {
            return Err(Wrong { check: Check::Sale, file: in_folder(&found.file), ..found });
        }
        if award.awarded().is_none() {
            return Err(fault(
                "outcome.json",
                "not_awarded",
                "says of no award: nobody is held to a promise".to_owned(),
            ));
        }
        // What the sale's own report warns of counts here too; only that it has not ended is settled.
        self.caveats.extend(report.caveats.into_iter().filter(|caveat| *caveat != Caveat::NotEnded));
        let digest = |hex: Option<&String>| hex.and_then(|hex| Digest::from_hex(hex));
        let subject = &report.subject;
        let notice = first_entry(&folder, subject.entries).and_then(|received| Notice::parse(&received).ok());
        let found = digest(subject.notice.as_ref()).zip(digest(subject.root.as_ref())).zip(notice);
        let Some(((notice_digest, root), notice)) = found else {
            return Err(fault("tile/entries", "unreadable", "has no notice".to_owned()));
        };
        let outcome = award.awarded().map(|(sale, _)| canonical::encode(&sale_outcome_json(sale)) + "\n");
        self.count(Check::Sale, subject.entries);
        let found = SaleFound {
            origin: subject.origin.clone().unwrap_or_default(),
            notice: notice_digest,
            entries: subject.entries,
            root,
            outcome: sha256(outcome.unwrap_or_default().as_bytes()),
            officers: notice.officers.iter().map(|officer| officer.key.clone()).collect(),
        };
        Ok((award, found))
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
                self.times.checkpoint(published.cosigned_ms, pace(record.opening())).map_err(
                    |(check, code, message)| Wrong {
                        check,
                        file: "checkpoints.jsonl".to_owned(),
                        entry: Some(published.size - 1),
                        code,
                        message,
                    },
                )?;
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
        let opening = Opening::parse(received.text())
            .map_err(|error| ("unreadable", format!("field {}: {}", error.field, error.message)))?;
        let Grounds { terms, sale, award, options, .. } = grounds;
        for (named, is, file) in [
            (opening.terms_sha256, sha256(&terms.text), "terms.toml"),
            (opening.policy_sha256, grounds.policy, "policy.txt"),
        ] {
            if named != is {
                return Err(("other_file", format!("fixes {file} with the digest {named}, but the file's is {is}")));
            }
        }
        if opening.pledge != terms.id {
            return Err(("other_file", format!("is of the pledge {}, the terms are of {}", opening.pledge, terms.id)));
        }
        if opening.origin != log.origin() {
            let message = format!("stands in the log {}, the checkpoint is of {}", opening.origin, log.origin());
            return Err(("other_log", message));
        }
        let named = &opening.sale;
        let is_named = named.origin == sale.origin
            && (named.notice, named.entries, named.root) == (sale.notice, sale.entries, sale.root)
            && named.outcome_sha256 == sale.outcome;
        if !is_named {
            let message = format!(
                "names the sale {} of {} entries with the root {}, the bundle holds {} of {} with {}",
                named.origin, named.entries, named.root, sale.origin, sale.entries, sale.root
            );
            return Err(("other_sale", message));
        }
        self.signers(&opening, received, sale)?;
        check_sources(&opening, terms)?;
        if let Some(expected) = options.notice {
            let is = Digest(landgavel_log::tree::leaf_hash(notice_line(received).as_bytes()).0);
            if is != expected {
                return Err(("other_notice", format!("has the digest {is}, but {expected} was published")));
            }
        }
        if opening.is_demonstration {
            self.caveats.push(Caveat::Demonstration);
        } else if award.key(&opening.winner.name) != Some(&opening.winner.key) {
            let message = format!("gives “{}” another key than its application in the sale", opening.winner.name);
            return Err(("other_winner", message));
        }
        let Some((state, awarded_at)) = award.awarded() else {
            return Err(("not_opened", "rests on no award".to_owned()));
        };
        let offset = state.lot().rulebook.utc_offset;
        if received.at < award.last().unwrap_or(awarded_at) || opening.signed < awarded_at.local(offset).date {
            return Err(("not_opened", "is older than the sale from which it was opened".to_owned()));
        }
        let opened = open(state, Some(&opening.winner.name), terms, opening.signed, received.at)
            .map_err(|why| ("not_opened", format!("opens no pledge: {why}")))?;
        Ok(PledgeRecord::open(Arc::new(opening), opened, received))
    }

    /// Two officers of the opening sign it, and nobody else; whether they are the sale's is told.
    fn signers(
        &mut self,
        opening: &Opening,
        received: &Received,
        sale: &SaleFound,
    ) -> Result<(), (&'static str, String)> {
        let of = |keys: &dyn Fn(&PublicKey) -> bool| {
            let mut keys: Vec<&str> =
                received.signatures.iter().filter(|one| keys(&one.key)).map(|one| one.key.text()).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        let own = of(&|key| opening.officers.iter().any(|officer| officer.key == *key));
        if own < 2 || own != received.signatures.len() {
            let message = format!("is signed by {own} of its officers, expected two different ones and nobody else");
            return Err(("four_eyes", message));
        }
        if of(&|key| sale.officers.contains(key)) < 2 {
            self.caveats.push(Caveat::OtherOfficers);
        }
        Ok(())
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
        let judged = self.times.judged();
        self.count(Check::Times, judged);
        self.count(Check::Outcome, 1);
        Ok(())
    }
}

fn pace(opening: &Opening) -> Pace {
    Pace { within: opening.checkpoint_within, tolerance: opening.clock_tolerance }
}

/// The text of the notice of a sale whose bundle holds.
fn first_entry(files: &dyn BundleFiles, size: u64) -> Option<String> {
    let (path, width) = super::entries_path(0, size);
    let bytes = files.read(&path, crate::bundle::ENTRIES_MAX).ok()?;
    let first = super::read_bundle(&bytes, width).into_iter().next()?;
    super::Outline::read(&first).ok().map(|outline| outline.text)
}

/// Each source that the terms name must have a key.
fn check_sources(opening: &Opening, terms: &PledgeTerms) -> Result<(), (&'static str, String)> {
    let named = |holder: &Holder, name: &str| holder.name == name;
    match terms.signed_by().into_iter().find(|name| !opening.sources.iter().any(|holder| named(holder, name))) {
        Some(name) => Err(("no_source", format!("gives no key for “{name}”, whose evidence the terms ask for"))),
        None => Ok(()),
    }
}
