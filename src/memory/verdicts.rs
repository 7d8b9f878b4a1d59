//! Writing what was judged of an input: its row among the runs, and what earned attention in it.

use super::commit::{Seen, write_text};
use super::course::DAY_SECONDS;
use super::{Known, signed};
use crate::assemble::DropReason;
use crate::corpus::{Corpus, Pattern, Span};
use crate::event::{Origin, Severity};
use crate::finding::{Band, Item};
use crate::group::Group;
use crate::output::prose;
use crate::signature::Fingerprint;
use rusqlite::{Transaction, params};
use std::collections::HashMap;

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

/// Joins what was judged of a run's groups.
pub(super) fn write_verdicts(
    transaction: &Transaction<'_>,
    run: Run,
    items: &[Item],
    groups: &[Group],
    corpus: &Corpus,
) -> Known<()> {
    let groups: HashMap<Fingerprint, &Group> = groups.iter().map(|g| (g.id, g)).collect();
    for item in items {
        if let Some(group) = groups.get(&item.id) {
            write_verdict(transaction, run, item, group, corpus)?;
        }
    }
    Ok(())
}

fn write_verdict(
    transaction: &Transaction<'_>,
    run: Run,
    item: &Item,
    group: &Group,
    corpus: &Corpus,
) -> Known<()> {
    // What is silent all night is of the night as a whole.
    let tonight = (item.count == 0).then_some(run.span.first);
    let first = item.first.or(tonight);
    let Some(at) = first.filter(|_| item.band >= Band::Background) else {
        return Ok(());
    };
    let service = group.service.as_deref();
    write_text(transaction, group.id, service, &group.pattern, (None, None))?;
    if group.members[..] != [group.id] {
        for member in &group.members {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO members VALUES (?1, ?2)")?
                .execute(params![signed(group.id), signed(*member)])?;
        }
    }
    let mut members = group
        .members
        .iter()
        .filter_map(|id| corpus.patterns.get(id));
    transaction
        .prepare_cached(
            "INSERT INTO verdicts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT DO UPDATE SET at = excluded.at, last = excluded.last, band = excluded.band, \
             score = excluded.score, kind = excluded.kind, severity = excluded.severity, \
             events = excluded.events, hosts = excluded.hosts, alerted = excluded.alerted, \
             why = excluded.why, input = excluded.input WHERE (excluded.score, excluded.events, \
             excluded.at, excluded.why) > (score, events, at, why)",
        )?
        .execute(params![
            at.seconds().div_euclid(DAY_SECONDS),
            signed(item.id),
            at.0,
            item.last.unwrap_or(at).0,
            item.band as i64,
            item.score,
            item.candidate_type().map(|signal| signal.name()),
            item.severity.map(|severity| severity as i64),
            item.count as i64,
            item.hosts.len() as i64,
            members.any(|pattern| alerts(pattern)),
            prose::why_it_matters(item),
            run.number(),
        ])?;
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
