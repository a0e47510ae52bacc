//! Files to a lot.

use core::cell::RefCell;
use std::collections::BTreeSet;

use landgavel_base::{Area, Bilingual, Digest, Parcel, Source};
use landgavel_sale::lot::{Commitment, Lot, Secret};
use landgavel_sale::rulebook::Rulebook;

use super::build;
use super::calendar;
use super::check;
use super::finding::{Code, Finding, Place, Problem, Sink};
use super::scope::{Known, ParameterValue, Scope, StageHeader};
use super::shape::{Kind, complete, unknown};
use super::shapes::{LOT, RULEBOOK};
use super::tree::{self, Node};

/// Gives the bytes of a file. This crate knows no disk; whoever runs it does.
pub trait Files {
    /// Reads one file.
    ///
    /// # Errors
    ///
    /// Says in words why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// One text, whatever file is asked for.
#[derive(Debug, Clone, Copy)]
pub struct OneText<'a>(pub &'a [u8]);

impl Files for OneText<'_> {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.to_vec())
    }
}

/// A lot that can be opened, and what was seen on the way to it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Rules, calendar and area of the sale.
    pub lot: Lot,
    /// The land; `None` for a rulebook that was loaded alone.
    pub parcel: Option<Parcel>,
    /// Parameters of the rulebook with the values that hold, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// Warnings.
    pub findings: Vec<Finding>,
    /// Bytes of the rulebook.
    pub rulebook_text: Vec<u8>,
    /// Path of the rulebook.
    pub rulebook_path: String,
    /// Bytes of the lot, when there is one.
    pub lot_text: Option<Vec<u8>>,
    /// Sources of the lot's own numbers, by dotted path.
    pub lot_sources: Vec<(String, Source)>,
    /// The lot says that it is invented, or there is none.
    pub is_sample: bool,
}

/// A parameter with the value that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub id: String,
    /// What it means.
    pub meaning: Bilingual,
    /// The value as written.
    pub text: String,
    /// The value as read.
    pub value: Option<ParameterValue>,
    /// The value is the rulebook's example.
    pub is_example: bool,
}

/// Loads a rulebook alone, with its example values, an example calendar and 20,000 m² of land.
///
/// # Errors
///
/// All findings, when one of them is an error.
pub fn load_rulebook(files: &dyn Files, path: &str) -> Result<Loaded, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((text, root)) = open(files, path, &mut sink, &Kind::Table(&RULEBOOK), |_, _| {}) else {
        return Err(sink.findings);
    };
    let area = Area::from_hundredths_m2(build::EXAMPLE_AREA_HUNDREDTHS).expect("within the range of areas");
    let ((rulebook, parameters, headers), working_days) =
        (assemble(&root, area, &mut sink, None), calendar::named(root.get("working_days"), &mut sink));
    let moments = calendar::example(&rulebook.calendar, rulebook.utc_offset, &working_days);
    let lot = Lot {
        id: rulebook.id.clone(),
        title: rulebook.title.clone(),
        rulebook,
        area,
        calendar: moments,
        attempt: 1,
        previous_sole_applicant: None,
        commitments: Vec::new(),
        working_days,
    };
    check::check(&lot, &root, &headers, None, &mut sink);
    if sink.has_errors() {
        return Err(sorted(sink.findings));
    }
    Ok(Loaded {
        lot,
        parcel: None,
        parameters,
        findings: sorted(sink.findings),
        rulebook_text: text,
        rulebook_path: path.to_owned(),
        lot_text: None,
        lot_sources: Vec::new(),
        is_sample: true,
    })
}

/// Loads a lot and the rulebook that it names.
///
/// # Errors
///
/// All findings of both files, when one of them is an error.
pub fn load_lot(files: &dyn Files, path: &str) -> Result<Loaded, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((lot_text, lot_root)) = open(files, path, &mut sink, &Kind::Table(&LOT), |_, _| {}) else {
        return Err(sink.findings);
    };
    let area = build::land(&lot_root, &mut sink).unwrap_or_default();
    let Some(named) = lot_root.get("rulebook") else { return Err(sorted(sink.findings)) };
    let rulebook_path = join(path, named.text().unwrap_or_default());
    let mut rule_sink = Sink::new(&rulebook_path);
    let Some((rulebook_text, root)) = open(files, &rulebook_path, &mut rule_sink, &Kind::Table(&RULEBOOK), |_, _| {})
    else {
        // What is unreadable is said where the lot names it.
        for finding in rule_sink.findings {
            if finding.code == Code::Unreadable {
                let problem = Problem::new(finding.code, finding.message_en, finding.message_zh);
                sink.report(named.place, &named.path, problem);
            } else {
                sink.findings.push(finding);
            }
        }
        return Err(sorted(sink.findings));
    };
    let (rulebook, parameters, headers) = assemble(&root, area, &mut rule_sink, Some((&lot_root, &mut sink)));
    let working_days = calendar::named(root.get("working_days"), &mut rule_sink);
    let moments = calendar::of_lot(&lot_root, &rulebook.calendar, rulebook.utc_offset, &working_days, &mut sink);
    let commitments = commitments(&lot_root, &rulebook, &mut sink);
    let parcel = build::parcel(&lot_root, area, &mut sink);
    let lot_sources = build::sources(&lot_root, &mut sink);
    let attempt = lot_root.get("attempt").and_then(Node::scalar).and_then(|text| text.parse().ok()).unwrap_or(1);
    let lot = Lot {
        id: build::text(&lot_root, "id"),
        title: build::bilingual(&lot_root, "title"),
        rulebook,
        area,
        calendar: moments,
        attempt,
        previous_sole_applicant: lot_root.text_of("previous_sole_applicant").map(str::to_owned),
        commitments,
        working_days,
    };
    check::check(&lot, &root, &headers, Some((&lot_root, &mut sink)), &mut rule_sink);
    let is_broken = sink.has_errors() || rule_sink.has_errors();
    let mut findings = rule_sink.findings;
    findings.extend(sink.findings);
    let findings = sorted(findings);
    if is_broken {
        return Err(findings);
    }
    Ok(Loaded {
        lot,
        parcel,
        parameters,
        findings,
        rulebook_text,
        rulebook_path,
        lot_text: Some(lot_text),
        lot_sources,
        is_sample: lot_root.yes("sample"),
    })
}

/// Reads a file into a tree of the right shape.
///
/// `fill` changes the tree before its keys and values are judged.
pub(super) fn open(
    files: &dyn Files,
    path: &str,
    sink: &mut Sink,
    kind: &Kind,
    fill: impl FnOnce(&mut Node, &mut Sink),
) -> Option<(Vec<u8>, Node)> {
    let start = Place { line: 1, column: 1 };
    let bytes = files.read(path).map_err(|why| sink.report(start, "", Problem::of(Code::Unreadable, why))).ok()?;
    let mut root = tree::read(&bytes, sink)?;
    if let Some(format) = root.get("format") {
        let known = known_format(kind);
        if format.text() != Some(known) {
            // Another format has other keys; their absence here would be noise.
            let found = format.text().unwrap_or("something else");
            let problem = unknown(Code::UnknownFormat, found, [known].into_iter());
            sink.report(format.place, "format", problem);
            return None;
        }
    }
    fill(&mut root, sink);
    complete(kind, &mut root, sink).then_some((bytes, root))
}

fn known_format(kind: &Kind) -> &'static str {
    let Kind::Table(shape) = kind else { return "" };
    let format = shape.fields.iter().find(|field| field.key == "format").map(|field| &field.kind);
    match format {
        Some(Kind::OneOf([word, ..])) => word.word,
        _ => "",
    }
}

/// Names first, then the clauses that use them.
fn assemble(
    root: &Node,
    area: Area,
    sink: &mut Sink,
    lot: Option<(&Node, &mut Sink)>,
) -> (Rulebook, Vec<Parameter>, Vec<StageHeader>) {
    let currency = currency(root, sink);
    for list in ["calendar", "stages", "obligations", "annulment"] {
        build::duplicates(build::items(root, list), sink);
    }
    if root.get("stages").is_some_and(|stages| stages.items().is_empty()) && !sink.is_broken("stages") {
        let place = root.get("stages").map_or(root.place, |stages| stages.place);
        sink.report(place, "stages", Problem::of(Code::MissingKey, "a sale has at least one stage"));
    }
    let attributes = build::attributes(root, &currency, sink);
    let headers = build::header_list(root, &attributes);
    let moments: Vec<String> = build::items(root, "calendar").iter().map(|node| build::text(node, "id")).collect();
    let used = RefCell::new(BTreeSet::new());
    let mut scope = Scope {
        currency: &currency,
        area,
        attributes: &attributes,
        moments: &moments,
        stages: &headers,
        parameters: &[],
        used: &used,
    };
    for entry in root.get("parameters").map_or(&[][..], Node::entries) {
        let words = ["money", "duration", "period", "count", "percent"];
        if let Some(of) = entry.node.get("of").filter(|of| !words.contains(&of.text().unwrap_or_default()))
            && let Err(problem) = scope.attribute_named(of.text().unwrap_or_default())
        {
            sink.report(of.place, &of.path, problem);
        }
    }
    let (known, listed) = build::parameters(root, &scope, sink, lot);
    let known: Vec<Known> = known;
    scope.parameters = &known;
    let mut rulebook = build::rulebook(root, &scope, sink);
    bases(root, &mut rulebook, &scope, sink);
    for entry in root.get("parameters").map_or(&[][..], Node::entries) {
        if !used.borrow().contains(&entry.key) {
            let problem = Problem::of(Code::UnusedParameter, format_args!("`{}`", entry.key));
            sink.report(entry.place, &entry.node.path, problem);
        }
    }
    (rulebook, listed, headers)
}

/// Base values of attributes, which may name parameters.
fn bases(root: &Node, rulebook: &mut Rulebook, scope: &Scope<'_>, sink: &mut Sink) {
    for (index, entry) in root.get("attributes").map_or(&[][..], Node::entries).iter().enumerate() {
        let Ok(id) = u16::try_from(index) else { continue };
        let mut build = build::Build { scope, sink };
        let base = build.quantity(&entry.node, "base", Some(landgavel_sale::rulebook::AttributeId(id)));
        if let Some(attribute) = rulebook.attributes.get_mut(index) {
            attribute.base = base;
        }
    }
}

fn currency(root: &Node, sink: &mut Sink) -> String {
    let Some(node) = root.get("currency") else { return "CNY".into() };
    let text = node.text().unwrap_or_default();
    if !super::unit::is_currency(text) {
        let problem =
            Problem::of(Code::BadUnit, format_args!("`{text}`")).expected("three capital letters, such as CNY");
        sink.report(node.place, &node.path, problem);
    }
    text.to_owned()
}

fn commitments(lot: &Node, rulebook: &Rulebook, sink: &mut Sink) -> Vec<Commitment> {
    let mut out = Vec::new();
    for entry in lot.get("commitments").map_or(&[][..], Node::entries) {
        let Some(stage) = rulebook.stage_named(&entry.key) else {
            let ids = rulebook.stages.iter().map(|stage| stage.id.as_str());
            sink.report(entry.place, &entry.node.path, unknown(Code::UnknownStage, &entry.key, ids));
            continue;
        };
        for (key, secret) in [("cap", Secret::Cap), ("reserve", Secret::Reserve)] {
            let Some(node) = entry.node.get(key) else { continue };
            match Digest::from_hex(node.text().unwrap_or_default()) {
                Some(digest) => out.push(Commitment { stage, secret, digest }),
                None => sink.report(node.place, &node.path, Problem::of(Code::BadDigest, format_args!("`{key}`"))),
            }
        }
    }
    out
}

/// The path that `relative` names from the folder of `from`, by the text alone.
pub fn join(from: &str, relative: &str) -> String {
    if relative.starts_with('/') {
        return relative.to_owned();
    }
    let folder = from.rfind('/').map_or("", |end| &from[..end]);
    let is_absolute = from.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if is_absolute { format!("/{joined}") } else { joined }
}

pub(super) fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.code, &a.field).cmp(&(&b.file, b.line, b.column, b.code, &b.field))
    });
    findings
}
