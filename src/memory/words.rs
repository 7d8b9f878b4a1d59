//! What the user said: acknowledgements, mutes, remarks and incidents. Saying it twice is saying it
//! once.

use super::{Known, Problem, Snapshot, damaged, fingerprint, signed};
use crate::event::{Severity, Timestamp};
use crate::history::{Incident, Remark, RemarkKind};
use crate::signature::Fingerprint;
use rusqlite::{OptionalExtension, params};
use std::fmt;

/// What a remark is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A pattern or a group, by its id.
    Pattern(Fingerprint),
    /// All incidents of a name.
    Incident(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Pattern(id) => id.fmt(f),
            Target::Incident(name) => f.write_str(name),
        }
    }
}

/// What a pattern was when it was acknowledged: by growing from it, it wakes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Events in its latest night.
    pub events: u64,
    /// Hosts in its latest night.
    pub hosts: u64,
    /// How loud it was; `None` if it was never judged, or not loud.
    pub severity: Option<Severity>,
}

/// A pattern or group that the user acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct Acknowledged {
    /// Its id.
    pub id: Fingerprint,
    /// Its service.
    pub service: Option<String>,
    /// What it says.
    pub pattern: String,
    /// When it was acknowledged first.
    pub at: Timestamp,
    /// Whether it is muted.
    pub muted: bool,
    /// The end of the mute.
    pub until: Option<Timestamp>,
    /// What it was then.
    pub baseline: Baseline,
}

/// All that the user said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    /// Acknowledgements and mutes, by time.
    pub acknowledged: Vec<Acknowledged>,
    /// Incidents, by time.
    pub incidents: Vec<Incident>,
    /// Remarks, as they were said.
    pub remarks: Vec<(Target, Remark)>,
}

impl Snapshot {
    /// Whether a pattern or group was ever committed.
    pub fn knows(&self, id: Fingerprint) -> Result<bool, Problem> {
        self.known(|| {
            let sql = "SELECT 1 FROM patterns WHERE fingerprint = ?1";
            let found = self.connection.query_row(sql, [signed(id)], |_| Ok(()));
            Ok(found.optional()?.is_some())
        })
    }

    /// Acknowledges a pattern, and mutes it where `mute` says until when. The first time and what it
    /// was then stay unless a mute is new.
    pub fn acknowledge(
        &self,
        id: Fingerprint,
        mute: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        self.known(|| {
            let baseline = self.baseline(id)?;
            let muted = mute.is_some();
            let until = mute.flatten().map(|until| until.0);
            let sql = "INSERT INTO acknowledgements \
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, max(last) FROM hosts WHERE true \
                 ON CONFLICT DO UPDATE SET muted = 1, until = excluded.until, \
                 events = excluded.events, hosts = excluded.hosts, severity = excluded.severity, \
                 known_until = excluded.known_until WHERE excluded.muted = 1";
            self.connection.execute(
                sql,
                params![
                    signed(id),
                    now.0,
                    muted,
                    until,
                    baseline.events as i64,
                    baseline.hosts as i64,
                    baseline.severity.map(|severity| severity as i64),
                ],
            )?;
            Ok(())
        })
    }

    /// What it was in its latest night: as judged, else as counted.
    fn baseline(&self, id: Fingerprint) -> Known<Baseline> {
        let judged = "SELECT events, hosts, severity FROM verdicts WHERE id = ?1 \
             ORDER BY day DESC LIMIT 1";
        let counted = "SELECT sum(events), max(hosts), NULL FROM activity WHERE fingerprint IN \
             (SELECT ?1 UNION SELECT fingerprint FROM members WHERE id = ?1) \
             GROUP BY day ORDER BY day DESC LIMIT 1";
        for sql in [judged, counted] {
            let baseline = self.connection.query_row(sql, [signed(id)], |row| {
                let severity: Option<u8> = row.get(2)?;
                Ok(Baseline {
                    events: row.get(0)?,
                    hosts: row.get(1)?,
                    severity: severity.map(Severity::from_number),
                })
            });
            if let Some(baseline) = baseline.optional()? {
                return Ok(baseline);
            }
        }
        Ok(Baseline::default())
    }

    /// Says something of a pattern or an incident.
    pub fn remark(&self, target: &Target, remark: &Remark, now: Timestamp) -> Result<(), Problem> {
        self.known(|| {
            let sql =
                "INSERT OR IGNORE INTO remarks (target, kind, text, at) VALUES (?1, ?2, ?3, ?4)";
            let kind = remark.kind.name();
            self.connection
                .execute(sql, params![target.to_string(), kind, remark.text, now.0])?;
            Ok(())
        })
    }

    /// Names an incident.
    pub fn name_incident(&self, incident: &Incident) -> Result<(), Problem> {
        self.known(|| {
            let sql = "INSERT OR IGNORE INTO incidents VALUES (?1, ?2)";
            self.connection
                .execute(sql, params![incident.name, incident.at.0])?;
            Ok(())
        })
    }

    /// Takes back one remark.
    pub fn take_back_remark(&self, target: &Target, remark: &Remark) -> Result<(), Problem> {
        self.known(|| {
            let sql = "DELETE FROM remarks WHERE target = ?1 AND kind = ?2 AND text = ?3";
            let kind = remark.kind.name();
            self.connection
                .execute(sql, params![target.to_string(), kind, remark.text])?;
            Ok(())
        })
    }

    /// Takes back the naming of an incident at one time.
    pub fn take_back_incident(&self, incident: &Incident) -> Result<(), Problem> {
        self.known(|| {
            let sql = "DELETE FROM incidents WHERE name = ?1 AND at = ?2";
            self.connection
                .execute(sql, params![incident.name, incident.at.0])?;
            Ok(())
        })
    }

    /// Takes back a mute. The pattern stays acknowledged, and what is said of it stays.
    pub fn take_back_mute(&self, id: Fingerprint) -> Result<(), Problem> {
        self.known(|| {
            let sql = "UPDATE acknowledgements SET muted = 0, until = NULL WHERE id = ?1";
            self.connection.execute(sql, [signed(id)])?;
            Ok(())
        })
    }

    /// Takes back everything: an acknowledgement with its mute, or the times of an incident, and all
    /// remarks.
    pub fn take_back(&self, target: &Target) -> Result<(), Problem> {
        self.known(|| {
            let transaction = self.connection.unchecked_transaction()?;
            match target {
                Target::Pattern(id) => {
                    transaction.execute("DELETE FROM acknowledgements WHERE id = ?1", [signed(*id)])
                }
                Target::Incident(name) => {
                    transaction.execute("DELETE FROM incidents WHERE name = ?1", [name])
                }
            }?;
            let remarks = "DELETE FROM remarks WHERE target = ?1";
            transaction.execute(remarks, [target.to_string()])?;
            Ok(transaction.commit()?)
        })
    }

    /// All that the user said.
    pub fn words(&self) -> Result<Words, Problem> {
        self.known(|| {
            Ok(Words {
                acknowledged: self.all_acknowledged()?,
                incidents: self.incidents()?,
                remarks: self.all_remarks()?,
            })
        })
    }

    /// What the user said of the incidents of a name.
    pub fn remarks_on_incident(&self, name: &str) -> Result<Vec<Remark>, Problem> {
        self.known(|| self.remarks_on(&Target::Incident(name.to_owned())))
    }

    /// Whether the user acknowledged or muted a pattern.
    pub(super) fn acknowledged(&self, id: Fingerprint) -> Known<Option<Acknowledged>> {
        let mut all = self.all_acknowledged()?.into_iter();
        Ok(all.find(|known| known.id == id))
    }

    pub(super) fn all_acknowledged(&self) -> Known<Vec<Acknowledged>> {
        let sql = "SELECT k.id, p.service, coalesce(p.pattern, ''), k.at, k.muted, k.until, \
             k.events, k.hosts, k.severity FROM acknowledgements k \
             LEFT JOIN patterns p ON p.fingerprint = k.id ORDER BY k.at, k.id";
        let mut statement = self.connection.prepare(sql)?;
        let all = statement.query_map([], |row| {
            let severity: Option<u8> = row.get(8)?;
            Ok(Acknowledged {
                id: fingerprint(row.get(0)?),
                service: row.get(1)?,
                pattern: row.get(2)?,
                at: Timestamp(row.get(3)?),
                muted: row.get(4)?,
                until: row.get::<_, Option<i64>>(5)?.map(Timestamp),
                baseline: Baseline {
                    events: row.get(6)?,
                    hosts: row.get(7)?,
                    severity: severity.map(Severity::from_number),
                },
            })
        })?;
        Ok(all.collect::<Result<_, _>>()?)
    }

    pub(super) fn all_remarks(&self) -> Known<Vec<(Target, Remark)>> {
        let mut statement = self
            .connection
            .prepare("SELECT target, kind, text FROM remarks ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let (target, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let kind = RemarkKind::ALL.into_iter().find(|k| k.name() == kind);
            let kind = kind.ok_or_else(|| damaged("a remark is of no kind"))?;
            let target = Fingerprint::parse(&target)
                .map_or_else(|| Target::Incident(target), Target::Pattern);
            let text = row.get(2)?;
            all.push((target, Remark { kind, text }));
        }
        Ok(all)
    }

    pub(super) fn known<T>(&self, ask: impl FnOnce() -> Known<T>) -> Result<T, Problem> {
        ask().map_err(|cause| self.problem(cause))
    }
}
