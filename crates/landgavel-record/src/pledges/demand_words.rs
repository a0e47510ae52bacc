//! What a demand on a bank states: why, how much of it, and what has changed since it was notified.

use landgavel_base::{Bilingual, Date, Money};
use landgavel_pledge::{Computation, Forfeit, Subject};

use super::Opened;
use super::words::subject_in_words;

/// A claim as the winner was told of it, and what became of it since.
pub(super) struct Raised {
    pub(super) subject: Subject,
    pub(super) day: Date,
    /// What was notified.
    pub(super) notified: Money,
    pub(super) cure_until: Date,
    /// The arithmetic of what was notified.
    pub(super) how: Option<Bilingual>,
    /// What it is now, without late fees.
    pub(super) amount: Money,
    /// What changed it, in sentences.
    pub(super) later: Vec<Bilingual>,
    /// Late fees up to the last payment before a settlement, counted anew on what was settled.
    pub(super) settled_fee: Money,
    /// Late fees since, each with the day until which it had grown.
    pub(super) fees: Vec<(Date, Computation)>,
    pub(super) paid: Money,
    pub(super) from_bonds: Money,
}

/// A call of the bonds, as one of them hears of it.
pub(super) struct Call {
    pub(super) day: Date,
    /// Number of the claim, from 1.
    pub(super) number: usize,
    /// What this bond pays.
    pub(super) here: Money,
    /// What the other bonds pay by the same call.
    pub(super) others: Money,
    /// What no bond covers.
    pub(super) remainder: Money,
}

impl Raised {
    /// It was disputed.
    pub(super) fn dispute(&mut self, day: Date) {
        self.later.push(Bilingual {
            zh: format!("申请人于 {day} 提出异议。"),
            en: format!("The applicant disputed it on {day}."),
        });
    }

    /// The dispute was settled: late fees are those on what was settled, and there is time to pay it.
    pub(super) fn settle(&mut self, opened: &Opened, day: Date, amount: Money, fee: Money, cure_until: Date) {
        (self.amount, self.settled_fee) = (amount, fee);
        self.fees.clear();
        let amount = opened.money(amount);
        self.later.push(Bilingual {
            zh: format!("{day} 经异议裁定为 {amount}，付款期至 {cure_until} 届满。"),
            en: format!("On {day} the dispute was settled at {amount}; the time to pay it ended on {cure_until}."),
        });
    }

    /// Later evidence made it smaller.
    pub(super) fn reduce(&mut self, opened: &Opened, day: Date, amount: Money, how: Option<&Bilingual>) {
        self.amount = amount;
        let amount = opened.money(amount);
        let (zh, en) = in_brackets(how);
        self.later.push(Bilingual {
            zh: format!("{day} 依其后出具的凭证减为 {amount}{zh}。"),
            en: format!("On {day} later evidence reduced it to {amount}{en}."),
        });
    }

    /// A late fee that had grown until a day.
    pub(super) fn grow(&mut self, day: Date, fee: &Computation) {
        if fee.amount > Money::ZERO {
            self.fees.push((day, fee.clone()));
        }
    }

    fn fee(&self) -> Money {
        self.fees.iter().fold(self.settled_fee, |sum, (_, fee)| add(sum, fee.amount))
    }

    /// The statement of a demand: all that is true on its day.
    pub(super) fn statement(&self, opened: &Opened, call: &Call) -> Bilingual {
        let breach = breach(opened, self.subject);
        let (how_zh, how_en) = in_brackets(self.how.as_ref());
        let (number, notified, day, cure) = (call.number, opened.money(self.notified), self.day, self.cure_until);
        let mut said = vec![Bilingual {
            zh: format!(
                "{}。第{number}项索赔 {notified}{how_zh} 已于 {day} 通知申请人，整改期至 {cure} 届满，申请人未足额支付。",
                breach.zh
            ),
            en: format!(
                "{}. Claim no. {number} for {notified}{how_en} was notified on {day}; the time to cure ended on {cure}, and it was not paid in full.",
                breach.en
            ),
        }];
        said.extend(self.later.iter().cloned());
        said.extend(self.late_fees(opened));
        said.push(self.owed(opened, call));
        joined(&said)
    }

    fn late_fees(&self, opened: &Opened) -> Option<Bilingual> {
        let steps = self.fees.iter().map(|(day, fee)| {
            // A late fee is in money: no figure of a promise stands in it.
            let how = opened.arithmetic(Subject::Idle, fee);
            Bilingual { zh: format!("算至 {day}：{}", how.zh), en: format!("until {day}: {}", how.en) }
        });
        let settled = (self.settled_fee > Money::ZERO).then(|| {
            let fee = opened.money(self.settled_fee);
            Bilingual {
                zh: format!("按裁定数额重计至此前末次付款日：{fee}"),
                en: format!("until the last payment before the settlement, counted anew on what was settled: {fee}"),
            }
        });
        let steps: Vec<Bilingual> = settled.into_iter().chain(steps).collect();
        let list = |of: fn(&Bilingual) -> &str, mark: &str| steps.iter().map(of).collect::<Vec<_>>().join(mark);
        let sum = opened.money(self.fee());
        (!steps.is_empty()).then(|| Bilingual {
            zh: format!("滞纳金共 {sum}（{}）。", list(|one| &one.zh, "；")),
            en: format!("Late fee in all: {sum} ({}).", list(|one| &one.en, "; ")),
        })
    }

    /// What was paid, what is owed in all, and who is asked for it.
    fn owed(&self, opened: &Opened, call: &Call) -> Bilingual {
        let (fee, gone) = (self.fee(), add(self.paid, self.from_bonds));
        let owed = less(add(self.amount, fee), gone);
        let mut said = vec![match self.paid {
            Money::ZERO => Bilingual::new("申请人至今未付款", "The applicant has paid nothing"),
            paid => {
                let paid = opened.money(paid);
                Bilingual { zh: format!("申请人至今已付 {paid}"), en: format!("The applicant has paid {paid}") }
            }
        }];
        if self.from_bonds > Money::ZERO {
            let before = opened.money(self.from_bonds);
            said.push(Bilingual {
                zh: format!("，此前已凭保证支付 {before}"),
                en: format!(", and bonds {before} before"),
            });
        }
        let mut sum = opened.money(self.amount);
        for (mark, part) in [(" + ", fee), (" − ", self.paid), (" − ", self.from_bonds)] {
            if part > Money::ZERO {
                sum = sum + mark + &opened.money(part);
            }
        }
        let owed = opened.money(owed);
        let sum = if sum == owed { owed } else { format!("{sum} = {owed}") };
        let day = call.day;
        said.push(Bilingual {
            zh: format!("。截至 {day} 尚欠共计 {sum}"),
            en: format!(". Owed in all on {day}: {sum}"),
        });
        let here = opened.money(call.here);
        if call.others == Money::ZERO && call.remainder == Money::ZERO {
            said.push(Bilingual::new("，全部由本保函支付。", ", all of it demanded under this guarantee."));
        } else {
            said.push(Bilingual {
                zh: format!("，其中本保函支付 {here}"),
                en: format!("; of this {here} is demanded under this guarantee"),
            });
            for (zh, en, part) in [
                ("由其他保证支付", "paid by other bonds", call.others),
                ("保证不足，由申请人另付", "beyond what the bonds hold and asked of the applicant", call.remainder),
            ] {
                if part > Money::ZERO {
                    let part = opened.money(part);
                    said.push(Bilingual { zh: format!("，{part} {zh}"), en: format!(", {part} is {en}") });
                }
            }
            said.push(Bilingual::new("。", "."));
        }
        let all = |of: fn(&Bilingual) -> &str| said.iter().map(of).collect::<String>();
        Bilingual { zh: all(|one| &one.zh), en: all(|one| &one.en) }
    }
}

/// The land was taken back.
pub(super) struct Taken {
    pub(super) day: Date,
    pub(super) ground: Subject,
    /// What is forfeited of all bonds.
    pub(super) forfeits: Money,
}

impl Taken {
    /// The statement of a demand for what is forfeited.
    pub(super) fn statement(&self, opened: &Opened, here: Money) -> Bilingual {
        let (day, ground) = (self.day, breach(opened, self.ground));
        let (all, here) = (opened.money(self.forfeits), opened.money(here));
        let rule = opened.pledge.contract().take_back.as_ref().map_or(Forfeit::Unmet, |rule| rule.forfeits);
        let (zh, en) = match rule {
            Forfeit::All => ("当时所持的全部履约保证", "all that the bonds then held"),
            Forfeit::Unmet => {
                ("履约保证中对应未达节点的部分", "the parts of the bond that stand for milestones that were not met")
            }
        };
        Bilingual {
            zh: format!(
                "土地已于 {day} 收回，事由：{}。按监管条款，收回土地时没收{zh}，为 {all}（未了结的索赔先行受偿）；本保函承担其中 {here}。",
                ground.zh
            ),
            en: format!(
                "The land was taken back on {day}. Ground: {}. By the terms {en} is forfeited when the land is taken back: {all}, after open claims; {here} of it is demanded under this guarantee.",
                ground.en
            ),
        }
    }
}

/// In which respect the winner is in breach.
fn breach(opened: &Opened, subject: Subject) -> Bilingual {
    let name = subject_in_words(&opened.pledge, subject);
    match subject {
        Subject::Idle => Bilingual::new("申请人受让的土地闲置", "The applicant has left the land idle"),
        Subject::Ban(_) => Bilingual {
            zh: format!("申请人违反“{}”", name.zh),
            en: format!("The applicant is in breach of the “{}”", name.en),
        },
        _ => Bilingual {
            zh: format!("申请人未履行“{}”", name.zh),
            en: format!("The applicant is in breach of “{}”", name.en),
        },
    }
}

fn in_brackets(how: Option<&Bilingual>) -> (String, String) {
    how.map(|how| (format!("（{}）", how.zh), format!(" ({})", how.en))).unwrap_or_default()
}

fn joined(said: &[Bilingual]) -> Bilingual {
    let zh = said.iter().map(|one| one.zh.as_str()).collect();
    Bilingual { zh, en: said.iter().map(|one| one.en.as_str()).collect::<Vec<_>>().join(" ") }
}

/// Sums were checked when the event was decided.
pub(super) fn add(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap_or(a)
}

fn less(a: Money, b: Money) -> Money {
    a.checked_sub(b).unwrap_or(Money::ZERO).max(Money::ZERO)
}
