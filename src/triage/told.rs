//! Which lines are told with the line before them: what follows a cause directly is a part of it.
//!
//! A corpus knows the numbers of the lines it keeps as examples, which is enough to see what stood
//! behind a line. Works on those alone: a pattern whose later events are elsewhere is judged by its kept ones.

use crate::cause::Class;
use crate::corpus::EXAMPLE_BYTES_MAX;
use crate::detect::Profile;
use crate::finding::{Finding, Item};
use crate::signature::Fingerprint;
use std::collections::BTreeMap;

/// Further lines that are told with a line.
pub const FOLLOWERS_MAX: usize = 30;
/// Lines that may be missing between two that follow each other: blank ones, mostly.
const GAP_MAX: u64 = 2;
/// What lines keep of their points that are told with another.
const FOLLOWER_SHARE: f64 = 0.1;

/// What is known of a group before lines are joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Its score by itself.
    pub(super) score: f64,
    /// Its class of failing language.
    pub(super) class: Option<Class>,
    /// Whether it may follow: a line that builds always have explains nothing.
    pub(super) open: bool,
}

/// Where a group's line stands: the source and the number.
type Place<'a> = (&'a str, u64);

/// Who is told with whom.
#[derive(Debug)]
pub(super) struct Told {
    /// The group that each group is told with.
    pub(super) head_of: Vec<Option<usize>>,
    /// What is told behind the examples, by source and line.
    texts: BTreeMap<(String, u64), String>,
}

/// Joins lines to the lines of higher score that they follow.
pub(super) fn follow(profiles: &[Profile<'_>], lines: &[Line]) -> Told {
    let mut at: BTreeMap<Place<'_>, (usize, &str)> = BTreeMap::new();
    let mut first: Vec<Option<Place<'_>>> = vec![None; profiles.len()];
    for (group, profile) in profiles.iter().enumerate() {
        for example in profile.members.iter().flat_map(|p| p.examples.as_slice()) {
            let place = (example.source.as_str(), example.line);
            at.insert(place, (group, &example.text));
            first[group] = Some(first[group].map_or(place, |known| known.min(place)));
        }
    }
    let mut told = Told {
        head_of: vec![None; profiles.len()],
        texts: BTreeMap::new(),
    };
    let mut order: Vec<usize> = (0..profiles.len()).collect();
    order.sort_by(|a, b| {
        lines[*b]
            .score
            .total_cmp(&lines[*a].score)
            .then(first[*a].cmp(&first[*b]))
    });
    for head in order {
        if told.head_of[head].is_some() || !leads(&lines[head]) {
            continue;
        }
        for example in profiles[head]
            .members
            .iter()
            .flat_map(|p| p.examples.as_slice())
        {
            let mut text = example.text.clone();
            let mut next = example.line + text.lines().count() as u64;
            for _ in 0..FOLLOWERS_MAX {
                let source = example.source.as_str();
                let found = at.range((source, next)..=(source, next + GAP_MAX)).next();
                let Some((place, (group, line))) = found else {
                    break;
                };
                if *group == head
                    || !follows(&lines[*group], &lines[head])
                    || text.len() + line.len() >= EXAMPLE_BYTES_MAX
                {
                    break;
                }
                next = place.1 + line.lines().count() as u64;
                text.push('\n');
                text.push_str(line);
                if first[*group] == Some(*place) && told.head_of[*group].is_none() {
                    told.head_of[*group] = Some(head);
                }
            }
            if text.len() > example.text.len() {
                told.texts
                    .insert((example.source.clone(), example.line), text);
            }
        }
    }
    told
}

/// Whether a line may have others told with it.
fn leads(line: &Line) -> bool {
    line.score > 0.0 && line.open && !matches!(line.class, Some(Class::Warning))
}

/// Whether a line is told with the one before it.
fn follows(line: &Line, head: &Line) -> bool {
    line.open && line.score <= head.score && !line.class.is_some_and(Class::stands_alone)
}

/// Takes most points from a group that is told with another.
pub(super) fn quieten(findings: &mut [Finding], _head: Fingerprint) {
    for finding in findings {
        finding.points *= FOLLOWER_SHARE;
    }
}

impl Told {
    /// Puts what follows behind the examples that it follows.
    pub(super) fn tell(&self, items: &mut [Item]) {
        for example in items.iter_mut().flat_map(|item| &mut item.examples) {
            let place = (example.source.clone(), example.line);
            if let Some(text) = self.texts.get(&place) {
                example.text.clone_from(text);
            }
        }
    }
}
