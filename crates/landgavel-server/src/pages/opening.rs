//! Opening a pledge from an awarded sale: a form, the terms in words with their calendar, two signatures.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::Money;
use landgavel_pledge::{Party, Subject};
use landgavel_record::language::format_money;
use landgavel_record::pledges::record::Opening as Signed;
use landgavel_record::pledges::{Opened, subject_in_words};

use super::Pages;
use super::door::see_other;
use super::facts::Fact;
use super::officer::{not_done, officer};
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::hall::{AskedOpening, Opening, Openings, Stands, TERMS_TEMPLATES};
use crate::not_done::NotDone;
use crate::people::{Account, Role};
use crate::pledges::concerns::due_days;
use crate::pledges::foundation::load_terms;

#[derive(Template)]
#[template(path = "opening-new.html")]
struct New {
    page: Page,
    sale: String,
    sale_title: String,
    pledge: String,
    signed: String,
    terms: String,
    wrong: Option<String>,
    winners: Vec<String>,
    winner: String,
    sources: Vec<HolderInput>,
    guarantors: Vec<HolderInput>,
    known: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "opening.html")]
struct Shown {
    page: Page,
    sign: String,
    here: String,
    word: String,
    person: String,
    told: Option<String>,
    published: Option<String>,
    text: String,
    facts: Vec<Fact>,
    promises: Vec<[String; 4]>,
    milestones: Vec<[String; 3]>,
    bans: Vec<[String; 3]>,
    calendar: Vec<(String, String)>,
    holders: Vec<Fact>,
    signed_by: Vec<String>,
    may_sign: bool,
    is_open: bool,
    /// Two have signed; what is missing is the record.
    is_signed: bool,
}

on_page!(New, Shown);

/// A name and the field for its key.
struct HolderInput {
    index: usize,
    name: String,
    key: String,
    is_ticked: bool,
}

async fn accounts(pages: &Pages, role: Role) -> Vec<Account> {
    pages.people.accounts(role).await.unwrap_or_else(|error| {
        tracing::error!(%error, "accounts were not read");
        Vec::new()
    })
}

pub(super) async fn new(
    State(pages): State<Pages>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Response {
    if officer(&visitor).is_none() {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    form(&pages, visitor, query, None).await
}

/// The form with its fields as they were. Each source that the terms name has a field for its key.
async fn form(pages: &Pages, visitor: Visitor, fields: BTreeMap<String, String>, wrong: Option<NotDone>) -> Response {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let sale = field("sale");
    let Some(room) = pages.hall.room(&sale) else { return ErrorPage::not_found(&pages.site, visitor) };
    let terms = fields.get("terms").cloned().unwrap_or_else(|| TERMS_TEMPLATES[0].text.to_owned());
    let known: Vec<(String, String)> = accounts(pages, Role::Source)
        .await
        .into_iter()
        .filter_map(|account| Some((account.shown, account.key?)))
        .collect();
    let named = load_terms(terms.as_bytes()).ok();
    let names = named.as_ref().map(landgavel_record::language::PledgeTerms::signed_by).unwrap_or_default();
    let sources = names.iter().enumerate().map(|(index, name)| {
        // An account that is called like the source is taken for it; an officer can write another key.
        let account = known.iter().find(|(shown, _)| shown == name).map(|(_, key)| key.clone());
        let key = written(&fields, name).or(account).unwrap_or_default();
        HolderInput { index, name: (*name).to_owned(), key, is_ticked: false }
    });
    let guarantors = accounts(pages, Role::Guarantor).await.into_iter();
    let guarantors = guarantors.filter_map(|account| Some((account.shown, account.key?))).enumerate();
    let is_ticked = |key: &str| fields.iter().any(|(field, value)| field.starts_with("guarantor_key.") && value == key);
    let guarantors =
        guarantors.map(|(index, (name, key))| HolderInput { index, is_ticked: is_ticked(&key), name, key });
    let winners = Openings::of(&pages.hall).winners(room.id());
    let title = room.foundation().loaded.lot.title.clone();
    let page = New {
        sale_title: visitor.pick(&title),
        pledge: fields.get("pledge").cloned().unwrap_or_else(|| sale.clone()),
        signed: field("signed"),
        winner: field("winner"),
        winners: if winners.len() > 1 { winners } else { Vec::new() },
        wrong: wrong.as_ref().map(|why| visitor.say(&why.zh, &why.en)),
        sources: sources.collect(),
        guarantors: guarantors.collect(),
        known,
        sale,
        terms,
        page: visitor.page(&pages.site, "开立履约监管", "Open a pledge"),
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Page::answer(status, &page)
}

/// The key that was written for a source, wherever it stood: other terms have their sources in another order.
fn written(fields: &BTreeMap<String, String>, source: &str) -> Option<String> {
    let names = fields.iter().filter_map(|(field, name)| Some((field.strip_prefix("source_name.")?, name)));
    let (index, _) = names.into_iter().find(|(_, name)| *name == source)?;
    fields.get(&format!("source_key.{index}")).filter(|key| !key.trim().is_empty()).cloned()
}

pub(super) async fn begin(
    State(pages): State<Pages>,
    visitor: Visitor,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let word = fields.get("word").map_or("", String::as_str);
    let Some(account) = officer(&visitor).filter(|_| visitor.caller.check_form(word).is_ok()) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    let field = |name: &str| fields.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    if field("then") == "terms" {
        return form(&pages, visitor, fields, None).await;
    }
    let terms = fields.get("terms").map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let pairs = |kind: &str| -> Vec<(String, String)> {
        let names =
            fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(&format!("{kind}_name."))?, value)));
        let with_key = names.map(|(index, name)| (name.clone(), field(&format!("{kind}_key.{index}"))));
        with_key.filter(|(_, key)| !key.is_empty()).collect()
    };
    let asked = AskedOpening {
        pledge: field("pledge"),
        sale: field("sale"),
        winner: field("winner"),
        terms,
        signed: field("signed"),
        sources: pairs("source"),
        guarantors: pairs("guarantor"),
    };
    match Openings::of(&pages.hall).begin(&account, asked).await {
        Ok(opening) => see_other(&format!("/officer/openings/{}", opening.id), None),
        Err(why) => form(&pages, visitor, fields, Some(why)).await,
    }
}

pub(super) async fn opening(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(account) = officer(&visitor) else { return ErrorPage::forbidden(&pages.site, visitor) };
    let openings = Openings::of(&pages.hall);
    let found = match openings.get(&id).await {
        Ok(opening) => opening,
        Err(why) => return not_done(&pages, visitor, &why),
    };
    let previewed = match openings.preview(&found.asked) {
        Ok(previewed) => previewed,
        Err(why) => return not_done(&pages, visitor, &why),
    };
    let Ok(signed) = Signed::parse(&found.text.opening) else { return ErrorPage::not_found(&pages.site, visitor) };
    show(&pages, visitor, &account, &found, &previewed.opened, &signed)
}

fn show(
    pages: &Pages,
    visitor: Visitor,
    account: &Account,
    found: &Opening,
    opened: &Opened,
    signed: &Signed,
) -> Response {
    let contract = opened.pledge.contract();
    let money = |amount: Money| format_money(amount, &contract.currency);
    let mut facts = vec![
        Fact::text(visitor.say("履约编号", "Id of the pledge"), found.asked.pledge.clone()),
        Fact::text(visitor.say("出让", "Sale"), found.asked.sale.clone()),
        Fact::text(visitor.say("竞得人代号", "Winner's code"), contract.winner.clone()),
        Fact::number(visitor.say("成交价", "Price"), money(contract.price)),
        Fact::number(visitor.say("合同签订日", "Day of the contract"), contract.signed.to_string()),
        Fact::number(visitor.say("履约保证", "Performance bond"), money(contract.bond.amount)),
        Fact::text(visitor.say("受益人", "Beneficiary"), contract.bond.beneficiary.clone()),
    ];
    if let Some(note) = opened.bond_note() {
        facts.push(Fact::text(visitor.say("请留意", "Note"), visitor.pick(&note)));
    }
    let standing = landgavel_record::pledges::standing_json(opened, contract.signed);
    let told = standing["items"].as_array().cloned().unwrap_or_default();
    let promises = opened.pledge.subjects().zip(&told).filter(|(_, told)| told["kind"] == "promise");
    let promises = promises.map(|(subject, told)| {
        let due = told["due"].as_str().map_or_else(|| visitor.say("待节点", "after its milestone"), str::to_owned);
        let source = match subject {
            Subject::Period(index, _) => contract.promises.get(usize::from(index)).map(|one| one.source.clone()),
            _ => None,
        };
        let promised = told["promised"].as_str().unwrap_or("–").to_owned();
        [visitor.pick(&subject_in_words(&opened.pledge, subject)), promised, source.unwrap_or_default(), due]
    });
    let milestones = contract.milestones.iter().map(|milestone| {
        let by = match milestone.owed_by {
            Party::Seller => visitor.say("出让人", "the seller"),
            Party::Winner => visitor.say("竞得人", "the winner"),
        };
        [visitor.pick(&milestone.name), by, milestone.source.clone()]
    });
    let bans = contract.bans.iter().zip(0u16..).map(|(ban, index)| {
        let subject = Subject::Ban(index);
        let until = opened.pledge.due_of(subject);
        let until = until.map_or_else(|| visitor.say("待节点", "after its milestone"), |day| day.to_string());
        [visitor.pick(&subject_in_words(&opened.pledge, subject)), ban.source.clone(), until]
    });
    let holders = [
        (visitor.say("竞得人", "Winner"), vec![&signed.winner]),
        (visitor.say("监管人员", "Officers"), signed.officers.iter().collect()),
        (visitor.say("凭证单位", "Sources"), signed.sources.iter().collect()),
        (visitor.say("担保人", "Guarantors"), signed.guarantors.iter().collect::<Vec<_>>()),
    ];
    let holders = holders.into_iter().flat_map(|(role, holders)| {
        holders.into_iter().map(move |holder| Fact::text(role.clone(), format!("{} {}", holder.name, holder.key)))
    });
    let is_signed = found.stands == Stands::Publishing;
    let is_open = found.stands == Stands::Open || is_signed;
    let is_listed =
        account.key.as_ref().is_some_and(|key| signed.officers.iter().any(|officer| officer.key.to_string() == *key));
    let page = Shown {
        sign: format!("/api/v1/openings/{}/signatures", found.id),
        here: format!("/officer/openings/{}", found.id),
        word: visitor.caller.form_word(),
        person: account.name.to_string(),
        told: (found.stands == Stands::Dropped).then(|| visitor.say("此项开立已作废。", "This opening was dropped.")),
        published: (found.stands == Stands::Published).then(|| format!("/pledges/{}", found.asked.pledge)),
        text: found.text.opening.clone(),
        facts,
        promises: promises.collect(),
        milestones: milestones.collect(),
        bans: bans.collect(),
        calendar: due_days(opened).into_iter().map(|due| (due.day.to_string(), visitor.pick(&due.words))).collect(),
        holders: holders.collect(),
        signed_by: found.marks.iter().map(|mark| mark.shown.clone()).collect(),
        may_sign: is_listed && (is_signed || !found.is_signed_by(account.name.as_str())),
        is_open,
        is_signed,
        page: visitor.page(&pages.site, "开立履约监管", "Open a pledge"),
    };
    Page::answer(StatusCode::OK, &page)
}
