//! The verdict that a page gets, on this machine.
#![expect(clippy::disallowed_methods, reason = "tests read the shipped rules from disk")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use landgavel_record::bundle::{BundleFiles as _, ReadError};
use landgavel_record::language::{Files, load_lot};
use landgavel_record::rehearsal::{Rehearsal, Sink};
use landgavel_record::verify::{Alone, Options, Silent, verify as judge};
use landgavel_record::wire::RequestLines;
use landgavel_wasm::{Folder, Progress, legend, verify};

const LOT: &str = "lots/cn/zhejiang/wenling/gy020108-2-four-part";

struct Shipped;

impl Files for Shipped {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read(root.join(path)).map_err(|error| error.to_string())
    }
}

#[derive(Default)]
struct Kept(BTreeMap<String, Vec<u8>>);

impl Sink for Kept {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), bytes.to_vec());
    }

    fn append(&mut self, path: &str, bytes: &[u8]) {
        self.0.entry(path.to_owned()).or_default().extend_from_slice(bytes);
    }
}

/// The four-part sale, as the readme runs it.
static SALE: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let loaded = load_lot(&Shipped, &format!("{LOT}.toml")).unwrap();
    let commands = Shipped.read(&format!("{LOT}.commands.jsonl")).unwrap();
    let mut kept = Kept::default();
    let mut rehearsal = Rehearsal::open(&loaded, None, &mut kept);
    let mut lines = RequestLines::new(commands.as_slice());
    while let Some(next) = lines.next_request() {
        rehearsal.request(&next.unwrap().1, &mut kept, &mut |_| {}).unwrap();
    }
    rehearsal.finish(&mut kept, &mut |_| {}).unwrap();
    kept.0
});

fn folder(change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Folder {
    let mut files = SALE.clone();
    change(&mut files);
    let mut folder = Folder::default();
    for (path, bytes) in files {
        folder.add(path, bytes);
    }
    folder
}

#[test]
fn a_report_is_that_of_the_library_byte_for_byte() {
    let folder = folder(|_| {});
    let verdict = verify(&folder, "", "", |_| {}).unwrap();
    assert_eq!(verdict.report, judge(&folder, &Options::default(), &Alone::default(), &mut Silent).json());
    assert!(verdict.report.contains(r#""verdict":"holds""#), "{}", verdict.report);
}

#[test]
fn an_outcome_stands_in_words_of_both_languages() {
    let outcome = verify(&folder(|_| {}), "", "", |_| {}).unwrap().outcome;
    for part in [
        r#""title":"竞地价""#,
        r#""title":"land price""#,
        r#""best":"2,503万元""#,
        r#""why":"达到最高限价""#,
        r#""why":"the price cap was reached""#,
        r#""capitals":"贰仟伍佰零叁万元整""#,
        r#""value":"40万元/亩·年""#,
        r#""value":"CNY 400,000 per mu per year""#,
    ] {
        assert!(outcome.contains(part), "{part} is not in {outcome}");
    }
}

#[test]
fn progress_never_goes_back_and_ends_at_the_whole() {
    let mut heard: Vec<Progress> = Vec::new();
    verify(&folder(|_| {}), "", "", |at| heard.push(at)).unwrap();
    for pair in heard.windows(2) {
        let [before, after] = pair else { unreachable!("windows of two") };
        assert!(before.prepared <= after.prepared && before.judged <= after.judged, "{before:?} {after:?}");
    }
    let last = heard.last().unwrap();
    assert!(last.total > 0 && last.judged == last.total && last.prepared == last.total, "{last:?}");
}

#[test]
fn a_record_that_does_not_hold_has_no_outcome() {
    let verdict = verify(&folder(|files| files.get_mut("outcome.json").unwrap()[20] ^= 1), "", "", |_| {}).unwrap();
    assert_eq!(verdict.outcome, "null");
    assert!(verdict.report.contains(r#""code":"other_outcome""#), "{}", verdict.report);
}

#[test]
fn a_notice_that_is_no_digest_is_an_error() {
    assert!(verify(&folder(|_| {}), "", "12", |_| {}).unwrap_err().contains("64"));
}

#[test]
fn a_folder_reads_within_limits() {
    let folder = folder(|_| {});
    assert_eq!(folder.read("bundle.json", 5), Err(ReadError::TooLarge { most: 5 }));
    assert_eq!(folder.read("other", 5), Err(ReadError::Missing));
    assert_eq!(folder.paths().unwrap().len(), SALE.len());
}

#[test]
fn a_legend_tells_checks_caveats_and_codes() {
    let legend = legend();
    for part in [r#""check":"files""#, "policy-from-bundle", "bad_signature"] {
        assert!(legend.contains(part), "{part} is not in {legend}");
    }
}
