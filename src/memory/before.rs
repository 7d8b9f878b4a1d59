//! What came right before the incidents of a name: how often, against how often it comes anyway.

use super::recollect::seconds;
use super::{Problem, Snapshot};
use crate::event::Timestamp;
use crate::signature::Fingerprint;
use rusqlite::OptionalExtension;
use std::collections::{BTreeSet, HashMap};

/// Patterns told at most.
const TOLD_MAX: usize = 20;
/// Times chance that a pattern comes before an incident at least, to be told.
const LIFT_MIN: f64 = 1.5;

/// A pattern that came before incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// The pattern.
    pub id: Fingerprint,
    /// Its service.
    pub service: Option<String>,
    /// What it says.
    pub pattern: String,
    /// Incidents before which it came.
    pub before: u64,
    /// The share of them, over the share of all stretches of this length in which it comes at all.
    pub lift: f64,
    /// The median time from its last event to the incident.
    pub lead_seconds: i64,
    /// Whether it was seen on the latest day in memory.
    pub present: bool,
}

/// The incidents of a name and what came before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Incidents {
    /// When they happened.
    pub at: Vec<Timestamp>,
    /// Those of them before which something was read.
    pub covered: u64,
    /// What came before, the most telling first.
    pub before: Vec<Before>,
}

#[derive(Default)]
struct Tally {
    /// By incident, seconds from the last event before it.
    leads: HashMap<usize, i64>,
    /// Stretches in which it occurred.
    stretches: u64,
    last_day: i64,
}

impl Snapshot {
    /// What came in the `before_seconds` before the incidents of a name.
    pub fn before(&self, name: &str, before_seconds: i64) -> Result<Incidents, Problem> {
        let stretch = before_seconds.max(1);
        self.known(|| {
            let incidents = self.incidents()?.into_iter();
            let at: Vec<Timestamp> = incidents
                .filter(|incident| incident.name == name)
                .map(|incident| incident.at)
                .collect();
            let mut tallies: HashMap<Fingerprint, Tally> = HashMap::new();
            let mut stretches: BTreeSet<i64> = BTreeSet::new();
            let mut covered = BTreeSet::new();
            let mut latest = i64::MIN;
            self.each_course(|id, day, told| {
                let tally = tallies.entry(id).or_default();
                let times = seconds(day, told);
                let occupied: BTreeSet<i64> = times.iter().map(|t| t.div_euclid(stretch)).collect();
                tally.stretches += occupied.len() as u64;
                tally.last_day = tally.last_day.max(day);
                latest = latest.max(day);
                stretches.extend(occupied);
                for (number, at) in at.iter().enumerate() {
                    let end = at.seconds();
                    let range = end.saturating_sub(stretch)..end;
                    if let Some(last) = times.range(range).next_back() {
                        covered.insert(number);
                        let lead = tally.leads.entry(number).or_insert(i64::MAX);
                        *lead = (*lead).min(end - last);
                    }
                }
            })?;
            let n = covered.len() as u64;
            let mut before = Vec::new();
            for (id, tally) in tallies {
                let chance = tally.stretches as f64 / stretches.len().max(1) as f64;
                let share = tally.leads.len() as f64 / n.max(1) as f64;
                let lift = share / chance.max(f64::MIN_POSITIVE);
                if !tally.leads.is_empty() && lift >= LIFT_MIN {
                    before.push(self.told(id, &tally, lift, latest)?);
                }
            }
            // How sure it is first, then how telling.
            before.sort_by(|a, b| {
                let by_share = b.before.cmp(&a.before);
                let by_lift = || b.lift.total_cmp(&a.lift);
                by_share.then_with(by_lift).then(a.id.cmp(&b.id))
            });
            before.truncate(TOLD_MAX);
            Ok(Incidents {
                covered: n,
                before,
                at,
            })
        })
    }

    fn told(&self, id: Fingerprint, tally: &Tally, lift: f64, latest: i64) -> super::Known<Before> {
        let mut leads: Vec<i64> = tally.leads.values().copied().collect();
        leads.sort_unstable();
        let sql = "SELECT service, pattern FROM patterns WHERE fingerprint = ?1";
        let text = self.connection.query_row(sql, [super::signed(id)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        let (service, pattern) = text.optional()?.unwrap_or_default();
        Ok(Before {
            id,
            service,
            pattern,
            before: leads.len() as u64,
            lift,
            lead_seconds: leads.get(leads.len() / 2).copied().unwrap_or(0),
            present: tally.last_day == latest,
        })
    }
}
