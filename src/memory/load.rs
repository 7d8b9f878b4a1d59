//! Reading what is remembered from before tonight, as detectors see it.

use super::begin::start;
use super::course::{Course, DAY_SECONDS, Day};
use super::{Known, Problem, Snapshot, Target, damaged, fingerprint};
use crate::corpus::{Corpus, SLOT_SECONDS};
use crate::event::{Severity, Timestamp};
use crate::history::{
    ABSENT_PATTERNS_MAX, Acknowledgement, HOURS, History, HostName, HostPast, Incident, Mute,
    NIGHTS_MAX, Past, PastNight, PatternNight, Remark, TIMES_NIGHTS_MAX,
};
use crate::signature::Fingerprint;
use cell::{Nights, cell};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

mod cell;

const HOUR_SECONDS: i64 = 3600;

impl Snapshot {
    /// What is remembered from before the first event of `corpus`; of all there is where it is
    /// undated.
    pub fn load(&self, corpus: &Corpus) -> Result<History, Problem> {
        let loaded = self.try_load(corpus);
        loaded.map_err(|cause| self.problem(cause))
    }

    fn try_load(&self, corpus: &Corpus) -> Known<History> {
        // One transaction, so that a run that commits meanwhile is seen whole or not at all.
        let transaction = self.connection.unchecked_transaction()?;
        let history = self.history(corpus)?;
        transaction.finish()?;
        Ok(history)
    }

    /// As [`Snapshot::load`], within a transaction.
    pub(super) fn history(&self, corpus: &Corpus) -> Known<History> {
        let start = match start(corpus) {
            Some(start) => start,
            None => self.end()?,
        };
        let mut history = History {
            covers_since: self.covers_since(start)?,
            incidents: self.incidents()?,
            acknowledgements: self.acknowledgements()?,
            lessons: self.lessons()?,
            ..History::default()
        };
        let reader = Reader::new(self, start, history.covers_since)?;
        reader.fill(&mut history, corpus)?;
        Ok(history)
    }

    /// The hour after the last event in memory.
    fn end(&self) -> Known<Timestamp> {
        let sql = "SELECT coalesce(max(last), 0) FROM hosts";
        let last: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(Timestamp(
            last.saturating_add(HOUR_SECONDS * Timestamp::MICROS),
        ))
    }

    pub(super) fn incidents(&self) -> Known<Vec<Incident>> {
        let sql = "SELECT at, name FROM incidents ORDER BY at, name";
        let mut statement = self.connection.prepare(sql)?;
        let incidents = statement.query_map([], |row| {
            Ok(Incident {
                at: Timestamp(row.get(0)?),
                name: row.get(1)?,
            })
        })?;
        Ok(incidents.collect::<Result<_, _>>()?)
    }

    fn acknowledgements(&self) -> Known<HashMap<Fingerprint, Acknowledgement>> {
        let mut all: HashMap<Fingerprint, Acknowledgement> = HashMap::new();
        let sql =
            "SELECT id, muted, until, events, hosts, severity, known_until FROM acknowledgements";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let severity: Option<u8> = row.get(5)?;
            let mute = Mute {
                until: row.get::<_, Option<i64>>(2)?.map(Timestamp),
                count: row.get(3)?,
                hosts: row.get(4)?,
                severity: severity.map(Severity::from_number),
                known_until: row.get::<_, Option<i64>>(6)?.map(Timestamp),
            };
            let acknowledgement = all.entry(fingerprint(row.get(0)?)).or_default();
            acknowledgement.acknowledged = true;
            acknowledgement.mute = row.get::<_, bool>(1)?.then_some(mute);
        }
        for (target, remark) in self.all_remarks()? {
            if let Target::Pattern(id) = target {
                all.entry(id).or_default().remarks.push(remark);
            }
        }
        Ok(all)
    }

    pub(super) fn lessons(&self) -> Known<BTreeMap<String, Vec<Remark>>> {
        let mut all: BTreeMap<String, Vec<Remark>> = BTreeMap::new();
        for (target, remark) in self.all_remarks()? {
            if let Target::Incident(name) = target
                && remark.kind.is_lasting()
            {
                all.entry(name).or_default().push(remark);
            }
        }
        Ok(all)
    }
}

/// Where the nights lie.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    start: Timestamp,
    /// The first second of the first night, and how many nights there are.
    begin: i64,
    nights: usize,
    names: HashMap<u32, HostName>,
}

impl<'a> Reader<'a> {
    fn new(snapshot: &'a Snapshot, start: Timestamp, since: Option<Timestamp>) -> Known<Self> {
        // To the nearest hour, so that a log with ten minutes of the night before has the same nights.
        let half_hour_on = start.seconds().saturating_add(HOUR_SECONDS / 2);
        let hour = half_hour_on.div_euclid(HOUR_SECONDS) * HOUR_SECONDS;
        let covered = since.map_or(0, |since| hour.saturating_sub(since.seconds()));
        let nights = covered.max(0) as u64;
        let nights = nights.div_ceil(DAY_SECONDS as u64).min(NIGHTS_MAX as u64) as usize;
        let sql = "SELECT number, name FROM hosts";
        let mut statement = snapshot.connection.prepare(sql)?;
        let names = statement.query_map([], |row| {
            let name: Option<String> = row.get(1)?;
            Ok((row.get(0)?, name.map(Arc::from)))
        })?;
        Ok(Reader {
            start,
            begin: hour.saturating_sub(nights as i64 * DAY_SECONDS),
            nights,
            names: names.collect::<Result<_, _>>()?,
            snapshot,
        })
    }

    /// The civil day on which tonight starts.
    fn today(&self) -> i64 {
        self.start.seconds().div_euclid(DAY_SECONDS)
    }

    /// The second of a day up to which it lies before tonight, in whole slots.
    fn second_until(&self, day: i64) -> u32 {
        if day < self.today() {
            return DAY_SECONDS as u32;
        }
        let second = self.start.seconds().rem_euclid(DAY_SECONDS);
        (second - second % SLOT_SECONDS) as u32
    }

    fn fill(&self, history: &mut History, corpus: &Corpus) -> Known<()> {
        let mut nights = self.activity()?;
        history.patterns_left_out = keep_present(&mut nights, corpus);
        history.patterns = self.patterns(&nights, corpus)?;
        history.nights = self.empty_nights();
        for (id, nights) in nights {
            // A pattern whose nights hold nothing before tonight was not seen before.
            if let Some(past) = history.patterns.get_mut(&id) {
                past.nights = self.finished(nights, &mut history.nights);
            }
        }
        for night in &mut history.nights {
            night.hosts.sort();
            night.hosts.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0 };
                same
            });
        }
        history.hosts = self.hosts(&history.patterns)?;
        Ok(())
    }

    /// The activity of the loaded nights, by pattern.
    fn activity(&self) -> Known<HashMap<Fingerprint, Nights>> {
        let mut all: HashMap<Fingerprint, Nights> = HashMap::new();
        let sql = "SELECT day, fingerprint, course FROM activity WHERE day BETWEEN ?1 AND ?2";
        let mut statement = self.snapshot.connection.prepare(sql)?;
        let first = self.begin.div_euclid(DAY_SECONDS);
        let mut rows = statement.query([first, self.today()])?;
        while let Some(row) = rows.next()? {
            let day: i64 = row.get(0)?;
            let course = row.get_ref(2)?;
            let course = course
                .as_blob()
                .map_err(|_| damaged("an activity is no blob"))?;
            let told = Day::decode(course).ok_or_else(|| damaged("an activity is no activity"))?;
            let nights = all.entry(fingerprint(row.get(1)?)).or_default();
            for (host, course) in &told.hosts {
                self.add(nights, day, *host, course);
            }
        }
        all.retain(|_, nights| !nights.is_empty());
        Ok(all)
    }

    /// Adds a day's course on one host to the one or two nights that it falls in.
    fn add(&self, nights: &mut Nights, day: i64, host: u32, course: &Course) {
        // On the day on which tonight starts, tonight's own events may decide whether times are
        // known, and a replay has to see what the first run saw.
        let times = course.times.as_deref().filter(|_| day < self.today());
        let offset = day * DAY_SECONDS - self.begin;
        // The second of the day at which the second of the two nights starts.
        let seam = (DAY_SECONDS - offset.rem_euclid(DAY_SECONDS)) as u32;
        let night = offset.div_euclid(DAY_SECONDS);
        let until = self.second_until(day);
        for (night, in_night) in [(night, 0..seam.min(until)), (night + 1, seam..until)] {
            let Some(night) = usize::try_from(night).ok().filter(|n| *n < self.nights) else {
                continue;
            };
            let into_night = |second: u32| (offset + i64::from(second)).rem_euclid(DAY_SECONDS);
            match times {
                Some(times) => {
                    let times = between(times, |second| *second, &in_night);
                    if let Some(cell) = cell(nights, night, host, times.is_empty()) {
                        let times = times.iter().map(|second| into_night(*second) as u32);
                        cell.add_times(times, night + TIMES_NIGHTS_MAX >= self.nights);
                    }
                }
                None => {
                    let start = |slot: &(u32, u32)| slot.0 * SLOT_SECONDS as u32;
                    let slots = between(&course.slots, start, &in_night);
                    if let Some(cell) = cell(nights, night, host, slots.is_empty()) {
                        cell.times = None;
                        slots
                            .iter()
                            .for_each(|slot| cell.add(into_night(start(slot)), slot.1));
                    }
                }
            }
        }
    }

    /// What is known of the patterns of the loaded nights and of tonight, without their nights.
    fn patterns(
        &self,
        nights: &HashMap<Fingerprint, Nights>,
        corpus: &Corpus,
    ) -> Known<HashMap<Fingerprint, Past>> {
        let wanted = |id: &Fingerprint| nights.contains_key(id) || corpus.patterns.contains_key(id);
        let mut patterns: HashMap<Fingerprint, Past> = HashMap::new();
        let connection = &self.snapshot.connection;
        let sql = "SELECT fingerprint, service, pattern, first FROM patterns \
             WHERE first < ?1 OR undated < ?1";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([self.start.0])?;
        while let Some(row) = rows.next()? {
            let id = fingerprint(row.get(0)?);
            if wanted(&id) {
                let first: Option<i64> = row.get(3)?;
                let past = Past {
                    service: row.get(1)?,
                    pattern: row.get(2)?,
                    first_ever: first.filter(|f| *f < self.start.0).map(Timestamp),
                    ..Past::default()
                };
                patterns.insert(id, past);
            }
        }
        self.seen_before(&mut patterns)?;
        let sql = "SELECT fingerprint, host, first FROM pattern_hosts WHERE first < ?1";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([self.start.0])?;
        while let Some(row) = rows.next()? {
            if let Some(past) = patterns.get_mut(&fingerprint(row.get(0)?)) {
                let name = self.name(row.get(1)?)?;
                past.hosts.push((name, Timestamp(row.get(2)?)));
            }
        }
        patterns.values_mut().for_each(|past| past.hosts.sort());
        Ok(patterns)
    }

    /// On how many days each was seen, and when last.
    fn seen_before(&self, patterns: &mut HashMap<Fingerprint, Past>) -> Known<()> {
        let connection = &self.snapshot.connection;
        let sql = "SELECT fingerprint, count(*), max(day) FROM activity \
             INDEXED BY activity_by_fingerprint WHERE day < ?1 GROUP BY fingerprint";
        let mut statement = connection.prepare(sql)?;
        let mut last =
            connection.prepare("SELECT last FROM activity WHERE day = ?1 AND fingerprint = ?2")?;
        let mut rows = statement.query([self.today()])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if let Some(past) = patterns.get_mut(&fingerprint(id)) {
                past.nights_seen = row.get(1)?;
                let day: i64 = row.get(2)?;
                past.last_before = Some(Timestamp(last.query_row([day, id], |row| row.get(0))?));
            }
        }
        self.seen_today(patterns)
    }

    /// The same for the day on which tonight starts, of which only what is before it counts.
    fn seen_today(&self, patterns: &mut HashMap<Fingerprint, Past>) -> Known<()> {
        let today = self.today();
        let sql = "SELECT fingerprint, course FROM activity WHERE day = ?1";
        let mut statement = self.snapshot.connection.prepare(sql)?;
        let mut rows = statement.query([today])?;
        let end = self.start.seconds() - today * DAY_SECONDS;
        while let Some(row) = rows.next()? {
            let Some(past) = patterns.get_mut(&fingerprint(row.get(0)?)) else {
                continue;
            };
            let course: Vec<u8> = row.get(1)?;
            let told = Day::decode(&course).ok_or_else(|| damaged("an activity is no activity"))?;
            let starts = told.hosts.values().flat_map(|course| &course.slots);
            let starts = starts.map(|(slot, _)| i64::from(*slot) * SLOT_SECONDS);
            if let Some(last) = starts.filter(|start| start + SLOT_SECONDS <= end).max() {
                past.nights_seen += 1;
                past.last_before = Some(Timestamp::from_seconds(today * DAY_SECONDS + last));
            }
        }
        Ok(())
    }

    fn empty_nights(&self) -> Vec<PastNight> {
        let start = |night: usize| self.begin + night as i64 * DAY_SECONDS;
        let empty = |night| PastNight {
            start: Timestamp::from_seconds(start(night)),
            events: 0,
            hours: [0; HOURS],
            hosts: Vec::new(),
        };
        (0..self.nights).map(empty).collect()
    }

    /// A pattern's nights in their final form; they are added to the sums of each night.
    fn finished(&self, nights: Nights, sums: &mut [PastNight]) -> Vec<PatternNight> {
        let mut finished = Vec::with_capacity(nights.len());
        for (night, cells) in nights {
            let sum = &mut sums[night];
            let mut hosts = Vec::with_capacity(cells.len());
            for (number, cell) in cells {
                // Numbers of hosts were checked when they were read.
                let name = self.names.get(&number).cloned().flatten();
                sum.events += cell.count;
                sum.hosts.push((name.clone(), cell.count));
                for (sum, n) in sum.hours.iter_mut().zip(cell.hours) {
                    *sum += u64::from(n);
                }
                hosts.push(cell.finished(name));
            }
            hosts.sort_by(|a, b| a.name.cmp(&b.name));
            finished.push(PatternNight {
                night,
                count: hosts.iter().map(|host| host.count).sum(),
                hosts,
            });
        }
        finished
    }

    fn hosts(&self, patterns: &HashMap<Fingerprint, Past>) -> Known<BTreeMap<Arc<str>, HostPast>> {
        let mut lasts: HashMap<&str, i64> = HashMap::new();
        for night in patterns.values().flat_map(|past| &past.nights) {
            for host in &night.hosts {
                let hour = host.hours.iter().rposition(|events| *events > 0);
                if let Some((name, hour)) = host.name.as_deref().zip(hour) {
                    let last =
                        self.begin + night.night as i64 * DAY_SECONDS + hour as i64 * HOUR_SECONDS;
                    let known = lasts.entry(name).or_insert(last);
                    *known = last.max(*known);
                }
            }
        }
        let mut hosts = BTreeMap::new();
        let sql = "SELECT name, first FROM hosts WHERE name IS NOT NULL AND first < ?1";
        let mut statement = self.snapshot.connection.prepare(sql)?;
        let mut rows = statement.query([self.start.0])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            // Not what the table says: on a replay that is what tonight made of it.
            let last = lasts.get(name.as_str()).copied().unwrap_or(self.begin);
            let last = Timestamp::from_seconds(last);
            let first = Timestamp(row.get(1)?);
            hosts.insert(Arc::from(name), HostPast { first, last });
        }
        Ok(hosts)
    }

    fn name(&self, number: u32) -> Known<HostName> {
        let name = self.names.get(&number).cloned();
        name.ok_or_else(|| damaged("a host has no name"))
    }
}

/// Leaves out those absent tonight that are too many, seen in the fewest nights; how many they were.
fn keep_present(all: &mut HashMap<Fingerprint, Nights>, corpus: &Corpus) -> u64 {
    let absent = all
        .iter()
        .filter(|(id, _)| !corpus.patterns.contains_key(id));
    let mut absent: Vec<(usize, Fingerprint)> =
        absent.map(|(id, nights)| (nights.len(), *id)).collect();
    absent.sort_unstable();
    let excess = absent.len().saturating_sub(ABSENT_PATTERNS_MAX);
    for (_, id) in &absent[..excess] {
        all.remove(id);
    }
    excess as u64
}

/// The elements of a sorted list whose key lies in a range.
fn between<'a, T>(all: &'a [T], key: impl Fn(&T) -> u32, range: &Range<u32>) -> &'a [T] {
    let from = all.partition_point(|element| key(element) < range.start);
    let to = all.partition_point(|element| key(element) < range.end);
    &all[from..to.max(from)]
}
