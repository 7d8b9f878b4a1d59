//! Which lines are told with another: what follows a cause directly is a part of it, and so is what led
//! to it.
//!
//! A corpus knows the numbers of the lines it keeps as examples, which is enough to see what stood
//! behind a line. Works on those alone: a pattern whose later events are elsewhere is judged by its kept ones.

use super::page::{Page, Place};
use crate::cause::{self, Class};
use crate::corpus::{EXAMPLE_BYTES_MAX, Example};
use crate::detect::Profile;
use crate::finding::Item;
use crate::trace;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Further lines that are told with a line.
pub const FOLLOWERS_MAX: usize = 30;
/// Lines before a line that are told with it, beside those that are indented more: the command that
/// failed, the head of a block.
pub const LEADERS_MAX: usize = 2;

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

    /// Whether it may be told with one before it.
    fn may_follow(&self) -> bool {
        self.open && !self.stands_alone()
    }

    /// Whether it is told with the one behind it.
    fn led_to(&self, head: &Line) -> bool {
        let alone = self.stands_alone() || head.stands_alone();
        self.leads() && !alone && self.score <= head.score
    }

    fn stands_alone(&self) -> bool {
        self.class.is_some_and(Class::stands_alone)
    }

    /// Whether only its place in a block of such lines tells what it is: the first of them leads,
    /// whichever is the newest.
    fn goes_on_from(&self, head: &Line) -> bool {
        self.class == head.class
            && matches!(
                self.class,
                None | Some(Class::Failure | Class::LastWords | Class::Consequence)
            )
    }
}

/// Who is told with whom.
#[derive(Debug)]
pub(super) struct Told {
    /// The group that each group is told with.
    pub(super) head_of: Vec<Option<usize>>,
    /// The groups that others are told with.
    heads: BTreeSet<usize>,
    /// What is told of the examples that others stand beside, by their sources and lines: all the lines, as
    /// an example that begins with the first.
    blocks: BTreeMap<(Arc<str>, u64), Example>,
}

/// Joins lines to the lines of higher score that they stand beside.
pub(super) fn follow(profiles: &[Profile<'_>], page: &Page<'_>, lines: &[Line]) -> Told {
    let mut told = Told {
        head_of: vec![None; profiles.len()],
        heads: BTreeSet::new(),
        blocks: BTreeMap::new(),
    };
    let mut order: Vec<(bool, usize)> = (0..profiles.len())
        .filter(|group| lines[*group].leads())
        .map(|group| (page.goes_on(group, lines), group))
        .collect();
    order.sort_by(|(goes_on, a), (other, b)| {
        let by_score = lines[*b].score.total_cmp(&lines[*a].score);
        let by_block = goes_on.cmp(other).then(by_score);
        by_block.then(page.first[*a].cmp(&page.first[*b]))
    });
    for (_, head) in order {
        if told.head_of[head].is_none() {
            for example in profiles[head].examples() {
                told.join(page, example, head, lines);
            }
        }
    }
    told
}

impl Page<'_> {
    /// Whether a group begins in the midst of a block of lines of its kind.
    fn goes_on(&self, group: usize, lines: &[Line]) -> bool {
        self.first[group]
            .and_then(|place| self.before(place))
            .is_some_and(|(_, other)| {
                other != group && lines[other].leads() && lines[group].goes_on_from(&lines[other])
            })
    }

    /// The lines right before an example of `head` that are told with it, in order.
    fn leaders(&self, example: &Example, head: usize, lines: &[Line]) -> Vec<(Place, usize)> {
        let mut place = self.place(example);
        let indent = trace::indent(example.text.as_bytes());
        let mut free = (LEADERS_MAX, EXAMPLE_BYTES_MAX / 2);
        let mut leaders = Vec::new();
        while let Some((before, group)) = self.before(place) {
            let text = &self.at[&before].1.text;
            let counted = usize::from(trace::indent(text.as_bytes()) <= indent);
            let left = (free.0.checked_sub(counted), free.1.checked_sub(text.len()));
            let (Some(lines_left), Some(bytes_left)) = left else {
                break;
            };
            let told = group != head && lines[group].led_to(&lines[head]);
            if !told || cause::tells_pass(text) {
                break;
            }
            leaders.push((before, group));
            (place, free) = (before, (lines_left, bytes_left));
        }
        leaders.reverse();
        leaders
    }

    /// The lines right behind an example of `head` that are told with it.
    fn followers(
        &self,
        example: &Example,
        head: usize,
        lines: &[Line],
    ) -> impl Iterator<Item = (Place, usize)> {
        let mut next = self.end(self.place(example), example);
        let mut in_block = true;
        let following = std::iter::from_fn(move || {
            let (place, group, example) = self.behind(next)?;
            next = self.end(place, example);
            let text = &example.text;
            in_block &= lines[group].goes_on_from(&lines[head]);
            let follows = in_block || lines[group].score <= lines[head].score;
            let told = group != head && follows && lines[group].may_follow();
            (told && !cause::tells_pass(text) && !cause::is_echo(text)).then_some((place, group))
        });
        following.take(FOLLOWERS_MAX)
    }
}

impl Told {
    /// Tells an example of `head` with the lines around it.
    fn join(&mut self, page: &Page<'_>, example: &Example, head: usize, lines: &[Line]) {
        let taken = |(_, group): &(Place, usize)| {
            self.head_of[*group].is_some() || self.heads.contains(group)
        };
        let mut told = page.leaders(example, head, lines);
        told.drain(..told.iter().rposition(taken).map_or(0, |last| last + 1));
        let line = |(place, _): &(Place, usize)| page.at[place].1;
        let first = told.first().map_or(example, line).clone();
        let mut text: String = told
            .iter()
            .flat_map(|leader| [&line(leader).text, "\n"])
            .collect();
        text.push_str(&example.text);
        for follower in page.followers(example, head, lines) {
            let next = &line(&follower).text;
            if text.len() + next.len() >= EXAMPLE_BYTES_MAX {
                break;
            }
            text.push('\n');
            text.push_str(next);
            told.push(follower);
        }
        for (place, group) in &told {
            if page.first[*group] == Some(*place) && self.head_of[*group].is_none() {
                self.head_of[*group] = Some(head);
            }
        }
        if !told.is_empty() {
            self.heads.insert(head);
            let key = (example.source.clone(), example.line);
            let text = text.into();
            self.blocks.insert(key, Example { text, ..first });
        }
    }

    /// Whether what is told of an example says why: an exception, or what was expected.
    pub(super) fn says_why(&self, example: &Example) -> bool {
        let place = (example.source.clone(), example.line);
        let text = &self.blocks.get(&place).unwrap_or(example).text;
        let mut lines = text.lines().skip(1);
        lines.any(|line| cause::class(line) == Some(Class::Exception))
    }

    /// Puts what is told with the examples around them.
    pub(super) fn tell(&self, items: &mut [Item]) {
        for example in items.iter_mut().flat_map(|item| &mut item.examples) {
            let place = (example.source.clone(), example.line);
            if let Some(block) = self.blocks.get(&place) {
                example.clone_from(block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::triage::testing::judged;

    const GOOD: &str = "$ make dam\nthe weir is closed\nBUILD SUCCESSFUL in 3 s\n";

    /// The texts of what is shown, the most telling first.
    fn texts(added: &str) -> Vec<String> {
        let bad = GOOD.replace("BUILD SUCC", &format!("{added}BUILD SUCC"));
        let items = judged(Some(GOOD), &bad);
        let shown = items.into_iter().filter(|item| item.score >= 0.25);
        shown
            .map(|item| item.examples[0].text.to_string())
            .collect()
    }

    #[test]
    fn what_led_to_a_cause_is_told_with_it() {
        let text = "+ cp gate.bin dam\ncp: cannot stat 'gate.bin': No such file or directory\n";
        assert_eq!(texts(text), [text.trim_end()]);
    }

    #[test]
    fn a_trace_that_lost_its_head_is_told_with_its_exception() {
        let trace = "er.py\", line 7, in open\n    lift(gate)\n    raise Stuck('gate')\nStuckError: the gate\n";
        assert_eq!(texts(trace), [trace.trim_end()]);
    }

    #[test]
    fn the_first_of_a_block_of_errors_leads_whichever_is_the_newest() {
        let block = "ERROR: the weir is not closed, failed\nERROR: sluice unwilling\n";
        assert_eq!(texts(block), [block.trim_end()]);
    }
}
