//! Clocks, scores, draws, posted values and first come.

use landgavel_sale::rulebook::{
    BeaconSource, Criterion, CriterionKind, Descending, Direction, Draw, DrawWeights, First, FirstOf, Fixed, Score,
    StageId,
};

use super::speech::{Article, Speech};

/// Provisions of a clock.
pub(super) fn descending(article: &mut Article<'_>, id: StageId, rule: &Descending) {
    let speech = article.speech;
    let name = speech.attribute_name(rule.attribute);
    let terms = speech.terms(Some(rule.attribute));
    let amount = |amount| speech.amount(amount, rule.attribute, Some(id));
    let (start, step, floor, every) =
        (amount(&rule.start), amount(&rule.step), amount(&rule.floor), speech.duration(rule.every));
    let (zh, en) = match speech.direction(rule.attribute) {
        Direction::Up => ("降低", "falls"),
        Direction::Down => ("升高", "rises"),
    };
    article.add(
        "attribute",
        format!("本阶段以时钟显示{name}的数额，竞买人可以随时接受当时所示的数额。"),
        format!("A clock shows an amount of {name}; a bidder may accept what it shows at any time."),
    );
    article.add("start", format!("{}为{start}。", terms.start), format!("The {} is {start}.", terms.start));
    article.add("step", format!("每{every}{zh}{step}。"), format!("Every {every} it {en} by {step}."));
    article.add(
        "floor",
        format!("最后显示的数额为{floor}，不再{zh}；该数额显示满{every}而无人接受的，时钟停止。"),
        format!(
            "The last amount shown is {floor}; when it has been shown for {every} and nobody has accepted, the clock stops."
        ),
    );
    article.add("", "首个接受者领先，本阶段随即结束。", "The first to accept leads, and the stage ends at once.");
}

/// Provisions of scoring.
pub(super) fn score(article: &mut Article<'_>, id: StageId, rule: &Score) {
    let speech = article.speech;
    let name = speech.attribute_name(rule.attribute);
    let full = rule.criteria.iter().fold(0i64, |sum, criterion| sum.saturating_add(criterion.points.quanta()));
    let full = landgavel_base::Quantity::new(full).unwrap_or_default();
    let full = speech.quantity(rule.attribute, full);
    article.add(
        "criteria",
        format!("{name}为下列各评分项得分之和，满分{full}，按得分由高到低排名："),
        format!("{} is the sum of the points of the following criteria, {full} at most; the highest leads:", name),
    );
    for criterion in &rule.criteria {
        self::criterion(article, rule, criterion);
    }
    match &rule.filing {
        Some(window) => {
            let window = speech.window(window, id);
            article.add(
                "filing",
                format!("方案的提交期间{window}，每一竞买人提交一次。提交方案的，方予评分。"),
                format!("Schemes are filed {window}, one by each bidder. Only who files one is scored."),
            );
        }
        None => article.add(
            "filing",
            "本阶段不提交方案，对参加本阶段的全体竞买人评分。",
            "No scheme is filed; all bidders in the stage are scored.",
        ),
    }
    panel(article, rule);
    match rule.pass {
        Some(pass) => {
            let pass = speech.quantity(rule.attribute, pass);
            article.add(
                "pass",
                format!("得分低于{pass}的，不合格，不参加排名；得分等于该分数的，为合格。"),
                format!("A score below {pass} fails and is not ranked; exactly {pass} passes."),
            );
        }
        None => article.add("pass", "不设合格分数。", "There is no pass mark."),
    }
}

fn criterion(article: &mut Article<'_>, rule: &Score, criterion: &Criterion) {
    let speech = article.speech;
    let (name, points) = (speech.quoted(&criterion.name), speech.quantity(rule.attribute, criterion.points));
    let (zh, en) = match &criterion.kind {
        CriterionKind::Panel => (
            "为评委打分的算术平均值，四舍五入至得分的最小计量单位".to_owned(),
            "the mean of the panel's marks, rounded half up to the quantum of the score".to_owned(),
        ),
        CriterionKind::ShareOfBest(attribute) => {
            let attribute_name = speech.attribute_name(*attribute);
            let (zh, en) = match speech.direction(*attribute) {
                Direction::Up => ("本人报价与被评分者中最高报价之比", "the bidder's own offer divided by the highest"),
                Direction::Down => ("被评分者中最低报价与本人报价之比", "the lowest offer divided by the bidder's own"),
            };
            (
                format!("为满分乘以{attribute_name}的{zh}，四舍五入；未就其报价的，不得分"),
                format!(
                    "all points times {en} of {attribute_name} among those who are scored, rounded half up; without such an \
                     offer, none"
                ),
            )
        }
        CriterionKind::Linear { attribute, zero_at, full_at } => {
            let name = speech.attribute_name(*attribute);
            let zero = speech.amount(zero_at, *attribute, None);
            let full = speech.amount(full_at, *attribute, None);
            let own = if speech.attribute(*attribute).base.is_some() {
                ("未报价的，按基准值计", "its base value counts without an offer")
            } else {
                ("未报价的，不得分", "none without an offer")
            };
            (
                format!(
                    "依本人的{name}报价计算：{zero}得零分，{full}得满分，其间按直线计算，其外不再增减，四舍五入；{}",
                    own.0
                ),
                format!(
                    "by the bidder's own offer of {name}: none at {zero}, all at {full}, straight between and held beyond, \
                     rounded half up; {}",
                    own.1
                ),
            )
        }
    };
    article.add(
        &format!("criteria.{}", criterion.id),
        format!("{name}：满分{points}，得分{zh}。"),
        format!("{name}: at most {points}, {en}."),
    );
}

fn panel(article: &mut Article<'_>, rule: &Score) {
    let speech = article.speech;
    let is_needed = rule.criteria.iter().any(|criterion| criterion.kind == CriterionKind::Panel);
    let Some(time) = rule.marking else {
        if is_needed {
            article.add(
                "marking",
                "本规则未给评委打分的时间，由评委打分的评分项不得分。",
                "The rule gives the panel no time: criteria marked by the panel earn nothing.",
            );
        }
        return;
    };
    if !is_needed {
        return;
    }
    let (time, judges) = (speech.duration(time), rule.judges);
    let after = if rule.filing.is_some() {
        ("提交期间届满后", "after the filing period")
    } else {
        ("本阶段开始后", "after the stage starts")
    };
    article.add(
        "marking",
        format!("评委共{judges}人，{}{time}内完成打分；全部打分完成的，提前结束。", after.0),
        format!(
            "The panel has {judges} judges and {time} {} to give its marks; the stage ends early when all are given.",
            after.1
        ),
    );
    let (zh, en) = match (rule.drop_high, rule.drop_low) {
        (0, 0) => {
            article.add("drop_high", "计算平均值时不去掉任何打分。", "No mark is left out of the mean.");
            return;
        }
        (high, 0) => (format!("{high}个最高分"), format!("the {high} highest")),
        (0, low) => (format!("{low}个最低分"), format!("the {low} lowest")),
        (high, low) => (format!("{high}个最高分和{low}个最低分"), format!("the {high} highest and the {low} lowest")),
    };
    article.add(
        "drop_high",
        format!("计算平均值时，每一评分项去掉{zh}；去掉后没有剩余打分的，不去掉。"),
        format!("In each criterion {en} marks are left out of the mean; if that would leave none, none is left out."),
    );
}

/// Provisions of a draw.
pub(super) fn draw(article: &mut Article<'_>, rule: &Draw) {
    let speech = article.speech;
    article.add(
        "",
        "本阶段开始时冻结参加人名单，按代号的字节次序计算名单的默克尔树根（RFC 6962）并予记录；其后取得随机数，以公开算法算出\
         全体参加人的次序，任何人均可复算。",
        "When the stage starts, the list of entrants is frozen and the Merkle root (RFC 6962) over their codes in byte order \
         is recorded; then the random outputs come in, and a public algorithm gives the order of all entrants. Anybody can \
         compute it again.",
    );
    let (zh, en) = match &rule.weights {
        DrawWeights::Plain => {
            ("每一参加人一个号，中签机会均等".to_owned(), "Each entrant has one ticket and an equal chance".to_owned())
        }
        DrawWeights::Weighted { fact } => (
            format!(
                "每一参加人的号数等于其事实“{fact}”所载的整数，逐次从剩余的号中摇出；没有号的，排在最后，按代号的字节次序"
            ),
            format!(
                "Each entrant has as many tickets as its fact “{fact}” says, and entrants are drawn one after another from the \
                 tickets that are left; those without tickets come last, in the byte order of their codes"
            ),
        ),
        DrawWeights::Tiered { fact } => (
            format!("事实“{fact}”数值小的一档全部排在数值大的一档之前，同档之内机会均等；无该事实的，排在最后一档"),
            format!(
                "All entrants with a lower value of the fact “{fact}” come before any with a higher one, with equal chances \
                 within a tier; those without the fact form the last tier"
            ),
        ),
    };
    article.add("weights", format!("{zh}。"), format!("{en}."));
    let sources: Vec<String> = rule.sources.iter().map(|source| source_word(speech, *source)).collect();
    let listed = speech.list(&sources, "和", "and");
    let combined =
        if sources.len() > 1 { ("，合并使用，次序如上", ", combined in this order") } else { ("", "") };
    article.add(
        "sources",
        format!("随机数来源为{listed}{}。", combined.0),
        format!("The randomness comes from {listed}{}.", combined.1),
    );
    let within = speech.duration(rule.reveal_within);
    article.add(
        "reveal_within",
        format!("随机数须在名单冻结后{within}内提交。"),
        format!("The random outputs must come in within {within} after the list is frozen."),
    );
}

fn source_word(speech: Speech<'_>, source: BeaconSource) -> String {
    match source {
        BeaconSource::Drand => speech
            .say("drand（quicknet）公开随机信标的一轮输出", "a round of the public random beacon drand (quicknet)"),
        BeaconSource::CommitReveal => {
            speech.say("指定各方先承诺、后揭示的数", "numbers that named parties commit and then reveal")
        }
        BeaconSource::PublicNumber => speech.say("另行公布的公开数字", "a public number announced elsewhere"),
        BeaconSource::Witnessed => speech
            .say("公证人监督下现场摇出并人工录入的结果", "a physical draw under the eyes of a notary, entered by hand"),
        BeaconSource::Local => speech.say(
            "本地随机数（仅供测试和演示，结果中予以注明）",
            "a local beacon (for tests and demonstrations only; the result says so)",
        ),
    }
}

/// Provisions of a posted value.
pub(super) fn fixed(article: &mut Article<'_>, id: StageId, rule: &Fixed) {
    let speech = article.speech;
    let name = speech.attribute_name(rule.attribute);
    let value = speech.amount(&rule.value, rule.attribute, Some(id));
    article.add(
        "value",
        format!("{name}定为{value}，竞买人只能接受或者不接受，不得另行报价。"),
        format!("{name} is posted at {value}; a bidder accepts it or not, and makes no other bid."),
    );
    let window = speech.window(&rule.window, id);
    article.add("window", format!("接受期间{window}。"), format!("It may be accepted {window}."));
    article.add("", "接受者按接受先后排名，先接受者领先。", "Those who accept are ranked by time; the earliest leads.");
}

/// Provisions of first come.
pub(super) fn first(article: &mut Article<'_>, id: StageId, rule: &First) {
    let speech = article.speech;
    match rule.of {
        FirstOf::Stage(stage) => {
            let stage = speech.stage_name(stage);
            article.add(
                "of",
                format!("参加本阶段的竞买人，按其在{stage}现行有效报价的作出先后排名，先报者领先；本阶段随即结束。"),
                format!(
                    "Bidders in the stage are ranked by the time of their standing offers in {stage}; the earliest leads, and \
                     the stage ends at once."
                ),
            );
        }
        FirstOf::Window(window) => {
            let window = speech.window(&window, id);
            let seats = speech.rulebook.award.winners;
            article.add(
                "of.window",
                format!("竞买人可以声明接受，期间{window}；按接受先后排名，先接受者领先；有{seats}人接受时，本阶段即时结束。"),
                format!(
                    "Bidders may accept {window}; they are ranked by time and the earliest leads; the stage ends as soon as \
                     {seats} {} accepted.",
                    if seats == 1 { "has" } else { "have" }
                ),
            );
        }
    }
}
