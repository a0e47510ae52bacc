//! What somebody may ask of a pledge, as forms whose content is signed: by who looks, and by what the pledge waits for.

use std::collections::BTreeSet;

use landgavel_base::Instant;
use landgavel_pledge::{Approval, ClaimState, Command, Party, Status, Subject, Verdict};
use landgavel_record::language::{IDLE, format_money};
use landgavel_record::pledges::record::Role as Signs;
use landgavel_record::pledges::{Opened, subject_in_words};

use super::page::Visitor;
use super::pledge::role_words;
use crate::pledges::State;

/// A form.
pub(super) struct PledgeForm {
    pub id: String,
    pub title: String,
    pub what: String,
    pub command: &'static str,
    pub action: String,
    pub fields: Vec<PledgeField>,
    pub button: String,
    pub is_grave: bool,
}

/// A field of it.
pub(super) struct PledgeField {
    pub name: &'static str,
    pub label: String,
    /// `hidden`, `text`, `date`, `number`, `file`, `flag`, `check`, `choice`.
    pub kind: &'static str,
    pub value: String,
    pub choices: Vec<(String, String)>,
    pub is_required: bool,
}

fn field(name: &'static str, kind: &'static str, label: String) -> PledgeField {
    PledgeField { name, label, kind, value: String::new(), choices: Vec::new(), is_required: true }
}

fn hidden(name: &'static str, value: &str) -> PledgeField {
    PledgeField { value: value.to_owned(), ..field(name, "hidden", String::new()) }
}

/// Makes the forms of one visitor.
pub(super) struct Forms<'a> {
    pub state: &'a State,
    pub visitor: &'a Visitor,
    pub api: String,
    pub now: Instant,
}

impl Forms<'_> {
    /// All forms for who signs as this under this name.
    pub fn of(&self, role: Signs, name: &str) -> Vec<PledgeForm> {
        match role {
            Signs::Source => self.of_source(name),
            Signs::Winner => self.of_winner(),
            Signs::Officer => self.of_officer(name),
            Signs::Guarantor => Vec::new(),
        }
    }

    fn say(&self, zh: &str, en: &str) -> String {
        self.visitor.say(zh, en)
    }

    fn opened(&self) -> &Opened {
        self.state.record.opened()
    }

    fn form(
        &self,
        id: &str,
        command: &'static str,
        title: String,
        what: String,
        fields: Vec<PledgeField>,
    ) -> PledgeForm {
        PledgeForm {
            id: id.to_owned(),
            title,
            what,
            command,
            action: format!("{}/commands", self.api),
            fields,
            button: self.say("签名提交", "Sign and hand in"),
            is_grave: false,
        }
    }

    fn digest(&self, name: &'static str, zh: &str, en: &str) -> PledgeField {
        let hint = self.say("只提交其 SHA-256 摘要，文件不上传", "only its SHA-256 is sent; the file stays here");
        field(name, "file", format!("{}（{hint}）", self.say(zh, en)))
    }

    /// What awaits this source's evidence: nothing is shown of it yet, and its time has begun.
    fn of_source(&self, name: &str) -> Vec<PledgeForm> {
        let opened = self.opened();
        let contract = opened.pledge.contract();
        let mut forms = Vec::new();
        if opened.pledge.status() != Status::Running {
            return forms;
        }
        let open = |subject: Subject| opened.pledge.evidence(subject).is_none();
        for (index, milestone) in contract.milestones.iter().enumerate() {
            let subject = Subject::Milestone(u16::try_from(index).unwrap_or(u16::MAX));
            let is_next = milestone.owed_by == Party::Seller || opened.pledge.due_of(subject).is_some();
            if milestone.source == name && open(subject) && is_next {
                forms.push(self.evidence(name, &milestone.id, None, subject, None));
            }
        }
        for (index, promise) in contract.promises.iter().enumerate() {
            let short = u16::try_from(index).unwrap_or(u16::MAX);
            let next = (0..contract.periods(index)).map(|period| (period, Subject::Period(short, period)));
            let next = next.clone().find(|(_, subject)| open(*subject) && opened.pledge.due_of(*subject).is_some());
            let Some((period, subject)) = next.filter(|_| promise.source == name) else { continue };
            let year = (contract.periods(index) > 1).then_some(period + 1);
            let unit = opened.attributes.get(index).map(|attribute| attribute.unit.text.clone());
            forms.push(self.evidence(name, &promise.id, year, subject, unit));
        }
        for (index, duty) in contract.duties.iter().enumerate() {
            let subject = Subject::Duty(u16::try_from(index).unwrap_or(u16::MAX));
            if duty.source == name && !duty.is_bond && open(subject) {
                forms.push(self.evidence(name, &duty.obligation.id, None, subject, None));
            }
        }
        for (index, ban) in contract.bans.iter().enumerate() {
            let subject = Subject::Ban(u16::try_from(index).unwrap_or(u16::MAX));
            // What was forbidden may come to light after the ban has ended.
            if ban.source == name && open(subject) && opened.pledge.verdict(subject) != Some(Verdict::Waived) {
                forms.push(self.evidence(name, &ban.id, None, subject, None));
            }
        }
        forms.extend(self.halted(name));
        forms
    }

    /// Work that has stopped on land that was begun.
    fn halted(&self, name: &str) -> Option<PledgeForm> {
        let pledge = &self.opened().pledge;
        pledge.contract().halt.as_ref().filter(|rule| rule.source == name)?;
        let is_begun = pledge.contract().idle.is_some_and(|rule| {
            u16::try_from(rule.start).is_ok_and(|start| pledge.evidence(Subject::Milestone(start)).is_some())
        });
        let may_be = matches!(pledge.verdict(Subject::Idle), None | Some(Verdict::Met));
        if !is_begun || !may_be {
            return None;
        }
        let fields = vec![
            hidden("about", IDLE),
            hidden("source", name),
            field("since", "date", self.say("最后施工之日", "Day of the last work")),
            field("until", "date", self.say("查验之日", "Day of the inspection")),
            field("built", "text", self.say("已开发面积，例如 5000 平方米", "Land built on, such as 5000 m2")),
            field("invested", "text", self.say("已投资额，例如 800 万元", "Invested, such as 800 万元")),
            self.digest("document", "凭证文件", "The document"),
        ];
        let what = self.say(
            "中止开发满期且开发面积不足三分之一或投资不足四分之一的，认定为闲置土地。由您单位签名，列入公开记录。",
            "Land left for long enough lies idle when less than a third of it is built on or less than a quarter invested. Signed by your office; it enters the public record.",
        );
        let title = self.say("报告中止开发", "Report that work has stopped");
        let form = self.form("evidence-idle", "evidence", title, what, fields);
        Some(PledgeForm { is_grave: true, ..form })
    }

    /// A size that is far from what is expected is asked about, and stands when this is said.
    fn confirmed(&self) -> PledgeField {
        let label = self.say("已核对单位（仅在系统询问后勾选）", "The unit is right (only when it was asked about)");
        PledgeField { is_required: false, ..field("confirmed", "check", label) }
    }

    fn evidence(
        &self,
        source: &str,
        about: &str,
        year: Option<u16>,
        subject: Subject,
        unit: Option<String>,
    ) -> PledgeForm {
        let name = self.visitor.pick(&subject_in_words(&self.opened().pledge, subject));
        let is_ban = matches!(subject, Subject::Ban(_));
        let mut fields = vec![hidden("about", about), hidden("source", source)];
        if let Some(year) = year {
            fields.push(PledgeField { kind: "hidden-number", ..hidden("year", &year.to_string()) });
        }
        match unit {
            Some(unit) => {
                let label = self.visitor.say(
                    &format!("数值与单位，例如 41.2 {unit}"),
                    &format!("Figure with its unit, such as 41.2 {unit}"),
                );
                fields.push(field("figure", "text", label));
                fields.push(self.confirmed());
            }
            None if is_ban => {
                fields.push(field("on", "date", self.say("违反之日", "Day on which the forbidden was done")));
            }
            None => fields.push(field("on", "date", self.say("完成之日", "Day on which it was done"))),
        }
        fields.push(self.digest("document", "凭证文件", "The document"));
        let (title, what) = if is_ban {
            let what = self.say(
                "仅在发生了被禁止的行为时出具：即认定为违约。由您单位签名，列入公开记录。",
                "Only when what is forbidden was done: it is a breach at once. Signed by your office; it enters the public record.",
            );
            (self.visitor.say(&format!("报告违反：{name}"), &format!("Report a breach: {name}")), what)
        } else {
            let what = self.say("由您单位签名，列入公开记录。", "Signed by your office; it enters the public record.");
            (self.visitor.say(&format!("出具凭证：{name}"), &format!("Show: {name}")), what)
        };
        let form = self.form(&format!("evidence-{about}-{}", year.unwrap_or(0)), "evidence", title, what, fields);
        PledgeForm { is_grave: is_ban, ..form }
    }

    fn of_winner(&self) -> Vec<PledgeForm> {
        let claims = self.claims(|state| state == ClaimState::Open);
        if claims.is_empty() {
            return Vec::new();
        }
        let fields = vec![
            PledgeField { choices: claims, ..field("claim", "choice-number", self.say("索赔", "Claim")) },
            self.digest("statement", "异议书", "Your statement"),
        ];
        let what = self.say(
            "异议一次，须在整改期内；由监管方依程序裁定。",
            "A claim is disputed once, within the time to cure; two officers settle it.",
        );
        vec![self.form("dispute", "dispute", self.say("提出异议", "Dispute a claim"), what, fields)]
    }

    fn claims(&self, of: impl Fn(ClaimState) -> bool) -> Vec<(String, String)> {
        let pledge = &self.opened().pledge;
        let open = pledge.claims().iter().enumerate().filter(|(_, claim)| of(claim.state));
        open.map(|(index, claim)| {
            let name = self.visitor.pick(&subject_in_words(pledge, claim.subject));
            ((index + 1).to_string(), format!("{}. {name}", index + 1))
        })
        .collect()
    }

    /// Acts of two: the first officer signs here, a second officer or the issuer of a bond afterwards.
    fn of_officer(&self, name: &str) -> Vec<PledgeForm> {
        let pledge = &self.opened().pledge;
        let is_running = pledge.status() == Status::Running;
        let others: Vec<(String, String)> = self
            .state
            .record
            .holders()
            .filter(|(role, holder)| *role == Signs::Officer && holder.name != name)
            .map(|(_, holder)| (holder.name.clone(), holder.name.clone()))
            .collect();
        let approval = || {
            let second = self.say("第二名监管人员", "The second officer");
            vec![
                hidden("officer", name),
                PledgeField { choices: others.clone(), ..field("second_officer", "choice", second) },
                field("reason", "text", self.say("理由（将公开）", "Reason (will be public)")),
            ]
        };
        let waits = self.say(
            "您先签名，第二人看到同样的文字后签名才生效。",
            "You sign first; it counts when the second has signed the same text.",
        );
        let mut forms = Vec::new();
        let mut add = |verb: &'static str, title: String, what: String, fields: Vec<PledgeField>, is_grave: bool| {
            let button = self.say("签名，交第二人", "Sign, and hand to the second");
            // One verb may have two forms.
            let id =
                if fields.iter().any(|field| field.name == "year") { format!("{verb}-year") } else { verb.to_owned() };
            let form = self.form(&id, verb, title, what, fields);
            forms.push(PledgeForm { action: format!("{}/acts", self.api), button, is_grave, ..form });
        };
        // The forms offer what the terms would allow now.
        let is_allowed = |ask: &dyn Fn(Approval) -> Command| {
            let Some((other, _)) = others.first() else { return false };
            let approval = Approval { first: name.to_owned(), second: other.clone(), reason: String::new() };
            pledge.decide(self.now.max(self.state.record.last()), &ask(approval)).is_ok()
        };
        if is_running {
            let what = self.say(
                "由监管人员录入，开立保函的担保人（或另一名监管人员）签名确认。",
                "An officer writes it down; the issuer, or another officer, signs too.",
            );
            let mut issuers: Vec<(String, String)> = self
                .state
                .record
                .holders()
                .filter(|(role, _)| *role == Signs::Guarantor)
                .map(|(_, holder)| (holder.name.clone(), holder.name.clone()))
                .collect();
            let issuer = match issuers.len() {
                0 => field("issuer", "text", self.say("出具人", "Issuer")),
                _ => {
                    issuers.sort();
                    PledgeField { choices: issuers, ..field("issuer", "choice", self.say("出具人", "Issuer")) }
                }
            };
            let form = vec![
                ("guarantee".to_owned(), self.say("见索即付保函", "Guarantee on demand")),
                ("cash".to_owned(), self.say("现金", "Cash")),
            ];
            let fields = vec![
                PledgeField { choices: form, ..field("form", "choice", self.say("形式", "Form")) },
                field("amount", "text", self.say("金额，例如 250.3 万元", "Amount, such as 250.3 万元")),
                issuer,
                PledgeField { value: "true".to_owned(), ..field("on_demand", "hidden-flag", String::new()) },
                PledgeField {
                    is_required: false,
                    ..field("valid_until", "date", self.say("有效至（现金不填）", "Valid until (not for cash)"))
                },
                PledgeField {
                    is_required: false,
                    ..field(
                        "number",
                        "text",
                        self.say("保函编号（现金不填）", "Number of the guarantee (not for cash)"),
                    )
                },
                PledgeField {
                    is_required: false,
                    ..self.digest("letter", "保函文件（现金不填）", "The letter of guarantee (not for cash)")
                },
                self.confirmed(),
            ];
            add("bond", self.say("收到履约保证", "A bond was lodged"), what, fields, false);
        }
        let bonds: Vec<(String, String)> = pledge
            .bonds()
            .iter()
            .enumerate()
            .filter(|(_, held)| held.bond.valid_until.is_some())
            .map(|(index, held)| ((index + 1).to_string(), format!("{}. {}", index + 1, held.bond.issuer)))
            .collect();
        // After the land was taken back too, as long as a claim is open.
        if pledge.status() != Status::Discharged && !bonds.is_empty() {
            let fields = vec![
                PledgeField { choices: bonds, ..field("bond", "choice-number", self.say("保函", "Guarantee")) },
                field("valid_until", "date", self.say("新的有效期至", "Valid until")),
                self.digest("letter", "保函修改书", "The letter that amends it"),
            ];
            add("extend-bond", self.say("保函展期", "A guarantee was extended"), waits.clone(), fields, false);
        }
        // Neither extended nor replaced by the day demanded.
        let callable =
            |bond: usize| pledge.decide(self.now.max(pledge.last()), &Command::CallExpiring { bond }).is_ok();
        let unextended: Vec<(String, String)> = (0..pledge.bonds().len())
            .filter(|bond| callable(*bond))
            .map(|bond| ((bond + 1).to_string(), format!("{}. {}", bond + 1, pledge.bonds()[bond].bond.issuer)))
            .collect();
        if !unextended.is_empty() {
            let bond =
                PledgeField { choices: unextended, ..field("bond", "choice-number", self.say("保函", "Guarantee")) };
            let title = self.say("全额索付未展期保函", "Call a guarantee that was not extended in full");
            add("call-expiring", title, waits.clone(), vec![bond], true);
        }
        let open = self.claims(|state| state != ClaimState::Closed);
        if !open.is_empty() {
            let claim = |choices: Vec<(String, String)>| PledgeField {
                choices,
                ..field("claim", "choice-number", self.say("索赔", "Claim"))
            };
            let amount = field("amount", "text", self.say("金额，例如 47.5 万元", "Amount, such as 47.5 万元"));
            add("pay", self.say("收到付款", "A payment came"), waits.clone(), vec![claim(open.clone()), amount], false);
            let undisputed = self.claims(|state| state == ClaimState::Open);
            if !undisputed.is_empty() {
                let title = self.say("提取保证", "Call the bond");
                add("call-bond", title, waits.clone(), vec![claim(undisputed)], true);
            }
            let mut fields = vec![
                claim(open),
                field("amount", "text", self.say("定为，例如 30 万元", "Settled at, such as 30 万元")),
            ];
            fields.extend(approval());
            add("settle", self.say("裁定索赔", "Settle a claim"), waits.clone(), fields, true);
        }
        if is_running {
            let contract = pledge.contract();
            let is_yearly = |promise: u16| contract.periods(usize::from(promise)) > 1;
            let subjects = |of: &dyn Fn(Subject) -> bool| -> Vec<(String, String)> {
                let open = pledge.subjects().filter(|subject| of(*subject));
                open.filter_map(|subject| {
                    let id = match subject {
                        Subject::Milestone(index) => contract.milestones.get(usize::from(index))?.id.clone(),
                        // Those of a year are asked for with it.
                        Subject::Period(promise, _) if is_yearly(promise) => return None,
                        Subject::Period(promise, _) => contract.promises.get(usize::from(promise))?.id.clone(),
                        Subject::Duty(index) => contract.duties.get(usize::from(index))?.obligation.id.clone(),
                        Subject::Ban(index) => contract.bans.get(usize::from(index))?.id.clone(),
                        Subject::Idle => "idle".to_owned(),
                    };
                    Some((id, self.visitor.pick(&subject_in_words(pledge, subject))))
                })
                .collect()
            };
            let milestones =
                subjects(&|subject| matches!(subject, Subject::Milestone(_)) && pledge.verdict(subject).is_none());
            if !milestones.is_empty() {
                let about = self.say("节点", "Milestone");
                let mut fields = vec![
                    PledgeField { choices: milestones, ..field("about", "choice", about) },
                    field("until", "date", self.say("延期至", "New last day")),
                ];
                fields.extend(approval());
                add("extend", self.say("准予延期", "Extend a milestone"), waits.clone(), fields, false);
            }
            let mut fields = vec![
                field("from", "date", self.say("不计入的首日", "First day that does not count")),
                field("until", "date", self.say("恢复计算之日", "First day that counts again")),
            ];
            fields.extend(approval());
            let title = self.say("不可抗力等停算期限", "Stop time (force majeure)");
            add("stop-time", title, waits.clone(), fields, false);
            let may_waive = |subject| {
                let is_kept = matches!(pledge.verdict(subject), Some(Verdict::Met | Verdict::Cured));
                !is_kept && is_allowed(&|approval| Command::Waive { subject, approval })
            };
            let all = subjects(&may_waive);
            if !all.is_empty() {
                let what = self.say("事项", "What");
                let mut fields = vec![PledgeField { choices: all, ..field("about", "choice", what) }];
                fields.extend(approval());
                add("waive", self.say("豁免", "Waive"), waits.clone(), fields, true);
            }
            let years: Vec<(u16, u16)> = pledge
                .subjects()
                .filter(|subject| may_waive(*subject))
                .filter_map(|subject| match subject {
                    Subject::Period(promise, period) if is_yearly(promise) => Some((promise, period + 1)),
                    _ => None,
                })
                .collect();
            if !years.is_empty() {
                let named =
                    contract.promises.iter().zip(0u16..).filter(|(_, index)| years.iter().any(|(of, _)| of == index));
                let promises =
                    named.map(|(promise, _)| (promise.id.clone(), self.visitor.pick(&promise.name))).collect();
                let numbers: BTreeSet<u16> = years.iter().map(|(_, year)| *year).collect();
                let numbers = numbers
                    .iter()
                    .map(|year| (year.to_string(), self.visitor.say(&format!("第{year}年"), &format!("year {year}"))));
                let mut fields = vec![
                    PledgeField { choices: promises, ..field("about", "choice", self.say("指标", "Indicator")) },
                    PledgeField {
                        choices: numbers.collect(),
                        ..field("year", "choice-number", self.say("年度", "Year"))
                    },
                ];
                fields.extend(approval());
                add("waive", self.say("豁免某一年度", "Waive a year"), waits.clone(), fields, true);
            }
            let price = pledge.take_back_price(self.state.today(self.now)).map(|(_, price)| price);
            if let Ok(price) = price
                && is_allowed(&|approval| Command::TakeBack { compensation: price.amount, approval })
            {
                let amount = format_money(price.amount, &pledge.contract().currency);
                let amount =
                    self.say(&format!("补偿：依条款为 {amount}"), &format!("Compensation: by the terms {amount}"));
                let mut fields = vec![field("amount", "text", amount)];
                fields.extend(approval());
                add("take-back", self.say("收回土地", "Take the land back"), waits.clone(), fields, true);
            }
        }
        let holders = self.state.record.holders().filter(|(_, holder)| holder.name != name);
        let holders = holders.map(|(role, holder)| {
            (holder.name.clone(), format!("{}（{}）", holder.name, role_words(role, self.visitor)))
        });
        let mut fields = vec![
            PledgeField {
                choices: holders.collect(), ..field("of", "choice", self.say("何人的密钥", "Whose key"))
            },
            field("new_key", "text", self.say("新的公钥，ed25519:…", "The new public key, ed25519:…")),
        ];
        fields.extend(approval());
        add(
            "rekey",
            self.say("更换密钥（遗失或泄露）", "Replace a key (lost, or known to others)"),
            waits,
            fields,
            true,
        );
        forms
    }
}
