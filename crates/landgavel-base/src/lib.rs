//! Vocabulary of public land sales: quantities, money, area, time, sources, parties, parcels, awards.
//!
//! Lowest floor. It knows nothing of sales, bytes on a wire, clocks or chance; `no_std` makes the
//! compiler hold that wall. Every number is an integer; every operation that could overflow is
//! checked. Modules, each importing only from those before it: `text`, `digest`, `source`,
//! `malformed`, `quantity`, `decimal`, `ratio`, `money`, `capitals`, `area`, `time`, `calendar`,
//! `credit_code`, `unit_number`, `parcel`, `fact`, `award`.
//!
//! ```
//! use landgavel_base::{Area, Money};
//!
//! // 60,000 m² are exactly 90 mu.
//! let area = Area::from_hundredths_m2(6_000_000).unwrap();
//! assert_eq!(area.mu().to_string(), "90");
//! assert_eq!(Money::from_minor(100).unwrap().minor(), 100);
//! ```
#![no_std]

extern crate alloc;

mod area;
mod award;
mod calendar;
mod capitals;
mod credit_code;
mod decimal;
mod digest;
mod fact;
mod malformed;
mod money;
mod parcel;
mod quantity;
mod ratio;
mod source;
mod text;
mod time;
mod unit_number;

pub use area::{Area, Fraction};
pub use award::{Award, AwardTerm, Obligation};
pub use calendar::{CalendarError, DueError, WorkingCalendar};
pub use capitals::capital_amount;
pub use credit_code::{CheckDigit, CreditCode};
pub use decimal::Decimal;
pub use digest::Digest;
pub use fact::FactValue;
pub use malformed::Malformed;
pub use money::Money;
pub use parcel::{LandUse, Parcel, PlanningCondition, Position};
pub use quantity::{Quantity, SAFE_INTEGER_MAX};
pub use ratio::Ratio;
pub use source::{Source, SourceNote};
pub use text::Bilingual;
pub use time::{Date, Duration, Instant, LocalTime, Period, PeriodUnit, UtcOffset};
pub use unit_number::{Fixture, LandOwnership, ParcelCode, ParcelKind, UnitNumber};
