//! A sale as its officers run it: applicants and bonds, acts, what waits for the second signature.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::FactValue;
use landgavel_record::language::format_money;
use landgavel_sale::{Bidder, Sale, Standing};

use super::Pages;
use super::door::{Word, see_other};
use super::facts::stand;
use super::guarantor::past_lines;
use super::offers::{ActForm, offers};
use super::officer::{not_done, officer};
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::dossier::{Application, Bond, Given, Identity, applications, bonds, given, identity, may_see_identities};
use crate::hall::{Act, ActStands, Acts, Room};
use crate::not_done::NotDone;
use crate::people::Role;

#[derive(Template)]
#[template(path = "officer-sale.html")]
struct OfficerSale {
    page: Page,
    state: String,
    tone: &'static str,
    base: String,
    api: String,
    here: String,
    word: String,
    person: String,
    is_listed: bool,
    applicants: Vec<Row>,
    shows_identities: bool,
    acts: Vec<ActForm>,
    pending: Vec<Pending>,
    past: Vec<String>,
}

on_page!(OfficerSale);

struct Row {
    code: String,
    facts: String,
    group: String,
    /// What the bidder signed is not what the hall gave.
    mismatch: Option<String>,
    /// The hall gave nobody this code.
    is_foreign: bool,
    identity: Option<String>,
    may_look: bool,
    bond: Vec<String>,
    paper: Option<String>,
    standing: String,
    tone: &'static str,
    may_admit: bool,
    may_reject: bool,
    bond_to_confirm: Option<Vec<(String, String)>>,
}

/// An act that waits for a second signature.
pub(super) struct Pending {
    pub action: String,
    pub taking_back: String,
    pub what: String,
    pub text: String,
    pub by: String,
    pub may_sign: bool,
    /// Two have signed; what is missing is the desk's answer.
    pub is_signed: bool,
    pub may_take_back: bool,
}

pub(super) async fn sale(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    show(&pages, &id, visitor, None).await
}

/// Whoever comes back to what a form answered, as for the other language, gets the page without the identity.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Response {
    see_other(&format!("/officer/sales/{id}"), None)
}

/// Reads an identity, which leaves a trace, and shows it on the same page.
pub(super) async fn look(
    State(pages): State<Pages>,
    Path((id, code)): Path<(String, String)>,
    visitor: Visitor,
    Form(form): Form<Word>,
) -> Response {
    let account = officer(&visitor).filter(|_| visitor.caller.check_form(&form.word).is_ok());
    let (Some(account), Some(room)) = (account, pages.hall.room(&id)) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    match identity(&pages.hall, &room, &account, &code).await {
        Ok(identity) => show(&pages, &id, visitor, Some((code, identity))).await,
        Err(why) => not_done(&pages, visitor, &why),
    }
}

async fn show(pages: &Pages, id: &str, visitor: Visitor, seen: Option<(String, Identity)>) -> Response {
    let Some(account) = officer(&visitor) else { return ErrorPage::forbidden(&pages.site, visitor) };
    let Some(room) = pages.hall.room(id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Beside { papers, acts, applications } = match beside(pages, &room).await {
        Ok(beside) => beside,
        Err(why) => return not_done(pages, visitor, &why),
    };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let (sale, lot) = (&state.sale, state.sale.lot());
    let now = pages.clock.now().max(sale.last());
    let stand = stand(&state, &visitor);
    let shows_identities = may_see_identities(sale, Role::Officer);
    let row = |bidder: &Bidder| {
        let bond = papers.iter().find(|bond| bond.code == bidder.code());
        let seen =
            seen.as_ref().filter(|(code, _)| code == bidder.code()).map(|(_, identity)| told(identity, &visitor));
        let given = given(bidder, applications.get(bidder.code()));
        row(id, sale, bidder, (bond, given), seen, shows_identities, &visitor)
    };
    let notice = &room.foundation().notice;
    let is_listed =
        account.key.as_ref().is_some_and(|key| notice.officers.iter().any(|known| known.key.to_string() == *key));
    let api = format!("/api/v1/sales/{id}");
    let page = OfficerSale {
        state: stand.words,
        tone: stand.tone,
        base: format!("/sales/{id}"),
        here: format!("/officer/sales/{id}"),
        word: visitor.caller.form_word(),
        person: account.name.to_string(),
        is_listed,
        applicants: sale.bidders().iter().map(row).collect(),
        shows_identities,
        acts: offers(sale, now, &api, &visitor),
        pending: acts
            .iter()
            .filter(|act| act.is_waiting())
            .map(|act| pending(act, sale, &api, account.name.as_str(), is_listed, &visitor))
            .collect(),
        past: acts.iter().filter_map(|act| past(act, &visitor)).collect(),
        api,
        page: visitor.page(&pages.site, &lot.title.zh, &lot.title.en),
    };
    Page::answer(StatusCode::OK, &page)
}

/// What stands beside the record.
struct Beside {
    papers: Vec<Bond>,
    acts: Vec<Act>,
    applications: BTreeMap<String, Application>,
}

async fn beside(pages: &Pages, room: &Arc<Room>) -> Result<Beside, NotDone> {
    let store = &pages.hall.setting().store;
    Ok(Beside {
        papers: bonds(store, room.id()).await?,
        acts: Acts::of(&pages.hall, room).all().await?,
        applications: applications(store, room.id()).await?,
    })
}

fn told(identity: &Identity, visitor: &Visitor) -> String {
    let said = &identity.said;
    let fits = if identity.is_committed {
        visitor.say("与记录中的摘要和集团一致", "fits digest and group in the record")
    } else {
        visitor.say("与记录中的摘要或集团不一致", "does not fit digest or group in the record")
    };
    let group = if said.group.is_empty() { String::new() } else { format!(" · {}", said.group) };
    format!("{} · {} · {}{group}（{fits}）", said.company, said.credit_code, said.contact)
}

fn row(
    id: &str,
    sale: &Sale,
    bidder: &Bidder,
    (bond, given): (Option<&Bond>, Given),
    identity: Option<String>,
    shows: bool,
    visitor: &Visitor,
) -> Row {
    let code = bidder.code().to_owned();
    let needs_bond = sale.lot().rulebook.admission.bond.is_some();
    let is_open = *bidder.standing() == Standing::Applicant;
    let (standing, tone) = match bidder.standing() {
        Standing::Applicant => (visitor.say("待审核", "to be decided"), "wait"),
        Standing::Bidder => (visitor.say("已准入", "admitted"), "good"),
        Standing::Rejected { reason } => {
            (visitor.say(&format!("不予准入：{reason}"), &format!("refused: {reason}")), "bad")
        }
        Standing::Withdrawn => (visitor.say("已撤回", "withdrawn"), ""),
    };
    let confirmable = bond.filter(|bond| is_open && bidder.bond().is_none() && bond.is_backed());
    let fact = |(name, value): &(String, FactValue)| match value {
        FactValue::Text(text) => format!("{name}: {text}"),
        FactValue::Number(number) => format!("{name}: {number}"),
        FactValue::YesNo(flag) => format!("{name}: {flag}"),
    };
    Row {
        facts: bidder.facts().iter().map(fact).collect::<Vec<String>>().join("; "),
        group: bidder.group().unwrap_or("–").to_owned(),
        mismatch: (given == Given::Other).then(|| {
            visitor.say(
                "所签的身份摘要或集团与大厅给出的不一致，请先查明再审核。",
                "The signed digest or group is not what the hall gave: find out why before you decide.",
            )
        }),
        is_foreign: given == Given::Nothing,
        may_look: shows && identity.is_none() && given != Given::Nothing,
        identity,
        bond: bond_lines(sale, bidder, bond, visitor),
        paper: bond.filter(|_| shows).map(|_| format!("/officer/sales/{id}/bonds/{code}/paper")),
        standing,
        tone,
        may_admit: is_open && (bidder.bond().is_some() || !needs_bond),
        may_reject: is_open,
        bond_to_confirm: confirmable.map(|bond| bond.act(sale)),
        code,
    }
}

/// How the bond stands, line by line.
fn bond_lines(sale: &Sale, bidder: &Bidder, bond: Option<&Bond>, visitor: &Visitor) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(entered) = bidder.bond() {
        let amount = format_money(entered.amount, &sale.lot().rulebook.currency);
        lines.push(visitor.say(&format!("已入账 {amount}"), &format!("In the record: {amount}")));
    }
    match bond {
        None if lines.is_empty() => lines.push(visitor.say("尚未提交", "Not handed in")),
        None => {}
        Some(bond) => {
            let form = match bond.terms.form.as_str() {
                "cash" => visitor.say("现金", "Cash"),
                "guarantee" => visitor.say("见索即付保函", "On-demand guarantee"),
                _ => visitor.say("保证保险", "Surety insurance"),
            };
            let issuer = if bond.terms.is_self_declared() {
                let issuer = &bond.terms.issuer;
                visitor.say(&format!("{issuer}（自报，须由您核对）"), &format!("{issuer} (self-declared: check it)"))
            } else {
                bond.terms.issuer.clone()
            };
            lines.push(
                [form.as_str(), &bond.terms.amount, &issuer, &bond.terms.valid_until]
                    .iter()
                    .filter(|part| !part.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join(" · "),
            );
            let paper = bond.paper.sha256.get(..16).unwrap_or_default();
            lines.push(visitor.say(&format!("凭证 SHA-256 {paper}…"), &format!("Paper, SHA-256 {paper}…")));
            lines.extend(past_lines(bond, visitor));
            match &bond.answer {
                Some(answer) if answer.confirms => {
                    lines.push(visitor.say("担保人已确认", "Confirmed by its guarantor"))
                }
                Some(answer) => lines.push(visitor.say(
                    &format!("担保人否认：{}", answer.reason),
                    &format!("Denied by its guarantor: {}", answer.reason),
                )),
                None if !bond.terms.guarantor.is_empty() => {
                    lines.push(visitor.say("等待担保人确认", "Waits for its guarantor"));
                }
                None => {}
            }
        }
    }
    lines
}

fn pending(act: &Act, sale: &Sale, api: &str, account: &str, is_listed: bool, visitor: &Visitor) -> Pending {
    pending_of(act, what(act, sale, visitor), api, account, is_listed)
}

/// An act that waits, told in words.
pub(super) fn pending_of(act: &Act, what: String, api: &str, account: &str, is_listed: bool) -> Pending {
    let names: Vec<&str> = act.marks.iter().map(|mark| mark.shown.as_str()).collect();
    Pending {
        action: format!("{api}/acts/{}/signatures", act.id),
        taking_back: format!("{api}/acts/{}", act.id),
        what,
        text: act.text.clone(),
        by: names.join("、"),
        may_sign: is_listed && (act.is_signed() || !act.is_signed_by(account)),
        is_signed: act.is_signed(),
        may_take_back: !act.is_signed(),
    }
}

fn what(act: &Act, sale: &Sale, visitor: &Visitor) -> String {
    match act.field("do").as_str() {
        "annul" => {
            let id = act.field("cause");
            let cause = sale.lot().rulebook.annulment_causes.iter().find(|cause| cause.id == id);
            let (cause, reason) = (cause.map_or(id, |cause| visitor.pick(&cause.text)), act.field("reason"));
            visitor.say(
                &format!("撤销本次出让。事由：{cause}。理由：{reason}"),
                &format!("Annul the sale. Cause: {cause}. Reason: {reason}"),
            )
        }
        "beacon" => visitor.say("以公开数字代替随机数来源", "Public numbers in place of the source of chance"),
        other => other.to_owned(),
    }
}

fn past(act: &Act, visitor: &Visitor) -> Option<String> {
    let names: Vec<&str> = act.marks.iter().map(|mark| mark.shown.as_str()).collect();
    let (verb, names) = (act.field("do"), names.join("、"));
    Some(match &act.stands {
        ActStands::Waiting => return None,
        ActStands::Withdrawn { shown, .. } => visitor.say(
            &format!("{verb}：由 {shown} 撤回（签名：{names}）"),
            &format!("{verb}: taken back by {shown} (signed by {names})"),
        ),
        ActStands::TurnedAway { code } => visitor.say(
            &format!("{verb}：不能列入记录（{code}；{names}）"),
            &format!("{verb}: can be no entry ({code}; {names})"),
        ),
        ActStands::Entered { entry, refused: None } => {
            visitor.say(&format!("{verb}：第 {entry} 号记录（{names}）"), &format!("{verb}: entry {entry} ({names})"))
        }
        ActStands::Entered { entry, refused: Some(code) } => visitor.say(
            &format!("{verb}：第 {entry} 号记录，被规则拒绝（{code}）"),
            &format!("{verb}: entry {entry}, refused by the rules ({code})"),
        ),
    })
}
