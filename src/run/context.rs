//! `--context` and `--around`: the lines around an item's first example, from the same source and
//! host. The inputs are read a second time for it, which standard input does not allow.

use super::Scan;
use crate::assemble::{DropReason, Sink};
use crate::event::{Event, Timestamp};
use crate::finding::{Item, Nearby};
use crate::format::opens_event;
use crate::input;
use crate::stderr;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Lines shown before and after an example at most.
const LINES_MAX: usize = 100;
/// Bytes kept of a line.
const LINE_BYTES_MAX: usize = 1024;
/// Hosts whose last lines are held; beyond it they are forgotten and found anew.
const HOSTS_HELD_MAX: usize = 4096;

/// How much to show around an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Lines before and after; `None` is as many as the time allows, and at most a hundred.
    pub lines: Option<usize>,
    /// Seconds before and after; `None` is any.
    pub seconds: Option<i64>,
}

impl Scan {
    /// Reads the inputs again and gives the items the lines around their first examples.
    pub(super) fn surround(&self, items: &mut [Item], around: Around) {
        if self.operands.is_empty() || self.operands.iter().any(|operand| operand == "-") {
            stderr::tell("--context: standard input cannot be read twice; name files for it");
        }
        let mut wanted: BTreeMap<String, BTreeMap<u64, Vec<Nearby>>> = BTreeMap::new();
        for example in items.iter().filter_map(|item| item.examples.first()) {
            let lines = wanted.entry(example.source.to_string()).or_default();
            lines.insert(example.line, Vec::new());
        }
        let files: Vec<_> = self
            .operands
            .iter()
            .filter(|o| *o != "-")
            .cloned()
            .collect();
        if !files.is_empty() {
            self.read_again(&files, around, &mut wanted);
        }
        for item in items {
            let found = item.examples.first().and_then(|example| {
                let lines = wanted.get_mut(&*example.source)?;
                lines.get(&example.line).cloned()
            });
            item.nearby = found.unwrap_or_default();
        }
    }

    fn read_again(
        &self,
        files: &[std::ffi::OsString],
        around: Around,
        wanted: &mut BTreeMap<String, BTreeMap<u64, Vec<Nearby>>>,
    ) {
        let mut reader = None;
        // What could not be read was told the first time.
        for block in input::open(files, input::Options::default(), opens_event).flatten() {
            let name = &block.source.name;
            let same = reader.as_ref().is_some_and(|(known, _, _)| known == name);
            if !same {
                let collector = Collector::new(around, wanted.remove(name).unwrap_or_default());
                let assembler = self.assembler(&block.source);
                if let Some((name, _, collector)) =
                    reader.replace((name.clone(), assembler, collector))
                {
                    wanted.insert(name, collector.wanted);
                }
            }
            if let Some((_, assembler, collector)) = &mut reader {
                assembler.read(&block, collector);
            }
        }
        if let Some((name, _, collector)) = reader {
            wanted.insert(name, collector.wanted);
        }
    }
}

/// A line with what decides whether it is near.
#[derive(Clone)]
struct Line {
    number: u64,
    time: Option<Timestamp>,
    text: String,
}

/// An example whose later lines are still coming.
struct Open {
    line: u64,
    host: Option<Vec<u8>>,
    time: Option<Timestamp>,
    left: usize,
}

struct Collector {
    around: Around,
    wanted: BTreeMap<u64, Vec<Nearby>>,
    last: HashMap<Option<Vec<u8>>, VecDeque<Line>>,
    open: Vec<Open>,
    /// Host and time of the event last told.
    current: (Option<Vec<u8>>, Option<Timestamp>),
}

impl Collector {
    fn new(around: Around, wanted: BTreeMap<u64, Vec<Nearby>>) -> Self {
        Collector {
            around,
            wanted,
            last: HashMap::new(),
            open: Vec::new(),
            current: (None, None),
        }
    }

    fn lines(&self) -> usize {
        self.around.lines.unwrap_or(LINES_MAX).min(LINES_MAX)
    }

    /// Whether two times are near enough; unknown ones are.
    fn is_near(&self, a: Option<Timestamp>, b: Option<Timestamp>) -> bool {
        let seconds = a.zip(b).map(|(a, b)| a.seconds().abs_diff(b.seconds()));
        let allowed = self.around.seconds.map(i64::unsigned_abs);
        seconds
            .zip(allowed)
            .is_none_or(|(seconds, allowed)| seconds <= allowed)
    }

    fn line(&mut self, number: u64, text: &[u8]) {
        if self.wanted.is_empty() {
            return;
        }
        let (host, time) = self.current.clone();
        let text = &text[..text.len().min(LINE_BYTES_MAX)];
        let line = Line {
            number,
            time,
            text: String::from_utf8_lossy(text).into_owned(),
        };
        self.close(&host, &line);
        if self.wanted.contains_key(&number) {
            let before = self.last.get(&host).into_iter().flatten();
            let before = before.filter(|line| self.is_near(line.time, time));
            let before: Vec<Nearby> = before.map(Line::nearby).collect();
            self.wanted.insert(number, before);
            self.open.push(Open {
                line: number,
                host: host.clone(),
                time,
                left: self.lines(),
            });
        }
        if self.last.len() >= HOSTS_HELD_MAX {
            self.last.clear();
        }
        let most = self.lines();
        let last = self.last.entry(host).or_default();
        last.push_back(line);
        if last.len() > most {
            last.pop_front();
        }
    }

    /// Gives a line to the examples that wait for it.
    fn close(&mut self, host: &Option<Vec<u8>>, line: &Line) {
        let mut open = std::mem::take(&mut self.open);
        for example in open.iter_mut().filter(|example| example.host == *host) {
            if self.is_near(line.time, example.time) {
                example.left = example.left.saturating_sub(1);
                if let Some(lines) = self.wanted.get_mut(&example.line) {
                    lines.push(line.nearby());
                }
            } else {
                example.left = 0;
            }
        }
        open.retain(|example| example.left > 0);
        self.open = open;
    }
}

impl Line {
    fn nearby(&self) -> Nearby {
        Nearby {
            line: self.number,
            text: self.text.clone(),
        }
    }
}

impl Sink for Collector {
    fn event(&mut self, line: u64, text: &[u8], event: &Event<'_>) {
        let host = event.host.as_ref().map(|host| host.to_vec());
        self.current = (host, event.timestamp);
        self.line(line, text);
    }

    fn continuation(&mut self, line: u64, text: &[u8]) {
        self.line(line, text);
    }

    fn dropped(&mut self, _line: u64, _reason: DropReason) {}
}
