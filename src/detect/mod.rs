//! The detectors: each sees one signal in a night and says how much it alone would be worth.
//!
//! A detector is a pure function of the night; it never sees another's findings. A new one is a
//! file here and a line in [`DETECTORS`]. How points of several signals become a score is `score`'s.

use crate::corpus::Corpus;
use crate::finding::{Family, Finding, Signal};
use crate::group::Group;
use crate::history::History;
use crate::lexicon::Recovery;
use crate::prefetch::AT_ONCE;
use newcomer::{Arrivals, Newcomer};
use profile::Profiles;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

mod burst;
pub(crate) mod chance;
mod escalation;
mod fleet;
mod habituation;
mod newcomer;
mod novelty;
mod past;
mod precursor;
mod profile;
mod rarest;
mod recurrence;
mod self_heal;
mod session;
mod severity;
mod silence;
mod spread;
pub(crate) mod timeline;

pub use fleet::Fleet;
pub use past::{Earlier, GroupPast};
pub use profile::Profile;
pub use silence::expected;
pub use timeline::Timeline;

/// All detectors, in the order in which they are asked.
pub static DETECTORS: &[&dyn Detector] = &[
    &severity::Loudness,
    &recurrence::Recurrence,
    &self_heal::SelfHealing,
    &burst::Bursts,
    &spread::Spreading,
    &precursor::Precursors,
    &silence::Silences,
    &escalation::Escalations,
    &novelty::Novelties,
    &habituation::Habituation,
];

/// One signal's detector.
pub trait Detector: Sync {
    /// What it looks for.
    fn signal(&self) -> Signal;

    /// What it sees, why it matters, its formula and an example: the man page's text.
    fn doc(&self) -> &'static str;

    /// What it finds in a night, at most one finding per group.
    ///
    /// The points of a finding are what the group would score if nothing else were found of it,
    /// in -1..=1; `score` combines them.
    fn detect(&self, night: &Night<'_>) -> Vec<Finding>;
}

/// Groups that are profiled by one thread at least, as many as are looked up together.
const PROFILED_AT_ONCE: usize = AT_ONCE;

/// What the user may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// The least count that is a recurrence.
    pub recurrence: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { recurrence: 2 }
    }
}

/// One input, reduced and grouped: what detectors judge.
#[derive(Debug)]
pub struct Night<'a> {
    /// The patterns.
    pub corpus: &'a Corpus,
    /// The groups of patterns; findings name them by index.
    pub groups: &'a [Group],
    /// What is remembered of earlier nights.
    pub history: &'a History,
    /// What the user may set.
    pub thresholds: Thresholds,
    /// The hosts over all patterns.
    pub fleet: Fleet<'a>,
    profiles: Vec<Profile<'a>>,
    arrivals: Arrivals,
}

/// All that the detectors find in a night, each's findings in the order of [`DETECTORS`].
pub fn found(night: &Night<'_>) -> Vec<Finding> {
    let detectors = DETECTORS.par_iter();
    // One at a time, so that a thread is never left with several while another has none.
    let detectors = detectors.with_max_len(1);
    let found: Vec<Vec<Finding>> = detectors.map(|detector| detector.detect(night)).collect();
    found.into_iter().flatten().collect()
}

impl<'a> Night<'a> {
    /// Profiles each group, which judges the words of each pattern once.
    pub fn new(
        corpus: &'a Corpus,
        groups: &'a [Group],
        history: &'a History,
        thresholds: Thresholds,
    ) -> Self {
        let default = profile::default_level(corpus);
        let profiles = || {
            let indices = (0..groups.len()).into_par_iter();
            let indices = indices.with_min_len(PROFILED_AT_ONCE);
            let profile = |profiles: &mut Profiles<'a>, index| {
                profiles.of((corpus, history), (index, groups), default)
            };
            let profiles = indices.map_init(Profiles::default, profile);
            profiles.collect::<Vec<Profile<'_>>>()
        };
        let (fleet, profiles) = rayon::join(|| Fleet::of(corpus), profiles);
        let arrivals = Arrivals::of(groups, &profiles, history, &fleet);
        Night {
            corpus,
            groups,
            history,
            thresholds,
            fleet,
            profiles,
            arrivals,
        }
    }

    /// What is common knowledge of the groups, in their order.
    pub fn profiles(&self) -> &[Profile<'a>] {
        &self.profiles
    }

    /// Whether a group is on a part of the hosts and tells of nothing, be it new or old.
    pub fn is_bland(&self, group: usize) -> bool {
        let profile = &self.profiles[group];
        profile.family != Family::ServiceLifecycle && newcomer::is_bland(profile, &self.fleet)
    }

    /// Nights since the first of a group that came lately; 0 if nothing like it was seen before
    /// tonight. `None` where it is older, or as old as memory.
    pub fn arrival(&self, group: usize) -> Option<usize> {
        self.arrivals.arrival(group)
    }

    /// Nights since a group came, as of [`Night::arrival`], or for which it has been known where it is as
    /// old as memory and one host alone says it of many that run its service.
    pub fn lately(&self, group: usize) -> Option<usize> {
        self.arrivals.lately(group)
    }

    /// Whether a group came lately, to a part of the hosts, and tells of what was done and went well,
    /// but not that it is well again.
    pub fn came_and_went_well(&self, group: usize) -> bool {
        let profile = &self.profiles[group];
        self.arrival(group).is_some()
            && profile.believed_trouble().is_none()
            && profile.states.recovery == Some(Recovery::Well)
            && profile.family != Family::ServiceLifecycle
            && newcomer::is_quiet(profile, &self.fleet)
    }

    /// How much it is believed that a group is worth telling of, 0..=1: its trouble, or that it came
    /// lately and tells of nothing. `None` where it is not believed at all.
    pub fn belief(&self, group: usize) -> Option<f64> {
        let profile = &self.profiles[group];
        let trouble = profile.believed_trouble().map(|_| profile.belief());
        let newcomer = self.newcomer(group);
        let newcomer = newcomer.map(|newcomer| newcomer::TRUST_BLAND * newcomer.crowd);
        trouble.into_iter().chain(newcomer).max_by(f64::total_cmp)
    }

    /// The group as a newcomer, if it is one: what its detectors believe it by in place of words.
    pub fn newcomer(&self, group: usize) -> Option<Newcomer> {
        let newcomer = self.arrivals.newcomer(group);
        newcomer.filter(|newcomer| !newcomer.is_lifecycle)
    }

    /// The same, also of what tells that something begins or ends.
    pub fn newcomer_of_any_kind(&self, group: usize) -> Option<Newcomer> {
        self.arrivals.newcomer(group)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Small nights made of lines, for the tests of the detectors and the score.

    use super::*;
    use crate::assemble::Sink;
    use crate::event::{Event, Severity, Timestamp};
    use crate::history::{HOURS, HostNight, Past, PastNight, PatternNight};
    use crate::reduce::Reducer;
    use std::borrow::Cow;
    use std::sync::Arc;

    /// A line of a service: second, header level, message.
    pub(crate) type Line = (Option<i64>, Option<Severity>, &'static str);

    /// A line of a host.
    pub(crate) type HostLine = (&'static str, Line);

    /// The corpus of some lines, all of one host.
    pub(crate) fn corpus(lines: &[Line]) -> Corpus {
        let lines: Vec<HostLine> = lines.iter().map(|line| ("db1", *line)).collect();
        corpus_of_hosts(&lines)
    }

    /// The corpus of some lines.
    pub(crate) fn corpus_of_hosts(lines: &[HostLine]) -> Corpus {
        corpus_of_services(lines.iter().map(|line| ("ledger", *line)))
    }

    /// The corpus of some lines, each of a service.
    pub(crate) fn corpus_of_services(
        lines: impl Iterator<Item = (&'static str, HostLine)>,
    ) -> Corpus {
        let mut reducer = Reducer::default();
        for (n, (service, (host, (second, severity, message)))) in lines.enumerate() {
            let event = Event {
                timestamp: second.map(Timestamp::from_seconds),
                host: Some(Cow::Borrowed(host.as_bytes())),
                service: Some(Cow::Borrowed(service.as_bytes())),
                severity,
                message: Cow::Borrowed(message.as_bytes()),
                ..Event::default()
            };
            reducer.event(n as u64 + 1, message.as_bytes(), &event);
        }
        reducer.finish()
    }

    /// What a detector finds in some lines, all of one host.
    pub(crate) fn found(detector: &dyn Detector, lines: &[Line]) -> Vec<Finding> {
        found_in(detector, &corpus(lines), &History::default())
    }

    /// What a detector finds in some lines.
    pub(crate) fn found_on_hosts(detector: &dyn Detector, lines: &[HostLine]) -> Vec<Finding> {
        found_in(detector, &corpus_of_hosts(lines), &History::default())
    }

    /// A history in which each pattern of a corpus occurred on a host so many times in each night,
    /// the last of which ends where the epoch begins; what never occurred is not known.
    pub(crate) fn history(corpus: &Corpus, counts: &[u64], host: &str) -> History {
        let start = |night: usize| {
            let nights = counts.len() as i64 - night as i64;
            Timestamp::from_seconds(-86_400 * nights)
        };
        let name = Some(Arc::from(host));
        let nights = counts.iter().enumerate().map(|(night, count)| PastNight {
            start: start(night),
            events: *count,
            hours: [1; HOURS],
            hosts: vec![(name.clone(), *count)],
        });
        let in_night = |(night, count): (usize, &u64)| PatternNight {
            night,
            count: *count,
            hosts: vec![HostNight {
                name: name.clone(),
                count: *count,
                hours: [u32::try_from(count.div_ceil(24)).unwrap_or(1); HOURS],
                times: None,
            }],
        };
        let first = counts.iter().position(|count| *count > 0);
        let seen = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let patterns = corpus.patterns.iter().filter(|_| first.is_some());
        let patterns = patterns.map(|(id, pattern)| {
            let past = Past {
                service: pattern.service.clone(),
                pattern: pattern.display.clone(),
                first_ever: first.map(start),
                nights: seen.clone().map(in_night).collect(),
                ..Past::default()
            };
            (*id, past)
        });
        History {
            covers_since: Some(start(0)),
            nights: nights.collect(),
            patterns: patterns.collect(),
            ..History::default()
        }
    }

    /// That the example of a detector's doc names a finding's points, as they are rounded there.
    pub(crate) fn assert_example(detector: &dyn Detector, finding: &Finding) {
        let (_, example) = detector.doc().split_once("Example: ").unwrap_or_default();
        let points = format!("{:.2}", finding.points);
        assert!(example.contains(&points), "{points} is not in: {example}");
    }

    /// What a detector finds in a corpus.
    pub(crate) fn found_in(
        detector: &dyn Detector,
        corpus: &Corpus,
        history: &History,
    ) -> Vec<Finding> {
        let groups = crate::group::group(&corpus.patterns);
        let night = Night::new(corpus, &groups, history, Thresholds::default());
        detector.detect(&night)
    }
}
