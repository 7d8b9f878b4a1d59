//! The closed word lists of normalization: units, booleans, states, keys, and what announces a user.
//!
//! All lists are of language, none of products. Lookups fold ASCII case unless said otherwise.

use foldhash::fast::FixedState;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word is in a list of words in lower case.
fn among(list: &[&str], word: &[u8]) -> bool {
    let Some(first) = word.first().map(u8::to_ascii_lowercase) else {
        return false;
    };
    // Length and first letter turn down nearly every entry.
    list.iter().map(|entry| entry.as_bytes()).any(|entry| {
        entry.len() == word.len() && entry[0] == first && entry.eq_ignore_ascii_case(word)
    })
}

/// The first two letters of the words of a list. One question asked of a table takes the place of several of
/// which nobody foresees, where words are random, at which of them they end.
struct Pairs([u32; 32]);

impl Pairs {
    const fn opening(list: &[&str]) -> Self {
        let mut pairs = Pairs([0; 32]);
        let mut index = 0;
        while index < list.len() {
            pairs = pairs.and_of(list[index]);
            index += 1;
        }
        pairs
    }

    /// These and those of one more word.
    const fn and_of(mut self, word: &str) -> Self {
        let word = word.as_bytes();
        self.0[(word[0] & 31) as usize] |= 1 << (word[1] & 31);
        self
    }

    /// Whether a word may begin with two of them, in whatever case; of few that do not it is said too.
    #[inline]
    fn may_open(&self, word: &[u8]) -> bool {
        let [first, second, ..] = *word else {
            return false;
        };
        self.0[usize::from(first & 31)] >> (second & 31) & 1 == 1
    }
}

/// Units that a number may carry after a blank and that vary with its size. Case matters.
pub(super) fn is_unit(word: &[u8]) -> bool {
    const UNITS: &[&str] = &[
        "B", "kB", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "kbit", "Mbit",
        "Gbit", "ns", "us", "ms", "s", "sec", "secs", "kHz", "MHz", "GHz", "K",
    ];
    UNITS.iter().any(|unit| unit.as_bytes() == word)
}

/// Words that stand for the value of a switch: lower case, or with a capital.
#[inline]
pub(super) fn is_boolean(word: &[u8]) -> bool {
    // Nearly every word is told from these by its first two letters.
    const PAIRS: Pairs = Pairs::opening(BOOLEANS);
    if !PAIRS.may_open(word) || word.len() > BOOLEAN_BYTES_MAX {
        return false;
    }
    let rest_is_lower = word.iter().skip(1).all(u8::is_ascii_lowercase);
    rest_is_lower && among(BOOLEANS, word)
}

const BOOLEANS: &[&str] = &["true", "false", "null", "nil", "none"];

/// The longest of them.
const BOOLEAN_BYTES_MAX: usize = 5;

/// Words of severity and of state: a pattern with `up` is not one with `down`.
pub(super) fn is_state(word: &[u8]) -> bool {
    static STATES: LazyLock<HashSet<&str, FixedState>> =
        LazyLock::new(|| STATE_WORDS.split_whitespace().collect());
    let mut lower = [0; STATE_BYTES_MAX];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).is_ok_and(|word| STATES.contains(word))
}

/// The longest state word.
const STATE_BYTES_MAX: usize = 16;

const STATE_WORDS: &str = "
    emerg emergency alert crit critical fatal panic err error errors warn warning warnings notice
    info debug trace up down on off ok okay good bad fail failed failing failure pass passed success
    successful succeeded start started starting stop stopped stopping restart restarted restarting
    open opened close closed connect connected disconnect disconnected reconnected enable enabled
    disable disabled active inactive activated deactivated online offline available unavailable
    reachable unreachable healthy unhealthy degraded normal abnormal accepted accept rejected reject
    refused denied allowed allow deny granted blocked dropped drop lost restored recovered recovering
    running idle dead alive killed exited crashed aborted completed complete finished pending timeout
    expired valid invalid mounted unmounted attached detached added removed created deleted locked
    unlocked loaded unloaded sent received deferred bounced queued full empty
";

/// Keys whose value is text: what it says tells patterns apart.
pub(super) fn holds_text(key: &[u8]) -> bool {
    const KEYS: &[&str] = &[
        "msg",
        "message",
        "event",
        "err",
        "error",
        "reason",
        "cause",
        "desc",
        "description",
        "text",
        "log",
        "exception",
        "detail",
        "details",
        "action",
        "operation",
        "status",
        "state",
    ];
    among(KEYS, last_part(key))
}

/// Keys whose value names someone or something, also when it has blanks.
pub(super) fn holds_name(key: &[u8]) -> bool {
    const KEYS: &[&str] = &[
        "user",
        "username",
        "name",
        "id",
        "path",
        "file",
        "dir",
        "title",
        "agent",
        "useragent",
        "query",
        "cmd",
        "command",
        "comm",
    ];
    among(KEYS, last_part(key))
}

/// The part of a key after its last separator: `error_message` is judged as `message`.
fn last_part(key: &[u8]) -> &[u8] {
    key.rsplit(|&b| b == b'_' || b == b'.' || b == b'-')
        .next()
        .unwrap_or(key)
}

/// Words that name what a user's name follows.
const USER: &[&str] = &["user", "username", "account"];

/// Whether the two words before announce a user's name: `for user`, `invalid user`, `password for`.
pub(super) fn announces_user([earlier, last]: [&[u8]; 2]) -> bool {
    const BEFORE_USER: &[&str] = &[
        "for", "of", "invalid", "illegal", "by", "as", "target", "local", "remote", "from", "to",
        "unknown", "with",
    ];
    const CREDENTIALS: &[&str] = &[
        "password",
        "passwords",
        "publickey",
        "authentication",
        "login",
        "logins",
        "failure",
        "failures",
    ];
    (among(USER, last) && among(BEFORE_USER, earlier))
        || (last == b"for" && among(CREDENTIALS, earlier))
}

/// Whether [`announces_user`] may say yes of a word and any before it, or the word is `for`.
#[inline]
pub(super) fn may_announce_user(last: &[u8]) -> bool {
    const PAIRS: Pairs = Pairs::opening(USER).and_of("for");
    PAIRS.may_open(last) && (last == b"for" || among(USER, last))
}

/// Words that go on after `user`, or after `password for`, without being a name.
pub(super) fn follows_user(word: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "is",
        "was",
        "are",
        "not",
        "has",
        "does",
        "did",
        "with",
        "by",
        "from",
        "on",
        "in",
        "at",
        "to",
        "of",
        "and",
        "or",
        "the",
        "a",
        "an",
        "this",
        "name",
        "names",
        "id",
        "ids",
        "data",
        "session",
        "sessions",
        "agent",
        "space",
        "mode",
        "input",
        "account",
        "accounts",
        "group",
        "groups",
        "user",
        "users",
        "invalid",
        "illegal",
        "unknown",
        "login",
        "logged",
        "authentication",
        "permissions",
        "requested",
        "request",
        "process",
    ];
    among(WORDS, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_judged_by_their_last_part() {
        assert!(holds_text(b"error_message"));
        assert!(holds_text(b"err"));
        assert!(!holds_text(b"message_id"));
    }

    #[test]
    fn a_unit_is_case_sensitive_and_a_state_is_not() {
        assert!(is_unit(b"ms") && !is_unit(b"Ms"));
        assert!(is_state(b"DOWN") && is_state(b"down"));
    }

    #[test]
    fn booleans_are_not_shouted() {
        assert!(is_boolean(b"true") && is_boolean(b"None"));
        assert!(!is_boolean(b"NULL") && !is_boolean(b"nonempty"));
    }

    #[test]
    fn credentials_announce_a_user() {
        assert!(announces_user([b"password", b"for"]));
        assert!(!announces_user([b"waiting", b"for"]));
        assert!(follows_user(b"invalid"));
    }
}
