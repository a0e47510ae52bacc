//! An act of a pledge that waits, told to whoever shall sign it too: every field of it, by its name.

use landgavel_base::Bilingual;
use landgavel_pledge::{Command, Subject};
use landgavel_record::pledges::record::own_fields;
use landgavel_record::pledges::{Opened, parse_ask, subject_in_words};
use serde_json::{Map, Value};

/// What can be asked with two signatures.
const VERBS: [(&str, &str, &str); 11] = [
    ("bond", "录入履约保证", "enter a bond"),
    ("extend-bond", "保函展期", "extend a guarantee"),
    ("pay", "录入付款", "enter a payment"),
    ("call-bond", "提取保证", "call the bond"),
    ("call-expiring", "全额索付将到期保函", "call a guarantee that ends in full"),
    ("settle", "裁定索赔", "settle a claim"),
    ("extend", "准予延期", "extend a milestone"),
    ("stop-time", "停算期限", "stop time"),
    ("waive", "豁免", "waive"),
    ("take-back", "收回土地", "take the land back"),
    ("rekey", "更换密钥", "replace a key"),
];

/// Fields in the order in which they are told.
const FIELDS: [(&str, &str, &str); 22] = [
    ("about", "事项", "what"),
    ("claim", "索赔", "claim"),
    ("bond", "保函", "guarantee"),
    ("form", "形式", "form"),
    ("issuer", "出具人", "issuer"),
    ("beneficiary", "受益人", "beneficiary"),
    ("amount", "金额", "amount"),
    ("currency", "币种", "currency"),
    ("on_demand", "见索即付", "on demand"),
    ("valid_until", "有效至", "valid until"),
    ("number", "保函编号", "number of the guarantee"),
    ("letter", "文件摘要", "hash of the letter"),
    ("confirmed", "已核对单位", "unit confirmed"),
    ("year", "年度", "year"),
    ("from", "自", "from"),
    ("until", "至", "until"),
    ("of", "何人", "whose"),
    ("new_key", "新密钥", "new key"),
    ("officer", "监管人员", "officer"),
    ("second_officer", "第二名监管人员", "second officer"),
    ("reason", "理由", "reason"),
    ("note", "备注", "note"),
];

fn words(table: &[(&str, &str, &str)], name: &str) -> Bilingual {
    let known = table.iter().find(|(known, ..)| *known == name);
    known.map_or_else(|| Bilingual::new(name, name), |(_, zh, en)| Bilingual::new(*zh, *en))
}

/// What a text asks for, in a line.
pub(super) fn act_in_words(opened: &Opened, text: &str) -> Bilingual {
    let own = own_fields(text).unwrap_or_default();
    let subject = parse_ask(opened, &own).ok().and_then(|command| subject(&command));
    let verb = words(&VERBS, own.get("do").and_then(Value::as_str).unwrap_or_default());
    let mut fields: Vec<&String> = own.keys().filter(|name| *name != "do").collect();
    fields.sort_by_key(|name| FIELDS.iter().position(|(known, ..)| known == name));
    // The year is in the words for what it is about.
    let told = fields.into_iter().filter(|name| *name != "year" || subject.is_none());
    let told: Vec<Bilingual> = told.map(|name| field_in_words(opened, &own, name, subject)).collect();
    let join = |of: fn(&Bilingual) -> &str, mark: &str| told.iter().map(of).collect::<Vec<_>>().join(mark);
    Bilingual {
        zh: format!("{}（{}）", verb.zh, join(|one| &one.zh, "；")),
        en: format!("{} ({})", verb.en, join(|one| &one.en, "; ")),
    }
}

fn subject(command: &Command) -> Option<Subject> {
    match command {
        Command::Waive { subject, .. } | Command::RetractEvidence { subject, .. } => Some(*subject),
        Command::EnterEvidence(evidence) => Some(evidence.subject),
        Command::Extend { milestone, .. } => u16::try_from(*milestone).ok().map(Subject::Milestone),
        Command::Tick
        | Command::LodgeBond(_)
        | Command::ExtendBond { .. }
        | Command::Pay { .. }
        | Command::Dispute { .. }
        | Command::Settle { .. }
        | Command::CallBond { .. }
        | Command::CallExpiring { .. }
        | Command::StopTime { .. }
        | Command::TakeBack { .. } => None,
    }
}

fn field_in_words(opened: &Opened, own: &Map<String, Value>, name: &str, about: Option<Subject>) -> Bilingual {
    let pledge = &opened.pledge;
    let value = own.get(name).cloned().unwrap_or_default();
    let index = value.as_u64().and_then(|number| usize::try_from(number).ok()).and_then(|number| number.checked_sub(1));
    let raw = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let told = match (name, value.as_str()) {
        ("about", _) => about.map(|subject| subject_in_words(pledge, subject)),
        ("claim", _) => index.and_then(|index| pledge.claims().get(index)).map(|claim| {
            let name = subject_in_words(pledge, claim.subject);
            Bilingual { zh: format!("{value}. {}", name.zh), en: format!("{value}. {}", name.en) }
        }),
        ("bond", _) => index.and_then(|index| pledge.bonds().get(index)).map(|held| {
            let told = format!("{value}. {}", held.bond.issuer);
            Bilingual::new(&told, &told)
        }),
        ("form", Some("cash")) => Some(Bilingual::new("现金", "cash")),
        ("form", Some("guarantee")) => Some(Bilingual::new("保函", "guarantee")),
        ("on_demand" | "confirmed", _) => value.as_bool().map(|is_on_demand| match is_on_demand {
            true => Bilingual::new("是", "yes"),
            false => Bilingual::new("否", "no"),
        }),
        _ => None,
    };
    let told = told.unwrap_or_else(|| Bilingual::new(raw(), raw()));
    let label = words(&FIELDS, name);
    Bilingual { zh: format!("{}：{}", label.zh, told.zh), en: format!("{}: {}", label.en, told.en) }
}
