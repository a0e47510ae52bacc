//! Laws of the engine over random runs of shipped and small rulebooks.

use std::sync::Arc;

use landgavel_base::{Digest, Instant, Quantity};
use landgavel_record::language::{Files, load_lot};
use landgavel_sale::command::{Application, BidderId, Command};
use landgavel_sale::event::{Event, Happened};
use landgavel_sale::outcome::EndReason;
use landgavel_sale::{Lot, Sale, Status};
use proptest::prelude::*;

/// A lot and its rulebook, as texts.
struct Texts {
    lot: &'static str,
    rulebook: String,
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { self.lot.as_bytes().to_vec() } else { self.rulebook.clone().into_bytes() })
    }
}

fn load(lot: &'static str, rulebook: String) -> Arc<Lot> {
    Arc::new(load_lot(&Texts { lot, rulebook }, "lot.toml").unwrap().lot)
}

fn four_part() -> Arc<Lot> {
    load(
        include_str!("../../../../lots/cn/zhejiang/yiwu/sample-p1.toml"),
        include_str!("../../../../rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml").to_owned(),
    )
}

const HEAD: &str = r#"
format = "landgavel-rulebook/1"
id = "test/small"
version = "1"
title = { zh = "小规则", en = "Small rule" }
currency = "CNY"
utc_offset = "+08:00"
working_days = "weekdays"
source = "assumption"
[[calendar]]
id = "opens"
name = { zh = "开始", en = "opens" }
[[calendar]]
id = "closes"
name = { zh = "截止", en = "closes" }
[attributes.price]
name = { zh = "地价", en = "price" }
unit = "元"
decimals = 0
[admission]
window = { opens = "opens", closes = "closes" }
decided_by = "rule"
[award]
winners = 1
"#;

const LOT: &str = r#"
format = "landgavel-lot/1"
id = "test/lot"
title = { zh = "小标的", en = "Small lot" }
rulebook = "rulebook.toml"
sample = true
source = "assumption"
[calendar]
opens = 2026-03-02T09:00:00+08:00
closes = 2026-03-02T10:00:00+08:00
[parcel]
name = { zh = "地", en = "land" }
location = { zh = "虚构", en = "invented" }
area = "2000 m2"
land_use = "100102"
term = "50 years"
"#;

fn small(stages: &str) -> Arc<Lot> {
    load(LOT, format!("{HEAD}\n{stages}"))
}

const ASCENDING: &str = r#"
[[stages]]
id = "price"
title = { zh = "竞价", en = "price" }
kind = "ascending"
attribute = "price"
start = "100 元"
step = { by = "10 元", mode = "multiple" }
close = { countdown = "60 s" }
"#;

const SEALED: &str = r#"
[[stages]]
id = "price"
title = { zh = "密封报价", en = "sealed" }
kind = "sealed"
attribute = "price"
min = "100 元"
window = { closes = "10 min" }
open_within = "10 min"
"#;

const ROUNDS: &str = r#"
[[stages]]
id = "price"
title = { zh = "轮次报价", en = "rounds" }
kind = "rounds"
attribute = "price"
start = "100 元"
step = { by = "10 元", mode = "at-least" }
order = "ORDER"
length = "60 s"
max_rounds = 3
"#;

const DESCENDING: &str = r#"
[[stages]]
id = "price"
title = { zh = "降价", en = "clock" }
kind = "descending"
attribute = "price"
start = "200 元"
step = "10 元"
every = "60 s"
floor = "100 元"
"#;

/// A few rulebooks that together use most kinds of stage.
fn lots() -> Vec<Arc<Lot>> {
    vec![
        four_part(),
        small(ASCENDING),
        small(SEALED),
        small(&ROUNDS.replace("ORDER", "together")),
        small(&ROUNDS.replace("ORDER", "in-turn")),
        small(DESCENDING),
    ]
}

fn apply(sale: &mut Sale, events: &[Event], all: &mut Vec<Event>) {
    for event in events {
        sale.apply(event);
        all.push(event.clone());
    }
}

fn advance(sale: &mut Sale, to: Instant, all: &mut Vec<Event>) {
    let mut steps = 0;
    while let Some(due) = sale.due().filter(|due| *due <= to) {
        let events = sale.decide(due.max(sale.last()), &Command::Tick).unwrap();
        assert!(!events.is_empty(), "a due tick brings something: {:?}", sale.status());
        apply(sale, &events, all);
        steps += 1;
        assert!(steps < 10_000, "time alone goes on for ever");
    }
}

/// A random act of one of four bidders, small enough to be legal now and then.
fn command(kind: u8, bidder: u32, value: i64) -> Command {
    let bidder = BidderId(bidder % 4);
    let amount = Quantity::new(value).unwrap();
    match kind % 14 {
        0..=3 => Command::PlaceBid { bidder, amount },
        4 => Command::Join { bidder },
        5 | 6 => Command::Accept { bidder },
        7 => Command::LodgeSeal {
            bidder,
            envelope: Digest([value.to_be_bytes()[7]; 32]),
            readable_from: Instant::from_millis(value.abs()),
        },
        8 => Command::OpenSeal { bidder, amounts: Some(vec![amount]), salt: Digest([1; 32]) },
        9 => Command::RevealBeacon { outputs: vec![Digest([value.to_be_bytes()[7]; 32])] },
        10 => Command::Pause { evidence: "test".to_owned() },
        11 => Command::Resume,
        12 => Command::Qualify { bidder },
        _ => Command::Confirm { bidder },
    }
}

fn apply_all(sale: &mut Sale, all: &mut Vec<Event>) {
    for index in 0..4u32 {
        let opens = sale.lot().calendar[usize::from(sale.lot().calendar.len() > 2)];
        advance(sale, opens, all);
        let application = Application { code: format!("B{index}"), identity: None, group: None, facts: Vec::new() };
        let events = sale.decide(opens.max(sale.last()), &Command::Apply(application)).unwrap();
        apply(sale, &events, all);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Also: nothing panics, time alone ends every pipeline, and only a bidder of the field wins.
    #[test]
    fn every_state_is_a_fold_of_its_events(
        which in 0usize..6,
        acts in prop::collection::vec((0u8..14, 0u32..4, 0i64..2400, 0i64..400_000), 0..60),
    ) {
        let lot = lots()[which].clone();
        let (mut sale, mut all) = (Sale::open(lot.clone()), Vec::new());
        apply_all(&mut sale, &mut all);
        let mut now = sale.last();
        for (kind, bidder, value, wait) in acts {
            now = Instant::from_millis(now.millis() + wait).unwrap().max(sale.last());
            advance(&mut sale, now, &mut all);
            // Aim half of the amounts at the next legal one, so that sales get somewhere.
            let value = match sale.legal_bid(BidderId(bidder % 4)) {
                Some(legal) if value % 2 == 0 => legal.least.quanta(),
                _ => value,
            };
            let before = sale.clone();
            if let Ok(events) = sale.decide(now.max(sale.last()), &command(kind, bidder, value)) {
                prop_assert_eq!(&before, &sale, "decide changed the sale");
                apply(&mut sale, &events, &mut all);
            }
        }
        if sale.is_paused() {
            let events = sale.decide(sale.last(), &Command::Resume).unwrap();
            apply(&mut sale, &events, &mut all);
        }
        advance(&mut sale, Instant::from_millis(Instant::MAX_MILLIS).unwrap(), &mut all);
        prop_assert!(sale.status().is_final(), "the pipeline did not end: {:?}", sale.status());
        let mut again = Sale::open(lot);
        all.iter().for_each(|event| again.apply(event));
        prop_assert_eq!(&again, &sale);
        if sale.status() == &Status::Awarded {
            let last = sale.ended_stages().last();
            for seat in sale.seats() {
                prop_assert!(last.is_none_or(|stage| stage.field.contains(&seat.bidder)), "a winner from outside the field");
            }
        }
    }

    #[test]
    fn the_winner_of_an_ascending_stage_is_the_best_bid_that_was_placed(
        bids in prop::collection::vec((0u32..4, 0i64..400, 0i64..70_000), 0..60),
    ) {
        let (mut sale, mut all) = (Sale::open(small(ASCENDING)), Vec::new());
        apply_all(&mut sale, &mut all);
        let mut now = sale.lot().calendar[1];
        for (bidder, amount, wait) in bids {
            now = Instant::from_millis(now.millis() + wait).unwrap();
            advance(&mut sale, now, &mut all);
            let bid = Command::PlaceBid { bidder: BidderId(bidder), amount: Quantity::new(amount).unwrap() };
            if let Ok(events) = sale.decide(now.max(sale.last()), &bid) {
                apply(&mut sale, &events, &mut all);
            }
        }
        advance(&mut sale, Instant::from_millis(Instant::MAX_MILLIS).unwrap(), &mut all);
        let placed = all.iter().filter_map(|event| match event.happened {
            Happened::BidPlaced { bidder, amount } => Some((amount, bidder, event.at)),
            _ => None,
        });
        // The oracle knows nothing of stages: the largest amount wins, and amounts never repeat.
        match placed.max() {
            None => prop_assert!(matches!(sale.status(), Status::PassedIn(_))),
            Some((amount, bidder, at)) => {
                prop_assert_eq!(sale.seats()[0].bidder, bidder);
                prop_assert_eq!(sale.ended_stages()[0].best, Some(amount));
                // Everybody had the full countdown after the last bid.
                prop_assert!(sale.ended_stages()[0].ended.since(at).millis() >= 60_000);
            }
        }
    }

    #[test]
    fn an_outage_gives_the_full_countdown_back(before in 0i64..59_999, outage in 1i64..10_000_000) {
        let (mut sale, mut all) = (Sale::open(small(ASCENDING)), Vec::new());
        apply_all(&mut sale, &mut all);
        let start = sale.lot().calendar[1];
        advance(&mut sale, start, &mut all);
        let bid = Command::PlaceBid { bidder: BidderId(0), amount: Quantity::new(100).unwrap() };
        let events = sale.decide(start, &bid).unwrap();
        apply(&mut sale, &events, &mut all);
        let down = Instant::from_millis(start.millis() + before).unwrap();
        let events = sale.decide(down, &Command::Pause { evidence: "cable cut".to_owned() }).unwrap();
        apply(&mut sale, &events, &mut all);
        prop_assert_eq!(sale.due(), None, "a sale never ends in an outage");
        let up = Instant::from_millis(down.millis() + outage).unwrap();
        let events = sale.decide(up, &Command::Resume).unwrap();
        apply(&mut sale, &events, &mut all);
        prop_assert_eq!(sale.due(), Instant::from_millis(up.millis() + 60_000));
    }
}

#[test]
fn a_score_stage_in_which_nobody_files_is_empty() {
    let stages = format!(
        "{}exits = {{ settled = \"next\", empty = \"pass-in\" }}\n{}",
        ASCENDING.replace("close =", "cap = { at = \"110 元\", acceptance = \"60 s\" }\nclose ="),
        r#"
[[stages]]
id = "scheme"
title = { zh = "方案", en = "scheme" }
kind = "score"
attribute = "score"
filing = { closes = "10 min" }
marking = "10 min"
judges = 3
exits = { settled = "win", empty = { back = "price" } }
[[stages.criteria]]
id = "scheme"
name = { zh = "方案", en = "scheme" }
points = "100 分"
by = "panel"
[attributes.score]
name = { zh = "得分", en = "score" }
unit = "分"
"#
    );
    let (mut sale, mut all) = (Sale::open(small(&stages)), Vec::new());
    apply_all(&mut sale, &mut all);
    let start = sale.lot().calendar[1];
    advance(&mut sale, start, &mut all);
    let bid = Command::PlaceBid { bidder: BidderId(1), amount: Quantity::new(110).unwrap() };
    let events = sale.decide(start, &bid).unwrap();
    apply(&mut sale, &events, &mut all);
    let accept = Command::Accept { bidder: BidderId(2) };
    advance(&mut sale, start, &mut all);
    let events = sale.decide(start, &accept).unwrap();
    apply(&mut sale, &events, &mut all);
    advance(&mut sale, Instant::from_millis(Instant::MAX_MILLIS).unwrap(), &mut all);
    let ends: Vec<_> = sale.ended_stages().iter().map(|ended| ended.why).collect();
    assert_eq!(ends, [EndReason::Capped, EndReason::Empty]);
    assert_eq!(sale.seats()[0].bidder, BidderId(1), "the best of the stage before wins");
}

/// All runs of four acts of two bidders from a small alphabet: nothing panics, all sales end.
#[test]
fn all_short_command_runs_end() {
    let lot = small(ASCENDING);
    let alphabet: Vec<(Command, i64)> = [0u32, 1]
        .into_iter()
        .flat_map(|bidder| {
            let bidder = BidderId(bidder);
            [100, 110, 125].map(|amount| (Command::PlaceBid { bidder, amount: Quantity::new(amount).unwrap() }, 30_000))
        })
        .chain([
            (Command::Tick, 60_000),
            (Command::Pause { evidence: "x".to_owned() }, 0),
            (Command::Resume, 1000),
            (Command::Annul { cause: "none".to_owned(), reason: String::new() }, 0),
        ])
        .collect();
    let (mut start, mut all) = (Sale::open(lot), Vec::new());
    apply_all(&mut start, &mut all);
    let from = start.lot().calendar[1];
    advance(&mut start, from, &mut all);
    let runs = alphabet.len().pow(4);
    for run in 0..runs {
        let (mut sale, mut now, mut rest) = (start.clone(), from, run);
        for _ in 0..4 {
            let (command, wait) = &alphabet[rest % alphabet.len()];
            rest /= alphabet.len();
            now = Instant::from_millis(now.millis() + wait).unwrap();
            advance(&mut sale, now, &mut all);
            if let Ok(events) = sale.decide(now.max(sale.last()), command) {
                events.iter().for_each(|event| sale.apply(event));
            }
        }
        if sale.is_paused() {
            let events = sale.decide(now.max(sale.last()), &Command::Resume).unwrap();
            events.iter().for_each(|event| sale.apply(event));
        }
        all.clear();
        advance(&mut sale, Instant::from_millis(Instant::MAX_MILLIS).unwrap(), &mut all);
        assert!(sale.status().is_final(), "run {run}: {:?}", sale.status());
    }
}
