//! Accounts and sessions over a real store.

use landgavel_record::keys::SigningKey;
use landgavel_server::people::{
    Account, AccountName, CodeSecret, Directory, Enrolment, LoginError, NewAccount, PERIOD_S, PasswordError,
    PeopleError, Role, Token,
};
use landgavel_store::Store;

use crate::Folder;

const PASSWORD: &str = "four unrelated words here";
const HERE: &str = "1.2.3.4";
const DAY_MS: i64 = 86_400_000;

/// A directory over a store that goes with it.
struct Kept {
    directory: Directory,
    _folder: Folder,
}

impl std::ops::Deref for Kept {
    type Target = Directory;

    fn deref(&self) -> &Directory {
        &self.directory
    }
}

async fn directory() -> Kept {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = Folder::new(&format!("people-{number}"));
    let store = Store::open(folder.0.join("hall.db").to_str().unwrap()).await.unwrap();
    Kept { directory: Directory::new(store), _folder: folder }
}

fn new<'a>(name: &'a str, password: &'a str) -> NewAccount<'a> {
    NewAccount { name, shown: "示例企业（虚构）", password }
}

#[tokio::test]
async fn a_bidder_joins_logs_in_and_out() {
    let people = directory().await;
    people.join(new("Bidder-1", PASSWORD), HERE, 0).await.unwrap();
    let (account, token) = people.log_in("bidder-1", PASSWORD, "", "1.2.3.4", 0).await.unwrap();
    assert_eq!(account.role, Role::Bidder);
    let caller = people.caller(token.clone(), 1000).await.unwrap();
    assert!(caller.is(Role::Bidder) && caller.check_form(&token.form_word()).is_ok());
    people.log_out(&token, 2000).await.unwrap();
    assert!(people.caller(token, 2000).await.unwrap().account().is_none());
    assert!(people.caller(Token::received("made up"), 0).await.unwrap().account().is_none());
}

#[tokio::test]
async fn names_are_taken_once_and_weak_passwords_never() {
    let people = directory().await;
    people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    assert!(matches!(people.join(new("BIDDER-1", PASSWORD), HERE, 0).await, Err(PeopleError::Taken)));
    let weak = people.join(new("bidder-2", "password1234"), HERE, 0).await;
    assert!(matches!(weak, Err(PeopleError::Password(PasswordError::Common))));
    assert!(matches!(people.join(new("<b>", PASSWORD), HERE, 0).await, Err(PeopleError::Name)));
}

#[tokio::test]
async fn nobody_makes_an_officer_but_by_an_invitation_that_works_once() {
    let people = directory().await;
    let invitation = people.invite("officer-1", "经办人（示例）", Role::Officer, 0).await.unwrap();
    let login = people.log_in("officer-1", "", "", "1.2.3.4", 0).await;
    assert!(matches!(login, Err(LoginError::Wrong)));
    let forged = people.accept("forged", new("officer-1", PASSWORD), HERE, 0).await;
    assert!(matches!(forged, Err(PeopleError::Invitation)));
    let account = people.accept(&invitation, new("officer-1", PASSWORD), HERE, 0).await.unwrap();
    assert_eq!(account.role, Role::Officer);
    let again = people.accept(&invitation, new("officer-1", "another good password"), HERE, 0).await;
    assert!(matches!(again, Err(PeopleError::Invitation)));
}

#[tokio::test]
async fn a_code_is_asked_for_and_counts_once() {
    let people = directory().await;
    let account = people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    let secret: CodeSecret = people.offer_code(&account.name).await.unwrap();
    let wrong = people.confirm_code(&account.name, "000000x", 3_000_000).await;
    assert!(matches!(wrong, Err(PeopleError::Code)));
    people.confirm_code(&account.name, &secret.code(3000), 3_000_000).await.unwrap();
    let at = 3000 + PERIOD_S;
    let ms = i64::try_from(at).unwrap() * 1000;
    let without = people.log_in("bidder-1", PASSWORD, "", "1.2.3.4", ms).await;
    assert!(matches!(without, Err(LoginError::Wrong)));
    let code = secret.code(at);
    assert!(people.log_in("bidder-1", PASSWORD, &code, "1.2.3.4", ms).await.is_ok());
    let again = people.log_in("bidder-1", PASSWORD, &code, "1.2.3.4", ms).await;
    assert!(matches!(again, Err(LoginError::Wrong)));
}

#[tokio::test]
async fn a_guesser_is_slowed_whether_the_name_exists_or_not() {
    let people = directory().await;
    people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    for name in ["bidder-1", "nobody-here"] {
        for _ in 0..5 {
            assert!(matches!(people.log_in(name, "a wrong password", "", "a", 0).await, Err(LoginError::Wrong)));
        }
        assert!(matches!(people.log_in(name, PASSWORD, "", "b", 0).await, Err(LoginError::TooMany(_))));
    }
    assert!(people.log_in("bidder-1", PASSWORD, "", "b", DAY_MS).await.is_ok());
}

#[tokio::test]
async fn a_session_ends_with_its_account_and_with_its_time() {
    let people = directory().await;
    people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    let (account, token) = people.log_in("bidder-1", PASSWORD, "", "a", 0).await.unwrap();
    let (_, old) = people.log_in("bidder-1", PASSWORD, "", "a", 0).await.unwrap();
    assert!(people.caller(old, DAY_MS).await.unwrap().account().is_none());
    people.close(&account.name).await.unwrap();
    assert!(people.caller(token, 1000).await.unwrap().account().is_none());
    assert!(matches!(people.log_in("bidder-1", PASSWORD, "", "a", 1000).await, Err(LoginError::Wrong)));
}

#[tokio::test]
async fn two_enrolments_at_once_leave_one_key_and_no_error() {
    let people = directory().await;
    let account = people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    let (one, two): (AccountName, AccountName) = (account.name.clone(), account.name.clone());
    let (key_a, key_b) = (signing_key(1), signing_key(2));
    let (a, b) = tokio::join!(enrol(&people, &one, &key_a), enrol(&people, &two, &key_b));
    assert!(a.is_ok() && b.is_ok());
    let key = people.account(&account.name).await.unwrap().unwrap().key;
    assert!([key_a, key_b].iter().any(|one| key.as_deref() == Some(one.public().text())));
}

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::ed25519([seed; 32])
}

async fn enrol(people: &Directory, name: &AccountName, key: &SigningKey) -> Result<Account, PeopleError> {
    let signature = key.sign(Enrolment::text("hall.example", name, "word").as_bytes());
    let public = key.public();
    people
        .enrol(name, &Enrolment { key: public.text(), signature: &signature, host: "hall.example", word: "word" })
        .await
}

/// What went wrong: a key was enrolled on its text alone. Finished records hold all keys, so a rival enrolled its opponent's
/// and saw that opponent's own amounts and proxy limit in the next sale.
#[tokio::test]
async fn a_key_is_enrolled_by_who_holds_it_and_by_one_account() {
    let people = directory().await;
    let victim = people.join(new("victim", PASSWORD), HERE, 0).await.unwrap().name;
    let rival = people.join(new("rival", PASSWORD), HERE, 0).await.unwrap().name;
    let key = signing_key(1);
    enrol(&people, &victim, &key).await.unwrap();

    let public = key.public();
    let good = key.sign(Enrolment::text("hall.example", &victim, "word").as_bytes());
    let foreign = signing_key(2).sign(Enrolment::text("hall.example", &rival, "word").as_bytes());
    let (host, word) = ("hall.example", "word");
    for (signature, host, word) in [
        // The victim's own signature, brought again; for another hall; in another session; a rival's; none.
        (good.as_str(), host, word),
        (good.as_str(), "other.example", word),
        (good.as_str(), host, "other"),
        (foreign.as_str(), host, word),
        ("", host, word),
        ("no base64", host, word),
    ] {
        let stolen = people.enrol(&rival, &Enrolment { key: public.text(), signature, host, word }).await;
        assert!(matches!(stolen, Err(PeopleError::KeyNotHeld)), "{signature} {host} {word}");
    }
    for (host, word) in [("other.example", "word"), ("hall.example", "other")] {
        let again = people.enrol(&victim, &Enrolment { key: public.text(), signature: &good, host, word }).await;
        assert!(matches!(again, Err(PeopleError::KeyNotHeld)), "{host} {word}");
    }
    // Nor by two who share it, not even after the first took another.
    assert!(matches!(enrol(&people, &rival, &key).await, Err(PeopleError::KeyTaken)));
    enrol(&people, &victim, &signing_key(3)).await.unwrap();
    assert!(matches!(enrol(&people, &rival, &key).await, Err(PeopleError::KeyTaken)));
    assert!(enrol(&people, &victim, &key).await.is_ok());
    assert_eq!(people.account(&rival).await.unwrap().unwrap().key, None);
}

#[tokio::test]
async fn strangers_make_few_accounts_and_no_hash_is_made_for_a_forged_invitation() {
    let people = directory().await;
    // A weak password is told of at hashing, which comes after.
    people.invite("officer-1", "x", Role::Officer, 0).await.unwrap();
    let forged = people.accept("forged", new("officer-1", "password1234"), "5.5.5.5", 0).await;
    assert!(matches!(forged, Err(PeopleError::Invitation)), "{forged:?}");
    people.join(new("bidder-1", PASSWORD), HERE, 0).await.unwrap();
    for _ in 1..30 {
        let taken = people.join(new("bidder-1", "password1234"), HERE, 0).await;
        assert!(matches!(taken, Err(PeopleError::Taken)), "{taken:?}");
    }
    let many = people.join(new("bidder-2", PASSWORD), HERE, 0).await;
    assert!(matches!(many, Err(PeopleError::TooMany(10_000))), "{many:?}");
    assert!(matches!(people.accept("x", new("officer-1", PASSWORD), HERE, 0).await, Err(PeopleError::TooMany(_))));
    people.join(new("bidder-2", PASSWORD), "5.6.7.8", 0).await.unwrap();
    people.join(new("bidder-3", PASSWORD), HERE, 10_000).await.unwrap();
}
