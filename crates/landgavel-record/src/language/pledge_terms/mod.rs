//! The language of pledges: a TOML file to terms, which become a contract once an award fills them.

mod build;
mod shapes;
mod take_back;

use landgavel_base::{Bilingual, Money, Period, Quantity, Source};
use landgavel_pledge::{Ban, BondForm, Delay, Direction, HaltRule, IdleRule, Party, Start, TakeBackRule, Tranche};
use landgavel_sale::rulebook::Attribute;

pub(crate) use build::BOND_PRACTICE;
pub use build::IDLE;
pub(crate) use shapes::PLEDGE_TERMS;

use super::build as common;
use super::finding::{Finding, Sink};
use super::load::{Files, open, sorted};
use super::shape::Kind;

/// Terms of a pledge as a file states them: all that is known before the award.
#[derive(Debug, Clone)]
pub struct PledgeTerms {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// The terms are invented.
    pub is_sample: bool,
    /// Currency of the amounts in the file.
    pub currency: String,
    /// Attribute of the award that is the price.
    pub price: String,
    /// Time to cure after a claim is notified.
    pub cure: Period,
    /// The performance bond.
    pub bond: BondTerms,
    /// Milestones, each after one before it.
    pub milestones: Vec<MilestoneTerms>,
    /// Indicators promised.
    pub promises: Vec<PromiseTerms>,
    /// What must not be done for a time.
    pub bans: Vec<Ban>,
    /// The duties that arose in the sale; `None` when they are no part of the pledge.
    pub duties: Option<DutyTerms>,
    /// Idle land.
    pub idle: Option<IdleRule>,
    /// Land that was begun and then left.
    pub halt: Option<HaltRule>,
    /// Taking back after a breach.
    pub take_back: Option<TakeBackRule>,
    /// Sources of the clauses, by dotted path.
    pub sources: Vec<(String, Source)>,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// Bytes of the file.
    pub text: Vec<u8>,
}

impl PledgeTerms {
    /// Names of all sources whose evidence the terms ask for, each once.
    pub fn signed_by(&self) -> Vec<&str> {
        let milestones = self.milestones.iter().map(|one| one.signed_by.as_str());
        let promises = self.promises.iter().map(|one| one.signed_by.as_str());
        let bans = self.bans.iter().map(|one| one.source.as_str());
        let duties = self.duties.as_ref().map(|one| one.signed_by.as_str());
        let halt = self.halt.as_ref().map(|one| one.source.as_str());
        let mut names: Vec<&str> = milestones.chain(promises).chain(bans).chain(duties).chain(halt).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Duties that arose in the sale.
#[derive(Debug, Clone)]
pub struct DutyTerms {
    /// Who signs that they are done.
    pub signed_by: String,
    /// Id of the one that is to lodge the performance bond, which lodging it meets.
    pub bond: String,
}

/// The performance bond.
#[derive(Debug, Clone)]
pub struct BondTerms {
    /// How much.
    pub amount: BondAmount,
    /// Forms accepted.
    pub forms: Vec<BondForm>,
    /// Who must be its beneficiary.
    pub beneficiary: String,
    /// From the contract.
    pub lodge_within: Period,
    /// Days by which a guarantee must outlast what it backs.
    pub outlasts_by: u16,
    /// Days before its end on which a guarantee that ends too soon is told.
    pub warn_before: u16,
    /// After a call or a lapse.
    pub top_up_within: Period,
}

/// How much a bond must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BondAmount {
    /// So much.
    Fixed(Money),
    /// A share of the price, in parts per million.
    OfPrice(i64),
    /// Years of a promise, by index.
    YearsOf {
        /// Which promise.
        promise: usize,
        /// How many years.
        years: u16,
    },
}

/// A milestone.
#[derive(Debug, Clone)]
pub struct MilestoneTerms {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Who owes it.
    pub owed_by: Party,
    /// From when its term runs.
    pub after: Start,
    /// Its term.
    pub within: Period,
    /// What lateness costs.
    pub delay: Option<Delay>,
    /// What of the bond goes back.
    pub tranche: Option<Tranche>,
    /// Who signs that it is reached.
    pub signed_by: String,
}

/// An indicator promised.
#[derive(Debug, Clone)]
pub struct PromiseTerms {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// What is promised.
    pub committed: Committed,
    /// Which way it is kept.
    pub direction: Direction,
    /// Milestone, by index.
    pub after: usize,
    /// For how many years; `None` for once.
    pub years: Option<u16>,
    /// After a period ends.
    pub evidence_within: Period,
    /// What a shortfall costs.
    pub formula: landgavel_pledge::Formula,
    /// Whether years offset each other.
    pub accounting: landgavel_pledge::Accounting,
    /// Who signs its figures.
    pub signed_by: String,
}

/// What is promised.
#[derive(Debug, Clone)]
pub enum Committed {
    /// What the award says of an attribute.
    Award(String),
    /// An amount of its own.
    Amount(Attribute, Quantity),
}

/// Loads the terms of a pledge.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_pledge_terms(files: &dyn Files, path: &str) -> Result<PledgeTerms, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((text, root)) = open(files, path, &mut sink, &Kind::Table(&PLEDGE_TERMS), |_, _| {}) else {
        return Err(sorted(sink.findings));
    };
    let sources = common::sources(&root, &mut sink);
    let terms = build::terms(&root, &mut sink);
    let is_broken = sink.has_errors();
    let findings = sorted(sink.findings);
    match terms {
        Some(terms) if !is_broken => Ok(PledgeTerms { sources, findings, text, ..terms }),
        _ => Err(findings),
    }
}
