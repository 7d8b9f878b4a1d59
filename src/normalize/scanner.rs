//! Reads a cheap form from its start to its end and writes the pattern.
//!
//! What is a variable is for the shapes and the word lists to say; how holes are merged is the
//! writer's matter.

use super::shape::{self, Shape};
use super::writer::Writer;
use super::{PATTERN_WORDS_MAX, words};

/// The pattern of a cheap form, written to a room.
pub(super) fn pattern(cheap: &[u8], room: Vec<u8>) -> String {
    let mut scanner = Scanner {
        text: cheap,
        at: 0,
        has_tilde: memchr::memchr(b'~', cheap).is_some(),
        out: Writer::in_room(room, cheap.len()),
    };
    scanner.run();
    let cut = scanner.at < cheap.len();
    scanner.out.finish(cut)
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether there is a `~` at all; nearly no text has one.
    has_tilde: bool,
    out: Writer,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    fn before(&self) -> u8 {
        if self.at == 0 {
            b' '
        } else {
            self.text[self.at - 1]
        }
    }

    fn run(&mut self) {
        while self.at < self.text.len() && self.out.words() < PATTERN_WORDS_MAX {
            let byte = self.text[self.at];
            if byte == b' ' {
                self.out.blank();
                self.at += 1;
            } else if !(byte.is_ascii_alphabetic() && self.plain_words()) {
                self.step();
            }
        }
    }

    /// Reads words of letters that no shape can begin with and no rule but those of words can touch,
    /// as most words are; it says `false`, and reads nothing, where that takes a closer look.
    /// A letter is next.
    #[inline]
    fn plain_words(&mut self) -> bool {
        if self.has_tilde || shape::is_word_byte(self.before()) {
            return false;
        }
        let Some(mut word) = self.plain_word(self.at, self.out.last_word()) else {
            return false;
        };
        let mut end = self.at + word.len();
        if shape::is_variable(word) {
            self.at = end;
            self.out.hole("<*>");
            return true;
        }
        // What stands before in the same word belongs to it, which is then none that announces a name.
        let mut room = match self.out.is_in_word() {
            true => 0,
            false => PATTERN_WORDS_MAX - self.out.words() - 1,
        };
        let mut starts = [self.at; 2];
        let mut words = 1;
        while room > 0
            && self.text.get(end) == Some(&b' ')
            && let Some(next) = self.plain_word(end + 1, word)
            && !shape::is_variable(next)
        {
            starts = [starts[1], end + 1];
            end += 1 + next.len();
            word = next;
            words += 1;
            room -= 1;
        }
        let text = &self.text[self.at..end];
        self.out
            .letters(text, words, starts.map(|start| start - self.at));
        self.at = end;
        true
    }

    /// The word of letters at a place that is no part of a longer one, behind this one.
    #[inline]
    fn plain_word(&self, at: usize, last_word: &[u8]) -> Option<&'a [u8]> {
        let rest = &self.text[at..];
        let length = shape::letters(rest);
        let word = &rest[..length];
        // Names go on with a mark, keys with `=`, and drives and schemes with more than a colon.
        let ends = matches!(
            rest[length..],
            [] | [b' ' | b',' | b')' | b']', ..] | [b':', b' ', ..]
        );
        let is_plain = ends && !word.is_empty() && !shape::may_be_of_date(word);
        (is_plain && !words::may_announce_user(last_word)).then_some(word)
    }

    /// Reads one blank, one piece of punctuation, or one shape at a word's start.
    fn step(&mut self) {
        let rest = self.rest();
        let byte = rest[0];
        if byte.is_ascii_whitespace() {
            self.out.blank();
            self.at += 1;
            return;
        }
        if let Some((kind, length)) = shape::at_word_start(self.before(), rest) {
            self.at += length;
            match kind {
                Shape::Quoted(quote) => self.quoted(quote, &rest[1..length - 1]),
                _ => self.out.hole(kind.placeholder()),
            }
        } else if shape::is_word_byte(byte) {
            self.word();
        } else {
            self.punctuation(byte);
        }
    }

    /// A quoted string: a request line keeps its method, a single word is a variable, and several
    /// words are text like any other.
    fn quoted(&mut self, quote: u8, inner: &[u8]) {
        self.out.literal(&[quote]);
        if let Some(method) = shape::http_method(inner) {
            self.out.literal(method);
            self.out.blank();
            self.out.hole("<path>");
        } else if inner.iter().any(u8::is_ascii_whitespace) {
            self.text(inner);
        } else {
            self.keep_or_mask(inner);
        }
        self.out.literal(&[quote]);
    }

    /// Reads a part of the message as a text of its own.
    fn text(&mut self, inner: &[u8]) {
        let mut inside = Scanner {
            text: inner,
            at: 0,
            has_tilde: self.has_tilde,
            out: std::mem::take(&mut self.out),
        };
        inside.run();
        self.out = inside.out;
    }

    /// Punctuation stays, but a sign or a bound (`-1`, `<1`) belongs to its number, empty brackets that
    /// stand alone are an empty variable, and so is an object told by its id (`Token{78af589 ...}`).
    fn punctuation(&mut self, byte: u8) {
        let before = self.before();
        self.at += 1;
        let next = self.rest().first().copied();
        let numbered = next == Some(b'0');
        if numbered
            && matches!(byte, b'-' | b'+')
            && matches!(before, b' ' | b'=' | b'(' | b'[' | b':' | b',' | b'_')
            || numbered && matches!(byte, b'<' | b'>' | b'~') && before == b' '
        {
            return;
        }
        self.out.literal(&[byte]);
        if byte == b'{'
            && let Some(length) = shape::identified_object(self.rest())
        {
            self.at += length;
            self.out.hole("<*>");
        } else if before == b' ' && matches!((byte, next), (b'(', Some(b')')) | (b'[', Some(b']')))
        {
            self.out.hole("<*>");
        }
    }

    /// A word: letters, digits and underscores, and what joins them to an identifier.
    fn word(&mut self) {
        let rest = self.rest();
        let end = shape::segment_end(rest);
        let segment = &rest[..end];
        let digit = segment.iter().position(|&b| b == b'0');
        if digit.is_none() && shape::is_assignment(rest, end) {
            self.at += end + 1;
            self.out.literal(&rest[..=end]);
            self.value(segment);
        } else if self.is_user(segment) {
            self.at += shape::user_end(rest, end);
            self.out.hole("<user>");
        } else if let Some(compound) = self.versioned_compound() {
            self.at += compound;
            self.out.hole("<*>");
        } else if let Some(digit) = digit {
            self.out
                .literal(&segment[..shape::kept_prefix(segment, digit)]);
            self.out.hole("<n>");
            self.at += shape::identifier_end(rest, end);
            self.unit();
        } else {
            self.at += end;
            if shape::is_variable(segment) {
                self.out.hole("<*>");
            } else {
                self.out.literal(segment);
            }
        }
    }

    fn versioned_compound(&self) -> Option<usize> {
        self.has_tilde
            .then(|| shape::versioned_compound(self.rest()))?
    }

    /// Whether the words before, or `for ... from <address>` around it, make this word a user's name.
    fn is_user(&self, segment: &[u8]) -> bool {
        let previous = self.out.last_words();
        words::announces_user(previous) && !words::follows_user(segment)
            || previous[1] == b"for" && shape::from_address(&self.rest()[segment.len()..])
    }

    /// After a number: a unit of size or time is part of it, and so is the same quantity said again
    /// in brackets in another unit.
    fn unit(&mut self) {
        let rest = self.rest();
        let blanks = usize::from(rest.first() == Some(&b' '));
        let end = blanks + shape::segment_end(&rest[blanks..]);
        if rest.first() == Some(&b'%') || blanks == 1 && words::is_unit(&rest[1..end]) {
            self.at += end.max(1);
            self.at += shape::restated(self.rest(), words::is_unit);
        } else if blanks == 1 && &rest[1..end] == b"bytes" {
            let restated = shape::restated(&rest[end..], words::is_unit);
            if restated > 0 {
                self.out.blank();
                self.out.literal(&rest[1..end]);
                self.at += end + restated;
            }
        }
    }

    /// The value of `key=`: state words and text stay, anything else is one variable. An empty
    /// value is a variable too, and a value never reaches into the next `key=`.
    fn value(&mut self, key: &[u8]) {
        let rest = self.rest();
        let textual = words::holds_text(key);
        if let Some(length) = shape::quoted(rest) {
            self.at += length;
            let inner = &rest[1..length - 1];
            if inner.contains(&b' ') && (textual || !words::holds_name(key)) {
                self.quoted(rest[0], inner);
            } else if textual {
                self.text(inner);
            } else {
                self.keep_or_mask(inner);
            }
            return;
        }
        match rest.first() {
            Some(b'{' | b'[' | b'(' | b'<') => {}
            Some(letter) if textual && letter.is_ascii_alphabetic() => {}
            _ => {
                let end = shape::value_end(rest);
                self.at += end;
                self.keep_or_mask(&rest[..end]);
            }
        }
    }

    fn keep_or_mask(&mut self, value: &[u8]) {
        if words::is_state(value) || shape::is_constant(value) {
            self.out.literal(value);
        } else {
            self.out.hole("<*>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pattern where no word is taken for a plain one.
    fn pattern_by_steps(cheap: &[u8]) -> String {
        let mut scanner = Scanner {
            text: cheap,
            at: 0,
            has_tilde: cheap.contains(&b'~'),
            out: Writer::default(),
        };
        while scanner.at < cheap.len() && scanner.out.words() < PATTERN_WORDS_MAX {
            scanner.step();
        }
        let cut = scanner.at < cheap.len();
        scanner.out.finish(cut)
    }

    proptest! {
        #[test]
        fn a_plain_word_is_read_as_any_word(
            pieces in prop::collection::vec(
                prop_oneof![
                    4 => "[a-z]{1,9}",
                    2 => " {1,2}",
                    1 => "[a-fA-F0]{1,9}",
                    1 => "[-+:./=@~_ (){}\\[\\]<>'\",;%]{1,2}",
                    1 => "(: |, |=| for |user |User |account | from 0.0.0.0|password for |invalid user )",
                    1 => "(Jul 0 0:0:0|Mon, 0 Jul 0 0:0:0|MonJul 0 0:0:0|Jul|Sun|true|None|null|NULL|HKEY_a)",
                    1 => "(http://|a.com|C:\\\\a|::0|0:0:0|ab:cd:e0:|0x0a|KB|\\(\\)|git\\+)",
                    1 => "\\PC{1,2}",
                ],
                0..16,
            ),
        ) {
            let text = pieces.concat().replace(|c: char| c.is_ascii_digit(), "0").into_bytes();
            prop_assert_eq!(pattern(&text, b"room".to_vec()), pattern_by_steps(&text));
        }
    }
}
