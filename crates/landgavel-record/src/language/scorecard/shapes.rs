//! The tables of the scorecard language.

use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::super::shapes::CITATION;

pub(crate) static SCORECARD: Shape = Shape {
    name: "scorecard",
    zh: "评价表",
    en: "One published version of a scorecard: which figures count, how they become points, ranks and grades.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-scorecard/1", "评价表格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识，如地区加名称", "Path-like id: place, then name."),
        req(
            "version",
            Kind::Text,
            "版本",
            "Version, such as the year of its figures. A published version never changes.",
        ),
        req("title", Kind::Bilingual, "标题", "Title."),
        def("in_force", Kind::Table(&IN_FORCE), "{}", "施行期间", "From when until when it is in force."),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        opt(
            "parameters",
            Kind::Map(&Kind::Table(&PARAMETER)),
            "参数",
            "Values that whoever scores may set, by name; the text `\"$name\"` anywhere in the card stands for the value.",
        ),
        req("table", Kind::Table(&TABLE), "数据表", "How the table of figures is read."),
        req("columns", Kind::Map(&Kind::Table(&COLUMN)), "数据列", "Figures of each row, by id."),
        def(
            "indicators",
            Kind::Map(&Kind::Table(&INDICATOR)),
            "{}",
            "指标",
            "Quantities made of columns, by id. A column of numbers is an indicator by itself.",
        ),
        def(
            "dimensions",
            Kind::Map(&Kind::Bilingual),
            "{}",
            "维度",
            "Groups of items whose points are summed apart, by id.",
        ),
        def("items", Kind::List(&Kind::Table(&ITEM)), "[]", "评分项", "What gives points."),
        def("gates", Kind::List(&Kind::Table(&GATE)), "[]", "门槛", "What must hold to qualify; all of them."),
        def("vetoes", Kind::List(&Kind::Table(&VETO)), "[]", "一票否决", "What worsens a grade."),
        def(
            "exempt",
            Kind::List(&Kind::Table(&EXEMPTION)),
            "[]",
            "不参评",
            "Who is not evaluated; the first that holds counts. \
             They count in no mean and no rank.",
        ),
        def(
            "rounding",
            Kind::Table(&ROUNDING),
            "{}",
            "四舍五入",
            "Decimals of points and totals; both are rounded half away from zero.",
        ),
        req("grades", Kind::Kinds { common: &GRADES, kinds: &GRADE_KINDS }, "等级", "How totals become grades."),
    ],
};

pub(crate) static IN_FORCE: Shape = Shape {
    name: "in force",
    zh: "施行期间",
    en: "From when until when a version holds.",
    fields: &[
        opt("from", Kind::Date, "首日", "First day in force."),
        opt("until", Kind::Date, "失效日", "First day no longer in force."),
    ],
};

static PARAMETER: Shape = Shape {
    name: "parameter of a card",
    zh: "参数",
    en: "A value that whoever scores may set.",
    fields: &[
        req("meaning", Kind::Bilingual, "含义", "What it means."),
        req("value", Kind::Fact, "默认值", "The value that holds unless another is given."),
    ],
};

pub(crate) static TABLE: Shape = Shape {
    name: "table",
    zh: "数据表",
    en: "Which columns name the firm, its group and its parcel. Each key lists the heads by which the column may go.",
    fields: &[
        req(
            "firm",
            Kind::List(&Kind::Text),
            "企业列的表头",
            "Heads of the column that names the firm; no firm stands twice.",
        ),
        opt(
            "group",
            Kind::List(&Kind::Text),
            "分组列的表头",
            "Heads of the column of groups, such as industries, within which rows are compared.",
        ),
        opt(
            "parcel",
            Kind::List(&Kind::Text),
            "宗地列的表头",
            "Heads of the column of parcels. Firms on one parcel are joined: their figures are summed and they share \
             the result. An empty cell stands alone.",
        ),
    ],
};

pub(crate) static COLUMN: Shape = Shape {
    name: "column",
    zh: "数据列",
    en: "A figure of each row.",
    fields: &[
        req("name", Kind::Bilingual, "名称", "Name for people."),
        def("kind", Kind::OneOf(COLUMN_KINDS), "\"number\"", "类型", "What its cells hold."),
        def("unit", Kind::Text, "\"\"", "单位", "Unit of the figures."),
        def(
            "decimals",
            Kind::Count { min: 0, max: 9 },
            "4",
            "小数位",
            "Decimals kept; figures with more are rounded half away from zero, and how many were is told; bounds are held against nine.",
        ),
        opt(
            "headers",
            Kind::List(&Kind::Text),
            "表头",
            "Heads by which the column may go, besides its id and its names.",
        ),
        def("blank", Kind::OneOf(BLANK), "\"missing\"", "空格", "What an empty cell means."),
        opt("at_least", Kind::Decimal, "最小合理值", "Least plausible figure; less is an error of the table."),
        opt(
            "at_most",
            Kind::Decimal,
            "最大合理值",
            "Greatest plausible figure; more is an error of the table, such as 元 written for 万元.",
        ),
        opt(
            "typical",
            Kind::Decimal,
            "通常大小",
            "Usual magnitude of figures in 万元 and the like: of one about ten thousand times as large it is asked whether it is 元.",
        ),
        opt("words", Kind::List(&Kind::Text), "可选词", "For words: all that may stand there. Left out: any word."),
    ],
};

const COLUMN_KINDS: &[Word] = &[
    word("number", "数字", "Decimal numbers."),
    word("yes-no", "是否", "`yes`, `no`, `是`, `否`, `1`, `0`, `true`, `false`; empty is no."),
    word("word", "词", "Words."),
];

const BLANK: &[Word] = &[
    word("missing", "缺数据", "The figure is missing."),
    word("zero", "零", "It is zero."),
    word("refuse", "错误", "An error of the table."),
];

pub(crate) static INDICATOR: Shape = Shape {
    name: "indicator",
    zh: "指标",
    en: "A quantity made of columns: `times × of ÷ over`, rounded once, half away from zero.",
    fields: &[
        req("name", Kind::Bilingual, "名称", "Name for people."),
        def("unit", Kind::Text, "\"\"", "单位", "Unit."),
        def("decimals", Kind::Count { min: 0, max: 9 }, "4", "小数位", "Decimals kept."),
        req("of", Kind::Text, "被除数", "Columns joined by `+` and `-`."),
        opt("over", Kind::Text, "除数", "Columns joined by `+` and `-`."),
        def("times", Kind::Decimal, "\"1\"", "倍数", "Factor, such as 100 for a percentage."),
        def(
            "zero_divisor",
            Kind::OneOf(ZERO_DIVISOR),
            "\"refuse\"",
            "除数为零",
            "What a divisor of zero or less means.",
        ),
    ],
};

const ZERO_DIVISOR: &[Word] = &[
    word("refuse", "错误", "An error of the table, named by row."),
    word("missing", "缺数据", "The indicator is missing for the row."),
];

static ITEM: Shape = Shape {
    name: "item",
    zh: "评分项",
    en: "What gives points. Of several ways the one that gives most counts. Points are never below zero.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        opt("dimension", Kind::Text, "维度", "Id of its dimension."),
        def("role", Kind::OneOf(ROLES), "\"base\"", "作用", "What it does to the total."),
        req("points", Kind::Decimal, "满分（权重）", "Full points: the weight of a linear way."),
        opt(
            "cap",
            Kind::Either(&[Kind::OneOf(NO_CAP), Kind::Percent]),
            "上限，占满分比例",
            "Most points as a share of the full points. Left out: 100 %, and for an item with a linear way there is no default: \
             it must be said.",
        ),
        def("missing", Kind::OneOf(MISSING), "\"zero\"", "缺数据", "What holds when no way has a value."),
        req(
            "ways",
            Kind::List(&Kind::Kinds { common: &WAY, kinds: &WAY_KINDS }),
            "计分方式",
            "Ways to earn the points.",
        ),
    ],
};

const NO_CAP: &[Word] = &[word("none", "不封顶", "No cap.")];

const ROLES: &[Word] = &[
    word("base", "基本分", "Part of the full points."),
    word("bonus", "加分", "Added."),
    word("malus", "扣分", "Taken away."),
];

const MISSING: &[Word] = &[
    word("zero", "零分", "No points."),
    word("mean-points", "平均分", "The mean points of the rows of its group that have a value, rounded half up."),
    word(
        "renormalise",
        "剔除并折算",
        "The item is left out and the other base items count for more, in proportion; a line of its own has the factor and what it adds.",
    ),
    word("refuse", "错误", "An error of the table, named by row."),
];

static WAY: Shape = Shape {
    name: "way",
    zh: "计分方式",
    en: "One way to earn points. Its `kind` says which further keys it has.",
    fields: &[
        req("kind", Kind::Text, "类型", "One of the kinds below."),
        req("of", Kind::Text, "指标", "An indicator or a column."),
    ],
};

pub(crate) static WAY_KINDS: [Shape; 5] = [
    Shape {
        name: "linear",
        zh: "按基准值比例",
        en: "Full points times value over benchmark.",
        fields: &[req(
            "base",
            Kind::Either(&[Kind::Decimal, Kind::Table(&BASE)]),
            "基准值",
            "A published number, or how it is found in the table. One of zero or less is an error, unless all have zero: then the item's `missing` holds.",
        )],
    },
    Shape {
        name: "min-max",
        zh: "极差标准化",
        en: "Between the least and the greatest value, in proportion. Where all are alike, all get the points of the greatest.",
        fields: &[
            def("low", Kind::Percent, "\"0 %\"", "最小值得分", "Share of the full points that the least value gets."),
            def(
                "high",
                Kind::Percent,
                "\"100 %\"",
                "最大值得分",
                "Share of the full points that the greatest value gets.",
            ),
            def("within", Kind::OneOf(WITHIN), "\"group\"", "比较范围", "Who is compared."),
        ],
    },
    Shape {
        name: "steps",
        zh: "分档",
        en: "By a table of steps; the first that holds gives the points.",
        fields: &[
            def(
                "comparison",
                Kind::OneOf(COMPARISONS),
                "\">=\"",
                "比较",
                "How the value is compared with a step's bound.",
            ),
            req("steps", Kind::List(&Kind::Table(&STEP)), "各档", "Steps, best first."),
            def("otherwise", Kind::Decimal, "\"0\"", "其余", "Points when none holds."),
        ],
    },
    Shape {
        name: "per-unit",
        zh: "每满一单位",
        en: "So many points for each full unit; the item's cap bounds them.",
        fields: &[
            req("each", Kind::Decimal, "单位量", "How much makes a unit."),
            req("points", Kind::Decimal, "每单位得分", "Points for each."),
        ],
    },
    Shape {
        name: "choice",
        zh: "按类别",
        en: "By a word, or `yes` and `no`.",
        fields: &[
            req("points", Kind::Map(&Kind::Decimal), "得分", "Points by word."),
            def("otherwise", Kind::Decimal, "\"0\"", "其余", "Points for any other."),
        ],
    },
];

static BASE: Shape = Shape {
    name: "base",
    zh: "基准值",
    en: "A benchmark that is found in the table: a mean or a quantile.",
    fields: &[
        opt("mean", Kind::OneOf(MEANS), "平均", "Which mean."),
        opt(
            "quantile",
            Kind::Percent,
            "分位数",
            "The value at this share of the rows from below, by nearest rank: the ⌈share · n⌉-th.",
        ),
        def("times", Kind::Decimal, "\"1\"", "倍数", "Multiple of it."),
        def("within", Kind::OneOf(WITHIN), "\"group\"", "范围", "Of whom; without groups, of all."),
    ],
};

const MEANS: &[Word] = &[
    word(
        "totals",
        "合计之比",
        "The total of what is divided over the total of what it is divided by: the region's mean.",
    ),
    word("rows", "各行平均", "The mean of the rows' values, each row alike."),
];

const WITHIN: &[Word] = &[word("group", "本组", "The rows of the same group."), word("all", "全部", "All rows.")];

const COMPARISONS: &[Word] = &[
    word(">=", "不低于", "At least the bound."),
    word(">", "高于", "Above it."),
    word("<=", "不高于", "At most the bound."),
    word("<", "低于", "Below it."),
    word("=", "等于", "Equal to it."),
];

static STEP: Shape = Shape {
    name: "step",
    zh: "一档",
    en: "One step.",
    fields: &[req("bound", Kind::Decimal, "界限", "Bound."), req("points", Kind::Decimal, "得分", "Points.")],
};

pub(crate) const RULE_ANY: &str = "Alternatives, any of which is enough. Each is a list of tests joined by ` and `: `revenue >= 1000`, \
     `sector = industry`, `award` (yes), `not award` (no). Tests name columns, indicators, dimensions and `total`, and do not \
     hold for what is missing.";

static GATE: Shape = Shape {
    name: "gate",
    zh: "门槛",
    en: "What must hold to qualify.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("any_of", Kind::List(&Kind::Text), "任一成立", RULE_ANY),
    ],
};

static VETO: Shape = Shape {
    name: "veto",
    zh: "一票否决",
    en: "What worsens a grade. Those it hits are ranked and counted like all others first.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("any_of", Kind::List(&Kind::Text), "任一成立", RULE_ANY),
        req("not_above", Kind::Text, "不高于", "No better grade than this."),
    ],
};

static EXEMPTION: Shape = Shape {
    name: "exemption",
    zh: "不参评",
    en: "Who is not evaluated. Its tests do not name points.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("any_of", Kind::List(&Kind::Text), "任一成立", RULE_ANY),
        def("mark", Kind::Text, "\"T\"", "标记", "What stands in place of a grade."),
    ],
};

static ROUNDING: Shape = Shape {
    name: "rounding",
    zh: "四舍五入",
    en: "Decimals kept.",
    fields: &[
        def("points", Kind::Count { min: 0, max: 9 }, "6", "各项得分", "Of each item's points."),
        def("total", Kind::Count { min: 0, max: 9 }, "2", "总分", "Of the total, which ranks and grades use."),
    ],
};

static GRADES: Shape = Shape {
    name: "grades",
    zh: "等级",
    en: "How totals become grades. Its `kind` says which further keys it has.",
    fields: &[req("kind", Kind::Text, "类型", "One of the kinds below.")],
};

pub(crate) static GRADE_KINDS: [Shape; 3] = [
    Shape {
        name: "quantile",
        zh: "按名次",
        en: "By rank.",
        fields: &[
            req("cuts", Kind::List(&Kind::Table(&CUT)), "各等级", "Grades, best first; the last goes to 100 %."),
            def(
                "rounding",
                Kind::OneOf(ROUNDINGS),
                "\"half-up\"",
                "名额取整",
                "How a share of the rows becomes a count.",
            ),
            def(
                "ties",
                Kind::OneOf(TIES),
                "\"better\"",
                "同分",
                "Which grade equal totals share where a cut falls between them.",
            ),
            opt(
                "tie_break",
                Kind::List(&Kind::Text),
                "同分再比",
                "Indicators that order equal totals; more is better.",
            ),
            def("within", Kind::OneOf(WITHIN), "\"group\"", "范围", "Among whom; without groups, among all."),
        ],
    },
    Shape {
        name: "bands",
        zh: "按分数",
        en: "By the total.",
        fields: &[
            req("bands", Kind::List(&Kind::Table(&BAND)), "各等级", "Grades, best first."),
            req("otherwise", Kind::Text, "其余", "The grade below all bands."),
        ],
    },
    Shape {
        name: "gates",
        zh: "按门槛",
        en: "By the gates.",
        fields: &[
            req("qualified", Kind::Text, "符合", "The grade when all gates hold."),
            req("otherwise", Kind::Text, "不符合", "The grade when one does not."),
        ],
    },
];

static CUT: Shape = Shape {
    name: "cut",
    zh: "名额",
    en: "Up to which share of the ranks a grade goes.",
    fields: &[
        req("grade", Kind::Text, "等级", "Name of the grade."),
        req("to", Kind::Percent, "累计比例", "Share from the top, counted from the first rank."),
    ],
};

const ROUNDINGS: &[Word] = &[
    word("half-up", "四舍五入", "To the nearest, halves up."),
    word("down", "舍去", "Down: a grade never gets more than its share."),
    word("up", "进位", "Up: it never gets less."),
];

const TIES: &[Word] = &[word("better", "就高", "The better grade."), word("worse", "就低", "The worse grade.")];

static BAND: Shape = Shape {
    name: "band",
    zh: "分数段",
    en: "A grade and its least total.",
    fields: &[
        req("grade", Kind::Text, "等级", "Name of the grade."),
        req("from", Kind::Decimal, "起始分", "Least total."),
    ],
};
