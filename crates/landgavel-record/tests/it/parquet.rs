//! Tables of Parquet: the samples of other programs, what is refused by name, and files that lie.

use std::fs;
use std::path::Path;

use landgavel_record::parquet::{Column, LIMITS, Limits, Unreadable, is_parquet, to_csv, write};

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet").join(name)).expect("a sample")
}

/// The table of `tests/parquet/make.py`, as every program stores it.
const TABLE: &str = "\
firm,tax,small,area,short,people,few,listed,since,seen,kind
甲公司,48.194,0.1,123.45,1.5,9223372036854775807,255,true,2025-12-01,2025-12-01T08:30:00Z,a
\"乙, \"\"公司\"\"\",0.1,2.5,-0.05,2.5,-1,0,false,1969-12-31,2025-12-01T08:30:00Z,b
丙,,3.25,,-3.5,0,1,,,,a
丁,1000000000000000000000,,0.00,0.0,,2,true,2000-02-29,,
";

const SAMPLES: [&str; 4] = ["snappy.parquet", "plain.parquet", "pages-v2.parquet", "duckdb.parquet"];

#[test]
fn every_program_stores_the_same_table() {
    for name in SAMPLES {
        let file = sample(name);
        assert!(is_parquet(&file) && !is_parquet(b"PK\x03\x04"));
        let table = to_csv(&file, LIMITS).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        assert_eq!(String::from_utf8(table.csv).unwrap(), TABLE, "{name}");
        assert_eq!(table.floats, ["tax", "small"], "{name}");
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (name, column, what) in [
        ("zstd.parquet", "firm", "Zstandard"),
        ("split.parquet", "tax", "BYTE_STREAM_SPLIT"),
        ("lists.parquet", "lists", "lists or groups"),
    ] {
        let bad = to_csv(&sample(name), LIMITS).unwrap_err();
        assert!(bad.column == column && bad.what[1].contains(what) && !bad.is_too_large, "{name}: {bad:?}");
    }
    for bytes in [&b""[..], b"PAR1", b"PAR1PAR1", b"PAR1\x00\x00\x00\x00PAR1", b"PAR1\xff\xff\xff\xffPAR1"] {
        assert!(to_csv(bytes, LIMITS).is_err());
    }
}

#[test]
fn limits_hold_before_anything_is_held() {
    let file = sample("plain.parquet");
    let is_too_large = |limits: Limits| to_csv(&file, limits).is_err_and(|bad| bad.is_too_large);
    assert!(is_too_large(Limits { file: 100, ..LIMITS }));
    assert!(is_too_large(Limits { page: 16, ..LIMITS }));
    assert!(is_too_large(Limits { table: 100, ..LIMITS }));
    assert!(is_too_large(Limits { cells: 43, ..LIMITS }));
    assert!(!is_too_large(Limits { cells: 44, ..LIMITS }));
}

#[test]
fn a_few_bytes_that_claim_billions_of_rows_are_refused() {
    // One column, required and of one truth each; its only page is a run of so many: the smallest file that can be a bomb.
    let rows = 1_000_000_000_000u64;
    let mut file = write(&[("x", Column::Doubles(vec![None; 8]))]);
    // The page holds the length of what is missing, and a group of eight bits: replace it by a run of nothing.
    let varint = |mut number: u64| {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let zigzag = |number: u64| varint(number << 1);
    let run = [varint(rows << 1), vec![0]].concat();
    let page = [&(run.len() as u32).to_le_bytes()[..], &run].concat();
    let size = zigzag(page.len() as u64);
    let head = [
        &[0x15, 0x00, 0x15][..],
        &size,
        &[0x15],
        &size,
        &[0x2C, 0x15],
        &zigzag(rows),
        &[0x15, 0x00, 0x15, 0x06, 0x15, 0x06, 0x00, 0x00],
    ]
    .concat();
    let old = write(&[("x", Column::Doubles(vec![None; 8]))]);
    let meta_length = u32::from_le_bytes(old[old.len() - 8..old.len() - 4].try_into().unwrap()) as usize;
    let meta = old[old.len() - 8 - meta_length..old.len() - 8].to_vec();
    // Every number eight in the meta is a count of rows; the size of the piece is the one number that differs.
    let piece = zigzag(old.len() as u64 - 12 - meta_length as u64);
    let mut changed = Vec::new();
    let mut at = 0;
    while at < meta.len() {
        if meta[at..].starts_with(&[0x16, 0x10]) {
            changed.extend([&[0x16][..], &zigzag(rows)].concat());
            at += 2;
        } else if meta[at] == 0x16 && meta[at + 1..].starts_with(&piece) {
            changed.extend([&[0x16][..], &zigzag((head.len() + page.len()) as u64)].concat());
            at += 1 + piece.len();
        } else {
            changed.push(meta[at]);
            at += 1;
        }
    }
    file.truncate(4);
    file.extend(
        [head, page, changed.clone(), (changed.len() as u32).to_le_bytes().to_vec(), b"PAR1".to_vec()].concat(),
    );
    assert!(file.len() < 400);
    let bad = to_csv(&file, Limits { cells: 1 << 16, ..LIMITS }).unwrap_err();
    assert!(bad.is_too_large, "{bad:?}");
}

#[test]
fn no_changed_byte_and_no_cut_brings_it_down() {
    let small = Limits { file: 1 << 20, page: 1 << 16, table: 1 << 16, cells: 1 << 12, work: 1 << 24 };
    let mut refused = 0;
    for name in SAMPLES.into_iter().chain(["zstd.parquet", "split.parquet", "lists.parquet"]) {
        let good = sample(name);
        for at in 0..good.len() {
            for change in [0x01, 0xFF] {
                let mut bad = good.clone();
                bad[at] ^= change;
                // A value may be another; the rest must be an answer too.
                refused += usize::from(to_csv(&bad, small).is_err());
            }
        }
        for length in 0..good.len() {
            assert!(to_csv(&good[..length], small).is_err(), "{name} cut to {length}");
            // Cut in the middle, its end kept.
            if length % 5 == 0 {
                let cut = [&good[..length], &good[good.len().min(length + 7)..]].concat();
                refused += usize::from(to_csv(&cut, small).is_err());
            }
        }
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn what_is_written_is_read() {
    let columns = [
        ("n", Column::Integers(vec![i64::MIN, 0, i64::MAX])),
        ("x", Column::Doubles(vec![Some(0.1), None, Some(-1e-300)])),
        ("文", Column::Texts(vec!["甲".to_owned(), String::new(), "a,\"b\"".to_owned()])),
    ];
    let table = to_csv(&write(&columns), LIMITS).unwrap();
    let small = format!("-0.{}1", "0".repeat(299));
    let csv = format!("n,x,文\n-9223372036854775808,0.1,甲\n0,,\n9223372036854775807,{small},\"a,\"\"b\"\"\"\n");
    assert_eq!(String::from_utf8(table.csv).unwrap(), csv);
    // More columns than a list's short head counts, more rows than a byte of bits, and none at all.
    let many: Vec<(&str, Column)> = (0..20)
        .map(|_| ("y", Column::Doubles((0..100).map(|n| (n % 3 > 0).then_some(f64::from(n))).collect())))
        .collect();
    let csv = String::from_utf8(to_csv(&write(&many), LIMITS).unwrap().csv).unwrap();
    assert!(csv.lines().count() == 101 && csv.lines().nth(5) == Some(&*vec!["4"; 20].join(",")));
    assert_eq!(to_csv(&write(&[("n", Column::Integers(vec![]))]), LIMITS).unwrap().csv, b"n\n");
    assert_eq!(
        to_csv(&write(&[]), LIMITS),
        Err(Unreadable {
            column: String::new(),
            what: ["文件已损坏或不完整".to_owned(), "the file is damaged, or cut off".to_owned()],
            is_too_large: false
        })
    );
}
