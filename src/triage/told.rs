//! Which lines are told with the line before them: what follows a cause directly is a part of it.
//!
//! A corpus knows the numbers of the lines it keeps as examples, which is enough to see what stood
//! behind a line. Works on those alone: a pattern whose later events are elsewhere is judged by its kept ones.

use crate::cause::{self, Class};
use crate::corpus::{EXAMPLE_BYTES_MAX, Example, Extents};
use crate::detect::Profile;
use crate::finding::Item;
use std::collections::BTreeMap;

/// Further lines that are told with a line.
pub const FOLLOWERS_MAX: usize = 30;
/// Lines that may be missing between two that follow each other: blank ones, mostly.
const GAP_MAX: u64 = 2;

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

impl Line {
    /// Whether it may have others told with it.
    fn leads(&self) -> bool {
        self.score > 0.0 && self.open && self.class != Some(Class::Warning)
    }

    /// Whether it is told with the one before it.
    fn follows(&self, head: &Line) -> bool {
        let alone = self.class.is_some_and(Class::stands_alone);
        self.open && self.score <= head.score && !alone
    }
}

/// The number of a line in all sources, one behind the other.
type Place = u64;

/// Who is told with whom.
#[derive(Debug)]
pub(super) struct Told {
    /// The group that each group is told with.
    pub(super) head_of: Vec<Option<usize>>,
    /// What is told of the examples that others follow, by source and line.
    texts: BTreeMap<(String, u64), String>,
}

/// Joins lines to the lines of higher score that they follow.
pub(super) fn follow(profiles: &[Profile<'_>], extents: &Extents, lines: &[Line]) -> Told {
    let page = Page::of(profiles, extents);
    let mut told = Told {
        head_of: vec![None; profiles.len()],
        texts: BTreeMap::new(),
    };
    let mut order: Vec<usize> = (0..profiles.len()).collect();
    let by_score = |a: &usize, b: &usize| lines[*b].score.total_cmp(&lines[*a].score);
    order.sort_by(|a, b| by_score(a, b).then(page.first[*a].cmp(&page.first[*b])));
    for head in order {
        if told.head_of[head].is_some() || !lines[head].leads() {
            continue;
        }
        for example in profiles[head].examples() {
            let mut text = example.text.clone();
            for (place, group) in page.followers(example, head, lines) {
                let line = page.at[&place].1;
                if text.len() + line.len() >= EXAMPLE_BYTES_MAX {
                    break;
                }
                text.push('\n');
                text.push_str(line);
                if page.first[group] == Some(place) && told.head_of[group].is_none() {
                    told.head_of[group] = Some(head);
                }
            }
            if text.len() > example.text.len() {
                let place = (example.source.clone(), example.line);
                told.texts.insert(place, text);
            }
        }
    }
    told
}

/// The kept lines in their places.
struct Page<'a> {
    extents: &'a Extents,
    /// The group and text of each kept line.
    at: BTreeMap<Place, (usize, &'a str)>,
    /// The first kept line of each group.
    first: Vec<Option<Place>>,
}

impl<'a> Page<'a> {
    fn of(profiles: &'a [Profile<'_>], extents: &'a Extents) -> Self {
        let mut page = Page {
            extents,
            at: BTreeMap::new(),
            first: vec![None; profiles.len()],
        };
        for (group, profile) in profiles.iter().enumerate() {
            for example in profile.examples() {
                let place = extents.line(&example.source, example.line);
                page.at.insert(place, (group, &example.text));
                page.first[group] = Some(page.first[group].map_or(place, |known| known.min(place)));
            }
        }
        page
    }

    /// The lines right behind an example of `head` that are told with it.
    fn followers(
        &self,
        example: &'a Example,
        head: usize,
        lines: &[Line],
    ) -> impl Iterator<Item = (Place, usize)> {
        let place = self.extents.line(&example.source, example.line);
        let mut next = place + example.text.lines().count() as u64;
        let following = std::iter::from_fn(move || {
            let mut near = self.at.range(next..=next + GAP_MAX);
            let (&place, &(group, text)) = near.next()?;
            next = place + text.lines().count() as u64;
            let told =
                group != head && lines[group].follows(&lines[head]) && !cause::tells_pass(text);
            told.then_some((place, group))
        });
        following.take(FOLLOWERS_MAX)
    }
}

impl Told {
    /// Whether what is told of an example says why: an exception, or what was expected.
    pub(super) fn says_why(&self, example: &Example) -> bool {
        let place = (example.source.clone(), example.line);
        let text = self.texts.get(&place).unwrap_or(&example.text);
        let mut lines = text.lines().skip(1);
        lines.any(|line| cause::class(line) == Some(Class::Exception))
    }

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
