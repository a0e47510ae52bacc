use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use landgavel_record::keys::{KeyCache, PublicKey, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::{bytes_of, compare};

/// The order of Ed25519's base point, least significant byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The order n of SM2's base point, GB/T 32918.5.
const SM2_ORDER: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
/// The example of GB/T 32918.5, annex A.2: the public key, and a signature of "message digest".
const SM2_EXAMPLE_KEY: &str = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                               ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const SM2_EXAMPLE_SIGNATURE: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                                     b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn ed25519_text(bytes: &[u8]) -> String {
    format!("ed25519:{}", BASE64_STANDARD.encode(bytes))
}

fn sm2_text(bytes: &[u8]) -> String {
    format!("sm2:{}", BASE64_STANDARD.encode(bytes))
}

/// Texts of keys: whether they are one, and why.
fn keys() -> Vec<Value> {
    let good = SigningKey::ed25519(bytes_of("key")).public().to_string();
    let sm2 = SigningKey::sm2(bytes_of("sm2 key")).unwrap().public().to_string();
    let bytes = BASE64_STANDARD.decode(good.strip_prefix("ed25519:").unwrap()).unwrap();
    let mixed = (ED25519_BASEPOINT_POINT * Scalar::from(7u64) + EIGHT_TORSION[1]).compress().to_bytes();
    let y = |number: u8, high: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (number, high);
        bytes
    };
    let small = |number: u8| {
        let mut bytes = [0; 32];
        bytes[0] = number;
        bytes
    };
    let mut cases = vec![
        (good.clone(), "a key of Ed25519"),
        (ed25519_text(&mixed), "a point with a part of low order, and not of low order"),
        (ed25519_text(&small(3)), "the point with y = 3"),
        (ed25519_text(&small(2)), "no point has y = 2"),
        (ed25519_text(&y(0xed, 0x7f)), "y = 2^255 − 19, which is 0 in another form"),
        (ed25519_text(&y(0xf0, 0x7f)), "y = 2^255 − 16, which is 3 in another form"),
        (ed25519_text(&bytes[..31]), "31 bytes"),
        (ed25519_text(&[bytes.as_slice(), &[0]].concat()), "33 bytes"),
        (good.trim_end_matches('=').to_owned(), "base64 without padding"),
        (good.replacen(':', "", 1), "no colon"),
        (good.replacen("ed25519", "Ed25519", 1), "another name"),
        (format!("{good} "), "a space"),
        (sm2.clone(), "a key of SM2"),
        (sm2_text(&[&[4][..], &unhex(SM2_EXAMPLE_KEY)].concat()), "the example of GB/T 32918.5"),
        (sm2_text(&[&[2][..], &unhex(SM2_EXAMPLE_KEY)[..32]].concat()), "a compressed point"),
        (sm2_text(&[4; 65]), "a point that is not on the curve"),
        (sm2_text(&[0]), "the point at infinity"),
    ];
    for point in EIGHT_TORSION {
        cases.push((ed25519_text(&point.compress().to_bytes()), "a point of low order"));
    }
    // Bits beyond the last byte that are not zero.
    let last = good.rfind('=').unwrap() - 1;
    let other = char::from(good.as_bytes()[last] + 1);
    cases.push((format!("{}{other}=", &good[..last]), "base64 whose unused bits are not zero"));
    cases
        .into_iter()
        .map(|(text, what)| json!({"key": text, "what": what, "is_key": PublicKey::parse(&text).is_ok()}))
        .collect()
}

/// A signature made with R of one's choice: R = rB + `low`, s = r + k·a.
fn crafted(secret: Scalar, key: EdwardsPoint, r: Scalar, low: EdwardsPoint, message: &[u8]) -> [u8; 64] {
    let point = (ED25519_BASEPOINT_POINT * r + low).compress();
    let hash = Sha512::new().chain_update(point.0).chain_update(key.compress().0).chain_update(message).finalize();
    let s = r + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&point.0);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

fn plus_order(signature: &[u8]) -> Vec<u8> {
    let (mut sum, mut carry) = (signature.to_vec(), 0u16);
    for (byte, order) in sum[32..].iter_mut().zip(ORDER) {
        let all = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(all & 255).unwrap();
        carry = all >> 8;
    }
    sum
}

/// Key, message, signature, and what it is.
type Case = (String, Vec<u8>, Vec<u8>, &'static str);

fn ed25519_cases() -> Vec<Case> {
    let key = SigningKey::ed25519(bytes_of("key"));
    let text = key.public().to_string();
    let sign = |message: &[u8]| BASE64_STANDARD.decode(key.sign(message)).unwrap();
    let message = "{\"do\":\"bid\"}".as_bytes().to_vec();
    let good = sign(&message);
    let with = |at: usize, bit: u8| {
        let mut changed = good.clone();
        changed[at] ^= bit;
        changed
    };
    let mut cases: Vec<Case> = vec![
        (text.clone(), message.clone(), good.clone(), "a signature"),
        (text.clone(), Vec::new(), sign(b""), "of nothing"),
        (text.clone(), b"another".to_vec(), good.clone(), "of another message"),
        (text.clone(), message.clone(), with(0, 1), "a bit of R"),
        (text.clone(), message.clone(), with(32, 1), "a bit of S"),
        (text.clone(), message.clone(), plus_order(&good), "S + L"),
        (text.clone(), message.clone(), good[..63].to_vec(), "63 bytes"),
        (text, message.clone(), [good.as_slice(), &[0]].concat(), "65 bytes"),
    ];
    let (secret, r) = (Scalar::from(0x1234_5678_u64), Scalar::from(99u64));
    let pure = ED25519_BASEPOINT_POINT * secret;
    for (key, low, r, what) in [
        (pure, EIGHT_TORSION[0], r, "made by hand"),
        (pure, EIGHT_TORSION[1], r, "R with a part of low order that the equation does not take away"),
        (pure, EIGHT_TORSION[4], r, "R with a part of order 2 that the equation does not take away"),
        (pure, EIGHT_TORSION[0], Scalar::ZERO, "R is the identity"),
        (pure, EIGHT_TORSION[1], Scalar::ZERO, "R is of low order"),
    ] {
        cases.push((
            ed25519_text(&key.compress().to_bytes()),
            message.clone(),
            crafted(secret, key, r, low, &message).to_vec(),
            what,
        ));
    }
    // With a key of mixed order the equation without a cofactor holds for one message in so many.
    let mixed = pure + EIGHT_TORSION[4];
    for number in 0u8..4 {
        let message = vec![number];
        let signature = crafted(secret, mixed, r, EIGHT_TORSION[0], &message).to_vec();
        cases.push((ed25519_text(&mixed.compress().to_bytes()), message, signature, "a key with a part of order 2"));
    }
    cases
}

fn sm2_cases() -> Vec<Case> {
    let key = SigningKey::sm2(bytes_of("sm2 key")).unwrap();
    let text = key.public().to_string();
    let message = "{\"do\":\"bid\"}".as_bytes().to_vec();
    let good = BASE64_STANDARD.decode(key.sign(&message)).unwrap();
    let (r, s, n) = (&good[..32], &good[32..], unhex(SM2_ORDER));
    let one = |last: u8| {
        let mut number = [0; 32];
        number[31] = last;
        number
    };
    let example = sm2_text(&[&[4][..], &unhex(SM2_EXAMPLE_KEY)].concat());
    let signature = unhex(SM2_EXAMPLE_SIGNATURE);
    vec![
        (example.clone(), b"message digest".to_vec(), signature.clone(), "the example of GB/T 32918.5, annex A.2"),
        (example, b"message Digest".to_vec(), signature, "the example's signature of another message"),
        (text.clone(), message.clone(), good.clone(), "a signature"),
        (text.clone(), message.clone(), [s, r].concat(), "s before r"),
        (text.clone(), message.clone(), [&[0; 32], s].concat(), "r = 0"),
        (text.clone(), message.clone(), [r, &[0; 32]].concat(), "s = 0"),
        (text.clone(), message.clone(), [&n, s].concat(), "r = n"),
        (text.clone(), message.clone(), [r, &n].concat(), "s = n"),
        (text.clone(), message.clone(), [&one(1)[..], &subtract_one(&n)].concat(), "r + s = n"),
        (text.clone(), message.clone(), good[..63].to_vec(), "63 bytes"),
        (text, message, [good.as_slice(), &[0]].concat(), "65 bytes"),
    ]
}

fn subtract_one(number: &[u8]) -> Vec<u8> {
    let mut less = number.to_vec();
    less[31] -= 1;
    less
}

#[test]
fn keys_and_signatures() {
    let cases = |cases: Vec<Case>| -> Vec<Value> {
        let mut cache = KeyCache::default();
        let verdict = |(key, message, signature, what): Case| {
            let valid = cache.get(&key).unwrap().verify(&message, &signature);
            json!({"key": key, "message": super::hex(&message), "signature": BASE64_STANDARD.encode(signature),
                   "what": what, "valid": valid})
        };
        cases.into_iter().map(verdict).collect()
    };
    let (ed25519, sm2) = (cases(ed25519_cases()), cases(sm2_cases()));
    let valid = |cases: &[Value]| cases.iter().filter(|case| case["valid"] == true).count();
    assert!(valid(&ed25519) >= 4 && valid(&ed25519) <= 7, "{}", valid(&ed25519));
    assert_eq!(valid(&sm2), 2);
    compare(
        "keys.json",
        &json!({"about": "Keys and signatures, docs/format/record.md. Messages in hexadecimal, signatures in base64. \
                          The full set for Ed25519 is C2SP's CCTV, of whose 914 vectors 43 are valid here.",
                "keys": keys(), "ed25519": ed25519, "sm2": sm2}),
    );
}
