//! Stable codes of what a pledge comes to, for machines.

use landgavel_pledge::{BondForm, ClaimState, Status, Verdict};

pub(super) fn status_code(status: Status) -> &'static str {
    match status {
        Status::Running => "running",
        Status::Discharged => "discharged",
        Status::TakenBack => "taken_back",
    }
}

pub(super) fn verdict_code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Cured => "cured",
        Verdict::Breached => "breached",
        Verdict::Waived => "waived",
        Verdict::Undetermined => "undetermined",
    }
}

pub(super) fn form_code(form: BondForm) -> &'static str {
    match form {
        BondForm::Cash => "cash",
        BondForm::Guarantee => "guarantee",
    }
}

pub(super) fn claim_code(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Open => "open",
        ClaimState::Disputed => "disputed",
        ClaimState::Closed => "closed",
    }
}
