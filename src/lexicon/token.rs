//! A text cut into words, masked values and the marks between them.

use super::grammar::NOTHINGS;
use super::phrases::{Found, List, Lists};
use std::cell::OnceCell;

/// A word of letters, digits and apostrophes, a masked value, or one character between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Masked,
    Mark(u8),
}

/// A text, of which the tokens are asked for where it has phrases that may count.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) raw: &'a str,
    pub(super) lists: Lists,
    tokens: OnceCell<Vec<(usize, Token<'a>)>>,
}

fn is_word_byte(byte: u8) -> bool {
    static OF_WORDS: [bool; 256] = {
        let mut of_words = [false; 256];
        let mut byte = 0;
        while byte < of_words.len() {
            let b = byte as u8;
            of_words[byte] = b.is_ascii_alphanumeric() || b == b'\'' || b >= 0x80;
            byte += 1;
        }
        of_words
    };
    OF_WORDS[usize::from(byte)]
}

pub(super) fn is_any(word: &str, list: &[&str]) -> bool {
    list.iter()
        .any(|candidate| word.eq_ignore_ascii_case(candidate))
}

pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

pub(super) fn is_zero(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty() && digits.bytes().all(|b| b == b'0') || word.eq_ignore_ascii_case("0x0")
}

/// The length of a placeholder such as `<n>` or `<*>` at the start of the text.
fn masked(text: &[u8]) -> Option<usize> {
    const MASKED_BYTES_MAX: usize = 24;
    let inner = text.strip_prefix(b"<")?;
    let end = inner
        .iter()
        .take(MASKED_BYTES_MAX)
        .position(|&b| b == b'>')?;
    let plain = |b: &u8| b.is_ascii_lowercase() || b"*:_-0123456789".contains(b);
    // `<nil>` is a value and no placeholder.
    let is_nothing = NOTHINGS.iter().any(|word| word.as_bytes() == &inner[..end]);
    (end > 0 && !is_nothing && inner[..end].iter().all(plain)).then_some(end + 2)
}

impl<'a> Text<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Text {
            raw,
            lists: Lists::glanced(raw),
            tokens: OnceCell::new(),
        }
    }

    /// The text cut into tokens with the places where they begin; blanks are left out.
    pub(super) fn tokens(&self) -> &[(usize, Token<'a>)] {
        self.tokens.get_or_init(|| cut(self.raw))
    }

    /// Whether the word at these bytes ends a name that has a number: `libgpg-error0`.
    pub(super) fn ends_numbered_name(&self, start: usize, end: usize) -> bool {
        let before = self.raw.as_bytes()[..start].strip_suffix(b"-");
        let is_joined = before.and_then(<[u8]>::last);
        is_joined.is_some_and(u8::is_ascii_alphanumeric) && self.raw[end..].starts_with("<n>")
    }

    /// The phrases of a list in it.
    pub(super) fn find(&self, list: List) -> impl Iterator<Item = Found> {
        list.find(self.raw, self.lists)
    }

    /// Where the first of the phrases of a list begins that is whole words.
    pub(super) fn is_in(&self, list: List) -> Option<usize> {
        list.is_in(self.raw, self.lists)
    }
}

fn cut(raw: &str) -> Vec<(usize, Token<'_>)> {
    let bytes = raw.as_bytes();
    // About a token to five bytes.
    let mut tokens = Vec::with_capacity(raw.len() / 4);
    let mut at = 0;
    while at < bytes.len() {
        if is_word_byte(bytes[at]) {
            let length = bytes[at..].iter().take_while(|&&b| is_word_byte(b)).count();
            // An apostrophe quotes at the ends and belongs to the word inside.
            let word = &raw[at..at + length];
            let is_quoted = word.starts_with('\'') || word.ends_with('\'');
            let word = if is_quoted {
                word.trim_matches('\'')
            } else {
                word
            };
            tokens.push((at, Token::Word(word)));
            at += length;
        } else if let Some(length) = masked(&bytes[at..]) {
            tokens.push((at, Token::Masked));
            at += length;
        } else {
            if !bytes[at].is_ascii_whitespace() {
                tokens.push((at, Token::Mark(bytes[at])));
            }
            at += 1;
        }
    }
    tokens
}
