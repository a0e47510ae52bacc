//! What a pledge rests on: a sale whose record holds and ended in an award, and an opening that names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_sale::Sale;
use landgavel_sale::event::Happened;

use super::{Caveat, Check, Observer, Options, Workers, Wrong, read, verify_sale, wrong};
use crate::bundle::BundleFiles;
use crate::canonical::{self, Document, Item};
use crate::keys::PublicKey;
use crate::language::PledgeTerms;
use crate::outcome::outcome_json as sale_outcome_json;
use crate::pledges::open;
use crate::pledges::record::{Holder, Opening, PledgeRecord, SaleNamed};
use crate::record::{Entry, Notice, Received, sha256};

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

/// A sale whose record was verified and ended in an award.
pub struct SaleGrounds {
    award: HeardAward,
    named: SaleNamed,
    /// Keys of the officers of its notice.
    officers: Vec<PublicKey>,
}

impl SaleGrounds {
    /// Verifies the bundle of a sale by its own policy, and by the reader's if there is one; with what its report warns of.
    ///
    /// # Errors
    /// The first thing that is wrong, or that there is no award.
    pub fn verify(
        files: &dyn BundleFiles,
        policy: Option<String>,
        workers: &dyn Workers,
    ) -> Result<(Self, Vec<Caveat>), Wrong> {
        let (mut award, options) = (HeardAward::default(), Options { policy, notice: None });
        let report = verify_sale(read(files, "bundle.json", 1024), files, &options, workers, &mut award);
        if let Some(found) = report.wrong {
            return Err(found);
        }
        let Some((sale, _)) = award.awarded() else {
            let why = "says of no award: nobody is held to a promise".to_owned();
            return Err(wrong(Check::Sale, "outcome.json", "not_awarded", why));
        };
        let digest = |hex: Option<&String>| hex.and_then(|hex| Digest::from_hex(hex));
        let subject = &report.subject;
        let notice = first_entry(files, subject.entries).and_then(|received| Notice::parse(&received).ok());
        let found = digest(subject.notice.as_ref()).zip(digest(subject.root.as_ref())).zip(notice);
        let Some(((notice_digest, root), notice)) = found else {
            return Err(wrong(Check::Sale, "tile/entries", "unreadable", "has no notice".to_owned()));
        };
        let outcome = canonical::encode(&sale_outcome_json(sale)) + "\n";
        let named = SaleNamed {
            origin: subject.origin.clone().unwrap_or_default(),
            notice: notice_digest,
            entries: subject.entries,
            root,
            outcome_sha256: sha256(outcome.as_bytes()),
        };
        let officers = notice.officers.iter().map(|officer| officer.key.clone()).collect();
        Ok((Self { award, named, officers }, report.caveats))
    }

    /// The record, as an opening names it.
    pub fn named(&self) -> &SaleNamed {
        &self.named
    }

    /// Keys of the officers of its notice.
    pub fn officers(&self) -> &[PublicKey] {
        &self.officers
    }

    /// What was heard from it.
    pub fn award(&self) -> &HeardAward {
        &self.award
    }
}

/// What an opening must name: for whoever opens a pledge, and whoever verifies one.
pub struct Fixed<'a> {
    /// The terms.
    pub terms: &'a PledgeTerms,
    /// Digest of the policy.
    pub policy: Digest,
    /// Name of the log.
    pub origin: &'a str,
    /// The sale.
    pub sale: &'a SaleGrounds,
}

/// A code and what is wrong, in words.
type NotOpened = (&'static str, String);

impl Fixed<'_> {
    /// Opens the record of a pledge on an opening as it was received; with what must be known to weigh it.
    ///
    /// # Errors
    /// The first thing that is wrong: a stable code, and words.
    pub fn open(&self, received: &Received) -> Result<(PledgeRecord, Vec<Caveat>), NotOpened> {
        let opening = Opening::parse(received.text())
            .map_err(|error| ("unreadable", format!("field {}: {}", error.field, error.message)))?;
        self.check_names(&opening)?;
        let mut caveats = Vec::new();
        if self.signers(&opening, received)? < 2 {
            caveats.push(Caveat::OtherOfficers);
        }
        self.check_sources(&opening)?;
        let award = &self.sale.award;
        if opening.is_demonstration {
            caveats.push(Caveat::Demonstration);
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
        let opened = open(state, Some(&opening.winner.name), self.terms, opening.signed, received.at)
            .map_err(|why| ("not_opened", format!("opens no pledge: {why}")))?;
        Ok((PledgeRecord::open(Arc::new(opening), opened, received), caveats))
    }

    fn check_names(&self, opening: &Opening) -> Result<(), NotOpened> {
        let Self { terms, policy, origin, sale } = self;
        for (named, is, file) in
            [(opening.terms_sha256, sha256(&terms.text), "terms.toml"), (opening.policy_sha256, *policy, "policy.txt")]
        {
            if named != is {
                return Err(("other_file", format!("fixes {file} with the digest {named}, but the file's is {is}")));
            }
        }
        if opening.pledge != terms.id {
            return Err(("other_file", format!("is of the pledge {}, the terms are of {}", opening.pledge, terms.id)));
        }
        if opening.origin != *origin {
            return Err(("other_log", format!("stands in the log {}, the checkpoint is of {origin}", opening.origin)));
        }
        let (named, sale) = (&opening.sale, &sale.named);
        if named != sale {
            let message = format!(
                "names the sale {} of {} entries with the root {}, the bundle holds {} of {} with {}",
                named.origin, named.entries, named.root, sale.origin, sale.entries, sale.root
            );
            return Err(("other_sale", message));
        }
        Ok(())
    }

    /// Two officers of the opening sign it, and nobody else; how many of them are the sale's.
    fn signers(&self, opening: &Opening, received: &Received) -> Result<usize, NotOpened> {
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
        Ok(of(&|key| self.sale.officers.contains(key)))
    }

    /// Each source that the terms name must have a key.
    fn check_sources(&self, opening: &Opening) -> Result<(), NotOpened> {
        let has_key = |name: &str| opening.sources.iter().any(|holder: &Holder| holder.name == name);
        match self.terms.signed_by().into_iter().find(|name| !has_key(name)) {
            Some(name) => Err(("no_source", format!("gives no key for “{name}”, whose evidence the terms ask for"))),
            None => Ok(()),
        }
    }
}

/// The text of the notice of a sale whose bundle holds.
fn first_entry(files: &dyn BundleFiles, size: u64) -> Option<String> {
    let (path, width) = super::entries_path(0, size);
    let bytes = files.read(&path, crate::bundle::ENTRIES_MAX).ok()?;
    let first = super::read_bundle(&bytes, width).into_iter().next()?;
    super::Outline::read(&first).ok().map(|outline| outline.text)
}
