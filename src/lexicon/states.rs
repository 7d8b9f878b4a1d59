//! Words of state: what is lost, what is back, and what is stopped in good order.
//!
//! Two halves of one story are told by such words and by what they share. Whether they are halves
//! of one story is for the times to say, not for this file.

use super::phrases::List;
use super::token::{Text, Token, is_any};
use super::{grammar, head};
use foldhash::fast::FixedState;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

/// How a pattern tells that something is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recovery {
    /// It says that something is well: up, healthy, succeeded.
    Well,
    /// It says that something is well *again*, which implies that it was not: restored,
    /// reconnected, resumed.
    Again,
}

/// Words that say that something which should be there is not. Words of orderly ends (closed,
/// stopped, unmounted) are left out: they are no loss.
#[rustfmt::skip]
pub(super) const LOSSES: &[&str] = &[
    "lost", "down", "offline", "unreachable", "unavailable", "unhealthy", "dead", "degraded",
    "unresponsive", "stalled", "stuck", "hung", "failed", "failing", "failure", "broken", "dropped",
    "expired", "missing", "timeout", "unsynchronized", "unsynchronised", "desynchronized", "stale",
    "lagging", "behind", "flapping", "suspended", "blocked", "overloaded", "throttled", "throttling",
    "exhausted", "saturated", "diverged", "partitioned", "isolated", "evicted", "fenced", "ejected",
    "quarantined", "unstable", "disconnected", "gone", "vanished", "disappeared", "silent", "dark",
    "unreadable", "readonly", "refused", "rejected", "denied", "interrupted", "congested",
    "unplugged", "sick", "critical", "high", "low", "lapsed", "faulted", "crashed", "unassigned",
    "absent", "withdrawn", "frozen", "tripped", "jammed", "slow", "sluggish", "starved", "postponed",
];

/// Words that say that something is well.
#[rustfmt::skip]
pub(super) const GAINS: &[&str] = &[
    "up", "online", "reachable", "available", "healthy", "alive", "connected", "succeeded",
    "success", "successful", "successfully", "ok", "okay", "normal", "established", "ready",
    "passed", "synchronized", "synchronised", "synced", "active", "good", "responding", "answered",
    "joined", "acquired", "attached", "renewed", "running", "completed", "stable", "optimal",
    "present", "found", "unblocked", "below", "caught", "complete", "cooled", "drained", "accepting",
    "answering", "serving", "responds", "settled", "steady",
];

/// Words that say that something is well again.
#[rustfmt::skip]
pub(super) const AGAIN: &[&str] = &[
    "again", "back", "recovered", "recovers", "recovery", "restored", "resumed", "resuming",
    "reconnected", "re-established", "reestablished", "rejoined", "resynchronized",
    "resynchronised", "resynced", "reattached", "reinstated", "readmitted", "reachable", "repaired",
    "resolved", "cleared", "returned", "healed", "reopened", "re-opened", "reacquired", "regained",
    "re-acquired", "revived", "unthrottled", "unfenced", "re-enabled", "reenabled", "refreshed",
    "subsided", "normalized", "normalised", "relieved", "reelected", "lifted", "re-synced", "rebound",
    "re-registered", "reregistered", "reestablishing", "unstuck",
    "reappeared", "resumes", "returns", "rejoins", "reconnects",
];

/// Words of an orderly end.
#[rustfmt::skip]
pub(super) const STOPS: &[&str] = &[
    "stopping", "stopped", "stop", "shutting down", "shutdown", "shut down", "deactivated",
    "deactivating", "terminating", "exiting", "disabled", "disabling", "unloaded", "unloading",
    "drained", "draining", "paused", "pausing", "maintenance mode", "for maintenance",
    "in maintenance", "into maintenance", "under maintenance", "removed", "uninstalled", "quit",
    "reboot", "rebooting", "scaled down", "halting", "halted", "signal 15", "sigterm",
];

/// Words that say that something was forced to begin anew or elsewhere.
#[rustfmt::skip]
pub(super) const INTERRUPTIONS: &[&str] = &[
    "reboot", "rebooting", "rebooted", "power cycle", "power-cycle", "power cycled", "failover",
    "failing over", "failed over", "takeover", "fenced", "fencing", "respawned", "respawning",
    "restart counter", "core dump", "dumped core", "watchdog reset",
];

/// Words too common to say that two patterns are about one thing.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "the", "and", "for", "from", "with", "was", "were", "has", "have", "are", "after", "before",
    "level", "msg", "info", "warn", "warning", "error", "notice", "debug", "reason", "time", "not",
    "now", "this", "that", "its", "been", "will", "status", "state", "code", "log", "err",
];

/// Bytes of the longest word that tells a state.
const STATE_BYTES_MAX: usize = 16;

/// Bytes of the shortest word that may be shared.
const SHARED_BYTES_MIN: usize = 3;

/// What a pattern tells of the state that something is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct States {
    /// That something is well, and it does not deny it.
    pub recovery: Option<Recovery>,
    /// That something is lost, or leaves a state in which it was well.
    pub tells_loss: bool,
    /// That something ended in good order.
    pub tells_stop: bool,
    /// That something was forced to begin anew or elsewhere: a reboot, a failover.
    pub tells_interruption: bool,
}

impl States {
    /// What a pattern tells.
    pub fn of(pattern: &str) -> Self {
        told(&Text::new(head(pattern)))
    }
}

/// What a text tells of states.
pub(super) fn told(text: &Text<'_>) -> States {
    States {
        recovery: recovery(text),
        tells_loss: tells_loss(text),
        tells_stop: text.is_in(List::Stops).is_some(),
        tells_interruption: text.is_in(List::Interruptions).is_some(),
    }
}

fn tells_loss(text: &Text<'_>) -> bool {
    if !text.lists.has(List::States) {
        return false;
    }
    if let Some((from, to)) = transition(text) {
        return is_loss(to) || is_gain(from) && !is_gain(to);
    }
    words(text).any(|(_, word)| is_loss(word))
}

/// Of several states the one that is entered counts ("from idle to up"), else the one told first:
/// "disconnected, will retry until the port is available" is no recovery.
fn recovery(text: &Text<'_>) -> Option<Recovery> {
    if !text.lists.has(List::Again) && !text.lists.has(List::States) {
        return None;
    }
    if text.tells_recovery(List::Again) {
        return Some(Recovery::Again);
    }
    if let Some((_, to)) = transition(text) {
        return is_gain(to).then_some(Recovery::Well);
    }
    let is_denied = |index: usize| {
        let before = text.tokens()[..index].iter().rev().take(2);
        before.into_iter().any(|(_, token)| {
            matches!(token, Token::Word(word) if is_any(word, grammar::RECOVERY_DENIALS))
        })
    };
    let mut states = words(text).filter(|(_, word)| state(word).is_some());
    let (index, state) = states.next()?;
    (is_gain(state) && !is_denied(index)).then_some(Recovery::Well)
}

/// The states that a text says something went from and to: "from up to down", "up -> down".
fn transition<'a>(text: &Text<'a>) -> Option<(&'a str, &'a str)> {
    let is = |token: &Token<'_>, known| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(known));
    let tokens = text.tokens().iter().map(|(_, token)| *token);
    if !tokens
        .clone()
        .any(|token| token == Token::Mark(b'>') || is(&token, "from"))
    {
        return None;
    }
    let bare: Vec<Token<'a>> = tokens
        .filter(|token| !matches!(token, Token::Mark(b'"' | b'\'' | b'[' | b']' | b'(' | b')')))
        .collect();
    let mut windows = bare.windows(4);
    windows.find_map(|four| match four {
        [from, Token::Word(old), to, Token::Word(new)] if is(from, "from") && is(to, "to") => {
            Some((*old, *new))
        }
        [
            Token::Word(old),
            Token::Mark(b'-' | b'='),
            Token::Mark(b'>'),
            Token::Word(new),
        ] => Some((*old, *new)),
        _ => None,
    })
}

/// Whether a text says that something ended in good order.
pub fn tells_stop(text: &str) -> bool {
    Text::new(head(text)).is_in(List::Stops).is_some()
}

/// What a pattern is about: its constant words without states, levels and the commonest.
pub fn subject(pattern: &str) -> BTreeSet<String> {
    static OTHERS: LazyLock<HashSet<&str, FixedState>> = LazyLock::new(|| {
        [COMMON, LOSSES, GAINS, AGAIN]
            .concat()
            .into_iter()
            .collect()
    });
    let text = Text::new(head(pattern));
    words(&text)
        .map(|(_, word)| word)
        .filter(|word| word.len() >= SHARED_BYTES_MIN)
        .map(str::to_ascii_lowercase)
        .filter(|word| !OTHERS.contains(word.as_str()))
        .collect()
}

fn words<'t, 'a>(text: &'t Text<'a>) -> impl Iterator<Item = (usize, &'a str)> + 't {
    let tokens = text.tokens().iter().enumerate();
    tokens.filter_map(|(index, (_, token))| match token {
        Token::Word(word) => Some((index, *word)),
        _ => None,
    })
}

/// What a word of state tells.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    is_loss: bool,
    is_gain: bool,
}

/// The state that a word tells, if it does.
fn state(word: &str) -> Option<State> {
    static STATES: LazyLock<HashMap<&[u8], State, FixedState>> = LazyLock::new(|| {
        let mut states: HashMap<&[u8], State, FixedState> = HashMap::default();
        for word in LOSSES {
            states.entry(word.as_bytes()).or_default().is_loss = true;
        }
        for word in GAINS {
            states.entry(word.as_bytes()).or_default().is_gain = true;
        }
        states
    });
    let mut lower = [0; STATE_BYTES_MAX];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    STATES.get(&*lower).copied()
}

fn is_loss(word: &str) -> bool {
    state(word).is_some_and(|state| state.is_loss)
}

fn is_gain(word: &str) -> bool {
    state(word).is_some_and(|state| state.is_gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells_loss(pattern: &str) -> bool {
        States::of(pattern).tells_loss
    }

    fn recovery(pattern: &str) -> Option<Recovery> {
        States::of(pattern).recovery
    }

    fn tells_interruption(pattern: &str) -> bool {
        States::of(pattern).tells_interruption
    }

    #[test]
    fn losses_and_recoveries_are_told_apart_from_orderly_ends() {
        assert!(tells_loss("uplink port<n> lost its carrier") && tells_loss("feed is DOWN"));
        assert!(!tells_loss("volume <path> closed") && !tells_loss("stopped worker <n>"));
        assert_eq!(recovery("uplink port<n> is up"), Some(Recovery::Well));
        assert_eq!(recovery("feed <n> resumed"), Some(Recovery::Again));
        assert_eq!(recovery("uplink is not up"), None);
        assert_eq!(recovery("feed is gone until it is available"), None);
        assert!(tells_interruption("reboot of db<n>: OK") && !tells_interruption("ledger started"));
        assert!(tells_stop("Stopping ledger.service...") && !tells_stop("ledger started"));
        assert!(tells_stop("in maintenance mode") && !tells_stop("outside of maintenance class"));
    }

    #[test]
    fn words_of_state_are_known_in_any_case() {
        assert!(
            LOSSES
                .iter()
                .all(|word| is_loss(word) && is_loss(&word.to_uppercase()))
        );
        assert!(
            GAINS
                .iter()
                .all(|word| is_gain(word) && is_gain(&word.to_uppercase()))
        );
        assert!(
            [LOSSES, GAINS]
                .concat()
                .iter()
                .all(|word| Text::new(word).tokens().len() == 1)
        );
        assert!(!is_loss("up") && !is_gain("gate") && !is_gain(""));
    }

    #[test]
    fn of_a_transition_the_state_that_is_entered_counts() {
        assert!(tells_loss("gate <n> went from connected to waiting"));
        assert_eq!(recovery("gate <n> went from connected to waiting"), None);
        assert!(!tells_loss("gate <n>: lost -> ready"));
        assert_eq!(recovery("gate <n>: lost -> ready"), Some(Recovery::Well));
    }

    #[test]
    fn halves_of_one_story_share_their_subject() {
        let (lost, back) = (
            subject("lost the feed of mirror <n>"),
            subject("mirror <n> feed is back"),
        );
        assert_eq!(lost.intersection(&back).count(), 2);
        assert!(subject("level=error msg=lost").is_empty());
    }
}
