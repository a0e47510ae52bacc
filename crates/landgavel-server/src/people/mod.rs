//! Who is there: accounts, log-in by password and one-time code, sessions, roles.
//!
//! It knows nothing of bids: what is bid is signed with a key that no server has, and a lost session loses no
//! bid. All of it stands in the vault, where persons can be erased. Modules, each importing only from those before
//! it: `chance`, `role`, `limits`, `password`, `code`, `account`, `session`, `enrolment`, `caller`, `directory`.

mod account;
mod caller;
mod chance;
mod code;
mod directory;
mod enrolment;
mod limits;
mod password;
mod role;
mod session;

pub use account::{Account, AccountName, NameError};
pub use caller::{Caller, Unsafe, is_same_origin};
pub use chance::{salt, secret_word};
pub use code::{CodeSecret, PERIOD_S};
pub use directory::{Directory, LoginError, NewAccount, PeopleError};
pub use enrolment::Enrolment;
pub use limits::{Allowance, Limiter};
pub use password::{PasswordError, PasswordHash};
pub use role::Role;
pub use session::{Session, Token};
