//! placeholder
use crate::assemble::{DropReason, Sink};
use crate::corpus::{Corpus, Example, Limits, Pattern};
use crate::event::Event;
use crate::input::Block;
use crate::signature::Signatures;

/// Stand-in.
#[derive(Default)]
pub struct Reducer {
    corpus: Corpus,
    signatures: Signatures,
    source: String,
}
impl Reducer {
    /// Stand-in.
    pub fn with_limits(_limits: Limits) -> Self {
        Reducer::default()
    }
    /// Stand-in.
    pub fn begin(&mut self, block: &Block) {
        self.source = block.source.name.clone();
    }
    /// Stand-in.
    pub fn finish(self) -> Corpus {
        self.corpus
    }
}
impl Sink for Reducer {
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>) {
        self.corpus.accounting.events += 1;
        let index = self
            .signatures
            .lookup(event.service.as_deref(), &event.message);
        let signature = self.signatures.get(index);
        let patterns = &mut self.corpus.patterns;
        let pattern = patterns
            .entry(signature.fingerprint)
            .or_insert_with(|| Pattern::new(signature));
        pattern.count += 1;
        if pattern.examples.is_empty() {
            let (source, text) = (
                self.source.clone(),
                String::from_utf8_lossy(text).into_owned(),
            );
            pattern.examples.push(Example {
                timestamp: None,
                line,
                source,
                text,
            });
        }
    }
    fn continuation(&mut self, _line: u64, _text: &[u8]) {
        self.corpus.accounting.continuation += 1;
    }
    fn dropped(&mut self, _line: u64, reason: DropReason) {
        *self.corpus.accounting.dropped.entry(reason).or_default() += 1;
    }
}
