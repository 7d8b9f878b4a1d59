//! Last words: what stood right before the build said that it failed, where no line says why.
//!
//! Checkers often end with a list of what they do not like and no word of failure at all. Only the
//! status after it tells that the list is the cause.

use super::page::{Page, Place};
use crate::cause::{self, Class};
use crate::corpus::Example;

/// Lines before the status that are last words.
pub const LAST_WORDS_MAX: usize = 5;
/// Lines before the status among which a cause explains it.
const NEAR_LINES_MAX: usize = 25;

/// Gives the class of last words to the groups that have them. `open` tells of each group whether it may
/// be a cause at all: what builds that went well say too is none.
pub(super) fn find(page: &Page<'_>, classes: &mut [Option<Class>], open: &[bool]) {
    let Some(end) = end(page, classes, open) else {
        return;
    };
    let explains = |group: usize| open[group] && classes[group].is_some_and(Class::explains);
    let near = page.at.range(..end).rev().take(NEAR_LINES_MAX);
    if near.map(|(_, (group, _))| *group).any(explains) {
        return;
    }
    let mut place = end;
    for _ in 0..LAST_WORDS_MAX {
        let Some((before, group)) = page.before(place) else {
            return;
        };
        let text = &page.at[&before].1.text;
        if cause::tells_pass(text) || cause::is_echo(text) {
            return;
        }
        if open[group] && matches!(classes[group], None | Some(Class::Warning)) {
            classes[group] = Some(Class::LastWords);
        }
        place = before;
    }
}

/// Where the build first gives a status that is not zero, or says otherwise that it failed.
fn end(page: &Page<'_>, classes: &[Option<Class>], open: &[bool]) -> Option<Place> {
    let ends = |(_, (group, _)): &(&Place, &(usize, &Example))| {
        open[*group] && classes[*group] == Some(Class::Consequence)
    };
    let all = || page.at.iter().filter(ends);
    let status = all().find(|(_, (_, example))| cause::tells_status(&example.text));
    status.or_else(|| all().next()).map(|(place, _)| *place)
}

#[cfg(test)]
mod tests {
    use crate::finding::Evidence;
    use crate::triage::testing::judged;

    /// The text of the first item and whether it is there for being said last.
    fn first(text: &str) -> (String, bool) {
        let item = judged(None, text).swap_remove(0);
        let is_last = item.findings.iter().any(|finding| {
            matches!(finding.evidence, Evidence::Cause { class, .. } if class == super::Class::LastWords)
        });
        (item.examples[0].text.to_string(), is_last)
    }

    #[test]
    fn what_stands_before_a_status_that_nothing_explains_is_its_cause() {
        let text =
            "$ make\nok\n$ tidy dam\ngate.txt\n\nweir.txt\nexited with 1\n$ make clean\ncleaned\n";
        let (told, is_last) = first(text);
        assert_eq!((told.lines().next(), is_last), (Some("gate.txt"), true));
        assert!(told.ends_with("weir.txt\nexited with 1"), "{told}");
    }

    #[test]
    fn where_a_cause_is_near_there_are_no_last_words() {
        let (told, is_last) = first("$ tidy dam\nerror: no gate\nweir.txt\nexited with 1\n");
        assert!(told.starts_with("error: no gate") && !is_last);
    }

    #[test]
    fn last_words_do_not_reach_over_the_mark_of_a_section() {
        let text =
            "::group::Run tidy dam\ntidy dam\n::endgroup::\ngate.txt\n##[error]exited with 1\n";
        let (told, is_last) = first(text);
        assert!(told.starts_with("gate.txt") && is_last, "{told}");
    }
}
