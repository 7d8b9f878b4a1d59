//! The escapes inside JSON strings.
//!
//! Only where a string begins and ends is `json`'s to say; here its inside is turned into text, without
//! allocating when it holds no escape.

use std::borrow::Cow;

use memchr::memchr;

use crate::event::Text;

/// The text that the inside of a string stands for.
///
/// Halves of surrogate pairs become U+FFFD. An escape that JSON does not know, or one cut off,
/// stands for itself, so that a badly written Windows path stays readable.
pub fn unescape(raw: &[u8]) -> Text<'_> {
    let Some(first) = memchr(b'\\', raw) else {
        return Cow::Borrowed(raw);
    };
    let mut text = Vec::with_capacity(raw.len());
    let (plain, mut rest) = raw.split_at(first);
    text.extend_from_slice(plain);
    while !rest.is_empty() {
        let length = escape(rest, &mut text);
        rest = &rest[length..];
        let plain = memchr(b'\\', rest).unwrap_or(rest.len());
        text.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(text)
}

/// Writes what the escape at the start of `rest` stands for, and says how long it is: at least 1.
fn escape(rest: &[u8], text: &mut Vec<u8>) -> usize {
    let byte = match rest.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 0x08,
        Some(b'f') => 0x0c,
        Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
        Some(b'u') => {
            if let Some((character, length)) = unicode_escape(rest) {
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return length;
            }
            b'\\'
        }
        _ => b'\\',
    };
    text.push(byte);
    if byte == b'\\' && rest.get(1) != Some(&b'\\') {
        1
    } else {
        2
    }
}

/// The character of the `\uXXXX` or the surrogate pair that `rest` starts with, and its length.
fn unicode_escape(rest: &[u8]) -> Option<(char, usize)> {
    const LENGTH: usize = 6;
    let unit = code_unit(rest)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((character, LENGTH));
    }
    let low = rest.get(LENGTH..).and_then(code_unit);
    let pair = match low {
        Some(low @ 0xDC00..=0xDFFF) if unit < 0xDC00 => {
            char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        }
        _ => None,
    };
    Some(
        pair.map_or((char::REPLACEMENT_CHARACTER, LENGTH), |character| {
            (character, 2 * LENGTH)
        }),
    )
}

/// The number of one `\uXXXX`.
fn code_unit(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |number, &digit| {
        Some(number << 4 | char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_unknown_ones_stand_for_themselves() {
        let cases: [(&str, &str); 8] = [
            (r"plain", "plain"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\u00e9\u0041", "éA"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d and \ude00", "\u{fffd} and \u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"C:\Temp\u12", r"C:\Temp\u12"),
            ("cut\\", "cut\\"),
        ];
        for (raw, text) in cases {
            assert_eq!(unescape(raw.as_bytes()).as_ref(), text.as_bytes(), "{raw}");
        }
    }
}
