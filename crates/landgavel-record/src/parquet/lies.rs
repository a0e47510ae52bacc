//! Files that lie, written by hand.

use super::thrift::{BINARY, I32, I64, STRUCT, Writer};
use super::{LIMITS, Limits, MAGIC, Table, Unreadable, to_csv};

/// What a column of whole numbers says of a piece: groups of rows of one piece, each of `rows`, at these bytes of the file.
struct Lie {
    groups: usize,
    rows: i64,
    at: i64,
    size: i64,
    codec: i64,
    is_optional: bool,
    logical: Option<bool>,
}

fn one(at: i64, size: i64) -> Lie {
    Lie { groups: 1, rows: 1, at, size, codec: 0, is_optional: false, logical: None }
}

fn file(body: &[u8], lie: &Lie) -> Vec<u8> {
    let mut meta = Writer::default();
    meta.begin();
    meta.list(2, 2, STRUCT);
    meta.begin();
    meta.binary(4, b"t");
    meta.number(5, I32, 1);
    meta.end();
    meta.begin();
    meta.number(1, I32, if lie.logical.is_some() { 2 } else { 1 });
    meta.number(3, I32, i64::from(lie.is_optional));
    meta.binary(4, b"x");
    if let Some(is_moment) = lie.logical {
        meta.field(10, STRUCT);
        meta.begin();
        meta.field(8, STRUCT);
        meta.begin();
        meta.field(1, if is_moment { super::thrift::TRUE } else { super::thrift::FALSE });
        meta.field(2, STRUCT);
        meta.begin();
        meta.field(1, STRUCT);
        meta.begin();
        meta.end();
        meta.end();
        meta.end();
        meta.end();
    }
    meta.end();
    meta.list(4, lie.groups, STRUCT);
    for _ in 0..lie.groups {
        meta.begin();
        meta.list(1, 1, STRUCT);
        meta.begin();
        meta.field(3, STRUCT);
        meta.begin();
        meta.number(4, I32, lie.codec);
        meta.number(5, I64, lie.rows);
        meta.number(7, I64, lie.size);
        meta.number(9, I64, lie.at);
        meta.end();
        meta.end();
        meta.number(3, I64, lie.rows);
        meta.end();
    }
    meta.end();
    let length = u32::try_from(meta.bytes.len()).unwrap().to_le_bytes();
    [MAGIC, body, &meta.bytes, &length, MAGIC].concat()
}

/// A page of the first or second version.
fn page(kind: i64, values: i64, unpacked: usize, levels: usize, body: &[u8]) -> Vec<u8> {
    let mut head = Writer::default();
    head.begin();
    head.number(1, I32, kind);
    head.number(2, I32, unpacked as i64);
    head.number(3, I32, body.len() as i64);
    head.field(if kind == 3 { 8 } else { 5 }, STRUCT);
    head.begin();
    head.number(1, I32, values);
    if kind == 3 {
        head.number(4, I32, 0);
        head.number(5, I32, levels as i64);
    }
    head.end();
    head.end();
    [&head.bytes, body].concat()
}

fn read(file: &[u8]) -> Result<Table, Unreadable> {
    to_csv(file, LIMITS)
}

#[test]
fn pages_that_lie_over_each_other_are_read_within_one_allowance() {
    // A zero is the head of a page of no values: half a million of them before the one that all groups point at.
    let last = page(0, 1, 4, 0, &7i32.to_le_bytes());
    let body = [&vec![0; 1 << 19][..], &last].concat();
    let mut lie = one(4, body.len() as i64);
    assert_eq!(read(&file(&body, &lie)).unwrap().csv, b"x\n7\n");
    lie.groups = 32_000;
    // Each page counts as often as it is read, whatever all of them would come to.
    let within = |work, lie: &Lie| to_csv(&file(&body, lie), Limits { work, ..LIMITS });
    assert!(within(66 << 19, &lie).is_err_and(|bad| bad.is_too_large));
    lie.groups = 1;
    assert!(within(65 << 19, &lie).is_err() && within(66 << 19, &lie).is_ok());
}

#[test]
fn a_footer_holds_no_more_than_a_table_has() {
    let mut meta = Writer::default();
    meta.begin();
    meta.list(2, 1 << 16, STRUCT);
    meta.bytes.extend(vec![0; 1 << 16]);
    meta.end();
    let length = u32::try_from(meta.bytes.len()).unwrap().to_le_bytes();
    let bad = [MAGIC, &meta.bytes[..], &length, MAGIC].concat();
    assert!(read(&bad).is_err_and(|bad| bad.is_too_large));
    let mut lie = one(4, 0);
    (lie.groups, lie.rows) = ((1 << 18) + 1, 0);
    assert!(read(&file(b"", &lie)).is_err_and(|bad| bad.is_too_large));
    lie.groups = 1 << 18;
    assert!(read(&file(b"", &lie)).is_ok());
}

#[test]
fn what_is_nothing_may_be_packed_as_nothing() {
    // Two rows of which none is there: a run of two zeros, and no values.
    for codec in [0, 1, 2] {
        let body = page(3, 2, 2, 2, &[0x04, 0x00]);
        let lie = Lie { rows: 2, codec, is_optional: true, ..one(4, body.len() as i64) };
        assert_eq!(read(&file(&body, &lie)).unwrap().csv, b"x\n\"\"\n\"\"\n", "codec {codec}");
    }
    // What is neither there nor missing is damage.
    let body = page(3, 2, 2, 2, &[0x04, 0x03]);
    let lie = Lie { rows: 2, is_optional: true, ..one(4, body.len() as i64) };
    assert!(read(&file(&body, &lie)).is_err());
}

#[test]
fn a_clock_without_a_place_is_no_moment() {
    let body = page(0, 1, 8, 0, &1_764_577_800_000i64.to_le_bytes());
    for (is_moment, text) in [(true, "2025-12-01T08:30:00Z"), (false, "2025-12-01T08:30:00")] {
        let lie = Lie { logical: Some(is_moment), ..one(4, body.len() as i64) };
        let csv = String::from_utf8(read(&file(&body, &lie)).unwrap().csv).unwrap();
        assert_eq!(csv, format!("x\n{text}\n"));
    }
}

#[test]
fn a_name_that_is_no_text_is_refused() {
    let good = file(&page(0, 1, 4, 0, &7i32.to_le_bytes()), &one(4, 30));
    let place = good.windows(3).position(|bytes| bytes == [0x10 | BINARY, 1, b'x']);
    let mut bad = good;
    bad[place.unwrap() + 2] = 0xFF;
    assert!(read(&bad).is_err_and(|bad| bad.what[1].contains("not UTF-8")));
}
