//! Refusals in plain words: what was wrong, what was expected, on which clause it rests.

use landgavel_base::Quantity;
use landgavel_sale::lot::Lot;
use landgavel_sale::refusal::{Clause, Reason, Refusal};
use landgavel_sale::rulebook::{AttributeId, Rulebook, StageId};

use super::Language;
use super::speech::Speech;
use crate::record::IntakeRefusal;

/// Why a command was refused, what was expected, and the clause with its source.
pub fn refusal_in_words(lot: &Lot, refusal: &Refusal, language: Language) -> String {
    let speech = Speech { rulebook: &lot.rulebook, lot: Some(lot), language };
    let (stage, field) = match refusal.clause {
        Clause::Stage(stage, field) => (Some(stage), field),
        Clause::Rule(field) => (None, field),
        Clause::Engine => (None, ""),
    };
    let teller = Teller { speech, stage, field };
    let (zh, en) = teller.tell(&refusal.reason);
    let path = clause_path(&lot.rulebook, refusal.clause);
    let source = speech.source(&path);
    let sentence = speech.say(format!("{zh}。"), format!("{en}."));
    match (refusal.clause, source) {
        (Clause::Engine, _) => {
            let basis = speech.say("（适用于一切交易）", " (This holds for every sale.)");
            format!("{sentence}{basis}")
        }
        (Clause::Rule(_) | Clause::Stage(..), None) => {
            format!("{sentence}{}", speech.say(format!("（条款：{path}）"), format!(" (Clause: {path}.)")))
        }
        (Clause::Rule(_) | Clause::Stage(..), Some(source)) => format!(
            "{sentence}{}",
            speech.say(format!("（条款：{path}；依据：{source}）"), format!(" (Clause: {path}; source: {source}.)"))
        ),
    }
}

/// Why what was signed does not fit the sale as it stands.
pub fn intake_refusal_in_words(refusal: IntakeRefusal, language: Language) -> String {
    let (zh, en) = match refusal {
        IntakeRefusal::OtherStage => ("所签阶段并未进行。", "It was signed for a stage that does not run."),
        IntakeRefusal::OtherAttribute => {
            ("所签指标不是本阶段的竞价指标。", "It was signed for an attribute that this stage does not decide on.")
        }
        IntakeRefusal::UnknownCheckpoint => {
            ("所签检查点未曾公布。", "It names a checkpoint that this log has not published.")
        }
        IntakeRefusal::EnvelopeMalformed => ("密封报价格式有误。", "Its envelope is none."),
        IntakeRefusal::OtherRound => {
            ("密封报价未封至规定的轮次。", "It is sealed to another round than the one that the window asks for.")
        }
        IntakeRefusal::CiphertextCopied => ("该密封报价已被提交过。", "Its ciphertext was lodged before."),
        IntakeRefusal::CertificateMissing => {
            ("本场要求的等级证书没有提交。", "It brings no certificate of a fact that this sale asks to be certified.")
        }
        IntakeRefusal::CertificateInvalid => (
            "等级证书无效：不是公告所列出证人所签，或不是为本次申请所出。",
            "A certificate is not of an issuer of the notice, or is for another application.",
        ),
        IntakeRefusal::CertificateNotValidNow => {
            ("等级证书尚未生效或已过期。", "A certificate does not count yet, or no more.")
        }
        IntakeRefusal::CertificateContradicts => {
            ("申请所填与等级证书不一致。", "It states something else than its certificate.")
        }
    };
    match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    }
}

/// The dotted path of a clause; `engine` for what holds in every sale.
pub fn clause_path(rulebook: &Rulebook, clause: Clause) -> String {
    match clause {
        Clause::Rule(path) => path.to_owned(),
        Clause::Stage(stage, field) => match rulebook.stages.get(usize::from(stage.0)) {
            Some(stage) => format!("stages.{}.{field}", stage.id),
            None => format!("stages.{}.{field}", stage.0),
        },
        Clause::Engine => "engine".to_owned(),
    }
}

fn pair(zh: &str, en: &str) -> (String, String) {
    (zh.to_owned(), en.to_owned())
}

struct Teller<'a> {
    speech: Speech<'a>,
    stage: Option<StageId>,
    field: &'static str,
}

impl Teller<'_> {
    fn attribute(&self) -> Option<AttributeId> {
        let stage = self.speech.rulebook.stages.get(usize::from(self.stage?.0))?;
        stage.kind.attribute()
    }

    /// An amount of the stage's attribute; a bare number where the clause names no stage.
    fn quantity(&self, quantity: Quantity) -> String {
        match self.attribute() {
            Some(attribute) => self.speech.quantity(attribute, quantity),
            None => quantity.quanta().to_string(),
        }
    }

    /// The secret that a clause means.
    fn secret(&self) -> &'static str {
        let terms = self.speech.terms(self.attribute());
        if self.field == "cap" { terms.cap } else { terms.reserve }
    }

    /// Chooses the group, so that a new reason cannot stay unsaid.
    fn tell(&self, reason: &Reason) -> (String, String) {
        match reason {
            Reason::TickDue { .. }
            | Reason::TimeRunsBackwards { .. }
            | Reason::SaleOver
            | Reason::SalePaused
            | Reason::SaleNotPaused
            | Reason::OutsideApplicationWindow
            | Reason::CodeTaken
            | Reason::TooManyApplicants { .. }
            | Reason::UnknownBidder
            | Reason::NoBondAsked
            | Reason::BondFormNotAccepted
            | Reason::BondTooSmall { .. }
            | Reason::BondTooLate { .. }
            | Reason::BondExpiresTooEarly { .. }
            | Reason::BondAlreadyLodged
            | Reason::BondMissing
            | Reason::PrerequisiteNotMet { .. }
            | Reason::GroupAlreadyAdmitted { .. }
            | Reason::NotAwaitingAdmission
            | Reason::AdmissionByRule
            | Reason::FieldFull { .. }
            | Reason::WithdrawalTooLate
            | Reason::NotAdmitted
            | Reason::NoStageRunning
            | Reason::NoProvisionalWinner
            | Reason::NotAwaitingThis
            | Reason::CauseNotListed => self.general(reason),
            Reason::NotInField
            | Reason::NotEntrant
            | Reason::CommandNotOfStage
            | Reason::NotInThisPhase
            | Reason::BidBelowMinimum { .. }
            | Reason::BidNotOnStep { .. }
            | Reason::BidJumps { .. }
            | Reason::BidBeyondCap { .. }
            | Reason::AlreadyLeading
            | Reason::NoQuoteMade
            | Reason::AlreadyJoined
            | Reason::NotJoined
            | Reason::AlreadyAccepted
            | Reason::NotYourTurn
            | Reason::AlreadyBidThisRound
            | Reason::StepNotAdjustable
            | Reason::StepNotLegal
            | Reason::TooSoon { .. }
            | Reason::CallsMissing { .. } => self.in_stage(reason),
            Reason::AlreadySealed
            | Reason::EnvelopeCopied
            | Reason::NoSealLodged
            | Reason::SealAlreadyOpened
            | Reason::WrongNumberOfAmounts { .. }
            | Reason::AlreadyFiled
            | Reason::NothingFiled
            | Reason::UnknownCriterion
            | Reason::MarkOutOfRange { .. }
            | Reason::AlreadyMarked
            | Reason::PanelFull { .. }
            | Reason::NothingToCommit
            | Reason::AlreadyCommitted
            | Reason::CommitmentTooLate { .. }
            | Reason::NotCommitted
            | Reason::AlreadyRevealed
            | Reason::CommitmentMismatch
            | Reason::RevealTooEarly
            | Reason::WrongNumberOfOutputs { .. } => self.secrets_and_panels(reason),
        }
    }

    /// Reasons that hold whatever stage runs.
    fn general(&self, reason: &Reason) -> (String, String) {
        let speech = self.speech;
        match reason {
            Reason::TickDue { due } => {
                let due = speech.instant(*due);
                (
                    format!("{due}的截止时刻已到，须先处理到期事项，再行提交"),
                    format!("The deadline of {due} has passed and must be dealt with first; send the command again"),
                )
            }
            Reason::TimeRunsBackwards { last } => {
                let last = speech.instant(*last);
                (
                    format!("提交时刻早于前一记录的时刻{last}"),
                    format!("The command is dated before the last entry of the record, {last}"),
                )
            }
            Reason::SaleOver => pair("交易已经终结，不再受理任何行为", "The sale has ended and takes no more commands"),
            Reason::SalePaused => pair("交易处于暂停状态，恢复后方可进行", "The sale is paused; wait until it goes on"),
            Reason::SaleNotPaused => pair("交易没有暂停，无须恢复", "The sale is not paused, so it cannot be resumed"),
            Reason::OutsideApplicationWindow => {
                pair("现在不在竞买申请或者资格审定的期间内", "Applications or decisions on them are not taken now")
            }
            Reason::CodeTaken => pair("该竞买人代号已被使用，须另取代号", "The code name is taken; choose another"),
            Reason::TooManyApplicants { limit } => (
                format!("申请人已达系统所能处理的上限{limit}人"),
                format!("There are already {limit} applicants, as many as can be handled"),
            ),
            Reason::UnknownBidder => pair("没有使用该代号的申请人", "No applicant has this code name"),
            Reason::NoBondAsked => pair("本次出让不收取竞买保证金", "No bid bond is asked in this sale"),
            Reason::BondFormNotAccepted => self.forms(),
            Reason::BondTooSmall { least } => {
                let least = speech.money(*least);
                (
                    format!("竞买保证金数额不足，至少须为{least}"),
                    format!("The bid bond is too small; it must be at least {least}"),
                )
            }
            Reason::BondTooLate { until } => {
                let until = speech.instant(*until);
                (
                    format!("竞买保证金须在{until}之前缴纳，现已逾期"),
                    format!("The bid bond is late; it had to be lodged before {until}"),
                )
            }
            Reason::BondExpiresTooEarly { until } => {
                let until = speech.instant(*until);
                (
                    format!("保函或者保险的有效期不足，至少须至{until}"),
                    format!("The guarantee or insurance ends too early; it must run at least to {until}"),
                )
            }
            Reason::BondAlreadyLodged => pair("竞买保证金已经缴纳，不得重复缴纳", "A bid bond has been lodged already"),
            Reason::BondMissing => pair(
                "尚未缴纳竞买保证金，不能取得竞买资格",
                "No bid bond has been lodged, so the applicant cannot be admitted",
            ),
            Reason::PrerequisiteNotMet { fact } => self.prerequisite(fact),
            Reason::GroupAlreadyAdmitted { group } => (
                format!("同一集团（{group}）已有一家取得竞买资格"),
                format!("Another member of the group {group} has been admitted"),
            ),
            Reason::NotAwaitingAdmission => pair(
                "该申请人已取得竞买资格、未予资格或者已经撤回，不在待审定状态",
                "The applicant has been admitted or refused or has withdrawn already",
            ),
            Reason::AdmissionByRule => pair(
                "竞买资格依规则自动取得，不由经办人审定",
                "Admission is decided by the rule itself, not by the officer",
            ),
            Reason::FieldFull { limit } => (
                format!("取得竞买资格者已达上限{limit}人"),
                format!("As many bidders are admitted as the rule allows: {limit}"),
            ),
            Reason::WithdrawalTooLate => pair(
                "已逾可以撤回的期限，或者已有报价在案，不得撤回",
                "It is too late to withdraw, or a bid is standing",
            ),
            Reason::NotAdmitted => pair("未取得竞买资格", "The applicant is not an admitted bidder"),
            Reason::NoStageRunning => pair("现在没有进行中的阶段", "No stage is running now"),
            Reason::NoProvisionalWinner => pair("尚未产生竞得入选人", "There is no provisional winner yet"),
            Reason::NotAwaitingThis => {
                pair("该竞买人不是待作此项决定的竞得入选人", "The bidder is not a provisional winner that awaits this")
            }
            Reason::CauseNotListed => self.causes(),
            _ => unreachable!("only reasons of admission, award and record come here"),
        }
    }

    fn forms(&self) -> (String, String) {
        let forms = self.speech.rulebook.admission.bond.as_ref().map_or(&[][..], |bond| &bond.forms);
        let forms: Vec<String> = forms.iter().map(|form| super::admission::form_word(self.speech, *form)).collect();
        let forms = self.speech.list(&forms, "或者", "or");
        if forms.is_empty() {
            return pair("该种形式的竞买保证金不予接受", "This form of bid bond is not accepted");
        }
        (
            format!("该种形式的竞买保证金不予接受，可以接受的形式为{forms}"),
            format!("This form of bid bond is not accepted; accepted are {forms}"),
        )
    }

    fn prerequisite(&self, fact: &str) -> (String, String) {
        let found = self.speech.rulebook.admission.prerequisites.iter().find(|rule| rule.fact == fact);
        match found {
            Some(rule) => (
                format!("不符合资格条件（事实“{fact}”）：{}", rule.text.zh.trim_end_matches('。')),
                format!("A condition of admission is not met (fact “{fact}”): {}", rule.text.en.trim_end_matches('.')),
            ),
            None => (
                format!("不符合关于事实“{fact}”的资格条件"),
                format!("The condition of admission on the fact “{fact}” is not met"),
            ),
        }
    }

    fn causes(&self) -> (String, String) {
        let causes: Vec<String> = self.speech.rulebook.annulment_causes.iter().map(|cause| cause.id.clone()).collect();
        let causes = self.speech.list(&causes, "、", "and");
        if causes.is_empty() {
            return pair(
                "本规则未列撤销事由，依本规则不得撤销交易",
                "The rule lists no cause; the sale cannot be annulled",
            );
        }
        (
            format!("该事由不在本规则所列撤销事由之中，所列事由为：{causes}"),
            format!("The cause is not on the rulebook's list, which has: {causes}"),
        )
    }

    /// Reasons of a running stage.
    fn in_stage(&self, reason: &Reason) -> (String, String) {
        let (terms, live) = (self.speech.terms(self.attribute()), self.speech.live(self.stage));
        match reason {
            Reason::NotInField => {
                pair("该竞买人未进入本阶段，或者已经出局", "The bidder did not enter this stage, or is out of it")
            }
            Reason::NotEntrant => {
                pair("该竞买人不属于可以参加本阶段的竞买人", "The bidder is not among those who may act in this stage")
            }
            Reason::CommandNotOfStage => pair("本阶段不适用此种行为", "This stage does not take such a command"),
            Reason::NotInThisPhase => {
                pair("本阶段当前环节不受理此种行为", "The current phase of the stage does not take this")
            }
            Reason::BidBelowMinimum { least } => {
                let least = self.quantity(*least);
                (
                    format!("报价不符合要求，须{}{least}", terms.at_least),
                    format!("The bid is not good enough; it must be {} {least}", terms.at_least),
                )
            }
            Reason::BidNotOnStep { step } => {
                let step = self.quantity(*step);
                (
                    format!("报价的{}不是{step}的整数倍", if terms.plus == "加" { "增加额" } else { "变动额" }),
                    format!("The bid is not a whole number of {}s; the {} is {step}", terms.step, terms.step),
                )
            }
            Reason::BidJumps { only } => {
                let only = self.quantity(*only);
                (
                    format!("报价跳过了一个以上的{}，唯一合规的报价为{only}", terms.step),
                    format!("The bid jumps over more than one {}; the only legal bid is {only}", terms.step),
                )
            }
            Reason::BidBeyondCap { cap } => {
                let cap = self.quantity(*cap);
                (
                    format!("报价{}{}{cap}", terms.beyond, terms.cap),
                    format!("The bid is {} the {} of {cap}", terms.beyond, terms.cap),
                )
            }
            Reason::AlreadyLeading => (
                format!("该竞买人已持有{}，在他人超越之前不得再次报价", terms.best),
                format!("The bidder has the {} already and may not bid again until another overtakes it", terms.best),
            ),
            Reason::NoQuoteMade => (
                format!("该竞买人在报价期内没有有效报价，不能参加{live}"),
                "The bidder made no quote in the quote period, so it cannot go on to the live part".to_owned(),
            ),
            Reason::AlreadyJoined => {
                (format!("该竞买人已经声明参加{live}"), "The bidder has joined the live part already".to_owned())
            }
            Reason::NotJoined => (
                format!("该竞买人未在询问期内声明参加{live}"),
                "The bidder did not join the live part in the ask period".to_owned(),
            ),
            Reason::AlreadyAccepted => pair("该竞买人已经接受", "The bidder has accepted already"),
            Reason::NotYourTurn => pair("现在轮到其他竞买人报价", "It is another bidder's turn"),
            Reason::AlreadyBidThisRound => pair("该竞买人在本轮已经报价", "The bidder has bid in this round already"),
            Reason::StepNotAdjustable => (
                format!("本规则不允许在本阶段调整{}", terms.step),
                format!("The rule does not let the {} change in this stage", terms.step),
            ),
            Reason::StepNotLegal => (
                format!("新的{}须大于零，并能整除当前报价与{}的差额", terms.step, terms.cap),
                format!("The new {} must be more than zero and divide what is left to the {}", terms.step, terms.cap),
            ),
            Reason::TooSoon { not_before } => {
                let moment = self.speech.instant(*not_before);
                (
                    format!("报叫或者落槌过早，不得早于{moment}"),
                    format!("The call or the hammer comes too soon; not before {moment}"),
                )
            }
            Reason::CallsMissing { missing } => (
                format!("报叫次数不足，还须报叫{missing}次方可落槌"),
                format!("The hammer may not fall yet; calls still to make: {missing}"),
            ),
            _ => unreachable!("only reasons of open bidding come here"),
        }
    }

    /// Reasons of sealed bids, scores, draws and secret values.
    fn secrets_and_panels(&self, reason: &Reason) -> (String, String) {
        let secret = self.secret();
        match reason {
            Reason::AlreadySealed => pair(
                "该竞买人已经提交密封报价，不得更改",
                "The bidder has lodged its one sealed bid and may not replace it",
            ),
            Reason::EnvelopeCopied => pair(
                "该密封报价与已提交的密封报价相同，不予受理",
                "The sealed bid is a copy of one that has been lodged",
            ),
            Reason::NoSealLodged => pair("该竞买人没有提交密封报价", "The bidder lodged no sealed bid"),
            Reason::SealAlreadyOpened => pair("该密封报价已经开启", "The sealed bid has been opened already"),
            Reason::WrongNumberOfAmounts { expected } => (
                format!("密封报价的数额个数不符，应为{expected}个"),
                format!("The sealed bid has the wrong number of amounts; it must have {expected}"),
            ),
            Reason::AlreadyFiled => pair("该竞买人已经提交方案", "The bidder has filed its scheme already"),
            Reason::NothingFiled => {
                pair("该竞买人没有提交方案，不予评分", "The bidder filed no scheme and is not scored")
            }
            Reason::UnknownCriterion => {
                pair("本阶段没有该项由评委打分的评分项", "The stage has no such criterion that a panel marks")
            }
            Reason::MarkOutOfRange { most } => {
                let most = self.quantity(*most);
                (
                    format!("打分超出范围，应在零分与{most}之间"),
                    format!("The mark is out of range; it must be between 0 and {most}"),
                )
            }
            Reason::AlreadyMarked => pair("该评委对此已经打分", "The judge has marked this already"),
            Reason::PanelFull { judges } => (
                format!("评委已满{judges}人，该人不在其中"),
                format!("The panel has its {judges} judges already, and this is not one of them"),
            ),
            Reason::NothingToCommit => (
                format!("本规则没有需以散列值承诺的{secret}"),
                format!("The rule asks for no commitment of a {secret} here"),
            ),
            Reason::AlreadyCommitted => (format!("{secret}已经承诺"), format!("The {secret} is committed already")),
            Reason::CommitmentTooLate { until } => {
                let until = self.speech.instant(*until);
                (
                    format!("{secret}的散列值须在{until}之前提交，现已逾期"),
                    format!("The commitment of the {secret} is late; it had to be lodged before {until}"),
                )
            }
            Reason::NotCommitted => {
                (format!("{secret}没有承诺，无从揭示"), format!("No {secret} was committed, so none can be revealed"))
            }
            Reason::AlreadyRevealed => (format!("{secret}已经揭示"), format!("The {secret} has been revealed already")),
            Reason::CommitmentMismatch => {
                pair("所示数额及盐值与事先提交的散列值不符", "Amounts and salt do not give the hash that was lodged")
            }
            Reason::RevealTooEarly => (
                format!("所属阶段进行中方可揭示{secret}"),
                format!("The {secret} may be revealed only while its stage is running"),
            ),
            Reason::WrongNumberOfOutputs { expected } => (
                format!("随机数个数不符，应与随机数来源的个数相同，为{expected}个"),
                format!("The number of random outputs is wrong; the rule has {expected} sources"),
            ),
            _ => unreachable!("only reasons of sealed bids, scores and draws come here"),
        }
    }
}
