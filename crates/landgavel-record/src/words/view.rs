//! What somebody sees of a sale, in plain words, one line each.

use landgavel_base::Quantity;
use landgavel_sale::event::PhaseName;
use landgavel_sale::lot::Lot;
use landgavel_sale::rulebook::StepMode;
use landgavel_sale::{LegalBid, OfferView, Sale, StageView, Status, View, Viewer};

use super::Language;
use super::events::Teller;
use super::speech::Speech;

/// What a viewer sees now: how the sale stands, the stages with their offers, the bidders, and for a
/// bidder what it may bid. What the information policy hides is not mentioned at all.
pub fn view_in_words(sale: &Sale, viewer: Viewer, language: Language) -> Vec<String> {
    let view = sale.view(viewer);
    let codes = |bidder| sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
    let teller = Teller { speech: speech(sale.lot(), language), stage: running(&view), codes: &codes };
    let mut lines = vec![teller.standing(&view)];
    lines.extend(view.stages.iter().map(|stage| teller.seen_stage(stage)));
    lines.extend(teller.seen_bidders(&view));
    lines.extend(view.legal.and_then(|legal| teller.seen_legal(&view, legal)));
    lines
}

/// The name of a phase of a stage in a few words.
pub fn phase_in_words(
    sale: &Sale,
    stage: landgavel_sale::rulebook::StageId,
    phase: PhaseName,
    language: Language,
) -> String {
    let codes = |bidder| sale.bidder(bidder).map_or_else(String::new, |known| known.code().to_owned());
    Teller { speech: speech(sale.lot(), language), stage: Some(stage), codes: &codes }.seen_phase(phase)
}

fn speech(lot: &Lot, language: Language) -> Speech<'_> {
    Speech { rulebook: &lot.rulebook, lot: Some(lot), language }
}

fn running(view: &View) -> Option<landgavel_sale::rulebook::StageId> {
    match view.status {
        Status::Running(stage) => Some(stage),
        _ => None,
    }
}

impl Teller<'_> {
    fn standing(&self, view: &View) -> String {
        let speech = self.speech;
        let (zh, en) = match &view.status {
            Status::Admitting => ("报名和资格审查阶段".to_owned(), "Applications are taken and decided".to_owned()),
            Status::Running(stage) => {
                let name = speech.stage_name(*stage);
                (format!("{name}进行中"), format!("The {name} runs"))
            }
            Status::Provisional => ("已产生竞得入选人，待确认".to_owned(), "There is a provisional winner".to_owned()),
            Status::Awarded => ("已成交".to_owned(), "Sold".to_owned()),
            Status::PassedIn(_) => ("流拍".to_owned(), "Passed in".to_owned()),
            Status::Annulled { .. } => ("本次出让已撤销".to_owned(), "The sale was annulled".to_owned()),
        };
        let (zh_pause, en_pause) = if view.is_paused { ("，交易暂停中", ", and stands still") } else { ("", "") };
        speech.say(format!("{zh}{zh_pause}。"), format!("{en}{en_pause}."))
    }

    fn seen_stage(&self, stage: &StageView) -> String {
        let speech = self.speech;
        let (name, terms) = (speech.stage_name(stage.stage), speech.stage_terms(stage.stage));
        let mut parts: Vec<String> = Vec::new();
        if let Some(phase) = stage.phase {
            parts.push(self.seen_phase(phase));
        }
        if let Some(closes) = stage.closes {
            let at = speech.instant(closes);
            parts.push(speech.say(format!("截止{at}"), format!("until {at}")));
        }
        if let Some(size) = stage.field_size {
            parts.push(speech.say(format!("竞买人{size}人"), format!("bidders standing: {size}")));
        }
        for (name, value) in [(terms.start, stage.start), (terms.cap, stage.cap), (terms.reserve, stage.reserve)] {
            if let Some(value) = value {
                let value = self.stage_amount(stage, value);
                parts.push(speech.say(format!("{name}{value}"), format!("{name} {value}")));
            }
        }
        if !stage.offers.is_empty() {
            let offers: Vec<String> = stage.offers.iter().map(|offer| self.seen_offer(stage, offer)).collect();
            parts.push(speech.say(format!("报价：{}", offers.join("、")), format!("offers: {}", offers.join(", "))));
        }
        let all = speech.say(parts.join("；"), parts.join("; "));
        if all.is_empty() {
            return speech.say(format!("{name}。"), format!("The {name}."));
        }
        speech.say(format!("{name}：{all}。"), format!("The {name}: {all}."))
    }

    fn seen_phase(&self, phase: PhaseName) -> String {
        let (zh, en) = match phase {
            PhaseName::Quote => ("报价期".to_owned(), "quotes"),
            PhaseName::Ask => ("询问期".to_owned(), "who goes on?"),
            PhaseName::Live => (self.speech.live(self.stage).to_owned(), "live bidding"),
            PhaseName::Acceptance => ("接受期".to_owned(), "taking the cap"),
            PhaseName::Sealing => ("密封报价提交期".to_owned(), "sealed bids are lodged"),
            PhaseName::Opening => ("密封报价开启期".to_owned(), "sealed bids are opened"),
            PhaseName::Round(number) => return self.speech.say(format!("第{number}轮"), format!("round {number}")),
            PhaseName::Turn { round, bidder } => {
                let who = (self.codes)(bidder);
                return self.speech.say(format!("第{round}轮，轮到{who}"), format!("round {round}, the turn of {who}"));
            }
            PhaseName::Pause => ("轮间间歇".to_owned(), "pause between rounds"),
            PhaseName::Clock => ("时钟运行".to_owned(), "the clock runs"),
            PhaseName::Filing => ("方案提交期".to_owned(), "schemes are filed"),
            PhaseName::Marking => ("评委打分".to_owned(), "the panel marks"),
            PhaseName::Frozen => ("名单已冻结，等待随机数".to_owned(), "entrants frozen, awaiting the random outputs"),
            PhaseName::Taking => ("接受期".to_owned(), "taking the posted value"),
            PhaseName::Revealing => ("等待揭示".to_owned(), "awaiting what must be shown"),
        };
        self.speech.say(zh, en)
    }

    fn stage_amount(&self, stage: &StageView, value: Quantity) -> String {
        match self.speech.rulebook.stage(stage.stage).kind.attribute() {
            Some(attribute) => self.speech.quantity(attribute, value),
            None => value.quanta().to_string(),
        }
    }

    fn seen_offer(&self, stage: &StageView, offer: &OfferView) -> String {
        let value = offer.value.map(|value| self.stage_amount(stage, value));
        match (&offer.code, value) {
            (Some(code), Some(value)) => format!("{code} {value}"),
            (Some(code), None) => code.clone(),
            (None, Some(value)) => value,
            (None, None) => String::new(),
        }
    }

    fn seen_bidders(&self, view: &View) -> Option<String> {
        if view.bidders.is_empty() {
            return None;
        }
        let one = |bidder: &landgavel_sale::BidderView| match (&bidder.identity, &bidder.group) {
            (Some(identity), Some(group)) => self.speech.say(
                format!("{}（{identity}，{group}）", bidder.code),
                format!("{} ({identity}, {group})", bidder.code),
            ),
            (Some(only), None) | (None, Some(only)) => {
                self.speech.say(format!("{}（{only}）", bidder.code), format!("{} ({only})", bidder.code))
            }
            (None, None) => bidder.code.clone(),
        };
        let all: Vec<String> = view.bidders.iter().map(one).collect();
        Some(self.speech.say(format!("竞买人：{}。", all.join("、")), format!("Bidders: {}.", all.join(", "))))
    }

    fn seen_legal(&self, view: &View, legal: LegalBid) -> Option<String> {
        let stage = view.stages.last()?;
        let (least, step) = (self.stage_amount(stage, legal.least), self.stage_amount(stage, legal.step));
        let (zh, en) = match legal.mode {
            StepMode::Exact => (format!("只能报{least}"), format!("may bid {least} and nothing else")),
            StepMode::Multiple => {
                (format!("可报{least}起、以{step}递增"), format!("may bid {least}, or that and whole steps of {step}"))
            }
            StepMode::AtLeast => (format!("可报{least}或者更优"), format!("may bid {least} or better")),
        };
        let cap = legal.cap.map(|cap| self.stage_amount(stage, cap));
        let (zh_cap, en_cap) = match cap {
            Some(cap) => (format!("，以{cap}为限"), format!(", up to {cap}")),
            None => (String::new(), String::new()),
        };
        Some(self.speech.say(format!("您{zh}{zh_cap}。"), format!("You {en}{en_cap}.")))
    }
}
