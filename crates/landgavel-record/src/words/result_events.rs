//! Events of sealed bids, scores and draws, and of the award, in plain words.

use landgavel_base::Quantity;
use landgavel_sale::command::BidderId;
use landgavel_sale::event::{Happened, SealContent};
use landgavel_sale::outcome::{PassInReason, Winner};
use landgavel_sale::rulebook::StageKind;

use super::events::{Teller, pair};

impl Teller<'_> {
    pub fn sealed_and_drawn(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::SealVoided { bidder } => {
                let who = self.who(*bidder);
                (
                    format!("中断后，{who}的密封报价在截止前即可被读取，作废，可重新提交"),
                    format!(
                        "{who}’s sealed bid is void: after the outage it could be read before the window closes; it may be lodged again"
                    ),
                )
            }
            Happened::SealLodged { bidder, envelope, .. } => {
                let who = self.who(*bidder);
                (
                    format!("{who}提交密封报价，散列值为{envelope}"),
                    format!("{who} lodged a sealed bid; its hash is {envelope}"),
                )
            }
            Happened::SealOpened { bidder, content } => self.opened(*bidder, content),
            Happened::SchemeFiled { bidder, documents } => {
                let who = self.who(*bidder);
                (
                    format!("{who}提交方案，文件散列值为{documents}"),
                    format!("{who} filed a scheme; the hash of its documents is {documents}"),
                )
            }
            Happened::MarkGiven { judge, bidder, criterion, points } => {
                let (who, points, name) = (self.who(*bidder), self.quantity(*points), self.criterion(*criterion));
                (
                    format!("评委{judge}就{name}给{who}打{points}"),
                    format!("Judge {judge} gave {who} {points} for {name}"),
                )
            }
            Happened::Scored { bidder, score } => {
                let (who, score) = (self.who(*bidder), self.quantity(*score));
                (format!("{who}得分{score}"), format!("{who} scored {score}"))
            }
            Happened::DrawFrozen { root } => (
                format!("摇号参加人名单的默克尔树根为{root}"),
                format!("The Merkle root of the entrants of the draw is {root}"),
            ),
            Happened::DrawHeld { outputs, order } => {
                let outputs: Vec<String> = outputs.iter().map(ToString::to_string).collect();
                let order = self.codes(order);
                (
                    format!("摇号完成，次序为：{order}；随机数为{}", outputs.join("、")),
                    format!(
                        "The draw was held; the order drawn is {order}; the random outputs are {}",
                        outputs.join(", ")
                    ),
                )
            }
            _ => unreachable!("only events of sealed bids, scores and draws come here"),
        }
    }

    fn opened(&self, bidder: BidderId, content: &SealContent) -> (String, String) {
        let who = self.who(bidder);
        match content {
            SealContent::Valid(amounts) => {
                let amounts = self.amounts(amounts);
                (
                    format!("{who}的密封报价开启，报价为{amounts}，有效"),
                    format!("The sealed bid of {who} was opened: {amounts}, valid"),
                )
            }
            SealContent::OutOfBounds(amounts) => {
                let amounts = self.amounts(amounts);
                (
                    format!("{who}的密封报价开启，报价为{amounts}，超出规定界限，无效"),
                    format!("The sealed bid of {who} was opened: {amounts}, beyond a bound and invalid"),
                )
            }
            SealContent::Unreadable => (
                format!("{who}的密封报价未能开启，无效"),
                format!("The sealed bid of {who} did not open and is invalid"),
            ),
        }
    }

    /// The amounts of a sealed bid, with the names of their attributes when there are several.
    fn amounts(&self, amounts: &[Quantity]) -> String {
        let stage = self.stage.and_then(|stage| self.speech.rulebook.stages.get(usize::from(stage.0)));
        let words: Vec<String> = match stage.map(|stage| &stage.kind) {
            Some(StageKind::Sealed(rule)) if rule.quotes.len() == amounts.len() => rule
                .quotes
                .iter()
                .zip(amounts)
                .map(|(quote, amount)| {
                    let value = self.speech.quantity(quote.attribute, *amount);
                    let name = self.speech.attribute_name(quote.attribute);
                    if amounts.len() == 1 {
                        value
                    } else {
                        self.speech.say(format!("{name}{value}"), format!("{name} {value}"))
                    }
                })
                .collect(),
            _ => amounts.iter().map(|amount| amount.quanta().to_string()).collect(),
        };
        self.speech.list(&words, "和", "and")
    }

    fn criterion(&self, index: u32) -> String {
        let stage = self.stage.and_then(|stage| self.speech.rulebook.stages.get(usize::from(stage.0)));
        let found = match stage.map(|stage| &stage.kind) {
            Some(StageKind::Score(rule)) => usize::try_from(index).ok().and_then(|index| rule.criteria.get(index)),
            _ => None,
        };
        match found {
            Some(criterion) => self.speech.quoted(&criterion.name),
            None => {
                self.speech.say(format!("第{}项", u64::from(index) + 1), format!("criterion {}", u64::from(index) + 1))
            }
        }
    }

    pub fn award(&self, happened: &Happened) -> (String, String) {
        match happened {
            Happened::ProvisionallyAwarded { winners, runners_up } => {
                let winners: Vec<String> = winners.iter().map(|winner| self.winner(winner)).collect();
                let (zh_next, en_next) = if runners_up.is_empty() {
                    (String::new(), String::new())
                } else {
                    let codes = self.codes(runners_up);
                    (format!("；其后的排名：{codes}"), format!("; ranked after: {codes}"))
                };
                (
                    format!("产生竞得入选人：{}{zh_next}", winners.join("；")),
                    format!("Provisional award to {}{en_next}", winners.join("; ")),
                )
            }
            Happened::Qualified { bidder } => {
                let who = self.who(*bidder);
                (format!("{who}资格后审合格"), format!("{who} passed its examination"))
            }
            Happened::Disqualified { bidder, reason } => {
                let who = self.who(*bidder);
                (format!("{who}资格后审不合格，理由：{reason}"), format!("{who} failed its examination: {reason}"))
            }
            Happened::Confirmed { bidder } => {
                let who = self.who(*bidder);
                (format!("{who}签订成交确认书"), format!("{who} signed the confirmation of sale"))
            }
            Happened::Defaulted { bidder } => {
                let who = self.who(*bidder);
                (
                    format!("{who}未签订成交确认书，构成违约"),
                    format!("{who} did not sign the confirmation of sale and is in default"),
                )
            }
            Happened::Cascaded { winner } => {
                let winner = self.winner(winner);
                (format!("递补为竞得入选人：{winner}"), format!("Next in line, provisional award to {winner}"))
            }
            Happened::ObligationArose { bidder, obligation, amount, due } => {
                let rules = &self.speech.rulebook.obligations;
                let rule = usize::try_from(*obligation).ok().and_then(|index| rules.get(index));
                let text = rule.map(|rule| (rule.text.zh.trim_end_matches('。'), rule.text.en.trim_end_matches('.')));
                let (zh_text, en_text) = text.unwrap_or(("", ""));
                let who = self.who(*bidder);
                let (mut zh, mut en) =
                    (format!("就{who}产生义务：{zh_text}"), format!("A duty arose from the award to {who}: {en_text}"));
                if let Some(amount) = amount {
                    let amount = self.speech.money(*amount);
                    zh.push_str(&format!("，金额{amount}"));
                    en.push_str(&format!(", {amount}"));
                }
                if let Some(due) = due {
                    zh.push_str(&format!("，应于{due}前（含当日）履行"));
                    en.push_str(&format!(", due on {due} at the latest"));
                }
                (zh, en)
            }
            Happened::Awarded => pair("成交", "Sold"),
            Happened::PassedIn { reason } => self.passed_in(reason),
            Happened::Annulled { cause, reason } => {
                let found = self.speech.rulebook.annulment_causes.iter().find(|listed| listed.id == *cause);
                let cause = found.map_or(cause.as_str(), |listed| self.speech.text(&listed.text));
                let cause = cause.trim_end_matches(['。', '.']);
                (
                    format!("交易撤销，事由：{cause}；理由：{reason}"),
                    format!("The sale was annulled for: {cause}; reasons: {reason}"),
                )
            }
            _ => unreachable!("only events after the last stage come here"),
        }
    }

    fn winner(&self, winner: &Winner) -> String {
        let terms: Vec<String> = winner
            .terms
            .values
            .iter()
            .map(|(attribute, value)| {
                let (name, value) = (self.speech.attribute_name(*attribute), self.speech.quantity(*attribute, *value));
                self.speech.say(format!("{name}{value}"), format!("{name} {value}"))
            })
            .collect();
        let code = (self.codes)(winner.bidder);
        if terms.is_empty() {
            return code;
        }
        let terms = self.speech.list(&terms, "、", "and");
        self.speech.say(format!("{code}（{terms}）"), format!("{code} ({terms})"))
    }

    /// Why nobody was awarded the lot.
    pub fn passed_in(&self, reason: &PassInReason) -> (String, String) {
        let (zh, en) = match reason {
            PassInReason::NoBidder => pair("无人取得竞买资格", "nobody was admitted"),
            PassInReason::TooFewBidders => {
                pair("取得竞买资格者少于规定人数", "fewer bidders were admitted than the attempt demands")
            }
            PassInReason::SoleBidder => {
                pair("仅有一人取得竞买资格，依规则不成交", "the rule does not sell to a sole bidder")
            }
            PassInReason::Stage { stage, why } => {
                let name = self.speech.stage_name(*stage);
                let (zh, en) = self.ended(*stage, *why);
                (format!("{name}的结果为{zh}"), format!("{name} ended so: {en}"))
            }
            PassInReason::WinnerFailed => {
                pair("竞得入选人丧失竞得资格且无人递补", "the provisional winner failed and nobody follows it")
            }
        };
        (format!("流拍：{zh}"), format!("Passed in: {en}"))
    }
}
