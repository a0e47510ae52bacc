use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use landgavel_log::note::KeyKind;
use landgavel_server::key_file::{KeyFileError, make, read};

use crate::Folder;

#[test]
fn a_key_is_made_for_its_owner_alone_and_read_back() {
    let folder = Folder::new("key");
    let path = folder.0.join("w.key");
    let made = make(&path, "w.example", KeyKind::Cosignature).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(read(&path, KeyKind::Cosignature).unwrap().verifier(), made.verifier());
    let other = make(&folder.0.join("x.key"), "w.example", KeyKind::Cosignature).unwrap();
    assert_ne!(made.verifier().key(), other.verifier().key(), "chance gives another key each time");
}

#[test]
fn a_key_is_never_written_over() {
    let folder = Folder::new("key-twice");
    let path = folder.0.join("w.key");
    make(&path, "w.example", KeyKind::Cosignature).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(make(&path, "w.example", KeyKind::Cosignature), Err(KeyFileError::Exists)));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_key_that_others_can_read_or_that_is_none_is_refused() {
    let folder = Folder::new("key-open");
    let path = folder.0.join("w.key");
    make(&path, "w.example", KeyKind::Cosignature).unwrap();
    assert!(matches!(read(&path, KeyKind::Ed25519), Err(KeyFileError::Key(_))), "a key of another kind");
    for mode in [0o640, 0o604, 0o620, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(read(&path, KeyKind::Cosignature), Err(KeyFileError::OpenToOthers(_))), "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "PRIVATE+KEY+w.example+00000000+AAAA\n").unwrap();
    assert!(matches!(read(&path, KeyKind::Cosignature), Err(KeyFileError::Key(_))));
    assert!(matches!(read(&folder.0.join("none"), KeyKind::Cosignature), Err(KeyFileError::Io(_))));
    let bad_name = make(&folder.0.join("y.key"), "two words", KeyKind::Cosignature);
    assert!(matches!(bad_name, Err(KeyFileError::Key(_))));
    assert!(!folder.0.join("y.key").exists());
}
