use anyhow::Result;
use landgavel_record::words::{Language, render_text, rule_in_words};
use serde_json::json;

use crate::disk::{finding_json, load_either, print_findings};
use crate::exit::Exit;

/// Check a rulebook or a lot.
#[derive(clap::Args)]
pub struct Arguments {
    /// Rulebook or lot, a TOML file.
    file: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn check(arguments: &Arguments) -> Result<Exit> {
    let (findings, loaded) = match load_either(&arguments.file) {
        Ok(loaded) => (loaded.findings.clone(), Some(loaded)),
        Err(findings) => (findings, None),
    };
    if arguments.json {
        let report = json!({
            "file": arguments.file,
            "ok": loaded.is_some(),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
        });
        println!("{report:#}");
    } else {
        print_findings(&findings);
        match &loaded {
            Some(loaded) => {
                let rulebook = &loaded.lot.rulebook;
                println!("{} · {}", rulebook.title.zh, rulebook.title.en);
                for parameter in &loaded.parameters {
                    let mark = if parameter.is_example { "  (示例 example)" } else { "" };
                    println!("  {} · {}: {}{mark}", parameter.meaning.zh, parameter.meaning.en, parameter.text);
                }
                let lot = loaded.lot_text.as_ref().map(|_| &loaded.lot);
                for language in [Language::Zh, Language::En] {
                    println!("\n{}", render_text(&rule_in_words(rulebook, lot, language), language));
                }
            }
            None => eprintln!("{}: {} findings", arguments.file, findings.len()),
        }
    }
    Ok(if loaded.is_some() { Exit::Good } else { Exit::WrongUse })
}
