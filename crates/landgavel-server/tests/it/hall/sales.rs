//! Whole sales.

use std::collections::BTreeMap;

use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::verify::{Alone, Options, Silent, verify};
use landgavel_sale::Status;
use landgavel_server::desk::Outcome;
use landgavel_server::export::Bundle;
use serde_json::json;

use super::stage::{Folder, Stage};

struct Files(BTreeMap<String, Vec<u8>>);

impl BundleFiles for Files {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::Missing)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_of_four_parts_runs_to_its_award_and_verifies() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    stage.play("2026-04-20T14:00:00+08:00").await;
    let winner = {
        let shown = stage.room.shown().unwrap();
        let state = shown.look();
        assert_eq!(*state.sale.status(), Status::Provisional);
        state.sale.bidder(state.sale.seats()[0].bidder).unwrap().code().to_owned()
    };
    for verb in ["qualify", "confirm"] {
        let command = serde_json::from_value(json!({"do": verb, "bidder": winner})).unwrap();
        let outcome = stage.ask(command).await;
        assert!(matches!(outcome, Outcome::Entered(written) if written.entry.result.is_ok()), "{verb}");
    }
    stage.published().await;
    let published = {
        let shown = stage.room.shown().unwrap();
        let state = shown.look();
        assert_eq!(*state.sale.status(), Status::Awarded, "{:?}", state.sale.status());
        state.published.clone().unwrap()
    };
    let bundle = Bundle::new(stage.hall.setting().store.clone(), stage.room.id().clone(), published);
    let mut files = BTreeMap::new();
    for path in bundle.paths() {
        files.insert(path.clone(), bundle.file(&path).await.unwrap().unwrap());
    }
    let report = verify(&Files(files), &Options::default(), &Alone::default(), &mut Silent);
    assert_eq!(report.wrong, None);
    stage.hall.close().await;
}
