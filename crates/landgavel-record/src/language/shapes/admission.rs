use super::super::shape::{Kind, Shape, Word, def, opt, req, word};
use super::WINDOW;

pub(crate) static ADMISSION: Shape = Shape {
    name: "admission",
    zh: "竞买资格",
    en: "Who may take part.",
    fields: &[
        req("window", Kind::Table(&WINDOW), "报名窗口", "When applications are taken."),
        opt(
            "decide_until",
            Kind::Moment,
            "资格审定截止",
            "Last moment for the officer to decide; the first stage waits for it. Left out: when the window closes.",
        ),
        opt(
            "open_until",
            Kind::Stage,
            "迟到报名截止阶段",
            "New bidders are admitted until this stage ends, not only until the window closes.",
        ),
        def(
            "one_per_group",
            Kind::YesNo,
            "true",
            "同一集团只限一家",
            "One entrant per corporate group: a second application of the same `group` is refused.",
        ),
        def("decided_by", Kind::OneOf(DECIDING), "\"officer\"", "由谁审定", "Who decides."),
        opt("max_bidders", Kind::Count { min: 1, max: 1_000_000 }, "人数上限", "Most bidders admitted."),
        opt(
            "withdraw_until",
            Kind::Moment,
            "可撤回截止",
            "Last moment to withdraw without loss. Left out: until the first stage starts.",
        ),
        opt("bond", Kind::Table(&BOND), "竞买保证金", "Bid bond. Left out: none is asked."),
        opt(
            "requires",
            Kind::List(&Kind::Table(&REQUIREMENT)),
            "资格条件",
            "Facts that must hold of an applicant; all of them.",
        ),
        opt(
            "attempts",
            Kind::List(&Kind::Table(&ATTEMPT)),
            "各次出让",
            "One rule per attempt to sell; the last holds for all later attempts. Left out: one bidder is enough and the stages run.",
        ),
    ],
};

const DECIDING: &[Word] = &[
    word("officer", "经办人审定", "The officer, by a signed act."),
    word("rule", "条件自动审定", "The rule: whoever meets all conditions is in at once."),
];

static BOND: Shape = Shape {
    name: "bond",
    zh: "竞买保证金",
    en: "Bid bond.",
    fields: &[
        req("amount", Kind::Money, "金额", "Least amount."),
        def("forms", Kind::List(&Kind::OneOf(FORMS)), "[\"cash\"]", "形式", "Accepted forms."),
        opt("lodge_by", Kind::Moment, "缴纳截止", "Last moment to lodge it. Left out: while applications are taken."),
        opt(
            "guarantee_runs",
            Kind::Duration,
            "保函有效期",
            "A guarantee or insurance must run at least so long after the moment of lodging.",
        ),
        def("forfeits", Kind::List(&Kind::OneOf(FORFEITS)), "[\"default\"]", "不予退还情形", "What makes it forfeit."),
    ],
};

const FORMS: &[Word] = &[
    word("cash", "现金", "Cash paid in."),
    word("guarantee", "见索即付保函", "On-demand letter of guarantee."),
    word("insurance", "保证保险", "Surety insurance."),
];

const FORFEITS: &[Word] = &[
    word("default", "不签约", "The winner does not sign."),
    word("disqualification", "后审不合格", "The winner fails its examination."),
    word("unopened-seal", "密封报价不开启", "A sealed bid does not open."),
    word("late-withdrawal", "逾期撤回", "Withdrawal after the last moment for it."),
];

static REQUIREMENT: Shape = Shape {
    name: "requirement",
    zh: "资格条件",
    en: "A fact that must hold of an applicant. Say exactly one of `one_of`, `not_one_of`, `at_least`, `at_most`, `is`.",
    fields: &[
        req("fact", Kind::Text, "事实名", "Name of the fact, as applications give it."),
        opt("one_of", Kind::List(&Kind::Fact), "为其中之一", "It is one of these; a missing fact fails."),
        opt("not_one_of", Kind::List(&Kind::Fact), "不为其中任何一个", "It is none of these; a missing fact passes."),
        opt("at_least", Kind::Fact, "不小于", "It is a whole number at least this."),
        opt("at_most", Kind::Fact, "不大于", "It is a whole number at most this."),
        opt("is", Kind::Fact, "等于", "It is this: short for `one_of` with one value."),
        req("text", Kind::Bilingual, "条件文字", "The condition in words."),
    ],
};

static ATTEMPT: Shape = Shape {
    name: "attempt",
    zh: "出让次数规则",
    en: "What one attempt to sell demands.",
    fields: &[
        def(
            "min_bidders",
            Kind::Count { min: 1, max: 1_000_000 },
            "1",
            "最少竞买人数",
            "Least number of admitted bidders; with fewer the lot passes in.",
        ),
        def("sole", Kind::OneOf(SOLE), "\"proceed\"", "唯一竞买人", "What a sole bidder leads to, when one is enough."),
        def(
            "same_sole_only",
            Kind::YesNo,
            "false",
            "须为上次唯一申请人",
            "A sole bidder passes only if it was the sole applicant of the attempt before (`previous_sole_applicant` of the lot).",
        ),
    ],
};

const SOLE: &[Word] = &[
    word("proceed", "照常进行", "The stages run as for several."),
    word("pass-in", "流拍", "Unsold."),
    word("win-at-start", "按起始值成交", "It wins at the starting values."),
];
