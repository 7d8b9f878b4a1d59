//! The shape of JSON Lines: names, order and meaning of every field that programs may rely on.
//!
//! Fields are only ever added. These types are apart from the domain's so that renaming one there
//! cannot change what is promised here. Strings are always valid UTF-8: bytes that are not became
//! U+FFFD before.

use super::escape::is_active;
use super::prose::{summary, title, why_it_matters};
use super::wire_memory::{RemarkObject, remarks as said};
use super::{Cap, DROP_REASONS, Report};
use crate::corpus::{Example, Pattern};
use crate::event::{Severity, Timestamp};
use crate::finding::{Band, Item, Nearby, Signal};
use crate::format::stamp::format_rfc3339;
use crate::group::Group;
use crate::lexicon;
use crate::signature::Fingerprint;
use evidence::{EvidenceObject, evidence};
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use triage::BaselineObject;

mod triage;

mod evidence;

/// Writes one object and its newline.
pub fn write_line(out: &mut dyn Write, object: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Visible);
    object.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Compact JSON that escapes, besides what it must, the characters that act on a terminal.
struct Visible;

impl serde_json::ser::Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(is_active) {
            to.write_all(&rest.as_bytes()[..at])?;
            let mut after = rest[at..].chars();
            for unit in after.next().into_iter().collect::<String>().encode_utf16() {
                write!(to, "\\u{unit:04x}")?;
            }
            rest = after.as_str();
        }
        to.write_all(rest.as_bytes())
    }
}

/// An object of pairs in their own order.
pub struct Pairs<V>(pub Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for Pairs<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn fields<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// RFC 3339 in UTC.
fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(format_rfc3339)
}

/// `brainstem.item/1`.
#[derive(Serialize)]
pub struct ItemLine<'a> {
    title: String,
    summary: String,
    decision_band: &'static str,
    attention_band: &'static str,
    attention_score: f64,
    score_total: f64,
    confidence: f64,
    why_it_matters: String,
    signals: Pairs<f64>,
    metadata: Metadata<'a>,
    schema: &'static str,
    id: String,
    candidate_type: Option<&'static str>,
    pattern: &'a str,
    sample: &'a str,
    labels: Vec<&'static str>,
    evidence: Pairs<EvidenceObject<'a>>,
    examples: Vec<ExampleObject<'a>>,
    memory: Memory<'a>,
    /// The item that it is a voice of.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_with: Option<String>,
    /// How many others are voices of it.
    #[serde(skip_serializing_if = "is_none")]
    voices: u64,
}

#[derive(Serialize)]
struct Metadata<'a> {
    tenant_id: Option<&'a str>,
    source_type: Option<&'a str>,
    event_family: &'static str,
    service: Option<&'a str>,
    severity: Option<&'static str>,
    count: u64,
    hosts: &'a [String],
    first_seen: Option<String>,
    last_seen: Option<String>,
    component: Option<&'a str>,
    section: Option<&'a str>,
    #[serde(serialize_with = "fields")]
    fields: &'a [(String, String)],
}

#[derive(Serialize)]
struct ExampleObject<'a> {
    source: &'a str,
    line: u64,
    text: &'a str,
    /// The lines around it, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    context: Vec<NearbyObject<'a>>,
}

#[derive(Serialize)]
struct NearbyObject<'a> {
    line: u64,
    text: &'a str,
}

/// What is remembered of earlier runs.
#[derive(Serialize)]
struct Memory<'a> {
    status: &'static str,
    first_ever: Option<String>,
    last_before: Option<String>,
    nights_seen: u64,
    covers_since: Option<String>,
    remarks: Vec<RemarkObject<'a>>,
}

impl<'a> From<&'a Item> for ItemLine<'a> {
    fn from(item: &'a Item) -> Self {
        let nearby = || {
            item.nearby
                .iter()
                .map(|Nearby { line, text }| NearbyObject { line: *line, text })
        };
        let example = |(at, example): (usize, &'a Example)| ExampleObject {
            source: &example.source,
            line: example.line,
            text: &example.text,
            context: nearby().filter(|_| at == 0).collect(),
        };
        ItemLine {
            title: title(item),
            summary: summary(item),
            decision_band: item.band.decision(),
            attention_band: item.band.name(),
            attention_score: rounded(item.score),
            score_total: rounded(item.score),
            confidence: rounded(item.confidence),
            why_it_matters: why_it_matters(item),
            signals: signals(item),
            metadata: metadata(item),
            schema: "brainstem.item/1",
            id: item.id.to_string(),
            candidate_type: candidate_type(item),
            pattern: &item.pattern,
            sample: item.examples.first().map_or("", |example| &example.text),
            labels: item.labels.iter().map(|label| label.name()).collect(),
            evidence: Pairs(item.findings.iter().map(evidence).collect()),
            examples: item.examples.iter().enumerate().map(example).collect(),
            memory: Memory {
                status: item.memory.status.name(),
                first_ever: time(item.memory.first_ever),
                last_before: time(item.memory.last_before),
                nights_seen: item.memory.nights_seen,
                covers_since: time(item.memory.covers_since),
                remarks: said(&item.remarks),
            },
            told_with: item.told_with.map(|leader| leader.to_string()),
            voices: item.voices,
        }
    }
}

fn metadata(item: &Item) -> Metadata<'_> {
    let origin = item.origin.as_ref();
    Metadata {
        tenant_id: origin.and_then(|origin| origin.tenant_id.as_deref()),
        source_type: origin.and_then(|origin| origin.source_type.as_deref()),
        event_family: item.family.name(),
        service: item.service.as_deref(),
        severity: item.severity.map(Severity::name),
        count: item.count,
        hosts: &item.hosts,
        first_seen: time(item.first),
        last_seen: time(item.last),
        component: item.component.as_deref(),
        section: item.section.as_deref(),
        fields: origin.map_or(&[], |origin| &origin.fields),
    }
}

/// Contribution by name, in the order of the findings; their sum is the score.
/// Points without the noise of binary fractions: to 1e-12, far below what their sum promises.
fn rounded(points: f64) -> f64 {
    (points * 1e12).round() / 1e12
}

fn signals(item: &Item) -> Pairs<f64> {
    Pairs(
        item.findings
            .iter()
            .map(|finding| (finding.signal.name(), rounded(finding.points)))
            .collect(),
    )
}

/// The signal that contributed most among those that may type an item; the first of equals.
fn candidate_type(item: &Item) -> Option<&'static str> {
    let points = |signal: &Signal| {
        let mut of_signal = item
            .findings
            .iter()
            .filter(|finding| finding.signal == *signal);
        of_signal.next().map_or(0.0, |finding| finding.points)
    };
    let may_type = Signal::ALL
        .into_iter()
        .filter(|s| s.types_an_item() && points(s) > 0.0);
    // `max_by` takes the last of equals, so the order is turned round.
    may_type
        .rev()
        .max_by(|a, b| points(a).total_cmp(&points(b)))
        .map(Signal::name)
}

/// `brainstem.run/1`.
#[derive(Serialize)]
pub struct RunLine<'a> {
    schema: &'static str,
    version: &'static str,
    lines: u64,
    events: u64,
    continuation: u64,
    muted: u64,
    dropped: u64,
    dropped_by_reason: Pairs<u64>,
    dated: u64,
    undated: u64,
    signatures: u64,
    signatures_estimate: u64,
    items: u64,
    items_per_band: Pairs<u64>,
    caps_reached: Vec<CapObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<BaselineObject<'a>>,
    sources: &'a [String],
}

#[derive(Serialize)]
struct CapObject {
    name: &'static str,
    limit: u64,
    over: u64,
}

impl<'a> From<&'a Report<'_>> for RunLine<'a> {
    fn from(report: &'a Report<'_>) -> Self {
        let accounting = &report.corpus.accounting;
        let dropped =
            |(reason, name)| (name, accounting.dropped.get(&reason).copied().unwrap_or(0));
        let cap = |Cap {
                       name, limit, over, ..
                   }| CapObject { name, limit, over };
        RunLine {
            schema: "brainstem.run/1",
            version: env!("CARGO_PKG_VERSION"),
            lines: accounting.lines(),
            events: accounting.events,
            continuation: accounting.continuation,
            muted: accounting.muted,
            dropped: accounting.dropped(),
            dropped_by_reason: Pairs(DROP_REASONS.map(dropped).into()),
            dated: accounting.dated,
            undated: accounting.undated(),
            signatures: report.corpus.patterns.len() as u64,
            signatures_estimate: report.corpus.patterns_estimate(),
            items: report.items.len() as u64,
            items_per_band: Pairs(
                Band::ALL
                    .map(|band| (band.name(), report.in_band(band)))
                    .into(),
            ),
            caps_reached: report.caps().into_iter().map(cap).collect(),
            baseline: report.comparison.map(BaselineObject::from),
            sources: &report.sources,
        }
    }
}

/// `brainstem.event/1`: one input line. `dropped` and `continuation` only where they apply.
#[derive(Serialize)]
pub struct EventLine<'a> {
    /// Always `brainstem.event/1`.
    pub schema: &'static str,
    /// 1-based number of the line.
    pub line: u64,
    /// The input as the user named it.
    pub source: &'a str,
    /// RFC 3339 in UTC.
    pub timestamp: Option<&'a str>,
    /// The machine.
    pub host: Option<&'a str>,
    /// The program.
    pub service: Option<&'a str>,
    /// The process id.
    pub pid: Option<u32>,
    /// The level that the header states.
    pub severity: Option<&'static str>,
    /// The keyword of the syslog facility.
    pub facility: Option<&'static str>,
    /// The message without its header.
    pub message: Option<&'a str>,
    /// The id of the pattern.
    pub signature: Option<String>,
    /// The pattern.
    pub pattern: Option<&'a str>,
    /// What kind of event it is.
    pub event_family: Option<&'static str>,
    /// True on the further lines of an event.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub continuation: bool,
    /// Why the line is no event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<&'static str>,
}

/// `brainstem.signature/1`.
#[derive(Serialize)]
pub struct SignatureLine<'a> {
    schema: &'static str,
    signature: String,
    pattern: &'a str,
    group: String,
    group_pattern: &'a str,
    service: Option<&'a str>,
    event_family: &'static str,
    severity: Option<&'static str>,
    count: u64,
    hosts: Vec<&'a str>,
    first_seen: Option<String>,
    last_seen: Option<String>,
}

impl<'a> SignatureLine<'a> {
    /// One member of a group.
    pub fn new(id: Fingerprint, pattern: &'a Pattern, group: &'a Group) -> Self {
        let service = pattern.service.as_deref();
        let stated = |severity: &Severity| pattern.level(Some(*severity)) > 0;
        SignatureLine {
            schema: "brainstem.signature/1",
            signature: id.to_string(),
            pattern: &pattern.display,
            group: group.id.to_string(),
            group_pattern: &group.pattern,
            service,
            event_family: lexicon::family(&pattern.display).name(),
            severity: Severity::ALL.into_iter().find(stated).map(Severity::name),
            count: pattern.count,
            hosts: pattern.hosts.names().collect(),
            first_seen: time(pattern.span.map(|span| span.first)),
            last_seen: time(pattern.span.map(|span| span.last)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;

    fn line(object: &impl Serialize) -> String {
        let mut out = Vec::new();
        write_line(&mut out, object).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The names of an object's fields, in order.
    fn names(json: &str) -> Vec<String> {
        let mut names = Vec::new();
        let (mut depth, mut in_string, mut began) = (0, false, 0);
        for (at, byte) in json.bytes().enumerate() {
            match byte {
                b'"' if in_string && depth == 1 && json.as_bytes()[at + 1] == b':' => {
                    names.push(json[began..at].to_owned());
                    in_string = false;
                }
                b'"' => (in_string, began) = (!in_string, at + 1),
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
        }
        names
    }

    #[test]
    fn the_fields_of_an_item_stand_as_promised() {
        let item = testing::item();
        let promised = "title summary decision_band attention_band attention_score score_total \
            confidence why_it_matters signals metadata schema id candidate_type pattern sample \
            labels evidence examples memory";
        assert_eq!(names(&line(&ItemLine::from(&item))).join(" "), promised);
    }

    #[test]
    fn the_signals_add_up_to_the_score() {
        let item = testing::item();
        let json: serde_json::Value = serde_json::from_str(&line(&ItemLine::from(&item))).unwrap();
        let signals = json["signals"].as_object().unwrap();
        let sum: f64 = signals.values().filter_map(serde_json::Value::as_f64).sum();
        assert!((json["attention_score"].as_f64().unwrap() - sum).abs() < 1e-9);
        assert_eq!(json["candidate_type"], "recurrence");
        assert_eq!(json["evidence"]["severity"]["word"], "failed");
        assert_eq!(json["metadata"]["fields"]["alert_id"], "LM-1");
    }

    #[test]
    fn the_parts_of_a_run_record_add_up() {
        let corpus = testing::corpus();
        let json = line(&RunLine::from(&testing::report(vec![], &corpus)));
        let run: serde_json::Value = serde_json::from_str(&json).unwrap();
        let part = |name: &str| run[name].as_u64().unwrap();
        let parts = part("events") + part("continuation") + part("muted") + part("dropped");
        assert_eq!(parts, part("lines"));
        assert_eq!(part("dated") + part("undated"), part("events"));
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_means_the_same() {
        let text = "a\x1b\u{9b}31m\u{202e}\u{e0001}日\"\\";
        let json = line(&text);
        assert_eq!(
            json,
            "\"a\\u001b\\u009b31m\\u202e\\udb40\\udc01日\\\"\\\\\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
