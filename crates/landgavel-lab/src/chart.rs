//! Charts as SVG text, drawn so wide that a telephone shows their words at full size.

use std::fmt::Write as _;

use crate::summary::Estimate;

/// Width of every chart, in pixels of a small screen.
const WIDTH: f64 = 340.0;
/// Height of a row.
const ROW: f64 = 26.0;
/// Height of a chart of two goals.
const HEIGHT: f64 = 300.0;
const INK: &str = "#263238";
const CHOSEN: &str = "#006064";
const PLAIN: &str = "#607d8b";
const LINE: &str = "#cfd8dc";

/// One case in a chart.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Short name: a letter that the table explains.
    pub name: String,
    /// Where, across.
    pub x: Estimate,
    /// Where, up.
    pub y: Estimate,
    /// Whether it is recommended.
    pub is_chosen: bool,
    /// Whether no other case is better in all goals.
    pub is_frontier: bool,
}

fn half(of: Estimate) -> f64 {
    if of.half.is_finite() { of.half } else { 0.0 }
}

/// Round numbers that cover a range, with the place of each; at most six.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low).max(1e-9) / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).ceil();
    (0..8).map(|number| (first + f64::from(number)) * step).filter(|tick| *tick <= high).collect()
}

/// Means as dots with their intervals, a row for each case; `None` when there is nothing to show. `say` writes a value, and an interval
/// is told in units of which a value of 1 has so many.
pub fn dots(title: &str, marks: &[Mark], say: impl Fn(f64) -> String, unit: f64) -> Option<String> {
    let shown: Vec<&Mark> = marks.iter().filter(|mark| mark.y.mean.is_finite()).collect();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for mark in &shown {
        (low, high) = (low.min(mark.y.mean - half(mark.y)), high.max(mark.y.mean + half(mark.y)));
    }
    if shown.is_empty() || !(low.is_finite() && high.is_finite()) {
        return None;
    }
    // What lies near nought is shown from nought.
    if low >= 0.0 && low < 0.5 * high {
        low = 0.0;
    }
    let room = ((high - low) * 0.06).max(high.abs() * 0.005).max(1e-6);
    (low, high) = (if low == 0.0 { 0.0 } else { low - room }, high + room);
    let (left, right) = (34.0, WIDTH - 112.0);
    let at = |value: f64| left + (value - low) / (high - low) * (right - left);
    let tall = ROW * shown.len() as f64 + 30.0;
    let mut svg = open(title, tall);
    let ticks = ticks(low, high);
    // Where ticks stand close, every other one is named.
    let is_close = ticks.windows(2).next().is_some_and(|pair| at(pair[1]) - at(pair[0]) < 46.0);
    for (number, &tick) in ticks.iter().enumerate() {
        let x = at(tick);
        let _ = write!(svg, "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"4\" y2=\"{:.1}\" stroke=\"{LINE}\"/>", tall - 22.0);
        if !is_close || number % 2 == 0 {
            let _ =
                write!(svg, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", tall - 7.0, say(tick));
        }
    }
    for (row, mark) in (0u32..).zip(&shown) {
        let y = ROW * f64::from(row) + 17.0;
        let colour = if mark.is_chosen { CHOSEN } else { PLAIN };
        let weight = if mark.is_chosen { " font-weight=\"700\"" } else { "" };
        let _ = write!(svg, "<text x=\"4\" y=\"{:.1}\"{weight}>{}</text>", y + 4.5, mark.name);
        let (a, b) = (at(mark.y.mean - half(mark.y)), at(mark.y.mean + half(mark.y)));
        let _ = write!(
            svg,
            "<path d=\"M{a:.1} {y}H{b:.1}M{a:.1} {:.1}v8M{b:.1} {:.1}v8\" stroke=\"{INK}\" fill=\"none\"/><circle cx=\"{:.1}\" cy=\"{y}\" r=\"5\" fill=\"{colour}\"/>",
            y - 4.0,
            y - 4.0,
            at(mark.y.mean)
        );
        let _ = write!(
            svg,
            "<text x=\"{WIDTH}\" y=\"{:.1}\" text-anchor=\"end\"{weight}>{}<tspan fill=\"#546e7a\"> ±{}</tspan></text>",
            y + 4.5,
            say(mark.y.mean),
            half_width(half(mark.y) * unit)
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// Two goals against each other; filled = no case is better in all goals.
pub fn points(title: &str, across: &str, up: &str, marks: &[Mark], say: [&dyn Fn(f64) -> String; 2]) -> Option<String> {
    let marks: Vec<&Mark> = marks.iter().filter(|mark| mark.x.mean.is_finite() && mark.y.mean.is_finite()).collect();
    let range = |of: fn(&Mark) -> Estimate| {
        let low = marks.iter().map(|mark| of(mark).mean - half(of(mark))).fold(f64::INFINITY, f64::min);
        let high = marks.iter().map(|mark| of(mark).mean + half(of(mark))).fold(f64::NEG_INFINITY, f64::max);
        let room = ((high - low) * 0.1).max(high.abs() * 0.01).max(1e-9);
        (low - room, high + room)
    };
    if marks.is_empty() {
        return None;
    }
    let ((west, east), (south, north)) = (range(|mark| mark.x), range(|mark| mark.y));
    let (left, right, top, bottom) = (56.0, WIDTH - 8.0, 26.0, HEIGHT - 44.0);
    let x_at = |value: f64| left + (value - west) / (east - west) * (right - left);
    let y_at = |value: f64| bottom - (value - south) / (north - south) * (bottom - top);
    let mut svg = open(title, HEIGHT);
    for tick in ticks(west, east) {
        let x = x_at(tick);
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{LINE}\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            say[0](tick)
        );
    }
    for tick in ticks(south, north) {
        let y = y_at(tick);
        let _ = write!(
            svg,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{LINE}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 5.0,
            y + 4.0,
            say[1](tick)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"4\" y=\"14\">{up}</text><text x=\"{right}\" y=\"{:.1}\" text-anchor=\"end\">{across}</text>",
        HEIGHT - 8.0
    );
    let mut taken: Vec<(f64, f64)> = marks.iter().map(|mark| (x_at(mark.x.mean), y_at(mark.y.mean))).collect();
    for mark in &marks {
        let (x, y) = (x_at(mark.x.mean), y_at(mark.y.mean));
        let colour = if mark.is_chosen { CHOSEN } else { PLAIN };
        let fill = if mark.is_frontier { colour } else { "#fff" };
        let [x_low, x_high] = [-1.0, 1.0].map(|side| x_at(mark.x.mean + side * half(mark.x)));
        let [y_low, y_high] = [-1.0, 1.0].map(|side| y_at(mark.y.mean + side * half(mark.y)));
        let _ = write!(
            svg,
            "<path d=\"M{x_low:.1} {y:.1}H{x_high:.1}M{x:.1} {y_low:.1}V{y_high:.1}\" stroke=\"{INK}\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5.5\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"2\"/>"
        );
        // The first place beside the point where no other point or name is.
        let places = [
            (13.0, -7.0),
            (-13.0, -7.0),
            (13.0, 16.0),
            (-13.0, 16.0),
            (0.0, -11.0),
            (0.0, 20.0),
            (24.0, 4.0),
            (-24.0, 4.0),
        ];
        let free = |(dx, dy): &(f64, f64)| {
            let (nx, ny) = (x + dx, y + dy - 4.0);
            (left..right).contains(&nx) && taken.iter().all(|(a, b)| (a - nx).abs() > 11.0 || (b - ny).abs() > 11.0)
        };
        let (dx, dy) = places.into_iter().find(free).unwrap_or(places[0]);
        taken.push((x + dx, y + dy - 4.0));
        let weight = if mark.is_chosen { " font-weight=\"700\"" } else { "" };
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\"{weight}>{}</text>",
            x + dx,
            y + dy,
            mark.name
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn open(title: &str, tall: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {tall}\" role=\"img\" aria-label=\"{title}\" font-size=\"13\" fill=\"{INK}\" font-family=\"inherit\">"
    )
}

/// Half of an interval: with two digits where one would be nought.
pub fn half_width(half: f64) -> String {
    if half < 0.1 { format!("{half:.2}") } else { format!("{half:.1}") }
}

/// A number of a goal.
pub fn plain(value: f64) -> String {
    trimmed(format!("{value:.1}"))
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    format!("{} %", trimmed(format!("{:.1}", share * 100.0)))
}

/// Without the sign of nought.
fn trimmed(text: String) -> String {
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.0, 1.0).len(), 6);
        assert_eq!(ticks(101.0, 117.0), [105.0, 110.0, 115.0]);
        assert_eq!(
            (plain(114.96), plain(9.96), percent(0.1234)),
            ("115.0".to_owned(), "10.0".to_owned(), "12.3 %".to_owned())
        );
    }

    #[test]
    fn every_case_is_drawn_with_its_interval() {
        let mark = |name: &str, mean| Mark {
            name: name.to_owned(),
            x: Estimate { mean, half: 0.1 },
            y: Estimate { mean, half: 0.1 },
            is_chosen: name == "A",
            is_frontier: true,
        };
        let marks = [mark("A", 1.0), mark("B", 1.0), mark("C", f64::NAN)];
        let drawn = dots("t", &marks, plain, 1.0).unwrap();
        assert_eq!(drawn.matches("<circle").count(), 2);
        assert_eq!(points("t", "x", "y", &marks, [&plain, &plain]).unwrap().matches("<circle").count(), 2);
        assert!(dots("t", &[], plain, 1.0).is_none());
    }
}
