//! The register of sales: what it names, when, and what a hall does that cannot have it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use landgavel_base::Digest;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::KeyKind;
use landgavel_log::tree::{Hash, leaf_hash};
use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::register::{Agrees, RegisterEntry, Says, agrees, read_register};
use landgavel_record::verify::{Alone, Options, Silent, verify};
use landgavel_server::api::{Api, Bounds};
use landgavel_server::clock::{Clock as _, PacedClock};
use landgavel_server::desk::shown::Standing;
use landgavel_server::export::Bundle;
use landgavel_server::hall::{Hall, House};
use landgavel_server::pages::{Pages, Site};
use landgavel_server::people::Directory;
use landgavel_server::site::app;
use landgavel_store::{Batch, Fence, Head, SaleId, Store};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Folder, HOST, SALE, Stage, house, note_key, setting, time};

pub const NOTICE: &str = "2026-03-01T09:00:00+08:00";

#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl BundleFiles for Files {
    fn read(&self, path: &str, _most: usize) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or(ReadError::Missing)
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

pub fn id(text: &str) -> SaleId {
    SaleId::parse(text).unwrap()
}

pub async fn get(hall: &Arc<Hall>, path: &str) -> (StatusCode, Vec<u8>) {
    let api = Api::new(Arc::clone(hall), Bounds::default());
    let response = api.router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    (response.status(), to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

async fn page(hall: &Arc<Hall>, path: &str) -> (StatusCode, String) {
    let pages = Pages {
        hall: Arc::clone(hall),
        people: Directory::new(hall.setting().store.clone()),
        clock: Arc::clone(&hall.setting().clock),
        site: Arc::new(Site {
            origin: "https://hall.invalid".to_owned(),
            is_demo: false,
            verifier: None,
            printer: None,
            scores: Arc::default(),
        }),
    };
    let site = app(pages, &Api::new(Arc::clone(hall), Bounds::default()), None);
    let response = site.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let (status, bytes) = (response.status(), to_bytes(response.into_body(), usize::MAX).await.unwrap());
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

async fn json_of(hall: &Arc<Hall>, path: &str) -> Value {
    serde_json::from_slice(&get(hall, path).await.1).unwrap()
}

/// Waits until the register says something, and witnesses have seen all of it.
pub async fn register_until(hall: &Hall, holds: impl Fn(&landgavel_server::register::Shown) -> bool) {
    let is_witnessed =
        |shown: &landgavel_server::register::Shown| shown.witnessed.is_some_and(|at| at.size == shown.entries.size());
    while !Some(hall.register().shown()).is_some_and(|shown| holds(&shown) && is_witnessed(&shown)) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// The files of the register as the hall serves them.
pub async fn served(hall: &Arc<Hall>) -> Files {
    let mut files = Files::default();
    for path in hall.register().shown().files.keys() {
        let (status, bytes) = get(hall, &format!("/register/log/{path}")).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        files.0.insert(path.clone(), bytes);
    }
    files
}

async fn bundle(stage: &Stage) -> Files {
    let published = stage.room.shown().unwrap().look().published.clone().unwrap();
    let bundle = Bundle::new(stage.hall.setting().store.clone(), stage.room.id().clone(), published);
    let mut files = Files::default();
    for path in bundle.paths() {
        files.0.insert(path.clone(), bundle.file(&path).await.unwrap().unwrap());
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_and_its_ending_stand_in_a_register_that_strangers_believe() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    register_until(&stage.hall, |shown| shown.entries.sale(SALE).is_some()).await;
    let judge = async |hall| {
        let believed = read_register(&served(hall).await, None).unwrap_or_else(|unfit| panic!("{unfit}"));
        let files = bundle(&stage).await;
        let report = verify(&files, &Options::default(), &Alone::default(), &mut Silent);
        assert_eq!(report.wrong, None);
        agrees(&believed, &report, &files).unwrap_or_else(|unfit| panic!("{unfit}"))
    };
    assert_eq!(judge(&stage.hall).await, Agrees::UnderWay);

    let annul = json!({"do": "annul", "cause": "collusion", "reason": "x"});
    stage.ask(serde_json::from_value(annul).unwrap()).await;
    stage.published().await;
    register_until(&stage.hall, |shown| shown.entries.sale(SALE).unwrap().outcome.is_some()).await;
    let Agrees::Ended(outcome) = judge(&stage.hall).await else { panic!("not ended") };
    assert_eq!(outcome.ending.word(), "annulled");

    // What programs are told is the same.
    let told = json_of(&stage.hall, "/api/v1/register").await;
    assert_eq!((&told["witnessed"]["size"], &told["sales"][0]["is_served"]), (&json!(3), &json!(true)), "{told}");
    assert_eq!(told["sales"][0]["outcome"]["root"], json!(outcome.root.to_string()));

    // Another node shows it too, and enters nothing twice.
    let second_house = House { node: "node-2".to_owned(), ..house() };
    let store = stage.hall.setting().store.clone();
    let second = Hall::open(setting(store, Arc::clone(&stage.clock)), second_house).await.unwrap();
    register_until(&second, |shown| shown.entries.sale(SALE).is_some()).await;
    assert_eq!(judge(&second).await, Agrees::Ended(outcome));
    assert_eq!(second.register().shown().entries.size(), 3);
    second.close().await;
    stage.hall.close().await;

    // After a restart nothing is entered again.
    let again = Stage::at(&folder, Arc::clone(&stage.clock)).await;
    register_until(&again.hall, |shown| shown.entries.sale(SALE).is_some()).await;
    assert_eq!(again.hall.register().shown().entries.size(), 3);
    again.hall.close().await;
}

/// The hall's process died between the journal of the sale and the register.
#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_a_crash_left_out_is_entered_at_the_next_start() {
    let (folder, other) = (Folder::new(), Folder::new());
    let stage = Stage::set(&folder).await;
    stage.hall.close().await;
    let store = sale_alone(&stage, &other).await;
    // And one that cannot be opened at all: damage hides no sale either.
    let damaged = id("damaged");
    store.create(&damaged, vec![("lot.toml".to_owned(), Vec::new())]).await.unwrap();
    let fence = lease(&store, &damaged, &stage.clock).await;
    store.append(&fence, Head::EMPTY, Batch::of(vec![b"its notice".to_vec()])).await.unwrap();
    let hall = Hall::open(setting(store, Arc::clone(&stage.clock)), house()).await.unwrap();
    register_until(&hall, |shown| shown.entries.sales().len() == 2).await;
    let named = hall.register().shown().entries.sale("damaged").unwrap().notice;
    assert_eq!(named, Digest(leaf_hash(b"its notice").0));
    let notice = stage.hall.setting().store.read(&id(SALE), 0, 1, usize::MAX).await.unwrap();
    let named = hall.register().shown().entries.sale(SALE).unwrap().notice;
    assert_eq!(named, Digest(leaf_hash(&notice[0]).0));
    hall.close().await;
}

/// A store with the notice of the sale and no register.
async fn sale_alone(stage: &Stage, folder: &Folder) -> Store {
    let from = &stage.hall.setting().store;
    let store = Store::open(&folder.store()).await.unwrap();
    let sale = id(SALE);
    store.create(&sale, from.files(&sale).await.unwrap()).await.unwrap();
    let notice = from.read(&sale, 0, 1, usize::MAX).await.unwrap();
    let fence = lease(&store, &sale, &stage.clock).await;
    store.append(&fence, Head::EMPTY, Batch::of(notice)).await.unwrap();
    store.release(&fence).await.unwrap();
    store
}

pub async fn lease(store: &Store, name: &SaleId, clock: &PacedClock) -> Fence {
    store.take(name, "forger", clock.now().millis(), 30_000).await.unwrap().unwrap()
}

/// Puts entries into the register's journal, and a checkpoint of some root.
async fn forge(store: &Store, clock: &PacedClock, says: &[Says], root: impl Fn(&[Vec<u8>]) -> Hash) {
    let name = id("_register");
    let json = b"{\"format\":\"landgavel-register/1\"}\n".to_vec();
    store.create(&name, vec![("register.json".to_owned(), json)]).await.unwrap();
    let line = |says: &Says| RegisterEntry { at: clock.now(), says: says.clone() }.line(HOST).into_bytes();
    let lines: Vec<Vec<u8>> = says.iter().map(line).collect();
    let fence = lease(store, &name, clock).await;
    store.append(&fence, Head::EMPTY, Batch::of(lines.clone())).await.unwrap();
    let origin = format!("{HOST}/register");
    let checkpoint = Checkpoint { origin: origin.clone(), size: 1, root: root(&lines), extensions: Vec::new() };
    let key = note_key(HOST, KeyKind::Ed25519).named(&origin).unwrap();
    store.publish(&fence, 1, &checkpoint.sign(&key).unwrap().to_string()).await.unwrap();
    store.release(&fence).await.unwrap();
}

/// Somebody changed the database: what was signed no longer follows from what is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_whose_signed_checkpoint_is_not_of_its_journal_is_not_used() {
    let folder = Folder::new();
    let clock = Arc::new(PacedClock::new(time(NOTICE), 0));
    let store = Store::open(&folder.store()).await.unwrap();
    let says = [Says::Policy { policy: Digest([1; 32]) }];
    forge(&store, &clock, &says, |_| Hash([9; 32])).await;
    let hall = Hall::open(setting(store, Arc::clone(&clock)), house()).await.unwrap();
    while hall.register().shown().damaged.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let why = hall.register().shown().damaged.clone().unwrap();
    assert!(why.contains("signed checkpoint of size 1 has another root than its journal"), "{why}");
    assert_eq!(get(&hall, "/register/log/checkpoint").await.0, StatusCode::SERVICE_UNAVAILABLE);
    // What exactly is wrong is for the log.
    let told = json_of(&hall, "/api/v1/register").await;
    assert_eq!((&told["is_damaged"], told.to_string().contains("root than")), (&json!(true), false), "{told}");
    let ready = json_of(&hall, "/readyz").await;
    assert_eq!((&ready["ready"], &ready["register"]), (&json!(false), &json!("damaged")));
    hall.close().await;
}

/// The journal of a sale was exchanged for another one under the same name.
#[tokio::test(flavor = "multi_thread")]
async fn a_sale_whose_notice_is_not_the_registered_one_is_not_opened() {
    let (folder, other) = (Folder::new(), Folder::new());
    let stage = Stage::set(&folder).await;
    stage.hall.close().await;
    let store = sale_alone(&stage, &other).await;
    let says =
        [Says::Policy { policy: Digest([1; 32]) }, Says::Notice { sale: SALE.to_owned(), root: Digest([7; 32]) }];
    forge(&store, &stage.clock, &says, |lines| leaf_hash(&lines[0])).await;
    let hall = Hall::open(setting(store.clone(), Arc::clone(&stage.clock)), house()).await.unwrap();
    let room = hall.room(SALE).unwrap();
    while hall.register().shown().entries.sale(SALE).is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    while !matches!(room.standing(), Standing::Stopped { is_retried: false, .. }) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(room.shown().is_none(), "it is shown");
    assert_eq!(store.latest_checkpoint(&id(SALE)).await, Ok(None), "it is gone on with");
    assert_eq!(get(&hall, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(&hall, "/api/v1/register").await["sales"][0]["is_served"], json!(false));
    let (_, page) = page(&hall, "/register").await;
    assert!(page.contains(SALE) && !page.contains(&format!("href=\"/sales/{SALE}\"")), "{page}");
    hall.close().await;
}

/// While another node holds the register, a sale is neither listed nor shown, and its publication is not told.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_a_sale_before_the_register_names_it() {
    let (folder, other) = (Folder::new(), Folder::new());
    let stage = Stage::set(&folder).await;
    stage.hall.close().await;
    let store = sale_alone(&stage, &other).await;
    let name = id("_register");
    store
        .create(&name, vec![("register.json".to_owned(), b"{\"format\":\"landgavel-register/1\"}\n".to_vec())])
        .await
        .unwrap();
    let held = lease(&store, &name, &stage.clock).await;
    let hall = Hall::open(setting(store.clone(), Arc::clone(&stage.clock)), house()).await.unwrap();
    let room = hall.room(SALE).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(room.shown().is_none());
    assert_eq!(json_of(&hall, "/api/v1/sales").await, json!({"sales": []}));
    assert_eq!(get(&hall, &format!("/api/v1/sales/{SALE}")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    let ready = json_of(&hall, "/readyz").await;
    assert_eq!((&ready["ready"], &ready["sales"]), (&json!(false), &json!({})));
    let metrics = String::from_utf8(get(&hall, "/metrics").await.1).unwrap();
    assert!(!metrics.contains("sale=\""), "{metrics}");
    store.release(&held).await.unwrap();
    while room.standing() != Standing::Open {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(hall.register().names(&id(SALE)));
    assert_eq!(json_of(&hall, "/api/v1/sales").await["sales"][0]["id"], json!(SALE));
    hall.close().await;
}
