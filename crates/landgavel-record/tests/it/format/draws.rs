use landgavel_base::{Digest, Quantity};
use landgavel_beacon::LocalChain;
use landgavel_record::record::sources::{commit_reveal_output, number_output, party_commitment};
use landgavel_record::record::{SealedAmounts, identity_commitment, sealed_plaintext};
use landgavel_sale::mechanism::{commitment_digest, entrants_root, seal_digest, seed, shuffle, tickets_order};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{bytes_of, compare, hex};

fn digest(text: &str) -> Digest {
    Digest(bytes_of(text))
}

fn quantity(quanta: i64) -> Quantity {
    Quantity::new(quanta).unwrap()
}

fn commitments() -> Value {
    let (lot, stage) = ("cn/zhejiang/示例", "price");
    let secrets =
        [("cap", 0), ("cap", 2340), ("reserve", -1), ("reserve", 9_007_199_254_740_991)].map(|(secret, value)| {
            let salt = digest(secret);
            let made = commitment_digest(lot, stage, secret, quantity(value), salt);
            json!({"lot": lot, "stage": stage, "secret": secret, "value": value, "salt": salt.to_string(),
               "commitment": made.to_string()})
        });
    let seals =
        [("A", vec![]), ("竞买人一", vec![1200]), ("B", vec![1200, -5, 0])].map(|(code, amounts): (_, Vec<i64>)| {
            let salt = digest(code);
            let quantities: Vec<Quantity> = amounts.iter().copied().map(quantity).collect();
            let made = seal_digest(lot, stage, code, &quantities, salt);
            let hidden = sealed_plaintext(&SealedAmounts { amounts: quantities, salt });
            json!({"lot": lot, "stage": stage, "bidder": code, "amounts": amounts, "salt": salt.to_string(),
               "commitment": made.to_string(), "hidden": hex(&hidden)})
        });
    let parties = ["notary", "公证处"].map(|name| {
        let secret = digest(name);
        json!({"lot": lot, "party": name, "secret": secret.to_string(),
               "commitment": party_commitment(lot, name, secret).to_string()})
    });
    let identities = [("A", "示例轴承一厂"), ("B", "x")].map(|(code, identity)| {
        let salt = digest(identity);
        json!({"lot": lot, "bidder": code, "salt": salt.to_string(), "identity": identity,
               "commitment": identity_commitment(lot, code, salt, identity).to_string()})
    });
    json!({"secrets": secrets, "seals": seals, "parties": parties, "identities": identities})
}

fn rounds() -> Vec<Value> {
    let chain = LocalChain::from_seed([1; 32], 1_700_000_000, 3).unwrap();
    let genesis = 1_700_000_000_000_i64;
    [0, genesis - 1, genesis, genesis + 1, genesis + 2999, genesis + 3000, genesis + 3001, 253_402_300_799_999]
        .iter()
        .map(|time| {
            json!({"genesis_s": 1_700_000_000, "period_s": 3, "time_ms": time,
                           "round": chain.chain().round_at(*time).unwrap()})
        })
        .collect()
}

fn roots() -> Vec<Value> {
    let numbered: Vec<String> = (0..11).map(|number| format!("竞{number}")).collect();
    let numbered: Vec<&str> = numbered.iter().map(String::as_str).collect();
    [vec![], vec!["A"], vec!["B", "A"], vec!["b", "B", "10", "9", "é", "z"], numbered]
        .into_iter()
        .map(|codes| json!({"codes": codes, "root": entrants_root(&codes).to_string()}))
        .collect()
}

/// The words of a seed, by the page alone.
fn words(seed: Digest, count: usize) -> Vec<String> {
    let block = |number: u64| Sha256::new_with_prefix(seed.0).chain_update(number.to_be_bytes()).finalize();
    (0..)
        .flat_map(|number| {
            let block = block(number);
            [0, 8, 16, 24].map(|at| u64::from_be_bytes(block[at..at + 8].try_into().unwrap()).to_string())
        })
        .take(count)
        .collect()
}

#[test]
fn draws_and_commitments() {
    let secrets = [digest("one"), digest("two")];
    let signature = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";
    let bytes: Vec<u8> = (0..48).map(|at| u8::from_str_radix(&signature[2 * at..2 * at + 2], 16).unwrap()).collect();
    let numbers = ["7", "07 12 31", "体彩 3D 第2026001期 5 8 2"]
        .map(|number| json!({"number": number, "output": number_output(number).to_string()}));
    let outputs = json!({
        "numbers": numbers,
        "secrets": [{"secrets": secrets.map(|secret| secret.to_string()), "output": commit_reveal_output(&secrets).to_string()}],
        "signatures": [{"signature": signature, "output": Digest(Sha256::digest(&bytes).into()).to_string()}],
    });
    let root = entrants_root(&["A", "B", "C"]);
    let seeds: Vec<Value> = [vec![], vec![digest("x")], vec![digest("x"), digest("y")]]
        .into_iter()
        .map(|outputs| {
            let made = seed("lot/一", "lottery", root, &outputs);
            json!({"lot": "lot/一", "stage": "lottery", "root": root.to_string(),
                   "outputs": outputs.iter().map(Digest::to_string).collect::<Vec<_>>(), "seed": made.to_string()})
        })
        .collect();
    let known = Digest::from_hex("aa973faad65f84b8a443cede8d51fa12567af43c88973aef8ec8a5b460995cc7").unwrap();
    let shuffles: Vec<Value> = [0, 1, 2, 3, 5, 10, 64, 257]
        .into_iter()
        .flat_map(|count| [(known, count), (digest("another"), count)])
        .map(|(seed, count)| json!({"seed": seed.to_string(), "count": count, "order": shuffle(seed, count)}))
        .collect();
    let weighted: Vec<Value> = [
        vec![1, 2, 3],
        vec![0, 5, 0],
        vec![0, 0],
        vec![1_000_000, 1, 1, 1_000_000],
        vec![1; 12],
    ]
    .into_iter()
    .map(|tickets| json!({"seed": known.to_string(), "tickets": tickets, "order": tickets_order(known, &tickets)}))
    .collect();
    compare(
        "draw.json",
        &json!({"about": "Commitments, rounds, and draws, docs/format/draw.md. Words are decimal, as they go beyond 2^53.",
                "commitments": commitments(), "rounds": rounds(), "roots": roots(), "outputs": outputs, "seeds": seeds,
                "words": [{"seed": known.to_string(), "words": words(known, 9)}],
                "shuffles": shuffles, "weighted": weighted}),
    );
}
