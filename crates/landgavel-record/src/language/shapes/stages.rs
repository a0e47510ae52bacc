use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::{EXITS, WINDOW};

pub(crate) static STAGE: Shape = Shape {
    name: "stage",
    zh: "阶段",
    en: "One step that narrows the field of bidders. Its `kind` says which further keys it has.",
    fields: &[
        req("id", Kind::Id, "标识", "Id by which exits and amounts name it."),
        req("title", Kind::Bilingual, "标题", "Name for people."),
        req("kind", Kind::Text, "类型", "One of the kinds below."),
        def(
            "entrants",
            Kind::Either(&[
                Kind::OneOf(ENTRANTS),
                Kind::Table(&LEADER_OF),
                Kind::Table(&OTHERS),
                Kind::Table(&WITH_FACT),
            ]),
            "\"field\"",
            "谁可参与",
            "Who of the field may act; the others keep their place.",
        ),
        def("exits", Kind::Table(&EXITS), "{}", "出口", "Where each ending leads."),
    ],
};

const ENTRANTS: &[Word] = &[word("field", "全体", "All who survive so far.")];

static LEADER_OF: Shape = Shape {
    name: "leader of",
    zh: "领先者",
    en: "The leader of an earlier stage alone.",
    fields: &[req("leader_of", Kind::Stage, "阶段", "An earlier stage that ranks offers.")],
};

static OTHERS: Shape = Shape {
    name: "others than the leader",
    zh: "领先者以外",
    en: "All but the leader of an earlier stage.",
    fields: &[req("others_than_leader_of", Kind::Stage, "阶段", "An earlier stage that ranks offers.")],
};

static WITH_FACT: Shape = Shape {
    name: "with a fact",
    zh: "具备某事实者",
    en: "Those of whom a fact holds, such as a right of first refusal.",
    fields: &[
        req("fact", Kind::Text, "事实名", "Name of the fact."),
        req("is", Kind::Fact, "等于", "Value it must have."),
    ],
};

pub(crate) static STAGE_KINDS: [Shape; 8] = [
    Shape {
        name: "ascending",
        zh: "增价竞价",
        en: "Open bids, each better than the last. In order: quote period (if any), ask (if any), live part until the close.",
        fields: &[
            req("attribute", Kind::Attribute, "指标", "What is bid. With direction `down` bids go down."),
            req("start", Kind::Amount("the attribute"), "起始值", "Starting value: the first bid may equal it."),
            req("step", STEP_FORMS, "增价幅度", "Increment; a plain amount is short for `{ by = amount }`."),
            opt(
                "cap",
                CAP_FORMS,
                "上限",
                "Value at which the stage stops; a plain amount is short for `{ at = amount }`. Left out: none.",
            ),
            opt("reserve", RESERVE_FORMS, "底价", "Value below which there is no sale. Left out: none."),
            def(
                "carries",
                Kind::YesNo,
                "false",
                "沿用前序报价",
                "Standing offers on the attribute from earlier stages count here.",
            ),
            def("leader_may_raise", Kind::YesNo, "true", "领先者可自加", "The leader may improve its own bid."),
            opt(
                "quote",
                Kind::Table(&WINDOW),
                "挂牌报价期",
                "Days or hours of open quotes before the live part. Left out: the live part starts with the stage.",
            ),
            opt(
                "ask",
                Kind::Table(&ASK),
                "询问期",
                "The question who goes on, after the quote period. If nobody answers, the best quote wins. Left out: the live part starts at once for all.",
            ),
            req(
                "close",
                Kind::Either(&[Kind::OneOf(CLOSE_WORDS), Kind::Table(&COUNTDOWN), Kind::Table(&HAMMER_CLOSE)]),
                "结束方式",
                "How bidding ends.",
            ),
        ],
    },
    Shape {
        name: "descending",
        zh: "降价竞价",
        en: "A clock that gets worse for the seller until somebody accepts its value; the first acceptance of a tick settles the stage.",
        fields: &[
            req("attribute", Kind::Attribute, "指标", "What the clock shows."),
            req("start", Kind::Amount("the attribute"), "起始值", "First value."),
            req("step", Kind::Amount("the attribute"), "每跳变化", "Change per tick."),
            req("every", Kind::Duration, "每跳时长", "Time between ticks."),
            req(
                "floor",
                Kind::Amount("the attribute"),
                "终止值",
                "Last value shown; after its tick the stage ends empty.",
            ),
        ],
    },
    Shape {
        name: "sealed",
        zh: "密封报价",
        en: "One-shot sealed bids: each bidder lodges a hash, and opens it after the window. A bid beyond a bound is \
             invalid, never clipped. Either `attribute` with its bounds, or `quotes` for several amounts in one envelope.",
        fields: &[
            opt("attribute", Kind::Attribute, "指标", "What is bid, when it is one amount."),
            opt("min", BOUND_FORMS, "下界", "Lower bound."),
            opt(
                "max",
                BOUND_FORMS,
                "上界",
                "Upper bound: an amount (itself valid) or `{ below = amount }` (itself not).",
            ),
            opt(
                "multiple_of",
                Kind::Amount("the attribute"),
                "整数倍",
                "Values must be whole multiples of this, counted from the lower bound or from zero.",
            ),
            opt(
                "quotes",
                Kind::List(&Kind::Table(&QUOTE)),
                "多项报价",
                "Several amounts in one envelope; the first decides.",
            ),
            req("window", Kind::Table(&WINDOW), "提交窗口", "When sealed bids may be lodged."),
            req("open_within", Kind::Duration, "开启期限", "Time to open them afterwards; an unopened bid is invalid."),
            def("revisable", Kind::YesNo, "false", "可修改", "A bidder may replace its bid until the window closes."),
            opt("reserve", RESERVE_FORMS, "底价", "Value below which there is no sale. Left out: none."),
            def(
                "carries",
                Kind::YesNo,
                "false",
                "沿用前序报价",
                "Standing offers on the deciding attribute from earlier stages count here.",
            ),
            def(
                "winner",
                Kind::Either(&[Kind::OneOf(WINNER_WORDS), Kind::Table(&NEAREST)]),
                "\"best\"",
                "优胜规则",
                "Who is best of the valid bids.",
            ),
        ],
    },
    Shape {
        name: "rounds",
        zh: "多轮报价",
        en: "Rounds, together or in turn.",
        fields: &[
            req("attribute", Kind::Attribute, "指标", "What is bid."),
            req("start", Kind::Amount("the attribute"), "起始值", "Starting value."),
            req("step", STEP_FORMS, "增价幅度", "Increment; a plain amount is short for `{ by = amount }`."),
            opt("cap", CAP_FORMS, "上限", "Value at which the stage stops. Left out: none."),
            opt("reserve", RESERVE_FORMS, "底价", "Value below which there is no sale. Left out: none."),
            def(
                "carries",
                Kind::YesNo,
                "false",
                "沿用前序报价",
                "Standing offers on the attribute from earlier stages count here.",
            ),
            def("order", Kind::OneOf(ORDER), "\"together\"", "次序", "All at once or one after another."),
            req("length", Kind::Duration, "每轮时长", "Length of a round, or of a turn."),
            def("pause", Kind::Duration, "\"0 s\"", "轮间间歇", "Pause between rounds."),
            def("ends_on", Kind::OneOf(ENDS_ON), "\"time\"", "每轮结束", "What ends a round."),
            opt(
                "max_rounds",
                Kind::Count { min: 1, max: 100_000 },
                "轮数上限",
                "Last round. Left out: until a silent round.",
            ),
            def("silence_ends", Kind::YesNo, "true", "无人报价即止", "A round without a bid ends the stage."),
            def(
                "inactive",
                Kind::OneOf(INACTIVE),
                "\"stay\"",
                "未报价者",
                "What becomes of who did not bid in a round.",
            ),
            opt("hard_stop", Kind::HardStop, "硬停", "No round goes on past this; none starts after it."),
        ],
    },
    Shape {
        name: "score",
        zh: "评分",
        en: "Marks of a panel and points for offers. The score becomes the bidder's term of `attribute`.",
        fields: &[
            req(
                "attribute",
                Kind::Attribute,
                "得分指标",
                "The attribute that receives the score; its unit must be points.",
            ),
            opt(
                "filing",
                Kind::Table(&WINDOW),
                "方案提交窗口",
                "Time to file a scheme; who files none is not scored. Left out: nothing is filed and the whole field is scored.",
            ),
            opt("marking", Kind::Duration, "打分期限", "Time for the panel after filing."),
            def("judges", Kind::Count { min: 0, max: 1000 }, "0", "评委人数", "Members of the panel."),
            def(
                "drop_high",
                Kind::Count { min: 0, max: 1000 },
                "0",
                "去掉最高分个数",
                "So many highest marks left out per criterion.",
            ),
            def(
                "drop_low",
                Kind::Count { min: 0, max: 1000 },
                "0",
                "去掉最低分个数",
                "So many lowest marks left out per criterion.",
            ),
            req("criteria", Kind::List(&Kind::Table(&CRITERION)), "评分项", "What is scored; the score is the sum."),
            opt("pass", Kind::Amount("the score"), "及格分", "Scores below this are out."),
        ],
    },
    Shape {
        name: "draw",
        zh: "摇号",
        en: "A public lottery that anybody can compute again from the frozen list of entrants and the sources' outputs. \
             It ranks all entrants.",
        fields: &[
            def(
                "weights",
                Kind::Either(&[Kind::OneOf(WEIGHT_WORDS), Kind::Table(&WEIGHTED), Kind::Table(&TIERED)]),
                "\"plain\"",
                "权重",
                "How many tickets each entrant has.",
            ),
            req(
                "sources",
                Kind::List(&Kind::OneOf(BEACONS)),
                "随机源",
                "Where the randomness comes from; several are combined, so that one honest source is enough.",
            ),
            req(
                "reveal_within",
                Kind::Duration,
                "揭示期限",
                "Time to bring the outputs after the entrants are frozen; otherwise the stage is overdue.",
            ),
        ],
    },
    Shape {
        name: "fixed",
        zh: "定值接受",
        en: "A posted value, accepted or not.",
        fields: &[
            req("attribute", Kind::Attribute, "指标", "What the value is of."),
            req("value", Kind::Amount("the attribute"), "数额", "The value."),
            req("window", Kind::Table(&WINDOW), "接受窗口", "Time to accept."),
        ],
    },
    Shape {
        name: "first",
        zh: "先到者",
        en: "The earliest.",
        fields: &[req(
            "of",
            Kind::Either(&[Kind::Table(&FIRST_STAGE), Kind::Table(&FIRST_WINDOW)]),
            "按什么先后",
            "The earliest of what.",
        )],
    },
];

const STEP_FORMS: Kind = Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&STEP)]);
const CAP_FORMS: Kind =
    Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&CAP_AT), Kind::Table(&CAP_COMMITTED)]);
const RESERVE_FORMS: Kind =
    Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&RESERVE_AT), Kind::Table(&RESERVE_COMMITTED)]);
const BOUND_FORMS: Kind = Kind::Either(&[Kind::Amount("the attribute"), Kind::Table(&BELOW), Kind::Table(&ABOVE)]);

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

const ACCEPTANCE: super::super::shape::Field = def(
    "acceptance",
    Kind::Duration,
    "\"0 s\"",
    "接受期",
    "Time for others to accept the cap once it is reached; zero: nobody but who reached it.",
);
const HOLDS: super::super::shape::Field = def(
    "holds_through_quote",
    Kind::YesNo,
    "false",
    "接受期延至报价期结束",
    "A cap reached in the quote period leaves the acceptance open until the quote period ends.",
);
const SHORT: super::super::shape::Field = def(
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

static ASK: Shape = Shape {
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

const CLOSE_WORDS: &[Word] = &[word("quote-end", "报价期满即止", "With the quote period, without extension.")];

static COUNTDOWN: Shape = Shape {
    name: "countdown",
    zh: "倒计时",
    en: "A countdown that every valid bid restarts.",
    fields: &[
        req("countdown", Kind::Duration, "时长", "Full period."),
        opt("first", Kind::Duration, "首次报价时长", "Time for the first bid, when it differs."),
        opt("hard_stop", Kind::HardStop, "硬停", "No bidding beyond this, whatever the countdown says."),
    ],
};

static HAMMER_CLOSE: Shape = Shape {
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

static QUOTE: Shape = Shape {
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

const WINNER_WORDS: &[Word] = &[word("best", "最优", "The best value in the attribute's direction.")];

static NEAREST: Shape = Shape {
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

const ORDER: &[Word] = &[
    word("together", "同时", "All may bid during the round."),
    word("in-turn", "轮流", "One after another, the worst standing offer first, those without an offer before all."),
];

const ENDS_ON: &[Word] =
    &[word("time", "到时", "Its time."), word("first-bid", "首个报价", "The first bid, or its time.")];

const INACTIVE: &[Word] =
    &[word("stay", "保留", "It may bid in the next round."), word("out", "出局", "It is out, unless it leads.")];

static CRITERION: Shape = Shape {
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

const WEIGHT_WORDS: &[Word] = &[word("plain", "一人一号", "One each.")];

static WEIGHTED: Shape = Shape {
    name: "weighted",
    zh: "加权",
    en: "As many tickets as a whole-number fact says; none without it.",
    fields: &[req("weighted", Kind::Text, "事实名", "Name of the fact.")],
};

static TIERED: Shape = Shape {
    name: "tiered",
    zh: "分档",
    en: "All of the lower tier before any of the higher; those without the fact last.",
    fields: &[req("tiered", Kind::Text, "事实名", "Name of the fact, a whole number.")],
};

const BEACONS: &[Word] = &[
    word("drand", "drand 公开随机信标", "A round of the drand quicknet beacon."),
    word("commit-reveal", "先承诺后揭示", "Named parties commit, then reveal."),
    word("public-number", "公开数字", "A public number announced elsewhere."),
    word("witnessed", "公证下现场摇号", "A physical draw under the eyes of a notary, entered by hand."),
    word("local", "本地随机（仅演示）", "A local beacon for tests and demonstrations; the result says so."),
];

static FIRST_STAGE: Shape = Shape {
    name: "first of a stage",
    zh: "前序阶段先后",
    en: "The standing offers of an earlier stage, by time.",
    fields: &[req("stage", Kind::Stage, "阶段", "Which stage.")],
};

static FIRST_WINDOW: Shape = Shape {
    name: "first within a window",
    zh: "窗口内先后",
    en: "Acceptances within a window.",
    fields: &[req("window", Kind::Table(&WINDOW), "窗口", "Which window.")],
};
