//! A snapshot as a baseline: all that was ever seen, as one build, and nothing written.

use super::{Cause, Known, Problem, Snapshot, damaged, fingerprint, version};
use crate::corpus::{Accounting, Corpus, EXAMPLES_MAX, Example, Gathering, Limits, Pattern};
use crate::event::Timestamp;
use crate::signature::{Fingerprint, Rank};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How a file of SQLite begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Events of a pattern that was only seen without a time, of which no count is kept: more than any build
/// has, so that no build has far more of it.
const COUNT_UNKNOWN: u64 = u32::MAX as u64;

/// Whether a file is a snapshot, or at least kept by the same library.
pub fn is_snapshot(path: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    let file = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    file.is_ok() && begin == *MAGIC
}

impl Snapshot {
    /// Opens the snapshot at `path` to read only: it is not brought up to date, nothing is left beside it,
    /// and it may lie where nothing can be written.
    pub fn open_to_read(path: &Path) -> Result<Snapshot, Problem> {
        let problem = |cause| Problem {
            path: path.into(),
            cause,
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let opened = || -> Known<Connection> {
            let connection = Connection::open_with_flags(uri(path), flags)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "cell_size_check", true)?;
            match version(&connection)? {
                0 => Err(Cause::Foreign),
                _ => Ok(connection),
            }
        };
        Ok(Snapshot {
            connection: opened().map_err(problem)?,
            path: path.into(),
        })
    }

    /// All patterns that it knows, as the corpus of one build: of each the most events of a day, and the
    /// few examples that are kept.
    pub fn familiar(&self) -> Result<Corpus, Problem> {
        self.try_familiar().map_err(|cause| self.problem(cause))
    }

    fn try_familiar(&self) -> Known<Corpus> {
        let transaction = self.connection.unchecked_transaction()?;
        let sql = "SELECT fingerprint, service, pattern, \
             (SELECT max(events) FROM activity a WHERE a.fingerprint = p.fingerprint) \
             FROM patterns p";
        let mut examples = self.examples()?;
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut patterns = Gathering::with_limits(Limits::default());
        let mut accounting = Accounting::default();
        while let Some(row) = rows.next()? {
            let (service, display): (Option<String>, String) = (row.get(1)?, row.get(2)?);
            let id = fingerprint(row.get(0)?);
            let rank = Rank::of(id, service.as_deref(), &display);
            let mut pattern = Pattern::new(service.map(Into::into), display.into());
            let events: Option<i64> = row.get(3)?;
            let count = events.map_or(Ok(COUNT_UNKNOWN), u64::try_from);
            pattern.count = count.map_err(|_| damaged("a count is negative"))?;
            for example in examples.remove(&id).into_iter().flatten() {
                pattern.examples.insert(example, EXAMPLES_MAX);
            }
            accounting.events += 1;
            patterns.add(rank, Box::new(pattern));
        }
        drop(rows);
        drop(statement);
        transaction.finish()?;
        let mut corpus = patterns.into_corpus();
        corpus.accounting = accounting;
        Ok(corpus)
    }

    fn examples(&self) -> Known<HashMap<Fingerprint, Vec<Example>>> {
        let mut all: HashMap<Fingerprint, Vec<Example>> = HashMap::new();
        let sql = "SELECT fingerprint, at, text, source, line FROM examples";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: i64 = row.get(4)?;
            all.entry(fingerprint(row.get(0)?))
                .or_default()
                .push(Example {
                    timestamp: Some(Timestamp(row.get(1)?)),
                    text: row.get(2)?,
                    source: row.get(3)?,
                    line: u64::try_from(line).map_err(|_| damaged("a line is negative"))?,
                });
        }
        Ok(all)
    }
}

/// The path as the library's URI. Where no run is writing, the file is declared not to change, since what
/// keeps readers apart from writers would have to be written beside it.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_written = Path::new(&log).metadata().is_ok_and(|log| log.len() > 0);
    if !is_written {
        uri += "?immutable=1";
    }
    uri
}
