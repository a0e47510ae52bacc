//! Papers: the confirmation of sale and the notice of its result, for the screen and as PDF from the same words.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use landgavel_base::capital_amount;
use landgavel_record::amounts::money_in_words;
use landgavel_record::language::format_quantity;
use landgavel_record::words::Language;
use landgavel_sale::rulebook::{Item, UnitKind};
use landgavel_sale::{Sale, Seat, Status, Viewer};
use tokio::sync::Semaphore;

use super::Pages;
use super::facts::{area, stand};
use super::page::{ErrorPage, Page, Visitor, on_page};
use super::verifier::{Verifying, verifying};
use crate::api::Problem;
use crate::desk::shown::State as SaleState;
use crate::hall::Room;
use crate::print::{Block, Font, Sheet, Source, pdf};

/// Papers that are made at a time: cutting a font down takes a core for a moment.
const AT_ONCE: usize = 2;
/// When who found both taken comes back.
const RETRY_MS: i64 = 2_000;

/// What makes papers as PDF.
#[derive(Debug)]
pub struct Printer {
    font: Font,
    turns: Arc<Semaphore>,
}

impl Printer {
    /// One that sets papers in a font.
    pub fn new(font: Font) -> Self {
        Self { font, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

#[derive(Template)]
#[template(path = "result.html")]
pub(super) struct Paper {
    pub page: Page,
    /// Where else to go: words and address.
    pub links: Vec<(String, String)>,
    pub sheet: Sheet,
    /// Where it is as PDF, when the hall makes any.
    pub pdf: Option<String>,
    pub verifying: Option<Verifying>,
}

on_page!(Paper);

/// A paper of a sale.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Result,
    Confirmation,
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Confirmation => "confirmation",
        }
    }

    fn title(self, visitor: &Visitor) -> String {
        match self {
            Self::Result => visitor.say("成交结果公示", "Notice of result"),
            Self::Confirmation => visitor.say("成交确认书", "Confirmation of sale"),
        }
    }

    /// Its first words; nothing when there is no such paper yet.
    fn opening(self, sale: &Sale, visitor: &Visitor) -> Option<String> {
        if self == Self::Confirmation {
            let opening = visitor.say(
                "出让人与竞得人确认：竞得人依公开的交易规则竞得下列宗地的国有建设用地使用权。",
                "Seller and winner confirm that the winner has won the right to use the land below under the published rules.",
            );
            return Some(opening).filter(|_| matches!(sale.status(), Status::Awarded));
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
        Some(opening).filter(|_| sale.status().is_final() || !sale.seats().is_empty())
    }
}

pub(super) async fn result(pages: State<Pages>, id: Path<String>, visitor: Visitor) -> Response {
    on_screen(&pages, &id, visitor, Kind::Result)
}

pub(super) async fn confirmation(pages: State<Pages>, id: Path<String>, visitor: Visitor) -> Response {
    on_screen(&pages, &id, visitor, Kind::Confirmation)
}

pub(super) async fn result_pdf(pages: State<Pages>, id: Path<String>, visitor: Visitor) -> Result<Response, Problem> {
    printed(&pages, &id, visitor, Kind::Result).await
}

pub(super) async fn confirmation_pdf(
    pages: State<Pages>,
    id: Path<String>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    printed(&pages, &id, visitor, Kind::Confirmation).await
}

fn on_screen(pages: &Pages, id: &str, visitor: Visitor, kind: Kind) -> Response {
    let Some(room) = pages.hall.room(id) else { return ErrorPage::not_found(&pages.site, visitor) };
    let Some(shown) = room.shown() else { return ErrorPage::opening(&pages.site, visitor) };
    let state = shown.look();
    let Some(sheet) = sheet(&room, &state, &visitor, kind) else {
        return ErrorPage::not_found(&pages.site, visitor);
    };
    let language = match visitor.language {
        Language::Zh => "zh",
        Language::En => "en",
    };
    let pdf = pages.site.printer.as_ref().map(|_| format!("/sales/{id}/{}.pdf?lang={language}", kind.path()));
    let verifying = verifying(id, &state, &pages.site, &visitor).filter(|_| kind == Kind::Result);
    let links = vec![
        (visitor.say("返回公告", "Back to the notice"), format!("/sales/{id}")),
        (visitor.say("记录与验证", "Record and verification"), format!("/sales/{id}/record")),
    ];
    let page = visitor.page_titled(&pages.site, sheet.title.clone());
    Page::answer(StatusCode::OK, &Paper { page, links, sheet, pdf, verifying })
}

/// A paper as PDF, in Chinese unless its address asks for English, so that one address is one paper.
async fn printed(pages: &Pages, id: &str, visitor: Visitor, kind: Kind) -> Result<Response, Problem> {
    let visitor = visitor.in_chinese_unless_asked();
    let room = pages.hall.room(id).ok_or_else(|| Problem::not_found(format!("there is no sale {id}")))?;
    let sheet = {
        let shown = room.shown().ok_or_else(Problem::opening)?;
        let state = shown.look();
        let none = || Problem::not_found("there is no such paper yet");
        let sheet = sheet(&room, &state, &visitor, kind).ok_or_else(none)?;
        // A paper is kept and handed on: the root on it must cover what it says.
        if state.published.as_ref().is_none_or(|published| published.tree.size() < state.entries) {
            return Err(Problem::not_witnessed_yet());
        }
        sheet
    };
    on_paper(pages, sheet, &format!("{id}-{}", kind.path())).await
}

/// A sheet as PDF.
pub(super) async fn on_paper(pages: &Pages, sheet: Sheet, name: &str) -> Result<Response, Problem> {
    let printer = pages.site.printer.clone().ok_or_else(Problem::no_font)?;
    let turn = Arc::clone(&printer.turns).try_acquire_owned().map_err(|_| Problem::too_many(RETRY_MS))?;
    let made = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        pdf(&sheet, &printer.font)
    });
    let bytes = match made.await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return Err(Problem::not_printed(why)),
        Err(error) => return Err(Problem::not_printed(error)),
    };
    let name = format!("inline; filename=\"{name}.pdf\"");
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// What stands on a paper; nothing when there is no such paper yet.
fn sheet(room: &Room, state: &SaleState, visitor: &Visitor, kind: Kind) -> Option<Sheet> {
    let sale = &state.sale;
    let opening = kind.opening(sale, visitor)?;
    let mut blocks = Vec::new();
    if room.foundation().loaded.is_sample || state.notice.is_demonstration {
        let words = visitor.say("示例文书：未发生真实出让。", "A sample paper: nothing was sold.");
        blocks.push(Block::Notice(words));
    }
    blocks.push(Block::Text(opening));
    blocks.push(Block::Facts(facts(room, state, visitor)));
    if sale.status().is_final() || sale.is_shown(Item::Amounts, Viewer::Public, true) {
        blocks.extend(sale.seats().iter().flat_map(|seat| terms(sale, seat, visitor)));
    }
    let lists = [
        (visitor.say("受让人义务", "What the winner owes"), true, obligations(sale, visitor)),
        (visitor.say("竞价过程", "How it went"), false, course(sale, visitor)),
    ];
    for (heading, is_numbered, lines) in lists.into_iter().filter(|(_, _, lines)| !lines.is_empty()) {
        blocks.push(Block::List { heading, is_numbered, lines });
    }
    if kind == Kind::Confirmation {
        let places = [["出让人（盖章）", "Seller"], ["竞得人（签章）", "Winner"], ["日期", "Date"]];
        blocks.push(Block::Signatures(places.iter().map(|[zh, en]| visitor.say(zh, en)).collect()));
    }
    let root = state.published.as_ref().map(|published| landgavel_base::Digest(published.tree.root().0).to_string());
    let source = Source {
        before: visitor.say("本文书由公开记录生成。日志 ", "Made from the public record. Log "),
        origin: state.notice.origin.clone(),
        between: visitor.say("，根 ", ", root "),
        root: root.unwrap_or_else(|| "–".to_owned()),
    };
    Some(Sheet { language: visitor.language, title: kind.title(visitor), blocks, source })
}

fn facts(room: &Room, state: &SaleState, visitor: &Visitor) -> Vec<(String, String)> {
    let (sale, lot) = (&state.sale, state.sale.lot());
    let mut facts = vec![
        (visitor.say("出让标的", "Lot"), visitor.pick(&lot.title)),
        (visitor.say("结果", "Result"), stand(state, visitor).words),
        (visitor.say("面积", "Area"), area(lot.area, visitor)),
    ];
    if let Some(parcel) = &room.foundation().loaded.parcel {
        facts.push((visitor.say("宗地编号", "Parcel"), parcel.id.clone()));
        facts.push((visitor.say("坐落", "Where"), visitor.pick(&parcel.location)));
    }
    let sees_codes = sale.status().is_final() || sale.is_shown(Item::Codes, Viewer::Public, true);
    for seat in sale.seats().iter().filter(|_| sees_codes) {
        let code = sale.bidder(seat.bidder).map_or_else(String::new, |bidder| bidder.code().to_owned());
        let name = match sale.status() {
            // Until the confirmation is signed nobody has won.
            Status::Provisional => visitor.say("竞得入选人代号", "Provisional winner's code"),
            _ => visitor.say("竞得人代号", "Winner's code"),
        };
        facts.push((name, code));
    }
    facts
}

fn terms(sale: &Sale, seat: &Seat, visitor: &Visitor) -> Vec<Block> {
    let (lot, rulebook) = (sale.lot(), &sale.lot().rulebook);
    let term = |(id, value): &(landgavel_sale::rulebook::AttributeId, landgavel_base::Quantity)| {
        let attribute = rulebook.attribute(*id);
        let total = attribute.lot_money(*value, lot.area);
        let is_yearly = matches!(attribute.unit.kind, UnitKind::Money { yearly: true, .. });
        let capitals = total.filter(|_| rulebook.currency == "CNY").map(|total| {
            let of = if is_yearly {
                visitor.say("大写（全宗合计，每年）", "Whole lot, each year, in capitals")
            } else {
                visitor.say("大写（全宗合计）", "Whole lot, in capitals")
            };
            (of, capital_amount(total))
        });
        Block::Term { name: visitor.pick(&attribute.name), value: format_quantity(attribute, *value), capitals }
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
