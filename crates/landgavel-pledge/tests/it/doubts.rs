//! Figures and bonds that look like ones in another unit.

use landgavel_base::{Digest, Money};
use landgavel_pledge::{Bond, Command, Evidence, Finding, Reason, Subject};

use super::build::{Run, cash, contract, day, yuan};

fn year(quanta: i64, is_confirmed: bool) -> Command {
    let subject = Subject::Period(0, 0);
    let (finding, source) = (Finding::Figure(quanta), "tax bureau".into());
    Command::EnterEvidence(Evidence { subject, finding, source, document: Digest([2; 32]), is_confirmed })
}

/// 40 万元 per mu are 4,000 quanta. Figures in yuan were taken as ten thousands of yuan.
#[test]
fn a_figure_a_hundredfold_or_a_thousandth_of_the_promise_is_asked_about() {
    for quanta in [400_000, 31_000_000, -400_000, 4, -4, 1, i64::MAX, i64::MIN] {
        let mut run = Run::begun(contract());
        run.built();
        let doubted = run.until(day(2024, 2, 1)).ask(year(quanta, false));
        let expected = Reason::FigureDoubted { subject: Subject::Period(0, 0), figure: quanta, promised: 4_000 };
        assert_eq!(doubted, Err(expected));
        if quanta.unsigned_abs() < 1_000_000_000 {
            run.must(year(quanta, true));
        }
    }
    for quanta in [399_999, -399_999, 5, -5, 0] {
        let mut run = Run::begun(contract());
        run.built();
        run.until(day(2024, 2, 1)).must(year(quanta, false));
    }
}

fn lodge(amount: Money, is_confirmed: bool) -> Command {
    Command::LodgeBond(Bond { amount, is_confirmed, ..cash(1) })
}

/// 560,000 yuan are required.
#[test]
fn a_bond_a_hundredfold_or_a_thousandth_of_what_is_required_is_asked_about() {
    for (amount, is_doubted) in [(56_000_000, true), (55_999_999, false), (560, true), (561, false)] {
        let mut run = Run::of(contract());
        let asked = run.ask(lodge(yuan(amount), false));
        let doubt = Reason::BondDoubted { amount: yuan(amount), required: yuan(560_000) };
        assert_eq!(asked.as_ref().err(), is_doubted.then_some(&doubt), "{amount}");
        if is_doubted {
            run.must(lodge(yuan(amount), true));
        }
    }
}

#[test]
fn what_is_missing_to_the_fen_is_lodged_without_a_question() {
    let mut run = Run::of(contract());
    run.must(lodge(yuan(559_999), false));
    run.must(lodge(yuan(1), false));
    assert_eq!(run.pledge.missing(), Money::ZERO);
}
