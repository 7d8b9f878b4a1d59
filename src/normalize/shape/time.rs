//! Dates and times of day in a cheap form.

use super::{is_word_byte, run};

/// A date, a time of day, or both: `0-0-0`, `0:0:0.0`, `0/Jul/0:0:0:0 +0`.
pub(super) fn time(text: &[u8]) -> Option<usize> {
    let date = date_length(text);
    if date == 0 {
        let clock = clock_length(text);
        return (clock > 0
            && !text
                .get(clock)
                .is_some_and(|&b| is_word_byte(b) || b == b':'))
        .then_some(clock);
    }
    let mut end = date;
    if let Some(b'T' | b' ' | b'_' | b':' | b'-') = text.get(date) {
        let clock = clock_length(&text[date + 1..]);
        if clock > 0 {
            end = date + 1 + clock;
            end += zone_length(&text[end..]);
        }
    }
    (!text.get(end).is_some_and(|&b| is_word_byte(b)) && text.get(end) != Some(&text[1]))
        .then_some(end)
}

/// `0-0-0`, `0/0/0`, `0.0.0` is a version and no date, `0-Jul-0`, `0 Jul 0`.
pub(super) fn date_length(text: &[u8]) -> usize {
    let Some(&separator @ (b'-' | b'/' | b' ')) = text.get(1) else {
        return 0;
    };
    if separator != b' ' && matches!(text, [_, _, b'0', last, b'0', ..] if *last == separator) {
        return 5;
    }
    let month = text.get(2..5).is_some_and(is_month);
    if month && matches!(text.get(5..7), Some([last, b'0']) if *last == separator) {
        7
    } else {
        0
    }
}

/// `0:0:0` with an optional fraction, or `0:0`? No: two numbers may be anything.
pub(super) fn clock_length(text: &[u8]) -> usize {
    if !text.starts_with(b"0:0:0") {
        return 0;
    }
    if matches!(text.get(5..7), Some([b'.' | b',', b'0'])) {
        7
    } else {
        5
    }
}

pub(super) fn zone_length(text: &[u8]) -> usize {
    match text {
        [b'Z', ..] => 1,
        [b'+' | b'-', b'0', b':', b'0', ..] => 4,
        [b'+' | b'-', b'0', ..] => 2,
        [b' ', b'+' | b'-', b'0', ..] => 3,
        _ => 0,
    }
}

pub(super) fn is_month(word: &[u8]) -> bool {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    MONTHS.chunks(3).any(|month| month == word)
}

pub(super) fn is_weekday(word: &[u8]) -> bool {
    const DAYS: &[u8] = b"MonTueWedThuFriSatSun";
    DAYS.chunks(3).any(|day| day == word)
}

/// `Jul 0 0:0:0`, `Mon Jul  0 0:0:0 0`, `Mon, 0 Jul 0 0:0:0 +0`.
pub(super) fn dated(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    if !text.first().is_some_and(u8::is_ascii_uppercase) {
        return None;
    }
    if text.get(..3).is_some_and(is_weekday) {
        at = 3 + usize::from(text.get(3) == Some(&b','));
        at += run(&text[at..], |b| b == b' ');
        if text.get(at) == Some(&b'0') {
            return time(&text[at..]).map(|length| at + length);
        }
    }
    if !text.get(at..at + 3).is_some_and(is_month) {
        return None;
    }
    at += 3;
    let blanks = run(&text[at..], |b| b == b' ');
    if blanks == 0 || text.get(at + blanks..at + blanks + 2) != Some(b"0 ") {
        return None;
    }
    at += blanks + 2;
    let clock = clock_length(&text[at..]);
    if clock == 0 {
        return None;
    }
    at += clock;
    let year = text[at..].starts_with(b" 0")
        && !text
            .get(at + 2)
            .is_some_and(|&b| is_word_byte(b) || b == b'.' || b == b':');
    Some(at + if year { 2 } else { 0 })
}
