//! placeholder
use crate::corpus::Corpus;
use crate::finding::*;
use crate::group::Group;

/// Placeholder.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// The least count that is a recurrence.
    pub recurrence: u64,
}
impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { recurrence: 2 }
    }
}
/// Placeholder.
pub struct Night<'a> {
    /// Tonight.
    pub corpus: &'a Corpus,
    /// Its groups.
    pub groups: &'a [Group],
    /// What the user set.
    pub thresholds: Thresholds,
}
/// Placeholder.
pub fn judge(night: &Night<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = night
        .groups
        .iter()
        .enumerate()
        .map(|(group, g)| {
            let entry = &night.corpus.patterns[&g.members[0]];
            let often = entry.count >= night.thresholds.recurrence;
            let score = if often { 0.4 } else { 0.0 };
            Item {
                id: g.id,
                pattern: g.pattern.to_string(),
                service: g.service.as_deref().map(String::from),
                component: None,
                family: Family::Generic,
                severity: None,
                count: entry.count,
                hosts: vec![],
                first: None,
                last: None,
                course: vec![0, 1, entry.count],
                findings: vec![Finding {
                    group,
                    signal: Signal::Recurrence,
                    points: score,
                    evidence: Evidence::Recurrence {
                        count: entry.count,
                        threshold: night.thresholds.recurrence,
                        hours: 0,
                    },
                }],
                score,
                band: if often { Band::Watch } else { Band::Background },
                confidence: 0.5,
                examples: entry.examples.clone(),
                origin: None,
            }
        })
        .collect();
    items.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(b.count.cmp(&a.count))
            .then(a.id.cmp(&b.id))
    });
    items
}
/// Placeholder.
pub fn family(_service: Option<&str>, _pattern: &str) -> Family {
    Family::Generic
}
