//! The tables of the language, one file per part.

mod admission;
mod award;
mod exits;
mod lot;
mod rulebook;
mod stage_parts;
mod stages;

use super::shape::{Field, Kind, Shape, opt, req};

pub(crate) use admission::ADMISSION;
pub(crate) use award::{AWARD, OBLIGATION};
pub(crate) use exits::EXITS;
pub(crate) use lot::{CALENDAR_FILE, LOT};
pub(crate) use rulebook::{INFORMATION, RULEBOOK};
pub(crate) use stages::{STAGE, STAGE_KINDS};

pub(crate) static BILINGUAL: Shape = Shape {
    name: "text",
    zh: "双语文字",
    en: "A text for people in both languages. A plain text stands for both, with a warning.",
    fields: &[
        req("zh", Kind::Text, "中文，以中文为准", "Chinese; the leading text."),
        req("en", Kind::Text, "英文", "English beside it."),
    ],
};

pub(crate) static CITATION: Shape = Shape {
    name: "citation",
    zh: "出处",
    en: "A published text that a clause or a number comes from.",
    fields: CITATION_FIELDS,
};

const CITATION_FIELDS: &[Field] = &[
    req("law", Kind::Text, "法规、公告、报道的名称或文号", "Title or number of the law, notice or report."),
    opt("article", Kind::Text, "条款或页", "Article, clause or page."),
    opt("url", Kind::Text, "网址", "Public address."),
    opt("read_on", Kind::Date, "查阅日", "Day on which it was read."),
];

pub(crate) static MONEY: Shape = Shape {
    name: "money",
    zh: "金额",
    en: "A sum of money with limits.",
    fields: &[
        req("amount", Kind::Money, "金额表达式", "Money expression."),
        opt("at_most", Kind::Money, "不高于；须为固定金额", "Never more than this; a fixed sum."),
        opt("at_least", Kind::Money, "不低于；须为固定金额", "Never less than this; a fixed sum."),
    ],
};

pub(crate) static WINDOW: Shape = Shape {
    name: "window",
    zh: "时间窗口",
    en: "A period in which something may be done: closed at its start, open at its end.",
    fields: &[
        opt(
            "opens",
            Kind::Moment,
            "开启时点；不写则阶段开始（报名窗口则销售开启）即开启",
            "Opens at this moment or when the stage starts, whichever is later. Left out: when the stage starts; \
             for applications, when the sale is opened.",
        ),
        req(
            "closes",
            Kind::WindowEnd,
            "关闭时点，或开启后的时长",
            "Closes at this moment, or so long after it opened.",
        ),
    ],
};
