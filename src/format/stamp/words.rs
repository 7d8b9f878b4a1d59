//! The words of stamps: months, weekdays, zone abbreviations.
//!
//! Where an abbreviation has several meanings the most common in logs is taken (`CST` is American,
//! `IST` Indian); abbreviations that are more often ordinary words are left out.

/// English month names in full; three letters of them or more count.
const MONTHS: [&[u8]; 12] = [
    b"january",
    b"february",
    b"march",
    b"april",
    b"may",
    b"june",
    b"july",
    b"august",
    b"september",
    b"october",
    b"november",
    b"december",
];

/// How other languages' locales abbreviate the months that they spell differently.
const MONTHS_ELSEWHERE: [(&[u8], u32); 34] = [
    (b"ene", 1),
    (b"gen", 1),
    (b"janv", 1),
    (b"fev", 2),
    ("fév".as_bytes(), 2),
    ("févr".as_bytes(), 2),
    (b"mrt", 3),
    (b"mars", 3),
    ("mär".as_bytes(), 3),
    ("märz".as_bytes(), 3),
    (b"abr", 4),
    (b"avr", 4),
    (b"avril", 4),
    (b"mag", 5),
    (b"mai", 5),
    (b"mei", 5),
    (b"giu", 6),
    (b"juin", 6),
    (b"juni", 6),
    (b"lug", 7),
    (b"juil", 7),
    (b"juli", 7),
    (b"ago", 8),
    (b"aout", 8),
    ("août".as_bytes(), 8),
    (b"set", 9),
    (b"sett", 9),
    (b"out", 10),
    (b"ott", 10),
    (b"okt", 10),
    (b"dez", 12),
    (b"dic", 12),
    ("déc".as_bytes(), 12),
    (b"des", 12),
];

/// English weekday names in full; three letters of them or more count.
const WEEKDAYS: [&[u8]; 7] = [
    b"monday",
    b"tuesday",
    b"wednesday",
    b"thursday",
    b"friday",
    b"saturday",
    b"sunday",
];

/// Zone abbreviations and their minutes east of UTC.
const ZONES: [(&[u8], i32); 36] = [
    (b"UTC", 0),
    (b"GMT", 0),
    (b"WET", 0),
    (b"WEST", 60),
    (b"BST", 60),
    (b"CET", 60),
    (b"MEZ", 60),
    (b"CEST", 120),
    (b"MESZ", 120),
    (b"EET", 120),
    (b"SAST", 120),
    (b"EEST", 180),
    (b"MSK", 180),
    (b"PKT", 300),
    (b"IST", 330),
    (b"HKT", 480),
    (b"SGT", 480),
    (b"AWST", 480),
    (b"JST", 540),
    (b"KST", 540),
    (b"ACST", 570),
    (b"AEST", 600),
    (b"ACDT", 630),
    (b"AEDT", 660),
    (b"NZST", 720),
    (b"NZDT", 780),
    (b"BRT", -180),
    (b"EDT", -240),
    (b"EST", -300),
    (b"CDT", -300),
    (b"CST", -360),
    (b"MDT", -360),
    (b"MST", -420),
    (b"PDT", -420),
    (b"PST", -480),
    (b"HST", -600),
];

/// Which two letters names of the tables begin with, in lower case, by the bytes less `a`.
static BEGINNINGS: [[bool; 26]; 26] = {
    let mut table = [[false; 26]; 26];
    let mut at = 0;
    while at < MONTHS.len() {
        note_beginning(&mut table, MONTHS[at]);
        at += 1;
    }
    at = 0;
    while at < MONTHS_ELSEWHERE.len() {
        note_beginning(&mut table, MONTHS_ELSEWHERE[at].0);
        at += 1;
    }
    at = 0;
    while at < WEEKDAYS.len() {
        note_beginning(&mut table, WEEKDAYS[at]);
        at += 1;
    }
    at = 0;
    while at < ZONES.len() {
        note_beginning(&mut table, ZONES[at].0);
        at += 1;
    }
    table
};

const fn note_beginning(table: &mut [[bool; 26]; 26], name: &[u8]) {
    let (first, second) = (name[0].to_ascii_lowercase(), name[1].to_ascii_lowercase());
    // Letters beyond ASCII are let through where the table is asked.
    if second.is_ascii() {
        table[(first - b'a') as usize][(second - b'a') as usize] = true;
    }
}

/// Whether a name of any table may begin here, by its first two letters.
pub(super) fn may_begin_name(text: &[u8]) -> bool {
    let [first, second, ..] = text else {
        return false;
    };
    let place = |letter: &u8| usize::from(letter.to_ascii_lowercase().wrapping_sub(b'a'));
    !second.is_ascii()
        || BEGINNINGS
            .get(place(first))
            .and_then(|row| row.get(place(second)))
            .is_some_and(|&begins| begins)
}

/// The last letters of all of them.
const ZONES_END_IN: &[u8] = b"TCZK";

/// The shortest and the longest word of any table, in bytes.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 3..=9;

/// The month 1..=12 that a word names, in any case and with or without a full stop.
pub(super) fn month(word: &[u8]) -> Option<u32> {
    if let [a, b, c] = word
        && let Some(month) = month_of_three([*a, *b, *c])
    {
        return Some(month);
    }
    let word = word.strip_suffix(b".").unwrap_or(word);
    // Two letters turn down nearly every other word.
    if word.len() < *NAME_BYTES.start() || !may_begin_name(word) {
        return None;
    }
    let english = (1..).zip(MONTHS).find(|(_, name)| abbreviates(word, name));
    let elsewhere = || {
        let same = |(name, _): &&(&[u8], u32)| name.eq_ignore_ascii_case(word);
        MONTHS_ELSEWHERE.iter().find(same).map(|&(_, month)| month)
    };
    english.map(|(month, _)| month).or_else(elsewhere)
}

/// The month of an English abbreviation as C's `%b` prints it: the common case, so without a search.
pub(super) fn month_of_three(word: [u8; 3]) -> Option<u32> {
    Some(match &word {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// Whether a word is the name of a weekday.
pub(super) fn is_weekday(word: &[u8]) -> bool {
    let Some(start) = word.first_chunk::<3>() else {
        return false;
    };
    // Three letters turn down every other word.
    let may_be = matches!(
        &start.map(|letter| letter.to_ascii_lowercase()),
        b"mon" | b"tue" | b"wed" | b"thu" | b"fri" | b"sat" | b"sun"
    );
    may_be && WEEKDAYS.iter().any(|name| abbreviates(word, name))
}

/// The seconds east of UTC that an abbreviation in capitals stands for.
pub(super) fn zone_offset_seconds(word: &[u8]) -> Option<i32> {
    // The word after a stamp is mostly a level or a host, which the last letter tells at once.
    word.last().filter(|last| ZONES_END_IN.contains(last))?;
    let found = ZONES.iter().find(|(name, _)| *name == word);
    found.map(|(_, minutes)| minutes * 60)
}

/// Whether `word` is the lower-case `name`, in any case, cut to three letters or more.
fn abbreviates(word: &[u8], name: &[u8]) -> bool {
    NAME_BYTES.contains(&word.len())
        && (name.get(..word.len())).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_short_in_full_and_in_other_languages() {
        for (word, expected) in [
            ("Jan", 1),
            ("apr", 4),
            ("SEPT", 9),
            ("Sept.", 9),
            ("December", 12),
            ("août", 8),
            ("févr.", 2),
            ("Okt", 10),
            ("May", 5),
        ] {
            assert_eq!(month(word.as_bytes()), Some(expected), "{word}");
        }
        for word in ["", "Ja", "Janx", "Mayo", "warn", "."] {
            assert_eq!(month(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn every_name_may_begin_where_it_does() {
        let elsewhere = MONTHS_ELSEWHERE.iter().map(|(name, _)| *name);
        let zones = ZONES.iter().map(|(name, _)| *name);
        let names = MONTHS.into_iter().chain(WEEKDAYS).chain(elsewhere);
        for name in names.chain(zones) {
            assert!(may_begin_name(name) && may_begin_name(&name.to_ascii_uppercase()));
        }
        assert!(!may_begin_name(b"valve") && !may_begin_name(b"x") && !may_begin_name(b" ja"));
    }

    #[test]
    fn weekdays_and_zones_are_whole_words() {
        assert!(is_weekday(b"Fri") && is_weekday(b"thursday") && is_weekday(b"Tues"));
        assert!(!is_weekday(b"Sunshine") && !is_weekday(b"Mo"));
        assert_eq!(zone_offset_seconds(b"CEST"), Some(7200));
        assert_eq!(zone_offset_seconds(b"cest"), None);
        assert_eq!(zone_offset_seconds(b"INFO"), None);
        for (name, minutes) in ZONES {
            assert_eq!(zone_offset_seconds(name), Some(minutes * 60));
        }
    }
}
