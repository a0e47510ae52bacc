use super::super::shape::{Kind, Shape, def, opt, req, word};
use super::CITATION;

pub(crate) static LOT: Shape = Shape {
    name: "lot",
    zh: "出让标的",
    en: "The land under one rulebook: parcel, values of the parameters, calendar.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-lot/1", "标的格式第一版", "Version 1 of this language.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::PathId, "标识", "Path-like id of the lot."),
        req("title", Kind::Bilingual, "标题", "Title."),
        req("rulebook", Kind::Text, "规则文件", "Path of the rulebook, relative to this file, with `/`."),
        def("attempt", Kind::Count { min: 1, max: 1000 }, "1", "第几次出让", "Which attempt to sell this is."),
        opt(
            "previous_sole_applicant",
            Kind::Text,
            "上次唯一申请人代号",
            "Code of the sole applicant of the attempt before, if there was exactly one.",
        ),
        def("sample", Kind::YesNo, "false", "虚构示例", "The lot is invented."),
        opt("sources", Kind::Map(&Kind::Table(&CITATION)), "出处表", "Citations by id."),
        opt(
            "values",
            Kind::Map(&Kind::Amount("its parameter")),
            "参数值",
            "Value of each parameter of the rulebook; those with a default may be left out.",
        ),
        req("calendar", Kind::Map(&Kind::Instant), "日历", "When each moment of the rulebook is."),
        opt(
            "commitments",
            Kind::Map(&Kind::Table(&COMMITMENT)),
            "承诺值",
            "Hashes of secret caps and reserves that stand in the notice, by stage.",
        ),
        req("parcel", Kind::Table(&PARCEL), "宗地", "The land."),
    ],
};

static COMMITMENT: Shape = Shape {
    name: "commitment",
    zh: "承诺值",
    en: "Salted hashes of the secret values of one stage.",
    fields: &[
        opt("cap", Kind::Digest, "上限", "Hash of the cap."),
        opt("reserve", Kind::Digest, "底价", "Hash of the reserve."),
    ],
};

static PARCEL: Shape = Shape {
    name: "parcel",
    zh: "宗地",
    en: "A piece of land as the cadastre and the plan describe it.",
    fields: &[
        opt("id", Kind::Text, "宗地编号", "The seller's id of the parcel. Left out: the id of the lot."),
        req("name", Kind::Bilingual, "名称", "What people call it."),
        req("location", Kind::Bilingual, "坐落", "Where it lies."),
        opt("unit_number", Kind::Text, "不动产单元号", "Real estate unit number, 28 characters."),
        req("area", Kind::Amount("area"), "面积", "Area granted, such as `\"20000 m2\"`; down to 0.01 m²."),
        opt(
            "outline",
            Kind::List(&Kind::Text),
            "界址点",
            "Corners of the boundary in order, each `\"longitude latitude\"` in degrees of CGCS2000 (EPSG 4490), for maps.",
        ),
        req(
            "land_use",
            Kind::Either(&[Kind::Text, Kind::Table(&LAND_USE)]),
            "用途代码",
            "Code of the planned use. A code of the embedded classification brings its name; any other wants the table.",
        ),
        opt("industries", Kind::List(&Kind::Text), "准入行业", "Codes of GB/T 4754 that are admitted."),
        req("term", Kind::Period, "出让年限", "Years of the right to be granted."),
        opt(
            "conditions",
            Kind::List(&Kind::Table(&CONDITION)),
            "规划和产业指标",
            "What the plan and the notice demand of whoever builds there.",
        ),
    ],
};

static LAND_USE: Shape = Shape {
    name: "land use",
    zh: "土地用途",
    en: "A land use by its code in a published classification.",
    fields: &[
        req("code", Kind::Text, "代码", "Code."),
        req("name", Kind::Bilingual, "名称", "Name in the classification."),
    ],
};

static CONDITION: Shape = Shape {
    name: "condition",
    zh: "规划条件",
    en: "A bound on one indicator of the parcel. Both bounds are themselves allowed.",
    fields: &[
        req("id", Kind::Id, "标识", "Id of the indicator, such as `far`."),
        req("name", Kind::Bilingual, "名称", "Name of the indicator."),
        def("unit", Kind::Text, "\"1\"", "单位", "Unit of both bounds; `1` for a pure number."),
        opt("min", Kind::Decimal, "下限", "Least value allowed; keeps the decimals it is written with."),
        opt("max", Kind::Decimal, "上限", "Greatest value allowed."),
    ],
};

pub(crate) static CALENDAR_FILE: Shape = Shape {
    name: "working calendar",
    zh: "工作日历",
    en: "Working days of a place, year by year. Monday to Friday are worked except the days off; Saturday and Sunday \
         are off except the days worked in exchange.",
    fields: &[
        req(
            "format",
            Kind::OneOf(&[word("landgavel-calendar/1", "日历格式第一版", "Version 1.")]),
            "格式",
            "Format of the file.",
        ),
        req("id", Kind::Id, "标识", "Id of the calendar."),
        req("name", Kind::Bilingual, "名称", "Name."),
        req("first_year", Kind::Count { min: 1, max: 9999 }, "首年", "First year covered."),
        req("last_year", Kind::Count { min: 1, max: 9999 }, "末年", "Last year covered."),
        req("years", Kind::List(&Kind::Table(&YEAR)), "各年", "One table per year."),
    ],
};

static YEAR: Shape = Shape {
    name: "calendar year",
    zh: "年",
    en: "The exceptions of one year.",
    fields: &[
        req("year", Kind::Count { min: 1, max: 9999 }, "年份", "The year."),
        def("days_off", Kind::List(&Kind::Date), "[]", "放假的工作日", "Mondays to Fridays that are not worked."),
        def("days_worked", Kind::List(&Kind::Date), "[]", "调休上班日", "Saturdays and Sundays that are worked."),
    ],
};
