//! What a page calls. One thread, one verification at a time.

use std::sync::{Mutex, PoisonError};

#[link(wasm_import_module = "page")]
#[expect(unsafe_code, reason = "a page's own function is foreign; it takes two numbers")]
unsafe extern "C" {
    safe fn progress(done: u32, total: u32);
}

/// Archive, policy, notice, and the report.
static ROOMS: Mutex<[Vec<u8>; 4]> = Mutex::new([const { Vec::new() }; 4]);

fn room<T>(number: usize, then: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
    ROOMS.lock().unwrap_or_else(PoisonError::into_inner).get_mut(number).map(then)
}

/// Makes room for so many bytes of the archive (0), the policy (1) or the notice (2), and tells where.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn reserve(number: usize, bytes: usize) -> *mut u8 {
    let begin = |buffer: &mut Vec<u8>| {
        *buffer = vec![0; bytes];
        buffer.as_mut_ptr()
    };
    room(number, begin).unwrap_or(std::ptr::null_mut())
}

/// Verifies what was written: 1 when the report is there, 0 when words are there that say why not.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn run() -> u32 {
    let [archive, policy, notice] = [0, 1, 2].map(|number| room(number, std::mem::take).unwrap_or_default());
    let short = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let tell = |done, total| progress(short(done), short(total));
    let result = match (String::from_utf8(policy), String::from_utf8(notice)) {
        (Ok(policy), Ok(notice)) => crate::verify(&archive, &policy, &notice, tell),
        (Err(_), _) | (_, Err(_)) => Err("policy or notice is not UTF-8".to_owned()),
    };
    let (good, text) = match result {
        Ok(report) => (1, report),
        Err(why) => (0, why),
    };
    room(3, |buffer| *buffer = text.into_bytes());
    good
}

/// Where the report or the words stand.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn text_start() -> *const u8 {
    room(3, |buffer| buffer.as_ptr()).unwrap_or(std::ptr::null())
}

/// How many bytes they are.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the page finds it by its name")]
pub extern "C" fn text_bytes() -> usize {
    room(3, |buffer| buffer.len()).unwrap_or(0)
}
