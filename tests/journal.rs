//! Journal files as systemd writes them: compact with zstd, and plain with lz4 and xz; whole and damaged.
#![allow(clippy::unwrap_used)]

use brainstem::input::{self, Options};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

const KINDS: [&str; 3] = ["zstd", "lz4", "xz"];

/// The journal file of a fixture; as files they are megabytes of zeros, so they are kept packed.
fn unpacked(kind: &str) -> Vec<u8> {
    let packed = File::open(format!("fixtures/journal-{kind}.journal.xz")).unwrap();
    let mut bytes = Vec::new();
    liblzma::read::XzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn written(directory: &Path, bytes: &[u8]) -> PathBuf {
    let path = directory.join("a.journal");
    fs::write(&path, bytes).unwrap();
    path
}

/// The lines of a journal, and whether a problem was told.
fn read(operand: &Path) -> (Vec<serde_json::Value>, bool) {
    let mut lines = Vec::new();
    let mut troubled = false;
    for block in input::open(&[operand.into()], Options::default(), |_, _| true) {
        match block {
            Ok(block) => {
                let text = String::from_utf8(block.bytes).unwrap();
                lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
            }
            Err(_) => troubled = true,
        }
    }
    (lines, troubled)
}

#[test]
fn every_entry_is_a_line_of_json() {
    let directory = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let (lines, troubled) = read(&written(directory.path(), &unpacked(kind)));
        assert!(!troubled);
        assert_eq!(lines.len(), 60);
        assert_eq!(lines[0]["MESSAGE"], "segment 0 written in 0 ms");
        assert_eq!(lines[0]["__REALTIME_TIMESTAMP"], "1772445600000000");
        assert_eq!(
            lines[7]["MESSAGE"],
            "flush failed\nstage: write\nsegment: 12"
        );
        assert_eq!(lines[9]["MESSAGE"][5], 255);
        let long = lines[11]["MESSAGE"].as_str().unwrap();
        assert!(long.starts_with("snapshot listing part-0 ok") && long.ends_with("part-199 ok"));
        assert_eq!(lines[11]["SYSLOG_IDENTIFIER"], "backupd");
    }
}

#[test]
fn a_directory_of_the_journal_stands_for_its_files() {
    let directory = tempfile::tempdir().unwrap();
    let machine = directory.path().join("3f1c2b7d9e0a4c6f8b3d5e7a9c1b2d3f");
    fs::create_dir(&machine).unwrap();
    fs::write(machine.join("system.journal"), unpacked("zstd")).unwrap();
    fs::write(machine.join("user-1000.journal~"), unpacked("lz4")).unwrap();
    fs::write(machine.join("notes.txt"), "no journal").unwrap();
    assert_eq!(read(directory.path()).0.len(), 120);
}

#[test]
fn a_truncated_journal_gives_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let whole = unpacked("lz4");
    let used = whole.iter().rposition(|&byte| byte != 0).unwrap();
    let (lines, troubled) = read(&written(directory.path(), &whole[..used - 8_000]));
    assert!(troubled);
    assert!(!lines.is_empty() && lines.len() < 60, "{}", lines.len());
}

#[test]
fn no_damage_makes_it_panic_or_go_on_forever() {
    let directory = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let whole = unpacked(kind);
        let used = whole.iter().rposition(|&byte| byte != 0).unwrap() + 1;
        // The header, then places all over what is used, each set to all ones.
        let places = (8..208).step_by(8).chain((208..used).step_by(used / 60));
        for place in places {
            let mut damaged = whole[..used].to_vec();
            let end = used.min(place + 8);
            damaged[place..end].fill(0xff);
            let (lines, _) = read(&written(directory.path(), &damaged));
            assert!(
                lines.len() <= 60,
                "{kind}: {} lines at {place}",
                lines.len()
            );
        }
    }
}
