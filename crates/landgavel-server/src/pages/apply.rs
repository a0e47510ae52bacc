//! A bidder's way into a sale: identity, signed application, bond, decision.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::FactValue;
use landgavel_record::words::rule_in_words;
use landgavel_sale::command::Command;
use landgavel_sale::rulebook::{BondForm, Prerequisite, Test};
use landgavel_sale::{Sale, Standing};
use serde::Deserialize;

use super::Pages;
use super::door::see_other;
use super::officer::not_done;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::dossier::{self, Application, Bond, Said, due_amount};
use crate::hall::Room;
use crate::not_done::NotDone;
use crate::people::{Account, Directory, Role};

#[derive(Template)]
#[template(path = "apply.html")]
struct Apply {
    page: Page,
    base: String,
    api: String,
    here: String,
    word: String,
    sale_title: String,
    step: u8,
    closed: Option<String>,
    wrong: Option<String>,
    said: Said,
    code: String,
    identity: String,
    group: String,
    person: String,
    has_key: bool,
    facts: Vec<Fact>,
    /// Whose certificates the sale asks for, each with its fact.
    issuers: Vec<String>,
    bond_terms: Vec<String>,
    bond_amount: String,
    forms: Vec<Choice>,
    takes_letters: bool,
    guarantors: Vec<Choice>,
    handed_in: Option<String>,
    denied: Option<String>,
    decision: String,
    may_withdraw: bool,
    may_object: bool,
}

on_page!(Apply);

struct Fact {
    id: String,
    label: String,
    kind: Option<&'static str>,
    choices: Vec<String>,
}

struct Choice {
    id: String,
    title: String,
}

#[derive(Deserialize)]
pub(super) struct IdentityForm {
    word: String,
    #[serde(default)]
    company: String,
    #[serde(default)]
    credit_code: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    group: String,
}

pub(super) async fn page(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    show(&pages, &id, visitor, None).await
}

pub(super) async fn say(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    visitor: Visitor,
    Form(form): Form<IdentityForm>,
) -> Response {
    if visitor.caller.check_form(&form.word).is_err() {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let (Some(room), Some(account)) = (pages.hall.room(&id), visitor.caller.account().cloned()) else {
        return ErrorPage::not_found(&pages.site, visitor);
    };
    let said = Said { company: form.company, credit_code: form.credit_code, contact: form.contact, group: form.group };
    match dossier::apply(&pages.hall, &room, &account, said.clone()).await {
        Ok(_) => see_other(&format!("/sales/{id}/apply"), None),
        Err(why) => show(&pages, &id, visitor, Some((why, said))).await,
    }
}

async fn show(pages: &Pages, id: &str, visitor: Visitor, wrong: Option<(NotDone, Said)>) -> Response {
    let Some(account) = visitor.caller.account().cloned() else {
        return see_other(&format!("/login?next=/sales/{id}/apply"), None);
    };
    if account.role != Role::Bidder {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let Some(room) = pages.hall.room(id) else { return ErrorPage::not_found(&pages.site, visitor) };
    match filled(pages, &room, &account, &visitor).await {
        Ok(Some(mut page)) => {
            let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            if let Some((why, said)) = wrong {
                page.wrong = Some(visitor.say(&why.zh, &why.en));
                page.said = said;
            }
            let page = Apply { page: visitor.page(&pages.site, "申请竞买", "Apply to bid"), ..page };
            Page::answer(status, &page)
        }
        Ok(None) => ErrorPage::opening(&pages.site, visitor),
        Err(why) => not_done(pages, visitor, &why),
    }
}

async fn filled(pages: &Pages, room: &Room, account: &Account, visitor: &Visitor) -> Result<Option<Apply>, NotDone> {
    let store = &pages.hall.setting().store;
    let application = dossier::code_of(store, room.id(), &account.name).await?;
    let bond = match &application {
        Some(application) => dossier::bond_of(store, room.id(), &application.code).await?,
        None => None,
    };
    let guarantors = Directory::new(store.clone()).accounts(Role::Guarantor).await?;
    let Some(shown) = room.shown() else { return Ok(None) };
    let state = shown.look();
    let sale = &state.sale;
    let known = application.as_ref().and_then(|application| sale.bidder_named(&application.code));
    let now = pages.clock.now().max(sale.last());
    let may_withdraw = known.is_some_and(|bidder| sale.decide(now, &Command::Withdraw { bidder }).is_ok());
    let known = known.and_then(|id| sale.bidder(id));
    let rulebook = &sale.lot().rulebook;
    let takes_bond = rulebook.admission.bond.is_some();
    let denied = bond.as_ref().and_then(|bond| bond.answer.as_ref()).filter(|answer| !answer.confirms);
    let step = match known.map(|known| (known.standing(), known.bond().is_some())) {
        None if application.is_none() => 1,
        None => 2,
        Some((Standing::Applicant, false)) if takes_bond && (bond.is_none() || denied.is_some()) => 3,
        Some((Standing::Applicant, _)) => 4,
        Some(_) => 5,
    };
    let closed =
        (!sale.is_admission_open() && step < 5).then(|| visitor.say("报名已截止。", "Applications are closed."));
    let empty = Application { code: String::new(), commitment: String::new(), group: String::new() };
    let Application { code, commitment, group } = application.unwrap_or(empty);
    let forms = rulebook.admission.bond.as_ref().map_or(&[][..], |rule| &rule.forms);
    let base = format!("/sales/{}", room.id());
    Ok(Some(Apply {
        page: Page::blank(),
        api: format!("/api/v1/sales/{}", room.id()),
        here: format!("{base}/apply"),
        word: visitor.caller.form_word(),
        base,
        sale_title: visitor.pick(&sale.lot().title),
        step,
        closed,
        wrong: None,
        said: Said::default(),
        code,
        identity: commitment,
        group,
        person: account.name.to_string(),
        has_key: account.key.is_some(),
        facts: rulebook.admission.prerequisites.iter().filter_map(|rule| fact(rule, visitor)).collect(),
        issuers: issuers(room, sale, visitor),
        bond_terms: bond_terms(sale, visitor),
        bond_amount: due_amount(sale).unwrap_or_default(),
        forms: forms.iter().map(|form| form_choice(*form, visitor)).collect(),
        takes_letters: forms.iter().any(|form| *form != BondForm::Cash),
        guarantors: guarantors.into_iter().map(|one| Choice { id: one.name.to_string(), title: one.shown }).collect(),
        handed_in: bond.as_ref().map(|bond| handed_in(bond, visitor)),
        denied: denied.map(|answer| answer.reason.clone()),
        decision: decision(known.map(|known| known.standing()).filter(|_| step > 3), visitor),
        may_withdraw,
        may_object: known.is_some(),
    }))
}

/// Whose certificates the notice asks for: each with what it shows, in the words of the rule.
pub(super) fn issuers(room: &Room, sale: &Sale, visitor: &Visitor) -> Vec<String> {
    let rules = &sale.lot().rulebook.admission.prerequisites;
    let named = room.foundation().notice.issuers.iter().map(|issuer| {
        let rule = rules.iter().find(|rule| rule.fact == issuer.fact);
        let fact = rule.map_or_else(|| issuer.fact.clone(), |rule| visitor.pick(&rule.text));
        format!("{}（{fact}）", issuer.name)
    });
    named.collect()
}

/// What the rule says of admission and bonds, in its own words.
fn bond_terms(sale: &Sale, visitor: &Visitor) -> Vec<String> {
    let sections = rule_in_words(&sale.lot().rulebook, Some(sale.lot()), visitor.language);
    let about = sections.into_iter().flat_map(|section| section.paragraphs);
    about.filter(|paragraph| paragraph.clause.starts_with("admission.bond")).map(|paragraph| paragraph.text).collect()
}

fn form_choice(form: BondForm, visitor: &Visitor) -> Choice {
    let (id, zh, en) = match form {
        BondForm::Cash => ("cash", "现金（银行到账凭证）", "Cash (the bank's confirmation)"),
        BondForm::Guarantee => ("guarantee", "见索即付保函", "On-demand letter of guarantee"),
        BondForm::Insurance => ("insurance", "保证保险", "Surety insurance"),
    };
    Choice { id: id.to_owned(), title: visitor.say(zh, en) }
}

/// A fact that the rule asks for, as a field.
fn fact(rule: &Prerequisite, visitor: &Visitor) -> Option<Fact> {
    let (kind, choices) = match &rule.test {
        Test::OneOf(values) | Test::NotOneOf(values) => match values.first() {
            Some(FactValue::YesNo(_)) => (Some("flag"), vec!["true".to_owned(), "false".to_owned()]),
            Some(FactValue::Number(_)) => (Some("integer"), Vec::new()),
            Some(FactValue::Text(_)) if matches!(rule.test, Test::OneOf(_)) => {
                let texts = values.iter().filter_map(|value| match value {
                    FactValue::Text(text) => Some(text.clone()),
                    FactValue::Number(_) | FactValue::YesNo(_) => None,
                });
                (None, texts.collect())
            }
            Some(FactValue::Text(_)) | None => (None, Vec::new()),
        },
        Test::AtLeast(_) | Test::AtMost(_) => (Some("integer"), Vec::new()),
    };
    Some(Fact { id: rule.fact.clone(), label: visitor.pick(&rule.text), kind, choices })
}

fn handed_in(bond: &Bond, visitor: &Visitor) -> String {
    let size = bond.paper.size.div_ceil(1024);
    let kind = bond.paper.kind;
    let said = visitor.say(
        &format!("已提交 {}（{kind}，{size} KB）", bond.terms.amount),
        &format!("Handed in: {} ({kind}, {size} KB)", bond.terms.amount),
    );
    let waits = match &bond.answer {
        Some(answer) if answer.confirms => visitor.say("担保人已确认。", "Its guarantor has confirmed it."),
        Some(_) => String::new(),
        None if !bond.terms.guarantor.is_empty() => {
            visitor.say("等待担保人确认。", "It waits for its guarantor's confirmation.")
        }
        None => String::new(),
    };
    let issuer = &bond.terms.issuer;
    let declared = if bond.terms.is_self_declared() {
        visitor.say(
            &format!("开立机构 {issuer} 为自报，由工作人员核对。"),
            &format!("The issuer {issuer} is self-declared; an officer checks it."),
        )
    } else {
        String::new()
    };
    format!("{said} {waits}{declared}")
}

fn decision(standing: Option<&Standing>, visitor: &Visitor) -> String {
    match standing {
        None => {
            visitor.say("提交申请与保证金后由工作人员审核。", "An officer decides once application and bond are in.")
        }
        Some(Standing::Applicant) => visitor.say("等待工作人员审核。", "Waits for the officer's decision."),
        Some(Standing::Bidder) => visitor.say("已准入，可以参加竞价。", "You are admitted and may bid."),
        Some(Standing::Rejected { reason }) => {
            visitor.say(&format!("不予准入，理由：{reason}"), &format!("Not admitted. Reason: {reason}"))
        }
        Some(Standing::Withdrawn) => visitor.say("申请已撤回。", "The application was withdrawn."),
    }
}
