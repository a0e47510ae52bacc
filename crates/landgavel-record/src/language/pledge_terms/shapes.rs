//! The tables of the language of pledges.

use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::super::shapes::CITATION;
use super::take_back::TAKE_BACK;

pub(crate) static PLEDGE_TERMS: Shape = Shape {
    name: "pledge terms",
    zh: "履约监管条款",
    en: "What a winner owes after the award, and what follows when it is not kept: the supervision agreement as data.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-pledge-terms/1", "履约条款格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识", "Path-like id: place, then name."),
        req("title", Kind::Bilingual, "标题", "Title."),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        def("sample", Kind::YesNo, "false", "是否为样本", "The terms are invented."),
        def("currency", Kind::Text, "\"CNY\"", "币种", "Currency of the amounts here; the sale must have the same."),
        def("price", Kind::Id, "\"price\"", "价款指标", "Attribute of the award that is the price of the land."),
        req("cure", Kind::Period, "整改期", "Time to cure after a claim is notified."),
        req("bond", Kind::Table(&BOND), "履约保证", "The performance bond."),
        req("milestones", Kind::List(&Kind::Table(&MILESTONE)), "节点", "Steps on the way, each after one before it."),
        def("promises", Kind::List(&Kind::Table(&PROMISE)), "[]", "承诺指标", "Indicators promised."),
        def("bans", Kind::List(&Kind::Table(&BAN)), "[]", "限制", "What must not be done for a time."),
        opt(
            "duties",
            Kind::Table(&DUTIES),
            "出让产生的义务",
            "Dated duties that arose in the sale. Left out: they are no part of the pledge.",
        ),
        opt("idle", Kind::Table(&IDLE), "闲置土地", "Idle land. Left out: it is not watched."),
        opt(
            "take_back",
            Kind::Table(&TAKE_BACK),
            "收回土地",
            "Taking the land back after a breach. Left out: only idle land is taken back.",
        ),
    ],
};

static BOND: Shape = Shape {
    name: "performance bond",
    zh: "履约保证",
    en: "The performance bond. Say exactly one of `amount`, `share_of_price`, `years_of`.",
    fields: &[
        opt("amount", Kind::Text, "金额", "A fixed amount, such as \"360 万元\"."),
        opt(
            "share_of_price",
            Kind::Percent,
            "占价款比例",
            "A share of the price, more than 0 %; rounded half up to the fen.",
        ),
        opt(
            "years_of",
            Kind::Table(&YEARS_OF),
            "按承诺额",
            "So many years of what a promise is worth for the whole lot.",
        ),
        def(
            "forms",
            Kind::List(&Kind::OneOf(FORMS)),
            "[\"cash\", \"guarantee\"]",
            "形式",
            "Accepted forms, at least one.",
        ),
        req("beneficiary", Kind::Text, "受益人", "Who must be the beneficiary of a guarantee, and holds cash."),
        req("lodge_within", Kind::Period, "提交期限", "From the contract; a bond that is missing then is told."),
        req(
            "outlasts_by_days",
            Kind::Count { min: 0, max: 3650 },
            "超出天数",
            "Days by which a guarantee must outlast what it backs.",
        ),
        req(
            "warn_before_days",
            Kind::Count { min: 0, max: 3650 },
            "到期预警天数",
            "Days before its end on which a guarantee that ends too soon is told.",
        ),
        req("top_up_within", Kind::Period, "补足期限", "After a call or a lapse, time to top it up."),
    ],
};

static YEARS_OF: Shape = Shape {
    name: "years of a promise",
    zh: "按承诺额计的年数",
    en: "A bond tied to a promise, such as one year of the promised tax.",
    fields: &[
        req("promise", Kind::Id, "承诺指标", "Id of the promise, which must be money."),
        req("years", Kind::Count { min: 1, max: 70 }, "年数", "How many years of it."),
    ],
};

const FORMS: &[Word] = &[
    word("cash", "现金", "Money in an account."),
    word("guarantee", "见索即付保函", "On-demand letter of guarantee."),
];

static MILESTONE: Shape = Shape {
    name: "milestone",
    zh: "节点",
    en: "A step on the way: handover, start, completion, operation, output attainment (达产).",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        def("owed_by", Kind::OneOf(OWED_BY), "\"winner\"", "义务人", "Who owes it."),
        def("after", Kind::Text, "\"contract\"", "起算", "`contract`, or the id of an earlier milestone."),
        req("within", Kind::Period, "期限", "Its term."),
        opt("delay", Kind::Table(&DELAY), "逾期违约金", "What lateness costs. Left out: no money."),
        opt("release", Kind::Table(&RELEASE), "退还比例", "What of the bond goes back when it is reached."),
        req("signed_by", Kind::Text, "凭证来源", "Who signs that it is reached."),
    ],
};

const OWED_BY: &[Word] =
    &[word("winner", "竞得人", "The winner."), word("seller", "出让人", "The seller: terms after it wait for it.")];

static DELAY: Shape = Shape {
    name: "delay",
    zh: "逾期违约金",
    en: "What lateness costs: a share of the price for each day. A milestone that nobody shows is claimed for on the day on which \
         `at_most` is reached; evidence of an earlier day makes the claim smaller.",
    fields: &[
        req("per_day", Kind::Percent, "每日占价款比例", "Share of the price for each day: 1‰ is \"0.1 %\"."),
        req("at_most", Kind::Percent, "上限", "Never more than this share of the price."),
    ],
};

static RELEASE: Shape = Shape {
    name: "release",
    zh: "保证退还",
    en: "What of the bond goes back at a milestone.",
    fields: &[
        req("share", Kind::Percent, "比例", "Share of the amount required, rounded down to the fen."),
        def("also_late", Kind::YesNo, "false", "逾期也退", "Released even when the milestone comes late."),
    ],
};

static PROMISE: Shape = Shape {
    name: "promise",
    zh: "承诺指标",
    en: "An indicator promised: tax per mu, investment intensity, R&D share, energy, floor-area ratio.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req(
            "committed",
            Kind::Text,
            "承诺值",
            "`award.ID` for what the award says of an attribute, or an amount with its unit, such as \"350 万元/亩\".",
        ),
        opt("unit", Kind::Unit, "单位", "Unit of an amount; needed unless the award gives the value."),
        def("decimals", Kind::Count { min: 0, max: 6 }, "2", "小数位", "Decimals kept of an amount that stands here."),
        def("direction", Kind::OneOf(DIRECTION), "\"at-least\"", "方向", "Which way it is kept."),
        req("after", Kind::Id, "起算节点", "Milestone from which it is counted."),
        opt("years", Kind::Count { min: 1, max: 70 }, "年数", "For so many years. Left out: once, at the milestone."),
        req(
            "evidence_within",
            Kind::Period,
            "凭证期限",
            "After a period ends, its figure is awaited so long; then it is judged.",
        ),
        req("shortfall", Kind::OneOf(SHORTFALL), "差额责任", "What a shortfall costs."),
        opt("late_fee_per_day", Kind::Percent, "每日滞纳金", "Share of what is unpaid, for each day; goes with `gap`."),
        def("accounting", Kind::OneOf(ACCOUNTING), "\"yearly\"", "年度口径", "Whether years offset each other."),
        req("signed_by", Kind::Text, "凭证来源", "Who signs its figures."),
    ],
};

const DIRECTION: &[Word] = &[
    word("at-least", "不低于", "At least the promise: tax, investment."),
    word("at-most", "不高于", "At most the promise: energy per output."),
];

const SHORTFALL: &[Word] = &[
    word("gap", "差额补缴", "What is missing, in money."),
    word("share-of-price", "按地价比例", "The price times the share that is missing."),
    word("nothing", "无金钱责任", "No money; only the verdict counts."),
];

const ACCOUNTING: &[Word] = &[
    word("yearly", "逐年", "Each year by itself; a good year offsets nothing."),
    word("cumulative", "累计", "The sum over all years, at their end."),
];

static BAN: Shape = Shape {
    name: "ban",
    zh: "限制",
    en: "What must not be done for a time, such as to transfer or to let the land: forbidden from the day of the contract until the end of `lasts`. It is \
         kept unless somebody shows that it was done.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "What must not be done, for people."),
        def(
            "after",
            Kind::Text,
            "\"contract\"",
            "起算",
            "From when `lasts` runs: `contract`, or the id of a milestone, from the day on which it was reached.",
        ),
        req("lasts", Kind::Period, "期限", "Its term."),
        opt("penalty", Kind::Percent, "违约金", "What doing it costs, as a share of the price. Left out: no money."),
        req("signed_by", Kind::Text, "凭证来源", "Who signs that it was done."),
    ],
};

static DUTIES: Shape = Shape {
    name: "duties",
    zh: "义务",
    en: "Duties that arose in the sale.",
    fields: &[
        req("signed_by", Kind::Text, "凭证来源", "Who signs that they are done."),
        def(
            "bond",
            Kind::Id,
            "\"performance-bond\"",
            "缴纳履约保证的义务",
            "Id of the duty to lodge the performance bond, if the sale has it: lodging the bond in full and in time meets it, and it is never claimed as money beside the bond.",
        ),
    ],
};

static IDLE: Shape = Shape {
    name: "idle land",
    zh: "闲置土地",
    en: "Idle land (闲置土地): the fee, and taking back.",
    fields: &[
        req("start", Kind::Id, "动工节点", "The milestone of starting."),
        def(
            "fee_after_months",
            Kind::Count { min: 1, max: 600 },
            "12",
            "征缴月数",
            "Months late after which the fee is owed.",
        ),
        def("fee", Kind::Percent, "\"20 %\"", "闲置费", "The fee as a share of the price."),
        def(
            "take_back_after_months",
            Kind::Count { min: 1, max: 600 },
            "24",
            "收回月数",
            "Months late after which the land may be taken back without payment; above `fee_after_months`.",
        ),
        opt(
            "halted",
            Kind::Table(&HALTED),
            "中止开发",
            "Land that was begun and then left. Left out: only land that was not begun lies idle.",
        ),
    ],
};

static HALTED: Shape = Shape {
    name: "halted work",
    zh: "中止开发",
    en: "Land that was begun and then left lies idle too (国土资源部令第53号, art. 2): less than a third of it is built on, or less than a quarter of the \
         investment made, and no work was done for so many months. Time that does not count (`stop-time`) is none of it.",
    fields: &[
        def("after_months", Kind::Count { min: 1, max: 600 }, "12", "中止月数", "Months without work."),
        req("investment", Kind::Id, "总投资额", "Id of the promise of the whole investment: money, and not yearly."),
        opt(
            "completion",
            Kind::Id,
            "竣工节点",
            "Id of the milestone with which building is complete: what is complete is not left. Left out: none is.",
        ),
        req(
            "fee",
            Kind::Percent,
            "闲置费",
            "What it costs, as a share of the price. Art. 14 of the order names the fee for land that was not begun; for this the terms say it.",
        ),
        req("signed_by", Kind::Text, "凭证来源", "Who signs that work has stopped, and how far it had come."),
    ],
};
