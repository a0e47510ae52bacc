//! The record of a pledge as files, the sale's in a folder of it.

use landgavel_log::tile::{TilePath, tiles_of};
use landgavel_record::bundle::{PLEDGE_BUNDLE_JSON, SALE_FOLDER};
use landgavel_store::{Fault, SaleId, Store};

use super::foundation::{POLICY, TERMS};
use crate::desk::shown::Published;
use crate::export::{self, Exported};

/// The bundle of a pledge up to its last published checkpoint.
#[derive(Clone)]
pub struct PledgeBundle {
    store: Store,
    log: SaleId,
    published: Published,
    sale: export::Bundle,
}

impl PledgeBundle {
    pub(super) fn new(store: Store, log: SaleId, published: Published, sale: export::Bundle) -> Self {
        Self { store, log, published, sale }
    }

    /// Entries in it.
    pub fn size(&self) -> u64 {
        self.published.tree.size()
    }
}

impl Exported for PledgeBundle {
    fn paths(&self) -> Vec<String> {
        let fixed = ["bundle.json", "checkpoint", "checkpoints.jsonl", POLICY, "standing.json", TERMS];
        let mut paths: Vec<String> = fixed.iter().map(|path| (*path).to_owned()).collect();
        paths.extend(tiles_of(self.size()).map(|path| path.to_string()));
        paths.extend(self.sale.paths().into_iter().map(|path| format!("{SALE_FOLDER}{path}")));
        paths.sort_unstable();
        paths
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Fault> {
        if let Some(path) = path.strip_prefix(SALE_FOLDER) {
            return self.sale.file(path).await;
        }
        match path {
            "bundle.json" => Ok(Some(PLEDGE_BUNDLE_JSON.as_bytes().to_vec())),
            "standing.json" => Ok(Some(self.published.outcome.as_bytes().to_vec())),
            "checkpoint" => export::checkpoint(&self.store, &self.log, self.size()).await,
            "checkpoints.jsonl" => export::checkpoints(&self.store, &self.log, self.size()).await.map(Some),
            TERMS | POLICY => {
                let files = self.store.files(&self.log).await?;
                Ok(files.into_iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes))
            }
            tile => match TilePath::parse(tile) {
                Ok(path) => self.published.tree.tile(&path).await,
                Err(_) => Ok(None),
            },
        }
    }
}
