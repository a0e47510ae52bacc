use super::super::shape::{Kind, Shape, Word, opt, req, word};

static EXIT_FORMS: [Kind; 3] = [Kind::OneOf(EXIT_WORDS), Kind::Table(&BACK), Kind::Table(&GO)];

const EXIT_WORDS: &[Word] = &[
    word("win", "成交", "The leader (with k winners the first k of the ranking) wins provisionally."),
    word("pass-in", "流拍", "Unsold."),
    word("next", "进入下一阶段", "Survivors go to the following stage, by the defaults of the form with `to`."),
];

pub(crate) static EXITS: Shape = Shape {
    name: "exits",
    zh: "出口",
    en: "Where each ending of the stage leads.",
    fields: &[
        opt(
            "settled",
            Kind::Either(&EXIT_FORMS),
            "有人领先而未触顶",
            "Somebody leads below any cap; a value was taken; a ticket was drawn; a score is best. Left out: `win`.",
        ),
        opt(
            "capped",
            Kind::Either(&EXIT_FORMS),
            "触顶",
            "The cap was reached. Left out: `next`, or `win` in the last stage.",
        ),
        opt("empty", Kind::Either(&EXIT_FORMS), "无人有效报价", "Nobody made a valid offer. Left out: `pass-in`."),
        opt(
            "below_reserve",
            Kind::Either(&EXIT_FORMS),
            "未达底价",
            "The best did not meet the reserve. Left out: `pass-in`.",
        ),
        opt(
            "overdue",
            Kind::Either(&EXIT_FORMS),
            "逾期未揭示",
            "A commitment, marks or a beacon were not shown in time. Left out: `pass-in`.",
        ),
        opt(
            "tied",
            Kind::Either(&[Kind::OneOf(TIE_WORDS), Kind::OneOf(EXIT_WORDS), Kind::Table(&BACK), Kind::Table(&GO)]),
            "并列",
            "Several are equally best. Left out: `earliest`.",
        ),
    ],
};

const TIE_WORDS: &[Word] = &[
    word("earliest", "先报者优先", "The earlier offer wins."),
    word("lower", "取低者", "The lower value wins (two values equally near), then the earlier."),
    word("higher", "取高者", "The higher value wins (two values equally near), then the earlier."),
];

static BACK: Shape = Shape {
    name: "back",
    zh: "回到前一阶段结果",
    en: "The best of an earlier stage wins.",
    fields: &[req("back", Kind::Stage, "阶段", "An earlier stage that ranks offers.")],
};

static GO: Shape = Shape {
    name: "go",
    zh: "进入某阶段",
    en: "Survivors go to a later stage. An exit never leads to the same or an earlier stage; an attribute may come back \
         in a later one.",
    fields: &[
        req("to", Kind::Stage, "阶段", "A later stage."),
        opt(
            "survivors",
            Kind::Either(&[Kind::OneOf(SURVIVORS), Kind::Table(&TOP)]),
            "谁进入",
            "Who goes. Left out: after `capped` the acceptors, after `settled` and `below_reserve` the active, after `tied` the tied, after `empty` and `overdue` the field.",
        ),
        opt(
            "at_least",
            Kind::Count { min: 1, max: 1_000_000 },
            "最少人数",
            "Only if they are at least so many. Left out: 2; after `empty`, `below_reserve` and `overdue` 1. 1 sends even a single survivor on.",
        ),
        opt(
            "otherwise",
            Kind::Either(&EXIT_FORMS),
            "否则",
            "What happens when they are fewer. Left out: `win` (a single survivor wins); `pass-in` when `at_least` is 1, or after `empty`, `below_reserve` and `overdue`.",
        ),
    ],
};

const SURVIVORS: &[Word] = &[
    word("acceptors", "接受者", "Those who bid or accepted the cap, the clock's value or the posted value."),
    word("active", "本阶段有效报价者", "Those with a valid offer in this stage."),
    word("field", "本阶段全体", "All who entered this stage."),
    word("admitted", "全体竞买人", "All admitted bidders, also those who fell out before."),
    word("tied", "并列者", "Those equally best."),
];

static TOP: Shape = Shape {
    name: "top",
    zh: "前几名",
    en: "The best so many.",
    fields: &[req("top", Kind::Count { min: 1, max: 1_000_000 }, "名数", "How many.")],
};
