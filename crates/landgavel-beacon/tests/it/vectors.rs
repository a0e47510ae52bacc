//! The published vectors of the format: written by our implementation, opened by drand's in JavaScript.

use std::path::Path;

use ark_bls12_381::{Fq, Fq2, G2Affine};
use ark_ff::Field as _;
use ark_serialize::CanonicalSerialize as _;
use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use landgavel_beacon::{Chain, Envelope, EnvelopeError, LocalChain, MAX_PLAINTEXT, OpenError, open, seal, verify};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::hex;

const SEED: [u8; 32] = [7; 32];
const GENESIS_S: i64 = 1_700_000_000;
const PERIOD_S: u32 = 3;
const ROUND: u64 = 10;

const QUICKNET_ROUND: u64 = 123;
const QUICKNET_SIGNATURE: &str =
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";

fn local() -> LocalChain {
    LocalChain::from_seed(SEED, GENESIS_S, PERIOD_S).expect("possible times")
}

fn chain_named(name: &str) -> Chain {
    match name {
        "quicknet" => Chain::quicknet(),
        "local" => local().chain().clone(),
        other => panic!("no chain {other}"),
    }
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_else(|| panic!("no text {key}"))
}

/// The key of the encryption step, as the page of the format says it; not taken from the product.
fn key_of(chain: &Chain, round: u64, plaintext: &[u8], randomness: [u8; 32]) -> [u8; 16] {
    let length = u16::try_from(plaintext.len()).expect("it fits");
    let mut padded = [length.to_be_bytes().as_slice(), plaintext].concat();
    padded.resize(512, 0);
    let parts: [&[u8]; 5] = [b"landgavel/seal/1/keys", &randomness, &chain.hash(), &round.to_be_bytes(), &padded];
    Sha256::digest(parts.concat())[..16].try_into().expect("half of the digest")
}

fn body_key_of(key: &[u8; 16], envelope: &[u8]) -> [u8; 32] {
    Sha256::digest([b"landgavel/seal/1/body".as_slice(), key, &envelope[..176]].concat()).into()
}

fn chain_vector(chain: &Chain) -> Value {
    json!({
        "name": chain.name(),
        "public_key": hex::text(chain.public_key()),
        "genesis_seconds": chain.genesis_ms() / 1000,
        "period_seconds": chain.period_ms() / 1000,
        "hash": hex::text(&chain.hash()),
    })
}

fn opened_vector(chain: &Chain, round: u64, signature: &[u8], plaintext: &[u8], randomness: [u8; 32]) -> Value {
    let envelope = seal(chain, round, plaintext, randomness).expect("it fits");
    let key = key_of(chain, round, plaintext, randomness);
    json!({
        "chain": chain.name(),
        "round": round,
        "signature": hex::text(signature),
        "randomness": hex::text(&randomness),
        "plaintext": hex::text(plaintext),
        "key": hex::text(&key),
        "body_key": hex::text(&body_key_of(&key, envelope.as_bytes())),
        "envelope": hex::text(envelope.as_bytes()),
    })
}

/// The same sealed key around another body, as a hostile sealer could make it.
fn with_body(padded: &[u8; 512]) -> Vec<u8> {
    let chain = chain_named("local");
    let mut bytes = seal(&chain, ROUND, b"bid", [1; 32]).expect("it fits").as_bytes().to_vec();
    let body_key = body_key_of(&key_of(&chain, ROUND, b"bid", [1; 32]), &bytes);
    let mut body = *padded;
    let tag = ChaCha20Poly1305::new(&body_key.into())
        .encrypt_in_place_detached(&Nonce::default(), &bytes[..176], &mut body)
        .expect("it is short");
    bytes[176..688].copy_from_slice(&body);
    bytes[688..].copy_from_slice(&tag);
    bytes
}

fn point_outside_the_group() -> Vec<u8> {
    let point = (2_u64..)
        .find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::ONE), false))
        .expect("half of all numbers are a coordinate");
    let mut bytes = Vec::new();
    point.serialize_compressed(&mut bytes).expect("memory has room");
    bytes
}

/// Envelopes that an opener must refuse, each with the check of the format's page that it fails.
fn refused() -> Vec<(&'static str, u8, Vec<u8>)> {
    let chain = chain_named("local");
    let good = seal(&chain, ROUND, b"bid", [1; 32]).expect("it fits").as_bytes().to_vec();
    let changed = |at: usize, part: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + part.len()].copy_from_slice(part);
        bytes
    };
    let later = seal(&chain, ROUND + 1, b"bid", [1; 32]).expect("it fits").as_bytes().to_vec();
    let mislabelled = [&later[..40], &ROUND.to_be_bytes(), &later[48..]].concat();
    let identity = [&[0xc0][..], &[0; 95]].concat();
    let mut padded = [0; 512];
    padded[..5].copy_from_slice(b"\x00\x03bid");
    let padding = |at: usize, byte: u8| {
        let mut padded = padded;
        padded[at] = byte;
        with_body(&padded)
    };
    let long = |length: u16| {
        let mut padded = [0; 512];
        padded[..2].copy_from_slice(&length.to_be_bytes());
        with_body(&padded)
    };
    vec![
        ("one byte short", 1, good[..703].to_vec()),
        ("one byte long", 1, [good.as_slice(), &[0]].concat()),
        ("version 2", 2, changed(7, &[2])),
        ("round 0", 3, changed(40, &[0; 8])),
        ("the identity for U", 4, changed(48, &identity)),
        ("the identity for U, not canonical", 4, changed(48, &[&identity[..95], &[1]].concat())),
        ("U on the curve, outside the group", 4, changed(48, &point_outside_the_group())),
        ("U not compressed", 4, changed(48, &[good[48] & 0x7f])),
        ("another chain", 5, changed(8, &Chain::quicknet().hash())),
        ("another round", 5, later),
        ("sealed to the next round, with this round's label", 6, mislabelled),
        ("U is another point of the group", 6, changed(48, chain.public_key())),
        ("a bit of V", 6, changed(144, &[good[144] ^ 1])),
        ("a bit of W", 6, changed(175, &[good[175] ^ 0x80])),
        ("a bit of the body", 7, changed(687, &[good[687] ^ 1])),
        ("a bit of the tag", 7, changed(688, &[good[688] ^ 1])),
        ("a byte after the text", 8, padding(5, 1)),
        ("the last byte", 8, padding(511, 0xff)),
        ("a length of 481", 8, long(481)),
        ("a length of 511", 8, long(511)),
        ("a length of 65535", 8, long(65535)),
    ]
}

/// The number of the check on the format's page that an envelope fails.
fn failed_check(chain: &Chain, signature: &[u8], bytes: &[u8]) -> Option<u8> {
    let output = verify(chain, ROUND, signature).expect("its own signature");
    match Envelope::parse(bytes).map(|envelope| open(&output, &envelope)) {
        Err(EnvelopeError::Length { .. }) => Some(1),
        Err(EnvelopeError::Magic) => Some(2),
        Err(EnvelopeError::RoundZero) => Some(3),
        Err(EnvelopeError::Point) => Some(4),
        Ok(Err(OpenError::OtherChain | OpenError::OtherRound { .. })) => Some(5),
        Ok(Err(OpenError::NotSealedToRound)) => Some(6),
        Ok(Err(OpenError::Altered)) => Some(7),
        Ok(Err(OpenError::Padding)) => Some(8),
        Ok(Ok(_)) => None,
    }
}

fn vectors() -> Value {
    let local = local();
    let quicknet = Chain::quicknet();
    let signature = local.sign(ROUND);
    let full: Vec<u8> = (0..=255).cycle().take(MAX_PLAINTEXT).collect();
    let open_on_local =
        |plaintext: &[u8], randomness| opened_vector(local.chain(), ROUND, &signature, plaintext, randomness);
    let opened = vec![
        open_on_local(b"", [0; 32]),
        open_on_local(b"bid", [1; 32]),
        open_on_local(&[0; 16], [2; 32]),
        open_on_local(&full, [3; 32]),
        opened_vector(&quicknet, QUICKNET_ROUND, &hex::bytes(QUICKNET_SIGNATURE), "每亩 1200 元".as_bytes(), [4; 32]),
    ];
    let refused: Vec<Value> = refused()
        .into_iter()
        .map(|(what, check, envelope)| {
            json!({ "what": what, "check": check, "chain": "local", "round": ROUND,
                    "signature": hex::text(&signature), "envelope": hex::text(&envelope) })
        })
        .collect();
    let mut all = Map::new();
    all.insert("format".to_owned(), json!("landgavel time seal, version 1"));
    all.insert("chains".to_owned(), json!([chain_vector(&quicknet), chain_vector(local.chain())]));
    all.insert("opened".to_owned(), Value::Array(opened));
    all.insert("refused".to_owned(), Value::Array(refused));
    Value::Object(all)
}

#[test]
fn the_published_vectors_are_what_the_code_gives() {
    let now = format!("{:#}\n", vectors());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format/vectors/seal.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (kept, now) in kept.lines().zip(now.lines()) {
        assert_eq!(kept, now, "UPDATE_GOLDEN=1 writes docs/format/vectors/seal.json anew");
    }
    assert_eq!(kept.len(), now.len(), "UPDATE_GOLDEN=1 writes docs/format/vectors/seal.json anew");
}

#[test]
fn every_refused_vector_fails_the_check_that_it_names() {
    let local = local();
    let signature = local.sign(ROUND);
    for (what, check, envelope) in refused() {
        assert_eq!(failed_check(local.chain(), &signature, &envelope), Some(check), "{what}");
    }
    let mut unharmed = [0; 512];
    unharmed[..5].copy_from_slice(b"\x00\x03bid");
    assert_eq!(failed_check(local.chain(), &signature, &with_body(&unharmed)), None, "the same way, with a good body");
}

#[test]
fn what_drands_javascript_sealed_opens_here() {
    let made: Value = serde_json::from_str(include_str!("../foreign/sealed-by-tlock-js.json")).unwrap();
    let opened = made["opened"].as_array().unwrap();
    assert!(opened.len() >= 6, "the file holds too little");
    for vector in opened {
        let chain = chain_named(text(vector, "chain"));
        let round = vector["round"].as_u64().unwrap();
        let output = verify(&chain, round, &hex::bytes(text(vector, "signature"))).unwrap();
        let envelope = Envelope::parse(&hex::bytes(text(vector, "envelope"))).unwrap();
        assert_eq!(hex::text(&open(&output, &envelope).unwrap()), text(vector, "plaintext"));
    }
}
