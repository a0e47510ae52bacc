use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::UtcOffset;
use landgavel_record::register::{Ending, Registered, RegisteredOutcome};

use super::Pages;
use super::facts::{Fact, when};
use super::page::{Page, Visitor, on_page};

#[derive(Template)]
#[template(path = "register.html")]
struct Register {
    page: Page,
    site: String,
    zone: String,
    damaged: bool,
    rows: Vec<Row>,
    head: Vec<Fact>,
    has_files: bool,
}

on_page!(Register);

/// A sale as the register names it.
struct Row {
    id: String,
    title: String,
    /// Nothing when the hall does not serve it.
    href: Option<String>,
    at: String,
    entry: u64,
    notice: String,
    ending: Option<EndingRow>,
    is_witnessed: bool,
}

struct EndingRow {
    words: String,
    tone: &'static str,
    at: String,
    size: u64,
    root: String,
}

pub(super) async fn register(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let register = pages.hall.register();
    let shown = register.shown();
    let offset = UtcOffset::default();
    let covered = shown.witnessed.map_or(0, |at| at.size);
    let row = |sale: &Registered| {
        let room = pages.hall.room(&sale.sale);
        Row {
            id: sale.sale.clone(),
            title: room.as_ref().map_or_else(String::new, |room| visitor.pick(&room.foundation().loaded.lot.title)),
            href: room.filter(|room| room.shown().is_some()).map(|room| format!("/sales/{}", room.id())),
            at: when(sale.at, offset),
            entry: sale.entry,
            notice: sale.notice.to_string(),
            ending: sale.outcome.as_ref().map(|outcome| ending(outcome, offset, &visitor)),
            is_witnessed: sale.entry < covered,
        }
    };
    let mut head = vec![
        Fact::text(visitor.say("日志名称", "Name of the log"), register.log_key().name()),
        Fact::text(visitor.say("日志公钥", "Key of the log"), register.log_key().to_string()),
        Fact::number(visitor.say("条目", "Entries"), shown.entries.size().to_string()),
    ];
    if let Some(at) = shown.witnessed {
        head.push(Fact::number(visitor.say("其中已见证", "Witnessed of them"), at.size.to_string()));
        head.push(Fact::text(visitor.say("树根", "Root"), at.root.to_string()));
    }
    let page = Register {
        site: pages.site.origin.clone(),
        zone: format!("UTC{offset}"),
        damaged: shown.damaged.is_some(),
        rows: shown.entries.sales().iter().rev().map(row).collect(),
        head,
        has_files: !shown.files.is_empty(),
        page: visitor.page(&pages.site, "出让登记簿", "Register of sales"),
    };
    Page::answer(StatusCode::OK, &page)
}

fn ending(outcome: &RegisteredOutcome, offset: UtcOffset, visitor: &Visitor) -> EndingRow {
    let (zh, en, tone) = match outcome.ending {
        Ending::Awarded => ("成交", "sold", "good"),
        Ending::PassedIn => ("流拍", "passed in", ""),
        Ending::Annulled => ("撤销", "annulled", "bad"),
    };
    EndingRow {
        words: visitor.say(zh, en),
        tone,
        at: when(outcome.at, offset),
        size: outcome.size,
        root: outcome.root.to_string(),
    }
}
