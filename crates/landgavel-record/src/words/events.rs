//! Events in plain words, one sentence each.

use landgavel_base::Quantity;
use landgavel_sale::command::BidderId;
use landgavel_sale::event::{Event, Happened, PhaseName};
use landgavel_sale::lot::{Lot, Secret};
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{AttributeId, StageId, StageKind};

use super::Language;
use super::speech::Speech;

/// Tells the events of one sale in order; it remembers which stage runs, as events within a stage don't say it.
#[derive(Debug, Clone)]
pub struct Narrator<'a> {
    lot: &'a Lot,
    language: Language,
    stage: Option<StageId>,
}

impl<'a> Narrator<'a> {
    /// Begins before the first event.
    pub fn new(lot: &'a Lot, language: Language) -> Self {
        Self { lot, language, stage: None }
    }

    /// The next event in one sentence.
    pub fn tell(&mut self, codes: &dyn Fn(BidderId) -> String, event: &Event) -> String {
        if let Happened::StageOpened { stage, .. } = &event.happened {
            self.stage = Some(*stage);
        }
        event_in_words(self.lot, self.stage, codes, event, self.language)
    }
}

/// An event in one sentence, without its time.
///
/// `stage` is the stage that runs when it happens; without it amounts are bare counts of quanta.
pub fn event_in_words(
    lot: &Lot,
    stage: Option<StageId>,
    codes: &dyn Fn(BidderId) -> String,
    event: &Event,
    language: Language,
) -> String {
    let speech = Speech { rulebook: &lot.rulebook, lot: Some(lot), language };
    let teller = Teller { speech, stage, codes };
    let (zh, en) = teller.tell(&event.happened);
    let closed = |text: String, stop: &str, question: &str| {
        if text.ends_with(question) { text } else { format!("{text}{stop}") }
    };
    speech.say(closed(zh, "。", "？"), closed(en, ".", "?"))
}

pub(super) fn pair(zh: &str, en: &str) -> (String, String) {
    (zh.to_owned(), en.to_owned())
}

pub(super) struct Teller<'a> {
    pub speech: Speech<'a>,
    pub stage: Option<StageId>,
    pub codes: &'a dyn Fn(BidderId) -> String,
}

impl Teller<'_> {
    fn attribute(&self) -> Option<AttributeId> {
        self.speech.rulebook.stages.get(usize::from(self.stage?.0))?.kind.attribute()
    }

    pub fn quantity(&self, quantity: Quantity) -> String {
        match self.attribute() {
            Some(attribute) => self.speech.quantity(attribute, quantity),
            None => quantity.quanta().to_string(),
        }
    }

    fn stage_quantity(&self, stage: StageId, quantity: Quantity) -> String {
        match self.speech.rulebook.stage(stage).kind.attribute() {
            Some(attribute) => self.speech.quantity(attribute, quantity),
            None => quantity.quanta().to_string(),
        }
    }

    pub fn who(&self, bidder: BidderId) -> String {
        let code = (self.codes)(bidder);
        self.speech.say(format!("竞买人{code}"), format!("Bidder {code}"))
    }

    pub fn codes(&self, bidders: &[BidderId]) -> String {
        let codes: Vec<String> = bidders.iter().map(|bidder| (self.codes)(*bidder)).collect();
        self.speech.say(codes.join("、"), codes.join(", "))
    }

    fn secret(&self, stage: StageId, secret: Secret) -> &'static str {
        let terms = self.speech.stage_terms(stage);
        match secret {
            Secret::Cap => terms.cap,
            Secret::Reserve => terms.reserve,
        }
    }

    fn tell(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::Applied(_)
            | Happened::BondLodged { .. }
            | Happened::Admitted { .. }
            | Happened::Rejected { .. }
            | Happened::Withdrawn { .. }
            | Happened::AdmissionClosed { .. }
            | Happened::BondForfeited { .. } => self.admission(happened),
            Happened::Committed { .. }
            | Happened::Revealed { .. }
            | Happened::StageOpened { .. }
            | Happened::PhaseBegan { .. }
            | Happened::StageEnded { .. }
            | Happened::Paused { .. }
            | Happened::Resumed { .. } => self.course(happened),
            Happened::BidPlaced { .. }
            | Happened::Joined { .. }
            | Happened::Accepted { .. }
            | Happened::CapReached { .. }
            | Happened::StepChanged { .. }
            | Happened::BidCalled => self.bidding(happened),
            Happened::SealLodged { .. }
            | Happened::SealVoided { .. }
            | Happened::SealOpened { .. }
            | Happened::SchemeFiled { .. }
            | Happened::MarkGiven { .. }
            | Happened::Scored { .. }
            | Happened::DrawFrozen { .. }
            | Happened::DrawHeld { .. } => self.sealed_and_drawn(happened),
            Happened::ProvisionallyAwarded { .. }
            | Happened::Qualified { .. }
            | Happened::Disqualified { .. }
            | Happened::Confirmed { .. }
            | Happened::Defaulted { .. }
            | Happened::Cascaded { .. }
            | Happened::ObligationArose { .. }
            | Happened::Awarded
            | Happened::PassedIn { .. }
            | Happened::Annulled { .. } => self.award(happened),
        }
    }

    fn admission(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::Applied(application) => {
                let code = &application.code;
                (format!("{code}提交竞买申请"), format!("{code} applied to take part"))
            }
            Happened::BondLodged { bidder, bond } => {
                let (who, amount) = (self.who(*bidder), self.speech.money(bond.amount));
                let form = super::admission::form_word(self.speech, bond.form);
                (
                    format!("{who}以{form}缴纳竞买保证金{amount}"),
                    format!("{who} lodged a bid bond of {amount} as {form}"),
                )
            }
            Happened::Admitted { bidder } => {
                let who = self.who(*bidder);
                (format!("{who}取得竞买资格"), format!("{who} was admitted"))
            }
            Happened::Rejected { bidder, reason } => {
                let who = self.who(*bidder);
                (format!("{who}未予竞买资格，理由：{reason}"), format!("{who} was refused admission: {reason}"))
            }
            Happened::Withdrawn { bidder } => {
                let who = self.who(*bidder);
                (format!("{who}撤回申请、退出竞买"), format!("{who} withdrew"))
            }
            Happened::AdmissionClosed { admitted } => (
                format!("竞买资格审定截止，共{admitted}人取得竞买资格"),
                format!("Admission closed; admitted bidders: {admitted}"),
            ),
            Happened::BondForfeited { bidder, cause } => {
                let who = self.who(*bidder);
                let cause = super::admission::forfeit_word(self.speech, *cause);
                (
                    format!("{who}的竞买保证金不予退还，事由：{cause}"),
                    format!("The bid bond of {who} is forfeit: {cause}"),
                )
            }
            _ => unreachable!("only events of admission come here"),
        }
    }

    fn course(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::Committed { stage, secret, digest } => {
                let (name, secret) = (self.speech.stage_name(*stage), self.secret(*stage, *secret));
                (
                    format!("{name}的{secret}已作承诺，散列值为{digest}"),
                    format!("The {secret} of {name} was committed; its hash is {digest}"),
                )
            }
            Happened::Revealed { stage, secret, value } => {
                let (name, secret) = (self.speech.stage_name(*stage), self.secret(*stage, *secret));
                let value = self.stage_quantity(*stage, *value);
                (
                    format!("{name}的{secret}揭示为{value}，与承诺相符"),
                    format!("The {secret} of {name} was revealed as {value}, matching its commitment"),
                )
            }
            Happened::StageOpened { stage, field } => {
                let (name, codes) = (self.speech.stage_name(*stage), self.codes(field));
                (
                    format!("{name}开始，进入本阶段的竞买人共{}人：{codes}", field.len()),
                    format!(
                        "The {name} began with {} {}: {codes}",
                        field.len(),
                        if field.len() == 1 { "bidder" } else { "bidders" }
                    ),
                )
            }
            Happened::PhaseBegan { phase } => self.phase(*phase),
            Happened::StageEnded { stage, why, best, ahead, ranking } => {
                let name = self.speech.stage_name(*stage);
                let (zh_why, en_why) = self.ended(*stage, *why);
                let best = best.map(|best| self.stage_quantity(*stage, best));
                let (zh_best, en_best) = match best {
                    Some(best) => (format!("，领先数额{best}"), format!(", leading at {best}")),
                    None => (String::new(), String::new()),
                };
                let (zh_rank, en_rank) = if ranking.is_empty() {
                    (String::new(), String::new())
                } else {
                    let codes = self.codes(ranking);
                    (format!("，排名：{codes}"), format!(", ranking: {codes}"))
                };
                let (zh_sure, en_sure) = if ahead.is_empty() {
                    (String::new(), String::new())
                } else {
                    let codes = self.codes(ahead);
                    (
                        format!("，并列名次之前已确定胜出：{codes}"),
                        format!(", certain to win before the tied places: {codes}"),
                    )
                };
                (
                    format!("{name}结束：{zh_why}{zh_best}{zh_sure}{zh_rank}"),
                    format!("The {name} ended: {en_why}{en_best}{en_sure}{en_rank}"),
                )
            }
            Happened::Paused { evidence } => {
                (format!("交易暂停：{evidence}"), format!("The sale was paused: {evidence}"))
            }
            Happened::Resumed { lasted } => {
                let lasted = self.speech.duration(*lasted);
                (format!("交易恢复，共暂停{lasted}"), format!("The sale was resumed after {lasted}"))
            }
            _ => unreachable!("only events of the course of stages come here"),
        }
    }

    /// Why a stage ended.
    pub fn ended(&self, stage: StageId, why: EndReason) -> (String, String) {
        let terms = self.speech.stage_terms(stage);
        match why {
            EndReason::Settled => match self.speech.rulebook.stage(stage).kind {
                StageKind::Draw(_) => pair("次序已摇出", "the order is drawn"),
                _ => pair("已产生领先者", "there is a leader"),
            },
            EndReason::Capped => (format!("达到{}", terms.cap), format!("the {} was reached", terms.cap)),
            EndReason::Empty => pair("无人作出有效报价或者接受", "nobody made a valid offer"),
            EndReason::BelowReserve => (
                format!("领先报价未达到{}", terms.reserve),
                format!("the leading bid does not meet the {}", terms.reserve),
            ),
            EndReason::Overdue => {
                pair("应予揭示、提交或者确定的事项逾期", "something that had to be shown was not shown in time")
            }
            EndReason::Tied => pair("并列", "a tie"),
        }
    }

    fn phase(&self, phase: PhaseName) -> (String, String) {
        match phase {
            PhaseName::Quote => pair("报价期开始", "The quote period began"),
            PhaseName::Ask => (
                format!("询问期开始，询问是否参加{}", self.speech.live(self.stage)),
                "The ask period began: who goes on to the live part?".to_owned(),
            ),
            PhaseName::Live => (format!("{}开始", self.speech.live(self.stage)), "The live part began".to_owned()),
            PhaseName::Acceptance => {
                let cap = self.speech.terms(self.attribute()).cap;
                (format!("{cap}接受期开始"), format!("The period to accept the {cap} began"))
            }
            PhaseName::Sealing => pair("密封报价开始提交", "Sealed bids may now be lodged"),
            PhaseName::Opening => pair("密封报价开始开启", "The opening of sealed bids began"),
            PhaseName::Round(number) => (format!("第{number}轮报价开始"), format!("Round {number} began")),
            PhaseName::Turn { round, bidder } => {
                let who = self.who(bidder);
                (format!("第{round}轮，轮到{who}报价"), format!("Round {round}: the turn of {who} began"))
            }
            PhaseName::Pause => pair("轮间间歇开始", "The pause between rounds began"),
            PhaseName::Clock => pair("时钟启动", "The clock started"),
            PhaseName::Filing => pair("方案开始提交", "Schemes may now be filed"),
            PhaseName::Marking => pair("评委开始打分", "The panel began to mark"),
            PhaseName::Frozen => pair(
                "摇号参加人名单冻结，等待随机数",
                "The entrants of the draw are frozen; the random outputs are awaited",
            ),
            PhaseName::Taking => pair("接受期间开始", "The time to accept began"),
            PhaseName::Revealing => pair("等待揭示保密数额", "The secret values are awaited"),
        }
    }

    fn bidding(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::BidPlaced { bidder, amount } => {
                let (who, amount) = (self.who(*bidder), self.quantity(*amount));
                (format!("{who}报价{amount}"), format!("{who} bid {amount}"))
            }
            Happened::Joined { bidder } => {
                let who = self.who(*bidder);
                (format!("{who}声明参加{}", self.speech.live(self.stage)), format!("{who} joined the live part"))
            }
            Happened::Accepted { bidder, value } => {
                let who = self.who(*bidder);
                match value {
                    Some(value) => {
                        let value = self.quantity(*value);
                        (format!("{who}接受{value}"), format!("{who} accepted {value}"))
                    }
                    None => (format!("{who}声明接受"), format!("{who} accepted")),
                }
            }
            Happened::CapReached { bidder } => {
                let (who, cap) = (self.who(*bidder), self.speech.terms(self.attribute()).cap);
                (format!("{who}的报价达到{cap}"), format!("{who} reached the {cap}"))
            }
            Happened::StepChanged { step } => {
                let (name, step) = (self.speech.terms(self.attribute()).step, self.quantity(*step));
                (format!("{name}调整为{step}"), format!("The {name} was changed to {step}"))
            }
            Happened::BidCalled => {
                let best = self.speech.terms(self.attribute()).best;
                (format!("主持人报叫当前{best}"), format!("The host called the {best}"))
            }
            _ => unreachable!("only events of open bidding come here"),
        }
    }
}
