//! Published scores: which there are, each as a whole, and why a firm has its grade.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use landgavel_record::figures::Line;
use serde::Deserialize;

use super::Pages;
use super::facts::Fact;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::scores::{Firm, Published};

#[derive(Template)]
#[template(path = "scores.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    id: String,
    title: String,
    card: String,
    is_sample: bool,
    counts: Vec<(String, usize)>,
    has_firms: bool,
}

#[derive(Template)]
#[template(path = "score-firm.html")]
struct Why {
    page: Page,
    id: String,
    title: String,
    is_sample: bool,
    facts: Vec<Fact>,
    rows: Vec<LineRow>,
}

struct LineRow {
    name: String,
    why: String,
    points: String,
    source: String,
}

on_page!(List, Why);

/// `GET /scores`.
pub(super) async fn list(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let row = |published: &Published| Row {
        id: published.id.clone(),
        title: visitor.pick(&published.title),
        card: published.card.clone(),
        is_sample: published.is_sample,
        counts: published.counts.clone(),
        has_firms: !published.firms.is_empty(),
    };
    let rows = pages.site.scores.all().iter().map(row).collect();
    let page = visitor.page(&pages.site, "评价与记分板", "Scores and scoreboards");
    Page::answer(StatusCode::OK, &List { page, rows })
}

/// `GET /scores/{id}`: all of it, as it was published.
pub(super) async fn document(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(published) = pages.site.scores.get(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let document = &published.document;
    let Ok(policy) = HeaderValue::from_str(&document.policy) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    ([(CONTENT_SECURITY_POLICY, policy)], Html(document.html.clone())).into_response()
}

/// `GET /scores/{id}/firms.csv`: all firms of a scoring.
pub(super) async fn table(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let found = pages.site.scores.get(&id).filter(|published| !published.csv.is_empty());
    let Some(published) = found else { return ErrorPage::not_found(&pages.site, visitor) };
    ([(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))], published.csv.clone()).into_response()
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    name: String,
}

/// `GET /scores/{id}/firm?name=…`.
pub(super) async fn firm(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Response {
    let Some(published) = pages.site.scores.get(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(firm) = published.firm(asked.name.trim()) else {
        let title = ["没有这家企业", "No such firm"];
        let detail = [
            "这次评价的表里没有这个名称。请按表中的全称填写。",
            "The table of this scoring has no firm of that name. Write it in full, as the table has it.",
        ];
        return ErrorPage::answer(&pages.site, visitor, StatusCode::NOT_FOUND, title, detail);
    };
    let why = Why {
        id: published.id.clone(),
        title: visitor.pick(&published.title),
        is_sample: published.is_sample,
        facts: facts(firm, &visitor),
        rows: line_rows(&firm.lines, &visitor),
        page: visitor.page_titled(&pages.site, firm.name.clone()),
    };
    Page::answer(StatusCode::OK, &why)
}

fn facts(firm: &Firm, visitor: &Visitor) -> Vec<Fact> {
    let grade = if firm.grade.is_empty() { visitor.say("未评价", "not evaluated") } else { firm.grade.clone() };
    let mut facts = vec![
        Fact::text(visitor.say("等级", "Grade"), grade),
        Fact::number(visitor.say("总分", "Points"), firm.total.clone()),
    ];
    if let Some(rank) = firm.rank {
        facts.push(Fact::number(visitor.say("名次", "Rank"), rank.to_string()));
    }
    if !firm.group.is_empty() {
        facts.push(Fact::text(visitor.say("行业", "Industry"), firm.group.clone()));
    }
    facts
}

fn line_rows(lines: &[Line], visitor: &Visitor) -> Vec<LineRow> {
    let held = |holds| {
        if holds { visitor.say("✓ 成立", "✓ holds") } else { visitor.say("✗ 不成立", "✗ does not hold") }
    };
    let mut before = None;
    let row = |line: &Line| LineRow {
        name: visitor.pick(&line.name),
        why: visitor.pick(&line.why),
        points: line.points.clone().unwrap_or_else(|| held(line.holds.unwrap_or_default())),
        // A source that holds for line after line is told once.
        source: line
            .source
            .clone()
            .filter(|source| before.replace(source.clone()).as_ref() != Some(source))
            .unwrap_or_default(),
    };
    lines.iter().map(row).collect()
}
