//! The certificates of the sample sale, scored again from the shipped card and tables.

use std::path::Path;

use landgavel_base::{Digest, FactValue};
use landgavel_record::record::{StandingCertificate, sha256, stated_identity};
use serde_json::Value;

use super::{scores, shipped};

const CARD: &str = "scorecards/cn/zhejiang/huangyan/on-scale/2022.toml";

/// Firm and salt of a bidder, which stand in the head of the file.
fn applicant(file: &str, code: &str) -> (String, Digest) {
    let line = file.lines().find(|line| line.starts_with(&format!("#   {code}  "))).expect("a line of the head");
    let mut words = line.split_whitespace().skip(2);
    let firm = words.next().expect("a firm").to_owned();
    (firm, Digest::from_hex(words.next().expect("a salt")).expect("a digest"))
}

#[test]
fn whoever_is_shown_card_and_table_finds_the_grade_of_a_certificate_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a shipped file");
    let file = read("lots/cn/zhejiang/sample/graded-2034.commands.jsonl");
    let card = shipped(CARD);
    let mut count = 0;
    for line in file.lines().filter(|line| line.starts_with('{')) {
        let command: Value = serde_json::from_str(line).expect("a command");
        for certificate in command["certificates"].as_array().into_iter().flatten() {
            let text = certificate["text"].as_str().expect("a text");
            let certificate = StandingCertificate::parse(text).expect("a certificate");
            let code = command["bidder"].as_str().expect("a code");
            let (firm, salt) = applicant(&file, code);
            let identity = stated_identity("cn/zhejiang/sample/graded-2034", code, salt, &firm);
            assert_eq!((certificate.identity.as_str(), command["identity"].as_str()), (&*identity, Some(&*identity)));
            assert_eq!(
                (certificate.basis.card, certificate.basis.card_sha256),
                (card.card.id.clone(), sha256(&card.text))
            );
            let tables = ["2031", "2033"].map(|year| read(&format!("data/samples/firms-{year}.csv")));
            let table = tables.iter().find(|table| sha256(table.as_bytes()) == certificate.basis.table_sha256);
            let scored = scores(&card, table.expect("a shipped table"));
            let grade = scored.into_iter().find(|row| row.0 == firm).expect("the firm").3;
            assert_eq!(certificate.value, FactValue::Text(grade), "{code}");
            count += 1;
        }
    }
    assert_eq!(count, 4);
}
