//! What each stage costs, over invented lines: splitting, headers by format, masking, merging,
//! judging, and all of it end to end.
//!
//! `cargo bench` prints time and throughput; `cargo bench -- header` a part. For ratios to other
//! tools on files of one's own see `ratios.sh`.

#![allow(missing_docs, reason = "criterion's macros write functions without")]

use brainstem::assemble::Assembler;
use brainstem::corpus::{Corpus, Limits};
use brainstem::detect::{Night, Thresholds};
use brainstem::event::Timestamp;
use brainstem::format::{self, Context, zone::Zone};
use brainstem::group::group;
use brainstem::history::History;
use brainstem::input::{self, Options};
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

fn context() -> Context {
    Context::new(
        Zone::utc(),
        Timestamp::from_seconds(lines::NOW_SECONDS),
        None,
    )
}

fn reduced(text: Vec<u8>, limits: Limits) -> Corpus {
    let block = lines::block(text);
    let mut reducer = Reducer::with_limits(limits);
    reducer.begin(&block);
    Assembler::new(context(), None, Window::default(), None).read(&block, &mut reducer);
    reducer.finish()
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

/// Detecting a line's format and reading its header.
fn header(c: &mut Criterion) {
    let mut group = c.benchmark_group("header");
    for (name, _) in lines::SPELLINGS {
        let text = lines::text(name, TEXT_BYTES);
        let context = context();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(*name, |b| {
            b.iter(|| {
                for line in rows(&text) {
                    black_box(format::read(line, &context, None));
                }
            });
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
    let text = lines::text("journal-json", TEXT_BYTES);
    let mut group = c.benchmark_group("journal");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("scan", |b| {
        b.iter_batched(
            || text.clone(),
            |text| reduced(text, Limits::default()),
            BatchSize::LargeInput,
        );
    });
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
    let mut group = c.benchmark_group("mask");
    for (name, text) in [("hit", &known), ("miss", &unknown)] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                Signatures::default,
                |signatures| {
                    for line in rows(text) {
                        black_box(signatures.lookup(None, line));
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Joining two corpora of many patterns.
fn merge(c: &mut Criterion) {
    let part = reduced(lines::unique(TEXT_BYTES), Limits::default());
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
    let corpus = reduced(lines::unique(TEXT_BYTES), Limits::default());
    let groups = group(&corpus.patterns);
    let mut bench = c.benchmark_group("judge");
    bench.throughput(Throughput::Elements(corpus.patterns.len() as u64));
    bench.bench_function("groups", |b| b.iter(|| group(&corpus.patterns)));
    bench.bench_function("detectors", |b| {
        b.iter(|| {
            score::judge(&Night::new(
                &corpus,
                &groups,
                &History::default(),
                Thresholds::default(),
            ))
        });
    });
    bench.finish();
}

/// From lines in memory to a corpus.
fn end_to_end(c: &mut Criterion) {
    let mut group = c.benchmark_group("end_to_end");
    let texts = lines::SPELLINGS
        .iter()
        .map(|(name, _)| (*name, lines::text(name, TEXT_BYTES)));
    for (name, text) in texts.chain([("unique", lines::unique(TEXT_BYTES))]) {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter_batched(
                || text.clone(),
                |text| reduced(text, Limits::default()),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
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
