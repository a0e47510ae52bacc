//! What an auditor, notary or supervisor reads: traces of reading, acts with their signers, sales. It changes nothing.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::{Instant, UtcOffset};

use super::Pages;
use super::facts::{Card, card, when};
use super::officer::not_done;
use super::page::{ErrorPage, Page, Visitor, on_page};
use crate::hall::{ActStands, Acts};
use crate::not_done::NotDone;
use crate::people::Role;

/// Traces on one page.
const ON_A_PAGE: usize = 100;

#[derive(Template)]
#[template(path = "auditor.html")]
struct Audit {
    page: Page,
    zone: String,
    readings: Vec<Trace>,
    newer: Option<String>,
    acts: Vec<ActRow>,
    sales: Vec<Card>,
}

on_page!(Audit);

struct Trace {
    number: u64,
    when: String,
    who: String,
    why: String,
}

struct ActRow {
    sale: String,
    verb: String,
    signers: String,
    state: String,
    tone: &'static str,
}

pub(super) async fn audit(
    State(pages): State<Pages>,
    Query(query): Query<BTreeMap<String, String>>,
    visitor: Visitor,
) -> Response {
    if !visitor.caller.is(Role::Auditor) {
        return ErrorPage::forbidden(&pages.site, visitor);
    }
    let after = query.get("after").and_then(|text| text.parse().ok()).unwrap_or(0);
    match filled(&pages, after, &visitor).await {
        Ok(page) => {
            let page = Audit { page: visitor.page(&pages.site, "审计", "Audit"), ..page };
            Page::answer(StatusCode::OK, &page)
        }
        Err(why) => not_done(&pages, visitor, &why),
    }
}

async fn filled(pages: &Pages, after: u64, visitor: &Visitor) -> Result<Audit, NotDone> {
    let offset = UtcOffset::default();
    let at = |ms: i64| Instant::from_millis(ms).map_or_else(String::new, |at| when(at, offset));
    let readings = pages.hall.setting().store.readings(after, ON_A_PAGE).await?;
    let newer =
        readings.last().filter(|_| readings.len() == ON_A_PAGE).map(|last| format!("/auditor?after={}", last.number));
    let mut acts = Vec::new();
    for room in pages.hall.rooms() {
        for act in Acts::of(&pages.hall, &room).all().await? {
            let signers: Vec<String> =
                act.marks.iter().map(|mark| format!("{}（{}）", mark.shown, at(mark.at_ms))).collect();
            let (state, tone) = match &act.stands {
                ActStands::Waiting => (visitor.say("等待第二人", "waits for the second officer"), "wait"),
                ActStands::Withdrawn { shown, .. } => {
                    (visitor.say(&format!("由 {shown} 撤回"), &format!("taken back by {shown}")), "")
                }
                ActStands::TurnedAway { code } => {
                    (visitor.say(&format!("不能列入记录（{code}）"), &format!("can be no entry ({code})")), "bad")
                }
                ActStands::Entered { entry, refused: None } => {
                    (visitor.say(&format!("第 {entry} 号记录"), &format!("entry {entry}")), "good")
                }
                ActStands::Entered { entry, refused: Some(code) } => (
                    visitor.say(
                        &format!("第 {entry} 号记录，被拒绝（{code}）"),
                        &format!("entry {entry}, refused ({code})"),
                    ),
                    "bad",
                ),
            };
            acts.push(ActRow {
                sale: room.id().to_string(),
                verb: act.field("do"),
                signers: signers.join("、"),
                state,
                tone,
            });
        }
    }
    Ok(Audit {
        page: Page::blank(),
        zone: format!("UTC{offset}"),
        readings: readings
            .into_iter()
            .map(|one| Trace { number: one.number, when: at(one.at_ms), who: one.who, why: one.why })
            .collect(),
        newer,
        acts,
        sales: pages.hall.rooms().iter().filter_map(|room| card(room, visitor)).collect(),
    })
}
