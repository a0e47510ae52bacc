//! What people do, at random: sane terms and deeds, and absurd ones.

use landgavel_base::{Date, Digest, Money, Period, PeriodUnit, Ratio, SAFE_INTEGER_MAX};
use landgavel_pledge::{
    Accounting, ClaimState, Command, Contract, Delay, Direction, Formula, Measure, Span, Subject, Tranche,
};
use proptest::prelude::*;

use super::build::{Run, approval, ban, cash, contract, day, duty, figure, guarantee, longer, on, tax};

/// Something somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Wait(i32),
    Lodge(i64, Option<i32>),
    Prolong(usize, i32),
    /// The next milestone of which nothing is known or the one after it, so many days ago.
    Reach(u16, i32),
    /// The next year of which nothing is known or the one after it.
    Figure(u16, i64),
    Retract(Subject),
    /// A claim, counted from the last, and a share of its amount in thousandths.
    Pay(usize, i64),
    /// All that is owed.
    PayAll(usize),
    Call(usize),
    /// The first bond that it is demanded to extend: its day is waited for, or it is called whole.
    CallExpiring,
    Dispute(usize),
    /// A disputed claim, and a share of its amount in thousandths.
    Settle(usize, i64),
    Waive(Subject),
    Extend(usize, i32),
    Stop(i32, i32),
    TakeBack(i64),
    /// The land was let go, so many days ago.
    LetGo(i32),
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        (0u16..4).prop_map(Subject::Milestone),
        (0u16..3).prop_map(|year| Subject::Period(0, year)),
        Just(Subject::Duty(0)),
        Just(Subject::Ban(0)),
        Just(Subject::Idle),
    ]
}

fn deed(figures: impl Strategy<Value = i64> + 'static) -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (1i32..20).prop_map(Deed::Wait),
        8 => (20i32..250).prop_map(Deed::Wait),
        3 => (1i64..600_000, proptest::option::of(1i32..3_000)).prop_map(|(amount, days)| Deed::Lodge(amount, days)),
        1 => (0usize..3, 1i32..3_000).prop_map(|(bond, days)| Deed::Prolong(bond, days)),
        8 => (0u16..2, 0i32..60).prop_map(|(milestone, ago)| Deed::Reach(milestone, ago)),
        4 => (0u16..2, 0i32..500).prop_map(|(milestone, ago)| Deed::Reach(milestone, ago)),
        8 => (0u16..2, figures).prop_map(|(year, quanta)| Deed::Figure(year, quanta)),
        2 => subject().prop_map(Deed::Retract),
        3 => (0usize..2, 1i64..1_000).prop_map(|(claim, amount)| Deed::Pay(claim, amount)),
        2 => (0usize..2).prop_map(Deed::PayAll),
        3 => (0usize..2).prop_map(Deed::Call),
        8 => Just(Deed::CallExpiring),
        8 => (0usize..2).prop_map(Deed::Dispute),
        8 => (0usize..2, 0i64..1_001).prop_map(|(claim, amount)| Deed::Settle(claim, amount)),
        1 => subject().prop_map(Deed::Waive),
        1 => (0usize..4, 1i32..1_500).prop_map(|(milestone, days)| Deed::Extend(milestone, days)),
        1 => (-200i32..200, 1i32..90).prop_map(|(from, days)| Deed::Stop(from, days)),
        1 => prop_oneof![Just(0i64), 1i64..5_000_000].prop_map(Deed::TakeBack),
        1 => (0i32..2_000).prop_map(Deed::LetGo),
    ]
}

/// Deeds around sane terms.
pub(crate) fn sane() -> impl Strategy<Value = Vec<Deed>> {
    proptest::collection::vec(deed(0i64..5_000), 1..120)
}

/// Deeds with figures from end to end of the integers.
pub(crate) fn absurd() -> impl Strategy<Value = Vec<Deed>> {
    let edges = [i64::MIN, -SAFE_INTEGER_MAX, -1_000_000_000_000, -1, 0, 3_500, 4_000, 1_000_000_000, i64::MAX];
    let near = prop_oneof![
        Just(SAFE_INTEGER_MAX / 60_000),
        Just(-SAFE_INTEGER_MAX / 60_000),
        Just(-SAFE_INTEGER_MAX / 3),
        Just(SAFE_INTEGER_MAX / 3),
        Just(SAFE_INTEGER_MAX),
    ];
    proptest::collection::vec(deed(prop_oneof![proptest::sample::select(edges.to_vec()), near, any::<i64>()]), 1..100)
}

/// The terms of most tests, with a duty.
pub(crate) fn sane_terms() -> Contract {
    let mut terms = contract();
    terms.duties = vec![duty(1_000, day(2021, 3, 4))];
    terms.bans = vec![ban(2, Some(Ratio::from_ppm(200_000).expect("a share")))];
    terms.promises =
        vec![tax(Formula::GapWithLateFee { per_day: Ratio::from_ppm(1_000).expect("a share") }, Accounting::Yearly, 3)];
    terms
}

fn of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(values.to_vec())
}

fn share() -> impl Strategy<Value = Ratio> {
    prop_oneof![9 => of(&[0, 1, 1_000, 200_000, 300_000]), 1 => of(&[1_000_000, 50_000_000, Ratio::MAX_PPM, -1])]
        .prop_map(|ppm| Ratio::from_ppm(ppm).expect("a share"))
}

fn term() -> impl Strategy<Value = Period> {
    let unit = of(&[PeriodUnit::Day, PeriodUnit::WorkingDay, PeriodUnit::Month, PeriodUnit::Year]);
    let count = prop_oneof![29 => of(&[0, 1, 6, 12, 30]), 1 => of(&[600, 7_978, 95_000, 2_900_000, u32::MAX])];
    (count, unit).prop_map(|(count, unit)| Period { count, unit })
}

fn formula() -> impl Strategy<Value = Formula> {
    prop_oneof![
        Just(Formula::Gap),
        share().prop_map(|per_day| Formula::GapWithLateFee { per_day }),
        Just(Formula::ShareOfPrice),
        Just(Formula::Nothing),
    ]
}

fn money() -> impl Strategy<Value = Money> {
    of(&[1, 100, 560_000_000, 1_000_000_000_000, SAFE_INTEGER_MAX / 2, SAFE_INTEGER_MAX])
        .prop_map(|minor| Money::from_minor(minor).expect("a sum"))
}

/// Terms with figures up to the end of what can be written down; some make no contract.
pub(crate) fn absurd_terms() -> impl Strategy<Value = Contract> {
    let edges = of(&[1_000_000_000, SAFE_INTEGER_MAX / 60_000, SAFE_INTEGER_MAX / 3, SAFE_INTEGER_MAX]);
    let committed = prop_oneof![of(&[1, 4_000]), edges];
    let fen = prop_oneof![9 => of(&[1, 10_000]), 1 => of(&[1_000_000, SAFE_INTEGER_MAX])];
    let measure = (0u8..3, fen).prop_map(|(kind, fen)| match kind {
        0 => Measure::MoneyPerMu(fen),
        1 => Measure::MoneyPerLot(fen),
        _ => Measure::Other,
    });
    let ways = (of(&[Direction::AtLeast, Direction::AtMost]), of(&[Accounting::Yearly, Accounting::Cumulative]));
    let promise = (committed, measure, formula(), ways, of(&[1u16, 3, 70]), term());
    let shares = (share(), share(), share(), share());
    let terms = (term(), term(), term(), term());
    (promise, shares, terms, money(), money(), money(), of(&[2021, 9950, 9995])).prop_map(
        |(promise, shares, terms, price, bond, owed, year)| {
            let mut contract = sane_terms();
            let (committed, measure, formula, (direction, accounting), years, evidence_within) = promise;
            let (span, before) = (Span::Years(years), contract.promises[0].clone());
            contract.promises[0] = landgavel_pledge::Promise {
                committed,
                measure,
                formula,
                direction,
                accounting,
                span,
                evidence_within,
                ..before
            };
            contract.milestones[1].delay = Some(Delay { per_day: shares.0, at_most: shares.1 });
            contract.milestones[2].tranche = Some(Tranche { share: shares.2, also_late: true });
            contract.idle.as_mut().expect("watched").fee = shares.3;
            // Figures come early, so that they are judged within the deeds.
            contract.milestones[1].within.count = 0;
            contract.milestones[2].within.count = 0;
            contract.milestones[3].within = terms.3;
            (contract.cure, contract.bond.lodge_within, contract.bond.top_up_within) = (terms.0, terms.1, terms.2);
            (contract.price, contract.bond.amount) = (price, bond);
            contract.duties[0].obligation.amount = Some(owed);
            contract.duties.push(contract.duties[0].clone());
            contract.signed = day(year, 1, 4);
            contract
        },
    )
}

/// Does the deeds one after the other; what the terms do not allow is refused and changes nothing, which `ask` checks. A
/// tick is never refused, which `until` checks.
pub(crate) fn run(terms: Contract, deeds: &[Deed]) -> Run {
    let mut run = Run::of(terms);
    let today = run.today;
    run.until(today);
    let money = |yuan: i64| Money::from_minor(yuan * 100).expect("a sum");
    for deed in deeds {
        let command = match command(&run, deed, money) {
            Ok(command) => command,
            Err(date) => {
                run.until(date);
                continue;
            }
        };
        let _ = run.ask(command);
    }
    run
}

/// The command of a deed, or the day until which to wait.
fn command(run: &Run, deed: &Deed, money: impl Fn(i64) -> Money) -> Result<Command, Date> {
    let last = day(9999, 12, 30);
    let after = |days: i32| run.today.plus_days(days).unwrap_or(last).min(last);
    let unknown = |subject: &dyn Fn(u16) -> Subject| {
        (0..100).find(|index| run.pledge.evidence(subject(*index)).is_none()).unwrap_or_default()
    };
    let last_claim = |back: usize| run.pledge.claims().len().saturating_sub(1 + back);
    let part = |claim: usize, share: i64| {
        let amount = run.pledge.claims().get(claim).map_or(Money::ZERO, |claim| claim.amount);
        amount.scale_half_up(i128::from(share), 1_000).expect("a part")
    };
    Ok(match *deed {
        Deed::Wait(days) => return Err(after(days)),
        Deed::Lodge(amount, None) => Command::LodgeBond(cash(amount)),
        Deed::Lodge(amount, Some(days)) => Command::LodgeBond(guarantee(amount, after(days))),
        Deed::Prolong(bond, days) => longer(bond, after(days)),
        Deed::Reach(next, ago) => {
            on(Subject::Milestone(unknown(&|index| Subject::Milestone(index)) + next), after(-ago))
        }
        Deed::Figure(next, quanta) => figure(0, unknown(&|index| Subject::Period(0, index)) + next, quanta),
        Deed::Retract(subject) => {
            let source = run.pledge.evidence(subject).map_or_else(String::new, |evidence| evidence.source.clone());
            Command::RetractEvidence { subject, source, reason: "error".into() }
        }
        Deed::Pay(claim, share) => {
            let claim = last_claim(claim);
            Command::Pay { claim, amount: part(claim, share) }
        }
        Deed::PayAll(claim) => {
            let claim = last_claim(claim);
            Command::Pay { claim, amount: run.pledge.claim_owed(claim, run.today).unwrap_or(Money::ZERO) }
        }
        Deed::Call(claim) => Command::CallBond { claim: last_claim(claim) },
        Deed::CallExpiring => {
            let bonds = run.pledge.bonds().iter().enumerate().filter(|(_, held)| held.held() > Money::ZERO);
            let told = bonds.filter_map(|(bond, held)| Some((held.extension?.due, bond)));
            match told.filter(|(_, bond)| run.pledge.bonds()[*bond].bond.valid_until.is_some()).min() {
                Some((due, _)) if due >= run.today => return Err(due.plus_days(1).unwrap_or(last).min(last)),
                told => Command::CallExpiring { bond: told.map_or(0, |(_, bond)| bond) },
            }
        }
        Deed::Dispute(claim) => Command::Dispute { claim: last_claim(claim), statement: Digest([9; 32]) },
        Deed::Settle(claim, share) => {
            let disputed = run.pledge.claims().iter().position(|claim| claim.state == ClaimState::Disputed);
            let claim = disputed.unwrap_or_else(|| last_claim(claim));
            Command::Settle { claim, amount: part(claim, share), approval: approval() }
        }
        Deed::Waive(subject) => Command::Waive { subject, approval: approval() },
        Deed::Extend(milestone, days) => Command::Extend { milestone, until: after(days), approval: approval() },
        Deed::Stop(from, days) => {
            Command::StopTime { from: after(from), until: after(from + days), approval: approval() }
        }
        // Mostly what the terms compute.
        Deed::TakeBack(amount) => {
            let price = run.pledge.take_back_price(run.today).map_or(Money::ZERO, |(_, price)| price.amount);
            Command::TakeBack { compensation: if amount == 0 { price } else { money(amount) }, approval: approval() }
        }
        Deed::LetGo(ago) => on(Subject::Ban(0), after(-ago)),
    })
}
