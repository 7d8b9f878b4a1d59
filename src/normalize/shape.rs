//! The shapes of variables in a cheap form, recognized at the start of a word.
//!
//! Every function is linear in what it consumes and looks ahead a bounded distance. In a cheap form
//! a number is the single byte `0`, so no shape can depend on how many digits there were.

/// A variable recognized by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string between a pair of this quote.
    Quoted(u8),
    Url,
    Email,
    Uuid,
    Host,
    Time,
    Ip,
    Mac,
    Path,
    Hex,
}

impl Shape {
    pub fn placeholder(self) -> &'static str {
        match self {
            Shape::Quoted(_) => "<*>",
            Shape::Url => "<url>",
            Shape::Email => "<email>",
            Shape::Uuid => "<uuid>",
            Shape::Host => "<host>",
            Shape::Time => "<time>",
            Shape::Ip => "<ip>",
            Shape::Mac => "<mac>",
            Shape::Path => "<path>",
            Shape::Hex => "<hex>",
        }
    }
}

/// Letters, digits, underscores and everything beyond ASCII.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Length of the run of word bytes at the start.
pub(super) fn segment_end(text: &[u8]) -> usize {
    text.iter()
        .position(|&b| !is_word_byte(b))
        .unwrap_or(text.len())
}

fn run(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|&b| !accept(b)).unwrap_or(text.len())
}

/// Bytes that a host name, an e-mail address or a scheme is made of.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

/// The shape that begins at `text` and its length, where `before` is the byte in front of it.
pub(super) fn at_word_start(before: u8, text: &[u8]) -> Option<(Shape, usize)> {
    if is_word_byte(before) {
        return None;
    }
    let found = match text[0] {
        b'"' | b'\'' | b'`' => return quoted(text).map(|length| (Shape::Quoted(text[0]), length)),
        b'/' | b'~' | b'.' | b'\\' if before != b'<' => {
            return path(before, text).map(|length| (Shape::Path, length));
        }
        b':' => return address(text),
        b'0' => hex(text)
            .map(|length| (Shape::Hex, length))
            .or_else(|| named(text))
            .or_else(|| time(text).map(|length| (Shape::Time, length)))
            .or_else(|| address(text)),
        byte if byte.is_ascii_alphabetic() => named(text)
            .or_else(|| windows_path(text).map(|length| (Shape::Path, length)))
            .or_else(|| dated(text).map(|length| (Shape::Time, length)))
            .or_else(|| address(text)),
        _ => None,
    };
    found.filter(|&(_, length)| length > 0)
}

/// URL, e-mail address, UUID and host name: one look at the run of name bytes tells which.
fn named(text: &[u8]) -> Option<(Shape, usize)> {
    let end = run(text, is_name_byte);
    let name = &text[..end];
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

fn url_end(text: &[u8], from: usize) -> usize {
    let stop = |b: u8| {
        !(b.is_ascii_whitespace()
            || matches!(
                b,
                b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b')' | b']' | b'}'
            ))
    };
    trimmed(text, from + run(&text[from..], stop))
}

/// The end without trailing sentence punctuation.
fn trimmed(text: &[u8], mut end: usize) -> usize {
    while end > 1
        && matches!(
            text[end - 1],
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'-'
        )
    {
        end -= 1;
    }
    end
}

fn port_length(text: &[u8]) -> usize {
    if text.starts_with(b":0") && !text.get(2).is_some_and(|&b| is_word_byte(b)) {
        2
    } else {
        0
    }
}

/// Five hexadecimal parts with a digit among them; the length of the run is not to be seen here.
fn uuid(name: &[u8]) -> Option<usize> {
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
fn is_host(name: &[u8], has_port: bool) -> bool {
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

fn is_file_suffix(suffix: &[u8]) -> bool {
    const SUFFIXES: [&[u8]; 24] = [
        b"gz", b"xz", b"js", b"ts", b"py", b"go", b"rs", b"cc", b"sh", b"so", b"pl", b"rb", b"md",
        b"pm", b"cs", b"hs", b"ml", b"kt", b"db", b"bz", b"mo", b"po", b"in", b"am",
    ];
    SUFFIXES.contains(&suffix)
}

/// `0x...`, and the hexadecimal digits behind it.
fn hex(text: &[u8]) -> Option<usize> {
    matches!(text, [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit))
        .then(|| 2 + run(&text[2..], |b| b.is_ascii_hexdigit()))
}

/// A date, a time of day, or both: `0-0-0`, `0:0:0.0`, `0/Jul/0:0:0:0 +0`.
fn time(text: &[u8]) -> Option<usize> {
    let date = date_length(text);
    if date == 0 {
        let clock = clock_length(text);
        return (clock > 0
            && !text
                .get(clock)
                .is_some_and(|&b| is_word_byte(b) || b == b':'))
        .then_some(clock);
    }
    let mut end = date;
    if let Some(b'T' | b' ' | b'_' | b':' | b'-') = text.get(date) {
        let clock = clock_length(&text[date + 1..]);
        if clock > 0 {
            end = date + 1 + clock;
            end += zone_length(&text[end..]);
        }
    }
    (!text.get(end).is_some_and(|&b| is_word_byte(b)) && text.get(end) != Some(&text[1]))
        .then_some(end)
}

/// `0-0-0`, `0/0/0`, `0.0.0` is a version and no date, `0-Jul-0`, `0 Jul 0`.
fn date_length(text: &[u8]) -> usize {
    let Some(&separator @ (b'-' | b'/' | b' ')) = text.get(1) else {
        return 0;
    };
    if separator != b' ' && matches!(text, [_, _, b'0', last, b'0', ..] if *last == separator) {
        return 5;
    }
    let month = text.get(2..5).is_some_and(is_month);
    if month && matches!(text.get(5..7), Some([last, b'0']) if *last == separator) {
        7
    } else {
        0
    }
}

/// `0:0:0` with an optional fraction, or `0:0`? No: two numbers may be anything.
fn clock_length(text: &[u8]) -> usize {
    if !text.starts_with(b"0:0:0") {
        return 0;
    }
    if matches!(text.get(5..7), Some([b'.' | b',', b'0'])) {
        7
    } else {
        5
    }
}

fn zone_length(text: &[u8]) -> usize {
    match text {
        [b'Z', ..] => 1,
        [b'+' | b'-', b'0', b':', b'0', ..] => 4,
        [b'+' | b'-', b'0', ..] => 2,
        [b' ', b'+' | b'-', b'0', ..] => 3,
        _ => 0,
    }
}

fn is_month(word: &[u8]) -> bool {
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    MONTHS.chunks(3).any(|month| month == word)
}

fn is_weekday(word: &[u8]) -> bool {
    const DAYS: &[u8] = b"MonTueWedThuFriSatSun";
    DAYS.chunks(3).any(|day| day == word)
}

/// `Jul 0 0:0:0`, `Mon Jul  0 0:0:0 0`, `Mon, 0 Jul 0 0:0:0 +0`.
fn dated(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    if text.get(..3).is_some_and(is_weekday) {
        at = 3 + usize::from(text.get(3) == Some(&b','));
        at += run(&text[at..], |b| b == b' ');
        if text.get(at) == Some(&b'0') {
            return time(&text[at..]).map(|length| at + length);
        }
    }
    if !text.get(at..at + 3).is_some_and(is_month) {
        return None;
    }
    at += 3;
    let blanks = run(&text[at..], |b| b == b' ');
    if blanks == 0 || text.get(at + blanks..at + blanks + 2) != Some(b"0 ") {
        return None;
    }
    at += blanks + 2;
    let clock = clock_length(&text[at..]);
    if clock == 0 {
        return None;
    }
    at += clock;
    let year = text[at..].starts_with(b" 0")
        && !text
            .get(at + 2)
            .is_some_and(|&b| is_word_byte(b) || b == b'.' || b == b':');
    Some(at + if year { 2 } else { 0 })
}

/// IPv4, IPv6 and MAC addresses, with port or prefix length.
fn address(text: &[u8]) -> Option<(Shape, usize)> {
    if text.starts_with(b"0.0.0.0") {
        let end = 7 + port_length(&text[7..]);
        let free =
            !text.get(end).is_some_and(|&b| is_word_byte(b)) && !text[end..].starts_with(b".0");
        let prefix = if text[end..].starts_with(b"/0") { 2 } else { 0 };
        return free.then_some((Shape::Ip, end + prefix));
    }
    let end = run(text, |b| b.is_ascii_hexdigit() || b == b':');
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

/// An absolute path, or one relative to `~`, `.` or `..`; and what a backslash begins.
fn path(before: u8, text: &[u8]) -> Option<usize> {
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

fn windows_path(text: &[u8]) -> Option<usize> {
    matches!(text, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
        .then(|| path_end(text))
        .or_else(|| text.starts_with(b"HKEY_").then(|| path_end(text)))
}

fn path_end(text: &[u8]) -> usize {
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

/// Length of a quoted string that closes before a word byte follows; `None` if it does not close.
pub(super) fn quoted(text: &[u8]) -> Option<usize> {
    const QUOTED_BYTES_MAX: usize = 1024;
    let (&quote, inner) = text.split_first()?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let close = if quote == b'`' { b'\'' } else { quote };
    let mut escaped = false;
    for (i, &byte) in inner.iter().take(QUOTED_BYTES_MAX).enumerate() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' && quote == b'"' {
            escaped = true;
        } else if byte == close || quote == b'`' && byte == b'`' {
            return (!inner.get(i + 1).is_some_and(|&b| is_word_byte(b))).then_some(i + 2);
        }
    }
    None
}

/// The method of a quoted HTTP request line.
pub(super) fn http_method(inner: &[u8]) -> Option<&[u8]> {
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

/// Whether the segment that ends at `end` is a key: `=` follows, and it is no comparison.
pub(super) fn is_assignment(text: &[u8], end: usize) -> bool {
    text.get(end) == Some(&b'=') && !matches!(text.get(end + 1), Some(b'=' | b'>' | b'~'))
}

/// Length of the text of a brace group, given without its opening brace, that begins with an id: a
/// word with a digit that is no key. The closing brace is not counted.
pub(super) fn identified_object(text: &[u8]) -> Option<usize> {
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

/// Length of ` (0.0 KB)`: a quantity said again in another unit; 0 when there is none.
pub(super) fn restated(text: &[u8], is_unit: impl Fn(&[u8]) -> bool) -> usize {
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

/// Length of an unquoted value: up to a blank, a closing bracket, or a separator of pairs.
pub(super) fn value_end(text: &[u8]) -> usize {
    run(text, |b| {
        !(b.is_ascii_whitespace()
            || matches!(
                b,
                b',' | b';' | b')' | b']' | b'}' | b'>' | b'"' | b'&' | b'|'
            ))
    })
}

/// A value that is a constant by its look: capitals and underscores only, three or more.
pub(super) fn is_constant(value: &[u8]) -> bool {
    value.len() >= 3
        && value[0].is_ascii_uppercase()
        && value.iter().all(|&b| b.is_ascii_uppercase() || b == b'_')
}

/// How much of a word stays before its number: letters stay, but not those of a hexadecimal id or of
/// a short random one.
pub(super) fn kept_prefix(segment: &[u8], digit: usize) -> usize {
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
pub(super) fn is_hex_word(segment: &[u8]) -> bool {
    segment.len() >= 8 && segment.iter().all(u8::is_ascii_hexdigit)
}

/// The end of an identifier whose first segment, with a number in it, ends at `end`: what joins
/// further segments to it belongs to the same variable.
pub(super) fn identifier_end(text: &[u8], mut end: usize) -> usize {
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

/// The end of a user name whose first segment ends at `end`.
pub(super) fn user_end(text: &[u8], mut end: usize) -> usize {
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
pub(super) fn from_address(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b" from ") else {
        return false;
    };
    let word = &rest[..run(rest, |b| !b.is_ascii_whitespace())];
    word.first() == Some(&b'0') || word.iter().filter(|&&b| b == b'.' || b == b':').count() >= 2
}

/// Whether a part of a service name tells instances of it apart: a number on its own, or a mixed
/// hexadecimal or random id; but not the number at the end of a name.
pub(super) fn is_instance(segment: &[u8], first: bool) -> bool {
    let Some(digit) = segment.iter().position(u8::is_ascii_digit) else {
        return false;
    };
    if digit == 0 {
        return !first || segment.iter().all(u8::is_ascii_digit);
    }
    let letters_after = segment[digit..].iter().any(u8::is_ascii_alphabetic);
    letters_after && segment.len() >= 5 && !first
}
