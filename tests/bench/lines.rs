//! Invented log lines for the benches, the same in every run, and blocks of them.

use brainstem::input::{Block, Source};
use std::sync::Arc;

/// The present of all benches: 2024-07-01T00:00:00Z.
pub const NOW_SECONDS: i64 = 1_719_792_000;

/// A small generator of numbers (Marsaglia's xorshift), so that runs are comparable.
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A message of one of a few dozen patterns.
fn message(numbers: &mut Numbers) -> String {
    let (a, b) = (numbers.below(100_000), numbers.below(255));
    match numbers.below(6) {
        0 => format!("write to /srv/data/segment-{a} timed out after {b} ms, retrying"),
        1 => format!("session {a} opened for user anna by (uid={b})"),
        2 => format!("connection from 192.0.2.{b} port {a} closed"),
        3 => format!("checkpoint {a} complete: wrote {b} buffers (0.{b}%)"),
        4 => format!("eth{b}: link is down"),
        _ => format!("queue depth {a} above {b}, slowing producers of shard {b}"),
    }
}

/// How lines of a format are spelled, given their number, a host, a pid and a message.
type Spelling = fn(u64, u64, u64, &str) -> String;

/// The formats that the benches read, each by the name that `--input` takes.
pub const SPELLINGS: &[(&str, Spelling)] = &[
    ("rfc3164", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!("Jun 30 21:{minute:02}:{second:02} db-{host} volumed[{pid}]: {message}")
    }),
    ("syslog-iso", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "2024-06-30T21:{minute:02}:{second:02}.{host:03}+00:00 db-{host} volumed[{pid}]: {message}"
        )
    }),
    ("rfc5424", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "<34>1 2024-06-30T21:{minute:02}:{second:02}Z db-{host} volumed {pid} - - {message}"
        )
    }),
    ("generic", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "2024-06-30 21:{minute:02}:{second:02},{pid:03} WARN [worker-{host}] store.Segment: {message}"
        )
    }),
    ("logfmt", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "time=2024-06-30T21:{minute:02}:{second:02}Z level=warn host=db-{host} pid={pid} msg=\"{message}\""
        )
    }),
    ("ndjson", |n, host, pid, message| {
        let (minute, second) = (n / 60 % 60, n % 60);
        format!(
            "{{\"time\":\"2024-06-30T21:{minute:02}:{second:02}Z\",\"level\":\"warn\",\"hostname\":\"db-{host}\",\"pid\":{pid},\"msg\":\"{message}\"}}"
        )
    }),
    ("journal-json", |n, host, pid, message| {
        let micros = 1_719_780_000_000_000 + n * 1_000_000;
        format!(
            "{{\"__CURSOR\":\"s=9d1a7c52f0be4d3fa6a1c3e5b7d9f012;i={n}\",\"__REALTIME_TIMESTAMP\":\"{micros}\",\
             \"__MONOTONIC_TIMESTAMP\":\"{micros}\",\"_BOOT_ID\":\"a3b1c5d7e9f04b2c8d6e1f3a5b7c9d0e\",\
             \"PRIORITY\":\"6\",\"_MACHINE_ID\":\"4f1c2b7d9e0a4c6f8b3d5e7a9c1b2d3f\",\"_HOSTNAME\":\"db-{host}\",\
             \"_TRANSPORT\":\"syslog\",\"SYSLOG_FACILITY\":\"3\",\"SYSLOG_IDENTIFIER\":\"volumed\",\
             \"_PID\":\"{pid}\",\"_UID\":\"0\",\"_GID\":\"0\",\"_COMM\":\"volumed\",\"_EXE\":\"/usr/sbin/volumed\",\
             \"_CMDLINE\":\"/usr/sbin/volumed --foreground\",\"_CAP_EFFECTIVE\":\"1ffffffffff\",\
             \"_SYSTEMD_CGROUP\":\"/system.slice/volumed.service\",\"_SYSTEMD_UNIT\":\"volumed.service\",\
             \"_SYSTEMD_SLICE\":\"system.slice\",\"MESSAGE\":\"{message}\"}}"
        )
    }),
    ("plain", |_, _, _, message| message.to_owned()),
];

/// At least `bytes` of lines in a format of [`SPELLINGS`].
pub fn text(format: &str, bytes: usize) -> Vec<u8> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut text = Vec::with_capacity(bytes + 1024);
    let spelling = SPELLINGS.iter().find(|(name, _)| *name == format);
    for n in 0.. {
        let Some((_, spell)) = spelling.filter(|_| text.len() < bytes) else {
            break;
        };
        let (host, pid) = (numbers.below(40), numbers.below(30_000));
        let message = message(&mut numbers);
        text.extend_from_slice(spell(n / 80, host, pid, &message).as_bytes());
        text.push(b'\n');
    }
    text
}

/// Lines of which each is a pattern of its own.
pub fn unique(bytes: usize) -> Vec<u8> {
    let mut numbers = Numbers(7);
    let mut text = Vec::with_capacity(bytes + 1024);
    while text.len() < bytes {
        text.extend_from_slice(b"Jun 30 21:00:00 db-1 volumed[7]: ");
        for _ in 0..8 {
            for _ in 0..2 + numbers.below(7) {
                text.push(b'a' + numbers.below(26) as u8);
            }
            text.push(b' ');
        }
        text.push(b'\n');
    }
    text
}

/// One block that is all of a source.
pub fn block(bytes: Vec<u8>) -> Block {
    Block {
        source: Arc::new(Source {
            name: "bench.log".to_owned(),
            modified: None,
        }),
        first_line: 1,
        bytes,
        lines_cut: 0,
        last: true,
    }
}

/// The blocks of a source, each but the last of little more than so many bytes.
pub fn blocks(text: &[u8], bytes: usize) -> Vec<Block> {
    let source = block(Vec::new()).source;
    let (mut blocks, mut first_line, mut rest) = (Vec::new(), 1, text);
    while !rest.is_empty() {
        let newline = rest.iter().skip(bytes).position(|&byte| byte == b'\n');
        let (lines, behind) = rest.split_at(newline.map_or(rest.len(), |at| bytes + at + 1));
        blocks.push(Block {
            source: source.clone(),
            first_line,
            last: behind.is_empty(),
            ..block(lines.to_vec())
        });
        first_line += lines.iter().filter(|&&byte| byte == b'\n').count() as u64;
        rest = behind;
    }
    blocks
}
