//! Acts that an officer may ask for as the sale stands: asked of the rules, so that no page offers what they refuse.

use landgavel_base::Instant;
use landgavel_record::language::format_quantity;
use landgavel_sale::command::Command;
use landgavel_sale::lot::Secret;
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
}

/// A field of an act.
pub(super) struct ActField {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub is_hidden: bool,
    pub is_number: bool,
    pub choices: Vec<ActChoice>,
}

/// A value that a field may have.
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
    let act = |command: &'static str, id: &str, title: String, what: String, fields: Vec<ActField>, button: String| {
        ActForm { id: id.to_owned(), title, what, command, action: one.clone(), fields, button, is_grave: false }
    };
    let mut acts = Vec::new();
    acts.extend(seats(sale, now, &one, visitor));
    for commitment in &sale.lot().commitments {
        let stage = sale.lot().rulebook.stage(commitment.stage);
        let secret = match commitment.secret {
            Secret::Cap => "cap",
            Secret::Reserve => "reserve",
        };
        if matches!(sale.status(), Status::Running(running) if *running == commitment.stage) {
            let fields = vec![
                hidden("stage", &stage.id),
                hidden("secret", secret),
                line("value", say("数值（带单位）", "Value with its unit")),
                line("salt", say("盐（64 位十六进制）", "Salt, 64 hexadecimal digits")),
            ];
            let title = say("公开保密数值", "Reveal a secret value");
            let what = say(
                "公告中承诺的底价或限价，须与承诺一致。",
                "The reserve or cap that the notice commits to; it must fit.",
            );
            acts.push(act(
                "reveal",
                &format!("reveal-{}-{secret}", stage.id),
                title,
                what,
                fields,
                say("签名并公开", "Sign and reveal"),
            ));
        }
    }
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
    }
}
