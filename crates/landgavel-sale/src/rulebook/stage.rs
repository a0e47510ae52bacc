use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Bilingual, Duration, FactValue, Quantity};

use super::{Amount, AttributeId, MomentId};

/// Index of a stage in its rulebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageId(pub u16);

/// One step that narrows the field of bidders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Id, such as `price`.
    pub id: String,
    /// Name for people.
    pub title: Bilingual,
    /// What happens in it.
    pub kind: StageKind,
    /// Who of the field may act; the others keep their place.
    pub entrants: Entrants,
    /// Where each ending leads.
    pub exits: Exits,
}

/// The kinds of stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StageKind {
    /// Open bids, each better than the last.
    Ascending(Ascending),
    /// A clock that gets worse for the seller until somebody stops it.
    Descending(Descending),
    /// One-shot sealed bids.
    Sealed(Sealed),
    /// Rounds, together or in turn.
    Rounds(Rounds),
    /// Marks of a panel and points for offers.
    Score(Score),
    /// A public lottery.
    Draw(Draw),
    /// A posted value, taken or not.
    Fixed(Fixed),
    /// The earliest.
    First(First),
}

/// Who of the field may act in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entrants {
    /// All of it.
    Field,
    /// The leader of an earlier stage alone.
    LeaderOf(StageId),
    /// All but the leader of an earlier stage.
    OthersThanLeaderOf(StageId),
    /// Those of whom a fact holds, such as a right of first refusal.
    WithFact {
        /// Name of the fact.
        fact: String,
        /// Value it must have.
        value: FactValue,
    },
}

/// Where each ending of a stage leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exits {
    /// Somebody leads below any cap.
    pub settled: Exit,
    /// The cap was reached.
    pub capped: Exit,
    /// Nobody made a valid offer.
    pub empty: Exit,
    /// The best did not meet the reserve.
    pub below_reserve: Exit,
    /// Something that had to be shown was not: a commitment, marks, a beacon.
    pub overdue: Exit,
    /// Several are equally best.
    pub tied: Tie,
}

/// Where a stage leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The leader (or the first k of the ranking) wins.
    Win,
    /// Unsold (流拍).
    PassIn,
    /// The best of an earlier stage wins.
    Back(StageId),
    /// Survivors go to another stage.
    Go {
        /// Which stage.
        to: StageId,
        /// Who goes.
        survivors: Survivors,
        /// Only if they are at least so many …
        at_least: u32,
        /// … otherwise this.
        otherwise: Box<Exit>,
    },
}

/// Who goes on to the next stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivors {
    /// Those who bid or accepted the cap or the posted value.
    Acceptors,
    /// Those with a valid offer in this stage.
    Active,
    /// The whole field of this stage.
    Field,
    /// All admitted bidders.
    Admitted,
    /// Those equally best.
    Tied,
    /// The best so many.
    Top(u32),
}

/// How several equally best are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tie {
    /// The earlier offer wins.
    Earliest,
    /// The lower value wins (ties of nearness), then the earlier.
    Lower,
    /// The higher value wins (ties of nearness), then the earlier.
    Higher,
    /// This exit is taken instead.
    Exit(Exit),
}

/// A period in which something may be done: closed at its start, open at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Opens at this moment, or when the stage starts, whichever is later.
    pub opens: Option<MomentId>,
    /// When it ends.
    pub closes: WindowEnd,
}

/// When a window ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowEnd {
    /// At a moment of the calendar.
    At(MomentId),
    /// So long after it opened.
    After(Duration),
}

/// A limit that is public, or committed by hash and revealed later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// Known to all.
    Public(Amount),
    /// Committed in the notice, or lodged by a moment; revealed within a time after bidding ended.
    Committed {
        /// Last moment to lodge the commitment; `None` = it stands in the notice.
        lodge_by: Option<MomentId>,
        /// Time to reveal it once bidding has ended.
        reveal_within: Duration,
    },
}

/// The value at which a stage stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// The value.
    pub limit: Limit,
    /// Time for others to accept the cap once it is reached; zero = nobody but who reached it.
    pub acceptance: Duration,
    /// A cap reached in the quote period leaves the acceptance open until the quote period ends.
    pub holds_through_quote: bool,
    /// The cap itself is a legal bid even when less than a step is left.
    pub short_step: bool,
}

/// Open bids, each better than the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ascending {
    /// What is bid.
    pub attribute: AttributeId,
    /// Starting value: the first bid may equal it.
    pub start: Amount,
    /// Increment.
    pub step: Step,
    /// Value at which the stage stops.
    pub cap: Option<Cap>,
    /// Value below which there is no sale.
    pub reserve: Option<Limit>,
    /// Standing offers on the attribute from earlier stages count here.
    pub carries: bool,
    /// The leader may improve its own bid.
    pub leader_may_raise: bool,
    /// Days or hours of open quotes before the live part.
    pub quote: Option<Window>,
    /// The question who goes on, after the quote period.
    pub ask: Option<Ask>,
    /// How bidding ends.
    pub close: Close,
}

/// An increment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its size; zero only for [`StepMode::AtLeast`], where any improvement counts.
    pub by: Amount,
    /// Which amounts are legal.
    pub mode: StepMode,
    /// What a bid must improve on.
    pub over: Against,
    /// The officer may change it while the stage runs.
    pub adjustable: bool,
}

/// Which amounts a step allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepMode {
    /// A whole number of steps above the standing bid.
    Multiple,
    /// At least one step above it, any amount.
    AtLeast,
    /// Exactly one step above it: no jump.
    Exact,
}

/// What a bid must improve on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The best standing bid.
    Best,
    /// The bidder's own standing bid.
    Own,
}

/// The question who goes on to the live part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Time to answer.
    pub window: Duration,
    /// Who may join.
    pub who: AskedParty,
}

/// Who may join the live part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedParty {
    /// Those with a valid quote.
    Quoted,
    /// The whole field.
    Field,
}

/// How open bidding ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// A countdown that every valid bid restarts.
    Countdown {
        /// Full period.
        length: Duration,
        /// Time for the first bid, when it differs.
        first: Option<Duration>,
        /// No bidding beyond this, whatever the countdown says.
        hard_stop: Option<HardStop>,
    },
    /// The host calls so many times, then the hammer falls; every bid starts the calls again.
    Hammer {
        /// Calls before the hammer.
        calls: u32,
        /// Least time between calls, and between the last call and the hammer.
        gap: Duration,
    },
    /// With the quote period, without extension.
    QuoteEnd,
}

/// An end that no bid can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardStop {
    /// A moment of the calendar.
    At(MomentId),
    /// A local time of day, milliseconds since midnight.
    Daily(u32),
}

/// A clock that gets worse for the seller until somebody stops it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descending {
    /// What the clock shows.
    pub attribute: AttributeId,
    /// First value.
    pub start: Amount,
    /// Change per tick.
    pub step: Amount,
    /// Time between ticks.
    pub every: Duration,
    /// Last value shown.
    pub floor: Amount,
}

/// One-shot sealed bids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What each bid names; the first decides.
    pub quotes: Vec<Quote>,
    /// When bids may be lodged.
    pub window: Window,
    /// Time to open them afterwards.
    pub open_within: Duration,
    /// A bidder may replace its bid until the window closes.
    pub revisable: bool,
    /// Value below which there is no sale.
    pub reserve: Option<Limit>,
    /// Who is best.
    pub winner: Statistic,
    /// Standing offers on the deciding attribute from earlier stages count here.
    pub carries: bool,
}

/// One amount of a sealed bid, and what makes it invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// What is bid.
    pub attribute: AttributeId,
    /// Lower bound; a value beyond it makes the bid invalid.
    pub min: Option<Bound>,
    /// Upper bound; a value beyond it makes the bid invalid.
    pub max: Option<Bound>,
    /// Values must be whole multiples of this, counted from the lower bound or from zero.
    pub multiple_of: Option<Amount>,
}

/// A bound, with or without its end point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The end point.
    pub at: Amount,
    /// Whether the end point itself is valid.
    pub inclusive: bool,
}

/// Who is best of the valid offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statistic {
    /// The best value.
    Best,
    /// The value nearest to another.
    Nearest {
        /// To what.
        to: Toward,
        /// So many highest values left out before the mean is taken.
        trim_high: u32,
        /// So many lowest values left out before the mean is taken.
        trim_low: u32,
        /// On which side of it.
        side: Side,
    },
}

/// What nearness is measured to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toward {
    /// The arithmetic mean, exact.
    Mean,
    /// The median (the lower of two middle ones).
    Median,
    /// A named value.
    Amount(Amount),
}

/// On which side the nearest may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Either.
    Either,
    /// At or below; a value above only when none is below.
    NotAbove,
    /// At or above; a value below only when none is above.
    NotBelow,
}

/// Rounds, together or in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounds {
    /// What is bid.
    pub attribute: AttributeId,
    /// Starting value.
    pub start: Amount,
    /// Increment.
    pub step: Step,
    /// Value at which the stage stops.
    pub cap: Option<Cap>,
    /// Value below which there is no sale.
    pub reserve: Option<Limit>,
    /// Standing offers on the attribute from earlier stages count here.
    pub carries: bool,
    /// All at once or one after another.
    pub order: RoundOrder,
    /// Length of a round, or of a turn.
    pub length: Duration,
    /// Pause between rounds.
    pub pause: Duration,
    /// What ends a round.
    pub ends_on: RoundEnd,
    /// Last round; `None` = until a silent round.
    pub max_rounds: Option<u32>,
    /// A round without a bid ends the stage.
    pub silence_ends: bool,
    /// What becomes of who did not bid in a round.
    pub inactive: Inactive,
    /// No round goes on past this; none starts after it.
    pub hard_stop: Option<HardStop>,
}

/// All at once or one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundOrder {
    /// All may bid during the round.
    Together,
    /// One after another, the worst standing offer first, those without an offer before all.
    InTurn,
}

/// What ends a round that all take part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundEnd {
    /// Its time.
    Time,
    /// The first bid, or its time.
    FirstBid,
}

/// What becomes of a bidder that did not bid in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inactive {
    /// It may bid in the next.
    Stay,
    /// It is out, unless it leads.
    Out,
}

/// Marks of a panel and points for offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The attribute that receives the score.
    pub attribute: AttributeId,
    /// Time to file a scheme; `None` = nothing is filed and the whole field is scored.
    pub filing: Option<Window>,
    /// Time for the panel after filing; `None` = no criterion needs a panel.
    pub marking: Option<Duration>,
    /// Members of the panel, in number.
    pub judges: u32,
    /// So many highest marks left out per criterion.
    pub drop_high: u32,
    /// So many lowest marks left out per criterion.
    pub drop_low: u32,
    /// What is scored.
    pub criteria: Vec<Criterion>,
    /// Scores below this are out.
    pub pass: Option<Quantity>,
}

/// One thing that is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Id, such as `scheme`.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Most points it gives, in quanta of the score.
    pub points: Quantity,
    /// Where the points come from.
    pub kind: CriterionKind,
}

/// Where points come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CriterionKind {
    /// The mean of the panel's marks, half up.
    Panel,
    /// Points × own ÷ best (or best ÷ own when less is better), half up.
    ShareOfBest(AttributeId),
    /// From no points at one value to all points at another, straight between, half up.
    Linear {
        /// Which offer.
        attribute: AttributeId,
        /// Value that earns nothing.
        zero_at: Amount,
        /// Value that earns all points.
        full_at: Amount,
    },
}

/// A public lottery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// How many tickets each entrant has.
    pub weights: DrawWeights,
    /// Where the randomness comes from, all of them combined.
    pub sources: Vec<BeaconSource>,
    /// Time to bring the beacon's output after the entrants are frozen.
    pub reveal_within: Duration,
}

/// How many tickets each entrant has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawWeights {
    /// One each.
    Plain,
    /// As many as a numeric fact says; none without it.
    Weighted {
        /// Name of the fact.
        fact: String,
    },
    /// All of the lower tier before any of the higher; those without the fact last.
    Tiered {
        /// Name of the fact.
        fact: String,
    },
}

/// Where randomness comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeaconSource {
    /// A round of the drand quicknet beacon.
    Drand,
    /// Named parties commit, then reveal.
    CommitReveal,
    /// A public number announced elsewhere.
    PublicNumber,
    /// A physical draw under the eyes of a notary, entered by hand.
    Witnessed,
    /// A local beacon for tests and demonstrations; the result says so.
    Local,
}

/// A posted value, taken or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// What the value is of.
    pub attribute: AttributeId,
    /// The value.
    pub value: Amount,
    /// Time to accept.
    pub window: Window,
}

/// The earliest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The earliest of what.
    pub of: FirstOf,
}

/// What the earliest is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstOf {
    /// The standing offers of an earlier stage, by time.
    Stage(StageId),
    /// Acceptances within a window.
    Window(Window),
}

impl StageKind {
    /// The attribute that decides the stage, when there is one.
    pub fn attribute(&self) -> Option<AttributeId> {
        match self {
            Self::Ascending(rule) => Some(rule.attribute),
            Self::Descending(rule) => Some(rule.attribute),
            Self::Sealed(rule) => rule.quotes.first().map(|quote| quote.attribute),
            Self::Rounds(rule) => Some(rule.attribute),
            Self::Score(rule) => Some(rule.attribute),
            Self::Fixed(rule) => Some(rule.attribute),
            Self::Draw(_) | Self::First(_) => None,
        }
    }

    /// The cap's rule, when there is one.
    pub fn cap(&self) -> Option<&Cap> {
        match self {
            Self::Ascending(rule) => rule.cap.as_ref(),
            Self::Rounds(rule) => rule.cap.as_ref(),
            Self::Descending(_)
            | Self::Sealed(_)
            | Self::Score(_)
            | Self::Draw(_)
            | Self::Fixed(_)
            | Self::First(_) => None,
        }
    }

    /// The reserve's rule, when there is one.
    pub fn reserve(&self) -> Option<&Limit> {
        match self {
            Self::Ascending(rule) => rule.reserve.as_ref(),
            Self::Rounds(rule) => rule.reserve.as_ref(),
            Self::Sealed(rule) => rule.reserve.as_ref(),
            Self::Descending(_) | Self::Score(_) | Self::Draw(_) | Self::Fixed(_) | Self::First(_) => None,
        }
    }

    /// Whether standing offers from earlier stages count.
    pub fn carries(&self) -> bool {
        match self {
            Self::Ascending(rule) => rule.carries,
            Self::Rounds(rule) => rule.carries,
            Self::Sealed(rule) => rule.carries,
            Self::Descending(_) | Self::Score(_) | Self::Draw(_) | Self::Fixed(_) | Self::First(_) => false,
        }
    }
}
