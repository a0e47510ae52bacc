use landgavel_score::{Cut, GRADES_MAX, Grading, Rounding, Ties};

use super::super::super::build as common;
use super::super::super::finding::{Code, Problem};
use super::super::super::tree::Node;
use super::Builder;

pub(super) fn grading(builder: &mut Builder<'_>, node: &Node) -> Option<Grading> {
    let grading = match node.text_of("kind")? {
        "quantile" => quantile(builder, node)?,
        "bands" => bands(builder, node)?,
        "gates" => {
            Grading::Gates { qualified: common::text(node, "qualified"), otherwise: common::text(node, "otherwise") }
        }
        _ => return None,
    };
    let names = grading.names();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            builder.report(node, Problem::of(Code::Duplicate, format_args!("`{name}`")));
        }
    }
    if names.len() > GRADES_MAX {
        let problem = Problem::of(Code::OutOfRange, format_args!("{} grades", names.len()));
        builder.report(node, problem.expected(format!("at most {GRADES_MAX}")));
    }
    Some(grading)
}

fn quantile(builder: &mut Builder<'_>, node: &Node) -> Option<Grading> {
    let mut cuts: Vec<Cut> = Vec::new();
    for cut in common::items(node, "cuts") {
        let to = builder.share(cut, "to")?;
        if cuts.last().is_some_and(|before| before.to >= to) {
            builder.report(cut, Problem::of(Code::CutsOrder, format_args!("`{}`", cut.path)));
        }
        cuts.push(Cut { grade: common::text(cut, "grade"), to });
    }
    if cuts.last().is_none_or(|last| last.to != 1_000_000) {
        builder.report(node, Problem::of(Code::CutsOrder, "the last cut").expected("to = \"100 %\""));
    }
    let mut tie_break = Vec::new();
    for name in common::items(node, "tie_break") {
        tie_break.push(builder.indicator_named(name, name.text().unwrap_or_default())?);
    }
    Some(Grading::Quantile {
        cuts,
        rounding: match node.text_of("rounding") {
            Some("down") => Rounding::Down,
            Some("up") => Rounding::Up,
            _ => Rounding::HalfUp,
        },
        ties: if node.text_of("ties") == Some("worse") { Ties::Worse } else { Ties::Better },
        tie_break,
        scope: builder.scope(node),
    })
}

fn bands(builder: &mut Builder<'_>, node: &Node) -> Option<Grading> {
    let mut bands: Vec<(i64, String)> = Vec::new();
    for band in common::items(node, "bands") {
        let from = builder.number(band, "from", builder.total_decimals)?;
        if bands.last().is_some_and(|(before, _)| *before <= from) {
            builder.report(band, Problem::of(Code::StepsOrder, format_args!("`{}`", band.path)));
        }
        bands.push((from, common::text(band, "grade")));
    }
    Some(Grading::Bands { bands, otherwise: common::text(node, "otherwise") })
}
