//! Triage: what in this build is new, and which line is the cause.
//!
//! The judgement of a build log, with or without a baseline, in place of the one of a night of services.
//! It is taken where there is a baseline, and where the input [`is_build_log`]. Two signals speak:
//!
//! - `severity`: the worth of the line's class of failing language (`cause::Class::worth`), times what
//!   its place in the log leaves of it, times what is believed of it: all where it is new or no baseline
//!   tells, [`TRUST_KNOWN`] where builds that went well say it too, [`TRUST_PASSED`] where the build
//!   itself says that it went well, [`TRUST_SURVIVED`] where the build went on behind it, and
//!   [`TRUST_AFTER`] of words of failure behind a consequence that is explained;
//! - `novelty`: [`NOVELTY_MAX`], times how unlike the nearest known line it is, times how much it
//!   stands out among all that is new (`crowd`); or, of a known line, [`STRANGE`] where it holds what it
//!   never held before, and up to [`MORE_MAX`] where it has far more events than in any build before.
//!
//! Where no line says why the build failed, those right before it says so are taken for its last words;
//! see `last`. In the end, some lines leave a `share` of both to others: those that are told with a line
//! beside them (the command before it, a trace, the diff of an assertion, the notes of a compiler; see
//! `told`), consequences where a cause is found, and failed tests that do not say why.

mod last;
mod page;
#[cfg(test)]
mod testing;
mod told;

use crate::baseline::{Comparison, Familiarity};
use crate::cause::{self, Class};
use crate::corpus::{Corpus, EXAMPLES_MAX, Example, Extents};
use crate::detect::{Night, Profile};
use crate::event::Severity;
use crate::finding::{Band, Evidence, Finding, Item, Signal};
use crate::score::{self, Judged};
use crate::signature::Fingerprint;
use page::Page;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeMap;
use told::Told;

/// What a pattern is worth that nothing in any baseline resembles.
pub const NOVELTY_MAX: f64 = 0.36;
/// What a known pattern is worth that has far more events than before.
pub const MORE_MAX: f64 = 0.18;
/// What a known pattern is worth that holds what it never held before.
pub const STRANGE: f64 = 0.27;
/// How many times the events of any build before are far more.
const MORE_FACTOR_MIN: u64 = 4;
/// How many events beyond those are far more.
const MORE_EVENTS_MIN: u64 = 20;
/// What failing language is believed that the baselines have too.
pub const TRUST_KNOWN: f64 = 0.15;
/// What it is believed in a build that says it went well, and nowhere that it failed.
pub const TRUST_PASSED: f64 = 0.5;
/// What an error about a place in a file is believed when tests ran, and failed, after it.
pub const TRUST_SURVIVED: f64 = 0.6;
/// What is believed of other words of failure behind the first consequence of a cause: those of clean-up.
pub const TRUST_AFTER: f64 = 0.8;
/// What a line keeps of its points that is told with the line before it.
pub const TOLD_SHARE: f64 = 0.1;
/// What a consequence keeps of its points where a cause is found.
pub const CONSEQUENCE_SHARE: f64 = 0.5;
/// What a failed test keeps of its points where nothing behind it says why it failed.
pub const BARE_SHARE: f64 = 0.95;
/// New patterns beyond which each further one tells less.
const CROWD: f64 = 30.0;
/// What a line at the very start of the log keeps of its worth; at the end it keeps all.
const START_SHARE: f64 = 0.7;
/// What lines that stand alone lose from the start to the end of the log: the first is the cause.
const LATER_LOSS: f64 = 0.05;
/// The share of events with a service, host or logger up to which a log can be one of a build.
const NAMED_MAX: f64 = 0.25;

/// Whether an input reads like the log of a build: a runner marks its sections, or most lines have no time,
/// few name a program, machine or logger, and some are of a kind that only builds have.
pub fn is_build_log(corpus: &Corpus) -> bool {
    let undated = corpus.accounting.undated() > corpus.accounting.events / 2;
    let named = || -> u64 { corpus.patterns.values().map(|p| named_events(p)).sum() };
    let unnamed = || named() as f64 <= NAMED_MAX * corpus.accounting.events as f64;
    let examples = || corpus.patterns.values().flat_map(|p| p.examples.as_slice());
    let speaks = |example: &Example| cause::speaks_of_building(&example.text);
    !corpus.sections.is_empty() || undated && unnamed() && examples().any(speaks)
}

/// Events of a pattern that name a program, a machine or a logger.
fn named_events(pattern: &crate::corpus::Pattern) -> u64 {
    if pattern.service.is_some() || pattern.component.is_some() {
        return pattern.count;
    }
    let hosts = pattern.hosts.as_slice().iter();
    let named = hosts.filter(|host| host.name.is_some());
    named.map(|host| host.count).sum()
}

/// Judges a build, with what a comparison with its baselines says of each group, if there is one.
pub fn judge(night: &Night<'_>, comparison: Option<&Comparison>, min: Band) -> Judged {
    let familiarity = |group: usize| comparison.map(|c| c.familiarity[group]);
    let page = Page::of(night.profiles(), night.corpus);
    let is_strange = |group: usize| comparison.is_some_and(|c| c.strange.contains_key(&group));
    let is_new = |group| familiarity(group).is_none_or(|f| f.is_new()) || is_strange(group);
    let open: Vec<bool> = (0..night.profiles().len()).map(is_new).collect();
    let mut classes: Vec<Option<Class>> = night.profiles().par_iter().map(class).collect();
    last::find(&page, &mut classes, &open);
    let build = Build::of(night, &classes, &open, comparison);
    let groups = night.profiles().iter().enumerate();
    let (mut findings, lines): (Vec<Vec<Finding>>, Vec<told::Line>) = groups
        .map(|(group, profile)| {
            let (class, known) = (classes[group], familiarity(group));
            let strange = comparison.and_then(|c| strange(c, group));
            let by_cause = class.map(|class| build.cause(group, class, profile, known));
            let by_news = strange.or_else(|| build.news(group, profile, known?));
            let found: Vec<Finding> = by_cause.into_iter().chain(by_news).collect();
            let line = told::Line {
                score: score::total(&found),
                class,
                open: open[group],
            };
            (found, line)
        })
        .unzip();
    let told = told::follow(night.profiles(), &page, &lines);
    let explains = |class: Class| class.explains() || class == Class::LastWords;
    let is_cause = |line: &told::Line| line.open && line.class.is_some_and(explains);
    let is_explained = lines.iter().any(is_cause);
    for (group, findings) in findings.iter_mut().enumerate() {
        let profile = &night.profiles()[group];
        let share = match lines[group].class {
            _ if told.head_of[group].is_some() => TOLD_SHARE,
            Some(class) if class.follows() && is_explained => CONSEQUENCE_SHARE,
            Some(Class::FailedTest) if !says_why(profile, &told) => BARE_SHARE,
            _ => continue,
        };
        findings.iter_mut().for_each(|found| found.quieten(share));
    }
    let mut judged = score::weigh(night, findings, min);
    if let Some(comparison) = comparison {
        show_strange(&mut judged.items, comparison);
    }
    told.tell(&mut judged.items);
    judged
}

/// Shows the events that hold what none held before, and no others of their group.
fn show_strange(items: &mut [Item], comparison: &Comparison) {
    let strange = comparison.strange.iter();
    let strange: BTreeMap<Fingerprint, &Vec<Example>> = strange
        .map(|(group, examples)| (comparison.groups[*group].id, examples))
        .collect();
    for item in items {
        if let Some(examples) = strange.get(&item.id) {
            item.examples = examples.iter().take(EXAMPLES_MAX).cloned().collect();
        }
    }
}

fn says_why(profile: &Profile<'_>, told: &Told) -> bool {
    profile.examples().any(|example| told.says_why(example))
}

/// The class of a group: that of the example that explains most, or what its words say.
fn class(profile: &Profile<'_>) -> Option<Class> {
    let members = profile.members.iter();
    // Lines of one pattern mostly have one shape.
    let examples = members.flat_map(|p| p.examples.as_slice().iter().take(EXAMPLES_MAX));
    let passed = |example: &Example| cause::tells_pass(&example.text);
    if examples.clone().any(passed) {
        return None;
    }
    let shaped = examples.filter_map(|e| cause::class(&e.text)).min();
    // What a program itself calls a warning, it got over: it retried, or did without.
    let got_over = |class: &Class| {
        profile.level == Some(Severity::Warning)
            && matches!(class, Class::Missing | Class::Timeout | Class::Denied)
    };
    if shaped.as_ref().is_some_and(got_over) {
        return Some(Class::Warning);
    }
    shaped.or_else(|| {
        let trouble = profile.trouble.as_ref()?;
        let is_failure = trouble.severity <= Severity::Error;
        Some(if is_failure {
            Class::Failure
        } else {
            Class::Warning
        })
    })
}

/// What is common to all lines of a build.
struct Build<'a> {
    /// The lines of each source.
    extents: &'a Extents,
    /// Patterns that no baseline has.
    new: u64,
    /// The build says that it went well and nowhere that it failed.
    passed: bool,
    /// Where the last line about a failed test stands, as [`Build::place`] has it.
    last_failed_test: f64,
    /// Where the first consequence stands that a cause before it explains; past the end where none does.
    first_consequence: f64,
}

impl<'a> Build<'a> {
    fn of(
        night: &'a Night<'_>,
        classes: &[Option<Class>],
        open: &[bool],
        comparison: Option<&Comparison>,
    ) -> Self {
        let mut build = Build {
            extents: &night.corpus.extents,
            new: comparison.map_or(0, Comparison::new_groups),
            passed: false,
            last_failed_test: 0.0,
            first_consequence: f64::INFINITY,
        };
        let examples = || night.profiles().iter().flat_map(Profile::examples);
        for (profile, class) in night.profiles().iter().zip(classes) {
            if *class == Some(Class::FailedTest) {
                let places = profile.examples().map(|example| build.place(Some(example)));
                build.last_failed_test = places.fold(build.last_failed_test, f64::max);
            }
        }
        let first = |is_meant: fn(Class) -> bool| {
            let meant = |group: &usize| open[*group] && classes[*group].is_some_and(is_meant);
            let groups = (0..classes.len()).filter(meant);
            let places = groups.map(|group| build.place(night.profiles()[group].examples().min()));
            places.fold(f64::INFINITY, f64::min)
        };
        let consequence = first(|class| class == Class::Consequence);
        if first(Class::explains) < consequence {
            build.first_consequence = consequence;
        }
        let failed = classes.contains(&Some(Class::Consequence));
        build.passed = !failed && examples().any(|e| cause::tells_success(&e.text));
        build
    }

    /// Where in the log an event stands, 0 at the start and 1 at the end.
    fn place(&self, example: Option<&Example>) -> f64 {
        example.map_or(1.0, |example| {
            self.extents.place(&example.source, example.line)
        })
    }

    fn cause(
        &self,
        group: usize,
        class: Class,
        profile: &Profile<'_>,
        known: Option<Familiarity>,
    ) -> Finding {
        let place = self.place(profile.examples().min());
        let left = if class.stands_alone() {
            1.0 - LATER_LOSS * place
        } else {
            START_SHARE + (1.0 - START_SHARE) * place
        };
        let trust = match known {
            Some(familiarity) if !familiarity.is_new() => TRUST_KNOWN,
            _ if self.passed => TRUST_PASSED,
            _ if class == Class::CompilerError && place < self.last_failed_test => TRUST_SURVIVED,
            _ if class == Class::Failure && place > self.first_consequence => TRUST_AFTER,
            _ => 1.0,
        };
        let worth = class.worth();
        Finding {
            group,
            signal: Signal::Severity,
            points: worth * left * trust,
            evidence: Evidence::Cause {
                class,
                worth,
                place,
                trust,
                share: 1.0,
            },
        }
    }

    /// That a group is new, or has far more events than before.
    fn news(
        &self,
        group: usize,
        profile: &Profile<'_>,
        familiarity: Familiarity,
    ) -> Option<Finding> {
        if !familiarity.is_new() {
            return more(group, profile, familiarity);
        }
        let unlike = 1.0 - familiarity.likeness;
        let crowd = (CROWD / self.new as f64).min(1.0);
        Some(Finding {
            group,
            signal: Signal::Novelty,
            points: NOVELTY_MAX * unlike * crowd,
            evidence: Evidence::NewInBuild {
                builds: familiarity.builds,
                likeness: familiarity.likeness,
                count: profile.count,
                crowd,
                share: 1.0,
            },
        })
    }
}

/// That a known group has events that hold what none held before.
fn strange(comparison: &Comparison, group: usize) -> Option<Finding> {
    let examples = comparison.strange.get(&group)?;
    Some(Finding {
        group,
        signal: Signal::Novelty,
        points: STRANGE,
        evidence: Evidence::StrangeInBuild {
            builds: comparison.builds,
            count: examples.len() as u64,
            share: 1.0,
        },
    })
}

/// That a known group has far more events than in any build before: [`MORE_FACTOR_MIN`] times as many
/// and [`MORE_EVENTS_MIN`] beyond, worth the more the fewer there were.
fn more(group: usize, profile: &Profile<'_>, known: Familiarity) -> Option<Finding> {
    let (count, count_most) = (profile.count, known.count_most);
    let enough = count >= count_most.saturating_mul(MORE_FACTOR_MIN)
        && count - count_most >= MORE_EVENTS_MIN
        && known.builds_with > 0;
    enough.then(|| Finding {
        group,
        signal: Signal::Novelty,
        points: MORE_MAX * (1.0 - count_most as f64 / count as f64),
        evidence: Evidence::MoreInBuild {
            builds: known.builds,
            count,
            count_most,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::testing::{build, judged};
    use super::*;

    const GOOD: &str = "\
$ make dam
error: cannot find the optional map, going on
[1/2] building weir
[2/2] building gate
dam.WeirTest > holds PASSED
12 tests completed
BUILD SUCCESSFUL in 3 s
";

    const BAD: &str = "\
$ make dam
error: cannot find the optional map, going on
[1/2] building weir
[2/2] building gate
dam.WeirTest > holds PASSED
dam.GateTest > opens FAILED
    dam.StuckException: the gate is stuck
        at dam.Gate.open(Gate.java:7)
12 tests completed, 1 failed
BUILD FAILED in 4 s
The command \"make dam\" exited with 1.
";

    #[test]
    fn the_first_cause_stands_above_its_consequences() {
        for good in [None, Some(GOOD)] {
            let items = judged(good, BAD);
            assert_eq!(items[0].pattern, "dam.GateTest > opens FAILED");
            assert!(items[0].examples[0].text.contains("the gate is stuck"));
            let place = |text: &str| items.iter().position(|item| item.pattern.contains(text));
            assert!(place("BUILD FAILED") > Some(0) && place("exited with") > Some(0));
        }
    }

    #[test]
    fn what_good_builds_say_too_is_no_cause() {
        let items = judged(Some(GOOD), BAD);
        let known = items
            .iter()
            .find(|item| item.pattern.contains("optional map"));
        assert!(known.unwrap().band <= Band::Background);
    }

    #[test]
    fn a_build_like_the_ones_before_is_quiet() {
        let tonight = GOOD.replace("3 s", "5 s");
        let items = judged(Some(GOOD), &tonight);
        assert!(items.iter().all(|item| item.band < Band::Watch));
    }

    #[test]
    fn an_error_that_the_build_survived_stands_below_the_failed_test() {
        let text = format!("probe.c:3:1: error: no such feature\n{BAD}");
        let items = judged(None, &text);
        assert_eq!(items[0].pattern, "dam.GateTest > opens FAILED");
    }

    #[test]
    fn contributions_still_add_up() {
        for item in judged(Some(GOOD), BAD) {
            let sum: f64 = item.findings.iter().map(|finding| finding.points).sum();
            assert!((sum - item.score).abs() < 1e-9);
        }
    }

    #[test]
    fn logs_of_services_are_none_of_builds() {
        assert!(is_build_log(&build(BAD)));
        let night = "2026-03-02T22:00:01Z web-1 volumed[7]: disk 3 is slow\n".repeat(3);
        assert!(!is_build_log(&build(&night)));
        let runner = "2024-05-01T10:00:00.1234567Z ##[group]Run make\n2024-05-01T10:00:01.1234567Z gate closed\n";
        assert!(is_build_log(&build(runner)));
        for small in [
            "starting up\nlistening on port 8080\nERROR: cannot reach the map\nretrying in 5 s\n",
            "INFO gate opened\nWARN gate slow, 3 errors so far\nINFO gate closed\n",
            "Traceback (most recent call last):\n  File \"dam.py\", line 3, in open\nKeyError: 'gate'\n",
            "connection from 10.0.0.1 timed out\nconnection from 10.0.0.2 accepted\n",
        ] {
            assert!(!is_build_log(&build(small)), "{small}");
        }
        for small in [
            "+ make dam\ncc -c gate.c\n",
            "gate.c:3:1: error: no such gate\n",
            "collecting\n3 checks ran\nthe command \"check\" exited with 0\n",
            "time=10 level=info gate closed\nBUILD FAILED in 4 s\nit took long\n",
        ] {
            assert!(is_build_log(&build(small)), "{small}");
        }
    }

    #[test]
    fn far_more_of_a_known_line_is_told() {
        let good = "gate 1 is slow to open\n";
        let items = judged(Some(good), &good.repeat(40));
        let evidence = &items[0].findings[0].evidence;
        assert!(matches!(
            evidence,
            Evidence::MoreInBuild {
                count: 40,
                count_most: 1,
                ..
            }
        ));
    }
}
