use landgavel_base::FactValue;
use landgavel_sale::rulebook::{Entrants, Stage, StageId};

use super::super::finding::{Code, Problem};
use super::super::tree::Node;
use super::{Build, bilingual, fact, text};

impl Build<'_> {
    pub(crate) fn stage(&mut self, index: usize, node: &Node) -> Stage {
        let id = StageId(u16::try_from(index).unwrap_or(u16::MAX));
        Stage {
            id: text(node, "id"),
            title: bilingual(node, "title"),
            kind: self.stage_kind(id, node),
            entrants: node.get("entrants").map_or(Entrants::Field, |entrants| self.entrants(id, entrants)),
            exits: self.exits(id, node.get("exits")),
        }
    }

    fn entrants(&mut self, here: StageId, node: &Node) -> Entrants {
        if !node.is_table() {
            return Entrants::Field;
        }
        if node.has("leader_of") {
            return self.ranked_before(here, node, "leader_of").map_or(Entrants::Field, Entrants::LeaderOf);
        }
        if node.has("others_than_leader_of") {
            let stage = self.ranked_before(here, node, "others_than_leader_of");
            return stage.map_or(Entrants::Field, Entrants::OthersThanLeaderOf);
        }
        let value = node.get("is").map_or(FactValue::YesNo(true), |value| fact(value, self.sink));
        Entrants::WithFact { fact: text(node, "fact"), value }
    }

    /// A stage that comes earlier and has a leader.
    pub(crate) fn ranked_before(&mut self, here: StageId, node: &Node, key: &str) -> Option<StageId> {
        let stage = self.stage_ref(node, key)?;
        let place = node.get(key)?;
        let header = self.scope.stage(stage);
        if stage >= here {
            let problem = Problem::of(Code::StageNotEarlier, format_args!("`{}`", header.id));
            self.report(place, problem.expected("the id of an earlier stage"));
        } else if !header.ranks {
            self.report(place, Problem::of(Code::BackWithoutRanking, format_args!("`{}`", header.id)));
        }
        Some(stage)
    }
}
