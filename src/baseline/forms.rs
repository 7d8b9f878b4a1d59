//! Forms: the patterns of all baselines by their words, and how alike the nearest is to another.

use super::{COMPARED_MAX, SAME_MIN, class};
use crate::cause::Class;
use crate::corpus::{Corpus, Pattern};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Patterns with one word that are looked at when the nearest is searched; a commoner word finds nothing.
const SHARING_MAX: usize = 512;
/// Words of a pattern that the nearest is searched by.
const FINDING_MAX: usize = 16;
/// Words of a pattern that are compared.
const WORDS_MAX: usize = 64;

/// The patterns of all baselines by their words, per class.
#[derive(Debug, Default)]
pub(super) struct Forms {
    forms: Vec<BTreeSet<String>>,
    whole: BTreeSet<(Option<Class>, BTreeSet<String>)>,
    by_word: HashMap<(Option<Class>, String), Vec<u32>>,
}

impl Forms {
    pub(super) fn of(builds: &[Corpus]) -> Self {
        let patterns = builds
            .iter()
            .flat_map(|build| build.patterns.values().take(COMPARED_MAX));
        // In an order of their own, so that the order of the builds does not matter.
        let whole: BTreeSet<_> = patterns
            .map(|pattern| {
                let class = class(pattern);
                (class, words(&pattern.display, class))
            })
            .collect();
        let mut by_word: HashMap<(Option<Class>, String), Vec<u32>> = HashMap::new();
        for (form, (class, words)) in (0..).zip(&whole) {
            for word in words {
                let sharing = by_word.entry((*class, word.clone())).or_default();
                if sharing.len() <= SHARING_MAX {
                    sharing.push(form);
                }
            }
        }
        let forms = whole.iter().map(|(_, words)| words.clone()).collect();
        Forms {
            forms,
            whole,
            by_word,
        }
    }

    /// The likeness of the nearest pattern of the same class.
    ///
    /// Words shared over all words of the two, each word by its inverse document frequency: that a
    /// rare word is shared says more (Spärck Jones, "A statistical interpretation of term
    /// specificity", 1972).
    pub(super) fn likeness(&self, pattern: &Pattern) -> f64 {
        let class = class(pattern);
        let key = (class, words(&pattern.display, class));
        if self.whole.contains(&key) {
            return 1.0;
        }
        let (class, words) = key;
        let sharing = |word: &String| self.by_word.get(&(class, word.clone()));
        let weight = |word: &String| {
            let patterns = sharing(word).map_or(0, Vec::len);
            ((self.forms.len() as f64 + 1.0) / (patterns as f64 + 1.0)).ln() + 1.0
        };
        let mine: f64 = words.iter().map(weight).sum();
        let mut shared: BTreeMap<u32, f64> = BTreeMap::new();
        // The rarest words find the nearest pattern; the others are counted when it is compared.
        let mut finding: Vec<&String> = words.iter().collect();
        finding.sort_by_key(|word| sharing(word).map_or(0, Vec::len));
        for word in finding.into_iter().take(FINDING_MAX) {
            let forms = sharing(word).filter(|forms| forms.len() <= SHARING_MAX);
            for form in forms.into_iter().flatten() {
                *shared.entry(*form).or_default() += weight(word);
            }
        }
        // Only the most promising are compared in full.
        let mut near: Vec<(u32, f64)> = shared.into_iter().collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let likeness = near.iter().take(8).map(|(form, _)| {
            let theirs = &self.forms[*form as usize];
            let both: f64 = words.intersection(theirs).map(weight).sum();
            both / (mine + theirs.iter().map(weight).sum::<f64>() - both)
        });
        likeness.fold(0.0, f64::max).min(SAME_MIN - 0.001)
    }
}

/// The words that a pattern of a class is compared by: letters only, in lower case, without placeholders.
///
/// Where no failure is told, names of hosts, files and modules are left out too: that another mirror
/// answered is no news.
fn words(pattern: &str, class: Option<Class>) -> BTreeSet<String> {
    let told = pattern.split_ascii_whitespace();
    let told = told.filter(|word| class.is_some() || !is_dotted_name(word));
    let parts = told.flat_map(|word| word.split_inclusive(|c: char| !c.is_alphabetic()));
    let mut words = BTreeSet::new();
    let mut opened = false;
    for part in parts {
        let word = part.trim_end_matches(|c: char| !c.is_alphabetic());
        let placeholder = opened && part.ends_with('>');
        opened = part.ends_with('<');
        if !word.is_empty() && !placeholder {
            words.insert(word.to_lowercase());
        }
        if words.len() == WORDS_MAX {
            break;
        }
    }
    words
}

/// `mirror.example.org`, `gate.rs`: letters around a dot, and nothing that no name has.
fn is_dotted_name(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let letters = |part: &str| part.contains(char::is_alphabetic);
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    word.split('.').filter(|part| letters(part)).count() >= 2 && word.chars().all(in_name)
}
