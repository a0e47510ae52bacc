//! What a witness decides: the example of the specification, every small fork, hostile requests.

use std::collections::BTreeMap;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::{CosignatureError, cosign};
use landgavel_log::note::{KeyKind, MAX_NOTE, Note, NoteError, SigningKey};
use landgavel_log::tile::{TileSet, TileWriter};
use landgavel_log::tree::{Hash, TreeError, empty_root, prove_consistency};
use landgavel_log::witness::{
    AddCheckpoint, AnswerError, MAX_ANSWER, MAX_REQUEST, Refusal, Seen, Submitted, cosignature_told, origin_hash,
    size_told,
};
use proptest::prelude::*;

use crate::{entry, key};

const ORIGIN: &str = "log.example/a";

/// The request in C2SP tlog-witness.
const EXAMPLE: &str = "old 20852014\n\
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
    5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n\
    example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

/// The answer in C2SP tlog-witness, of which no key is published.
const EXAMPLE_ANSWER: &str = "\
    — witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n\
    — witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n\
    — witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n";

fn log_key() -> SigningKey {
    key(ORIGIN, KeyKind::Ed25519, 1)
}

/// A history: the entries of a log, of which those from `fork` on are other ones.
#[derive(Debug, Clone, Copy)]
struct History {
    fork: u64,
}

const TRUE: History = History { fork: u64::MAX };

impl History {
    fn tiles(self, size: u64) -> (TileWriter, BTreeMap<String, Vec<u8>>) {
        let (mut writer, mut tiles) = (TileWriter::new(), BTreeMap::new());
        for index in 0..size {
            let mut entry = entry(index);
            if index >= self.fork {
                entry.push(b'!');
            }
            writer.append(&entry, |path, bytes| drop(tiles.insert(path.to_string(), bytes.to_vec()))).unwrap();
        }
        writer.partials(|path, bytes| drop(tiles.insert(path.to_string(), bytes.to_vec())));
        (writer, tiles)
    }

    fn root(self, size: u64) -> Hash {
        self.tiles(size).0.root()
    }

    fn note(self, size: u64) -> Note {
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: self.root(size), extensions: Vec::new() };
        checkpoint.sign(&log_key()).unwrap()
    }

    fn seen(self, size: u64) -> Seen {
        Seen { size, root: self.root(size), time: 50 }
    }

    fn request(self, old: u64, new: u64) -> AddCheckpoint {
        let (_, tiles) = self.tiles(new);
        let reader = TileSet::new(new, |path| tiles.get(&path.to_string()).cloned());
        let proof = prove_consistency(&reader, old, new).unwrap();
        AddCheckpoint { old_size: old, proof, note: self.note(new) }
    }
}

fn ask(request: AddCheckpoint, seen: &Seen) -> Result<Seen, Refusal> {
    Submitted::check(request, &[log_key().verifier().clone()])?.follows(seen, 60)
}

#[test]
fn the_example_of_the_specification_is_read() {
    let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!((request.old_size, request.proof.len(), request.note.signatures().len()), (20_852_014, 4, 2));
    assert_eq!(request.to_string(), EXAMPLE);
    // Its key is not published, so no witness here knows the log.
    assert_eq!(Submitted::check(request, &[log_key().verifier().clone()]), Err(Refusal::UnknownLog));
}

#[test]
fn every_honest_growth_of_small_logs_is_cosigned() {
    assert_eq!(ask(TRUE.request(0, 0), &Seen::nothing()).unwrap().size, 0);
    for new in 1..=12 {
        assert_eq!(ask(TRUE.request(0, new), &Seen::nothing()).unwrap().root, TRUE.root(new));
        for old in 1..=new {
            let seen = ask(TRUE.request(old, new), &TRUE.seen(old)).unwrap();
            assert_eq!(seen, Seen { size: new, root: TRUE.root(new), time: 60 });
        }
    }
}

#[test]
fn every_fork_of_small_logs_is_refused_with_422() {
    for old in 1..=9 {
        for new in old..=9 {
            for fork in 0..old {
                let other = History { fork };
                let verdict = ask(other.request(old, new), &TRUE.seen(old));
                assert_eq!(verdict, Err(Refusal::DoesNotFollow(TreeError::RootDiffers)), "{fork} {old} {new}");
                // The true proof does not help another root.
                let mixed = AddCheckpoint { proof: TRUE.request(old, new).proof, ..other.request(old, new) };
                assert!(matches!(ask(mixed, &TRUE.seen(old)), Err(Refusal::DoesNotFollow(_))));
            }
        }
    }
}

#[test]
fn each_refusal_has_its_status_and_the_order_is_that_of_the_specification() {
    let (seen, good) = (TRUE.seen(3), TRUE.request(3, 5));
    let with = |change: &dyn Fn(&mut AddCheckpoint)| {
        let mut request = good.clone();
        change(&mut request);
        ask(request, &seen).unwrap_err()
    };
    let unsigned = |text: &str, key: &SigningKey| {
        let mut note = Note::new(text.into()).unwrap();
        note.sign(key).unwrap();
        note
    };
    let text = good.note.text();
    let stranger = key(ORIGIN, KeyKind::Ed25519, 2);
    let other_log = key("log.example/b", KeyKind::Ed25519, 1);
    let foreign = text.replace("log.example/a", "log.example/b");
    let mut spoiled = good.note.clone();
    spoiled.add(TRUE.note(4).signatures()[0].clone()).unwrap();
    let empty_with_root = text.replace("\n5\n", "\n0\n");
    let on_empty = |request: AddCheckpoint| ask(request, &Seen::nothing()).unwrap_err();
    for (refusal, status) in [
        (with(&|r| r.note = unsigned(&foreign, &other_log)), 404),
        // Unknown before unsigned, unsigned before sizes, sizes before the proof.
        (with(&|r| r.note = unsigned(&foreign, &stranger)), 404),
        (with(&|r| (r.note, r.old_size) = (unsigned(text, &stranger), 99)), 403),
        (with(&|r| r.note = spoiled.clone()), 403),
        (with(&|r| r.old_size = 6), 400),
        (with(&|r| (r.old_size, r.proof) = (2, Vec::new())), 409),
        (with(&|r| (r.old_size, r.proof) = (0, Vec::new())), 409),
        (with(&|r| r.proof.clear()), 422),
        (with(&|r| r.proof.push(Hash([0; 32]))), 422),
        (with(&|r| r.proof[0].0[0] ^= 1), 422),
        (with(&|r| *r = History { fork: 1 }.request(3, 3)), 422),
        (on_empty(AddCheckpoint { proof: vec![empty_root()], ..TRUE.request(0, 5) }), 422),
        (on_empty(AddCheckpoint { old_size: 0, proof: Vec::new(), note: unsigned(&empty_with_root, &log_key()) }), 422),
    ] {
        assert_eq!(refusal.status(), status, "{refusal}");
    }
    assert_eq!(with(&|r| (r.old_size, r.proof) = (2, Vec::new())).to_string(), "3", "the body of a 409 is the size");
}

#[test]
fn a_witness_whose_clock_ran_back_signs_nothing() {
    let submitted = Submitted::check(TRUE.request(3, 5), &[log_key().verifier().clone()]).unwrap();
    assert_eq!(submitted.follows(&TRUE.seen(3), 49), Err(Refusal::ClockRanBack));
    assert_eq!(submitted.follows(&TRUE.seen(3), 50).unwrap().time, 50);
}

#[test]
fn requests_beyond_the_limits_or_of_another_form_are_refused_with_400() {
    let note = TRUE.note(3).to_string();
    let hash = format!("{}\n", Hash([7; 32]));
    assert_eq!(AddCheckpoint::parse(format!("old 1\n{}\n{note}", hash.repeat(63)).as_bytes()).unwrap().proof.len(), 63);
    for body in [
        format!("old 1\n{}\n{note}", hash.repeat(64)),
        format!("old 1\n{note}"),
        format!("old 01\n\n{note}"),
        format!("old -1\n\n{note}"),
        format!("old 9223372036854775808\n\n{note}"),
        format!("old  1\n\n{note}"),
        format!("old 1 \n\n{note}"),
        format!("Old 1\n\n{note}"),
        format!("old 1\r\n\r\n{note}"),
        format!("old 1\nAAAA\n\n{note}"),
        format!("old 1\n{}\n\n{note}", "/".repeat(43) + "="),
        format!("old 1\n\n{}", note.trim_end()),
        format!("old 1\n\n{note}trailing"),
        "old 1\n\n".into(),
        "old 1\n".into(),
        "old 1".into(),
        String::new(),
        format!("old 1\n\n{}", "a".repeat(MAX_NOTE + 1)),
        "x".repeat(MAX_REQUEST + 1),
    ] {
        assert_eq!(AddCheckpoint::parse(body.as_bytes()), Err(Refusal::Malformed), "{body:.60}");
    }
    assert_eq!(AddCheckpoint::parse(b"old 1\n\n\xff"), Err(Refusal::Malformed));
    let good = TRUE.request(2, 3).to_string();
    for length in 0..good.len() {
        assert!(AddCheckpoint::parse(&good.as_bytes()[..length]).is_err(), "the first {length} bytes");
    }
    // Well formed as a note, and no checkpoint.
    let mut words = Note::new("just words\n".into()).unwrap();
    words.sign(&log_key()).unwrap();
    let request = AddCheckpoint { old_size: 0, proof: Vec::new(), note: words };
    assert_eq!(ask(request, &Seen::nothing()), Err(Refusal::Malformed));
}

#[test]
fn a_cosignature_is_believed_only_if_it_is_over_what_was_sent() {
    let witness = key("w.example", KeyKind::Cosignature, 9);
    let other = key("x.example", KeyKind::Cosignature, 8);
    let (sent, shown_to_others) = (TRUE.note(5), History { fork: 2 }.note(5));
    let line = |note: &Note, key: &SigningKey, time| format!("{}\n", cosign(note.text(), key, time).unwrap());
    let read = |body: &str| cosignature_told(body.as_bytes(), sent.text(), witness.verifier());
    let good = line(&sent, &witness, 77);
    assert_eq!(read(&good).unwrap().1, 77);
    // Lines of other keys are ignored; of several of its own the earliest counts.
    let crowd = format!("{}{}{good}", line(&sent, &other, 1), line(&sent, &witness, 99));
    let (signature, time) = read(&crowd).unwrap();
    assert_eq!((time, format!("{signature}\n")), (77, good.clone()));
    for (body, expected) in [
        (line(&shown_to_others, &witness, 77), AnswerError::Cosignature(CosignatureError::Wrong)),
        (good.clone() + &line(&shown_to_others, &witness, 5), AnswerError::Cosignature(CosignatureError::Wrong)),
        (line(&sent, &other, 77), AnswerError::OtherKey),
        (EXAMPLE_ANSWER.into(), AnswerError::OtherKey),
        ("<html>garbage</html>\n".into(), AnswerError::Form),
        (String::new(), AnswerError::Form),
        ("\n".into(), AnswerError::Form),
        (good.trim_end().into(), AnswerError::Form),
        (good.repeat(65), AnswerError::Form),
        ("— w.example ".repeat(MAX_ANSWER), AnswerError::Form),
    ] {
        assert_eq!(read(&body), Err(expected), "{body:.60}");
    }
    assert_eq!(cosignature_told(b"\xff\n", sent.text(), witness.verifier()), Err(AnswerError::Form));
    let not_a_note = cosignature_told(good.as_bytes(), "no newline", witness.verifier());
    assert_eq!(not_a_note, Err(AnswerError::Note(NoteError::Text)));
}

#[test]
fn a_log_is_addressed_by_the_hash_of_its_origin() {
    // `printf %s log.example/a | sha256sum`.
    assert_eq!(origin_hash(ORIGIN), "b2d3e0cf2e483fbc179ff15f4e95ebef4f0ad5565d228215674c9ee83f0faf1d");
}

#[test]
fn a_size_is_read_from_a_conflict() {
    assert_eq!((size_told(b"0\n"), size_told(b"20852014\n")), (Some(0), Some(20_852_014)));
    for body in [&b"1"[..], b"01\n", b"-1\n", b"1\n\n", b" 1\n", b"9223372036854775808\n", b"\xff\n", b""] {
        assert_eq!(size_told(body), None);
    }
}

proptest! {
    /// Whatever a log that shows two histories asks, in whatever order, a witness stays with one of them.
    #[test]
    fn a_witness_never_cosigns_two_histories(
        asked in proptest::collection::vec((0_u64..7, 0_u64..7, any::<bool>(), any::<bool>()), 1..24),
        fork in 0_u64..6,
    ) {
        let other = History { fork };
        let mut seen = Seen::nothing();
        let mut cosigned: Vec<Seen> = Vec::new();
        for (a, b, lies, guesses) in asked {
            let (old, new) = if guesses { (a.min(b), a.max(b)) } else { (seen.size, seen.size.max(b)) };
            let history = if lies { other } else { TRUE };
            if let Ok(now) = ask(history.request(old, new), &seen) {
                seen = Seen { time: 0, ..now };
                cosigned.push(seen);
            }
        }
        let all_of = |history: History| cosigned.iter().all(|seen| seen.root == history.root(seen.size));
        prop_assert!(all_of(TRUE) || all_of(other));
        prop_assert!(cosigned.is_sorted_by_key(|seen| seen.size));
    }

    #[test]
    fn arbitrary_requests_are_read_or_refused(text in "(old |[0-9]{1,20}\n|[0-9A-Za-z+/=]{0,44}\n|\n|— a ){0,12}") {
        if let Ok(request) = AddCheckpoint::parse(text.as_bytes()) {
            prop_assert_eq!(request.to_string(), text);
        }
    }
}
