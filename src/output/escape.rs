//! Making text of a log harmless where people read it.
//!
//! A log is written by strangers: escape sequences could repaint a terminal and bidirectional
//! overrides could reorder what is read. Here each such character becomes visible; JSON, which
//! programs read, has its own escapes in `wire`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character may act on a terminal or on the order of reading instead of being shown.
///
/// The C0 and C1 controls, DEL, line and paragraph separators, and the invisible formatting
/// characters of Unicode's Bidi_Control and Default_Ignorable sets that are used to deceive.
pub fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every active character spelled out: `\x1b`, `\u{202e}`. A tab becomes a space.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing into a String cannot fail.
        let _ = match c {
            '\t' => shown.write_char(' '),
            c if !is_active(c) => shown.write_char(c),
            c if u32::from(c) <= 0xff => write!(shown, "\\x{:02x}", u32::from(c)),
            c => write!(shown, "\\u{{{:x}}}", u32::from(c)),
        };
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_overrides_become_visible() {
        assert_eq!(visible("a\x1b[31mb\u{9b}c"), "a\\x1b[31mb\\x9bc");
        assert_eq!(visible("user\u{202e}nimda"), "user\\u{202e}nimda");
        assert_eq!(visible("a\tb\r\n"), "a b\\x0d\\x0a");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        let text = "Größe 日本語 ✓ ▁▂▃";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }
}
