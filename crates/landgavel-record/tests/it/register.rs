//! The register of a hall, judged as a stranger does. The attacker is the hall itself: it holds the key of the log, and
//! witnesses cosign whatever only grows.

use landgavel_base::{Digest, Instant};
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::tiny;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tile::TileWriter;
use landgavel_record::canonical;
use landgavel_record::record::sha256;
use landgavel_record::register::{
    Agrees, Believed, Ending, REGISTER_JSON, RegisterEntry, Says, Unfit, agrees, ending_of, read_register,
};
use landgavel_record::verify::Report;

const HOST: &str = "hall.example";

fn key(name: &str, kind: KeyKind) -> SigningKey {
    SigningKey::new(name, kind, SecretKey::from_seed(&sha256(name.as_bytes()).0)).unwrap()
}

fn policy() -> String {
    let log = key("hall.example/register", KeyKind::Ed25519);
    let witness = |name: &str| key(name, KeyKind::Cosignature).verifier().clone();
    format!(
        "log {}\nwitness a {}\nwitness b {}\ngroup all all a b\nquorum all\n",
        log.verifier(),
        witness("w.example/a"),
        witness("w.example/b")
    )
}

fn at(second: i64) -> Instant {
    Instant::from_millis(1_780_000_000_000 + second * 1000).unwrap()
}

/// A register as a hall would serve it, whatever it says.
fn register_of(lines: &[String], witnesses: &[&str]) -> Bundle {
    let (mut files, mut tree) = (Bundle::default(), TileWriter::new());
    for line in lines {
        tree.append(line.as_bytes(), |path, bytes| drop(files.0.insert(path.to_string(), bytes.to_vec()))).unwrap();
    }
    tree.partials(|path, bytes| drop(files.0.insert(path.to_string(), bytes.to_vec())));
    let origin = "hall.example/register".to_owned();
    let checkpoint =
        Checkpoint { origin: origin.clone(), size: tree.size(), root: tree.root(), extensions: Vec::new() };
    let mut note = checkpoint.sign(&key(&origin, KeyKind::Ed25519)).unwrap();
    for name in witnesses {
        let cosignature = cosign(note.text(), &key(name, KeyKind::Cosignature), 1_780_000_100).unwrap();
        note.add(cosignature).unwrap();
    }
    files.0.insert("register.json".to_owned(), REGISTER_JSON.as_bytes().to_vec());
    files.0.insert("policy.txt".to_owned(), policy().into_bytes());
    files.0.insert("checkpoint".to_owned(), note.to_string().into_bytes());
    files
}

fn lines(says: &[Says]) -> Vec<String> {
    (0..).zip(says).map(|(second, says)| RegisterEntry { at: at(second), says: says.clone() }.line(HOST)).collect()
}

fn register(says: &[Says]) -> Bundle {
    register_of(&lines(says), &["w.example/a", "w.example/b"])
}

fn judged(says: &[Says]) -> Result<Believed, Unfit> {
    read_register(&register(says), Some(&policy()))
}

/// The sample sale as one of this hall: everything of it but the name and key of its log.
fn sale() -> Report {
    let mut report = tiny().report();
    assert!(report.holds() && report.subject.entries > 3, "{:?}", report.wrong);
    let origin = "hall.example/sales/tiny";
    report.subject.origin = Some(origin.to_owned());
    report
        .subject
        .trusted
        .push(key("hall.example/register", KeyKind::Ed25519).named(origin).unwrap().verifier().to_string());
    report
}

fn says_policy() -> Says {
    Says::Policy { policy: sha256(policy().as_bytes()) }
}

fn says_notice(sale: &Report) -> Says {
    let root = Digest::from_hex(sale.subject.notice.as_deref().unwrap()).unwrap();
    Says::Notice { sale: "tiny".to_owned(), root }
}

fn says_outcome(sale: &Report) -> Says {
    let outcome = canonical::encode(sale.outcome.as_ref().unwrap()) + "\n";
    Says::Outcome {
        sale: "tiny".to_owned(),
        size: sale.subject.entries,
        root: Digest::from_hex(sale.subject.root.as_deref().unwrap()).unwrap(),
        ending: ending_of(&outcome).unwrap(),
        outcome: sha256(outcome.as_bytes()),
    }
}

fn honest() -> [Says; 3] {
    let sale = sale();
    [says_policy(), says_notice(&sale), says_outcome(&sale)]
}

/// How the sale stands beside a register that is believed.
fn beside(says: &[Says]) -> Result<Agrees, Unfit> {
    agrees(&judged(says).unwrap(), &sale(), tiny())
}

#[test]
fn a_sale_agrees_with_the_register_that_names_its_notice_and_its_ending() {
    let believed = judged(&honest()).unwrap();
    assert_eq!((believed.register.size(), believed.witnessed_s), (3, 1_780_000_100));
    assert_eq!(believed.register.sales().len(), 1);
    let Ok(Agrees::Ended(outcome)) = beside(&honest()) else { panic!("{:?}", beside(&honest())) };
    assert_eq!((outcome.entry, outcome.ending), (2, believed.register.sale("tiny").unwrap().outcome.unwrap().ending));
}

/// What a hall does that would rather not be reminded of a sale.
#[test]
fn a_hall_that_hides_a_sale_is_named() {
    let [policy, notice, outcome] = honest();
    let hidden = beside(std::slice::from_ref(&policy)).unwrap_err();
    assert_eq!(hidden.code, "not_registered", "{hidden}");
    // Its ending is left out.
    let open = beside(&[policy.clone(), notice]).unwrap_err();
    assert_eq!((open.code, open.entry), ("outcome_not_registered", Some(1)), "{open}");
    // Another sale stands under its name: this one was held out of sight.
    let other = Says::Notice { sale: "tiny".to_owned(), root: Digest([7; 32]) };
    let other = beside(&[policy.clone(), other, outcome]).unwrap_err();
    assert_eq!((other.code, other.entry), ("other_notice", Some(1)), "{other}");
    // The register of another hall says nothing.
    let mut elsewhere = sale();
    elsewhere.subject.origin = Some("other.example/sales/tiny".to_owned());
    let found = agrees(&judged(&honest()).unwrap(), &elsewhere, tiny()).unwrap_err();
    assert_eq!(found.code, "other_log", "{found}");
    // Nor one that names this hall and has another key than the sale's log: anybody can make that.
    let mut other_key = sale();
    other_key.subject.trusted.pop();
    let stranger =
        SigningKey::new("hall.example/sales/tiny", KeyKind::Ed25519, SecretKey::from_seed(&[1; 32])).unwrap();
    other_key.subject.trusted.push(stranger.verifier().to_string());
    let found = agrees(&judged(&honest()).unwrap(), &other_key, tiny()).unwrap_err();
    assert_eq!(found.code, "other_key", "{found}");
    // The record was believed by the first key of its name: that the right one follows it says nothing.
    let right = key("hall.example/register", KeyKind::Ed25519).named("hall.example/sales/tiny").unwrap();
    other_key.subject.trusted.push(right.verifier().to_string());
    let found = agrees(&judged(&honest()).unwrap(), &other_key, tiny()).unwrap_err();
    assert_eq!(found.code, "other_key", "{found}");
}

#[test]
fn a_sale_with_two_endings_is_named() {
    let [policy, notice, outcome] = honest();
    let Says::Outcome { sale: id, size, root, ending, outcome: digest } = outcome.clone() else { panic!() };
    let with = |size, root, ending, outcome| Says::Outcome { sale: id.clone(), size, root, ending, outcome };
    // Two of them, whatever their sizes: no such register is believed, whoever signs it.
    for other in [size, size + 1] {
        let twice = with(other, Digest([1; 32]), Ending::Annulled, digest);
        let found = judged(&[policy.clone(), notice.clone(), outcome.clone(), twice]).unwrap_err();
        assert_eq!((found.code, found.entry), ("two_outcomes", Some(3)), "{found}");
    }
    // Only the other ending stands there, of another tree.
    let found = beside(&[policy.clone(), notice.clone(), with(size - 1, Digest([1; 32]), ending, digest)]).unwrap_err();
    assert_eq!((found.code, found.entry), ("other_root", Some(2)), "{found}");
    let found = beside(&[policy.clone(), notice.clone(), with(size, Digest([1; 32]), ending, digest)]).unwrap_err();
    assert_eq!(found.code, "other_root", "{found}");
    let found = beside(&[policy.clone(), notice.clone(), with(size, root, ending, Digest([1; 32]))]).unwrap_err();
    assert_eq!(found.code, "other_outcome", "{found}");
    // It names more of the record than was handed out.
    let found = beside(&[policy, notice, with(size + 1, root, ending, digest)]).unwrap_err();
    assert_eq!(found.code, "record_ends_before", "{found}");
}

#[test]
fn a_register_that_was_changed_or_shows_each_reader_another_is_not_believed() {
    let whole = register(&honest());
    let found = |change: &dyn Fn(&mut Bundle)| {
        let mut changed = whole.clone();
        change(&mut changed);
        read_register(&changed, Some(&policy())).map(|_| ()).unwrap_err().code
    };
    let tile = "tile/entries/000.p/3";
    assert_eq!(found(&|files| files.0.get_mut(tile).unwrap()[60] ^= 1), "other_root");
    assert_eq!(found(&|files| drop(files.0.remove(tile))), "missing");
    assert_eq!(found(&|files| files.0.get_mut(tile).unwrap().truncate(90)), "bundle");
    assert_eq!(found(&|files| drop(files.0.insert("register.json".to_owned(), b"{}\n".to_vec()))), "format");
    // A policy of the hall's own making is not the reader's; the reader's own may ask for more than a changed one.
    let lone = format!("log {}\nquorum none\n", key("hall.example/register", KeyKind::Ed25519).verifier());
    assert_eq!(found(&|files| drop(files.0.insert("policy.txt".to_owned(), lone.clone().into_bytes()))), "no_quorum");
    let short = register_of(&lines(&honest()), &["w.example/a"]);
    let found_short = read_register(&short, None).map(|_| ()).unwrap_err();
    assert_eq!(found_short.code, "not_believed", "{found_short}");
    // The reader's policy about a sale of the same hall is about the register too; one about another hall is not.
    let about = |origin: &str| {
        let sale = key("hall.example/register", KeyKind::Ed25519).named(origin).unwrap();
        policy().replacen(
            &key("hall.example/register", KeyKind::Ed25519).verifier().to_string(),
            &sale.verifier().to_string(),
            1,
        )
    };
    assert!(read_register(&whole, Some(&about("hall.example/sales/tiny"))).is_ok());
    // Policies may have spaces and tabs between words and before them.
    let spaced = about("hall.example/sales/tiny").replacen("log ", "\t log\t", 1);
    assert!(read_register(&whole, Some(&spaced)).is_ok());
    let other = read_register(&whole, Some(&about("hall.example.org/sales/tiny"))).map(|_| ()).unwrap_err();
    assert_eq!(other.code, "not_believed", "{other}");
    let stranger =
        SigningKey::new("hall.example/sales/tiny", KeyKind::Ed25519, SecretKey::from_seed(&[1; 32])).unwrap();
    let stranger = policy().replacen(
        &key("hall.example/register", KeyKind::Ed25519).verifier().to_string(),
        &stranger.verifier().to_string(),
        1,
    );
    let other = read_register(&whole, Some(&stranger)).map(|_| ()).unwrap_err();
    assert_eq!(other.code, "not_believed", "{other}");
    // A policy that no entry names.
    let unnamed = [Says::Policy { policy: Digest([1; 32]) }];
    assert_eq!(judged(&unnamed).map(|_| ()).unwrap_err().code, "other_file");
}

#[test]
fn entries_that_cannot_stand_in_a_register_are_named() {
    let [policy, notice, outcome] = honest();
    let code = |says: &[Says]| judged(says).map(|_| ()).unwrap_err().code;
    assert_eq!(code(std::slice::from_ref(&notice)), "no_policy");
    assert_eq!(code(&[policy.clone(), notice.clone(), notice.clone()]), "two_notices");
    assert_eq!(code(&[policy.clone(), outcome]), "no_notice");
    let mut backwards = lines(std::slice::from_ref(&policy));
    backwards.push(RegisterEntry { at: at(-1), says: notice.clone() }.line(HOST));
    let raw = |lines: &[String]| {
        let files = register_of(lines, &["w.example/a", "w.example/b"]);
        read_register(&files, None).map(|_| ()).unwrap_err().code
    };
    assert_eq!(raw(&backwards), "time_runs_backwards");
    let good = lines(&[policy, notice]);
    for (from, to) in [
        ("\"says\":\"notice\"", "\"says\":\"nothing\""),
        ("/sales/tiny", "/sales/other"),
        ("\"sale\":\"tiny\"", "\"sale\":\"../tiny\""),
        ("\"sale\":", "\"more\":1,\"sale\":"),
        ("\"at_ms\":", "\"at_ms\":0"),
        ("\"notice\":\"", "\"notice\":\"x"),
        ("{", "{ "),
    ] {
        let changed = good[1].replacen(from, to, 1);
        assert_ne!(changed, good[1]);
        assert_eq!(raw(&[good[0].clone(), changed]), "unreadable_entry", "{from}");
    }
}
