//! What each stage costs, over invented lines: splitting, headers by format, masking, merging,
//! judging, and all of it end to end.
//!
//! `cargo bench` prints time and throughput, `cargo bench -- header` a part, and
//! `cargo bench -- --warm-up-time 0.3 --measurement-time 1` less exactly in a minute. For ratios to
//! other tools on files of one's own see `ratios.sh`.

#![allow(missing_docs, reason = "criterion's macros write functions without")]

use brainstem::assemble::{Assembler, DropReason, Sink};
use brainstem::corpus::{Corpus, Limits};
use brainstem::detect::{Night, Thresholds};
use brainstem::event::{Brief, Event, Timestamp};
use brainstem::finding::Item;
use brainstem::format::readings::{Hint, Readings};
use brainstem::format::{self, Context, zone::Zone};
use brainstem::group::{Group, group};
use brainstem::history::History;
use brainstem::input::{self, Block, Options};
use brainstem::lexicon;
use brainstem::reduce::Reducer;
use brainstem::score;
use brainstem::signature::Signatures;
use brainstem::window::Window;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use std::borrow::Cow;
use std::hint::black_box;
use std::time::Duration;

mod lines;

/// Text that fits a second-level cache, so that stages are measured and not the memory.
const TEXT_BYTES: usize = 1 << 20;

/// Text of many blocks, so that what is learned of the first of them does not count much.
const LONG_TEXT_BYTES: usize = 16 << 20;

fn context() -> Context {
    Context::new(
        Zone::utc(),
        Timestamp::from_seconds(lines::NOW_SECONDS),
        None,
    )
}

/// Tells `sink` the lines of a block as a worker does, with what it has read before.
fn assemble(block: &Block, readings: Readings, sink: &mut impl Sink) -> Readings {
    let mut assembler = Assembler::new(context(), None, Window::default(), None)
        .judging(lexicon::tells_trouble)
        .keeping(readings);
    assembler.read(block, sink);
    assembler.into_readings()
}

/// What one worker makes of all blocks.
fn reduced(blocks: &[Block]) -> Corpus {
    let mut reducer = Reducer::with_limits(Limits::default());
    let mut readings = Readings::default();
    for block in blocks {
        reducer.begin(block);
        readings = assemble(block, readings, &mut reducer);
    }
    reducer.finish()
}

/// A corpus in which each line is a pattern of its own.
fn many_patterns() -> Corpus {
    reduced(&[lines::block(lines::unique(TEXT_BYTES))])
}

fn judged(corpus: &Corpus, groups: &[Group]) -> Vec<Item> {
    let history = History::default();
    score::judge(&Night::new(corpus, groups, &history, Thresholds::default()))
}

fn rows(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// Reading a file in blocks that can be reduced apart.
fn split(c: &mut Criterion) {
    let text = lines::text("rfc3164", 32 * TEXT_BYTES);
    let path = std::env::temp_dir().join("brainstem-bench-split.log");
    if std::fs::write(&path, &text).is_err() {
        return;
    }
    let mut group = c.benchmark_group("split");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("blocks", |b| {
        b.iter(|| {
            let operands = [path.clone().into_os_string()];
            input::open(&operands, Options::default(), format::opens_event).count()
        });
    });
    group.finish();
    // A file that stays behind in the temporary directory does no harm.
    let _ = std::fs::remove_file(&path);
}

/// Takes headers and does nothing with what is behind them.
struct Headers;

impl Sink for Headers {
    fn event(&mut self, _: u64, _: &[u8], event: &Event<'_>) {
        black_box(event);
    }

    fn event_brief(&mut self, _: u64, _: &[u8], brief: Brief<'_>, _: Hint) -> bool {
        black_box(brief);
        true
    }

    fn continuation(&mut self, _: u64, _: &[u8]) {}

    fn dropped(&mut self, _: u64, _: DropReason) {}
}

/// Detecting a line's format and reading its header, as it is done for a line that is like none
/// before it; and by way of what is known of lines that differ from it in their digits alone,
/// which for some formats is nothing.
fn header(c: &mut Criterion) {
    let mut group = c.benchmark_group("header");
    for (name, _) in lines::SPELLINGS {
        let block = lines::block(lines::text(name, TEXT_BYTES));
        let context = context();
        group.throughput(Throughput::Bytes(block.bytes.len() as u64));
        group.bench_function(format!("{name}/anew"), |b| {
            b.iter(|| {
                for line in rows(&block.bytes) {
                    black_box(format::read(line, &context, None));
                }
            });
        });
        let mut readings = Readings::default();
        group.bench_function(format!("{name}/known"), |b| {
            b.iter(|| readings = assemble(&block, std::mem::take(&mut readings), &mut Headers));
        });
    }
    group.finish();
}

/// A journal entry as a parser of whole objects sees it: the fields that an event is made of.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Entry<'a> {
    #[serde(rename = "__REALTIME_TIMESTAMP", borrow)]
    realtime: Cow<'a, str>,
    #[serde(rename = "PRIORITY", borrow)]
    priority: Option<Cow<'a, str>>,
    #[serde(rename = "SYSLOG_FACILITY", borrow)]
    facility: Option<Cow<'a, str>>,
    #[serde(rename = "_HOSTNAME", borrow)]
    hostname: Option<Cow<'a, str>>,
    #[serde(rename = "SYSLOG_IDENTIFIER", borrow)]
    identifier: Option<Cow<'a, str>>,
    #[serde(rename = "_COMM", borrow)]
    command: Option<Cow<'a, str>>,
    #[serde(rename = "_SYSTEMD_UNIT", borrow)]
    unit: Option<Cow<'a, str>>,
    #[serde(rename = "_PID", borrow)]
    pid: Option<Cow<'a, str>>,
    #[serde(rename = "MESSAGE", borrow)]
    message: Option<Cow<'a, str>>,
}

/// The journal's JSON in full, beside `serde_json` that only makes a struct of each line.
fn journal(c: &mut Criterion) {
    let text = lines::text("journal-json", LONG_TEXT_BYTES);
    let blocks = lines::blocks(&text, TEXT_BYTES);
    let mut group = c.benchmark_group("journal");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("reduce", |b| b.iter(|| reduced(&blocks)));
    group.bench_function("serde_json", |b| {
        b.iter(|| {
            for line in rows(&text) {
                let _ = black_box(serde_json::from_slice::<Entry<'_>>(line));
            }
        });
    });
    group.finish();
}

/// From message to signature, where its cheap form is known and where it is not.
fn mask(c: &mut Criterion) {
    let known = lines::text("plain", TEXT_BYTES);
    let unknown = lines::unique(TEXT_BYTES);
    let lookup = |signatures: &mut Signatures, text: &[u8]| {
        for line in rows(text) {
            black_box(signatures.lookup(None, line));
        }
    };
    let mut group = c.benchmark_group("mask");
    // A form is kept from the second time on, so that all are once these are read twice.
    let mut signatures = Signatures::default();
    lookup(&mut signatures, &known);
    lookup(&mut signatures, &known);
    group.throughput(Throughput::Bytes(known.len() as u64));
    group.bench_function("hit", |b| b.iter(|| lookup(&mut signatures, &known)));
    group.throughput(Throughput::Bytes(unknown.len() as u64));
    group.bench_function("miss", |b| {
        b.iter_batched_ref(
            Signatures::default,
            |signatures| lookup(signatures, &unknown),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// Joining two corpora of many patterns.
fn merge(c: &mut Criterion) {
    let part = many_patterns();
    let mut group = c.benchmark_group("merge");
    group.throughput(Throughput::Elements(part.patterns.len() as u64));
    group.bench_function("patterns", |b| {
        b.iter_batched(
            || (part.clone(), part.clone()),
            |(mut one, other)| {
                one.merge(other);
                one
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// Grouping and judging a corpus of many patterns.
fn judge(c: &mut Criterion) {
    let corpus = many_patterns();
    let groups = group(&corpus.patterns);
    let mut bench = c.benchmark_group("judge");
    bench.throughput(Throughput::Elements(corpus.patterns.len() as u64));
    bench.bench_function("groups", |b| b.iter(|| group(&corpus.patterns)));
    bench.bench_function("detectors", |b| b.iter(|| judged(&corpus, &groups)));
    bench.finish();
}

/// From lines in memory to items, by one thread.
fn end_to_end(c: &mut Criterion) {
    let mut bench = c.benchmark_group("end_to_end");
    let texts = lines::SPELLINGS
        .iter()
        .map(|(name, _)| (*name, lines::text(name, LONG_TEXT_BYTES)));
    for (name, text) in texts.chain([("unique", lines::unique(LONG_TEXT_BYTES))]) {
        let blocks = lines::blocks(&text, TEXT_BYTES);
        bench.throughput(Throughput::Bytes(text.len() as u64));
        bench.bench_function(name, |b| {
            b.iter(|| {
                let corpus = reduced(&blocks);
                judged(&corpus, &group(&corpus.patterns))
            });
        });
    }
    bench.finish();
}

criterion_group! {
    name = stages;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = split, header, journal, mask, merge, judge, end_to_end
}
criterion_main!(stages);
