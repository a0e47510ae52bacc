//! Receipts on the command line.

use std::fs;

use crate::{COMMANDS, Desk, LOT, landgavel};

fn words(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_receipt_of_a_bundle_is_verified_without_the_bundle() {
    let desk = Desk::new("receipt");
    let (bundle, receipt, policy) = (desk.path("bundle"), desk.path("bid.tlog-proof"), desk.path("policy.txt"));
    landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle]);
    let made = landgavel(&["receipt", "make", &bundle, "12", "--out", &receipt]);
    assert_eq!(made.status.code(), Some(0), "{}", words(&made));
    let printed = landgavel(&["receipt", "make", &bundle, "12"]);
    assert_eq!(printed.stdout, fs::read(&receipt).unwrap(), "without --out it goes to standard output");
    fs::rename(desk.0.join("bundle/policy.txt"), &policy).unwrap();
    fs::remove_dir_all(&bundle).unwrap();

    let verified = landgavel(&["receipt", "verify", &receipt, "--policy", &policy, "--json"]);
    assert_eq!(verified.status.code(), Some(0), "{}", words(&verified));
    let report: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((report["verdict"].as_str(), report["proven"]["index"].as_u64()), (Some("holds"), Some(12)));
    let entry: serde_json::Value = serde_json::from_str(report["proven"]["entry"].as_str().unwrap()).unwrap();
    assert_eq!(entry["entry"], 12);
    let said = words(&landgavel(&["receipt", "verify", &receipt, "--policy", &policy]));
    assert!(said.contains("成立 · it holds") && said.contains("witness-1, witness-2, witness-3 (3 of 3)"), "{said}");

    // The entry in a file: the same one holds, another does not.
    let file = desk.path("entry.json");
    fs::write(&file, report["proven"]["entry"].as_str().unwrap()).unwrap();
    let with_entry = |file: &str| landgavel(&["receipt", "verify", &receipt, "--policy", &policy, "--entry", file]);
    assert_eq!(with_entry(&file).status.code(), Some(0));
    assert_eq!(with_entry(&policy).status.code(), Some(1));
}

#[test]
fn a_receipt_that_does_not_hold_ends_with_1_and_what_cannot_be_read_with_2() {
    let desk = Desk::new("receipt-wrong");
    let (bundle, receipt, policy) = (desk.path("bundle"), desk.path("a.tlog-proof"), desk.path("bundle/policy.txt"));
    landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle]);
    landgavel(&["receipt", "make", &bundle, "3", "--out", &receipt]);
    let text = fs::read_to_string(&receipt).unwrap();
    let verify = |receipt: &str, policy: &str| landgavel(&["receipt", "verify", receipt, "--policy", policy, "--json"]);
    let wrong = desk.path("wrong.tlog-proof");
    let huge = "a".repeat(1 << 20);
    for (bytes, code) in [(text.replace("index 3", "index 4"), "not_included"), (huge, "too_large")] {
        fs::write(&wrong, bytes).unwrap();
        let output = verify(&wrong, &policy);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), report["wrong"]["code"].as_str()), (Some(1), Some(code)));
    }
    let no_policy = desk.path("none.txt");
    assert_eq!(verify(&receipt, &no_policy).status.code(), Some(2));
    assert_eq!(verify(&no_policy, &policy).status.code(), Some(2));
    fs::write(&no_policy, "quorum nobody\n").unwrap();
    let output = verify(&receipt, &no_policy);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("line 1: expected a name that an earlier line defines"), "{}", words(&output));
    fs::write(&no_policy, "quorum none\n").unwrap();
    assert_eq!(verify(&receipt, &no_policy).status.code(), Some(1), "a policy without witnesses believes nothing");

    let beyond = landgavel(&["receipt", "make", &bundle, "9999"]);
    assert_eq!(beyond.status.code(), Some(2));
    assert!(words(&beyond).contains("entry 9999: there is no such entry; they are 0 to"), "{}", words(&beyond));
    assert_eq!(landgavel(&["receipt", "make", &desk.path("nothing"), "0"]).status.code(), Some(2));
}
