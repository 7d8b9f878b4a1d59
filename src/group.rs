//! Groups of patterns that say the same. A stub: each pattern is its own group.

use crate::corpus::Pattern;
use crate::signature::Fingerprint;
use std::collections::BTreeMap;

/// Patterns of one service that are shown as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The fingerprint that names the group.
    pub id: Fingerprint,
    /// The pattern that all members match, with typed placeholders.
    pub pattern: Box<str>,
    /// The service, where the lines name one.
    pub service: Option<Box<str>>,
    /// The patterns in it.
    pub members: Vec<Fingerprint>,
}

/// The groups of a set of patterns.
pub fn group(patterns: &BTreeMap<Fingerprint, Pattern>) -> Vec<Group> {
    let alone = |(&id, pattern): (&Fingerprint, &Pattern)| Group {
        id,
        pattern: pattern.display.clone(),
        service: pattern.service.clone(),
        members: vec![id],
    };
    patterns.iter().map(alone).collect()
}
