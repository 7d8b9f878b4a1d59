//! What several detectors ask of a group: its sums, and how loud it is.
//!
//! Three voices tell how loud a line is: the header's level, a level that the message states, and
//! the words. The message's own level stands above the header's, since headers often carry a
//! transport's default. Words that are louder than the level are believed by half. A quiet level that
//! all of an input has is such a default, and counts as none.

use super::past::GroupPast;
use super::timeline::Timeline;
use crate::corpus::{Corpus, Example, Pattern, Span};
use crate::event::Severity;
use crate::finding::{Family, SeverityBasis};
use crate::group::Group;
use crate::history::History;
use crate::lexicon::{self, States};
use crate::prefetch::{AT_ONCE, prefetch};
use crate::signature::Fingerprint;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::iter;

/// What words weigh when nothing contradicts them, or the level agrees.
const TRUST_FULL: f64 = 1.0;
/// What words weigh that are louder than the level: the program itself says that it is less bad.
const TRUST_CONTRADICTED: f64 = 0.5;
/// What words weigh at debug level, where programs tell of everything they consider.
const TRUST_DEBUG: f64 = 0.25;

/// The patterns of a group, nearly always one.
type Members<'a> = SmallVec<[&'a Pattern; 1]>;

/// What is common knowledge of one group.
#[derive(Debug)]
pub struct Profile<'a> {
    /// The patterns of the group.
    pub members: Members<'a>,
    /// The group on each of its hosts, sorted by name.
    pub hosts: SmallVec<[Timeline<'a>; 1]>,
    /// What is remembered of it.
    pub past: GroupPast<'a>,
    /// Events.
    pub count: u64,
    /// Events with a time.
    pub dated: u64,
    /// From the first to the last of the dated ones.
    pub span: Option<Span>,
    /// The kind of event, by the loudest member's words.
    pub family: Family,
    /// The loudest level that headers or messages state.
    pub level: Option<Severity>,
    /// The loudest that words of trouble say.
    pub words: Option<Severity>,
    /// The louder of the two.
    pub severity: Option<Severity>,
    /// What the words of the group's pattern tell of states.
    pub states: States,
    /// The trouble and where it was read; `None` for a group that tells of no trouble.
    pub trouble: Option<Box<Trouble>>,
}

/// Events from which on one level for all of them is a default and no statement.
const DEFAULT_LEVEL_EVENTS_MIN: u64 = 1000;

/// The quiet level that all events of an input state that state any: where a collector gives every line
/// the same, it says nothing of any line. `None` where levels differ, are loud, or events are few.
pub fn default_level(corpus: &Corpus) -> Option<Severity> {
    let patterns = corpus.patterns.values();
    let mut stated = patterns.flat_map(|pattern| pattern.stated_levels());
    let (only, mut events) = stated.next()?;
    for (level, more) in stated {
        if level != only {
            return None;
        }
        events += more;
    }
    (only >= Severity::Notice && events >= DEFAULT_LEVEL_EVENTS_MIN).then_some(only)
}

/// That a group tells of trouble: `Warning` or louder.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// How loud it is.
    pub severity: Severity,
    /// Where that was read.
    pub basis: SeverityBasis,
    /// How much of it is believed, 0..=1.
    pub trust: f64,
}

impl<'a> Profile<'a> {
    /// Profiles a group but for what its words tell.
    fn begun(members: Members<'a>, sums: Sums, past: GroupPast<'a>) -> Self {
        Profile {
            count: sums.count,
            dated: sums.dated,
            span: sums.span,
            family: Family::Generic,
            level: None,
            words: None,
            severity: None,
            states: States::default(),
            trouble: None,
            hosts: Timeline::of(&members),
            past,
            members,
        }
    }

    /// Judges the words; `default` is what [`default_level`] says of the corpus.
    fn judged(mut self, group: &Group, default: Option<Severity>) -> Self {
        let members = std::mem::take(&mut self.members);
        let mut states = None;
        for pattern in &members {
            states = Some(self.hear(pattern, default));
        }
        // The pattern of a group of one is that of its member.
        let of_member = states.filter(|_| members.len() == 1);
        self.states = of_member.unwrap_or_else(|| States::of(&group.pattern));
        self.members = members;
        self
    }

    /// The group on one host; `None` stands for all events that name none.
    pub fn on(&self, host: Option<&str>) -> Option<&Timeline<'a>> {
        let place = self.hosts.binary_search_by(|on| on.host().cmp(&host));
        place.ok().map(|place| &self.hosts[place])
    }

    /// How much of the trouble is believed, 0..=1: all of it where the stated level tells of trouble
    /// too, be it a lesser one.
    pub fn belief(&self) -> f64 {
        match (&self.trouble, self.level) {
            (Some(_), Some(level)) if level <= Severity::Warning => TRUST_FULL,
            (trouble, _) => trouble.as_ref().map_or(0.0, |trouble| trouble.trust),
        }
    }

    /// The trouble, where it is believed at least by half: what a group tells at debug level of
    /// trouble that its words see is none.
    pub fn believed_trouble(&self) -> Option<&Trouble> {
        let trouble = self.trouble.as_deref();
        trouble.filter(|trouble| trouble.trust >= TRUST_CONTRADICTED)
    }

    /// The kept examples of all members.
    pub fn examples(&self) -> impl Iterator<Item = &'a Example> + Clone {
        let members = self.members.clone().into_iter();
        members.flat_map(|pattern| pattern.examples.as_slice())
    }

    /// The distinct hours since the epoch in which the group occurred, sorted, with its events in each;
    /// see [`Pattern::hours`].
    pub fn hours(&self) -> Vec<(i64, u64)> {
        let mut hours: Vec<(i64, u64)> = Vec::new();
        for (hour, events) in self.members.iter().flat_map(|pattern| pattern.hours()) {
            match hours.last_mut() {
                Some((last, sum)) if *last == hour => *sum += events,
                _ => hours.push((hour, events)),
            }
        }
        hours.sort_unstable();
        hours.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        hours
    }

    /// Events of the busiest hour of the clock.
    pub fn busiest_hour(&self) -> u64 {
        let events = self.hours().into_iter().map(|(_, events)| events);
        events.max().unwrap_or(0)
    }

    /// Judges one member, and keeps the loudest of all; gives the states that it tells of.
    fn hear(&mut self, pattern: &Pattern, default: Option<Severity>) -> States {
        // Most patterns are never asked for them, and they are not at hand.
        let samples = iter::once(pattern).flat_map(|pattern| pattern.examples.as_slice());
        let samples = samples.map(|example| &*example.text);
        let words = lexicon::judge(&pattern.display, samples);
        let loudest = pattern.stated_levels().next().map(|(level, _)| level);
        let header = loudest.filter(|level| Some(*level) != default);
        let level = words.stated.or(header);
        let trouble = trouble(pattern, &words, level);
        if louder(trouble.as_ref(), self.trouble.as_deref()) {
            self.family = words.family;
            self.trouble = trouble.map(Box::new);
        } else if self.trouble.is_none() {
            // Families are ordered by how much they tell, `Generic` last.
            self.family = self.family.min(words.family);
        }
        let loudest = |a: Option<Severity>, b| [a, b].into_iter().flatten().min();
        self.level = loudest(self.level, level);
        self.words = loudest(self.words, words.severity);
        self.severity = loudest(self.level, self.words);
        words.states
    }
}

/// What the patterns of a group come to.
#[derive(Debug, Default)]
struct Sums {
    count: u64,
    dated: u64,
    span: Option<Span>,
}

impl Sums {
    fn of(members: &Members<'_>) -> Self {
        let mut sums = Sums::default();
        for pattern in members {
            sums.count += pattern.count;
            sums.dated += pattern.dated;
            Span::join(&mut sums.span, pattern.span);
        }
        sums
    }
}

/// Profiles of groups one after the other. Where there are very many, memory takes long to answer for
/// each; so those that come next are looked up together, and are at hand when their words are judged.
#[derive(Debug, Default)]
pub struct Profiles<'a> {
    next: usize,
    begun: VecDeque<Profile<'a>>,
}

impl<'a> Profiles<'a> {
    /// The profile of the group of this index; `default` is what [`default_level`] says of the corpus.
    pub fn of(
        &mut self,
        (corpus, history): (&'a Corpus, &'a History),
        (index, groups): (usize, &[Group]),
        default: Option<Severity>,
    ) -> Profile<'a> {
        if self.begun.is_empty() || self.next != index {
            self.begun.clear();
            self.begin(corpus, history, &groups[index..]);
        }
        self.next = index + 1;
        let profile = self.begun.pop_front().expect("as many as were asked for");
        profile.judged(&groups[index], default)
    }

    /// Begins the profiles of the first groups. One thing is asked of all before the next: in loops so
    /// short many answers are waited for at a time.
    fn begin(&mut self, corpus: &'a Corpus, history: &'a History, groups: &[Group]) {
        let groups = groups.iter().take(AT_ONCE);
        let pattern = |id: &Fingerprint| corpus.pattern(*id);
        let members = |group: &Group| group.members.iter().filter_map(pattern).collect();
        let members: Vec<Members<'a>> = groups.clone().map(members).collect();
        let sums: Vec<Sums> = members.iter().map(Sums::of).collect();
        let patterns = members.iter().flatten();
        prefetch(patterns.map(|pattern| &*pattern.display));
        let profiles = groups.zip(members).zip(sums);
        self.begun.extend(profiles.map(|((group, members), sums)| {
            Profile::begun(members, sums, GroupPast::of(history, group))
        }));
    }
}

/// The trouble that a pattern tells of, by its level or by its words, whichever weighs more.
fn trouble(
    pattern: &Pattern,
    words: &lexicon::Words<'_>,
    level: Option<Severity>,
) -> Option<Trouble> {
    let by_level = level
        .filter(|level| *level <= Severity::Warning)
        .map(|severity| Trouble {
            severity,
            basis: match words.stated {
                Some(stated) => SeverityBasis::Word(stated.name().to_string()),
                None => SeverityBasis::Header {
                    events: pattern.level(Some(severity)),
                },
            },
            trust: TRUST_FULL,
        });
    let by_words = words
        .severity
        .zip(words.word)
        .map(|(severity, word)| Trouble {
            severity,
            basis: SeverityBasis::Word(word.to_string()),
            trust: match level {
                Some(Severity::Debug) => TRUST_DEBUG,
                Some(level) if level > severity => TRUST_CONTRADICTED,
                _ => TRUST_FULL,
            },
        });
    // Of equals the header counts, but a word says more than a level that the message states.
    let by_words_first = words.stated.is_some() && !louder(by_level.as_ref(), by_words.as_ref());
    if by_words_first || louder(by_words.as_ref(), by_level.as_ref()) {
        by_words
    } else {
        by_level
    }
}

/// Whether `one` weighs more than `other`; ties are the other's.
fn louder(one: Option<&Trouble>, other: Option<&Trouble>) -> bool {
    let weight = |trouble: Option<&Trouble>| trouble.map_or(0.0, super::severity::points);
    weight(one) > weight(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::corpus;
    use crate::group::group;

    fn trouble_of(level: Option<Severity>, message: &'static str) -> Option<(Severity, f64)> {
        let corpus = corpus(&[(Some(1), level, message)]);
        let history = History::default();
        let groups = group(&corpus.patterns);
        let profile = Profiles::default().of((&corpus, &history), (0, &groups), None);
        profile
            .trouble
            .map(|trouble| (trouble.severity, trouble.trust))
    }

    #[test]
    fn words_against_a_healthy_level_are_believed_by_half() {
        let message = "flush of ledger failed";
        assert_eq!(trouble_of(None, message), Some((Severity::Error, 1.0)));
        assert_eq!(
            trouble_of(Some(Severity::Info), message),
            Some((Severity::Error, 0.5))
        );
        assert_eq!(
            trouble_of(Some(Severity::Debug), message),
            Some((Severity::Error, 0.25))
        );
        assert_eq!(
            trouble_of(Some(Severity::Error), message),
            Some((Severity::Error, 1.0))
        );
    }

    #[test]
    fn the_level_in_the_message_stands_above_the_header() {
        let healthy = trouble_of(Some(Severity::Error), "level=info msg=\"flushed\"");
        assert_eq!(healthy, None);
        let loud = trouble_of(Some(Severity::Info), "level=error msg=\"flush\"");
        assert_eq!(loud, Some((Severity::Error, 1.0)));
    }

    #[test]
    fn a_benign_line_without_level_tells_of_no_trouble() {
        assert_eq!(trouble_of(None, "flush of ledger done"), None);
    }

    #[test]
    fn one_quiet_level_for_all_of_a_long_input_is_a_default() {
        let lines = |level, count: usize| -> Vec<(Option<i64>, Option<Severity>, &'static str)> {
            (0..count)
                .map(|n| (Some(n as i64), Some(level), "flush failed"))
                .collect()
        };
        let told = |lines: &[_]| default_level(&corpus(lines));
        let info = lines(Severity::Info, 1000);
        assert_eq!(told(&info), Some(Severity::Info));
        assert_eq!(told(&info[1..]), None);
        assert_eq!(told(&lines(Severity::Error, 1000)), None);
        let mixed = [info, lines(Severity::Notice, 1)].concat();
        assert_eq!(told(&mixed), None);
    }
}
