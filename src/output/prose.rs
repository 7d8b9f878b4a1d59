//! Sentences made of evidence. The only place where findings become English.

use super::Report;
use super::layout::{counted, number, span};
use crate::assemble::DropReason;
use crate::cause::Class;
use crate::event::Timestamp;
use crate::finding::{
    Band, Evidence, Finding, Item, Precursor, SelfHeal, SeverityBasis, Silence, SilenceScope,
    Standing, Status,
};
use crate::format::stamp::format_rfc3339;
use crate::triage;

/// Bytes of a title; a pattern may be longer than anyone reads.
const TITLE_BYTES_MAX: usize = 200;

/// What the item is about: its service and pattern, and the host where the item stands for all of it.
pub fn title(item: &Item) -> String {
    let strongest = item.findings.first().map(|finding| &finding.evidence);
    let host = match strongest {
        Some(Evidence::Silence(silence)) if silence.scope == SilenceScope::Host => &silence.host,
        _ => &None,
    };
    let silent = host.as_ref().map(|host| format!("{host} is silent"));
    let parts = [
        silent.as_deref(),
        item.service.as_deref(),
        Some(&item.pattern),
    ];
    let title = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
    match title.char_indices().find(|(at, _)| *at >= TITLE_BYTES_MAX) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title,
    }
}

/// What was found, in one line that serves as the subject of a mail.
pub fn subject(report: &Report<'_>) -> String {
    let bands = Band::ALL
        .into_iter()
        .rev()
        .filter(|band| *band >= Band::Watch);
    let counts: Vec<String> = bands
        .filter(|band| report.in_band(*band) > 0)
        .map(|band| format!("{} to {}", number(report.in_band(band)), band.name()))
        .collect();
    match (counts.as_slice(), report.items.first()) {
        ([], _) if report.corpus.accounting.lines() == 0 => {
            "brainstem: no lines to read".to_owned()
        }
        ([], _) => {
            let lines = counted(report.corpus.accounting.lines(), "line");
            format!("brainstem: nothing deserves attention in {lines}")
        }
        (counts, None) => format!("brainstem: {}", counts.join(", ")),
        (counts, Some(first)) => {
            format!("brainstem: {}; first {}", counts.join(", "), title(first))
        }
    }
}

/// How the build differs from its baselines, where there are any.
pub fn against(report: &Report<'_>) -> Option<String> {
    let comparison = report.comparison?;
    let patterns = |count| counted(count, "pattern");
    Some(format!(
        "Against {}: {} new, {} gone.",
        counted(comparison.builds, "build"),
        patterns(comparison.new_groups()),
        patterns(comparison.gone.patterns),
    ))
}

/// How often, where and when, in one sentence.
pub fn summary(item: &Item) -> String {
    let mut summary = format!("Seen {}", times(item.count));
    match item.hosts.as_slice() {
        [] => {}
        [host] => summary += &format!(" on {host}"),
        hosts => summary += &format!(" on {}", counted(hosts.len() as u64, "host")),
    }
    if let Some((first, last)) = item.first.zip(item.last) {
        summary += &format!(", {}", span(first, last));
    }
    summary + "."
}

/// Why a human should care: the reasons that gave points, the strongest first.
pub fn why_it_matters(item: &Item) -> String {
    let reasons = item
        .findings
        .iter()
        .filter(|finding| finding.points > 0.0)
        .map(|finding| {
            let reason = reason(finding);
            let mut letters = reason.chars();
            letters
                .next()
                .map(|c| c.to_uppercase().chain(letters).collect::<String>() + ".")
        });
    let sentences: Vec<String> = reasons.flatten().collect();
    match sentences.as_slice() {
        [] => "Nothing speaks for it.".to_owned(),
        sentences => sentences.join(" "),
    }
}

/// What stands between the lead of a precursor and the incident it comes before.
const INCIDENT_FOLLOWS: &str = " ahead: ";

/// Whether [`why_it_matters`] says of something that it came before this incident.
pub fn names_incident(why: &str, incident: &str) -> bool {
    let told = format!("{INCIDENT_FOLLOWS}{incident}.");
    let mut rest = why
        .match_indices(&told)
        .map(|(at, _)| &why[at + told.len()..]);
    // A name may begin as another one does, up to a full stop.
    rest.any(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// One finding as half a sentence, without its points.
pub fn reason(finding: &Finding) -> String {
    match &finding.evidence {
        Evidence::Recurrence {
            count,
            hours: 0 | 1,
            ..
        } => format!("came {}", times(*count)),
        Evidence::Recurrence { count, hours, .. } => {
            format!(
                "came {}, in {} different hours",
                times(*count),
                number(*hours)
            )
        }
        Evidence::Severity { level, basis } => severity_reason(level.name(), basis),
        Evidence::SelfHeal(heal) => heal_reason(heal),
        &Evidence::Burst {
            events,
            window_seconds,
            usual,
            ..
        } => format!(
            "came {} within {}, usually {}",
            times(events),
            duration(window_seconds as f64),
            rate(usual)
        ),
        Evidence::Spread { .. } => spread_reason(&finding.evidence),
        Evidence::Escalation { counts, growth, .. } => {
            let counts: Vec<String> = counts.iter().map(|count| number(*count)).collect();
            format!("grows {growth:.1} times a night: {}", counts.join(", "))
        }
        Evidence::Precursor(precursor) => precursor_reason(precursor),
        Evidence::Silence(silence) => silence_reason(silence),
        Evidence::Novelty {
            covers_since,
            others,
        } => {
            let day = day(*covers_since);
            let others = match others {
                0 => String::new(),
                others => format!(", with {} others of its service", number(*others)),
            };
            format!("never seen since {day}, when memory begins{others}")
        }
        Evidence::Habituation {
            nights: 0, hosts, ..
        } => {
            format!("on {} all the time", counted(*hosts, "host"))
        }
        Evidence::Habituation { nights, rate, .. } => {
            let rate = rate.unwrap_or(1.0);
            format!(
                "the same for {}, {rate:.1} times as often",
                counted(*nights, "night")
            )
        }
        Evidence::Cause { .. }
        | Evidence::NewInBuild { .. }
        | Evidence::MoreInBuild { .. }
        | Evidence::StrangeInBuild { .. } => build_reason(&finding.evidence),
    }
}

fn spread_reason(evidence: &Evidence) -> String {
    let Evidence::Spread {
        order,
        hosts,
        span_seconds,
        hosts_before,
    } = evidence
    else {
        return String::new();
    };
    let first = order.first().map_or("", String::as_str);
    let pace = duration(*span_seconds as f64);
    let before = hosts_before.map_or(String::new(), |n| format!(", {n} before"));
    format!(
        "reached {} hosts in {pace}, {first} first{before}",
        number(*hosts)
    )
}

/// The reasons that only builds give.
fn build_reason(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Cause { class, trust, .. } => cause_reason(*class, *trust),
        Evidence::MoreInBuild {
            count, count_most, ..
        } => format!(
            "came {}, at most {} in builds before",
            times(*count),
            times(*count_most)
        ),
        Evidence::NewInBuild {
            builds, likeness, ..
        } => new_reason(*builds, *likeness),
        Evidence::StrangeInBuild { builds, .. } => format!(
            "known, but with a value like none in {}",
            counted(*builds, "build")
        ),
        _ => String::new(),
    }
}

fn cause_reason(class: Class, trust: f64) -> String {
    let what = match class {
        Class::FailedTest => "names a failed test",
        Class::CompilerError => "is an error about a place in a file",
        Class::Exhausted => "tells that memory or disk ran out",
        Class::Exception => "is the head of an exception or assertion",
        Class::Missing => "tells what is missing",
        Class::Timeout => "tells what took too long",
        Class::Denied => "tells what was refused",
        Class::Failure => "tells of failure",
        Class::LastWords => "was said last before the build failed",
        Class::Consequence => "tells what follows from a failure",
        Class::Advice => "tells what to do about a failure",
        Class::Warning => "is a warning",
    };
    let but = match trust {
        1.0 => "",
        triage::TRUST_KNOWN => ", as builds that go well do",
        triage::TRUST_SURVIVED => ", but the build went on",
        triage::TRUST_AFTER => ", but only after what follows from one",
        _ => ", but the build went well",
    };
    format!("{what}{but}")
}

fn new_reason(builds: u64, likeness: f64) -> String {
    let builds = counted(builds, "build");
    match (likeness * 100.0).round() as u64 {
        0 => format!("new against {builds}, like nothing there"),
        percent => format!("new against {builds}, the nearest {percent} % alike"),
    }
}

fn heal_reason(heal: &SelfHeal) -> String {
    let mut reason = format!("healed {}", times(heal.pairs));
    if heal.unpaired > 0 {
        reason += &format!(", {} not", times(heal.unpaired));
    }
    reason += &format!(", after {}", duration(heal.median_seconds));
    if heal.pairs > 1 {
        reason += &format!(", at most {}", duration(heal.longest_seconds));
    }
    reason
}

fn precursor_reason(precursor: &Precursor) -> String {
    format!(
        "came before {} of {}, {}{INCIDENT_FOLLOWS}{}",
        number(precursor.preceded),
        counted(precursor.incidents, "incident"),
        duration(precursor.lead_seconds),
        precursor.incident
    )
}

fn silence_reason(silence: &Silence) -> String {
    let whole = match (silence.scope, &silence.host) {
        (SilenceScope::Host, Some(host)) => format!("{host} logged nothing at all"),
        (SilenceScope::Host, None) => "nothing at all was logged".to_owned(),
        (SilenceScope::Pattern, Some(host)) => format!("silent on {host}"),
        (SilenceScope::Pattern, None) => "silent".to_owned(),
    };
    let when = match silence.until {
        Some(until) => span(silence.since, until),
        None => format!("since {}", instant(silence.since)),
    };
    let period = duration(silence.period_seconds);
    format!("{whole}, {when}, else every {period}")
}

/// A duration in the two largest units that matter.
fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..=119 => format!("{whole} s"),
        120..=7199 => format!("{} min", (whole + 30) / 60),
        7200..=172_799 => format!("{} h", (whole + 1800) / 3600),
        _ => format!("{} days", (whole + 43_200) / 86_400),
    }
}

/// A mean number of events.
fn rate(events: f64) -> String {
    if events >= 10.0 {
        number(events.round() as u64)
    } else {
        format!("{events:.1}")
    }
}

/// The day of an instant in UTC.
fn day(at: Timestamp) -> String {
    format_rfc3339(at).chars().take(10).collect()
}

/// An instant to the minute.
fn instant(at: Timestamp) -> String {
    format_rfc3339(at)
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}

fn severity_reason(level: &str, basis: &SeverityBasis) -> String {
    match basis {
        SeverityBasis::Header { events } => {
            format!("{} logged as {level}", counted(*events, "event"))
        }
        SeverityBasis::Word(word) if word.eq_ignore_ascii_case(level) => format!("says \"{word}\""),
        SeverityBasis::Word(word) => format!("says \"{word}\" ({level})"),
    }
}

/// Who speaks at the same moments as an item; `None` where it is alone.
pub fn company(item: &Item) -> Option<String> {
    match (item.told_with, item.voices) {
        (Some(leader), _) => Some(format!("a voice of {leader}: comes at the same moments")),
        (None, 0) => None,
        (None, 1) => Some("with 1 other pattern at the same moments".into()),
        (None, voices) => Some(format!("with {voices} other patterns at the same moments")),
    }
}

/// What is remembered of an item, in a few words; `None` where nothing could be.
pub fn remembered(memory: &Standing) -> Option<String> {
    let day = |at| format_rfc3339(at).get(..10).unwrap_or("?").to_owned();
    let since = memory.covers_since.map(day).unwrap_or_default();
    let last = memory.last_before.map(day).unwrap_or_default();
    let first = memory.first_ever.map(day).unwrap_or_default();
    let nights = counted(memory.nights_seen, "night");
    Some(match memory.status {
        Status::Unknown => return None,
        Status::New => format!("new: not seen since {since}, when memory begins"),
        Status::Returned => format!("returned: seen in {nights} from {first}, last {last}"),
        status => format!("{}: seen in {nights} from {first}", status.name()),
    })
}

/// Lines that were dropped, and why.
pub fn dropped(reason: DropReason, lines: u64) -> String {
    match reason {
        DropReason::Blank => counted(lines, "blank line"),
        DropReason::Marker => counted(lines, "marker line"),
        DropReason::OutsideWindow => format!("{} outside the window", counted(lines, "line")),
        DropReason::OtherTenant => format!("{} of other tenants", counted(lines, "line")),
        DropReason::Remembered => {
            format!("{} remembered from an earlier run", counted(lines, "line"))
        }
    }
}

/// How often, in words where words are shorter.
pub fn times(count: u64) -> String {
    match count {
        0 => "not once".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{} times", number(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Severity;
    use crate::finding::Signal;

    fn told(signal: Signal, evidence: Evidence) -> String {
        reason(&Finding {
            group: 0,
            signal,
            points: 0.1,
            evidence,
        })
    }

    #[test]
    fn the_incident_that_something_came_before_is_found_in_why_it_matters() {
        let mut item = crate::output::testing::item();
        item.findings[0].points = 0.2;
        item.findings[0].evidence = Evidence::Precursor(Box::new(Precursor {
            incident_id: None,
            incident: "disk.full".into(),
            preceded: 3,
            incidents: 3,
            lift: 40.0,
            lead_seconds: 300.0,
            chance: 1e-4,
        }));
        let why = why_it_matters(&item);
        assert!(names_incident(&why, "disk.full"), "{why}");
        assert!(!names_incident(&why, "disk"), "{why}");
        assert!(!names_incident(&why, "full"), "{why}");
    }

    #[test]
    fn a_pattern_that_stands_for_a_silent_host_is_titled_by_the_host() {
        let mut item = crate::output::testing::item();
        let silent = |scope| {
            Evidence::Silence(Box::new(Silence {
                host: Some("db1".into()),
                scope,
                period_seconds: 60.0,
                since: crate::event::Timestamp::from_seconds(0),
                until: None,
                missed: 9,
            }))
        };
        let pattern = title(&item);
        item.findings[0].evidence = silent(SilenceScope::Pattern);
        assert_eq!(title(&item), pattern);
        item.findings[0].evidence = silent(SilenceScope::Host);
        assert_eq!(title(&item), format!("db1 is silent: {pattern}"));
    }

    #[test]
    fn reasons_are_half_sentences() {
        let recurrence = |count, hours| Evidence::Recurrence {
            count,
            threshold: 2,
            hours,
        };
        assert_eq!(told(Signal::Recurrence, recurrence(2, 0)), "came twice");
        assert_eq!(
            told(Signal::Recurrence, recurrence(14, 6)),
            "came 14 times, in 6 different hours"
        );
        let level = Severity::Error;
        let header = Evidence::Severity {
            level,
            basis: SeverityBasis::Header { events: 1 },
        };
        assert_eq!(told(Signal::Severity, header), "1 event logged as error");
        let word = Evidence::Severity {
            level,
            basis: SeverityBasis::Word("failed".into()),
        };
        assert_eq!(told(Signal::Severity, word), "says \"failed\" (error)");
    }
}
