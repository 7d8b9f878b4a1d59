//! URLs, e-mail addresses, UUIDs and host names in a cheap form.

use super::{Shape, is_word_byte, run, trimmed};

/// Bytes that a host name, an e-mail address or a scheme is made of.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

/// Bytes of the longest name: an e-mail address has 254 at most, a host name 253. In a longer run each
/// word would be looked at with all that follows it.
const NAME_BYTES_MAX: usize = 320;

/// URL, e-mail address, UUID and host name: one look at the run of name bytes tells which.
pub(super) fn named(text: &[u8]) -> Option<(Shape, usize)> {
    let end = run(&text[..text.len().min(NAME_BYTES_MAX + 1)], is_name_byte);
    if end > NAME_BYTES_MAX {
        return None;
    }
    let name = &text[..end];
    // Nearly all words have neither a joint inside nor a mark behind that would make them a name.
    if !matches!(text.get(end), Some(b':' | b'@' | b'+'))
        && !name.iter().any(|b| matches!(b, b'.' | b'-'))
    {
        return None;
    }
    match text.get(end) {
        Some(b':') if text[end..].starts_with(b"://") => {
            return Some((Shape::Url, url_end(text, end + 3)));
        }
        Some(b'@') => {
            let domain = run(&text[end + 1..], is_name_byte);
            if text[end + 1..end + 1 + domain].contains(&b'.') {
                return Some((Shape::Email, trimmed(text, end + 1 + domain)));
            }
        }
        Some(b'+') if text[end..].iter().take(12).any(|&b| b == b':') => {
            let scheme = end + run(&text[end..], |b| b.is_ascii_alphanumeric() || b == b'+');
            if text[scheme..].starts_with(b"://") {
                return Some((Shape::Url, url_end(text, scheme + 3)));
            }
        }
        _ => {}
    }
    if let Some(length) = uuid(name) {
        return Some((Shape::Uuid, length));
    }
    let length = trimmed(text, end);
    let port = port_length(&text[length..]);
    is_host(&name[..length], port > 0).then_some((Shape::Host, length + port))
}

pub(super) fn url_end(text: &[u8], from: usize) -> usize {
    let stop = |b: u8| {
        !(b.is_ascii_whitespace()
            || matches!(
                b,
                b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b')' | b']' | b'}'
            ))
    };
    trimmed(text, from + run(&text[from..], stop))
}

pub(super) fn port_length(text: &[u8]) -> usize {
    if text.starts_with(b":0") && !text.get(2).is_some_and(|&b| is_word_byte(b)) {
        2
    } else {
        0
    }
}

/// Five hexadecimal parts with a digit among them; the length of the run is not to be seen here.
pub(super) fn uuid(name: &[u8]) -> Option<usize> {
    let mut parts = 0;
    for part in name.split(|&b| b == b'-') {
        if part.is_empty() || !part.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        parts += 1;
    }
    (parts == 5 && name.iter().any(u8::is_ascii_digit) && name.iter().any(u8::is_ascii_alphabetic))
        .then_some(name.len())
}

/// Whether a dotted name is a host's: by its top-level domain, or by a port behind it.
///
/// Class and property names are dotted too; they begin with a reversed domain or end in a word that
/// is no top-level domain.
pub(super) fn is_host(name: &[u8], has_port: bool) -> bool {
    let mut labels = name.rsplit(|&b| b == b'.');
    let (Some(last), Some(second)) = (labels.next(), labels.next()) else {
        return false;
    };
    let count = 2 + labels.count();
    if name[0] == b'.' || last.is_empty() || !last.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let first = &name[..run(name, |b| b != b'.')];
    if matches!(
        first,
        b"com" | b"org" | b"net" | b"io" | b"java" | b"javax" | b"edu" | b"gov"
    ) {
        return false;
    }
    let generic = |label: &[u8]| {
        matches!(
            label,
            b"com"
                | b"net"
                | b"org"
                | b"edu"
                | b"gov"
                | b"mil"
                | b"int"
                | b"info"
                | b"biz"
                | b"local"
                | b"lan"
                | b"internal"
                | b"localdomain"
                | b"arpa"
                | b"home"
                | b"corp"
                | b"intranet"
                | b"example"
                | b"test"
                | b"cloud"
        )
    };
    let country = last.len() == 2 && !is_file_suffix(last);
    let under_country = generic(second) || matches!(second, b"co" | b"ac" | b"ne" | b"or" | b"go");
    generic(last) && !name.contains(&b'_')
        || has_port && (country || count >= 3)
        || country && (under_country || count >= 3 && name.contains(&b'0'))
}

pub(super) fn is_file_suffix(suffix: &[u8]) -> bool {
    const SUFFIXES: [&[u8]; 24] = [
        b"gz", b"xz", b"js", b"ts", b"py", b"go", b"rs", b"cc", b"sh", b"so", b"pl", b"rb", b"md",
        b"pm", b"cs", b"hs", b"ml", b"kt", b"db", b"bz", b"mo", b"po", b"in", b"am",
    ];
    SUFFIXES.contains(&suffix)
}
