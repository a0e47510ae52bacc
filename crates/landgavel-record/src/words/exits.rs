//! Where a stage leads.

use landgavel_sale::outcome::EndReason;
use landgavel_sale::rulebook::{
    Against, Amount, Exit, Limit, RoundEnd, RoundOrder, Stage, StageId, StageKind, Statistic, Survivors, Tie,
};

use super::speech::{Article, Speech};

/// A stage, and the ending of it whose exit is said.
#[derive(Clone, Copy)]
struct Ending<'a> {
    speech: Speech<'a>,
    id: StageId,
    stage: &'a Stage,
    why: EndReason,
}

/// Adds a provision for every ending that the stage can have.
pub(super) fn exits(article: &mut Article<'_>, id: StageId, stage: &Stage) {
    let speech = article.speech;
    let exits = &stage.exits;
    let endings = [
        (EndReason::Capped, "exits.capped", &exits.capped),
        (EndReason::Settled, "exits.settled", &exits.settled),
        (EndReason::BelowReserve, "exits.below_reserve", &exits.below_reserve),
        (EndReason::Empty, "exits.empty", &exits.empty),
        (EndReason::Overdue, "exits.overdue", &exits.overdue),
    ];
    for (why, field, exit) in endings {
        if !can_end(stage, why) {
            continue;
        }
        let ending = Ending { speech, id, stage, why };
        let (zh, en) = exit_words(ending, exit);
        let condition = condition(ending);
        article.add(field, format!("{}的，{zh}。", condition.0), format!("If {}, {en}.", condition.1));
    }
    tie(article, Ending { speech, id, stage, why: EndReason::Tied });
}

/// Whether a stage can end so.
fn can_end(stage: &Stage, why: EndReason) -> bool {
    match why {
        EndReason::Settled => true,
        EndReason::Capped => stage.kind.cap().is_some(),
        EndReason::BelowReserve => stage.kind.reserve().is_some(),
        EndReason::Empty => !matches!(stage.kind, StageKind::Draw(_)),
        EndReason::Overdue => !overdue_causes(stage).is_empty(),
        EndReason::Tied => can_tie(stage),
    }
}

/// Whether two offers can be equally good: where each bid beats the best, only carried ones can.
fn can_tie(stage: &Stage) -> bool {
    match &stage.kind {
        StageKind::Ascending(rule) => rule.step.over == Against::Own || rule.carries,
        StageKind::Rounds(rule) => {
            let shares = rule.order == RoundOrder::Together && rule.ends_on == RoundEnd::Time;
            rule.step.over == Against::Own || rule.carries || shares
        }
        StageKind::Sealed(_) | StageKind::Score(_) => true,
        StageKind::Descending(_) | StageKind::Draw(_) | StageKind::Fixed(_) | StageKind::First(_) => false,
    }
}

/// What may be missing when the stage needs it.
fn overdue_causes(stage: &Stage) -> Vec<(&'static str, &'static str)> {
    let mut causes = Vec::new();
    let is_committed = |limit: Option<&Limit>| matches!(limit, Some(Limit::Committed { .. }));
    if is_committed(stage.kind.cap().map(|cap| &cap.limit)) || is_committed(stage.kind.reserve()) {
        causes.push(("已承诺的数额未按期揭示", "a committed value was not revealed in time"));
    }
    let mut amounts: Vec<&Amount> = Vec::new();
    for limit in [stage.kind.cap().map(|cap| &cap.limit), stage.kind.reserve()] {
        if let Some(Limit::Public(amount)) = limit {
            amounts.push(amount);
        }
    }
    match &stage.kind {
        StageKind::Ascending(rule) => amounts.extend([&rule.start, &rule.step.by]),
        StageKind::Rounds(rule) => amounts.extend([&rule.start, &rule.step.by]),
        StageKind::Descending(rule) => amounts.extend([&rule.start, &rule.step, &rule.floor]),
        StageKind::Fixed(rule) => amounts.push(&rule.value),
        StageKind::Score(rule) => {
            if rule.marking.is_some() {
                causes.push(("评委未按期完成评分", "the panel did not finish its marks in time"));
            }
        }
        StageKind::Draw(_) => {
            causes.push((
                "随机数未按期公布，或者无人参加摇号",
                "the random outputs did not come in time, or nobody is in the draw",
            ));
        }
        StageKind::Sealed(_) | StageKind::First(_) => {}
    }
    if amounts.iter().any(|amount| !amount.parts.is_empty()) {
        causes.push(("本阶段所依据的数额无法确定", "an amount on which the stage rests cannot be told"));
    }
    causes
}

fn condition(ending: Ending<'_>) -> (String, String) {
    let terms = ending.speech.stage_terms(ending.id);
    let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match ending.why {
        EndReason::Capped => (format!("达到{}", terms.cap), format!("the {} is reached", terms.cap)),
        EndReason::BelowReserve => {
            (format!("领先报价未达到{}", terms.reserve), format!("the leading bid does not meet the {}", terms.reserve))
        }
        EndReason::Overdue => {
            let causes = overdue_causes(ending.stage);
            let zh: Vec<&str> = causes.iter().map(|cause| cause.0).collect();
            let en: Vec<&str> = causes.iter().map(|cause| cause.1).collect();
            (zh.join("，或者"), en.join(", or "))
        }
        EndReason::Tied => pair("并列", "several are equally good"),
        EndReason::Settled => match &ending.stage.kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) | StageKind::Sealed(_) => {
                let (mut zh, mut en) = pair("有有效报价", "there is a valid bid");
                if ending.stage.kind.cap().is_some() {
                    zh.push_str(&format!("而未达到{}", terms.cap));
                    en.push_str(&format!(" and the {} is not reached", terms.cap));
                }
                if ending.stage.kind.reserve().is_some() {
                    zh.push_str(&format!("，且领先报价达到{}", terms.reserve));
                    en.push_str(&format!(", and the leading bid meets the {}", terms.reserve));
                }
                (zh, en)
            }
            StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_) => {
                pair("有人接受", "somebody accepts")
            }
            StageKind::Score(rule) if rule.pass.is_some() => pair("有人得分合格", "somebody passes"),
            StageKind::Score(_) => pair("评出得分", "scores are given"),
            StageKind::Draw(_) => pair("摇号完成", "the draw has been held"),
        },
        EndReason::Empty => match &ending.stage.kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) | StageKind::Sealed(_) => {
                pair("无人作出有效报价", "nobody makes a valid bid")
            }
            StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_) => pair("无人接受", "nobody accepts"),
            StageKind::Score(rule) => match (rule.filing.is_some(), rule.pass.is_some()) {
                (true, true) => pair("无人提交方案或者无人得分合格", "nobody files a scheme or nobody passes"),
                (true, false) => pair("无人提交方案", "nobody files a scheme"),
                (false, true) => pair("无人得分合格", "nobody passes"),
                (false, false) => pair("无人可供评分", "nobody is scored"),
            },
            StageKind::Draw(_) => pair("无人参加摇号", "nobody is in the draw"),
        },
    }
}

/// Whether an ending leaves no ranking of the stage's own.
fn ranks_nobody(ending: Ending<'_>) -> bool {
    match ending.why {
        EndReason::Empty => true,
        EndReason::Overdue => !matches!(ending.stage.kind, StageKind::Ascending(_) | StageKind::Rounds(_)),
        EndReason::Settled | EndReason::Capped | EndReason::BelowReserve | EndReason::Tied => false,
    }
}

/// Where an exit leads, as the end of a sentence.
fn exit_words(ending: Ending<'_>, exit: &Exit) -> (String, String) {
    match exit {
        Exit::Win if ranks_nobody(ending) => pass_in(),
        Exit::Win => win(ending),
        Exit::PassIn => pass_in(),
        Exit::Back(stage) => back(ending.speech, *stage),
        Exit::Go { to, survivors, at_least, otherwise } => {
            let to = ending.speech.stage_name(*to);
            let who = survivors_words(ending, *survivors);
            let (mut zh, mut en) = (format!("{}进入{to}", who.0), format!("{} go on to {to}", who.1));
            // Whoever reached the cap has taken it, so that there is always one.
            let is_one = *at_least == 2 && matches!(**otherwise, Exit::Win) && ending.why == EndReason::Capped;
            if is_one && matches!(survivors, Survivors::Acceptors | Survivors::Active | Survivors::Field) {
                zh.push_str("；只有一人的，该竞买人为竞得入选人");
                en.push_str("; if there is only one, it becomes the provisional winner");
                return (zh, en);
            }
            let is_single =
                *at_least == 2 && matches!(**otherwise, Exit::Win) && ending.speech.rulebook.award.winners == 1;
            let fewer = match *at_least {
                0 | 1 => ("；没有的".to_owned(), "; if there is none".to_owned()),
                _ if is_single => ("；只有一人的".to_owned(), "; if there is only one".to_owned()),
                count => (format!("；不足{count}人的"), format!("; if they are fewer than {count}")),
            };
            let (else_zh, else_en) = otherwise_words(ending, otherwise, *at_least);
            zh.push_str(&format!("{}，{else_zh}", fewer.0));
            en.push_str(&format!("{}, {else_en}", fewer.1));
            (zh, en)
        }
    }
}

fn otherwise_words(ending: Ending<'_>, otherwise: &Exit, at_least: u32) -> (String, String) {
    let is_win = matches!(otherwise, Exit::Win);
    match (is_win, at_least) {
        (true, 0 | 1) => pass_in(),
        (true, 2) if ending.speech.rulebook.award.winners == 1 => (
            "该竞买人为竞得入选人；一人也没有的，本次出让流拍".to_owned(),
            "it becomes the provisional winner; if there is none, the lot is passed in".to_owned(),
        ),
        (true, _) if ranks_nobody(ending) => (
            "由其中申请在先者为竞得入选人；一人也没有的，本次出让流拍".to_owned(),
            "the earliest applicants among them become provisional winners; if there is none, the lot is passed in"
                .to_owned(),
        ),
        (true, _) => {
            let (zh, en) = win(ending);
            (format!("{zh}；一人也没有的，本次出让流拍"), format!("{en}; if there is none, the lot is passed in"))
        }
        (false, _) => exit_words(ending, otherwise),
    }
}

fn pass_in() -> (String, String) {
    ("本次出让流拍".to_owned(), "the lot is passed in".to_owned())
}

fn win(ending: Ending<'_>) -> (String, String) {
    let is_draw = matches!(ending.stage.kind, StageKind::Draw(_));
    match (ending.speech.rulebook.award.winners, is_draw) {
        (1, true) => (
            "次序第一者为竞得入选人".to_owned(),
            "the first in the order drawn becomes the provisional winner".to_owned(),
        ),
        (1, false) => ("领先者为竞得入选人".to_owned(), "the leader becomes the provisional winner".to_owned()),
        (count, _) => (
            format!("排名前{count}位者（不足{count}人的，全部）为竞得入选人"),
            format!("the first {count} of the ranking (all, if they are fewer) become provisional winners"),
        ),
    }
}

fn back(speech: Speech<'_>, stage: StageId) -> (String, String) {
    let stage = speech.stage_name(stage);
    match speech.rulebook.award.winners {
        1 => (
            format!("以{stage}的排名为准，曾进入本阶段的竞买人中排名最前者为竞得入选人；没有的，本次出让流拍"),
            format!(
                "the ranking of {stage} counts: the best ranked of the bidders who entered this stage becomes the \
                 provisional winner; if there is none, the lot is passed in"
            ),
        ),
        count => (
            format!(
                "以{stage}的排名为准，曾进入本阶段的竞买人中排名前{count}位者（不足{count}人的，全部）为竞得入选人；没有的，\
                 本次出让流拍"
            ),
            format!(
                "the ranking of {stage} counts: the {count} best ranked of the bidders who entered this stage (all, if they \
                 are fewer) become provisional winners; if there is none, the lot is passed in"
            ),
        ),
    }
}

fn survivors_words(ending: Ending<'_>, survivors: Survivors) -> (String, String) {
    let cap = ending.speech.stage_terms(ending.id).cap;
    let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match survivors {
        Survivors::Acceptors => match (&ending.stage.kind, ending.why) {
            (StageKind::Ascending(_) | StageKind::Rounds(_), EndReason::Capped) => {
                (format!("报出或者接受{cap}的竞买人"), format!("those who bid or accepted the {cap}"))
            }
            (StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_), _) => {
                pair("已接受的竞买人", "those who accepted")
            }
            (StageKind::Draw(_), _) => pair("参加摇号的竞买人", "those in the draw"),
            (
                StageKind::Ascending(_) | StageKind::Rounds(_) | StageKind::Sealed(_) | StageKind::Score(_),
                EndReason::Settled
                | EndReason::Capped
                | EndReason::Empty
                | EndReason::BelowReserve
                | EndReason::Overdue
                | EndReason::Tied,
            ) => active(ending.stage),
        },
        Survivors::Active => active(ending.stage),
        Survivors::Field => pair("进入本阶段的全体竞买人", "all who entered this stage"),
        Survivors::Admitted => pair(
            "取得竞买资格的全体竞买人（包括此前已出局的）",
            "all admitted bidders, also those who fell out before,",
        ),
        Survivors::Tied if ending.speech.rulebook.award.winners > 1 => {
            pair("并列的竞买人以及排名在其之前的竞买人", "those who are tied and those ranked before them")
        }
        Survivors::Tied => pair("并列的竞买人", "those who are tied"),
        Survivors::Top(count) => (format!("排名前{count}位的竞买人"), format!("the first {count} of the ranking")),
    }
}

fn active(stage: &Stage) -> (String, String) {
    let pair = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    match &stage.kind {
        StageKind::Ascending(_) | StageKind::Rounds(_) | StageKind::Sealed(_) => {
            pair("在本阶段有有效报价的竞买人", "those with a valid bid in this stage")
        }
        StageKind::Score(rule) if rule.pass.is_some() => pair("得分合格的竞买人", "those who passed"),
        StageKind::Score(_) => pair("取得得分的竞买人", "those who were scored"),
        StageKind::Descending(_) | StageKind::Fixed(_) | StageKind::First(_) => {
            pair("已接受的竞买人", "those who accepted")
        }
        StageKind::Draw(_) => pair("参加摇号的竞买人", "those in the draw"),
    }
}

/// How equally good offers are told apart.
fn tie(article: &mut Article<'_>, ending: Ending<'_>) {
    if !can_tie(ending.stage) {
        return;
    }
    let is_score = matches!(ending.stage.kind, StageKind::Score(_));
    let (is_near, zh_same, en_same) = match &ending.stage.kind {
        StageKind::Sealed(rule) if matches!(rule.winner, Statistic::Nearest { .. }) => {
            (true, "接近程度相同", "bids are equally near")
        }
        StageKind::Score(_) => (false, "得分相同", "scores are equal"),
        StageKind::Sealed(_) | StageKind::Ascending(_) | StageKind::Rounds(_) => (false, "报价相同", "bids are equal"),
        StageKind::Descending(_) | StageKind::Draw(_) | StageKind::Fixed(_) | StageKind::First(_) => return,
    };
    let (zh_first, en_first) = if is_score {
        ("竞买申请在先者排名在前", "the earlier application ranks first")
    } else {
        ("先报价者排名在前", "the earlier bid ranks first")
    };
    let (zh, en) = match &ending.stage.exits.tied {
        Tie::Lower if is_near => (
            format!("{zh_same}的，数额较低者排名在前；数额也相同的，{zh_first}"),
            format!("If {en_same}, the lower ranks first; of equal amounts {en_first}"),
        ),
        Tie::Higher if is_near => (
            format!("{zh_same}的，数额较高者排名在前；数额也相同的，{zh_first}"),
            format!("If {en_same}, the higher ranks first; of equal amounts {en_first}"),
        ),
        // Equal values have no lower and no higher one.
        Tie::Earliest | Tie::Lower | Tie::Higher => {
            (format!("{zh_same}的，{zh_first}"), format!("If {en_same}, {en_first}"))
        }
        Tie::Exit(exit) => {
            let (zh, en) = exit_words(ending, exit);
            let (zh_margin, en_margin) = match ending.speech.rulebook.award.winners {
                1 => ("并列第一".to_owned(), "the best are tied".to_owned()),
                seats => (
                    format!("第{seats}名与其后一名并列"),
                    format!("places {seats} and {} are tied", u64::from(seats) + 1),
                ),
            };
            (
                format!("{zh_same}而不影响竞得的，{zh_first}；{zh_margin}的，{zh}"),
                format!("If {en_same} but decide nothing, {en_first}; if {en_margin}, {en}"),
            )
        }
    };
    article.add("exits.tied", format!("{zh}。"), format!("{en}."));
}
