use anyhow::Result;
use landgavel_record::example::{self, Example};
use landgavel_record::language::Loaded;
use landgavel_record::words::{Language, render_text, rule_in_words};
use serde_json::{Value, json};

use crate::disk::{finding_json, load_either, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, shown};

/// Check a rulebook or a lot.
#[derive(clap::Args)]
pub struct Arguments {
    /// Rulebook or lot, a TOML file.
    file: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn check(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    let (findings, loaded) = match load_either(&arguments.file) {
        Ok(loaded) => (loaded.findings.clone(), Some(loaded)),
        Err(findings) => (findings, None),
    };
    if arguments.json {
        let report = json!({
            "file": arguments.file,
            "ok": loaded.is_some(),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "words": loaded.as_ref().map(words_json),
            "example": loaded.as_ref().map(example_json),
        });
        println!("{report:#}");
    } else {
        print_findings(&findings);
        match &loaded {
            Some(loaded) => {
                let rulebook = &loaded.lot.rulebook;
                println!("{}", shown(&tongue.say(&rulebook.title.zh, &rulebook.title.en)));
                for parameter in &loaded.parameters {
                    let example = format!("  ({})", tongue.word("示例", "example"));
                    let mark = if parameter.is_example { example.as_str() } else { "" };
                    let meaning = tongue.say(&parameter.meaning.zh, &parameter.meaning.en);
                    println!("  {}", shown(&format!("{meaning}: {}{mark}", parameter.text)));
                }
                let lot = loaded.lot_text.as_ref().map(|_| &loaded.lot);
                let played = example::play(&loaded.lot);
                for language in tongue.languages() {
                    println!("\n{}", render_text(&rule_in_words(rulebook, lot, *language), *language));
                    print_example(&played, *language);
                }
            }
            None => eprintln!("{}: {} findings", arguments.file, findings.len()),
        }
    }
    Ok(if loaded.is_some() { Exit::Good } else { Exit::WrongUse })
}

fn print_example(played: &Example, language: Language) {
    match language {
        Language::Zh => println!("算例（竞买人、报价、评分、随机数均为虚构；时间为当地时间）\n"),
        Language::En => {
            println!("Worked example (bidders, bids, marks and random outputs are invented; local time)\n");
        }
    }
    let offset = played.sale.lot().rulebook.utc_offset;
    for line in played.lines(language) {
        println!("{}  {}", line.at.local(offset), line.text);
    }
}

fn example_json(loaded: &Loaded) -> Value {
    let played = example::play(&loaded.lot);
    let (zh, en) = (played.lines(Language::Zh), played.lines(Language::En));
    let pairs = zh.iter().zip(&en);
    pairs.map(|(zh, en)| json!({"at_ms": zh.at.millis(), "zh": zh.text, "en": en.text})).collect()
}

fn words_json(loaded: &Loaded) -> Value {
    let lot = loaded.lot_text.as_ref().map(|_| &loaded.lot);
    let text = |language| render_text(&rule_in_words(&loaded.lot.rulebook, lot, language), language);
    json!({"zh": text(Language::Zh), "en": text(Language::En)})
}
