use landgavel_base::{Bilingual, Money, Quantity};
use landgavel_pledge::{
    BondForm, Computation, Direction, Evidence, Finding, Happened, IdleLevel, Pledge, Reason, Status, Subject, Verdict,
    split_deposit,
};
use landgavel_sale::rulebook::Attribute;

use super::Opened;
use super::steps::{area_in_m2, percent};
use crate::language::{BOND_PRACTICE, format_money, format_quantity};

fn both(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

/// What is judged, by its name; a yearly promise with its year from 1.
pub fn subject_in_words(pledge: &Pledge, subject: Subject) -> Bilingual {
    let contract = pledge.contract();
    match subject {
        Subject::Milestone(index) => {
            contract.milestones.get(usize::from(index)).map_or_else(Bilingual::default, |one| one.name.clone())
        }
        Subject::Period(promise, period) => {
            let Some(one) = contract.promises.get(usize::from(promise)) else { return Bilingual::default() };
            if contract.periods(usize::from(promise)) == 1 {
                return one.name.clone();
            }
            let year = u32::from(period) + 1;
            both(format!("{}第{year}年", one.name.zh), format!("{}, year {year}", one.name.en))
        }
        Subject::Duty(index) => {
            contract.duties.get(usize::from(index)).map_or_else(Bilingual::default, |duty| duty.obligation.text.clone())
        }
        Subject::Ban(index) => {
            let Some(ban) = contract.bans.get(usize::from(index)) else { return Bilingual::default() };
            both(format!("限制{}", ban.name.zh), format!("ban on {}", ban.name.en))
        }
        Subject::Idle => both("闲置土地", "idle land"),
    }
}

/// A verdict.
pub fn verdict_in_words(verdict: Verdict) -> Bilingual {
    match verdict {
        Verdict::Met => both("履约", "met"),
        Verdict::Cured => both("已整改", "cured"),
        Verdict::Breached => both("违约", "breached"),
        Verdict::Waived => both("豁免", "waived"),
        Verdict::Undetermined => both("待认定（无凭证）", "undetermined: no evidence"),
    }
}

/// How a pledge stands.
pub fn status_in_words(status: Status) -> Bilingual {
    match status {
        Status::Running => both("履约中", "running"),
        Status::Discharged => both("已解除", "discharged"),
        Status::TakenBack => both("土地已收回", "land taken back"),
    }
}

impl Opened {
    /// A reason of a refusal, with its code; of a doubt about a unit with both readings, of another compensation with what is computed.
    pub fn reason_in_words(&self, reason: Reason) -> Bilingual {
        let code = reason.code();
        let (expected, figure, other) = match reason {
            Reason::FigureDoubted { subject, figure, promised } => {
                let other = in_other_unit(figure, promised);
                (self.quanta(subject, promised), self.quanta(subject, figure), self.quanta(subject, other))
            }
            Reason::BondDoubted { amount, required } => {
                let other = in_other_unit(amount.minor(), required.minor());
                (self.money(required), self.money(amount), self.money(Money::from_minor(other).unwrap_or(amount)))
            }
            Reason::InvestmentDoubted { invested, whole } => {
                let other = Money::from_minor(in_other_unit(invested.minor(), whole.minor())).unwrap_or(invested);
                (self.money(whole), self.money(invested), self.money(other))
            }
            Reason::BeyondLand { land } => {
                let land = area_in_m2(land);
                return both(
                    format!("已开发面积大于宗地面积 {land} [{code}]"),
                    format!("more is built on than the land has, {land} [{code}]"),
                );
            }
            Reason::OtherCompensation { computed } => {
                let computed = self.money(computed);
                return both(
                    format!("补偿须与条款算出的数额一致，为 {computed} [{code}]"),
                    format!("what is paid is what the terms compute, {computed} [{code}]"),
                );
            }
            other => return reason_in_words(other),
        };
        both(
            format!(
                "单位是否有误？应为 {expected} 左右，所报为 {figure}；若按相差一万倍的单位（如元与万元）读，则为 {other}。确认无误请注明 confirmed [{code}]"
            ),
            format!(
                "is the unit right? about {expected} is expected and {figure} was given; read in a unit ten thousand times as small or as large (such as 元 for 万元) it is {other}. If it stands, say so with confirmed [{code}]"
            ),
        )
    }
}

/// A figure that is far from what is expected, read in a unit that is ten thousand times as small or as large; fractions are
/// left out.
fn in_other_unit(figure: i64, expected: i64) -> i64 {
    if figure.unsigned_abs() > expected.unsigned_abs() { figure / 10_000 } else { figure.saturating_mul(10_000) }
}

/// A reason of a refusal, with its code.
pub fn reason_in_words(reason: Reason) -> Bilingual {
    let code = reason.code();
    let (zh, en) = match reason {
        Reason::BanOver { .. } => ("限制期已满", "on that day it was no longer forbidden"),
        Reason::WrongSource => ("凭证须由约定的来源签署", "somebody else must sign this evidence"),
        Reason::FigureDoubted { .. } => {
            ("数值与承诺相差悬殊，单位是否有误", "the figure looks like one in another unit")
        }
        Reason::BondDoubted { .. } => ("金额与应缴相差悬殊，单位是否有误", "the amount looks like one in another unit"),
        Reason::ShownByBond => {
            ("此项义务以提交履约保证为准，无需另出凭证", "lodging the bond shows it, and no other evidence does")
        }
        Reason::EvidenceTooEarly { .. } => ("年度尚未结束", "the period has not ended"),
        Reason::EvidenceAlreadyEntered => ("已有凭证，须先撤回", "there is evidence of this already; retract it first"),
        Reason::EvidenceOfFuture => ("日期尚未到来", "the day lies ahead"),
        Reason::BeforeContract => ("早于合同签订日", "the day is before the contract"),
        Reason::OutOfOrder { .. } => ("与前后节点的日期矛盾", "the day contradicts another milestone's"),
        Reason::BondInOtherCurrency => ("保证金币种不符", "the bond is in another currency"),
        Reason::BondExpired => ("保函已到期", "the guarantee has ended"),
        Reason::BondNotOnDemand => ("保函不是见索即付", "the guarantee is not payable on demand"),
        Reason::BondForOtherBeneficiary => ("保函受益人不符", "the guarantee names another beneficiary"),
        Reason::InvestmentDoubted { .. } => {
            ("投资额与承诺相差悬殊，单位是否有误", "the sum invested looks like one in another unit")
        }
        Reason::BeyondLand { .. } => ("已开发面积大于宗地面积", "more is built on than there is land"),
        Reason::LetterNotNamed => (
            "保函须写明编号，并附保函文件的SHA-256摘要",
            "a guarantee is named by its number and by the SHA-256 of its letter",
        ),
        Reason::LodgedBefore => ("同一保函已提交过", "this guarantee was lodged before"),
        Reason::CureRuns { .. } => ("整改期未满", "the time to cure still runs"),
        Reason::ClaimIsDisputed => ("索赔有异议，未定", "the claim is disputed"),
        Reason::NothingHeld => ("保证已无余额", "no bond holds anything"),
        Reason::NotExpiring => ("没有未了的保函展期要求", "no demand to extend or replace the guarantee stands"),
        Reason::ExtensionAwaited { until } => {
            return both(
                format!("{until} 前仍可展期或更换保函 [{code}]"),
                format!("the guarantee may still be extended or replaced until {until} [{code}]"),
            );
        }
        Reason::SameOfficer => ("须由两名不同的经办人决定", "both officers are one"),
        Reason::PledgeOver => ("履约监管已结束", "the pledge has ended"),
        Reason::NoGround => ("没有收回土地的事由", "there is no ground to take the land back"),
        Reason::OtherCompensation { .. } => ("补偿须与条款算出的数额一致", "what is paid is what the terms compute"),
        Reason::PaysTooMuch { .. } => ("付款多于应付", "more is paid than is owed"),
        _ => ("条款不允许", "the terms do not allow it"),
    };
    both(format!("{zh} [{code}]"), format!("{en} [{code}]"))
}

impl Opened {
    pub(super) fn money(&self, money: Money) -> String {
        format_money(money, &self.pledge.contract().currency)
    }

    /// What the bid deposit is in law, step by step: up to a fifth of the price it is earnest money, beyond that prepayment.
    pub fn deposit_in_words(&self) -> Option<Bilingual> {
        let contract = self.pledge.contract();
        let deposit = contract.deposit?;
        let split = split_deposit(contract.price, deposit)?;
        let fifth = split_deposit(contract.price, contract.price)?.earnest;
        let [price, deposit, fifth, earnest, prepayment] =
            [contract.price, deposit, fifth, split.earnest, split.prepayment].map(|amount| self.money(amount));
        Some(both(
            format!(
                "竞买保证金 {deposit}；定金不超过地价 {price} × 20 % = {fifth}：定金 {earnest}，其余 {prepayment} 为预付款（民法典第五百八十六条）"
            ),
            format!(
                "bid deposit {deposit}; earnest money is at most price {price} × 20 % = {fifth}: {earnest} is earnest money, the other {prepayment} is prepayment (民法典, art. 586)"
            ),
        ))
    }

    /// That the bond is less or more than is usual, which no file shows when it is tied to what the award says.
    pub fn bond_note(&self) -> Option<Bilingual> {
        let contract = self.pledge.contract();
        let (bond, price) = (i128::from(contract.bond.amount.minor()), i128::from(contract.price.minor()));
        let ppm = i64::try_from(bond * 1_000_000 / price.max(1)).ok()?;
        let is_usual = bond * 1_000_000 >= price * i128::from(*BOND_PRACTICE.start())
            && bond * 1_000_000 <= price * i128::from(*BOND_PRACTICE.end());
        if is_usual {
            return None;
        }
        let share = percent(ppm);
        Some(both(
            format!("履约保证约为地价的 {share}，通常为10 %至20 %"),
            format!("the performance bond is about {share} of the price; 10 to 20 % are usual"),
        ))
    }

    fn attribute(&self, subject: Subject) -> Option<&Attribute> {
        match subject {
            Subject::Period(promise, _) => self.attributes.get(usize::from(promise)),
            Subject::Milestone(_) | Subject::Duty(_) | Subject::Ban(_) | Subject::Idle => None,
        }
    }

    /// A number of quanta of a promise.
    pub(super) fn quanta(&self, subject: Subject, quanta: i64) -> String {
        let sign = if quanta < 0 { "-" } else { "" };
        match (self.attribute(subject), Quantity::new(quanta.saturating_abs())) {
            (Some(attribute), Some(quantity)) => format!("{sign}{}", format_quantity(attribute, quantity)),
            _ => quanta.to_string(),
        }
    }

    /// The late fee that came with a payment, in brackets; nothing where there is none.
    fn late_fee(&self, fee: &Computation) -> Bilingual {
        if fee.amount == Money::ZERO {
            return Bilingual::default();
        }
        let (amount, how) = (self.money(fee.amount), self.arithmetic(Subject::Idle, fee));
        both(format!("（含新增滞纳金 {amount}：{}）", how.zh), format!(" (late fee of {amount} among it: {})", how.en))
    }

    /// The names of bonds with amounts, numbered from 1.
    fn parts(&self, from: &[(usize, Money)]) -> Bilingual {
        let zh: Vec<String> =
            from.iter().map(|(bond, amount)| format!("第{}份 {}", bond + 1, self.money(*amount))).collect();
        let en: Vec<String> =
            from.iter().map(|(bond, amount)| format!("no. {} {}", bond + 1, self.money(*amount))).collect();
        both(zh.join("、"), en.join(", "))
    }

    fn evidence(&self, evidence: &Evidence) -> Bilingual {
        let name = subject_in_words(&self.pledge, evidence.subject);
        let (zh, en) = match evidence.finding {
            Finding::On(day) if matches!(evidence.subject, Subject::Ban(_)) => {
                (format!("{day} 违反"), format!("broken on {day}"))
            }
            Finding::On(day) => (format!("于 {day} 完成"), format!("on {day}")),
            Finding::Figure(value) => {
                let value = self.quanta(evidence.subject, value);
                (value.clone(), value)
            }
            Finding::Halted(halted) => {
                let (built, invested) = (area_in_m2(halted.built), self.money(halted.invested));
                let (since, until) = (halted.since, halted.until);
                (
                    format!("自 {since} 至 {until} 中止开发，已开发 {built}，已投资 {invested}"),
                    format!("no work from {since} to {until}, {built} built on, {invested} invested"),
                )
            }
        };
        both(
            format!("{}出具凭证：{}，{zh}", evidence.source, name.zh),
            format!("{} shows {}: {en}", evidence.source, name.en),
        )
    }
}

/// What has happened, in a sentence.
pub fn event_in_words(opened: &Opened, happened: &Happened) -> Bilingual {
    let money = |amount: &Money| opened.money(*amount);
    let name = |subject: &Subject| subject_in_words(&opened.pledge, *subject);
    match happened {
        Happened::BondLodged(bond) => {
            let (form_zh, form_en) = match bond.form {
                BondForm::Cash => ("现金", "cash"),
                BondForm::Guarantee => ("见索即付保函", "guarantee on demand"),
            };
            let until = bond.valid_until.map(|day| (format!("，有效至 {day}"), format!(", valid until {day}")));
            let (until_zh, until_en) = until.unwrap_or_default();
            let amount = money(&bond.amount);
            let number = bond.number.as_ref().map(|number| (format!("，编号 {number}"), format!(", no. {number}")));
            let (number_zh, number_en) = number.unwrap_or_default();
            both(
                format!("提交履约保证：{form_zh} {amount}，{}{number_zh}{until_zh}", bond.issuer),
                format!("bond lodged: {form_en}, {amount}, {}{number_en}{until_en}", bond.issuer),
            )
        }
        Happened::BondExtended { bond, valid_until, .. } => both(
            format!("第{}份保函延期至 {valid_until}", bond + 1),
            format!("guarantee no. {} now valid until {valid_until}", bond + 1),
        ),
        Happened::BondMissing { amount } => {
            both(format!("履约保证缺 {}，已逾期", money(amount)), format!("bond missing: {}, overdue", money(amount)))
        }
        Happened::BondExpiring { bond, valid_until, needed_until, due } => both(
            format!(
                "第{}份保函 {valid_until} 到期，需有效至 {needed_until}：要求 {due} 前展期或更换，逾期可全额索付",
                bond + 1
            ),
            format!(
                "guarantee no. {} ends {valid_until} and is needed until {needed_until}: extend or replace it by {due}, after that the whole may be called",
                bond + 1
            ),
        ),
        Happened::BondTurnedToCash { bond, amount } => both(
            format!("第{}份保函未展期亦未更换，全额索付 {}，转为现金保证", bond + 1, money(amount)),
            format!(
                "guarantee no. {} was neither extended nor replaced: {} called in full, held in cash from now on",
                bond + 1,
                money(amount)
            ),
        ),
        Happened::BondLapsed { bond, amount } => both(
            format!("第{}份保函已到期，{} 失去保证", bond + 1, money(amount)),
            format!("guarantee no. {} has ended: {} is no longer backed", bond + 1, money(amount)),
        ),
        Happened::TopUpDemanded { amount, due } => {
            let (zh, en) = due.map_or_else(Default::default, |day| (format!("，{day} 前"), format!(", by {day}")));
            both(format!("要求补足保证 {}{zh}", money(amount)), format!("top-up demanded: {}{en}", money(amount)))
        }
        Happened::EvidenceEntered(evidence) => opened.evidence(evidence),
        Happened::EvidenceRetracted { subject } => {
            both(format!("撤回凭证：{}", name(subject).zh), format!("evidence retracted: {}", name(subject).en))
        }
        Happened::Judged { subject, verdict, computation } => {
            let (name, verdict) = (name(subject), verdict_in_words(*verdict));
            let how = computation.as_ref().map(|one| opened.arithmetic(*subject, one));
            let (zh, en) = how.map_or_else(Default::default, |how| (format!("：{}", how.zh), format!(": {}", how.en)));
            both(format!("认定 {}：{}{zh}", name.zh, verdict.zh), format!("verdict on {}: {}{en}", name.en, verdict.en))
        }
        Happened::ClaimRaised { subject, amount, cure_until } => both(
            format!("索赔 {}：{}，整改期至 {cure_until}", name(subject).zh, money(amount)),
            format!("claim for {}: {}, may be cured until {cure_until}", name(subject).en, money(amount)),
        ),
        Happened::ClaimWithdrawn { claim } => {
            both(format!("第{}项索赔撤销", claim + 1), format!("claim no. {} falls", claim + 1))
        }
        Happened::ClaimReduced { claim, amount, refund } => both(
            format!("第{}项索赔减为 {}，应退 {}", claim + 1, money(amount), money(refund)),
            format!("claim no. {} falls to {}, {} goes back", claim + 1, money(amount), money(refund)),
        ),
        Happened::ClaimPaid { claim, amount, fee } => {
            let fee = opened.late_fee(fee);
            both(
                format!("第{}项索赔付款 {}{}", claim + 1, money(amount), fee.zh),
                format!("claim no. {}: {} paid{}", claim + 1, money(amount), fee.en),
            )
        }
        Happened::ClaimDisputed { claim, .. } => {
            both(format!("第{}项索赔有异议", claim + 1), format!("claim no. {} is disputed", claim + 1))
        }
        Happened::ClaimSettled { claim, amount, fee, refund, cure_until, approval } => {
            let (number, amount, refund, reason) = (claim + 1, money(amount), money(refund), &approval.reason);
            let (fee_zh, fee_en) = if *fee > Money::ZERO {
                let fee = money(fee);
                (format!("，滞纳金重计为 {fee}"), format!(", late fee counted anew {fee}"))
            } else {
                Default::default()
            };
            both(
                format!("第{number}项索赔定为 {amount}{fee_zh}，应退 {refund}，付款期至 {cure_until}：{reason}"),
                format!(
                    "claim no. {number} settled at {amount}{fee_en}, {refund} goes back, may be paid until {cure_until}: {reason}"
                ),
            )
        }
        Happened::BondCalled { claim, from, fee, remainder } => {
            let fee = opened.late_fee(fee);
            let parts = opened.parts(from);
            both(
                format!("凭第{}项索赔提取保证：{}{}，仍欠 {}", claim + 1, parts.zh, fee.zh, money(remainder)),
                format!(
                    "bond called for claim no. {}: {}{}, still owed {}",
                    claim + 1,
                    parts.en,
                    fee.en,
                    money(remainder)
                ),
            )
        }
        Happened::Released { milestone, from } => {
            let parts = opened.parts(from);
            let at = milestone.and_then(|index| opened.pledge.contract().milestones.get(index)).map(|one| &one.name);
            let (zh, en) = at.map_or(("期满".to_owned(), "at the end".to_owned()), |name| {
                (name.zh.clone(), format!("for {}", name.en))
            });
            both(format!("退还保证（{zh}）：{}", parts.zh), format!("bond released {en}: {}", parts.en))
        }
        Happened::Extended { milestone, until, approval } => {
            let name = name(&Subject::Milestone(u16::try_from(*milestone).unwrap_or(u16::MAX)));
            both(
                format!("{} 延期至 {until}：{}", name.zh, approval.reason),
                format!("{} extended to {until}: {}", name.en, approval.reason),
            )
        }
        Happened::TimeStopped { from, until, days, approval } => both(
            format!("{from} 至 {until} 不计入期限（{days} 日）：{}", approval.reason),
            format!("{from} to {until} does not count ({days} days): {}", approval.reason),
        ),
        Happened::Waived { subject, approval } => both(
            format!("豁免 {}：{}", name(subject).zh, approval.reason),
            format!("{} waived: {}", name(subject).en, approval.reason),
        ),
        Happened::Idle(IdleLevel::Fee) => both("土地闲置满一年，征缴闲置费", "the land lies idle: the fee is owed"),
        Happened::Idle(IdleLevel::TakeBack) => {
            both("土地闲置满两年，可无偿收回", "idle for so long that it may be taken back without payment")
        }
        Happened::TakenBack { ground, computation, forfeits, approval } => {
            let (name, how) = (name(ground), opened.arithmetic(*ground, computation));
            both(
                format!("收回土地（{}）：补偿 {}；没收保证 {}：{}", name.zh, how.zh, money(forfeits), approval.reason),
                format!(
                    "land taken back for {}: paid for it {}; of the bond {} is forfeited: {}",
                    name.en,
                    how.en,
                    money(forfeits),
                    approval.reason
                ),
            )
        }
        Happened::Forfeited { from } => {
            let parts = opened.parts(from);
            both(format!("没收保证：{}", parts.zh), format!("bond forfeited: {}", parts.en))
        }
        Happened::Discharged => both("全部履行，监管解除", "all is kept, paid or waived: discharged"),
    }
}

/// `at least` or `at most`, before a promised value.
pub(super) fn bound(direction: Direction) -> Bilingual {
    match direction {
        Direction::AtLeast => both("≥", "≥"),
        Direction::AtMost => both("≤", "≤"),
    }
}
