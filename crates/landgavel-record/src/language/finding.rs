use core::fmt;

/// Whether a finding stops the file from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; somebody should look.
    Warning,
}

impl Severity {
    /// The word for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Declares all codes of findings in one place: name, stable word, severity, Chinese, English.
macro_rules! codes {
    ($($name:ident, $word:literal, $severity:ident, $zh:literal, $en:literal;)*) => {
        /// What kind of finding it is. Words are never reused or renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $en] $name,)*
        }

        impl Code {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word, such as `unknown-key`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Whether it stops the file from being used.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What it means, in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)* }
            }

            /// What it means, in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

codes! {
    Unreadable, "unreadable", Error, "文件读不到。", "The file cannot be read.";
    TooLarge, "too-large", Error, "文件超过 1 MiB。", "The file is larger than 1 MiB.";
    NotUtf8, "not-utf8", Error, "文件不是 UTF-8。", "The file is not UTF-8.";
    Syntax, "syntax", Error, "TOML 语法错误。", "The TOML syntax is wrong.";
    UnknownFormat, "unknown-format", Error, "`format` 不是本程序认识的格式。", "`format` names no format that this program reads.";
    UnknownKey, "unknown-key", Error, "此处没有这个字段。", "The language has no such key here.";
    MissingKey, "missing-key", Error, "缺少必填字段。", "A required key is missing.";
    WrongType, "wrong-type", Error, "值的类型不对。", "The value has the wrong type.";
    UnknownWord, "unknown-word", Error, "不是可选词之一。", "The word is not one of those allowed.";
    OutOfRange, "out-of-range", Error, "数值超出允许范围。", "The number is out of its range.";
    BadId, "bad-id", Error, "标识只能用小写字母、数字、`-`、`_`，并以字母开头。", "An id is lower-case letters, digits, `-` and `_`, beginning with a letter.";
    BadDuration, "bad-duration", Error, "时长写法不对。", "The duration is not written as the language wants it.";
    BadPeriod, "bad-period", Error, "期限写法不对。", "The period is not written as the language wants it.";
    BadAmount, "bad-amount", Error, "数额写法不对。", "The amount is not written as the language wants it.";
    BadPercent, "bad-percent", Error, "百分比写法不对。", "The percentage is not written as the language wants it.";
    BadUnit, "bad-unit", Error, "不认识的单位。", "The unit is not one of the language.";
    WrongUnit, "wrong-unit", Error, "单位与所需不符，或不能精确换算。", "The unit measures something else, or does not convert exactly.";
    BadDate, "bad-date", Error, "日期时间写法不对。", "The date or time is not written as the language wants it.";
    BadDigest, "bad-digest", Error, "散列值须为 64 位小写十六进制数。", "A digest is 64 lower-case hexadecimal digits.";
    BadOutline, "bad-outline", Error, "宗地界址点不合规。", "The outline of the parcel is malformed.";
    BadUnitNumber, "bad-unit-number", Error, "不动产单元号不合规。", "The real estate unit number is malformed.";
    UnknownMoment, "unknown-moment", Error, "日历中没有这个时点。", "The calendar has no such moment.";
    UnknownStage, "unknown-stage", Error, "没有这个阶段。", "There is no such stage.";
    UnknownAttribute, "unknown-attribute", Error, "没有这个指标。", "There is no such attribute.";
    UnknownParameter, "unknown-parameter", Error, "没有声明这个参数。", "No such parameter is declared.";
    UnknownSource, "unknown-source", Error, "`[sources]` 里没有这个出处。", "`[sources]` has no such source.";
    UnknownCalendar, "unknown-working-days", Error, "没有这份工作日历。", "There is no such calendar of working days.";
    BadReference, "bad-reference", Error, "该处不能引用这个值。", "This value cannot be named here.";
    Duplicate, "duplicate-id", Error, "标识重复。", "An id is used twice.";
    MissingValue, "missing-value", Error, "标的没有给出参数的值，参数也没有默认值。", "The lot gives no value and the parameter has no default.";
    ValueBeyondBounds, "value-beyond-bounds", Error, "参数值超出规则允许的上下限。", "A value is beyond the bounds of its parameter.";
    UnusedParameter, "unused-parameter", Warning, "参数声明了但没有用到。", "A parameter is declared but never used.";
    MissingMoment, "missing-moment", Error, "标的日历缺少规则要求的时点。", "The lot's calendar lacks a moment of the rulebook.";
    CalendarOrder, "calendar-order", Error, "时点先后颠倒。", "A moment comes before the one that it must follow.";
    CalendarTooShort, "calendar-too-short", Error, "与前一时点间隔不足。", "A moment follows the one before it too soon.";
    CalendarUncovered, "calendar-uncovered", Error, "工作日历没有覆盖这一年。", "The calendar of working days does not cover the year.";
    WindowReversed, "window-reversed", Error, "窗口在开启之前或同时关闭。", "A window closes before it opens, or at once.";
    WindowOverlap, "window-overlap", Error, "应当先后进行的窗口重叠。", "Windows overlap that must follow each other.";
    StageNotEarlier, "stage-not-earlier", Error, "只能引用更早的阶段。", "Only an earlier stage can be named here.";
    EndlessPipeline, "endless-pipeline", Error, "出口必须通向后面的阶段。", "An exit must lead to a later stage, or the sale may never end.";
    NoNextStage, "no-next-stage", Error, "最后阶段没有下一阶段。", "The last stage has no next one.";
    BackWithoutRanking, "back-without-ranking", Error, "`back` 的阶段没有报价排名。", "`back` names a stage that ranks no offers.";
    UnreachableStage, "unreachable-stage", Error, "没有任何出口通向该阶段。", "No exit leads to the stage.";
    UnusedExit, "unused-exit", Warning, "该阶段不会有这种结束。", "The stage can never end in this way.";
    NoSurvivors, "no-survivors", Error, "该出口不会有这样的幸存者。", "After this ending nobody can be such a survivor.";
    AcceptorsAlone, "acceptors-alone", Warning, "没有接受期，只有触顶者一人是“接受者”。", "Without time to accept only who reached the cap accepts.";
    WinWithoutOffer, "win-without-offer", Error, "无人报价的阶段不能产生竞得人。", "A stage without an offer cannot have a winner.";
    StepDoesNotDivide, "step-does-not-divide", Error, "增价幅度不能整除起始值到上限的差。", "The step does not divide the way from start to cap.";
    StepZero, "step-zero", Error, "增价幅度不能为零。", "The step must not be zero here.";
    StepTooLarge, "step-too-large", Error, "增价幅度大于起始值到上限的差。", "The step is larger than the way from start to cap.";
    CapNotBetter, "cap-not-better", Error, "上限不优于起始值。", "The cap is not better than the start.";
    ReserveBeyondCap, "reserve-beyond-cap", Error, "底价优于上限，永远达不到。", "The reserve is beyond the cap and can never be met.";
    ReserveNotBetter, "reserve-not-better", Warning, "底价不优于起始值，没有作用。", "The reserve is not better than the start and has no effect.";
    FloorNotWorse, "floor-not-worse", Error, "终止值不在递减方向上。", "The floor is not below the start in the clock's direction.";
    BoundsEmpty, "bounds-empty", Error, "上下界之间没有有效报价。", "No offer lies between the bounds.";
    BeyondRange, "beyond-range", Error, "数额超出 2^53−1。", "The amount is beyond 2^53 − 1 of its quanta.";
    NegativeAmount, "negative-amount", Error, "数额为负。", "The amount is negative.";
    OwnWithoutBidder, "own-without-bidder", Error, "此处没有特定竞买人，不能用 `own`。", "There is no particular bidder here, so `own` means nothing.";
    ContradictoryRequirements, "contradictory-requirements", Error, "资格条件互相矛盾，无人能满足。", "The requirements contradict each other; nobody can meet them.";
    TooFewSeats, "too-few-seats", Error, "最少竞买人数多于最多人数。", "More bidders are demanded than may be admitted.";
    SoleRuleUnused, "sole-rule-unused", Warning, "最少人数大于一，唯一竞买人规则用不到。", "With more than one bidder demanded, the rule for a sole bidder is never used.";
    BondWithoutForm, "bond-without-form", Error, "保证金没有任何可用形式。", "The bond accepts no form.";
    BondTooEarly, "bond-too-early", Error, "保证金截止早于报名开始。", "The bond is due before applications open.";
    DrawWithoutSource, "draw-without-source", Error, "摇号没有随机数来源。", "The draw has no source of randomness.";
    LocalBeacon, "local-beacon", Warning, "`local` 随机源只可用于演示。", "The local beacon is for demonstrations only.";
    PassTooHigh, "pass-too-high", Error, "及格分高于总分。", "The pass mark is above the sum of all points.";
    TooFewJudges, "too-few-judges", Error, "去掉最高最低分后没有评委剩下。", "No judge is left once the highest and lowest marks are dropped.";
    PanelWithoutTime, "panel-without-time", Error, "有评委打分但没有打分时间或评委。", "A panel marks, but it has no time or no judges.";
    CommitmentMissing, "commitment-missing", Error, "承诺值既不在公告中，也没有提交期限。", "A committed value stands neither in the lot nor has a moment to lodge it.";
    CommitmentUnused, "commitment-unused", Error, "该阶段没有这个承诺值。", "The stage has no such committed value.";
    HardStopCutsCountdown, "hard-stop-cuts-countdown", Warning, "硬停会截断倒计时，最后报价者之后别人没有完整时间回应。", "The hard stop cuts the countdown: the last bid may leave others no full period to answer.";
    CountdownZero, "zero-time", Error, "此处时长不能为零。", "The time must not be zero here.";
    NoSource, "no-source", Warning, "条款没有出处。", "The clause has no source.";
    UnknownLandUse, "unknown-land-use", Warning, "附带的用地分类里没有这个代码。", "The embedded classification has no such land use code.";
    ExampleMissing, "example-missing", Error, "参数没有示例值，也没有默认值。", "A parameter has neither an example nor a default.";
    UnknownColumn, "unknown-column", Error, "没有这个数据列或指标。", "There is no such column or indicator.";
    UnknownPlace, "unknown-place", Error, "没有这个地区，或此处不能是这类地区。", "There is no such place, or none of its kind belongs here.";
    UnknownDimension, "unknown-dimension", Error, "没有这个维度。", "There is no such dimension.";
    UnknownGrade, "unknown-grade", Error, "没有这个等级。", "There is no such grade.";
    BadCondition, "bad-condition", Error, "条件或算式写法不对。", "The condition or sum is not written as the language wants it.";
    BadNumber, "bad-number", Error, "数字写法不对。", "The number is not written as the language wants it.";
    CutsOrder, "cuts-order", Error, "等级比例须递增，最后一级为 100%。", "The shares of grades must grow, and the last must be 100 %.";
    StepsOrder, "steps-order", Error, "分档界限须按从优到劣排列。", "The bounds of steps must follow each other, best first.";
    CapUnsaid, "cap-unsaid", Error, "按比例计分的项须写明上限。", "An item with a linear way must say its cap.";
    PointsBeyondFull, "points-beyond-full", Warning, "得分高于满分与上限。", "Points are beyond the full points and the cap.";
    BondBeyondPractice, "bond-beyond-practice", Warning, "履约保证不在地价的10 %至20 %之间。", "The performance bond is not between 10 and 20 % of the price.";
    UnusedColumn, "unused-column", Warning, "数据列没有用到。", "The column is never used.";
    GroupsMissing, "groups-missing", Error, "没有分组列，不能按组比较。", "Rows cannot be compared within groups: no column of groups is named.";
    MessageLanguage, "one-language", Warning, "只有一种语言的文字。", "A text stands in one language only.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where something stands in its file; both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

/// One thing that is wrong with, or doubtful in, a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File, as it was named by the caller or by the lot.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Dotted path of the field, such as `stages.price.step`.
    pub field: String,
    /// What kind of finding it is.
    pub code: Code,
    /// What is the matter, in English.
    pub message_en: String,
    /// What is the matter, in Chinese.
    pub message_zh: String,
    /// What should stand there instead, when it can be said in short.
    pub expected: Option<String>,
}

impl Finding {
    /// Whether it stops the file from being used.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether it stops the file from being used.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// Shown as `file:line:column: error[code] field: message`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, field, code, message_en, expected, .. } = self;
        write!(f, "{file}:{line}:{column}: {}[{code}]", self.severity().as_str())?;
        if !field.is_empty() {
            write!(f, " {field}")?;
        }
        write!(f, ": {message_en}")?;
        match expected {
            Some(expected) => write!(f, " Expected: {expected}."),
            None => Ok(()),
        }
    }
}

/// A message in both languages and what was expected; what a leaf parser says is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) en: String,
    pub(crate) zh: String,
    pub(crate) expected: Option<String>,
    /// Follows from another finding and is not told again.
    is_consequence: bool,
}

impl Problem {
    /// What cannot be read because of something that has its own finding.
    pub(crate) fn consequence() -> Self {
        Self { is_consequence: true, ..Self::new(Code::MissingValue, "", "") }
    }

    pub(crate) fn new(code: Code, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { code, en: en.into(), zh: zh.into(), expected: None, is_consequence: false }
    }

    /// The general words of the code, with `detail` behind them.
    pub(crate) fn of(code: Code, detail: impl fmt::Display) -> Self {
        let (en, zh) = (code.en().trim_end_matches('.'), code.zh().trim_end_matches('。'));
        Self::new(code, format!("{en}: {detail}."), format!("{zh}：{detail}。"))
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }
}

/// Most findings kept of one file: nobody reads more at once, and a file of noise must not take long.
const FINDINGS_MAX: usize = 500;

/// Collects the findings of one file.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) file: String,
    pub(crate) findings: Vec<Finding>,
    /// Paths that could not be read because of a finding elsewhere.
    unread: Vec<String>,
}

impl Sink {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), findings: Vec::new(), unread: Vec::new() }
    }

    pub(crate) fn report(&mut self, place: Place, field: &str, problem: Problem) {
        let Problem { code, en, zh, expected, is_consequence } = problem;
        if is_consequence {
            self.unread.push(field.to_owned());
            return;
        }
        let finding = Finding {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            field: field.to_owned(),
            code,
            message_en: en,
            message_zh: zh,
            expected,
        };
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        // One clause may be read twice (a default built from it); it is still one finding.
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Whether a clause, or anything in it, could not be read: what it means is not worth a finding then.
    pub(crate) fn is_broken(&self, path: &str) -> bool {
        let is_within =
            |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.unread.iter().any(|field| is_within(field))
            || self.findings.iter().any(|finding| finding.is_error() && is_within(&finding.field))
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}
