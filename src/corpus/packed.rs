//! A corpus as bytes, and back: what detectors see of it, to be judged again later.
//!
//! All numbers are LEB128, signed ones zigzagged, and ascending ones differences; texts have their
//! length in front. Left out are the sections, the extents and the accounting, which only say how an
//! input was read: events and dated ones are those of the patterns, muted or not. Histograms that the exact times imply are left
//! out too. The bytes are no input of ours: what is no corpus is `None`, never a panic.

use super::{Bucket, Corpus, Example, Histogram, Host, Hosts, Limits, Pattern, Slot, Span, varint};
use crate::event::{Origin, Severity, Timestamp};
use crate::signature::Fingerprint;
use std::sync::Arc;

/// The first byte: another way to pack is another number.
const VERSION: u8 = 2;
/// Events of one pattern at most, so that no sum of counts overflows.
const COUNT_MAX: u64 = 1 << 36;
/// Seconds from 1970 at which a bucket begins at most, later than any time: its end is a number too.
const SECONDS_MAX: i64 = 1 << 60;
/// Elements of a list for which room is made before they are read.
const ROOM_MAX: u64 = 1 << 10;

impl Corpus {
    /// What detectors see of it, as bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Packer(vec![VERSION]);
        out.span(self.span);
        out.number(self.patterns.len() as u64);
        for (id, pattern) in &self.patterns {
            out.0.extend_from_slice(&id.0.to_le_bytes());
            out.pattern(pattern);
        }
        out.0
    }

    /// The corpus of such bytes, with the default caps; `None` if they are none.
    pub fn unpack(bytes: &[u8]) -> Option<Corpus> {
        let mut corpus = Corpus::default();
        let limits = corpus.limits;
        let mut rest = Unpacker(bytes.strip_prefix(&[VERSION])?);
        corpus.span = rest.span()?;
        for _ in 0..rest.length(limits.patterns_max)? {
            let id = rest.bytes(8)?.try_into().ok()?;
            let id = Fingerprint(u64::from_le_bytes(id));
            let pattern = Box::new(rest.pattern(&limits)?);
            corpus.accounting.events += pattern.count;
            corpus.accounting.dated += pattern.dated;
            if corpus.patterns.insert(id, pattern).is_some() {
                return None;
            }
        }
        rest.0.is_empty().then_some(corpus)
    }
}

/// Whether a pattern's exact times are all that its histogram counts.
fn implies_histogram(pattern: &Pattern) -> bool {
    let times = pattern.hosts.as_slice().iter().map(Host::times);
    let times: Option<u64> = times.map(|times| Some(times?.len() as u64)).sum();
    times == Some(pattern.dated)
}

struct Packer(Vec<u8>);

impl Packer {
    fn number(&mut self, number: u64) {
        varint::push(&mut self.0, number);
    }

    fn signed(&mut self, number: i64) {
        self.number(varint::zigzag(number));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn span(&mut self, span: Option<Span>) {
        self.0.push(u8::from(span.is_some()));
        if let Some(span) = span {
            self.signed(span.first.0);
            self.signed(span.last.0.wrapping_sub(span.first.0));
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.maybe(pattern.service.as_deref());
        self.text(&pattern.display);
        self.maybe(pattern.component.as_deref());
        self.number(pattern.count);
        self.number(pattern.dated);
        self.span(pattern.span);
        self.number(pattern.levels.0.len() as u64);
        for (level, events) in &pattern.levels.0 {
            self.0.push(level.map_or(0, |level| level as u8 + 1));
            self.number(*events);
        }
        self.0.push(u8::from(pattern.origin.is_some()));
        if let Some(origin) = &pattern.origin {
            self.maybe(origin.tenant_id.as_deref());
            self.maybe(origin.source_type.as_deref());
            self.number(origin.fields.len() as u64);
            for (name, value) in &origin.fields {
                self.text(name);
                self.text(value);
            }
        }
        self.number(pattern.examples.as_slice().len() as u64);
        for example in pattern.examples.as_slice() {
            self.example(example);
        }
        self.number(pattern.hosts.as_slice().len() as u64);
        for host in pattern.hosts.as_slice() {
            self.host(host);
        }
        if !implies_histogram(pattern) {
            self.histogram(&pattern.histogram);
        }
    }

    fn example(&mut self, example: &Example) {
        self.0.push(u8::from(example.timestamp.is_some()));
        if let Some(time) = example.timestamp {
            self.signed(time.0);
        }
        self.number(example.line);
        self.text(&example.source);
        self.text(&example.text);
    }

    fn host(&mut self, host: &Host) {
        self.maybe(host.name.as_deref());
        self.number(host.count);
        self.0.push(u8::from(host.times().is_some()));
        match host.times() {
            Some(times) => {
                self.number(times.len() as u64);
                // Most logs have whole seconds.
                let unit = match times.iter().all(|time| time.0 % Timestamp::MICROS == 0) {
                    true => Timestamp::MICROS,
                    false => 1,
                };
                self.number(unit as u64);
                let mut last = 0;
                for time in times {
                    // Modulo 2^64, as the ends of time lie further apart than a number reaches.
                    self.signed((time.0 / unit).wrapping_sub(last));
                    last = time.0 / unit;
                }
            }
            None => {
                self.number(host.dated());
                self.span(host.span());
                self.number(host.slots().len() as u64);
                let mut last = 0;
                for slot in host.slots() {
                    self.signed(i64::from(slot.index) - last);
                    self.number(u64::from(slot.count));
                    last = i64::from(slot.index);
                }
            }
        }
    }

    fn histogram(&mut self, histogram: &Histogram) {
        self.number(histogram.width_seconds().trailing_zeros().into());
        self.number(histogram.buckets().len() as u64);
        let mut last = 0;
        for bucket in histogram.buckets() {
            self.signed(bucket.index - last);
            self.number(bucket.count);
            last = bucket.index;
        }
    }
}

/// What is not read yet.
struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.bytes(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<u64> {
        varint::try_take(&mut self.0)
    }

    fn signed(&mut self) -> Option<i64> {
        self.number().map(varint::unzigzag)
    }

    fn count(&mut self) -> Option<u64> {
        self.number().filter(|count| *count <= COUNT_MAX)
    }

    fn length(&mut self, max: usize) -> Option<u64> {
        self.number().filter(|length| *length <= max as u64)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    fn maybe(&mut self) -> Option<Option<&'a str>> {
        Some(match self.flag()? {
            true => Some(self.text()?),
            false => None,
        })
    }

    fn time(&mut self) -> Option<Timestamp> {
        Some(Timestamp(self.signed()?))
    }

    fn span(&mut self) -> Option<Option<Span>> {
        if !self.flag()? {
            return Some(None);
        }
        let first = self.time()?;
        let last = Timestamp(first.0.wrapping_add(self.signed()?));
        (first <= last).then_some(Some(Span { first, last }))
    }

    fn pattern(&mut self, limits: &Limits) -> Option<Pattern> {
        let service = self.maybe()?.map(Arc::from);
        let mut pattern = Pattern::new(service, self.text()?.into());
        pattern.component = self.maybe()?.map(Arc::from);
        pattern.count = self.count()?;
        pattern.dated = self.count()?;
        pattern.span = self.span()?;
        for _ in 0..self.length(Severity::ALL.len() + 1)? {
            let level = match *self.bytes(1)?.first()? {
                0 => None,
                level if usize::from(level) <= Severity::ALL.len() => {
                    Some(Severity::from_number(level - 1))
                }
                _ => return None,
            };
            let events = self.count()?;
            pattern.levels.add(level, events);
        }
        pattern.origin = match self.flag()? {
            true => Some(Box::new(self.origin()?)),
            false => None,
        };
        for _ in 0..self.length(limits.examples_max)? {
            let example = self.example()?;
            pattern.examples.insert(example, limits.examples_max);
        }
        let hosts = self.length(limits.hosts_max)?;
        let hosts: Option<Vec<Host>> = (0..hosts).map(|_| self.host(limits)).collect();
        pattern.hosts = Hosts::from_unsorted(hosts?, limits);
        let implied = implies_histogram(&pattern);
        pattern.histogram = match implied {
            true => implied_histogram(&pattern, limits),
            false => self.histogram(limits)?,
        };
        Some(pattern)
    }

    fn origin(&mut self) -> Option<Origin> {
        let mut origin = Origin {
            tenant_id: self.maybe()?.map(String::from),
            source_type: self.maybe()?.map(String::from),
            ..Origin::default()
        };
        for _ in 0..self.number()? {
            let name = self.text()?.to_owned();
            origin.fields.push((name, self.text()?.to_owned()));
        }
        Some(origin)
    }

    fn example(&mut self) -> Option<Example> {
        Some(Example {
            timestamp: match self.flag()? {
                true => Some(self.time()?),
                false => None,
            },
            line: self.number()?,
            source: self.text()?.into(),
            text: self.text()?.into(),
        })
    }

    fn host(&mut self, limits: &Limits) -> Option<Host> {
        let name: Option<Arc<str>> = self.maybe()?.map(Arc::from);
        let count = self.count()?;
        if self.flag()? {
            let length = self.length(limits.times_max)?;
            let unit = i64::try_from(self.number()?).ok()?;
            let mut last = 0i64;
            let mut times = Vec::with_capacity(length.min(ROOM_MAX) as usize);
            for _ in 0..length {
                last = last.wrapping_add(self.signed()?);
                times.push(Timestamp(last.checked_mul(unit)?));
            }
            let undated = count.checked_sub(length)?;
            times.sort_unstable();
            return Some(Host::exact(name, undated, &times, limits));
        }
        let (dated, span) = (self.count()?, self.span()?);
        let length = self.length(limits.slots_max)?;
        let mut slots = Vec::with_capacity(length.min(ROOM_MAX) as usize);
        let mut last = i64::from(i32::MIN) - 1;
        let mut at = 0i64;
        for _ in 0..length {
            at = at.checked_add(self.signed()?)?;
            if at <= last {
                return None;
            }
            last = at;
            slots.push(Slot {
                index: i32::try_from(at).ok()?,
                count: u32::try_from(self.number()?)
                    .ok()
                    .filter(|count| *count > 0)?,
            });
        }
        Some(Host::dense(name, count, (dated, span?), slots))
    }

    fn histogram(&mut self, limits: &Limits) -> Option<Histogram> {
        let shift = u32::try_from(self.number()?).ok()?;
        let length = self.length(limits.buckets_max)?;
        let mut buckets: Vec<Bucket> = Vec::with_capacity(length.min(ROOM_MAX) as usize);
        let mut index = 0i64;
        for _ in 0..length {
            let step = self.signed()?;
            index = index.checked_add(step)?;
            let first = buckets.is_empty();
            if !first && step <= 0
                || shift > 60
                || index.checked_mul(1 << shift)?.abs() > SECONDS_MAX
            {
                return None;
            }
            let count = self.count().filter(|count| *count > 0)?;
            buckets.push(Bucket { index, count });
        }
        (shift <= 60).then(|| Histogram::of(shift, buckets))
    }
}

fn implied_histogram(pattern: &Pattern, limits: &Limits) -> Histogram {
    let hosts = pattern.hosts.as_slice().iter();
    let mut times: Vec<i64> = hosts
        .flat_map(|host| host.times().unwrap_or_default())
        .map(|time| time.seconds())
        .collect();
    times.sort_unstable();
    let mut histogram = Histogram::default();
    for second in times {
        histogram.add(second, 1, limits.buckets_max);
    }
    histogram
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::assemble::Sink;
    use crate::event::Event;
    use crate::reduce::Reducer;
    use proptest::prelude::*;

    /// A corpus of many kinds of patterns: dense, rare, undated, of several hosts and levels.
    fn corpus(seed: i64) -> Corpus {
        let mut reducer = Reducer::default();
        for n in 0..900i64 {
            let message = ["flush failed", "link lost", "pool low", "late"][(n % 7 % 4) as usize];
            let host = ["db1", "web2", ""][(n * seed % 5 % 3) as usize];
            let event = Event {
                timestamp: (n % 11 > 0 || n % 7 == 0)
                    .then_some(Timestamp(1_772_000_000_000_000 + n * 7_100_013 * seed)),
                host: (!host.is_empty()).then(|| host.as_bytes().into()),
                service: (n % 7 != 3).then(|| b"ledger"[..].into()),
                severity: (n % 3 > 0).then(|| Severity::from_number((n % 6) as u8)),
                component: (n % 13 == 0).then(|| b"io.flush"[..].into()),
                origin: (n % 17 == 0).then(|| {
                    Box::new(Origin {
                        fields: vec![("alert_id".into(), "7".into())],
                        ..Origin::default()
                    })
                }),
                message: message.as_bytes().into(),
                ..Event::default()
            };
            reducer.event(n as u64 + 1, message.as_bytes(), &event);
        }
        reducer.finish()
    }

    #[test]
    fn bytes_give_back_the_corpus() {
        for seed in [0, 1, 3, 4000] {
            let corpus = corpus(seed);
            let again = Corpus::unpack(&corpus.pack()).unwrap();
            assert_eq!(again.patterns, corpus.patterns);
            assert_eq!(
                (again.span, again.other(), again.accounting.dated),
                (corpus.span, corpus.other(), corpus.accounting.dated)
            );
        }
        assert_eq!(
            Corpus::unpack(&Corpus::default().pack()),
            Some(Corpus::default())
        );
    }

    #[test]
    fn whatever_time_an_event_has_is_given_back() {
        let ends = [i64::MIN, 9_000_000_000_000_000_000, -1, i64::MAX];
        for repeated in [1, 400] {
            let mut reducer = Reducer::default();
            for n in 0..ends.len() * repeated {
                let event = Event {
                    timestamp: Some(Timestamp(ends[n % ends.len()])),
                    message: b"flush failed".into(),
                    ..Event::default()
                };
                reducer.event(n as u64 + 1, b"flush failed", &event);
            }
            let corpus = reducer.finish();
            let again = Corpus::unpack(&corpus.pack()).unwrap();
            assert_eq!((again.patterns, again.span), (corpus.patterns, corpus.span));
        }
    }

    #[test]
    fn what_is_muted_is_packed_with_the_rest() {
        let corpus = corpus(3);
        let mut muted = corpus.clone();
        (muted.accounting.events, muted.accounting.muted) = (1, corpus.accounting.events - 1);
        muted.accounting.dated = 0;
        let again = Corpus::unpack(&muted.pack()).unwrap();
        let counted = |corpus: &Corpus| (corpus.accounting.events, corpus.accounting.dated);
        assert_eq!(counted(&again), counted(&corpus));
    }

    #[test]
    fn a_slot_or_bucket_of_nothing_is_no_corpus() {
        for (count, is_one) in [(1, true), (0, false)] {
            // No name, one event, no exact times; one is dated, a span; a slot.
            let host = [0, 1, 0, 1, 1, 0, 0, 1, 14, count];
            let read = Unpacker(&host).host(&Limits::default());
            assert_eq!(read.is_some(), is_one, "{read:?}");
            let histogram = [0, 1, 14, count];
            let read = Unpacker(&histogram).histogram(&Limits::default());
            assert_eq!(read.is_some(), is_one, "{read:?}");
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_a_corpus_or_none(
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            length in any::<prop::sample::Index>(),
        ) {
            let mut bytes = corpus(3).pack();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = Corpus::unpack(&bytes);
            let _ = Corpus::unpack(&bytes[..length.index(bytes.len())]);
        }
    }
}
