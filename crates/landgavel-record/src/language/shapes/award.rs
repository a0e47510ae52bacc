use super::super::shape::{Kind, Shape, Word, def, opt, req, word};

pub(crate) static AWARD: Shape = Shape {
    name: "award",
    zh: "成交",
    en: "From the last stage to the confirmation of sale.",
    fields: &[
        def(
            "winners",
            Kind::Count { min: 1, max: 100_000 },
            "1",
            "竞得人数",
            "Number of winners (k): the first k of the deciding ranking.",
        ),
        opt(
            "pays",
            Kind::Map(&Kind::Either(&[Kind::OneOf(PAYS), Kind::Table(&PAYS_AMOUNT)])),
            "支付规则",
            "What a winner pays, by attribute. Attributes left out: its own offer.",
        ),
        opt(
            "qualification",
            Kind::Table(&QUALIFICATION),
            "资格后审",
            "Examination of the provisional winner. Left out: there is none.",
        ),
        opt(
            "confirmation",
            Kind::Within,
            "成交确认期限",
            "Time for the winner to sign the confirmation; who does not sign in time is in default. Left out: the award is final at once.",
        ),
        opt(
            "cascade",
            Kind::Table(&CASCADE),
            "递补",
            "The runner-up follows a winner that fails. Left out: nobody follows, the lot passes in.",
        ),
    ],
};

const PAYS: &[Word] = &[
    word("own", "本人报价", "Its own offer."),
    word("second", "第二高报价", "The second best standing offer of the deciding stage; its own when there is none."),
    word("lowest-accepted", "最低中选价", "For all winners the worst winning offer."),
    word(
        "highest-rejected",
        "最高落选价",
        "For all winners the best losing offer; the worst winning one when nobody lost.",
    ),
];

static PAYS_AMOUNT: Shape = Shape {
    name: "pays amount",
    zh: "指定数额",
    en: "A named amount.",
    fields: &[
        req(
            "amount",
            Kind::Amount("the attribute"),
            "数额",
            "What every winner pays, such as `\"price.cap + price.step\"`.",
        ),
        opt(
            "when",
            Kind::Table(&WHEN_STAGE),
            "适用条件",
            "Only when this stage was held and ended so, for example after a lottery; otherwise its own offer.",
        ),
    ],
};

static QUALIFICATION: Shape = Shape {
    name: "qualification",
    zh: "资格后审",
    en: "Examination of the provisional winner.",
    fields: &[
        req("within", Kind::Within, "期限", "Time for it, from the provisional award."),
        req("silence", Kind::OneOf(SILENCE), "逾期未审", "What the officer's silence means."),
    ],
};

const SILENCE: &[Word] =
    &[word("qualifies", "视为合格", "Qualified."), word("disqualifies", "视为不合格", "Not qualified.")];

static CASCADE: Shape = Shape {
    name: "cascade",
    zh: "递补",
    en: "The next of the ranking takes the place of a winner that fails.",
    fields: &[req("at_most", Kind::Count { min: 1, max: 1000 }, "最多次数", "At most so many times.")],
};

pub(crate) static OBLIGATION: Shape = Shape {
    name: "obligation",
    zh: "义务",
    en: "A duty that arises from the sale, for each winner.",
    fields: &[
        req("id", Kind::Id, "标识", "Id of the duty."),
        req("text", Kind::Bilingual, "义务文字", "The duty in words."),
        opt(
            "when",
            Kind::Either(&[WHEN_FORMS, Kind::List(&WHEN_FORMS)]),
            "产生条件",
            "When it arises; a list: all must hold. Left out: always.",
        ),
        def("obligor", Kind::OneOf(OBLIGOR), "\"winner\"", "义务人", "Who owes it."),
        opt("amount", Kind::Money, "金额", "What is owed, when it is money."),
        opt(
            "due",
            Kind::Period,
            "期限",
            "When it is due, counted from the day after the award; a last day that is no working day moves to the next one.",
        ),
    ],
};

const OBLIGOR: &[Word] = &[word("winner", "竞得人", "The winner."), word("seller", "出让人", "The seller.")];

const WHEN_FORMS: Kind =
    Kind::Either(&[Kind::Table(&WHEN_STAGE), Kind::Table(&WHEN_PREMIUM), Kind::Table(&WHEN_REACHES)]);

static WHEN_STAGE: Shape = Shape {
    name: "when a stage ended",
    zh: "阶段结束",
    en: "A stage ended, for this reason when one is given.",
    fields: &[
        req("stage", Kind::Stage, "阶段", "Which stage."),
        opt("ended", Kind::OneOf(ENDED), "结束原因", "Why; left out: any reason."),
    ],
};

const ENDED: &[Word] = &[
    word("settled", "正常领先", "Somebody led below any cap."),
    word("capped", "触顶", "The cap was reached."),
    word("empty", "无人报价", "Nobody made a valid offer."),
    word("below-reserve", "未达底价", "The best did not meet the reserve."),
    word("overdue", "逾期未揭示", "Something that had to be shown was not."),
    word("tied", "并列", "Several were equally best and went elsewhere."),
];

static WHEN_PREMIUM: Shape = Shape {
    name: "when a premium",
    zh: "溢价",
    en: "The winner's value is so much above the start of a stage. Say `at_least` or `over`.",
    fields: &[
        req("premium_of", Kind::Stage, "阶段", "Stage whose start and attribute count."),
        opt("at_least", Kind::Percent, "不低于", "That share of the start is enough."),
        opt("over", Kind::Percent, "超过", "More than that share of the start."),
    ],
};

static WHEN_REACHES: Shape = Shape {
    name: "when a value",
    zh: "达到数额",
    en: "The winner's value of an attribute is at least this good.",
    fields: &[
        req("attribute", Kind::Attribute, "指标", "Which attribute."),
        req("reaches", Kind::Amount("the attribute"), "达到", "How good."),
    ],
};
