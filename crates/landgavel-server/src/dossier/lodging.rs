//! Handing in a bond: what is checked before its paper is read, and what takes whose place.

use landgavel_record::record::sha256;
use landgavel_record::words::{Language, refusal_in_words};
use landgavel_sale::Standing;
use landgavel_sale::command::Command;
use landgavel_store::{Marking, Store, VaultError};

use super::application::code_of;
use super::bond::{Bond, FIELD_MAX, Paper, Past, Terms, bond_of, put, wrong};
use super::name;
use crate::hall::{Hall, Room};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, AccountName, Directory, Role, secret_word};

/// Papers behind bonds, and the records whose reading leaves a trace before a paper is given out.
pub(super) const PAPERS: &str = "bond-paper";
/// Most bytes of a paper: a scanned letter of some pages.
pub const PAPER_MAX: usize = 10 << 20;
/// Answers that are kept of bonds whose place others took; with more a person must look.
const PAST_MAX: usize = 50;

/// The kind of a file by its first bytes; what it calls itself counts for nothing.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 3] =
        [(b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg")];
    KINDS.into_iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, kind)| kind)
}

/// A bond that may be handed in, but for its paper.
struct Expected {
    code: String,
    terms: Terms,
    before: Option<Bond>,
}

/// Says why a bond of these terms would not be taken, before anybody reads its paper.
///
/// # Errors
///
/// Why not: what the rules would refuse is said at once.
pub async fn may_lodge(hall: &Hall, room: &Room, account: &Account, terms: Terms) -> Result<(), NotDone> {
    expected(hall, room, account, terms).await.map(drop)
}

async fn expected(hall: &Hall, room: &Room, account: &Account, terms: Terms) -> Result<Expected, NotDone> {
    let store = &hall.setting().store;
    let application = code_of(store, room.id(), &account.name).await?;
    let code = application.filter(|_| account.role == Role::Bidder).ok_or_else(NotDone::not_allowed)?.code;
    let conflict = |code, zh, en| Err(NotDone::new(Kind::Conflict, code, zh, en));
    let (standing, is_entered) = as_recorded(room, &code);
    if standing != Some(Standing::Applicant) {
        let zh = "请先签名提交申请；已准入或已拒绝的申请不再收保证金。";
        return conflict("no_application", zh, "Sign the application first; a decided one takes no bond.");
    }
    let before = bond_of(store, room.id(), &code).await?;
    if is_entered || before.as_ref().is_some_and(|before| before.taken.is_some()) {
        let zh = "保证金已由工作人员确认，不能再换。";
        return conflict("bond_confirmed", zh, "An officer has confirmed the bond; none takes its place.");
    }
    if before.as_ref().is_some_and(|before| before.past.len() >= PAST_MAX) {
        let zh = "更换次数过多，请联系工作人员。";
        return conflict("bond_replaced_too_often", zh, "It was replaced too often; talk to an officer.");
    }
    let terms = plain(store, terms).await?;
    would_be_taken(hall, room, &code, &terms)?;
    Ok(Expected { code, terms, before })
}

/// Terms as they are kept: in one form, with nothing in them that their kind has no use for.
async fn plain(store: &Store, terms: Terms) -> Result<Terms, NotDone> {
    let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut terms = Terms {
        amount: clean(&terms.amount),
        issuer: clean(&terms.issuer),
        beneficiary: clean(&terms.beneficiary),
        ..terms
    };
    if terms.form == "cash" {
        // What was typed for a letter before its form was changed is said of nothing.
        terms = Terms { form: terms.form, amount: terms.amount, ..Terms::default() };
    } else if !terms.guarantor.is_empty() {
        let name = AccountName::parse(&terms.guarantor).ok();
        let guarantors = Directory::new(store.clone()).accounts(Role::Guarantor).await?;
        let known = guarantors.into_iter().find(|known| Some(&known.name) == name.as_ref());
        let known =
            known.ok_or_else(|| wrong("guarantor", "没有此担保人账户。", "There is no guarantor of this account."))?;
        terms.guarantor = known.name.to_string();
        terms.issuer = known.shown;
    }
    if [&terms.amount, &terms.issuer, &terms.beneficiary].iter().any(|text| text.chars().count() > FIELD_MAX) {
        return Err(wrong("bond_field", "每项最多 100 个字符。", "Each field has at most 100 characters."));
    }
    Ok(terms)
}

/// Hands in a bond with its paper. Until an officer confirms it, another may take its place; what was said of it stays.
///
/// # Errors
///
/// Why not: what the rules would refuse is said at once.
pub async fn lodge(hall: &Hall, room: &Room, account: &Account, terms: Terms, bytes: &[u8]) -> Result<Bond, NotDone> {
    // Anew: the paper may have taken minutes to come.
    let Expected { code, terms, before } = expected(hall, room, account, terms).await?;
    if bytes.len() > PAPER_MAX {
        return Err(VaultError::TooLarge { most: PAPER_MAX }.into());
    }
    let zh = "文件须为 PDF、PNG 或 JPEG（按内容识别）。";
    let kind =
        kind_of(bytes).ok_or_else(|| wrong("paper_kind", zh, "The file must be a PDF, PNG or JPEG by its content."))?;
    let store = &hall.setting().store;
    let now_ms = hall.setting().clock.now().millis();
    let id = name(room.id(), &format!("{code}:{}", secret_word()));
    store.document_put(PAPERS, &id, bytes, PAPER_MAX).await?;
    // Read with a trace before the paper is given out: it tells who the applicant is.
    store.vault_put(PAPERS, &id, Marking::Identity, code.as_bytes()).await?;
    let paper = Paper { id: id.clone(), kind, size: bytes.len(), sha256: sha256(bytes).to_string() };
    let past = before.as_ref().map_or_else(Vec::new, past);
    let bond = Bond {
        sale: room.id().clone(),
        code,
        terms,
        paper,
        at_ms: now_ms,
        answer: None,
        past,
        taken: None,
        version: 0,
    };
    match put(store, bond, before.as_ref().map(|before| before.version)).await {
        Ok(bond) => {
            if let Some(before) = before {
                erase(store, &before.paper.id, now_ms).await?;
            }
            Ok(bond)
        }
        Err(error) => {
            // Another came first, or it was confirmed meanwhile: nothing leads to this paper.
            if matches!(error, VaultError::Changed { .. }) {
                erase(store, &id, now_ms).await?;
            }
            Err(error.into())
        }
    }
}

/// What was said of a bond and those before it.
fn past(before: &Bond) -> Vec<Past> {
    let said = before.answer.clone().map(|answer| Past {
        guarantor: before.terms.guarantor.clone(),
        amount: before.terms.amount.clone(),
        sha256: before.paper.sha256.clone(),
        answer,
    });
    before.past.iter().cloned().chain(said).collect()
}

async fn erase(store: &Store, paper: &str, now_ms: i64) -> Result<(), VaultError> {
    store.document_erase(PAPERS, paper, now_ms).await?;
    store.vault_erase(PAPERS, paper, now_ms).await
}

/// How a code stands in the record, and whether a bond of it does.
fn as_recorded(room: &Room, code: &str) -> (Option<Standing>, bool) {
    let Some(shown) = room.shown() else { return (None, false) };
    let state = shown.look();
    let bidder = state.sale.bidder_named(code).and_then(|id| state.sale.bidder(id));
    (bidder.map(|bidder| bidder.standing().clone()), bidder.is_some_and(|bidder| bidder.bond().is_some()))
}

/// Asks the rules whether they would take the bond now.
fn would_be_taken(hall: &Hall, room: &Room, code: &str, terms: &Terms) -> Result<(), NotDone> {
    let Some(shown) = room.shown() else {
        return Err(NotDone::new(Kind::Store, "opening", "正在启动。", "The sale is being opened."));
    };
    let state = shown.look();
    let sale = &state.sale;
    let bond = terms.lodged(sale)?;
    let Some(bidder) = sale.bidder_named(code) else { return Err(VaultError::Absent.into()) };
    let now = hall.setting().clock.now().max(sale.last());
    sale.decide(now, &Command::LodgeBond { bidder, bond }).map(drop).map_err(|refusal| {
        let words = |language| refusal_in_words(sale.lot(), &refusal, language);
        NotDone::told(Kind::Conflict, refusal.reason.code(), words(Language::Zh), words(Language::En))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(kind_of(b"%PDF-1.7 ..."), Some("application/pdf"));
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [&b"<html>"[..], b"MZ", b"", b"PK\x03\x04", b" %PDF-1.7"] {
            assert_eq!(kind_of(other), None);
        }
    }
}
