//! Places in files, as compilers and checkers write them: `f.c:3:7:`, `f.ts(3,7):`, `F.java:[3,7]`.

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'a> {
    /// The path as written.
    pub path: &'a str,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, where one is given.
    pub column: Option<u32>,
}

/// Words of a line among which a place is looked for.
const WORDS_MAX: usize = 6;
/// Bytes of a path that are believed.
const PATH_BYTES_MAX: usize = 400;

/// The place that a line begins with or names after its first words.
fn location(line: &str) -> Option<Location<'_>> {
    let text = super::message(line);
    text.split_ascii_whitespace()
        .take(WORDS_MAX)
        .find_map(|word| placed(word).map(|(location, _)| location))
}

/// Lines of an event that are looked through for a place.
const EVENT_LINES_MAX: usize = 40;

/// The place that an event is about: the one its first line gives, else the first below it whose path is
/// relative, as those of the sources at hand are while those of libraries seldom are.
pub fn location_of_event(text: &str) -> Option<Location<'_>> {
    let further = || text.lines().skip(1).take(EVENT_LINES_MAX);
    let relative = |at: &Location<'_>| !at.path.starts_with(['/', '<']) && !at.path.contains(":\\");
    location(text).or_else(|| further().filter_map(location).find(relative))
}

/// Whether a line is an error about a place in a file, or an error with a number of its own.
pub(super) fn is_diagnostic(text: &str) -> bool {
    if is_numbered_error(text) || is_error_in_file_above(text) {
        return true;
    }
    let mut rest = text;
    let mut says_error = false;
    for _ in 0..WORDS_MAX {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if let Some((location, tail)) = placed(word) {
            // `gate.go:3:7: what is wrong`: nothing but a compiler gives a column before its word.
            let bare = rest.len() == text.len() && location.column.is_some() && word.ends_with(':');
            let tail = tail.trim_start_matches([':', ' ']);
            let said = if tail.is_empty() {
                after.trim_start()
            } else {
                tail
            };
            let is_remark = REMARKS.iter().any(|remark| starts_with_word(said, remark));
            return !is_remark && (bare || says_error || is_complaint(said, word.contains(":[")));
        }
        says_error |= ["error", "failed", "failure"]
            .iter()
            .any(|said| word.eq_ignore_ascii_case(said));
        rest = after.trim_start();
    }
    false
}

/// What compilers say first of what is no error.
const REMARKS: [&str; 8] = [
    "warning", "note", "info", "warn", "help", "hint", "remark", "debug",
];

fn starts_with_word(text: &str, word: &str) -> bool {
    let head = text.trim_start_matches([':', '-', ' ']);
    head.get(..word.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Whether what stands after a place complains: it says error, or gives the number of a rule.
fn is_complaint(said: &str, bracketed: bool) -> bool {
    let head = said.trim_start_matches([':', '-', ' ']);
    let head = head[..head.floor_char_boundary(120)].to_ascii_lowercase();
    let word = head.split([' ', ':', '[']).next().unwrap_or_default();
    let is_error = matches!(word, "error" | "fatal" | "err") || head.starts_with("syntax error");
    is_error
        || is_rule_number(said.split([' ', ':']).next().unwrap_or_default())
        || bracketed
            && [
                "cannot ",
                "incompatible",
                "expected",
                "not ",
                "undefined",
                "error",
                "unreported",
            ]
            .iter()
            .any(|cue| head.contains(cue))
}

/// A rule as checkers number them: one to four capitals and three or more digits.
fn is_rule_number(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = word.len() - letters;
    (1..=4).contains(&letters)
        && (3..=5).contains(&digits)
        && word.bytes().skip(letters).all(|b| b.is_ascii_digit())
        && !word.starts_with('W')
}

/// `12:5  error  ...`, as checkers write below the name of the file.
fn is_error_in_file_above(text: &str) -> bool {
    let Some((line, rest)) = number(text) else {
        return false;
    };
    let column = rest.strip_prefix(':').and_then(number);
    line > 0
        && column.is_some_and(|(_, rest)| {
            rest.trim_start().starts_with("error ") && rest.starts_with(' ')
        })
}

/// `error[E0308]: ...`, `error TS2304: ...`, `fatal error C1083: ...`.
fn is_numbered_error(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("fatal ")
        .unwrap_or(text)
        .strip_prefix("error")
    else {
        return false;
    };
    if let Some(code) = rest.strip_prefix('[') {
        return code
            .split_once("]:")
            .is_some_and(|(code, _)| is_rule_number(code));
    }
    rest.strip_prefix(' ')
        .and_then(|rest| rest.split_once(':'))
        .is_some_and(|(code, _)| is_rule_number(code))
}

/// The place in a word and what the word has after it.
fn placed(word: &str) -> Option<(Location<'_>, &str)> {
    let word = word.get(..word.floor_char_boundary(PATH_BYTES_MAX))?;
    // A drive letter's colon is none of ours.
    let from = if word.as_bytes().get(1) == Some(&b':') {
        2
    } else {
        0
    };
    let mark = from + word[from..].find([':', '('])?;
    let path = &word[..mark];
    let numbers = word[mark + 1..].trim_start_matches('[');
    let (line, rest) = number(numbers)?;
    if !is_path(path) || line == 0 {
        return None;
    }
    let (column, rest) = match rest.strip_prefix([':', ',']).and_then(number) {
        Some((column, rest)) => (Some(column), rest),
        None => (None, rest),
    };
    let location = Location { path, line, column };
    Some((location, rest.trim_start_matches([']', ')'])))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = text.get(..end)?.parse().ok()?;
    Some((value, &text[end..]))
}

/// A file has an extension, and no host is taken for one.
fn is_path(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    !path.contains("://")
        && extension.is_some_and(|extension| {
            (1..=10).contains(&extension.len())
                && extension
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && extension.bytes().any(|b| b.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_the_ways_compilers_write_them() {
        let cases = [
            ("src/dam.c:41:7: error: x", ("src/dam.c", 41, Some(7))),
            ("dam.ts(12,5): error TS2304: x", ("dam.ts", 12, Some(5))),
            ("[ERROR] /b/Dam.java:[3,4] x", ("/b/Dam.java", 3, Some(4))),
            ("  --> src/dam.rs:9:1", ("src/dam.rs", 9, Some(1))),
            ("C:\\b\\dam.cs(7): error", ("C:\\b\\dam.cs", 7, None)),
        ];
        for (line, (path, number, column)) in cases {
            let expected = Location {
                path,
                line: number,
                column,
            };
            assert_eq!(location(line), Some(expected), "{line}");
        }
        for line in [
            "http://host.example:8080/x",
            "10.0.0.1:22 refused",
            "at 10:00:00",
            "a:b",
            "é:1",
        ] {
            assert_eq!(location(line), None, "{line}");
        }
    }

    #[test]
    fn an_event_is_about_the_first_relative_place_below_its_head() {
        let text = "gate::opens FAILED\n  at /usr/lib/run.rs:3:1\n  at src/gate.rs:41:7";
        let at = location_of_event(text);
        assert_eq!(at.map(|at| (at.path, at.line)), Some(("src/gate.rs", 41)));
    }

    #[test]
    fn warnings_about_a_place_are_no_errors() {
        assert!(!is_diagnostic("src/dam.c:41:7: warning: unused"));
        assert!(!is_diagnostic("src/dam.c:41 compiled"));
    }
}
