//! The sections that CI logs mark: which one a line stands in.

use std::collections::BTreeMap;

/// Marks kept; those further down in the input are left out.
pub const SECTION_MARKS_MAX: usize = 4096;

/// How many lines each source has, as far as they were told: the sources in the order of their names
/// are one log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extents(BTreeMap<String, u64>);

impl Extents {
    /// Takes note of a line; the last one of a source stays.
    pub(crate) fn reach(&mut self, source: &str, line: u64) {
        match self.0.get_mut(source) {
            Some(last) => *last = line.max(*last),
            None => {
                self.0.insert(source.to_owned(), line);
            }
        }
    }

    /// Takes note of all that `other` has.
    pub(crate) fn merge(&mut self, other: Extents) {
        for (source, line) in other.0 {
            self.reach(&source, line);
        }
    }

    /// The number that a line has in all sources, one behind the other.
    pub fn line(&self, source: &str, line: u64) -> u64 {
        let earlier = self.0.iter().take_while(|(name, _)| name.as_str() < source);
        earlier.map(|(_, lines)| lines).sum::<u64>() + line
    }

    /// Where in all sources a line stands: 0 at the start and 1 at the end.
    pub fn place(&self, source: &str, line: u64) -> f64 {
        let all: u64 = self.0.values().sum();
        (self.line(source, line) as f64 / all.max(1) as f64).clamp(0.0, 1.0)
    }
}

/// Marks by source and 1-based line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections(BTreeMap<(String, u64), SectionMark>);

/// What begins or ends at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionMark {
    /// A section of this name, inside the one that is open; without a name it has the one's.
    Begin(Box<str>),
    /// A section of this name, in place of what was open.
    Instead(Box<str>),
    /// The end of the one that began last.
    End,
    /// What the runner itself says of the open one is over.
    Output,
}

impl Sections {
    /// Whether nothing marks a section.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sources and lines at which a mark stands.
    pub fn places(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.keys().map(|(source, line)| (source.as_str(), *line))
    }

    /// Adds a mark; the smallest [`SECTION_MARKS_MAX`] by source and line stay, whatever the order.
    pub(crate) fn insert(&mut self, source: &str, line: u64, mark: SectionMark) {
        self.0.insert((source.to_owned(), line), mark);
        if self.0.len() > SECTION_MARKS_MAX {
            self.0.pop_last();
        }
    }

    /// Adds all marks of `other`.
    pub(crate) fn merge(&mut self, other: Sections) {
        self.0.extend(other.0);
        while self.0.len() > SECTION_MARKS_MAX {
            self.0.pop_last();
        }
    }

    /// The innermost section that a line stands in; the sources in the order of their names are one log.
    pub fn of(&self, source: &str, line: u64) -> Option<&str> {
        let before = self.0.range(..=(source.to_owned(), line)).rev();
        let mut ended = 0u64;
        for (_, mark) in before {
            match mark {
                SectionMark::Instead(name) => return Some(name),
                SectionMark::Begin(name) if ended == 0 && name.is_empty() => {}
                SectionMark::Begin(name) if ended == 0 => return Some(name),
                SectionMark::Begin(_) => ended -= 1,
                SectionMark::End => ended += 1,
                SectionMark::Output => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stands_in_the_innermost_section_that_is_open() {
        let mut sections = Sections::default();
        sections.insert("a", 2, SectionMark::Begin("dam".into()));
        sections.insert("a", 4, SectionMark::Begin("weir".into()));
        sections.insert("a", 6, SectionMark::End);
        sections.insert("a", 9, SectionMark::End);
        let of = |line| sections.of("a", line);
        assert_eq!(
            [of(1), of(2), of(5), of(7), of(9)],
            [None, Some("dam"), Some("weir"), Some("dam"), None]
        );
        assert_eq!(sections.of("b", 5), None);
        sections.insert("a", 10, SectionMark::Begin("pump".into()));
        assert_eq!(sections.of("b", 5), Some("pump"));
    }

    #[test]
    fn a_section_without_a_name_has_the_name_of_the_one_around_it() {
        let mut sections = Sections::default();
        let marks = ["dam", "", "weir"].map(|name| SectionMark::Begin(name.into()));
        for (line, mark) in (1..).zip(marks.into_iter().chain([SectionMark::End])) {
            sections.insert("a", line, mark);
        }
        assert_eq!(
            [2, 3, 4].map(|line| sections.of("a", line)),
            [Some("dam"), Some("weir"), Some("dam")]
        );
    }

    #[test]
    fn the_order_of_merging_does_not_matter() {
        let part = |line| {
            let mut part = Sections::default();
            part.insert("a", line, SectionMark::Instead(line.to_string().into()));
            part
        };
        let (mut one, mut other) = (part(1), part(2));
        one.merge(part(2));
        other.merge(part(1));
        assert_eq!(one, other);
    }
}
