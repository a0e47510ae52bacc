//! Who is entitled to which policy, and why, and why not.
//!
//! The conditions of a policy are gates of a card, so all that holds for cards holds here: exact figures, alternatives, what is
//! lacking and by how much. A fact that was not given leaves a policy open rather than refused. Modules: `words`, `page`.

mod page;
mod words;

use landgavel_score::{Explanation, FAULTS_MAX, Survey};

use crate::figures::{Figures, Layout, Line, TableFault, lines};
use crate::ladder::{FactsTable, Gap, State, gap_of, state_of, told_once};
use crate::language::{Policy, PolicyBook};

pub use page::page;
pub use words::{catalogue_words, entitlement_json, entitlement_words};

/// Facts of firms, read by a book.
#[derive(Debug)]
pub struct Read<'a> {
    book: &'a PolicyBook,
    figures: Figures<'a>,
}

/// A firm and a policy.
#[derive(Debug)]
pub struct Entitlement<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// Whether its conditions hold: reached, not reached, or open for want of facts.
    pub state: State,
    /// Each condition with the values that it saw.
    pub why: Vec<Line>,
    /// What is lacking.
    pub gaps: Vec<Gap>,
}

impl<'a> Read<'a> {
    /// Reads facts.
    ///
    /// # Errors
    /// All that is wrong with the table.
    pub fn of(book: &'a PolicyBook, table: &'a FactsTable) -> Result<Self, Vec<TableFault>> {
        let figures = Layout::partial(&book.card, table.bytes())
            .and_then(|layout| Figures::join(&layout, vec![layout.read_all()]))
            .map_err(|faults| told_once(table, faults))?;
        Ok(Self { book, figures })
    }

    /// The conditions of all firms are judged by what this gives.
    ///
    /// # Errors
    /// What the book does not allow, such as a divisor of zero.
    pub fn survey(&self, table: &FactsTable) -> Result<Survey<'_>, Vec<TableFault>> {
        let survey = self.figures.survey().map_err(|faults| told_once(table, faults))?;
        let rows = 0..self.figures.table().rows();
        let faults: Vec<TableFault> = rows
            .filter_map(|row| survey.mark(row).err())
            .take(FAULTS_MAX)
            .map(|fault| self.figures.fault(fault))
            .collect();
        if faults.is_empty() { Ok(survey) } else { Err(told_once(table, faults)) }
    }

    /// The book.
    pub fn book(&self) -> &'a PolicyBook {
        self.book
    }

    /// Number of firms.
    pub fn firms(&self) -> usize {
        self.figures.firms()
    }

    /// Name of a firm.
    pub fn firm(&self, firm: usize) -> String {
        self.figures.firm(firm)
    }

    /// Heads that the book does not name.
    pub fn ignored(&self) -> &[String] {
        &self.figures.ignored
    }

    /// All policies for a firm, in the order of the book.
    pub fn entitlements(&self, survey: &Survey<'_>, firm: usize) -> Vec<Entitlement<'a>> {
        let row = self.figures.unit(firm);
        // INVARIANT: `survey` told every row that the book does not allow, and a book has no items.
        let Ok(explanation) = survey.explain(row) else { return Vec::new() };
        let told = lines(&self.book.card, &explanation);
        let open = survey.gaps(row, &explanation);
        let policies = self.book.policies.iter();
        policies.map(|policy| entitlement(self.book, policy, &explanation, &told, &open)).collect()
    }
}

fn entitlement<'a>(
    book: &PolicyBook,
    policy: &'a Policy,
    explanation: &Explanation,
    told: &[Line],
    open: &[landgavel_score::Gap],
) -> Entitlement<'a> {
    let open: Vec<&landgavel_score::Gap> = open.iter().filter(|gap| policy.gates.contains(&gap.gate)).collect();
    let holds = policy.gates.iter().all(|gate| explanation.gates.get(*gate).is_some_and(|gate| gate.holds));
    Entitlement {
        policy,
        state: if holds { State::Reached } else { state_of(open.iter().copied()) },
        why: policy.gates.iter().filter_map(|gate| told.get(*gate).cloned()).collect(),
        gaps: open.into_iter().map(|gap| gap_of(&book.card, gap)).collect(),
    }
}
