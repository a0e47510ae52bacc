//! Articles on applications, admission and the bid bond.

use landgavel_sale::rulebook::{
    Admission, AttemptRule, BondForm, BondRule, Deciding, Forfeit, Prerequisite, SoleBidder, Test,
};

use super::Section;
use super::speech::{Article, Speech, Whose};

/// Who may take part.
pub(super) fn admission(speech: &Speech<'_>) -> Section {
    let rule = &speech.rulebook.admission;
    let mut article = speech.article("admission", speech.say("竞买申请与资格", "Applications and admission"));
    window(&mut article, rule);
    requirements(&mut article, rule);
    deciding(&mut article, rule);
    if rule.open_until.is_some() || super::stages::first_opening(speech).is_some() {
        article.add(
            "",
            "取得竞买资格时已有阶段正在进行的，自取得时起进入该阶段。",
            "Who is admitted while a stage is running enters that stage from then on.",
        );
    }
    match rule.max_bidders {
        Some(limit) => article.add(
            "max_bidders",
            format!("取得竞买资格者最多为{limit}人，额满不再审定取得资格。"),
            format!("At most {limit} bidders are admitted."),
        ),
        None => {
            article.add("max_bidders", "取得竞买资格的人数不设上限。", "The number of admitted bidders has no limit.");
        }
    }
    withdrawal(&mut article, rule);
    attempts(&mut article, rule);
    article.done()
}

fn window(article: &mut Article<'_>, rule: &Admission) {
    let speech = article.speech;
    let closes = speech.window_end(&rule.window);
    let opens = match (rule.window.opens, speech.rulebook.calendar.is_empty()) {
        (Some(moment), _) => Some(speech.moment(moment)),
        (None, false) => Some(speech.moment(landgavel_sale::rulebook::MomentId(0))),
        (None, true) => None,
    };
    let (zh, en) = match opens {
        Some(opens) => (format!("自{opens}起，{closes}"), format!("from {opens} {closes}")),
        None => (closes.clone(), closes),
    };
    match rule.open_until {
        None => article.add(
            "window",
            format!("竞买申请期间{zh}。期间以外提交的申请不予受理。"),
            format!("Applications are taken {en}, and at no other time."),
        ),
        Some(stage) => {
            let stage = speech.stage_name(stage);
            article.add("window", format!("竞买申请期间{zh}。"), format!("Applications are taken {en}."));
            article.add(
                "open_until",
                format!("前款期间届满后，竞买申请继续受理并审定，至{stage}结束时止。"),
                format!("After that, applications are still taken and decided until {stage} ends."),
            );
        }
    }
}

fn requirements(article: &mut Article<'_>, rule: &Admission) {
    if rule.prerequisites.is_empty() {
        article.add(
            "requires",
            "除本条另有规定外，对申请人不设其他资格条件。",
            "Apart from what this article says, nothing else is required of an applicant.",
        );
    } else {
        article.add(
            "requires",
            "申请人须同时符合下列各项资格条件，并以证明材料证明：",
            "An applicant must meet all of the following conditions and show it by documents:",
        );
        for (index, prerequisite) in rule.prerequisites.iter().enumerate() {
            let test = test(article.speech, prerequisite);
            let (zh, en) = (&prerequisite.text.zh, &prerequisite.text.en);
            let (zh, en) = (zh.trim_end_matches(['。', '；']), en.trim_end_matches('.'));
            article.add(&format!("requires.{index}"), format!("{zh}（{test}）。"), format!("{en} ({test})."));
        }
    }
    if rule.one_per_group {
        article.add(
            "one_per_group",
            "受同一控制的申请人（以申请时申报的集团为准）只能有一家取得竞买资格，先取得者有效；未申报集团的，视为独立申请人。",
            "Of applicants under one control (the group named in the application) only one is admitted, the first; an \
             applicant that names no group stands alone.",
        );
    } else {
        article.add(
            "one_per_group",
            "受同一控制的多个申请人可以分别取得竞买资格。",
            "Several applicants under one control may each be admitted.",
        );
    }
}

fn test(speech: Speech<'_>, prerequisite: &Prerequisite) -> String {
    let fact = &prerequisite.fact;
    let values = |values: &[landgavel_base::FactValue]| {
        let values: Vec<String> = values.iter().map(|value| speech.fact(value)).collect();
        speech.list(&values, "或者", "or")
    };
    match &prerequisite.test {
        Test::OneOf(allowed) => {
            let values = values(allowed);
            speech.say(
                format!("事实“{fact}”须为{values}；未提供该事实的，不符合"),
                format!("the fact “{fact}” must be {values}; without the fact the condition is not met"),
            )
        }
        Test::NotOneOf(barred) => {
            let values = values(barred);
            speech.say(
                format!("事实“{fact}”不得为{values}；未提供该事实的，视为符合"),
                format!("the fact “{fact}” must not be {values}; without the fact the condition is met"),
            )
        }
        Test::AtLeast(least) => speech.say(
            format!("事实“{fact}”须为不小于{least}的整数；未提供该事实的，不符合"),
            format!(
                "the fact “{fact}” must be a whole number of at least {least}; without it the condition is not met"
            ),
        ),
        Test::AtMost(most) => speech.say(
            format!("事实“{fact}”须为不大于{most}的整数；未提供该事实的，不符合"),
            format!("the fact “{fact}” must be a whole number of at most {most}; without it the condition is not met"),
        ),
    }
}

fn deciding(article: &mut Article<'_>, rule: &Admission) {
    let speech = article.speech;
    match rule.deciding {
        Deciding::Officer => {
            article.add(
                "decided_by",
                "竞买资格由出让人的经办人以签名行为审定：符合全部条件的，方可准予；不予准许的，应当说明理由；至审定截止\
                 时未获准予的，不取得资格。",
                "Admission is decided by the seller's officer in a signed act. Only who meets all conditions can be \
                 admitted; a refusal states its reason; who is undecided at the end is not admitted.",
            );
            match (rule.decide_until, rule.open_until) {
                (_, Some(_)) => {}
                (Some(moment), None) => {
                    let moment = speech.moment(moment);
                    article.add(
                        "decide_until",
                        format!("资格审定至{moment}截止。"),
                        format!("Decisions on admission end at {moment}."),
                    );
                }
                (None, None) => article.add(
                    "decide_until",
                    "资格审定于竞买申请期间届满时截止。",
                    "Decisions on admission end when the period of application ends.",
                ),
            }
        }
        Deciding::Rule => article.add(
            "decided_by",
            "符合全部条件的申请人即时取得竞买资格，无须审定；不符合的，不取得资格。",
            "Who meets all conditions is admitted at once, without a decision; who does not is not admitted.",
        ),
    }
}

fn withdrawal(article: &mut Article<'_>, rule: &Admission) {
    let speech = article.speech;
    let is_costly = rule.bond.as_ref().is_some_and(|bond| bond.forfeits.contains(&Forfeit::LateWithdrawal));
    let until = match rule.withdraw_until {
        Some(moment) => {
            let moment = speech.moment(moment);
            (format!("在{moment}之前"), format!("before {moment}"))
        }
        None => ("在竞买资格审定结束之前".to_owned(), "before admission ends".to_owned()),
    };
    let after = if is_costly {
        ("其后撤回的，竞买保证金不予退还", "after that, withdrawal costs the bid bond")
    } else {
        ("其后不得撤回", "after that, it may not")
    };
    article.add(
        "withdraw_until",
        format!(
            "申请人或者竞买人{}可以撤回竞买申请，不承担责任；{}；已有报价或者接受在案的，任何时候不得撤回。",
            until.0, after.0
        ),
        format!(
            "An applicant or bidder may withdraw {} without loss; {}; who has a bid or an acceptance standing may not \
             withdraw at any time.",
            until.1, after.1
        ),
    );
}

fn attempts(article: &mut Article<'_>, rule: &Admission) {
    let count = rule.attempts.len();
    article.add(
        "attempts",
        "审定截止时无人取得竞买资格的，流拍。",
        "If nobody has been admitted when admission ends, the lot is passed in.",
    );
    for (index, attempt) in rule.attempts.iter().enumerate() {
        let number = index + 1;
        let which = match (count, number == count) {
            (1, _) => ("每次出让，".to_owned(), "In every attempt, ".to_owned()),
            (_, false) => (format!("第{number}次出让，"), format!("In attempt no. {number}, ")),
            (_, true) => {
                (format!("第{number}次及以后各次出让，"), format!("In attempt no. {number} and all later ones, "))
            }
        };
        let (zh, en) = attempt_words(article.speech, attempt);
        article.add(&format!("attempts.{index}"), format!("{}{zh}。", which.0), format!("{}{en}.", which.1));
    }
}

fn attempt_words(speech: Speech<'_>, attempt: &AttemptRule) -> (String, String) {
    let least = attempt.min_bidders;
    if least > 1 {
        return (
            format!("取得竞买资格者不足{least}人的，流拍"),
            format!("the lot is passed in if fewer than {least} bidders are admitted"),
        );
    }
    let (zh, en) = match attempt.sole {
        SoleBidder::Proceed => ("各阶段照常进行".to_owned(), "the stages run as for several".to_owned()),
        SoleBidder::PassIn => ("流拍".to_owned(), "the lot is passed in".to_owned()),
        SoleBidder::WinAtStart => {
            let has_base = speech.rulebook.attributes.iter().any(|attribute| attribute.base.is_some());
            let base = if has_base {
                (
                    "各指标的基准值（无基准值的，为首个以该指标竞价的阶段的起始值）",
                    "the base value of each attribute, or without one the starting value of the first stage on it",
                )
            } else {
                ("各指标首个竞价阶段的起始值", "the starting value of the first stage on each attribute")
            };
            (format!("该竞买人按{}成为竞得入选人", base.0), format!("it becomes the provisional winner at {}", base.1))
        }
    };
    let (zh, en) = (format!("仅有一人取得竞买资格的，{zh}"), format!("if only one bidder is admitted, {en}"));
    let same = attempt.same_sole_only && attempt.sole != SoleBidder::PassIn;
    if same {
        return (
            format!("{zh}；但该竞买人不是上一次出让的唯一申请人的，流拍"),
            format!("{en}; but if it was not the sole applicant of the attempt before, the lot is passed in"),
        );
    }
    (zh, en)
}

/// The bid bond.
pub(super) fn bond(speech: &Speech<'_>) -> Section {
    let mut article = speech.article("admission.bond", speech.say("竞买保证金", "Bid bond"));
    match &speech.rulebook.admission.bond {
        None => article.add("", "本次出让不收取竞买保证金。", "No bid bond is asked."),
        Some(rule) => bond_rule(&mut article, rule),
    }
    article.done()
}

fn bond_rule(article: &mut Article<'_>, rule: &BondRule) {
    let speech = article.speech;
    let amount = speech.money_rule(&rule.amount, Whose::Bidder);
    article.add(
        "amount",
        format!("申请人取得竞买资格前须缴纳竞买保证金，其最低数额为{amount}。"),
        format!("An applicant must lodge a bid bond before admission; its least amount is {amount}."),
    );
    let forms: Vec<String> = rule.forms.iter().map(|form| form_word(speech, *form)).collect();
    let forms = speech.list(&forms, "或者", "or");
    article.add("forms", format!("竞买保证金的形式为{forms}。"), format!("It may be lodged as {forms}."));
    match rule.lodge_by {
        Some(moment) => {
            let moment = speech.moment(moment);
            article.add(
                "lodge_by",
                format!("竞买保证金须在{moment}之前到账或者提交。"),
                format!("It must be lodged before {moment}."),
            );
        }
        None => {
            article.add("lodge_by", "竞买保证金在竞买申请受理期间缴纳。", "It is lodged while applications are taken.")
        }
    }
    let has_paper = rule.forms.iter().any(|form| *form != BondForm::Cash);
    match (rule.guarantee_runs, has_paper) {
        (Some(runs), true) => {
            let runs = speech.duration(runs);
            article.add(
                "guarantee_runs",
                format!("以现金以外形式提交的，其有效期自提交时起不少于{runs}。"),
                format!("A bond other than cash must stay valid for at least {runs} from the moment of lodging."),
            );
        }
        (None, true) => article.add(
            "guarantee_runs",
            "对以现金以外形式提交的保证金，本规则不规定最短有效期。",
            "For a bond other than cash the rule sets no least validity.",
        ),
        (_, false) => {}
    }
    let forfeits: Vec<String> = rule.forfeits.iter().map(|cause| forfeit_word(speech, *cause)).collect();
    if forfeits.is_empty() {
        article.add(
            "forfeits",
            "本规则不设竞买保证金不予退还的情形。",
            "Nothing makes the bid bond forfeit under this rule.",
        );
    } else {
        let forfeits = speech.list(&forfeits, "或者", "or");
        article.add(
            "forfeits",
            format!("有下列情形之一的，竞买保证金不予退还：{forfeits}。本规则不设其他不予退还的情形。"),
            format!("The bid bond is forfeit when {forfeits}. The rule names no other cause."),
        );
    }
}

/// The form of a bond.
pub(super) fn form_word(speech: Speech<'_>, form: BondForm) -> String {
    match form {
        BondForm::Cash => speech.say("现金", "cash"),
        BondForm::Guarantee => speech.say("见索即付保函", "an on-demand letter of guarantee"),
        BondForm::Insurance => speech.say("保证保险", "surety insurance"),
    }
}

/// What makes a bond forfeit.
pub(super) fn forfeit_word(speech: Speech<'_>, cause: Forfeit) -> String {
    match cause {
        Forfeit::Default => {
            speech.say("竞得入选人未按期签订成交确认书", "the winner does not sign the confirmation of sale")
        }
        Forfeit::Disqualification => {
            speech.say("竞得入选人资格后审不合格", "the provisional winner fails its examination")
        }
        Forfeit::UnopenedSeal => speech.say("密封报价未能开启", "a sealed bid does not open"),
        Forfeit::LateWithdrawal => speech.say("逾期撤回", "the bidder withdraws late"),
    }
}
