//! What a page calls. One thread, one verification in an instance of the module.

use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use landgavel_record::archive::Archive;

use crate::{Folder, Progress, Verdict};

#[link(wasm_import_module = "page")]
#[expect(unsafe_code, reason = "a page's own function is foreign; it takes three numbers")]
unsafe extern "C" {
    safe fn progress(prepared: u32, judged: u32, total: u32);
}

/// The page writes: the bytes of an archive, of a file in a folder and its path, of a policy and of a notice.
const ARCHIVE: usize = 0;
const FILE: usize = 1;
const PATH: usize = 2;
const POLICY: usize = 3;
const NOTICE: usize = 4;
/// The page reads: the report, or words that say why there is none; the outcome in words; the legend.
const REPORT: usize = 5;
const OUTCOME: usize = 6;
const LEGEND: usize = 7;

static ROOMS: Mutex<[Vec<u8>; 8]> = Mutex::new([const { Vec::new() }; 8]);
static FOLDER: Mutex<Option<Folder>> = Mutex::new(None);

fn room<T>(number: usize, then: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
    ROOMS.lock().unwrap_or_else(PoisonError::into_inner).get_mut(number).map(then)
}

fn take(number: usize) -> Vec<u8> {
    room(number, std::mem::take).unwrap_or_default()
}

fn put(number: usize, text: String) {
    room(number, |buffer| *buffer = text.into_bytes());
}

/// Makes room for so many bytes and tells where; null when there is no memory for them.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn reserve(number: usize, bytes: usize) -> *mut u8 {
    let begin = |buffer: &mut Vec<u8>| {
        *buffer = Vec::new();
        if buffer.try_reserve_exact(bytes).is_err() {
            return std::ptr::null_mut();
        }
        buffer.resize(bytes, 0);
        buffer.as_mut_ptr()
    };
    room(number, begin).unwrap_or(std::ptr::null_mut())
}

/// Adds the file and the path that were written to a folder: 1, or 0 when the path is not UTF-8.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn add_file() -> u32 {
    let bytes = take(FILE);
    let Ok(path) = String::from_utf8(take(PATH)) else { return 0 };
    FOLDER.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().add(path, bytes);
    1
}

/// Verifies what was written, a folder or else an archive: 1 when the report is there, 0 when words are
/// there that say why not.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn run() -> u32 {
    match judge() {
        Ok(verdict) => {
            put(REPORT, verdict.report);
            put(OUTCOME, verdict.outcome);
            1
        }
        Err(why) => {
            put(REPORT, why);
            0
        }
    }
}

fn judge() -> Result<Verdict, String> {
    let text = |number, name| String::from_utf8(take(number)).map_err(|_| format!("{name} is not UTF-8"));
    let (policy, notice) = (text(POLICY, "--policy")?, text(NOTICE, "--notice")?);
    let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let tell = |at: Progress| progress(short(at.prepared), short(at.judged), short(at.total));
    let folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner).take();
    match folder {
        Some(folder) => crate::verify(&folder, &policy, &notice, tell),
        None => {
            let archive = take(ARCHIVE);
            crate::verify(&Archive::open(Cursor::new(archive.as_slice()))?, &policy, &notice, tell)
        }
    }
}

/// Writes the words for checks, caveats and codes.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn legend() {
    put(LEGEND, crate::legend());
}

/// Where a text stands.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn text_start(number: usize) -> *const u8 {
    room(number, |buffer| buffer.as_ptr()).unwrap_or(std::ptr::null())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn text_bytes(number: usize) -> usize {
    room(number, |buffer| buffer.len()).unwrap_or(0)
}
