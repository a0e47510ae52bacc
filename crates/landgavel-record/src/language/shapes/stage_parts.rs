use super::super::shape::{Field, Kind, Shape, Word, def, opt, req, word};
use super::WINDOW;

pub(super) const STEP_FORMS: Kind = Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&STEP)]);
pub(super) const CAP_FORMS: Kind =
    Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&CAP_AT), Kind::Table(&CAP_COMMITTED)]);
pub(super) const RESERVE_FORMS: Kind =
    Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&RESERVE_AT), Kind::Table(&RESERVE_COMMITTED)]);
pub(super) const BOUND_FORMS: Kind =
    Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&BELOW), Kind::Table(&ABOVE)]);

static STEP: Shape = Shape {
    name: "step",
    zh: "增价幅度",
    en: "An increment.",
    fields: &[
        req(
            "by",
            Kind::Amount("the attribute"),
            "幅度",
            "Its size; zero only with mode `at-least`, where any improvement counts.",
        ),
        def("mode", Kind::OneOf(STEP_MODE), "\"multiple\"", "方式", "Which amounts are legal."),
        def("over", Kind::OneOf(AGAINST), "\"best\"", "相对谁", "What a bid must improve on."),
        def("adjustable", Kind::YesNo, "false", "可调整", "The officer may change it while the stage runs."),
    ],
};

const STEP_MODE: &[Word] = &[
    word(
        "multiple",
        "整数倍",
        "A whole number of steps above the standing bid; the first bid is the start plus any whole number of steps.",
    ),
    word("at-least", "不少于一步", "At least one step above it, any amount."),
    word("exact", "恰一步", "Exactly one step above it: no jump."),
];

const AGAINST: &[Word] = &[
    word("best", "当前最优报价", "The best standing bid."),
    word("own", "本人前次报价", "The bidder's own standing bid."),
];

const ACCEPTANCE: Field = def(
    "acceptance",
    Kind::Duration,
    "\"0 s\"",
    "接受期",
    "Time for others to accept the cap once it is reached; zero: nobody but who reached it.",
);
const HOLDS: Field = def(
    "holds_through_quote",
    Kind::YesNo,
    "false",
    "接受期延至报价期结束",
    "A cap reached in the quote period leaves the acceptance open until the quote period ends.",
);
const SHORT: Field = def(
    "short_step",
    Kind::YesNo,
    "false",
    "末步可短",
    "The cap itself is a legal bid even when less than a step is left.",
);

static CAP_AT: Shape = Shape {
    name: "public cap",
    zh: "公开上限",
    en: "A cap known to all.",
    fields: &[req("at", Kind::Amount("the attribute"), "数额", "The value."), ACCEPTANCE, HOLDS, SHORT],
};

static CAP_COMMITTED: Shape = Shape {
    name: "secret cap",
    zh: "承诺上限",
    en: "A cap kept secret behind a hash until it is revealed.",
    fields: &[
        req("committed", Kind::YesNo, "承诺", "Must be `true`."),
        opt("lodge_by", Kind::Moment, "提交截止", "Last moment to lodge the hash. Left out: it stands in the lot."),
        def(
            "reveal_within",
            Kind::Duration,
            "\"30 min\"",
            "揭示期限",
            "Time to reveal it once bidding has ended; otherwise the stage is overdue.",
        ),
        ACCEPTANCE,
        HOLDS,
        SHORT,
    ],
};

static RESERVE_AT: Shape = Shape {
    name: "public reserve",
    zh: "公开底价",
    en: "A reserve known to all.",
    fields: &[req("at", Kind::Amount("the attribute"), "数额", "The value.")],
};

static RESERVE_COMMITTED: Shape = Shape {
    name: "secret reserve",
    zh: "承诺底价",
    en: "A reserve kept secret behind a hash until it is revealed.",
    fields: &[
        req("committed", Kind::YesNo, "承诺", "Must be `true`."),
        opt("lodge_by", Kind::Moment, "提交截止", "Last moment to lodge the hash. Left out: it stands in the lot."),
        def(
            "reveal_within",
            Kind::Duration,
            "\"30 min\"",
            "揭示期限",
            "Time to reveal it once bidding has ended; otherwise the stage is overdue.",
        ),
    ],
};

pub(super) static ASK: Shape = Shape {
    name: "ask",
    zh: "询问",
    en: "The question who goes on to the live part.",
    fields: &[
        req("window", Kind::Duration, "时长", "Time to answer."),
        def("who", Kind::OneOf(ASKED), "\"quoted\"", "问谁", "Who may join."),
    ],
};

const ASKED: &[Word] =
    &[word("quoted", "有报价者", "Those with a valid quote."), word("field", "全体", "The whole field.")];

pub(super) const CLOSE_WORDS: &[Word] =
    &[word("quote-end", "报价期满即止", "With the quote period, without extension.")];

pub(super) static COUNTDOWN: Shape = Shape {
    name: "countdown",
    zh: "倒计时",
    en: "A countdown that every valid bid restarts.",
    fields: &[
        req("countdown", Kind::Duration, "时长", "Full period."),
        opt("first", Kind::Duration, "首次报价时长", "Time for the first bid, when it differs."),
        opt("hard_stop", Kind::HardStop, "硬停", "No bidding beyond this, whatever the countdown says."),
    ],
};

pub(super) static HAMMER_CLOSE: Shape = Shape {
    name: "hammer close",
    zh: "落槌",
    en: "The host calls, then the hammer falls; every bid starts the calls again.",
    fields: &[req("hammer", Kind::Table(&HAMMER), "叫价", "How often and how fast.")],
};

static HAMMER: Shape = Shape {
    name: "hammer",
    zh: "叫价",
    en: "Calls before the hammer.",
    fields: &[
        def("calls", Kind::Count { min: 1, max: 10 }, "3", "次数", "Calls before the hammer."),
        def(
            "gap",
            Kind::Duration,
            "\"10 s\"",
            "间隔",
            "Least time between calls, and between the last call and the hammer.",
        ),
    ],
};

static BELOW: Shape = Shape {
    name: "below",
    zh: "小于",
    en: "An upper bound that is itself not valid.",
    fields: &[req("below", Kind::Amount("the attribute"), "数额", "Values must be less.")],
};

static ABOVE: Shape = Shape {
    name: "above",
    zh: "大于",
    en: "A lower bound that is itself not valid.",
    fields: &[req("above", Kind::Amount("the attribute"), "数额", "Values must be more.")],
};

pub(super) static QUOTE: Shape = Shape {
    name: "quote",
    zh: "报价项",
    en: "One amount of a sealed bid.",
    fields: &[
        req("attribute", Kind::Attribute, "指标", "What is bid."),
        opt("min", BOUND_FORMS, "下界", "Lower bound."),
        opt("max", BOUND_FORMS, "上界", "Upper bound."),
        opt("multiple_of", Kind::Amount("the attribute"), "整数倍", "Values must be whole multiples of this."),
    ],
};

pub(super) const WINNER_WORDS: &[Word] = &[word("best", "最优", "The best value in the attribute's direction.")];

pub(super) static NEAREST: Shape = Shape {
    name: "nearest",
    zh: "最接近",
    en: "The value nearest to another; nearness is exact, without rounding.",
    fields: &[
        req(
            "nearest",
            Kind::Either(&[Kind::OneOf(TOWARD), Kind::Amount("the attribute")]),
            "接近什么",
            "Nearest to what: a statistic, or an amount.",
        ),
        def(
            "trim_high",
            Kind::Count { min: 0, max: 1000 },
            "0",
            "去掉最高个数",
            "So many highest values left out before the mean is taken; they may still win.",
        ),
        def(
            "trim_low",
            Kind::Count { min: 0, max: 1000 },
            "0",
            "去掉最低个数",
            "So many lowest values left out before the mean is taken.",
        ),
        def("side", Kind::OneOf(SIDE), "\"either\"", "哪一侧", "On which side of it."),
    ],
};

const TOWARD: &[Word] = &[
    word("mean", "算术平均", "The arithmetic mean of the valid bids."),
    word("median", "中位数", "The median; the lower of two middle ones."),
];

const SIDE: &[Word] = &[
    word("either", "两侧", "Either."),
    word("not-above", "不高于", "At or below; a value above only when none is below."),
    word("not-below", "不低于", "At or above; a value below only when none is above."),
];

pub(super) const ORDER: &[Word] = &[
    word("together", "同时", "All may bid during the round."),
    word("in-turn", "轮流", "One after another, the worst standing offer first, those without an offer before all."),
];

pub(super) const ENDS_ON: &[Word] =
    &[word("time", "到时", "Its time."), word("first-bid", "首个报价", "The first bid, or its time.")];

pub(super) const INACTIVE: &[Word] =
    &[word("stay", "保留", "It may bid in the next round."), word("out", "出局", "It is out, unless it leads.")];

pub(super) static CRITERION: Shape = Shape {
    name: "criterion",
    zh: "评分项",
    en: "One thing that is scored.",
    fields: &[
        req("id", Kind::Id, "标识", "Id by which marks name it."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("points", Kind::Amount("the score"), "满分", "Most points it gives."),
        req(
            "by",
            Kind::Either(&[Kind::OneOf(BY_WORDS), Kind::Table(&SHARE_OF_BEST), Kind::Table(&LINEAR)]),
            "得分方式",
            "Where the points come from.",
        ),
    ],
};

const BY_WORDS: &[Word] =
    &[word("panel", "评委打分", "The mean of the panel's marks, half up to the score's quantum.")];

static SHARE_OF_BEST: Shape = Shape {
    name: "share of the best",
    zh: "与最优值之比",
    en: "Points × own ÷ best (best ÷ own when less is better), half up.",
    fields: &[req("share_of_best", Kind::Attribute, "指标", "Which offer.")],
};

static LINEAR: Shape = Shape {
    name: "linear",
    zh: "线性",
    en: "From no points at one value to all points at another, straight between, half up.",
    fields: &[
        req("linear", Kind::Attribute, "指标", "Which offer."),
        req("zero_at", Kind::Amount("the offer's attribute"), "零分点", "Value that earns nothing."),
        req("full_at", Kind::Amount("the offer's attribute"), "满分点", "Value that earns all points."),
    ],
};

pub(super) const WEIGHT_WORDS: &[Word] = &[word("plain", "一人一号", "One each.")];

pub(super) static WEIGHTED: Shape = Shape {
    name: "weighted",
    zh: "加权",
    en: "As many tickets as a whole-number fact says; none without it.",
    fields: &[req("weighted", Kind::Text, "事实名", "Name of the fact.")],
};

pub(super) static TIERED: Shape = Shape {
    name: "tiered",
    zh: "分档",
    en: "All of the lower tier before any of the higher; those without the fact last.",
    fields: &[req("tiered", Kind::Text, "事实名", "Name of the fact, a whole number.")],
};

pub(super) const BEACONS: &[Word] = &[
    word("drand", "drand 公开随机信标", "A round of the drand quicknet beacon."),
    word("commit-reveal", "先承诺后揭示", "Named parties commit, then reveal."),
    word("public-number", "公开数字", "A public number announced elsewhere."),
    word("witnessed", "公证下现场摇号", "A physical draw under the eyes of a notary, entered by hand."),
    word("local", "本地随机（仅演示）", "A local beacon for tests and demonstrations; the result says so."),
];

pub(super) static FIRST_STAGE: Shape = Shape {
    name: "first of a stage",
    zh: "前序阶段先后",
    en: "The standing offers of an earlier stage, by time.",
    fields: &[req("stage", Kind::Stage, "阶段", "Which stage.")],
};

pub(super) static FIRST_WINDOW: Shape = Shape {
    name: "first within a window",
    zh: "窗口内先后",
    en: "Acceptances within a window.",
    fields: &[req("window", Kind::Table(&WINDOW), "窗口", "Which window.")],
};
