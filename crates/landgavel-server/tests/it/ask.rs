//! Asking witnesses of whom one lies: nothing counts without the quorum.

use std::sync::Arc;
use std::time::Duration;

use landgavel_log::cosignature::{CosignatureError, cosign};
use landgavel_log::policy::Policy;
use landgavel_log::proof::{Proof, ProofError};
use landgavel_log::tree::{HashReader as _, TreeError};
use landgavel_log::witness::{AddCheckpoint, AnswerError};
use landgavel_log::witnessed::WitnessedError;
use landgavel_server::clock::Clock;
use landgavel_server::http::Limits;
use landgavel_server::witness::{Asker, Fault, NotWitnessed, Patience, WitnessedNote};

use crate::liars::{Liar, Reply};
use crate::{Folder, History, Running, SetClock, open_cosigner, two_of_three, witness_key};

fn asker(patience: Duration) -> Asker {
    let clock: Arc<dyn Clock> = SetClock::at(100);
    Asker::new(clock, Patience { answer: patience, clock_s: 60 })
}

/// Long enough that a busy machine does not matter where an answer comes.
const LONG: Duration = Duration::from_secs(20);
/// Waited for in full where no answer comes.
const SHORT: Duration = Duration::from_millis(700);

/// An honest witness.
fn honest(name: &str, number: u8) -> (Folder, Running) {
    let folder = Folder::new(&format!("{name}-{number}"));
    let cosigner = open_cosigner(&folder.0, number, &SetClock::at(100));
    (folder, Running::start(cosigner, Limits::default()))
}

/// The text that was sent to be cosigned.
fn sent(body: &str) -> String {
    AddCheckpoint::parse(body.as_bytes()).unwrap().note.text().to_owned()
}

fn signed_by(number: u8, text: &str, time: u64) -> Reply {
    Reply::Status(200, format!("{}\n", cosign(text, &witness_key(number), time).unwrap()))
}

/// A way to lie: its name, who lies so, and whether a fault is what becomes of it.
type Lie = (&'static str, Liar, fn(&Fault) -> bool);

fn lies() -> Vec<Lie> {
    vec![
        ("signs another root", Liar::start(|_| signed_by(3, History::new(2).note(9).text(), 100)), |fault| {
            *fault == Fault::Answer(AnswerError::Cosignature(CosignatureError::Wrong))
        }),
        ("signs with another key", Liar::start(|body| signed_by(7, &sent(body), 100)), |fault| {
            *fault == Fault::Answer(AnswerError::OtherKey)
        }),
        ("signs with a clock of its own", Liar::start(|body| signed_by(3, &sent(body), 161)), |fault| {
            *fault == Fault::Clock(161)
        }),
        ("answers garbage", Liar::start(|_| Reply::Status(200, "<html>\u{0}</html>\n".into())), |fault| {
            *fault == Fault::Answer(AnswerError::Form)
        }),
        ("answers nothing", Liar::start(|_| Reply::Status(200, String::new())), |fault| {
            *fault == Fault::Answer(AnswerError::Form)
        }),
        ("says it saw more", Liar::start(|_| Reply::Status(409, "10\n".into())), |fault| {
            *fault == Fault::OtherSize(10)
        }),
        ("says a size that it was told", Liar::start(|_| Reply::Status(409, "0\n".into())), |fault| {
            *fault == Fault::OtherSize(0)
        }),
        ("says a size each time", Liar::start(|_| Reply::Status(409, "3\n".into())), |fault| {
            *fault == Fault::OtherSize(3)
        }),
        ("names no size", Liar::start(|_| Reply::Status(409, "many\n".into())), |fault| *fault == Fault::NoSize),
        ("claims a fork", Liar::start(|_| Reply::Status(422, "no\n".into())), |fault| *fault == Fault::Status(422)),
        ("fails", Liar::start(|_| Reply::Status(500, String::new())), |fault| *fault == Fault::Status(500)),
        ("sends elsewhere", Liar::start(|_| Reply::Redirects("http://127.0.0.1:1/".into())), |fault| {
            *fault == Fault::Status(307)
        }),
        ("floods", Liar::start(|_| Reply::Floods), |fault| *fault == Fault::TooLong),
        ("hangs", Liar::start(|_| Reply::Hangs), |fault| matches!(fault, Fault::Unreachable(_))),
    ]
}

/// Promise 14 of the design, over the wire: two of three, one of them lying in every way that is known here.
#[test]
fn no_receipt_is_accepted_without_the_quorum_whatever_one_witness_does() {
    let log = History::truth();
    for (name, liar, expected) in lies() {
        let ((_a, first), (_b, second)) = (honest("quorum", 1), honest("quorum", 2));
        let policy = two_of_three(&[first.url(), second.url(), liar.url()]);
        let WitnessedNote { note, witnessed, .. } = asker(LONG).collect(&log.note(9), &policy, &log).unwrap();
        assert_eq!((witnessed.at, witnessed.checkpoint.size), (100, 9), "{name}");
        let receipt = Proof::new(&*log, 4, note).unwrap();
        assert!(receipt.verify(log.hash(0, 4).unwrap(), &policy).is_ok(), "{name}");

        // The second honest one is gone: what is left is no quorum, and no receipt.
        let alone = two_of_three(&[first.url(), "http://127.0.0.1:1".into(), liar.url()]);
        let NotWitnessed { why, faults } = asker(SHORT).collect(&log.note(9), &alone, &log).unwrap_err();
        assert!(matches!(why, WitnessedError::NotEnough { of: 3, .. }), "{name}: {why}");
        let fault = faults.iter().find(|(who, _)| who == "w3").map(|(_, fault)| fault).unwrap();
        assert!(expected(fault), "{name}: {fault:?}");
        let receipt = Proof::new(&*log, 4, log.note(9)).unwrap();
        let verdict = receipt.verify(log.hash(0, 4).unwrap(), &alone);
        assert!(matches!(verdict, Err(ProofError::Witnessed(WitnessedError::NotEnough { .. }))), "{name}");
        assert!(liar.asked() <= 4, "{name}: nobody is asked without end");
    }
}

#[test]
fn a_log_that_forks_gets_no_quorum_for_its_second_history() {
    let witnesses = [honest("fork", 1), honest("fork", 2), honest("fork", 3)];
    let policy = two_of_three(&[0, 1, 2].map(|at: usize| witnesses[at].1.url()));
    let (log, other) = (History::truth(), History::new(5));
    // All three see the first history.
    let all = Policy::parse(&policy_text(&policy, 3)).unwrap();
    asker(LONG).collect(&log.note(9), &all, &log).unwrap();
    let NotWitnessed { why, faults } = asker(LONG).collect(&other.note(12), &policy, &other).unwrap_err();
    assert_eq!(why, WitnessedError::NotEnough { cosigned: 0, of: 3 });
    assert!(faults.iter().all(|(_, fault)| *fault == Fault::Status(422)), "{faults:?}");
    let NotWitnessed { faults, .. } = asker(LONG).collect(&other.note(9), &policy, &other).unwrap_err();
    assert!(faults.iter().all(|(_, fault)| *fault == Fault::Status(422)), "{faults:?}");
    // An older head of the same history gets none either: it would hide what came after.
    let NotWitnessed { faults, .. } = asker(LONG).collect(&log.note(6), &policy, &log).unwrap_err();
    assert!(faults.iter().all(|(_, fault)| *fault == Fault::OtherSize(9)), "{faults:?}");
}

/// The same witnesses, with another threshold.
fn policy_text(policy: &Policy, threshold: usize) -> String {
    let mut text = format!("log {}\n", policy.logs()[0]);
    for witness in policy.witnesses() {
        text += &format!("witness {} {} {}\n", witness.name, witness.key, witness.url.as_ref().unwrap());
    }
    text + &format!("group w {threshold} w1 w2 w3\nquorum w\n")
}

#[test]
fn a_log_and_its_witnesses_go_on_after_either_was_ended() {
    let log = History::truth();
    let mut witnesses = [honest("resume", 1), honest("resume", 2), honest("resume", 3)];
    let policy = |witnesses: &[(Folder, Running); 3]| {
        let urls = [0, 1, 2].map(|at: usize| witnesses[at].1.url());
        Policy::parse(&policy_text(&two_of_three(&urls), 3)).unwrap()
    };
    let remembers = asker(LONG);
    for size in [3, 7, 7, 20] {
        let witnessed = remembers.collect(&log.note(size), &policy(&witnesses), &log).unwrap();
        assert_eq!(witnessed.witnessed.times, [Some(100); 3]);
    }
    // Witness 2 is ended and comes again; the log forgot what it knew of all of them.
    let ended = std::mem::replace(&mut witnesses[1], honest("resume-place-holder", 1));
    drop(ended.1);
    let again = Running::start(open_cosigner(&ended.0.0, 2, &SetClock::at(100)), Limits::default());
    witnesses[1] = (ended.0, again);
    let witnessed = asker(LONG).collect(&log.note(33), &policy(&witnesses), &log).unwrap();
    assert_eq!((witnessed.witnessed.times.as_slice(), witnessed.faults.len()), (&[Some(100); 3][..], 0));
}

#[test]
fn what_cannot_be_asked_is_said_before_anybody_is() {
    let log = History::truth();
    let watcher = Liar::start(|_| Reply::Status(500, String::new()));
    let urls = [watcher.url(), watcher.url(), watcher.url()];
    let policy = two_of_three(&urls);
    let none = Policy::parse("quorum none\n").unwrap();
    assert_eq!(asker(LONG).collect(&log.note(9), &none, &log).unwrap_err().why, WitnessedError::NoWitnessAsked);
    let unsigned = landgavel_log::note::Note::new(log.note(9).text().to_owned()).unwrap();
    let why = asker(LONG).collect(&unsigned, &policy, &log).unwrap_err().why;
    assert!(matches!(why, WitnessedError::Note(_)));
    assert_eq!(watcher.asked(), 0);

    let text = policy_text(&policy, 2).replace(&watcher.url(), "");
    let NotWitnessed { faults, .. } =
        asker(LONG).collect(&log.note(9), &Policy::parse(&text).unwrap(), &log).unwrap_err();
    assert!(faults.len() == 3 && faults.iter().all(|(_, fault)| *fault == Fault::NoAddress), "{faults:?}");

    // A witness that says a size whose hashes the log has lost.
    struct Lost;
    impl landgavel_log::tree::HashReader for Lost {
        fn hash(&self, _: u8, _: u64) -> Option<landgavel_log::tree::Hash> {
            None
        }
    }
    let asks_for_a_proof = Liar::start(|_| Reply::Status(409, "3\n".into()));
    let policy = two_of_three(&[0; 3].map(|_| asks_for_a_proof.url()));
    let NotWitnessed { faults, .. } = asker(LONG).collect(&log.note(9), &policy, &Arc::new(Lost)).unwrap_err();
    assert!(matches!(faults[0].1, Fault::Tree(TreeError::Missing { .. })), "{faults:?}");
}
