//! The extents of identifiers, values and objects in a cheap form, and what of a word stays.

use super::{is_word_byte, run, segment_end, trimmed};

/// Whether the segment that ends at `end` is a key: `=` follows, and it is no comparison.
pub(in crate::normalize) fn is_assignment(text: &[u8], end: usize) -> bool {
    text.get(end) == Some(&b'=') && !matches!(text.get(end + 1), Some(b'=' | b'>' | b'~'))
}

/// Length of an unquoted value: up to a blank, a separator of pairs, or a bracket that closes what it
/// did not open.
pub(in crate::normalize) fn value_end(text: &[u8]) -> usize {
    let mut depth = 0usize;
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b',' | b';' | b'"' | b'&' | b'|' => return i,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' | b'>' if depth == 0 => return i,
            b')' | b']' | b'}' => depth -= 1,
            _ if byte.is_ascii_whitespace() => return i,
            _ => {}
        }
    }
    text.len()
}

/// A value that is a constant by its look: capitals and underscores only, three or more.
pub(in crate::normalize) fn is_constant(value: &[u8]) -> bool {
    value.len() >= 3
        && value[0].is_ascii_uppercase()
        && value.iter().all(|&b| b.is_ascii_uppercase() || b == b'_')
}

/// How much of a word stays before its number: letters stay, but not those of a hexadecimal id or of
/// a short random one.
pub(in crate::normalize) fn kept_prefix(segment: &[u8], digit: usize) -> usize {
    const RANDOM_PREFIX_BYTES_MAX: usize = 4;
    let after = &segment[digit..];
    let letters_after = after.iter().any(u8::is_ascii_alphabetic);
    let hexadecimal = segment.iter().all(u8::is_ascii_hexdigit);
    if !letters_after {
        return if hexadecimal && digit == 1 { 0 } else { digit };
    }
    let digits_again = after
        .windows(2)
        .any(|pair| pair[0].is_ascii_alphabetic() && pair[1] == b'0');
    if hexadecimal || digits_again && digit <= RANDOM_PREFIX_BYTES_MAX {
        0
    } else {
        digit
    }
}

/// A word of eight or more letters a-f and nothing else.
#[inline]
pub(in crate::normalize) fn is_hex_word(segment: &[u8]) -> bool {
    let [first, .., last] = segment else {
        return false;
    };
    // Nearly every word is told by its length and by both of its ends, asked at once.
    let may_be = (segment.len() >= 8) & first.is_ascii_hexdigit() & last.is_ascii_hexdigit();
    may_be && segment.iter().all(u8::is_ascii_hexdigit)
}

/// The end of an identifier whose first segment, with a number in it, ends at `end`: what joins
/// further segments to it belongs to the same variable.
pub(in crate::normalize) fn identifier_end(text: &[u8], mut end: usize) -> usize {
    loop {
        let joints = run(&text[end..], |b| {
            matches!(
                b,
                b'-' | b'.' | b':' | b'~' | b'@' | b'#' | b'$' | b'+' | b'/' | b'\\' | b'*'
            )
        });
        if joints == 0 || joints > 2 {
            return end;
        }
        let next = end + joints;
        let segment = &text[next..next + segment_end(&text[next..])];
        let last_joint = text[next - 1];
        let numbered = segment.contains(&b'0');
        let attached = !segment.is_empty()
            && match last_joint {
                b'-' | b'~' | b'@' | b'$' => true,
                b'.' => !segment[0].is_ascii_uppercase(),
                _ => false,
            };
        if !numbered && !attached {
            return end;
        }
        end = next + segment.len();
    }
}

/// Length of a name whose parts, a number among them, are joined by `~`, as package monikers are: its
/// parts are one variable, the letters before the number too.
pub(in crate::normalize) fn versioned_compound(text: &[u8]) -> Option<usize> {
    let end = run(text, |b| {
        is_word_byte(b) || matches!(b, b'-' | b'.' | b'~' | b'+' | b':')
    });
    let end = trimmed(text, end);
    let name = &text[..end];
    (name.contains(&b'~') && name.contains(&b'0')).then_some(end)
}

/// The end of a user name whose first segment ends at `end`.
pub(in crate::normalize) fn user_end(text: &[u8], mut end: usize) -> usize {
    while matches!(text.get(end), Some(b'-' | b'.' | b'@' | b'\\' | b'$')) {
        let more = segment_end(&text[end + 1..]);
        if more == 0 {
            break;
        }
        end += 1 + more;
    }
    end
}

/// Whether ` from <address>` follows: a number, or a name with a dot or colon in it.
pub(in crate::normalize) fn from_address(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b" from ") else {
        return false;
    };
    let word = &rest[..run(rest, |b| !b.is_ascii_whitespace())];
    word.first() == Some(&b'0') || word.iter().filter(|&&b| b == b'.' || b == b':').count() >= 2
}

/// Whether a part of a service name tells instances of it apart: a number on its own, or a mixed
/// hexadecimal or random id; but not the number at the end of a name.
pub(in crate::normalize) fn is_instance(segment: &[u8], first: bool) -> bool {
    let Some(digit) = segment.iter().position(u8::is_ascii_digit) else {
        return false;
    };
    if digit == 0 {
        return !first || segment.iter().all(u8::is_ascii_digit);
    }
    let letters_after = segment[digit..].iter().any(u8::is_ascii_alphabetic);
    letters_after && segment.len() >= 5 && !first
}
/// Length of ` (0.0 KB)`: a quantity said again in another unit; 0 when there is none.
pub(in crate::normalize) fn restated(text: &[u8], is_unit: impl Fn(&[u8]) -> bool) -> usize {
    let Some(inner) = text.strip_prefix(b" (0") else {
        return 0;
    };
    let number = 3 + if inner.starts_with(b".0") { 2 } else { 0 };
    let blank = usize::from(text.get(number) == Some(&b' '));
    let unit = segment_end(&text[number + blank..]);
    let end = number + blank + unit;
    if is_unit(&text[number + blank..end]) && text.get(end) == Some(&b')') {
        end + 1
    } else {
        0
    }
}

/// Length of the text of a brace group, given without its opening brace, that begins with an id: a
/// word with a digit that is no key. The closing brace is not counted.
pub(in crate::normalize) fn identified_object(text: &[u8]) -> Option<usize> {
    const OBJECT_BYTES_MAX: usize = 1024;
    let id = segment_end(text);
    let is_id = text[..id].contains(&b'0') && !matches!(text.get(id), Some(b'=' | b':'));
    let mut depth = 1usize;
    for (i, &byte) in text
        .iter()
        .take(OBJECT_BYTES_MAX)
        .enumerate()
        .filter(|_| is_id)
    {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(i),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The method of a quoted HTTP request line.
pub(in crate::normalize) fn http_method(inner: &[u8]) -> Option<&[u8]> {
    let end = run(inner, |b| b.is_ascii_uppercase());
    let method = &inner[..end];
    let known = matches!(
        method,
        b"GET"
            | b"HEAD"
            | b"POST"
            | b"PUT"
            | b"DELETE"
            | b"PATCH"
            | b"OPTIONS"
            | b"CONNECT"
            | b"TRACE"
            | b"PROPFIND"
            | b"REPORT"
    );
    (known && inner.get(end) == Some(&b' ')).then_some(method)
}
