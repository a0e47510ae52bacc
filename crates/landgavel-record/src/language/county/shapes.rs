//! The tables of a file of county figures.

use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::super::shapes::CITATION;

pub(crate) static COUNTY_FIGURES: Shape = Shape {
    name: "county figures",
    zh: "县域工业数据",
    en: "Published figures of counties, each with its period, its certainty and its source. What nobody published is left out and told as missing.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-county-figures/1", "县域数据格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识", "Path-like id: place, then period."),
        req("title", Kind::Bilingual, "标题", "Title."),
        opt(
            "sources",
            Kind::Map(&Kind::Table(&CITATION)),
            "出处表",
            "Citations by id; `source = \"id\"` points to them.",
        ),
        def("sample", Kind::YesNo, "false", "是否为样本", "The figures are invented."),
        req("card", Kind::Text, "评价表", "Path of the scorecard by which counties are compared, from this file."),
        req("subject", Kind::Id, "对象", "Id of the county that the board is about."),
        opt("reference", Kind::Id, "参照", "Id of the area that it is held against, such as the province."),
        opt("peers", Kind::Table(&PEERS), "同类", "How many counties are compared, published or not."),
        req("places", Kind::Map(&Kind::Table(&PLACE)), "地区", "Places, by id."),
        req(
            "indicators",
            Kind::Map(&Kind::Table(&INDICATOR)),
            "指标",
            "What is told, by id. An id of a column of the card is compared by the card.",
        ),
        req("figures", Kind::List(&Kind::Table(&FIGURE)), "数字", "The figures."),
    ],
};

static PEERS: Shape = Shape {
    name: "peers",
    zh: "同类",
    en: "The counties that are compared.",
    fields: &[
        req("count", Kind::Count { min: 1, max: 5_000 }, "个数", "How many there are."),
        req("name", Kind::Bilingual, "名称", "What they are."),
    ],
};

static PLACE: Shape = Shape {
    name: "place",
    zh: "地区",
    en: "A place with figures of its own.",
    fields: &[
        req("name", Kind::Bilingual, "名称", "Name."),
        def("kind", Kind::OneOf(PLACE_KINDS), "\"county\"", "类型", "Counties are compared with counties only."),
    ],
};

const PLACE_KINDS: &[Word] = &[
    word("county", "县（市、区）", "A county, a county-level city or a district."),
    word("city", "设区市", "A city with districts."),
    word("province", "省", "A province."),
];

static INDICATOR: Shape = Shape {
    name: "county indicator",
    zh: "指标",
    en: "What a figure tells.",
    fields: &[
        req("name", Kind::Bilingual, "名称", "Name for people."),
        req("unit", Kind::Text, "单位", "Unit of its figures. Only figures in `%` are held against the reference."),
        req("meaning", Kind::Bilingual, "口径", "What is counted, as far as it was published."),
    ],
};

static FIGURE: Shape = Shape {
    name: "county figure",
    zh: "数字",
    en: "One published figure.",
    fields: &[
        req("place", Kind::Id, "地区", "Id of the place."),
        req("of", Kind::Id, "指标", "Id of the indicator."),
        req("value", Kind::Decimal, "数值", "The number, with at most four decimals."),
        def("is", Kind::OneOf(CERTAINTIES), "\"exact\"", "确定程度", "How far the number is known."),
        req("from", Kind::Date, "起", "First day that it counts."),
        req("to", Kind::Date, "止", "Last day that it counts."),
        opt("computed", Kind::Bilingual, "推算", "The number was not printed but follows from printed ones: how."),
        def("forecast", Kind::YesNo, "false", "预计", "The publisher expected it; it was not counted yet."),
    ],
};

const CERTAINTIES: &[Word] = &[
    word("exact", "等于", "The number as published."),
    word("over", "超过", "More than the number. It stays so: it is ranked and scored nowhere."),
    word("at-least", "不低于", "The number or more."),
];
