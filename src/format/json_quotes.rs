//! Where the values of an object end whose keys and values are all strings: every fourth quote.
//!
//! A line of the journal has a hundred quotes, a dozen bytes apart, and is looked at once: each stretch
//! of 64 bytes becomes words with a bit for every quote and every backslash. The same look finds the
//! end of the line and whether it has bytes that no terminal shows. Whether the quotes belong to such an
//! object, or to anything, is not known here.

use crate::octets::{ONES, equal, zeros};

#[cfg(target_arch = "x86_64")]
pub(super) mod lanes;
#[cfg(target_arch = "x86_64")]
pub(super) mod wide_lanes;

/// Bytes of a stretch: one for each bit of a word.
const STRETCH_BYTES: usize = 64;

/// The stretches of the longest line that is looked at, for each of which a word has a bit.
const STRETCHES_MAX: usize = 64;

/// Bytes of a line that are looked at in one step.
pub(super) type Stretch = [u8; STRETCH_BYTES];

/// Values whose ends are kept; lines with more have none.
pub(super) const VALUES_MAX: usize = 128;

/// Values that end in one stretch at most: those of its quotes that are fourths.
const ENDS_MAX: usize = STRETCH_BYTES / 4;

/// Room for the ends in one stretch.
pub(super) type Ends = [u16; ENDS_MAX];

/// Ends that are written at once, since few stretches have more.
const AT_ONCE: usize = 4;

/// What stands before the first end, so that behind it the line begins.
const BEFORE_ALL: u16 = u16::MAX;

/// What a look at a line finds.
#[derive(Debug, Clone)]
pub(super) struct Quotes {
    /// [`BEFORE_ALL`], and then the ends.
    ends: [u16; 1 + VALUES_MAX + ENDS_MAX],
    /// How many quotes there are.
    count: usize,
    /// The length of the line.
    pub length: usize,
    /// A bit for each stretch that has a backslash.
    pub escapes: u64,
}

impl Default for Quotes {
    fn default() -> Self {
        Quotes {
            ends: [BEFORE_ALL; 1 + VALUES_MAX + ENDS_MAX],
            count: 0,
            length: 0,
            escapes: 0,
        }
    }
}

/// What a stretch has: of quotes and backslashes one bit for each byte, the first byte's the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub quotes: u64,
    pub backslashes: u64,
    /// Whether it has bytes that no terminal shows.
    pub has_controls: bool,
}

impl Quotes {
    /// Looks at the line that a text begins with; `None` where it is too long, has bytes that no terminal
    /// shows, or too many quotes or such as are not those of keys and values.
    ///
    /// How it looks at a stretch is given: by [`marks`], [`controls`] and [`ends`], or by what does
    /// the same faster.
    #[inline(always)]
    pub fn look(
        &mut self,
        text: &[u8],
        marks: impl Fn(&Stretch) -> Marks,
        controls: impl Fn(&Stretch) -> u64,
        ends: impl Fn(&mut Ends, u16, u64, usize),
    ) -> Option<()> {
        let mut count = 0;
        let (mut escapes, mut is_escaped) = (0, 0);
        let (stretches, rest) = text.as_chunks();
        for index in 0..STRETCHES_MAX {
            let start = index * STRETCH_BYTES;
            let last;
            let stretch = match stretches.get(index) {
                Some(stretch) => stretch,
                None => {
                    last = padded(rest);
                    &last
                }
            };
            let mut found = marks(stretch);
            if found.backslashes | is_escaped != 0 {
                found.quotes &= !escaped(found.backslashes, &mut is_escaped);
                escapes |= u64::from(found.backslashes != 0) << index;
            }
            if found.has_controls {
                let controls = controls(stretch);
                found.quotes &= controls.wrapping_sub(1) & !controls;
                self.length = start + controls.trailing_zeros() as usize;
            }
            let room = self.ends.get_mut(1 + count / 4..)?.first_chunk_mut()?;
            ends(room, start as u16, found.quotes, count % 4);
            count += found.quotes.count_ones() as usize;
            if found.has_controls {
                (self.count, self.escapes) = (count, escapes);
                let is_end = text.get(self.length).is_none_or(|byte| *byte == b'\n');
                let are_values = count.is_multiple_of(4) && count / 4 <= VALUES_MAX;
                return (is_end && are_values).then_some(());
            }
        }
        None
    }

    /// How many values there are.
    #[inline(always)]
    pub fn values(&self) -> usize {
        self.count / 4
    }

    /// Where they end, behind what stands before all of them.
    #[inline(always)]
    pub fn ends(&self) -> &[u16] {
        self.ends.get(..1 + self.values()).unwrap_or_default()
    }
}

/// What is behind the last whole stretch of a text, and its end.
#[cold]
fn padded(rest: &[u8]) -> Stretch {
    let mut padded = [b'\n'; STRETCH_BYTES];
    padded[..rest.len()].copy_from_slice(rest);
    padded
}

/// The bits of the bytes behind backslashes that escape them; `is_escaped` is 1 where the last
/// backslash before the stretch, or then of it, escapes the first byte behind.
///
/// Of backslashes in a row those at even places from the first on escape: a sum carries from where
/// such a row begins to where it ends, as in Langdale and Lemire's simdjson.
#[inline(always)]
fn escaped(backslashes: u64, is_escaped: &mut u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let may_escape = backslashes & !*is_escaped;
    let behind = may_escape << 1;
    let ends = ((behind | ODD).wrapping_sub(may_escape)) ^ ODD;
    let escaped = ends ^ (backslashes | *is_escaped);
    *is_escaped = (ends & backslashes) >> 63;
    escaped
}

/// Looks at a stretch, eight bytes at a time.
#[inline]
pub(super) fn marks(stretch: &Stretch) -> Marks {
    let controls = words(stretch).fold(0, |any, word| any | zeros(word & CONTROL));
    Marks {
        quotes: bits(words(stretch).map(|word| equal(word, b'"'))),
        backslashes: bits(words(stretch).map(|word| equal(word, b'\\'))),
        has_controls: controls != 0,
    }
}

/// One bit for each byte that no terminal shows.
#[inline]
pub(super) fn controls(stretch: &Stretch) -> u64 {
    bits(words(stretch).map(|word| zeros(word & CONTROL)))
}

fn words(stretch: &Stretch) -> impl DoubleEndedIterator<Item = u64> {
    let (words, _) = stretch.as_chunks();
    words.iter().map(|word| u64::from_le_bytes(*word))
}

/// The bits of which bytes that no terminal shows have none.
const CONTROL: u64 = ONES * 0xe0;

/// The high bits of the bytes of eight words next to each other: a product moves those of a word.
#[inline(always)]
fn bits(words: impl DoubleEndedIterator<Item = u64>) -> u64 {
    let of_word = |word: u64| (word >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    words.rev().fold(0, |bits, word| bits << 8 | of_word(word))
}

/// Writes where every fourth quote of a stretch is, the first of them behind so many others; of the
/// room behind them anything may become.
pub(super) fn ends(room: &mut Ends, start: u16, mut quotes: u64, mut others: usize) {
    let mut room = room.iter_mut();
    while quotes != 0 {
        if others % 4 == 3
            && let Some(end) = room.next()
        {
            *end = start + quotes.trailing_zeros() as u16;
        }
        quotes &= quotes - 1;
        others += 1;
    }
}

/// The best way to look that the processor has; no other can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way(Kind);

/// The ways to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Portable,
    Lanes,
    WideLanes,
}

impl Default for Way {
    #[cfg(target_arch = "x86_64")]
    fn default() -> Self {
        Way(match (wide_lanes::are_there(), lanes::are_there()) {
            (true, true) => Kind::WideLanes,
            (false, true) => Kind::Lanes,
            _ => Kind::Portable,
        })
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn default() -> Self {
        Way(Kind::Portable)
    }
}

impl Way {
    /// Which it is: what it needs the processor has.
    #[inline]
    pub fn kind(self) -> Kind {
        self.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where every fourth quote is that nothing escapes, up to the end of the line, and its length.
    fn naively(text: &[u8]) -> Option<(Vec<u16>, usize)> {
        let length = text.iter().position(|byte| *byte < b' ');
        let length = length.unwrap_or(text.len());
        let is_end = text.get(length).is_none_or(|byte| *byte == b'\n');
        let (mut is_escaped, mut quotes) = (false, Vec::new());
        for (at, byte) in text[..length].iter().enumerate() {
            if *byte == b'"' && !is_escaped {
                quotes.push(at as u16);
            }
            is_escaped = *byte == b'\\' && !is_escaped;
        }
        let fits = length < STRETCHES_MAX * STRETCH_BYTES && quotes.len() / 4 <= VALUES_MAX;
        let ends = quotes.chunks_exact(4).map(|four| four[3]).collect();
        (is_end && fits && quotes.len() % 4 == 0).then_some((ends, length))
    }

    fn stretch() -> impl Strategy<Value = Stretch> {
        let byte = prop_oneof![
            prop::sample::select(b"\"\\\n a\x1f!#[]\x7f\x80\xa2\xdc\xff\0".to_vec()),
            32u8..128,
        ];
        prop::collection::vec(byte, STRETCH_BYTES).prop_map(|bytes| *bytes.first_chunk().unwrap())
    }

    proptest! {
        #[test]
        fn every_fourth_quote_is_found(
            text in r#"([a ]{0,90}|["\\]{1,5}|"":"a",|\n|\r){0,40}"#,
        ) {
            let text = text.as_bytes();
            let mut quotes = Quotes::default();
            let found = quotes.look(text, marks, controls, ends);
            let found = found.map(|()| (quotes.ends()[1..].to_vec(), quotes.length));
            let mut expected = naively(text);
            expected = expected.filter(|(ends, _)| ends.len() <= VALUES_MAX);
            prop_assert_eq!(&found, &expected);
            for at in 0..=text.len() {
                let bits = quotes.escapes >> (at / STRETCH_BYTES).min(63) & 1;
                prop_assert!(found.is_none() || text.get(at) != Some(&b'\\') || at > quotes.length || bits == 1);
            }
        }

        #[test]
        fn what_a_stretch_has_is_found(stretch in stretch()) {
            let naively = |is: fn(u8) -> bool| {
                (0..).zip(&stretch).fold(0, |bits, (place, byte)| bits | u64::from(is(*byte)) << place)
            };
            let controls_there = naively(|byte| byte < b' ');
            prop_assert_eq!(controls(&stretch), controls_there);
            let expected = Marks {
                quotes: naively(|byte| byte == b'"'),
                backslashes: naively(|byte| byte == b'\\'),
                has_controls: controls_there != 0,
            };
            prop_assert_eq!(marks(&stretch), expected);
        }

        #[cfg(target_arch = "x86_64")]
        #[test]
        #[allow(unsafe_code)]
        fn all_ways_to_look_agree(
            stretch in stretch(),
            bits: u64,
            more: u64,
            start in 0u16..64,
            others in 0usize..9,
        ) {
            let start = start * STRETCH_BYTES as u16;
            let quotes = bits & more;
            let written = |ends: &dyn Fn(&mut Ends, u16, u64, usize)| {
                let mut room = [0; ENDS_MAX];
                ends(&mut room, start, quotes, others);
                let count = (others % 4 + quotes.count_ones() as usize) / 4;
                room[..count].to_vec()
            };
            // Sound because the processor has what they are compiled for.
            if lanes::are_there() {
                unsafe {
                    prop_assert_eq!(lanes::marks(&stretch), marks(&stretch));
                    prop_assert_eq!(lanes::controls(&stretch), controls(&stretch));
                }
                let by_lanes = written(&|room, start, quotes, others| unsafe {
                    lanes::ends(room, start, quotes, others)
                });
                prop_assert_eq!(by_lanes, written(&ends));
            }
            if Way::default().kind() == Kind::WideLanes {
                unsafe {
                    prop_assert_eq!(wide_lanes::marks(&stretch), marks(&stretch));
                    prop_assert_eq!(wide_lanes::controls(&stretch), controls(&stretch));
                }
                let by_lanes = written(&|room, start, quotes, others| unsafe {
                    wide_lanes::ends(room, start, quotes, others)
                });
                prop_assert_eq!(by_lanes, written(&ends));
            }
        }
    }
}
