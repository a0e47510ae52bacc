//! Policy books: a TOML file to a catalogue, zones, and policies whose conditions are the gates of a card.

mod card;
mod shapes;

use landgavel_base::{Bilingual, Source};

pub(crate) use shapes::POLICY_BOOK;

use super::build as common;
use super::finding::{Code, Finding, Problem, Sink};
use super::load::{Files, open, sorted};
use super::scorecard::{LoadedCard, build_card};
use super::shape::{Kind, unknown};
use super::tree::Node;

/// Policies of a place, by industry and zone.
#[derive(Debug, Clone)]
pub struct PolicyBook {
    /// Id, version, days and conditions: each condition is a gate.
    pub card: LoadedCard,
    /// The policies are invented.
    pub is_sample: bool,
    /// Tiers of the catalogue.
    pub tiers: Vec<Tier>,
    /// Industries that are known by name.
    pub industries: Vec<Industry>,
    /// Zones.
    pub zones: Vec<Zone>,
    /// Policies.
    pub policies: Vec<Policy>,
}

/// A tier of the catalogue.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// How many industries it has, where that was published.
    pub count: Option<u32>,
}

/// An industry of the catalogue.
#[derive(Debug, Clone)]
pub struct Industry {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Index of its tier.
    pub tier: usize,
    /// Where it was published.
    pub source: Option<Source>,
}

/// A zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Where it was published.
    pub source: Option<Source>,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// It is asked of a firm, not given to it.
    pub is_restraint: bool,
    /// What it gives or asks.
    pub benefit: Bilingual,
    /// How much, where that was published.
    pub amount: Option<Bilingual>,
    /// Indices of its conditions among the gates of the card; all must hold.
    pub gates: Vec<usize>,
    /// Where it was published.
    pub source: Option<Source>,
}

/// Loads a policy book.
///
/// # Errors
/// All findings, when one of them is an error.
pub fn load_policy_book(files: &dyn Files, path: &str) -> Result<PolicyBook, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let Some((text, root)) = open(files, path, &mut sink, &Kind::Table(&POLICY_BOOK), |_, _| {}) else {
        return Err(sorted(sink.findings));
    };
    let book = read(&root, text, &mut sink);
    let is_broken = sink.has_errors();
    let findings = sorted(sink.findings);
    match book {
        Some(mut book) if !is_broken => {
            book.card.findings = findings;
            Ok(book)
        }
        _ => Err(findings),
    }
}

fn read(root: &Node, text: Vec<u8>, sink: &mut Sink) -> Option<PolicyBook> {
    for list in ["tiers", "industries", "zones", "policies"] {
        common::duplicates(common::items(root, list), sink);
    }
    let sources = common::sources(root, sink);
    let source_of = |path: &str, sink: &mut Sink, node: &Node| {
        let found = sources.iter().find(|(known, _)| known == path).map(|(_, source)| source.clone());
        if found.is_none() {
            sink.report(node.place, &node.path, Problem::of(Code::NoSource, format_args!("`{path}`")));
        }
        found
    };
    let tiers: Vec<Tier> = common::items(root, "tiers")
        .iter()
        .map(|node| Tier {
            id: common::text(node, "id"),
            name: common::bilingual(node, "name"),
            count: node.get("count").and_then(Node::scalar).and_then(|text| text.parse().ok()),
        })
        .collect();
    let mut industries = Vec::new();
    for node in common::items(root, "industries") {
        let id = common::text(node, "tier");
        let Some(tier) = tiers.iter().position(|tier| tier.id == id) else {
            sink.report(
                node.place,
                &node.path,
                unknown(Code::UnknownWord, &id, tiers.iter().map(|tier| tier.id.as_str())),
            );
            continue;
        };
        let source = source_of(&node.path, sink, node);
        industries.push(Industry { id: common::text(node, "id"), name: common::bilingual(node, "name"), tier, source });
    }
    let mut zones = Vec::new();
    for node in common::items(root, "zones") {
        let source = source_of(&node.path, sink, node);
        zones.push(Zone { id: common::text(node, "id"), name: common::bilingual(node, "name"), source });
    }
    let named = |id: &str, name: &Bilingual| (id.to_owned(), name.zh.clone());
    let lists = card::Lists {
        industries: industries.iter().map(|industry| named(&industry.id, &industry.name)).collect(),
        zones: zones.iter().map(|zone| named(&zone.id, &zone.name)).collect(),
    };
    let mut policies = Vec::new();
    let (card_root, gates) = card::of(root, &lists, sink);
    for (node, gates) in common::items(root, "policies").iter().zip(gates) {
        policies.push(Policy {
            id: common::text(node, "id"),
            name: common::bilingual(node, "name"),
            is_restraint: node.text_of("effect") == Some("restraint"),
            benefit: common::bilingual(node, "benefit"),
            amount: node.has("amount").then(|| common::bilingual(node, "amount")),
            gates,
            source: source_of(&node.path, sink, node),
        });
    }
    // Conditions that name what is not there would be told twice.
    if sink.has_errors() {
        return None;
    }
    let (card, heads) = build_card(&card_root, sink);
    let card = card?;
    // Each gate is named after its policy and rests on the same text.
    let sources = card.gates.iter().filter_map(|gate| {
        let policy = gate.id.split('/').next()?;
        let source = policies.iter().find(|known| known.id == policy)?.source.clone()?;
        Some((format!("gates.{}", gate.id), source))
    });
    let sources = sources.collect();
    let card = LoadedCard { card, heads, sources, parameters: Vec::new(), findings: Vec::new(), text };
    Some(PolicyBook { card, is_sample: root.yes("sample"), tiers, industries, zones, policies })
}
