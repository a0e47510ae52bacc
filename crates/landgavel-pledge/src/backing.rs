//! How long a bond is needed.

use landgavel_base::{Date, Money};

use crate::evidence::Subject;
use crate::schedule::Outlook;
use crate::state::{ExtensionDemand, HeldBond, Pledge, Status, saturated};

/// Calendar days before the end of a guarantee by which it must be extended or replaced, so that there is time to call it:
/// the bank must have the demand on or before the last day. `assumption`.
const DAYS_TO_CALL: i32 = 10;

impl Pledge {
    /// Whether a bond stands behind something: behind all that can cost money.
    pub(crate) fn is_backed(&self, subject: Subject) -> bool {
        match subject {
            Subject::Ban(index) => self.contract.bans[usize::from(index)].penalty.is_some(),
            Subject::Duty(index) => !self.contract.duties[usize::from(index)].is_bond,
            Subject::Milestone(_) | Subject::Period(..) | Subject::Idle => true,
        }
    }

    /// The day to which a guarantee must run when it ends too soon. `None` when it runs long enough, or when the bonds that
    /// outlast it hold all that must be held: it was replaced.
    ///
    /// A bond is needed until all that it backs is judged and no claim is open or disputed, and some days longer.
    pub(crate) fn needed_until(&self, bond: usize, outlook: &Outlook) -> Option<Date> {
        let ends = self.bonds.get(bond)?.bond.valid_until?;
        // What has no day is needed beyond any end.
        let open = if outlook.is_open { ends.plus_days(1) } else { None };
        let needed = outlook.last_due.max(open)?.plus_days(i32::from(self.contract.bond.outlasts_by))?;
        (ends < needed && !self.is_replaced(ends)).then_some(needed)
    }

    /// Whether bonds that outlast a day hold all that must be held: what was demanded, less what went back, was called or
    /// lapsed; and as much as the others hold for claims.
    fn is_replaced(&self, day: Date) -> bool {
        let outlasts = |held: &&HeldBond| held.bond.valid_until.is_none_or(|until| until > day);
        let outlasting = saturated(self.bonds.iter().filter(outlasts).map(HeldBond::held), [].into_iter());
        let ending = saturated([self.held()].into_iter(), [outlasting].into_iter());
        let gone = self.bonds.iter().flat_map(|held| [held.released, held.called, held.lapsed]);
        let asked = saturated(self.demands.iter().map(|demand| demand.amount), gone);
        self.status == Status::Running && outlasting >= asked.max(ending.min(self.owed()))
    }

    /// The demand to extend or replace a guarantee, while it stands: the guarantee neither runs longer nor was replaced, and
    /// what it backs is not over.
    pub fn extension_demand(&self, bond: usize) -> Option<ExtensionDemand> {
        let held = self.bonds.get(bond).filter(|held| held.held() > Money::ZERO)?;
        let demand = held.extension.filter(|demand| held.bond.valid_until == Some(demand.ends))?;
        self.needed_until(bond, &self.outlook()).map(|_| demand)
    }

    /// The last day to extend or replace a guarantee, demanded today: as long as a top-up has, but before its end.
    pub(crate) fn extend_by(&self, today: Date, ends: Date) -> Date {
        let term = self.contract.term(self.contract.bond.top_up_within, today).unwrap_or(ends);
        let before = |days: i32| ends.plus_days(-days).unwrap_or(ends);
        term.min(before(DAYS_TO_CALL)).max(today).min(before(1))
    }
}
