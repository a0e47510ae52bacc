use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, Signature, SigningKey, VerifierKey};
use landgavel_log::policy::Policy;
use landgavel_log::tree::Hash;
use landgavel_record::verify::believe;
use serde_json::{Value, json};

use super::{bytes_of, compare, hex};

const ORIGIN: &str = "vectors.invalid/log";

fn key_of(name: &str, kind: KeyKind, seed: &str) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&bytes_of(seed))).unwrap()
}

fn log() -> SigningKey {
    key_of(ORIGIN, KeyKind::Ed25519, "log")
}

fn other_log() -> SigningKey {
    key_of(ORIGIN, KeyKind::Ed25519, "the log's second key")
}

fn witness(number: u8) -> SigningKey {
    let name = format!("w{number}.vectors.invalid");
    key_of(&name, KeyKind::Cosignature, &name)
}

fn witness_line(number: u8) -> String {
    format!("witness w{number} {}\n", witness(number).verifier())
}

fn log_line() -> String {
    format!("log {}\n", log().verifier())
}

fn base() -> String {
    log_line() + &witness_line(1) + &witness_line(2) + &witness_line(3)
}

/// Policies that can be read, by name.
fn policies() -> Vec<(&'static str, String)> {
    let spaced = format!(
        "# a comment\n\n \t# another\n\tlog \t {}  https://log.vectors.invalid/ \n{}  quorum\tw1",
        log().verifier(),
        witness_line(1)
    );
    vec![
        ("one", log_line() + &witness_line(1) + "quorum w1\n"),
        ("two of three", base() + "group all-of-them 2 w1 w2 w3\nquorum all-of-them\n"),
        ("all", base() + "group g all w1 w2 w3\nquorum g\n"),
        ("any", base() + "group g any w1 w2 w3\nquorum g\n"),
        ("groups", base() + "group a all w1 w2\ngroup b any a w3\nquorum b\n"),
        ("no witness", log_line() + "quorum none\n"),
        ("spaced", spaced),
        ("two logs", format!("{}log {}\n{}quorum w1\n", log_line(), other_log().verifier(), witness_line(1))),
    ]
}

/// Policies that cannot be read.
fn bad_policies() -> Vec<(String, &'static str)> {
    let (log, one, two) = (log_line(), witness_line(1), witness_line(2));
    let vkey = witness(1).verifier().to_string();
    let mut bad = vec![
        (log.clone() + &one, "no quorum"),
        (log.clone() + &one + "quorum w1\nquorum w1\n", "two quorums"),
        (log.clone() + &one + "quorum w2\n", "a name that is not defined"),
        (log.clone() + "quorum w1\n" + &one, "a name that is defined later"),
        (log.clone() + &one + &one + "quorum w1\n", "a name twice"),
        (log.clone() + &one + &one.replace("w1 ", "w9 ") + "quorum w1\n", "a witness's key twice"),
        (log.clone() + &log + &one + "quorum w1\n", "a log's key twice"),
        (log.clone() + &one.replace("witness w1", "witness none") + "quorum none\n", "a witness named none"),
        (log.clone() + &one + "group w1 any w1\nquorum w1\n", "a group with a witness's name"),
        (log.clone() + &one + &two + "group a any w1 w2\ngroup b any w1\nquorum b\n", "a member of two groups"),
        (log.clone() + &one + "group a any w1 w1\nquorum a\n", "a member twice"),
        (log.clone() + &one + "group a any a\nquorum a\n", "a group in itself"),
        (log.clone() + "group a any\nquorum a\n", "a group of nobody"),
        (log.clone() + &one + "group a 0 w1\nquorum a\n", "a threshold of 0"),
        (log.clone() + &one + "group a 2 w1\nquorum a\n", "a threshold above the members"),
        (log.clone() + &one + "group a 01 w1\nquorum a\n", "a threshold with a leading zero"),
        (log.clone() + &one + "group a most w1\nquorum a\n", "a threshold of another word"),
        (log.clone() + &one + "quorum w1 w2\n", "a word too many"),
        (log.clone() + &one + "Quorum w1\n", "another word"),
        (log.clone() + &one.replace(" w1 ", " w1\u{b}") + "quorum w1\n", "a control character"),
        (log.clone() + &one + "quorum w1\r\n", "a carriage return"),
        (log.clone() + "log\n" + &one + "quorum w1\n", "a log without a key"),
        (format!("log {vkey}\n{one}quorum w1\n"), "a witness's key for a log"),
        (log.clone() + &one.replace(&vkey, &log[4..log.len() - 1]) + "quorum w1\n", "a log's key for a witness"),
    ];
    let logs: String = (0..65)
        .map(|number| format!("log {}\n", key_of("l", KeyKind::Ed25519, &number.to_string()).verifier()))
        .collect();
    bad.push((logs + &one + "quorum w1\n", "65 logs"));
    bad
}

/// Texts of keys of notes.
fn verifier_keys() -> Vec<Value> {
    let (key, vkey) = (witness(1), witness(1).verifier().to_string());
    let (name, rest) = vkey.split_once('+').unwrap();
    let (id, encoded) = rest.split_once('+').unwrap();
    let with_bytes = |bytes: &[u8]| {
        use sha2::Digest as _;
        let hash = sha2::Sha256::new().chain_update(name).chain_update([10]).chain_update(bytes).finalize();
        format!("{name}+{}+{}", hex(&hash[..4]), BASE64_STANDARD.encode(bytes))
    };
    let bytes = BASE64_STANDARD.decode(encoded).unwrap();
    let mut low_order = vec![4];
    low_order.extend([1].iter().chain(&[0; 31]));
    [
        (vkey.clone(), "a witness's key"),
        (log().verifier().to_string(), "a log's key"),
        (format!("{name}+{id}"), "no key"),
        (format!("{name}+{}+{encoded}", id.to_uppercase()), "upper case in the id"),
        (format!("{name}+00000000+{encoded}"), "another id"),
        (format!("+{id}+{encoded}"), "no name"),
        (format!("a b+{id}+{encoded}"), "a space in the name"),
        (format!("{name}+{id}+{}", encoded.trim_end_matches('=')), "base64 without padding"),
        (with_bytes(&bytes), "the id that belongs to it"),
        (with_bytes(&bytes[..32]), "31 bytes"),
        (with_bytes(&[&[2], &bytes[1..]].concat()), "a type that is not used here"),
        (with_bytes(&low_order), "a point of low order"),
        (
            VerifierKey::new("落槌 ".trim(), KeyKind::Ed25519, key.verifier().key().clone()).unwrap().to_string(),
            "a name in Chinese",
        ),
    ]
    .into_iter()
    .map(|(text, what)| json!({"key": text, "what": what, "is_key": VerifierKey::parse(&text).is_ok()}))
    .collect()
}

fn checkpoint(size: u64) -> Note {
    let root = Hash(bytes_of("root"));
    Checkpoint { origin: ORIGIN.to_owned(), size, root, extensions: Vec::new() }.sign(&log()).unwrap()
}

/// A checkpoint, cosigned by these at these times.
fn cosigned(by: &[(u8, u64)]) -> Note {
    let mut note = checkpoint(7);
    for (number, time) in by {
        note.add(cosign(note.text(), &witness(*number), *time).unwrap()).unwrap();
    }
    note
}

fn of_text(text: &str) -> String {
    let mut note = Note::new(text.to_owned()).unwrap();
    note.sign(&log()).unwrap();
    note.add(cosign(note.text(), &witness(1), 1000).unwrap()).unwrap();
    note.to_string()
}

/// Checkpoints with the policy to judge them by, and what they are.
fn checkpoints() -> Vec<(&'static str, String, &'static str)> {
    let one = cosigned(&[(1, 1000)]);
    let text = one.to_string();
    let root = BASE64_STANDARD.encode(bytes_of("root"));
    let line = |number: usize| text.lines().nth(4 + number).unwrap().to_owned();
    let mut stray = one.clone();
    stray.add(cosign(one.text(), &witness(9), 1000).unwrap()).unwrap();
    let mut wrong = one.clone();
    let mut bytes = cosign(one.text(), &witness(2), 1000).unwrap().bytes;
    bytes[9] ^= 1;
    wrong.add(Signature::by(witness(2).verifier(), bytes)).unwrap();
    let mut at_zero = checkpoint(7);
    at_zero.add(Signature::by(witness(1).verifier(), [vec![0; 8], vec![1; 64]].concat())).unwrap();
    let mut without_log = Note::new(one.text().to_owned()).unwrap();
    without_log.add(one.signatures()[1].clone()).unwrap();
    let mut second_log = one.clone();
    second_log.sign(&other_log()).unwrap();
    let mut second_log_alone = without_log.clone();
    second_log_alone.sign(&other_log()).unwrap();
    let mut second_log_wrong = one.clone();
    second_log_wrong.add(Signature::by(other_log().verifier(), vec![7; 64])).unwrap();
    let mut many = one.clone();
    while many.signatures().len() < 64 {
        many.add(one.signatures()[1].clone()).unwrap();
    }
    let too_many = format!("{many}{}\n", line(1));
    vec![
        ("one", text.clone(), "signed and cosigned"),
        ("spaced", text.clone(), "the same"),
        ("one", cosigned(&[(1, 2000), (1, 1000), (1, 3000)]).to_string(), "one witness at three times"),
        ("one", many.to_string(), "64 signatures"),
        ("one", too_many, "65 signatures"),
        ("no witness", checkpoint(7).to_string(), "a quorum of nobody"),
        ("one", checkpoint(7).to_string(), "not cosigned"),
        ("two of three", text.clone(), "cosigned by one of three"),
        ("two of three", cosigned(&[(3, 30), (1, 10)]).to_string(), "cosigned by two of three"),
        ("two of three", cosigned(&[(3, 30), (1, 10), (2, 20)]).to_string(), "cosigned by all: the second was enough"),
        ("all", cosigned(&[(3, 30), (1, 10)]).to_string(), "cosigned by two, all are needed"),
        ("all", cosigned(&[(3, 30), (1, 10), (2, 20)]).to_string(), "cosigned by all"),
        ("any", cosigned(&[(3, 30), (2, 20)]).to_string(), "any is enough"),
        ("groups", cosigned(&[(1, 10), (2, 50)]).to_string(), "a group within a group"),
        ("groups", cosigned(&[(1, 10), (3, 70)]).to_string(), "the other member of the group"),
        ("groups", cosigned(&[(1, 10)]).to_string(), "half of a group"),
        ("one", stray.to_string(), "a signature by a key that the policy does not name"),
        ("two of three", wrong.to_string(), "a cosignature that is not valid"),
        ("one", at_zero.to_string(), "a cosignature of the time 0"),
        ("one", without_log.to_string(), "not signed by the log"),
        ("two logs", second_log.to_string(), "signed by both keys of the log"),
        ("two logs", second_log_alone.to_string(), "signed by the second key of the log alone"),
        ("two logs", second_log_wrong.to_string(), "the second key's signature is not valid"),
        ("one", text.replacen("\n7\n", "\n8\n", 1), "another size"),
        ("one", text.replacen(ORIGIN, "vectors.invalid/other", 1), "another origin"),
        ("one", of_text(&format!("{ORIGIN}\n07\n{root}\n")), "a size with a leading zero"),
        ("one", of_text(&format!("{ORIGIN}\n9223372036854775808\n{root}\n")), "a size of 2^63"),
        ("one", of_text(&format!("{ORIGIN}\n9223372036854775807\n{root}\n")), "a size of 2^63 - 1"),
        ("one", of_text(&format!("{ORIGIN}\n7\n{}\n", &root[..40])), "a root that is too short"),
        ("one", of_text(&format!("{ORIGIN}\n7\n{root}\nextension\n")), "a fourth line"),
        ("one", of_text(&format!("{ORIGIN}\n7\n")), "two lines"),
        ("one", text.replacen("— ", "- ", 1), "another dash"),
        ("one", text.replacen("— ", "—  ", 1), "two spaces"),
        ("one", text.trim_end_matches('\n').to_owned(), "no line end"),
        ("one", format!("{text}\n"), "an empty line at the end"),
        ("one", text.replacen("\n\n", "\n", 1), "no empty line"),
        ("one", text.replacen("=\n— w1", "\n— w1", 1), "base64 without padding"),
        ("one", text.replace('\n', "\r\n"), "carriage returns"),
        ("one", format!("{}— {ORIGIN} AAAA\n", text), "a signature of no bytes"),
    ]
}

#[test]
fn keys_policies_and_checkpoints() {
    let policies = policies();
    let policy = |name: &str| {
        let text = policies.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str());
        Policy::parse(text.unwrap()).unwrap()
    };
    let refused: Vec<Value> = bad_policies()
        .into_iter()
        .map(|(text, why)| {
            let error = Policy::parse(&text).expect_err(why);
            json!({"policy": text, "line": error.line, "why": why})
        })
        .collect();
    let judged: Vec<Value> = checkpoints()
        .into_iter()
        .map(|(by, note, what)| {
            let believed = believe(&policy(by), &note).ok().map(|(checkpoint, witnessed_s)| {
                json!({"origin": checkpoint.origin, "size": checkpoint.size.to_string(), "root": hex(&checkpoint.root.0),
                       "witnessed_s": witnessed_s})
            });
            json!({"policy": by, "note": note, "what": what, "believed": believed})
        })
        .collect();
    let believed = judged.iter().filter(|case| !case["believed"].is_null()).count();
    assert!((12..=20).contains(&believed), "{believed}");
    let named: serde_json::Map<String, Value> =
        policies.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    compare(
        "notes.json",
        &json!({"about": "Keys of notes, policies, and checkpoints as a bundle's own policy judges them, \
                          docs/format/bundle.md. `believed` is null for a checkpoint that must not be believed; sizes are \
                          decimal, as they go beyond 2^53.",
                "keys": verifier_keys(), "policies": named, "refused_policies": refused, "checkpoints": judged}),
    );
}
