//! From encoded text to UTF-8, as far as a byte order mark says what it is.
//!
//! UTF-16 with a mark is decoded, a UTF-8 mark is dropped, and everything else passes as it is: no
//! encoding is guessed, and nothing is validated.

use super::lookahead::{Input, Lookahead};
use std::io::{self, BufRead, Read};

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16_LITTLE_MARK: &[u8] = b"\xFF\xFE";
const UTF16_BIG_MARK: &[u8] = b"\xFE\xFF";

/// The text of `input` as UTF-8, without the mark that it may begin with.
pub(super) fn decode(mut input: Input) -> io::Result<Input> {
    // No mark holds a newline: a short first line on a slow stream needs no further bytes.
    let head = input.peek(|head| head.len() >= UTF8_MARK.len() || head.contains(&b'\n'))?;
    let marks = [UTF8_MARK, UTF16_LITTLE_MARK, UTF16_BIG_MARK];
    let Some(mark) = marks.into_iter().find(|mark| head.starts_with(mark)) else {
        return Ok(input);
    };
    input.consume(mark.len());
    let unit = match mark {
        UTF16_LITTLE_MARK => u16::from_le_bytes,
        UTF16_BIG_MARK => u16::from_be_bytes,
        _ => return Ok(input),
    };
    Ok(Lookahead::new(Box::new(Utf16 {
        input,
        unit,
        half: None,
        high: None,
        text: String::new(),
        taken: 0,
    })))
}

/// Decodes UTF-16 while it is read. What is no character becomes U+FFFD: a surrogate without its
/// partner, or half a unit at the end.
struct Utf16<R> {
    input: R,
    unit: fn([u8; 2]) -> u16,
    /// The first byte of a unit whose second is not read yet.
    half: Option<u8>,
    /// A high surrogate whose partner is not read yet.
    high: Option<u16>,
    /// Decoded text, of which `taken` bytes are handed out.
    text: String,
    taken: usize,
}

impl<R: BufRead> Utf16<R> {
    /// Replaces the text, all of it taken, by the next piece; it stays empty only at the end.
    fn decode_more(&mut self) -> io::Result<()> {
        self.text.clear();
        self.taken = 0;
        while self.text.is_empty() {
            let bytes = self.input.fill_buf()?;
            let count = bytes.len();
            if count == 0 {
                if self.half.take().is_some() | self.high.take().is_some() {
                    self.text.push(char::REPLACEMENT_CHARACTER);
                }
                return Ok(());
            }
            for &byte in bytes {
                match self.half.take() {
                    None => self.half = Some(byte),
                    Some(first) => {
                        push_unit(&mut self.text, &mut self.high, (self.unit)([first, byte]))
                    }
                }
            }
            self.input.consume(count);
        }
        Ok(())
    }
}

/// Appends what `unit` completes to `text`; a high surrogate waits in `high` for its partner.
fn push_unit(text: &mut String, high: &mut Option<u16>, unit: u16) {
    let waiting = high.take();
    if let (None, Some(character)) = (waiting, char::from_u32(unit.into())) {
        return text.push(character);
    }
    let is_high = (0xD800..0xDC00).contains(&unit);
    if is_high {
        *high = Some(unit);
    }
    // At most one pair is decoded here; decode_utf16 knows how its halves combine.
    let units = waiting.into_iter().chain((!is_high).then_some(unit));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.text.len() {
            self.decode_more()?;
        }
        let count = (&self.text.as_bytes()[self.taken..]).read(into)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn decoded(pieces: &[&[u8]]) -> Vec<u8> {
        let empty: Box<dyn Read + Send> = Box::new(io::empty());
        let input = pieces.iter().fold(empty, |before, piece| {
            Box::new(before.chain(io::Cursor::new(piece.to_vec())))
        });
        let mut text = Vec::new();
        decode(Lookahead::new(input))
            .unwrap()
            .read_to_end(&mut text)
            .unwrap();
        text
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    }

    #[test]
    fn utf16_of_either_order_becomes_utf8_however_the_reads_cut_it() {
        let text = "Grüße aus Zürich: 温度 hoch 🔥\r\n";
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes = utf16(text, unit);
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            let odd: Vec<&[u8]> = bytes.chunks(7).collect();
            for pieces in [&[&bytes[..]], &single[..], &odd[..]] {
                assert_eq!(decoded(pieces), text.as_bytes());
            }
        }
    }

    #[test]
    fn odd_surrogates_and_half_a_unit_become_replacement_characters() {
        let units = [
            0xFEFF, 0xD83D, 0x0061, 0xDD25, 0xD83D, 0xD83D, 0xDD25, 0x000A, 0xD83D,
        ];
        let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            decoded(&[&bytes]),
            "\u{FFFD}a\u{FFFD}\u{FFFD}🔥\n\u{FFFD}".as_bytes()
        );
        assert_eq!(decoded(&[b"\xFF\xFEa\0b"]), "a\u{FFFD}".as_bytes());
    }

    #[test]
    fn a_utf8_mark_is_dropped_and_unmarked_text_passes_as_it_is() {
        assert_eq!(decoded(&[b"\xEF", b"\xBB", b"\xBFready\n"]), b"ready\n");
        for text in [&b"\xEF\xBBno mark"[..], b"\xFF", b"", b"a\0b\xFF\xFE\n"] {
            assert_eq!(decoded(&[text]), text);
        }
    }
}
