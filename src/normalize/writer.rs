//! Writes a pattern: blanks folded, neighbouring holes merged; and derives the identity from it.
//!
//! Knows nothing of what makes a hole.

use memchr::{memchr, memrchr};

/// What may stand between two holes that are one list.
const LIST_SEPARATORS: &[u8] = b" ,;:|/#+&-";

/// A pattern being written.
#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    words: usize,
    /// Start and end of the last hole, while only list separators follow it.
    open_hole: Option<(usize, usize)>,
    /// Start of the last word and of the one before.
    word_starts: [usize; 2],
    in_word: bool,
}

impl Writer {
    /// A writer with room for this many bytes, in place of what stands in `room`.
    pub fn in_room(mut room: Vec<u8>, bytes: usize) -> Self {
        room.clear();
        room.reserve(bytes);
        Writer {
            out: room,
            ..Writer::default()
        }
    }

    /// Words begun so far.
    pub fn words(&self) -> usize {
        self.words
    }

    /// A blank; several are one, and none stands at the start.
    pub fn blank(&mut self) {
        if !self.out.is_empty() && self.out.last() != Some(&b' ') {
            self.out.push(b' ');
        }
        self.in_word = false;
    }

    /// Text that stays.
    pub fn literal(&mut self, text: &[u8]) {
        self.begin_word();
        if !text.iter().all(|b| LIST_SEPARATORS.contains(b)) {
            self.open_hole = None;
        }
        self.out.extend_from_slice(text);
    }

    /// Words of letters that stay, with single blanks between them: how many they are, and where the
    /// last but one and the last begin. More than one follow a blank.
    #[inline]
    pub fn letters(&mut self, text: &[u8], words: usize, starts: [usize; 2]) {
        self.begin_word();
        if words > 1 {
            let base = self.out.len();
            self.words += words - 1;
            self.word_starts = starts.map(|start| base + start);
        }
        self.open_hole = None;
        self.out.extend_from_slice(text);
    }

    /// Whether what is written next belongs to a word that is begun.
    pub fn is_in_word(&self) -> bool {
        self.in_word
    }

    /// A variable of a kind; merged with the hole before when only list separators lie between.
    pub fn hole(&mut self, kind: &str) {
        if let Some((start, end)) = self.open_hole {
            let same = &self.out[start..end] == kind.as_bytes();
            self.out.truncate(if same { end } else { start });
            if !same {
                self.out.extend_from_slice(b"<*>");
            }
            self.in_word = true;
            self.word_starts = self.word_starts.map(|word| word.min(start));
            self.open_hole = Some((start, self.out.len()));
            return;
        }
        self.begin_word();
        let start = self.out.len();
        self.out.extend_from_slice(kind.as_bytes());
        self.open_hole = Some((start, self.out.len()));
    }

    /// The last two words begun, earlier one first; empty where there are none.
    pub fn last_words(&self) -> [&[u8]; 2] {
        let [earlier, last] = self.word_starts;
        let end = if self.in_word { last } else { self.out.len() };
        let (earlier, last) = (
            &self.out[earlier.min(last)..last],
            &self.out[last.min(end)..end],
        );
        [earlier.trim_ascii(), last.trim_ascii()]
    }

    /// The last of [`Writer::last_words`], with the blank behind it left out.
    #[inline]
    pub fn last_word(&self) -> &[u8] {
        match &self.out[self.word_starts[1].min(self.out.len())..] {
            _ if self.in_word => b"",
            [word @ .., b' '] => word,
            word => word,
        }
    }

    /// The finished pattern; `cut` marks that the message went on.
    pub fn finish(mut self, cut: bool) -> String {
        if cut {
            self.out.extend_from_slice(b" ...");
        }
        // None stands at the start.
        self.out.truncate(self.out.trim_ascii_end().len());
        String::from_utf8(self.out)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    fn begin_word(&mut self) {
        if !self.in_word {
            self.in_word = true;
            self.words += 1;
            self.word_starts = [self.word_starts[1], self.out.len()];
        }
    }
}

/// The pattern with every placeholder as `<*>`, and repeated words with a hole folded into one.
pub(super) fn untyped(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    // Where the word before stands in `out`, if it may have a hole.
    let mut previous = 0..0;
    let mut rest = pattern.trim_start_matches(' ');
    while let Some(open) = memchr(b'<', rest.as_bytes()) {
        let (before, after) = rest.as_bytes().split_at(open);
        let word_start = memrchr(b' ', before).map_or(0, |blank| blank + 1);
        let word_end = memchr(b' ', after).map_or(rest.len(), |length| open + length);
        let end = out.len();
        if word_start != 1 {
            previous = 0..0;
        }
        out.push_str(&rest[..word_start]);
        let start = out.len();
        push_untyped(&mut out, &rest[word_start..word_end]);
        let repeats = out[start..] == out[previous.clone()] && out[start..].contains("<*>");
        if repeats {
            out.truncate(end);
        } else {
            previous = start..out.len();
        }
        rest = &rest[word_end..];
    }
    out.push_str(rest);
    out
}

/// An untyped pattern without the hole it begins with, and without what separates that from the rest.
pub(super) fn without_leading_hole(untyped: &str) -> &str {
    let is_separator = |c: char| c.is_ascii() && LIST_SEPARATORS.contains(&(c as u8));
    let mut tail = untyped;
    while let Some(after) = tail.strip_prefix("<*>") {
        tail = after.trim_start_matches(is_separator);
    }
    if tail.is_empty() { untyped } else { tail }
}

/// Appends a word with `<*>` for each `<name>`; names are lower-case words of at most eight letters.
fn push_untyped(out: &mut String, word: &str) {
    const NAME_BYTES_MAX: usize = 8;
    let mut rest = word;
    while let Some(open) = rest.bytes().position(|byte| byte == b'<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name_end = rest[1..]
            .bytes()
            .take(NAME_BYTES_MAX)
            .take_while(u8::is_ascii_lowercase)
            .count()
            + 1;
        if name_end > 1 && rest.as_bytes().get(name_end) == Some(&b'>') {
            out.push_str("<*>");
            rest = &rest[name_end + 1..];
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, word by word.
    fn untyped_naively(pattern: &str) -> String {
        let mut out = String::with_capacity(pattern.len());
        // Where the word before stands in `out`.
        let mut previous = 0..0;
        for word in pattern.split(' ') {
            let end = out.len();
            if end > 0 {
                out.push(' ');
            }
            let start = out.len();
            push_untyped(&mut out, word);
            let repeats = out[start..] == out[previous.clone()] && out[start..].contains("<*>");
            if repeats {
                out.truncate(end);
            } else {
                previous = start..out.len();
            }
        }
        out
    }

    proptest! {
        #[test]
        fn holes_are_untyped_as_the_definition_says(
            pieces in prop::collection::vec(
                "(<n>|<\\*>|<ip>|<longername>|<N>|a|b<n>|<|>| |  | <n> <n>|ü)",
                0..16,
            ),
        ) {
            let pattern = pieces.concat();
            prop_assert_eq!(untyped(&pattern), untyped_naively(&pattern));
        }
    }
}
