//! Groups of bidders under a price cap with a lottery, beside what can be worked out: values uniform on [0, 1], five bidders, cap 0.6.
#![expect(clippy::float_arithmetic, reason = "means of simulated sales")]

use landgavel_lab::chance::{Purpose, Seed};
use landgavel_lab::groups;
use landgavel_lab::simulate::Measure;
use landgavel_lab::study::{Behaviour, Study};
use landgavel_lab::summary::summaries;
use landgavel_lab::work::{Finished, Shard, Work};

use crate::Repository;

const BIDDERS: u32 = 5;
const SALES: u64 = 100_000;
/// Ten thousand yuan for the lot that stand for 1.
const ONE: f64 = 10_000.0;

fn work(cap: f64, bidders: u32, behaviour: &str) -> Work {
    let text = format!(
        "format = \"landgavel-study/1\"\nseed = 1\nsales = {SALES}\ntitle = {{ zh = \"a\", en = \"a\" }}\n\
         [behaviour]\n{behaviour}\n\
         [population]\nbidders = [{bidders}]\ndelivery_spread = 0\nsource = \"theory\"\n\
         value = {{ distribution = \"uniform\", low = 0, high = {ONE} }}\n\
         productivity = {{ distribution = \"constant\", value = 1 }}\n\
         [objective]\nlow_price = 1\nquality = 0\ndelivered = 0\ndefault_at_most = 1\n\
         [[designs]]\nid = \"cap\"\ntitle = {{ zh = \"a\", en = \"a\" }}\n\
         lot = \"../lots/cn/zhejiang/wenling/gy020108-2-four-part.toml\"\n\
         set = {{ price_start = \"1 万元\", price_step = \"1 万元\", price_cap = \"{} 万元\" }}\n",
        cap * ONE
    );
    let path = crate::root().join("studies/theory.toml");
    Work::new(&Repository, path.to_str().unwrap(), Study::parse(&text).unwrap()).unwrap()
}

/// Means over sales: price (nought where nothing is sold), lots, whether `is_in` wins, sold.
fn play(cap: f64, behaviour: Behaviour, bidders: u32, is_in: impl Fn(usize) -> bool) -> [f64; 4] {
    let work = work(cap, bidders, "kind = \"truthful\"");
    let game = &work.games[0];
    let all = bidders + behaviour.adds();
    let mut sums = [0.0; 4];
    for sale in 0..SALES {
        // Nobody offers tax here, so all who took the cap draw lots.
        let mut limits = vec![i64::MIN; game.attributes() * all as usize];
        for bidder in 0..all {
            let own = if bidder < bidders { bidder } else { 0 };
            let value = Seed(3).uniforms(Purpose::Type, sale, own)[0] * ONE;
            game.limit_price(value, &mut limits[bidder as usize * game.attributes()..]);
        }
        groups::act(game, behaviour, bidders, &mut limits);
        let outcome = game.play(&limits, |_, _, _| None, Seed(3).word(sale, 0)).unwrap();
        let winner = outcome.winner.unwrap_or(usize::MAX);
        let is_sold =
            winner < all as usize && !(matches!(behaviour, Behaviour::Shill { .. }) && winner + 1 == all as usize);
        let price = if is_sold { game.offers(&outcome).0.map_or(0.0, |price| game.money(price)) / ONE } else { 0.0 };
        let share = |is: bool| f64::from(u8::from(is));
        let of = [price, share(!outcome.entrants.is_empty()), share(is_in(winner)), share(is_sold)];
        sums.iter_mut().zip(of).for_each(|(sum, one)| *sum += one);
    }
    sums.map(|sum| sum / SALES as f64)
}

fn near(found: f64, exact: f64) {
    assert!((found - exact).abs() < 0.005, "{found}, not {exact}");
}

fn choose(n: i32, k: i32) -> f64 {
    (0..k).map(|at| f64::from(n - at) / f64::from(at + 1)).product()
}

const C: f64 = 0.6;

#[test]
fn shells_buy_tickets_and_change_no_price() {
    // With m tickets among K others at the cap, K of Bin(4, 0.4), a firm at the cap wins m / (m + K).
    for firms in [1u32, 3, 9] {
        let tickets = f64::from(firms + 1);
        let lots: f64 = (1..=4)
            .map(|k| choose(4, k) * (1.0 - C).powi(k) * C.powi(4 - k) * tickets / (tickets + f64::from(k)))
            .sum();
        let wins = C.powi(5) / 5.0 + (1.0 - C) * (C.powi(4) + lots);
        let [price, drawn, won, _] = play(C, Behaviour::Shells { firms }, BIDDERS, |winner| winner == 0 || winner >= 5);
        near(price, 0.553_344);
        near(drawn, 0.663_040);
        near(won, wins);
        assert!(won > 0.25, "without shells it would be a fifth");
    }
}

#[test]
fn a_ring_that_takes_tickets_pays_less_and_wins_more_often() {
    // Two of five collude: their stronger one and three outsiders bid. The second of these, S, has
    // P(S ≤ t) = t⁵ + (1 − t²)t³ + 3(1 − t)t⁴; the price is min(S, c), and lots are drawn when S > c.
    let below = |t: f64| t.powi(5) + (1.0 - t * t) * t.powi(3) + 3.0 * (1.0 - t) * t.powi(4);
    let steps = 10_000;
    let expected: f64 =
        (0..steps).map(|at| (1.0 - below(C * (f64::from(at) + 0.5) / f64::from(steps))) * C / f64::from(steps)).sum();
    let mut wins = [0.0; 2];
    for tickets in [true, false] {
        let ring = Behaviour::Ring { members: 2, tickets };
        let [price, drawn, won, _] = play(C, ring, BIDDERS, |winner| winner < 2);
        near(price, expected);
        near(drawn, 1.0 - below(C));
        // Ring members r at the cap of two, outsiders k of three: r / (r + k) with tickets, 1 / (1 + k) without. Below the cap the strongest wins.
        let mut exact = 2.0 / 5.0 * C.powi(5);
        for r in 1..=2 {
            for k in 0..=3 {
                let chance =
                    choose(2, r) * (1.0 - C).powi(r) * C.powi(2 - r) * choose(3, k) * (1.0 - C).powi(k) * C.powi(3 - k);
                let held = if tickets { f64::from(r) } else { 1.0 };
                exact += chance * held / (held + f64::from(k));
            }
        }
        near(won, exact);
        wins[usize::from(tickets)] = won;
    }
    assert!(wins[1] > wins[0] + 0.01, "tickets are worth having: {wins:?}");
}

#[test]
fn a_seller_who_bids_in_secret_earns_what_the_best_reserve_does() {
    // Two bidders, hidden reserve 1/2: 5/12 against 1/3, sold in 3/4 of cases (Myerson 1981; shill bids of a seller, private values).
    let [price, _, _, sold] = play(0.9999, Behaviour::Shill { to: 0.5 * ONE }, 2, |_| false);
    near(price, 5.0 / 12.0);
    near(sold, 0.75);
    near(play(0.9999, Behaviour::Truthful, 2, |_| false)[0], 1.0 / 3.0);
    // A study says the same: what is sold costs 5/9 on average.
    let work = work(0.9999, 2, "kind = \"shill\"\nto = 5000");
    let mut finished = Finished::new();
    work.run(&work.left(Shard::WHOLE, &finished), 2, &mut |key, sums| finished.insert(key, sums).is_none());
    let summary = summaries(&finished, 1)[0].clone().unwrap();
    near(summary.sold.mean, 0.75);
    near(summary.get(Measure::Price).mean * 15_081.0 * 3.0 / 2000.0 / ONE, 5.0 / 9.0);
}
