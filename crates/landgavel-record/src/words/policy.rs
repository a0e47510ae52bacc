//! Articles on outages, information and annulment.

use landgavel_sale::rulebook::{Item, Resume, Role, Shown};

use super::Section;
use super::speech::Speech;

/// What an outage of the hall does.
pub(super) fn outage(speech: &Speech<'_>) -> Section {
    let rule = &speech.rulebook.outage;
    let mut article = speech.article("outage", speech.say("系统中断", "Outages"));
    let over = speech.duration(rule.measured_over);
    article.add(
        "measured_over",
        format!("交易系统中断的，经办人应当暂停交易并载明情况；中断短于{over}的，可以不暂停。暂停期间，除恢复交易和撤销交易外，不受理任何行为。"),
        format!(
            "In an outage of the hall the officer pauses the sale and states what happened; an outage shorter than {over} \
             need not pause it. While it stands still, nothing but its resumption or annulment is taken."
        ),
    );
    match rule.resume {
        Resume::FullPeriod => article.add(
            "resume",
            "恢复交易时，正在进行的询问期、倒计时、接受期、轮次、密封报价期等按时长计算的期间，一律重新计满全部时长。",
            "When the sale goes on, a running ask period, countdown, acceptance period, round, sealed window or other period \
             of a set length starts again in full.",
        ),
        Resume::Remaining => article.add(
            "resume",
            "恢复交易时，正在进行的询问期、倒计时、接受期、轮次、密封报价期等按时长计算的期间，继续计算其剩余时长。",
            "When the sale goes on, a running ask period, countdown, acceptance period, round, sealed window or other period \
             of a set length goes on with the time that was left.",
        ),
    }
    article.add(
        "resume",
        "截止于日历时点的期间、尚未到来的日历时点，以及资格后审和签订成交确认书的期限，一律按暂停的时长顺延。",
        "Periods that end at a moment of the calendar, moments that have not come yet, and the time for examination and \
         confirmation move by the length of the pause.",
    );
    article.done()
}

/// Who sees what, and from when.
pub(super) fn information(speech: &Speech<'_>) -> Section {
    let policy = &speech.rulebook.information;
    let mut article = speech.article("information", speech.say("信息公开", "Information"));
    article.add(
        "",
        "竞买人随时可见与其本人有关的内容。其余内容按下列规定可见；所称监督人，指审计、公证或者监管人员。",
        "A bidder always sees what is its own. Everything else is seen as follows; the auditor is an auditor, notary or \
         supervisor.",
    );
    for item in Item::ALL {
        let (key, zh_item, en_item) = item_words(item);
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        for when in [Shown::AtOnce, Shown::StageEnd, Shown::SaleEnd, Shown::Never] {
            let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| policy.shown(item, *role) == when).collect();
            if roles.is_empty() {
                continue;
            }
            let (zh_roles, en_roles) = roles_words(speech, &roles);
            let (zh_when, en_when) = shown_words(when);
            zh.push(format!("{zh_roles}{zh_when}"));
            en.push(format!("{en_roles}, {en_when}"));
        }
        article.add(key, format!("{zh_item}：{}。", zh.join("；")), format!("{en_item}: {}.", en.join("; ")));
    }
    article.done()
}

fn item_words(item: Item) -> (&'static str, &'static str, &'static str) {
    match item {
        Item::Amounts => ("amounts", "公开报价的数额", "Amounts of open bids"),
        Item::Codes => ("codes", "报价对应的竞买人代号", "Code names beside the amounts"),
        Item::SealedAmounts => {
            ("sealed_amounts", "已开启的密封报价的数额", "Amounts of sealed bids that have been opened")
        }
        Item::Identities => ("identities", "代号对应的竞买人身份", "Identities behind the code names"),
        Item::Groups => ("groups", "竞买人所属集团", "Corporate groups"),
        Item::BidderCount => ("bidder_count", "在场竞买人的人数", "Number of bidders standing"),
        Item::Marks => ("marks", "评委的打分", "Marks of the panel"),
        Item::Revealed => ("revealed", "已揭示的保密限值和底价", "Committed caps and reserves that have been revealed"),
    }
}

fn roles_words(speech: &Speech<'_>, roles: &[Role]) -> (String, String) {
    if roles.len() == Role::ALL.len() {
        return ("任何人".to_owned(), "everybody".to_owned());
    }
    let name = |role: &Role| match role {
        Role::Public => speech.say("社会公众", "the public"),
        Role::Bidder => speech.say("竞买人", "bidders"),
        Role::Officer => speech.say("经办人", "the officer"),
        Role::Auditor => speech.say("监督人", "the auditor"),
    };
    let names: Vec<String> = roles.iter().map(name).collect();
    let listed = speech.list(&names, "和", "and");
    (listed.clone(), listed)
}

fn shown_words(when: Shown) -> (&'static str, &'static str) {
    match when {
        Shown::AtOnce => ("即时可见", "as it happens"),
        Shown::StageEnd => ("于该阶段结束后可见", "when the stage has ended"),
        Shown::SaleEnd => ("于交易终结后可见", "when the sale has ended"),
        Shown::Never => ("始终不可见", "never"),
    }
}

/// Causes of annulment.
pub(super) fn annulment(speech: &Speech<'_>) -> Section {
    let causes = &speech.rulebook.annulment_causes;
    let mut article = speech.article("annulment", speech.say("撤销交易", "Annulment"));
    if causes.is_empty() {
        article.add(
            "",
            "本规则未列撤销事由，依本规则不得撤销交易。",
            "The rule lists no cause; under it the sale cannot be annulled.",
        );
        return article.done();
    }
    article.add(
        "",
        "交易终结前有下列事由之一的，出让人可以签名行为撤销交易，并说明理由；非因下列事由不得撤销：",
        "Before the sale has ended, the seller may annul it by a signed act with stated reasons for one of these causes, and \
         for no other:",
    );
    for cause in causes {
        let (zh, en) = (cause.text.zh.trim_end_matches('。'), cause.text.en.trim_end_matches('.'));
        article.add(&cause.id, format!("{zh}。"), format!("{en}."));
    }
    article.done()
}
