use landgavel_record::pledges::record::Opening;
use landgavel_record::record::StandingCertificate;

use crate::json::change;
use crate::pledged::{TINY_TERMS, forge_of, terms, tiny_pledge, tiny_sold};
use crate::tape::{Tape, mangle};

const CERTIFICATE: &str = concat!(
    r#"{"basis":{"card":"a/b","card_sha256":"1111111111111111111111111111111111111111111111111111111111111111","#,
    r#""table_sha256":"2222222222222222222222222222222222222222222222222222222222222222"},"fact":"grade","#,
    r#""format":"landgavel-standing/1","identity":"sha256:33","issued":"2034-01-15","issuer":"经信局","#,
    r#""valid_until":"2034-12-31","value":"A"}"#
);

/// The opening of a pledge or a certificate of standing, of any bytes or changed from a good one. One that is read is written
/// back as it came.
///
/// # Panics
/// When it is not.
pub fn openings(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let (kind, way) = (tape.byte() % 2, tape.byte() % 3);
    let good = if kind == 0 { opening() } else { CERTIFICATE.to_owned() };
    let text = match way {
        0 => String::from_utf8_lossy(tape.rest()).into_owned(),
        1 => {
            let mut bytes = good.into_bytes();
            while !tape.is_empty() {
                mangle(&mut bytes, &mut tape);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => {
            let mut value = serde_json::from_str(&good).unwrap();
            while !tape.is_empty() {
                change(&mut value, &mut tape);
            }
            landgavel_record::canonical::encode(&value)
        }
    };
    if kind == 0 {
        if let Ok(opening) = Opening::parse(&text) {
            assert_eq!(opening.text(), text);
        }
    } else if let Ok(certificate) = StandingCertificate::parse(&text) {
        assert_eq!(certificate.text(), text);
    }
}

/// The text of a good opening.
fn opening() -> String {
    let forge = forge_of(tiny_sold(), &terms(TINY_TERMS.as_bytes()), tiny_pledge().clone());
    forge.entry(0)["notice"].as_str().unwrap().to_owned()
}

/// Both, in all ways.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![[vec![0, 0], opening().into_bytes()].concat(), [vec![1, 0], CERTIFICATE.into()].concat()];
    for kind in 0..2 {
        seeds.push(vec![kind, 1]);
        seeds.push(vec![kind, 2]);
        for at in 0..12 {
            seeds.push(vec![kind, 1, 0, 0, at * 9, 0, 3]);
            seeds.push(vec![kind, 2, at, at, 1, 2, at]);
        }
    }
    seeds
}
