//! Policies: the example of the specification, and one case for each fault.

use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, VerifierKey};
use landgavel_log::policy::{Evaluation, Policy, PolicyError, PolicyFault};
use proptest::prelude::*;

use crate::key;

fn witness(name: &str, seed: u8) -> String {
    let vkey = key(&format!("{name}.example"), KeyKind::Cosignature, seed).verifier().to_string();
    format!("witness {name} {vkey}\n")
}

fn log() -> String {
    format!("log {}\n", key("log.example/a", KeyKind::Ed25519, 100).verifier())
}

/// The two levels of groups in the example of C2SP tlog-policy.
fn example() -> String {
    let (x, y) = (["X1", "X2", "X3"], ["Y1", "Y2", "Y3"]);
    let mut text = log();
    x.iter().chain(&y).zip(1..).for_each(|(name, seed)| text += &witness(name, seed));
    text + "group X-witnesses 2 X1 X2 X3\n\
        group Y-witnesses any Y1 Y2 Y3\n\
        # Both.\n\n\
        \tgroup X-and-Y all X-witnesses  Y-witnesses \n\
        quorum X-and-Y\n"
}

#[test]
fn the_example_asks_two_of_x_and_one_of_y() {
    let policy = Policy::parse(&example()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 6));
    assert!(policy.requires_witnesses());
    // Every subset, against the words of the specification.
    for set in 0..64_u32 {
        let times: Vec<Option<u64>> = (0..6).map(|bit| (set >> bit & 1 == 1).then_some(9)).collect();
        let enough = (set & 7).count_ones() >= 2 && set >> 3 != 0;
        let expected = if enough { Evaluation::ReachedAt(9) } else { Evaluation::NotReached };
        assert_eq!(policy.evaluate(&times), expected, "{set:06b}");
    }
}

#[test]
fn the_quorum_is_reached_when_the_last_needed_witness_cosigned() {
    let policy = Policy::parse(&example()).unwrap();
    let times = [Some(30), Some(10), Some(20), None, Some(15), Some(99)];
    assert_eq!(policy.evaluate(&times), Evaluation::ReachedAt(20));
    let times = [Some(30), Some(10), Some(20), None, Some(99), Some(25)];
    assert_eq!(policy.evaluate(&times), Evaluation::ReachedAt(25));
    assert_eq!(policy.evaluate(&[]), Evaluation::NotReached);
}

/// A key's id has four bytes. With two keys of one name and id, nobody could say whose a signature line is.
#[test]
fn two_keys_of_one_name_and_id_are_refused() {
    let line = |number: u32, name: &str| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_le_bytes());
        let key = VerifierKey::new("w.example", KeyKind::Cosignature, SecretKey::from_seed(&seed).public()).unwrap();
        assert_eq!(key.id(), 0x4933_1df4);
        format!("witness {name} {key}\n")
    };
    let (one, two) = (line(55_442, "one"), line(96_780, "two"));
    assert_ne!(one[12..], two[12..]);
    let fault = Policy::parse(&(one.clone() + &two + "quorum one\n")).unwrap_err();
    assert_eq!(fault, PolicyError { line: 2, fault: PolicyFault::DuplicateKey });
    assert!(Policy::parse(&(one + "quorum one\n")).is_ok());
}

#[test]
fn a_policy_without_witnesses_says_so() {
    let policy = Policy::parse("quorum none\n").unwrap();
    assert!(!policy.requires_witnesses());
    assert_eq!(policy.evaluate(&[]), Evaluation::NotRequired);
    let single = Policy::parse(&(witness("w", 1) + "quorum w")).unwrap();
    assert_eq!(single.evaluate(&[Some(4)]), Evaluation::ReachedAt(4));
}

#[test]
fn each_fault_names_its_line() {
    let (a, b) = (witness("a", 1), witness("b", 2));
    let same_key_other_name = witness("c", 1);
    let as_log = a.replace("witness a", "log");
    for (text, line, fault) in [
        (a.clone(), 2, PolicyFault::NoQuorum),
        (String::new(), 1, PolicyFault::NoQuorum),
        ("quorum none\nquorum none\n".into(), 2, PolicyFault::SecondQuorum),
        (format!("{a}quorum b\n{b}"), 2, PolicyFault::UnknownName),
        (format!("{a}{same_key_other_name}quorum a\n"), 2, PolicyFault::DuplicateKey),
        (format!("{0}{0}quorum none\n", log()), 2, PolicyFault::DuplicateKey),
        (format!("{a}group a 1 a\n"), 2, PolicyFault::NameTaken),
        (format!("{a}group none 1 a\n"), 2, PolicyFault::NameTaken),
        (format!("{a}group g 1 g\n"), 2, PolicyFault::UnknownName),
        (format!("{a}group g 1 none\n"), 2, PolicyFault::UnknownName),
        (format!("{a}{b}group g 3 a b\n"), 3, PolicyFault::Threshold),
        (format!("{a}group g 0 a\n"), 2, PolicyFault::Threshold),
        (format!("{a}group g 01 a\n"), 2, PolicyFault::Threshold),
        ("group g all\n".into(), 1, PolicyFault::Threshold),
        (format!("{a}group g any a a\n"), 2, PolicyFault::MemberTwice),
        (format!("{a}group g any a\ngroup h any a\n"), 3, PolicyFault::MemberTwice),
        ("quorum\n".into(), 1, PolicyFault::Line),
        ("Quorum none\n".into(), 1, PolicyFault::Line),
        ("quorum none\r\n".into(), 1, PolicyFault::ControlCharacter),
    ] {
        assert_eq!(Policy::parse(&text), Err(PolicyError { line, fault }), "{text}");
    }
    assert!(matches!(Policy::parse(&as_log), Err(PolicyError { line: 1, fault: PolicyFault::Key(_) })));
    let crowd: String = (0..65).map(|seed| witness(&format!("w{seed}"), seed)).collect();
    assert_eq!(Policy::parse(&crowd), Err(PolicyError { line: 65, fault: PolicyFault::TooMany }));
}

proptest! {
    #[test]
    fn arbitrary_policies_are_read_or_refused(text in "((log|group|quorum|witness|#)[ \ta-c1none]{0,12}\n?){0,9}") {
        if let Ok(policy) = Policy::parse(&text) {
            let _ = policy.evaluate(&[Some(1)]);
        }
    }
}
