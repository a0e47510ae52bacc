//! The record of a sale, entry by entry, and how to verify it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::{Instant, UtcOffset};
use landgavel_log::tree::leaf_hash;
use landgavel_store::MAX_ENTRY;
use serde::Deserialize;
use serde_json::Value;

use super::Pages;
use super::facts::{Fact, when};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::verifier::{Verifying, verifying};
use crate::api::{sees_entries, viewer};

/// Entries on one page.
const ON_PAGE: u64 = 50;

#[derive(Template)]
#[template(path = "record.html")]
struct Record {
    page: Page,
    base: String,
    api: String,
    log: String,
    sale_title: String,
    notice: String,
    head: Vec<Fact>,
    entries: Vec<Entry>,
    withheld: bool,
    has_verifier: bool,
    verifying: Option<Verifying>,
    /// Where the hall is reached.
    site: String,
    newer: Option<String>,
    older: Option<String>,
}

on_page!(Record);

struct Entry {
    number: u64,
    when: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<u64>,
}

pub(super) async fn record(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Query(query): Query<Before>,
    visitor: Visitor,
) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let (title, offset, entries, head, withheld, verifying) = {
        let state = shown.look();
        let lot = state.sale.lot();
        let mut head = vec![
            Fact::text(visitor.say("日志名称", "Name of the log"), state.notice.origin.clone()),
            Fact::number(visitor.say("记录数", "Entries"), state.entries.to_string()),
        ];
        if let Some(published) = &state.published {
            head.push(Fact::number(visitor.say("已见证到", "Witnessed up to"), published.tree.size().to_string()));
            let root = landgavel_base::Digest(published.tree.root().0).to_string();
            head.push(Fact::text(visitor.say("根", "Root"), root));
        }
        (
            lot.title.clone(),
            lot.rulebook.utc_offset,
            state.entries,
            head,
            !sees_entries(&state, viewer(&state, Some(&visitor.caller))),
            verifying(&id, &state, &pages.site, &visitor),
        )
    };
    let end = query.before.unwrap_or(entries).min(entries);
    let from = end.saturating_sub(ON_PAGE);
    let store = &pages.hall.setting().store;
    let (notice, read) = tokio::join!(
        store.read(room.id(), 0, 1, MAX_ENTRY),
        store.read(room.id(), from, usize::try_from(end - from).unwrap_or(0), 50 * MAX_ENTRY)
    );
    let (Ok(notice), Ok(read)) = (notice, read) else { return ErrorPage::opening(&pages.site, visitor) };
    let digest = notice.first().map(|entry| landgavel_base::Digest(leaf_hash(entry).0).to_string());
    let listed = (from..).zip(&read).map(|(number, bytes)| entry(number, bytes, offset, &visitor));
    let mut entries_told: Vec<Entry> = if withheld { Vec::new() } else { listed.collect() };
    entries_told.reverse();
    let at = |before: u64| format!("/sales/{id}/record?before={before}");
    let page = Record {
        base: format!("/sales/{id}"),
        api: format!("/api/v1/sales/{id}"),
        log: format!("/sales/{id}/log"),
        sale_title: visitor.pick(&title),
        notice: digest.unwrap_or_else(|| "–".to_owned()),
        head,
        entries: entries_told,
        withheld,
        has_verifier: pages.site.verifier.is_some(),
        verifying,
        site: pages.site.origin.clone(),
        newer: (end < entries).then(|| at((end + ON_PAGE).min(entries))),
        older: (from > 0).then(|| at(from)),
        page: visitor.page(&pages.site, "记录与验证", "Record and verification"),
    };
    Page::answer(StatusCode::OK, &page)
}

fn entry(number: u64, bytes: &[u8], offset: UtcOffset, visitor: &Visitor) -> Entry {
    let entry: Value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let at = entry["at_ms"].as_i64().and_then(Instant::from_millis);
    let command = entry["command"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut words = Vec::new();
    match &command {
        None => words.push(visitor.say("公告，由两名工作人员签名", "The notice, signed by two officers")),
        Some(command) => words.push(asked(command, visitor)),
    }
    if let Some(code) = entry["refused"]["code"].as_str() {
        words.push(visitor.say(&format!("被拒绝：{code}"), &format!("refused: {code}")));
    }
    Entry { number, when: at.map_or_else(String::new, |at| when(at, offset)), words }
}

/// What a command asks, in a few words.
fn asked(command: &Value, visitor: &Visitor) -> String {
    let verb = command["do"].as_str().unwrap_or_default();
    let [zh, en] = verb_in_words(verb);
    let said = visitor.say(zh, en);
    let parts = [command["bidder"].as_str(), Some(said.as_str()), command["amount"].as_str()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn verb_in_words(verb: &str) -> [&'static str; 2] {
    match verb {
        "tick" => ["时间到点", "time passed"],
        "apply" => ["申请竞买", "applies"],
        "bond" => ["保证金到账", "bond lodged"],
        "withdraw" => ["撤回", "withdraws"],
        "admit" => ["准入", "admitted"],
        "reject" => ["不予准入", "not admitted"],
        "commit" => ["提交承诺值", "commits to a value"],
        "reveal" => ["揭示承诺值", "shows a committed value"],
        "bid" => ["报价", "bids"],
        "join" => ["继续竞价", "goes on"],
        "accept" => ["接受", "accepts"],
        "seal" => ["提交密封报价", "lodges a sealed bid"],
        "open" => ["开启密封报价", "sealed bid opened"],
        "file" => ["提交方案", "files a scheme"],
        "mark" => ["评委打分", "marks given"],
        "beacon" => ["公共随机数", "public random number"],
        "step" => ["调整幅度", "increment changed"],
        "call" => ["报槌", "bid called"],
        "hammer" => ["落槌", "hammer falls"],
        "pause" => ["交易暂停", "sale paused"],
        "resume" => ["交易恢复", "sale resumed"],
        "qualify" => ["审查通过", "examination passed"],
        "disqualify" => ["审查未通过", "examination failed"],
        "confirm" => ["签署成交确认书", "signs the confirmation"],
        "default" => ["违约", "defaults"],
        "annul" => ["撤销出让", "sale annulled"],
        "object" => ["提出异议", "objects"],
        "answer" => ["答复异议", "objection answered"],
        "correct" => ["更正", "correction"],
        _ => ["其他", "other"],
    }
}
