//! Labels: what area of operations a pattern's words speak of.
//!
//! A label is given by words, not by what detectors find: a pattern without trouble is NORMAL unless
//! it speaks of security, which is worth a label also when nothing failed. A pattern may have
//! several labels; trouble whose words name no area is a SYSTEM_FAILURE.

use super::head;
use super::phrases::{List, Lists, is_whole_word};
use crate::finding::Label;

/// Words by area. A phrase stands in one area only.
#[rustfmt::skip]
const AREAS: &[(Label, &[&str])] = &[
    (Label::SecurityAnomaly, &[
        "authentication failure", "failed password", "invalid user", "illegal user", "unknown user",
        "login failed", "login attempts", "access denied", "permission denied", "not in sudoers",
        "unauthorized", "forbidden", "denied", "intrusion", "malware", "rootkit", "exploit",
        "privilege escalation", "brute force", "spoofing", "syn flooding", "break-in", "tampered",
        "untrusted", "revoked", "promiscuous mode", "new user", "new group", "password changed",
        "authorized_keys", "uid=0", "audit", "selinux", "apparmor", "martian", "blocked", "block",
        "bad signature", "suspicious", "compromised", "sasl", "failed su", "account locked",
    ]),
    (Label::NetworkAnomaly, &[
        "connection", "connect", "disconnect", "disconnected", "network", "unreachable", "no route",
        "host is down", "link", "nic", "carrier", "dns", "nxdomain", "socket", "packet", "packets",
        "handshake", "peer", "neighbor", "neighbour", "bgp", "dhcp", "gateway", "upstream", "proxy",
        "tcp", "udp", "tls", "ssl", "port unreachable", "arp", "vlan", "interface", "conntrack",
        "resolve", "resolution", "hostname", "retransmit", "broken pipe", "reset by peer",
    ]),
    (Label::PerformanceIssue, &[
        "slow", "latency", "lag", "lagging", "delayed", "delay", "timeout", "timed out", "too long",
        "throttled", "throttling", "rate limit", "overload", "overloaded", "saturated", "exhausted",
        "backlog", "queue full", "gc pause", "garbage collection", "contention", "congestion",
        "starved", "shedding", "out of memory", "oom", "memory pressure", "high load", "busy",
        "quota", "max_children", "pool", "exceeded", "deadline", "blocked for more than", "swap",
    ]),
    (Label::HardwareIssue, &[
        "hardware", "disk", "sector", "sectors", "smart", "ecc", "edac", "dimm", "memory error",
        "machine check", "mce", "temperature", "thermal", "overheating", "overheated", "fan",
        "voltage", "power supply", "battery", "ata", "scsi", "nvme", "raid", "i/o error", "medium error",
        "pcie", "usb", "bad block", "unreadable", "uncorrectable", "correctable", "firmware", "sensor",
        "metadata i/o error", "read error", "write error", "symbol errors", "controller reset",
    ]),
    (Label::ConfigError, &[
        "configuration", "config", "misconfigured", "misconfiguration", "syntax error", "parse error",
        "cannot parse", "failed to parse", "unknown option", "unknown directive", "unrecognized",
        "unsupported", "deprecated", "invalid option", "invalid argument", "invalid value",
        "not defined", "undefined", "missing key", "no such file", "file mode", "bad owner",
        "certificate", "expires soon", "expired", "license", "version mismatch", "schema", "no such",
    ]),
    (Label::SystemFailure, &[
        "panic", "segfault", "core dumped", "crash", "crashed", "killed", "fatal", "abort", "aborted",
        "main process exited", "failed with result", "failed to start", "kernel bug", "lockup",
        "corrupt", "corrupted", "corruption", "traceback", "exception", "quorum", "split-brain",
        "read-only file system", "no space left", "deadlock", "unhandled", "dependency failed",
    ]),
];

/// The labels of a pattern, in the order of [`Label::ALL`], at least one; `is_trouble` says whether it
/// tells of trouble.
pub fn labels(pattern: &str, is_trouble: bool) -> Vec<Label> {
    let text = head(pattern);
    let mut labels: Vec<Label> = List::Areas
        .find(text, Lists::glanced(text))
        .filter(|found| is_whole_word(text, found.start, found.end))
        .filter_map(|found| phrase(found.phrase))
        .map(|(label, _)| label)
        .collect();
    if !is_trouble {
        labels.retain(|label| *label == Label::SecurityAnomaly);
    }
    if labels.is_empty() {
        labels.push(match is_trouble {
            true => Label::SystemFailure,
            false => Label::Normal,
        });
    }
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The phrase of a number in all areas, with its area.
pub(super) const fn phrase(mut number: usize) -> Option<(Label, &'static str)> {
    let mut area = 0;
    while area < AREAS.len() {
        let (label, phrases) = AREAS[area];
        if number < phrases.len() {
            return Some((label, phrases[number]));
        }
        number -= phrases.len();
        area += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_labelled_by_its_area_and_without_one_is_a_system_failure() {
        for (pattern, label) in [
            ("invalid user <user> rejected", Label::SecurityAnomaly),
            ("uplink lost its carrier", Label::NetworkAnomaly),
            ("slow flush of ledger: <n>", Label::PerformanceIssue),
            ("DIMM <n> tells of errors", Label::HardwareIssue),
            ("cannot parse <path>", Label::ConfigError),
            ("worker <n> crashed", Label::SystemFailure),
            ("mirror <n> gave up", Label::SystemFailure),
        ] {
            assert_eq!(labels(pattern, true), [label], "{pattern}");
        }
        let both = [Label::NetworkAnomaly, Label::PerformanceIssue];
        let mut found = labels("connection to gate timed out", true);
        found.sort_unstable();
        assert!(both.iter().all(|label| found.contains(label)), "{found:?}");
    }

    #[test]
    fn what_is_well_is_normal_unless_it_speaks_of_security() {
        assert_eq!(labels("connection to gate opened", false), [Label::Normal]);
        assert_eq!(
            labels("new user <user> added", false),
            [Label::SecurityAnomaly]
        );
    }

    #[test]
    fn every_phrase_stands_in_one_area() {
        let mut phrases: Vec<&str> = AREAS.iter().flat_map(|(_, p)| p.iter().copied()).collect();
        let all = phrases.len();
        phrases.sort_unstable();
        phrases.dedup();
        assert_eq!(phrases.len(), all);
    }
}
