//! Cards with mistakes in them: one edit of a sound card, one finding.

use super::read;

const CARD: &str = r#"format = "landgavel-scorecard/1"
id = "test/card"
version = "1"
title = { zh = "表", en = "card" }
source = "assumption"
[parameters.weight]
meaning = { zh = "权重", en = "weight" }
value = 40
[table]
firm = ["firm"]
[columns.tax]
name = { zh = "税收", en = "tax" }
[columns.land]
name = { zh = "用地", en = "land area" }
[columns.sector]
name = { zh = "行业", en = "sector" }
kind = "word"
words = ["a", "b"]
[indicators.per_mu]
name = { zh = "亩均", en = "per mu" }
of = "tax"
over = "land"
[dimensions]
yield = { zh = "产出", en = "yield" }
[[items]]
id = "tax"
name = { zh = "税", en = "tax" }
dimension = "yield"
points = "$weight"
cap = "150 %"
ways = [{ kind = "linear", of = "per_mu", base = "24.097" }]
[[items]]
id = "size"
name = { zh = "规模", en = "size" }
points = 60
ways = [{ kind = "steps", of = "tax", steps = [{ bound = 100, points = 60 }, { bound = 10, points = 30 }] }]
[[vetoes]]
id = "veto"
name = { zh = "否决", en = "veto" }
any_of = ["sector = a and total < 60"]
not_above = "B"
[[exempt]]
id = "new"
name = { zh = "新", en = "new" }
any_of = ["per_mu < 1"]
[grades]
kind = "quantile"
cuts = [{ grade = "A", to = "20 %" }, { grade = "B", to = "100 %" }]
"#;

fn codes(old: &str, new: &str) -> Vec<String> {
    assert!(CARD.contains(old), "{old}");
    let findings = match read(&CARD.replacen(old, new, 1)) {
        Ok(loaded) => loaded.findings,
        Err(findings) => findings,
    };
    findings.iter().map(|finding| format!("{}@{}", finding.code.as_str(), finding.field)).collect()
}

#[test]
fn the_sound_card_has_no_finding() {
    assert_eq!(codes("version", "version"), Vec::<String>::new());
}

#[test]
fn each_mistake_has_its_finding() {
    let cases = [
        ("of = \"per_mu\", base", "of = \"per_mo\", base", "unknown-column@items.tax.ways.0.of"),
        ("over = \"land\"", "over = \"lend\"", "unknown-column@indicators.per_mu.over"),
        ("dimension = \"yield\"", "dimension = \"yeld\"", "unknown-dimension@items.tax.dimension"),
        ("not_above = \"B\"", "not_above = \"C\"", "unknown-grade@vetoes.veto.not_above"),
        ("sector = a and", "sector = c and", "unknown-word@vetoes.veto.any_of.0"),
        ("sector = a and total", "sector > a and total", "bad-condition@vetoes.veto.any_of.0"),
        ("total < 60", "total < 60.001", "bad-number@vetoes.veto.any_of.0"),
        ("[\"per_mu < 1\"]", "[\"total < 1\"]", "bad-condition@exempt.new.any_of.0"),
        ("[\"per_mu < 1\"]", "[\"per_mu <\"]", "bad-condition@exempt.new.any_of.0"),
        ("cap = \"150 %\"\n", "", "cap-unsaid@items.tax"),
        ("base = \"24.097\"", "base = \"0\"", "bad-number@items.tax.ways.0.base"),
        ("base = \"24.097\"", "base = \"24.09755\"", "bad-number@items.tax.ways.0.base"),
        (
            "base = \"24.097\"",
            "base = { mean = \"rows\", within = \"group\" }",
            "groups-missing@items.tax.ways.0.base.within",
        ),
        ("base = \"24.097\"", "base = { times = 2 }", "missing-key@items.tax.ways.0.base"),
        ("bound = 10,", "bound = 200,", "steps-order@items.size.ways.0.steps.1"),
        ("points = 60 }", "points = 61 }", "points-beyond-full@items.size"),
        ("to = \"100 %\"", "to = \"90 %\"", "cuts-order@grades"),
        ("to = \"100 %\"", "to = \"10 %\"", "cuts-order@grades.cuts.1"),
        ("\"$weight\"", "\"$wait\"", "unknown-parameter@items.tax.points"),
        ("id = \"size\"", "id = \"tax\"", "duplicate-id@items.tax"),
        ("[columns.land]", "[columns.total]", "duplicate-id@columns.total"),
        ("zh = \"用地\"", "zh = \"税收\"", "duplicate-id@columns.land"),
        ("zh = \"用地\"", "zh = \"firm\"", "duplicate-id@columns.land"),
        ("kind = \"word\"", "kind = \"wort\"", "unknown-word@columns.sector.kind"),
        ("source = \"assumption\"\n", "", "no-source@items.tax"),
        (
            "[indicators.per_mu]",
            "[columns.more]\nname = { zh = \"多\", en = \"more\" }\n[indicators.per_mu]",
            "unused-column@columns.more",
        ),
        ("format = \"landgavel-scorecard/1\"", "format = \"landgavel-rulebook/1\"", "unknown-format@format"),
    ];
    for (old, new, expected) in cases {
        let found = codes(old, new);
        assert!(found.contains(&expected.to_owned()), "{old} → {new}: {found:?}");
    }
}

#[test]
fn a_finding_names_line_and_what_was_expected() {
    let text = CARD.replacen("not_above = \"B\"", "not_above = \"C\"", 1);
    let findings = read(&text).expect_err("a broken card");
    let line = text.lines().position(|line| line.starts_with("not_above")).expect("the edited line") + 1;
    assert_eq!(findings[0].line as usize, line);
    assert_eq!(findings[0].expected.as_deref(), Some("one of A, B"));
}

/// What a card divides by stands in the card or in the table; neither may be zero.
#[test]
fn a_card_that_divides_by_zero_is_refused() {
    let linear = "kind = \"linear\", of = \"per_mu\", base = \"24.097\"";
    for zero in ["0", "0.0000", "-1"] {
        let found = codes("base = \"24.097\"", &format!("base = \"{zero}\""));
        assert_eq!(found, ["bad-number@items.tax.ways.0.base"], "{zero}");
    }
    let each = codes(linear, "kind = \"per-unit\", of = \"per_mu\", each = 0, points = 1");
    assert_eq!(each, ["bad-number@items.tax.ways.0"]);
    let times = codes("of = \"tax\"\nover", "of = \"tax\"\ntimes = 0\nover");
    assert!(times.contains(&"bad-number@indicators.per_mu.times".to_owned()), "{times:?}");
}
