//! Drafts of sales: made by one officer, signed by two, then published.
//!
//! They stand in the vault, since they are made again from nothing: the journal begins with the notice. A change drops
//! the signatures, because they are of another text.

use std::sync::Arc;

use landgavel_record::keys::PublicKey;
use landgavel_record::language::{Finding, Loaded};
use landgavel_record::record::Officer;
use landgavel_store::{Content, Marking, SaleId, VaultError};
use serde_json::{Value, json};

use super::mark::{self, Mark};
use super::{Hall, NotCreated, NoticeSettings};
use crate::desk::foundation::load;
use crate::not_done::{Kind, NotDone};
use crate::people::{Account, Directory, Role, secret_word};
use crate::register::is_sale;

/// Kind of record in the vault.
const DRAFTS: &str = "draft";
/// Drafts that are read at once.
const LISTED: usize = 200;
/// Most bytes of a rulebook and of a lot, so that a draft fits into a record of the vault however it is escaped.
const TEXT_MAX: usize = 200 << 10;
/// Signatures that a notice needs.
const SIGNATURES: usize = 2;

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// The id that the sale will have.
    pub sale: String,
    /// `rulebook.toml`.
    pub rulebook: String,
    /// `lot.toml`.
    pub lot: String,
    /// Which account changed it last.
    pub by: String,
    /// How that officer is called.
    pub by_shown: String,
    /// When (milliseconds since 1970).
    pub changed_ms: i64,
    /// The text that was signed, with its policy, once the first officer has.
    pub offer: Option<Offer>,
    /// How it stands.
    pub stands: Stands,
    /// The version in the vault; a change names it.
    pub version: u64,
}

/// What officers sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The notice.
    pub notice: String,
    /// The policy that it fixes.
    pub policy: String,
    /// Who has signed.
    pub marks: Vec<Mark>,
}

/// How a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It may be changed and signed.
    Open,
    /// Two have signed and the sale is being created: nobody changes or drops it any more, and whoever asks again goes on.
    Publishing,
    /// It was published.
    Published,
    /// An officer has dropped it.
    Dropped,
}

impl Stands {
    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Publishing => "publishing",
            Self::Published => "published",
            Self::Dropped => "dropped",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Publishing, Self::Published, Self::Dropped]
            .into_iter()
            .find(|stands| stands.as_str() == text)
    }
}

/// What an officer writes. Its lines end as a browser shows them, so that what is signed is what is seen.
#[derive(Debug, Clone)]
pub struct Written {
    /// The id that the sale will have.
    pub sale: String,
    /// `rulebook.toml`.
    pub rulebook: String,
    /// `lot.toml`.
    pub lot: String,
}

/// The drafts of a hall.
#[derive(Clone)]
pub struct Drafts {
    hall: Arc<Hall>,
}

impl Draft {
    /// What the check of the two files says.
    ///
    /// # Errors
    ///
    /// All findings, when one of them is an error.
    pub fn check(&self) -> Result<Loaded, Vec<Finding>> {
        load(self.rulebook.as_bytes(), self.lot.as_bytes())
    }

    /// How many have signed.
    pub fn signatures(&self) -> usize {
        self.offer.as_ref().map_or(0, |offer| offer.marks.len())
    }

    /// Whether an account has signed.
    pub fn is_signed_by(&self, account: &str) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.marks.iter().any(|mark| mark.account == account))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let offer = self.offer.as_ref().map(|offer| {
            let marks: Vec<Value> = offer.marks.iter().map(Mark::json).collect();
            json!({"notice": offer.notice, "policy": offer.policy, "marks": marks})
        });
        json!({"sale": self.sale, "rulebook": self.rulebook, "lot": self.lot, "by": self.by, "by_shown": self.by_shown,
               "changed_ms": self.changed_ms, "offer": offer, "stands": self.stands.as_str()})
        .to_string()
        .into_bytes()
    }

    fn read(id: &str, bytes: &[u8], version: u64) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let offer = match &value["offer"] {
            Value::Null => None,
            offer => Some(Offer {
                notice: offer["notice"].as_str()?.to_owned(),
                policy: offer["policy"].as_str()?.to_owned(),
                marks: Mark::read_all(&offer["marks"])?,
            }),
        };
        Some(Self {
            id: id.to_owned(),
            sale: text("sale")?,
            rulebook: text("rulebook")?,
            lot: text("lot")?,
            by: text("by")?,
            by_shown: text("by_shown")?,
            changed_ms: value["changed_ms"].as_i64()?,
            offer,
            stands: Stands::parse(value["stands"].as_str()?)?,
            version,
        })
    }
}

impl Drafts {
    /// The drafts of a hall.
    pub fn of(hall: &Arc<Hall>) -> Self {
        Self { hall: Arc::clone(hall) }
    }

    /// All drafts, the last changed first.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn all(&self) -> Result<Vec<Draft>, NotDone> {
        let read = |record: landgavel_store::Record| match &record.content {
            Content::Bytes(bytes) => Draft::read(&record.id, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        let mut drafts: Vec<Draft> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let some = self.hall.setting().store.vault_list(DRAFTS, after.as_deref(), LISTED).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.id.clone());
            drafts.extend(some.into_iter().filter_map(read));
        }
        drafts.sort_by_key(|draft| -draft.changed_ms);
        Ok(drafts)
    }

    /// A draft.
    ///
    /// # Errors
    ///
    /// When there is none, or the store fails.
    pub async fn get(&self, id: &str) -> Result<Draft, NotDone> {
        let record = self.hall.setting().store.vault_get(DRAFTS, id).await?;
        let draft = match &record.content {
            Content::Bytes(bytes) => Draft::read(id, bytes, record.version),
            Content::Withheld | Content::Erased { .. } => None,
        };
        draft.ok_or_else(|| NotDone::from(VaultError::Absent))
    }

    /// Begins a draft.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn begin(&self, account: &Account, written: Written) -> Result<Draft, NotDone> {
        let written = written.in_plain_lines();
        self.may_write(account, &written)?;
        let draft = Draft {
            id: secret_word(),
            sale: written.sale.trim().to_owned(),
            rulebook: written.rulebook,
            lot: written.lot,
            by: account.name.to_string(),
            by_shown: account.shown.clone(),
            changed_ms: self.now_ms(),
            offer: None,
            stands: Stands::Open,
            version: 0,
        };
        let store = &self.hall.setting().store;
        let version = store.vault_put_if(DRAFTS, &draft.id, Marking::Plain, &draft.to_bytes(), None).await?;
        Ok(Draft { version, ..draft })
    }

    /// Changes a draft; what was signed before is signed no more.
    ///
    /// # Errors
    ///
    /// Why not, above all when somebody changed it meanwhile.
    pub async fn change(&self, account: &Account, id: &str, version: u64, written: Written) -> Result<Draft, NotDone> {
        let written = written.in_plain_lines();
        self.may_write(account, &written)?;
        let draft = self.open(id).await?;
        if draft.version != version {
            return Err(NotDone::changed());
        }
        let draft = Draft {
            sale: written.sale.trim().to_owned(),
            rulebook: written.rulebook,
            lot: written.lot,
            by: account.name.to_string(),
            by_shown: account.shown.clone(),
            changed_ms: self.now_ms(),
            offer: None,
            ..draft
        };
        self.put(draft).await
    }

    /// Drops a draft.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn discard(&self, account: &Account, id: &str) -> Result<Draft, NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        let draft = self.open(id).await?;
        let (by, by_shown) = (account.name.to_string(), account.shown.clone());
        self.put(Draft { stands: Stands::Dropped, by, by_shown, changed_ms: self.now_ms(), ..draft }).await
    }

    /// The text that the next officer signs, with its policy: that of the first one, or as it would be now. Nothing while
    /// the files have errors.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn text(&self, draft: &Draft) -> Result<Option<(String, String)>, NotDone> {
        if let Some(offer) = &draft.offer {
            return Ok(Some((offer.notice.clone(), offer.policy.clone())));
        }
        let (Ok(loaded), Some(id)) = (draft.check(), SaleId::parse(&draft.sale)) else { return Ok(None) };
        let mut settings = NoticeSettings { officers: self.officers().await?, ..self.hall.notice_settings() };
        // Who issues what no rule asks for has no part in the sale.
        let asked = &loaded.lot.rulebook.admission.prerequisites;
        settings.issuers.retain(|issuer| asked.iter().any(|one| one.fact == issuer.fact));
        let (rulebook, lot) = (draft.rulebook.as_bytes(), draft.lot.as_bytes());
        Ok(Some(self.hall.notice(&id, &loaded.lot.id, rulebook, lot, &settings)))
    }

    /// Who may sign for the seller: officers whose keys are enrolled now.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn officers(&self) -> Result<Vec<Officer>, NotDone> {
        let mut officers = self.hall.notice_settings().officers;
        let directory = Directory::new(self.hall.setting().store.clone());
        for account in directory.accounts(Role::Officer).await? {
            let Some(key) = account.key.as_deref().and_then(|key| PublicKey::parse(key).ok()) else { continue };
            if officers.iter().all(|known| known.key != key) {
                officers.push(Officer { name: account.shown, key });
            }
        }
        Ok(officers)
    }

    /// An officer signs. With the second signature the sale is published; when that was interrupted, this goes on with it.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn sign(&self, account: &Account, id: &str, signature: &str) -> Result<Draft, NotDone> {
        let key = mark::signing_officer(&self.hall, account)?;
        let draft = self.get(id).await?;
        if draft.stands == Stands::Publishing {
            return self.publish(draft).await;
        }
        let mut draft = is_open(draft)?;
        let wrong = NotDone::new(
            Kind::Conflict,
            "has_errors",
            "草稿还有错误，不能签名。",
            "The draft has errors; it cannot be signed yet.",
        );
        let (notice, policy) = self.text(&draft).await?.ok_or(wrong)?;
        self.check_id(&draft.sale)?;
        if !landgavel_record::record::Notice::parse(&notice).is_ok_and(|notice| is_officer(&notice, &key)) {
            let zh = "公告的工作人员名单中没有您的密钥：登记密钥后请重新保存草稿，再由两人签名。";
            let en = "The notice does not list your key. Save the draft again after you have enrolled it; then both sign anew.";
            return Err(NotDone::new(Kind::Conflict, "key_not_listed", zh, en));
        }
        let mut offer = draft.offer.take().unwrap_or(Offer { notice, policy, marks: Vec::new() });
        if offer.marks.len() < SIGNATURES {
            mark::sign(&self.hall, &offer.notice, &mut offer.marks, account, signature, self.now_ms())?;
        }
        // With the second signature at once: between the two steps somebody could change what is then published.
        let stands = if offer.marks.len() < SIGNATURES { Stands::Open } else { Stands::Publishing };
        let draft = self.put(Draft { offer: Some(offer), stands, ..draft }).await?;
        if draft.stands == Stands::Open { Ok(draft) } else { self.publish(draft).await }
    }

    /// Publishes what two have signed; again, when the hall went down between the signature and this. Several may ask at
    /// once.
    ///
    /// # Errors
    ///
    /// Why not. What can never be published is open again, without its signatures.
    pub async fn publish(&self, draft: Draft) -> Result<Draft, NotDone> {
        let draft = match draft.stands {
            Stands::Publishing => draft,
            Stands::Published => return Ok(draft),
            Stands::Open | Stands::Dropped => is_open(draft)?,
        };
        let offer = draft.offer.clone().filter(|offer| offer.marks.len() >= SIGNATURES);
        let few =
            NotDone::new(Kind::NotAllowed, "four_eyes", "须有两名工作人员签名。", "Two officers must have signed.");
        let offer = offer.ok_or(few)?;
        let draft = match draft.stands {
            Stands::Publishing => draft,
            Stands::Open | Stands::Published | Stands::Dropped => {
                self.put(Draft { stands: Stands::Publishing, ..draft }).await?
            }
        };
        let signed = mark::submission(&offer.notice, &offer.marks);
        let created =
            self.hall.create(&draft.sale, draft.rulebook.as_bytes(), draft.lot.as_bytes(), &offer.policy, &signed);
        match created.await {
            Ok(_) => {}
            Err(NotCreated::Exists) if self.is_published(&draft.sale, &signed.command) => {}
            Err(why) => {
                if is_for_good(&why) {
                    self.put(Draft { stands: Stands::Open, offer: None, ..draft }).await?;
                }
                return Err(not_created(&why));
            }
        }
        let id = draft.id.clone();
        match self.put(Draft { stands: Stands::Published, ..draft }).await {
            // Somebody else asked too, and was the first to note it.
            Err(why) if why.code == NotDone::changed().code => {
                let draft = self.get(&id).await?;
                if draft.stands == Stands::Published { Ok(draft) } else { Err(why) }
            }
            done => done,
        }
    }

    fn is_published(&self, sale: &str, notice: &str) -> bool {
        self.hall.room(sale).is_some_and(|room| room.foundation().signed.command == notice)
    }

    fn may_write(&self, account: &Account, written: &Written) -> Result<(), NotDone> {
        if account.role != Role::Officer {
            return Err(NotDone::not_allowed());
        }
        self.check_id(written.sale.trim())?;
        if written.rulebook.len() > TEXT_MAX || written.lot.len() > TEXT_MAX {
            return Err(NotDone::from(VaultError::TooLarge { most: TEXT_MAX }));
        }
        Ok(())
    }

    fn check_id(&self, sale: &str) -> Result<(), NotDone> {
        if SaleId::parse(sale).filter(|id| id.as_str().len() <= 64 && is_sale(id)).is_none() {
            let zh = "编号由 1 至 64 个字母、数字、点、横线组成。";
            return Err(NotDone::new(
                Kind::Wrong,
                "sale_id",
                zh,
                "An id has 1 to 64 letters, digits, dots and dashes.",
            ));
        }
        if self.hall.room(sale).is_some() {
            return Err(NotDone::new(Kind::Conflict, "sale_exists", "编号已被使用。", "There is a sale of this id."));
        }
        Ok(())
    }

    async fn open(&self, id: &str) -> Result<Draft, NotDone> {
        is_open(self.get(id).await?)
    }

    async fn put(&self, draft: Draft) -> Result<Draft, NotDone> {
        let bytes = draft.to_bytes();
        let store = &self.hall.setting().store;
        let version = store.vault_put_if(DRAFTS, &draft.id, Marking::Plain, &bytes, Some(draft.version)).await?;
        Ok(Draft { version, ..draft })
    }

    fn now_ms(&self) -> i64 {
        self.hall.setting().clock.now().millis()
    }
}

impl Written {
    fn in_plain_lines(self) -> Self {
        let plain = |text: String| text.replace("\r\n", "\n").replace('\r', "\n");
        Self { rulebook: plain(self.rulebook), lot: plain(self.lot), ..self }
    }
}

fn is_open(draft: Draft) -> Result<Draft, NotDone> {
    let (zh, en) = match draft.stands {
        Stands::Open => return Ok(draft),
        Stands::Publishing => {
            ("两人已签名，正在发布，不能再改。", "Two have signed and it is being published; it cannot be changed.")
        }
        Stands::Published | Stands::Dropped => ("草稿已发布或已作废。", "The draft was published or dropped."),
    };
    Err(NotDone::new(Kind::Conflict, "draft_closed", zh, en))
}

/// Whether asking again would be answered the same.
fn is_for_good(why: &NotCreated) -> bool {
    match why {
        NotCreated::Exists | NotCreated::Id | NotCreated::Foundation(_) => true,
        NotCreated::TooMany | NotCreated::NotRegistered | NotCreated::Store(_) => false,
    }
}

fn is_officer(notice: &landgavel_record::record::Notice, key: &str) -> bool {
    PublicKey::parse(key).is_ok_and(|key| notice.is_officer(&key))
}

fn not_created(why: &NotCreated) -> NotDone {
    let told = |kind, code, zh: &str| NotDone::told(kind, code, format!("{zh}（{why}）"), why.to_string());
    match why {
        NotCreated::Exists => told(Kind::Conflict, "sale_exists", "编号已被使用"),
        NotCreated::TooMany => told(Kind::Store, "too_many_sales", "出让数量已满"),
        NotCreated::NotRegistered => told(Kind::Store, "not_registered", "尚未登入出让登记簿"),
        NotCreated::Id => told(Kind::Wrong, "sale_id", "编号无效"),
        NotCreated::Foundation(_) => told(Kind::Wrong, "not_founded", "文件或公告不符"),
        NotCreated::Store(fault) => NotDone::from(fault.clone()),
    }
}
