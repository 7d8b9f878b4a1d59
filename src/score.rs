//! From findings to ranked items: one number per group, its band, and how sure it is.
//!
//! **Score.** Each finding alone would be worth `p` in 0..=1. Reasons to look are taken as
//! independent, so together they are worth `1 - prod(1 - p)`, the noisy-or of Pearl,
//! "Probabilistic Reasoning in Intelligent Systems" (1988): it grows with each reason, never past 1,
//! and a detector can be added without touching the others. With the weight `w = -ln(1 - p)` of a
//! finding the score is `1 - exp(-sum w)`, and each finding contributes its share of it by weight,
//! so that contributions add up to the score and a finding alone contributes its `p`. A negative
//! finding (habituation) has the same weight, taken away; the sum of weights does not fall below zero,
//! and what it contributes is the score less what it would be without it. From what precedes incidents
//! that the user named nothing is taken away: it is to be told as often as it comes.
//!
//! **Confidence.** `n / (n + 1)` for n events, times how well the level and the words agree: 1 where
//! both tell of trouble or both of none, 0.8 where only one of them speaks, 0.5 where they contradict
//! each other; and times 0.9 where fewer than half of the events have a time.

use crate::corpus::{Corpus, EXAMPLES_MAX, Example, HOSTS_MAX, Span};
use crate::detect::{self, Night, Profile};
use crate::event::Severity;
use crate::finding::{Band, Evidence, Finding, Item, Signal, Standing};
use crate::group::Group;
use crate::lexicon;
use std::cmp::Ordering;
use std::collections::BTreeSet;

mod chorus;

use chorus::Chorus;

/// The score from which an item is in the background.
pub const BACKGROUND_MIN: f64 = 0.05;
/// The score from which an item is to be watched.
pub const WATCH_MIN: f64 = 0.25;
/// The score from which an item is to be investigated.
pub const INVESTIGATE_MIN: f64 = 0.50;
/// The score from which an item is to be promoted.
pub const PROMOTE_MIN: f64 = 0.80;
/// Buckets of an item's course over the input's span.
pub const COURSE_BUCKETS: usize = 16;
/// The most that one finding can be worth, so that its weight stays finite.
const POINTS_MAX: f64 = 0.999;

/// Asks all detectors and makes an item of each group, the one that asks for most attention first. A
/// recovery is told with its trouble and makes no item of its own.
///
/// The order is total: score, then severity, count and id.
pub fn judge(night: &Night<'_>) -> Vec<Item> {
    judge_from(night, Band::ALL[0]).items
}

/// Groups judged.
#[derive(Debug)]
pub struct Judged {
    /// Those of the least band wanted and above, the one that asks for most attention first.
    pub items: Vec<Item>,
    /// How many groups are of each band, in the order of [`Band::ALL`].
    pub per_band: [u64; Band::ALL.len()],
}

/// As [`judge`], making items of groups of band `min` and above only: a night of many patterns has
/// few that are worth the room.
pub fn judge_from(night: &Night<'_>, min: Band) -> Judged {
    let mut findings: Vec<Vec<Finding>> = night.groups.iter().map(|_| Vec::new()).collect();
    for finding in detect::found(night) {
        findings[finding.group].push(finding);
    }
    findings.iter_mut().for_each(wake);
    let mut scores: Vec<f64> = findings.iter().map(|found| total(found)).collect();
    // A recovery is told with its trouble already.
    let recoveries = findings.iter().flatten().filter_map(partner);
    recoveries.for_each(|group| scores[group] = 0.0);
    let chorus = Chorus::of(night, &scores, WATCH_MIN);
    chorus.quieten(&mut findings);
    let mut judged = weigh(night, findings, min);
    chorus.tell(night, &mut judged.items);
    judged
}

/// Makes an item of each group of band `min` and above, given the findings of each group in its place.
pub fn weigh(night: &Night<'_>, findings: Vec<Vec<Finding>>, min: Band) -> Judged {
    let folded: BTreeSet<usize> = findings.iter().flatten().filter_map(partner).collect();
    let groups = night.groups.iter().zip(night.profiles()).zip(findings);
    let mut per_band = [0; Band::ALL.len()];
    let mut items = Vec::new();
    for (index, ((group, profile), findings)) in groups.enumerate() {
        // What was expected and is not missed is nothing at all.
        let is_nothing = profile.count == 0 && findings.is_empty();
        if is_nothing || folded.contains(&index) {
            continue;
        }
        let (score, findings) = sum(findings);
        per_band[band(score) as usize] += 1;
        if band(score) >= min {
            let mut item = item(group, profile, score, findings, night.corpus);
            item.memory = night.history.standing(&group.members, &item);
            item.remarks = night.history.remarks(group.id, &group.members);
            item.remarks.extend(night.history.lessons(&item.findings));
            items.push(item);
        }
    }
    items.sort_by(by_attention);
    Judged { items, per_band }
}

/// The group that a finding tells of along with its own: no item of its own.
fn partner(finding: &Finding) -> Option<usize> {
    match &finding.evidence {
        Evidence::SelfHeal(heal) => Some(heal.partner),
        _ => None,
    }
}

/// Leaves habituation out where a line precedes incidents that the user named.
fn wake(findings: &mut Vec<Finding>) {
    let is_named = |finding: &Finding| match &finding.evidence {
        Evidence::Precursor(precursor) => precursor.incident_id.is_none(),
        _ => false,
    };
    if findings.iter().any(is_named) {
        findings.retain(|finding| finding.signal != Signal::Habituation);
    }
}

fn by_attention(a: &Item, b: &Item) -> Ordering {
    // `Severity` orders the loudest first; no severity at all comes last.
    let quiet = |item: &Item| item.severity.map_or(u8::MAX, |severity| severity as u8);
    let by_score = b.score.total_cmp(&a.score);
    let by_rest = || (quiet(a), b.count, a.id).cmp(&(quiet(b), a.count, b.id));
    by_score.then_with(by_rest)
}

fn item(
    group: &Group,
    profile: &Profile<'_>,
    score: f64,
    findings: Vec<Finding>,
    corpus: &Corpus,
) -> Item {
    let members = || profile.members.iter();
    let hosts: BTreeSet<&str> = members()
        .flat_map(|pattern| pattern.hosts.names())
        .collect();
    let mut examples: Vec<Example> = members()
        .flat_map(|pattern| pattern.examples.as_slice())
        .cloned()
        .collect();
    examples.sort();
    examples.truncate(EXAMPLES_MAX);
    Item {
        id: group.id,
        pattern: group.pattern.to_string(),
        service: group.service.as_deref().map(String::from),
        component: members()
            .filter_map(|p| p.component.as_deref())
            .min()
            .map(String::from),
        section: examples
            .first()
            .and_then(|example| corpus.sections.of(&example.source, example.line))
            .map(String::from),
        family: profile.family,
        labels: lexicon::labels(&group.pattern, profile.trouble.is_some()),
        severity: profile.severity,
        count: profile.count,
        hosts: hosts
            .into_iter()
            .take(HOSTS_MAX)
            .map(String::from)
            .collect(),
        first: profile.span.map(|span| span.first),
        last: profile.span.map(|span| span.last),
        course: course(profile, corpus.span),
        band: band(score),
        confidence: confidence(profile),
        score,
        findings,
        examples,
        // The members' origins differ in their ids only; the first member's stands for all.
        origin: members()
            .find_map(|pattern| pattern.origin.as_deref())
            .cloned(),
        memory: Standing::default(),
        remarks: Vec::new(),
        nearby: Vec::new(),
        told_with: None,
        voices: 0,
    }
}

/// The score that findings come to together.
pub fn total(findings: &[Finding]) -> f64 {
    sum(findings.to_vec()).0
}

/// The score, and the findings with their points turned into contributions, most points first.
fn sum(mut findings: Vec<Finding>) -> (f64, Vec<Finding>) {
    // Nothing is found of most groups.
    if findings.is_empty() {
        return (0.0, findings);
    }
    let weight = |points: f64| -(-points.abs().min(POINTS_MAX)).ln_1p() * points.signum();
    let gained: f64 = findings.iter().map(|f| weight(f.points).max(0.0)).sum();
    let lost: f64 = findings.iter().map(|f| weight(f.points).min(0.0)).sum();
    let score = |weight: f64| 1.0 - (-weight).exp();
    // What takes away can at most take all that was given.
    let without = score(gained);
    let total = score((gained + lost).max(0.0));
    let per_weight = |part: f64, weight: f64| if weight > 0.0 { part / weight } else { 1.0 };
    let (given, taken) = (
        per_weight(without, gained),
        per_weight(without - total, -lost),
    );
    for finding in &mut findings {
        let weight = weight(finding.points);
        finding.points = weight * if weight < 0.0 { taken } else { given };
    }
    findings.sort_by(|a, b| b.points.total_cmp(&a.points).then(rank(a).cmp(&rank(b))));
    (total.clamp(0.0, 1.0), findings)
}

fn rank(finding: &Finding) -> Option<usize> {
    Signal::ALL
        .iter()
        .position(|signal| *signal == finding.signal)
}

/// The band of a score.
pub fn band(score: f64) -> Band {
    match score {
        s if s >= PROMOTE_MIN => Band::Promote,
        s if s >= INVESTIGATE_MIN => Band::Investigate,
        s if s >= WATCH_MIN => Band::Watch,
        s if s >= BACKGROUND_MIN => Band::Background,
        _ => Band::IgnoreFast,
    }
}

fn confidence(profile: &Profile<'_>) -> f64 {
    let amount = profile.count as f64 / (profile.count as f64 + 1.0);
    let is_trouble = |severity: Severity| severity <= Severity::Warning;
    let agreement = match (profile.level.map(is_trouble), profile.words.map(is_trouble)) {
        (Some(true), Some(true)) | (Some(false), None) => 1.0,
        (Some(false), Some(_)) => 0.5,
        _ => 0.8,
    };
    let dated = if profile.dated.saturating_mul(2) < profile.count {
        0.9
    } else {
        1.0
    };
    amount * agreement * dated
}

/// Events per sixteenth of the whole input's span; empty when the group is undated.
///
/// A bucket of the histogram counts where it begins.
fn course(profile: &Profile<'_>, span: Option<Span>) -> Vec<u64> {
    let Some(span) = span.filter(|_| profile.dated > 0) else {
        return Vec::new();
    };
    let (first, last) = (span.first.seconds(), span.last.seconds());
    let length = i128::from(last) - i128::from(first) + 1;
    let mut course = vec![0; COURSE_BUCKETS];
    for pattern in &profile.members {
        for bucket in pattern.histogram.buckets() {
            // The first bucket of all may begin before the first event.
            let start = pattern.histogram.start_seconds(&bucket).clamp(first, last);
            let offset = i128::from(start) - i128::from(first);
            course[(offset * COURSE_BUCKETS as i128 / length) as usize] += bucket.count;
        }
    }
    course
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Thresholds;
    use crate::detect::testing::{Line, corpus};
    use crate::finding::Precursor;
    use crate::history::History;
    use crate::signature::Fingerprint;

    fn items(lines: &[Line]) -> Vec<Item> {
        judged(&corpus(lines))
    }

    /// The items of a first night.
    pub(super) fn judged(corpus: &Corpus) -> Vec<Item> {
        let groups = crate::group::group(&corpus.patterns);
        let history = History::default();
        let thresholds = Thresholds::default();
        judge(&Night::new(corpus, &groups, &history, thresholds))
    }

    fn finding(signal: Signal, points: f64) -> Finding {
        let evidence = Evidence::Recurrence {
            count: 2,
            threshold: 2,
            hours: 1,
        };
        Finding {
            group: 0,
            signal,
            points,
            evidence,
        }
    }

    #[test]
    fn contributions_add_up_to_a_score_that_never_leaves_its_range() {
        let (alone, shares) = sum(vec![finding(Signal::Severity, 0.35)]);
        assert!((alone - 0.35).abs() < 1e-12 && (shares[0].points - 0.35).abs() < 1e-12);
        let worst = Signal::ALL.map(|signal| finding(signal, 1.0)).to_vec();
        let habitual = vec![
            finding(Signal::Burst, 0.3),
            finding(Signal::Habituation, -1.0),
        ];
        let forgotten = vec![
            finding(Signal::Precursor, 0.65),
            finding(Signal::Severity, 0.16),
            finding(Signal::Habituation, -0.9),
        ];
        for findings in [worst, habitual, forgotten, Vec::new()] {
            let (score, shares) = sum(findings);
            let added: f64 = shares.iter().map(|finding| finding.points).sum();
            assert!(shares.iter().all(|finding| finding.points.abs() <= 1.0));
            assert!((0.0..=1.0).contains(&score) && (score - added).abs() < 1e-9);
        }
    }

    #[test]
    fn one_is_not_used_to_what_precedes_an_incident_that_the_user_named() {
        let preceding = |incident_id| Finding {
            evidence: Evidence::Precursor(Box::new(Precursor {
                incident_id,
                incident: "outage".into(),
                preceded: 5,
                incidents: 5,
                lift: 100.0,
                lead_seconds: 300.0,
                chance: 1e-9,
            })),
            ..finding(Signal::Precursor, 0.65)
        };
        let score = |incident_id| {
            let habit = finding(Signal::Habituation, -0.8);
            let mut findings = vec![preceding(incident_id), habit];
            wake(&mut findings);
            total(&findings)
        };
        assert!((score(None) - 0.65).abs() < 1e-12);
        assert_eq!(score(Some(Fingerprint::new(None, "crash"))), 0.0);
    }

    #[test]
    fn one_line_is_banded_by_its_loudness() {
        let lines = [
            (Some(1), Some(Severity::Emergency), "controller gone"),
            (Some(1), Some(Severity::Critical), "volume gone"),
            (Some(2), Some(Severity::Error), "flush gone"),
            (Some(3), Some(Severity::Warning), "pool busy"),
            (Some(4), Some(Severity::Info), "pool fine"),
        ];
        let bands: Vec<Band> = items(&lines).iter().map(|item| item.band).collect();
        let expected: Vec<Band> = Band::ALL.into_iter().rev().collect();
        assert_eq!(bands, expected);
    }

    #[test]
    fn recurring_trouble_rises_and_ranks_above_the_same_seen_once() {
        let mut lines: Vec<Line> = (0..9)
            .map(|hour| (Some(hour * 3600), None, "request timeout at gate"))
            .collect();
        lines.push((Some(5), None, "request timeout at door"));
        lines.extend((0..900).map(|n| (Some(n * 30), None, "health check passed")));
        let items = items(&lines);
        assert_eq!(items[0].pattern, "request timeout at gate");
        assert_eq!(
            (items[0].band, items[1].band),
            (Band::Watch, Band::Background)
        );
        assert_eq!(items[0].candidate_type(), Some(Signal::Recurrence));
        assert_eq!(
            (items[2].band, items[2].candidate_type()),
            (Band::IgnoreFast, None)
        );
        assert_eq!(items[0].course.len(), COURSE_BUCKETS);
        assert_eq!(items[0].course.iter().sum::<u64>(), 9);
    }

    #[test]
    fn confidence_grows_with_events_and_with_agreement() {
        let once = &items(&[(Some(1), Some(Severity::Error), "flush failed")])[0];
        let often = [(Some(1), Some(Severity::Error), "flush failed"); 9];
        let denied = [(Some(1), Some(Severity::Info), "flush failed"); 9];
        assert_eq!(once.confidence, 0.5);
        assert_eq!(items(&often)[0].confidence, 0.9);
        assert_eq!(items(&denied)[0].confidence, 0.45);
    }
}
