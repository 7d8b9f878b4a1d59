//! Text in columns: cutting, folding, numbers, times and small pictures.
//!
//! Everything here expects text that `escape` has made harmless, and counts columns as terminals
//! do, where some characters are two wide.

use crate::event::Timestamp;
use crate::format::stamp::format_rfc3339;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of text on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The longest prefix that fits, in bytes.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return at;
        }
    }
    text.len()
}

/// The text in at most this many columns; where something is lost, the end is an ellipsis.
pub fn cut(text: &str, columns: usize) -> String {
    if fitting(text, columns) == text.len() {
        return text.to_owned();
    }
    let kept = &text[..fitting(text, columns.saturating_sub(1))];
    format!("{}…", kept.trim_end())
}

/// The text folded at blanks into at most `lines_max` lines, the last one cut.
pub fn fold(text: &str, columns: usize, lines_max: usize) -> Vec<String> {
    let (mut lines, mut rest) = (Vec::new(), text.trim());
    while lines.len() + 1 < lines_max {
        let fits = fitting(rest, columns);
        if fits == rest.len() {
            break;
        }
        // A line that would be mostly empty is worse than a word that is cut.
        let blank = rest[..fits].rfind(' ').filter(|at| *at > fits / 2);
        let (line, further) = rest.split_at(blank.unwrap_or(fits));
        lines.push(line.trim_end().to_owned());
        rest = further.trim_start();
    }
    lines.push(cut(rest, columns));
    lines
}

/// A count with its thousands apart: `1,284`.
pub fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 line`, `2 lines`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number(count))
}

/// Points in hundredths, rounded so that they add up to the rounded sum.
///
/// By largest remainder: all are rounded down, and those that lost most get one back.
pub fn hundredths(points: &[f64]) -> Vec<i64> {
    let exact: Vec<f64> = points.iter().map(|points| points * 100.0).collect();
    let mut rounded: Vec<i64> = exact.iter().map(|exact| exact.floor() as i64).collect();
    let missing = exact.iter().sum::<f64>().round() as i64 - rounded.iter().sum::<i64>();
    let lost = |index: usize| exact[index] - exact[index].floor();
    let mut by_loss: Vec<usize> = (0..points.len()).collect();
    by_loss.sort_by(|a, b| lost(*b).total_cmp(&lost(*a)).then(a.cmp(b)));
    for index in by_loss
        .into_iter()
        .take(usize::try_from(missing).unwrap_or(0))
    {
        rounded[index] += 1;
    }
    rounded
}

/// The names, the ones past `names_max` as a count: `a, b and 3 more`.
pub fn listed(names: &[String], names_max: usize) -> String {
    let shown = names[..names.len().min(names_max)].join(", ");
    match names.len().saturating_sub(names_max) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A span of time in UTC, to the minute, the date once if it is the same.
pub fn span(first: Timestamp, last: Timestamp) -> String {
    let minute = |at| {
        format_rfc3339(at)
            .get(..16)
            .unwrap_or("?")
            .replace('T', " ")
    };
    let (first, last) = (minute(first), minute(last));
    if first == last {
        return format!("{first} UTC");
    }
    match (first.split_once(' '), last.split_once(' ')) {
        (Some((day, _)), Some((same, time))) if day == same => format!("{first} to {time} UTC"),
        _ => format!("{first} to {last} UTC"),
    }
}

/// Columns of a sparkline.
pub const SPARK_COLUMNS: usize = 24;

/// The course of a count as a row of blocks, its peak a full one, nothing a dot.
///
/// More buckets than columns are added up in equal shares; `None` where there is no course.
pub fn sparkline(course: &[u64]) -> Option<String> {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let width = course.len().min(SPARK_COLUMNS);
    let share = |at: usize| {
        let (from, to) = (at * course.len() / width, (at + 1) * course.len() / width);
        course[from..to]
            .iter()
            .fold(0u64, |sum, count| sum.saturating_add(*count))
    };
    let shares: Vec<u64> = (0..width).map(share).collect();
    let peak = *shares.iter().max().filter(|peak| **peak > 0)?;
    let block = |count: &u64| match count {
        0 => '·',
        count => {
            let eighths = (u128::from(*count) * 8).div_ceil(u128::from(peak));
            BLOCKS[(eighths as usize).clamp(1, 8) - 1]
        }
    };
    Some(shares.iter().map(block).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cutting_counts_wide_characters_twice() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("abcd", 0), "…");
    }

    #[test]
    fn folding_prefers_blanks_and_cuts_the_last_line() {
        assert_eq!(fold("one two three", 7, 3), ["one two", "three"]);
        assert_eq!(fold("onetwothree four", 6, 2), ["onetwo", "three…"]);
        assert_eq!(fold("", 6, 2), [""]);
    }

    #[test]
    fn numbers_and_lists_read_as_people_write_them() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_284_000), "1,284,000");
        assert_eq!(counted(1, "line"), "1 line");
        let hosts = ["a", "b", "c"].map(String::from);
        assert_eq!(listed(&hosts, 3), "a, b, c");
        assert_eq!(listed(&hosts, 1), "a and 2 more");
    }

    #[test]
    fn rounded_points_add_up_to_the_rounded_sum() {
        assert_eq!(hundredths(&[0.315, 0.156]), [31, 16]);
        assert_eq!(hundredths(&[0.3151, 0.1589]), [31, 16]);
        assert_eq!(hundredths(&[0.5, -0.125]), [50, -12]);
        assert_eq!(hundredths(&[]), [0; 0]);
    }

    #[test]
    fn a_span_names_its_day_once() {
        let at = |minutes: i64| Timestamp::from_seconds(1_772_323_200 + 60 * minutes);
        assert_eq!(span(at(5), at(5)), "2026-03-01 00:05 UTC");
        assert_eq!(span(at(5), at(65)), "2026-03-01 00:05 to 01:05 UTC");
        assert_eq!(
            span(at(5), at(1500)),
            "2026-03-01 00:05 to 2026-03-02 01:00 UTC"
        );
    }

    #[test]
    fn a_sparkline_shows_the_least_event_and_fills_at_the_peak() {
        assert_eq!(sparkline(&[0, 1, 1000]).unwrap(), "·▁█");
        assert_eq!(sparkline(&[u64::MAX, u64::MAX]).unwrap(), "██");
        assert_eq!(
            sparkline(&vec![1; 100]).unwrap().chars().count(),
            SPARK_COLUMNS
        );
        assert_eq!(sparkline(&[0, 0]), None);
        assert_eq!(sparkline(&[]), None);
    }
}
