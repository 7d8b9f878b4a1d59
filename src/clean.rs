//! What a terminal would show of a line: escapes, NULs and overwritten text removed.
//!
//! Works on bytes and knows no format. Nothing is decoded: bytes that are not UTF-8 stay.

use memchr::{memchr3, memrchr};
use std::borrow::Cow;

/// The byte that begins a terminal sequence.
pub(crate) const ESCAPE: u8 = 0x1b;

/// The visible text of a line given without its newline.
///
/// Drops CSI, OSC and other ANSI escape sequences, NUL bytes and trailing CRs. Of text overwritten
/// by lone CRs, as progress bars do, the last non-empty part stays; but a part with a header is a line
/// of a log that nothing may hide, and then all parts and their CRs stay. Borrows where nothing is dropped.
pub fn visible(line: &[u8], has_header: impl Fn(&[u8]) -> bool) -> Cow<'_, [u8]> {
    let line = without_trailing_cr(line);
    if memchr3(ESCAPE, b'\r', 0, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = without_escapes(line);
    while out.last() == Some(&b'\r') {
        out.pop();
    }
    if let Some(overwritten) = memrchr(b'\r', &out)
        && !out.split(|&byte| byte == b'\r').any(has_header)
    {
        out.drain(..=overwritten);
    }
    Cow::Owned(out)
}

fn without_trailing_cr(mut line: &[u8]) -> &[u8] {
    while let [head @ .., b'\r'] = line {
        line = head;
    }
    line
}

fn without_escapes(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(&byte) = rest.first() {
        match byte {
            ESCAPE => rest = after_escape(&rest[1..]),
            0 => rest = &rest[1..],
            _ => {
                out.push(byte);
                rest = &rest[1..];
            }
        }
    }
    out
}

/// What follows an escape sequence, given the text behind its ESC (ECMA-48 section 5).
pub(crate) fn after_escape(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'[') => {
            let parameters = text[1..]
                .iter()
                .take_while(|b| (0x20..=0x3f).contains(*b))
                .count();
            text.get(parameters + 2..).unwrap_or_default()
        }
        // OSC, DCS, SOS, PM and APC run to BEL or ST; an unterminated one takes its introducer only.
        Some(b']' | b'P' | b'X' | b'^' | b'_') => {
            let string_end = memchr::memchr2(0x07, ESCAPE, &text[1..]).map(|at| at + 1);
            match string_end {
                Some(at) if text[at] == 0x07 => &text[at + 1..],
                Some(at) => text.get(at + 2..).unwrap_or_default(),
                None => &text[1..],
            }
        }
        Some(b'(' | b')' | b'*' | b'+' | b'#' | b'%' | b' ') => text.get(2..).unwrap_or_default(),
        Some(_) => &text[1..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: &[u8]) -> Vec<u8> {
        visible(line, |part| part.starts_with(b"2024-")).into_owned()
    }

    #[test]
    fn escapes_vanish_and_text_stays() {
        assert_eq!(seen(b"\x1b[1;31merror\x1b[0m: x"), b"error: x");
        assert_eq!(
            seen(b"\x1b]8;;http://h/\x07link\x1b]8;;\x1b\\ end"),
            b"link end"
        );
        assert_eq!(seen(b"\x1b(Bplain\x1b="), b"plain");
        assert_eq!(seen(b"cut \x1b["), b"cut ");
    }

    #[test]
    fn of_overwritten_text_the_last_part_is_seen() {
        assert_eq!(seen(b"10%\r50%\rdone\r\r"), b"done");
        assert_eq!(seen(b"fold:start:x\r\x1b[0K"), b"fold:start:x");
    }

    #[test]
    fn a_line_with_a_header_is_not_overwritten() {
        let line = b"2024-05-01T10:00:00Z web1 sshd[1]: failed password for root\rall is well";
        assert_eq!(seen(line), line);
        let hidden = b"10%\r2024-05-01 10:00:00 ERROR no water\r\x1b[1mall is well\r";
        assert_eq!(
            seen(hidden),
            b"10%\r2024-05-01 10:00:00 ERROR no water\rall is well"
        );
    }

    #[test]
    fn a_clean_line_is_borrowed() {
        assert!(matches!(
            visible(b"plain text\r", |_| true),
            Cow::Borrowed(b"plain text")
        ));
    }

    #[test]
    fn nul_runs_of_torn_logs_vanish() {
        assert_eq!(seen(b"\0\0\0Mar  3 x"), b"Mar  3 x");
    }
}
