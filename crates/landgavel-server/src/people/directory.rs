use std::sync::Arc;

use landgavel_store::{Content, Marking, Store, VaultError};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::account::{Account, AccountName, NameError, to_hex};
use super::caller::Caller;
use super::chance;
use super::code::{CodeSecret, PERIOD_S, is_same};
use super::enrolment::{Enrolment, NotHeld, id_of};
use super::limits::{Allowance, Limiter};
use super::password::{PasswordError, PasswordHash};
use super::role::Role;
use super::session::{Session, Token};

/// Kinds of records in the vault.
const ACCOUNTS: &str = "account";
const SESSIONS: &str = "session";
/// Which account holds a key, by the key's digest: bidders are too many to look through.
const KEYS: &str = "account-key";
/// Names of accounts that an operator has invited, so that nobody looks for them among all bidders.
const INVITED: &str = "invited";

/// Log-ins per account: five at once, then one a minute; a guesser gets 1,440 a day against 10^6 codes and a password.
const PER_ACCOUNT: Allowance = Allowance { burst: 5, period_ms: 60_000 };
/// Log-ins per address: offices share one.
const PER_ADDRESS: Allowance = Allowance { burst: 30, period_ms: 4_000 };
/// Accounts made from one address, or tries to accept an invitation: each costs a hash. Offices share one.
const JOINS: Allowance = Allowance { burst: 30, period_ms: 10_000 };
/// Names that the limiters remember: about 10 MB.
const LIMITED_NAMES: usize = 100_000;
/// Accounts that are read at once.
const LISTED: usize = 1000;
/// Passwords that are hashed at a time: each takes 19 MiB and a core.
const HASHED_AT_ONCE: usize = 2;
/// A session's last use is written again after so long, not at each request.
const USE_WRITTEN_MS: i64 = 60_000;
/// Tries to write an account that somebody else writes too.
const TRIES: usize = 5;

/// All accounts and sessions of a hall.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    limits: Arc<Limits>,
    hashing: Arc<Semaphore>,
}

struct Limits {
    accounts: Limiter,
    addresses: Limiter,
    joins: Limiter,
}

/// What a new account is made of.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// Under which name.
    pub name: &'a str,
    /// What others see.
    pub shown: &'a str,
    /// Its password.
    pub password: &'a str,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum LoginError {
    /// Name, password or code is wrong; it is not said which.
    Wrong,
    /// Too many tries; come back after so many milliseconds.
    TooMany(i64),
    /// The vault failed.
    Vault(VaultError),
}

/// Why an account was not made or changed.
#[derive(Debug)]
pub enum PeopleError {
    /// The name is none.
    Name,
    /// Somebody has this name.
    Taken,
    /// The password is not taken.
    Password(PasswordError),
    /// The invitation is none, or was used.
    Invitation,
    /// The code is not the one that the app should show now.
    Code,
    /// The key is none.
    Key,
    /// The signature that shows that the key is held does not hold.
    KeyNotHeld,
    /// Another account signs with this key, or has.
    KeyTaken,
    /// Too many from this address; come back after so many milliseconds.
    TooMany(i64),
    /// The vault failed.
    Vault(VaultError),
}

impl From<VaultError> for LoginError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<VaultError> for PeopleError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<NotHeld> for PeopleError {
    fn from(why: NotHeld) -> Self {
        match why {
            NotHeld::Key => Self::Key,
            NotHeld::Signature => Self::KeyNotHeld,
        }
    }
}

impl From<NameError> for PeopleError {
    fn from(NameError: NameError) -> Self {
        Self::Name
    }
}

impl Directory {
    /// The directory in a store's vault.
    pub fn new(store: Store) -> Self {
        let limits = Limits {
            accounts: Limiter::new(PER_ACCOUNT, LIMITED_NAMES),
            addresses: Limiter::new(PER_ADDRESS, LIMITED_NAMES),
            joins: Limiter::new(JOINS, LIMITED_NAMES),
        };
        Self { store, limits: Arc::new(limits), hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE)) }
    }

    /// Makes a bidder's account. `address` is where the request comes from.
    ///
    /// # Errors
    /// Why not.
    pub async fn join(&self, new: NewAccount<'_>, address: &str, now_ms: i64) -> Result<Account, PeopleError> {
        self.limits.joins.take(address, now_ms).map_err(PeopleError::TooMany)?;
        let mut account = Account::new(AccountName::parse(new.name)?, new.shown, Role::Bidder, now_ms);
        // Before a password is hashed, which is what costs.
        if self.read(&account.name).await?.is_some() {
            return Err(PeopleError::Taken);
        }
        account.password = Some(self.hash(new.password).await?);
        self.write_new(&account).await?;
        Ok(account)
    }

    /// Makes an account that its holder completes with the invitation, which is told once.
    ///
    /// # Errors
    /// Why not.
    pub async fn invite(&self, name: &str, shown: &str, role: Role, now_ms: i64) -> Result<String, PeopleError> {
        let mut account = Account::new(AccountName::parse(name)?, shown, role, now_ms);
        let invitation = chance::secret();
        account.invitation = Some(hash_of(&invitation));
        self.write_new(&account).await?;
        Ok(invitation)
    }

    /// Completes an invited account. `address` is where the request comes from.
    ///
    /// # Errors
    /// Why not.
    pub async fn accept(
        &self,
        invitation: &str,
        new: NewAccount<'_>,
        address: &str,
        now_ms: i64,
    ) -> Result<Account, PeopleError> {
        self.limits.joins.take(address, now_ms).map_err(PeopleError::TooMany)?;
        let name = AccountName::parse(new.name)?;
        let invitation = hash_of(invitation);
        let is_right = |account: &Account| {
            let kept = account.invitation.as_ref().filter(|_| !account.is_closed);
            kept.is_some_and(|kept| is_same(kept.as_bytes(), invitation.as_bytes()))
        };
        // Before a password is hashed, which is what costs.
        if !self.read(&name).await?.is_some_and(|(account, _)| is_right(&account)) {
            return Err(PeopleError::Invitation);
        }
        let password = self.hash(new.password).await?;
        self.change(&name, |account| {
            if !is_right(account) {
                return Err(PeopleError::Invitation);
            }
            account.invitation = None;
            account.password = Some(password.clone());
            Ok(())
        })
        .await
    }

    /// Lets somebody in. `address` is where the request comes from.
    ///
    /// # Errors
    /// Why not; whatever is wrong takes the same time.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        code: &str,
        address: &str,
        now_ms: i64,
    ) -> Result<(Account, Token), LoginError> {
        self.limits.addresses.take(address, now_ms).map_err(LoginError::TooMany)?;
        let Ok(name) = AccountName::parse(name) else { return Err(LoginError::Wrong) };
        self.limits.accounts.take(name.as_str(), now_ms).map_err(LoginError::TooMany)?;
        let account = self.read(&name).await?.map(|(account, _)| account);
        let kept = account.as_ref().filter(|account| !account.is_closed).and_then(|account| account.password.clone());
        if !self.verify(kept, password).await {
            return Err(LoginError::Wrong);
        }
        let now_s = u64::try_from(now_ms / 1000).unwrap_or(0);
        let checked = self.change(&name, |account| match &account.code {
            None => Ok(()),
            Some(secret) => match secret.period_of(code, now_s, account.code_used) {
                Some(period) => {
                    account.code_used = Some(period);
                    Ok(())
                }
                None => Err(PeopleError::Code),
            },
        });
        let account = match checked.await {
            Ok(account) => account,
            Err(PeopleError::Vault(error)) => return Err(LoginError::Vault(error)),
            Err(_) => return Err(LoginError::Wrong),
        };
        self.limits.accounts.clear(name.as_str());
        let token = self.begin_session(&account.name, now_ms).await?;
        Ok((account, token))
    }

    /// Begins a session without a password: for demonstrations, whose accounts are everybody's.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn begin_session(&self, name: &AccountName, now_ms: i64) -> Result<Token, VaultError> {
        let token = Token::make();
        let session = Session::begin(name.clone(), now_ms);
        self.store.vault_put(SESSIONS, &token.id(), Marking::Plain, &session.to_bytes()).await?;
        Ok(token)
    }

    /// Who holds this token: nobody, when it is none, has ended, or its account was closed.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn caller(&self, token: Token, now_ms: i64) -> Result<Caller, VaultError> {
        let id = token.id();
        let session = match self.store.vault_get(SESSIONS, &id).await {
            Ok(record) => match record.content {
                Content::Bytes(bytes) => Session::from_bytes(&bytes),
                Content::Withheld | Content::Erased { .. } => None,
            },
            Err(VaultError::Absent) => None,
            Err(error) => return Err(error),
        };
        let Some(mut session) = session else { return Ok(Caller::default()) };
        if !session.is_alive(now_ms) {
            self.store.vault_erase(SESSIONS, &id, now_ms).await?;
            return Ok(Caller::default());
        }
        let Some((account, _)) = self.read(&session.account).await?.filter(|(account, _)| !account.is_closed) else {
            return Ok(Caller::default());
        };
        if now_ms - session.used_ms > USE_WRITTEN_MS {
            session.used_ms = now_ms;
            self.store.vault_put(SESSIONS, &id, Marking::Plain, &session.to_bytes()).await?;
        }
        Ok(Caller::known(account, token))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn log_out(&self, token: &Token, now_ms: i64) -> Result<(), VaultError> {
        match self.store.vault_erase(SESSIONS, &token.id(), now_ms).await {
            Ok(()) | Err(VaultError::Absent) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Enrols the key with which an account signs.
    ///
    /// # Errors
    /// When its holder did not sign for this account, another account has or had it, since one person must not sign as two and
    /// a key shows its holder's own amounts, or the vault fails.
    pub async fn enrol(&self, name: &AccountName, enrolment: &Enrolment<'_>) -> Result<Account, PeopleError> {
        let held = enrolment.check(name)?;
        let key = held.text();
        for role in Role::ALL.into_iter().filter(|role| !role.is_open()) {
            let others = self.accounts(role).await?;
            if others.iter().any(|other| other.name != *name && other.key.as_deref() == Some(key)) {
                return Err(PeopleError::KeyTaken);
            }
        }
        // First, and for good: what an account signed once stays its own after it has taken another key.
        match self.store.vault_put_if(KEYS, &id_of(&held), Marking::Plain, name.as_str().as_bytes(), None).await {
            Ok(_) => {}
            Err(VaultError::Changed { .. }) => {
                let holder = self.store.vault_get(KEYS, &id_of(&held)).await?.content;
                if holder != Content::Bytes(name.as_str().as_bytes().to_vec()) {
                    return Err(PeopleError::KeyTaken);
                }
            }
            Err(error) => return Err(error.into()),
        }
        self.change(name, |account| {
            account.key = Some(key.to_owned());
            Ok(())
        })
        .await
    }

    /// Offers a secret for one-time codes; it counts from its first right code on.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn offer_code(&self, name: &AccountName) -> Result<CodeSecret, PeopleError> {
        let secret = CodeSecret::make();
        self.change(name, |account| {
            account.code_offered = Some(secret.clone());
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// The secret that waits for its first code.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn offered_code(&self, name: &AccountName) -> Result<Option<CodeSecret>, VaultError> {
        Ok(self.read(name).await?.and_then(|(account, _)| account.code_offered))
    }

    /// Takes the first code of the offered secret.
    ///
    /// # Errors
    /// When it is not the right one.
    pub async fn confirm_code(&self, name: &AccountName, code: &str, now_ms: i64) -> Result<Account, PeopleError> {
        let now_s = u64::try_from(now_ms / 1000).unwrap_or(0);
        self.change(name, |account| {
            let offered = account.code_offered.clone().ok_or(PeopleError::Code)?;
            let period = offered.period_of(code, now_s, None).ok_or(PeopleError::Code)?;
            account.code_used = Some(period.min(now_s / PERIOD_S + 1));
            account.code = Some(offered);
            account.code_offered = None;
            Ok(())
        })
        .await
    }

    /// Closes an account; its sessions end at once.
    ///
    /// # Errors
    /// When there is none, or the vault fails.
    pub async fn close(&self, name: &AccountName) -> Result<Account, PeopleError> {
        self.change(name, |account| {
            account.is_closed = true;
            Ok(())
        })
        .await
    }

    /// The account of this name.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn account(&self, name: &AccountName) -> Result<Option<Account>, VaultError> {
        Ok(self.read(name).await?.map(|(account, _)| account))
    }

    /// Whether an account of this role, not closed, signs with this key.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn has_key(&self, role: Role, key: &str) -> Result<bool, VaultError> {
        Ok(self.accounts(role).await?.iter().any(|account| account.key.as_deref() == Some(key)))
    }

    /// All accounts of a role that are not closed, by name; of bidders none, who are too many to list.
    ///
    /// # Errors
    /// When the vault fails.
    pub async fn accounts(&self, role: Role) -> Result<Vec<Account>, VaultError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let some = self.store.vault_list(INVITED, after.as_deref(), LISTED).await.map_err(VaultError::Fault)?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.id.clone());
            for name in some.iter().filter_map(|record| AccountName::parse(&record.id).ok()) {
                let account = self.read(&name).await?.map(|(account, _)| account);
                found.extend(account.filter(|account| account.role == role && !account.is_closed));
            }
        }
    }

    async fn read(&self, name: &AccountName) -> Result<Option<(Account, u64)>, VaultError> {
        match self.store.vault_get(ACCOUNTS, name.as_str()).await {
            Ok(record) => Ok(match record.content {
                Content::Bytes(bytes) => Account::from_bytes(&bytes).map(|account| (account, record.version)),
                Content::Withheld | Content::Erased { .. } => None,
            }),
            Err(VaultError::Absent) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write_new(&self, account: &Account) -> Result<(), PeopleError> {
        let bytes = account.to_bytes();
        if !account.role.is_open() {
            // First: a name without an account is passed over, an account without its name would not be found.
            self.store.vault_put(INVITED, account.name.as_str(), Marking::Plain, b"").await?;
        }
        match self.store.vault_put_if(ACCOUNTS, account.name.as_str(), Marking::Plain, &bytes, None).await {
            Ok(_) => Ok(()),
            Err(VaultError::Changed { .. } | VaultError::Erased { .. }) => Err(PeopleError::Taken),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads, changes and writes an account; again when somebody else wrote it meanwhile.
    async fn change(
        &self,
        name: &AccountName,
        change: impl Fn(&mut Account) -> Result<(), PeopleError>,
    ) -> Result<Account, PeopleError> {
        for _ in 0..TRIES {
            let Some((mut account, version)) = self.read(name).await? else {
                return Err(PeopleError::Vault(VaultError::Absent));
            };
            let before = account.clone();
            change(&mut account)?;
            if account == before {
                return Ok(account);
            }
            let bytes = account.to_bytes();
            match self.store.vault_put_if(ACCOUNTS, name.as_str(), Marking::Plain, &bytes, Some(version)).await {
                Ok(_) => return Ok(account),
                Err(VaultError::Changed { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(PeopleError::Vault(VaultError::Changed { version: None }))
    }

    async fn hash(&self, password: &str) -> Result<PasswordHash, PeopleError> {
        let password = password.to_owned();
        self.hashing(move || PasswordHash::make(&password)).await.map_err(PeopleError::Password)
    }

    async fn verify(&self, kept: Option<PasswordHash>, password: &str) -> bool {
        let password = password.to_owned();
        self.hashing(move || match kept {
            Some(kept) => kept.is_of(&password),
            None => {
                PasswordHash::waste(&password);
                false
            }
        })
        .await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _place = self.hashing.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

fn hash_of(invitation: &str) -> String {
    to_hex(&Sha256::new_with_prefix(b"landgavel/invitation/v1\0").chain_update(invitation).finalize())
}
