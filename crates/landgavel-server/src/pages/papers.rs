//! Papers to print: the confirmation of sale and the notice of its result.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use landgavel_base::capital_amount;
use landgavel_record::amounts::money_in_words;
use landgavel_record::language::format_quantity;
use landgavel_sale::rulebook::{Item, UnitKind};
use landgavel_sale::{Sale, Seat, Status, Viewer};

use super::Pages;
use super::facts::{Fact, area, stand};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::verifier::{Verifying, verifying};
use crate::desk::shown::State as SaleState;
use crate::hall::Room;

#[derive(Template)]
#[template(path = "result.html")]
struct Paper {
    page: Page,
    base: String,
    is_sample: bool,
    opening: String,
    facts: Vec<Fact>,
    terms: Vec<Term>,
    obligations: Vec<String>,
    course: Vec<String>,
    root: String,
    origin: String,
    is_signed: bool,
    verifying: Option<Verifying>,
}

on_page!(Paper);

struct Term {
    name: String,
    value: String,
    /// What the capitals are of.
    capitals_of: String,
    capitals: Option<String>,
}

pub(super) async fn result(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let sale = &state.sale;
    if !sale.status().is_final() && sale.seats().is_empty() {
        return ErrorPage::not_found(&pages.site, visitor);
    }
    let opening = match sale.status() {
        Status::Awarded => visitor.say(
            "下列国有建设用地使用权出让已成交，现将结果公示如下。",
            "The right to use the land below has been sold. The result is published herewith.",
        ),
        Status::Provisional => visitor.say(
            "下列出让已产生竞得入选人，尚待资格后审与确认。",
            "There is a provisional winner; examination and confirmation are still to come.",
        ),
        Status::PassedIn(_) => visitor.say("下列出让未成交。", "The lot below was not sold."),
        Status::Annulled { .. } => visitor
            .say("下列出让已依规则所列事由撤销。", "The sale below was annulled for a cause that its rules list."),
        Status::Admitting | Status::Running(_) => String::new(),
    };
    let verifying = verifying(&id, &state, &pages.site, &visitor);
    let paper = paper(&id, &room, &state, &visitor, opening, false);
    let page = visitor.page(&pages.site, "成交结果公示", "Notice of result");
    Page::answer(StatusCode::OK, &Paper { page, verifying, ..paper })
}

pub(super) async fn confirmation(State(pages): State<Pages>, Path(id): Path<String>, visitor: Visitor) -> Response {
    let Some(room) = pages.hall.room(&id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    if !matches!(state.sale.status(), Status::Awarded) {
        return ErrorPage::not_found(&pages.site, visitor);
    }
    let opening = visitor.say(
        "出让人与竞得人确认：竞得人依公开的交易规则竞得下列宗地的国有建设用地使用权。",
        "Seller and winner confirm that the winner has won the right to use the land below under the published rules.",
    );
    let paper = paper(&id, &room, &state, &visitor, opening, true);
    let page = visitor.page(&pages.site, "成交确认书", "Confirmation of sale");
    Page::answer(StatusCode::OK, &Paper { page, ..paper })
}

fn paper(id: &str, room: &Room, state: &SaleState, visitor: &Visitor, opening: String, is_signed: bool) -> Paper {
    let sale = &state.sale;
    let lot = sale.lot();
    let loaded = &room.foundation().loaded;
    let mut facts = vec![
        Fact::text(visitor.say("出让标的", "Lot"), visitor.pick(&lot.title)),
        Fact::text(visitor.say("结果", "Result"), stand(state, visitor).words),
        Fact::number(visitor.say("面积", "Area"), area(lot.area, visitor)),
    ];
    if let Some(parcel) = &loaded.parcel {
        facts.push(Fact::text(visitor.say("宗地编号", "Parcel"), parcel.id.clone()));
        facts.push(Fact::text(visitor.say("坐落", "Where"), visitor.pick(&parcel.location)));
    }
    let sees_codes = sale.status().is_final() || sale.is_shown(Item::Codes, Viewer::Public, true);
    for seat in sale.seats().iter().filter(|_| sees_codes) {
        let code = sale.bidder(seat.bidder).map_or_else(String::new, |bidder| bidder.code().to_owned());
        let name = match sale.status() {
            // Until the confirmation is signed nobody has won.
            Status::Provisional => visitor.say("竞得入选人代号", "Provisional winner's code"),
            _ => visitor.say("竞得人代号", "Winner's code"),
        };
        facts.push(Fact::text(name, code));
    }
    let sees_amounts = sale.status().is_final() || sale.is_shown(Item::Amounts, Viewer::Public, true);
    let root = state.published.as_ref().map(|published| landgavel_base::Digest(published.tree.root().0).to_string());
    Paper {
        page: Page::blank(),
        base: format!("/sales/{id}"),
        is_sample: loaded.is_sample || state.notice.is_demonstration,
        opening,
        facts,
        terms: sale.seats().iter().filter(|_| sees_amounts).flat_map(|seat| terms(sale, seat, visitor)).collect(),
        obligations: obligations(sale, visitor),
        course: course(sale, visitor),
        root: root.unwrap_or_else(|| "–".to_owned()),
        origin: state.notice.origin.clone(),
        is_signed,
        verifying: None,
    }
}

fn terms(sale: &Sale, seat: &Seat, visitor: &Visitor) -> Vec<Term> {
    let (lot, rulebook) = (sale.lot(), &sale.lot().rulebook);
    let term = |(id, value): &(landgavel_sale::rulebook::AttributeId, landgavel_base::Quantity)| {
        let attribute = rulebook.attribute(*id);
        let total = attribute.lot_money(*value, lot.area);
        let is_yearly = matches!(attribute.unit.kind, UnitKind::Money { yearly: true, .. });
        Term {
            name: visitor.pick(&attribute.name),
            value: format_quantity(attribute, *value),
            capitals_of: if is_yearly {
                visitor.say("大写（全宗合计，每年）", "Whole lot, each year, in capitals")
            } else {
                visitor.say("大写（全宗合计）", "Whole lot, in capitals")
            },
            capitals: total.filter(|_| rulebook.currency == "CNY").map(capital_amount),
        }
    };
    seat.terms.values.iter().map(term).collect()
}

fn obligations(sale: &Sale, visitor: &Visitor) -> Vec<String> {
    let rulebook = &sale.lot().rulebook;
    let one = |arisen: &landgavel_sale::Arisen| {
        let rule = rulebook.obligations.get(usize::try_from(arisen.obligation).ok()?)?;
        let mut line = visitor.pick(&rule.text);
        if let Some(amount) = arisen.amount {
            line += &visitor.say("：", ": ");
            line += &money_in_words(amount, &rulebook.currency, visitor.language);
        }
        if let Some(due) = arisen.due {
            line += &visitor.say(&format!("（{due} 前）"), &format!(" (by {due})"));
        }
        Some(line)
    };
    sale.obligations().iter().filter_map(one).collect()
}

/// How each stage went, as far as the rulebook shows it to everybody by now.
fn course(sale: &Sale, visitor: &Visitor) -> Vec<String> {
    let rulebook = &sale.lot().rulebook;
    let sees = |item| sale.is_shown(item, Viewer::Public, true);
    let (sees_amounts, sees_count) = (sees(Item::Amounts), sees(Item::BidderCount));
    let one = |ended: &landgavel_sale::EndedStage| {
        let stage = rulebook.stage(ended.stage);
        let best = stage
            .kind
            .attribute()
            .zip(ended.best.filter(|_| sees_amounts))
            .map(|(id, best)| format_quantity(rulebook.attribute(id), best));
        let count = ended.field.len();
        let bidders = sees_count.then(|| visitor.say(&format!("{count} 名竞买人"), &format!("{count} bidders")));
        let ending = visitor.say(&format!("{}次有效行为", ended.acts), &format!("{} acts", ended.acts));
        let parts = [Some(visitor.pick(&stage.title)), bidders, Some(ending), best];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    sale.ended_stages().iter().map(one).collect()
}
