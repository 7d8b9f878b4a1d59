//! What stands before the first stamp of a header.

use super::super::{header, stamp};
use super::Header;
use crate::event::Severity;
use std::borrow::Cow;

impl Header<'_, '_> {
    /// What may stand before the first stamp: a dash or label, a file name, a record number.
    pub(super) fn leading(&mut self) {
        let rest = self.at.rest();
        let word = header::word(rest);
        let after = header::skip_blanks(&rest[word.len()..]);
        if word.is_empty() || word.len() == rest.len() {
            return;
        }
        self.first_stamp = self.stamp_at(rest);
        if self.first_stamp.is_some() {
            return;
        }
        let time =
            stamp::parse_time_only(rest, self.context).filter(|&length| length == word.len());
        if time.is_some() && self.opens_like_header(after) {
            // A time of day without a date dates nothing, but what follows it is a header.
            self.at.skip(rest.len() - after.len());
            self.stamps = 1;
            return;
        }
        let labels = word == b"-"
            || word
                .iter()
                .all(|b| !b.is_ascii_lowercase() && *b != b'[' && *b != b'(');
        let names_file =
            word.iter().any(|b| matches!(b, b'.' | b'/' | b'_' | b':')) && !word.starts_with(b"[");
        if self.is_named_stamp(word, after) {
            self.event.service = Some(Cow::Borrowed(word));
            self.at.skip(rest.len() - after.len());
        } else if (labels || names_file)
            && self.stamp_at(after).is_some_and(|s| s.timestamp.is_some())
        {
            self.at.skip(rest.len() - after.len());
        } else if let Some(stamp_start) = header::record_number_and_epoch(rest, self.context) {
            self.at.skip(stamp_start);
            self.stamp();
            let flag = header::number(header::skip_blanks(self.at.rest()));
            self.at.skip_blanks();
            self.at.skip(flag);
        } else if word.len() == 2 && word[1] == b',' && after.starts_with(b"[") {
            self.at.skip(2);
        } else if let Some(level) = header::letter_level(word).filter(|_| after.starts_with(b"[")) {
            self.set_letter_level(level);
            self.at.skip(1);
        }
    }

    /// Whether a word is the name of what writes the line, which a program put before its stamp: no word of
    /// prose, but one with a hyphen or a digit in it, or that of a protocol. The stamp has a fraction or a colon
    /// behind it, and a message.
    fn is_named_stamp(&self, word: &[u8], after: &[u8]) -> bool {
        let is_written = |stamp: stamp::Stamp| {
            let (spelled, rest) = after.split_at(stamp.length);
            let has_end = rest.starts_with(b": ") || spelled.contains(&b'.');
            let has_message = !rest.trim_ascii().is_empty();
            has_end
                && has_message
                && stamp.layout == stamp::Layout::Iso
                && stamp.timestamp.is_some()
        };
        let is_of_word = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_name = header::run(word, is_of_word) == word.len()
            && header::is_name(word)
            && word.iter().any(|byte| !byte.is_ascii_lowercase());
        let is_protocol = matches!(word, b"http" | b"https" | b"ws" | b"wss" | b"tls");
        (is_name || is_protocol) && self.stamp_at(after).is_some_and(is_written)
    }

    /// Whether a level in capitals or a bracket group begins here.
    pub(super) fn opens_like_header(&self, text: &[u8]) -> bool {
        let word = &text[..header::run(text, |b| b.is_ascii_uppercase())];
        text.starts_with(b"[")
            || word.len() > 1
                && Severity::from_word(word).is_some()
                && header::ends_level(&text[word.len()..])
    }
}
