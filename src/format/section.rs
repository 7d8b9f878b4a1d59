//! Marks of sections in CI logs: where one begins, its name, and where it ends.
//!
//! Groups of GitHub Actions (`##[group]NAME`, `::group::NAME`) and sections of Azure Pipelines
//! (`##[section]Starting: NAME`), folds of Travis CI, sections of GitLab CI, headers of Buildkite
//! (`--- NAME` behind its stamp), steps of Jenkins pipelines (`[Pipeline] { (NAME)`) and blocks of
//! TeamCity. Looks at the raw line, since marks of folds stand before a carriage return that overwrites
//! them. What a group's end closes is only its own box: the step's output begins there and has its name.

use super::runner_stamp;

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// A section of this name begins, inside the one that is open; without a name it has the one's.
    Begin(&'a [u8]),
    /// A section of this name begins in place of the one before.
    Instead(&'a [u8]),
    /// The section that began last ends.
    End,
    /// What a runner says of the section is over: its output begins.
    Output,
    /// A runner's word on its own steps.
    Aside,
}

/// Bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 120;

/// How Jenkins marks what a pipeline does itself.
const PIPELINE: &[u8] = b"[Pipeline] ";

/// The last mark of a line and whether the line is nothing else; almost every line fails at its first byte.
#[inline]
pub fn mark(raw: &[u8]) -> Option<(Mark<'_>, bool)> {
    match raw.first()? {
        b't' | b's' | 0x1b | b'#' | b':' | b'[' | b'0'..=b'9' => last_mark(raw),
        _ => None,
    }
}

#[inline(never)]
fn last_mark(raw: &[u8]) -> Option<(Mark<'_>, bool)> {
    match raw.first()? {
        b't' | b's' => folds(raw),
        0x1b => folds(raw).or_else(|| header(raw)),
        b'#' | b':' => command(raw),
        b'[' => step(raw),
        b'0'..=b'9' => {
            let text = runner_stamp::after(raw)?;
            folds(text).or_else(|| command(text)).or_else(|| step(text))
        }
        _ => None,
    }
}

/// A heading of Buildkite: three signs behind the stamp that its agent puts before a line.
fn header(raw: &[u8]) -> Option<(Mark<'_>, bool)> {
    let stamped = raw.strip_prefix(b"\x1b_bk;t=")?;
    let end = stamped.iter().take(20).position(|b| *b == 0x07)?;
    let text = stamped[end + 1..].trim_ascii_end();
    if text == b"^^^ +++" {
        return Some((Mark::Aside, true));
    }
    let name = [&b"~~~ "[..], b"--- ", b"+++ "]
        .iter()
        .find_map(|signs| text.strip_prefix(*signs))?;
    // Other programs put the same signs before what they say: a test's verdict, the files of a diff.
    let other = [&b"FAIL"[..], b"PASS", b"SKIP", b"a/", b"b/", b"/"];
    let other = other.iter().any(|beginning| name.starts_with(beginning));
    (!other).then(|| (Mark::Instead(trimmed(name)), true))
}

/// A step of a Jenkins pipeline, with or without the stamp in brackets that a plugin puts before it.
fn step(text: &[u8]) -> Option<(Mark<'_>, bool)> {
    const STAMP_BYTES: usize = "[2024-05-01T10:00:00.000Z] ".len();
    let text = match text.get(1)? {
        b'0'..=b'9' => text.get(STAMP_BYTES..)?,
        _ => text,
    };
    let said = text.strip_prefix(PIPELINE)?.trim_ascii_end();
    let mark = match said {
        b"}" => Mark::End,
        b"{" => Mark::Begin(b""),
        [b'{', b' ', b'(', name @ .., b')'] => Mark::Begin(trimmed(name)),
        _ => Mark::Aside,
    };
    Some((mark, true))
}

fn command(text: &[u8]) -> Option<(Mark<'_>, bool)> {
    if let Some(message) = text.strip_prefix(b"##teamcity[") {
        return block(message);
    }
    if text.starts_with(b"##[section]Finishing: ") {
        return Some((Mark::Aside, true));
    }
    if matches!(text, b"##[endgroup]" | b"::endgroup::") {
        return Some((Mark::Output, true));
    }
    let name = [&b"##[group]"[..], b"::group::", b"##[section]Starting: "]
        .iter()
        .find_map(|beginning| text.strip_prefix(*beginning))?;
    Some((Mark::Instead(trimmed(name)), true))
}

/// A block of TeamCity, by the message that opens or closes it.
fn block(message: &[u8]) -> Option<(Mark<'_>, bool)> {
    if message.starts_with(b"blockClosed ") {
        return Some((Mark::End, true));
    }
    let named = message.strip_prefix(b"blockOpened name='")?;
    let end = named.iter().position(|b| *b == b'\'')?;
    Some((Mark::Begin(trimmed(&named[..end])), true))
}

/// Folds and sections, several of which may stand in one line.
fn folds(raw: &[u8]) -> Option<(Mark<'_>, bool)> {
    let mut last = None;
    let mut rest = raw;
    loop {
        // Escapes that clear the line stand between the marks.
        while let Some(after) = rest.strip_prefix(b"\x1b[0K").or(rest.strip_prefix(b"\r")) {
            rest = after;
        }
        let Some((mark, after)) = fold(rest) else {
            return last.map(|mark| (mark, false));
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

    type Read = Option<(Mark<'static>, bool)>;

    /// Lines of each system, and what is read there.
    #[rustfmt::skip]
    const CASES: &[(&str, Read)] = &[
        ("travis_fold:start:dam.1\r\x1b[0K$ make dam", Some((Mark::Begin(b"dam.1"), false))),
        ("travis_fold:end:dam.1\r\x1b[0K", Some((Mark::End, false))),
        ("travis_time:start:0a\r$ make", None),
        ("\x1b[0Ksection_start:1700000000:dam[collapsed=true]\r\x1b[0KBuild", Some((Mark::Begin(b"dam"), false))),
        ("2024-05-01T10:00:00.123456Z 00O section_start:17:dam\r\x1b[0K", Some((Mark::Begin(b"dam"), false))),
        ("section_end:1700000000:build_dam\r\x1b[0K", Some((Mark::End, false))),
        ("2024-05-01T10:00:00.1234567Z ##[group]Run make", Some((Mark::Instead(b"Run make"), true))),
        ("::group::Weir", Some((Mark::Instead(b"Weir"), true))),
        ("##[endgroup]", Some((Mark::Output, true))),
        ("##[error]gate stuck", None),
        ("##[section]Starting: Dam", Some((Mark::Instead(b"Dam"), true))),
        ("##[section]Finishing: Dam", Some((Mark::Aside, true))),
        ("\x1b_bk;t=1717000000000\x07--- :dam: Build\r", Some((Mark::Instead(b":dam: Build"), true))),
        ("\x1b_bk;t=1717000000000\x07~~~ Running", Some((Mark::Instead(b"Running"), true))),
        ("\x1b_bk;t=1717000000000\x07^^^ +++", Some((Mark::Aside, true))),
        ("\x1b_bk;t=1717000000000\x07--- FAIL: TestDam", None),
        ("--- Dam", None),
        ("[Pipeline] { (Dam)", Some((Mark::Begin(b"Dam"), true))),
        ("[Pipeline] {", Some((Mark::Begin(b""), true))),
        ("[Pipeline] }", Some((Mark::End, true))),
        ("10:00:00  [Pipeline] sh", Some((Mark::Aside, true))),
        ("[2024-05-01T10:00:00.123Z] [Pipeline] { (Dam)", Some((Mark::Begin(b"Dam"), true))),
        ("##teamcity[blockOpened name='Dam' flowId='1']", Some((Mark::Begin(b"Dam"), true))),
    ];

    #[test]
    fn marks_of_each_kind_are_read() {
        for (line, expected) in CASES {
            assert_eq!(mark(line.as_bytes()), *expected, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, head in "(travis_fold:start:|section_start:|2024-05-01T10:00:00.1234567Z ##|::group::|\\[Pipeline\\] |\x1b_bk;t=1|##teamcity\\[blockOpened name='|\\[2024)?") {
            let line = [head.into_bytes(), tail].concat();
            let _ = mark(&line);
        }
    }
}
