//! What is read as a stamp, how far it reaches, and what is none.

use super::*;
use crate::format::test_context;
use crate::format::zone::Zone;
use proptest::prelude::*;

/// The instant of the stamp and what is left of the line; `-` for an undated stamp.
fn read(text: &str) -> Option<(String, &str)> {
    let stamp = parse(text.as_bytes(), &test_context())?;
    let time = stamp.timestamp.map_or("-".to_owned(), format_rfc3339);
    Some((time, &text[stamp.length..]))
}

/// Each text is a stamp for the instant, with ` rest` after it.
fn assert_all_read(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let line = format!("{text} rest");
        let expected = Some((expected.to_string(), " rest"));
        assert_eq!(read(&line), expected, "{line}");
    }
}

#[test]
fn bsd_stamps_are_read_with_whatever_loggers_add() {
    assert_all_read(&[
        ("May  1 10:00:00", "2024-05-01T10:00:00Z"),
        ("May 1 10:00:00", "2024-05-01T10:00:00Z"),
        ("May 01 10:00:00.123456", "2024-05-01T10:00:00.123456Z"),
        ("Dec 31 23:59:59", "2023-12-31T23:59:59Z"),
        ("May  1 10:00:00 2019", "2019-05-01T10:00:00Z"),
        ("May  1 2019 10:00:00", "2019-05-01T10:00:00Z"),
        ("2019 May  1 10:00:00", "2019-05-01T10:00:00Z"),
        ("May  1 10:00:00 CEST 2019", "2019-05-01T08:00:00Z"),
        ("CEST May  1 10:00:00", "2024-05-01T08:00:00Z"),
        ("avr. 15 10:00:00", "2024-04-15T10:00:00Z"),
        ("April 15, 2013, 8:34:08 PM", "2013-04-15T20:34:08Z"),
        ("apr 15, 2013 12:34:08 AM", "2013-04-15T00:34:08Z"),
    ]);
}

#[test]
fn iso_stamps_are_read_with_any_joint_fraction_and_zone() {
    assert_all_read(&[
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01 10:00:00,5", "2024-05-01T10:00:00.500Z"),
        ("2024-05-01_10:00:00", "2024-05-01T10:00:00Z"),
        (
            "2024-05-01T10:00:00.123456789+02:00",
            "2024-05-01T08:00:00.123456Z",
        ),
        ("2024-05-01 10:00:00 -0330", "2024-05-01T13:30:00Z"),
        ("2024-05-01 10:00:00+02", "2024-05-01T08:00:00Z"),
        ("2024-05-01 10:00:00.5 UTC+2", "2024-05-01T08:00:00.500Z"),
        ("2024-05-01 10:00:00 PDT", "2024-05-01T17:00:00Z"),
        ("2024-05-01 10:00", "2024-05-01T10:00:00Z"),
        ("2024-5-1  9:5:7", "2024-05-01T09:05:07Z"),
        ("2024-05-01-10.00.00.500000", "2024-05-01T10:00:00.500Z"),
        ("2024-122T10:00:00", "2024-05-01T10:00:00Z"),
        ("2024-May-01 10:00:00", "2024-05-01T10:00:00Z"),
        ("2024/05/01 10:00:00", "2024-05-01T10:00:00Z"),
        ("2024.05.01 10:00:00", "2024-05-01T10:00:00Z"),
        ("2024:05:01-10:00:00", "2024-05-01T10:00:00Z"),
    ]);
}

#[test]
fn dates_in_digits_alone_are_read() {
    assert_all_read(&[
        ("20240501 10:00:00", "2024-05-01T10:00:00Z"),
        ("20240501T100000Z", "2024-05-01T10:00:00Z"),
        ("20240501.100000,5", "2024-05-01T10:00:00.500Z"),
        ("20240501-0:7:20:44", "2024-05-01T00:07:20.044Z"),
        ("20240501100000", "2024-05-01T10:00:00Z"),
        ("240501 10:00:00", "2024-05-01T10:00:00Z"),
        ("240501 100000", "2024-05-01T10:00:00Z"),
        ("990501  1:00:00", "1999-05-01T01:00:00Z"),
    ]);
}

#[test]
fn weekdays_and_days_first_are_read() {
    assert_all_read(&[
        ("Wed May 01 10:00:00.5 2019", "2019-05-01T10:00:00.500Z"),
        ("Wed May  1 10:00:00 EDT 2019", "2019-05-01T14:00:00Z"),
        ("Wed, 01 May 2019 10:00:00 +0200", "2019-05-01T08:00:00Z"),
        ("Wednesday, 1 May 2019 10:00:00 GMT", "2019-05-01T10:00:00Z"),
        ("Wed 2019-05-01 10:00:00 CEST", "2019-05-01T08:00:00Z"),
        ("01/May/2019:10:00:00 -0700", "2019-05-01T17:00:00Z"),
        ("1/sept./2019:10:00:00", "2019-09-01T10:00:00Z"),
        ("01/May/2019 10:00:00", "2019-05-01T10:00:00Z"),
        ("01-May-2019 10:00:00.123", "2019-05-01T10:00:00.123Z"),
        ("01 May 2019 10:00:00", "2019-05-01T10:00:00Z"),
        ("01 May 10:00:00.123", "2024-05-01T10:00:00.123Z"),
        ("May-01 10:00:00", "2024-05-01T10:00:00Z"),
        ("May-01-19 10:00:00", "2019-05-01T10:00:00Z"),
    ]);
}

#[test]
fn of_two_short_numbers_the_one_above_twelve_is_the_day() {
    assert_all_read(&[
        ("05/13/2019 10:00:00", "2019-05-13T10:00:00Z"),
        ("13/05/2019 10:00:00", "2019-05-13T10:00:00Z"),
        ("05/06/2019 10:00:00 PM", "2019-05-06T22:00:00Z"),
        ("06.05.2019 10:00:00", "2019-05-06T10:00:00Z"),
        ("06-05-2019 10:00:00", "2019-05-06T10:00:00Z"),
        ("05/06/2019 - 10:00:00", "2019-05-06T10:00:00Z"),
        ("05-06 10:00:00.5", "2024-05-06T10:00:00.500Z"),
        ("05/06-10:00:00.5", "2024-05-06T10:00:00.500Z"),
        ("05.06 10:00:00", "2024-05-06T10:00:00Z"),
    ]);
}

#[test]
fn a_short_year_stands_first_unless_that_makes_it_one_to_come() {
    assert_all_read(&[
        ("19/05/13 10:00:00", "2019-05-13T10:00:00Z"),
        ("05/13/19 10:00:00", "2019-05-13T10:00:00Z"),
        ("27/05/19 10:00:00", "2019-05-27T10:00:00Z"),
        ("99/05/19 10:00:00", "1999-05-19T10:00:00Z"),
        ("05-13-19,10:00:00.5", "2019-05-13T10:00:00.500Z"),
    ]);
}

#[test]
fn counts_since_an_epoch_are_told_by_their_length() {
    assert_all_read(&[
        ("1700000000", "2023-11-14T22:13:20Z"),
        ("1700000000.25", "2023-11-14T22:13:20.250Z"),
        ("1700000000123", "2023-11-14T22:13:20.123Z"),
        ("1700000000123456", "2023-11-14T22:13:20.123456Z"),
        ("1700000000123456789", "2023-11-14T22:13:20.123456Z"),
        ("@400000006553f10a1dcd6500", "2023-11-14T22:13:20.500Z"),
        ("@400000006553f10a", "2023-11-14T22:13:20Z"),
    ]);
}

#[test]
fn an_impossible_date_is_an_undated_stamp() {
    assert_all_read(&[
        ("Feb 30 10:00:00", "-"),
        ("2023-02-29T10:00:00Z", "-"),
        ("2024-13-01 10:00:00", "-"),
        ("2024-05-01 25:00:00", "-"),
        ("0001-01-01T00:00:00Z", "-"),
        ("31/Feb/2024:10:00:00 +0000", "-"),
    ]);
}

#[test]
fn numbers_and_words_of_the_message_are_not_taken_into_the_stamp() {
    for (text, rest) in [
        ("2024-05-01 10:00:00 -1 left", " -1 left"),
        ("2024-05-01 10:00:00 INFO x", " INFO x"),
        ("May  1 10:00:00 4242 x", " 4242 x"),
        ("May  1 10:00:00 web1 x", " web1 x"),
        ("2024-05-01 10:00:00, 5 items", ", 5 items"),
        ("2024-05-01 10:00:00 am I", " I"),
        ("2024-05-01 10:00:00 amber", " amber"),
        ("2024-05-01T10:00:00.5XYZ err", "XYZ err"),
        ("May  1 10:00:00: %LINK", ": %LINK"),
    ] {
        assert_eq!(read(text).map(|(_, rest)| rest), Some(rest), "{text}");
    }
}

#[test]
fn what_is_no_stamp_is_left_alone() {
    for text in [
        "",
        "May",
        "May  1",
        "May 1 was warm",
        "Maybe 10:00:00",
        "Sunday best",
        "2024-05-01",
        "2024-05-01 10.1.2.3 GET",
        "10:00:00 up",
        "192.0.2.1 - -",
        "10.11.12.13 10:00:00",
        "4242424242 is large",
        "1700000000-7 x",
        "170000000012345678901",
        "99-99 10:00:00",
        "0501 10:00:00",
        "05 06 10:00:00",
        "2024-05-01 10:00:007",
        "12 monkeys",
        "@400000",
        "@home",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn a_time_of_day_alone_is_measured_but_no_stamp() {
    let length = |text: &str| parse_time_only(text.as_bytes(), &test_context());
    assert_eq!(length("10:00:00.123 up"), Some(12));
    assert_eq!(length("9:05:07,5] up"), Some(9));
    for text in ["10:00", "25:00:00 x", "10:00:00x", "10:00:00-7", "aa:bb:cc"] {
        assert_eq!(length(text), None, "{text}");
    }
}

/// Texts close to stamps, which reach further into the parser than random bytes do.
fn stamp_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[0-9]{1,20}",
        "[-/.:, T_@+|]{1,3}",
        "(May|Fri|Mon|août|Dec.|CEST|UTC|AM|PM|Z)",
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        text in prop_oneof![stamp_like(), prop::collection::vec(any::<u8>(), 0..64)],
        reference in any::<i64>(),
    ) {
        let context = Context { reference: Timestamp(reference), ..test_context() };
        if let Some(stamp) = parse(&text, &context) {
            prop_assert!(stamp.length > 0 && stamp.length <= text.len());
        }
        if let Some(length) = parse_time_only(&text, &context) {
            prop_assert!(length <= text.len());
        }
    }

    /// From 1900 to the end of 2199.
    #[test]
    fn what_is_written_as_rfc_3339_is_read_back(
        micros in -2_208_988_800_000_000_i64..7_258_118_400_000_000,
    ) {
        let text = format_rfc3339(Timestamp(micros));
        let stamp = parse(text.as_bytes(), &test_context());
        let expected = Stamp {
            timestamp: Some(Timestamp(micros)),
            length: text.len(),
            layout: Layout::Iso,
        };
        prop_assert_eq!(stamp, Some(expected));
    }
}

#[test]
fn stamps_of_one_minute_are_read_as_each_of_them_alone() {
    let zones = [
        "UTC",
        "Europe/Berlin",
        "Europe/Amsterdam",
        "Africa/Monrovia",
    ];
    // The last has a clock that goes ahead within a minute, and so has the year that is guessed.
    let minutes = [
        "2024-05-01 10:00:",
        "Jul  1 12:00:",
        "2024-03-31 02:00:",
        "1937-07-01 00:00:",
        "1972-01-07 00:44:",
        "2024-05-01T23:59:",
        "2024-05-01 24:00:",
        "17145576",
    ];
    let ends = [
        "",
        ".5",
        ",0123456789 WARN",
        ":7|x",
        "Z",
        " 2019 7",
        " PM",
        " x",
    ];
    for (zone, minute, end) in zones
        .iter()
        .flat_map(|zone| minutes.map(|minute| (zone, minute)))
        .flat_map(|(zone, minute)| ends.map(|end| (zone, minute, end)))
    {
        // A day before it, the year of a stamp without one changes in the middle of a minute.
        let reference = Timestamp::from_seconds(1_719_792_000 + 12 * 3600 + 30 - 86_400);
        let context = || Context::new(Zone::parse(zone).unwrap_or(Zone::utc()), reference, None);
        let recent = context();
        for second in (0..=61).chain((0..60).rev()) {
            let text = format!("{minute}{second:02}{end}");
            let text = text.as_bytes();
            let plain = parse(text, &context());
            let kind = again(text, plain, &context());
            if let Kind::Clock(clock) = kind
                && let Some(known) = of_known_minute(text, clock, &recent)
            {
                let time = plain.and_then(|stamp| stamp.timestamp);
                assert_eq!((Some(known.0), known.1), (time, Shape::of(plain)));
            }
            assert_eq!(kind.ask(text, &recent), plain, "{}", text.escape_ascii());
        }
    }
}

#[test]
fn a_minute_is_known_after_its_first_stamp() {
    let known = |text: &[u8], others: [&[u8]; 2]| {
        let context = test_context();
        let Kind::Clock(clock) = again(text, parse(text, &context), &context) else {
            return None;
        };
        parse_minute(text, clock, &context);
        Some(others.map(|text| of_known_minute(text, clock, &context).is_some()))
    };
    for (text, others, expected) in [
        (
            "May  1 10:00:07 a",
            ["May  1 10:00:59 b", "May  1 10:01:07 a"],
            Some([true, false]),
        ),
        (
            "2024-05-01 1:0:7:4 a",
            ["2024-05-01 1:0:8:9 a", "2024-05-01 1:1:8:9 a"],
            Some([true, false]),
        ),
        (
            "240501 100007 24 a",
            ["240501 100008 24 a", "240501 100060 24 a"],
            Some([true, false]),
        ),
        (
            "2024-05-01 10:00:07Z",
            ["2024-05-01 10:00:08Z", "2024-05-01 10:00:08 "],
            Some([true, false]),
        ),
        ("May  1 10:00:07 1234", ["", ""], None),
        ("2024-05-01 10:00 a", ["", ""], None),
        (
            "1714557600.5 a",
            ["1714557699.7 a", "1714557700.7 a"],
            Some([true, false]),
        ),
        ("1714557600123 a", ["", ""], None),
    ] {
        let others = others.map(str::as_bytes);
        assert_eq!(known(text.as_bytes(), others), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn what_stands_behind_the_end_of_a_stamp_takes_no_part(
        pieces in prop::collection::vec(
            prop::sample::select(&[
                "Wednesday", "September", ".", ",", " ", "2024", "-", "/", "05", "1", "T", ":", "10:00:00",
                "10:00", ".5", " PM", "UTC", "GMT", "+02:00", "-7", "1714557600", "May", "  ", "CEST", "x",
                "2024-05-01", "valve", "r7-m1:j03", "|", "@4", "[", "node-7",
            ][..]),
            0..24,
        ),
        place: prop::sample::Index,
        other in "[-+0-9a-fT:. ]{0,12}",
    ) {
        let text = pieces.concat();
        let place = place.index(text.len() + 1);
        let changed = format!("{}{other}", &text[..place]);
        if ends_before(text.as_bytes(), place) {
            let context = test_context();
            let (text, changed) = (text.as_bytes(), changed.as_bytes());
            prop_assert_eq!(parse(text, &context), parse(changed, &context));
            prop_assert_eq!(parse_time_only(text, &context), parse_time_only(changed, &context));
        }
    }
}
