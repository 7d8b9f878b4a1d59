//! What stands around a word: whether the sentence says that the trouble happened.
//!
//! A shallow reading of English by neighbours, no grammar: a few words to each side, within
//! the clause.

use super::Kind;
use super::grammar::{
    ASKERS, CLEANUPS, CONDITIONS, CONDITIONS_ADJACENT, COUNTERS, COUNTING, FILLERS, GOOD_ENDS,
    HEADS, LEVEL_KEYS, NEGATORS, NOTHINGS, RECOVERY_DENIALS, SEARCHES, THREATS,
};
use super::phrases::{List, is_whole_word};
use super::terms::Term;
use super::token::{Text, Token, is_any, is_number, is_zero};
use crate::event::Severity;

/// Bytes before a word that are searched for the beginning of a path or option.
const RUN_BYTES_MAX: usize = 256;

/// How a message begins that has a time of its own.
const STAMP: &str = "<time>";

/// What a place in a text that spells a term is, the least telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Part of another word, a name, a path or an option.
    NoWord,
    /// The word, but not said to have happened.
    Harmless,
    /// The word, said to have happened.
    Trouble,
}

impl<'a> Text<'a> {
    fn byte(&self, at: usize) -> u8 {
        self.raw.as_bytes().get(at).copied().unwrap_or(b' ')
    }

    fn before(&self, start: usize) -> u8 {
        start.checked_sub(1).map_or(b' ', |at| self.byte(at))
    }

    /// Judges the term at these bytes.
    pub(super) fn verdict(&self, start: usize, end: usize, term: &Term) -> Verdict {
        let (word, severity, kind) = *term;
        if !self.begins_word(start) || self.byte(end).is_ascii_alphanumeric() {
            return Verdict::NoWord;
        }
        if self.is_in_path_or_option(start, end) || self.ends_numbered_name(start, end) {
            return Verdict::NoWord;
        }
        let after = self.tokens().partition_point(|(at, _)| *at < end);
        let Some(value) = self.after_counters(end, after) else {
            return Verdict::NoWord;
        };
        let first = self.tokens().partition_point(|(at, _)| *at < start);
        let harmless = self.is_denied(first)
            || self.is_searched_for(first)
            || self.is_nothing(value, kind.is_noun())
            || self.is_counted_zero(after)
            || self.is_asked_for(after)
            || severity == Severity::Warning && self.is_cleaned_up(first, after)
            || kind.is_noun() && (self.modifies(after) || self.is_option(after, word))
            || match kind {
                Kind::Setting => self.is_set(after),
                Kind::Code => !self.has_value(value),
                Kind::Hedge => !self.is_said_of_threat(after),
                Kind::Idiom => true,
                _ => false,
            };
        if harmless {
            Verdict::Harmless
        } else {
            Verdict::Trouble
        }
    }

    /// Whether a word begins here, be it inside a name: `IOException`, `readError`.
    fn begins_word(&self, start: usize) -> bool {
        let (before, first) = (self.before(start), self.byte(start));
        !before.is_ascii_alphanumeric()
            || first.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || self.byte(start + 1).is_ascii_lowercase())
    }

    /// Whether the word is an element of a path or URL, or of a command's option.
    fn is_in_path_or_option(&self, start: usize, end: usize) -> bool {
        let bytes = self.raw.as_bytes();
        let is_edge = |b: &u8| b.is_ascii_whitespace() || b"\"'()[]{}<>,;=`|".contains(b);
        let least = start.saturating_sub(RUN_BYTES_MAX);
        let edge = bytes[least..start].iter().rposition(is_edge);
        let from = edge.map_or(least, |at| least + at + 1);
        let run = &bytes[from..start];
        let is_flag = matches!(run, [b'-', letter, ..] if letter.is_ascii_alphabetic());
        if run.starts_with(b"/") || run.starts_with(b"./") || run.starts_with(b"--") || is_flag {
            return true;
        }
        let slash_before = run
            .windows(2)
            .any(|w| w[0].is_ascii_alphabetic() && w[1] == b'/');
        let one_letter = run.len() <= 4 && run.starts_with(b"I/O");
        slash_before && !one_letter
            || self.byte(end) == b'/' && self.byte(end + 1).is_ascii_alphabetic()
    }

    /// The index of the token where the term's value would stand, counters such as `_count` or
    /// `code` skipped. `None` when the term is only the front part of a name (`error_log`).
    fn after_counters(&self, end: usize, after: usize) -> Option<usize> {
        let joined = |at: usize| {
            b"_-.".contains(&self.byte(at)) && self.byte(at + 1).is_ascii_alphanumeric()
        };
        let mut index = after;
        let mut at = end;
        while joined(at) {
            match self.tokens().get(index + 1) {
                Some((start, Token::Word(word))) if is_any(word, COUNTERS) => {
                    at = start + word.len();
                    index += 2;
                }
                _ => return None,
            }
        }
        let words = self.tokens()[index.min(self.tokens().len())..]
            .iter()
            .take(3);
        let counters =
            words.take_while(|(_, t)| matches!(t, Token::Word(w) if is_any(w, COUNTERS)));
        Some(index + counters.count())
    }

    /// Whether the words before the token deny it or make it a condition.
    fn is_denied(&self, first: usize) -> bool {
        let mut distance = 0;
        for index in (first.saturating_sub(12)..first).rev() {
            match self.tokens()[index].1 {
                Token::Mark(b'-' | b'_' | b'%' | b'"' | b'\'' | b'(' | b'/') => {}
                Token::Mark(_) | Token::Masked => return false,
                Token::Word(word) if is_any(word, NEGATORS) => return true,
                Token::Word(word) if is_zero(word) && self.counts(index, first) => return true,
                Token::Word(word) if is_any(word, CONDITIONS) => return true,
                Token::Word("case" | "event") if self.is_word(index + 1, "of") => return true,
                Token::Word(word) if distance == 0 && is_any(word, CONDITIONS_ADJACENT) => {
                    return true;
                }
                Token::Word(word) if is_any(word, FILLERS) => {}
                Token::Word(word) if List::Terms.has_word(word) => {}
                // "0 of 12 checks failed", "0/12 failed": the part before tells.
                Token::Word(word) if is_number(word) => match self.word_before(index) {
                    Some("of" | "/") => {}
                    _ => return false,
                },
                Token::Word(_) if distance == 1 => return false,
                Token::Word(_) => distance += 1,
            }
        }
        false
    }

    /// Whether a number counts what follows it, `0 errors` up to the term at `first`, and does not tell
    /// which one of several things a word before it names: `port 0`, `shard-0`, `replica #0`.
    fn counts(&self, index: usize, first: usize) -> bool {
        let Some((_, before)) = index.checked_sub(1).map(|at| self.tokens()[at]) else {
            return true;
        };
        let start = self.tokens()[index].0;
        let is_plural = |word: &str| {
            let other = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
            word.len() > 2 && word.ends_with('s') && !other
        };
        match before {
            Token::Mark(b'#') => false,
            Token::Mark(b'-' | b':' | b'_') => {
                let is_joined = start.checked_sub(2).map(|at| self.byte(at));
                let is_joined = is_joined.is_some_and(|byte| byte.is_ascii_alphanumeric());
                !is_joined || self.before(start).is_ascii_whitespace()
            }
            Token::Mark(_) | Token::Masked => true,
            Token::Word(word) if is_number(word) || is_any(word, FILLERS) => true,
            Token::Word(word) if is_any(word, COUNTING) => true,
            // "Tests passed 0 failed", "7 files 0 failed"; and one thing alone has no plural: "run 0 errors".
            Token::Word(word) if word.len() > 4 && word.ends_with("ed") => true,
            Token::Word(word) if is_plural(word) => true,
            Token::Word(_) => match self.tokens().get(index + 1) {
                Some((_, Token::Word(counted))) => index + 1 == first && is_plural(counted),
                Some((_, Token::Mark(b'%'))) => true,
                _ => false,
            },
        }
    }

    fn is_word(&self, index: usize, word: &str) -> bool {
        matches!(self.tokens().get(index), Some((_, Token::Word(found))) if *found == word)
    }

    /// The word before a token, or the slash.
    fn word_before(&self, index: usize) -> Option<&'a str> {
        match self.tokens().get(index.checked_sub(1)?)?.1 {
            Token::Word(word) => Some(word),
            Token::Mark(b'/') => Some("/"),
            _ => None,
        }
    }

    /// Whether it is what a cleanup removes: "removed 12 expired sessions", "expired, removed".
    fn is_cleaned_up(&self, first: usize, after: usize) -> bool {
        let is_cleanup = |(_, token): &(usize, Token<'_>)| matches!(token, Token::Word(word) if is_any(word, CLEANUPS));
        let before = self.tokens()[..first].iter().rev().take(3);
        let mut before = before.take_while(|(_, token)| !matches!(token, Token::Mark(_)));
        before.any(is_cleanup) || self.tokens()[after..].iter().take(6).any(is_cleanup)
    }

    /// Whether a count of zero ends the clause: "errors in the last hour: 0".
    fn is_counted_zero(&self, after: usize) -> bool {
        let is_word = |(_, token): &&(usize, Token<'_>)| !matches!(token, Token::Mark(_));
        let words = self.tokens()[after..]
            .iter()
            .take(7)
            .take_while(is_word)
            .count();
        let value = self
            .tokens()
            .get(after + words + 1)
            .map(|(_, token)| *token);
        let is_none = matches!(value, Some(Token::Word(word)) if is_zero(word) || word == "none");
        words > 0 && is_none && self.is_nothing(after + words, false)
    }

    /// Whether somebody asked for it: "aborted by user".
    fn is_asked_for(&self, after: usize) -> bool {
        let words = self.tokens()[after.min(self.tokens().len())..]
            .iter()
            .take(3);
        let mut words = words.map(|(_, token)| *token);
        let is_by = matches!(words.next(), Some(Token::Word("by" | "on" | "at")));
        is_by && words.any(|token| matches!(token, Token::Word(word) if is_any(word, ASKERS)))
    }

    /// Whether a noun that counts is the key of something else than a number:
    /// `errors=remount-ro`, `panic=-1`.
    fn is_option(&self, after: usize, word: &str) -> bool {
        let value = |at: usize| self.tokens().get(at).map(|(_, token)| *token);
        let is_key = matches!(value(after), Some(Token::Mark(b'=')));
        let is_counted = matches!(value(after + 1), Some(Token::Masked))
            || matches!(value(after + 1), Some(Token::Word(word)) if is_number(word));
        is_key && (word == "panic" || word.ends_with('s') && !is_counted)
    }

    /// Whether the last word says that it went well.
    pub(super) fn ends_well(&self) -> bool {
        let last = self
            .tokens()
            .iter()
            .rev()
            .find(|(_, token)| !matches!(token, Token::Mark(_)));
        // The end of a longer name is none of its own: `DID_OK`.
        matches!(last, Some((at, Token::Word(word))) if is_any(word, GOOD_ENDS) && self.before(*at) != b'_')
    }

    /// Whether the token is what somebody looks for: "scanning 3 areas for low memory corruption".
    fn is_searched_for(&self, first: usize) -> bool {
        let mut before = self.tokens()[..first].iter().rev().map(|(_, token)| *token);
        let is_for = |token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("for"));
        let is_mark = |token: &Token<'_>| matches!(token, Token::Mark(_));
        let found = before
            .by_ref()
            .take(4)
            .take_while(|token| !is_mark(token))
            .any(is_for);
        let is_search = |token| matches!(token, Token::Word(word) if is_any(word, SEARCHES));
        found && before.take(4).any(is_search)
    }

    /// Whether the value at a token says that there is none: `=0`, `: none`, `=""`, ` 0`.
    fn is_nothing(&self, index: usize, is_noun: bool) -> bool {
        let mut rest = self.tokens()[index.min(self.tokens().len())..]
            .iter()
            .map(|(_, token)| *token);
        let mut token = rest.next();
        let mut separated = false;
        let mut quotes = 0;
        while let Some(Token::Mark(mark)) = token {
            match mark {
                b'=' | b':' => separated = true,
                b'"' | b'\'' if separated && quotes == 1 => return true,
                b'"' | b'\'' => quotes += usize::from(separated),
                b']' | b'}' if separated => return true,
                b'(' | b'<' | b'[' | b'{' => {}
                b'-' if separated => return matches!(rest.next(), None | Some(Token::Mark(_))),
                _ => return false,
            }
            token = rest.next();
        }
        let Some(Token::Word(value)) = token else {
            return false;
        };
        let next = (rest.next(), rest.next());
        if is_zero(value) {
            // 0.25 and 0:01 are not nothing; 0.0 and `0.` are.
            return !matches!(next, (Some(Token::Mark(b'.' | b':')), Some(Token::Word(w))) if !is_zero(w));
        }
        let alone = match next {
            (None, _) => true,
            (Some(Token::Mark(mark)), _) => mark != b'-',
            (Some(Token::Word(_)), Some(Token::Mark(b'='))) => true,
            _ => false,
        };
        // A feature's state needs no separator: "throttling disabled".
        let separated = separated || is_any(value, &["disabled", "enabled", "off"]);
        // An error may be a success, but "failed: Success" is what C says of an unknown cause.
        let is_good = is_noun && is_any(value, &["ok", "success"]);
        separated && alone && (is_good || is_any(value, NOTHINGS))
    }

    /// Whether the term only modifies the noun that follows: "error handler".
    fn modifies(&self, after: usize) -> bool {
        matches!(self.tokens().get(after), Some((_, Token::Word(head))) if is_any(head, HEADS))
    }

    /// Whether a value follows a setting: `timeout=30`, `timeout of 5`, `retry: <n>`.
    fn is_set(&self, after: usize) -> bool {
        let value = |at: usize| match self.tokens().get(at) {
            Some((_, Token::Masked)) => true,
            Some((_, Token::Word(word))) => is_number(word),
            _ => false,
        };
        match self.tokens().get(after) {
            Some((_, Token::Mark(b'='))) => true,
            Some((_, Token::Mark(b':' | b'"' | b'('))) => value(after + 1) || value(after + 2),
            Some((_, Token::Word(word)))
                if is_any(word, &["of", "is", "to", "set", "was", "in"]) =>
            {
                value(after + 1) || word.eq_ignore_ascii_case("set")
            }
            _ => value(after),
        }
    }

    /// Whether a number follows, be it behind a separator or a quote.
    fn has_value(&self, index: usize) -> bool {
        let rest = self.tokens()[index.min(self.tokens().len())..]
            .iter()
            .take(3);
        let first = rest
            .map(|(_, token)| token)
            .find(|token| !matches!(token, Token::Mark(_)));
        match first {
            Some(Token::Masked) => true,
            Some(Token::Word(word)) => is_number(word),
            _ => false,
        }
    }

    fn is_said_of_threat(&self, after: usize) -> bool {
        let words = self.tokens()[after.min(self.tokens().len())..]
            .iter()
            .take(3);
        words
            .into_iter()
            .any(|(_, t)| matches!(t, Token::Word(word) if is_any(word, THREATS)))
    }

    /// Whether the text says that the trouble is over, and does not deny it.
    pub(super) fn tells_recovery(&self, recoveries: List) -> bool {
        self.find(recoveries).any(|found| {
            let first = self.tokens().partition_point(|(at, _)| *at < found.start);
            let denied = self.tokens()[..first].iter().rev().take(4).any(
                |(_, token)| matches!(token, Token::Word(word) if is_any(word, RECOVERY_DENIALS)),
            );
            is_whole_word(self.raw, found.start, found.end) && !denied
        })
    }

    /// The index of the token after a level's key and separator, if the text has one.
    fn level_value(&self) -> Option<usize> {
        if !self.lists.has(List::LevelKeys) {
            return None;
        }
        let keys = self.tokens().iter().enumerate();
        // The last word of a longer name is the name of a setting, and not the line's level.
        let is_whole = |key: usize| {
            let before = key.checked_sub(1).map(|before| self.tokens()[before].1);
            !matches!(before, Some(Token::Mark(b'_' | b'-')))
        };
        let mut keys = keys.filter(|(at, (_, t))| {
            matches!(t, Token::Word(w) if is_any(w, LEVEL_KEYS)) && is_whole(*at)
        });
        keys.find_map(|(key, _)| {
            let marks = self.tokens()[key + 1..].iter();
            let marks =
                marks.take_while(|(_, token)| matches!(token, Token::Mark(b'=' | b':' | b'"')));
            let length = marks.take(4).count();
            let separated = self.tokens()[key + 1..key + 1 + length]
                .iter()
                .any(|(_, token)| matches!(token, Token::Mark(b'=' | b':')));
            separated.then_some(key + 1 + length)
        })
    }

    /// Whether the text has a level's key with a masked value, or a tag with a masked part.
    pub(super) fn has_masked_level(&self) -> bool {
        let tag = self.tag().and_then(|tag| tag.split_once(':'));
        if tag.is_some_and(|(tag, _)| tag.contains("-<")) {
            return true;
        }
        let value = self
            .level_value()
            .and_then(|index| self.tokens().get(index));
        matches!(value, Some((_, Token::Masked)))
    }

    /// A level that the message itself states, as `level=...` or as its first word.
    ///
    /// Never louder than `Critical`, but for words that name an emergency or an alert.
    pub(super) fn stated_level(&self) -> Option<Severity> {
        if let Some(level) = self.glog_level().or_else(|| self.tag_level()) {
            return Some(level);
        }
        let keyed = self
            .level_value()
            .and_then(|index| self.tokens().get(index));
        let word = match keyed {
            Some((_, Token::Word(word))) => word,
            _ => self.leading_level()?,
        };
        let level = Severity::from_word(word.as_bytes()).filter(|_| word.len() > 2)?;
        let is_panic = word.eq_ignore_ascii_case("panic");
        Some(if is_panic { Severity::Critical } else { level })
    }

    /// The level of a tag as network devices begin with, `%FACILITY-4-MNEMONIC: x`: a digit of syslog's.
    fn tag_level(&self) -> Option<Severity> {
        let (tag, _) = self.tag()?.split_once(':')?;
        let mut parts = tag.rsplitn(3, '-');
        let (mnemonic, level, facility) = (parts.next()?, parts.next()?, parts.next()?);
        let is_name = |part: &str| {
            let is_of_name =
                |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-".contains(&b);
            part.starts_with(|c: char| c.is_ascii_uppercase()) && part.bytes().all(is_of_name)
        };
        let &[digit @ b'0'..=b'7'] = level.as_bytes() else {
            return None;
        };
        let level = Severity::ALL[usize::from(digit - b'0')];
        (is_name(mnemonic) && is_name(facility)).then_some(level)
    }

    /// What follows the sign of such a tag, at the start of the text or after a time.
    fn tag(&self) -> Option<&'a str> {
        let text = self.raw.strip_prefix(STAMP).unwrap_or(self.raw);
        text.trim_start_matches([':', ' ']).strip_prefix('%')
    }

    /// The level of Google's header, masked, within another: `W<*> main.go:<n>] x`. A fatal one cannot
    /// be told from an error.
    fn glog_level(&self) -> Option<Severity> {
        if !self.raw.starts_with(['I', 'W', 'E', '<']) {
            return None;
        }
        let (header, _) = self.raw.split_once(":<n>] ")?;
        let (stamp, place) = header.split_once(' ')?;
        let level = match stamp {
            "I<*>" => Severity::Info,
            "W<*>" => Severity::Warning,
            // Its letter reads as a digit of the number that is masked, as that of `F` does.
            "E<*>" | "<*>" | "<hex>" => Severity::Error,
            _ => return None,
        };
        (!place.contains(' ')).then_some(level)
    }

    /// The first word, where it stands as a label, be it after a time: `ERROR x`, `[warn] x`,
    /// `fatal: x`.
    fn leading_level(&self) -> Option<&'a str> {
        let stamp = if self.raw.starts_with(STAMP) {
            STAMP.len()
        } else {
            0
        };
        // Nearly always the first word tells that there is none, without any tokens.
        let is_before = |c: char| c.is_ascii_whitespace() || "[('".contains(c);
        let head = self.raw[stamp..].trim_start_matches(is_before);
        let end = head.find(|c: char| !c.is_ascii_alphanumeric());
        Severity::from_word(&head.as_bytes()[..end.unwrap_or(head.len())])?;
        let mut tokens = self
            .tokens()
            .iter()
            .skip_while(|(at, t)| *at < stamp || matches!(t, Token::Mark(b'[' | b'(')));
        let (_, Token::Word(word)) = tokens.next()? else {
            return None;
        };
        let labelled = matches!(
            tokens.next(),
            Some((_, Token::Mark(b':' | b']' | b')' | b'|')))
        );
        let shouted = word.bytes().all(|b| b.is_ascii_uppercase());
        (labelled || shouted).then_some(*word)
    }
}
