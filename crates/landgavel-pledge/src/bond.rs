//! Bonds (保证金、保函).

use alloc::string::String;

use landgavel_base::{Date, Digest, Money};

/// Form of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BondForm {
    /// Money in an account.
    Cash,
    /// An independent guarantee, payable on demand (见索即付). Source: 法释〔2016〕24号.
    Guarantee,
}

/// A bond as lodged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// Its form.
    pub form: BondForm,
    /// Its amount, in minor units of its currency.
    pub amount: Money,
    /// Its currency.
    pub currency: String,
    /// Who pays: a bank, or the winner's account.
    pub issuer: String,
    /// To whom.
    pub beneficiary: String,
    /// Payable on demand, without proof of the default.
    pub on_demand: bool,
    /// Last day on which it can be called; cash has none.
    pub valid_until: Option<Date>,
    /// Its number, as the issuer gave it. A guarantee has one: no bank pays on a demand that does not name it.
    pub number: Option<String>,
    /// Hash of the letter of guarantee, which it must have; cash has none.
    pub letter: Option<Digest>,
    /// Its size was asked about, and it stands: an amount that looks like one in another unit counts only so.
    pub is_confirmed: bool,
}
