//! Builds from text, and their judgement, for the tests of triage.

use super::*;
use crate::assemble::Assembler;
use crate::baseline::Baseline;
use crate::detect::Thresholds;
use crate::event::Timestamp;
use crate::finding::Band;
use crate::format::{Context, zone::Zone};
use crate::history::History;
use crate::input::Block;
use crate::reduce::Reducer;
use crate::window::Window;

pub(super) fn build(text: &str) -> Corpus {
    let context = Context::new(Zone::utc(), Timestamp(0), None);
    let block = Block {
        last: true,
        ..Block::of_text("build.log", 1, text)
    };
    let mut reducer = Reducer::default();
    reducer.begin(&block);
    Assembler::new(context, None, Window::default(), None).read(&block, &mut reducer);
    reducer.finish()
}

pub(super) fn judged(good: Option<&str>, tonight: &str) -> Vec<Item> {
    let corpus = build(tonight);
    let comparison = good.map(|good| Baseline::of(vec![build(good)]).compare(&corpus));
    let groups = match &comparison {
        Some(comparison) => comparison.groups.clone(),
        None => crate::group::group(&corpus.patterns),
    };
    judge(
        &Night::new(&corpus, &groups, &History::default(), Thresholds::default()),
        comparison.as_ref(),
        Band::ALL[0],
    )
    .items
}
