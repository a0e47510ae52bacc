//! The hall in one process, with a clock that a test sets: whole sales, and everything that may go wrong.

mod acts;
mod api;
mod bonds;
mod certificates;
mod drafts;
mod faults;
mod hidden;
mod journals;
mod nodes;
mod office;
mod outages;
mod pages;
mod pledge_acts;
mod pledge_faults;
mod pledges;
mod pledging;
mod proxies;
mod register;
mod register_nodes;
mod roles;
mod sales;
mod stage;
mod streams;
