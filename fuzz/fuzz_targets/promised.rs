#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| landgavel_hostile::bodies::promised(bytes));
