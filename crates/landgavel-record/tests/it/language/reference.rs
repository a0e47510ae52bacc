use landgavel_record::language::{Code, Finding, Which, load_lot, load_rulebook, reference, schema};

use super::Memory;

/// Fenced blocks of the reference with this mark.
fn blocks(mark: &str) -> Vec<String> {
    let fence = format!("```{mark}\n");
    let page = reference();
    page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

const FRAME: &str = r#"
format = "landgavel-rulebook/1"
id = "test/frame"
version = "1"
title = { zh = "框架", en = "frame" }
working_days = "weekdays"
source = "assumption"
calendar = [
  { id = "opens", name = { zh = "开始", en = "opens" } },
  { id = "closes", name = { zh = "结束", en = "closes" } },
]
admission = { window = { closes = "1 h" } }
award = {}

[attributes]
price = { name = { zh = "地价", en = "price" }, unit = "万元" }
tax = { name = { zh = "亩均税收", en = "tax" }, unit = "万元/亩·年", base = 20 }
score = { name = { zh = "得分", en = "score" }, unit = "points" }
"#;

#[test]
fn the_examples_of_the_reference_are_sound() {
    let (rulebooks, lots, stages) = (blocks("toml rulebook"), blocks("toml lot"), blocks("toml stage"));
    assert_eq!((rulebooks.len(), lots.len(), stages.len()), (1, 1, 8));
    let files = Memory::default().with("rules.toml", &rulebooks[0]).with("lot.toml", &lots[0]);
    let loaded = load_rulebook(&files, "rules.toml").map_err(|findings| list(&findings)).unwrap();
    assert_eq!(list(&loaded.findings), "");
    let loaded = load_lot(&files, "lot.toml").map_err(|findings| list(&findings)).unwrap();
    assert_eq!(list(&loaded.findings), "");
    for stage in stages {
        let files = Memory::default().with("rules.toml", &format!("{FRAME}\n{stage}"));
        let loaded = load_rulebook(&files, "rules.toml").map_err(|findings| list(&findings)).unwrap();
        assert_eq!(list(&loaded.findings), "", "{stage}");
    }
}

#[test]
fn the_reference_names_every_code_once() {
    let page = reference();
    for code in Code::ALL {
        assert_eq!(page.matches(&format!("| `{code}` |")).count(), 1, "{code}");
    }
}

#[test]
fn every_reference_within_a_schema_leads_somewhere() {
    for which in Which::ALL {
        let schema = schema(which);
        let text = schema.to_string();
        let mut count = 0;
        for rest in text.split("\"#/$defs/").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(schema["$defs"].get(name).is_some(), "{name}");
            count += 1;
        }
        assert!(count > 0);
        assert_eq!(schema["additionalProperties"], false);
    }
}
