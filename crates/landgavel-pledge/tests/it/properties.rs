//! What holds whatever is asked, in whatever order.

use std::sync::Arc;

use landgavel_base::{Digest, Money};
use landgavel_pledge::{Claim, Command, Happened, Pledge, Subject, Verdict};
use proptest::prelude::*;

use super::build::{Run, approval, cash, contract, day, duty, figure, guarantee, on};

/// Something somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Wait(i32),
    Lodge(i64, Option<i32>),
    Reach(u16, i32),
    Figure(u16, i64),
    Retract(Subject),
    Pay(usize, i64),
    Call(usize),
    Dispute(usize),
    Settle(usize, i64),
    Waive(Subject),
    Extend(usize, i32),
    Stop(i32),
}

fn subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        (0u16..4).prop_map(Subject::Milestone),
        (0u16..3).prop_map(|year| Subject::Period(0, year)),
        Just(Subject::Duty(0)),
        Just(Subject::Idle),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (1i32..400).prop_map(Deed::Wait),
        2 => (1i64..600_000, proptest::option::of(1i32..3_000)).prop_map(|(amount, days)| Deed::Lodge(amount, days)),
        4 => (0u16..4, 0i32..60).prop_map(|(milestone, ago)| Deed::Reach(milestone, ago)),
        4 => (0u16..3, 0i64..5_000).prop_map(|(year, quanta)| Deed::Figure(year, quanta)),
        1 => subject().prop_map(Deed::Retract),
        2 => (0usize..4, 1i64..400_000).prop_map(|(claim, amount)| Deed::Pay(claim, amount)),
        2 => (0usize..4).prop_map(Deed::Call),
        1 => (0usize..4).prop_map(Deed::Dispute),
        1 => (0usize..4, 0i64..400_000).prop_map(|(claim, amount)| Deed::Settle(claim, amount)),
        1 => subject().prop_map(Deed::Waive),
        1 => (0usize..4, 1i32..1_500).prop_map(|(milestone, days)| Deed::Extend(milestone, days)),
        1 => (1i32..90).prop_map(Deed::Stop),
    ]
}

fn run(deeds: &[Deed]) -> Run {
    let mut terms = contract();
    terms.duties = vec![duty(1_000, day(2021, 3, 4))];
    let mut run = Run::of(terms);
    let money = |yuan: i64| Money::from_minor(yuan * 100).expect("a sum");
    for deed in deeds {
        let today = run.today;
        let after = |days: i32| today.plus_days(days).expect("a day");
        let command = match *deed {
            Deed::Wait(days) => {
                run.until(after(days));
                continue;
            }
            Deed::Lodge(amount, None) => Command::LodgeBond(cash(amount)),
            Deed::Lodge(amount, Some(days)) => Command::LodgeBond(guarantee(amount, after(days))),
            Deed::Reach(milestone, ago) => on(Subject::Milestone(milestone), after(-ago)),
            Deed::Figure(year, quanta) => figure(0, year, quanta),
            Deed::Retract(subject) => {
                let source = run.pledge.evidence(subject).map_or_else(String::new, |evidence| evidence.source.clone());
                Command::RetractEvidence { subject, source, reason: "error".into() }
            }
            Deed::Pay(claim, amount) => Command::Pay { claim, amount: money(amount) },
            Deed::Call(claim) => Command::CallBond { claim },
            Deed::Dispute(claim) => Command::Dispute { claim, statement: Digest([9; 32]) },
            Deed::Settle(claim, amount) => Command::Settle { claim, amount: money(amount), approval: approval() },
            Deed::Waive(subject) => Command::Waive { subject, approval: approval() },
            Deed::Extend(milestone, days) => Command::Extend { milestone, until: after(days), approval: approval() },
            Deed::Stop(days) => Command::StopTime { from: today, until: after(days), approval: approval() },
        };
        // What the terms do not allow is refused and changes nothing; `ask` checks that.
        let _ = run.ask(command);
    }
    run
}

fn sum(amounts: impl Iterator<Item = Money>) -> i64 {
    amounts.map(Money::minor).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn money_is_conserved(deeds in proptest::collection::vec(deed(), 1..60)) {
        let run = run(&deeds);
        for held in run.pledge.bonds() {
            let parts = sum([held.held(), held.released, held.called, held.lapsed].into_iter());
            prop_assert_eq!(parts, held.bond.amount.minor());
            prop_assert!([held.held(), held.released, held.called, held.lapsed].iter().all(|part| part.minor() >= 0));
        }
        let called = sum(run.pledge.bonds().iter().map(|bond| bond.called));
        prop_assert_eq!(called, sum(run.pledge.claims().iter().map(|claim| claim.from_bond)));
        for event in &run.events {
            // What is claimed is what the bonds pay and the stated remainder.
            if let Happened::BondCalled { from, remainder, .. } = &event.happened {
                prop_assert!(sum(from.iter().map(|(_, amount)| *amount)) > 0 && remainder.minor() >= 0);
            }
        }
    }

    #[test]
    fn what_is_met_or_waived_owes_nothing(deeds in proptest::collection::vec(deed(), 1..60)) {
        let run = run(&deeds);
        let subjects = run.pledge.claims().iter().map(|claim| claim.subject);
        for subject in subjects {
            if matches!(run.pledge.verdict(subject), Some(Verdict::Met | Verdict::Waived | Verdict::Cured)) {
                let open = |claim: &&Claim| claim.subject == subject && claim.state != landgavel_pledge::ClaimState::Closed;
                prop_assert_eq!(run.pledge.claims().iter().filter(open).count(), 0, "{:?}", subject);
            }
        }
    }

    #[test]
    fn a_replay_gives_the_same_pledge(deeds in proptest::collection::vec(deed(), 1..60)) {
        let run = run(&deeds);
        let contract = Arc::new(run.pledge.contract().clone());
        let again = Pledge::replay(contract, run.opened, run.events.iter()).expect("a sound contract");
        prop_assert_eq!(again, run.pledge);
    }

    /// Milestones and figures that are known by a day give the same verdicts, whoever brings his papers first.
    #[test]
    fn order_of_evidence_does_not_matter(
        figures in proptest::collection::vec(3_000i64..4_500, 3),
        late in proptest::collection::vec(0i32..40, 3),
        order in Just((0usize..6).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let verdicts = |order: &[usize]| {
            let mut run = Run::begun(contract());
            run.until(day(2028, 1, 1));
            for index in order {
                let command = match *index {
                    milestone @ 0..3 => {
                        let due = [day(2021, 7, 5), day(2023, 1, 4), day(2024, 1, 4)][milestone];
                        on(Subject::Milestone(milestone as u16 + 1), due.plus_days(late[milestone] - 20).expect("a day"))
                    }
                    year => figure(0, year as u16 - 3, figures[year - 3]),
                };
                run.must(command);
            }
            let subjects = (1..4).map(Subject::Milestone).chain((0..3).map(|year| Subject::Period(0, year)));
            let found: Vec<_> = subjects.map(|subject| run.pledge.verdict(subject)).collect();
            (found, run.pledge.owed())
        };
        prop_assert_eq!(verdicts(&order), verdicts(&[0, 1, 2, 3, 4, 5]));
    }
}
