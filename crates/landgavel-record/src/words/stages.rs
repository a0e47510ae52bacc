//! One article per stage.

use landgavel_sale::rulebook::{Entrants, FirstOf, MomentId, Stage, StageId, StageKind, Window};

use super::Section;
use super::speech::{Article, Speech};
use super::{exits, open_stages, other_stages, rounds, sealed};

/// The pipeline.
pub(super) fn stages(speech: &Speech<'_>) -> Vec<Section> {
    (0u16..).map(StageId).zip(&speech.rulebook.stages).map(|(id, stage)| stage_article(speech, id, stage)).collect()
}

fn stage_article(speech: &Speech<'_>, id: StageId, stage: &Stage) -> Section {
    let number = id.0 + 1;
    let (title, kind) = (speech.text(&stage.title), kind_word(speech, &stage.kind));
    let kind = if kind.eq_ignore_ascii_case(title) { String::new() } else { kind };
    let kind = match kind.is_empty() {
        true => kind,
        false => speech.say(format!("（{kind}）"), format!(" ({kind})")),
    };
    let heading = speech.say(
        format!("第{}阶段：{title}{kind}", super::render::chinese_number(u32::from(number))),
        format!("Stage {number}: {title}{kind}"),
    );
    let mut article = speech.article(&format!("stages.{}", stage.id), heading);
    begins(&mut article, id);
    entrants(&mut article, stage);
    match &stage.kind {
        StageKind::Ascending(rule) => open_stages::ascending(&mut article, id, rule),
        StageKind::Rounds(rule) => rounds::rounds(&mut article, id, rule),
        StageKind::Sealed(rule) => sealed::sealed(&mut article, id, rule),
        StageKind::Descending(rule) => other_stages::descending(&mut article, id, rule),
        StageKind::Score(rule) => other_stages::score(&mut article, id, rule),
        StageKind::Draw(rule) => other_stages::draw(&mut article, rule),
        StageKind::Fixed(rule) => other_stages::fixed(&mut article, id, rule),
        StageKind::First(rule) => other_stages::first(&mut article, id, rule),
    }
    exits::exits(&mut article, id, stage);
    article.done()
}

/// The name of a kind of stage.
pub(super) fn kind_word(speech: &Speech<'_>, kind: &StageKind) -> String {
    use landgavel_sale::rulebook::Direction;
    match kind {
        StageKind::Ascending(rule) => match speech.direction(rule.attribute) {
            Direction::Up => speech.say("增价竞价", "ascending bids"),
            Direction::Down => speech.say("减价竞价", "descending bids"),
        },
        StageKind::Descending(rule) => match speech.direction(rule.attribute) {
            Direction::Up => speech.say("降价时钟", "descending clock"),
            Direction::Down => speech.say("升值时钟", "rising clock"),
        },
        StageKind::Sealed(_) => speech.say("密封报价", "sealed bids"),
        StageKind::Rounds(_) => speech.say("多轮报价", "rounds"),
        StageKind::Score(_) => speech.say("评分", "scoring"),
        StageKind::Draw(_) => speech.say("摇号", "public draw"),
        StageKind::Fixed(_) => speech.say("定值接受", "posted value"),
        StageKind::First(_) => speech.say("先到先得", "first come"),
    }
}

/// The window with which a stage begins.
fn first_window(kind: &StageKind) -> Option<Window> {
    match kind {
        StageKind::Ascending(rule) => rule.quote,
        StageKind::Sealed(rule) => Some(rule.window),
        StageKind::Score(rule) => rule.filing,
        StageKind::Fixed(rule) => Some(rule.window),
        StageKind::First(rule) => match rule.of {
            FirstOf::Window(window) => Some(window),
            FirstOf::Stage(_) => None,
        },
        StageKind::Descending(_) | StageKind::Rounds(_) | StageKind::Draw(_) => None,
    }
}

/// The moment at which the first stage starts, when it names one.
pub(super) fn first_opening(speech: &Speech<'_>) -> Option<MomentId> {
    first_window(&speech.rulebook.stages.first()?.kind)?.opens
}

fn begins(article: &mut Article<'_>, id: StageId) {
    let speech = article.speech;
    if id.0 > 0 {
        article.add(
            "",
            "依前序阶段的规定进入本阶段的，本阶段自该前序阶段结束时开始；否则不进行本阶段。",
            "The stage starts when an earlier stage ends in a way that leads to it; otherwise it is not held.",
        );
        return;
    }
    match (first_opening(&speech), speech.rulebook.admission.open_until) {
        (Some(moment), _) => {
            let moment = speech.moment(moment);
            article.add("", format!("本阶段于{moment}开始。"), format!("The stage starts at {moment}."));
        }
        (None, Some(_)) => {
            article.add("", "本阶段于竞买申请期间届满时开始。", "The stage starts when the period of application ends.")
        }
        (None, None) => {
            article.add("", "本阶段于竞买资格审定截止时开始。", "The stage starts when admission has ended.")
        }
    }
}

fn entrants(article: &mut Article<'_>, stage: &Stage) {
    let speech = article.speech;
    let (zh, en) = match &stage.entrants {
        Entrants::Field => {
            article.add(
                "entrants",
                "进入本阶段的全体竞买人均可参加。",
                "All bidders who enter the stage may act in it.",
            );
            return;
        }
        Entrants::LeaderOf(earlier) => {
            let earlier = speech.stage_name(*earlier);
            (format!("只有{earlier}的领先者"), format!("Only the leader of {earlier}"))
        }
        Entrants::OthersThanLeaderOf(earlier) => {
            let earlier = speech.stage_name(*earlier);
            (format!("只有{earlier}的领先者以外的竞买人"), format!("Only bidders other than the leader of {earlier}"))
        }
        Entrants::WithFact { fact, value } => {
            let value = speech.fact(value);
            (format!("只有事实“{fact}”为{value}的竞买人"), format!("Only bidders whose fact “{fact}” is {value}"))
        }
    };
    article.add(
        "entrants",
        format!("{zh}可以参加本阶段；进入本阶段的其他竞买人不得在本阶段行动，但保留其地位。"),
        format!("{en} may act in the stage; the others who enter it may not act, but keep their place."),
    );
}
