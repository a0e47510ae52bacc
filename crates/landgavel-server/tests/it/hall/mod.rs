//! The hall in one process, with a clock that a test sets: whole sales, and everything that may go wrong.

mod api;
mod faults;
mod hidden;
mod nodes;
mod outages;
mod pages;
mod proxies;
mod roles;
mod sales;
mod stage;
