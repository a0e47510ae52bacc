//! A draft of a sale: begun by a form, checked, told in words, signed by two.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_record::language::{Finding, Severity};
use landgavel_record::words::{Language, Section, rule_in_words};

use super::Pages;
use super::door::see_other;
use super::map::Map;
use super::officer::{not_done, officer};
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::hall::{
    Draft, Drafts, Stands, TEMPLATES, Written, example_calendar, lot_text, outline, read_rulebook, template,
    with_outline,
};
use crate::not_done::{Kind, NotDone};

/// The rulebook that a new draft begins from when nobody chooses another: the one that the project is about.
const FIRST: &str = "cn/zhejiang/yiwu/four-part/2026-01";

#[derive(Template)]
#[template(path = "draft-new.html")]
struct New {
    page: Page,
    templates: Vec<Choice>,
    template: &'static str,
    wrong: Option<String>,
    basics: Vec<Input>,
    values: Vec<Input>,
    moments: Vec<Input>,
    zone: String,
    geojson: String,
    is_sample: bool,
}

#[derive(Template)]
#[template(path = "draft.html")]
struct Shown {
    page: Page,
    action: String,
    sign: String,
    word: String,
    person: String,
    sale: String,
    version: u64,
    rulebook: String,
    lot: String,
    told: Option<String>,
    wrong: Option<String>,
    is_open: bool,
    published: Option<String>,
    findings: Vec<Line>,
    is_sound: bool,
    words: Vec<Section>,
    map: Option<Map>,
    notice: Option<String>,
    signed_by: Vec<String>,
    officers: Vec<String>,
    may_sign: bool,
    why_not: Option<String>,
}

on_page!(New, Shown);

struct Choice {
    id: &'static str,
    title: String,
    is_chosen: bool,
}

struct Input {
    name: String,
    label: String,
    hint: Option<String>,
    value: String,
    kind: &'static str,
    is_required: bool,
}

struct Line {
    tone: &'static str,
    severity: String,
    place: String,
    text: String,
}

fn choices(chosen: &str, visitor: &Visitor) -> Vec<Choice> {
    let one = |template: &crate::hall::Template| {
        let title =
            read_rulebook(template.text).map_or_else(|_| String::new(), |loaded| visitor.pick(&loaded.lot.title));
        Choice { id: template.id, title: format!("{title}（{}）", template.id), is_chosen: template.id == chosen }
    };
    TEMPLATES.iter().map(one).collect()
}

/// The form with its fields as they were, or with examples.
fn new_page(
    pages: &Pages,
    visitor: Visitor,
    id: &str,
    fields: &BTreeMap<String, String>,
    wrong: Option<&NotDone>,
) -> Response {
    let Some(template) = template(id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Ok(loaded) = read_rulebook(template.text) else { return ErrorPage::not_found(&pages.site, visitor) };
    let field = |name: &str, label: String, hint: Option<String>, example: &str, kind, is_required| Input {
        value: fields.get(name).map_or(example, String::as_str).to_owned(),
        name: name.to_owned(),
        label,
        hint,
        kind,
        is_required,
    };
    let say = |zh: &str, en: &str| visitor.say(zh, en);
    let basics = vec![
        field(
            "sale",
            say("出让编号（用于网址，不可更改）", "Id of the sale (stands in its address, never changes)"),
            Some(say("例如 yiwu-2026-17", "Such as yiwu-2026-17")),
            "",
            "text",
            true,
        ),
        field("title_zh", say("标题（中文）", "Title in Chinese"), None, "", "text", true),
        field("title_en", say("标题（英文）", "Title in English"), None, "", "text", false),
        field("parcel", say("宗地编号", "Id of the parcel"), None, "", "text", true),
        field("place_zh", say("坐落（中文）", "Where it lies, in Chinese"), None, "", "text", true),
        field("place_en", say("坐落（英文）", "Where it lies, in English"), None, "", "text", false),
        field("area", say("面积（平方米）", "Area in m²"), None, "20000", "decimal", true),
        field(
            "land_use",
            say("用途代码", "Code of the land use"),
            Some(say(
                "国土空间用地用海分类，例如 100102 二类工业用地",
                "Classification of territorial space, such as 100102",
            )),
            "100102",
            "text",
            true,
        ),
        field("term", say("出让年限（年）", "Term in years"), None, "50", "numeric", true),
        field(
            "industries",
            say("准入行业代码", "Codes of admitted industries"),
            Some(say("GB/T 4754，以逗号分隔；可不填", "GB/T 4754, with commas; may be empty")),
            "",
            "text",
            false,
        ),
        field(
            "approval",
            say("批准文号", "Approval on which the sale rests"),
            Some(say("不填则各项数值标记为“假设”", "Without it every value is marked as an assumption")),
            "",
            "text",
            false,
        ),
    ];
    let values = loaded.parameters.iter().map(|parameter| {
        field(
            &format!("value.{}", parameter.id),
            visitor.pick(&parameter.meaning),
            Some(parameter.id.clone()),
            &parameter.text,
            "text",
            true,
        )
    });
    let example = example_calendar(&loaded, pages.clock.now());
    let moments = loaded.lot.rulebook.calendar.iter().zip(&example).map(|(moment, (id, at))| {
        field(&format!("moment.{id}"), visitor.pick(&moment.name), None, at, "datetime-local", true)
    });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = New {
        templates: choices(id, &visitor),
        template: template.id,
        wrong: wrong.map(|why| visitor.say(&why.zh, &why.en)),
        basics,
        values: values.collect(),
        moments: moments.collect(),
        zone: format!("UTC{}", loaded.lot.rulebook.utc_offset),
        geojson: fields.get("geojson").cloned().unwrap_or_default(),
        is_sample: fields.contains_key("sample"),
        page: visitor.page(&pages.site, "起草一宗出让", "Draft a sale"),
    };
    Page::answer(status, &page)
}

pub(super) async fn new(
    State(pages): State<Pages>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Response {
    if officer(&visitor).is_none() {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let id = query.get("template").map_or(FIRST, String::as_str).to_owned();
    new_page(&pages, visitor, &id, &BTreeMap::new(), None)
}

pub(super) async fn begin(
    State(pages): State<Pages>,
    visitor: Visitor,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let Some(account) = officer(&visitor).filter(|_| comes_with_word(&visitor, &fields)) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    let id = fields.get("template").cloned().unwrap_or_default();
    let Some(template) = template(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Ok(loaded) = read_rulebook(template.text) else { return ErrorPage::not_found(&pages.site, visitor) };
    let sale = fields.get("sale").map(|sale| sale.trim().to_owned()).unwrap_or_default();
    let written = with_geojson(lot_text(&sale, &loaded, &fields), &fields).map(|lot| Written {
        sale,
        rulebook: template.text.to_owned(),
        lot,
    });
    let begun = match written {
        Ok(written) => Drafts::of(&pages.hall).begin(&account, written).await,
        Err(why) => Err(why),
    };
    match begun {
        Ok(draft) => see_other(&format!("/officer/drafts/{}", draft.id), None),
        Err(why) => new_page(&pages, visitor, template.id, &fields, Some(&why)),
    }
}

fn comes_with_word(visitor: &Visitor, fields: &BTreeMap<String, String>) -> bool {
    visitor.caller.check_form(fields.get("word").map_or("", String::as_str)).is_ok()
}

fn with_geojson(lot: String, fields: &BTreeMap<String, String>) -> Result<String, NotDone> {
    match fields.get("geojson").map_or("", |text| text.trim()) {
        "" => Ok(lot),
        text => outline(text)
            .and_then(|corners| with_outline(&lot, &corners))
            .map_err(|[zh, en]| NotDone::new(Kind::Wrong, "geojson", zh, en)),
    }
}

pub(super) async fn draft(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Response {
    if officer(&visitor).is_none() {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    match Drafts::of(&pages.hall).get(&id).await {
        Ok(draft) => {
            let told = query.contains_key("saved").then(|| visitor.say("已保存。", "Saved."));
            show(&pages, visitor, draft, told, None).await
        }
        Err(why) => not_done(&pages, visitor, &why),
    }
}

pub(super) async fn save(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    visitor: Visitor,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let Some(account) = officer(&visitor).filter(|_| comes_with_word(&visitor, &fields)) else {
        return ErrorPage::forbidden(&pages.site, visitor);
    };
    let drafts = Drafts::of(&pages.hall);
    // Browsers send a text's lines with CR LF.
    let field = |name: &str| fields.get(name).map(|text| text.replace("\r\n", "\n")).unwrap_or_default();
    let version = field("version").parse().unwrap_or(0);
    let (sale, rulebook) = (field("sale"), field("rulebook"));
    let saved = match (field("then").as_str(), with_geojson(field("lot"), &fields)) {
        ("drop", _) => drafts.discard(&account, &id).await,
        ("publish", _) => match drafts.get(&id).await {
            Ok(draft) => drafts.publish(draft).await,
            Err(why) => Err(why),
        },
        (_, Ok(lot)) => {
            drafts.change(&account, &id, version, Written { sale: sale.clone(), rulebook: rulebook.clone(), lot }).await
        }
        (_, Err(why)) => Err(why),
    };
    match saved {
        Ok(draft) if draft.stands == Stands::Dropped => see_other("/officer", None),
        Ok(_) => see_other(&format!("/officer/drafts/{id}?saved=1"), None),
        Err(why) => match drafts.get(&id).await {
            // What was typed stays on the page.
            Ok(draft) if draft.stands == Stands::Open && !rulebook.is_empty() => {
                let draft = Draft { sale, rulebook, lot: field("lot"), ..draft };
                show(&pages, visitor, draft, None, Some(&why)).await
            }
            _ => not_done(&pages, visitor, &why),
        },
    }
}

async fn show(
    pages: &Pages,
    visitor: Visitor,
    draft: Draft,
    told: Option<String>,
    wrong: Option<&NotDone>,
) -> Response {
    let drafts = Drafts::of(&pages.hall);
    let Some(account) = officer(&visitor) else { return ErrorPage::forbidden(&pages.site, visitor) };
    let (text, officers) = match (drafts.text(&draft).await, drafts.officers().await) {
        (Ok(text), Ok(officers)) => (text, officers),
        (Err(why), _) | (_, Err(why)) => return not_done(pages, visitor, &why),
    };
    let checked = draft.check();
    let caption = visitor.say("宗地界址，上北", "Outline of the parcel, north up");
    let (findings, words, map, title) = match &checked {
        Ok(loaded) => (
            loaded.findings.clone(),
            rule_in_words(&loaded.lot.rulebook, Some(&loaded.lot), visitor.language),
            loaded.parcel.as_ref().and_then(|parcel| Map::of(&parcel.outline, caption)),
            visitor.pick(&loaded.lot.title),
        ),
        Err(findings) => (findings.clone(), Vec::new(), None, draft.sale.clone()),
    };
    let is_mine = draft.stands == Stands::Open && draft.is_signed_by(account.name.as_str());
    let why_not = match (&account.key, is_mine, officers.len()) {
        (None, ..) => Some(visitor.say("您的账户尚未登记签名密钥。", "Your account has no signing key yet.")),
        (_, true, _) => {
            Some(visitor.say("您已签名，须由另一名工作人员签名。", "You have signed. Another officer must sign too."))
        }
        (_, _, 0 | 1) => {
            Some(visitor.say("至少须有两名工作人员登记了密钥。", "At least two officers must have enrolled a key."))
        }
        _ => None,
    };
    let marks = draft.offer.as_ref().map_or(&[][..], |offer| &offer.marks);
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let is_open = draft.stands == Stands::Open;
    let is_publishing = draft.stands == Stands::Publishing;
    let page = Shown {
        action: format!("/officer/drafts/{}", draft.id),
        sign: format!("/api/v1/drafts/{}/signatures", draft.id),
        word: visitor.caller.form_word(),
        person: account.name.to_string(),
        told,
        wrong: wrong.map(|why| visitor.say(&why.zh, &why.en)),
        is_open,
        published: (draft.stands == Stands::Published).then(|| format!("/officer/sales/{}", draft.sale)),
        findings: findings.iter().map(|one| line(one, &visitor)).collect(),
        is_sound: checked.is_ok(),
        words,
        map,
        notice: text.map(|(notice, _)| notice).filter(|_| (is_open || is_publishing) && wrong.is_none()),
        signed_by: marks.iter().map(|mark| mark.shown.clone()).collect(),
        officers: officers.iter().map(|officer| officer.name.clone()).collect(),
        may_sign: why_not.is_none(),
        why_not,
        version: draft.version,
        sale: draft.sale,
        rulebook: draft.rulebook,
        lot: draft.lot,
        page: visitor.page(&pages.site, &format!("草稿：{title}"), &format!("Draft: {title}")),
    };
    Page::answer(status, &page)
}

fn line(finding: &Finding, visitor: &Visitor) -> Line {
    let (tone, zh, en) = match finding.severity() {
        Severity::Error => ("bad", "错误", "error"),
        Severity::Warning => ("wait", "提醒", "warning"),
    };
    let message = match visitor.language {
        Language::Zh => &finding.message_zh,
        Language::En => &finding.message_en,
    };
    let expected = finding.expected.as_ref();
    let expected = expected.map(|text| visitor.say(&format!(" 应为：{text}。"), &format!(" Expected: {text}.")));
    Line {
        tone,
        severity: visitor.say(zh, en),
        place: format!("{}:{} {}", finding.file, finding.line, finding.field),
        text: format!("{message}{}", expected.unwrap_or_default()),
    }
}
