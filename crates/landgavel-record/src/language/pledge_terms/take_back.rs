//! Taking back after a breach: its table, and what stands in it.

use landgavel_base::Period;
use landgavel_pledge::{Buildings, Forfeit, Ground, Start, TakeBackRule};

use super::super::build as common;
use super::super::finding::{Code, Problem, Sink};
use super::super::shape::{Kind, Shape, Word, def, opt, req, unknown, word};
use super::super::tree::Node;
use super::build::{CONTRACT, index, not_empty, period, share};

pub(super) static TAKE_BACK: Shape = Shape {
    name: "taking back",
    zh: "收回土地",
    en: "Taking the land back after a breach (限期整改、土地收回): against the price, less a share of it for each year of use that has begun, and buildings by \
         their rule. Land that was never begun for two years goes back without payment by `idle`, whatever stands here.",
    fields: &[
        req(
            "grounds",
            Kind::List(&Kind::Id),
            "收回事由",
            "Ids of milestones that the winner owes, of promises and of bans, at least one: a breach of one of them is a ground, as long as its claim is not paid or disputed.",
        ),
        opt(
            "rectify",
            Kind::Period,
            "限期整改",
            "Time to make the breach good, from the verdict. Left out: as long as `cure`.",
        ),
        def(
            "used_from",
            Kind::Text,
            "\"contract\"",
            "使用起算",
            "From when years of use count: `contract`, or the id of a milestone, from the day on which it was reached; one of the seller's not before its paper was entered.",
        ),
        req(
            "depreciation_per_year",
            Kind::Percent,
            "每年折旧",
            "Share of the price that each year of use takes off; a year counts once it has begun.",
        ),
        opt("buildings", Kind::Table(&BUILDINGS), "建筑物", "What is paid for buildings. Left out: nothing."),
        def(
            "forfeits",
            Kind::OneOf(FORFEITS),
            "\"unmet\"",
            "没收保证",
            "What is forfeited of what the bond holds; open claims come first, and the rest goes back.",
        ),
    ],
};

const FORFEITS: &[Word] = &[
    word("unmet", "未达节点的部分", "The tranches of milestones that were not met."),
    word("all", "全部", "All of it."),
];

static BUILDINGS: Shape = Shape {
    name: "buildings",
    zh: "建筑物补偿",
    en: "What is paid for buildings: a share of the investment shown, less a share of that for each year since the promise's milestone was reached.",
    fields: &[
        req("promise", Kind::Id, "承诺指标", "Id of the promise of investment: money, and not yearly."),
        req("share", Kind::Percent, "比例", "Share of the figure shown. No figure shown: nothing is paid."),
        req("depreciation_per_year", Kind::Percent, "每年折旧", "What each year that has begun takes off."),
    ],
};

pub(super) fn rule(node: &Node, root: &Node, cure: Period, sink: &mut Sink) -> Option<TakeBackRule> {
    let ids =
        |list: &str| -> Vec<String> { common::items(root, list).iter().map(|node| common::text(node, "id")).collect() };
    let (milestones, promises, bans) = (ids("milestones"), ids("promises"), ids("bans"));
    let is_sellers = |index: usize| {
        common::items(root, "milestones").get(index).and_then(|one| one.text_of("owed_by")) == Some("seller")
    };
    not_empty(node, "grounds", "at least one id; or leave `take_back` out", sink);
    let mut grounds = Vec::new();
    for ground in common::items(node, "grounds") {
        let id = ground.text()?;
        let of = |list: &[String]| list.iter().position(|known| known == id);
        let found = of(&milestones)
            .map(Ground::Milestone)
            .or_else(|| of(&promises).map(Ground::Promise))
            .or_else(|| of(&bans).map(Ground::Ban));
        match found {
            Some(Ground::Milestone(index)) if is_sellers(index) => {
                let problem = Problem::of(Code::BadReference, format_args!("`{id}`"));
                let problem = problem.expected("what the winner owes: the seller owes this milestone");
                sink.report(ground.place, &ground.path, problem);
            }
            Some(found) => grounds.push(found),
            None => {
                let known = milestones.iter().chain(&promises).chain(&bans).map(String::as_str);
                sink.report(ground.place, &ground.path, unknown(Code::BadReference, id, known));
            }
        }
    }
    let used_from = match node.text_of("used_from").unwrap_or(CONTRACT) {
        CONTRACT => Start::Signed,
        id => Start::Milestone(index(node, "used_from", id, &milestones, Code::BadReference, sink)?),
    };
    let buildings = match node.get("buildings") {
        None => None,
        Some(at) => Some(Buildings {
            promise: index(at, "promise", at.text_of("promise")?, &promises, Code::BadReference, sink)?,
            share: share(at, "share", sink)?,
            per_year: share(at, "depreciation_per_year", sink)?,
        }),
    };
    Some(TakeBackRule {
        grounds,
        rectify: if node.has("rectify") { period(node, "rectify", sink)? } else { cure },
        used_from,
        per_year: share(node, "depreciation_per_year", sink)?,
        buildings,
        forfeits: if node.text_of("forfeits") == Some("all") { Forfeit::All } else { Forfeit::Unmet },
    })
}
