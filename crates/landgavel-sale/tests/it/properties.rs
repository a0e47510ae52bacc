//! What holds of every run of every rule.

use landgavel_base::{Digest, Duration, Instant};
use landgavel_sale::mechanism::commitment_digest;
use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::*;
use landgavel_sale::{BidderId, Command, Happened, Sale, Standing, Status};
use proptest::prelude::*;

use crate::build::*;
use crate::kinds::{seal, unseal};

/// One rulebook per kind, and pipelines.
fn books() -> Vec<Rulebook> {
    let hammer = Close::Hammer { calls: 3, gap: secs(2) };
    let quoted = Ascending {
        cap: Some(cap(150, 30)),
        quote: Some(Window { opens: None, closes: WindowEnd::After(secs(100)) }),
        ask: Some(Ask { window: secs(40), who: AskedParty::Quoted }),
        ..ascending()
    };
    let mut tied = stage("only", StageKind::Sealed(sealed(nearest_mean())));
    tied.exits.tied = Tie::Exit(go(1, Survivors::Tied, 2, Exit::Win));
    let mut late = single(StageKind::Rounds(Rounds { cap: Some(cap(150, 30)), ..rounds(RoundOrder::Together) }));
    late.admission.open_until = Some(StageId(0));
    let hidden = Cap { limit: Limit::Committed { lodge_by: Some(CLOSES), reveal_within: secs(60) }, ..cap(0, 30) };
    let hidden_quoted = Ascending {
        cap: Some(hidden.clone()),
        quote: Some(Window { opens: None, closes: WindowEnd::After(secs(100)) }),
        ask: Some(Ask { window: secs(40), who: AskedParty::Field }),
        ..ascending()
    };
    let hidden_rounds = Rounds { cap: Some(hidden), max_rounds: Some(4), ..rounds(RoundOrder::InTurn) };
    let stopped =
        Close::Countdown { length: secs(60), first: Some(secs(30)), hard_stop: Some(HardStop::Daily(1_300_000)) };
    let mut falling = single(StageKind::Ascending(Ascending {
        step: Step { by: fixed(0), mode: StepMode::AtLeast, over: Against::Own, adjustable: true },
        close: stopped,
        leader_may_raise: true,
        ..ascending()
    }));
    falling.attributes[0].direction = Direction::Down;
    falling.outage.resume = Resume::Remaining;
    let mut several = single(StageKind::Sealed(Sealed { revisable: true, ..sealed(Statistic::Best) }));
    several.award.winners = 2;
    several.award.qualification = Some(Qualification { within: Within::Time(secs(50)), silence: Silence::Qualifies });
    several.award.confirmation = Some(Within::Time(secs(50)));
    several.award.cascade = Some(Cascade { at_most: 2 });
    several.award.pays = vec![(PRICE, PayRule::Uniform(Uniform::HighestRejected))];
    let mut leaving = single(StageKind::Rounds(Rounds { inactive: Inactive::Stay, ..rounds(RoundOrder::InTurn) }));
    leaving.admission.withdraw_until = Some(QUOTE_ENDS);
    leaving.admission.open_until = Some(StageId(0));
    vec![
        single(StageKind::Ascending(hidden_quoted)),
        single(StageKind::Rounds(hidden_rounds)),
        falling,
        several,
        leaving,
        four_part(),
        single(StageKind::Ascending(ascending())),
        single(StageKind::Ascending(quoted)),
        rulebook(vec![tied, stage("draw", StageKind::Draw(draw()))]),
        single(StageKind::Descending(descending())),
        late,
        single(StageKind::Rounds(rounds(RoundOrder::InTurn))),
        single(StageKind::Score(score())),
        single(StageKind::Draw(draw())),
        single(StageKind::Fixed(fixed_price())),
        single(StageKind::First(first())),
        single(StageKind::Ascending(Ascending { close: hammer, ..ascending() })),
    ]
}

/// A hall whose three bidders (fewer if asked) are in, just after applications closed.
fn filled(rulebook: Rulebook, count: u32) -> Hall {
    let by_officer = rulebook.admission.deciding == Deciding::Officer;
    let mut hall = Hall::open(rulebook);
    for (index, code) in (0..count).zip(["A", "B", "C"]) {
        hall.act(10, &apply(code));
        if by_officer {
            hall.act(10, &lodge(BidderId(index)));
            hall.act(10, &Command::Admit { bidder: BidderId(index) });
        }
    }
    let has_secret = |cap: &Cap| matches!(cap.limit, Limit::Committed { .. });
    if hall.lot.rulebook.stages[0].kind.cap().is_some_and(has_secret) {
        let command = Act::Commit.command(&hall.sale);
        hall.act(11, &command);
    }
    hall.until(CLOSE);
    hall
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Apply(u8),
    Lodge(u32),
    Admit(u32),
    Reject(u32),
    Withdraw(u32),
    /// The least legal bid and so many tens.
    Bid(u32, i64),
    /// Any amount.
    BidAny(u32, i64),
    BidCap(u32),
    Join(u32),
    Accept(u32),
    Seal(u32),
    Unseal(u32, bool),
    File(u32),
    Mark(u8, u32),
    Beacon,
    Call,
    Fall,
    Step(i64),
    Pause,
    Resume,
    Qualify(u32),
    Disqualify(u32),
    Confirm(u32),
    Default(u32),
    Annul,
    Reveal,
    Commit,
    Tick,
}

const CODES: [&str; 4] = ["A", "B", "C", "D"];

fn sealed_amount(bidder: u32) -> i64 {
    100 + 30 * i64::from(bidder % 3)
}

impl Act {
    fn command(self, sale: &Sale) -> Command {
        let id = BidderId;
        let (stage, secret) = (StageId(0), landgavel_sale::lot::Secret::Cap);
        match self {
            Self::Apply(code) => apply(CODES[usize::from(code) % 4]),
            Self::Lodge(b) => lodge(id(b)),
            Self::Admit(b) => Command::Admit { bidder: id(b) },
            Self::Reject(b) => Command::Reject { bidder: id(b), reason: String::new() },
            Self::Withdraw(b) => Command::Withdraw { bidder: id(b) },
            Self::Bid(b, tens) => {
                bid(id(b), sale.legal_bid(id(b)).map_or(100, |legal| legal.least.quanta()) + 10 * tens)
            }
            Self::BidAny(b, amount) => bid(id(b), amount),
            Self::BidCap(b) => {
                bid(id(b), sale.legal_bid(id(b)).and_then(|legal| legal.cap).map_or(150, |cap| cap.quanta()))
            }
            Self::Join(b) => Command::Join { bidder: id(b) },
            Self::Accept(b) => accept(id(b)),
            Self::Seal(b) => {
                let code = CODES[b as usize % 4];
                let envelope = envelope(code, sealed_amount(b), salt(1));
                // Readable at once after the window, so that outages make it void.
                Command::LodgeSeal { bidder: id(b), envelope, readable_from: Some(at(CLOSE + 100)) }
            }
            Self::Unseal(b, opens) => {
                Command::OpenSeal { bidder: id(b), amounts: opens.then(|| vec![q(sealed_amount(b))]), salt: salt(1) }
            }
            Self::File(b) => Command::FileScheme { bidder: id(b), documents: Digest([1; 32]) },
            Self::Mark(judge, b) => Command::GiveMark {
                judge: format!("judge {judge}"),
                bidder: id(b),
                criterion: "scheme".into(),
                points: q(i64::from(judge) * 10 + i64::from(b)),
            },
            Self::Beacon => Command::RevealBeacon { outputs: vec![salt(5)] },
            Self::Call => Command::CallBid,
            Self::Fall => Command::FallHammer,
            Self::Step(step) => Command::ChangeStep { step: q(step) },
            Self::Pause => Command::Pause { evidence: "power".into() },
            Self::Resume => Command::Resume,
            Self::Qualify(b) => Command::Qualify { bidder: id(b) },
            Self::Disqualify(b) => Command::Disqualify { bidder: id(b), reason: String::new() },
            Self::Confirm(b) => Command::Confirm { bidder: id(b) },
            Self::Default(b) => Command::DeclareDefault { bidder: id(b) },
            Self::Annul => Command::Annul { cause: "collusion".into(), reason: String::new() },
            Self::Reveal => Command::Reveal { stage, secret, value: q(120), salt: salt(9) },
            Self::Commit => {
                let digest = commitment_digest("test/lot", "only", "cap", q(120), salt(9));
                Command::Commit { stage, secret, digest }
            }
            Self::Tick => Command::Tick,
        }
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    let who = 0u32..5;
    prop_oneof![
        1 => any::<u8>().prop_map(Act::Apply),
        1 => who.clone().prop_map(Act::Lodge),
        1 => who.clone().prop_map(Act::Admit),
        1 => who.clone().prop_map(Act::Reject),
        1 => who.clone().prop_map(Act::Withdraw),
        12 => (who.clone(), 0i64..4).prop_map(|(b, n)| Act::Bid(b, n)),
        2 => (who.clone(), -9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(|(b, n)| Act::BidAny(b, n)),
        2 => who.clone().prop_map(Act::BidCap),
        5 => who.clone().prop_map(Act::Join),
        3 => who.clone().prop_map(Act::Accept),
        4 => who.clone().prop_map(Act::Seal),
        4 => (who.clone(), any::<bool>()).prop_map(|(b, opens)| Act::Unseal(b, opens)),
        3 => who.clone().prop_map(Act::File),
        4 => (0u8..5, who.clone()).prop_map(|(judge, b)| Act::Mark(judge, b)),
        1 => Just(Act::Beacon),
        3 => Just(Act::Call),
        1 => Just(Act::Fall),
        1 => (-5i64..50).prop_map(Act::Step),
        1 => Just(Act::Pause),
        2 => Just(Act::Resume),
        2 => who.clone().prop_map(Act::Qualify),
        1 => who.clone().prop_map(Act::Disqualify),
        2 => who.clone().prop_map(Act::Confirm),
        1 => who.prop_map(Act::Default),
        1 => prop_oneof![9 => Just(Act::Tick), 1 => Just(Act::Annul)],
        1 => Just(Act::Reveal),
        1 => Just(Act::Commit),
        2 => Just(Act::Tick),
    ]
}

/// Asks for one act; the state changes only by the events.
fn ask(hall: &mut Hall, now: Instant, act: Act) {
    let command = act.command(&hall.sale);
    let before = hall.sale.clone();
    let decided = hall.sale.decide(now, &command);
    assert_eq!(before, hall.sale, "deciding changes nothing");
    assert_eq!(decided, hall.sale.decide(now, &command), "deciding again decides the same");
    if let Ok(events) = decided {
        for event in &events {
            hall.sale.apply(event);
        }
        hall.events.extend(events);
    }
}

/// Lets time run until nothing is due any more.
fn run_out(hall: &mut Hall) {
    if hall.sale.is_paused() {
        ask(hall, hall.sale.last(), Act::Resume);
    }
    let events = advance(&mut hall.sale, at(400 * 86_400));
    hall.events.extend(events);
}

fn waits_for_hammer(sale: &Sale) -> bool {
    let is_hammer = |stage: StageId| match &sale.lot().rulebook.stage(stage).kind {
        StageKind::Ascending(rule) => matches!(rule.close, Close::Hammer { .. }),
        _ => false,
    };
    matches!(sale.status(), Status::Running(stage) if is_hammer(*stage))
}

/// What holds of every record.
fn check(hall: &Hall) {
    hall.assert_fold();
    let rulebook = &hall.lot.rulebook;
    let (mut fields, mut offered): (Vec<Vec<BidderId>>, Vec<BidderId>) = (Vec::new(), Vec::new());
    let (mut admitted, mut withdrawn, mut is_closed) = (Vec::new(), Vec::new(), false);
    let (mut stage, mut since): (Option<StageId>, Option<Instant>) = (None, None);
    for event in &hall.events {
        match &event.happened {
            Happened::Admitted { bidder } => {
                assert!(!is_closed, "nobody is admitted after admission closed");
                admitted.push(*bidder);
                if let Some(field) = fields.last_mut() {
                    field.push(*bidder);
                }
            }
            Happened::AdmissionClosed { .. } => is_closed = true,
            Happened::Withdrawn { bidder } => withdrawn.push(*bidder),
            Happened::StageOpened { stage: opened, field } => {
                assert!(field.iter().all(|b| admitted.contains(b) && !withdrawn.contains(b)), "fields are of bidders");
                fields.push(field.clone());
                (stage, since) = (Some(*opened), None);
                offered.clear();
            }
            Happened::PhaseBegan { phase: landgavel_sale::event::PhaseName::Live } => since = Some(event.at),
            Happened::Resumed { .. } => since = since.map(|_| event.at),
            Happened::BidPlaced { bidder, .. } => {
                assert!(fields.last().unwrap().contains(bidder), "who bids stands in the field");
                since = since.map(|_| event.at);
                offered.push(*bidder);
            }
            Happened::StageEnded { why, ranking, .. } => {
                let field = fields.last().unwrap();
                assert!(ranking.iter().all(|b| field.contains(b)), "nobody outside the field is ranked");
                if let (Some(stage), Some(since)) = (stage, since)
                    && let StageKind::Ascending(rule) = &rulebook.stage(stage).kind
                    && let Close::Countdown { length, hard_stop: None, .. } = rule.close
                    && rulebook.outage.resume == Resume::FullPeriod
                    && *why != EndReason::Capped
                {
                    let lasted: Duration = event.at.since(since);
                    assert!(lasted >= length, "a full countdown passed: {lasted:?}");
                }
            }
            Happened::ProvisionallyAwarded { winners, .. } => {
                for winner in winners {
                    assert!(admitted.contains(&winner.bidder) && !withdrawn.contains(&winner.bidder));
                    assert!(fields.last().is_none_or(|field| field.contains(&winner.bidder)), "the winner stood");
                }
            }
            _ => {}
        }
    }
    for seat in hall.sale.seats() {
        assert_eq!(hall.sale.bidder(seat.bidder).unwrap().standing(), &Standing::Bidder);
    }
    assert!(hall.sale.seats().len() <= rulebook.award.winners as usize);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_in_any_order_keep_the_rules_and_the_sale_ends(
        book in 0usize..17,
        is_filled: bool,
        ticks: bool,
        acts in prop::collection::vec((any_act(), prop::sample::select(vec![0i64, 0, 1, 3, 10, 30, 59, 240, 900])), 0..60),
    ) {
        let rulebook = books().swap_remove(book);
        let mut hall = if is_filled { filled(rulebook, 3) } else { Hall::open(rulebook) };
        let mut now = if is_filled { CLOSE } else { 0 };
        for (act, wait) in acts {
            now += wait;
            if ticks {
                hall.until(now);
            }
            ask(&mut hall, at(now), act);
        }
        check(&hall);
        run_out(&mut hall);
        check(&hall);
        prop_assert!(hall.sale.status().is_final() || waits_for_hammer(&hall.sale), "{:?}", hall.sale.status());
    }

    #[test]
    fn plain_ascending_is_won_by_the_highest_legal_bid_of_a_naive_auctioneer(
        bids in prop::collection::vec((0u32..3, 8i64..30, 0i64..70), 0..25),
    ) {
        let mut hall = filled(single(StageKind::Ascending(ascending())), 3);
        let (mut now, mut deadline) = (CLOSE, CLOSE + 60);
        let mut book: Vec<(u32, i64)> = Vec::new();
        for (bidder, tens, wait) in bids {
            now += wait;
            let amount = tens * 10;
            let best = book.iter().copied().max_by_key(|&(_, amount)| amount);
            let is_better = best.is_none_or(|(leader, best)| amount > best && leader != bidder);
            let is_legal = now < deadline && amount >= 100 && is_better;
            prop_assert_eq!(hall.attempt(now, &bid(BidderId(bidder), amount)).is_ok(), is_legal);
            if is_legal {
                book.push((bidder, amount));
                deadline = now + 60;
            }
        }
        run_out(&mut hall);
        let best = book.into_iter().max_by_key(|&(_, amount)| amount).map(|(b, amount)| (BidderId(b), amount));
        prop_assert_eq!(hall.sold_for(), best);
    }

    #[test]
    fn sealed_bids_are_won_by_the_best_or_the_nearest_that_brute_force_finds(
        amounts in prop::collection::vec(1i64..40, 1..=5),
        nearest: bool,
    ) {
        let winner = if nearest { nearest_mean() } else { Statistic::Best };
        let offers: Vec<_> = (0u32..).map(BidderId).zip(["A", "B", "C", "D", "E"]).zip(&amounts).map(|((b, c), &a)| (b, c, a)).collect();
        let mut hall = Hall::with_bidders(single(StageKind::Sealed(sealed(winner))), amounts.len());
        seal(&mut hall, &offers);
        unseal(&mut hall, &offers);
        let (count, sum) = (i64::try_from(amounts.len()).unwrap(), amounts.iter().sum::<i64>());
        let badness = |amount: i64| if nearest { (amount * count - sum).abs() } else { -amount };
        // The first of the equally good: the earlier.
        let mut best = 0;
        for (index, &amount) in amounts.iter().enumerate() {
            if badness(amount) < badness(amounts[best]) {
                best = index;
            }
        }
        prop_assert_eq!(hall.sold_for(), Some((offers[best].0, amounts[best])));
    }
}

#[test]
fn every_pipeline_ends_when_nobody_acts() {
    for rulebook in books() {
        for count in 0..=3 {
            let mut hall = filled(rulebook.clone(), count);
            run_out(&mut hall);
            check(&hall);
            assert!(hall.sale.status().is_final() || waits_for_hammer(&hall.sale), "{:?}", hall.sale.status());
        }
    }
}

/// Small alphabets of two bidders; waiting is one of the letters.
fn alphabet(rulebook: &Rulebook) -> Vec<(Act, i64)> {
    let mut letters = vec![(Act::Tick, 65), (Act::Tick, 240), (Act::Pause, 1), (Act::Resume, 5), (Act::Withdraw(0), 1)];
    for b in 0..2 {
        let own: &[Act] = match &rulebook.stages[0].kind {
            StageKind::Ascending(Ascending { close: Close::Hammer { .. }, .. }) => {
                &[Act::Bid(b, 0), Act::Call, Act::Fall]
            }
            StageKind::Ascending(_) | StageKind::Rounds(_) => {
                &[Act::Bid(b, 0), Act::BidCap(b), Act::Join(b), Act::Accept(b)]
            }
            StageKind::Sealed(_) => &[Act::Seal(b), Act::Unseal(b, true), Act::Beacon],
            StageKind::Score(_) => &[Act::File(b), Act::Mark(1, b)],
            StageKind::Draw(_) => &[Act::Beacon],
            StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_) => &[Act::Accept(b)],
        };
        if b == 0 && rulebook.stages[0].kind.cap().is_some_and(|cap| matches!(cap.limit, Limit::Committed { .. })) {
            letters.push((Act::Reveal, 3));
        }
        letters.extend(own.iter().map(|&act| (act, 2)));
    }
    letters
}

fn walk(hall: &Hall, now: i64, letters: &[(Act, i64)], depth: u32, runs: &mut u32) {
    if depth == 0 {
        let mut last = hall.clone();
        run_out(&mut last);
        check(&last);
        assert!(last.sale.status().is_final() || waits_for_hammer(&last.sale), "{:?}", last.sale.status());
        *runs += 1;
        return;
    }
    for &(act, wait) in letters {
        let mut next = hall.clone();
        next.until(now + wait);
        ask(&mut next, at(now + wait), act);
        // What is refused changes nothing but the time; the run goes on all the same.
        walk(&next, now + wait, letters, depth - 1, runs);
    }
}

#[test]
fn all_runs_of_four_commands_by_two_bidders_keep_the_rules() {
    for rulebook in books() {
        let letters = alphabet(&rulebook);
        let mut runs = 0;
        walk(&filled(rulebook, 2), CLOSE, &letters, 4, &mut runs);
        assert_eq!(usize::try_from(runs).unwrap(), letters.len().pow(4));
    }
}
