use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::{ADMISSION, AWARD, CITATION, OBLIGATION, STAGE, STAGE_KINDS};

pub(crate) static RULEBOOK: Shape = Shape {
    name: "rulebook",
    zh: "交易规则",
    en: "Published, versioned rules for the sale of one lot to one or k winners. Rules name parameters; a lot gives \
         their values.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-rulebook/1", "规则格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识，如地区加规则名", "Path-like id: place, then name of the rule."),
        req(
            "version",
            Kind::Text,
            "版本，如日期",
            "Version by date, such as `2026-01`. A published version never changes.",
        ),
        req("title", Kind::Bilingual, "标题", "Title."),
        def("currency", Kind::Text, "\"CNY\"", "货币（ISO 4217）", "Currency, an ISO 4217 code."),
        def(
            "utc_offset",
            Kind::Offset,
            "\"+08:00\"",
            "时区",
            "Offset from UTC in which days and times of day are read.",
        ),
        def(
            "working_days",
            Kind::Text,
            "\"cn\"",
            "工作日历",
            "Calendar of working days: `cn`, or `weekdays` (Monday to Friday, no holidays, 1970 to 2200).",
        ),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        req(
            "calendar",
            Kind::List(&Kind::Table(&MOMENT)),
            "日历时点",
            "Named moments in the order in which they follow each other. A lot says when each one is.",
        ),
        req(
            "attributes",
            Kind::Map(&Kind::Table(&ATTRIBUTE)),
            "指标",
            "Quantities that bids, terms and marks are about, by id.",
        ),
        opt(
            "parameters",
            Kind::Map(&Kind::Table(&PARAMETER)),
            "参数",
            "Values that each lot fills in, by name; `\"$name\"` stands for them.",
        ),
        req("admission", Kind::Table(&ADMISSION), "竞买资格", "Who may take part."),
        req(
            "stages",
            Kind::List(&Kind::Kinds { common: &STAGE, kinds: &STAGE_KINDS }),
            "阶段",
            "The pipeline, first to last. The first stage starts when admission is decided.",
        ),
        req("award", Kind::Table(&AWARD), "成交", "From the last stage to the confirmation of sale."),
        opt("obligations", Kind::List(&Kind::Table(&OBLIGATION)), "义务", "Duties that arise from the sale."),
        def("outage", Kind::Table(&OUTAGE), "{}", "系统中断", "What an outage of the hall does to running periods."),
        def(
            "information",
            Kind::Table(&INFORMATION),
            "{}",
            "信息公开",
            "Who sees what, and from when. Per item one word for all, or a table of roles; a role left out keeps the default.",
        ),
        opt(
            "annulment",
            Kind::List(&Kind::Table(&CAUSE)),
            "撤销事由",
            "Causes for which a sale may be annulled by a signed act. Without this list it cannot be.",
        ),
    ],
};

static MOMENT: Shape = Shape {
    name: "moment",
    zh: "时点",
    en: "A named moment of the calendar.",
    fields: &[
        req("id", Kind::Id, "标识", "Id by which windows name it."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        opt(
            "after_previous",
            Kind::Within,
            "与前一时点的最短间隔",
            "Least time after the moment before it. A duration counts hours; a period counts days from the day after \
             that moment, and the moment may fall on the last of them at any hour. Days that end on a holiday are not moved.",
        ),
    ],
};

static ATTRIBUTE: Shape = Shape {
    name: "attribute",
    zh: "指标",
    en: "A named quantity: land price, yearly tax per mu, floor area handed over, score …",
    fields: &[
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("unit", Kind::Unit, "单位", "Unit in which amounts are written and shown."),
        opt(
            "decimals",
            Kind::Count { min: 0, max: 12 },
            "小数位",
            "Decimals kept; the last one is the attribute's quantum. Left out: for money of the whole lot down to the minor unit (6 for 万元), otherwise 2.",
        ),
        def("direction", Kind::OneOf(DIRECTION), "\"up\"", "优劣方向", "Which way is better for the seller."),
        opt(
            "base",
            Kind::Amount("the attribute"),
            "基准值",
            "Binds a winner who made no offer on the attribute, such as the tax indicator of the lot.",
        ),
    ],
};

const DIRECTION: &[Word] = &[
    word("up", "多者优", "More is better: price, tax."),
    word("down", "少者优", "Less is better: years, subsidy, rent asked."),
];

static PARAMETER: Shape = Shape {
    name: "parameter",
    zh: "参数",
    en: "A value that each lot fills in.",
    fields: &[
        req(
            "of",
            Kind::Either(&[Kind::OneOf(PARAMETER_KINDS), Kind::Attribute]),
            "类型：某指标的数额，或金额、时长、期限、个数、百分比",
            "What it is: the id of an attribute, or one of the words.",
        ),
        req("meaning", Kind::Bilingual, "含义", "What it means, for people."),
        opt(
            "example",
            Kind::Amount("what the parameter is"),
            "示例值",
            "Stands in when the rulebook is checked alone. Required unless there is a default.",
        ),
        opt("default", Kind::Amount("what the parameter is"), "默认值", "Holds for lots that give no value."),
        opt("min", Kind::Amount("what the parameter is"), "下限", "Least value a lot may give."),
        opt("max", Kind::Amount("what the parameter is"), "上限", "Greatest value a lot may give."),
    ],
};

const PARAMETER_KINDS: &[Word] = &[
    word("money", "金额", "A sum of money."),
    word("duration", "时长", "A length of time by the clock."),
    word("period", "期限", "A legal term in days, working days, months or years."),
    word("count", "个数", "A whole number."),
    word("percent", "百分比", "A percentage."),
];

static OUTAGE: Shape = Shape {
    name: "outage",
    zh: "系统中断",
    en: "What an outage of the hall does to ask windows, countdowns, acceptance windows, rounds and sealed windows. \
         Periods that end at a moment of the calendar are always extended by the length of the outage.",
    fields: &[
        def("resume", Kind::OneOf(RESUME), "\"full-period\"", "恢复方式", "How running periods go on."),
        def("measured_over", Kind::Duration, "\"30 s\"", "最短中断", "Shorter outages need not pause the sale."),
    ],
};

const RESUME: &[Word] = &[
    word("full-period", "重新计满", "The full period starts again, so that everybody has all of it."),
    word("remaining", "继续剩余", "The time that was left goes on."),
];

static CAUSE: Shape = Shape {
    name: "annulment cause",
    zh: "撤销事由",
    en: "A cause for which a sale may be annulled.",
    fields: &[
        req("id", Kind::Id, "标识", "Id named by the act."),
        req("text", Kind::Bilingual, "事由", "The cause in words."),
    ],
};

const SHOWN: &[Word] = &[
    word("at-once", "即时", "As it happens."),
    word("stage-end", "阶段结束", "When its stage has ended."),
    word("sale-end", "交易结束", "When the sale has ended."),
    word("never", "不公开", "Never."),
];

const SHOWN_TO: Kind = Kind::Either(&[Kind::OneOf(SHOWN), Kind::Table(&ROLES)]);

static ROLES: Shape = Shape {
    name: "roles",
    zh: "角色",
    en: "From when each role sees an item. Bidders always see what is their own.",
    fields: &[
        opt("public", Kind::OneOf(SHOWN), "公众", "Anybody."),
        opt("bidder", Kind::OneOf(SHOWN), "竞买人", "An admitted bidder."),
        opt("officer", Kind::OneOf(SHOWN), "经办人", "The seller's officer."),
        opt("auditor", Kind::OneOf(SHOWN), "监督人", "Auditor, notary or supervisor."),
    ],
};

pub(crate) static INFORMATION: Shape = Shape {
    name: "information",
    zh: "信息公开",
    en: "Who sees what, and from when.",
    fields: &[
        def(
            "amounts",
            SHOWN_TO,
            r#"{ public = "at-once", bidder = "at-once", officer = "at-once", auditor = "at-once" }"#,
            "公开报价数额",
            "Amounts of open bids.",
        ),
        def(
            "codes",
            SHOWN_TO,
            r#"{ public = "at-once", bidder = "at-once", officer = "at-once", auditor = "at-once" }"#,
            "竞买人代号",
            "Code names beside the amounts.",
        ),
        def(
            "sealed_amounts",
            SHOWN_TO,
            r#"{ public = "stage-end", bidder = "stage-end", officer = "stage-end", auditor = "stage-end" }"#,
            "密封报价数额",
            "Amounts of sealed bids that have been opened.",
        ),
        def(
            "identities",
            SHOWN_TO,
            r#"{ public = "sale-end", bidder = "sale-end", officer = "sale-end", auditor = "at-once" }"#,
            "竞买人身份",
            "Identities behind the code names.",
        ),
        def(
            "groups",
            SHOWN_TO,
            r#"{ public = "sale-end", bidder = "sale-end", officer = "sale-end", auditor = "at-once" }"#,
            "企业集团",
            "Corporate groups.",
        ),
        def(
            "bidder_count",
            SHOWN_TO,
            r#"{ public = "stage-end", bidder = "stage-end", officer = "at-once", auditor = "at-once" }"#,
            "在场人数",
            "Number of bidders standing.",
        ),
        def(
            "marks",
            SHOWN_TO,
            r#"{ public = "stage-end", bidder = "stage-end", officer = "stage-end", auditor = "stage-end" }"#,
            "评委打分",
            "Marks of the panel.",
        ),
        def(
            "revealed",
            SHOWN_TO,
            r#"{ public = "stage-end", bidder = "stage-end", officer = "stage-end", auditor = "stage-end" }"#,
            "揭示的底价和上限",
            "Committed caps and reserves that have been revealed.",
        ),
    ],
};
