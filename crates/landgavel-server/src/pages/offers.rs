//! Acts that an officer may ask for as the sale stands: asked of the rules, so that no page offers what they refuse.

use landgavel_base::{Digest, Instant, Quantity};
use landgavel_record::language::format_quantity;
use landgavel_sale::command::Command;
use landgavel_sale::lot::Secret;
use landgavel_sale::refusal::Reason;
use landgavel_sale::rulebook::StageId;
use landgavel_sale::{Sale, Status};

use super::page::Visitor;

/// An act with its form.
pub(super) struct ActForm {
    pub id: String,
    pub title: String,
    pub what: String,
    pub command: &'static str,
    pub action: String,
    pub fields: Vec<ActField>,
    pub button: String,
    pub is_grave: bool,
    pub secret: Option<SecretIn>,
}

/// What a browser needs to know to commit a value that the hall never sees.
pub(super) struct SecretIn {
    pub lot: String,
    pub unit: String,
    pub decimals: u8,
}

/// A field of an act.
#[derive(Clone)]
pub(super) struct ActField {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub is_hidden: bool,
    pub is_number: bool,
    pub choices: Vec<ActChoice>,
}

/// A value that a field may have.
#[derive(Clone)]
pub(super) struct ActChoice {
    pub id: String,
    pub title: String,
}

fn hidden(name: &'static str, value: &str) -> ActField {
    ActField {
        name,
        label: String::new(),
        value: value.to_owned(),
        is_hidden: true,
        is_number: false,
        choices: Vec::new(),
    }
}

fn line(name: &'static str, label: String) -> ActField {
    ActField { name, label, value: String::new(), is_hidden: false, is_number: false, choices: Vec::new() }
}

/// All acts that would not be refused now.
pub(super) fn offers(sale: &Sale, now: Instant, api: &str, visitor: &Visitor) -> Vec<ActForm> {
    let one = format!("{api}/commands");
    let say = |zh: &str, en: &str| visitor.say(zh, en);
    let taken = |command: &Command| sale.decide(now, command).is_ok();
    let act =
        |command: &'static str, id: &str, title: String, what: String, fields: Vec<ActField>, button: String| ActForm {
            id: id.to_owned(),
            title,
            what,
            command,
            action: one.clone(),
            fields,
            button,
            is_grave: false,
            secret: None,
        };
    let mut acts = Vec::new();
    acts.extend(seats(sale, now, &one, visitor));
    acts.extend(secrets(sale, now, &one, visitor));
    if let Status::Running(stage) = sale.status()
        && let Some(attribute) = sale.lot().rulebook.stage(*stage).kind.attribute()
        && let Some(step) = sale.legal_bid(landgavel_sale::BidderId(u32::MAX)).map(|legal| legal.step)
        && step.checked_add(step).is_some_and(|step| taken(&Command::ChangeStep { step }))
    {
        let attribute = sale.lot().rulebook.attribute(attribute);
        let label = visitor.say(
            &format!("新的幅度（现为 {}）", format_quantity(attribute, step)),
            &format!("New increment (now {})", format_quantity(attribute, step)),
        );
        let what = say("规则允许主持人调整增价幅度。", "The rule lets the host change the increment.");
        acts.push(act(
            "step",
            "step",
            say("调整幅度", "Change the increment"),
            what,
            vec![line("amount", label)],
            say("签名调整", "Sign the change"),
        ));
    }
    if taken(&Command::CallBid) {
        acts.push(act(
            "call",
            "call",
            say("报价播报", "Call the bid"),
            say("播报当前最高报价。", "Calls the leading bid."),
            Vec::new(),
            say("播报", "Call"),
        ));
    }
    if taken(&Command::FallHammer) {
        acts.push(act(
            "hammer",
            "hammer",
            say("落槌", "Let the hammer fall"),
            say("当前报价成交。", "The leading bid wins."),
            Vec::new(),
            say("落槌", "Hammer"),
        ));
    }
    if taken(&Command::Pause { evidence: "-".to_owned() }) {
        let what = say(
            "中止交易，写明原因；恢复后按规则给足时间。",
            "Suspends the sale for a stated cause; the rule gives the time back.",
        );
        acts.push(act(
            "pause",
            "pause",
            say("中止交易", "Suspend"),
            what,
            vec![line("evidence", say("原因（将公开）", "Cause (will be public)"))],
            say("签名中止", "Sign the suspension"),
        ));
    }
    if taken(&Command::Resume) {
        acts.push(act(
            "resume",
            "resume",
            say("恢复交易", "Resume"),
            say("恢复后按规则重新给足时间。", "The sale goes on by the rule."),
            Vec::new(),
            say("签名恢复", "Sign the resumption"),
        ));
    }
    acts.extend(annul(sale, now, api, visitor));
    acts.push(statement("answer", &one, say("答复异议", "Answer an objection"), visitor));
    acts.push(statement("correct", &one, say("更正", "Correct"), visitor));
    acts
}

/// Reserves and caps that the rulebook keeps secret: their digests before, they themselves in their stage.
fn secrets(sale: &Sale, now: Instant, action: &str, visitor: &Visitor) -> Vec<ActForm> {
    let (rulebook, mut acts) = (&sale.lot().rulebook, Vec::new());
    let stages = (0..).map(StageId).zip(&rulebook.stages);
    let both = stages.flat_map(|(id, stage)| [Secret::Cap, Secret::Reserve].map(|secret| (id, stage, secret)));
    for (id, stage, secret) in both {
        let Some(attribute) = stage.kind.attribute().map(|attribute| rulebook.attribute(attribute)) else { continue };
        let (word, zh, en) = match secret {
            Secret::Cap => ("cap", "限价", "cap"),
            Secret::Reserve => ("reserve", "底价", "reserve"),
        };
        let digest = Digest([0; 32]);
        let fields = || vec![hidden("stage", &stage.id), hidden("secret", word)];
        let of = visitor.pick(&stage.title);
        let form = |command, title, what, fields, button, secret| ActForm {
            id: format!("{command}-{}-{word}", stage.id),
            title,
            what,
            command,
            action: action.to_owned(),
            fields,
            button,
            is_grave: false,
            secret,
        };
        if sale.decide(now, &Command::Commit { stage: id, secret, digest }).is_ok() {
            let unit = attribute.unit.text.clone();
            let label = visitor.say(&format!("数值（{unit}，不会发送）"), &format!("Value ({unit}; it is not sent)"));
            let lot = sale.lot().id.clone();
            acts.push(form(
                "commit",
                visitor.say(&format!("承诺{zh}：{of}"), &format!("Commit the {en}: {of}")),
                visitor.say(
                    "本机算出加盐摘要并签名；数值与盐只存为本机的一个文件，揭示时必需，请先保存好。",
                    "This browser signs a salted digest. Value and salt are saved as a file on this machine alone; without it the value can never be revealed.",
                ),
                [fields(), vec![line("_value", label)]].concat(),
                visitor.say("保存并签名承诺", "Save, and sign the commitment"),
                Some(SecretIn { lot, unit, decimals: attribute.decimals }),
            ));
        }
        // Whatever is shown with a salt of zeros does not fit: no other refusal stands in the way.
        let shown = Command::Reveal { stage: id, secret, value: Quantity::default(), salt: digest };
        let refusal = sale.decide(now, &shown).err();
        if refusal.is_none_or(|refusal| refusal.reason == Reason::CommitmentMismatch) {
            let value = line("value", visitor.say("数值（带单位）", "Value with its unit"));
            let salt = line("salt", visitor.say("盐（64 位十六进制）", "Salt, 64 hexadecimal digits"));
            acts.push(form(
                "reveal",
                visitor.say(&format!("公开保密数值：{zh}，{of}"), &format!("Reveal the {en}: {of}")),
                visitor.say(
                    "须与承诺一致；见承诺时保存的文件。",
                    "It must fit the commitment: see the file that was saved with it.",
                ),
                [fields(), vec![value, salt]].concat(),
                visitor.say("签名并公开", "Sign and reveal"),
                None,
            ));
        }
    }
    acts
}

/// Examination of the provisional winner, and what follows when it does not sign.
fn seats(sale: &Sale, now: Instant, action: &str, visitor: &Visitor) -> Vec<ActForm> {
    let mut acts = Vec::new();
    for seat in sale.seats() {
        let Some(code) = sale.bidder(seat.bidder).map(landgavel_sale::Bidder::code) else { continue };
        let (bidder, reason) = (seat.bidder, "-".to_owned());
        let asks = [
            ("qualify", Command::Qualify { bidder }, "通过资格审查", "Pass the examination", false),
            ("disqualify", Command::Disqualify { bidder, reason }, "未通过资格审查", "Fail the examination", true),
            ("default", Command::DeclareDefault { bidder }, "认定违约", "Declare a default", true),
        ];
        for (command, ask, zh, en, is_grave) in asks {
            if sale.decide(now, &ask).is_err() {
                continue;
            }
            let mut fields = vec![hidden("bidder", code)];
            if command == "disqualify" {
                fields.push(line("reason", visitor.say("理由（将公开）", "Reason (will be public)")));
            }
            acts.push(ActForm {
                id: format!("{command}-{code}"),
                title: visitor.say(&format!("{zh}：{code}"), &format!("{en}: {code}")),
                what: visitor.say("列入公开记录。", "It enters the public record."),
                command,
                action: action.to_owned(),
                fields,
                button: visitor.say(&format!("签名：{zh}"), &format!("Sign: {en}")),
                is_grave,
                secret: None,
            });
        }
    }
    acts
}

/// Annulment, for a cause that the rulebook lists; the record takes it with two signatures only.
fn annul(sale: &Sale, now: Instant, api: &str, visitor: &Visitor) -> Option<ActForm> {
    let causes = &sale.lot().rulebook.annulment_causes;
    let first = causes.first()?;
    sale.decide(now, &Command::Annul { cause: first.id.clone(), reason: "-".to_owned() }).ok()?;
    let choices =
        causes.iter().map(|cause| ActChoice { id: cause.id.clone(), title: visitor.pick(&cause.text) }).collect();
    let cause =
        ActField { choices, ..line("cause", visitor.say("事由（规则所列）", "Cause, as the rule lists them")) };
    Some(ActForm {
        id: "annul".to_owned(),
        title: visitor.say("撤销出让", "Annul the sale"),
        what: visitor.say(
            "须两名工作人员签名：您先签名，等待另一人看到同样的文字后签名，才生效。",
            "Two officers must sign: you first; it takes effect when another has seen the same text and signed it.",
        ),
        command: "annul",
        action: format!("{api}/acts"),
        fields: vec![cause, line("reason", visitor.say("理由（将公开）", "Reasons (will be public)"))],
        button: visitor.say("签名，交第二人", "Sign, and hand to the second officer"),
        is_grave: true,
        secret: None,
    })
}

/// Words about an earlier entry; they change nothing and stay in the record.
fn statement(command: &'static str, action: &str, title: String, visitor: &Visitor) -> ActForm {
    let about = ActField { is_number: true, ..line("about", visitor.say("所涉记录号", "Number of the entry")) };
    ActForm {
        id: command.to_owned(),
        title,
        what: visitor.say("作为新记录公开；不改动已有记录。", "A new public entry; nothing that stands is changed."),
        command,
        action: action.to_owned(),
        fields: vec![about, line("text", visitor.say("内容", "Text"))],
        button: visitor.say("签名并公开", "Sign and publish"),
        is_grave: false,
        secret: None,
    }
}
