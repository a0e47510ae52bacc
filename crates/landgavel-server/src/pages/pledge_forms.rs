//! What somebody may ask of a pledge, as forms whose content is signed: by who looks, and by what the pledge waits for.

use landgavel_pledge::{ClaimState, Party, Status, Subject};
use landgavel_record::pledges::record::Role as Signs;
use landgavel_record::pledges::{Opened, subject_in_words};

use super::page::Visitor;
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
    /// `hidden`, `text`, `date`, `number`, `file`, `flag`, `choice`.
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
            if duty.source == name && open(subject) {
                forms.push(self.evidence(name, &duty.obligation.id, None, subject, None));
            }
        }
        for (index, ban) in contract.bans.iter().enumerate() {
            let subject = Subject::Ban(u16::try_from(index).unwrap_or(u16::MAX));
            if ban.source == name && open(subject) && opened.pledge.verdict(subject).is_none() {
                forms.push(self.evidence(name, &ban.id, None, subject, None));
            }
        }
        forms
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
            }
            None => fields.push(field("on", "date", self.say("完成之日", "Day on which it was done"))),
        }
        fields.push(self.digest("document", "凭证文件", "The document"));
        let what = self.say("由您单位签名，列入公开记录。", "Signed by your office; it enters the public record.");
        let title = self.visitor.say(&format!("出具凭证：{name}"), &format!("Show: {name}"));
        self.form(&format!("evidence-{about}-{}", year.unwrap_or(0)), "evidence", title, what, fields)
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
        let mut add = |id: &'static str, title: String, what: String, fields: Vec<PledgeField>, is_grave: bool| {
            let form = self.form(id, id, title, what, fields);
            let button = self.say("签名，交第二人", "Sign, and hand to the second");
            forms.push(PledgeForm { action: format!("{}/acts", self.api), button, is_grave, ..form });
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
        if is_running && !bonds.is_empty() {
            let fields = vec![
                PledgeField { choices: bonds, ..field("bond", "choice-number", self.say("保函", "Guarantee")) },
                field("valid_until", "date", self.say("新的有效期至", "Valid until")),
            ];
            add("extend-bond", self.say("保函展期", "A guarantee was extended"), waits.clone(), fields, false);
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
            let subjects = |of: &dyn Fn(Subject) -> bool| -> Vec<(String, String)> {
                let contract = pledge.contract();
                let open = pledge.subjects().filter(|subject| of(*subject) && pledge.verdict(*subject).is_none());
                open.filter_map(|subject| {
                    let id = match subject {
                        Subject::Milestone(index) => contract.milestones.get(usize::from(index))?.id.clone(),
                        Subject::Period(..) => return None,
                        Subject::Duty(index) => contract.duties.get(usize::from(index))?.obligation.id.clone(),
                        Subject::Ban(index) => contract.bans.get(usize::from(index))?.id.clone(),
                        Subject::Idle => "idle".to_owned(),
                    };
                    Some((id, self.visitor.pick(&subject_in_words(pledge, subject))))
                })
                .collect()
            };
            let milestones = subjects(&|subject| matches!(subject, Subject::Milestone(_)));
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
            let all = subjects(&|_| true);
            if !all.is_empty() {
                let what = self.say("事项", "What");
                let mut fields = vec![PledgeField { choices: all, ..field("about", "choice", what) }];
                fields.extend(approval());
                add("waive", self.say("豁免", "Waive"), waits, fields, true);
            }
        }
        forms
    }
}
