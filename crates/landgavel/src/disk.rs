use landgavel_record::language::{FILE_BYTES_MAX, Files, Finding, Loaded, load_lot, load_rulebook};
use serde_json::{Value, json};

/// Files of this machine.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        read_limited(path)
    }
}

/// Reads at most one byte more than a file of the language may have, so that a huge file is
/// refused without being held in memory.
fn read_limited(path: &str) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_BYTES_MAX).map_or(u64::MAX, |limit| limit + 1);
    file.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Loads a lot, or a rulebook with its example values, by what the file says it is.
pub fn load_either(path: &str) -> Result<Loaded, Vec<Finding>> {
    let is_lot = read_limited(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("landgavel-lot/"));
    if is_lot { load_lot(&Disk, path) } else { load_rulebook(&Disk, path) }
}

/// A finding as JSON.
pub fn finding_json(finding: &Finding) -> Value {
    json!({
        "file": finding.file, "line": finding.line, "column": finding.column, "field": finding.field,
        "code": finding.code.to_string(), "severity": if finding.is_error() { "error" } else { "warning" },
        "message_en": finding.message_en, "message_zh": finding.message_zh, "expected": finding.expected,
    })
}

/// Prints findings for people.
pub fn print_findings(findings: &[Finding]) {
    for finding in findings {
        eprintln!("{finding}");
    }
}
