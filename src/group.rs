//! placeholder
use crate::corpus::Corpus;
use crate::signature::Fingerprint;

/// Stand-in.
#[derive(Debug, Clone)]
pub struct Group {
    /// The id.
    pub id: Fingerprint,
    /// The pattern.
    pub pattern: Box<str>,
    /// The service.
    pub service: Option<Box<str>>,
    /// The signatures.
    pub members: Vec<Fingerprint>,
}

/// Stand-in.
pub fn group(corpus: &Corpus) -> Vec<Group> {
    let alone = |(&id, pattern): (&Fingerprint, &crate::corpus::Pattern)| Group {
        id,
        pattern: pattern.display.clone(),
        service: pattern.service.clone(),
        members: vec![id],
    };
    corpus.patterns.iter().map(alone).collect()
}
