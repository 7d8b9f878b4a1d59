//! The tables and views of a snapshot, and how an older one becomes a present one.
//!
//! Times are microseconds since 1970 (UTC), days are days since then. Views have readable names
//! and times: `sqlite3 night.db 'select * from v_patterns'`.

/// `PRAGMA application_id`: `bstm` in ASCII. Another one is another program's file.
pub const APPLICATION_ID: i32 = 0x6273_746d;

/// What brings a snapshot from one `user_version` to the next; the first makes it from nothing.
///
/// A migration that was released is never changed: a new wish is a new entry.
pub const MIGRATIONS: &[&str] = &[V1, V2, V3];

const V1: &str = "
-- What each pattern says. A group that is no pattern itself has a row too, without activity.
CREATE TABLE patterns (
  fingerprint INTEGER PRIMARY KEY,  -- the digits of its id, as a signed number
  service     TEXT,
  pattern     TEXT NOT NULL,
  first       INTEGER,              -- its first dated event ever; null: none
  undated     INTEGER               -- seen without a time in an input that began then; 0: unknown
);

-- Which patterns were members of a group; a group of one is not listed.
CREATE TABLE members (
  id          INTEGER NOT NULL,     -- the group's
  fingerprint INTEGER NOT NULL,
  PRIMARY KEY (id, fingerprint)
) WITHOUT ROWID;
CREATE INDEX members_by_fingerprint ON members (fingerprint);

-- All hosts ever seen. Number 0 has no name: it stands for events that name no host.
CREATE TABLE hosts (
  number INTEGER PRIMARY KEY,
  name   TEXT UNIQUE,
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL
);

-- Where each pattern was ever seen.
CREATE TABLE pattern_hosts (
  fingerprint INTEGER NOT NULL,
  host        INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, host)
) WITHOUT ROWID;

-- When each pattern occurred. `course` has hosts and times in it, see course.rs; the other columns
-- are read off it.
CREATE TABLE activity (
  day         INTEGER NOT NULL,
  fingerprint INTEGER NOT NULL,
  events      INTEGER NOT NULL,
  hosts       INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  last        INTEGER NOT NULL,
  course      BLOB NOT NULL,
  PRIMARY KEY (day, fingerprint)
) WITHOUT ROWID;
CREATE INDEX activity_by_fingerprint ON activity (fingerprint, day);

-- The days of which anything was read.
CREATE TABLE days (
  day      INTEGER PRIMARY KEY,
  events   INTEGER NOT NULL,
  patterns INTEGER NOT NULL,
  aged     INTEGER NOT NULL          -- 1: only hours are left of its activity
);

-- What earned attention: of each group and day the highest verdict, background and above.
CREATE TABLE verdicts (
  day      INTEGER NOT NULL,
  id       INTEGER NOT NULL,         -- the group's
  at       INTEGER NOT NULL,         -- its first event in that input
  last     INTEGER NOT NULL,         -- its last event in that input
  band     INTEGER NOT NULL,         -- 0 ignore_fast to 4 promote
  score    REAL NOT NULL,
  kind     TEXT,                     -- candidate_type
  severity INTEGER,                  -- 0 emergency to 7 debug
  events   INTEGER NOT NULL,
  hosts    INTEGER NOT NULL,
  alerted  INTEGER NOT NULL,         -- 1: critical or louder, or from an alert source
  why      TEXT NOT NULL,
  PRIMARY KEY (day, id)
) WITHOUT ROWID;
CREATE INDEX verdicts_by_id ON verdicts (id, day);

-- The first and the last example of each pattern, of the few that each input kept.
CREATE TABLE examples (
  fingerprint INTEGER NOT NULL,
  place       INTEGER NOT NULL,      -- 0 the first, 1 the last
  at          INTEGER NOT NULL,
  text        TEXT NOT NULL,
  source      TEXT NOT NULL,
  line        INTEGER NOT NULL,
  PRIMARY KEY (fingerprint, place)
) WITHOUT ROWID;

-- The inputs that were committed: what they spanned.
CREATE TABLE runs (
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  lines  INTEGER NOT NULL,
  events INTEGER NOT NULL,
  items  INTEGER NOT NULL,           -- of band watch and above
  source TEXT NOT NULL,
  PRIMARY KEY (first, last, lines)
) WITHOUT ROWID;

-- What the user said.
CREATE TABLE acknowledgements (
  id       INTEGER PRIMARY KEY,      -- of a pattern or a group
  at       INTEGER NOT NULL,
  muted    INTEGER NOT NULL,
  until    INTEGER,                  -- of a mute; null: for ever
  events   INTEGER NOT NULL,         -- what it was when it was muted
  hosts    INTEGER NOT NULL,
  severity INTEGER
);
CREATE TABLE remarks (
  number INTEGER PRIMARY KEY,
  target TEXT NOT NULL,              -- `bs1-...`, or the name of an incident
  kind   TEXT NOT NULL,              -- note, lesson, runbook, ticket, label
  text   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  UNIQUE (target, kind, text)
);
CREATE TABLE incidents (
  name TEXT NOT NULL,
  at   INTEGER NOT NULL,
  PRIMARY KEY (name, at)
) WITHOUT ROWID;

CREATE VIEW v_patterns AS SELECT
  printf('bs1-%016x', p.fingerprint) AS id, p.service, p.pattern,
  datetime(p.first / 1000000, 'unixepoch') AS first_ever,
  datetime(max(a.last) / 1000000, 'unixepoch') AS last,
  count(a.day) AS nights, coalesce(sum(a.events), 0) AS events
  FROM patterns p LEFT JOIN activity a USING (fingerprint) GROUP BY p.fingerprint;
CREATE VIEW v_nights AS SELECT
  date(day * 86400, 'unixepoch') AS night, events, patterns FROM days ORDER BY day;
CREATE VIEW v_activity AS SELECT
  date(a.day * 86400, 'unixepoch') AS night, printf('bs1-%016x', a.fingerprint) AS id,
  p.service, p.pattern, a.events, a.hosts,
  time(a.first / 1000000, 'unixepoch') AS first, time(a.last / 1000000, 'unixepoch') AS last
  FROM activity a JOIN patterns p USING (fingerprint);
CREATE VIEW v_verdicts AS SELECT
  date(v.day * 86400, 'unixepoch') AS night, printf('bs1-%016x', v.id) AS id, p.service, p.pattern,
  CASE v.band WHEN 4 THEN 'promote' WHEN 3 THEN 'investigate' WHEN 2 THEN 'watch'
    WHEN 1 THEN 'background' ELSE 'ignore_fast' END AS band,
  v.score, v.kind, v.events, v.hosts, v.alerted, v.why
  FROM verdicts v JOIN patterns p ON p.fingerprint = v.id;
CREATE VIEW v_hosts AS SELECT
  name AS host, datetime(first / 1000000, 'unixepoch') AS first,
  datetime(last / 1000000, 'unixepoch') AS last FROM hosts WHERE name IS NOT NULL;
CREATE VIEW v_runs AS SELECT
  datetime(first / 1000000, 'unixepoch') AS first, datetime(last / 1000000, 'unixepoch') AS last,
  lines, events, items, source FROM runs;
CREATE VIEW v_remarks AS SELECT
  target, kind, text, datetime(at / 1000000, 'unixepoch') AS said FROM remarks;
";

const V2: &str = "
-- The last event that memory held when a pattern was muted: a variant that came later wakes it.
ALTER TABLE acknowledgements ADD COLUMN known_until INTEGER;
";

const V3: &str = "
-- The latest inputs as they were read. A verdict says what the nights before make of a night, so when
-- one of those is committed later, the later inputs are judged again. Those of the latest 35 days, as
-- many nights as are looked back on, while there is room for them.
CREATE TABLE inputs (
  number INTEGER PRIMARY KEY,        -- a hash of first, last and lines
  first  INTEGER NOT NULL,           -- as in runs
  last   INTEGER NOT NULL,
  lines  INTEGER NOT NULL,
  stale  INTEGER NOT NULL,           -- earlier inputs committed since it was judged; 0: none
  corpus BLOB NOT NULL               -- its patterns, see corpus/packed.rs, as a zstd frame
);

-- The number of the input that earned it; null: of before there were such numbers.
ALTER TABLE verdicts ADD COLUMN input INTEGER;
";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::memory::Snapshot;
    use rusqlite::Connection;
    use std::path::Path;
    use std::time::Duration;

    /// A snapshot as a release of some version left it, with a verdict in it.
    fn of_version(path: &Path, version: usize) {
        let connection = Connection::open(path).unwrap();
        for migration in &MIGRATIONS[..version] {
            connection.execute_batch(migration).unwrap();
        }
        connection
            .execute_batch(
                "INSERT INTO patterns VALUES (7, 'ledger', 'flush failed', 1, NULL);
                 INSERT INTO verdicts (day, id, at, last, band, score, events, hosts, alerted, why)
                 VALUES (20514, 7, 1, 1, 3, 0.6, 2, 1, 0, 'Came twice.');",
            )
            .unwrap();
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        connection
            .pragma_update(None, "user_version", version)
            .unwrap();
    }

    /// All that the schema says, however it came to be.
    fn columns(path: &Path) -> Vec<(String, String, String)> {
        let connection = Connection::open(path).unwrap();
        let sql = "SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c \
             ORDER BY m.name, c.cid";
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        columns.unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_snapshot_of_an_earlier_release_becomes_a_present_one() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new.db");
        Snapshot::open(&new, Duration::ZERO).unwrap();
        for version in 1..MIGRATIONS.len() {
            let old = folder.path().join(format!("{version}.db"));
            of_version(&old, version);
            let snapshot = Snapshot::open(&old, Duration::ZERO).unwrap();
            let verdicts = snapshot.verdicts(crate::window::Window::default()).unwrap();
            assert_eq!((verdicts.len(), verdicts[0].score), (1, 0.6), "{version}");
            drop(snapshot);
            assert_eq!(columns(&old), columns(&new), "{version}");
        }
    }
}
