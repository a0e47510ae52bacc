//! Openings of pledges: asked for by one officer, signed by two, then kept as entry 0 of a record of its own.
//!
//! They stand in the vault like drafts of sales. What is signed names the sale as it stood, so another opening of the same
//! pledge is another text.

use std::sync::Arc;

use landgavel_base::{Date, Duration, Instant};
use landgavel_record::keys::PublicKey;
use landgavel_record::language::{Finding, PledgeTerms};
use landgavel_record::pledges::record::{Holder, Opening as Signed};
use landgavel_record::pledges::{NotOpened, Opened, open, winners};
use landgavel_record::record::sha256;
use landgavel_record::wire::read_date;
use landgavel_sale::Status;
use landgavel_store::{Content, Marking, SaleId, VaultError};
use serde_json::{Value, json};

use super::drafts::{Drafts, Stands};
use super::mark::{self, Mark};
use super::notice::policy_text;
use super::pledging::NotPledged;
use super::{Hall, Room};
use crate::desk::intake::Submission;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Role, secret_word};
use crate::pledges::foundation::{NotFounded, load_terms};
use crate::pledges::{NotRead, Pledge, bundle_at, verified};

/// Kind of record in the vault.
const OPENINGS: &str = "opening";
/// Openings that are read at once.
const LISTED: usize = 200;
/// Most bytes of terms, and of what a sale has come to, so that all fits into a record of the vault however it is escaped.
const TEXT_MAX: usize = 200 << 10;
/// Most sources or guarantors.
const HOLDERS_MAX: usize = 64;
/// Signatures that an opening needs.
const SIGNATURES: usize = 2;

/// What an officer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedOpening {
    /// The id that the pledge will have.
    pub pledge: String,
    /// The sale, by its id.
    pub sale: String,
    /// The winner, by its code; may be empty where there is one.
    pub winner: String,
    /// `terms.toml`.
    pub terms: String,
    /// Day of the contract, `YYYY-MM-DD`; that of the award when empty.
    pub signed: String,
    /// Names and keys of who shows what was delivered.
    pub sources: Vec<(String, String)>,
    /// Names and keys of guarantors that confirm their own bonds.
    pub guarantors: Vec<(String, String)>,
}

/// What two officers sign, with the files that it fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningText {
    /// The opening.
    pub opening: String,
    /// The policy of the log.
    pub policy: String,
    /// What the sale has come to.
    pub sale_outcome: String,
}

/// An opening as it is kept until two have signed, and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its id among openings.
    pub id: String,
    /// What was asked for.
    pub asked: AskedOpening,
    /// The text that is signed.
    pub text: OpeningText,
    /// Who asked.
    pub by_shown: String,
    /// When it changed last (milliseconds since 1970).
    pub changed_ms: i64,
    /// Who has signed.
    pub marks: Vec<Mark>,
    /// How it stands.
    pub stands: Stands,
    version: u64,
}

/// The pledge as it would be opened.
pub struct Previewed {
    /// The terms.
    pub terms: PledgeTerms,
    /// The pledge.
    pub opened: Opened,
}

/// The openings of a hall.
#[derive(Clone)]
pub struct Openings {
    hall: Arc<Hall>,
}

impl Opening {
    /// Whether an account has signed.
    pub fn is_signed_by(&self, account: &str) -> bool {
        self.marks.iter().any(|mark| mark.account == account)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (asked, text) = (&self.asked, &self.text);
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(name, key)| json!([name, key])).collect::<Vec<_>>();
        let marks: Vec<Value> = self.marks.iter().map(Mark::json).collect();
        json!({"pledge": asked.pledge, "sale": asked.sale, "winner": asked.winner, "terms": asked.terms,
               "signed": asked.signed, "sources": pairs(&asked.sources), "guarantors": pairs(&asked.guarantors),
               "opening": text.opening, "policy": text.policy, "sale_outcome": text.sale_outcome,
               "by_shown": self.by_shown, "changed_ms": self.changed_ms, "marks": marks, "stands": self.stands.as_str()})
        .to_string()
        .into_bytes()
    }

    fn read(id: &str, bytes: &[u8], version: u64) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let pairs = |name: &str| {
            let pair = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
            value[name].as_array()?.iter().map(pair).collect::<Option<Vec<_>>>()
        };
        Some(Self {
            id: id.to_owned(),
            asked: AskedOpening {
                pledge: text("pledge")?,
                sale: text("sale")?,
                winner: text("winner")?,
                terms: text("terms")?,
                signed: text("signed")?,
                sources: pairs("sources")?,
                guarantors: pairs("guarantors")?,
            },
            text: OpeningText {
                opening: text("opening")?,
                policy: text("policy")?,
                sale_outcome: text("sale_outcome")?,
            },
            by_shown: text("by_shown")?,
            changed_ms: value["changed_ms"].as_i64()?,
            marks: Mark::read_all(&value["marks"])?,
            stands: Stands::parse(value["stands"].as_str()?)?,
            version,
        })
    }
}

impl Openings {
    /// The openings of a hall.
    pub fn of(hall: &Arc<Hall>) -> Self {
        Self { hall: Arc::clone(hall) }
    }

    /// All openings, the last changed first.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn all(&self) -> Result<Vec<Opening>, NotDone> {
        let read = |record: landgavel_store::Record| match &record.content {
            Content::Bytes(bytes) => Opening::read(&record.id, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        let mut openings: Vec<Opening> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let some = self.hall.setting().store.vault_list(OPENINGS, after.as_deref(), LISTED).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.id.clone());
            openings.extend(some.into_iter().filter_map(read));
        }
        openings.sort_by_key(|opening| -opening.changed_ms);
        Ok(openings)
    }

    /// An opening.
    ///
    /// # Errors
    ///
    /// When there is none, or the store fails.
    pub async fn get(&self, id: &str) -> Result<Opening, NotDone> {
        let record = self.hall.setting().store.vault_get(OPENINGS, id).await?;
        let opening = match &record.content {
            Content::Bytes(bytes) => Opening::read(id, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        opening.ok_or_else(|| NotDone::from(VaultError::Absent))
    }

    /// Writes down what would be opened, for two officers to sign.
    ///
    /// # Errors
    ///
    /// Why not: the sale, the terms or a name does not fit.
    pub async fn begin(&self, account: &Account, asked: AskedOpening) -> Result<Opening, NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        let (asked, text) = self.write(asked).await?;
        let opening = Opening {
            id: secret_word(),
            asked,
            text,
            by_shown: account.shown.clone(),
            changed_ms: self.now().millis(),
            marks: Vec::new(),
            stands: Stands::Open,
            version: 0,
        };
        let store = &self.hall.setting().store;
        let version = store.vault_put_if(OPENINGS, &opening.id, Marking::Plain, &opening.to_bytes(), None).await?;
        Ok(Opening { version, ..opening })
    }

    /// Drops an opening that was not signed by two.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn discard(&self, account: &Account, id: &str) -> Result<Opening, NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        let opening = is_open(self.get(id).await?)?;
        self.put(Opening { stands: Stands::Dropped, changed_ms: self.now().millis(), ..opening }).await
    }

    /// An officer signs. With the second signature the pledge is opened; when that was interrupted, this goes on with it.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn sign(&self, account: &Account, id: &str, signature: &str) -> Result<Opening, NotDone> {
        let key = mark::signing_officer(&self.hall, account)?;
        let opening = self.get(id).await?;
        if opening.stands == Stands::Publishing {
            return self.publish(opening).await;
        }
        let mut opening = is_open(opening)?;
        let signed = Signed::parse(&opening.text.opening);
        if !signed.is_ok_and(|signed| signed.officers.iter().any(|officer| officer.key.to_string() == key)) {
            let zh = "开立文本的监管人员名单中没有您的密钥：登记密钥后请重新开立。";
            let en = "The opening does not list your key. Begin it again after you have enrolled one.";
            return Err(NotDone::new(Kind::Conflict, "key_not_listed", zh, en));
        }
        mark::sign(&self.hall, &opening.text.opening, &mut opening.marks, account, signature, self.now().millis())?;
        let stands = if opening.marks.len() < SIGNATURES { Stands::Open } else { Stands::Publishing };
        let opening = self.put(Opening { stands, changed_ms: self.now().millis(), ..opening }).await?;
        if opening.stands == Stands::Open { Ok(opening) } else { self.publish(opening).await }
    }

    /// Opens what two have signed. Several may ask at once.
    async fn publish(&self, opening: Opening) -> Result<Opening, NotDone> {
        let (asked, text) = (&opening.asked, &opening.text);
        let signed = mark::submission(&text.opening, &opening.marks);
        let opened =
            self.hall.open_pledge(&asked.pledge, asked.terms.as_bytes(), &text.policy, &text.sale_outcome, &signed);
        match opened.await {
            Ok(_) => {}
            Err(NotPledged::Exists) if self.is_published(&asked.pledge, &text.opening) => {}
            Err(why) => {
                let is_passing = match &why {
                    NotPledged::TooMany | NotPledged::Store(_) => true,
                    NotPledged::Foundation(why) => matches!(why, NotFounded::NotRead(_)),
                    NotPledged::Exists | NotPledged::Id | NotPledged::Sale => false,
                };
                let told = not_pledged(&why);
                if !is_passing {
                    self.put(Opening { stands: Stands::Dropped, ..opening }).await?;
                }
                return Err(told);
            }
        }
        let id = opening.id.clone();
        match self.put(Opening { stands: Stands::Published, ..opening }).await {
            // Somebody else asked too, and was the first to note it.
            Err(why) if why.code == NotDone::changed().code => {
                let opening = self.get(&id).await?;
                if opening.stands == Stands::Published { Ok(opening) } else { Err(why) }
            }
            done => done,
        }
    }

    /// Opens what two officers have signed elsewhere, such as in a demonstration.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn open(
        &self,
        asked: &AskedOpening,
        text: &OpeningText,
        signed: &Submission,
    ) -> Result<Arc<Pledge>, NotDone> {
        let (terms, outcome) = (asked.terms.as_bytes(), &text.sale_outcome);
        let opened = self.hall.open_pledge(&asked.pledge, terms, &text.policy, outcome, signed);
        opened.await.map_err(|why| not_pledged(&why))
    }

    fn is_published(&self, pledge: &str, opening: &str) -> bool {
        self.hall.pledge(pledge).is_some_and(|pledge| pledge.foundation().signed.command == opening)
    }

    /// The pledge as it would be opened now, for whoever reads before signing.
    ///
    /// # Errors
    ///
    /// Why it would not.
    pub fn preview(&self, asked: &AskedOpening) -> Result<Previewed, NotDone> {
        let room = self.room(&asked.sale)?;
        let terms = load_terms(asked.terms.as_bytes()).map_err(|findings| findings_told(&findings))?;
        let shown = room.shown().ok_or_else(opening_yet)?;
        let state = shown.look();
        let winner = Some(asked.winner.as_str()).filter(|winner| !winner.is_empty());
        let offset = state.sale.lot().rulebook.utc_offset;
        let signed = signed_day(&asked.signed, state.sale.last().local(offset).date)?;
        let opened = open(&state.sale, winner, &terms, signed, self.now().max(state.sale.last()));
        Ok(Previewed { opened: opened.map_err(|why| not_opened(&why))?, terms })
    }

    /// The text that two sign, and what it fixes; nothing is kept.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub async fn write(&self, mut asked: AskedOpening) -> Result<(AskedOpening, OpeningText), NotDone> {
        asked.pledge = asked.pledge.trim().to_owned();
        asked.terms = asked.terms.replace("\r\n", "\n").replace('\r', "\n");
        let bad_id = || {
            let zh = "履约编号由 1 至 64 个字母、数字、点、横线组成。";
            NotDone::new(Kind::Wrong, "pledge_id", zh, "An id has 1 to 64 letters, digits, dots and dashes.")
        };
        let origin = self.hall.pledge_origin(&asked.pledge).ok_or_else(bad_id)?;
        if self.hall.pledge(&asked.pledge).is_some() {
            let zh = "编号已被使用。";
            return Err(NotDone::new(Kind::Conflict, "pledge_exists", zh, "There is a pledge of this id."));
        }
        if asked.terms.len() > TEXT_MAX {
            return Err(NotDone::from(VaultError::TooLarge { most: TEXT_MAX }));
        }
        let room = self.room(&asked.sale)?;
        let (size, sale_outcome) = ended(&room)?;
        if sale_outcome.len() > TEXT_MAX {
            return Err(NotDone::from(VaultError::TooLarge { most: TEXT_MAX }));
        }
        let Previewed { terms, opened } = self.preview(&asked)?;
        let contract = opened.pledge.contract();
        (asked.winner, asked.signed) = (contract.winner.clone(), contract.signed.to_string());
        let store = &self.hall.setting().store;
        let failed = |why: String| NotDone::told(Kind::Conflict, "sale_not_held", why.clone(), why);
        let not_read = |why: NotRead| match why {
            NotRead::Passing(why) => not_read_now(&why),
            NotRead::Damaged(why) => failed(why),
        };
        let bundle = bundle_at(store, room.id(), size, &sale_outcome.clone().into()).await.map_err(not_read)?;
        let sale = verified(bundle).await.map_err(not_read)?;
        let key = sale.award().key(&asked.winner).cloned();
        let key = key.ok_or_else(|| failed(format!("the sale has no key of {}", asked.winner)))?;
        let officers = Drafts::of(&self.hall).officers().await?;
        let officers = officers.into_iter().map(|officer| Holder { name: officer.name, key: officer.key });
        let (house, settings) = (&self.hall.house, self.hall.notice_settings());
        let policy = policy_text(&self.hall.pledge_key(&origin), &house.witnesses, house.quorum);
        let millis = |millis: i64| Duration::from_millis(millis).unwrap_or(Duration::ZERO);
        let opening = Signed {
            origin,
            pledge: terms.id.clone(),
            terms_sha256: sha256(asked.terms.as_bytes()),
            policy_sha256: sha256(policy.as_bytes()),
            sale: sale.named().clone(),
            winner: Holder { name: asked.winner.clone(), key },
            signed: contract.signed,
            officers: officers.collect(),
            sources: holders(&asked.sources)?,
            guarantors: holders(&asked.guarantors)?,
            checkpoint_within: millis(settings.checkpoint_within_ms),
            clock_tolerance: millis(settings.clock_tolerance_ms),
            is_demonstration: settings.is_demonstration,
        };
        check_sources(&terms, &opening)?;
        let text = opening.text();
        // What the hall writes it must be able to read.
        Signed::parse(&text).map_err(|error| {
            let why = format!("{}: {}", error.field, error.message);
            NotDone::told(Kind::Wrong, "opening", why.clone(), why)
        })?;
        Ok((asked, OpeningText { opening: text, policy, sale_outcome }))
    }

    fn room(&self, sale: &str) -> Result<Arc<Room>, NotDone> {
        self.hall.room(sale).ok_or_else(|| NotDone::from(VaultError::Absent))
    }

    async fn put(&self, opening: Opening) -> Result<Opening, NotDone> {
        let (store, bytes) = (&self.hall.setting().store, opening.to_bytes());
        let version = store.vault_put_if(OPENINGS, &opening.id, Marking::Plain, &bytes, Some(opening.version)).await?;
        Ok(Opening { version, ..opening })
    }

    fn now(&self) -> Instant {
        self.hall.setting().clock.now()
    }

    /// Codes of the winners of a sale that is over; nothing while it is not.
    pub fn winners(&self, sale: &SaleId) -> Vec<String> {
        let shown = self.hall.room(sale.as_str()).and_then(|room| room.shown());
        shown.map_or_else(Vec::new, |shown| {
            let state = shown.look();
            if matches!(state.sale.status(), Status::Awarded) { winners(&state.sale) } else { Vec::new() }
        })
    }
}

/// Size and outcome of a sale that ended in an award and whose last entry is witnessed.
fn ended(room: &Room) -> Result<(u64, String), NotDone> {
    let shown = room.shown().ok_or_else(opening_yet)?;
    let state = shown.look();
    let published = state.published.as_ref().filter(|published| published.tree.size() == state.entries);
    match published.filter(|_| matches!(state.sale.status(), Status::Awarded)) {
        Some(published) => Ok((published.tree.size(), published.outcome.to_string())),
        None => {
            let zh = "出让尚未成交，或最后的记录还未经见证；请稍后再试。";
            let en = "The sale has not ended in an award, or its last entries are not witnessed yet.";
            Err(NotDone::new(Kind::Conflict, "sale_not_over", zh, en))
        }
    }
}

fn signed_day(text: &str, otherwise: Date) -> Result<Date, NotDone> {
    match text.trim() {
        "" => Ok(otherwise),
        text => read_date(text).ok_or_else(|| {
            let zh = "签订日应写作 2027-05-31。";
            NotDone::new(Kind::Wrong, "signed", zh, "The day of the contract is a day such as 2027-05-31.")
        }),
    }
}

fn holders(pairs: &[(String, String)]) -> Result<Vec<Holder>, NotDone> {
    if pairs.len() > HOLDERS_MAX {
        return Err(NotDone::from(VaultError::TooLarge { most: HOLDERS_MAX }));
    }
    let holder = |(name, key): &(String, String)| {
        let key = PublicKey::parse(key.trim()).map_err(|error| {
            NotDone::told(
                Kind::Wrong,
                "key",
                format!("“{name}”的公钥有误：{error}"),
                format!("the key of “{name}”: {error}"),
            )
        })?;
        Ok(Holder { name: name.trim().to_owned(), key })
    };
    pairs.iter().map(holder).collect()
}

fn check_sources(terms: &PledgeTerms, opening: &Signed) -> Result<(), NotDone> {
    let has_key = |name: &str| opening.sources.iter().any(|source| source.name == name);
    match terms.signed_by().into_iter().find(|name| !has_key(name)) {
        None => Ok(()),
        Some(name) => {
            let zh = format!("缺少“{name}”的公钥：条款要求由其出具凭证。");
            let en = format!("There is no key for “{name}”, whose evidence the terms ask for.");
            Err(NotDone::told(Kind::Wrong, "no_source", zh, en))
        }
    }
}

fn findings_told(findings: &[Finding]) -> NotDone {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.is_error()).take(5).collect();
    let zh: Vec<String> =
        errors.iter().map(|one| format!("{}:{}: {}: {}", one.file, one.line, one.field, one.message_zh)).collect();
    let en: Vec<String> =
        errors.iter().map(|one| format!("{}:{}: {}: {}", one.file, one.line, one.field, one.message_en)).collect();
    NotDone::told(Kind::Wrong, "terms_wrong", zh.join("；"), en.join("; "))
}

/// The record of the sale could not be read; what was signed stays.
fn not_read_now(why: &str) -> NotDone {
    tracing::warn!(why, "the record of a sale could not be read for a pledge");
    let zh = "暂时读不到出让记录；已签的名都保留，请稍后再按一次。";
    let en = "The record of the sale cannot be read now. What was signed is kept: press again in a moment.";
    NotDone::new(Kind::Store, "store_failed", zh, en)
}

fn opening_yet() -> NotDone {
    NotDone::new(Kind::Store, "opening", "正在启动。", "The sale is being opened.")
}

fn not_opened(why: &NotOpened) -> NotDone {
    NotDone::told(Kind::Conflict, "not_opened", format!("按这些条款不能开立：{why}"), why.to_string())
}

fn is_open(opening: Opening) -> Result<Opening, NotDone> {
    if opening.stands == Stands::Open {
        return Ok(opening);
    }
    let zh = "此项开立已完成或已作废。";
    Err(NotDone::new(Kind::Conflict, "opening_closed", zh, "This opening is done or was dropped."))
}

fn not_pledged(why: &NotPledged) -> NotDone {
    let told = |kind, code, zh: &str| NotDone::told(kind, code, format!("{zh}（{why}）"), why.to_string());
    match why {
        NotPledged::Exists => told(Kind::Conflict, "pledge_exists", "编号已被使用"),
        NotPledged::TooMany => told(Kind::Store, "too_many_pledges", "履约数量已满"),
        NotPledged::Id => told(Kind::Wrong, "pledge_id", "编号无效"),
        NotPledged::Foundation(NotFounded::NotRead(why)) => not_read_now(why),
        NotPledged::Sale | NotPledged::Foundation(_) => told(Kind::Wrong, "not_founded", "文件或开立文本不符"),
        NotPledged::Store(fault) => NotDone::from(fault.clone()),
    }
}
