//! Pledges (履约承诺): what a winner promised is held to account, in money exact to the fen.
//!
//! Same shape as the sale engine: a command and the time lead to events or a refusal; a pledge is the fold of
//! its events. It knows no disk, wire, clock or chance, nor how the award was won; `no_std` makes the compiler
//! hold that wall. Modules, each importing only from those before it: `bond`, `contract`, `evidence`,
//! `verdict`, `arithmetic`, `terms`, `command`, `event`, `refusal`, `stopped`, `state`, `apply`, `schedule`, `backing`, `doubt`, `decide`.
#![no_std]

extern crate alloc;

mod apply;
mod arithmetic;
mod backing;
mod bond;
mod command;
mod contract;
mod decide;
mod doubt;
mod event;
mod evidence;
mod refusal;
mod schedule;
mod state;
mod stopped;
mod terms;
mod verdict;

pub use arithmetic::{Computation, DepositSplit, Step, part_of_price, shortfall, split_deposit};
pub use bond::{Bond, BondForm};
pub use command::{Approval, Command};
pub use contract::{
    Accounting, Ban, BondRule, Buildings, Contract, ContractError, Delay, Direction, Duty, Forfeit, Formula, Ground,
    HaltRule, IdleRule, Measure, Milestone, Party, Promise, Span, Start, TakeBackRule, Tranche,
};
pub use event::{Event, Happened};
pub use evidence::{Evidence, Finding, Halted, Subject};
pub use refusal::{Reason, Refusal};
pub use state::{Claim, ClaimState, Demand, ExtensionDemand, HeldBond, Pledge, Status};
pub use verdict::{IdleLevel, Verdict};
