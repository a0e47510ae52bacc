//! Entitlements in words and as JSON.

use landgavel_base::Bilingual;
use serde_json::{Value, json};

use super::Entitlement;
use crate::counties::source_words;
use crate::ladder::{State, gap_json};
use crate::language::PolicyBook;

/// Whether a firm is entitled, to what, and how much.
pub fn entitlement_words(entitlement: &Entitlement<'_>) -> Bilingual {
    let policy = entitlement.policy;
    let (zh, en) = match (entitlement.state, policy.is_restraint) {
        (State::Reached, false) => ("可享受", "entitled"),
        (State::Reached, true) => ("受约束", "restrained"),
        (State::NotReached, false) => ("不能享受", "not entitled"),
        (State::NotReached, true) => ("不受约束", "not restrained"),
        (State::FactsMissing | State::StandardUnknown, _) => {
            ("情况未填全，不能判断", "cannot be told: facts are not given")
        }
    };
    let unknown = Bilingual::new("金额未公布", "the amount was not published");
    let amount = match (&policy.amount, policy.is_restraint) {
        (Some(amount), _) => amount.clone(),
        (None, false) => unknown,
        (None, true) => Bilingual::default(),
    };
    let join = |state: &str, benefit: &str, amount: &str, colon: &str, comma: &str| {
        let amount = if amount.is_empty() { String::new() } else { format!("{comma}{amount}") };
        format!("{state}{colon}{benefit}{amount}")
    };
    Bilingual::new(
        join(zh, &policy.benefit.zh, &amount.zh, "：", "；"),
        join(en, &policy.benefit.en, &amount.en, ": ", "; "),
    )
}

/// The catalogue: each tier with the industries that are known by name, and how many were not found.
pub fn catalogue_words(book: &PolicyBook) -> Vec<Bilingual> {
    book.tiers
        .iter()
        .enumerate()
        .map(|(index, tier)| {
            let known: Vec<_> = book.industries.iter().filter(|industry| industry.tier == index).collect();
            let list =
                |name: fn(&Bilingual) -> &str| known.iter().map(|industry| name(&industry.name)).collect::<Vec<_>>();
            let missing =
                tier.count.map(|count| usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(known.len()));
            let (zh, en) = match missing {
                None | Some(0) => (String::new(), String::new()),
                Some(missing) => (format!("；另有 {missing} 个未找到"), format!("; {missing} more not found")),
            };
            Bilingual::new(
                format!("{}：{}{zh}", tier.name.zh, list(|name| &name.zh).join("、")),
                format!("{}: {}{en}", tier.name.en, list(|name| &name.en).join(", ")),
            )
        })
        .collect()
}

/// An entitlement as JSON.
pub fn entitlement_json(entitlement: &Entitlement<'_>) -> Value {
    let policy = entitlement.policy;
    let both = |text: &Bilingual| json!({"zh": text.zh, "en": text.en});
    json!({
        "id": policy.id, "name": both(&policy.name), "effect": if policy.is_restraint { "restraint" } else { "support" },
        "benefit": both(&policy.benefit), "amount": policy.amount.as_ref().map(both),
        "state": match entitlement.state {
            State::Reached => "holds",
            State::NotReached => "does-not-hold",
            State::FactsMissing | State::StandardUnknown => "facts-missing",
        },
        "why": entitlement.why.iter().map(|line| json!({
            "id": line.id, "holds": line.holds, "why": both(&line.why),
        })).collect::<Vec<_>>(),
        "gaps": entitlement.gaps.iter().map(gap_json).collect::<Vec<_>>(),
        "source": source_words(policy.source.as_ref()),
    })
}
