//! Marks of sections in CI logs: where one begins, its name, and where it ends.
//!
//! Groups of GitHub Actions (`##[group]NAME`, `::group::NAME`) and sections of Azure Pipelines
//! (`##[section]Starting: NAME`), folds of Travis CI and sections of GitLab CI. Looks at the raw line,
//! since marks of folds stand before a carriage return that overwrites them. What a group's end closes is
//! only its own box: the step's output goes on under its name, so such an end is no mark.

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// A section of this name begins, inside the one that is open.
    Begin(&'a [u8]),
    /// A section of this name begins in place of the one before.
    Instead(&'a [u8]),
    /// The section that began last ends.
    End,
}

/// Bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 120;

/// The last mark of a line; almost every line fails at its first byte.
#[inline]
pub fn mark(raw: &[u8]) -> Option<Mark<'_>> {
    match raw.first()? {
        b't' | b's' | 0x1b => folds(raw),
        b'#' | b':' => command(raw),
        b'0'..=b'9' if matches!(raw.get(27..31), Some(b"Z ##" | b"Z ::")) => {
            raw.get(29..).and_then(command)
        }
        _ => None,
    }
}

/// Whether the line is a mark and nothing else, so that it is no event.
pub fn is_heading(raw: &[u8]) -> bool {
    matches!(mark(raw), Some(Mark::Instead(_)))
}

fn command(text: &[u8]) -> Option<Mark<'_>> {
    let name = [&b"##[group]"[..], b"::group::", b"##[section]Starting: "]
        .iter()
        .find_map(|beginning| text.strip_prefix(*beginning))?;
    Some(Mark::Instead(trimmed(name)))
}

/// Folds and sections, several of which may stand in one line.
fn folds(raw: &[u8]) -> Option<Mark<'_>> {
    let mut last = None;
    let mut rest = raw;
    loop {
        // Escapes that clear the line stand between the marks.
        while let Some(after) = rest.strip_prefix(b"\x1b[0K").or(rest.strip_prefix(b"\r")) {
            rest = after;
        }
        let Some((mark, after)) = fold(rest) else {
            return last;
        };
        last = mark.or(last);
        rest = after;
    }
}

/// One mark at the start of a text and what follows it; a mark of a time names no section.
fn fold(text: &[u8]) -> Option<(Option<Mark<'_>>, &[u8])> {
    let end = |body: &[u8]| {
        let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'[' | b'$');
        body.iter().position(|b| !plain(b)).unwrap_or(body.len())
    };
    if let Some(body) = text.strip_prefix(b"travis_fold:start:") {
        let (name, rest) = body.split_at(end(body));
        return Some((Some(Mark::Begin(trimmed(name))), rest));
    }
    if let Some(body) = text.strip_prefix(b"section_start:") {
        let (stamped, rest) = body.split_at(end(body));
        let name = stamped.splitn(2, |b| *b == b':').nth(1)?;
        let options = if rest.first() == Some(&b'[') {
            rest.iter().position(|b| *b == b']').map_or(0, |at| at + 1)
        } else {
            0
        };
        return Some((Some(Mark::Begin(trimmed(name))), &rest[options..]));
    }
    for beginning in [&b"travis_fold:end:"[..], b"section_end:"] {
        if let Some(body) = text.strip_prefix(beginning) {
            return Some((Some(Mark::End), &body[end(body)..]));
        }
    }
    let time = text.strip_prefix(b"travis_time:")?;
    Some((None, &time[end(time)..]))
}

fn trimmed(name: &[u8]) -> &[u8] {
    let name = name.trim_ascii();
    &name[..name.len().min(NAME_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_of_each_kind_are_read() {
        let cases: [(&[u8], Option<Mark<'_>>); 9] = [
            (
                b"travis_fold:start:dam.1\r\x1b[0K$ make dam",
                Some(Mark::Begin(b"dam.1")),
            ),
            (b"travis_fold:end:dam.1\r\x1b[0K", Some(Mark::End)),
            (
                b"\x1b[0Ksection_start:1700000000:build_dam[collapsed=true]\r\x1b[0KBuild",
                Some(Mark::Begin(b"build_dam")),
            ),
            (
                b"section_end:1700000000:build_dam\r\x1b[0K",
                Some(Mark::End),
            ),
            (
                b"2024-05-01T10:00:00.1234567Z ##[group]Run make",
                Some(Mark::Instead(b"Run make")),
            ),
            (b"::group::Weir", Some(Mark::Instead(b"Weir"))),
            (
                b"2024-05-01T10:00:00.1234567Z ##[section]Starting: Dam",
                Some(Mark::Instead(b"Dam")),
            ),
            (b"travis_time:start:0a\r$ make", None),
            (b"##[error]gate stuck", None),
        ];
        for (line, expected) in cases {
            assert_eq!(mark(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, head in "(travis_fold:start:|section_start:|2024-05-01T10:00:00.1234567Z ##|::group::)?") {
            let line = [head.into_bytes(), tail].concat();
            let _ = mark(&line);
        }
    }
}
