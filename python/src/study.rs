//! A study, and what is played of it.

use std::sync::{Arc, OnceLock};

use landgavel_lab::chance::Seed;
use landgavel_lab::conduct::Claim;
use landgavel_lab::report;
use landgavel_lab::simulate::{Ended, Measure};
use landgavel_lab::study;
use landgavel_lab::work::{Finished, Shard, Work};
use landgavel_record::language::{FILE_BYTES_MAX, Files};
use pyo3::exceptions::{PyFileNotFoundError, PyIndexError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::columns::Columns;
use crate::failure::{room, wrong};
use crate::findings::Findings;
use crate::watch::watched;

/// Sales played between two looks at Python's signals.
const CHUNK: u64 = 1 << 16;

/// Files of this machine.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        use std::io::Read as _;
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let (mut bytes, limit) = (Vec::new(), FILE_BYTES_MAX as u64 + 1);
        file.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// A study that is read and checked. Its rules are compiled, and its equilibria found, when first asked for.
#[pyclass(frozen, module = "landgavel._native")]
pub struct Study {
    path: String,
    text: String,
    study: study::Study,
    work: OnceLock<Arc<Work>>,
}

#[pymethods]
impl Study {
    /// Reads a file.
    #[staticmethod]
    fn load(py: Python<'_>, path: &str) -> PyResult<Self> {
        let file = std::fs::File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => PyFileNotFoundError::new_err(format!("{path}: {error}")),
            _ => PyOSError::new_err(format!("{path}: {error}")),
        })?;
        drop(file);
        let bytes = Disk.read(path).map_err(|error| PyOSError::new_err(format!("{path}: {error}")))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(PyValueError::new_err(format!("{path}: larger than {FILE_BYTES_MAX} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|_| PyValueError::new_err(format!("{path}: not UTF-8")))?;
        Self::parse(py, text, path, false)
    }

    /// Reads a text; paths of lots in it are taken from the folder of `path`. Nobody reads lines in a text that is `made`.
    #[staticmethod]
    #[pyo3(signature = (text, path, *, made = false))]
    fn parse(py: Python<'_>, text: String, path: &str, made: bool) -> PyResult<Self> {
        let study = study::Study::parse(&text).map_err(|mut error| {
            error.line = error.line.filter(|_| !made);
            wrong(py, path, &error)
        })?;
        Ok(Self { path: path.to_owned(), text, study, work: OnceLock::new() })
    }

    /// The same study with another seed or number of sales; it is prepared anew.
    fn replaced(&self, py: Python<'_>, seed: Option<u64>, sales: Option<u64>) -> PyResult<Self> {
        let mut table: toml::Table =
            toml::from_str(&self.text).map_err(|bad| PyValueError::new_err(bad.to_string()))?;
        for (name, value) in [("seed", seed), ("sales", sales)] {
            if let Some(value) = value {
                let value = i64::try_from(value).map_err(|_| PyValueError::new_err(format!("{name}: too large")))?;
                table.insert(name.to_owned(), toml::Value::Integer(value));
            }
        }
        let text = toml::to_string(&table).map_err(|bad| PyValueError::new_err(bad.to_string()))?;
        Self::parse(py, text, &self.path, true)
    }

    #[getter]
    fn path(&self) -> &str {
        &self.path
    }

    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    /// Title in Chinese and English.
    #[getter]
    fn title(&self) -> (&str, &str) {
        (&self.study.title.zh, &self.study.title.en)
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.study.seed
    }

    #[getter]
    fn sales(&self) -> u64 {
        self.study.sales
    }

    /// Every case as a dictionary; nothing is compiled for it.
    fn cases<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for (index, choice) in self.study.choices().into_iter().enumerate() {
            let design = &self.study.designs[choice.design];
            let set = PyDict::new(py);
            for (name, value) in &choice.set {
                set.set_item(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))?;
            }
            let one = PyDict::new(py);
            one.set_item("index", index)?;
            one.set_item("name", report::Findings::name(index))?;
            one.set_item("design", &design.id)?;
            one.set_item("title_zh", &design.title.zh)?;
            one.set_item("title_en", &design.title.en)?;
            one.set_item("set", set)?;
            one.set_item("bond", choice.bond)?;
            one.set_item("bidders", choice.bidders)?;
            list.append(one)?;
        }
        Ok(list)
    }

    /// Compiles the rules and finds the equilibria, if that is not yet done.
    fn prepare(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.work(py, progress).map(drop)
    }

    /// Plays the study.
    fn run(&self, py: Python<'_>, threads: usize, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Findings> {
        let work = Arc::clone(self.work(py, None)?);
        let left = work.left(Shard::WHOLE, &Finished::new());
        let played = Arc::clone(&work);
        let finished = watched(py, progress, move |watch| {
            let mut finished = Finished::new();
            played.run(&left, threads, &mut |key, sums| {
                finished.insert(key, sums);
                watch.tell(finished.len(), left.len())
            });
            finished
        })?;
        Ok(Findings { work, text: self.text.clone(), finished })
    }

    /// Plays sales of a case, one row each.
    fn play<'py>(
        &self,
        py: Python<'py>,
        case: usize,
        sales: u64,
        seed: Option<u64>,
        first: u64,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let work = self.case(py, case)?;
        let end = first.checked_add(sales).ok_or_else(|| PyValueError::new_err("first + sales is too large"))?;
        let count = usize::try_from(sales).map_err(|_| PyValueError::new_err("too many sales"))?;
        let (mut ended, mut sold, mut winner, mut kind) = (room(count)?, room(count)?, room(count)?, room(count)?);
        let mut of: [Vec<f64>; Measure::ALL.len()] = Default::default();
        for column in &mut of {
            *column = room(count)?;
        }
        let seed = Seed(seed.unwrap_or(self.study.seed));
        watched(py, progress, |watch| {
            let kernel = work.kernel(case, seed);
            let game = work.case_with(case, seed, kernel.as_ref());
            let mut from = first;
            while from < end && watch.tell((from - first) as usize, count) {
                let upto = from.saturating_add(CHUNK).min(end);
                game.each(from..upto, |how| {
                    let sale = if let Ended::Sold(sale) = how { Some(sale) } else { None };
                    ended.push(how != Ended::Not);
                    sold.push(sale.is_some());
                    winner.push(sale.map_or(-1, |sale| i32::try_from(sale.winner).unwrap_or(-1)));
                    kind.push(sale.map_or(-1, |sale| i32::try_from(sale.kind).unwrap_or(-1)));
                    for (place, column) in of.iter_mut().enumerate() {
                        column.push(sale.map_or(f64::NAN, |sale| sale.of[place]));
                    }
                });
                from = upto;
            }
            watch.tell((from - first) as usize, count);
        })?;
        let mut columns = Columns::new(py);
        columns.add("ended", ended)?;
        columns.add("sold", sold)?;
        columns.add("winner", winner)?;
        columns.add("type", kind)?;
        for (measure, column) in Measure::ALL.into_iter().zip(of) {
            match measure {
                // A yes or no for each sale; nobody wins an unsold one by lot.
                Measure::Default | Measure::Lottery => {
                    columns.add(measure.as_str(), column.into_iter().map(|one| one == 1.0).collect())?;
                }
                _ => columns.add(measure.as_str(), column)?,
            }
        }
        Ok(columns.done())
    }

    /// The table of types: `value` and `productivity`.
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let types = landgavel_lab::population::Types::new(&self.study.population)
            .map_err(|error| wrong(py, &self.path, &error.located(&self.text)))?;
        let mut columns = Columns::new(py);
        columns.add("value", types.all().iter().map(|one| one.value).collect())?;
        columns.add("productivity", types.all().iter().map(|one| one.productivity).collect())?;
        Ok(columns.done())
    }

    /// What each type does in a case, and what is known of it as an equilibrium.
    fn conduct<'py>(&self, py: Python<'py>, case: usize) -> PyResult<Bound<'py, PyDict>> {
        let work = self.case(py, case)?;
        let (game, conduct, bidders) = (&work.games[case], &work.conducts[case], work.choices[case].bidders);
        let course = game.course();
        let amount = |is_price: bool, at: i64| {
            if is_price { game.terms_of(Some(at), None).0 } else { game.terms_of(None, Some(at)).1 }
        };
        let kinds = 0..work.types().all().len();
        let limit = |column: Option<usize>, is_price: bool| -> Vec<f64> {
            let of = |kind| {
                let at = conduct.limits(kind)[column?];
                (at != i64::MIN).then(|| amount(is_price, at))
            };
            kinds.clone().map(|kind| of(kind).unwrap_or(f64::NAN)).collect()
        };
        let mut columns = Columns::new(py);
        columns.add("value", work.types().all().iter().map(|one| one.value).collect())?;
        columns.add("productivity", work.types().all().iter().map(|one| one.productivity).collect())?;
        columns.add("price_limit", limit(Some(game.price()), true))?;
        let promise = game.promise().map(|attribute| usize::from(attribute.0));
        columns.add("promise_limit", limit(promise, false))?;
        let sealed = course.and_then(|course| course.sealed().next());
        let quote = |kind| {
            let (leg, ladder) = sealed?;
            let (mut sum, mut shares) = (0.0, 0.0);
            for (rung, share) in conduct.quoted(leg, kind, bidders) {
                sum += share * amount(game.is_price(ladder.attribute), ladder.amount(rung));
                shares += share;
            }
            (shares > 0.0).then(|| sum / shares)
        };
        columns.add("quote", kinds.clone().map(|kind| quote(kind).unwrap_or(f64::NAN)).collect())?;
        let answer = columns.done();
        answer.set_item("no_claim", work.no_claim(case).map(|(_, en)| en))?;
        match &conduct.claim {
            Claim::Measured(found) => {
                answer.set_item("known", true)?;
                answer.set_item("epsilon", found.epsilon)?;
                answer.set_item("epsilon_share", found.relative)?;
                answer.set_item("epsilon_worst", found.worst)?;
                answer.set_item("earned", found.earned)?;
                answer.set_item("coming", found.coming)?;
            }
            Claim::NotMeant => {
                answer.set_item("known", false)?;
                answer.set_item("why", "the study does not say that bidders play an equilibrium")?;
            }
            Claim::Unknown(why) => {
                answer.set_item("known", false)?;
                answer.set_item("why", why)?;
            }
        }
        Ok(answer)
    }
}

impl Study {
    fn work(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<&Arc<Work>> {
        if let Some(work) = self.work.get() {
            return Ok(work);
        }
        let study = self.study.clone();
        let made =
            watched(py, progress, |watch| Work::prepare(&Disk, &self.path, study, &|made, of| watch.tell(made, of)))?;
        let work = made.map_err(|error| wrong(py, &self.path, &error.located(&self.text)))?;
        // Whoever was first made the same.
        Ok(self.work.get_or_init(|| Arc::new(work)))
    }

    fn case(&self, py: Python<'_>, case: usize) -> PyResult<&Arc<Work>> {
        let work = self.work(py, None)?;
        let cases = work.choices.len();
        if case >= cases {
            return Err(PyIndexError::new_err(format!("case {case}; the study has {cases}")));
        }
        Ok(work)
    }
}
