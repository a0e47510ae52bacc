//! A witness and its disk, without its wire.

use std::fs;
use std::sync::Arc;

use landgavel_log::cosignature::cosigned_at;
use landgavel_log::note::{KeyKind, Note};
use landgavel_log::witness::{Refusal, cosignature_told, origin_hash};
use landgavel_server::clock::Clock;
use landgavel_server::witness::{Answer, Cosigner, Store, StoreError};

use crate::{Folder, History, ORIGIN, SIZE, SetClock, key, log_key, open_cosigner, witness_key};

fn cosigned(answer: Answer) -> String {
    match answer {
        Answer::Cosigned(line) => line,
        Answer::Refused(refusal) => panic!("refused: {refusal}"),
        Answer::CannotKeep(why) => panic!("cannot keep: {why}"),
    }
}

#[test]
fn what_is_answered_is_on_disk_and_bears_only_verified_signatures() {
    let (folder, clock, log) = (Folder::new("kept"), SetClock::at(100), History::truth());
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    let mut request = log.request(0, 7);
    // Somebody else's line, which the witness cannot judge.
    request += &format!("{}\n", landgavel_log::cosignature::cosign(log.note(3).text(), &witness_key(9), 5).unwrap());
    let line = cosigned(cosigner.add_checkpoint(request.as_bytes()));
    let (_, time) = cosignature_told(line.as_bytes(), log.note(7).text(), witness_key(1).verifier()).unwrap();
    assert_eq!(time, 100);
    let on_disk = fs::read_to_string(folder.0.join(origin_hash(ORIGIN))).unwrap();
    assert_eq!(on_disk, format!("{}{line}", log.note(7)));
    assert_eq!(cosigner.latest(&origin_hash(ORIGIN)), Some(on_disk));
    assert_eq!(cosigner.latest("lock"), None);
}

#[test]
fn a_witness_that_was_ended_keeps_its_size() {
    let (folder, clock, log) = (Folder::new("restart"), SetClock::at(100), History::truth());
    cosigned(open_cosigner(&folder.0, 1, &clock).add_checkpoint(log.request(0, 9).as_bytes()));
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    let from_nothing = cosigner.add_checkpoint(log.request(0, 12).as_bytes());
    assert_eq!(from_nothing, Answer::Refused(Refusal::OtherSize(9)));
    let forked = cosigner.add_checkpoint(History::new(4).request(9, 12).as_bytes());
    assert!(matches!(forked, Answer::Refused(Refusal::DoesNotFollow(_))));
    cosigned(cosigner.add_checkpoint(log.request(9, 12).as_bytes()));
}

/// Killed between keeping and answering, or while it wrote: the log asks again and is answered.
#[test]
fn an_answer_that_was_lost_is_given_again() {
    let (folder, clock, log) = (Folder::new("lost"), SetClock::at(100), History::truth());
    drop(open_cosigner(&folder.0, 1, &clock).add_checkpoint(log.request(0, 9).as_bytes()));
    // And once more while the next file was being written.
    fs::write(folder.0.join(format!("{}.new", origin_hash(ORIGIN))), &log.note(12).to_string()[..30]).unwrap();
    clock.set(105);
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    assert_eq!(cosigner.add_checkpoint(log.request(0, 9).as_bytes()), Answer::Refused(Refusal::OtherSize(9)));
    let line = cosigned(cosigner.add_checkpoint(log.request(9, 9).as_bytes()));
    let (_, time) = cosignature_told(line.as_bytes(), log.note(9).text(), witness_key(1).verifier()).unwrap();
    assert_eq!(time, 105);
    // Another root of the same size is another history.
    let forked = cosigner.add_checkpoint(History::new(4).request(9, 9).as_bytes());
    assert_eq!(
        match forked {
            Answer::Refused(refusal) => refusal.status(),
            _ => 200,
        },
        422
    );
}

#[test]
fn what_cannot_be_kept_is_not_signed() {
    let (folder, clock, log) = (Folder::new("unkept"), SetClock::at(100), History::truth());
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    cosigned(cosigner.add_checkpoint(log.request(0, 5).as_bytes()));
    let in_the_way = folder.0.join(format!("{}.new", origin_hash(ORIGIN)));
    fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(cosigner.add_checkpoint(log.request(5, 8).as_bytes()), Answer::CannotKeep(_)));
    fs::remove_dir(&in_the_way).unwrap();
    // It still stands where it stood.
    assert_eq!(cosigner.add_checkpoint(log.request(8, 9).as_bytes()), Answer::Refused(Refusal::OtherSize(5)));
    cosigned(cosigner.add_checkpoint(log.request(5, 9).as_bytes()));
}

#[test]
fn a_damaged_state_is_never_taken_for_an_empty_one() {
    let (folder, clock, log) = (Folder::new("damaged"), SetClock::at(100), History::truth());
    cosigned(open_cosigner(&folder.0, 1, &clock).add_checkpoint(log.request(0, 9).as_bytes()));
    let path = folder.0.join(origin_hash(ORIGIN));
    let good = fs::read(&path).unwrap();
    let open = |witness, logs| {
        let clock: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
        Cosigner::open(witness_key(witness), logs, Store::open(&folder.0).unwrap(), clock).map(|_| ())
    };
    let own = || vec![log_key().verifier().clone()];
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        for bytes in [&bad[..], &good[..at]] {
            fs::write(&path, bytes).unwrap();
            assert!(matches!(open(1, own()), Err(StoreError::Damaged { .. })), "byte {at}");
        }
    }
    fs::write(&path, vec![b'a'; 1 << 20]).unwrap();
    assert!(matches!(open(1, own()), Err(StoreError::Damaged { .. })));
    fs::write(&path, &good).unwrap();
    assert!(matches!(open(2, own()), Err(StoreError::Damaged { .. })), "kept under another key");
    let new_key = vec![key(ORIGIN, KeyKind::Ed25519, 2).verifier().clone()];
    assert!(matches!(open(1, new_key), Err(StoreError::Damaged { .. })), "of a log whose key is not known");
    open(1, own()).unwrap();
}

#[test]
fn two_processes_cannot_work_on_one_state() {
    let folder = Folder::new("lock");
    let first = Store::open(&folder.0).unwrap();
    assert!(matches!(Store::open(&folder.0), Err(StoreError::InUse)));
    drop(first);
    Store::open(&folder.0).unwrap();
}

#[test]
fn a_clock_that_ran_back_over_a_restart_signs_nothing() {
    let (folder, clock, log) = (Folder::new("clock"), SetClock::at(100), History::truth());
    cosigned(open_cosigner(&folder.0, 1, &clock).add_checkpoint(log.request(0, 5).as_bytes()));
    clock.set(99);
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    assert_eq!(cosigner.add_checkpoint(log.request(5, 6).as_bytes()), Answer::Refused(Refusal::ClockRanBack));
    clock.set(100);
    cosigned(cosigner.add_checkpoint(log.request(5, 6).as_bytes()));
}

/// The specification's race: comparing and keeping must not be parted.
#[test]
fn of_many_requests_from_one_size_exactly_one_is_cosigned() {
    let (folder, clock, log) = (Folder::new("race"), SetClock::at(100), History::truth());
    let cosigner = open_cosigner(&folder.0, 1, &clock);
    let mut size = 0;
    for _ in 0..4 {
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let ask = |to: u64| log.request(size, size + to);
            let asking: Vec<_> = (1..=8)
                .map(ask)
                .map(|body| {
                    scope.spawn(|| {
                        let body = body;
                        cosigner.add_checkpoint(body.as_bytes())
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let won: Vec<u64> =
            (1..=8).zip(&answers).filter(|(_, a)| matches!(a, Answer::Cosigned(_))).map(|(to, _)| to).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        size += won[0];
        let others = answers.iter().filter(|answer| **answer == Answer::Refused(Refusal::OtherSize(size)));
        assert_eq!(others.count(), 7);
    }
    assert!(size <= SIZE);
    let note = Note::parse(cosigner.latest(&origin_hash(ORIGIN)).unwrap().as_bytes()).unwrap();
    assert_eq!(note.text(), log.note(size).text());
    assert_eq!(cosigned_at(&note, witness_key(1).verifier()), Ok(Some(100)));
}
