//! A lot's file from the fields of a form, and an outline from GeoJSON.

use std::collections::BTreeMap;

use landgavel_base::{Instant, Position, UtcOffset};
use landgavel_record::language::{Finding, Loaded, OneText, load_rulebook};
use landgavel_record::wire::time_text;
use serde_json::Value;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Corners of an outline, at most.
const CORNERS: usize = 2000;
/// Decimals of a degree that a lot's file has.
const DECIMALS: usize = 7;

/// A rulebook alone, with its example values.
///
/// # Errors
///
/// All findings.
pub fn read_rulebook(text: &str) -> Result<Loaded, Vec<Finding>> {
    load_rulebook(&OneText(text.as_bytes()), "rulebook.toml")
}

/// The rulebook's example calendar, moved by whole days so that it begins after a moment.
pub fn example_calendar(loaded: &Loaded, after: Instant) -> Vec<(String, String)> {
    let lot = &loaded.lot;
    let first = lot.calendar.first().map_or(0, |first| first.millis());
    let days = (after.millis() - first).div_euclid(DAY_MS) + 1;
    let moved = |at: &Instant| Instant::from_millis(at.millis() + days * DAY_MS).unwrap_or(*at);
    let named = lot.rulebook.calendar.iter().zip(&lot.calendar);
    named.map(|(moment, at)| (moment.id.clone(), local_text(moved(at), lot.rulebook.utc_offset))).collect()
}

/// A moment as a browser's form writes it, in a zone: `2026-03-01T09:00:00`.
fn local_text(at: Instant, offset: UtcOffset) -> String {
    let local = Instant::from_millis(at.millis() + i64::from(offset.minutes()) * 60_000).unwrap_or(at);
    time_text(local).trim_end_matches('Z').chars().take("2026-03-01T09:00:00".len()).collect()
}

/// The text of `lot.toml` from a form's fields. What is missing stays empty, and the check finds it.
pub fn lot_text(sale: &str, loaded: &Loaded, fields: &BTreeMap<String, String>) -> String {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let quoted = |text: &str| Value::from(text).to_string();
    let both = |zh: &str, en: &str| {
        let (zh, en) = (field(zh), field(en));
        let en = if en.is_empty() { zh } else { en };
        format!("{{ zh = {}, en = {} }}", quoted(zh), quoted(en))
    };
    let rulebook = &loaded.lot.rulebook;
    let folder = rulebook.id.rsplit_once('/').map_or("", |(folder, _)| folder);
    let source = match field("approval") {
        "" => "source = \"assumption\"".to_owned(),
        approval => format!("source = {{ law = {} }}", quoted(approval)),
    };
    let mut text = format!(
        "format = \"landgavel-lot/1\"\nid = {}\ntitle = {}\nrulebook = \"rulebook.toml\"\nattempt = 1\n",
        quoted(&format!("{folder}/{}", sale.to_ascii_lowercase())),
        both("title_zh", "title_en"),
    );
    if !field("sample").is_empty() {
        text += "sample = true\n";
    }
    text += &format!("{source}\n\n[values]\n");
    for parameter in &loaded.parameters {
        let value = field(&format!("value.{}", parameter.id));
        if !value.is_empty() {
            text += &format!("{} = {}\n", parameter.id, quoted(value));
        }
    }
    text += "\n[calendar]\n";
    for moment in &rulebook.calendar {
        text +=
            &format!("{} = {}\n", moment.id, moment_text(field(&format!("moment.{}", moment.id)), rulebook.utc_offset));
    }
    text += &format!(
        "\n[parcel]\nid = {}\nname = {}\nlocation = {}\narea = {}\nland_use = {}\nterm = {}\n",
        quoted(field("parcel")),
        both("title_zh", "title_en"),
        both("place_zh", "place_en"),
        quoted(&format!("{} m2", field("area"))),
        quoted(field("land_use")),
        quoted(&format!("{} years", field("term"))),
    );
    let industries: Vec<String> =
        field("industries").split([',', '，', '、', ' ']).filter(|code| !code.is_empty()).map(quoted).collect();
    if !industries.is_empty() {
        text += &format!("industries = [{}]\n", industries.join(", "));
    }
    text
}

/// A form's moment as TOML writes it; what is none stays as it is, quoted, for the check to find.
fn moment_text(local: &str, offset: UtcOffset) -> String {
    let is_moment = local.len() >= 16 && local.bytes().all(|byte| byte.is_ascii_digit() || b"-T:.".contains(&byte));
    let seconds = if local.len() == 16 { ":00" } else { "" };
    if is_moment { format!("{local}{seconds}{offset}") } else { Value::from(local).to_string() }
}

/// The corners of a GeoJSON polygon, as a lot's file writes them.
///
/// # Errors
///
/// What is wrong, in both languages.
pub fn outline(geojson: &str) -> Result<Vec<String>, [&'static str; 2]> {
    let unread = ["界址不是 GeoJSON。", "The outline is no GeoJSON."];
    let value: Value = serde_json::from_str(geojson).map_err(|_| unread)?;
    let ring = ring(&value).ok_or([
        "GeoJSON 须恰有一个无内环的多边形（Polygon）。",
        "Expected a GeoJSON of exactly one polygon without holes.",
    ])?;
    let mut corners = ring
        .iter()
        .map(corner)
        .collect::<Option<Vec<String>>>()
        .ok_or(["界址点不是以度为单位的“经度, 纬度”。", "A corner is no pair of longitude and latitude in degrees."])?;
    // GeoJSON closes a ring by its first corner; a lot's file does not.
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if (3..=CORNERS).contains(&corners.len()) {
        Ok(corners)
    } else {
        Err(["界址点应为 3 至 2000 个。", "An outline has 3 to 2,000 corners."])
    }
}

/// The one ring of the one polygon: what a lot's file cannot say is refused, and not left out in silence.
fn ring(value: &Value) -> Option<&Vec<Value>> {
    match value["type"].as_str()? {
        "Polygon" => only(&value["coordinates"])?.as_array(),
        "MultiPolygon" => only(only(&value["coordinates"])?)?.as_array(),
        "Feature" => ring(&value["geometry"]),
        "FeatureCollection" => ring(only(&value["features"])?),
        _ => None,
    }
}

fn only(list: &Value) -> Option<&Value> {
    match list.as_array()?.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// `longitude latitude` with as many decimals as a lot's file has; further ones are cut, which is a centimetre.
fn corner(pair: &Value) -> Option<String> {
    let degrees = |index: usize| {
        let text = pair.get(index)?.as_number()?.to_string();
        // So near to zero that no parcel is there; cut like the others it would be a thousandfold.
        let text = if text.contains(['e', 'E']) { return None } else { text };
        match text.split_once('.') {
            Some((whole, part)) => Some(format!("{whole}.{}", &part[..part.len().min(DECIMALS)])),
            None => Some(text),
        }
    };
    let text = format!("{} {}", degrees(0)?, degrees(1)?);
    Position::parse(&text).map(|_| text)
}

/// Puts an outline into the `[parcel]` of a lot's text, in place of the one that it has.
///
/// # Errors
///
/// When there is no such part, in both languages.
pub fn with_outline(lot: &str, corners: &[String]) -> Result<String, [&'static str; 2]> {
    let listed: Vec<String> = corners.iter().map(|corner| Value::from(corner.as_str()).to_string()).collect();
    let line = format!("outline = [{}]\n", listed.join(", "));
    let (mut text, mut is_put, mut is_parcel, mut is_inside) = (String::new(), false, false, false);
    for row in lot.split_inclusive('\n') {
        // Neither a corner nor the name of a table holds this sign.
        let said = row.split('#').next().unwrap_or_default().trim();
        let begins = is_parcel && said.strip_prefix("outline").is_some_and(|rest| rest.trim_start().starts_with('='));
        if begins || is_inside {
            // The old list may run over several rows.
            is_inside = !said.contains(']');
            continue;
        }
        text += row;
        if said.starts_with('[') {
            let name = said.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            is_parcel = name.is_some_and(|name| name.trim() == "parcel");
            if is_parcel && !is_put {
                text += if row.ends_with('\n') { "" } else { "\n" };
                text += &line;
                is_put = true;
            }
        }
    }
    if is_put {
        Ok(text)
    } else {
        Err([
            "lot.toml 中没有 [parcel] 一节，界址无处可放。",
            "The lot has no [parcel] into which the outline could be put.",
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::foundation::load;
    use crate::hall::templates::TEMPLATES;

    fn fields(loaded: &Loaded) -> BTreeMap<String, String> {
        let mut fields: BTreeMap<String, String> = [
            ("title_zh", "示例地块"),
            ("title_en", "Sample \"parcel\""),
            ("place_zh", "示例路1号"),
            ("parcel", "P1"),
            ("area", "20000"),
            ("land_use", "100102"),
            ("term", "50"),
            ("sample", "yes"),
            ("industries", "C375, C345"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for parameter in &loaded.parameters {
            fields.insert(format!("value.{}", parameter.id), parameter.text.clone());
        }
        for (id, at) in example_calendar(loaded, Instant::from_millis(1_780_000_000_000).unwrap()) {
            fields.insert(format!("moment.{id}"), at);
        }
        fields
    }

    #[test]
    fn a_form_makes_a_lot_of_every_shipped_rulebook() {
        for template in TEMPLATES {
            let loaded = read_rulebook(template.text).unwrap();
            let lot = lot_text("Sale-1", &loaded, &fields(&loaded));
            let made = load(template.text.as_bytes(), lot.as_bytes());
            assert!(made.is_ok(), "{}: {:?}\n{lot}", template.id, made.err());
        }
    }

    #[test]
    fn a_polygon_becomes_the_outline_and_replaces_the_old_one() {
        let corners = outline(
            r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":
               [[[120.0712,29.301],[120.07274,29.30106],[120.0727000012345,29.30226],[120.0712,29.301]]]}}"#,
        )
        .unwrap();
        assert_eq!(corners, ["120.0712 29.301", "120.07274 29.30106", "120.0727000 29.30226"]);
        let lot = "[parcel]\nid = \"P\"\noutline = [\n \"1 1\",\n]\narea = \"1 m2\"\n";
        let put = with_outline(lot, &corners).unwrap();
        assert_eq!(put.matches("outline").count(), 1);
        assert!(put.contains("120.07274 29.30106") && put.contains("area = \"1 m2\"") && !put.contains("1 1"));
    }

    #[test]
    fn what_is_no_polygon_is_said_to_be_none() {
        for wrong in [
            "",
            "{}",
            "[1]",
            r#"{"type":"Point","coordinates":[1,2]}"#,
            r#"{"type":"Polygon","coordinates":[[[1,2],[2,"x"],[3,3]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[1000,2],[2,2],[3,3]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[1,2],[1,2]]]}"#,
            // What a lot's file cannot say: a hole, two parts, two features; these were left out in silence.
            r#"{"type":"Polygon","coordinates":[[[1,2],[2,2],[3,3]],[[1,2],[2,2],[2,3]]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[1,2],[2,2],[3,3]]],[[[1,2],[2,2],[2,3]]]]}"#,
            r#"{"type":"FeatureCollection","features":[
                {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[2,2],[3,3]]]}},
                {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[2,2],[3,3]]]}}]}"#,
            // Cut after seven decimals this was 1.2345678.
            r#"{"type":"Polygon","coordinates":[[[0.0000012345678912,2],[2,2],[3,3]]]}"#,
        ] {
            assert!(outline(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_outline_goes_into_the_parcel_however_the_file_is_written() {
        let corners = ["1 1", "2 1", "2 2"].map(str::to_owned);
        let lot = "[other]\noutline = \"kept\"\n[ parcel ] # of the plan\noutline = [ # corners [old]\n \"9 9\", # ]\n]\nid = 1\n";
        let put = with_outline(lot, &corners).unwrap();
        let expected =
            "[other]\noutline = \"kept\"\n[ parcel ] # of the plan\noutline = [\"1 1\", \"2 1\", \"2 2\"]\nid = 1\n";
        assert_eq!(put, expected);
        // The outline was lost without a word.
        assert!(with_outline("parcel = {}\n", &corners).is_err());
    }
}
