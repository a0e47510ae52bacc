//! Each refusal has its trigger.

use std::collections::BTreeSet;

use landgavel_base::{Digest, Money};
use landgavel_pledge::{Bond, BondForm, Command, Contract, ContractError, Evidence, Finding, Reason, Start, Subject};

use super::build::{
    COMPLETION, HANDOVER, OUTPUT, Run, START, approval, cash, contract, day, duty, figure, guarantee, longer, noon, on,
    percent, yuan,
};

fn entered(subject: Subject, finding: Finding, source: &str) -> Command {
    Command::EnterEvidence(Evidence {
        subject,
        finding,
        source: source.into(),
        document: Digest([3; 32]),
        is_confirmed: false,
    })
}

#[test]
fn bonds_that_are_no_use_are_refused() {
    let mut run = Run::of(contract());
    let later = day(2030, 1, 1);
    let cases = [
        (Bond { currency: "USD".into(), ..cash(1) }, Reason::BondInOtherCurrency),
        (Bond { beneficiary: "other".into(), ..cash(1) }, Reason::BondForOtherBeneficiary),
        (cash(0), Reason::AmountNotPositive),
        (cash(-5), Reason::AmountNotPositive),
        (Bond { on_demand: false, ..guarantee(1, later) }, Reason::BondNotOnDemand),
        (Bond { valid_until: None, ..guarantee(1, later) }, Reason::BondWithoutEnd),
        (guarantee(1, day(2021, 1, 4)), Reason::BondExpired),
        (Bond { number: None, ..guarantee(1, later) }, Reason::LetterNotNamed),
        (Bond { letter: None, ..guarantee(1, later) }, Reason::LetterNotNamed),
    ];
    for (bond, reason) in cases {
        assert_eq!(run.ask(Command::LodgeBond(bond)), Err(reason));
    }
    let mut only_cash = contract();
    only_cash.bond.forms = vec![BondForm::Cash];
    let mut strict = Run::of(only_cash);
    assert_eq!(strict.ask(Command::LodgeBond(guarantee(1, later))), Err(Reason::BondFormNotAccepted));
    assert_eq!(run.ask(longer(0, later)), Err(Reason::UnknownBond));
    run.must(Command::LodgeBond(guarantee(1, later)));
    assert_eq!(run.ask(longer(0, later)), Err(Reason::NotLater { after: later }));
}

#[test]
fn one_letter_of_guarantee_is_one_bond() {
    let mut run = Run::of(contract());
    let first = guarantee(100_000, day(2030, 1, 1));
    run.must(Command::LodgeBond(first.clone()));
    let other = || guarantee(100_000, day(2030, 1, 1));
    for again in [
        first.clone(),
        Bond { number: first.number.clone(), ..other() },
        Bond { letter: first.letter, ..other() },
        Bond { letter: first.letter, ..cash(100_000) },
    ] {
        assert_eq!(run.ask(Command::LodgeBond(again)), Err(Reason::LodgedBefore));
    }
    // Each bank counts by itself; two payments in cash without a paper are two.
    run.must(Command::LodgeBond(Bond { number: first.number.clone(), issuer: "other bank".into(), ..other() }));
    run.must(Command::LodgeBond(cash(100_000)));
    run.must(Command::LodgeBond(cash(100_000)));
}

#[test]
fn evidence_that_is_early_twice_or_from_the_wrong_source_is_refused() {
    let mut run = Run::of(contract());
    let today = run.today;
    assert_eq!(run.ask(on(START, today)), Err(Reason::TermNotBegun));
    run.must(on(HANDOVER, today));
    assert_eq!(run.ask(on(START, day(2021, 1, 5))), Err(Reason::EvidenceOfFuture));
    assert_eq!(run.ask(entered(START, Finding::On(today), "winner")), Err(Reason::WrongSource));
    assert_eq!(run.ask(entered(START, Finding::Figure(1), "inspector")), Err(Reason::WrongFinding));
    assert_eq!(run.ask(on(Subject::Milestone(9), today)), Err(Reason::UnknownSubject));
    assert_eq!(run.ask(figure(0, 3, 1)), Err(Reason::UnknownSubject));
    run.must(Command::LodgeBond(cash(560_000)));
    run.built();
    let ends = day(2024, 1, 1);
    run.until(ends);
    assert_eq!(run.ask(figure(0, 0, 1)), Err(Reason::EvidenceTooEarly { ends }));
    run.until(day(2024, 1, 2)).must(figure(0, 0, 1));
    assert_eq!(run.ask(figure(0, 0, 1)), Err(Reason::EvidenceAlreadyEntered));
    let retract =
        |subject, source: &str| Command::RetractEvidence { subject, source: source.into(), reason: "typing".into() };
    assert_eq!(run.ask(retract(Subject::Period(0, 1), "tax bureau")), Err(Reason::NoEvidence));
    assert_eq!(run.ask(retract(Subject::Period(0, 0), "inspector")), Err(Reason::WrongSource));
    // The start released a tranche: money has moved.
    assert_eq!(run.ask(retract(START, "inspector")), Err(Reason::AlreadySettled));
    run.must(retract(OUTPUT, "inspector"));
}

#[test]
fn claims_are_paid_and_called_as_they_are_owed() {
    let mut run = Run::begun(contract());
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::UnknownClaim));
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    run.until(day(2024, 4, 2));
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::CureRuns { until: day(2024, 5, 2) }));
    let pay = |amount| Command::Pay { claim: 0, amount: yuan(amount) };
    assert_eq!(run.ask(pay(300_001)), Err(Reason::PaysTooMuch { owed: yuan(300_000) }));
    assert_eq!(run.ask(pay(0)), Err(Reason::AmountNotPositive));
    let settle = Command::Settle { claim: 0, amount: Money::ZERO, approval: approval() };
    assert_eq!(run.ask(settle), Err(Reason::ClaimNotDisputed));
    run.must(pay(300_000));
    assert_eq!(run.ask(pay(1)), Err(Reason::ClaimClosed));
}

#[test]
fn a_claim_without_a_bond_is_not_called() {
    let mut run = Run::of(contract());
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.until(day(2021, 2, 10));
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    run.until(day(2021, 9, 1));
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::NothingHeld));
}

#[test]
fn the_clock_is_neither_late_nor_backwards() {
    let mut run = Run::begun(contract());
    let early = run.pledge.decide(noon(day(2020, 1, 1)), &Command::Tick).expect_err("backwards");
    assert_eq!(early.reason.code(), "time_runs_backwards");
    run.today = day(2021, 8, 1);
    let due = run.pledge.due().expect("the start is due");
    assert_eq!(run.ask(Command::LodgeBond(cash(1))), Err(Reason::TickDue { due }));
}

#[test]
fn codes_stand_once() {
    let codes: BTreeSet<_> = Reason::CODES.iter().collect();
    assert_eq!(codes.len(), Reason::CODES.len());
}

#[test]
fn terms_that_make_no_sense_are_no_contract() {
    let broken = |change: &dyn Fn(&mut Contract)| {
        let mut terms = contract();
        change(&mut terms);
        terms.check().expect_err("a broken contract")
    };
    assert_eq!(broken(&|terms| terms.milestones[1].after = Start::Milestone(1)), ContractError::NotBefore { index: 1 });
    assert_eq!(broken(&|terms| terms.promises[0].after = 9), ContractError::NotBefore { index: 0 });
    assert_eq!(broken(&|terms| terms.promises[0].committed = 0), ContractError::PromiseNotPositive { index: 0 });
    let shares = broken(&|terms| {
        if let Some(tranche) = &mut terms.milestones[1].tranche {
            tranche.share = percent(71);
        }
    });
    assert_eq!(shares, ContractError::TranchesBeyondWhole);
}

#[test]
fn a_day_before_the_contract_is_refused() {
    let mut terms = contract();
    terms.duties = vec![duty(1_000, day(2021, 2, 4)), duty(1_000, day(2020, 12, 31))];
    let mut run = Run::of(terms);
    let today = run.today;
    run.until(today);
    let before = day(2021, 1, 3);
    assert_eq!(run.ask(on(HANDOVER, before)), Err(Reason::BeforeContract));
    assert_eq!(run.ask(on(Subject::Duty(0), before)), Err(Reason::BeforeContract));
    // What the sale asked for before the contract could be done before it.
    run.must(on(Subject::Duty(1), day(2020, 12, 30)));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    assert_eq!(run.ask(on(START, before)), Err(Reason::BeforeContract));
}

#[test]
fn milestones_are_reached_in_their_order() {
    let mut run = Run::begun(contract());
    run.until(day(2024, 3, 1));
    let (start, output) = (day(2021, 6, 1), day(2023, 6, 1));
    run.must(on(START, start));
    // The completion between them is not known: the order holds over it.
    assert_eq!(run.ask(on(OUTPUT, day(2021, 5, 31))), Err(Reason::OutOfOrder { other: start }));
    run.must(on(OUTPUT, output));
    assert_eq!(run.ask(on(COMPLETION, day(2021, 5, 31))), Err(Reason::OutOfOrder { other: start }));
    assert_eq!(run.ask(on(COMPLETION, day(2023, 6, 2))), Err(Reason::OutOfOrder { other: output }));
    // On the same day is in order.
    run.must(on(COMPLETION, output));
}
