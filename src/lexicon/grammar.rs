//! What stands around a word of trouble and makes it none, and the language of recovery, logins and
//! services. No product's name, no log's phrase.

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
    "manager", "workaround", "workarounds", "segment", "segments",
];

/// Words that may stand between a counted term and its value: "error count: 0".
#[rustfmt::skip]
pub(super) const COUNTERS: &[&str] = &[
    "count", "counts", "total", "found", "code", "codes", "status", "number", "num", "detected",
    "encountered", "so", "far", "reported", "reason", "is", "was", "are", "were", "s", "seen", "in",
];

/// Words behind which a number counts what follows it: "found 0 errors".
#[rustfmt::skip]
pub(super) const COUNTING: &[&str] = &[
    "had", "found", "got", "saw", "but", "in", "after", "only", "just", "shows", "total",
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
    "back in service", "returned to service", "resumed", "caught up", "rejoined", "re-joined",
    "healed", "reinstated", "back in sync", "in sync again", "within limits", "back within",
    "available again", "reachable again", "accepting again", "responding again", "up again",
    "back in pool", "re-admitted", "readmitted", "back to primary",
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

/// What stands before a level.
pub(super) const LEVEL_KEYS: &[&str] = &["level", "lvl", "severity", "loglevel"];

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
