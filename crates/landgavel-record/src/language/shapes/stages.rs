use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::stage_parts::{
    ASK, BEACONS, BOUND_FORMS, CAP_FORMS, CLOSE_WORDS, COUNTDOWN, CRITERION, ENDS_ON, FIRST_STAGE, FIRST_WINDOW,
    HAMMER_CLOSE, INACTIVE, NEAREST, ORDER, QUOTE, RESERVE_FORMS, STEP_FORMS, TIERED, WEIGHT_WORDS, WEIGHTED,
    WINNER_WORDS,
};
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

/// The kinds of stage, each with the keys that only it has.
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
