//! The tables of a policy book.

use super::super::scorecard::{COLUMN, IN_FORCE, INDICATOR, RULE_ANY, TABLE};
use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::super::shapes::CITATION;

pub(crate) static POLICY_BOOK: Shape = Shape {
    name: "policy book",
    zh: "产业政策汇编",
    en: "Policies of a place by industry and zone (一业一策), with the catalogue of industries that they name: who is entitled to what.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-policy-book/1", "政策汇编格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识", "Path-like id: place, then name."),
        req("version", Kind::Text, "版本", "Version. A published version never changes."),
        req("title", Kind::Bilingual, "标题", "Title."),
        def("in_force", Kind::Table(&IN_FORCE), "{}", "施行期间", "From when until when it is in force."),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        def("sample", Kind::YesNo, "false", "是否为样本", "The policies are invented."),
        def("tiers", Kind::List(&Kind::Table(&TIER)), "[]", "目录层次", "Tiers of the catalogue, such as 4+4+X."),
        def("industries", Kind::List(&Kind::Table(&INDUSTRY)), "[]", "产业目录", "Industries that are known by name."),
        def("zones", Kind::List(&Kind::Table(&ZONE)), "[]", "园区平台", "Zones and platforms."),
        req("table", Kind::Table(&TABLE), "数据表", "How the table of facts is read."),
        req(
            "columns",
            Kind::Map(&Kind::Table(&COLUMN)),
            "数据列",
            "Facts of each firm, by id. The columns `industry` and `zone` are there by themselves where a policy names some.",
        ),
        def("indicators", Kind::Map(&Kind::Table(&INDICATOR)), "{}", "指标", "Quantities made of columns, by id."),
        req("policies", Kind::List(&Kind::Table(&POLICY)), "政策", "The policies."),
    ],
};

static TIER: Shape = Shape {
    name: "tier",
    zh: "目录层次",
    en: "A tier of the catalogue.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name."),
        opt(
            "count",
            Kind::Count { min: 1, max: 200 },
            "个数",
            "How many industries it has; those without a name here are told as not found. Left out: open.",
        ),
    ],
};

static INDUSTRY: Shape = Shape {
    name: "catalogue industry",
    zh: "产业",
    en: "An industry of the catalogue.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name; the Chinese one, without spaces, is what a table writes."),
        req("tier", Kind::Id, "层次", "Id of its tier."),
    ],
};

static ZONE: Shape = Shape {
    name: "zone",
    zh: "园区平台",
    en: "A zone or platform.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name; the Chinese one, without spaces, is what a table writes."),
    ],
};

static POLICY: Shape = Shape {
    name: "policy",
    zh: "政策",
    en: "What a firm is entitled to, and on which conditions; all of `industries`, `zones` and `any_of` that stand here must hold.",
    fields: &[
        req("id", Kind::Id, "标识", "Id."),
        req("name", Kind::Bilingual, "名称", "Name."),
        def("effect", Kind::OneOf(EFFECTS), "\"support\"", "作用", "What it does to the firm."),
        req("benefit", Kind::Bilingual, "内容", "What it gives or asks."),
        opt(
            "amount",
            Kind::Bilingual,
            "金额",
            "How much, as published. Left out: it was not published, and that is told.",
        ),
        opt(
            "industries",
            Kind::List(&Kind::Id),
            "适用产业",
            "Ids of industries, one of which the firm is in. Left out: any.",
        ),
        opt(
            "zones",
            Kind::List(&Kind::Id),
            "适用园区",
            "Ids of zones, one of which the firm is in. Left out: anywhere.",
        ),
        opt("any_of", Kind::List(&Kind::Text), "任一成立", RULE_ANY),
    ],
};

const EFFECTS: &[Word] =
    &[word("support", "支持", "It is given to the firm."), word("restraint", "约束", "It is asked of the firm.")];
