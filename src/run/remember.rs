//! What `scan` asks of memory: what is known before judging, what is muted after, and the commit at
//! the end. Without a snapshot all of it is nothing.

use super::Status;
use crate::corpus::{Corpus, Span};
use crate::detect::Thresholds;
use crate::event::{Severity, Timestamp};
use crate::finding::{Band, Item};
use crate::group::Group;
use crate::history::{Acknowledgement, History, Mute, NIGHTS_MAX};
use crate::memory::{Problem, Seen, Snapshot, Unkept};
use crate::output::layout::counted;
use crate::signature::Fingerprint;
use crate::stderr;
use std::path::PathBuf;
use std::time::Duration;

/// Hosts at which a mute wakes, if there were fewer before.
const WAKING_HOSTS: u64 = 3;

/// Where the snapshot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// How long another run is waited for.
    pub wait: Duration,
}

impl Place {
    /// The snapshot that is there, for questions alone, told if it is not.
    pub(super) fn open_to_ask(&self) -> Result<Snapshot, Status> {
        Snapshot::open_to_ask(&self.path, self.wait).map_err(|problem| told(&problem))
    }

    /// The snapshot that is there, told if it is not.
    pub(super) fn open_existing(&self) -> Result<Snapshot, Status> {
        Snapshot::open_existing(&self.path, self.wait).map_err(|problem| told(&problem))
    }
}

/// Tells what is wrong with a snapshot.
pub(super) fn told(problem: &Problem) -> Status {
    stderr::tell(&problem.to_string());
    Status::Trouble
}

/// A scan's memory.
pub(super) struct Memory {
    snapshot: Option<Snapshot>,
}

impl Memory {
    /// Opens the snapshot, if there is to be one.
    pub fn open(place: Option<&Place>) -> Result<Memory, Status> {
        let open = |place: &Place| Snapshot::open(&place.path, place.wait);
        let snapshot = place.map(open).transpose();
        let snapshot = snapshot.map_err(|problem| told(&problem))?;
        Ok(Memory { snapshot })
    }

    /// What earlier runs spanned.
    pub fn runs(&self) -> Result<Vec<Span>, Status> {
        match &self.snapshot {
            Some(snapshot) => snapshot.runs().map_err(|problem| told(&problem)),
            None => Ok(Vec::new()),
        }
    }

    /// Whether all of a corpus is remembered.
    pub fn holds(&self, corpus: &Corpus) -> Result<bool, Problem> {
        match &self.snapshot {
            Some(snapshot) => snapshot.holds(corpus),
            None => Ok(false),
        }
    }

    /// What is remembered from before the input.
    pub fn load(&self, corpus: &Corpus) -> Result<History, Status> {
        match &self.snapshot {
            Some(snapshot) => snapshot.load(corpus).map_err(|problem| told(&problem)),
            None => Ok(History::default()),
        }
    }

    /// What is to be remembered of the items; nothing where nothing is.
    pub fn worth_keeping(&self, items: &[Item]) -> Vec<Item> {
        let kept = items.iter().filter(|item| item.band >= Band::Background);
        match self.snapshot {
            Some(_) => kept.cloned().collect(),
            None => Vec::new(),
        }
    }

    /// Whether there is a snapshot to remember in.
    pub fn remembers(&self) -> bool {
        self.snapshot.is_some()
    }

    /// Joins what was seen; to be called when the output is written. Later nights that it is news for
    /// are judged again.
    pub fn commit(&mut self, seen: &Seen<'_>, keep_days: i64, thresholds: Thresholds) -> Status {
        let commit = |snapshot: &mut Snapshot| -> Result<(), Problem> {
            tell_unkept(snapshot.commit(seen, keep_days)?);
            snapshot.judge_again(thresholds)
        };
        let committed = self.snapshot.as_mut().map_or(Ok(()), commit);
        committed.map_or_else(|problem| told(&problem), |()| Status::Ran)
    }
}

/// Says which inputs are remembered and cannot be judged again.
fn tell_unkept(unkept: Unkept) {
    if unkept.crowded_out > 0 {
        let inputs = counted(unkept.crowded_out, "earlier input");
        stderr::tell(&format!(
            "the snapshot has no room for {inputs} of the last {NIGHTS_MAX} days; when a night \
             before is committed later, what was said of them stays as it is"
        ));
    }
    if unkept.is_too_large {
        stderr::tell(
            "the input is too large for the snapshot to keep it whole; when a night before is \
             committed later, what was said of this one stays as it is",
        );
    }
}

/// Takes the muted items away and counts their events as muted.
pub(super) fn mute(
    items: &mut Vec<Item>,
    groups: &[Group],
    history: &History,
    corpus: &mut Corpus,
    now: Timestamp,
) {
    if history.acknowledgements.values().all(|a| a.mute.is_none()) {
        return;
    }
    let begin = corpus.span.map_or(now, |span| span.first);
    let muted = |group: &Group| {
        let mut ids = std::iter::once(&group.id).chain(&group.members);
        ids.find_map(|id| history.acknowledgements.get(id)?.mute.as_ref())
    };
    let mutes: std::collections::HashMap<Fingerprint, (&Group, &Mute)> = groups
        .iter()
        .filter_map(|group| Some((group.id, (group, muted(group)?))))
        .collect();
    items.retain(|item| {
        let Some((group, mute)) = mutes.get(&item.id) else {
            return true;
        };
        if !holds(mute, item, begin) || has_variant(mute, group, history, corpus) {
            return true;
        }
        for pattern in group
            .members
            .iter()
            .filter_map(|id| corpus.patterns.get(id))
        {
            let accounting = &mut corpus.accounting;
            accounting.muted += pattern.count;
            accounting.events = accounting.events.saturating_sub(pattern.count);
            accounting.dated = accounting.dated.saturating_sub(pattern.dated);
        }
        false
    });
}

/// Whether a mute still holds for an item of a night that begins then. It wakes early when the item
/// doubles, reaches a third host, or is louder than it was; [`has_variant`] tells the rest.
fn holds(mute: &Mute, item: &Item, begin: Timestamp) -> bool {
    let hosts = item.hosts.len() as u64;
    let quiet = |severity: Option<Severity>| severity.map_or(u8::MAX, |severity| severity as u8);
    let ended = mute.until.is_some_and(|until| begin >= until);
    let doubled = item.count >= mute.count.max(1).saturating_mul(2);
    let spread = hosts >= WAKING_HOSTS && hosts > mute.hosts;
    let louder = quiet(item.severity) < quiet(mute.severity);
    !(ended || doubled || spread || louder)
}

/// Whether a group has a pattern that came after it was muted: it is not what it was.
fn has_variant(mute: &Mute, group: &Group, history: &History, corpus: &Corpus) -> bool {
    let Some(known_until) = mute.known_until else {
        return false;
    };
    let first = |id: &Fingerprint| match history.get(*id) {
        Some(past) => past.first_ever,
        None => Some(corpus.patterns.get(id)?.span?.first),
    };
    let mut firsts = group.members.iter().filter_map(first);
    firsts.any(|first| first > known_until)
}

/// Whether an item is what `--new-only` shows: other than before, and not seen by the user yet.
pub(super) fn is_news(item: &Item, history: &History) -> bool {
    let said = history.acknowledgements.get(&item.id);
    let acknowledged = said.is_some_and(|said: &Acknowledgement| said.acknowledged);
    item.is_news() && !acknowledged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, corpus};
    use crate::detect::{Night, Thresholds};
    use crate::{group::group, score};

    const LINES: [Line; 3] = [
        (Some(10), None, "flush failed"),
        (Some(20), None, "flush failed"),
        (Some(30), None, "flush done"),
    ];

    /// The patterns shown, the events counted as muted and as events, where "flush failed" is muted.
    fn after(mute: Mute) -> (Vec<String>, u64, u64) {
        let mut corpus = corpus(&LINES);
        let groups = group(&corpus.patterns);
        let mut history = History::default();
        let failed = groups
            .iter()
            .find(|group| &*group.pattern == "flush failed");
        let said = Acknowledgement {
            mute: Some(mute),
            ..Acknowledgement::default()
        };
        history
            .acknowledgements
            .extend(failed.map(|group| (group.id, said)));
        let night = Night::new(&corpus, &groups, &history, Thresholds::default());
        let mut items = score::judge(&night);
        drop(night);
        super::mute(&mut items, &groups, &history, &mut corpus, Timestamp(0));
        corpus.accounting.events += 5;
        assert_eq!(
            corpus.other(),
            5,
            "a mute hides no pattern that was left out"
        );
        corpus.accounting.events -= 5;
        let shown = items.into_iter().map(|item| item.pattern).collect();
        (shown, corpus.accounting.muted, corpus.accounting.events)
    }

    fn muted() -> Mute {
        Mute {
            until: None,
            count: 2,
            hosts: 1,
            severity: Some(Severity::Error),
            known_until: Some(Timestamp::from_seconds(40)),
        }
    }

    #[test]
    fn what_is_muted_is_not_shown_but_accounted_for() {
        assert_eq!(after(muted()), (vec!["flush done".to_owned()], 2, 1));
    }

    #[test]
    fn a_mute_wakes_when_it_ends_doubles_gets_louder_or_another_variant() {
        let awake = [
            Mute {
                until: Some(Timestamp::from_seconds(10)),
                ..muted()
            },
            Mute {
                count: 1,
                ..muted()
            },
            Mute {
                severity: Some(Severity::Warning),
                ..muted()
            },
            Mute {
                known_until: Some(Timestamp::from_seconds(5)),
                ..muted()
            },
        ];
        for mute in awake {
            let (shown, muted, events) = after(mute);
            assert_eq!((shown.len(), muted, events), (2, 0, 3));
        }
    }
}
