//! Bundles that nobody honest would send, given to the program as files: words and an exit code, in bounded
//! memory and time.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use zip::write::SimpleFileOptions;

use crate::{Desk, landgavel, root};

/// Most address space that a verification may ask for, in KiB: a bomb of the kinds below would ask for more.
const MEMORY_KIB: u64 = 1 << 20;

/// Verifies in bounded memory.
fn verify(bundle: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_landgavel");
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY_KIB} && exec \"$0\" verify \"$1\""), program, bundle])
        // Each thread may else reserve 64 MiB of addresses that it never touches.
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir(root())
        .output()
        .unwrap()
}

/// A good bundle, as a directory, to be spoilt.
fn good(desk: &Desk) -> String {
    let samples = "crates/landgavel-hostile/samples";
    let bundle = desk.path("bundle");
    let (lot, commands) = (format!("{samples}/tiny.toml"), format!("{samples}/tiny.commands.jsonl"));
    let output = landgavel(&["run", &lot, "--commands", &commands, "--out", &bundle]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    bundle
}

#[track_caller]
fn said(output: &Output, exit: i32, parts: &[&str]) {
    let words =
        [output.stdout.as_slice(), &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    assert_eq!(output.status.code(), Some(exit), "{words}");
    for part in parts {
        assert!(words.contains(part), "“{part}” is not in: {words}");
    }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The limit is a real one, and a good bundle is verified within it.
#[test]
fn a_good_bundle_is_verified_in_bounded_memory() {
    let desk = Desk::new("bad-good");
    said(&verify(&good(&desk)), 0, &[]);
}

#[test]
fn links_pipes_and_folders_are_no_files_of_a_bundle() {
    let desk = Desk::new("bad-kinds");
    let bundle = good(&desk);
    let at = |name: &str| Path::new(&bundle).join(name);
    for name in ["policy.txt", "checkpoint", "outcome.json"] {
        let kept = fs::read(at(name)).unwrap();
        fs::write(desk.path("kept"), &kept).unwrap();
        fs::remove_file(at(name)).unwrap();
        symlink(desk.path("kept"), at(name)).unwrap();
        said(&verify(&bundle), 1, &[name, "no plain file", "[files/unreadable]"]);
        fs::remove_file(at(name)).unwrap();
        pipe(&at(name));
        said(&verify(&bundle), 1, &[name, "no plain file", "[files/unreadable]"]);
        fs::remove_file(at(name)).unwrap();
        fs::create_dir(at(name)).unwrap();
        said(&verify(&bundle), 1, &[name, "no plain file", "[files/unreadable]"]);
        fs::remove_dir(at(name)).unwrap();
        fs::write(at(name), &kept).unwrap();
    }
    fs::rename(at("tile"), desk.path("tile")).unwrap();
    symlink(desk.path("tile"), at("tile")).unwrap();
    said(&verify(&bundle), 1, &["tile is neither a file nor a directory"]);
    let lone = desk.path("pipe");
    pipe(Path::new(&lone));
    said(&verify(&lone), 2, &["is neither a directory nor a file"]);
}

/// Sparse files of a tebibyte, and bombs in archives, cost what their limits allow.
#[test]
fn hostile_bundles_end_in_bounded_memory_and_time() {
    let desk = Desk::new("bad-huge");
    let bundle = good(&desk);
    for name in ["bundle.json", "policy.txt", "lot.toml", "checkpoints.jsonl", "tile/entries/000.p/18"] {
        let path = Path::new(&bundle).join(name);
        let kept = fs::read(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        said(&verify(&bundle), 1, &[name, "is larger than"]);
        fs::write(&path, kept).unwrap();
    }
    // 64 MiB of line ends are read, and none of the lines is kept.
    let path = Path::new(&bundle).join("checkpoints.jsonl");
    let kept = fs::read(&path).unwrap();
    fs::write(&path, vec![b'\n'; 64 << 20]).unwrap();
    said(&verify(&bundle), 1, &["checkpoints.jsonl", "is not a JSON object"]);
    fs::write(&path, kept).unwrap();
    said(&verify(&bundle), 0, &[]);
}

fn archive(desk: &Desk, files: &[(&str, &[u8])]) -> String {
    let path = desk.path("bundle.zip");
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    path
}

#[test]
fn archives_that_swell_or_lie_are_told_in_words() {
    let desk = Desk::new("bad-archives");
    let bomb = vec![b'\n'; 200 << 20];
    let bundle_json = b"{\"format\":\"landgavel-bundle/1\"}\n";
    let files: [(&str, &[u8]); 3] = [("bundle.json", bundle_json), ("policy.txt", &bomb), ("x.zip", b"PK")];
    let path = archive(&desk, &files);
    assert!(fs::metadata(&path).unwrap().len() < 1 << 20, "the archive itself is small");
    said(&verify(&path), 1, &["policy.txt", "is larger than 65536 bytes"]);
    said(&verify(&archive(&desk, &[("../policy.txt", b"x")])), 2, &["not a path inside a bundle"]);
    said(&verify(&archive(&desk, &[])), 1, &["bundle.json: is missing"]);
    let mut cut = fs::read(&path).unwrap();
    cut.truncate(cut.len() / 2);
    fs::write(&path, &cut).unwrap();
    said(&verify(&path), 2, &["no zip archive"]);
    // An archive of a tebibyte that holds nothing but its end.
    let end = [b"PK\x05\x06".as_slice(), &[0, 0, 0, 0, 9, 0, 9, 0], &[0xff; 4], &[0xfe; 4], &[0, 0]].concat();
    let mut file = fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    file.write_all(&end).unwrap();
    said(&verify(&path), 2, &["bundle.zip"]);
    fs::write(&path, b"").unwrap();
    said(&verify(&path), 2, &["no zip archive"]);
}

/// A policy is trusted input, and still no reason to take all memory.
#[test]
fn a_policy_without_end_is_refused() {
    let desk = Desk::new("bad-policy");
    let bundle = good(&desk);
    let output = landgavel(&["verify", &bundle, "--policy", "/dev/zero"]);
    said(&output, 2, &["--policy", "is larger than 65536 bytes"]);
    let policy = desk.path("policy.txt");
    for (text, part) in [("", "line 1"), ("quorum none\n", "no witness"), ("x\n", "line 1")] {
        fs::write(&policy, text).unwrap();
        said(&landgavel(&["verify", &bundle, "--policy", &policy]), 1, &[part]);
    }
}
