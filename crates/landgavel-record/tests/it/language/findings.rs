use landgavel_record::language::{Finding, Severity, load_lot, load_rulebook};
use proptest::prelude::*;

use super::Memory;

const BASE: &str = include_str!("base.toml");
const LOT: &str = include_str!("base_lot.toml");

/// One edit of a sound file and the one finding that it causes.
struct Case {
    /// What is replaced …
    old: &'static str,
    /// … by what.
    new: &'static str,
    /// Text on the line where the finding stands.
    at: &'static str,
    field: &'static str,
    code: &'static str,
}

const fn case(old: &'static str, new: &'static str, at: &'static str, field: &'static str, code: &'static str) -> Case {
    Case { old, new, at, field, code }
}

fn rulebook_findings(text: &str) -> Vec<Finding> {
    match load_rulebook(&Memory::default().with("rules.toml", text), "rules.toml") {
        Ok(loaded) => loaded.findings,
        Err(findings) => findings,
    }
}

fn lot_findings(rulebook: &str, lot: &str) -> Vec<Finding> {
    let files = Memory::default().with("rules.toml", rulebook).with("lot.toml", lot);
    match load_lot(&files, "lot.toml") {
        Ok(loaded) => loaded.findings,
        Err(findings) => findings,
    }
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

fn check(base: &str, case: &Case, findings: impl Fn(&str) -> Vec<Finding>) {
    assert!(base.contains(case.old), "the base has `{}`", case.old);
    let text = base.replacen(case.old, case.new, 1);
    let found = findings(&text);
    let line = text.lines().position(|line| line.contains(case.at)).map_or(0, |index| index + 1);
    assert!(line > 0, "the text has `{}`", case.at);
    let shown: Vec<(u32, &str, &str)> =
        found.iter().map(|finding| (finding.line, finding.field.as_str(), finding.code.as_str())).collect();
    let line = u32::try_from(line).unwrap();
    assert_eq!(shown, [(line, case.field, case.code)], "`{}` → `{}`\n{}", case.old, case.new, list(&found));
}

const BRIDGE: &str = "cap = { at = \"1200 万元\", acceptance = \"5 min\" }";
const LAST: &str = "[award]";

#[test]
fn the_base_files_are_sound() {
    assert_eq!(list(&rulebook_findings(BASE)), "");
    assert_eq!(list(&lot_findings(BASE, LOT)), "");
}

#[test]
fn each_fault_of_form_is_found_where_it_stands() {
    let cases = [
        case("version = \"1\"", "verzion = \"1\"\nversion = \"1\"", "verzion", "verzion", "unknown-key"),
        case("version = \"1\"\n", "", "format =", "", "missing-key"),
        case("version = \"1\"", "version = 1", "version", "version", "wrong-type"),
        case("landgavel-rulebook/1", "landgavel-rulebook/2", "format =", "format", "unknown-format"),
        case("kind = \"ascending\"", "kind = \"asscending\"", "asscending", "stages.price.kind", "unknown-word"),
        case("id = \"tax\"", "id = \"Tax\"", "Tax", "stages.Tax.id", "bad-id"),
        case("\"weekdays\"", "\"weekday\"", "working_days", "working_days", "unknown-working-days"),
        case(
            "countdown = \"5 min\"",
            "countdown = \"5 mins.\"",
            "mins.",
            "stages.price.close.countdown",
            "bad-duration",
        ),
        case("\"10 days\"", "\"10 fortnights\"", "fortnights", "calendar.apply_closes.after_previous", "bad-duration"),
        case("step = \"20 万元\"", "step = \"20,5 万元\"", "20,5", "stages.price.step", "bad-amount"),
        case("step = \"20 万元\"", "step = 0.5", "step = 0.5", "stages.price.step", "bad-amount"),
        case("step = \"20 万元\"", "step = \"20 亩\"", "20 亩", "stages.price.step", "wrong-unit"),
        case("step = \"20 万元\"", "step = \"200500 元\"", "200500", "stages.price.step", "wrong-unit"),
        case("step = \"20 万元\"", "step = \"20 wan\"", "20 wan", "stages.price.step", "bad-unit"),
        case("unit = \"万元\"", "unit = \"SGD\"", "unit = \"SGD\"", "attributes.price.unit", "wrong-unit"),
        case("20 % of price.start", "20 % of price.strat", "strat", "admission.bond.amount", "bad-reference"),
        case("20 % of price.start", "20 % of prise.start", "prise", "admission.bond.amount", "unknown-stage"),
        case("20 % of price.start", "own.price", "own.price", "admission.bond.amount", "own-without-bidder"),
        case("20 % of price.start", "price.best", "price.best", "admission.bond.amount", "stage-not-earlier"),
        case("20 % of price.start", "360 SGD", "360 SGD", "admission.bond.amount", "wrong-unit"),
        case("[award]", "[award]\nwinners = 0", "winners", "award.winners", "out-of-range"),
        case(
            "closes = \"quote_closes\"",
            "closes = \"quote_close\"",
            "quote_close\"",
            "stages.price.quote.closes",
            "unknown-moment",
        ),
        case("attribute = \"tax\"", "attribute = \"taxes\"", "taxes", "stages.tax.attribute", "unknown-attribute"),
        case("\"2 h\"", "\"2 h 2 h\"", "2 h 2 h", "calendar.quote_closes.after_previous", "bad-duration"),
        case("en = \"test\" }", "}", "title", "title", "missing-key"),
        case("title = { zh = \"测试\", en = \"test\" }", "title = \"测试\"", "title", "title", "one-language"),
        case("[award]", "[award]\nconfirmation = \"soon\"", "soon", "award.confirmation", "bad-duration"),
        case(
            "[award]",
            "[[obligations]]\nid = \"x\"\ntext = { zh = \"x\", en = \"x\" }\ndue = \"5 min\"\n[award]",
            "due",
            "obligations.x.due",
            "bad-period",
        ),
        case(
            "[award]",
            "[[obligations]]\nid = \"x\"\ntext = { zh = \"x\", en = \"x\" }\nwhen = { premium_of = \"price\", over = \"100\" }\n[award]",
            "premium_of",
            "obligations.x.when.over",
            "bad-percent",
        ),
    ];
    for case in &cases {
        check(BASE, case, |text| errors_or_all(rulebook_findings(text)));
    }
}

/// Leaves out the warnings when there are errors.
fn errors_or_all(findings: Vec<Finding>) -> Vec<Finding> {
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.into_iter().partition(Finding::is_error);
    if errors.is_empty() { warnings } else { errors }
}

#[test]
fn each_fault_of_sense_is_found_at_its_clause() {
    let second = "cap = { at = \"1200 万元\" }";
    let cases = [
        case("step = \"20 万元\"", "step = \"30 万元\"", "30 万元", "stages.price.step", "step-does-not-divide"),
        case("step = \"20 万元\"", "step = \"400 万元\"", "400 万元", "stages.price.step", "step-too-large"),
        case("at = \"1200 万元\"", "at = \"1000 万元\"", "at = \"1000", "stages.price.cap.at", "cap-not-better"),
        case(
            BRIDGE,
            "cap = { at = \"1200 万元\", acceptance = \"5 min\" }\nreserve = \"1220 万元\"",
            "reserve",
            "stages.price.reserve",
            "reserve-beyond-cap",
        ),
        case(
            BRIDGE,
            "cap = { at = \"1200 万元\", acceptance = \"5 min\" }\nreserve = \"1000 万元\"",
            "reserve",
            "stages.price.reserve",
            "reserve-not-better",
        ),
        case(BRIDGE, second, "cap = {", "stages.price.cap", "acceptors-alone"),
        case("{ back = \"price\" }", "\"win\"", "exits", "stages.tax.exits.empty", "win-without-offer"),
        case("{ back = \"price\" }", "\"next\"", "exits", "stages.tax.exits.empty", "no-next-stage"),
        case("{ back = \"price\" }", "{ to = \"price\" }", "exits", "stages.tax.exits.empty", "endless-pipeline"),
        case("{ back = \"price\" }", "{ back = \"tax\" }", "exits", "stages.tax.exits.empty.back", "stage-not-earlier"),
        case("exits = { empty", "exits = { capped = \"win\", empty", "exits", "stages.tax.exits.capped", "unused-exit"),
        case(BRIDGE, "", "id = \"tax\"", "stages.tax.id", "unreachable-stage"),
        case(
            "[award]",
            "[[stages]]\nid = \"draw\"\ntitle = { zh = \"摇号\", en = \"draw\" }\nkind = \"draw\"\nsources = [\"drand\"]\nreveal_within = \"1 h\"\n[award]",
            "id = \"draw\"",
            "stages.draw.id",
            "unreachable-stage",
        ),
        case(
            "closes = \"apply_closes\" }",
            "closes = \"quote_closes\" }",
            "quote =",
            "stages.price.quote",
            "window-overlap",
        ),
        case(
            "opens = \"quote_opens\", closes = \"quote_closes\"",
            "opens = \"quote_closes\", closes = \"quote_closes\"",
            "quote =",
            "stages.price.quote",
            "window-reversed",
        ),
        case(
            "20 % of price.start\"",
            "20 % of price.start\"\nforms = []",
            "forms",
            "admission.bond.forms",
            "bond-without-form",
        ),
        case(
            "20 % of price.start\"",
            "20 % of price.start\"\nlodge_by = \"apply_opens\"",
            "lodge_by",
            "admission.bond.lodge_by",
            "bond-too-early",
        ),
        case(
            "[[stages]]",
            "[[admission.attempts]]\nmin_bidders = 3\nsole = \"pass-in\"\n[[stages]]",
            "sole",
            "admission.attempts.0.sole",
            "sole-rule-unused",
        ),
        case(
            "[admission]",
            "[admission]\nmax_bidders = 2\nattempts = [{ min_bidders = 3 }]",
            "attempts",
            "admission.attempts.0.min_bidders",
            "too-few-seats",
        ),
        case(
            "[admission]",
            "[admission]\nrequires = [{ fact = \"age\", at_least = 5, text = { zh = \"x\", en = \"x\" } }, { fact = \"age\", at_most = 4, text = { zh = \"x\", en = \"x\" } }]",
            "requires",
            "admission.requires.1",
            "contradictory-requirements",
        ),
        case(
            "[admission]",
            "[admission]\nrequires = [{ fact = \"age\", one_of = [], text = { zh = \"x\", en = \"x\" } }]",
            "requires",
            "admission.requires.0",
            "contradictory-requirements",
        ),
        case(
            "start = \"$start\"",
            "start = \"1000 万元\"",
            "[parameters.start]",
            "parameters.start",
            "unused-parameter",
        ),
        case("max = \"5000 万元\"", "max = \"900 万元\"", "example", "parameters.start.example", "value-beyond-bounds"),
        case("example = \"1000 万元\"\n", "", "[parameters.start]", "parameters.start", "example-missing"),
        case("start = \"$start\"", "start = \"$start + $begin\"", "$begin", "stages.price.start", "unknown-parameter"),
        case("start = \"20 万元/亩·年\"", "start = \"tax.step\"", "tax.step", "stages.tax.start", "stage-not-earlier"),
        case(
            "close = { countdown = \"5 min\" }\nexits",
            "close = { countdown = \"5 min\", hard_stop = \"17:00\" }\nexits",
            "17:00",
            "stages.tax.close.hard_stop",
            "hard-stop-cuts-countdown",
        ),
        case(
            "close = { countdown = \"5 min\" }\nexits",
            "close = { countdown = \"0 s\" }\nexits",
            "0 s",
            "stages.tax.close.countdown",
            "zero-time",
        ),
        case(
            "start = \"$start\"",
            "start = \"$start + 999999999999 亿元\"",
            "亿元",
            "stages.price.start",
            "beyond-range",
        ),
    ];
    for case in &cases {
        check(BASE, case, |text| errors_or_all(rulebook_findings(text)));
    }
}

#[test]
fn exits_and_sums_that_mean_nothing_are_found() {
    let next = "exits = { settled = \"next\" }\n\n[[stages]]\nid = \"end\"\ntitle = { zh = \"末\", en = \"end\" }\nkind = \"draw\"\nsources = [\"drand\"]\nreveal_within = \"1 h\"";
    let exits = "exits = { empty = { back = \"price\" } }";
    let long = BASE.replace(exits, next);
    let cases = [
        case(
            "{ settled = \"next\" }",
            "{ settled = { to = \"end\", survivors = \"acceptors\" } }",
            "acceptors\" }",
            "stages.tax.exits.settled.survivors",
            "no-survivors",
        ),
        case(
            "{ settled = \"next\" }",
            "{ settled = \"next\", empty = { to = \"end\", survivors = \"active\" } }",
            "active",
            "stages.tax.exits.empty.survivors",
            "no-survivors",
        ),
        case(
            "reveal_within = \"1 h\"",
            "reveal_within = \"1 h\"\n[[stages]]\nid = \"x\"\ntitle = { zh = \"x\", en = \"x\" }\nkind = \"first\"\nof = { stage = \"end\" }",
            "of = {",
            "stages.x.of.stage",
            "back-without-ranking",
        ),
        case("start = \"20 万元/亩·年\"", "start = \"20 - 21\"", "20 - 21", "stages.tax.start", "negative-amount"),
    ];
    for case in &cases {
        check(&long, case, |text| {
            let mut found = rulebook_findings(text);
            found.retain(|finding| finding.code.as_str() == case.code);
            found
        });
    }
}

#[test]
fn moments_beyond_the_working_calendar_are_told() {
    let rules = BASE.replace("\"weekdays\"", "\"cn\"").replace("\"10 days\"", "\"10 working days\"");
    let lot = LOT.replace("2026-03", "2031-03");
    let codes: Vec<String> = lot_findings(&rules, &lot).iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["calendar-uncovered"]);
    let early = lot_findings(BASE, &LOT.replace("apply_opens = 2026-03-02", "apply_opens = 1969-03-02"));
    assert_eq!(early.first().map(|finding| finding.code.as_str()), Some("bad-date"), "{}", list(&early));
}

/// A rulebook whose second stage is of another kind.
fn with_stage(stage: &str) -> String {
    let start = BASE.find("[[stages]]\nid = \"tax\"").unwrap();
    let end = BASE.find(LAST).unwrap();
    format!("{}{stage}\n{}", &BASE[..start], &BASE[end..])
}

#[test]
fn other_kinds_of_stage_are_checked_too() {
    let head = "[[stages]]\nid = \"two\"\ntitle = { zh = \"二\", en = \"two\" }\n";
    let sealed =
        "kind = \"sealed\"\nattribute = \"price\"\nwindow = { closes = \"30 min\" }\nopen_within = \"30 min\"\n";
    let score =
        "kind = \"score\"\nattribute = \"score\"\nmarking = \"3 days\"\njudges = 5\ndrop_high = 1\ndrop_low = 1\n";
    let criterion = "[[stages.criteria]]\nid = \"plan\"\nname = { zh = \"方案\", en = \"plan\" }\npoints = \"40 points\"\nby = \"panel\"\n";
    let draw = "kind = \"draw\"\nreveal_within = \"30 min\"\n";
    let clock =
        "kind = \"descending\"\nattribute = \"price\"\nstart = \"price.cap\"\nstep = \"10 万元\"\nevery = \"60 s\"\n";
    let cases = [
        (format!("{sealed}max = {{ below = \"2 x price.cap\" }}\n"), vec![]),
        (format!("{sealed}min = \"price.cap + price.step\"\nmax = \"price.cap\"\n"), vec!["bounds-empty"]),
        (format!("{sealed}min = \"own.price\"\nmultiple_of = 0\n"), vec!["step-zero"]),
        (format!("{sealed}quotes = [{{ attribute = \"tax\" }}]\n"), vec!["unknown-key"]),
        (sealed.replace("attribute = \"price\"\n", ""), vec!["missing-key"]),
        (format!("{sealed}winner = {{ nearest = \"mean\", trim_high = 1 }}\nexits = {{ tied = \"lower\" }}\n"), vec![]),
        (format!("{sealed}exits = {{ capped = \"win\" }}\n"), vec!["unused-exit"]),
        (format!("{score}{criterion}"), vec![]),
        (format!("{score}pass = \"60 points\"\n{criterion}"), vec!["pass-too-high"]),
        (format!("{}{criterion}", score.replace("judges = 5", "judges = 2")), vec!["too-few-judges"]),
        (format!("{}{criterion}", score.replace("marking = \"3 days\"\n", "")), vec!["panel-without-time"]),
        (format!("{score}{criterion}{criterion}"), vec!["duplicate-id"]),
        (format!("{}{criterion}", score.replace("\"score\"\nmarking", "\"tax\"\nmarking")), vec!["wrong-unit"]),
        (format!("{draw}sources = [\"drand\"]\n"), vec![]),
        (format!("{draw}sources = []\n"), vec!["draw-without-source"]),
        (format!("{draw}sources = [\"local\"]\n"), vec!["local-beacon"]),
        (draw.to_owned(), vec!["missing-key"]),
        (format!("{clock}floor = \"500 万元\"\n"), vec![]),
        (format!("{clock}floor = \"1200 万元\"\n"), vec!["floor-not-worse"]),
        ("kind = \"fixed\"\nattribute = \"price\"\nvalue = \"price.cap\"\nwindow = { closes = \"1 h\" }\n".into(), vec![]),
        ("kind = \"first\"\nof = { stage = \"price\" }\n".into(), vec![]),
        ("kind = \"first\"\nof = { stage = \"two\" }\n".into(), vec!["stage-not-earlier"]),
        ("kind = \"rounds\"\nattribute = \"tax\"\nstart = 20\nstep = 1\nlength = \"3 min\"\norder = \"in-turn\"\nmax_rounds = 3\n".into(), vec![]),
    ];
    for (stage, codes) in cases {
        let found = rulebook_findings(&with_stage(&format!("{head}{stage}")));
        let shown: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(shown, codes, "{stage}\n{}", list(&found));
    }
}

#[test]
fn each_fault_of_a_lot_is_found_where_it_stands() {
    let cases = [
        case("start = \"1000 万元\"\n", "", "[values]", "values.start", "missing-value"),
        case("start = \"1000 万元\"", "start = \"6000 万元\"", "6000", "values.start", "value-beyond-bounds"),
        case("start = \"1000 万元\"", "start = \"1000 万元\"\nstrat = 5", "strat", "values.strat", "unknown-parameter"),
        case("quote_opens = 2026-03-13T09:00:00+08:00\n", "", "[calendar]", "calendar.quote_opens", "missing-moment"),
        case("2026-03-13T09:00:00+08:00", "2026-03-13T09:00:00", "13T09", "calendar.quote_opens", "wrong-type"),
        case(
            "2026-03-12T09:00:00+08:00",
            "2026-03-11T23:00:00+08:00",
            "11T23",
            "calendar.apply_closes",
            "calendar-too-short",
        ),
        case(
            "2026-03-20T09:00:00+08:00",
            "2026-03-01T09:00:00+08:00",
            "quote_closes",
            "calendar.quote_closes",
            "calendar-order",
        ),
        case(
            "[parcel]",
            "quote_ends = 2026-03-20T09:00:00+08:00\n[parcel]",
            "quote_ends",
            "calendar.quote_ends",
            "unknown-moment",
        ),
        case("\"20000 m2\"", "\"20000\"", "area", "parcel.area", "wrong-unit"),
        case("\"20000 m2\"", "\"20 亩\"", "area", "parcel.area", "wrong-unit"),
        case("\"50 years\"", "\"50 天\"", "term", "parcel.term", "bad-period"),
        case("\"100102\"", "\"999999\"", "land_use", "parcel.land_use", "unknown-land-use"),
        case(
            "[parcel]",
            "[commitments]\nprice = { cap = \"ab\" }\n[parcel]",
            "price =",
            "commitments.price.cap",
            "bad-digest",
        ),
        case("[parcel]", "[commitments]\nprise = {}\n[parcel]", "prise =", "commitments.prise", "unknown-stage"),
        case("[parcel]\n", "[parcel]\nunit_number = \"33\"\n", "unit_number", "parcel.unit_number", "bad-unit-number"),
        case("[parcel]\n", "[parcel]\noutline = [\"1 1\", \"1 2\"]\n", "outline", "parcel.outline", "bad-outline"),
        case("[parcel]\n", "[parcel]\noutline = [\"1 1\", \"2\"]\n", "\"2\"", "parcel.outline.1", "bad-outline"),
        case("\"rules.toml\"", "\"rule.toml\"", "rulebook", "rulebook", "unreadable"),
    ];
    for case in &cases {
        check(LOT, case, |text| lot_findings(BASE, text));
    }
}

#[test]
fn clauses_without_a_source_are_listed() {
    let found = rulebook_findings(&BASE.replace("source = \"assumption\"\n", ""));
    let shown: Vec<(&str, &str)> = found.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
    let expected = ["admission", "stages.price", "stages.tax", "award"].map(|field| (field, "no-source"));
    assert_eq!(shown, expected, "{}", list(&found));
    let unknown = errors_or_all(rulebook_findings(&BASE.replace("\"assumption\"", "\"nowhere\"")));
    assert_eq!(unknown[0].code.as_str(), "unknown-source");
}

#[test]
fn an_id_used_twice_is_found() {
    let found = rulebook_findings(&BASE.replace("id = \"quote_opens\"", "id = \"apply_opens\""));
    assert!(
        found.iter().any(|finding| finding.code.as_str() == "duplicate-id" && finding.line == 18),
        "{}",
        list(&found)
    );
}

#[test]
fn a_secret_cap_wants_its_hash() {
    let secret = BASE.replace(BRIDGE, "cap = { committed = true, acceptance = \"5 min\" }");
    let codes = |lot: &str| -> Vec<String> {
        lot_findings(&secret, lot).iter().map(|finding| finding.code.to_string()).collect()
    };
    assert_eq!(codes(LOT), ["commitment-missing"]);
    let hash = "0123456789abcdef".repeat(4);
    let given = LOT.replace("[parcel]", &format!("[commitments]\nprice = {{ cap = \"{hash}\" }}\n[parcel]"));
    assert_eq!(codes(&given), Vec::<String>::new());
    let found = lot_findings(BASE, &given);
    assert_eq!(found.first().map(|finding| finding.code.as_str()), Some("commitment-unused"));
}

#[test]
fn all_findings_come_at_once() {
    let text = BASE
        .replace("step = \"20 万元\"", "step = \"20 亩\"")
        .replace("version = \"1\"", "verzion = \"1\"")
        .replace("start = \"20 万元/亩·年\"", "start = \"20 kg\"")
        .replace("\"10 days\"", "\"ten days\"")
        .replace("{ back = \"price\" }", "{ back = \"prize\" }");
    let found = rulebook_findings(&text);
    let codes: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
    let expected = ["missing-key", "unknown-key", "bad-duration", "wrong-unit", "bad-unit", "unknown-stage"];
    assert_eq!(codes, expected, "{}", list(&found));
    let lot = LOT.replace("\"20000 m2\"", "20000");
    let both = lot_findings(&text, &lot);
    assert!(both.iter().any(|finding| finding.file == "lot.toml"), "{}", list(&both));
    assert!(both.iter().any(|finding| finding.file == "rules.toml"), "{}", list(&both));
}

#[test]
fn a_near_miss_is_named() {
    let found = rulebook_findings(&BASE.replace("version = \"1\"", "verzion = \"1\"\nversion = \"1\""));
    assert!(found[0].message_en.contains("Did you mean `version`?"), "{}", found[0]);
    assert!(found[0].message_zh.contains("version"), "{}", found[0].message_zh);
}

#[test]
fn bytes_that_are_no_text_are_told_by_line() {
    let mut bytes = BASE.as_bytes().to_vec();
    let at = BASE.find("version").unwrap();
    bytes[at] = 0xff;
    let mut files = Memory::default();
    files.0.insert("rules.toml".into(), bytes);
    let found = load_rulebook(&files, "rules.toml").unwrap_err();
    assert_eq!((found[0].code.as_str(), found[0].line, found[0].column), ("not-utf8", 3, 1));
    assert!(found[0].message_en.contains(&format!("byte {at}")), "{}", found[0]);
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    assert_eq!(list(&rulebook_findings(&format!("\u{feff}{BASE}"))), "");
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let found = rulebook_findings(&"#".repeat(landgavel_record::language::FILE_BYTES_MAX + 1));
    assert_eq!(found[0].code.as_str(), "too-large");
}

#[test]
fn syntax_errors_do_not_hide_the_rest() {
    let found = rulebook_findings(&BASE.replace("version = \"1\"", "version = ").replace("20 % of", "20 %% of"));
    let codes: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
    assert!(codes.contains(&"syntax") && codes.contains(&"bad-amount"), "{}", list(&found));
}

#[test]
fn noise_does_not_take_long() {
    let keys: String = (0..70_000).map(|index| format!("k{index} = 1\n")).collect();
    assert_eq!(rulebook_findings(&keys).len(), 1);
    let keys: String = (0..4_000).map(|index| format!("k{index} = 1\n")).collect();
    assert_eq!(rulebook_findings(&keys).len(), 500);
    let moments = "[[calendar]]\nid = \"a\"\n".repeat(40_000);
    assert!(rulebook_findings(&moments).iter().any(|finding| finding.code.as_str() == "out-of-range"));
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for text in
        ["[".repeat(200_000), format!("a = {}", "[".repeat(200_000)), "a.".repeat(300_000), "{a=".repeat(90_000)]
    {
        let found = rulebook_findings(&text);
        assert!(found.iter().any(|finding| finding.severity() == Severity::Error));
    }
}

proptest! {
    #[test]
    fn any_bytes_give_findings_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut files = Memory::default();
        files.0.insert("rules.toml".into(), bytes);
        let _ = load_rulebook(&files, "rules.toml");
        let _ = load_lot(&files, "rules.toml");
    }

    #[test]
    fn any_edit_of_a_rulebook_gives_findings_and_never_a_panic(
        cut in 0..BASE.len(),
        len in 0..40usize,
        put in "[ -~\n价]{0,12}",
    ) {
        let cut = (0..=cut).rev().find(|at| BASE.is_char_boundary(*at)).unwrap_or(0);
        let end = (cut + len).min(BASE.len());
        let end = (end..=BASE.len()).find(|at| BASE.is_char_boundary(*at)).unwrap_or(BASE.len());
        let text = format!("{}{put}{}", &BASE[..cut], &BASE[end..]);
        let _ = rulebook_findings(&text);
        let _ = lot_findings(&text, LOT);
    }

    #[test]
    fn any_edit_of_a_lot_gives_findings_and_never_a_panic(
        cut in 0..LOT.len(),
        len in 0..40usize,
        put in "[ -~\n价]{0,12}",
    ) {
        let cut = (0..=cut).rev().find(|at| LOT.is_char_boundary(*at)).unwrap_or(0);
        let end = (cut + len).min(LOT.len());
        let end = (end..=LOT.len()).find(|at| LOT.is_char_boundary(*at)).unwrap_or(LOT.len());
        let _ = lot_findings(BASE, &format!("{}{put}{}", &LOT[..cut], &LOT[end..]));
    }
}
