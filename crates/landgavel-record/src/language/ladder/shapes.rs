//! The tables of a ladder and of a file of facts.

use super::super::shape::{Kind, Shape, def, opt, req, word};
use super::super::shapes::CITATION;

pub(crate) static LADDER: Shape = Shape {
    name: "ladder",
    zh: "企业梯度",
    en: "The rungs of an enterprise ladder, each with the versions of its standard. The version in force on a day is taken; a version that is known to hold, but whose numbers are not, is `pending`.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-ladder/1", "梯度格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识", "Path-like id."),
        req("title", Kind::Bilingual, "标题", "Title."),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        req(
            "rungs",
            Kind::List(&Kind::Table(&RUNG)),
            "梯级",
            "Rungs, lowest first: standing on one asks for those below.",
        ),
        def("beside", Kind::List(&Kind::Table(&RUNG)), "[]", "另列", "Standards that are told beside the ladder."),
    ],
};

static RUNG: Shape = Shape {
    name: "rung",
    zh: "梯级",
    en: "A rung: a standard that figures meet or do not.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("versions", Kind::List(&Kind::Text), "各版本", "Paths of the scorecards, from this file."),
        opt("pending", Kind::Table(&PENDING), "缺文本的版本", "A version in force whose numbers are not known here."),
    ],
};

static PENDING: Shape = Shape {
    name: "pending version",
    zh: "缺文本的版本",
    en: "A version that holds, but whose numbers were not found.",
    fields: &[
        req("from", Kind::Date, "首日", "First day in force."),
        req("what", Kind::Bilingual, "说明", "What it is, and what is missing."),
    ],
};

pub(crate) static FACTS: Shape = Shape {
    name: "facts",
    zh: "企业情况",
    en: "The facts of one enterprise, by the heads that the scorecards know. A fact that is left out is not known.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-facts/1", "企业情况格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("firm", Kind::Text, "企业", "Name of the enterprise."),
        def("sample", Kind::YesNo, "false", "是否为样本", "The enterprise is invented."),
        req(
            "facts",
            Kind::Map(&Kind::Fact),
            "情况",
            "Facts by head, such as `main_revenue` or `主营业务收入`: numbers in the column's unit, words, true or false.",
        ),
    ],
};
