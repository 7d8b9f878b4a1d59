//! How like two patterns are by their words, for answers that say so; and which one a title names.

use super::{Problem, Snapshot, fingerprint};
use crate::signature::Fingerprint;
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;

impl Snapshot {
    /// The pattern or group of a title, as it is printed: its service, if it has one, and what it says.
    pub fn titled(&self, title: &str) -> Result<Option<Fingerprint>, Problem> {
        self.known(|| {
            let sql = "SELECT fingerprint FROM patterns \
                 WHERE coalesce(service || ': ', '') || pattern = ?1 ORDER BY fingerprint LIMIT 1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_row([title], |row| Ok(fingerprint(row.get(0)?)));
            Ok(found.optional()?)
        })
    }
}

/// The words of a pattern that say something: letters, lower case.
pub fn words(pattern: &str) -> BTreeSet<String> {
    let no_letter = |c: char| !c.is_alphabetic();
    let without_holes = pattern.split(['<', '>']).step_by(2);
    let words = without_holes.flat_map(|text| text.split(no_letter));
    let words = words.filter(|word| word.chars().count() > 1);
    words.map(str::to_lowercase).collect()
}

/// Dice's coefficient of two sets of words, 0..=1.
pub fn alike(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count();
    let all = a.len() + b.len();
    if all == 0 {
        0.0
    } else {
        2.0 * both as f64 / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_their_holes() {
        let a = words("write to <path> timed out after <n>, retrying");
        let b = words("Write to disk timed out");
        assert!(alike(&a, &b) > 0.5);
        assert_eq!(alike(&a, &words("<n> <path>")), 0.0);
        assert_eq!(alike(&words(""), &words("")), 0.0);
    }
}
