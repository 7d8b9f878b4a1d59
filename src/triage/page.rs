//! The lines that a corpus keeps as examples, in the places they have in the log.

use crate::corpus::{Corpus, Example, Extents};
use crate::detect::Profile;
use std::collections::{BTreeMap, BTreeSet};

/// The number of a line in all sources, one behind the other.
pub(super) type Place = u64;

/// Lines that may be missing between two that follow each other: blank ones, mostly.
pub(super) const GAP_MAX: u64 = 2;

/// The kept lines in their places.
pub(super) struct Page<'a> {
    extents: &'a Extents,
    /// The group of each kept line, and the line.
    pub(super) at: BTreeMap<Place, (usize, &'a Example)>,
    /// The first kept line of each group.
    pub(super) first: Vec<Option<Place>>,
    /// Where marks of sections stand.
    marks: BTreeSet<Place>,
}

impl<'a> Page<'a> {
    pub(super) fn of(profiles: &'a [Profile<'_>], corpus: &'a Corpus) -> Self {
        let extents = &corpus.extents;
        let marks = corpus.sections.places();
        let mut page = Page {
            extents,
            at: BTreeMap::new(),
            first: vec![None; profiles.len()],
            marks: marks
                .map(|(source, line)| extents.line(source, line))
                .collect(),
        };
        for (group, profile) in profiles.iter().enumerate() {
            for example in profile.examples() {
                let place = page.place(example);
                page.at.insert(place, (group, example));
                page.first[group] = Some(page.first[group].map_or(place, |known| known.min(place)));
            }
        }
        page
    }

    /// Where an example stands.
    pub(super) fn place(&self, example: &Example) -> Place {
        self.extents.line(&example.source, example.line)
    }

    /// The line behind an example at a place. What is kept of one line may be several, where it had
    /// escapes: then it ends where the next known line begins.
    pub(super) fn end(&self, place: Place, example: &Example) -> Place {
        let end = place + example.text.lines().count().max(1) as u64;
        let next = self.at.range(place + 1..).next();
        next.map_or(end, |(next, _)| end.min(*next))
    }

    /// The line right before a place, in the same section.
    pub(super) fn before(&self, place: Place) -> Option<(Place, usize)> {
        let (&before, &(group, example)) = self.at.range(..place).next_back()?;
        let end = self.end(before, example);
        let is_near = end + GAP_MAX >= place && self.marks.range(end..=place).next().is_none();
        is_near.then_some((before, group))
    }

    /// The line at a place or right behind it, in the same section.
    pub(super) fn behind(&self, place: Place) -> Option<(Place, usize, &'a Example)> {
        let mut near = self.at.range(place..=place + GAP_MAX);
        let (&next, &(group, example)) = near.next()?;
        let is_apart = self.marks.range(place..=next).next().is_some();
        (!is_apart).then_some((next, group, example))
    }
}
