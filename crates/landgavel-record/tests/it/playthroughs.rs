//! Whole sales written out role by role: what was asked, what came of it, and what each role then sees.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use landgavel_record::language::load_lot;
use landgavel_record::run::Runner;
use landgavel_record::wire::RequestLines;
use landgavel_record::words::{Language, Narrator, refusal_in_words, view_in_words};
use landgavel_sale::{Lot, Sale, Viewer};

use crate::language::Repository;

/// The roles of a playthrough; bidders are added by their codes.
const ROLES: [(&str, Viewer); 3] =
    [("public 公众", Viewer::Public), ("officer 经办人", Viewer::Officer), ("auditor 审计", Viewer::Auditor)];

struct Play {
    lot: Arc<Lot>,
    commands: String,
    /// Codes of the bidders through whose eyes the sale is seen.
    eyes: [&'static str; 2],
}

impl Play {
    fn of(lot: &str, eyes: [&'static str; 2]) -> Self {
        let commands = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(format!("{lot}.commands.jsonl"));
        let loaded = load_lot(&Repository, &format!("{lot}.toml")).unwrap_or_else(|found| panic!("{found:#?}"));
        Self { lot: Arc::new(loaded.lot), commands: std::fs::read_to_string(commands).unwrap(), eyes }
    }

    /// The sale in Markdown; `watch` looks at what every role sees after every entry.
    fn written(&self, watch: &dyn Fn(&Sale, Viewer, &str)) -> String {
        let mut runner = Runner::new(Arc::clone(&self.lot));
        let title = &self.lot.title;
        let mut out = format!("# {} · {}\n", title.en, title.zh);
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut narrators = [Narrator::new(&self.lot, Language::Zh), Narrator::new(&self.lot, Language::En)];
        let mut lines = RequestLines::new(self.commands.as_bytes());
        while let Some(next) = lines.next_request() {
            let (_, object) = next.unwrap();
            let mut entries = Vec::new();
            runner.request(&object, &mut |entry| entries.push(entry)).unwrap();
            let sale = runner.sale();
            let codes = |bidder| sale.bidder(bidder).map_or_else(String::new, |b| b.code().to_owned());
            for entry in &entries {
                let at = entry.at.local(self.lot.rulebook.utc_offset);
                out.push_str(&format!("\n## {} · {at}\n\nAsked: `{}`\n\n", entry.number, entry.command));
                match &entry.result {
                    Ok(events) => {
                        for event in events {
                            let [zh, en] = &mut narrators;
                            out.push_str(&format!("- {}\n  {}\n", zh.tell(&codes, event), en.tell(&codes, event)));
                        }
                    }
                    Err(refusal) => {
                        let say = |language| refusal_in_words(&self.lot, refusal, language);
                        out.push_str(&format!("- {}\n  {}\n", say(Language::Zh), say(Language::En)));
                    }
                }
            }
            self.look(sale, &mut seen, &mut out, watch);
        }
        out
    }

    fn look(
        &self,
        sale: &Sale,
        seen: &mut BTreeMap<String, Vec<String>>,
        out: &mut String,
        watch: &dyn Fn(&Sale, Viewer, &str),
    ) {
        let bidders = self.eyes.iter().filter_map(|code| {
            sale.bidder_named(code).map(|bidder| (format!("bidder 竞买人 {code}"), Viewer::Bidder(bidder)))
        });
        let roles: Vec<(String, Viewer)> =
            ROLES.iter().map(|(name, viewer)| ((*name).to_owned(), *viewer)).chain(bidders).collect();
        let mut told: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for (name, viewer) in roles {
            let (zh, en) = (view_in_words(sale, viewer, Language::Zh), view_in_words(sale, viewer, Language::En));
            assert_eq!(zh.len(), en.len());
            watch(sale, viewer, &[zh.join("\n"), en.join("\n")].join("\n"));
            let before = seen.insert(name.clone(), zh.clone()).unwrap_or_default();
            let new: Vec<usize> = (0..zh.len()).filter(|&index| !before.contains(&zh[index])).collect();
            let lines: Vec<String> =
                new.into_iter().map(|index| format!("> {}\\\n> {}\n", zh[index], en[index])).collect();
            match told.iter_mut().find(|(_, known)| *known == lines) {
                Some((names, _)) => names.push(name),
                None => told.push((vec![name], lines)),
            }
        }
        for (names, lines) in told.iter().filter(|(_, lines)| !lines.is_empty()) {
            out.push_str(&format!("\nSeen by {}:\n\n{}", names.join(", "), lines.join(">\n")));
        }
    }
}

fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook/playthroughs").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (kept, now)) in (1..).zip(kept.lines().zip(text.lines())) {
        assert_eq!(kept, now, "{name}:{number}: UPDATE_GOLDEN=1 writes it anew");
    }
    assert_eq!(kept.len(), text.len(), "{name}: UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn the_four_part_sale_role_by_role() {
    let play = Play::of("lots/cn/zhejiang/wenling/gy020108-2-four-part", ["A", "B"]);
    let text = play.written(&|sale, viewer, seen| {
        // Identities stay hidden from all but the auditor and the bidder itself until the end.
        if sale.status().is_final() || viewer == Viewer::Auditor {
            return;
        }
        for (index, bidder) in (0u32..).zip(sale.bidders()) {
            let is_own = viewer == Viewer::Bidder(landgavel_sale::BidderId(index));
            let identity = IDENTITIES[index as usize];
            assert!(is_own || !seen.contains(identity), "{viewer:?} sees who {} is: {seen}", bidder.code());
        }
    });
    assert!(IDENTITIES.iter().all(|identity| play.commands.contains(identity)), "the secrets are planted");
    compare("four-part.md", &text);
}

/// Identities in the command file of the four-part sale, in the order of application.
const IDENTITIES: [&str; 6] = ["示例轴承一厂", "示例泵业（", "示例电机（", "示例阀门（", "示例机械（", "示例轴承二厂"];

#[test]
fn a_sealed_amount_and_a_reserve_are_seen_by_nobody_before_their_time() {
    let loaded = load_lot(&Repository, "casebook/fixtures/sealed.toml").unwrap_or_else(|found| panic!("{found:#?}"));
    let at = |time: &str| format!("2026-03-02T{time}+08:00");
    let line = |time: &str, rest: &str| format!("{{\"at\": \"{}\", {rest}}}\n", at(time));
    let commands = [
        line("09:10:00", r#""do": "apply", "bidder": "A""#),
        line("09:11:00", r#""do": "apply", "bidder": "B""#),
        line("10:01:00", r#""do": "seal", "bidder": "A", "amount": "1234 万元""#),
        line("10:02:00", r#""do": "seal", "bidder": "B", "amount": "1357 万元""#),
        line("10:29:00", r#""do": "tick""#),
        line("10:30:00", r#""do": "tick""#),
    ];
    let play = Play { lot: Arc::new(loaded.lot), commands: commands.concat(), eyes: ["A", "B"] };
    let text = play.written(&|sale, _, seen| {
        let is_over = !sale.ended_stages().is_empty();
        assert_eq!(is_over, seen.contains("1,357"), "{seen}");
    });
    compare("sealed.md", &text);
}
