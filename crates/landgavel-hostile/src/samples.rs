//! Small sales to start from. All of them are invented.

use std::sync::LazyLock;

use landgavel_record::language::{Files, Loaded, load_lot};
use landgavel_record::rehearsal::Rehearsal;

use crate::memory::Bundle;

/// A sale with its files.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Text of the lot.
    pub lot: &'static str,
    /// Text of the rulebook.
    pub rulebook: &'static str,
    /// Commands, one JSON object a line.
    pub commands: &'static str,
}

/// Two sealed bids, a tie and a draw in eighteen entries: every kind of proof in the fewest bytes.
pub const TINY: Sample = Sample {
    lot: include_str!("../samples/tiny.toml"),
    rulebook: include_str!("../samples/tiny_rules.toml"),
    commands: include_str!("../samples/tiny.commands.jsonl"),
};

/// A sale by lot alone, which has no quantity at all.
pub const LOTTERY: Sample = Sample {
    lot: include_str!("../samples/lottery.toml"),
    rulebook: include_str!("../samples/lottery_rules.toml"),
    commands: include_str!("../samples/lottery.commands.jsonl"),
};

/// One bidder who takes a posted price, in nine entries: the fewest bytes that are a sale.
pub const POSTED: Sample = Sample {
    lot: include_str!("../samples/posted.toml"),
    rulebook: include_str!("../samples/posted_rules.toml"),
    commands: include_str!("../samples/posted.commands.jsonl"),
};

/// The four-part sale of the invented parcel P1.
pub const P1: Sample = Sample {
    lot: include_str!("../../../lots/cn/zhejiang/yiwu/sample-p1.toml"),
    rulebook: include_str!("../../../rulebooks/cn/zhejiang/yiwu/four-part/2026-01.toml"),
    commands: include_str!("../../../lots/cn/zhejiang/yiwu/sample-p1.commands.jsonl"),
};

/// Three like plots by sealed bids, with a tie drawn by a public number.
pub const PLOTS: Sample = Sample {
    lot: include_str!("../../landgavel/tests/unseen/three_plots.toml"),
    rulebook: include_str!("../../landgavel/tests/unseen/three_plots_rules.toml"),
    commands: include_str!("../../landgavel/tests/unseen/three_plots.commands.jsonl"),
};

impl Files for Sample {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { self.lot } else { self.rulebook }.into())
    }
}

impl Sample {
    /// Its lot, checked.
    ///
    /// # Panics
    /// When the files are not as they should be.
    pub fn loaded(&self) -> Loaded {
        load_lot(self, "lot.toml").unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    /// Runs its first commands and lets time end the sale.
    ///
    /// # Panics
    /// When a command is not entered.
    pub fn run(&self, commands: usize) -> Bundle {
        self.run_of(self.commands.lines().filter(|line| line.starts_with('{')).take(commands))
    }

    /// Runs these commands, each a JSON object, and lets time end the sale.
    ///
    /// # Panics
    /// When a command is not entered.
    pub fn run_of<T: AsRef<str>>(&self, commands: impl IntoIterator<Item = T>) -> Bundle {
        let mut bundle = Bundle::default();
        let mut rehearsal = Rehearsal::open(&self.loaded(), None, &mut bundle);
        for line in commands {
            let line = line.as_ref();
            let object = serde_json::from_str(line).unwrap();
            rehearsal.request(&object, &mut bundle, &mut |_| {}).unwrap_or_else(|error| panic!("{line}: {error:?}"));
        }
        rehearsal.finish(&mut bundle, &mut |_| {}).unwrap();
        bundle
    }
}

/// The whole of [`TINY`], made once.
pub fn tiny() -> &'static Bundle {
    static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| TINY.run(usize::MAX));
    &BUNDLE
}

/// The whole of [`P1`], made once.
pub fn p1() -> &'static Bundle {
    static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| P1.run(usize::MAX));
    &BUNDLE
}
