//! The acts of a sale that two officers sign: annulment, and numbers that people bring in place of the chain's.

use landgavel_record::words::{Language, refusal_in_words};
use landgavel_sale::command::Command;
use landgavel_store::{Fault, SaleId};
use serde_json::Value;

use super::acts::{Act, Answer, Docket};
use super::room::Stored;
use super::{Hall, Room};
use crate::desk::intake::Submission;
use crate::desk::{NotAnswered, Outcome};
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};

impl Docket for Room {
    fn log(&self) -> &SaleId {
        self.id()
    }

    fn needs_two(&self, text: &str) -> bool {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        match value["do"].as_str() {
            Some("annul") => true,
            // Numbers that people bring, in place of the chain's.
            Some("beacon") => value.get("key").is_some(),
            _ => false,
        }
    }

    fn may_add(&self, _: &Hall, account: &Account, key: &str, _: &Act) -> Result<(), NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        check_listed(self, key)
    }

    fn check(&self, hall: &Hall, text: &str, key: &str) -> Result<(), NotDone> {
        check_listed(self, key)?;
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let notice = &self.foundation().notice;
        let is_bound = value["lot"].as_str() == Some(notice.lot.as_str())
            && value["rulebook"].as_str() == Some(notice.rulebook_sha256.to_string().as_str())
            && value["key"].as_str() == Some(key)
            && value["id"].is_string();
        if !is_bound {
            let zh = "所签内容不是本次出让的。";
            let en = "What was signed is not about this sale, or not by your key.";
            return Err(NotDone::new(Kind::Wrong, "other_sale", zh, en));
        }
        let Some(shown) = self.shown() else {
            return Err(NotDone::new(Kind::Store, "opening", "正在启动。", "The sale is being opened."));
        };
        let state = shown.look();
        if value["do"] == "annul" {
            let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            let now = hall.setting().clock.now().max(state.sale.last());
            let asked = Command::Annul { cause: field("cause"), reason: field("reason") };
            if let Err(refusal) = state.sale.decide(now, &asked) {
                let words = |language| refusal_in_words(state.sale.lot(), &refusal, language);
                let (zh, en) = (words(Language::Zh), words(Language::En));
                return Err(NotDone::told(Kind::Conflict, refusal.reason.code(), zh, en));
            }
        }
        Ok(())
    }

    async fn ask(&self, signed: Submission) -> Result<Answer, NotAnswered> {
        Ok(match Room::ask(self, signed).await? {
            Outcome::Entered(written) => {
                let refused = written.entry.result.as_ref().err().map(|refused| refused.code().to_owned());
                Answer::Entered { entry: written.entry.number, refused }
            }
            Outcome::Before(entry) => Answer::Before(entry),
            Outcome::TurnedAway(fault) => Answer::TurnedAway(fault),
        })
    }

    async fn stored(&self, entry: u64) -> Result<Stored, Fault> {
        Room::stored(self, entry).await
    }
}

fn check_listed(room: &Room, key: &str) -> Result<(), NotDone> {
    let notice = &room.foundation().notice;
    if notice.officers.iter().any(|officer| officer.key.to_string() == key) {
        return Ok(());
    }
    let zh = "公告的工作人员名单中没有您的密钥。";
    Err(NotDone::new(Kind::NotAllowed, "key_not_listed", zh, "The notice of this sale does not list your key."))
}
