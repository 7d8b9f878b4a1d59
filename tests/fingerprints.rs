//! The guard of the fingerprints: lines of many formats, and the ids that they must keep.
//!
//! Memory, baselines and acknowledgements name patterns by id, so an id may only change together
//! with the version that it carries.
#![allow(clippy::unwrap_used)]

use brainstem::event::Timestamp;
use brainstem::format::{self, Context, zone::Zone};
use brainstem::signature::{FINGERPRINT_VERSION, Signature, Signatures};
use std::fs;

const LINES: &str = "fixtures/fingerprints.log";
const IDS: &str = "fixtures/fingerprints.ids";
/// Set to write the ids anew, after the version was raised.
const REWRITE: &str = "BRAINSTEM_REWRITE_FINGERPRINTS";

fn context() -> Context {
    Context::new(Zone::utc(), Timestamp::from_seconds(1_772_600_000), None)
}

fn signatures(lines: &str) -> Vec<Signature> {
    let context = context();
    let of = |line: &str| {
        let event = format::read(line.as_bytes(), &context, None);
        Signature::of(event.service.as_deref(), &event.message)
    };
    lines.lines().map(of).collect()
}

#[test]
fn ids_only_change_with_their_version() {
    let lines = fs::read_to_string(LINES).unwrap();
    let ids: Vec<String> = signatures(&lines)
        .iter()
        .map(|signature| signature.fingerprint.to_string())
        .collect();
    assert!(ids.len() >= 2000);
    let version = format!("version {FINGERPRINT_VERSION}");
    let kept = fs::read_to_string(IDS).unwrap_or_default();
    if std::env::var_os(REWRITE).is_some() && !kept.starts_with(&version) {
        fs::write(IDS, format!("{version}\n{}\n", ids.join("\n"))).unwrap();
        return;
    }
    let mut kept = kept.lines();
    assert_eq!(
        kept.next(),
        Some(version.as_str()),
        "{IDS} is of another version: run the tests once with {REWRITE}=1"
    );
    let changed: Vec<(usize, &str)> = (1..)
        .zip(kept.zip(&ids))
        .filter(|(_, (kept, id))| kept != id)
        .map(|(line, (kept, _))| (line, kept))
        .collect();
    assert!(
        changed.is_empty(),
        "the fingerprints of {} lines of {LINES} changed, the first at line {}: users' memories name \
         patterns by them, so raise FINGERPRINT_VERSION in src/signature.rs and run the tests once \
         with {REWRITE}=1",
        changed.len(),
        changed[0].0
    );
}

#[test]
fn the_table_of_cheap_forms_gives_the_ids_of_the_full_rules() {
    let lines = fs::read_to_string(LINES).unwrap();
    let context = context();
    let mut table = Signatures::default();
    for (line, whole) in lines.lines().zip(signatures(&lines)) {
        let event = format::read(line.as_bytes(), &context, None);
        let index = table.lookup(event.service.as_deref(), &event.message);
        assert_eq!(table.get(index).fingerprint, whole.fingerprint, "{line}");
    }
}
