//! Phrases of failing builds by class, matched on lower case text.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What a phrase tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Linker,
    Exhausted,
    Exception,
    /// What was there in place of what was expected; an assertion together with the latter.
    Instead,
    Missing,
    Timeout,
    Denied,
    Consequence,
    /// Words of a status, whatever it is.
    Status,
    /// Words of failures that may be counted.
    Failing,
    Advice,
    Success,
}

/// The phrases of each kind.
#[rustfmt::skip]
const PHRASES: &[(Kind, &[&str])] = &[
    (Kind::Linker, &[
        "undefined reference to", "undefined symbol", "unresolved external", "unresolved symbol",
        "multiple definition of", "cannot find -l", "symbol(s) not found",
    ]),
    (Kind::Exhausted, &[
        "out of memory", "outofmemory", "cannot allocate memory", "heap space", "oom-kill", "oomkilled",
        "no space left", "disk quota exceeded", "memory exhausted", "gc overhead limit",
    ]),
    (Kind::Exception, &[
        "' panicked at ", "assertion failed", "assertion `", "segmentation fault", "core dumped",
    ]),
    (Kind::Instead, &[
        "but was", "but got", "but found", "to equal", "to be ", "actual:", "to have", "to match",
    ]),
    (Kind::Missing, &[
        "no such file", "no such module", "no module named", "cannot find", "can't find",
        "could not find", "unable to find", "does not exist", "command not found", "file not found",
        "module not found", "package not found", "could not resolve", "cannot resolve",
        "unable to resolve", "unable to locate", "no such host", "unknown host", "no rule to make target",
        "unbound variable", "is not recognized as",
    ]),
    (Kind::Timeout, &[
        "timed out", "timeout exceeded", "timeout of ", "deadline exceeded",
        "timeout on ", "timeout waiting", "due to timeout", "timeout has been", "timeout reached",
        "time limit exceeded", "exceeded the timeout", "exceeded the maximum", "no output has been received",
    ]),
    (Kind::Denied, &[
        "permission denied", "access denied", "accessdenied", "access forbidden", "not authorized",
        "unauthorized", "authentication failed", "authentication required", "invalid credentials",
        "bad credentials", "password required", "key verification failed", "operation not permitted",
        "is denied",
    ]),
    (Kind::Consequence, &[
        "build failure", "build failed", "failed to build", "build: failed", "job failed",
        "build errored", "tests failed", "test failed", "test run failed", "finished: failure",
        "result: failed", "pipeline failed", "commands failed", "command failed", "errors during",
        "errors occurred", "could not compile", "previous error", "marked build as failure", "finished: aborted", "failed job", "did not complete successfully", "test failures", "failing tests", ": *** [",
    ]),
    (Kind::Status, &["exit", "return code ", "non-zero"]),
    (Kind::Failing, &["fail", "error"]),
    (Kind::Advice, &[
        "re-run", "rerun ", "run with ", "see the report", "for more information",
        "to see the full", "please refer to", "full log", "to retry,",
    ]),
    (Kind::Success, &[
        "build success", "build succeeded", "job succeeded", "exited with 0", "exited with code 0",
        "finished: success", "all tests passed", "result: success", "build passed",
    ]),
];

/// Words before a status.
const STATUSES: [&str; 9] = [
    "exited with code ",
    "exited with status ",
    "exited with exit code ",
    "exited with ",
    "exit code",
    "exit status",
    "exit value ",
    "return code ",
    "returned exit ",
];

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let phrases = PHRASES.iter().flat_map(|(_, phrases)| phrases.iter());
    AhoCorasick::new(phrases).expect("a constant table of short phrases fits an automaton")
});

/// The kind of each phrase, in the order of the automaton.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kinds = PHRASES
        .iter()
        .map(|(kind, phrases)| vec![*kind; phrases.len()]);
    kinds.flatten().collect()
});

/// The kinds of phrases that a text has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said(u16);

impl Said {
    /// Reads a text in lower case.
    pub(super) fn of(lower: &str) -> Self {
        let found = AUTOMATON.find_overlapping_iter(lower);
        let kinds = found.map(|found| KINDS[found.pattern().as_usize()]);
        Said(kinds.fold(0, |said, kind| said | 1 << kind as u16))
    }

    /// Whether a phrase of the kind is there.
    pub(super) fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }
}

/// The head of an exception or of a failed assertion.
pub(super) fn is_exception(text: &str, lower: &str, said: Said) -> bool {
    let heads = [
        "traceback (",
        "panic: ",
        "caused by: ",
        "exception in ",
        "unhandled exception",
        "expect(",
    ];
    heads.iter().any(|head| lower.starts_with(head))
        || said.has(Kind::Exception)
        || said.has(Kind::Instead) && lower.contains("expected")
        || names_exception(text)
}

/// Whether the line begins with the name of an exception, followed by a colon or nothing.
fn names_exception(text: &str) -> bool {
    let end = text
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$')))
        .unwrap_or(text.len());
    let name = text[..end].rsplit(['.', '$']).next().unwrap_or_default();
    let rest = text[end..].trim();
    let kinds = [
        "Exception",
        "Error",
        "Throwable",
        "Failure",
        "Fault",
        "Interrupt",
    ];
    name.len() > 5
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && kinds.iter().any(|kind| name.ends_with(kind))
        && (rest.is_empty() || rest.starts_with(':') || end > name.len() && rest.starts_with("at "))
}

/// What follows from a failure.
pub(super) fn is_consequence(lower: &str, said: Said) -> bool {
    said.has(Kind::Consequence)
        || tells_status(lower, said)
        || said.has(Kind::Failing) && counts_failures(lower)
}

/// A status that is not zero, said of a command, a process or a build.
pub(super) fn tells_status(lower: &str, said: Said) -> bool {
    if !said.has(Kind::Status) {
        return false;
    }
    let other = ["returned non-zero", "non-zero exit", "non-zero code"];
    other.iter().any(|cue| lower.contains(cue))
        || STATUSES.iter().any(|cue| {
            lower.find(cue).is_some_and(|at| {
                let rest = &lower[at + cue.len()..];
                let status = rest.trim_start_matches([':', ' ', '=', '\'', '"']);
                status.starts_with(|c: char| ('1'..='9').contains(&c))
            })
        })
}

/// Whether a line counts failures, and more than none.
///
/// `3 failed`, `failures: 3`, `failed=3`, with words of failure and a number that is not zero beside them.
pub(super) fn counts_failures(lower: &str) -> bool {
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(64)
        .collect();
    let is_failure = |word: &str| {
        matches!(
            word,
            "failed" | "failures" | "failure" | "failing" | "errors" | "errored"
        )
    };
    let count = |word: &str| word.parse::<u64>().ok();
    // `failures: 3` where the first word is a name, `3 failed` where it is a number.
    let names_first = lower.contains(": ") || lower.contains('=');
    words
        .windows(2)
        .any(|pair| match (count(pair[0]), count(pair[1])) {
            (None, Some(n)) if names_first => n > 0 && is_failure(pair[0]),
            (Some(n), None) if !names_first => n > 0 && is_failure(pair[1]),
            _ => false,
        })
        || words.windows(3).any(|three| {
            count(three[0]).is_some_and(|n| n > 0)
                && matches!(
                    three[1],
                    "test"
                        | "tests"
                        | "spec"
                        | "specs"
                        | "example"
                        | "examples"
                        | "check"
                        | "checks"
                )
                && is_failure(three[2])
        })
}

/// Whether a message says first that it tells of an error.
pub(super) fn begins_with_error(lower: &str) -> bool {
    let said = ["error: ", "fatal: ", "fatal error: ", "conflict "];
    let rest = said.iter().find_map(|word| lower.strip_prefix(word));
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a line tells what a build tries out to see what there is, and not that it failed for it.
pub(super) fn is_probe(text: &str) -> bool {
    let lower = text.trim_start_matches(['-', ' ']).to_ascii_lowercase();
    let tries = [
        "performing test ",
        "looking for ",
        "checking ",
        "detecting ",
    ];
    tries.iter().any(|word| lower.starts_with(word)) && !lower.contains("error:")
}
