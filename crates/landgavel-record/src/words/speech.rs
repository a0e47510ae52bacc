//! How amounts, moments, windows, sources and counts are said.

use landgavel_base::{Bilingual, Duration, FactValue, Instant, Money, Quantity, Source};
use landgavel_sale::lot::Lot;
use landgavel_sale::rulebook::{
    Amount, Attribute, AttributeId, Direction, MomentId, MoneyRule, Part, Per, Reference, Rulebook, StageId, StageKind,
    Statistic, UnitKind, Window, WindowEnd, Within,
};

use super::terms::Terms;
use super::{Language, Paragraph, Section};
use crate::amounts;

/// Whose value `own` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// A bidder's.
    Bidder,
    /// A winner's.
    Winner,
}

/// A rulebook, the lot if any, and the language in which they are said.
#[derive(Clone, Copy)]
pub(super) struct Speech<'a> {
    pub rulebook: &'a Rulebook,
    pub lot: Option<&'a Lot>,
    pub language: Language,
}

impl<'a> Speech<'a> {
    /// One of two texts that say the same.
    pub fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self.language {
            Language::Zh => zh.into(),
            Language::En => en.into(),
        }
    }

    /// A text in the language.
    pub fn text(&self, text: &'a Bilingual) -> &'a str {
        match self.language {
            Language::Zh => &text.zh,
            Language::En => &text.en,
        }
    }

    /// A name in quotation marks.
    pub fn quoted(&self, name: &Bilingual) -> String {
        match self.language {
            Language::Zh => format!("“{}”", name.zh),
            Language::En => format!("“{}”", name.en),
        }
    }

    pub fn article(&self, path: &str, heading: impl Into<String>) -> Article<'a> {
        let section = Section { heading: heading.into(), paragraphs: Vec::new() };
        Article { speech: *self, path: path.to_owned(), section }
    }

    pub fn attribute(&self, id: AttributeId) -> &'a Attribute {
        self.rulebook.attribute(id)
    }

    pub fn attribute_name(&self, id: AttributeId) -> String {
        self.quoted(&self.attribute(id).name)
    }

    pub fn terms(&self, attribute: Option<AttributeId>) -> Terms {
        Terms::of(attribute.map(|id| self.attribute(id)), self.language)
    }

    pub fn stage_terms(&self, stage: StageId) -> Terms {
        self.terms(self.rulebook.stage(stage).kind.attribute())
    }

    /// A stage by its title: `“竞地价”阶段`, `stage “land price”`.
    pub fn stage_name(&self, stage: StageId) -> String {
        let title = self.quoted(&self.rulebook.stage(stage).title);
        self.say(format!("{title}阶段"), format!("stage {title}"))
    }

    pub fn quantity(&self, attribute: AttributeId, quantity: Quantity) -> String {
        let attribute = self.attribute(attribute);
        amounts::quantity_in_words(attribute, quantity, &self.rulebook.currency, self.language)
    }

    pub fn money(&self, money: Money) -> String {
        amounts::money_in_words(money, &self.rulebook.currency, self.language)
    }

    pub fn duration(&self, duration: Duration) -> String {
        amounts::duration_in_words(duration, self.language)
    }

    pub fn within(&self, within: Within) -> String {
        amounts::within_in_words(within, self.language)
    }

    pub fn instant(&self, instant: Instant) -> String {
        amounts::instant_in_words(instant, self.rulebook.utc_offset)
    }

    /// A named moment, with its instant when there is a lot.
    pub fn moment(&self, id: MomentId) -> String {
        let name = self.quoted(&self.rulebook.calendar[usize::from(id.0)].name);
        match self.lot {
            None => name,
            Some(lot) => {
                let instant = self.instant(lot.moment(id));
                self.say(format!("{name}（{instant}）"), format!("{name} ({instant})"))
            }
        }
    }

    /// A window of a stage: when it opens and closes.
    ///
    /// The first stage starts with the moment that its window names; a later one may start after it.
    pub fn window(&self, window: &Window, stage: StageId) -> String {
        let opens = match window.opens {
            Some(moment) if stage == StageId(0) => {
                let moment = self.moment(moment);
                self.say(format!("自{moment}起"), format!("from {moment}"))
            }
            None => self.say("自本阶段开始时起", "from the start of the stage"),
            Some(moment) => {
                let moment = self.moment(moment);
                self.say(
                    format!("自{moment}起（本阶段在其后开始的，自本阶段开始时起）"),
                    format!("from {moment}, or from the start of the stage if that is later,"),
                )
            }
        };
        let closes = self.window_end(window);
        self.say(format!("{opens}，{closes}"), format!("{opens} {closes}"))
    }

    /// When a window ends.
    pub fn window_end(&self, window: &Window) -> String {
        match window.closes {
            WindowEnd::At(moment) => {
                let moment = self.moment(moment);
                self.say(format!("至{moment}止"), format!("until {moment}"))
            }
            WindowEnd::After(length) => {
                let length = self.duration(length);
                self.say(format!("时长{length}"), format!("for {length}"))
            }
        }
    }

    /// A fact's value.
    pub fn fact(&self, value: &FactValue) -> String {
        match value {
            FactValue::Text(text) => format!("“{text}”"),
            FactValue::Number(number) => number.to_string(),
            FactValue::YesNo(true) => self.say("“是”", "“yes”"),
            FactValue::YesNo(false) => self.say("“否”", "“no”"),
        }
    }

    /// Things in a row: `甲、乙和丙`, `a, b and c`.
    pub fn list(&self, items: &[String], zh_last: &str, en_last: &str) -> String {
        let (comma, last) = match self.language {
            Language::Zh => ("、", zh_last.to_owned()),
            Language::En => (", ", format!(" {en_last} ")),
        };
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., end] => format!("{}{last}{end}", first.join(comma)),
        }
    }

    /// An amount of an attribute, as a stage (`here`) or a rule outside the stages names it.
    pub fn amount(&self, amount: &Amount, attribute: AttributeId, here: Option<StageId>) -> String {
        let constant = amount.constant.quanta();
        let magnitude = Quantity::new(constant.saturating_abs()).unwrap_or(amount.constant);
        let mut terms = self.parts(&amount.parts, here, Whose::Bidder, false);
        if constant != 0 || terms.is_empty() {
            terms.push((constant < 0, self.quantity(attribute, magnitude)));
        }
        self.sum(terms, self.quantity(attribute, Quantity::ZERO))
    }

    /// A sum of money that a rule names.
    pub fn money_rule(&self, rule: &MoneyRule, whose: Whose) -> String {
        let constant = rule.constant.minor();
        let magnitude = Money::from_minor(constant.saturating_abs()).unwrap_or(rule.constant);
        let mut terms = self.parts(&rule.parts, None, whose, true);
        if constant != 0 || terms.is_empty() {
            terms.push((constant < 0, self.money(magnitude)));
        }
        let mut text = self.sum(terms, self.money(Money::ZERO));
        if let Some(most) = rule.at_most {
            let most = self.money(most);
            text.push_str(&self.say(format!("，但最多为{most}"), format!(", but at most {most}")));
        }
        if let Some(least) = rule.at_least {
            let least = self.money(least);
            text.push_str(&self.say(format!("，但最少为{least}"), format!(", but at least {least}")));
        }
        text
    }

    /// Terms with their signs, those that add first.
    fn sum(&self, mut terms: Vec<(bool, String)>, zero: String) -> String {
        terms.sort_by_key(|(is_negative, _)| *is_negative);
        if terms.first().is_some_and(|(is_negative, _)| *is_negative) {
            terms.insert(0, (false, zero));
        }
        let mut text = String::new();
        for (index, (is_negative, term)) in terms.into_iter().enumerate() {
            if index > 0 {
                text.push_str(&if is_negative { self.say("减去", " minus ") } else { self.say("加", " plus ") });
            }
            text.push_str(&term);
        }
        text
    }

    fn parts(&self, parts: &[Part], here: Option<StageId>, whose: Whose, is_money: bool) -> Vec<(bool, String)> {
        let mut said = here;
        let mut out = Vec::new();
        for part in parts {
            out.push((part.share.ppm() < 0, self.part(part, here, said, whose, is_money)));
            said = stage_of(part.of).or(said);
        }
        out
    }

    /// A share of a reference; the stage goes unsaid right after it was said.
    fn part(&self, part: &Part, here: Option<StageId>, said: Option<StageId>, whose: Whose, is_money: bool) -> String {
        let magnitude = landgavel_base::Ratio::from_ppm(part.share.ppm().saturating_abs()).unwrap_or(part.share);
        let whole = (magnitude.ppm() % 1_000_000 == 0).then_some(magnitude.ppm() / 1_000_000);
        let place = match stage_of(part.of) {
            None => (String::new(), String::new()),
            Some(stage) if Some(stage) == here => ("本阶段".to_owned(), " of this stage".to_owned()),
            Some(stage) if Some(stage) == said => ("该阶段".to_owned(), " of that stage".to_owned()),
            Some(stage) => (self.stage_name(stage), format!(" of {}", self.stage_name(stage))),
        };
        let (name, is_step) = self.reference(part.of, whose);
        let lot = if is_money { self.for_the_lot(part.of) } else { String::new() };
        let (zh, en) = (format!("{}{name}{lot}", place.0), format!("{name}{}{lot}", place.1));
        match (whole, is_step) {
            (Some(1), true) => self.say(format!("{}一个{name}{lot}", place.0), format!("one {en}")),
            (Some(count), true) => {
                self.say(format!("{}{count}个{name}{lot}", place.0), format!("{count} times the {en}"))
            }
            (Some(1), false) => self.say(zh, format!("the {en}")),
            (Some(count), false) if count >= 2 => {
                self.say(format!("{zh}的{count}倍"), format!("{count} times the {en}"))
            }
            (Some(_) | None, _) => {
                let percent = amounts::percent(magnitude);
                self.say(format!("{zh}的{percent}"), format!("{percent} of the {en}"))
            }
        }
    }

    /// What a reference means, and whether it is an increment.
    fn reference(&self, reference: Reference, whose: Whose) -> (String, bool) {
        match reference {
            Reference::Start(stage) => (self.stage_terms(stage).start.to_owned(), false),
            Reference::Cap(stage) => (self.stage_terms(stage).cap.to_owned(), false),
            Reference::Step(stage) => (self.stage_terms(stage).step.to_owned(), true),
            Reference::Best(stage) => (self.best_of(stage), false),
            Reference::Own(attribute) => (self.own(attribute, whose), false),
        }
    }

    /// The best value of a stage that has ended.
    pub fn best_of(&self, stage: StageId) -> String {
        match &self.rulebook.stage(stage).kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) => self.stage_terms(stage).best.to_owned(),
            StageKind::Sealed(rule) => match rule.winner {
                Statistic::Best => self.stage_terms(stage).best.to_owned(),
                Statistic::Nearest { .. } => self.say("领先报价", "leading bid"),
            },
            StageKind::Score(_) => self.say("最高得分", "highest score"),
            StageKind::Descending(_) | StageKind::Fixed(_) => self.say("被接受的数额", "accepted value"),
            StageKind::Draw(_) | StageKind::First(_) => self.say("领先报价", "leading bid"),
        }
    }

    fn own(&self, attribute: AttributeId, whose: Whose) -> String {
        let name = self.attribute_name(attribute);
        let base = match self.attribute(attribute).base {
            Some(base) => self.quantity(attribute, base),
            None => String::new(),
        };
        match (whose, base.is_empty()) {
            (Whose::Bidder, true) => {
                self.say(format!("该竞买人本人的{name}报价"), format!("bidder's own offer of {name}"))
            }
            (Whose::Bidder, false) => self.say(
                format!("该竞买人本人的{name}报价（未报价的，为基准值{base}）"),
                format!("bidder's own offer of {name} (its base value {base} without an offer)"),
            ),
            (Whose::Winner, true) => {
                self.say(format!("竞得人的{name}成交值"), format!("winner's award value of {name}"))
            }
            (Whose::Winner, false) => self.say(
                format!("竞得人的{name}成交值（未报价的，为基准值{base}）"),
                format!("winner's award value of {name} (its base value {base} without an offer)"),
            ),
        }
    }

    /// How a value per area or per year counts as a sum of money.
    fn for_the_lot(&self, reference: Reference) -> String {
        let attribute = match reference {
            Reference::Own(attribute) => Some(attribute),
            Reference::Start(stage) | Reference::Cap(stage) | Reference::Step(stage) | Reference::Best(stage) => {
                self.rulebook.stage(stage).kind.attribute()
            }
        };
        match attribute.map(|id| self.attribute(id).unit.kind) {
            Some(UnitKind::Money { per: Per::Lot, yearly: true, .. }) => self.say("（以一年计）", " (for one year)"),
            Some(UnitKind::Money { per: Per::Lot, yearly: false, .. }) | None => String::new(),
            Some(UnitKind::Money { yearly: true, .. }) => {
                self.say("（按全部出让土地面积、以一年计）", " (for the whole area of the lot and one year)")
            }
            Some(UnitKind::Money { yearly: false, .. }) => {
                self.say("（按全部出让土地面积计）", " (for the whole area of the lot)")
            }
            // A checked rulebook has no such sum: these are not money.
            Some(
                UnitKind::Area { .. } | UnitKind::Percent | UnitKind::Time(_) | UnitKind::Points | UnitKind::Other,
            ) => String::new(),
        }
    }

    /// What the live part of a stage is called in Chinese.
    pub fn live(&self, stage: Option<StageId>) -> &'static str {
        match stage.and_then(|stage| self.rulebook.stages.get(usize::from(stage.0))).map(|stage| &stage.kind) {
            Some(StageKind::Ascending(rule)) => super::open_stages::live(&rule.close),
            Some(
                StageKind::Rounds(_)
                | StageKind::Sealed(_)
                | StageKind::Descending(_)
                | StageKind::Score(_)
                | StageKind::Draw(_)
                | StageKind::Fixed(_)
                | StageKind::First(_),
            )
            | None => "限时竞价",
        }
    }

    /// The source of a clause as a short citation.
    pub fn source(&self, clause: &str) -> Option<String> {
        let source = self.rulebook.source_of(clause)?;
        Some(match source {
            Source::Assumption => self.say("推定（无来源）", "assumption (no source)"),
            Source::Published(note) => match &note.article {
                Some(article) => self.say(format!("{}，{article}", note.law), format!("{}, {article}", note.law)),
                None => note.law.clone(),
            },
        })
    }

    pub fn direction(&self, attribute: AttributeId) -> Direction {
        self.attribute(attribute).direction
    }
}

fn stage_of(reference: Reference) -> Option<StageId> {
    match reference {
        Reference::Start(stage) | Reference::Cap(stage) | Reference::Step(stage) | Reference::Best(stage) => {
            Some(stage)
        }
        Reference::Own(_) => None,
    }
}

/// An article under construction.
pub(super) struct Article<'a> {
    pub speech: Speech<'a>,
    path: String,
    section: Section,
}

impl Article<'_> {
    /// Adds a provision for a field of the article's clause; the empty field is the clause itself.
    pub fn add(&mut self, field: &str, zh: impl Into<String>, en: impl Into<String>) {
        let clause = match (self.path.is_empty(), field.is_empty()) {
            (_, true) => self.path.clone(),
            (true, false) => field.to_owned(),
            (false, false) => format!("{}.{field}", self.path),
        };
        let source = self.speech.source(&clause);
        self.section.paragraphs.push(Paragraph { text: self.speech.say(zh, en), clause, source });
    }

    pub fn done(self) -> Section {
        self.section
    }
}
