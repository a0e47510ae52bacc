//! Problem documents (RFC 9457): every answer that is no. The codes are stable.

use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use landgavel_record::record::{Fault, NotReceived};
use serde_json::{Value, json};

use crate::desk::NotAnswered;
use crate::hall::NotCreated;
use crate::not_done::{Kind, NotDone};
use crate::people::{LoginError, PasswordError, PeopleError};

/// Where the codes are told.
const TYPES: &str = "https://landgavel.invalid/problems/";

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: Cow<'static, str>,
    zh: Cow<'static, str>,
    detail: String,
    /// Seconds after which to come back.
    retry_after: Option<u64>,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str, zh: &'static str, title: &'static str) -> Self {
        let (title, zh) = (Cow::Borrowed(title), Cow::Borrowed(zh));
        Self { status, code, title, zh, detail: String::new(), retry_after: None }
    }

    fn with(mut self, detail: impl ToString) -> Self {
        self.detail = detail.to_string();
        self
    }

    fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Its stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Whether nothing is known to have been decided, so that asking again may be answered otherwise.
    pub(super) fn is_passing(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// There is nothing at this path.
    pub fn not_found(what: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "没有此内容", "There is nothing here").with(what)
    }

    /// The path is known, the method is not.
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "不支持此方法", "Not this method")
    }

    /// The request cannot be read.
    pub fn malformed(why: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "请求无法读取", "The request cannot be read").with(why)
    }

    /// More bytes than are read.
    pub fn too_large(most: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "内容过大", "Too large")
            .with(format!("at most {most} bytes"))
    }

    /// The body did not come in time.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "请求超时", "The request took too long")
    }

    /// Too often.
    pub fn too_many(retry_ms: i64) -> Self {
        let seconds = u64::try_from(retry_ms).unwrap_or(0).div_ceil(1000).max(1);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "请求过于频繁", "Too many requests")
            .after(seconds)
    }

    /// Too many connections follow already.
    pub fn too_many_viewers() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_viewers", "观看人数已满", "Too many viewers").after(10)
    }

    /// The caller's role does not show this, or not yet.
    pub fn hidden() -> Self {
        let why = "the information policy shows it to others, or later";
        Self::new(StatusCode::FORBIDDEN, "hidden", "按信息规则尚不公开", "The rules do not show this to you now")
            .with(why)
    }

    /// Nobody known asks for what is somebody's own.
    pub fn not_logged_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_logged_in", "请先登录", "Log in first")
    }

    /// A change that did not come with the session's word, so that it may come from a page elsewhere.
    pub fn not_from_us() -> Self {
        let zh = "请求未带会话校验码";
        Self::new(StatusCode::FORBIDDEN, "no_word", zh, "The request does not bring the session's word")
    }

    /// The caller may not do this.
    pub fn not_allowed() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", "无此权限", "You may not do this")
    }

    /// The entry is stored, and no checkpoint covers it yet.
    pub fn not_witnessed_yet() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_witnessed_yet", "尚未经见证", "No checkpoint covers it yet").after(1)
    }

    /// Papers are made in a font of the operator's, and there is none.
    pub fn no_font() -> Self {
        let zh = "本大厅没有中文字体，不能制作 PDF；请打印网页版";
        Self::new(StatusCode::NOT_IMPLEMENTED, "no_font", zh, "This hall has no font for papers")
            .with("print the page in place of it; the operator names a font with simplified Chinese by `--font`")
    }

    /// A paper that was not made.
    pub fn not_printed(why: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "not_printed", "文书未能制作", "The paper was not made").with(why)
    }

    /// The sale is being read back.
    pub fn opening() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "opening", "正在启动", "The sale is being opened").after(1)
    }

    /// Its journal is not what was stored or signed.
    pub fn damaged() -> Self {
        let en = "The record is damaged and is not opened; the office looks into it";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "damaged", "记录已损坏，不予打开，正在查明", en)
    }

    /// The store failed.
    pub fn store(fault: &impl ToString) -> Self {
        tracing::error!(fault = fault.to_string(), "the store failed");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed", "存储故障", "The store does not answer").after(2)
    }

    /// A command's id was used by its key for another command.
    pub fn id_repeated() -> Self {
        Self::new(StatusCode::CONFLICT, "id_repeated", "编号已用于另一请求", "This key used the id for another command")
    }

    /// A command that can be no entry.
    pub fn turned_away(fault: &Fault) -> Self {
        let status = match fault {
            Fault::Unsigned { .. } | Fault::KeyNotAllowed { .. } => StatusCode::FORBIDDEN,
            Fault::AlreadyEnrolled { .. } | Fault::IdRepeated { .. } => StatusCode::CONFLICT,
            Fault::NoticeNotPublished | Fault::TimeRunsBackwards { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let retry = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1);
        let problem = Self::new(status, fault.code(), "请求不能列入交易记录", "The command cannot enter the record");
        Self { retry_after: retry, ..problem.with(format!("the command {fault}")) }
    }
}

impl From<NotAnswered> for Problem {
    fn from(why: NotAnswered) -> Self {
        match why {
            NotAnswered::NotReceived(NotReceived::Signature { key }) => {
                Self::new(StatusCode::FORBIDDEN, "signature_invalid", "签名无效", "A signature is not valid")
                    .with(format!("the signature of {key} is not valid for these bytes"))
            }
            NotAnswered::NotReceived(NotReceived::Key(error)) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "key_invalid", "密钥无效", "A key is none").with(error)
            }
            NotAnswered::NotReceived(error @ (NotReceived::Text(_) | NotReceived::TooManySignatures)) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "not_canonical",
                "请求不符合格式",
                "The command is not written in its one form",
            )
            .with(error),
            NotAnswered::Busy => {
                let why = "too many commands wait; nothing was decided";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "系统繁忙，请重试", "Too many commands wait")
                    .with(why)
                    .after(1)
            }
            NotAnswered::Elsewhere => {
                let why = "another node writes this sale; nothing was decided here";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "elsewhere", "本节点只读", "This node only reads")
                    .with(why)
                    .after(1)
            }
            NotAnswered::Stopped => {
                let why = "whether it was decided is not known: ask again with the same bytes";
                let zh = "结果未知，请以相同内容重试";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", zh, "The sale's desk has stopped")
                    .with(why)
                    .after(2)
            }
        }
    }
}

impl From<NotCreated> for Problem {
    fn from(why: NotCreated) -> Self {
        let (status, code, zh) = match &why {
            NotCreated::Exists => (StatusCode::CONFLICT, "sale_exists", "编号已被使用"),
            NotCreated::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "too_many_sales", "出让数量已满"),
            NotCreated::Id => (StatusCode::UNPROCESSABLE_ENTITY, "sale_id", "编号无效"),
            NotCreated::Foundation(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not_founded", "文件或公告不符"),
            NotCreated::NotRegistered => (StatusCode::SERVICE_UNAVAILABLE, "not_registered", "尚未登入出让登记簿"),
            NotCreated::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "store_failed", "存储故障"),
        };
        Self::new(status, code, zh, "The sale was not created").with(why)
    }
}

impl From<NotDone> for Problem {
    fn from(why: NotDone) -> Self {
        let status = match why.kind {
            Kind::NotAllowed => StatusCode::FORBIDDEN,
            Kind::Absent => StatusCode::NOT_FOUND,
            Kind::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Store => StatusCode::SERVICE_UNAVAILABLE,
        };
        let retry_after = match why.kind {
            Kind::Store => Some(2),
            Kind::TooMany => Some(60),
            _ => None,
        };
        Self { status, code: why.code, title: why.en, zh: why.zh, detail: String::new(), retry_after }
    }
}

impl From<LoginError> for Problem {
    fn from(why: LoginError) -> Self {
        match why {
            LoginError::Wrong => {
                let zh = "账户名、口令或验证码不正确";
                Self::new(StatusCode::UNAUTHORIZED, "wrong_login", zh, "Name, password or code is not right")
            }
            LoginError::TooMany(wait_ms) => Self::too_many(wait_ms),
            LoginError::Vault(error) => Self::store(&error),
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(why: PeopleError) -> Self {
        let wrong = |code, zh, en| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, zh, en);
        match why {
            PeopleError::Name => wrong("account_name", "账户名不合要求", "The account name is not of the right form"),
            PeopleError::Taken => {
                Self::new(StatusCode::CONFLICT, "name_taken", "账户名已被使用", "Somebody has this name")
            }
            PeopleError::Password(PasswordError::TooShort) => {
                wrong("password_short", "口令少于 12 个字符", "The password has fewer than 12 characters")
            }
            PeopleError::Password(PasswordError::TooLong) => {
                wrong("password_long", "口令过长", "The password is too long")
            }
            PeopleError::Password(PasswordError::Common) => {
                wrong("password_common", "口令太容易被猜到", "The password is among those that are guessed first")
            }
            PeopleError::Invitation => {
                wrong("invitation", "邀请无效或已使用", "The invitation is not valid, or was used")
            }
            PeopleError::Code => wrong("code", "验证码不正确", "The code is not right"),
            PeopleError::Key => wrong("key_invalid", "密钥无效", "The key is none"),
            PeopleError::KeyNotHeld => Self::new(
                StatusCode::FORBIDDEN,
                "key_not_held",
                "签名不能证明您持有此密钥",
                "The signature does not show that you hold this key",
            ),
            PeopleError::KeyTaken => Self::new(
                StatusCode::CONFLICT,
                "key_taken",
                "另一账户已登记此密钥",
                "Another account signs with this key",
            ),
            PeopleError::TooMany(wait_ms) => Self::too_many(wait_ms),
            PeopleError::Vault(error) => Self::from(NotDone::from(error)),
        }
    }
}

/// The type of a problem document.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Tells a program the code without reading the body.
const CODE: HeaderName = HeaderName::from_static("landgavel-problem");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body: Value = json!({
            "type": format!("{TYPES}{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": if self.detail.is_empty() { &self.title } else { self.detail.as_str() },
            "words": {"zh": self.zh, "en": self.title},
        });
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(CODE, HeaderValue::from_static(self.code));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        (self.status, headers, body.to_string()).into_response()
    }
}
