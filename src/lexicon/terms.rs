//! The lexicon's tables: English operational language by class. No product's name, no log's phrase.

use super::Kind::{self, Credential, Fact, Idiom, Noun, Setting};
use crate::event::Severity::{self, Critical, Error, Warning};

/// A word or phrase of trouble, how loud it is, and how it behaves in a sentence.
pub(super) type Term = (&'static str, Severity, Kind);

/// The words of trouble.
#[rustfmt::skip]
pub(super) const TERMS: &[Term] = &[
    ("fatal", Critical, Fact), ("fatally", Critical, Fact), ("panic", Critical, Noun),
    ("panicked", Critical, Fact), ("critical error", Critical, Fact),
    ("critical failure", Critical, Fact), ("segfault", Critical, Fact),
    ("segmentation fault", Critical, Fact), ("segmentation violation", Critical, Fact),
    ("core dumped", Critical, Fact), ("dumped core", Critical, Fact), ("oom", Critical, Noun),
    ("oom killer", Critical, Fact), ("oom-killer", Critical, Fact), ("oom-kill", Critical, Fact),
    ("oomkilled", Critical, Fact), ("out of memory", Critical, Fact),
    ("outofmemory", Critical, Fact), ("outofmemoryerror", Critical, Fact),
    ("outofmemoryexception", Critical, Fact), ("out-of-memory", Critical, Fact),
    ("deadlock", Critical, Noun), ("deadlocked", Critical, Fact), ("soft lockup", Critical, Fact),
    ("hard lockup", Critical, Fact), ("corrupt", Critical, Fact), ("corrupted", Critical, Fact),
    ("corruption", Critical, Noun), ("uncorrectable", Critical, Fact),
    ("unrecoverable", Critical, Fact), ("data loss", Critical, Noun),
    ("stack overflow", Critical, Fact), ("split brain", Critical, Fact),
    ("split-brain", Critical, Fact), ("read-only file system", Critical, Fact),
    ("no space left", Critical, Fact), ("disk full", Critical, Fact),
    ("disk is full", Critical, Fact), ("overheat", Critical, Noun), ("overheated", Critical, Fact),
    ("overheating", Critical, Fact), ("kernel bug", Critical, Fact),

    ("error", Error, Noun), ("errors", Error, Noun), ("err", Error, Noun), ("errno", Error, Noun),
    ("erroneous", Error, Fact), ("errored", Error, Fact), ("failed", Error, Credential),
    ("fail", Error, Noun), ("fails", Error, Fact), ("failing", Error, Fact),
    ("failure", Error, Kind::CredentialNoun), ("failures", Error, Kind::CredentialNoun),
    ("exception", Error, Noun), ("exceptions", Error, Noun), ("traceback", Error, Noun),
    ("fault", Error, Noun), ("faults", Error, Noun), ("faulty", Error, Fact),
    ("faulted", Error, Fact), ("abort", Error, Noun), ("aborted", Error, Fact),
    ("aborting", Error, Fact), ("crash", Error, Noun), ("crashed", Error, Fact),
    ("crashes", Error, Noun), ("crashing", Error, Fact), ("killed", Error, Fact), ("killing", Warning, Fact),
    ("cannot", Error, Fact), ("can not", Error, Fact), ("can't", Error, Fact),
    ("could not", Error, Fact), ("couldn't", Error, Fact), ("unable to", Error, Fact),
    ("not responding", Error, Fact), ("did not respond", Error, Fact), ("no response", Error, Fact),
    ("unresponsive", Error, Fact), ("unreachable", Error, Fact), ("not reachable", Error, Fact),
    ("no route to host", Error, Fact), ("unavailable", Error, Fact),
    ("not available", Warning, Fact), ("no longer available", Error, Fact),
    ("no longer responding", Error, Fact), ("refused", Error, Credential),
    ("timed out", Error, Fact), ("timed-out", Error, Fact), ("unreadable", Error, Fact),
    ("unwritable", Error, Fact), ("bad sector", Error, Fact), ("bad block", Error, Fact),
    ("lost", Error, Fact), ("broken pipe", Error, Fact), ("broken", Error, Fact),
    ("call trace", Error, Fact), ("stack trace", Error, Fact), ("hung", Error, Fact),
    ("blocked for more than", Error, Fact), ("stalled", Error, Fact), ("unhandled", Error, Fact),
    ("uncaught", Error, Fact), ("undefined reference", Error, Fact), ("unclean", Error, Fact),
    ("dirty shutdown", Error, Fact), ("unexpectedly", Error, Fact), ("non-zero", Error, Fact),
    ("nonzero", Error, Fact), ("exit code", Error, Kind::Code), ("exit status", Error, Kind::Code),
    ("exited with", Error, Kind::Code), ("exited with code", Error, Kind::Code),
    ("exited with status", Error, Kind::Code), ("exit value", Error, Kind::Code),
    ("overflow", Error, Noun), ("overrun", Error, Noun), ("underrun", Error, Noun),
    ("out of range", Error, Fact), ("out of bounds", Error, Fact), ("power loss", Error, Fact),
    ("unauthorized", Warning, Credential), ("forbidden", Warning, Credential),

    ("warning", Warning, Noun), ("warn", Warning, Noun), ("timeout", Warning, Setting),
    ("timeouts", Warning, Setting), ("denied", Warning, Credential),
    ("rejected", Warning, Credential), ("reject", Warning, Noun),
    ("retry", Warning, Setting), ("retrying", Warning, Fact), ("retried", Warning, Fact),
    ("will retry", Warning, Fact), ("expired", Warning, Fact), ("expires soon", Warning, Fact),
    ("will expire", Warning, Fact), ("about to expire", Warning, Fact),
    ("invalid", Warning, Credential), ("incorrect", Warning, Credential),
    ("illegal", Warning, Fact), ("malformed", Warning, Fact), ("violation", Warning, Noun),
    ("violations", Warning, Noun), ("violates", Warning, Fact), ("degraded", Warning, Fact),
    ("throttled", Warning, Fact), ("throttling", Warning, Fact), ("exhausted", Warning, Fact),
    ("exhaustion", Warning, Noun), ("exceeded", Warning, Fact), ("exceeds", Warning, Fact),
    ("stale file", Warning, Fact), ("is stale", Warning, Fact), ("dropped", Warning, Fact),
    ("dropping", Warning, Fact), ("packet loss", Warning, Noun), ("not found", Warning, Fact),
    ("no such", Warning, Fact), ("missing", Warning, Fact), ("mismatch", Warning, Noun),
    ("mismatches", Warning, Noun),
    ("mismatched", Warning, Fact), ("inconsistent", Warning, Fact),
    ("inconsistency", Warning, Noun), ("unexpected", Warning, Fact), ("wrong", Warning, Fact),
    ("connection reset", Warning, Fact), ("reset by peer", Warning, Fact),
    ("bus reset", Warning, Fact), ("link reset", Warning, Fact), ("closed by peer", Warning, Fact),
    ("is down", Warning, Fact), ("went down", Warning, Fact), ("going down", Warning, Fact),
    ("gone down", Warning, Fact), ("link down", Warning, Fact), ("went away", Warning, Fact),
    ("gone away", Warning, Fact), ("has gone", Warning, Fact), ("went offline", Warning, Fact),
    ("is offline", Warning, Fact), ("no carrier", Warning, Fact), ("overload", Warning, Noun),
    ("overloaded", Warning, Fact), ("saturated", Warning, Fact), ("flooding", Warning, Fact),
    ("slow query", Warning, Noun), ("slow request", Warning, Noun), ("too slow", Warning, Fact),
    ("is slow", Warning, Fact), ("too many", Warning, Fact), ("too long", Warning, Fact),
    ("too large", Warning, Fact), ("too big", Warning, Fact), ("too old", Warning, Fact),
    ("too high", Warning, Fact), ("too low", Warning, Fact), ("running low", Warning, Fact),
    ("low on", Warning, Fact), ("almost full", Warning, Fact), ("nearly full", Warning, Fact),
    ("limit hit", Warning, Fact), ("limit reached", Warning, Fact), ("backlog", Warning, Setting),
    ("lagging", Warning, Fact), ("delayed", Warning, Fact), ("not enough", Warning, Fact),
    ("insufficient", Warning, Fact), ("unsupported", Warning, Fact), ("not ready", Warning, Fact),
    ("not running", Warning, Fact), ("not allowed", Warning, Fact),
    ("not permitted", Warning, Fact), ("not in sudoers", Warning, Credential),
    ("bad request", Warning, Fact), ("bad gateway", Error, Fact), ("bad magic", Error, Fact),
    ("bad password", Warning, Credential), ("unhealthy", Warning, Fact), ("suspicious", Warning, Fact),
    ("possible", Warning, Kind::Hedge), ("tainted", Warning, Fact), ("conflict", Warning, Noun),
    ("unsafe", Warning, Fact), ("leaked", Warning, Fact), ("interrupted", Warning, Fact),
    ("unplugged", Warning, Fact), ("tampered", Warning, Fact), ("skew", Warning, Setting),
    ("slow", Warning, Noun), ("slow response", Warning, Noun), ("slow reply", Warning, Noun),
    ("did not complete", Warning, Fact), ("not completed", Warning, Fact),
    ("did not finish", Warning, Fact), ("did not start", Error, Fact),
    ("did not answer", Error, Fact), ("no answer", Error, Fact), ("no reply", Error, Fact),
    ("giving up", Error, Fact), ("gave up", Error, Fact), ("gives up", Error, Fact),
    ("given up", Error, Fact), ("above limit", Warning, Fact), ("over limit", Warning, Fact),
    ("above threshold", Warning, Fact), ("over threshold", Warning, Fact),
    ("below threshold", Warning, Fact), ("over quota", Warning, Fact),
    ("quota reached", Warning, Fact), ("maximum reached", Warning, Fact),
    ("reached max", Warning, Fact), ("max reached", Warning, Fact), 
    ("out of sync", Warning, Fact), ("out of order", Warning, Fact), ("out of date", Warning, Fact),
    ("overdue", Warning, Fact), ("behind schedule", Warning, Fact), ("falling behind", Warning, Fact),
    ("fell behind", Warning, Fact), ("starved", Warning, Fact), ("starving", Warning, Fact),
    ("starvation", Warning, Noun), ("shedding", Warning, Fact), ("contention", Warning, Noun),
    ("congestion", Warning, Noun), ("congested", Warning, Fact), ("evicted", Warning, Fact),
    ("quarantined", Warning, Fact), ("flapping", Warning, Fact), ("unstable", Warning, Fact),
    ("misconfigured", Warning, Fact), ("misconfiguration", Warning, Noun),
    ("unresolved", Warning, Fact), ("unrecognized", Warning, Fact), ("untrusted", Warning, Fact),
    ("disconnected unexpectedly", Error, Fact), ("stuck", Error, Fact), ("gone dark", Error, Fact),
    ("poisoned", Error, Fact), ("truncated", Warning, Fact), ("diverged", Error, Fact),
    ("divergence", Warning, Noun), ("drifted", Warning, Fact), ("bad file", Warning, Fact),
    ("bad checksum", Error, Fact), ("bad response", Warning, Fact), ("bad state", Warning, Fact),
    ("bad mode", Warning, Fact), ("bad owner", Warning, Fact), ("bad signature", Warning, Fact),
    ("bad certificate", Warning, Fact), ("bad address", Warning, Fact),
    ("kernel panic", Critical, Fact), ("machine check", Error, Fact),
    ("hardware error", Critical, Fact), ("quorum lost", Critical, Fact), ("lost quorum", Critical, Fact),
     ("privilege escalation", Critical, Fact),
    ("brute force", Warning, Fact), ("intrusion", Critical, Noun), ("malware", Critical, Noun),
    ("rootkit", Critical, Noun), ("exploit", Error, Noun), ("compromised", Critical, Fact),
    ("blacklisted", Warning, Fact), ("blocklisted", Warning, Fact), 
    ("malfunction", Error, Noun), ("malfunctioning", Error, Fact), ("defective", Error, Fact),
    ("damaged", Error, Fact), ("died", Error, Fact), ("is dead", Error, Fact),
    ("declared dead", Error, Fact), ("oops", Critical, Fact), ("assertion", Error, Noun),
    ("outage", Error, Noun), ("uncorrected", Critical, Fact), ("double free", Critical, Fact),
    ("use after free", Critical, Fact), ("use-after-free", Critical, Fact),
    ("null pointer", Error, Fact), ("fenced", Error, Fact),
    ("no quorum", Critical, Fact), ("without quorum", Critical, Fact), ("no leader", Error, Fact),
    ("no master", Error, Fact), ("lost leadership", Error, Fact), ("no heartbeat", Error, Fact),
    ("not responsive", Error, Fact), ("undeliverable", Error, Fact), ("overcurrent", Error, Fact),
    ("over-current", Error, Fact), ("undervoltage", Error, Fact), ("under-voltage", Error, Fact),
    ("marked down", Error, Fact), ("declared down", Error, Fact), ("write-protected", Error, Fact),

    ("no available", Warning, Fact), ("none available", Warning, Fact), ("no free", Warning, Fact),
    ("no more", Warning, Fact), ("out of space", Error, Fact), ("out of inodes", Error, Fact),
    ("out of resources", Error, Fact), ("out of buffers", Warning, Fact),
    ("not valid", Warning, Fact), ("no longer valid", Warning, Fact),
    ("will not be valid", Warning, Fact), ("not yet valid", Warning, Fact),
    ("lapsed", Warning, Fact), ("missed", Warning, Fact),
    ("retransmit", Warning, Noun), ("retransmits", Warning, Noun),
    ("retransmission", Warning, Noun), ("retransmissions", Warning, Noun),
    ("retransmitting", Warning, Fact), ("retransmitted", Warning, Fact),
    ("is busy", Warning, Fact), ("too busy", Warning, Fact), ("resource busy", Warning, Fact),
    ("is full", Warning, Fact), ("queue full", Warning, Fact), ("table full", Warning, Fact),
    ("buffer full", Warning, Fact), ("pool full", Warning, Fact), ("too small", Warning, Fact),
    ("too short", Warning, Fact), ("too few", Warning, Fact), ("too late", Warning, Fact),
    ("below nominal", Warning, Fact), ("above nominal", Warning, Fact),
    ("below normal", Warning, Fact), ("above normal", Warning, Fact),
    ("below minimum", Warning, Fact), ("above maximum", Warning, Fact),
    ("out of tolerance", Warning, Fact), ("deferred", Warning, Fact), ("rate limited", Warning, Fact),
    ("rate-limited", Warning, Fact), ("backing off", Warning, Fact), ("back-off", Warning, Noun),
    ("backpressure", Warning, Noun), ("under pressure", Warning, Fact),
    ("memory pressure", Warning, Noun), ("disk pressure", Warning, Noun), ("stall", Warning, Noun),
    ("stalls", Warning, Noun), ("stalling", Warning, Fact), ("frozen", Warning, Fact),
    ("thrashing", Warning, Fact), ("leak", Warning, Noun), ("leaks", Warning, Noun),
    ("leaking", Warning, Fact), ("falling back", Warning, Fact), ("fell back", Warning, Fact),
    ("rolling back", Warning, Fact), ("stepping down", Warning, Fact), ("demoted", Warning, Fact),
    ("under-replicated", Warning, Fact), ("underreplicated", Warning, Fact),
    ("unsynchronized", Warning, Fact), ("unsynchronised", Warning, Fact),
    ("not synchronized", Warning, Fact), ("not synchronised", Warning, Fact),
    ("not connected", Warning, Fact), ("desynchronized", Warning, Fact), ("drifting", Warning, Fact),
    ("reallocated", Warning, Fact), ("bogus", Warning, Fact), ("spurious", Warning, Fact),
    ("martian", Warning, Noun), ("spoofed", Warning, Fact), ("forged", Warning, Fact),
    ("duplicate address", Warning, Fact), ("address conflict", Warning, Fact),
    ("suspect", Warning, Fact), ("anomalous", Warning, Fact), ("prohibited", Warning, Fact),
    ("disallowed", Warning, Fact), ("refusing", Warning, Fact), ("declined", Warning, Fact),
    ("loss of", Warning, Fact), ("signal loss", Warning, Fact), ("flap", Warning, Noun),
    ("flaps", Warning, Noun), ("flapped", Warning, Fact), ("timing out", Warning, Fact),
    ("status down", Warning, Fact), ("state down", Warning, Fact), ("to down", Warning, Fact),
    ("is gone", Warning, Fact), ("low battery", Warning, Fact), ("battery low", Warning, Fact),
    ("on battery", Warning, Fact), ("manual intervention", Warning, Noun),
    ("needs attention", Warning, Fact), ("requires attention", Warning, Fact),
    ("resetting", Warning, Fact), ("undelivered", Warning, Fact), ("power low", Warning, Fact),
    ("terminated abnormally", Error, Fact), ("abnormal", Warning, Fact),
    ("abnormally", Error, Fact), ("ungraceful", Warning, Fact), ("correctable", Warning, Fact),

    ("did not", Warning, Fact), ("didn't", Warning, Fact), ("does not match", Warning, Fact),
    ("do not match", Warning, Fact), ("does not resolve", Warning, Fact),
    ("not acknowledged", Warning, Fact), ("not acquired", Warning, Fact),
    ("not attached", Warning, Fact), ("not renewed", Warning, Fact), ("not trusted", Warning, Fact),
    ("not released", Warning, Fact), ("not delivered", Warning, Fact),
    ("not accepted", Warning, Fact), ("not answering", Error, Fact),
    ("not finished", Warning, Fact), ("did not change", Warning, Idiom),
    ("did not need", Warning, Idiom), ("did not require", Warning, Idiom),
    ("did not differ", Warning, Idiom), ("at its limit", Warning, Fact),
    ("over soft limit", Warning, Fact), ("over hard limit", Warning, Fact),
    ("high-water mark", Warning, Noun), ("high watermark", Warning, Noun),
    ("crossed upper", Warning, Fact), ("crossed lower", Warning, Fact),
    ("threshold crossed", Warning, Fact), ("above target", Warning, Fact),
    ("below target", Warning, Fact), ("above usual", Warning, Fact),
    ("below set point", Warning, Fact), ("above set point", Warning, Fact),
    ("longer than expected", Warning, Fact), ("more than expected", Warning, Fact),
    ("less than expected", Warning, Fact), ("longer than usual", Warning, Fact),
    ("slower than", Warning, Fact), ("usage above", Warning, Fact), ("usage over", Warning, Fact),
    ("load above", Warning, Fact), ("latency above", Warning, Fact),
    ("temperature above", Warning, Fact), ("utilization above", Warning, Fact),
    ("ran out", Warning, Fact), ("runs out", Warning, Fact), ("running out", Warning, Fact),
    ("used up", Warning, Fact), ("depleted", Warning, Fact), ("overflowed", Error, Fact),
    ("overran", Warning, Fact), ("went backwards", Warning, Fact),
    ("jumped forward", Warning, Fact), ("jumped backward", Warning, Fact),
    ("jumped backwards", Warning, Fact), ("needs repair", Warning, Fact),
    ("needs replacement", Warning, Fact), ("incomplete", Warning, Fact), ("vanished", Error, Fact),
    ("disappeared", Error, Fact), ("ejected", Warning, Fact), ("withdrawn", Warning, Fact),
    ("postponed", Warning, Fact), ("tripped", Warning, Fact), ("premature", Warning, Fact),
    ("prematurely", Warning, Fact), ("short read", Error, Fact), ("short write", Error, Fact),
    ("partial read", Warning, Fact), ("partial write", Warning, Fact),
    ("duplicate key", Warning, Fact), ("already in use", Warning, Fact),
    ("already bound", Warning, Fact), ("loop detected", Warning, Fact),
    ("account locked", Warning, Credential), ("locked out", Warning, Credential),
    ("too frequent", Warning, Fact), ("too frequently", Warning, Fact),
    ("too often", Warning, Fact), ("too fast", Warning, Fact), ("too early", Warning, Fact),
    ("too far", Warning, Fact), ("exited on signal", Error, Fact),
    ("killed by signal", Error, Fact), ("outside of expected", Warning, Fact),
    ("outside expected", Warning, Fact), ("outside limits", Warning, Fact),
    ("will try again", Warning, Fact), ("trying again", Warning, Fact),
    ("still trying", Warning, Fact), ("still waiting", Warning, Fact),
    ("still running after", Warning, Fact), ("no signal", Warning, Fact),
    ("no progress", Warning, Fact), ("no ack", Warning, Fact), ("breaker open", Warning, Fact),
    ("silent for", Warning, Fact), ("went silent", Warning, Fact), ("fell silent", Warning, Fact),
    ("gone silent", Warning, Fact), ("keeps growing", Warning, Fact),
    ("keeps rising", Warning, Fact), ("usage rising", Warning, Fact),
    ("count rising", Warning, Fact), ("lock wait", Warning, Noun), ("using stale", Warning, Fact),
    ("jammed", Warning, Fact), ("out of service", Warning, Fact),

    ("dropped privileges", Warning, Idiom), ("dropping privileges", Warning, Idiom),
    ("dropped root", Warning, Idiom), ("dropping root", Warning, Idiom),
    ("dropped capabilities", Warning, Idiom), ("dropping capabilities", Warning, Idiom),
    ("lost and found", Warning, Idiom), ("lost+found", Warning, Idiom),
    ("idle timeout", Warning, Idiom), ("keepalive timeout", Warning, Idiom),
    ("keep-alive timeout", Warning, Idiom), ("session timeout", Warning, Idiom),
    ("inactivity timeout", Warning, Idiom), ("retry after", Warning, Idiom),
    ("retry-after", Warning, Idiom), ("not found in cache", Warning, Idiom),
    ("not found, creating", Warning, Idiom), ("not found, using", Warning, Idiom),
    ("missing, creating", Warning, Idiom), ("missing, using", Warning, Idiom),
    ("down for maintenance", Warning, Idiom), ("going down for", Warning, Idiom),
    ("fault tolerant", Warning, Idiom), ("fault-tolerant", Warning, Idiom),
];

/// Words before a term that say it did not happen.
#[rustfmt::skip]
pub(super) const NEGATORS: &[&str] = &[
    "no", "not", "without", "zero", "never", "neither", "nor", "non", "none", "isn't", "aren't",
    "wasn't", "weren't", "didn't", "doesn't", "don't", "hasn't", "haven't", "w/o", "un",
];

/// Words that may stand between a negator or a condition and its term at no cost.
#[rustfmt::skip]
pub(super) const FILLERS: &[&str] = &[
    "or", "and", "any", "other", "single", "known", "further", "more", "such", "a", "an", "the",
    "be", "been", "being", "yet", "ever", "longer", "of", "is", "are", "was", "were", "has", "have",
    "with",
];

/// Words before a term that make it a condition, a plan or a precaution.
#[rustfmt::skip]
pub(super) const CONDITIONS: &[&str] = &[
    "if", "when", "whenever", "unless", "until", "avoid", "avoids", "avoiding", "prevent",
    "prevents", "preventing", "ignore", "ignores", "ignoring", "suppress", "suppressing", "handle",
    "handles", "handling", "tolerate", "tolerates", "simulate", "simulating",
];

/// Words that make a condition only of the term right after them.
pub(super) const CONDITIONS_ADJACENT: &[&str] = &[
    "on", "upon", "may", "might", "can", "would", "should", "will",
];

/// Verbs that, with `for`, announce a search: "checking for errors".
#[rustfmt::skip]
pub(super) const SEARCHES: &[&str] = &[
    "check", "checks", "checking", "checked", "scan", "scanning", "scanned", "look", "looking",
    "monitor", "monitoring", "watch", "watching", "test", "testing", "search", "searching",
    "inspect", "inspecting", "listening", "handler", "policy", "threshold",
];

/// Head nouns that a noun of trouble only modifies: "error handler", "failure domain".
#[rustfmt::skip]
pub(super) const HEADS: &[&str] = &[
    "handling", "handler", "handlers", "correction", "reporting", "reporter", "reporters",
    "recovery", "log", "logs", "logging", "logger", "page", "pages", "rate", "rates", "budget",
    "threshold", "thresholds", "checking", "checker", "check", "checks", "detection", "detector",
    "policy", "policies", "mode", "counter", "counters", "domain", "domains", "interval", "period",
    "limit", "limits", "setting", "settings", "option", "options", "queue", "queues", "stats",
    "statistics", "injection", "tolerance", "boundary", "callback", "hook", "hooks", "tracking",
    "prevention", "protection", "free", "level", "levels", "channel", "stream", "output",
    "parameter", "parameters", "configuration", "config", "class", "classes", "type", "types",
    "trap", "traps", "filter", "filters", "file", "files", "dump", "dumps", "monitor", "monitoring",
    "simulation", "analysis", "management", "notification", "notifications", "template", "service",
    "server", "daemon", "safe", "over", "back", "fast", "after", "collector", "report", "reports",
    "history", "table", "forwarding", "support", "killer", "score", "control", "window", "value", "values", "timer",
];

/// Words that may stand between a counted term and its value: "error count: 0".
#[rustfmt::skip]
pub(super) const COUNTERS: &[&str] = &[
    "count", "counts", "total", "found", "code", "codes", "status", "number", "num", "detected",
    "encountered", "so", "far", "reported", "reason", "is", "was", "are", "were", "s", "seen", "in",
];

/// Values that say there is none of it.
#[rustfmt::skip]
pub(super) const NOTHINGS: &[&str] = &[
    "nil", "null", "none", "no", "false", "undefined", "na", "never", "off",
    "disabled", "enabled", "passed", "empty",
];

/// Verbs that dispose of what is past its time: "removed 12 expired sessions".
#[rustfmt::skip]
pub(super) const CLEANUPS: &[&str] = &[
    "removed", "removing", "remove", "purged", "purging", "purge", "cleaned", "cleaning", "clean",
    "deleted", "deleting", "delete", "evicted", "evicting", "pruned", "pruning", "expunged",
    "reaped", "reaping", "swept", "sweeping", "discarded", "discarding", "collected", "collecting",
    "cleanup", "replaced", "replacing", "renewed", "refreshed", "released",
];

/// Who may ask for an end without its being trouble: "aborted by user".
pub(super) const ASKERS: &[&str] = &[
    "user",
    "operator",
    "admin",
    "administrator",
    "request",
    "client",
];

/// What a line that went well ends with: "exception support... done".
pub(super) const GOOD_ENDS: &[&str] = &["ok", "done", "passed", "succeeded", "successful"];

/// What a `possible` must be said of to be a warning: an attack, a fault; not an option.
#[rustfmt::skip]
pub(super) const THREATS: &[&str] = &[
    "attack", "flood", "flooding", "break", "breakin", "intrusion", "leak", "loop", "duplicate",
    "syn", "corruption", "loss", "deadlock", "spoofing", "hijack", "malware", "breach",
];

/// Language that says the trouble is over.
#[rustfmt::skip]
pub(super) const RECOVERIES: &[&str] = &[
    "recovered", "restored", "resolved", "succeeded", "reconnected", "re-established",
    "reestablished", "back online", "back to normal", "returned to normal", "is up", "came up",
    "is back", "cleared", "is healthy", "became healthy", "healthy again", "repaired", "is ok",
    "has recovered", "all clear", "exited normally", "terminated normally", "completed normally",
];

/// What makes a recovery none: "could not be restored".
#[rustfmt::skip]
pub(super) const RECOVERY_DENIALS: &[&str] = &[
    "no", "not", "never", "cannot", "can't", "couldn't", "unable", "failed", "until", "if", "wasn't",
    "hasn't", "isn't", "without", "before", "being",
];

/// Language of logins and credentials.
#[rustfmt::skip]
pub(super) const AUTH: &[&str] = &[
    "authentication", "authenticated", "authenticate", "authorization", "authorized",
    "unauthorized", "login", "logins", "logon", "logged in", "logged out", "logged on", "logout",
    "logoff", "sign-in", "signed in", "password", "passwords", "passwd", "publickey", "public key",
    "credential", "credentials", "session opened", "session closed", "new session", "sudo",
    "sudoers", "kerberos", "invalid user", "user not", "unknown user", "illegal user", "auth",
    "account locked", "access token", "ssh2", "certificate authentication", "su", "pam",
];

/// Language of services that come and go.
#[rustfmt::skip]
pub(super) const LIFECYCLE: &[&str] = &[
    "start", "started", "starting", "starts", "stop", "stopped", "stopping", "restart",
    "restarted", "restarting", "reload", "reloaded", "reloading", "shutdown", "shut down",
    "shutting down", "boot", "booting", "booted", "reboot", "rebooting", "activated",
    "deactivated", "activating", "deactivating", "enabled", "disabled", "exited", "exiting",
    "terminated", "terminating", "spawned", "initialized", "initializing", "initialised", "launched",
    "launching", "unmounted", "mounted", "reached target", "upgraded", "installed", "listening",
];
