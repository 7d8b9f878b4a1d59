//! Writing what was judged of an input: its row among the runs, and what earned attention in it.

use super::commit::{Seen, write_text};
use super::course::DAY_SECONDS;
use super::{Known, signed};
use crate::assemble::DropReason;
use crate::corpus::{Corpus, Pattern, Span};
use crate::event::{Origin, Severity, Timestamp};
use crate::finding::{Band, Item};
use crate::group::Group;
use crate::output::prose;
use crate::signature::Fingerprint;
use rusqlite::{Transaction, params};
use std::collections::HashMap;
use std::sync::Arc;

/// What names an input: what it spans, and how many lines it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub span: Span,
    pub lines: i64,
}

impl Run {
    /// The run of a corpus; `None` where nothing has a time.
    pub fn of(corpus: &Corpus) -> Option<Run> {
        let accounting = &corpus.accounting;
        // What an earlier run left is that run's.
        let remembered = accounting.dropped.get(&DropReason::Remembered);
        let lines = accounting.lines() - remembered.copied().unwrap_or(0);
        Some(Run {
            span: corpus.span?,
            lines: lines as i64,
        })
    }

    /// A number for it that depends on nothing else (the mixing of splitmix64).
    pub fn number(&self) -> i64 {
        let mix = |hash: u64, value: i64| {
            let hash = (hash ^ value as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (hash ^ hash >> 31).wrapping_mul(0x94d0_49bb_1331_11eb)
        };
        [self.span.first.0, self.span.last.0, self.lines]
            .into_iter()
            .fold(0x9e37_79b9_7f4a_7c15, mix) as i64
    }

    /// Whether another run spans all of it.
    pub fn is_part(&self, transaction: &Transaction<'_>) -> Known<bool> {
        let sql = "SELECT count(*) FROM runs WHERE first <= ?1 AND last >= ?2 \
             AND (first, last, lines) <> (?1, ?2, ?3)";
        let (first, last) = (self.span.first.0, self.span.last.0);
        let wider: i64 = transaction.query_row(sql, [first, last, self.lines], |row| row.get(0))?;
        Ok(wider > 0)
    }

    /// Writes its row.
    pub fn write(&self, transaction: &Transaction<'_>, seen: &Seen<'_>) -> Known<()> {
        let accounting = &seen.corpus.accounting;
        transaction.execute(
            "INSERT OR IGNORE INTO runs VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.span.first.0,
                self.span.last.0,
                self.lines,
                (accounting.events + accounting.muted) as i64,
                shown(seen.items),
                seen.sources.join(" "),
            ],
        )?;
        Ok(())
    }
}

/// How many items are worth watching.
pub(super) fn shown(items: &[Item]) -> i64 {
    let shown = items.iter().filter(|item| item.band >= Band::Watch);
    shown.count() as i64
}

/// What was judged of a group, as it is remembered.
pub(super) struct Judged {
    id: Fingerprint,
    service: Option<Arc<str>>,
    pattern: Arc<str>,
    /// Of a group that is more than one pattern.
    members: Vec<Fingerprint>,
    at: Timestamp,
    last: Timestamp,
    band: Band,
    score: f64,
    kind: Option<&'static str>,
    severity: Option<Severity>,
    events: u64,
    hosts: usize,
    alerted: bool,
    why: String,
}

/// What is remembered of a run's items: background and above.
pub(super) fn judged(run: Run, items: &[Item], groups: &[Group], corpus: &Corpus) -> Vec<Judged> {
    let groups: HashMap<Fingerprint, &Group> = groups.iter().map(|g| (g.id, g)).collect();
    let items = items.iter().filter(|item| item.band >= Band::Background);
    items
        .filter_map(|item| judgement(run, item, groups.get(&item.id)?, corpus))
        .collect()
}

fn judgement(run: Run, item: &Item, group: &Group, corpus: &Corpus) -> Option<Judged> {
    // What is silent all night is of the night as a whole.
    let tonight = (item.count == 0).then_some(run.span.first);
    let at = item.first.or(tonight)?;
    let members = group.members.iter();
    let mut patterns = members.filter_map(|id| corpus.patterns.get(id));
    Some(Judged {
        id: group.id,
        service: group.service.clone(),
        pattern: group.pattern.clone(),
        members: match group.members[..] == [group.id] {
            true => Vec::new(),
            false => group.members.to_vec(),
        },
        at,
        last: item.last.unwrap_or(at),
        band: item.band,
        score: item.score,
        kind: item.candidate_type().map(|signal| signal.name()),
        severity: item.severity,
        events: item.count,
        hosts: item.hosts.len(),
        alerted: patterns.any(|pattern| alerts(pattern)),
        why: prose::why_it_matters(item),
    })
}

/// Joins what was judged of a run's groups.
pub(super) fn write_verdicts(
    transaction: &Transaction<'_>,
    run: Run,
    judged: &[Judged],
) -> Known<()> {
    let mut member = transaction.prepare_cached("INSERT OR IGNORE INTO members VALUES (?1, ?2)")?;
    let mut verdict = transaction.prepare_cached(
        "INSERT INTO verdicts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
         ON CONFLICT DO UPDATE SET at = excluded.at, last = excluded.last, band = excluded.band, \
         score = excluded.score, kind = excluded.kind, severity = excluded.severity, \
         events = excluded.events, hosts = excluded.hosts, alerted = excluded.alerted, \
         why = excluded.why, input = excluded.input WHERE (excluded.score, excluded.events, \
         excluded.at, excluded.why) > (score, events, at, why)",
    )?;
    for told in judged {
        let service = told.service.as_deref();
        write_text(transaction, told.id, service, &told.pattern, (None, None))?;
        for id in &told.members {
            member.execute(params![signed(told.id), signed(*id)])?;
        }
        verdict.execute(params![
            told.at.seconds().div_euclid(DAY_SECONDS),
            signed(told.id),
            told.at.0,
            told.last.0,
            told.band as i64,
            told.score,
            told.kind,
            told.severity.map(|severity| severity as i64),
            told.events as i64,
            told.hosts as i64,
            told.alerted,
            told.why,
            run.number(),
        ])?;
    }
    Ok(())
}

/// Whether something else than we already rang for it: its level, or where it comes from.
fn alerts(pattern: &Pattern) -> bool {
    let loud = [Severity::Emergency, Severity::Alert, Severity::Critical];
    let from_alerts = |origin: &Origin| {
        let names = origin.fields.iter().map(|(name, _)| name);
        names.into_iter().any(|name| name.starts_with("alert"))
    };
    loud.into_iter().any(|level| pattern.level(Some(level)) > 0)
        || pattern.origin.as_deref().is_some_and(from_alerts)
}
