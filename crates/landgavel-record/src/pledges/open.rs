use std::fmt;
use std::sync::Arc;

use landgavel_base::{Date, Instant, Money, Obligation, Quantity};
use landgavel_pledge::{BondRule, Contract, ContractError, Duty, Measure, Milestone, Pledge, Promise, Span};
use landgavel_sale::rulebook::{Attribute, BondForm, Per, UnitKind};
use landgavel_sale::{Sale, Seat, Status};

use crate::language::{BondAmount, Committed, DutyTerms, IDLE, PledgeTerms, format_money};

/// A pledge with what its numbers mean.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The pledge.
    pub pledge: Pledge,
    /// For each promise the attribute whose quanta it is counted in.
    pub attributes: Vec<Attribute>,
}

/// Why an award and terms make no pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOpened {
    /// The sale has not ended in an award.
    NotAwarded,
    /// No winner has this code; or none was named, and there are several.
    NoSuchWinner {
        /// The codes of the winners.
        winners: Vec<String>,
    },
    /// The award says nothing of an attribute that the terms name.
    NoSuchTerm {
        /// Its id.
        attribute: String,
    },
    /// An amount of the award cannot be used so.
    Unfit {
        /// What.
        what: String,
        /// Why not.
        why: String,
    },
    /// The terms make no contract.
    Contract(ContractError),
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAwarded => f.write_str("the sale has not ended in an award: there is nobody to hold to a promise"),
            Self::NoSuchWinner { winners } => write!(f, "no such winner; expected one of {}", winners.join(", ")),
            Self::NoSuchTerm { attribute } => {
                write!(f, "the award says nothing of “{attribute}”, which the terms name")
            }
            Self::Unfit { what, why } => write!(f, "{what}: {why}"),
            Self::Contract(error) => f.write_str(contract_error(*error)),
        }
    }
}

fn contract_error(error: ContractError) -> &'static str {
    match error {
        ContractError::NotBefore { .. } => {
            "a milestone, promise, ban, idle rule, rule of halted work or of taking back names something that is not before it"
        }
        ContractError::PromiseNotPositive { .. } => "a promise is not above zero",
        ContractError::TranchesBeyondWhole => {
            "the releases of the bond are more than the whole, or the price or the bond is not above zero"
        }
        ContractError::NoMoney { .. } => {
            "a shortfall, halted work or what is paid for buildings counts money, and its promise is no money per mu or for the lot, or of several years"
        }
        ContractError::TooLarge => "there is more of it, or it costs more, than can be counted",
    }
}

/// Codes of the winners of a sale.
pub fn winners(sale: &Sale) -> Vec<String> {
    sale.seats().iter().filter_map(|seat| sale.bidder(seat.bidder)).map(|bidder| bidder.code().to_owned()).collect()
}

/// Opens the pledge of a winner of a sale, on terms, by a contract of a day.
///
/// # Errors
/// Why they make no pledge.
pub fn open(
    sale: &Sale,
    winner: Option<&str>,
    terms: &PledgeTerms,
    signed: Date,
    at: Instant,
) -> Result<Opened, NotOpened> {
    if !matches!(sale.status(), Status::Awarded) {
        return Err(NotOpened::NotAwarded);
    }
    let currency = &sale.lot().rulebook.currency;
    if terms.currency != *currency {
        let why = format!("are in {}, the sale in {currency}", terms.currency);
        return Err(NotOpened::Unfit { what: "the terms".to_owned(), why });
    }
    let code = |seat: &&Seat| sale.bidder(seat.bidder).map(|bidder| bidder.code());
    let seat = match (winner, sale.seats()) {
        (Some(winner), seats) => seats.iter().find(|seat| code(seat) == Some(winner)),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let seat = seat.ok_or_else(|| NotOpened::NoSuchWinner { winners: winners(sale) })?;
    let awarded = Awarded { sale, seat };
    let price = awarded.price(&terms.price)?;
    let mut attributes = Vec::new();
    let mut promises = Vec::new();
    for promise in &terms.promises {
        let (attribute, value) = match &promise.committed {
            Committed::Award(id) => awarded.term(id)?,
            Committed::Amount(attribute, value) => (attribute, *value),
        };
        promises.push(Promise {
            id: promise.id.clone(),
            name: promise.name.clone(),
            measure: measure(attribute)?,
            committed: value.quanta(),
            direction: promise.direction,
            after: promise.after,
            span: promise.years.map_or(Span::Once, Span::Years),
            evidence_within: promise.evidence_within,
            formula: promise.formula,
            accounting: promise.accounting,
            source: promise.signed_by.clone(),
        });
        attributes.push(attribute.clone());
    }
    let duties = awarded.duties(terms.duties.as_ref());
    let own = || {
        let milestones = terms.milestones.iter().map(|one| one.id.as_str());
        let promises = terms.promises.iter().map(|one| one.id.as_str());
        milestones.chain(promises).chain(terms.bans.iter().map(|one| one.id.as_str())).chain([IDLE])
    };
    // Commands name both by their id alone.
    if let Some(duty) = duties.iter().find(|duty| own().any(|id| id == duty.obligation.id)) {
        let what = format!("the duty “{}” of the sale", duty.obligation.id);
        return Err(NotOpened::Unfit { what, why: "has the id of something of the terms".to_owned() });
    }
    let milestones = terms.milestones.iter().map(|milestone| Milestone {
        id: milestone.id.clone(),
        name: milestone.name.clone(),
        owed_by: milestone.owed_by,
        after: milestone.after,
        within: milestone.within,
        delay: milestone.delay,
        tranche: milestone.tranche,
        source: milestone.signed_by.clone(),
    });
    let lot = sale.lot();
    let bond = &terms.bond;
    let contract = Contract {
        id: terms.id.clone(),
        winner: code(&seat).unwrap_or_default().to_owned(),
        currency: currency.clone(),
        price,
        deposit: awarded.deposit(),
        area: lot.area,
        signed,
        utc_offset: lot.rulebook.utc_offset,
        calendar: lot.working_days.clone(),
        milestones: milestones.collect(),
        bond: BondRule {
            amount: bond_amount(bond.amount, price, &promises, &attributes, sale)?,
            forms: bond.forms.clone(),
            beneficiary: bond.beneficiary.clone(),
            lodge_within: bond.lodge_within,
            outlasts_by: bond.outlasts_by,
            warn_before: bond.warn_before,
            top_up_within: bond.top_up_within,
        },
        promises,
        bans: terms.bans.clone(),
        duties,
        idle: terms.idle,
        halt: terms.halt.clone(),
        take_back: terms.take_back.clone(),
        cure: terms.cure,
    };
    let pledge = Pledge::open(Arc::new(contract), at).map_err(NotOpened::Contract)?;
    Ok(Opened { pledge, attributes })
}

/// What a sale gave a winner.
struct Awarded<'a> {
    sale: &'a Sale,
    seat: &'a Seat,
}

impl<'a> Awarded<'a> {
    fn term(&self, id: &str) -> Result<(&'a Attribute, Quantity), NotOpened> {
        let rulebook = &self.sale.lot().rulebook;
        let mut values = self.seat.terms.values.iter();
        let found = values.find(|(attribute, _)| rulebook.attribute(*attribute).id == id);
        match found {
            Some((attribute, value)) => Ok((rulebook.attribute(*attribute), *value)),
            None => Err(NotOpened::NoSuchTerm { attribute: id.to_owned() }),
        }
    }

    fn price(&self, id: &str) -> Result<Money, NotOpened> {
        let (attribute, value) = self.term(id)?;
        let unfit = |why: &str| NotOpened::Unfit { what: format!("the price “{id}”"), why: why.to_owned() };
        if matches!(attribute.unit.kind, UnitKind::Money { yearly: true, .. }) {
            return Err(unfit("is owed each year, expected a sum that is paid once"));
        }
        attribute.lot_money(value, self.sale.lot().area).ok_or_else(|| unfit("is no amount of money"))
    }

    /// What was paid in, in cash: a guarantee is no deposit, whose contract stands once it is delivered. Source: 民法典 (2020),
    /// art. 586.
    fn deposit(&self) -> Option<Money> {
        let bond = self.sale.bidder(self.seat.bidder)?.bond()?;
        (bond.form == BondForm::Cash).then_some(bond.amount)
    }

    fn duties(&self, terms: Option<&DutyTerms>) -> Vec<Duty> {
        let Some(terms) = terms else { return Vec::new() };
        let rulebook = &self.sale.lot().rulebook;
        let own = self.sale.obligations().iter().filter(|arisen| arisen.bidder == self.seat.bidder);
        own.filter_map(|arisen| {
            let clause = rulebook.obligations.get(usize::try_from(arisen.obligation).ok()?)?;
            // Only what has a day is judged; what has none would keep the bond for ever.
            if arisen.due.is_none() && clause.id != terms.bond {
                return None;
            }
            Some(Duty {
                obligation: Obligation {
                    id: clause.id.clone(),
                    text: clause.text.clone(),
                    amount: arisen.amount,
                    due: arisen.due,
                },
                source: terms.signed_by.clone(),
                is_bond: clause.id == terms.bond,
            })
        })
        .collect()
    }
}

fn measure(attribute: &Attribute) -> Result<Measure, NotOpened> {
    let UnitKind::Money { minor_per_unit, per, .. } = attribute.unit.kind else { return Ok(Measure::Other) };
    let scale = 10i64.pow(u32::from(attribute.decimals));
    if minor_per_unit % scale != 0 {
        let why = format!("is kept to {} decimals of {}, finer than the fen", attribute.decimals, attribute.unit.text);
        return Err(NotOpened::Unfit { what: format!("the promise “{}”", attribute.id), why });
    }
    Ok(match per {
        Per::Mu => Measure::MoneyPerMu(minor_per_unit / scale),
        Per::Lot => Measure::MoneyPerLot(minor_per_unit / scale),
        Per::SquareMetre | Per::Hectare => Measure::Other,
    })
}

fn bond_amount(
    amount: BondAmount,
    price: Money,
    promises: &[Promise],
    attributes: &[Attribute],
    sale: &Sale,
) -> Result<Money, NotOpened> {
    let unfit = |why: String| NotOpened::Unfit { what: "the bond".to_owned(), why };
    match amount {
        BondAmount::Fixed(money) => Ok(money),
        BondAmount::OfPrice(ppm) => price.scale_half_up(i128::from(ppm), 1_000_000).ok_or_else(|| {
            unfit(format!("a share of {} is too large", format_money(price, &sale.lot().rulebook.currency)))
        }),
        BondAmount::YearsOf { promise, years } => {
            let value = promises.get(promise).and_then(|promise| Quantity::new(promise.committed));
            let yearly =
                attributes.get(promise).zip(value).and_then(|(one, value)| one.lot_money(value, sale.lot().area));
            yearly
                .and_then(|money| money.scale_half_up(i128::from(years), 1))
                .ok_or_else(|| unfit("is tied to a promise that is no money".to_owned()))
        }
    }
}
