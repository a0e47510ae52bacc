//! The acts of a pledge that two sign: money, mercy and keys by two officers, a bond by an officer and its issuer.

use landgavel_record::pledges::record::{Role as Signs, Signer, signer};
use landgavel_store::{Fault, SaleId};
use serde_json::Value;

use super::Hall;
use super::acts::{Act, Answer, Docket};
use super::room::Stored;
use crate::desk::NotAnswered;
use crate::desk::intake::Submission;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role};
use crate::pledges::{Outcome, Pledge};

fn verb(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    value["do"].as_str().unwrap_or_default().to_owned()
}

impl Docket for Pledge {
    fn log(&self) -> &SaleId {
        Pledge::log(self)
    }

    fn needs_two(&self, text: &str) -> bool {
        matches!(signer(&verb(text)), Signer::Officers | Signer::OfficerAndIssuer)
    }

    fn may_add(&self, account: &Account, key: &str, act: &Act) -> Result<(), NotDone> {
        let is_bond = signer(&verb(&act.text)) == Signer::OfficerAndIssuer;
        match account.role {
            Role::Officer => check_listed(self, key, Signs::Officer),
            Role::Guarantor if is_bond => check_listed(self, key, Signs::Guarantor),
            _ => Err(NotDone::not_allowed()),
        }
    }

    fn check(&self, hall: &Hall, text: &str, key: &str) -> Result<(), NotDone> {
        check_listed(self, key, Signs::Officer)?;
        let Some(shown) = self.shown() else {
            return Err(NotDone::new(Kind::Store, "opening", "正在启动。", "The pledge is being opened."));
        };
        let state = shown.look();
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let is_bound = value["pledge"].as_str() == Some(state.record.opening().pledge.as_str())
            && value["opening"].as_str() == Some(state.record.digest().to_string().as_str())
            && value["key"].as_str() == Some(key)
            && value["id"].is_string();
        if !is_bound {
            let zh = "所签内容不是本项履约的。";
            let en = "What was signed is not about this pledge, or not by your key.";
            return Err(NotDone::new(Kind::Wrong, "other_pledge", zh, en));
        }
        state.check_fields(text, hall.setting().clock.now())
    }

    async fn ask(&self, signed: Submission) -> Result<Answer, NotAnswered> {
        Ok(match Pledge::ask(self, signed).await? {
            Outcome::Entered(written) => {
                let refused = written.entry.result.as_ref().err().map(|reason| reason.code().to_owned());
                Answer::Entered { entry: written.entry.number, refused }
            }
            Outcome::Before(entry) => Answer::Before(entry),
            Outcome::TurnedAway(fault) => Answer::TurnedAway(fault),
        })
    }

    async fn stored(&self, entry: u64) -> Result<Stored, Fault> {
        Stored::read(entry, &self.line(entry).await?)
    }
}

fn check_listed(pledge: &Pledge, key: &str, role: Signs) -> Result<(), NotDone> {
    let is_listed = pledge.shown().is_some_and(|shown| {
        shown.look().record.holders().any(|(of, holder)| of == role && holder.key.to_string() == key)
    });
    if is_listed {
        return Ok(());
    }
    let zh = "本项履约的名单中没有您的密钥。";
    Err(NotDone::new(Kind::NotAllowed, "key_not_listed", zh, "This pledge does not list your key in this role."))
}
