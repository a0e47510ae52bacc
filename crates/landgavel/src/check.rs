use anyhow::Result;
use landgavel_base::{Bilingual, Date};
use landgavel_record::example::{self, Example};
use landgavel_record::language::{
    CountyFigures, Facts, Files as _, Finding, Ladder, Loaded, LoadedCard, PledgeTerms, PolicyBook,
    load_county_figures, load_facts, load_ladder, load_pledge_terms, load_policy_book, load_scorecard,
};
use landgavel_record::pledges::terms_in_words;
use landgavel_record::words::{Language, render_text, rule_in_words};
use serde_json::{Value, json};

use crate::disk::{Disk, finding_json, load_either, print_findings};
use crate::exit::Exit;
use crate::show::{Tongue, columns, shown};

/// Check a file of any language: a rulebook, a lot, terms of a pledge, a scorecard, a ladder of standards, a book of policies, facts of
/// an enterprise, or figures of counties. What it is, the file says by `format`.
///
/// Exit codes: 0 it can be used, though there may be warnings; 2 it cannot.
#[derive(clap::Args)]
pub struct Arguments {
    /// The file, TOML.
    file: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn check(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
    match format_of(&arguments.file).as_deref() {
        Some("landgavel-pledge-terms") => {
            Ok(other(arguments, tongue, load_pledge_terms(&Disk, &arguments.file).map(terms)))
        }
        Some("landgavel-scorecard") => {
            Ok(other(arguments, tongue, load_scorecard(&Disk, &arguments.file, &[]).map(card)))
        }
        Some("landgavel-ladder") => Ok(other(arguments, tongue, load_ladder(&Disk, &arguments.file).map(ladder))),
        Some("landgavel-policy-book") => {
            Ok(other(arguments, tongue, load_policy_book(&Disk, &arguments.file).map(policies)))
        }
        Some("landgavel-facts") => Ok(other(arguments, tongue, load_facts(&Disk, &arguments.file).map(facts))),
        Some("landgavel-county-figures") => {
            Ok(other(arguments, tongue, load_county_figures(&Disk, &arguments.file).map(county)))
        }
        _ => rule(arguments, tongue),
    }
}

/// The name of the format that a file says it has.
fn format_of(path: &str) -> Option<String> {
    let text = String::from_utf8(Disk.read(path).ok()?).ok()?;
    // Editors of Windows begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let stated =
        text.lines().find_map(|line| line.trim_start().strip_prefix("format")?.trim_start().strip_prefix('='))?;
    let word = stated.trim_start().trim_start_matches(['"', '\'']);
    Some(word.split('/').next()?.to_owned())
}

/// What is told of a file that is no rule of a sale.
struct Told {
    title: Bilingual,
    findings: Vec<Finding>,
    lines: Vec<Bilingual>,
}

fn terms(terms: PledgeTerms) -> Told {
    Told { lines: terms_in_words(&terms), title: terms.title, findings: terms.findings }
}

fn card(loaded: LoadedCard) -> Told {
    let (card, same) = (&loaded.card, |text: String| Bilingual { zh: text.clone(), en: text });
    let day = |day: Option<Date>| day.map_or_else(|| "–".to_owned(), |day| day.to_string());
    let (from, until) = (day(card.from), day(card.until));
    let mut lines = vec![Bilingual::new(
        format!("版本 {}，自 {from} 至 {until} 前有效", card.version),
        format!("version {}, in force from {from} until before {until}", card.version),
    )];
    let heads = loaded.heads.firm.iter().chain(&loaded.heads.group).chain(&loaded.heads.parcel);
    let heads = heads.chain(loaded.heads.columns.iter().filter_map(|column| column.heads.first()));
    let heads = heads.map(String::as_str).collect::<Vec<_>>().join(", ");
    lines.push(Bilingual::new(format!("数据列：{heads}"), format!("columns of its table: {heads}")));
    lines.extend(card.items.iter().map(|item| item.name.clone()));
    lines.extend(loaded.parameters.iter().map(|one| same(format!("{} = {}", one.id, one.value))));
    Told { title: card.title.clone(), lines, findings: loaded.findings }
}

fn ladder(ladder: Ladder) -> Told {
    let rungs = ladder.rungs.iter().chain(&ladder.beside);
    Told {
        title: ladder.title.clone(),
        lines: rungs.map(|rung| rung.name.clone()).collect(),
        findings: ladder.findings.clone(),
    }
}

fn policies(book: PolicyBook) -> Told {
    let lines = book.policies.iter().map(|policy| policy.name.clone()).collect();
    Told { title: book.card.card.title.clone(), lines, findings: book.card.findings }
}

fn facts(facts: Facts) -> Told {
    Told { title: Bilingual::new(&facts.firm, &facts.firm), lines: Vec::new(), findings: Vec::new() }
}

fn county(figures: CountyFigures) -> Told {
    Told { title: figures.title, lines: Vec::new(), findings: figures.findings }
}

fn other(arguments: &Arguments, tongue: Tongue, loaded: Result<Told, Vec<Finding>>) -> Exit {
    let (findings, told) = match loaded {
        Ok(told) => (told.findings.clone(), Some(told)),
        Err(findings) => (findings, None),
    };
    if arguments.json {
        let text = |of: fn(&Bilingual) -> &str| {
            told.as_ref().map(|told| told.lines.iter().map(of).collect::<Vec<_>>().join("\n"))
        };
        let report = json!({
            "file": arguments.file, "ok": told.is_some(),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "words": told.as_ref().map(|_| json!({"zh": text(|one| &one.zh), "en": text(|one| &one.en)})),
        });
        println!("{report:#}");
    } else {
        print_findings(&findings);
        match &told {
            Some(told) => {
                println!("{}", shown(&tongue.say(&told.title.zh, &told.title.en)));
                for line in &told.lines {
                    let (zh, en) = (shown(&line.zh), shown(&line.en));
                    match zh == en {
                        true => println!("  {zh}"),
                        false => print!("{}", tongue.fit("  ", &zh, &en, columns())),
                    }
                }
            }
            None => eprintln!("{}: {} findings", arguments.file, findings.len()),
        }
    }
    if told.is_some() { Exit::Good } else { Exit::WrongUse }
}

fn rule(arguments: &Arguments, tongue: Tongue) -> Result<Exit> {
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
