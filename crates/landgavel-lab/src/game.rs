//! A case ready to be played: a lot under its rule, and what bids and promises on it are worth.

use std::sync::Arc;

use landgavel_base::Quantity;
use landgavel_record::language::{Files, Loaded, ParameterValue, load_lot};
use landgavel_sale::Lot;
use landgavel_sale::rulebook::AttributeId;

use crate::bidder::{Bidder, Terms};
use crate::course::{Course, LegKind, NotStraight, compile};
use crate::many::pick;
use crate::stepped::Stepped;
use crate::straight::{Limits, Outcome, evaluate_with};
use crate::study::{Choice, Design, Wrong};

/// Square metres in a mu, as a fraction.
const MU: (f64, f64) = (2000.0, 3.0);

/// How a case is played.
#[derive(Debug, Clone)]
enum Way {
    /// By the straight evaluator.
    Straight(Course),
    /// On the engine.
    Stepped(Box<Stepped>, NotStraight),
}

/// A lot under its rule.
#[derive(Debug, Clone)]
pub struct Game {
    lot: Arc<Lot>,
    way: Way,
    price: AttributeId,
    promise: Option<AttributeId>,
    bond_share: f64,
    years: f64,
    mu: f64,
    /// Promises of the ladder's rungs, ten thousand yuan per mu and year.
    promises: Vec<f64>,
    promise_start: i64,
    promise_step: i64,
    /// Price in money at which promises are bid.
    capped_price: f64,
    /// What the rulebook calls each parameter: id, Chinese, English.
    names: Vec<(String, String, String)>,
}

/// Rungs of a ladder of promises without a cap that are looked at.
const OPEN_RUNGS: u32 = 400;

impl Game {
    /// Makes the game of a case; so many bid, those included whom a behaviour adds.
    ///
    /// # Errors
    /// What in the lot, the rulebook or the design is wrong.
    pub fn new(files: &dyn Files, folder: &str, design: &Design, choice: &Choice, bidders: u32) -> Result<Self, Wrong> {
        let at = |field: &str| format!("designs.{}.{field}", design.id);
        let loaded = load(files, folder, design, choice)?;
        let share = loaded.parameters.iter().find_map(|parameter| match (&*parameter.id, &parameter.value) {
            ("performance_share", Some(ParameterValue::Percent(ratio))) => Some(ppm(ratio.ppm())),
            _ => None,
        });
        let names =
            loaded.parameters.iter().map(|one| (one.id.clone(), one.meaning.zh.clone(), one.meaning.en.clone()));
        let names = names.collect();
        let lot = Arc::new(loaded.lot);
        let named = |field: &str, id: &str| {
            lot.rulebook
                .attribute_named(id)
                .ok_or_else(|| Wrong::new(at(field), format!("the rulebook has no attribute `{id}`")))
        };
        let price = named("price", &design.price)?;
        let promise = design.promise.as_deref().map(|id| named("promise", id)).transpose()?;
        let way = match compile(&lot) {
            Ok(course) => Way::Straight(course),
            Err(why) if promise.is_some() => {
                let text = format!("what a promise is worth is known only where the rule compiles; {why}");
                return Err(Wrong::new(at("promise"), text));
            }
            Err(why) => {
                let stepped = Stepped::new(&lot, bidders as usize).map_err(|not| {
                    Wrong::new(at("lot"), format!("{why}; and the engine cannot play it by limits: {not:?}"))
                })?;
                Way::Stepped(Box::new(stepped), why)
            }
        };
        let mut game = Self {
            mu: lot_mu(&lot),
            lot,
            way,
            price,
            promise,
            bond_share: choice.bond.or(share).unwrap_or(0.0),
            years: design.years,
            promises: Vec::new(),
            promise_start: 0,
            promise_step: 1,
            capped_price: 0.0,
            names,
        };
        game.learn_ladders();
        Ok(game)
    }

    fn learn_ladders(&mut self) {
        let Way::Straight(course) = &self.way else { return };
        for leg in course.legs.clone() {
            let (ladder, is_open) = match leg.kind {
                LegKind::Ladder(ladder) => (ladder, true),
                LegKind::Sealed(ladder) => (ladder, false),
                LegKind::Draw => continue,
            };
            if ladder.attribute == self.price {
                if is_open {
                    self.capped_price = self.money(ladder.amount(ladder.top.unwrap_or(0)));
                }
            } else if Some(ladder.attribute) == self.promise {
                (self.promise_start, self.promise_step) = (ladder.start, ladder.step);
                let rungs = 0..=ladder.top.unwrap_or(OPEN_RUNGS);
                self.promises = rungs.map(|rung| self.per_mu(ladder.amount(rung))).collect();
            }
        }
    }

    /// Why the fast path does not play it.
    pub fn not_straight(&self) -> Option<&NotStraight> {
        match &self.way {
            Way::Straight(_) => None,
            Way::Stepped(_, why) => Some(why),
        }
    }

    /// The compiled rule; `None` where only the engine plays it.
    pub fn course(&self) -> Option<&Course> {
        match &self.way {
            Way::Straight(course) => Some(course),
            Way::Stepped(..) => None,
        }
    }

    /// What the rulebook calls a parameter, in Chinese and English.
    pub fn name_of<'a>(&'a self, parameter: &'a str) -> (&'a str, &'a str) {
        let known = self.names.iter().find(|(id, ..)| id == parameter);
        known.map_or((parameter, parameter), |(_, zh, en)| (zh, en))
    }

    /// Whether an attribute is the price.
    pub fn is_price(&self, attribute: AttributeId) -> bool {
        attribute == self.price
    }

    /// Area in mu.
    #[inline]
    pub fn mu(&self) -> f64 {
        self.mu
    }

    /// Price in ten thousand yuan for the lot.
    pub fn money(&self, quanta: i64) -> f64 {
        let money = |value| self.lot.rulebook.attribute(self.price).lot_money(value, self.lot.area);
        Quantity::new(quanta).and_then(money).map_or(f64::NAN, ten_thousand)
    }

    fn per_mu(&self, quanta: i64) -> f64 {
        let Some(promise) = self.promise else { return 0.0 };
        let money = |value| self.lot.rulebook.attribute(promise).mu_money(value, self.lot.area);
        Quantity::new(quanta).and_then(money).map_or(f64::NAN, ten_thousand)
    }

    /// What a promise is worth at a price.
    #[inline]
    pub fn terms(&self, price: f64) -> Terms {
        let weight = if self.promise.is_some() { self.mu * self.years } else { 0.0 };
        Terms { weight, bond: self.bond_share * price }
    }

    /// What binds a winner that made no offer on it, per mu and year.
    fn base(&self) -> f64 {
        let base = self.promise.and_then(|promise| self.lot.rulebook.attribute(promise).base);
        base.map_or(0.0, |base| self.per_mu(base.quanta()))
    }

    /// Price, ten thousand yuan for the lot, and promise per mu and year, of a winner that made these offers.
    pub fn terms_of(&self, price: Option<i64>, promise: Option<i64>) -> (f64, f64) {
        let price = price.map_or(self.capped_price, |quanta| self.money(quanta));
        (price, promise.map_or_else(|| self.base(), |quanta| self.per_mu(quanta)))
    }

    /// The offers of an outcome on price and promise.
    pub fn offers(&self, outcome: &Outcome) -> (Option<i64>, Option<i64>) {
        let of = |attribute: AttributeId| outcome.terms[usize::from(attribute.0)];
        (of(self.price), self.promise.and_then(of))
    }

    /// The column of the price.
    pub fn price(&self) -> usize {
        usize::from(self.price.0)
    }

    /// Sets a limit on the price, given in ten thousand yuan for the lot.
    pub fn limit_price(&self, price: f64, limits: &mut [i64]) {
        let unit = self.money(1);
        limits[self.price()] = if unit > 0.0 { whole(price / unit) } else { 0 };
    }

    /// Which attribute is promised.
    pub fn promise(&self) -> Option<AttributeId> {
        self.promise
    }

    /// How far a bidder goes on each attribute, keeping a margin, in quanta.
    pub fn limits_of(&self, bidder: &Bidder, margin: f64, limits: &mut [i64]) {
        let value = bidder.value * (1.0 - margin);
        // The indicator binds whoever wins, and its cost grows with the bond, which grows with the price: a few turns settle it.
        let mut price = value;
        for _ in 0..3 {
            price = value - bidder.cost(self.base(), self.terms(price.max(0.0)));
        }
        self.limit_price(price.min(bidder.budget), limits);
        if let Some(promise) = self.promise {
            let left = value - self.capped_price;
            let place = bidder.highest_promise(&self.promises, self.terms(self.capped_price), left);
            let below = self.promise_start.saturating_sub(1);
            limits[usize::from(promise.0)] = place
                .and_then(|rung| i64::try_from(rung).ok())
                .map_or(below, |rung| self.promise_start.saturating_add(self.promise_step.saturating_mul(rung)));
        }
    }

    /// Number of attributes.
    pub fn attributes(&self) -> usize {
        self.lot.rulebook.attributes.len()
    }

    /// Plays the sale among these limits, one for each bidder and attribute; `lots` draws. `quote(bidder, leg, entrants)` is a sealed quote's
    /// rung. `None` when the engine does not end it.
    pub fn play(
        &self,
        limits: &[i64],
        quote: impl FnMut(usize, usize, u32) -> Option<u32>,
        lots: u32,
    ) -> Option<Outcome> {
        let limits = Limits { of: limits, columns: self.attributes() };
        match &self.way {
            Way::Straight(course) => Some(evaluate_with(course, limits, quote, |entrants| pick(lots, entrants))),
            Way::Stepped(stepped, _) => {
                let mut output = [0; 32];
                output[..4].copy_from_slice(&lots.to_be_bytes());
                stepped.play(limits, landgavel_base::Digest(output)).ok()
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, as a limit should")]
fn whole(value: f64) -> i64 {
    value.floor() as i64
}

#[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53 fen")]
fn ten_thousand(money: landgavel_base::Money) -> f64 {
    money.minor() as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "shares are small")]
fn ppm(ppm: i64) -> f64 {
    ppm as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "areas are small")]
fn lot_mu(lot: &Lot) -> f64 {
    lot.area.hundredths_m2() as f64 / 100.0 * MU.1 / MU.0
}

/// The lot as the case has it.
fn load(files: &dyn Files, folder: &str, design: &Design, choice: &Choice) -> Result<Loaded, Wrong> {
    let at = |field: &str| format!("designs.{}.{field}", design.id);
    let path = landgavel_record::language::join(folder, &design.lot);
    let fail = |text: String| Wrong::new(at("lot"), text).in_file(&path, None);
    let bytes = files.read(&path).map_err(fail)?;
    let text = String::from_utf8(bytes).map_err(|_| fail("is not UTF-8".to_owned()))?;
    let broken = |error: toml::de::Error| {
        let wrong = Wrong { place: at("lot"), ..Wrong::syntax(&error, &text) };
        let line = wrong.line;
        wrong.in_file(&path, line)
    };
    let mut lot: toml::Table = toml::from_str(&text).map_err(broken)?;
    let values = lot.entry("values").or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(values) = values.as_table_mut() else { return Err(fail("`values` is no table".to_owned())) };
    let own = design.set.iter().map(|(name, value)| (name.clone(), value.clone()));
    for (name, value) in own.chain(choice.set.iter().cloned()) {
        values.insert(name, value);
    }
    let set = toml::to_string(&lot).map_err(|error| fail(error.to_string()))?;
    let changed = Changed { files, path: &path, text: set.into_bytes() };
    load_lot(&changed, &path).map_err(|findings| Wrong::in_lot(at("lot"), &path, &text, findings.first()))
}

struct Changed<'a> {
    files: &'a dyn Files,
    path: &'a str,
    text: Vec<u8>,
}

impl Files for Changed<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == self.path { Ok(self.text.clone()) } else { self.files.read(path) }
    }
}
