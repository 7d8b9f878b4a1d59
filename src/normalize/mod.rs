//! Patterns: what stays of a message when its variables are masked.
//!
//! [`pattern`] is a pure function of one message, and it only sees the message's [`cheap`] form, in
//! which every run of digits is a single `0` and a hexadecimal id is one of a few. So two messages
//! with equal cheap forms have equal patterns, and a table from cheap form to pattern is exact. What is a variable:
//!
//! - a word with a digit; letters before the digits stay (`eth<n>`, `blk_<n>`), mixed hexadecimal
//!   goes whole;
//! - addresses, host names, URLs, e-mail addresses, absolute paths, times, quoted single words,
//!   booleans, user names where the words before say so;
//! - the value of `key=value`, unless it is a word of state or severity or the key holds text.
//!
//! Runs and lists of variables collapse to one, and a leading variable drops. No table is learned
//! here: merging patterns by comparison with others is `group`'s work.

mod digits;
mod hex;
mod opening;
mod scanner;
mod shape;
mod words;
mod writer;

use std::borrow::Cow;

pub use opening::{opening, opening_of_message};

/// Bytes of a message that are looked at; what follows takes no part in the pattern.
pub const MESSAGE_BYTES_MAX: usize = 4096;

/// Words of a pattern at most; a longer one ends in `...`.
pub const PATTERN_WORDS_MAX: usize = 128;

/// Appends the cheap form of `message` to `out`: each run of ASCII digits becomes one `0`, and then
/// each hexadecimal id one of a few.
///
/// At most [`MESSAGE_BYTES_MAX`] bytes of the message are read.
pub fn cheap(message: &[u8], out: &mut Vec<u8>) {
    let message = &message[..message.len().min(MESSAGE_BYTES_MAX)];
    let start = out.len();
    out.resize(start + message.len() + digits::SLACK_BYTES, 0);
    let length = cheap_in(message, &mut out[start..]);
    out.truncate(start + length);
}

/// A message's cheap form in place of its own, for tables of such forms.
#[derive(Debug)]
pub struct CheapForm {
    room: Box<[u8; MESSAGE_BYTES_MAX + digits::SLACK_BYTES]>,
}

impl Default for CheapForm {
    fn default() -> Self {
        CheapForm {
            room: Box::new([0; MESSAGE_BYTES_MAX + digits::SLACK_BYTES]),
        }
    }
}

impl CheapForm {
    /// The form that [`cheap`] gives; it takes the place of the one before.
    pub fn of(&mut self, message: &[u8]) -> &[u8] {
        let message = &message[..message.len().min(MESSAGE_BYTES_MAX)];
        let length = cheap_in(message, &mut self.room[..]);
        &self.room[..length]
    }
}

/// Writes the cheap form of a message, which needs [`digits::SLACK_BYTES`] more of room, and gives its length.
fn cheap_in(message: &[u8], room: &mut [u8]) -> usize {
    let masked = digits::mask(message, room);
    match masked.may_have_ids {
        true => hex::fold(&mut room[..masked.length]),
        false => masked.length,
    }
}

/// The pattern of a message given in cheap form, with typed placeholders (`<ip>`, `<path>`, `<n>`).
///
/// Invalid UTF-8 becomes U+FFFD. Linear in the message.
pub fn pattern(cheap: &[u8]) -> String {
    pattern_in(cheap, Vec::new())
}

/// What [`pattern`] gives, written to a room whose content is forgotten.
pub fn pattern_in(cheap: &[u8], room: Vec<u8>) -> String {
    scanner::pattern(cheap, room)
}

/// The form of a pattern that decides identity: every placeholder is `<*>`, and what only differs
/// in the kind of its variables is one. A variable at the very start takes no part.
pub fn identity(pattern: &str) -> Cow<'_, str> {
    if memchr::memchr(b'<', pattern.as_bytes()).is_none() {
        return Cow::Borrowed(pattern);
    }
    let untyped = writer::untyped(pattern);
    Cow::Owned(match writer::without_leading_hole(&untyped) {
        rest if rest.len() == untyped.len() => untyped,
        rest => rest.to_owned(),
    })
}

/// Whether [`untyped`] may change a pattern.
pub fn has_holes(pattern: &str) -> bool {
    pattern.contains('<') || pattern.starts_with(' ')
}

/// The pattern with every placeholder as `<*>`, the leading one too.
pub fn untyped(pattern: &str) -> String {
    writer::untyped(pattern)
}

/// Whether a word names a state or a severity; such words never vary within a pattern.
pub fn is_state(word: &str) -> bool {
    words::is_state(word.as_bytes())
}

/// The service as identity sees it: numbers that tell instances apart are masked (`worker-<n>`,
/// `user@<n>`), those that belong to a name stay (`python3`, `php8.2-fpm`).
pub fn service(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(&raw[..raw.len().min(SERVICE_BYTES_MAX)]);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let (segment, tail) = rest.split_at(end);
        out.push_str(if shape::is_instance(segment.as_bytes(), out.is_empty()) {
            "<n>"
        } else {
            segment
        });
        let mut chars = tail.chars();
        if let Some(separator) = chars.next() {
            out.push(separator);
        }
        rest = chars.as_str();
    }
    out
}

/// Bytes of a service name that are kept.
pub const SERVICE_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str) -> String {
        let mut form = Vec::new();
        cheap(message.as_bytes(), &mut form);
        pattern(&form)
    }

    fn known_as(message: &str) -> String {
        identity(&shown(message)).into_owned()
    }

    #[test]
    fn variables_become_typed_holes() {
        for (message, expected) in [
            ("link eth0 up at 1000 Mbit", "link eth<n> up at <n>"),
            (
                "Got block blk_-778 from /10.0.0.9:40010",
                "Got block blk_<n> from <path>",
            ),
            ("peer 10.1.2.3:443 gone", "peer <ip> gone"),
            ("mail to a.b@c.example.net done", "mail to <email> done"),
            ("fetch https://x.org/a?b=1 failed.", "fetch <url> failed."),
            (
                "job 7d1f0c4e-11aa-4b6c-8d2e-0123456789ab ended",
                "job <uuid> ended",
            ),
            ("read /var/log/app.log: denied", "read <path>: denied"),
            ("at 2024-01-02T03:04:05Z again", "at <time> again"),
            ("on Mon Jul  4 12:52:44 2005 again", "on <time> again"),
            (
                "from db.example.com:5432 to 00:1a:2b:3c:4d:5e",
                "from <host> to <mac>",
            ),
            ("ready is true now", "ready is <*> now"),
            ("code 0xdeadbeef here", "code <hex> here"),
        ] {
            assert_eq!(shown(message), expected, "{message}");
        }
    }

    #[test]
    fn an_empty_value_equals_a_filled_one_and_never_swallows_the_next_key() {
        assert_eq!(
            known_as("auth: rhost= user=alice"),
            known_as("auth: rhost=10.0.0.1 user=bob")
        );
        assert_eq!(shown("auth: rhost= user=alice"), "auth: rhost=<*> user=<*>");
    }

    #[test]
    fn values_that_tell_a_state_stay() {
        assert_ne!(known_as("probe result=failed"), known_as("probe result=ok"));
        assert_eq!(
            shown("level=warn msg=\"pool nearly full\" used=7"),
            "level=warn msg=\"pool nearly full\" used=<*>"
        );
    }

    #[test]
    fn runs_and_lists_collapse_and_a_leading_variable_drops() {
        assert_eq!(
            known_as("delete blk_1 blk_2 blk_3"),
            known_as("delete blk_4")
        );
        assert_eq!(known_as("values 1, 2, 3"), known_as("values 7"));
        assert_eq!(
            known_as("10.0.0.1:80 open"),
            known_as("www.example.com:80 open")
        );
    }

    #[test]
    fn the_request_line_keeps_its_method() {
        assert_eq!(
            shown("\"GET /a/b?c=1 HTTP/1.1\" 200 17"),
            "\"GET <path>\" <n>"
        );
        assert_ne!(
            known_as("\"GET /a HTTP/1.1\" 200"),
            known_as("\"POST /a HTTP/1.1\" 200")
        );
    }

    #[test]
    fn a_user_name_is_a_variable_where_the_words_say_so() {
        assert_eq!(
            known_as("session opened for user root by x"),
            known_as("session opened for user www-data by x")
        );
        assert_eq!(
            known_as("no password for bob from 10.0.0.2"),
            known_as("no password for eve7 from 10.9.0.2")
        );
        assert_eq!(
            shown("check pass; user unknown"),
            "check pass; user unknown"
        );
    }

    #[test]
    fn the_pattern_is_a_function_of_the_cheap_form() {
        let mut form = Vec::new();
        cheap(b"a12b 345 x", &mut form);
        assert_eq!(form, b"a0a 0 x");
    }

    #[test]
    fn services_lose_instance_numbers_but_keep_their_names() {
        for (raw, expected) in [
            ("python3", "python3"),
            ("kworker/3:1", "kworker/<n>:<n>"),
            ("user@1000", "user@<n>"),
            ("php8.2-fpm", "php8.<n>-fpm"),
            ("api-7f9c8d5b6-x2k4q", "api-<n>-<n>"),
        ] {
            assert_eq!(service(raw.as_bytes()), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_pattern_that_is_a_function_of_their_cheap_form(
            message in proptest::collection::vec(proptest::num::u8::ANY, 0..200)
        ) {
            pattern_is_stable(&message);
        }

        #[test]
        fn any_log_like_text_has_a_pattern_that_is_a_function_of_its_cheap_form(
            message in "([a-zA-Z0-9:/._=\"'<>{}()\\[\\] ~@%,;|#*+-]|0x|://|for user |GET |Jul  4 12:00:00 |::1|10\\.0\\.0\\.1){0,60}"
        ) {
            pattern_is_stable(message.as_bytes());
        }
    }

    /// Other digits in the same places give the same pattern.
    fn pattern_is_stable(message: &[u8]) {
        let mut form = Vec::new();
        cheap(message, &mut form);
        let once = pattern(&form);
        let mut again = Vec::new();
        cheap(&form, &mut again);
        assert_eq!(form, again);
        let longer: Vec<u8> = message
            .iter()
            .flat_map(|&b| {
                if b.is_ascii_digit() {
                    vec![b'7', b'3']
                } else {
                    vec![b]
                }
            })
            .collect();
        form.clear();
        cheap(&longer, &mut form);
        if longer.len() <= MESSAGE_BYTES_MAX {
            assert_eq!(once, pattern(&form));
        }
    }
}
