//! A study at work: cases and blocks spread over threads or machines, and what is finished kept.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use landgavel_record::language::Files;

use crate::certify::sought;
use crate::chance::Seed;
use crate::conduct::Conduct;
use crate::game::Game;
use crate::kernel::Kernel;
use crate::population::Types;
use crate::simulate::{BLOCKS, Case, Measure, Sums, range};
use crate::study::{Behaviour, Choice, Study, Wrong};

/// The rule of a [`Wrong`] that tells that whoever asked stopped it.
pub const STOPPED: &str = "stopped";

/// Sums by case and block.
pub type Finished = BTreeMap<(usize, u64), Sums>;

/// A part of the blocks: number `index` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u64,
    /// How many shards there are; at least 1.
    pub of: u64,
}

impl Shard {
    /// All blocks.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

/// A study whose games are made.
#[derive(Debug)]
pub struct Work {
    /// The study.
    pub study: Study,
    /// Its cases.
    pub choices: Vec<Choice>,
    /// The game of each case.
    pub games: Vec<Game>,
    /// What bidders do in each case.
    pub conducts: Vec<Conduct>,
    kernels: Vec<Option<Kernel>>,
    types: Types,
}

impl Work {
    /// Makes every game, so that nothing is wrong later.
    ///
    /// # Errors
    /// The field of the study that is wrong.
    pub fn new(files: &dyn Files, path: &str, study: Study) -> Result<Self, Wrong> {
        Self::prepare(files, path, study, &|_, _| true)
    }

    /// The same; `goes_on(made, of)` hears how many cases are ready, from any thread, and says whether to go on.
    ///
    /// # Errors
    /// The field of the study that is wrong, or that it was stopped.
    pub fn prepare(
        files: &dyn Files,
        path: &str,
        study: Study,
        goes_on: &(dyn Fn(usize, usize) -> bool + Sync),
    ) -> Result<Self, Wrong> {
        let choices = study.choices();
        let types = Types::new(&study.population)?;
        let adds = study.behaviour.adds();
        let game =
            |choice: &Choice| Game::new(files, path, &study.designs[choice.design], choice, choice.bidders + adds);
        let games: Vec<Game> = choices.iter().map(game).collect::<Result<_, _>>()?;
        let is_found = matches!(study.behaviour, Behaviour::Equilibrium { .. });
        for (game, choice) in games.iter().zip(&choices) {
            let at = |field: &str| format!("designs.{}.{field}", study.designs[choice.design].id);
            let sealed = game.course().and_then(|course| course.sealed().next());
            if let (Some((leg, _)), false) = (sealed, is_found) {
                let text =
                    format!("leg {leg} is a sealed quote; only `behaviour.kind = \"equilibrium\"` says what is quoted");
                return Err(Wrong::new(at("lot"), text));
            }
        }
        let conducts = conducts(&games, &choices, &types, (study.behaviour, study.population.entry_cost), goes_on);
        if conducts.len() < games.len() {
            return Err(Wrong { rule: STOPPED.to_owned(), ..Wrong::new("", "stopped before all cases were ready") });
        }
        let mut work = Self { study, choices, games, conducts, kernels: Vec::new(), types };
        work.kernels = (0..work.choices.len()).map(|case| work.kernel(case, Seed(work.study.seed))).collect();
        Ok(work)
    }

    /// A case, ready.
    pub fn case(&self, case: usize) -> Case<'_> {
        self.case_with(case, Seed(self.study.seed), self.kernels[case].as_ref())
    }

    /// A case on another seed, with the kernel made for that seed.
    pub fn case_with<'a>(&'a self, case: usize, seed: Seed, kernel: Option<&'a Kernel>) -> Case<'a> {
        Case {
            game: &self.games[case],
            types: &self.types,
            conduct: &self.conducts[case],
            behaviour: self.study.behaviour,
            bidders: self.choices[case].bidders,
            seed,
            kernel,
        }
    }

    /// The kernel of a case on a seed, where the case can be played many sales at once.
    pub fn kernel(&self, case: usize, seed: Seed) -> Option<Kernel> {
        let (game, conduct) = (&self.games[case], &self.conducts[case]);
        Kernel::new(game, conduct, self.study.behaviour, self.choices[case].bidders, seed)
    }

    /// Who may bid.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// How a case is played, as a word.
    pub fn path(&self, case: usize) -> &'static str {
        match (&self.kernels[case], self.games[case].not_straight()) {
            (Some(_), _) => "kernel",
            (None, None) => "straight",
            (None, Some(_)) => "engine",
        }
    }

    /// Blocks of a shard that are not finished.
    pub fn left(&self, shard: Shard, finished: &Finished) -> Vec<(usize, u64)> {
        let all = (0..self.choices.len()).flat_map(|case| (0..BLOCKS).map(move |block| (case, block)));
        all.filter(|key| key.1 % shard.of == shard.index && !finished.contains_key(key)).collect()
    }

    /// Plays what is left on so many threads. `each` hears of every finished block, in the order in which they finish, and says
    /// whether to go on.
    pub fn run(
        &self,
        left: &[(usize, u64)],
        threads: usize,
        each: &mut (dyn FnMut((usize, u64), Sums) -> bool + Send),
    ) {
        let (next, stop, each) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(each));
        let one = || {
            while let Some(&(case, number)) = left.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let sums = self.case(case).play(range(self.study.sales, number));
                let mut each = each.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if !each((case, number), sums) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(one);
            }
            one();
        });
    }
}

/// What bidders do in each case, found on all cores; the same whichever core finds it.
fn conducts(
    games: &[Game],
    choices: &[Choice],
    types: &Types,
    (behaviour, entry_cost): (Behaviour, f64),
    goes_on: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Vec<Conduct> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let made = Mutex::new(BTreeMap::new());
    let one = || {
        while let Some((case, game)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|case| Some((case, games.get(case)?)))
        {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let conduct = match behaviour {
                Behaviour::Equilibrium { .. } => sought(game, types, choices[case].bidders, entry_cost),
                Behaviour::Shaded { by } => Conduct::new(game, types, by),
                Behaviour::Truthful | Behaviour::Ring { .. } | Behaviour::Shells { .. } | Behaviour::Shill { .. } => {
                    Conduct::new(game, types, 0.0)
                }
            };
            let ready = {
                let mut made = made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                made.insert(case, conduct);
                made.len()
            };
            if !goes_on(ready, games.len()) {
                stop.store(true, Ordering::Relaxed);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..cores.min(games.len()) {
            scope.spawn(one);
        }
        one();
    });
    made.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
}

/// A block as a line of the file of blocks, without its line end.
pub fn line((case, block): (usize, u64), sums: &Sums) -> String {
    let mut line = format!("{case},{block},{},{},{}", sums.sales, sums.sold, sums.unended);
    for sum in sums.of {
        // The bits, so that what is read again is what was written.
        line.push_str(&format!(",{:016x}", sum.to_bits()));
    }
    line
}

/// Reads a line of the file of blocks; `None` for one that was cut off or is none.
pub fn read_line(line: &str) -> Option<((usize, u64), Sums)> {
    let mut parts = line.split(',');
    let case = parts.next()?.parse().ok()?;
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (block, sales, sold, unended) = (number()?, number()?, number()?, number()?);
    let mut of = [0.0; Measure::ALL.len()];
    for sum in &mut of {
        let bits = parts.next().filter(|bits| bits.len() == 16)?;
        *sum = f64::from_bits(u64::from_str_radix(bits, 16).ok()?);
    }
    parts.next().is_none().then_some(((case, block), Sums { sales, sold, unended, of }))
}
