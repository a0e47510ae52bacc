//! What waits for somebody: the same list on pages and for programs.

use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_sale::{Sale, Standing, Status};

use super::application::code_of;
use super::bond::{Bond, bonds, guarantees};
use crate::hall::{Acts, Drafts, Hall, Room, Stands};
use crate::not_done::NotDone;
use crate::people::{Account, Role};

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Stable word for what it is.
    pub kind: &'static str,
    /// In Chinese and English.
    pub words: [String; 2],
    /// The page on which it is done.
    pub href: String,
    /// The sale's id, or a draft's.
    pub of: String,
    /// Until when (milliseconds since 1970), when the calendar says.
    pub until_ms: Option<i64>,
}

/// What waits for an account, over all sales.
///
/// # Errors
///
/// When the store fails.
pub async fn tasks(hall: &Arc<Hall>, account: &Account) -> Result<Vec<Task>, NotDone> {
    let mut tasks = Vec::new();
    match account.role {
        Role::Officer => {
            drafts(hall, account, &mut tasks).await?;
            for room in hall.rooms() {
                of_officer(hall, &room, account, &mut tasks).await?;
            }
        }
        Role::Bidder => {
            for room in hall.rooms() {
                of_bidder(hall, &room, account, &mut tasks).await?;
            }
        }
        Role::Guarantor => {
            for bond in guarantees(hall, account).await?.into_iter().filter(|bond| bond.answer.is_none()) {
                of_guarantor(hall, &bond, &mut tasks);
            }
        }
        Role::Auditor | Role::Source => {}
    }
    Ok(tasks)
}

/// A guarantee counts until bonds must be lodged, and while its applicant waits.
fn of_guarantor(hall: &Hall, bond: &Bond, tasks: &mut Vec<Task>) {
    let Some(room) = hall.room(bond.sale.as_str()) else { return };
    let Some(shown) = room.shown() else { return };
    let state = shown.look();
    let sale = &state.sale;
    let applicant = sale.bidder_named(&bond.code).and_then(|id| sale.bidder(id));
    let is_applicant = applicant.is_some_and(|bidder| *bidder.standing() == Standing::Applicant);
    let until = lodge_by(sale);
    if sale.status().is_final() || !is_applicant || has_passed(hall, sale, until) {
        return;
    }
    let words = [format!("确认或否认保函（{}）", bond.code), format!("Confirm or deny a guarantee ({})", bond.code)];
    let (of, href) = (bond.sale.to_string(), "/guarantor".to_owned());
    tasks.push(Task { kind: "answer_guarantee", words, href, of, until_ms: until.map(Instant::millis) });
}

async fn drafts(hall: &Arc<Hall>, account: &Account, tasks: &mut Vec<Task>) -> Result<(), NotDone> {
    for draft in Drafts::of(hall).all().await? {
        if draft.stands == Stands::Publishing {
            let words = [
                format!("发布 {}（两人已签名）", draft.sale),
                format!("Publish {}, which two have signed", draft.sale),
            ];
            let href = format!("/officer/drafts/{}", draft.id);
            tasks.push(Task { kind: "publish", words, href, of: draft.sale, until_ms: None });
            continue;
        }
        let waits =
            draft.stands == Stands::Open && draft.signatures() > 0 && !draft.is_signed_by(account.name.as_str());
        if waits {
            let words = [
                format!("会签 {} 的公告", draft.sale),
                format!("Sign the notice of {} as the second officer", draft.sale),
            ];
            let href = format!("/officer/drafts/{}", draft.id);
            tasks.push(Task { kind: "sign_notice", words, href, of: draft.sale, until_ms: None });
        }
    }
    Ok(())
}

async fn of_officer(
    hall: &Arc<Hall>,
    room: &Arc<Room>,
    account: &Account,
    tasks: &mut Vec<Task>,
) -> Result<(), NotDone> {
    let href = format!("/officer/sales/{}", room.id());
    let mut add = |kind, zh: String, en: String, until: Option<Instant>| {
        let until_ms = until.map(Instant::millis);
        tasks.push(Task { kind, words: [zh, en], href: href.clone(), of: room.id().to_string(), until_ms });
    };
    if is_final(room) {
        return Ok(());
    }
    for act in Acts::of(hall, room).all().await? {
        if act.is_waiting() && act.is_signed() {
            let zh = "两人已签名的事项待列入记录".to_owned();
            add("enter_act", zh, "Enter an act that two have signed".to_owned(), None);
        } else if act.is_waiting() && !act.is_signed_by(account.name.as_str()) {
            add("sign_act", "会签待签事项".to_owned(), "Sign an act as the second officer".to_owned(), None);
        }
    }
    let papers = bonds(&hall.setting().store, room.id()).await?;
    let Some(shown) = room.shown() else { return Ok(()) };
    let state = shown.look();
    let sale = &state.sale;
    if sale.is_admission_open() {
        let waits = |code: &str| papers.iter().any(|bond| bond.code == code && bond.is_backed());
        let open: Vec<_> = sale.bidders().iter().filter(|bidder| *bidder.standing() == Standing::Applicant).collect();
        let unconfirmed = open.iter().filter(|bidder| bidder.bond().is_none() && waits(bidder.code())).count();
        let until = lodge_by(sale);
        if unconfirmed > 0 && !has_passed(hall, sale, until) {
            add(
                "confirm_bond",
                format!("确认保证金 {unconfirmed} 笔"),
                format!("Bonds to confirm: {unconfirmed}"),
                until,
            );
        }
        let needs_bond = sale.lot().rulebook.admission.bond.is_some();
        let undecided = open.iter().filter(|bidder| bidder.bond().is_some() || !needs_bond).count();
        if undecided > 0 {
            add(
                "decide",
                format!("审核申请 {undecided} 份"),
                format!("Applications to decide: {undecided}"),
                decide_until(sale),
            );
        }
    }
    if *sale.status() == Status::Provisional && sale.seats().iter().any(|seat| !seat.is_qualified) {
        add("qualify", "审查竞得入选人".to_owned(), "Examine the provisional winner".to_owned(), sale.due());
    }
    Ok(())
}

fn is_final(room: &Room) -> bool {
    room.shown().is_some_and(|shown| shown.look().sale.status().is_final())
}

fn decide_until(sale: &Sale) -> Option<Instant> {
    let admission = &sale.lot().rulebook.admission;
    admission.decide_until.map(|moment| sale.lot().moment(moment)).or_else(|| apply_by(sale))
}

/// The last moment to apply, when the calendar says.
fn apply_by(sale: &Sale) -> Option<Instant> {
    let is_open_ended = sale.lot().rulebook.admission.open_until.is_some();
    (!is_open_ended).then(|| sale.application_end())
}

/// The last moment to lodge a bond: the rule's own, or while applications are taken.
fn lodge_by(sale: &Sale) -> Option<Instant> {
    let bond = sale.lot().rulebook.admission.bond.as_ref()?;
    bond.lodge_by.map(|moment| sale.lot().moment(moment)).or_else(|| apply_by(sale))
}

fn has_passed(hall: &Hall, sale: &Sale, until: Option<Instant>) -> bool {
    let now = hall.setting().clock.now().max(sale.last());
    until.is_some_and(|until| now >= until)
}

async fn of_bidder(hall: &Hall, room: &Room, account: &Account, tasks: &mut Vec<Task>) -> Result<(), NotDone> {
    if is_final(room) {
        return Ok(());
    }
    let Some(application) = code_of(&hall.setting().store, room.id(), &account.name).await? else { return Ok(()) };
    let bond = super::bond::bond_of(&hall.setting().store, room.id(), &application.code).await?;
    let Some(shown) = room.shown() else { return Ok(()) };
    let state = shown.look();
    let sale = &state.sale;
    let bidder = sale.bidder_named(&application.code);
    let known = bidder.and_then(|id| sale.bidder(id));
    let denied = bond.as_ref().and_then(|bond| bond.answer.as_ref()).is_some_and(|answer| !answer.confirms);
    let is_open = sale.is_admission_open();
    let (kind, zh, en, page, until) = match (sale.status(), known.map(|known| known.standing())) {
        (_, None) if is_open => {
            ("sign_application", "签名提交竞买申请", "Sign the application", "apply", apply_by(sale))
        }
        (_, Some(Standing::Applicant))
            if is_open
                && sale.lot().rulebook.admission.bond.is_some()
                && known.is_some_and(|known| known.bond().is_none())
                && (bond.is_none() || denied) =>
        {
            ("lodge_bond", "提交竞买保证金", "Hand in the bid bond", "apply", lodge_by(sale))
        }
        (Status::Running(_), Some(Standing::Bidder)) => {
            ("bid", "竞价正在进行", "The bidding is under way", "room", sale.due())
        }
        (Status::Provisional, Some(Standing::Bidder))
            if sale.seats().iter().any(|seat| Some(seat.bidder) == bidder && seat.is_qualified) =>
        {
            ("confirm", "签署成交确认书", "Sign the confirmation of sale", "room", sale.due())
        }
        _ => return Ok(()),
    };
    // What is due while bidding goes on is decided when its time comes, not here.
    if page == "apply" && has_passed(hall, sale, until) {
        return Ok(());
    }
    let href = format!("/sales/{}/{page}", room.id());
    let until_ms = until.map(Instant::millis);
    tasks.push(Task { kind, words: [zh.to_owned(), en.to_owned()], href, of: room.id().to_string(), until_ms });
    Ok(())
}
