//! The names in a header: loggers, source positions, tags, hosts.

use super::super::header;
use super::Header;
use std::borrow::Cow;

impl<'a> Header<'a, '_> {
    /// A logger, a source position, a tag, or the host in front of a tag.
    pub(super) fn name(&mut self) -> bool {
        let rest = self.at.rest();
        if let Some(name) = header::between_colons(rest).filter(|_| !self.named) {
            self.at.skip(1);
            self.named = true;
            return self.take_component(name, name + 1);
        }
        if self.piped {
            let column = header::run(rest, |b| b != b'|' && b != b' ' && b != b'\t');
            let gap = header::blanks(&rest[column..]);
            if column > 0 && rest.get(column + gap) == Some(&b'|') {
                return self.take_component(column, column + gap + 1);
            }
        }
        if self.named {
            return false;
        }
        if self.stamps > 0
            && let Some((name, pid, length)) = header::tag(rest)
        {
            self.named = true;
            self.event.service = Some(Cow::Borrowed(name));
            self.event.pid = pid.or(self.event.pid);
            self.at.skip(length);
            return true;
        }
        let word = header::word(rest);
        let next = header::skip_blanks(&rest[word.len()..]);
        if next.is_empty() || word.is_empty() {
            return false;
        }
        if self.event.host.is_none() && self.stamps > 0 && self.is_host(word, next) {
            self.event.host = Some(Cow::Borrowed(word));
            self.at.skip(word.len());
            return true;
        }
        if header::is_short_mark(word) && header::is_source_position(header::word(next)) {
            self.at.skip(word.len());
            return true;
        }
        self.named = self.logger(word, &rest[word.len()..]);
        self.named
    }

    /// A host stands before a tag, or before the stamp of a second header.
    fn is_host(&self, word: &[u8], next: &[u8]) -> bool {
        header::is_host_before_tag(word, next)
            || header::may_precede_level(word)
                && header::is_name(word)
                && self.stamp_at(next).is_some()
    }

    fn logger(&mut self, word: &'a [u8], after: &'a [u8]) -> bool {
        let next = header::skip_blanks(after);
        let bare = word.strip_suffix(b":").unwrap_or(word);
        let colon = bare.len() < word.len();
        let padded = matches!(after, [b'\t', ..] | [b' ', b' ', ..]);
        let dashed = header::begins_separator(next);
        let logger = header::is_source_position(bare)
            || colon && (self.letter_level || header::is_logger(bare))
            || dashed && (self.level.is_some() || header::is_dotted(bare)) && header::is_name(bare)
            || self.padded && padded && header::is_name(bare)
            || header::is_qualified(bare) && (next.starts_with(b"[") || header::is_class(bare))
            || self.level.is_some() && header::is_name(bare) && header::position_in_group(next);
        let mark = match header::star_mark(next) {
            mark if mark > 0 && dashed => after.len() - next.len() + mark,
            _ => 0,
        };
        logger
            && !header::names_exception(bare)
            && self.take_component(bare.len(), word.len() + mark)
    }

    fn take_component(&mut self, name: usize, length: usize) -> bool {
        let rest = self.at.rest();
        // A qualified name tells more than the thread that stood in brackets before it.
        let better = header::is_dotted(&rest[..name])
            && !self
                .event
                .component
                .as_deref()
                .is_some_and(header::is_dotted);
        if (better || self.event.component.is_none())
            && rest[..name].iter().any(u8::is_ascii_alphabetic)
        {
            self.event.component = Some(Cow::Borrowed(&rest[..name]));
        }
        self.at.skip(length);
        true
    }
}
