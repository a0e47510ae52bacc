//! Pledges after the sales of samples.

use std::sync::LazyLock;

use landgavel_base::Digest;
use landgavel_record::bundle::SALE_FOLDER;
use landgavel_record::language::{OneText, PledgeTerms, load_pledge_terms};
use landgavel_record::pledges::record::SaleNamed;
use landgavel_record::pledges::{NotOpened, Opened, open};
use landgavel_record::record::sha256;
use landgavel_record::rehearsal::{PledgeGrounds, PledgeRehearsal, Sink as _};
use landgavel_record::verify::{Alone, HeardAward, Options, verify};
use landgavel_record::wire::RequestLines;

use crate::forge::Forge;
use crate::memory::Bundle;
use crate::samples::tiny;

/// A sale that ended in an award: its files, what was heard of the award, and how an opening names it.
pub struct Sold {
    files: Bundle,
    award: HeardAward,
    /// Its record.
    pub named: SaleNamed,
}

/// Terms of a pledge from a text.
///
/// # Panics
/// When they cannot be used.
pub fn terms(text: &[u8]) -> PledgeTerms {
    load_pledge_terms(&OneText(text), "terms.toml").unwrap_or_else(|findings| panic!("{findings:#?}"))
}

impl Sold {
    /// A sale by its bundle.
    ///
    /// # Panics
    /// When it does not hold or has no award.
    pub fn of(files: Bundle) -> Self {
        let mut award = HeardAward::default();
        let report = verify(&files, &Options::default(), &Alone::default(), &mut award);
        assert!(report.holds(), "{}", report.json());
        let digest = |hex: &Option<String>| Digest::from_hex(hex.as_deref().unwrap()).unwrap();
        let named = SaleNamed {
            origin: report.subject.origin.clone().unwrap(),
            notice: digest(&report.subject.notice),
            entries: report.subject.entries,
            root: digest(&report.subject.root),
            outcome_sha256: sha256(&files.0["outcome.json"]),
        };
        Self { files, award, named }
    }

    /// The pledge that terms make of its award.
    ///
    /// # Errors
    /// They make none.
    ///
    /// # Panics
    /// When the sale has no award.
    pub fn opened(&self, terms: &PledgeTerms) -> Result<Opened, NotOpened> {
        let (state, at) = self.award.awarded().unwrap();
        let signed = at.local(state.lot().rulebook.utc_offset).date;
        open(state, None, terms, signed, self.award.last().unwrap())
    }

    /// What a rehearsal is opened from; the terms' own names stand for themselves.
    ///
    /// # Errors
    /// The terms make no pledge.
    pub fn grounds<'a>(&self, terms: &'a PledgeTerms) -> Result<PledgeGrounds<'a>, NotOpened> {
        Ok(PledgeGrounds {
            terms,
            opened: self.opened(terms)?,
            sale: self.named.clone(),
            officers: ["甲", "乙"].map(str::to_owned).to_vec(),
            sources: Vec::new(),
        })
    }

    /// The files of the sale where the bundle of a pledge has them.
    pub fn folder(&self) -> Bundle {
        let mut bundle = Bundle::default();
        for (path, bytes) in &self.files.0 {
            bundle.file(&format!("{SALE_FOLDER}{path}"), bytes);
        }
        bundle
    }

    /// A pledge run from a file of commands, of which as many are entered as can be; `most` of them.
    ///
    /// # Errors
    /// The grounds make no opening.
    pub fn run(&self, grounds: PledgeGrounds<'_>, commands: &[u8], most: usize) -> Result<Bundle, String> {
        let mut bundle = self.folder();
        let mut rehearsal = PledgeRehearsal::open(grounds, &mut bundle)?;
        let mut lines = RequestLines::new(commands);
        for (_, request) in std::iter::from_fn(|| lines.next_request()).take(most).map_while(Result::ok) {
            let _ = rehearsal.request(&request, &mut bundle, &mut |_| {});
        }
        rehearsal.finish(&mut bundle);
        Ok(bundle)
    }
}

/// Terms after [`crate::samples::TINY`].
pub const TINY_TERMS: &str = include_str!("../samples/tiny_terms.toml");
/// What came of them.
pub const TINY_COMMANDS: &str = include_str!("../samples/tiny_terms.commands.jsonl");

/// The sale before them.
pub fn tiny_sold() -> &'static Sold {
    static SOLD: LazyLock<Sold> = LazyLock::new(|| Sold::of(tiny().clone()));
    &SOLD
}

/// The whole of it, made once.
///
/// # Panics
/// When the sample is broken.
pub fn tiny_pledge() -> &'static Bundle {
    static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
        let (sold, terms) = (tiny_sold(), terms(TINY_TERMS.as_bytes()));
        sold.run(sold.grounds(&terms).unwrap(), TINY_COMMANDS.as_bytes(), usize::MAX).unwrap()
    });
    &BUNDLE
}

/// The attacker who ran a pledge, with all keys of its run.
pub fn forge_of(sold: &Sold, terms: &PledgeTerms, bundle: Bundle) -> Forge {
    let seed = sha256(&[&terms.text[..], &sold.named.root.0].concat());
    Forge::of_run(&seed.0, &format!("rehearsal.invalid/pledge/{}", terms.id), bundle)
}
