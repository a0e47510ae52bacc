//! Under which code an account takes part in a sale, and who it said that it is.
//!
//! The public record knows codes and salted digests only. What binds them to a person stands in the vault.

use landgavel_store::{Content, Marking, SaleId, Store, VaultError};
use serde_json::{Value, json};

use crate::people::AccountName;

/// Accounts' codes, by sale and account.
const CODES: &str = "code";
/// What applicants said of themselves, by sale and code.
const IDENTITIES: &str = "identity";

fn id(sale: &SaleId, of: &str) -> String {
    format!("{sale}:{of}")
}

/// The code of an account in a sale, when it has one.
pub(super) async fn code_of(store: &Store, sale: &SaleId, account: &AccountName) -> Option<String> {
    match store.vault_get(CODES, &id(sale, account.as_str())).await {
        Ok(record) => match record.content {
            Content::Bytes(bytes) => String::from_utf8(bytes).ok(),
            Content::Withheld | Content::Erased { .. } => None,
        },
        Err(_) => None,
    }
}

/// Gives an account its code in a sale and keeps what it said of itself; what is read of it leaves a trace.
pub(super) async fn keep(
    store: &Store,
    sale: &SaleId,
    account: &AccountName,
    code: &str,
    said: &Value,
) -> Result<(), VaultError> {
    store.vault_put(IDENTITIES, &id(sale, code), Marking::Identity, said.to_string().as_bytes()).await?;
    let name = id(sale, account.as_str());
    match store.vault_put_if(CODES, &name, Marking::Plain, code.as_bytes(), None).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What an applicant says of itself.
pub(super) fn said(company: &str, credit_code: &str, contact: &str, group: &str, salt: &str) -> Value {
    json!({"company": company, "credit_code": credit_code, "contact": contact, "group": group, "salt": salt})
}
