//! Land that was taken back: on which ground, and what goes on after it.

use landgavel_base::{Digest, Money};
use landgavel_pledge::{ClaimState, Command, Computation, Happened, IdleLevel, Reason, Status, Subject, Verdict};

use super::build::{
    COMPLETION, HANDOVER, Run, START, approval, cash, contract, day, figure, guarantee, longer, on, yuan,
};

fn take(compensation: i64) -> Command {
    Command::TakeBack { compensation: yuan(compensation), approval: approval() }
}

/// Start ten days late: 56,000 yuan are owed, and the land is taken back after the time to cure, in its first year: 2 % of
/// 5,600,000 are taken off. The tranches of start and completion, 168,000 each, are forfeited.
fn taken(bond: landgavel_pledge::Bond) -> Run {
    let mut run = Run::of(contract());
    run.must(Command::LodgeBond(bond));
    run.must(on(HANDOVER, day(2021, 1, 4)));
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    run.until(day(2021, 8, 17)).must(take(5_488_000));
    assert_eq!((run.pledge.status(), run.pledge.owed()), (Status::TakenBack, yuan(56_000)));
    run
}

#[test]
fn idle_land_is_taken_back_without_payment_and_only_while_nobody_shows_the_start() {
    let mut run = Run::begun(contract());
    assert_eq!(run.ask(take(0)), Err(Reason::NoGround));
    run.until(day(2023, 8, 1));
    assert_eq!(run.pledge.idle(), Some(IdleLevel::TakeBack));
    assert_eq!(run.ask(take(1)), Err(Reason::OtherCompensation { computed: Money::ZERO }));
    let mut started = Run { pledge: run.pledge.clone(), events: Vec::new(), opened: run.opened, today: run.today };
    // The start was in time all along: idleness is no ground, and the completion that is breached is one, against payment.
    // The third year has begun: 6 % are taken off.
    started.must(on(START, day(2021, 7, 1)));
    started.must(take(5_264_000));
    run.must(take(0));
    assert_eq!(run.ask(take(0)), Err(Reason::PledgeOver));
}

#[test]
fn a_breach_is_a_ground_once_its_time_to_cure_is_over() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    // Thirty days from 2021-07-15 end on Saturday 2021-08-14, moved to Monday the 16th.
    assert_eq!(run.ask(take(1)), Err(Reason::CureRuns { until: day(2021, 8, 16) }));
    run.until(day(2021, 8, 16));
    assert_eq!(run.ask(take(1)), Err(Reason::CureRuns { until: day(2021, 8, 16) }));
    run.until(day(2021, 8, 17)).must(take(5_488_000));
}

#[test]
fn what_was_cured_or_waived_is_no_ground() {
    let mut cured = Run::begun(contract());
    cured.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    cured.must(Command::Pay { claim: 0, amount: yuan(56_000) });
    assert_eq!(cured.pledge.verdict(START), Some(Verdict::Cured));
    assert_eq!(cured.until(day(2021, 10, 1)).ask(take(1)), Err(Reason::NoGround));
    let mut waived = Run::begun(contract());
    waived.until(day(2021, 7, 15)).must(on(START, day(2021, 7, 15)));
    waived.must(Command::Waive { subject: START, approval: approval() });
    assert_eq!(waived.until(day(2021, 10, 1)).ask(take(1)), Err(Reason::NoGround));
}

#[test]
fn open_claims_are_still_called_and_the_rest_of_the_bond_goes_back() {
    let mut run = taken(cash(560_000));
    assert_eq!(run.pledge.held(), yuan(224_000), "held for the open claim, and what is not forfeited");
    let before = run.events.len();
    run.must(Command::CallBond { claim: 0 });
    let happened: Vec<_> = run.events[before..].iter().map(|event| event.happened.clone()).collect();
    assert_eq!(
        happened,
        [
            Happened::BondCalled {
                claim: 0,
                from: vec![(0, yuan(56_000))],
                fee: Computation::NOTHING,
                remainder: Money::ZERO
            },
            Happened::Released { milestone: None, from: vec![(0, yuan(168_000))] },
        ]
    );
    assert_eq!((run.pledge.status(), run.pledge.held(), run.pledge.due()), (Status::TakenBack, Money::ZERO, None));
    assert_eq!(run.pledge.missing(), Money::ZERO);
}

#[test]
fn open_claims_are_still_paid() {
    let mut run = taken(cash(560_000));
    run.must(Command::Pay { claim: 0, amount: yuan(56_000) });
    assert_eq!(run.pledge.claims()[0].state, ClaimState::Closed);
    assert_eq!((run.pledge.bonds()[0].released, run.pledge.status()), (yuan(224_000), Status::TakenBack));
    assert_eq!(run.pledge.bonds()[0].forfeited, yuan(336_000));
}

/// A claim that was raised shortly before is disputed and settled after it.
#[test]
fn open_claims_are_still_disputed_and_settled() {
    let mut run = Run::begun(contract());
    run.until(day(2021, 7, 1)).must(on(START, day(2021, 7, 1)));
    // Completion never comes: breached on 2023-01-05. It is shown late on 2023-03-01, and a claim is raised.
    run.until(day(2023, 3, 1)).must(on(COMPLETION, day(2023, 3, 1)));
    run.until(day(2024, 6, 1));
    // Output was due a year after completion, on 2024-01-04; a claim for the year's tax is raised in 2025.
    run.until(day(2025, 1, 20)).must(figure(0, 0, 3_500));
    run.until(day(2025, 4, 10));
    let claim = run.pledge.claims().len() - 1;
    assert_eq!(run.pledge.claims()[claim].subject, Subject::Period(0, 0));
    let (_, price) = run.pledge.take_back_price(run.today).expect("completion is not paid for");
    run.must(Command::TakeBack { compensation: price.amount, approval: approval() });
    run.must(Command::Dispute { claim, statement: Digest([7; 32]) });
    assert_eq!(run.ask(Command::CallBond { claim }), Err(Reason::ClaimIsDisputed));
    run.must(Command::Settle { claim, amount: Money::ZERO, approval: approval() });
    assert_eq!(run.pledge.claims()[claim].state, ClaimState::Closed);
}

#[test]
fn a_guarantee_is_extended_or_ends_and_nothing_is_demanded_any_more() {
    let mut run = taken(guarantee(560_000, day(2022, 1, 31)));
    run.must(longer(0, day(2022, 6, 30)));
    run.until(day(2022, 6, 30));
    assert_eq!(run.pledge.held(), yuan(224_000));
    let before = run.events.len();
    run.until(day(2030, 1, 1));
    let happened: Vec<_> = run.events[before..].iter().map(|event| event.happened.clone()).collect();
    assert_eq!(happened, [Happened::BondLapsed { bond: 0, amount: yuan(224_000) }]);
    assert_eq!(run.ask(Command::CallBond { claim: 0 }), Err(Reason::NothingHeld));
    run.must(Command::Pay { claim: 0, amount: yuan(56_000) });
}

#[test]
fn nothing_is_promised_any_more() {
    let mut run = taken(cash(560_000));
    let today = run.today;
    let commands = [
        Command::LodgeBond(cash(1)),
        on(COMPLETION, today),
        Command::RetractEvidence { subject: START, source: "inspector".into(), reason: "typing".into() },
        Command::Extend { milestone: 2, until: day(2030, 1, 1), approval: approval() },
        Command::StopTime { from: today, until: day(2030, 1, 1), approval: approval() },
        Command::Waive { subject: START, approval: approval() },
        take(0),
    ];
    for command in commands {
        assert_eq!(run.ask(command), Err(Reason::PledgeOver));
    }
    let before = run.events.len();
    run.until(day(2040, 1, 1));
    assert_eq!(run.events.len(), before, "nothing is judged");
}
