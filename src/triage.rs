//! Triage: what in this build is new, and which line is the cause.
//!
//! The judgement of a build log, with or without a baseline, in place of the one of a night of services.
//! Takes part where there is a baseline, or where the input [`is_build_log`]. Only two signals speak:
//!
//! - `severity`: the worth of the line's class of failing language (`cause::Class::worth`), times what
//!   its place in the log is worth, times what it is believed: fully where it is new or no baseline
//!   tells, [`TRUST_KNOWN`] where builds that went well say it too, [`TRUST_PASSED`] where the build
//!   itself went well;
//! - `novelty`: [`NOVELTY_MAX`], times how unlike the nearest known pattern it is, times how much it
//!   stands out among all that is new (`crowd`).
//!
//! Then lines that follow a line of a higher score directly are told with it and lose their
//! points: a trace, a diff of an assertion, the notes of a compiler are one event (see `told`).

mod told;

use crate::baseline::{Comparison, Familiarity};
use crate::cause::{self, Class};
use crate::corpus::{Corpus, Example};
use crate::detect::{Night, Profile};
use crate::event::Severity;
use crate::finding::{Evidence, Finding, Item, Signal};
use crate::score;
use std::collections::BTreeMap;

/// What a pattern is worth that nothing in any baseline resembles.
pub const NOVELTY_MAX: f64 = 0.40;
/// What failing language is believed that the baselines have too.
pub const TRUST_KNOWN: f64 = 0.15;
/// What it is believed in a build that says it went well, and nowhere that it failed.
pub const TRUST_PASSED: f64 = 0.5;
/// New patterns beyond which each further one tells less.
const CROWD: f64 = 30.0;
/// What a line at the very start of the log keeps of its worth; at the end it keeps all.
const START_SHARE: f64 = 0.7;
/// What lines that stand alone lose from the start to the end of the log: the first is the cause.
const LATER_LOSS: f64 = 0.05;
/// The share of events with a service, host or logger below which a log can be one of a build.
const NAMED_MAX: f64 = 0.1;

/// Whether an input reads like the log of a build: hardly a line names a program, machine or logger, and
/// most lines have neither a time nor a level in a header (or marks of sections divide them).
pub fn is_build_log(corpus: &Corpus) -> bool {
    let events = corpus.accounting.events as f64;
    let named = corpus.patterns.values().map(|pattern| {
        let hosts = pattern.hosts.as_slice().iter();
        let on_hosts: u64 = hosts.filter(|h| h.name.is_some()).map(|h| h.count).sum();
        let by_program = pattern.service.is_some() || pattern.component.is_some();
        if by_program { pattern.count } else { on_hosts }
    });
    let levelled = corpus.patterns.values();
    let without_level: u64 = levelled.map(|pattern| pattern.level(None)).sum();
    let dated = corpus.accounting.dated as f64;
    named.sum::<u64>() as f64 <= NAMED_MAX * events
        && (dated < events / 2.0
            || without_level as f64 > events / 2.0 && is_stamped_by_runner(corpus))
}

/// Whether marks of sections stand between the lines.
fn is_stamped_by_runner(corpus: &Corpus) -> bool {
    let markers = crate::assemble::DropReason::Marker;
    corpus.accounting.dropped.contains_key(&markers)
}

/// Judges a build, with what a comparison with its baselines says of each group, if there is one.
pub fn judge(night: &Night<'_>, comparison: Option<&Comparison>) -> Vec<Item> {
    let familiarity = |group: usize| comparison.map(|c| c.familiarity[group]);
    let build = Build::of(night, comparison);
    let mut lines: Vec<told::Line> = Vec::with_capacity(night.groups.len());
    let mut findings: Vec<Vec<Finding>> = Vec::with_capacity(night.groups.len());
    for (group, profile) in night.profiles().iter().enumerate() {
        let class = class(profile);
        let found = build.findings(group, profile, class, familiarity(group));
        lines.push(told::Line {
            score: score::total(&found),
            class,
            open: familiarity(group).is_none_or(|f| f.is_new()),
        });
        findings.push(found);
    }
    let told = told::follow(night.profiles(), &lines);
    for (group, findings) in findings.iter_mut().enumerate() {
        if let Some(head) = told.head_of[group] {
            told::quieten(findings, night.groups[head].id);
        }
    }
    let mut items = score::items(night, findings);
    told.tell(&mut items);
    items
}

/// The class of a group: that of the example that explains most, or what its words say.
fn class(profile: &Profile<'_>) -> Option<Class> {
    let examples = profile.members.iter().flat_map(|p| p.examples.as_slice());
    let shaped = examples
        .filter_map(|example| cause::class(&example.text))
        .min();
    shaped.or_else(|| {
        let trouble = profile.trouble.as_ref()?;
        Some(if trouble.severity <= Severity::Error {
            Class::Failure
        } else {
            Class::Warning
        })
    })
}

/// What is common to all lines of a build.
struct Build<'a> {
    /// The last line known of each source.
    last_line: BTreeMap<&'a str, u64>,
    /// Patterns that no baseline has.
    new: u64,
    /// The build says that it went well and nowhere that it failed.
    passed: bool,
}

impl<'a> Build<'a> {
    fn of(night: &'a Night<'_>, comparison: Option<&Comparison>) -> Self {
        let mut last_line: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut succeeded, mut failed) = (false, false);
        for profile in night.profiles() {
            for example in profile.members.iter().flat_map(|p| p.examples.as_slice()) {
                let last = last_line.entry(&example.source).or_default();
                *last = example.line.max(*last);
                succeeded |= cause::tells_success(&example.text);
                failed |= cause::class(&example.text) == Some(Class::Consequence);
            }
        }
        let familiarity = comparison.map_or(&[][..], |c| &c.familiarity);
        Build {
            last_line,
            new: familiarity.iter().filter(|f| f.is_new()).count() as u64,
            passed: succeeded && !failed,
        }
    }

    /// Where in its source the first event of a group stands, 0 at the start and 1 at the end.
    fn place(&self, first: Option<&Example>) -> f64 {
        let of = |example: &Example| {
            let last = self.last_line.get(example.source.as_str()).copied();
            example.line as f64 / last.unwrap_or(1).max(1) as f64
        };
        first.map_or(1.0, of).clamp(0.0, 1.0)
    }

    fn findings(
        &self,
        group: usize,
        profile: &Profile<'_>,
        class: Option<Class>,
        familiarity: Option<Familiarity>,
    ) -> Vec<Finding> {
        let examples = profile.members.iter().flat_map(|p| p.examples.as_slice());
        let place = self.place(examples.min_by_key(|example| example.line));
        let by_cause = class.map(|class| self.cause(group, class, place, familiarity));
        let by_news = familiarity
            .filter(Familiarity::is_new)
            .map(|familiarity| self.news(group, profile, familiarity));
        by_cause.into_iter().chain(by_news).collect()
    }

    fn cause(&self, group: usize, class: Class, place: f64, known: Option<Familiarity>) -> Finding {
        let place_share = if class.stands_alone() {
            1.0 - LATER_LOSS * place
        } else {
            START_SHARE + (1.0 - START_SHARE) * place
        };
        let trust = match known {
            Some(familiarity) if !familiarity.is_new() => TRUST_KNOWN,
            _ if self.passed => TRUST_PASSED,
            _ => 1.0,
        };
        Finding {
            group,
            signal: Signal::Severity,
            points: class.worth() * place_share * trust,
            evidence: Evidence::Cause {
                class,
                worth: class.worth(),
                place,
                trust,
            },
        }
    }

    fn news(&self, group: usize, profile: &Profile<'_>, familiarity: Familiarity) -> Finding {
        let unlike = 1.0 - familiarity.likeness;
        let crowd = (CROWD / self.new as f64).min(1.0);
        Finding {
            group,
            signal: Signal::Novelty,
            points: NOVELTY_MAX * unlike * crowd,
            evidence: Evidence::NewInBuild {
                builds: familiarity.builds,
                likeness: familiarity.likeness,
                count: profile.count,
                crowd,
            },
        }
    }
}
