//! A naive reducer that sees all events at once, and agrees with the real one at any split.
//!
//! No caps along the way, no merging, no cleverness: each value is computed from the list of
//! events by its definition. It starts from parsed events, so nothing of formats is tested here.
#![allow(clippy::unwrap_used)]

use brainstem::assemble::{DropReason, Sink};
use brainstem::corpus::{Corpus, Example, Limits, Pattern};
use brainstem::event::{Event, Origin, Severity, Text, Timestamp};
use brainstem::input::{Block, Source};
use brainstem::reduce::Reducer;
use brainstem::signature::{Class, Fingerprint, Rank, Signature, Signatures};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An event as the assembler tells it, or a line that is none.
#[derive(Debug, Clone)]
struct Told {
    source: &'static str,
    line: u64,
    text: Vec<u8>,
    continuation: Vec<Vec<u8>>,
    event: Option<Event<'static>>,
}

/// An event with where it was told.
type Seen<'a> = (&'a Told, &'a Event<'static>);

/// A host's count, dated events, first and last time, exact times, slots.
type OnHost = (
    u64,
    u64,
    Option<(i64, i64)>,
    Option<Vec<i64>>,
    Vec<(i64, u64)>,
);

/// One pattern, computed the plain way.
#[derive(Debug, PartialEq, Default)]
struct Plain {
    service: Option<String>,
    display: String,
    component: Option<String>,
    count: u64,
    dated: u64,
    span: Option<(i64, i64)>,
    levels: Vec<u64>,
    width: i64,
    buckets: Vec<(i64, u64)>,
    hosts: BTreeMap<Option<String>, OnHost>,
    examples: Vec<Example>,
    tenant: Option<String>,
}

fn span(times: &[i64]) -> Option<(i64, i64)> {
    Some((*times.iter().min()?, *times.iter().max()?))
}

fn lossy(text: &Text<'_>) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn times(events: &[Seen<'_>]) -> Vec<i64> {
    let mut times: Vec<i64> = events
        .iter()
        .filter_map(|(_, e)| e.timestamp.map(|t| t.0))
        .collect();
    times.sort();
    times
}

fn on_host(events: &[Seen<'_>], limits: &Limits) -> OnHost {
    let times = times(events);
    let kept = (times.len() <= limits.times_max).then(|| times.clone());
    let mut slots = BTreeMap::new();
    if kept.is_none() {
        for time in &times {
            // Beyond the reach of the index all times share a slot.
            let slot = time.div_euclid(300_000_000);
            let slot = slot.clamp(i32::MIN.into(), i32::MAX.into());
            *slots.entry(slot).or_insert(0) += 1;
        }
    }
    while slots.len() > limits.slots_max {
        slots.pop_first();
    }
    let slots = slots.into_iter().collect();
    (
        events.len() as u64,
        times.len() as u64,
        span(&times),
        kept,
        slots,
    )
}

/// The finest power-of-two width that fits, and the non-empty buckets.
fn buckets(times: &[i64], max: usize) -> (i64, Vec<(i64, u64)>) {
    for shift in 0.. {
        let mut counts = BTreeMap::new();
        for time in times {
            *counts
                .entry(time.div_euclid(1_000_000) >> shift)
                .or_insert(0) += 1;
        }
        if counts.len() <= max {
            return (1 << shift, counts.into_iter().collect());
        }
    }
    unreachable!("any two times share a bucket, or lie on two sides of the epoch")
}

fn examples(events: &[Seen<'_>], limits: &Limits) -> Vec<Example> {
    let mut all = BTreeSet::new();
    for (told, event) in events {
        let whole: Vec<&[u8]> = [&told.text]
            .into_iter()
            .chain(&told.continuation)
            .map(|t| t.as_slice())
            .collect();
        let mut text = String::from_utf8_lossy(&whole.join(&b'\n')).into_owned();
        while text.len() > limits.example_bytes_max {
            text.pop();
        }
        let key = (
            event.timestamp.map_or(i64::MAX, |t| t.0),
            told.source,
            told.line,
        );
        all.insert((key, text, event.timestamp));
    }
    let example = |(key, text, timestamp): ((i64, &str, u64), String, Option<Timestamp>)| Example {
        timestamp,
        line: key.2,
        source: key.1.into(),
        text: text.into(),
    };
    all.into_iter()
        .take(limits.examples_max)
        .map(example)
        .collect()
}

fn plain(events: &[Seen<'_>], display: &str, limits: &Limits) -> Plain {
    let times = times(events);
    let (width, buckets) = buckets(&times, limits.buckets_max);
    let mut by_host: BTreeMap<Option<String>, Vec<Seen<'_>>> = BTreeMap::new();
    for &(told, event) in events {
        by_host
            .entry(event.host.as_ref().map(lossy))
            .or_default()
            .push((told, event));
    }
    let named = by_host.into_iter().take(limits.hosts_max);
    let levels = Severity::ALL.into_iter().map(Some).chain([None]);
    Plain {
        service: events
            .iter()
            .filter_map(|(_, e)| e.service.as_ref().map(lossy))
            .min(),
        display: display.to_string(),
        component: events
            .iter()
            .filter_map(|(_, e)| e.component.as_ref().map(lossy))
            .min(),
        count: events.len() as u64,
        dated: times.len() as u64,
        span: span(&times),
        levels: levels
            .map(|level| events.iter().filter(|(_, e)| e.severity == level).count() as u64)
            .collect(),
        width,
        buckets,
        hosts: named
            .map(|(name, events)| (name, on_host(&events, limits)))
            .collect(),
        examples: examples(events, limits),
        tenant: events
            .iter()
            .filter_map(|(_, e)| e.origin.as_ref()?.tenant_id.clone())
            .min(),
    }
}

/// All patterns of a list of events.
fn reference(all: &[Told], limits: &Limits) -> BTreeMap<Fingerprint, Plain> {
    let mut groups: BTreeMap<Fingerprint, (String, Vec<Seen<'_>>)> = BTreeMap::new();
    for told in all {
        let Some(event) = &told.event else { continue };
        let mut signatures = Signatures::default();
        let index = signatures.lookup(event.service.as_deref(), &event.message);
        let signature = signatures.get(index);
        let display = signature.pattern.to_string();
        let group = groups
            .entry(signature.fingerprint)
            .or_insert((display.clone(), Vec::new()));
        group.0 = group.0.clone().min(display);
        group.1.push((told, event));
    }
    let ids: Vec<Rank> = groups
        .iter()
        .map(|(id, (_, events))| rank(*id, events))
        .collect();
    let kept = staying(ids, limits);
    let kept = groups.into_iter().filter(|(id, _)| kept.contains(id));
    kept.map(|(id, (display, events))| (id, plain(&events, &display, limits)))
        .collect()
}

/// The place of a pattern in the order of those that stay, by one of its events.
fn rank(id: Fingerprint, events: &[Seen<'_>]) -> Rank {
    let event = events[0].1;
    let signature = Signature::of(event.service.as_deref(), &event.message);
    Rank::of(id, signature.service.as_deref(), &signature.pattern)
}

/// Which patterns stay: the first of each class by fingerprint, class by class, and then the others.
fn staying(mut ranks: Vec<Rank>, limits: &Limits) -> BTreeSet<Fingerprint> {
    ranks.sort();
    let mut classes: BTreeMap<Class, Vec<Fingerprint>> = BTreeMap::new();
    for rank in ranks {
        classes
            .entry(rank.class)
            .or_default()
            .push(rank.fingerprint);
    }
    let own =
        |class: &Vec<Fingerprint>| class.iter().take(limits.class_patterns).copied().collect();
    let mut order: Vec<Fingerprint> = classes.values().flat_map::<Vec<_>, _>(own).collect();
    let others = classes
        .values()
        .flat_map(|class| class.iter().skip(limits.class_patterns));
    let mut others: Vec<Fingerprint> = others.copied().collect();
    others.sort();
    order.extend(others);
    order.into_iter().take(limits.patterns_max).collect()
}

/// A pattern of the real corpus in the reference's words.
fn as_plain(pattern: &Pattern) -> Plain {
    let ends = |s: &brainstem::corpus::Span| (s.first.0, s.last.0);
    let hosts = pattern.hosts.as_slice().iter().map(|h| {
        let times = h.times().map(|times| times.iter().map(|t| t.0).collect());
        let slots = h.slots().map(|s| (i64::from(s.index), u64::from(s.count)));
        (
            h.name.as_deref().map(String::from),
            (
                h.count,
                h.dated(),
                h.span().as_ref().map(ends),
                times,
                slots.collect(),
            ),
        )
    });
    Plain {
        service: pattern.service.as_deref().map(String::from),
        display: pattern.display.to_string(),
        component: pattern.component.as_deref().map(String::from),
        count: pattern.count,
        dated: pattern.dated,
        span: pattern.span.as_ref().map(ends),
        levels: Severity::ALL
            .map(Some)
            .into_iter()
            .chain([None])
            .map(|l| pattern.level(l))
            .collect(),
        width: pattern.histogram.width_seconds(),
        buckets: pattern
            .histogram
            .buckets()
            .map(|b| (b.index, b.count))
            .collect(),
        hosts: hosts.collect(),
        examples: pattern.examples.as_slice().to_vec(),
        tenant: pattern.origin.as_ref().and_then(|o| o.tenant_id.clone()),
    }
}

fn reduce(all: &[Told], limits: Limits) -> Corpus {
    let mut reducer = Reducer::with_limits(limits);
    for told in all {
        let source = Arc::new(Source {
            name: told.source.into(),
            modified: None,
        });
        let bytes = Vec::new();
        reducer.begin(&Block {
            source,
            first_line: told.line,
            bytes,
            lines_cut: 1,
            last: false,
        });
        match &told.event {
            Some(event) => reducer.event(told.line, &told.text, event),
            None => reducer.dropped(told.line, DropReason::Blank),
        }
        for (n, text) in told.continuation.iter().enumerate() {
            reducer.continuation(told.line + 1 + n as u64, text);
        }
    }
    reducer.finish()
}

fn event() -> impl Strategy<Value = Event<'static>> {
    let text = |words: &'static [&'static str]| prop::option::of(prop::sample::select(words));
    let time = prop_oneof![1 => Just(None), 5 => (-50i64..2_000).prop_map(Some), 1 => any::<i64>().prop_map(Some)];
    const MESSAGES: [&str; 6] = [
        "disk slow",
        "disk full",
        "link up",
        "link down",
        "queue grew",
        "tick",
    ];
    (
        time,
        text(&["db1", "db2", "web1", "web2", "b\u{fc}ro"]),
        prop::sample::select(&["ledger", "mail"][..]),
        text(&["store", "store.disk", "net"]),
        prop::option::of(0u8..8),
        prop::sample::select(&MESSAGES[..]),
        text(&["blue", "green"]),
    )
        .prop_map(
            |(time, host, service, component, level, message, tenant)| Event {
                // Small times are milliseconds, so that several fall into one second.
                timestamp: time.map(|t| Timestamp(if t.abs() < 3_000 { t * 250_000 } else { t })),
                host: host.map(|h| h.as_bytes().into()),
                service: Some(service.as_bytes().into()),
                component: component.map(|c| c.as_bytes().into()),
                severity: level.map(Severity::from_number),
                message: message.as_bytes().into(),
                origin: tenant.map(|t| {
                    Box::new(Origin {
                        tenant_id: Some(t.into()),
                        ..Origin::default()
                    })
                }),
                ..Event::default()
            },
        )
}

fn told() -> impl Strategy<Value = Told> {
    let bytes = || {
        let pieces = [
            &b"a"[..],
            b"\xc3",
            b"\xa4",
            b"\xff",
            b"trouble",
            b" \xe2\x82\xac",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..6).prop_map(|p| p.concat())
    };
    let source = prop::sample::select(&["a.log", "b.log", "-"][..]);
    let continuation = prop::collection::vec(bytes(), 0..3);
    (
        source,
        1u64..30,
        bytes(),
        continuation,
        prop::option::weighted(0.9, event()),
    )
        .prop_map(|(source, line, text, continuation, event)| Told {
            source,
            line,
            text,
            continuation,
            event,
        })
}

proptest! {
    #[test]
    fn reducing_parts_and_merging_them_is_reducing_the_whole(
        all in prop::collection::vec(told(), 0..80),
        cut in 0.0..1.0f64,
        caps in (0usize..24, 1usize..4, 1usize..12, 1usize..5, 0usize..6, 2usize..9, 1usize..5),
    ) {
        let limits = Limits {
            patterns_max: caps.0 / 3 + 1, class_patterns: caps.0 % 3 + 1, examples_max: caps.1, example_bytes_max: caps.2,
            hosts_max: caps.3, times_max: caps.4, buckets_max: caps.5,
            slots_max: caps.6,
        };
        let (a, b) = all.split_at((all.len() as f64 * cut) as usize);
        let whole = reduce(&all, limits);
        let mut merged = reduce(a, limits);
        merged.merge(reduce(b, limits));
        let mut swapped = reduce(b, limits);
        swapped.merge(reduce(a, limits));
        let mut onto_nothing = Corpus::default();
        onto_nothing.merge(whole.clone());
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(&swapped, &whole);
        prop_assert_eq!(&onto_nothing, &whole);

        let real: BTreeMap<Fingerprint, Plain> =
            whole.patterns.iter().map(|(id, pattern)| (*id, as_plain(pattern))).collect();
        prop_assert_eq!(real, reference(&all, &limits));
        let lines: usize = all.iter().map(|told| 1 + told.continuation.len()).sum();
        prop_assert_eq!(whole.accounting.lines(), lines as u64);
        prop_assert_eq!(whole.accounting.lines_cut, all.len() as u64);
    }
}
