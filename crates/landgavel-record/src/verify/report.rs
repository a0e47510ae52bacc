use std::fmt;

use landgavel_base::Bilingual;
use serde_json::{Value, json};

use crate::canonical;

/// Name of the report's format.
pub const REPORT_FORMAT: &str = "landgavel-report/1";
/// Name of the format of a report on a pledge's bundle.
pub const PLEDGE_REPORT_FORMAT: &str = "landgavel-pledge-report/1";

/// What is checked, in the order in which a first fault is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The bundle's files: none missing, none that does not belong, none too large.
    Files,
    /// The policy: whose log, which witnesses, how many of them.
    Policy,
    /// The rulebook and the lot can be read.
    Rules,
    /// The notice: its officers' signatures, and the digests of rulebook, lot and policy.
    Notice,
    /// Checkpoints: the log's signature and the witnesses' quorum.
    Checkpoints,
    /// Entries are in the log's tree, all of them, in their order.
    Tree,
    /// Signatures over the commands.
    Signatures,
    /// What signatures bind: sale, rulebook, stage, key, id, checkpoint.
    Binding,
    /// Events and refusals follow from the rules.
    Replay,
    /// Sealed bids: to the right round, witnessed before it, opened or shown not to open.
    Seals,
    /// Draws: the entrants witnessed before the round, the round that the notice fixes, its output.
    Draws,
    /// Times lie between what bounds them: rounds before, witnesses after.
    Times,
    /// The outcome.
    Outcome,
    /// Of a pledge: the record of the sale from which it was opened holds, and was awarded.
    Sale,
}

impl Check {
    /// How many there are.
    pub const COUNT: usize = 14;

    /// The checks of a pledge's bundle, in order.
    pub const OF_PLEDGE: [Self; 12] = [
        Self::Files,
        Self::Policy,
        Self::Rules,
        Self::Sale,
        Self::Notice,
        Self::Checkpoints,
        Self::Tree,
        Self::Signatures,
        Self::Binding,
        Self::Replay,
        Self::Times,
        Self::Outcome,
    ];

    /// The checks of a sale's bundle, in order.
    pub const OF_SALE: [Self; 13] = [
        Self::Files,
        Self::Policy,
        Self::Rules,
        Self::Notice,
        Self::Checkpoints,
        Self::Tree,
        Self::Signatures,
        Self::Binding,
        Self::Replay,
        Self::Seals,
        Self::Draws,
        Self::Times,
        Self::Outcome,
    ];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Policy => "policy",
            Self::Rules => "rules",
            Self::Notice => "notice",
            Self::Checkpoints => "checkpoints",
            Self::Tree => "tree",
            Self::Signatures => "signatures",
            Self::Binding => "binding",
            Self::Replay => "replay",
            Self::Seals => "seals",
            Self::Draws => "draws",
            Self::Times => "times",
            Self::Outcome => "outcome",
            Self::Sale => "sale",
        }
    }

    /// The question that the check answers, for people.
    pub fn title(self, of: Of) -> Bilingual {
        let (zh, en) = match (self, of) {
            (Self::Files, _) => ("文件齐全，无多余", "the files are all there, and no others"),
            (Self::Policy, _) => ("见证规则可读，须有法定见证数", "the policy names a log, witnesses and a quorum"),
            (Self::Rules, Of::Sale) => ("规则与标的可读", "rulebook and lot can be read"),
            (Self::Rules, Of::Pledge) => ("履约条款可读", "the terms of the pledge can be read"),
            (Self::Sale, _) => {
                ("所依据的出让记录通过验证，确已成交", "the record of the sale holds, and it was awarded")
            }
            (Self::Notice, Of::Sale) => {
                ("公告经双人签名，规则、标的与之一致", "the notice is signed by two officers and fixes these rules")
            }
            (Self::Notice, Of::Pledge) => (
                "开立经双人签名，出让、条款与之一致",
                "the opening is signed by two officers and fixes this sale and these terms",
            ),
            (Self::Checkpoints, _) => {
                ("检查点有日志签名和足够见证", "checkpoints are signed by the log and cosigned by enough witnesses")
            }
            (Self::Tree, _) => ("每条记录都在默克尔树中，次序未动", "every entry is in the tree, in its place"),
            (Self::Signatures, _) => ("签名有效", "signatures are valid"),
            (Self::Binding, Of::Sale) => {
                ("签名所指正是本场、本阶段、本人", "what is signed is for this sale, stage and key")
            }
            (Self::Binding, Of::Pledge) => ("签名所指正是本项履约", "what is signed is for this pledge"),
            (Self::Replay, Of::Sale) => {
                ("每一事件、每一拒绝均由规则推出", "every event and refusal follows from the rules")
            }
            (Self::Replay, Of::Pledge) => {
                ("每一认定、索赔、拒绝均由条款推出", "every verdict, claim and refusal follows from the terms")
            }
            (Self::Seals, _) => {
                ("密封报价到期方可开启，无一遗漏", "sealed bids opened by their round, none passed over")
            }
            (Self::Draws, _) => {
                ("摇号名单先冻结见证，随机数后产生", "entrants were witnessed before the randomness of their draw")
            }
            (Self::Times, _) => ("时间前后有据", "times lie between what bounds them"),
            (Self::Outcome, Of::Sale) => ("结果与公布一致", "the outcome is the one published"),
            (Self::Outcome, Of::Pledge) => ("履约状况与公布一致", "the standing is the one published"),
        };
        Bilingual::new(zh, en)
    }
}

/// What a bundle is the record of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A sale.
    Sale,
    /// A pledge.
    Pledge,
}

impl Of {
    /// What is checked, in the order in which a first fault is named.
    pub fn checks(self) -> &'static [Check] {
        match self {
            Self::Sale => &Check::OF_SALE,
            Self::Pledge => &Check::OF_PLEDGE,
        }
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Which check found it.
    pub check: Check,
    /// File of the bundle.
    pub file: String,
    /// Entry, when it is about one.
    pub entry: Option<u64>,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(entry) = self.entry {
            write!(f, ": entry {entry}")?;
        }
        write!(f, ": {} [{}/{}]", self.message, self.check.name(), self.code)
    }
}

/// What must be known to weigh a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caveat {
    /// Keys, witnesses and randomness were made for a demonstration.
    Demonstration,
    /// The lot says that it is invented.
    Sample,
    /// The chain of draws and seals is a local one, of one key.
    LocalChain,
    /// Log and witnesses are trusted because the bundle names them.
    PolicyFromBundle,
    /// The notice was not compared with a digest that was published elsewhere.
    NoticeFromBundle,
    /// A draw rests on a number that people brought.
    NumberByHand,
    /// A draw was overdue and never held: an output that did not please may have been kept back.
    DrawNotHeld,
    /// The sale has not ended.
    NotEnded,
    /// The pledge still runs.
    PledgeRuns,
    /// The opening of the pledge is not signed by two officers of the sale's notice.
    OtherOfficers,
    /// Something of the pledge was witnessed later than its opening promises.
    WitnessedLate,
    /// Two officers gave somebody of the pledge another key.
    KeysReplaced,
}

impl Caveat {
    /// Those of a sale, in order.
    pub const OF_SALE: [Self; 8] = [
        Self::Demonstration,
        Self::Sample,
        Self::LocalChain,
        Self::PolicyFromBundle,
        Self::NoticeFromBundle,
        Self::NumberByHand,
        Self::DrawNotHeld,
        Self::NotEnded,
    ];

    /// All of them, in order.
    pub const ALL: [Self; 12] = [
        Self::Demonstration,
        Self::Sample,
        Self::LocalChain,
        Self::PolicyFromBundle,
        Self::NoticeFromBundle,
        Self::NumberByHand,
        Self::DrawNotHeld,
        Self::NotEnded,
        Self::PledgeRuns,
        Self::OtherOfficers,
        Self::WitnessedLate,
        Self::KeysReplaced,
    ];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Demonstration => "demonstration",
            Self::Sample => "sample",
            Self::LocalChain => "local-chain",
            Self::PolicyFromBundle => "policy-from-bundle",
            Self::NoticeFromBundle => "notice-from-bundle",
            Self::NumberByHand => "number-by-hand",
            Self::DrawNotHeld => "draw-not-held",
            Self::NotEnded => "not-ended",
            Self::PledgeRuns => "pledge-runs",
            Self::OtherOfficers => "other-officers",
            Self::WitnessedLate => "witnessed-late",
            Self::KeysReplaced => "keys-replaced",
        }
    }

    /// For people.
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Demonstration => (
                "演示：各方密钥均为本次运行生成，不代表任何真实主体",
                "a demonstration: every key was made for this run, by one hand",
            ),
            Self::Sample => ("样本：本场出让为虚构", "a sample: this sale is invented"),
            Self::LocalChain => (
                "随机数与封标用本地信标（单一密钥），持钥者可预知",
                "draws and seals use a local chain of one key: its holder could know them beforehand",
            ),
            Self::PolicyFromBundle => (
                "日志与见证方的公钥取自记录自身，而非您自己信任的公钥",
                "the log's and witnesses' keys come from the bundle itself, not from those that you trust",
            ),
            Self::NoticeFromBundle => {
                ("公告未与他处公布的摘要比对", "the notice was not compared with a digest published elsewhere")
            }
            Self::NumberByHand => (
                "有一次摇号的随机数由人工录入，须另行核对",
                "a draw rests on a number entered by hand: compare it with where it was announced",
            ),
            Self::DrawNotHeld => (
                "有一次摇号逾期未摇；请查该轮随机数当时是否已公布，以防不中意者被扣下",
                "a draw was overdue and never held: find out whether its output was public, and was kept back",
            ),
            Self::NotEnded => ("出让尚未结束", "the sale has not ended"),
            Self::PledgeRuns => ("履约尚未结束，记录还会增加", "the pledge still runs: its record will go on"),
            Self::OtherOfficers => (
                "开立人不是出让公告所列的经办人，须另行核实其身份",
                "who opened the pledge are not the officers of the sale's notice: find out otherwise who they are",
            ),
            Self::WitnessedLate => (
                "有事项晚于开立时承诺的时限才取得见证：在此之前，其时间只凭登记方自己的说法",
                "something was witnessed later than the opening promises: until then its time is the hall's own word",
            ),
            Self::KeysReplaced => (
                "有人的公钥由两名监管人员更换，此后的签名只凭这两人的决定",
                "two officers gave somebody another key: what it signs rests on their decision",
            ),
        };
        Bilingual::new(zh, en)
    }
}

/// The verdict on a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is the record of.
    pub of: Of,
    /// The first thing that is wrong; `None` when everything holds.
    pub wrong: Option<Wrong>,
    /// How much each check looked at, by its place in [`Check`].
    pub counts: [u64; Check::COUNT],
    /// What must be known to weigh the verdict.
    pub caveats: Vec<Caveat>,
    /// What the bundle is about, as far as it could be read.
    pub subject: Subject,
    /// The outcome as recomputed; `None` when something is wrong.
    pub outcome: Option<Value>,
}

/// What a bundle is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Name of the log.
    pub origin: Option<String>,
    /// Title of the lot.
    pub title: Option<Bilingual>,
    /// Entries of the record.
    pub entries: u64,
    /// Root of the tree, in hexadecimal.
    pub root: Option<String>,
    /// Digest of the notice (its leaf hash), in hexadecimal.
    pub notice: Option<String>,
    /// Verifier keys of the log and of the witnesses.
    pub trusted: Vec<String>,
}

impl Report {
    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.wrong.is_none()
    }

    /// How much a check looked at.
    pub fn count(&self, check: Check) -> u64 {
        self.counts[check as usize]
    }

    /// The report as canonical JSON: the same bytes wherever a bundle is verified.
    pub fn json(&self) -> String {
        let checks: Vec<Value> = self
            .of
            .checks()
            .iter()
            .map(|check| {
                let count = self.count(*check);
                let verdict = match &self.wrong {
                    None => "passed",
                    Some(wrong) if wrong.check == *check => "failed",
                    Some(_) => "undecided",
                };
                json!({"check": check.name(), "count": count, "verdict": verdict})
            })
            .collect();
        let wrong = self.wrong.as_ref().map(|wrong| {
            json!({"check": wrong.check.name(), "code": wrong.code, "entry": wrong.entry, "file": wrong.file,
                   "message": wrong.message})
        });
        let caveats: Vec<&str> = self.caveats.iter().map(|caveat| caveat.name()).collect();
        let subject = &self.subject;
        let title = subject.title.as_ref().map(|title| json!({"en": title.en, "zh": title.zh}));
        let format = match self.of {
            Of::Sale => REPORT_FORMAT,
            Of::Pledge => PLEDGE_REPORT_FORMAT,
        };
        canonical::encode(&json!({
            "format": format, "verdict": if self.holds() { "holds" } else { "fails" }, "checks": checks,
            "wrong": wrong, "caveats": caveats, "outcome": self.outcome,
            "subject": {"origin": subject.origin, "title": title, "entries": subject.entries, "root": subject.root,
                        "notice": subject.notice, "trusted": subject.trusted},
        }))
    }
}
