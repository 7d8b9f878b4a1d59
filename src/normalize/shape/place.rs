//! Addresses, paths and hexadecimal numbers in a cheap form.

use super::name::port_length;
use super::{Shape, is_word_byte, run, trimmed};

/// Bytes of the longest run that is taken for an address, keys in that notation included. In a longer
/// one each word would be looked at with all that follows it.
const ADDRESS_BYTES_MAX: usize = 1024;

/// IPv4, IPv6 and MAC addresses, with port or prefix length.
pub(super) fn address(text: &[u8]) -> Option<(Shape, usize)> {
    if text.starts_with(b"0.0.0.0") {
        let end = 7 + port_length(&text[7..]);
        let free =
            !text.get(end).is_some_and(|&b| is_word_byte(b)) && !text[end..].starts_with(b".0");
        let prefix = if text[end..].starts_with(b"/0") { 2 } else { 0 };
        return free.then_some((Shape::Ip, end + prefix));
    }
    let end = run(&text[..text.len().min(ADDRESS_BYTES_MAX + 1)], |b| {
        b.is_ascii_hexdigit() || b == b':'
    });
    if end > ADDRESS_BYTES_MAX {
        return None;
    }
    let body = &text[..end];
    let colons = body.iter().filter(|&&b| b == b':').count();
    let body_end = if body.ends_with(b"::") {
        end
    } else {
        trimmed(text, end)
    };
    let followed = text.get(end).is_some_and(|&b| is_word_byte(b));
    if colons < 2
        || followed
        || !body.contains(&b'0')
        || body.starts_with(b":") && !body.starts_with(b"::")
    {
        return None;
    }
    let compressed = body.windows(2).any(|pair| pair == b"::");
    match colons {
        5 if !compressed => Some((Shape::Mac, body_end)),
        _ if compressed || colons >= 4 => Some((Shape::Ip, body_end)),
        _ => None,
    }
}

/// `0x...`, and the hexadecimal digits behind it.
pub(super) fn hex(text: &[u8]) -> Option<usize> {
    matches!(text, [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit))
        .then(|| 2 + run(&text[2..], |b| b.is_ascii_hexdigit()))
}

/// An absolute path, or one relative to `~`, `.` or `..`; and what a backslash begins.
pub(super) fn path(before: u8, text: &[u8]) -> Option<usize> {
    let begins = match text {
        [b'/', next, ..] => {
            (is_word_byte(*next) || matches!(next, b'.' | b'-' | b'$' | b'{' | b'*' | b'/'))
                && before != b'/'
        }
        [b'~', b'/', ..] | [b'.', b'/', ..] | [b'.', b'.', b'/', ..] => true,
        [b'\\', next, ..] => is_word_byte(*next) && before == b' ' || *next == b'\\',
        [b'/'] => true,
        _ => false,
    };
    begins.then(|| path_end(text))
}

pub(super) fn windows_path(text: &[u8]) -> Option<usize> {
    matches!(text, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
        .then(|| path_end(text))
        .or_else(|| text.starts_with(b"HKEY_").then(|| path_end(text)))
}

pub(super) fn path_end(text: &[u8]) -> usize {
    let inside = |b: u8| {
        is_word_byte(b)
            || matches!(
                b,
                b'/' | b'\\'
                    | b'.'
                    | b'-'
                    | b'~'
                    | b'+'
                    | b'@'
                    | b'%'
                    | b'#'
                    | b'='
                    | b':'
                    | b'?'
                    | b'&'
                    | b'*'
                    | b'$'
                    | b'!'
            )
    };
    trimmed(text, run(text, inside))
}
