//! What holds whatever is asked, in whatever order.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::Money;
use landgavel_pledge::{Claim, ClaimState, Command, Contract, Pledge, Subject, Verdict};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::build::{Run, approval, contract, day, figure, on, yuan};
use super::deeds::{absurd, absurd_terms, run, sane, sane_terms};
use super::ledger::{Entry, Ledger, kinds};

fn open(claim: &Claim) -> bool {
    claim.state != ClaimState::Closed
}

/// The properties below would hold of pledges to which nothing happens. Every kind of event happens to these.
#[test]
fn the_deeds_bring_every_kind_of_event() {
    let mut runner = TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    for _ in 0..800 {
        let deeds = sane().new_tree(&mut runner).expect("deeds").current();
        kinds(&run(sane_terms(), &deeds).events, &mut counts);
    }
    let all = [
        "BondLodged",
        "BondExtended",
        "BondMissing",
        "BondExpiring",
        "BondTurnedToCash",
        "BondLapsed",
        "TopUpDemanded",
        "EvidenceEntered",
        "EvidenceRetracted",
        "Judged",
        "ClaimRaised",
        "ClaimWithdrawn",
        "ClaimReduced",
        "ClaimPaid",
        "ClaimDisputed",
        "ClaimSettled",
        "BondCalled",
        "Released",
        "Forfeited",
        "Extended",
        "TimeStopped",
        "Waived",
        "Idle",
        "TakenBack",
    ];
    let seen: Vec<&str> =
        all.iter().copied().filter(|kind| counts.get(*kind).is_some_and(|count| *count >= 10)).collect();
    assert_eq!(seen, all, "{counts:?}");
}

/// Absurd terms are contracts often enough, and claims arise from them.
#[test]
fn absurd_terms_are_not_all_refused() {
    let mut runner = TestRunner::deterministic();
    let (mut sound, mut claims) = (0, 0);
    for _ in 0..400 {
        let terms = absurd_terms().new_tree(&mut runner).expect("terms").current();
        let deeds = absurd().new_tree(&mut runner).expect("deeds").current();
        if terms.check().is_ok() {
            sound += 1;
            claims += run(terms, &deeds).pledge.claims().len();
        }
    }
    assert!(sound >= 100 && claims >= 200, "{sound} contracts, {claims} claims");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The engine's books against those kept from the events alone.
    #[test]
    fn money_is_conserved(deeds in sane()) {
        let run = run(sane_terms(), &deeds);
        let ledger = Ledger::of(&run.events);
        prop_assert!(ledger.faults.is_empty(), "{:?}", ledger.faults);
        let bonds: Vec<_> = run.pledge.bonds().iter().map(|held| {
            [held.bond.amount, held.released, held.called, held.lapsed, held.forfeited].map(Money::minor)
        }).collect();
        prop_assert_eq!(&bonds, &ledger.bonds);
        prop_assert_eq!(run.pledge.held().minor(), ledger.held());
        prop_assert_eq!(run.pledge.claims().len(), ledger.claims.len());
        for (claim, entry) in run.pledge.claims().iter().zip(&ledger.claims) {
            prop_assert_eq!(claim.owed().minor(), entry.owed());
            let sides = [claim.amount.minor() + claim.fee.minor() + claim.refund.minor(),
                claim.paid.minor() + claim.from_bond.minor() + claim.owed().minor()];
            prop_assert_eq!(sides[0], sides[1], "{:?}", claim);
            prop_assert!(claim.refund == Money::ZERO || claim.owed() == Money::ZERO);
            prop_assert_eq!(open(claim), claim.owed() > Money::ZERO || claim.state == ClaimState::Disputed);
            if !entry.has_fallen {
                let (amount, fee) = (claim.amount.minor(), claim.fee.minor());
                let (paid, from_bond, refund) = (claim.paid.minor(), claim.from_bond.minor(), claim.refund.minor());
                prop_assert_eq!(&Entry { amount, fee, paid, from_bond, refund, has_fallen: false }, entry);
            }
        }
    }

    #[test]
    fn only_what_is_breached_owes_anything(deeds in sane()) {
        let run = run(sane_terms(), &deeds);
        for claim in run.pledge.claims().iter().filter(|claim| open(claim) && claim.owed() > Money::ZERO) {
            prop_assert_eq!(run.pledge.verdict(claim.subject), Some(Verdict::Breached), "{:?}", claim);
        }
    }

    #[test]
    fn a_replay_gives_the_same_pledge(deeds in sane()) {
        let run = run(sane_terms(), &deeds);
        let contract = Arc::new(run.pledge.contract().clone());
        let again = Pledge::replay(contract, run.opened, run.events.iter()).expect("a sound contract");
        prop_assert_eq!(again, run.pledge);
    }

    /// Whatever stands in the terms and whatever figures come, the clock goes on, and what is owed can be paid. That no
    /// tick is refused is checked where days pass.
    #[test]
    fn nothing_locks_a_pledge(terms in absurd_terms(), deeds in absurd()) {
        if terms.check().is_err() {
            return Ok(());
        }
        let mut run = run(terms, &deeds);
        let end = run.today.plus_days(40 * 365).unwrap_or(day(9999, 12, 30)).min(day(9999, 12, 30));
        run.until(end);
        for claim in 0..run.pledge.claims().len() {
            if let Some(owed) = run.pledge.claim_owed(claim, run.today).filter(|owed| *owed > Money::ZERO) {
                let paid = run.ask(Command::Pay { claim, amount: owed });
                prop_assert!(paid.is_ok(), "{:?}", paid);
            }
            if run.pledge.claims()[claim].state == ClaimState::Disputed {
                run.must(Command::Settle { claim, amount: Money::ZERO, approval: approval() });
            }
            prop_assert!(!open(&run.pledge.claims()[claim]));
        }
    }

    /// What a milestone costs is the same whether it is shown on its day, before or after the bond was called for what it
    /// cost unshown: less is owed then, or what was called too much is.
    #[test]
    fn the_day_of_a_paper_does_not_matter(late in proptest::collection::vec(0i32..260, 3), paid in any::<bool>()) {
        let due = [day(2021, 7, 5), day(2023, 1, 5), day(2024, 1, 5)];
        let days: Vec<_> = due.iter().zip(&late).map(|(due, late)| due.plus_days(late - 100).expect("a day")).collect();
        let terms = || Contract { promises: Vec::new(), take_back: None, ..contract() };
        let papers = || (1u16..).map(Subject::Milestone).zip(&days);
        let mut by_day = Run::begun(terms());
        papers().for_each(|(subject, day)| drop(by_day.until(*day).must(on(subject, *day))));
        let mut at_last = Run::begun(terms());
        at_last.until(day(2028, 1, 1));
        for claim in 0..if paid { at_last.pledge.claims().len() } else { 0 } {
            let owed = at_last.pledge.claim_owed(claim, at_last.today).expect("it is open");
            at_last.must(Command::Pay { claim, amount: owed });
        }
        papers().for_each(|(subject, day)| drop(at_last.must(on(subject, *day))));
        let told = |run: &Run| {
            let sum = |of: &dyn Fn(&Claim) -> Money| run.pledge.claims().iter().map(|one| of(one).minor()).sum::<i64>();
            let verdicts: Vec<_> = papers().map(|(subject, _)| run.pledge.verdict(subject)).collect();
            (verdicts, sum(&|one| one.amount))
        };
        prop_assert_eq!(told(&by_day), told(&at_last));
        for claim in at_last.pledge.claims() {
            let claimed = if claim.subject == Subject::Idle { 1_120_000 } else { 560_000 };
            let back = if paid { yuan(claimed).minor() - claim.amount.minor() } else { 0 };
            prop_assert_eq!(claim.refund.minor(), back);
        }
        let ledger = Ledger::of(&at_last.events);
        prop_assert!(ledger.faults.is_empty(), "{:?}", ledger.faults);
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
