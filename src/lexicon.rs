//! The words of trouble: what a pattern's language says of how bad it is.
//!
//! Judged once per pattern, never per line. A word counts only where the language says that
//! trouble happened: not when it is denied ("no errors", "failed=0", "err=nil"), conditional ("on
//! failure"), a part of a name or path (`ErrorHandler`, `error_log`, `/var/log/error`), the
//! modifier of a harmless noun ("error correction"), a setting (`timeout=30`), or over
//! ("connection restored"). What the header states is not looked at here.

use crate::event::Severity;
use crate::finding::Family;
use context::Verdict;
use phrases::List;
use std::collections::BTreeMap;
use token::Text;

pub use labels::labels;
pub use states::{Recovery, States, subject, tells_stop};

mod context;
mod first_words;
mod grammar;
mod labels;
mod phrases;
mod states;
mod terms;
mod token;

/// Bytes of a pattern or sample that are read for words.
const JUDGED_BYTES_MAX: usize = 4096;

/// How a term behaves in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// States what happened.
    Fact,
    /// Names trouble, and may modify another noun or be counted.
    Noun,
    /// A noun that with a value is configuration.
    Setting,
    /// A fact that about logins means a rejected credential.
    Credential,
    /// The noun of such a fact.
    CredentialNoun,
    /// Trouble only with a value other than zero.
    Code,
    /// Trouble only when said of a threat.
    Hedge,
    /// Spells trouble and never means it.
    Idiom,
}

impl Kind {
    fn is_noun(self) -> bool {
        matches!(self, Kind::Noun | Kind::Setting | Kind::CredentialNoun)
    }

    fn is_credential(self) -> bool {
        matches!(self, Kind::Credential | Kind::CredentialNoun)
    }
}

/// What a pattern's words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// How loud the trouble is, `Critical` to `Warning`; `None` when the words tell of none.
    pub severity: Option<Severity>,
    /// The word that says so, as the pattern spells it.
    pub word: Option<&'a str>,
    /// A level that the message itself states (`level=warn`, `[error]`, `FATAL:`).
    pub stated: Option<Severity>,
    /// What kind of event it is.
    pub family: Family,
    /// What they tell of states.
    pub states: States,
}

/// The kind of event that a pattern speaks of, by its words alone.
pub fn family(pattern: &str) -> Family {
    judge(pattern, []).family
}

/// Whether a message tells of trouble or states a level that does, be it a warning.
pub fn tells_trouble(message: &str) -> bool {
    let words = judge(message, [message]);
    let is_loud = |level: Option<Severity>| level.is_some_and(|level| level <= Severity::Warning);
    is_loud(words.severity) || is_loud(words.stated)
}

/// Judges a pattern; the samples are lines of it, whose values tell "0 failed" from "3 failed".
///
/// Takes time linear in the pattern and the samples, each of which is read up to 4 KiB. A word that
/// is harmless in every sample that has it does not count. Values of events that are not among
/// the samples are not seen.
pub fn judge<'a, 's>(
    pattern: &'a str,
    samples: impl IntoIterator<Item = &'s str> + Clone,
) -> Words<'a> {
    let text = Text::new(head(pattern));
    let mut troubles = troubles(&text);
    if !troubles.is_empty() {
        let seen = verdicts(&troubles, samples.clone());
        troubles.retain(|trouble| seen.get(&trouble.term) != Some(&Verdict::Harmless));
    }
    let recovered = text.tells_recovery(List::Recoveries);
    if recovered {
        troubles.clear();
    } else if !troubles.is_empty() && text.ends_well() {
        troubles.retain(|trouble| trouble.severity() == Severity::Critical);
    }
    let stated = text.stated_level().or_else(|| {
        let mut samples = text.has_masked_level().then(|| samples.into_iter())?;
        samples.find_map(|s| Text::new(head(s)).stated_level())
    });
    // "ALERT exited normally": what is well is no error, whatever it is called.
    let stated = stated.filter(|level| !recovered || *level > Severity::Error);

    let loudest = troubles
        .iter()
        .min_by_key(|trouble| trouble.severity())
        .copied();
    let auth = text.is_in(List::Auth);
    let rejected = auth.is_some()
        && troubles
            .iter()
            .any(|trouble| trouble.kind().is_credential());
    let severity = loudest.map(|trouble| match trouble.severity() {
        Severity::Error if rejected => Severity::Warning,
        severity => severity,
    });
    let family = match (severity, auth, text.is_in(List::Lifecycle)) {
        (Some(Severity::Warning), Some(_), _) if rejected => Family::Auth,
        (Some(_), _, _) => Family::Failure,
        (None, Some(auth), Some(lifecycle)) if lifecycle < auth => Family::ServiceLifecycle,
        (None, Some(_), _) => Family::Auth,
        (None, None, Some(_)) => Family::ServiceLifecycle,
        (None, None, None) if stated.is_some_and(|level| level <= Severity::Error) => {
            Family::Failure
        }
        (None, None, None) => Family::Generic,
    };
    let word = loudest.map(|trouble| &pattern[trouble.start..trouble.end]);
    Words {
        severity,
        word,
        stated,
        family,
        states: states::told(&text),
    }
}

/// A term that a text tells of as having happened.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    term: usize,
    start: usize,
    end: usize,
}

impl Trouble {
    fn severity(&self) -> Severity {
        terms::TERMS[self.term].1
    }

    fn kind(&self) -> Kind {
        terms::TERMS[self.term].2
    }
}

fn troubles(text: &Text<'_>) -> Vec<Trouble> {
    let found = text.find(List::Terms).filter_map(|found| {
        let term = found.phrase;
        let trouble = Trouble {
            term,
            start: found.start,
            end: found.end,
        };
        (text.verdict(trouble.start, trouble.end, &terms::TERMS[term]) == Verdict::Trouble)
            .then_some(trouble)
    });
    found.collect()
}

/// What the samples say of each of these terms that they have: trouble where any of them does. The
/// first one nearly always does, and the others need not be read.
fn verdicts<'s>(
    troubles: &[Trouble],
    samples: impl IntoIterator<Item = &'s str>,
) -> BTreeMap<usize, Verdict> {
    let mut verdicts = BTreeMap::new();
    for sample in samples {
        let is_told = |term| verdicts.get(&term) == Some(&Verdict::Trouble);
        if troubles.iter().all(|trouble| is_told(trouble.term)) {
            break;
        }
        let text = Text::new(head(sample));
        let is_asked = |term| troubles.iter().any(|trouble| trouble.term == term);
        for found in text
            .find(List::Terms)
            .filter(|found| is_asked(found.phrase))
        {
            let term = found.phrase;
            let verdict = text.verdict(found.start, found.end, &terms::TERMS[term]);
            let known = verdicts.entry(term).or_insert(verdict);
            *known = verdict.max(*known);
        }
    }
    verdicts
}

/// As much of a text as is judged.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(JUDGED_BYTES_MAX)]
}

#[cfg(test)]
mod tests;
