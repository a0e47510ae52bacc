//! The acts of a pledge that two sign: money, mercy and keys by two officers, a bond by an officer and its issuer.

use landgavel_base::Instant;
use landgavel_record::pledges::record::{Role as Signs, Signer, signer};
use landgavel_store::{Fault, SaleId};
use serde_json::Value;

use super::Hall;
use super::acts::{Act, Answer, Docket};
use super::room::Stored;
use crate::desk::NotAnswered;
use crate::desk::intake::Submission;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};
use crate::pledges::{Outcome, Pledge, State};

fn verb(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    value["do"].as_str().unwrap_or_default().to_owned()
}

impl Docket for Pledge {
    fn log(&self) -> &SaleId {
        Pledge::log(self)
    }

    fn needs_two(&self, text: &str) -> bool {
        matches!(signer(&verb(text)), Signer::Officers | Signer::OfficerAndIssuer)
    }

    fn may_add(&self, hall: &Hall, account: &Account, key: &str, act: &Act) -> Result<(), NotDone> {
        let shown = self.shown().ok_or_else(opening_yet)?;
        may_add(&shown.look(), hall.setting().clock.now(), account, key, act)
    }

    fn check(&self, hall: &Hall, text: &str, key: &str) -> Result<(), NotDone> {
        let shown = self.shown().ok_or_else(opening_yet)?;
        let state = shown.look();
        check_listed(&state, key, Signs::Officer)?;
        state.check(text, &[key], hall.setting().clock.now())
    }

    async fn ask(&self, signed: Submission) -> Result<Answer, NotAnswered> {
        Ok(match Pledge::ask(self, self.receive(signed)?).await? {
            Outcome::Entered(written) => {
                let refused = written.entry.result.as_ref().err().map(|reason| reason.code().to_owned());
                Answer::Entered { entry: written.entry.number, refused }
            }
            Outcome::Before(entry) => Answer::Before(entry),
            Outcome::TurnedAway(fault) => Answer::TurnedAway(fault),
        })
    }

    async fn stored(&self, entry: u64) -> Result<Stored, Fault> {
        Stored::read(entry, &self.line(entry).await?)
    }
}

/// Whether an account may look at an act that waits: officers and auditors at all of them, a guarantor at those about its
/// own bonds.
pub fn may_see(state: &State, account: &Account, act: &Act) -> bool {
    match account.role {
        Role::Officer | Role::Auditor => true,
        Role::Guarantor => {
            let issuer = state.record.issuer_in(&act.text);
            issuer.is_some_and(|issuer| state.signs_as(account.key.as_deref()) == Some((Signs::Guarantor, &issuer)))
        }
        Role::Bidder | Role::Source => false,
    }
}

/// Whether this key may add its signature to what another has signed first, so that it becomes an entry.
///
/// # Errors
///
/// Why not.
pub fn may_add(state: &State, now: Instant, account: &Account, key: &str, act: &Act) -> Result<(), NotDone> {
    let role = match account.role {
        Role::Officer => Signs::Officer,
        Role::Guarantor if is_bond(act) => Signs::Guarantor,
        Role::Guarantor | Role::Auditor | Role::Bidder | Role::Source => return Err(NotDone::not_allowed()),
    };
    check_listed(state, key, role)?;
    // With both signatures it is only asked again what became of it.
    if act.is_signed() {
        return Ok(());
    }
    let keys: Vec<&str> = act.marks.iter().map(|mark| mark.key.as_str()).chain([key]).collect();
    state.check(&act.text, &keys, now)
}

fn is_bond(act: &Act) -> bool {
    signer(&act.field("do")) == Signer::OfficerAndIssuer
}

fn opening_yet() -> NotDone {
    NotDone::new(Kind::Store, "opening", "正在启动。", "The pledge is being opened.")
}

fn check_listed(state: &State, key: &str, role: Signs) -> Result<(), NotDone> {
    if state.signs_as(Some(key)).is_some_and(|(of, _)| of == role) {
        return Ok(());
    }
    let zh = "本项履约的名单中没有您的密钥。";
    Err(NotDone::new(Kind::NotAllowed, "key_not_listed", zh, "This pledge does not list your key in this role."))
}
