//! Whether rules that are well written also make sense.
use landgavel_sale::lot::Lot;

use super::finding::Sink;
use super::scope::StageHeader;
use super::tree::Node;

pub(crate) fn check(
    _lot: &Lot,
    _root: &Node,
    _headers: &[StageHeader],
    _file: Option<(&Node, &mut Sink)>,
    _sink: &mut Sink,
) {
}
