//! Each formula against arithmetic done by hand.

use landgavel_base::{Area, Money, Ratio};
use landgavel_pledge::{
    Accounting, Claim, Command, Computation, Direction, Formula, Happened, Measure, Step, Subject, Verdict,
    part_of_price, shortfall, split_deposit,
};

use super::build::{COMPLETION, PER_MILLE, Run, START, contract, day, figure, on, percent, tax, yuan};

fn area(hundredths: u64) -> Area {
    Area::from_hundredths_m2(hundredths).expect("an area")
}

/// S1, Lucheng: 40 promised, 35 paid, 6 mu: 5 万元 · 6 = 300,000 yuan.
#[test]
fn s1_is_the_gap_times_the_mu() {
    let promise = tax(Formula::Gap, Accounting::Yearly, 1);
    let owed = shortfall(&promise, 4_000, 3_500, area(400_000), yuan(5_600_000)).expect("in range");
    assert_eq!(owed.amount, yuan(300_000));
    let steps = [
        Step::Committed(4_000),
        Step::Actual(3_500),
        Step::Gap(500),
        Step::FenPerQuantum(10_000),
        Step::Area(area(400_000)),
        Step::Amount(yuan(300_000)),
    ];
    assert_eq!(owed.steps, steps);
    assert_eq!(shortfall(&promise, 4_000, 4_000, area(400_000), yuan(1)).expect("in range").amount, Money::ZERO);
    assert_eq!(shortfall(&promise, 4_000, 9_000, area(400_000), yuan(1)).expect("in range").amount, Money::ZERO);
}

/// 15,081.33 m² are 22.621995 mu; 100 yuan per mu are 2,262.1995 yuan: 2,262.20, rounded once.
#[test]
fn fractions_of_a_mu_stay_exact_to_the_fen() {
    let promise = tax(Formula::Gap, Accounting::Yearly, 1);
    let owed = shortfall(&promise, 4_000, 3_999, area(1_508_133), yuan(1)).expect("in range");
    assert_eq!(owed.amount.minor(), 226_220);
    // 33.34 m² are 0.05001 mu: 5.001 yuan, which is 5.00.
    let owed = shortfall(&promise, 4_000, 3_999, area(3_334), yuan(1)).expect("in range");
    assert_eq!(owed.amount.minor(), 500);
}

/// S3: 5,600,000 · (300 − 240) ÷ 300 = 1,120,000; a third of a price: 5,600,000 ÷ 3 = 1,866,666.67.
#[test]
fn s3_is_the_share_of_the_price() {
    let mut promise = tax(Formula::ShareOfPrice, Accounting::Yearly, 1);
    promise.measure = Measure::Other;
    let price = yuan(5_600_000);
    assert_eq!(shortfall(&promise, 300, 240, area(1), price).expect("in range").amount, yuan(1_120_000));
    assert_eq!(shortfall(&promise, 300, 200, area(1), price).expect("in range").amount.minor(), 186_666_667);
    // A figure below nothing owes no more than the price.
    assert_eq!(shortfall(&promise, 300, -50, area(1), price).expect("in range").amount, price);
}

#[test]
fn promises_not_to_exceed_count_the_other_way() {
    let mut promise = tax(Formula::ShareOfPrice, Accounting::Yearly, 1);
    promise.direction = Direction::AtMost;
    let owed = |actual| shortfall(&promise, 100, actual, area(1), yuan(1_000)).expect("in range").amount;
    assert_eq!((owed(100), owed(110), owed(90)), (Money::ZERO, yuan(100), Money::ZERO));
}

#[test]
fn amounts_beyond_money_are_refused_not_wrapped() {
    let mut promise = tax(Formula::Gap, Accounting::Yearly, 1);
    promise.measure = Measure::MoneyPerLot(i64::MAX / 2);
    assert_eq!(shortfall(&promise, 100, 0, area(1), yuan(1)), None);
}

/// Deposit of 30 %: a fifth of the price is earnest money, the rest prepayment.
#[test]
fn a_deposit_above_a_fifth_is_split_by_law() {
    let split = split_deposit(yuan(5_600_000), yuan(1_680_000)).expect("in range");
    assert_eq!((split.earnest, split.prepayment), (yuan(1_120_000), yuan(560_000)));
    let split = split_deposit(yuan(5_600_000), yuan(1_120_000)).expect("in range");
    assert_eq!((split.earnest, split.prepayment), (yuan(1_120_000), Money::ZERO));
    // 0.04 yuan: a fifth is 0.8 fen, rounded down.
    let split =
        split_deposit(Money::from_minor(4).expect("a sum"), Money::from_minor(3).expect("a sum")).expect("in range");
    assert_eq!((split.earnest.minor(), split.prepayment.minor()), (0, 3));
}

#[test]
fn idle_land_costs_a_fifth_of_its_price() {
    assert_eq!(part_of_price(yuan(5_600_000), percent(20)).expect("in range").amount, yuan(1_120_000));
}

fn claims(run: &Run) -> Vec<(Subject, Money)> {
    run.pledge.claims().iter().map(|claim: &Claim| (claim.subject, claim.amount)).collect()
}

/// Years of 40, 45 and 30 against 40: yearly the third owes 10 · 6 = 60 万元; together 5 · 6 = 30 万元.
#[test]
fn s4_lets_good_years_offset_bad_ones_only_when_it_is_stated() {
    for (accounting, owed) in [(Accounting::Yearly, 600_000), (Accounting::Cumulative, 300_000)] {
        let mut terms = contract();
        terms.promises = vec![tax(Formula::Gap, accounting, 3)];
        let mut run = Run::begun(terms);
        run.built();
        for (year, tax) in [4_000, 4_500, 3_000].into_iter().enumerate() {
            let year = u16::try_from(year).expect("few");
            run.until(day(2024 + i32::from(year), 2, 1)).must(figure(0, year, tax));
        }
        run.until(day(2026, 6, 1));
        assert_eq!(claims(&run), [(Subject::Period(0, 2), yuan(owed))]);
    }
}

/// S2: 300,000 yuan unpaid for ten days at 1‰: 3,000 yuan more.
#[test]
fn s2_adds_a_fee_for_each_day() {
    let mut terms = contract();
    terms.promises = vec![tax(
        Formula::GapWithLateFee { per_day: Ratio::from_ppm(PER_MILLE).expect("a share") },
        Accounting::Yearly,
        1,
    )];
    let mut run = Run::begun(terms);
    run.built();
    run.until(day(2024, 2, 1)).must(figure(0, 0, 3_500));
    // Judged when evidence is closed: three months after 2024-01-01, on the day after 2024-04-01.
    run.until(day(2024, 4, 2));
    assert_eq!(claims(&run), [(Subject::Period(0, 0), yuan(300_000))]);
    run.until(day(2024, 4, 12));
    assert_eq!(run.pledge.claim_owed(0, run.today), Some(yuan(303_000)));
    assert_eq!(run.pledge.claim_fee(0, run.today), Some(yuan(3_000)));
    let paid = run.must(Command::Pay { claim: 0, amount: yuan(303_000) });
    let share = Ratio::from_ppm(PER_MILLE).expect("a share");
    let steps = vec![Step::Unpaid(yuan(300_000)), Step::Days(10), Step::Share(share), Step::Amount(yuan(3_000))];
    let fee = Computation { steps, amount: yuan(3_000) };
    assert_eq!(paid[0], Happened::ClaimPaid { claim: 0, amount: yuan(303_000), fee });
    assert_eq!(run.pledge.verdict(Subject::Period(0, 0)), Some(Verdict::Cured));
    assert_eq!(run.pledge.claims()[0].fee, yuan(3_000));
}

/// Start due 6 months after handover on 2021-01-04, so on Sunday 2021-07-04, moved to Monday the 5th; ten days late at 1‰ of 5,600,000
/// are 56,000 yuan. A year late would be 2,044,000 and is bounded at a tenth.
#[test]
fn lateness_costs_by_the_day_up_to_its_bound() {
    for (reached, owed) in [(day(2021, 7, 5), None), (day(2021, 7, 15), Some(56_000)), (day(2022, 7, 5), Some(560_000))]
    {
        let mut run = Run::begun(contract());
        run.until(reached).must(on(START, reached));
        let raised: Vec<_> = run.pledge.claims().iter().map(|claim| claim.amount).collect();
        assert_eq!(raised, owed.map(yuan).into_iter().collect::<Vec<_>>(), "{reached}");
        let verdict = if owed.is_none() { Verdict::Met } else { Verdict::Breached };
        assert_eq!(run.pledge.verdict(START), Some(verdict));
        assert_eq!(run.pledge.verdict(COMPLETION), None);
    }
}
