//! A refusal in one line for people.

use landgavel_base::Quantity;
use landgavel_record::language::{format_money, format_quantity};
use landgavel_record::wire::refusal_json;
use landgavel_sale::refusal::Clause;
use landgavel_sale::{Lot, Reason, Refusal};

/// Code, clause, and what was expected.
pub fn refusal_line(lot: &Lot, refusal: &Refusal) -> String {
    let json = refusal_json(lot, refusal);
    let clause = json["clause"].as_str().unwrap_or("");
    let expected = expected(lot, refusal).map(|text| format!(": {text}")).unwrap_or_default();
    format!("{} [{clause}]{expected}", refusal.reason.code())
}

fn expected(lot: &Lot, refusal: &Refusal) -> Option<String> {
    let rulebook = &lot.rulebook;
    let amount = |value: Quantity| match refusal.clause {
        Clause::Stage(stage, _) => {
            let attribute = rulebook.stage(stage).kind.attribute()?;
            Some(format_quantity(rulebook.attribute(attribute), value))
        }
        Clause::Rule(_) | Clause::Engine => None,
    };
    match &refusal.reason {
        Reason::BidBelowMinimum { least } => Some(format!("最低有效报价 least legal bid {}", amount(*least)?)),
        Reason::BidNotOnStep { step } => {
            Some(format!("须为增价幅度的整数倍 a whole number of steps of {}", amount(*step)?))
        }
        Reason::BidJumps { only } => Some(format!("唯一有效报价 the only legal bid {}", amount(*only)?)),
        Reason::BidBeyondCap { cap } => Some(format!("最高限价 the cap {}", amount(*cap)?)),
        Reason::MarkOutOfRange { most } => Some(format!("最高分 at most {}", amount(*most)?)),
        Reason::BondTooSmall { least } => {
            Some(format!("保证金不低于 at least {}", format_money(*least, &rulebook.currency)))
        }
        Reason::PrerequisiteNotMet { fact } => Some(format!("条件 condition on {fact}")),
        Reason::GroupAlreadyAdmitted { group } => Some(format!("同一集团 same group {group}")),
        Reason::TooSoon { not_before } => Some(format!("不早于 not before {}", not_before.local(rulebook.utc_offset))),
        _ => None,
    }
}
