//! Values: what stands in the holes of a known pattern, and which of it the baselines never held.
//!
//! A new value is no news in itself: names, numbers and paths differ from build to build. Two kinds are
//! news, both judged only where every event of the baselines is kept: a word of failure where they all
//! held one and the same other word, and a path far from the one directory that all of theirs lie in.

use crate::corpus::Example;
use std::cell::LazyCell;
use std::collections::BTreeSet;

/// Paths of the baselines from which on their directory is no accident.
const KNOWN_PATHS_MIN: usize = 8;
/// Components that the directory of all known paths has at least.
const DIRECTORY_COMPONENTS_MIN: usize = 2;
/// Beginnings and roots of words that tell of failure.
const FAILURES: [&str; 6] = ["fail", "error", "fatal", "abort", "crash", "denied"];

/// The events of a known pattern that hold what none of the baselines' events of it hold.
pub(super) fn strange<'a>(
    tonight: impl Iterator<Item = &'a Example>,
    known: &[&Example],
) -> Vec<Example> {
    let one_saying = LazyCell::new(|| {
        let mut sayings = known.iter().map(|example| words(&example.text));
        let first = sayings.next()?;
        sayings.all(|other| other == first).then_some(first)
    });
    let paths: BTreeSet<&str> = match known.len() {
        0..KNOWN_PATHS_MIN => BTreeSet::new(),
        _ => known.iter().filter_map(|e| path(&e.text)).collect(),
    };
    let directory = directory(&paths);
    let fails_instead = |text: &str| {
        let words = words(text);
        words.iter().any(|word| tells_failure(word))
            && (*one_saying)
                .as_ref()
                .is_some_and(|known| tells_failure_instead(&words, known))
    };
    let is_elsewhere = |text: &str| {
        directory.is_some_and(|known| path(text).is_some_and(|path| is_far(path, known)))
    };
    tonight
        .filter(|example| fails_instead(&example.text) || is_elsewhere(&example.text))
        .cloned()
        .collect()
}

/// Whether one of the words tells of failure where the other text has a word that does not.
fn tells_failure_instead(words: &[&str], known: &[&str]) -> bool {
    let mut pairs = words.iter().zip(known);
    let instead = |(word, known): (&&str, &&str)| tells_failure(word) && !tells_failure(known);
    words.len() == known.len() && pairs.any(instead)
}

fn tells_failure(word: &str) -> bool {
    let begins =
        |at: &[u8], failure: &str| at[..failure.len()].eq_ignore_ascii_case(failure.as_bytes());
    FAILURES.iter().any(|failure| {
        let mut places = word.as_bytes().windows(failure.len());
        places.any(|at| begins(at, failure))
    })
}

/// The words of an event's first line.
fn words(text: &str) -> Vec<&str> {
    let line = text.lines().next().unwrap_or_default();
    let words = line.split(|c: char| !c.is_alphabetic());
    words.filter(|word| !word.is_empty()).collect()
}

/// The first path in an event's first line.
fn path(text: &str) -> Option<&str> {
    let mut words = text.lines().next()?.split_ascii_whitespace();
    let path = words.find(|word| word.contains('/') && !word.contains("://"))?;
    Some(path.trim_matches(|c: char| !c.is_alphanumeric() && c != '/'))
}

/// Its components, the names between slashes.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// The first name of the directory that all paths lie in, where they are enough and it is deep enough.
fn directory<'a>(paths: &BTreeSet<&'a str>) -> Option<&'a str> {
    // All that lies between the first and the last in order shares what these two share.
    let (first, last) = (paths.first()?, paths.last()?);
    let shared = components(first).zip(components(last));
    let depth = shared.take_while(|(one, other)| one == other).count();
    let enough = paths.len() >= KNOWN_PATHS_MIN && depth >= DIRECTORY_COMPONENTS_MIN;
    components(first).next().filter(|_| enough)
}

/// Whether a path begins elsewhere.
fn is_far(path: &str, directory: &str) -> bool {
    components(path)
        .next()
        .is_some_and(|name| name != directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strange(known: &[&str], tonight: &str) -> bool {
        let example = |text: &&str| Example {
            timestamp: None,
            line: 1,
            source: "a.log".into(),
            text: (*text).into(),
        };
        let known: Vec<Example> = known.iter().map(example).collect();
        let known: Vec<&Example> = known.iter().collect();
        !super::strange([example(&tonight)].iter(), &known).is_empty()
    }

    #[test]
    fn a_word_of_failure_in_place_of_the_only_value_is_strange() {
        let known = ["closing ('close_on_success=True')"];
        assert!(strange(&known, "closing ('close_on_failure=True')"));
        assert!(!strange(&known, "closing ('close_on_retry=True')"));
        let several = ["checked 'gate'", "checked 'weir'"];
        assert!(!strange(&several, "checked 'failures'"));
    }

    #[test]
    fn a_path_far_from_where_all_known_ones_lie_is_strange() {
        let known: Vec<String> = (0..KNOWN_PATHS_MIN)
            .map(|n| format!("copying /usr/share/dam/{n}/gate"))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        assert!(strange(&known, "copying /home/ann/gate"));
        assert!(!strange(&known, "copying /usr/share/weir"));
        assert!(!strange(&known[1..], "copying /home/ann/gate"));
    }
}
