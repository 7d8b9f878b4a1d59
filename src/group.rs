//! placeholder
use crate::corpus::Corpus;
use crate::signature::Fingerprint;

/// Placeholder.
#[derive(Debug, Clone)]
pub struct Group {
    /// The id.
    pub id: Fingerprint,
    /// The pattern.
    pub pattern: String,
    /// The service.
    pub service: Option<String>,
    /// The signatures.
    pub members: Vec<Fingerprint>,
}

/// Placeholder.
pub fn group(corpus: &Corpus) -> Vec<Group> {
    let one = |entry: &crate::corpus::Entry| Group {
        id: entry.signature.fingerprint,
        pattern: entry.signature.pattern.to_string(),
        service: entry.signature.service.as_ref().map(|s| s.to_string()),
        members: vec![entry.signature.fingerprint],
    };
    corpus.entries.values().map(one).collect()
}
