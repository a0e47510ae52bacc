use landgavel_beacon::{Chain, LocalChain};
use landgavel_record::rounds::{Rounds as _, RoundsFile, line, read_answer};

use crate::tape::{Tape, mangle};

/// Round 42 of quicknet as drand's documentation has it (<https://docs.drand.love/developer/http-api>).
const PUBLISHED: &str = r#"{"round":42,"signature":"95a9f9f5b231b7714de1553105d8ffdf3dcda24cfdb1e689319bccf79a9c8ce430a91b811fbfaf763900bc998b5d686a"}"#;

/// A file of rounds or a relay's answer of any bytes, or changed from a good one: whatever is believed was signed
/// by the chain, and reads back the same when it is written again.
///
/// # Panics
/// When something is believed that the chain did not sign.
pub fn rounds(bytes: &[u8]) {
    let local = LocalChain::from_seed([3; 32], 1_692_803_367, 3).unwrap();
    let mut tape = Tape::new(bytes);
    let bytes = if tape.byte().is_multiple_of(2) {
        tape.rest().to_vec()
    } else {
        let mut bytes = sample(&local, tape.below(4)).into_bytes();
        while !tape.is_empty() {
            mangle(&mut bytes, &mut tape);
        }
        bytes
    };
    for chain in [local.chain(), &Chain::quicknet()] {
        if let Ok(output) = read_answer(chain, 42, &bytes) {
            assert_eq!(output.round(), 42);
        }
        let Ok(file) = RoundsFile::parse(&bytes) else { continue };
        for claim in file.claims().take(8) {
            let checked = claim.check(chain);
            assert_eq!(checked, file.output(chain, claim.round));
            if let Ok(output) = checked {
                assert_eq!(output.round(), claim.round);
                if chain.is_local() {
                    assert_eq!(*output.signature(), local.sign(claim.round), "a signature that the chain did not make");
                }
                assert_eq!(read_answer(chain, claim.round, line(&output).as_bytes()), Ok(output));
            }
        }
    }
}

fn sample(local: &LocalChain, place: usize) -> String {
    let own = |round: u64| line(&landgavel_beacon::verify(local.chain(), round, &local.sign(round)).unwrap());
    match place {
        0 => PUBLISHED.to_owned(),
        1 => own(42),
        2 => format!("{}\n{}\n", own(7), own(42)),
        _ => format!("[{}, {}]", own(1), PUBLISHED),
    }
}

/// The samples, and texts at the edges.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let edges =
        ["[]", "{}", r#"{"round":0,"signature":""}"#, r#"{"round":18446744073709551615,"signature":"00"}"#, "[[[["];
    let edges = edges.map(|text| [b"\0".to_vec(), text.into()].concat());
    (0..4).map(|place| vec![1, 0, place]).chain(edges).collect()
}
