//! Pledges in lists: for everybody a board, for officers what falls due and what is at risk, for enterprises, banks and
//! sources their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::{Date, Money};
use landgavel_pledge::{ClaimState, Status, Verdict};
use landgavel_record::language::format_money;
use landgavel_record::pledges::record::Role as Signs;
use landgavel_record::pledges::{Light, Opened, status_in_words, subject_in_words};
use landgavel_sale::Status as SaleStatus;

use super::Pages;
use super::door::see_other;
use super::facts::Fact;
use super::map::Map;
use super::officer::{not_done, officer};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::pledge::{ConcernRow, Item, Tag, claim_tag, concern_rows, form_words, items, light_tag, map};
use crate::hall::{Acts, Openings, Stands};
use crate::people::Role;
use crate::pledges::concerns::{concerns, due_days, worst};
use crate::pledges::{Pledge, State as PledgeState};

#[derive(Template)]
#[template(path = "pledges.html")]
struct Board {
    page: Page,
    totals: Vec<Fact>,
    has_map: bool,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "officer-pledges.html")]
struct Supervisor {
    page: Page,
    rows: Vec<Row>,
    waiting: Vec<Waiting>,
    to_open: Vec<Waiting>,
}

#[derive(Template)]
#[template(path = "my-pledges.html")]
struct Mine {
    page: Page,
    lead: String,
    pledges: Vec<Own>,
    totals: Vec<Fact>,
}

on_page!(Board, Supervisor, Mine);

struct Row {
    href: String,
    title: String,
    place: String,
    tag: Tag,
    light: Light,
    status: String,
    met: String,
    owed: String,
    next: String,
    reasons: Vec<ConcernRow>,
    map: Option<Map>,
}

struct Waiting {
    href: String,
    what: String,
}

/// A pledge as one of its parties sees it.
struct Own {
    href: String,
    title: String,
    as_what: String,
    tag: Tag,
    reasons: Vec<ConcernRow>,
    /// Of whoever promised.
    items: Vec<Item>,
    facts: Vec<Fact>,
    bonds: Vec<[String; 4]>,
    claims: Vec<OwnClaim>,
    due: Vec<(String, String)>,
}

struct OwnClaim {
    what: String,
    tag: Tag,
    owed: String,
    until: String,
}

/// What a guarantor may still have to pay and was made to pay, by currency: money of two is not added.
#[derive(Default)]
struct Exposures(BTreeMap<String, (Money, Money)>);

impl Exposures {
    fn add(&mut self, currency: &str, held: Money, called: Money) {
        let sums = self.0.entry(currency.to_owned()).or_default();
        sums.0 = sums.0.checked_add(held).unwrap_or(sums.0);
        sums.1 = sums.1.checked_add(called).unwrap_or(sums.1);
    }
}

/// What of a pledge was kept, of what was judged.
fn kept(opened: &Opened) -> (usize, usize) {
    let verdicts = opened.pledge.told().filter_map(|subject| opened.pledge.verdict(subject));
    verdicts.fold((0, 0), |(kept, judged), verdict| {
        let is_kept = matches!(verdict, Verdict::Met | Verdict::Cured | Verdict::Waived);
        (kept + usize::from(is_kept), judged + 1)
    })
}

fn owed(opened: &Opened, today: Date) -> Money {
    let claims = opened.pledge.claims().iter().enumerate();
    let open = claims.filter(|(_, claim)| claim.state != ClaimState::Closed);
    open.filter_map(|(index, _)| opened.pledge.claim_owed(index, today))
        .fold(Money::ZERO, |sum, owed| sum.checked_add(owed).unwrap_or(sum))
}

fn row(pages: &Pages, pledge: &Arc<Pledge>, visitor: &Visitor) -> Option<Row> {
    let shown = pledge.shown()?;
    let state = shown.look();
    let opened = state.record.opened();
    let today = state.today(pages.clock.now());
    let light = worst(&concerns(opened, today));
    let (met, judged) = kept(opened);
    let room = pages.hall.room(pledge.sale().as_str());
    let loaded = room.as_ref().map(|room| &room.foundation().loaded);
    let title = loaded.map_or_else(|| pledge.id().to_owned(), |loaded| visitor.pick(&loaded.lot.title));
    let place = loaded.and_then(|loaded| loaded.parcel.as_ref()).map(|parcel| visitor.pick(&parcel.location));
    let due = due_days(opened);
    let next = due.first().map_or_else(|| "–".to_owned(), |due| format!("{} {}", due.day, visitor.pick(&due.words)));
    Some(Row {
        href: format!("/pledges/{}", pledge.id()),
        title,
        place: place.unwrap_or_default(),
        tag: light_tag(light, visitor),
        light,
        status: visitor.pick(&status_in_words(opened.pledge.status())),
        met: format!("{met} / {judged}"),
        owed: format_money(owed(opened, today), &opened.pledge.contract().currency),
        next,
        reasons: concern_rows(opened, today, visitor),
        map: map(pages, pledge, light, visitor),
    })
}

/// All pledges, the worst first.
fn rows(pages: &Pages, visitor: &Visitor) -> Vec<Row> {
    let mut rows: Vec<Row> = pages.hall.pledges().iter().filter_map(|pledge| row(pages, pledge, visitor)).collect();
    rows.sort_by_key(|row| row.light);
    rows
}

/// The board for everybody.
pub(super) async fn board(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let rows = rows(&pages, &visitor);
    let count = |light: Light| rows.iter().filter(|row| row.light == light).count().to_string();
    let (mut met, mut judged) = (0, 0);
    for pledge in pages.hall.pledges() {
        let Some(shown) = pledge.shown() else { continue };
        let (kept, of) = kept(shown.look().record.opened());
        (met, judged) = (met + kept, judged + of);
    }
    let totals = vec![
        Fact::number(visitor.say("在管履约", "Pledges"), rows.len().to_string()),
        Fact::number(visitor.say("● 正常", "● in order"), count(Light::Green)),
        Fact::number(visitor.say("▲ 临近或待办", "▲ near or waiting"), count(Light::Amber)),
        Fact::number(visitor.say("■ 需要处理", "■ need action"), count(Light::Red)),
        Fact::number(visitor.say("已认定事项中履约", "Kept, of what was judged"), format!("{met} / {judged}")),
    ];
    let page = visitor.page(&pages.site, "履约公示", "Promises and what was delivered");
    Page::answer(StatusCode::OK, &Board { page, totals, has_map: rows.iter().any(|row| row.map.is_some()), rows })
}

/// The supervisor's list.
pub(super) async fn supervisor(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let Some(account) = officer(&visitor) else { return ErrorPage::forbidden(&pages.site, visitor) };
    let openings = match Openings::of(&pages.hall).all().await {
        Ok(openings) => openings,
        Err(why) => return not_done(&pages, visitor, &why),
    };
    let open = openings.iter().filter(|one| matches!(one.stands, Stands::Open | Stands::Publishing));
    let mut waiting: Vec<Waiting> = open
        .map(|opening| {
            let (pledge, signed) = (&opening.asked.pledge, opening.marks.len());
            Waiting {
                href: format!("/officer/openings/{}", opening.id),
                what: visitor.say(
                    &format!("开立履约 {pledge}（已签 {signed} / 2）"),
                    &format!("Open the pledge {pledge} ({signed} of 2 have signed)"),
                ),
            }
        })
        .collect();
    for pledge in pages.hall.pledges() {
        let acts = match Acts::of(&pages.hall, &pledge).all().await {
            Ok(acts) => acts,
            Err(why) => return not_done(&pages, visitor, &why),
        };
        let waits = acts.iter().filter(|act| act.is_waiting() && !act.is_signed_by(account.name.as_str())).count();
        if waits > 0 {
            let what = visitor.say(
                &format!("{}：待会签 {waits} 项", pledge.id()),
                &format!("{}: {waits} acts wait for a second signature", pledge.id()),
            );
            waiting.push(Waiting { href: format!("/pledges/{}", pledge.id()), what });
        }
    }
    let pledged: Vec<String> = pages.hall.pledges().iter().map(|pledge| pledge.sale().to_string()).collect();
    let awarded = pages.hall.rooms().into_iter().filter(|room| {
        let is_awarded = room.shown().is_some_and(|shown| matches!(shown.look().sale.status(), SaleStatus::Awarded));
        is_awarded && !pledged.contains(&room.id().to_string())
    });
    let to_open = awarded
        .map(|room| Waiting {
            href: format!("/officer/pledges/new?sale={}", room.id()),
            what: visitor.pick(&room.foundation().loaded.lot.title),
        })
        .collect();
    let rows = rows(&pages, &visitor);
    let page = visitor.page(&pages.site, "履约监管", "Supervision of pledges");
    Page::answer(StatusCode::OK, &Supervisor { page, rows, waiting, to_open })
}

/// The pledges in which the visitor's key signs: an enterprise's, a bank's, a source's.
pub(super) async fn mine(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let Some(account) = visitor.caller.account().cloned() else { return see_other("/login?next=/my/pledges", None) };
    let mut pledges = Vec::new();
    let mut exposures = Exposures::default();
    for pledge in pages.hall.pledges() {
        let Some(shown) = pledge.shown() else { continue };
        let state = shown.look();
        let Some((role, name)) = state.signs_as(account.key.as_deref()) else { continue };
        if role == Signs::Guarantor {
            let own = state.record.opened().pledge.bonds().iter().filter(|held| held.bond.issuer == name);
            let currency = &state.record.opened().pledge.contract().currency;
            own.for_each(|held| exposures.add(currency, held.held(), held.called));
        }
        pledges.push(own(&pages, &pledge, &state, role, name, &visitor));
    }
    let lead = match account.role {
        Role::Guarantor => visitor.say(
            "贵机构开立的保函：敞口、索赔与到期。",
            "Guarantees that you have issued: exposure, claims, expiries.",
        ),
        Role::Source => visitor.say("等待贵单位签署的凭证。", "What waits for your office's signature."),
        Role::Officer | Role::Auditor | Role::Bidder => {
            visitor.say("我的承诺、我的凭证、认定与理由。", "My promises, my evidence, the verdicts and why.")
        }
    };
    let totals = exposures.0.iter().flat_map(|(currency, (exposure, called))| {
        [
            Fact::number(visitor.say("敞口合计", "Exposure"), format_money(*exposure, currency)),
            Fact::number(visitor.say("已被提取", "Called so far"), format_money(*called, currency)),
        ]
    });
    let totals = totals.collect();
    let page = visitor.page(&pages.site, "我的履约", "My pledges");
    Page::answer(StatusCode::OK, &Mine { page, lead, pledges, totals })
}

fn own(pages: &Pages, pledge: &Arc<Pledge>, state: &PledgeState, role: Signs, name: &str, visitor: &Visitor) -> Own {
    let opened = state.record.opened();
    let today = state.today(pages.clock.now());
    let money = |amount: Money| format_money(amount, &opened.pledge.contract().currency);
    let (met, judged) = kept(opened);
    let mut facts = vec![
        Fact::text(visitor.say("状态", "Status"), visitor.pick(&status_in_words(opened.pledge.status()))),
        Fact::number(visitor.say("已认定事项中履约", "Kept, of what was judged"), format!("{met} / {judged}")),
        Fact::number(visitor.say("索赔尚欠", "Owed on claims"), money(owed(opened, today))),
    ];
    if role == Signs::Winner {
        facts.extend(grade(pages, pledge, name, visitor));
    }
    let is_own = |issuer: &str| role != Signs::Guarantor || issuer == name;
    let bonds = opened.pledge.bonds().iter().filter(|held| is_own(&held.bond.issuer));
    let bonds = bonds.map(|held| {
        let until = held.bond.valid_until.map_or_else(|| "–".to_owned(), |day| day.to_string());
        let what = format!("{} · {}", form_words(held.bond.form, visitor), held.bond.issuer);
        [what, money(held.bond.amount), money(held.held()), until]
    });
    let open = opened.pledge.claims().iter().enumerate().filter(|(_, claim)| claim.state != ClaimState::Closed);
    let claims = open.map(|(index, claim)| OwnClaim {
        what: format!("{}. {}", index + 1, visitor.pick(&subject_in_words(&opened.pledge, claim.subject))),
        tag: claim_tag(claim.state, claim.cure_until < today, visitor),
        owed: money(opened.pledge.claim_owed(index, today).unwrap_or_else(|| claim.owed())),
        until: claim.cure_until.to_string(),
    });
    let is_running = opened.pledge.status() == Status::Running;
    let due = due_days(opened).into_iter().filter(|_| is_running).take(6);
    let room = pages.hall.room(pledge.sale().as_str());
    Own {
        href: format!("/pledges/{}", pledge.id()),
        title: room.map_or_else(|| pledge.id().to_owned(), |room| visitor.pick(&room.foundation().loaded.lot.title)),
        as_what: format!("{name}（{}）", super::pledge::role_words(role, visitor)),
        tag: light_tag(worst(&concerns(opened, today)), visitor),
        reasons: concern_rows(opened, today, visitor),
        items: if role == Signs::Winner { items(state, today, visitor) } else { Vec::new() },
        facts,
        bonds: bonds.collect(),
        claims: claims.collect(),
        due: due.map(|due| (due.day.to_string(), visitor.pick(&due.words))).collect(),
    }
}

/// What the enterprise showed of itself in the sale, such as a certified grade.
fn grade(pages: &Pages, pledge: &Pledge, code: &str, visitor: &Visitor) -> Vec<Fact> {
    let Some(shown) = pages.hall.room(pledge.sale().as_str()).and_then(|room| room.shown()) else { return Vec::new() };
    let state = shown.look();
    let bidder = state.sale.bidder_named(code).and_then(|id| state.sale.bidder(id));
    let facts = bidder.map(|bidder| bidder.facts().to_vec()).unwrap_or_default();
    let grade = facts.iter().find(|(name, _)| name == "grade");
    grade
        .map(|(_, value)| {
            let value = match value {
                landgavel_base::FactValue::Text(text) => text.clone(),
                landgavel_base::FactValue::Number(number) => number.to_string(),
                landgavel_base::FactValue::YesNo(true) => visitor.say("是", "yes"),
                landgavel_base::FactValue::YesNo(false) => visitor.say("否", "no"),
            };
            Fact::text(visitor.say("出让时的评价等级", "Grade shown in the sale"), value)
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_of_two_currencies_is_not_added() {
        let money = |minor| Money::from_minor(minor).unwrap();
        let mut exposures = Exposures::default();
        for (currency, held, called) in [("CNY", 5, 1), ("USD", 7, 0), ("CNY", 10, 2)] {
            exposures.add(currency, money(held), money(called));
        }
        let sums: Vec<_> = exposures.0.into_iter().collect();
        assert_eq!(sums, [("CNY".to_owned(), (money(15), money(3))), ("USD".to_owned(), (money(7), money(0)))]);
    }
}
