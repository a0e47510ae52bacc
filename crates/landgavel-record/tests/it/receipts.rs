//! Receipts of a bundle's entries, judged without the bundle.

use landgavel_log::policy::Policy;
use landgavel_log::proof::Proof;
use landgavel_record::bundle::{BundleFiles as _, ENTRIES_MAX};
use landgavel_record::receipt::{NotMade, ReceiptReport, judge, make};

use crate::tampering::{Bundle, P1, P1_COMMANDS, run};

fn policy(bundle: &Bundle) -> Policy {
    Policy::parse(std::str::from_utf8(&bundle.0["policy.txt"]).unwrap()).unwrap()
}

/// Entries of a bundle of fewer than 256.
fn entries(bundle: &Bundle) -> Vec<Vec<u8>> {
    let (path, bytes) = bundle.0.iter().find(|(path, _)| path.starts_with("tile/entries/000.p/")).unwrap();
    let width = path.rsplit('/').next().unwrap().parse().unwrap();
    let entries = landgavel_log::tile::decode_bundle(bytes, width).unwrap();
    entries.into_iter().map(<[u8]>::to_vec).collect()
}

fn code(report: &ReceiptReport) -> &'static str {
    report.verdict.as_ref().err().map_or("holds", |wrong| wrong.code)
}

#[test]
fn every_entry_of_a_sale_has_a_receipt_under_the_first_checkpoint_that_covers_it() {
    let bundle = run(P1, P1_COMMANDS, usize::MAX);
    let (policy, entries) = (policy(&bundle), entries(&bundle));
    assert!(entries.len() > 20);
    let mut before = 0;
    for (number, entry) in (0..).zip(&entries) {
        let receipt = make(&bundle, number).unwrap().to_string();
        let report = judge(receipt.as_bytes(), &policy, Some(entry));
        let proven = report.verdict.unwrap();
        assert_eq!((proven.index, &proven.entry), (number, entry));
        assert_eq!(proven.witnesses, ["witness-1", "witness-2", "witness-3"]);
        // What the witnesses saw soon after the entry, not at the end of the sale.
        let at_s: u64 = std::str::from_utf8(entry)
            .unwrap()
            .split("\"at_ms\":")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            / 1000;
        assert!((at_s..=at_s + 2).contains(&proven.witnessed_s), "{number}: {at_s} {}", proven.witnessed_s);
        assert!(proven.size > number && proven.size >= before);
        before = proven.size;
    }
    assert_eq!(make(&bundle, entries.len() as u64), Err(NotMade::NoSuchEntry { size: entries.len() as u64 }));
    assert!(matches!(make(&bundle, u64::MAX), Err(NotMade::NoSuchEntry { .. })));
}

#[test]
fn what_is_wrong_with_a_receipt_has_a_code() {
    let bundle = run(P1, P1_COMMANDS, 4);
    let (policy, entries) = (policy(&bundle), entries(&bundle));
    let receipt = make(&bundle, 1).unwrap();
    let text = receipt.to_string();
    let bare: String =
        text.lines().filter(|line| !line.starts_with("extra ")).map(|line| format!("{line}\n")).collect();
    let judged = |receipt: &str, entry: Option<&[u8]>| code(&judge(receipt.as_bytes(), &policy, entry));
    assert_eq!(judged(&text, None), "holds");
    assert_eq!(judged(&text, Some(&entries[1])), "holds");
    assert_eq!(judged(&bare, Some(&entries[1])), "holds");
    assert_eq!(judged(&bare, None), "no_entry");
    assert_eq!(judged(&text, Some(&entries[2])), "other_entry");
    assert_eq!(judged(&bare, Some(&entries[2])), "not_included");
    assert_eq!(judged(&text.replace("index 1\n", "index 0\n"), None), "not_included");
    assert_eq!(judged("", None), "malformed");
    assert_eq!(judged(&"a".repeat(200_000), None), "too_large");
    let origin = receipt.note().text().lines().next().unwrap().to_owned();
    let without = |who: &str| -> String {
        text.lines().filter(|line| !line.contains(who)).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(judged(&without("witness-1"), None), "holds", "two of three are enough");
    assert_eq!(judged(&without("invalid/witness-"), None), "no_quorum");
    assert_eq!(judged(&without(&format!("— {origin} ")), None), "log_signature");
    let other = run("lots/cn/zhejiang/wenling/gy020108-2-four-part.toml", "", 0);
    let stranger = Policy::parse(std::str::from_utf8(&other.0["policy.txt"]).unwrap()).unwrap();
    assert_eq!(code(&judge(text.as_bytes(), &stranger, None)), "unknown_log");
    assert_eq!(code(&judge(text.as_bytes(), &Policy::parse("quorum none\n").unwrap(), None)), "no_quorum_asked");
    let mixed = make(&other, 0).unwrap().to_string();
    assert_eq!(judged(&mixed, None), "unknown_log", "a receipt of another sale");
    let report = judge(b"", &policy, None).json();
    assert!(report.starts_with("{\"format\":\"landgavel-receipt-report/1\",\"proven\":null,"), "{report}");
}

#[test]
fn what_is_made_of_a_changed_bundle_holds_or_is_not_made() {
    let good = run(P1, P1_COMMANDS, 4);
    assert!(make(&good, 2).is_ok());
    for (path, bytes) in &good.0 {
        let matters = path.starts_with("tile/0") || path == "policy.txt" || path == "checkpoints.jsonl";
        for at in (0..bytes.len()).step_by(37).filter(|_| matters) {
            let mut bad = good.clone();
            bad.0.get_mut(path).unwrap()[at] ^= 1;
            let made = make(&bad, 2);
            // A hash that this receipt does not need may differ; what is made then holds all the same.
            let holds = |proof: &Proof| judge(proof.to_string().as_bytes(), &policy(&good), None).holds();
            assert!(made.as_ref().map_or(true, holds), "{path}: byte {at}");
        }
    }
    let entry = |bundle: &Bundle| entries(bundle)[2].clone();
    let mut bad = good.clone();
    let path = good.0.keys().find(|path| path.starts_with("tile/entries/")).unwrap();
    let (bytes, lie) = (good.read(path, ENTRIES_MAX).unwrap(), entry(&good)[40]);
    let at = bytes.windows(30).position(|window| window == &entry(&good)[40..70]).unwrap();
    bad.0.get_mut(path).unwrap()[at] = lie ^ 1;
    assert!(matches!(make(&bad, 2), Err(NotMade::DoesNotHold(_))));
    for path in ["policy.txt", "checkpoints.jsonl", path.as_str()] {
        let mut bad = good.clone();
        bad.0.remove(path);
        assert!(matches!(make(&bad, 2), Err(NotMade::File(..))), "{path}");
    }
}
