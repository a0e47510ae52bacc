//! Opening a desk: the book is read back from the journal, through the same door as everything else.

use std::collections::VecDeque;
use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::Note;
use landgavel_log::tile::TileWriter;
use landgavel_log::tree::Hash;
use landgavel_record::record::{Entry, Record, Trace};
use landgavel_record::verify::Outline;
use landgavel_sale::Status;
use landgavel_sale::rulebook::StageId;
use landgavel_store::{Fault, Fence, Head, SaleId, Store};
use tokio::sync::{mpsc, oneshot};

use super::book::{Book, Pending};
use super::foundation::{Foundation, NotFounded};
use super::intake::Gate;
use super::outage::{Cause, Gap, Intake};
use super::publisher::{Begun, Publisher, Witnesses};
use super::recheck::recheck;
use super::rounds::Rounds;
use super::shown::{Published, Shown, Standing};
use super::tape;
use super::tree::{Tree, read_all, tile_key};
use super::well::Well;
use super::writer::{Ask, Ended, Running, Writer, beat_key, promise_key};
use crate::clock::Clock;
use crate::keys::Keys;

/// Entries that are read at once.
const READ: u64 = 1024;
/// Entries of a tape that are entered again from their lines, read at once.
const WHOLE_AT_ONCE: usize = 512;
/// Checkpoints that are read at once.
const CHECKPOINTS: usize = 4096;

/// What every desk of a hall works with.
#[derive(Clone)]
pub struct Setting {
    /// Where sales are kept.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The hall's keys.
    pub keys: Arc<Keys>,
    /// Verifies what comes in.
    pub gate: Arc<Gate>,
    /// Who cosigns checkpoints.
    pub witnesses: Witnesses,
    /// Where rounds come from.
    pub rounds: Rounds,
}

/// What a sale is read with. Reading alone changes nothing, so that others may write meanwhile.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Where it is kept.
    pub store: &'a Store,
    /// The time, for a journal that is empty.
    pub clock: &'a dyn Clock,
    /// Verifies what is entered again.
    pub gate: &'a Gate,
}

impl Setting {
    /// What of it a sale is read with.
    pub fn reading(&self) -> Reading<'_> {
        Reading { store: &self.store, clock: &*self.clock, gate: &self.gate }
    }
}

/// Whether the shelf is made again while a journal is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shelf {
    Made,
    LeftAlone,
}

/// Why a desk cannot be opened.
#[derive(Debug)]
pub enum NotOpened {
    /// The files of the sale are no foundation.
    Foundation(NotFounded),
    /// The journal does not follow from the rules.
    Journal {
        /// Which entry.
        entry: u64,
        /// What is wrong.
        why: String,
    },
    /// The store failed.
    Store(Fault),
    /// It ended while it was opened.
    Ended(Ended),
}

impl std::fmt::Display for NotOpened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Foundation(why) => why.fmt(f),
            Self::Journal { entry, why } => write!(f, "entry {entry} of the journal: {why}"),
            Self::Store(fault) => fault.fmt(f),
            Self::Ended(ended) => write!(f, "it ended while it was opened: {ended:?}"),
        }
    }
}

impl From<Fault> for NotOpened {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}

/// A sale read back.
pub struct ReadBack {
    /// Its book.
    pub book: Book,
    /// How far the journal has come.
    pub head: Head,
    /// What is shown of it.
    pub shown: Shown,
    pub(super) running: Running,
    /// The tree of a checkpoint that was begun and is not published.
    promised: Option<Begun>,
    /// The tape and the tiles were believed.
    is_believed: bool,
    /// The last signed checkpoint.
    signed: Option<(u64, [u8; 32])>,
}

/// Reads a sale back: from its tape, or where there is none that fits, from its journal.
///
/// # Errors
///
/// [`NotOpened`].
pub async fn read_back(setting: &Setting, sale: &SaleId, foundation: &Foundation) -> Result<ReadBack, NotOpened> {
    match read_tape(setting, sale, foundation).await? {
        Some(back) => Ok(back),
        None => read_journal(setting, sale, foundation).await,
    }
}

/// Reads a sale that another node may be writing, and changes nothing.
///
/// # Errors
///
/// [`NotOpened`].
pub async fn read_only(reading: Reading<'_>, sale: &SaleId, foundation: &Foundation) -> Result<ReadBack, NotOpened> {
    match from_tape(reading, sale, foundation).await? {
        Some(back) => Ok(back),
        None => from_journal(reading, sale, foundation, Shelf::LeftAlone).await,
    }
}

/// Reads a sale back from its tape; nothing when that cannot be done.
///
/// # Errors
///
/// [`NotOpened`].
pub async fn read_tape(
    setting: &Setting,
    sale: &SaleId,
    foundation: &Foundation,
) -> Result<Option<ReadBack>, NotOpened> {
    from_tape(setting.reading(), sale, foundation).await
}

/// What is wrong with a tape or its tiles is no damage, since both are made again from the journal. Whether that is the
/// one which was signed is seen then.
async fn from_tape(
    reading: Reading<'_>,
    sale: &SaleId,
    foundation: &Foundation,
) -> Result<Option<ReadBack>, NotOpened> {
    match by_tape(reading, sale, foundation).await {
        Err(error @ (NotOpened::Journal { .. } | NotOpened::Store(Fault::Corrupt { .. }))) => {
            tracing::warn!(sale.id = %sale, %error, "the tape of a sale leads to nothing: its journal is read");
            Ok(None)
        }
        read => read,
    }
}

async fn by_tape(reading: Reading<'_>, sale: &SaleId, foundation: &Foundation) -> Result<Option<ReadBack>, NotOpened> {
    let store = reading.store;
    let (head, checkpoints) = head_and_checkpoints(store, sale).await?;
    let Some(traces) = tape::read(store, sale, head).await?.filter(|_| head.size > 0) else { return Ok(None) };
    let covered = checkpoints.back().map_or(0, |(size, _)| *size);
    let begun_at =
        shelf_number(store, &promise_key(sale)).await?.filter(|size| (covered + 1..=head.size).contains(size));
    let Some(tiles) = Tree::resume(store, sale, head.size).await? else { return Ok(None) };
    let (mut trees, mut signed) = (VecDeque::new(), TileWriter::new());
    for size in [Some(covered).filter(|size| *size > 0), begun_at].into_iter().flatten() {
        let Some(tiles) = Tree::resume(store, sale, size).await? else { return Ok(None) };
        // Tiles that are not what was signed: the journal itself must say whether it is.
        if checkpoints.iter().any(|(signed, root)| *signed == size && *root != tiles.root().0) {
            tracing::warn!(sale.id = %sale, size, "the tiles of a sale are not those of its signed checkpoint");
            return Ok(None);
        }
        trees.push_back(Tree::of(store.clone(), sale.clone(), &tiles));
        if size == covered {
            signed = tiles;
        }
    }
    if grown(signed, store, sale, head, trees.back().map(|tree| (tree.size(), tree.root()))).await?
        != Some(tiles.root())
    {
        tracing::warn!(sale.id = %sale, "the tiles of a sale are not those of its journal");
        return Ok(None);
    }
    let founded = founded_at(store, sale, head).await?.unwrap_or_else(|| reading.clock.now());
    let record = Record::open(Arc::new(foundation.loaded.lot.clone()), Arc::clone(&foundation.notice), founded);
    let mut book = Book::new(record, TileWriter::new());
    for (size, root) in &checkpoints {
        book.was_published(*size, *root);
    }
    if let Some(tree) = trees.iter().find(|tree| begun_at == Some(tree.size())) {
        book.was_published(tree.size(), tree.root().0);
    }
    let mut running = Running { published: covered, ..Running::default() };
    let shown = Shown::new(book.record().sale().clone(), Arc::clone(&foundation.notice), 0);
    let mut begun = None;
    let mut ids = Vec::with_capacity(traces.len());
    let mut lines: VecDeque<Vec<u8>> = VecDeque::new();
    for (number, trace) in (0u64..).zip(&traces) {
        let stage = running_stage(&book);
        if let Trace::Bid { at, id, .. } | Trace::Refused { at, id } = trace {
            ids.push((*id, number));
            let Ok(event) = book.retrace(trace) else { return Ok(None) };
            running.uncovered.get_or_insert(*at);
            if let Some(event) = event {
                shown.change(|state| state.recall(number, stage, &event));
            }
        } else {
            if lines.is_empty() {
                let ahead = traces.iter().skip(usize::try_from(number).unwrap_or(usize::MAX));
                let run = ahead.take_while(|trace| **trace == Trace::Whole).take(WHOLE_AT_ONCE).count();
                lines = read_all(store, sale, number, u64::try_from(run).unwrap_or(1)).await?.into();
            }
            let line = lines.pop_front().unwrap_or_default();
            if number == 0 {
                running.uncovered.get_or_insert(founded);
            } else {
                let (entry, key) = whole(&mut book, &line, number, reading.gate)?;
                running.note(&entry);
                shown.change(|state| {
                    for event in entry.result.iter().flatten() {
                        state.enrol(event, key.as_ref());
                        state.recall(number, stage, event);
                    }
                });
            }
        }
        let is_here = trees.front().is_some_and(|tree| tree.size() == number + 1);
        if let Some(tree) = is_here.then(|| trees.pop_front()).flatten() {
            let outcome = book.outcome();
            if tree.size() == covered {
                running.covered();
                let witnesses = foundation.policy.witnesses().len();
                shown.change(|state| state.published = Some(Published { tree, outcome, witnesses }));
            } else {
                running.begun();
                begun = Some(Begun { tree, outcome });
            }
        }
    }
    book.retraced(ids, tiles);
    shown.change(|state| {
        state.sale = book.record().sale().clone();
        state.entries = head.size;
    });
    let signed = checkpoints.back().copied();
    Ok(Some(ReadBack { book, head, shown, running, promised: begun, is_believed: true, signed }))
}

/// The root of a tree once the rest of the journal is entered into it; nothing when it had another one on the way.
async fn grown(
    mut tree: TileWriter,
    store: &Store,
    sale: &SaleId,
    head: Head,
    passing: Option<(u64, Hash)>,
) -> Result<Option<Hash>, NotOpened> {
    while tree.size() < head.size {
        for entry in read_all(store, sale, tree.size(), READ.min(head.size - tree.size())).await? {
            tree.append(&entry, |_, _| {}).map_err(|error| corrupt(&error))?;
            if passing.is_some_and(|(size, root)| size == tree.size() && root != tree.root()) {
                return Ok(None);
            }
        }
    }
    Ok(Some(tree.root()))
}

fn running_stage(book: &Book) -> Option<StageId> {
    match book.record().sale().status() {
        Status::Running(stage) => Some(*stage),
        _ => None,
    }
}

/// Enters a stored line again; its bytes must come out the same.
fn whole(book: &mut Book, line: &[u8], number: u64, gate: &Gate) -> Result<(Entry, Option<String>), NotOpened> {
    let wrong = |why: String| NotOpened::Journal { entry: number, why };
    let outline = Outline::read(line).map_err(wrong)?;
    let at = Instant::from_millis(outline.at_ms).ok_or_else(|| wrong("its time is out of range".to_owned()))?;
    let submission = super::intake::Submission { command: outline.text, signatures: outline.signatures };
    let received = gate.check(at, submission).map_err(|error| wrong(error.to_string()))?;
    let entry = book.enter_only(&received).map_err(|fault| wrong(fault.to_string()))?;
    if entry.line.as_bytes() != line {
        return Err(wrong("does not follow from the rules".to_owned()));
    }
    let key = received.signatures.first().map(|signed| signed.key.text().to_owned());
    Ok((entry, key))
}

/// Reads a sale back from its journal alone: every command is decided again and must give the same bytes.
///
/// # Errors
///
/// [`NotOpened`].
pub async fn read_journal(setting: &Setting, sale: &SaleId, foundation: &Foundation) -> Result<ReadBack, NotOpened> {
    from_journal(setting.reading(), sale, foundation, Shelf::Made).await
}

async fn from_journal(
    reading: Reading<'_>,
    sale: &SaleId,
    foundation: &Foundation,
    shelf: Shelf,
) -> Result<ReadBack, NotOpened> {
    let store = reading.store;
    let (head, mut checkpoints) = head_and_checkpoints(store, sale).await?;
    let signed = checkpoints.back().copied();
    let promised = shelf_number(store, &promise_key(sale)).await?;
    let founded = founded_at(store, sale, head).await?.unwrap_or_else(|| reading.clock.now());
    let record = Record::open(Arc::new(foundation.loaded.lot.clone()), Arc::clone(&foundation.notice), founded);
    let mut book = Book::new(record, TileWriter::new());
    let shown = Shown::new(book.record().sale().clone(), Arc::clone(&foundation.notice), 0);
    let mut running = Running::default();
    if shelf == Shelf::Made {
        // Rows of another cut would lie between those written here.
        tape::clear(store, sale).await?;
    }
    let mut tape_head = Head::EMPTY;
    let mut begun = None;
    let mut last_published = None;
    let mut next = 0;
    while next < head.size {
        let lines = read_all(store, sale, next, READ.min(head.size - next)).await?;
        let mut pending = Pending::default();
        for line in &lines {
            enter_again(&mut book, line, next, foundation, reading.gate, &mut pending)?;
            next += 1;
            if let Some(written) = pending.entries.last() {
                running.note(&written.entry);
            }
            let is_published = checkpoints.front().copied().filter(|(size, _)| *size == next);
            if is_published.is_some() {
                checkpoints.pop_front();
            }
            if is_published.is_some() || promised == Some(next) {
                book.promise_checkpoint();
                match is_published {
                    Some(_) => running.covered(),
                    None => running.begun(),
                }
            }
            let here = || Begun { tree: Tree::of(store.clone(), sale.clone(), book.tiles()), outcome: book.outcome() };
            match is_published {
                Some((_, root)) if root != book.tiles().root().0 => {
                    let why = format!("the signed checkpoint of size {next} has another root than the journal");
                    return Err(NotOpened::Journal { entry: next - 1, why });
                }
                Some(_) if checkpoints.is_empty() => last_published = Some(here()),
                Some(_) => {}
                None if promised == Some(next) => begun = Some(here()),
                None => {}
            }
        }
        if shelf == Shelf::Made {
            put_tiles(store, sale, &pending).await?;
        }
        if let Some(first) = pending.entries.first().filter(|_| shelf == Shelf::Made) {
            tape_head = tape_head.after(&lines);
            let row = tape::row(tape_head, &pending.tape);
            store.shelf_put(&tape::key(sale, first.entry.number), Some(&row)).await?;
        }
        shown.change(|state| {
            for written in &pending.entries {
                state.stored(written);
            }
        });
    }
    if let Some(Begun { tree, outcome }) = last_published {
        running.published = tree.size();
        let witnesses = foundation.policy.witnesses().len();
        shown.change(|state| state.published = Some(Published { tree, outcome, witnesses }));
    }
    Ok(ReadBack { book, head, shown, running, promised: begun, is_believed: false, signed })
}

/// When the notice was entered; nothing when it was not.
async fn founded_at(store: &Store, sale: &SaleId, head: Head) -> Result<Option<Instant>, NotOpened> {
    if head.size == 0 {
        return Ok(None);
    }
    let wrong = |why: String| NotOpened::Journal { entry: 0, why };
    let entries = read_all(store, sale, 0, 1).await?;
    let outline = Outline::read(entries.first().map(Vec::as_slice).unwrap_or_default()).map_err(wrong)?;
    Ok(Instant::from_millis(outline.at_ms))
}

fn enter_again(
    book: &mut Book,
    line: &[u8],
    number: u64,
    foundation: &Foundation,
    gate: &Gate,
    pending: &mut Pending,
) -> Result<(), NotOpened> {
    let wrong = |why: String| NotOpened::Journal { entry: number, why };
    let outline = Outline::read(line).map_err(wrong)?;
    let at = Instant::from_millis(outline.at_ms).ok_or_else(|| wrong("its time is out of range".to_owned()))?;
    let submission = super::intake::Submission { command: outline.text, signatures: outline.signatures };
    let received = gate.check(at, submission).map_err(|error| wrong(error.to_string()))?;
    if number == 0 {
        if !outline.is_notice || !foundation.is_entry(&received) {
            return Err(wrong("is not the notice of the sale's files".to_owned()));
        }
        book.notice(foundation.entry(at, gate), pending);
    } else {
        book.enter(received, pending).map_err(|fault| wrong(fault.to_string()))?;
    }
    let made = pending.entries.last().map(|written| written.entry.line.as_bytes());
    if made == Some(line) { Ok(()) } else { Err(wrong("does not follow from the rules".to_owned())) }
}

async fn put_tiles(store: &Store, sale: &SaleId, pending: &Pending) -> Result<(), Fault> {
    for (path, bytes) in &pending.tiles {
        let key = tile_key(sale, path);
        if store.shelf_get(&key).await?.as_deref() != Some(bytes) {
            store.shelf_put(&key, Some(bytes)).await?;
        }
    }
    Ok(())
}

/// The head of a journal, and sizes and roots of all that was published of it, rising. These are read first: another node
/// may enter and publish meanwhile, and what they cover is in the journal then.
pub(crate) async fn head_and_checkpoints(
    store: &Store,
    sale: &SaleId,
) -> Result<(Head, VecDeque<(u64, [u8; 32])>), NotOpened> {
    let checkpoints = checkpoints(store, sale).await?;
    let head = store.head(sale).await?;
    match checkpoints.back() {
        Some((size, _)) if *size > head.size => {
            let why = format!(
                "the signed checkpoint of size {size} is beyond the journal's {} entries: entries are lost; restore a backup",
                head.size
            );
            Err(NotOpened::Journal { entry: head.size, why })
        }
        _ => Ok((head, checkpoints)),
    }
}

async fn checkpoints(store: &Store, sale: &SaleId) -> Result<VecDeque<(u64, [u8; 32])>, Fault> {
    let mut all = VecDeque::new();
    let mut from = 0;
    loop {
        let some = store.checkpoints(sale, from, CHECKPOINTS).await?;
        let Some(last) = some.last() else { return Ok(all) };
        from = last.size + 1;
        for stored in some {
            let note = Note::parse(stored.note.as_bytes()).map_err(|error| corrupt(&error))?;
            let checkpoint = Checkpoint::parse(note.text()).map_err(|error| corrupt(&error))?;
            all.push_back((checkpoint.size, checkpoint.root.0));
        }
    }
}

fn corrupt(error: &impl ToString) -> Fault {
    Fault::Corrupt { what: error.to_string() }
}

async fn shelf_number(store: &Store, key: &[u8]) -> Result<Option<u64>, Fault> {
    let bytes = store.shelf_get(key).await?;
    Ok(bytes.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).map(u64::from_be_bytes))
}

/// A desk that is ready to run, and the way to it.
pub(super) struct Opened {
    pub writer: Writer,
    pub queue: mpsc::Sender<Ask>,
    pub stop: oneshot::Sender<()>,
    pub shown: Arc<Shown>,
    pub intake: Arc<Intake>,
    gap: Option<Gap>,
    promised: Option<Begun>,
}

/// Reads a sale back and makes its writer.
pub(super) async fn open(
    setting: &Setting,
    fence: Fence,
    foundation: &Foundation,
    queue_length: usize,
) -> Result<Opened, NotOpened> {
    let sale = fence.sale().clone();
    let ReadBack { book, head, shown, mut running, promised, is_believed, signed } =
        read_back(setting, &sale, foundation).await?;
    if is_believed {
        let check = recheck(setting.store.clone(), sale.clone(), head, book.tiles().root(), signed);
        running.checking = Some(tokio::spawn(check));
    }
    let beat = shelf_number(&setting.store, &beat_key(&sale)).await?;
    let steps_seen = setting.clock.step_since(0).map_or(0, |step| step.count);
    let well = Well::now(&*setting.clock);
    let now = well.at();
    let shown = Arc::new(shown);
    let (queue, asked) = mpsc::channel(queue_length);
    let (stop, stopped) = oneshot::channel();
    let last_beat = beat.and_then(|ms| i64::try_from(ms).ok()).and_then(Instant::from_millis);
    let from = last_beat.unwrap_or(book.last()).max(book.last());
    let gap = Gap { from, to: now.max(from), cause: Cause::Restart };
    let gap = gap.pauses(book.record().sale()).then_some(gap);
    let intake = Arc::new(Intake::default());
    let mut writer = Writer {
        intake: Arc::clone(&intake),
        steps_seen,
        well,
        book,
        head,
        fence,
        store: setting.store.clone(),
        clock: Arc::clone(&setting.clock),
        keys: Arc::clone(&setting.keys),
        gate: Arc::clone(&setting.gate),
        shown: Arc::clone(&shown),
        publisher: Publisher {
            key: Arc::new(setting.keys.log(&foundation.notice.origin)),
            policy: Arc::clone(&foundation.policy),
            witnesses: setting.witnesses.clone(),
            clock: Arc::clone(&setting.clock),
            store: setting.store.clone(),
        },
        rounds: setting.rounds.clone(),
        queue: asked,
        stop: stopped,
        state: running,
    };
    if writer.head == Head::EMPTY {
        writer.begin(foundation.entry(now, &setting.gate)).await.map_err(NotOpened::Ended)?;
    }
    Ok(Opened { writer, queue, stop, shown, intake, gap, promised })
}

impl Opened {
    /// Takes the way to stop it apart from the rest.
    pub fn split(self) -> (Start, oneshot::Sender<()>) {
        (Start { writer: self.writer, gap: self.gap, promised: self.promised }, self.stop)
    }
}

/// What is done before the loop begins, and the loop.
pub(super) struct Start {
    writer: Writer,
    gap: Option<Gap>,
    promised: Option<Begun>,
}

impl Start {
    /// Completes what the last run had begun, pauses for the time in between, and goes on.
    pub async fn run(self) -> Ended {
        let Self { mut writer, gap, promised } = self;
        if let Some(begun) = promised {
            writer.publish(begun);
        }
        let hall = writer.keys.hall().public().to_string();
        if writer.book.paused_by() == Some(&hall) {
            let from = writer.clock.now();
            writer.state.resume_at = Some(Gap { from, to: from, cause: Cause::Restart }.resumes());
        }
        if let Some(gap) = gap
            && let Err(ended) = writer.pause_for(gap).await
        {
            return ended;
        }
        if let Err(ended) = writer.publish_when_due().await {
            return ended;
        }
        writer.shown.change(|state| state.desk = Standing::Open);
        writer.run().await
    }
}

impl Writer {
    /// Enters the notice into an empty journal.
    async fn begin(&mut self, notice: Entry) -> Result<(), Ended> {
        let mut pending = Pending::default();
        self.book.notice(notice, &mut pending);
        self.append(pending).await.map(|_| ())
    }
}

/// What stands on the shelf of a sale and is made again from its journal; for tests and repair.
pub async fn clear_shelf(store: &Store, sale: &SaleId) -> Result<u64, Fault> {
    tape::clear(store, sale).await?;
    store.shelf_clear(format!("sale/{sale}/tile/").as_bytes()).await
}
