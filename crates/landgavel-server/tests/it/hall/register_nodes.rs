//! The register of a hall of several nodes, and of one whose witnesses or leases change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use landgavel_base::{Digest, Instant};
use landgavel_log::note::KeyKind;
use landgavel_record::register::read_register;
use landgavel_server::clock::{Clock, PacedClock};
use landgavel_server::desk::{Setting, Witnesses};
use landgavel_server::hall::{Hall, House, WitnessAt};
use landgavel_server::register::Register;
use landgavel_store::Store;

use super::register::{NOTICE, get, id, lease, register_until, served};
use super::stage::{Folder, HOST, SALE, Stage, house, note_key, setting, time};

/// A clock at which cosigning waits while it is held.
struct HeldClock {
    is_held: Mutex<bool>,
    let_go: Condvar,
    is_waited_for: AtomicBool,
}

impl HeldClock {
    fn new() -> Arc<Self> {
        Arc::new(Self { is_held: Mutex::new(false), let_go: Condvar::new(), is_waited_for: AtomicBool::new(false) })
    }

    fn hold(&self, is_held: bool) {
        *self.is_held.lock().unwrap() = is_held;
        self.let_go.notify_all();
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Instant {
        time(NOTICE)
    }

    fn now_s(&self) -> u64 {
        let is_held = self.is_held.lock().unwrap();
        self.is_waited_for.store(*is_held, Ordering::SeqCst);
        drop(self.let_go.wait_while(is_held, |is_held| *is_held).unwrap());
        u64::try_from(self.now().millis() / 1000).unwrap()
    }
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The register as a node of this name keeps it, under the policy of the house.
async fn node(folder: &Folder, name: &str, clock: &Arc<HeldClock>) -> Arc<Register> {
    let store = Store::open(&folder.store()).await.unwrap();
    let paced = Arc::new(PacedClock::new(time(NOTICE), 0));
    let setting = Setting { clock: Arc::clone(clock) as Arc<dyn Clock>, ..setting(store, paced) };
    let witnesses: Vec<String> =
        house().witnesses.iter().map(|at| format!("witness {} {}\n", at.name, at.key)).collect();
    let log = setting.keys.log(&format!("{HOST}/register")).verifier().clone();
    let policy = format!("log {log}\n{}group all 2 w0 w1 w2\nquorum all\n", witnesses.concat());
    Register::new(&setting, HOST, name, policy).unwrap()
}

fn witnessed(register: &Register) -> u64 {
    register.shown().witnessed.map_or(0, |at| at.size)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_that_enter_and_publish_in_turn_leave_the_register_whole() {
    let folder = Folder::new();
    let (slow, quick) = (HeldClock::new(), HeldClock::new());
    let (first, second) = (node(&folder, "node-1", &slow).await, node(&folder, "node-2", &quick).await);
    let kept = [&first, &second].map(|register| tokio::spawn(Arc::clone(register).keep()));
    first.notice(&id("s1"), Digest([1; 32])).await.unwrap();
    until(|| witnessed(&first) == 2 && witnessed(&second) == 2).await;

    // While the witnesses of one have not answered yet, the other enters and publishes more.
    slow.hold(true);
    first.notice(&id("s2"), Digest([2; 32])).await.unwrap();
    until(|| slow.is_waited_for.load(Ordering::SeqCst)).await;
    second.notice(&id("s3"), Digest([3; 32])).await.unwrap();
    until(|| witnessed(&second) == 4).await;
    slow.hold(false);
    until(|| witnessed(&first) == 4 || first.shown().damaged.is_some()).await;
    assert_eq!(first.shown().damaged, None);

    for turn in 0..8u8 {
        let (one, other) = if turn % 2 == 0 { (&first, &second) } else { (&second, &first) };
        one.notice(&id(&format!("t{turn}")), Digest([turn; 32])).await.unwrap();
        other.notice(&id(&format!("u{turn}")), Digest([turn; 32])).await.unwrap();
    }
    until(|| [&first, &second].iter().all(|node| witnessed(node) == 20 || node.shown().damaged.is_some())).await;
    assert_eq!((first.shown().damaged.as_ref(), second.shown().damaged.as_ref()), (None, None));
    assert_eq!(first.shown().files, second.shown().files);
    first.close();
    second.close();
    for task in kept {
        task.await.unwrap();
    }
}

/// What is shown at any moment is believed by the policy that is shown with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_believed_by_strangers_after_its_witnesses_have_changed() {
    let folder = Folder::new();
    let stage = Stage::set(&folder).await;
    register_until(&stage.hall, |shown| shown.entries.sale(SALE).is_some()).await;
    let before = stage.hall.register().shown().entries.size();
    let store = stage.hall.setting().store.clone();
    stage.hall.close().await;

    let key = note_key("hall.invalid/w4", KeyKind::Cosignature);
    let witness = WitnessAt { name: "w4".to_owned(), key: key.verifier().clone(), url: None };
    let other_house = House { witnesses: vec![witness], quorum: 1, ..house() };
    let witnesses = Witnesses::Own(Arc::new(vec![key]));
    let other = Setting { witnesses, ..setting(store, Arc::clone(&stage.clock)) };
    let hall = Hall::open(other, other_house).await.unwrap();
    loop {
        let shown = hall.register().shown();
        if !shown.files.is_empty() {
            let believed = read_register(&served(&hall).await, None).unwrap_or_else(|unfit| panic!("{unfit}"));
            assert_eq!(believed.register.size(), before + 1);
            break;
        }
        // Nothing of it is handed out before there is something to believe.
        let (status, _) = get(&hall, "/register/log/policy.txt").await;
        if hall.register().shown().files.is_empty() {
            assert_ne!(status, 200);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    hall.close().await;
}

/// While one sale waits for the lease of the register, another one that stands there is answered at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_names_already_waits_for_no_lease() {
    let folder = Folder::new();
    let clock = HeldClock::new();
    let register = node(&folder, "node-1", &clock).await;
    register.notice(&id("s1"), Digest([1; 32])).await.unwrap();
    let store = Store::open(&folder.store()).await.unwrap();
    let held = lease(&store, &id("_register"), &PacedClock::new(time(NOTICE), 0)).await;
    let waiting = {
        let register = Arc::clone(&register);
        tokio::spawn(async move { register.notice(&id("s2"), Digest([2; 32])).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    let again = tokio::time::timeout(Duration::from_secs(2), register.notice(&id("s1"), Digest([1; 32]))).await;
    assert_eq!(again, Ok(Ok(())));
    assert!(!waiting.is_finished());
    store.release(&held).await.unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(()));
}
