//! Who stands behind a bond and who confirms it, each by the digest of its terms and its paper.

use landgavel_record::keys::PublicKey;
use landgavel_store::{Reader, VaultError};
use serde_json::Value;

use super::application::{code_of, may_see_identities};
use super::bond::{Answer, Bond, FIELD_MAX, Taken, bond_of, put, wrong};
use super::lodging::PAPERS;
use crate::desk::intake::Submission;
use crate::hall::{Hall, Room};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};

/// What a guarantor sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The digest of the bond that it saw.
    pub of: &'a str,
    /// It stands behind the guarantee.
    pub confirms: bool,
    /// Why not, or a remark.
    pub reason: &'a str,
}

/// The bond is another one than was looked at.
fn changed() -> NotDone {
    let zh = "此保证金的内容或凭证已更换，或已被确认；请重新查看。";
    let en =
        "The terms or the paper of this bond are not those that you saw, or it was confirmed meanwhile. Look again.";
    NotDone::new(Kind::Conflict, "bond_changed", zh, en)
}

/// A guarantor says whether it stands behind a guarantee; once for each that is handed in.
///
/// # Errors
///
/// Why not.
pub async fn answer(
    hall: &Hall,
    room: &Room,
    account: &Account,
    code: &str,
    reply: Reply<'_>,
) -> Result<Bond, NotDone> {
    let store = &hall.setting().store;
    let bond = bond_of(store, room.id(), code).await?;
    let bond = bond.filter(|bond| account.role == Role::Guarantor && bond.terms.guarantor == account.name.as_str());
    let bond = bond.ok_or_else(NotDone::not_allowed)?;
    if !account.has_code() && !hall.is_demonstration() {
        let zh = "担保人须先在账户页启用动态验证码。";
        return Err(NotDone::new(
            Kind::Conflict,
            "no_code",
            zh,
            "A guarantor first sets up one-time codes on the account page.",
        ));
    }
    if bond.digest() != reply.of || bond.taken.is_some() {
        return Err(changed());
    }
    if bond.answer.is_some() {
        return Err(NotDone::new(Kind::Conflict, "answered", "此保函已答复。", "This guarantee was answered already."));
    }
    let Reply { confirms, reason, .. } = reply;
    let reason: String = reason.trim().chars().filter(|c| !c.is_control()).take(FIELD_MAX).collect();
    if !confirms && reason.is_empty() {
        return Err(wrong("reason", "请说明不予确认的理由。", "Say why it is not confirmed."));
    }
    let at_ms = hall.setting().clock.now().millis();
    let version = bond.version;
    Ok(put(store, Bond { answer: Some(Answer { confirms, reason, at_ms }), ..bond }, Some(version)).await?)
}

/// An officer takes a bond to enter it in the record by a signed command: from here on nothing takes its place. Who
/// got no answer may ask again.
///
/// # Errors
///
/// Why not, above all when the command is of another bond than the one that is kept.
pub async fn take(hall: &Hall, room: &Room, account: &Account, code: &str, command: &str) -> Result<Bond, NotDone> {
    if account.role != Role::Officer {
        return Err(NotDone::not_allowed());
    }
    let store = &hall.setting().store;
    let bond = bond_of(store, room.id(), code).await?.ok_or_else(|| NotDone::from(VaultError::Absent))?;
    taken(hall, room, bond, account.name.as_str(), command).await
}

/// The same for whoever has no account: an officer's program that brings the command alone. Nothing where the hall keeps
/// no bond of this applicant, or where no officer of the sale has signed: the desk judges that.
///
/// # Errors
///
/// As [`take`].
pub async fn take_signed(hall: &Hall, room: &Room, submission: &Submission) -> Result<Option<Bond>, NotDone> {
    let command: Value = serde_json::from_str(&submission.command).unwrap_or_default();
    let Some(code) = command["bidder"].as_str().filter(|_| command["do"] == "bond") else { return Ok(None) };
    let Some(bond) = bond_of(&hall.setting().store, room.id(), code).await? else { return Ok(None) };
    // Nobody else's word holds a bond fast.
    let checked = hall.setting().gate.check(hall.setting().clock.now(), submission.clone());
    let officers = &room.foundation().notice.officers;
    let signer = checked.ok().and_then(|received| {
        let has_signed = |key: &PublicKey| received.signatures.iter().any(|signed| signed.key == *key);
        officers.iter().find(|officer| has_signed(&officer.key)).map(|officer| officer.name.clone())
    });
    match signer {
        Some(by) => taken(hall, room, bond, &by, &submission.command).await.map(Some),
        None => Ok(None),
    }
}

async fn taken(hall: &Hall, room: &Room, bond: Bond, by: &str, command: &str) -> Result<Bond, NotDone> {
    if !bond.is_backed() {
        let zh = "担保人尚未确认此保函。";
        return Err(NotDone::new(Kind::Conflict, "not_backed", zh, "Its guarantor does not stand behind it."));
    }
    if !says(room, &bond, command) {
        return Err(changed());
    }
    if bond.taken.is_some() {
        return Ok(bond);
    }
    let version = bond.version;
    let taken = Taken { by: by.to_owned(), at_ms: hall.setting().clock.now().millis() };
    Ok(put(&hall.setting().store, Bond { taken: Some(taken), ..bond }, Some(version)).await?)
}

/// Lets a bond go whose command the record did not accept.
///
/// # Errors
///
/// When the store fails.
pub async fn let_go(hall: &Hall, bond: Bond) -> Result<(), NotDone> {
    let version = bond.version;
    put(&hall.setting().store, Bond { taken: None, ..bond }, Some(version)).await?;
    Ok(())
}

/// Whether a command enters just this bond.
fn says(room: &Room, bond: &Bond, command: &str) -> bool {
    let Some(shown) = room.shown() else { return false };
    let fields = bond.act(&shown.look().sale);
    let command: Value = serde_json::from_str(command).unwrap_or_default();
    let expected = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let names = ["bidder", "form", "amount", "note", "valid_until", "issuer"];
    command["do"] == "bond" && names.iter().all(|name| command[*name].as_str() == expected(name))
}

/// The paper of a bond: for its bidder, for its guarantor, and for those whom the rulebook shows identities by now. All but
/// the bidder say why, and leave a trace.
///
/// # Errors
///
/// Why not.
pub async fn paper(
    hall: &Hall,
    room: &Room,
    account: &Account,
    code: &str,
    reason: &str,
) -> Result<(&'static str, Vec<u8>), NotDone> {
    let store = &hall.setting().store;
    let bond = bond_of(store, room.id(), code).await?.ok_or_else(|| NotDone::from(VaultError::Absent))?;
    let is_own = match account.role {
        Role::Bidder => {
            let application = code_of(store, room.id(), &account.name).await?;
            if application.is_none_or(|application| application.code != code) {
                return Err(NotDone::not_allowed());
            }
            true
        }
        Role::Guarantor if bond.terms.guarantor == account.name.as_str() => false,
        Role::Guarantor | Role::Source => return Err(NotDone::not_allowed()),
        Role::Officer | Role::Auditor => {
            let may = room.shown().is_some_and(|shown| may_see_identities(&shown.look().sale, account.role));
            if !may {
                let zh = "规则在此时不向您的角色公开身份，凭证会透露身份。";
                let en = "The rule hides identities from your role at this time, and the paper would tell one.";
                return Err(NotDone::new(Kind::NotAllowed, "hidden", zh, en));
            }
            false
        }
    };
    if !is_own {
        let reason: String = reason.trim().chars().filter(|c| !c.is_control()).take(FIELD_MAX).collect();
        if reason.is_empty() {
            return Err(wrong("reason", "请说明查看凭证的事由。", "Say why you read the paper."));
        }
        let why = format!("sale {}, paper of the bond of {code}: {reason}", room.id());
        let reader = Reader { who: account.name.as_str(), why: &why, now_ms: hall.setting().clock.now().millis() };
        store.read_identity(PAPERS, &bond.paper.id, reader).await?;
    }
    Ok((bond.paper.kind, store.document_get(PAPERS, &bond.paper.id).await?))
}
