//! What the hall keeps of those who take part in a sale, beside the record: who they are, and the papers behind their bonds.
//!
//! The record knows codes, salted digests and acts. Everything that names a person stands in the vault, where it can be
//! erased; who reads an identity leaves a trace. Modules: `application` gives a code and keeps an identity; `bond` is
//! what is kept of a bond, `lodging` hands one in, `confirming` tells who stands behind it; `tasks` tells what waits for whom.

mod application;
mod bond;
mod confirming;
mod lodging;
mod tasks;

pub use application::{
    Application, Given, Identity, Said, applications, apply, code_of, given, identity, may_see_identities,
};
pub use bond::{Answer, Bond, Paper, Past, Taken, Terms, bond_of, bonds, due_amount, guarantees};
pub use confirming::{Reply, answer, let_go, paper, take, take_signed};
pub use lodging::{PAPER_MAX, lodge, may_lodge};
pub use tasks::{Task, tasks};

use landgavel_store::SaleId;

/// Name of a record of a sale in the vault.
fn name(sale: &SaleId, of: &str) -> String {
    format!("{sale}:{of}")
}
