//! Charts as SVG text.

use plotters::prelude::*;

use crate::summary::Estimate;

/// Ink of a chart.
const INK: RGBColor = RGBColor(38, 50, 56);
/// What is recommended.
const CHOSEN: RGBColor = RGBColor(0, 96, 100);
/// All else.
const PLAIN: RGBColor = RGBColor(120, 144, 156);
/// Font that every reader has some kind of.
const FONT: &str = "sans-serif";

/// One bar, or one point.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Short name: a letter or a number that the table explains.
    pub name: String,
    /// Where, across.
    pub x: Estimate,
    /// Where, up.
    pub y: Estimate,
    /// Whether it is recommended.
    pub is_chosen: bool,
}

/// Bars from zero with intervals; `None` when there is nothing to show.
pub fn bars(title: &str, marks: &[Mark]) -> Option<String> {
    let top = marks.iter().map(|mark| mark.y.mean + half(mark.y)).fold(0.0, f64::max);
    let low = marks.iter().map(|mark| mark.y.mean - half(mark.y)).fold(0.0, f64::min);
    if !(top.is_finite() && low.is_finite()) || top - low <= 0.0 {
        return None;
    }
    let mut svg = String::new();
    {
        let width = 120 + 46 * u32::try_from(marks.len()).ok()?.clamp(5, 40);
        let root = SVGBackend::with_string(&mut svg, (width, 260)).into_drawing_area();
        let count = i32::try_from(marks.len()).ok()?;
        let mut chart = ChartBuilder::on(&root)
            .caption(title, (FONT, 15).into_font().color(&INK))
            .margin(8)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d((0..count).into_segmented(), low * 1.08..top * 1.08)
            .ok()?;
        let label = |value: &SegmentValue<i32>| match value {
            SegmentValue::CenterOf(index) => usize::try_from(*index)
                .ok()
                .and_then(|index| marks.get(index))
                .map_or_else(String::new, |mark| mark.name.clone()),
            _ => String::new(),
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .axis_style(INK)
            .x_labels(marks.len())
            .x_label_formatter(&label)
            .y_labels(6)
            .label_style((FONT, 12).into_font().color(&INK))
            .draw()
            .ok()?;
        chart
            .draw_series((0..count).zip(marks).map(|(index, mark)| {
                let colour = if mark.is_chosen { CHOSEN } else { PLAIN };
                let ends = [(SegmentValue::Exact(index), 0.0), (SegmentValue::Exact(index + 1), mark.y.mean)];
                let mut bar = Rectangle::new(ends, colour.filled());
                bar.set_margin(0, 0, 6, 6);
                bar
            }))
            .ok()?;
        chart
            .draw_series((0..count).zip(marks).map(|(index, mark)| {
                let (mean, half) = (mark.y.mean, half(mark.y));
                ErrorBar::new_vertical(
                    SegmentValue::CenterOf(index),
                    mean - half,
                    mean,
                    mean + half,
                    INK.stroke_width(1),
                    8,
                )
            }))
            .ok()?;
        root.present().ok()?;
    }
    Some(svg)
}

/// Points with their names: two goals against each other.
pub fn points(title: &str, across: &str, up: &str, marks: &[Mark]) -> Option<String> {
    let range = |of: fn(&Mark) -> Estimate| {
        let low = marks.iter().map(|mark| of(mark).mean).fold(f64::INFINITY, f64::min);
        let high = marks.iter().map(|mark| of(mark).mean).fold(f64::NEG_INFINITY, f64::max);
        let room = ((high - low) * 0.12).max(high.abs() * 0.01).max(1e-9);
        (low - room, high + room)
    };
    let ((left, right), (low, high)) = (range(|mark| mark.x), range(|mark| mark.y));
    if ![left, right, low, high].iter().all(|end| end.is_finite()) {
        return None;
    }
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (640, 400)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .caption(title, (FONT, 15).into_font().color(&INK))
            .margin(8)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(left..right, low..high)
            .ok()?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .axis_style(INK)
            .x_desc(across)
            .y_desc(up)
            .label_style((FONT, 12).into_font().color(&INK))
            .draw()
            .ok()?;
        for mark in marks {
            let colour = if mark.is_chosen { CHOSEN } else { PLAIN };
            let at = (mark.x.mean, mark.y.mean);
            chart.draw_series(std::iter::once(Circle::new(at, 6, colour.filled()))).ok()?;
            let label =
                EmptyElement::at(at) + Text::new(mark.name.clone(), (9, -6), (FONT, 13).into_font().color(&INK));
            chart.draw_series(std::iter::once(label)).ok()?;
        }
        root.present().ok()?;
    }
    Some(svg)
}

fn half(estimate: Estimate) -> f64 {
    if estimate.half.is_finite() { estimate.half } else { 0.0 }
}
