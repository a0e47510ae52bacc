//! How a sale ended, in words and amounts for a reader.

use landgavel_base::capital_amount;
use landgavel_sale::outcome::Status;
use landgavel_sale::{EndedStage, Sale, Seat};
use serde_json::{Value, json};

use super::Language;
use super::events::Teller;
use super::speech::Speech;

/// How a sale stands, for a page: `status`, `stages` (`title`, `field`, `best`, `why`, `leader`) and `winners`
/// (`role`, `bidder`, `terms` of `name`, `value`, `lot`, `mu`, `capitals`, and `duties` of `text`, `amount`, `due`).
///
/// What there is not is `null`. Amounts carry their unit.
pub fn outcome_in_words(sale: &Sale, language: Language) -> Value {
    let rulebook = &sale.lot().rulebook;
    let codes = |bidder| sale.bidder(bidder).map_or_else(String::new, |bidder| bidder.code().to_owned());
    let speech = Speech { rulebook, lot: Some(sale.lot()), language };
    let reader = Reader { sale, teller: Teller { speech, stage: None, codes: &codes } };
    let stages: Vec<Value> = sale.ended_stages().iter().map(|ended| reader.stage(ended)).collect();
    let winners: Vec<Value> = sale.seats().iter().map(|seat| reader.winner(seat)).collect();
    json!({"status": reader.status(), "stages": stages, "winners": winners})
}

struct Reader<'a> {
    sale: &'a Sale,
    teller: Teller<'a>,
}

impl Reader<'_> {
    fn status(&self) -> String {
        let speech = &self.teller.speech;
        let (zh, en) = match self.sale.status() {
            Status::Awarded => ("成交".to_owned(), "Sold".to_owned()),
            Status::Provisional => {
                ("竞得入选人已产生，待确认".to_owned(), "A provisional award, to be confirmed".to_owned())
            }
            Status::PassedIn(why) => self.teller.passed_in(why),
            Status::Annulled { cause } => (format!("终止：{cause}"), format!("Annulled: {cause}")),
            Status::Admitting => ("尚在报名，各阶段均未开始".to_owned(), "No stage has begun".to_owned()),
            Status::Running(stage) => {
                let name = speech.stage_name(*stage);
                (format!("进行中：{name}"), format!("Still running: {name}"))
            }
        };
        speech.say(zh, en)
    }

    fn stage(&self, ended: &EndedStage) -> Value {
        let speech = &self.teller.speech;
        let stage = speech.rulebook.stage(ended.stage);
        let best = match (stage.kind.attribute(), ended.best) {
            (Some(attribute), Some(best)) => Some(speech.quantity(attribute, best)),
            _ => None,
        };
        let (zh, en) = self.teller.ended(ended.stage, ended.why);
        let leader = ended.ahead.first().or(ended.ranking.first()).map(|&bidder| (self.teller.codes)(bidder));
        json!({"title": speech.text(&stage.title), "field": ended.field.len(), "best": best,
               "why": speech.say(zh, en), "leader": leader})
    }

    fn winner(&self, seat: &Seat) -> Value {
        let (speech, lot) = (&self.teller.speech, self.sale.lot());
        // A mu is a measure of China's land, and capitals are of its cheques; elsewhere nobody reads them.
        let is_chinese = speech.rulebook.currency == "CNY";
        let terms: Vec<Value> = seat
            .terms
            .values
            .iter()
            .map(|(id, value)| {
                let attribute = speech.attribute(*id);
                let total = attribute.lot_money(*value, lot.area);
                let mu = attribute.mu_money(*value, lot.area).filter(|_| is_chinese);
                json!({"name": speech.text(&attribute.name), "value": speech.quantity(*id, *value),
                       "lot": total.map(|money| speech.money(money)), "mu": mu.map(|money| speech.money(money)),
                       "capitals": total.filter(|_| is_chinese).map(capital_amount)})
            })
            .collect();
        let role = match self.sale.status() {
            Status::Provisional => speech.say("竞得入选人", "Provisional winner"),
            _ => speech.say("竞得人", "Winner"),
        };
        json!({"role": role, "bidder": (self.teller.codes)(seat.bidder), "terms": terms, "duties": self.duties(seat)})
    }

    fn duties(&self, seat: &Seat) -> Vec<Value> {
        let speech = &self.teller.speech;
        let arisen = self.sale.obligations().iter().filter(|arisen| arisen.bidder == seat.bidder);
        arisen
            .filter_map(|arisen| {
                let rule = speech.rulebook.obligations.get(usize::try_from(arisen.obligation).ok()?)?;
                Some(json!({"text": speech.text(&rule.text), "amount": arisen.amount.map(|money| speech.money(money)),
                            "due": arisen.due.map(|date| date.to_string())}))
            })
            .collect()
    }
}
