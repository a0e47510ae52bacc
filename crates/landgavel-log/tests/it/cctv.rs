//! The edge cases of Ed25519 that C2SP collects (CCTV, `ed25519`, commit 0fb2c3b of April 2023): points of low
//! and mixed order, encodings that are not canonical. Verifiers differ on them; ours gives libsodium's verdict.

use landgavel_log::ed25519::PublicKey;
use landgavel_log::frequent::{BaseTable, FrequentKey};
use serde_json::Value;

const VECTORS: &str = include_str!("../cctv/ed25519vectors.json");

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn forty_three_of_914_edge_cases_are_accepted_and_both_verdicts_agree() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let text = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
    let (base, mut accepted) = (BaseTable::new(), 0);
    for vector in &vectors {
        let number = &vector["number"];
        let (message, signature) = (text(vector, "msg"), hex(&text(vector, "sig")));
        let flags: Vec<&str> = vector["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let verdict = PublicKey::from_bytes(&hex(&text(vector, "key"))).is_ok_and(|key| {
            let plain = key.verifies(message.as_bytes(), &signature);
            assert_eq!(FrequentKey::new(&key, &base).verifies(message.as_bytes(), &signature), plain, "{number}");
            plain
        });
        // A part of low order in a point is no reason to refuse: what is left over in the equation is.
        let harmless = |flag: &&str| matches!(*flag, "low_order_component_A" | "low_order_component_R");
        assert_eq!(verdict, flags.iter().all(harmless), "{number}: {flags:?}");
        accepted += u32::from(verdict);
    }
    assert_eq!((vectors.len(), accepted), (914, 43));
}
