//! The snapshot: what is remembered from run to run, in one SQLite file.
//!
//! The only place that names SQL. A run reads it once ([`Snapshot::load`]) and joins what it saw in
//! one short transaction at the end ([`Snapshot::commit`]); what joining guarantees stands in
//! [`course`]. Everything in the file is a function of what was committed, never of the clock, but
//! for when the user said something. What is in the file was not necessarily written by us: every
//! value is checked, and a damaged file is a [`Problem`], never a panic.

mod alike;
mod before;
mod begin;
mod commit;
pub mod course;
mod digest;
mod familiar;
mod held;
mod inputs;
mod load;
mod recollect;
mod schema;
mod verdicts;
mod words;

pub use before::{Before, Incidents};
pub use commit::Seen;
pub use digest::{Digest, Entry, Kind, TicketReason};
pub use familiar::is_snapshot;
pub use inputs::Unkept;
pub use recollect::{Health, Occurrence, Presence, Recollection, Sighting, Verdict};
pub use words::{Acknowledged, Baseline, Target, Words};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Days after which only hours are left of what was committed, counted back from the latest day.
pub const FINE_DAYS: i64 = 60;

/// Pages given back to the file system after a commit, so that no run pays for a year at once.
const VACUUM_PAGES: u32 = 2_000;

/// Why a snapshot cannot be used. Each says what to do.
#[derive(Debug)]
pub struct Problem {
    path: PathBuf,
    cause: Cause,
}

/// What is wrong with a snapshot.
#[derive(Debug)]
pub enum Cause {
    /// Another run holds it.
    Locked,
    /// It is not what was written.
    Damaged(String),
    /// It is some other file.
    Foreign,
    /// A later release wrote it.
    Newer {
        /// Its version.
        found: i64,
    },
    /// There is none.
    Missing,
    /// It may only be read.
    Unwritable,
    /// It may only be read, and an earlier release wrote it.
    Older {
        /// Its version.
        found: i64,
    },
    /// The file system refuses.
    Io(String),
}

impl Problem {
    /// What is wrong.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.cause {
            Cause::Locked => write!(
                f,
                "another run holds this snapshot; try again, or wait longer with --wait 5min"
            ),
            Cause::Damaged(what) => write!(
                f,
                "this snapshot is damaged ({what}); restore a copy, or move it away to start anew"
            ),
            Cause::Foreign => write!(
                f,
                "this file is no snapshot of brainstem; name another one with --snapshot"
            ),
            Cause::Newer { found } => write!(
                f,
                "a later release wrote this snapshot (version {found}, this one knows {}); \
                 use that release, or another snapshot",
                schema::MIGRATIONS.len()
            ),
            Cause::Missing => write!(f, "there is no snapshot; a scan with --snapshot makes one"),
            Cause::Unwritable => write!(
                f,
                "this snapshot may only be read; run as who may write it and its directory, \
                 or name a copy with --snapshot"
            ),
            Cause::Older { found } => write!(
                f,
                "an earlier release wrote this snapshot (version {found}, this one knows {}), and it \
                 may only be read; a scan by who may write it, or of a copy, brings it up to date",
                schema::MIGRATIONS.len()
            ),
            Cause::Io(cause) => write!(f, "{cause}"),
        }
    }
}

impl std::error::Error for Problem {}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Cause::Locked,
            Some(ErrorCode::NotADatabase) => Cause::Foreign,
            Some(ErrorCode::ReadOnly) => Cause::Unwritable,
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
            ) => Cause::Io(error.to_string()),
            // Whatever else can go wrong with statements that are right is the data's fault.
            _ => Cause::Damaged(error.to_string()),
        }
    }
}

/// A result before the path is known.
type Known<T> = Result<T, Cause>;

fn damaged(what: &str) -> Cause {
    Cause::Damaged(what.to_owned())
}

/// An open snapshot.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    connection: Connection,
}

impl Snapshot {
    /// Opens the snapshot at `path`, made with mode 0600 if there is none, and brings it up to date.
    /// `wait` is how long another run is waited for.
    pub fn open(path: &Path, wait: Duration) -> Result<Snapshot, Problem> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Problem {
                path: path.into(),
                cause: Cause::Io(error.to_string()),
            }),
            _ => Self::open_existing(path, wait),
        }
    }

    /// Opens the snapshot at `path`, which must be there.
    pub fn open_existing(path: &Path, wait: Duration) -> Result<Snapshot, Problem> {
        let problem = |cause| Problem {
            path: path.into(),
            cause,
        };
        if !path.exists() {
            return Err(problem(Cause::Missing));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = || -> Known<Connection> {
            let mut connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(wait)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "cell_size_check", true)?;
            bring_up_to_date(&mut connection)?;
            Ok(connection)
        };
        Ok(Snapshot {
            connection: opened().map_err(problem)?,
            path: path.into(),
        })
    }

    /// Opens the snapshot at `path` for questions alone: as [`Snapshot::open_existing`], and where nothing
    /// can be written as [`Snapshot::open_to_read`], if it is up to date.
    pub fn open_to_ask(path: &Path, wait: Duration) -> Result<Snapshot, Problem> {
        let problem = match Self::open_existing(path, wait) {
            Err(problem) if matches!(problem.cause, Cause::Unwritable | Cause::Io(_)) => problem,
            opened => return opened,
        };
        let Ok(snapshot) = Self::open_to_read(path) else {
            return Err(problem);
        };
        match version(&snapshot.connection) {
            Ok(found) if found == schema::MIGRATIONS.len() as i64 => Ok(snapshot),
            Ok(found) => Err(snapshot.problem(Cause::Older { found })),
            Err(cause) => Err(snapshot.problem(cause)),
        }
    }

    fn problem(&self, cause: Cause) -> Problem {
        Problem {
            path: self.path.clone(),
            cause,
        }
    }

    /// Its size in bytes, the write-ahead log included.
    pub fn size_bytes(&self) -> u64 {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        size(&self.path) + size(Path::new(&log))
    }
}

/// The version of a database that is ours, 0 for one that is empty; refuses what is not ours or from later.
fn version(connection: &Connection) -> Known<i64> {
    let number = |name: &str| -> Known<i64> {
        Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
    };
    let version = number("user_version")?;
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if number("application_id")? != i64::from(schema::APPLICATION_ID) {
        if version != 0 || objects > 0 {
            return Err(Cause::Foreign);
        }
    } else if version > schema::MIGRATIONS.len() as i64 {
        return Err(Cause::Newer { found: version });
    } else if version < 1 {
        return Err(damaged("it has no version"));
    }
    Ok(version)
}

/// Migrates, each step in a transaction of its own, and refuses what is not ours or from later.
fn bring_up_to_date(connection: &mut Connection) -> Known<()> {
    let known = schema::MIGRATIONS.len() as i64;
    let version = version(connection)?;
    if version == known {
        return Ok(());
    }
    if version == 0 {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another run may have done it while this one waited.
    let version = self::version(&transaction)?;
    for migration in schema::MIGRATIONS
        .iter()
        .skip(usize::try_from(version).unwrap_or(0))
    {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// A fingerprint or group id as SQLite keeps it.
fn signed(fingerprint: crate::signature::Fingerprint) -> i64 {
    fingerprint.0 as i64
}

fn fingerprint(signed: i64) -> crate::signature::Fingerprint {
    crate::signature::Fingerprint(signed as u64)
}
