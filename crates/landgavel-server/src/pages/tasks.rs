//! What waits for the visitor, as rows of a table.

use landgavel_base::{Instant, UtcOffset};

use super::Pages;
use super::facts::when;
use super::page::Visitor;
use crate::dossier;

/// Something that waits, as a row.
pub(super) struct TaskRow {
    pub what: String,
    pub href: String,
    pub sale: String,
    pub until: String,
}

/// What waits for the visitor; nothing for who has not logged in. A store that does not answer is logged, and the page
/// shows the rest.
pub(super) async fn waiting(pages: &Pages, visitor: &Visitor) -> Vec<TaskRow> {
    let Some(account) = visitor.caller.account() else { return Vec::new() };
    let tasks = match dossier::tasks(&pages.hall, account).await {
        Ok(tasks) => tasks,
        Err(error) => {
            tracing::error!(%error, "tasks were not read");
            return Vec::new();
        }
    };
    let row = |task: dossier::Task| {
        let room = pages.hall.room(&task.of);
        let lot = room.as_ref().map(|room| &room.foundation().loaded.lot);
        let offset = lot.map_or_else(UtcOffset::default, |lot| lot.rulebook.utc_offset);
        let until = task.until_ms.and_then(Instant::from_millis);
        TaskRow {
            what: visitor.say(&task.words[0], &task.words[1]),
            sale: lot.map_or(task.of, |lot| visitor.pick(&lot.title)),
            until: until.map_or_else(|| "–".to_owned(), |until| when(until, offset)),
            href: task.href,
        }
    };
    tasks.into_iter().map(row).collect()
}
