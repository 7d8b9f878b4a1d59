//! A pattern being counted.
//!
//! What an event adds to is in one line of memory; the pattern gets it when another bucket or another
//! level begins, or at the end. What its hosts say together is not counted a second time.

use crate::corpus::{Example, Limits, Pattern, example_key};
use crate::event::{Brief, Event, Severity, Timestamp};
use crate::signature::Signature;

/// A pattern being counted; its hosts are in the cells.
#[derive(Debug)]
pub(super) struct Tally {
    pattern: Box<Pattern>,
    /// Later events are no examples, nor are those without a time.
    latest_wanted: Timestamp,
    /// Where the last bucket begins and its width; a second in it, and its events that are not in the
    /// pattern yet.
    bucket_start: i64,
    bucket_micros: u64,
    bucket_second: i64,
    in_bucket: u64,
    /// The level of the last event, and the events of it that are not in the pattern yet.
    severity: Option<Severity>,
    of_severity: u64,
}

impl Tally {
    pub fn new(signature: &Signature) -> Self {
        Tally {
            pattern: Box::new(Pattern::new(
                signature.service.clone(),
                signature.pattern.clone(),
            )),
            latest_wanted: Timestamp(i64::MAX),
            bucket_start: 0,
            bucket_micros: 0,
            bucket_second: 0,
            in_bucket: 0,
            severity: None,
            of_severity: 0,
        }
    }

    /// Keeps what an event says of where it comes from.
    pub fn describe(&mut self, event: &Event<'_>) {
        self.pattern.describe(event);
    }

    /// Keeps the component of an event.
    pub fn describe_component(&mut self, component: &[u8]) {
        self.pattern.describe_component(component);
    }

    /// Counts an event, all but its host; whether it may become an example.
    #[inline]
    pub fn add(&mut self, brief: Brief<'_>, line: u64, source: &str, limits: &Limits) -> bool {
        if self.severity != brief.severity {
            self.end_level();
            self.severity = brief.severity;
        }
        self.of_severity += 1;
        let is_late = match brief.timestamp {
            Some(time) => {
                if time.0.wrapping_sub(self.bucket_start) as u64 >= self.bucket_micros {
                    self.begin_bucket(time, limits);
                }
                self.in_bucket += 1;
                time > self.latest_wanted
            }
            None => self.latest_wanted != Timestamp(i64::MAX),
        };
        !is_late && self.wants(brief.timestamp, line, source, limits)
    }

    fn wants(&self, time: Option<Timestamp>, line: u64, source: &str, limits: &Limits) -> bool {
        let key = example_key(time, line, source);
        self.pattern.examples.wants(key, limits.examples_max)
    }

    /// Keeps an example.
    pub fn keep(&mut self, example: Example, limits: &Limits) {
        let examples = &mut self.pattern.examples;
        examples.insert(example, limits.examples_max);
        if examples.as_slice().len() >= limits.examples_max
            && let Some(latest) = examples.as_slice().last()
            && let Some(time) = latest.timestamp
        {
            self.latest_wanted = time;
        }
    }

    fn end_level(&mut self) {
        if self.of_severity > 0 {
            self.pattern.add_level(self.severity, self.of_severity);
            self.of_severity = 0;
        }
    }

    fn end_bucket(&mut self, limits: &Limits) {
        if self.in_bucket > 0 {
            let histogram = &mut self.pattern.histogram;
            histogram.add(self.bucket_second, self.in_bucket, limits.buckets_max);
            self.in_bucket = 0;
        }
    }

    fn begin_bucket(&mut self, time: Timestamp, limits: &Limits) {
        self.end_bucket(limits);
        let width = self.pattern.histogram.width_seconds();
        self.bucket_second = time.seconds();
        // At the ends of time a bucket takes one event.
        let micros = width.checked_mul(Timestamp::MICROS);
        let behind = micros.map(|micros| time.0.rem_euclid(micros));
        let start = behind.and_then(|behind| time.0.checked_sub(behind));
        self.bucket_start = start.unwrap_or_default();
        self.bucket_micros = start.and(micros).map_or(0, i64::unsigned_abs);
    }

    /// The pattern with all that was counted, but for the hosts.
    pub fn into_pattern(mut self, signature: Signature, limits: &Limits) -> Box<Pattern> {
        self.end_level();
        self.end_bucket(limits);
        // Lines met after the tally was begun may have brought a smaller display.
        self.pattern.display = signature.pattern;
        self.pattern
    }
}
