//! placeholder
use crate::assemble::{DropReason, Sink};
use crate::corpus::{Corpus, Entry, Example};
use crate::event::Event;
use crate::input::Source;
use crate::signature::Signatures;
use std::sync::Arc;

/// Placeholder.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most patterns kept.
    pub patterns_max: usize,
}
impl Default for Limits {
    fn default() -> Self {
        Limits {
            patterns_max: 100_000,
        }
    }
}

/// Placeholder.
pub struct Reducer {
    corpus: Corpus,
    signatures: Signatures,
    source: Option<Arc<Source>>,
}
impl Reducer {
    /// Placeholder.
    pub fn new(_limits: Limits) -> Self {
        Reducer {
            corpus: Corpus::default(),
            signatures: Signatures::default(),
            source: None,
        }
    }
    /// Placeholder.
    pub fn begin(&mut self, source: &Arc<Source>) {
        self.source = Some(source.clone());
    }
    /// Placeholder.
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
        let entry = self
            .corpus
            .entries
            .entry(signature.fingerprint)
            .or_insert_with(|| Entry {
                signature: signature.clone(),
                count: 0,
                examples: vec![],
            });
        entry.count += 1;
        if entry.examples.is_empty() {
            entry.examples.push(Example {
                timestamp: event.timestamp,
                line,
                source: self
                    .source
                    .as_ref()
                    .map_or_else(String::new, |s| s.name.clone()),
                text: String::from_utf8_lossy(text).into_owned(),
            });
        }
    }
    fn continuation(&mut self, _line: u64, _text: &[u8]) {
        self.corpus.accounting.continuation += 1;
    }
    fn dropped(&mut self, _line: u64, reason: DropReason) {
        self.corpus.accounting.dropped[reason as usize] += 1;
    }
}
