//! A corpus is the same whether readings are kept from line to line or not.

use brainstem::assemble::Assembler;
use brainstem::corpus::Corpus;
use brainstem::event::Timestamp;
use brainstem::format::{Context, readings::Readings, zone::Zone};
use brainstem::input::{Block, Source};
use brainstem::reduce::Reducer;
use brainstem::window::Window;
use proptest::prelude::*;
use std::sync::Arc;

const FIXTURES: [&[u8]; 4] = [
    include_bytes!("../fixtures/fingerprints.log"),
    include_bytes!("../fixtures/headers.log"),
    include_bytes!("../fixtures/night.log"),
    include_bytes!("../fixtures/build-bad.log"),
];

/// The corpus of two blocks, the second of which finds what the first has left.
fn corpus(lines: &[impl AsRef<[u8]>], keeping: bool) -> Corpus {
    let source = Arc::new(Source {
        name: "a.log".into(),
        modified: None,
    });
    let mut reducer = Reducer::default();
    let mut readings = Readings::default();
    let mut first_line = 1;
    let (head, tail) = lines.split_at(lines.len() / 2);
    for lines in [head, tail] {
        let lines: Vec<&[u8]> = lines.iter().map(AsRef::as_ref).collect();
        let block = Block {
            source: source.clone(),
            first_line,
            bytes: lines.join(&b'\n'),
            lines_cut: 0,
            last: true,
        };
        first_line += lines.len() as u64;
        reducer.begin(&block);
        let now = Timestamp::from_seconds(1_719_792_000);
        let context = Context::new(Zone::utc(), now, None);
        let mut assembler = Assembler::new(context, None, Window::default(), None);
        if keeping {
            assembler = assembler.keeping(readings);
        }
        assembler.read(&block, &mut reducer);
        readings = assembler.into_readings();
    }
    reducer.finish()
}

#[test]
fn fixtures_give_the_same_corpus_forwards_and_backwards() {
    for text in FIXTURES {
        let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
        lines.extend_from_within(..);
        for _ in 0..2 {
            assert!(corpus(&lines, true) == corpus(&lines, false));
            lines.reverse();
        }
    }
}

/// Some lines of the fixtures in any order, each several times with other digits.
fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let some = (
        0..FIXTURES.len(),
        any::<prop::sample::Index>(),
        0..10u8,
        0..10u8,
    );
    prop::collection::vec(some, 1..12).prop_map(|picks| {
        let mut lines = Vec::new();
        for _ in 0..4 {
            for (fixture, line, from, to) in &picks {
                let all: Vec<&[u8]> = FIXTURES[*fixture].split(|&byte| byte == b'\n').collect();
                let line = all[line.index(all.len())];
                let vary = |&byte: &u8| if byte == b'0' + from { b'0' + to } else { byte };
                lines.push(line.iter().map(vary).collect());
                lines.push(line.to_vec());
            }
        }
        lines
    })
}

proptest! {
    #[test]
    fn a_corpus_is_the_same_with_readings_kept(lines in lines()) {
        prop_assert!(corpus(&lines, true) == corpus(&lines, false));
    }
}
