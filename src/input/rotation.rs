//! Rotated logs are read in the order in which they were written, oldest first.
//!
//! Only the names that the user gave are looked at: no directory is listed, and no file opened.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The highest number that counts rotations; a higher one is seconds or a size, and grows with time.
const ROTATIONS_MAX: u64 = 99_999;

/// Orders each rotation set among `operands` oldest first: `x.log.2.gz`, `x.log.1`, `x.log`, or
/// `x.log-20240101`, `x.log-20240102`, `x.log`.
///
/// A set stands where its first member stood. All else keeps its order, and so do equal names.
pub(super) fn oldest_first(operands: &[OsString]) -> Vec<OsString> {
    let logs: Vec<(&[u8], Age)> = operands
        .iter()
        .map(|operand| log_and_age(operand))
        .collect();
    let rotated: HashSet<&[u8]> = logs
        .iter()
        .filter(|(_, age)| *age != Age::Current)
        .map(|(log, _)| *log)
        .collect();
    let mut set_places = HashMap::new();
    let mut order: Vec<(usize, &Age, &OsString)> = Vec::with_capacity(operands.len());
    for (place, ((log, age), operand)) in logs.iter().zip(operands).enumerate() {
        let place = if rotated.contains(log) {
            *set_places.entry(*log).or_insert(place)
        } else {
            place
        };
        order.push((place, age, operand));
    }
    order.sort_by_key(|&(place, age, _)| (place, age));
    order
        .into_iter()
        .map(|(_, _, operand)| operand.clone())
        .collect()
}

/// How long ago a log was rotated; the oldest is the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// By a date as `[yyyymmdd, more...]`, where more are hours or a running number.
    Dated(Vec<u64>),
    /// By a number that grows with each rotation.
    Numbered(Reverse<u64>),
    /// It is still written to.
    Current,
}

/// The log that a file is or was, as its name with directory, and when it was rotated.
fn log_and_age(operand: &OsStr) -> (&[u8], Age) {
    let path = operand.as_bytes();
    let name_start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let name = &path[name_start..];
    let packed = [&b".gz"[..], b".zst", b".xz", b".bz2"];
    let name = packed
        .iter()
        .find_map(|extension| name.strip_suffix(*extension))
        .unwrap_or(name);
    if let Some(log) = name.strip_suffix(b".old") {
        return (&path[..name_start + log.len()], Age::Numbered(Reverse(1)));
    }
    // These bytes may belong to the log in part, as in `node-7.1`: the longest suffix that is a date
    // counts, else the number at the end.
    let is_part_of_date = |byte: &u8| byte.is_ascii_digit() || b".-_:T".contains(byte);
    let date_bytes_max = name
        .iter()
        .rev()
        .take_while(|byte| is_part_of_date(byte))
        .count();
    let mut separators =
        (name.len() - date_bytes_max..name.len()).filter(|&at| !name[at].is_ascii_digit());
    let dated = separators.find_map(|at| Some((at, Age::Dated(date(&name[at + 1..])?))));
    let numbered = || {
        let at = memchr::memrchr(b'.', name)?;
        let number = number(&name[at + 1..]).filter(|&number| number <= ROTATIONS_MAX)?;
        Some((at, Age::Numbered(Reverse(number))))
    };
    match dated.or_else(numbered) {
        Some((at, age)) if at > 0 => (&path[..name_start + at], age),
        _ => (path, Age::Current),
    }
}

/// Reads `20240102`, `2024-01-02`, and either with further numbers after it.
fn date(suffix: &[u8]) -> Option<Vec<u64>> {
    if !suffix.first()?.is_ascii_digit() {
        return None;
    }
    // The eighth digit ends the date, whatever stands between its digits.
    let mut digits = 0;
    let date_bytes = 1 + suffix.iter().position(|byte| {
        digits += usize::from(byte.is_ascii_digit());
        digits == 8
    })?;
    let day: Vec<u8> = suffix[..date_bytes]
        .iter()
        .copied()
        .filter(u8::is_ascii_digit)
        .collect();
    let day = number(&day)?;
    let plausible = (1970..2100).contains(&(day / 10_000))
        && (1..=12).contains(&(day / 100 % 100))
        && (1..=31).contains(&(day % 100));
    if !plausible {
        return None;
    }
    let more = suffix[date_bytes..]
        .split(|byte| !byte.is_ascii_digit())
        .filter_map(number);
    Some(std::iter::once(day).chain(more).collect())
}

/// A number of at most 18 digits, which always fits.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0, |value, digit| value * 10 + u64::from(digit - b'0')),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(operands: &str) -> String {
        let operands: Vec<OsString> = operands.split(' ').map(OsString::from).collect();
        let ordered = oldest_first(&operands);
        ordered
            .iter()
            .map(|name| name.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn numbered_sets_are_read_from_the_highest_number_down() {
        assert_eq!(
            ordered("/l/syslog /l/syslog.1 /l/syslog.10.gz /l/syslog.2.gz"),
            "/l/syslog.10.gz /l/syslog.2.gz /l/syslog.1 /l/syslog"
        );
        assert_eq!(
            ordered("boot.log boot.log.old dmesg dmesg.0 dmesg.1.xz"),
            "boot.log.old boot.log dmesg.1.xz dmesg.0 dmesg"
        );
    }

    #[test]
    fn dated_sets_are_read_from_the_earliest_date_up() {
        assert_eq!(
            ordered("x.log x.log-20240103.gz x.log-20240102 x.log-20231231.zst"),
            "x.log-20231231.zst x.log-20240102 x.log-20240103.gz x.log"
        );
        assert_eq!(
            ordered("x.log x.log.2024-02-02 x.log.2024-01-30.bz2"),
            "x.log.2024-01-30.bz2 x.log.2024-02-02 x.log"
        );
        assert_eq!(
            ordered(
                "x.log.2024-01-02.10 x.log.2024-01-02.9 x.log.2024-01-02_04 x.log.2024-01-01-23"
            ),
            "x.log.2024-01-01-23 x.log.2024-01-02_04 x.log.2024-01-02.9 x.log.2024-01-02.10"
        );
    }

    #[test]
    fn a_set_stands_where_its_first_member_stood_and_the_rest_keeps_its_order() {
        assert_eq!(
            ordered("b a.log - c a.log.1 b 2.log 1.log"),
            "b a.log.1 a.log - c b 2.log 1.log"
        );
        assert_eq!(
            ordered("p/x.log q/x.log.1 p/x.log.1"),
            "p/x.log.1 p/x.log q/x.log.1"
        );
    }

    #[test]
    fn names_that_are_no_rotation_are_left_alone() {
        for names in [
            "z-2.log z-1.log",
            "m-2 m-1",
            "b.log.gz b.log",
            ".1 .2",
            "20240102 20240101",
            "1 2",
            "x.log.1704067200 x.log.1704153600",
            "x.99999999999999999999 x.",
            ". .. -",
        ] {
            assert_eq!(ordered(names), names);
        }
    }
}
