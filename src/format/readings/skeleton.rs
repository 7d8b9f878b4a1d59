//! The skeleton of a line, and the number that stands for it.
//!
//! A skeleton is as long as its line and is needed whole only when a line is read for the first times.
//! A line that is known is told by its [`Identity`] alone, which is worked out from the line without
//! the skeleton's being written anywhere: comparing the bytes with those kept would bring two
//! lines of memory into the cache for each line of the log.

use super::LINE_BYTES_MAX;
use memchr::memchr;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// Bytes of a line that are masked in one step.
const STEP: usize = 32;
type Step = [u8; STEP];

/// The steps of the longest line, and its rest.
const STEPS: usize = LINE_BYTES_MAX / STEP + 1;

/// The longest line and name of which the steps have keys of their own.
pub(super) const BOTH_BYTES_MAX: usize = (STEPS - 2) * STEP;

/// Words of eight bytes in a step.
const WORDS: usize = STEP / size_of::<u64>();
type Words = [u64; WORDS];

/// What the words of a step are added to, once for each of the two sums.
type Key = [Words; 2];

/// A skeleton as a number.
///
/// Two sums of the products of the halves of its words, each half added to a key of its own (NH, of Black,
/// Halevi, Krawczyk, Krovetz and Rogaway's UMAC). For keys drawn at random two skeletons have one
/// identity by a chance of 2^-64 at most, whatever they are, which is less than that of two patterns
/// having one fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity([u64; 2]);

impl Identity {
    /// Bits that are spread evenly.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        let product = (self.0[0] ^ self.0[1]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ product >> 32
    }

    /// The same of a text that has this length, too.
    #[inline(always)]
    fn with_length(self, length: usize, factors: [u64; 2]) -> Self {
        let Identity([one, other]) = self;
        let more = factors.map(|factor| factor.wrapping_mul(length as u64));
        Identity([one.wrapping_add(more[0]), other.wrapping_add(more[1])])
    }
}

/// The keys of one run, which no input can know.
#[derive(Debug)]
pub(super) struct Keys {
    steps: Box<[Key; STEPS]>,
    /// What a length is multiplied by, which parts lines of which one goes on with zeros.
    length: [u64; 2],
    /// The same for the length of a name beside the line.
    name_length: [u64; 2],
}

impl Default for Keys {
    fn default() -> Self {
        let random = RandomState::new();
        let mut words = (0u64..).map(|index| random.hash_one(index));
        let mut word = || words.next().unwrap_or_default();
        Keys {
            steps: Box::new([(); STEPS].map(|()| [(); 2].map(|()| [(); WORDS].map(|()| word())))),
            length: [word(), word()],
            name_length: [word(), word()],
        }
    }
}

/// How the sums of steps are worked out; each way gives the same.
trait Way: Copy {
    type Sums: Copy;

    fn none(self) -> Self::Sums;

    /// Adds the products of a step with a key.
    fn add(self, sums: Self::Sums, words: Words, key: &Key) -> Self::Sums;

    /// Both sums.
    fn total(self, sums: Self::Sums) -> [u64; 2];

    /// Which bytes of a step are newlines, the first of them as the lowest bit.
    fn newlines(self, step: &Step) -> u32;
}

/// A way of which each part is a function, so that these may be compiled for a processor that has more
/// than others.
#[derive(Clone, Copy)]
struct Parts<S, Add, Total, Newlines> {
    none: S,
    add: Add,
    total: Total,
    newlines: Newlines,
}

impl<S, Add, Total, Newlines> Way for Parts<S, Add, Total, Newlines>
where
    S: Copy,
    Add: Fn(S, Words, &Key) -> S + Copy,
    Total: Fn(S) -> [u64; 2] + Copy,
    Newlines: Fn(&Step) -> u32 + Copy,
{
    type Sums = S;

    #[inline(always)]
    fn none(self) -> S {
        self.none
    }

    #[inline(always)]
    fn add(self, sums: S, words: Words, key: &Key) -> S {
        (self.add)(sums, words, key)
    }

    #[inline(always)]
    fn total(self, sums: S) -> [u64; 2] {
        (self.total)(sums)
    }

    #[inline(always)]
    fn newlines(self, step: &Step) -> u32 {
        (self.newlines)(step)
    }
}

impl Keys {
    /// The identity of a line's skeleton; the line is [`LINE_BYTES_MAX`] long at most.
    #[inline]
    pub fn identity(&self, line: &[u8]) -> Identity {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // Sound because the feature that the function is compiled for was found just now; it is an
            // ordinary safe function in all other respects.
            #[allow(unsafe_code)]
            return unsafe { self.identity_by_lanes(line) };
        }
        self.identity_with(line, by_words(masked))
    }

    /// The identity of a line's skeleton together with a name whose digits count, which may be empty; both
    /// are [`BOTH_BYTES_MAX`] long at most.
    #[inline]
    pub fn identity_of_both(&self, line: &[u8], name: &[u8]) -> Identity {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // Sound as above.
            #[allow(unsafe_code)]
            return unsafe { self.identity_of_both_by_lanes(line, name) };
        }
        self.identity_of_both_with(line, name, by_words(masked), by_words(|byte| byte))
    }

    /// Gives the lines of a text from one on, without their newlines, until no more are taken; each with the
    /// identity of its skeleton if it is [`LINE_BYTES_MAX`] long at most.
    #[inline]
    pub fn lines(
        &self,
        text: &[u8],
        start: usize,
        take: impl FnMut(Range<usize>, Option<Identity>) -> bool,
    ) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // Sound as above. A text is looked at once for its newlines and for what stands between them,
            // which takes a twelfth less time in all for logs of many kinds.
            #[allow(unsafe_code)]
            return unsafe { self.lines_by_lanes(text, start, take) };
        }
        self.lines_with(text, start, take, by_words(masked));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn identity_of_both_by_lanes(&self, line: &[u8], name: &[u8]) -> Identity {
        let way = by_lanes(|bytes| masked_lanes(bytes));
        self.identity_of_both_with(line, name, way, by_lanes(|bytes| bytes))
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn identity_by_lanes(&self, line: &[u8]) -> Identity {
        self.identity_with(line, by_lanes(|bytes| masked_lanes(bytes)))
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn lines_by_lanes(
        &self,
        text: &[u8],
        start: usize,
        take: impl FnMut(Range<usize>, Option<Identity>) -> bool,
    ) {
        self.lines_with(text, start, take, by_lanes(|bytes| masked_lanes(bytes)));
    }

    #[inline(always)]
    fn identity_with(&self, line: &[u8], way: impl Way) -> Identity {
        self.identity_from(line, way.none(), way)
    }

    #[inline(always)]
    fn identity_from<W: Way>(&self, line: &[u8], mut sums: W::Sums, way: W) -> Identity {
        let (steps, _) = line.as_chunks();
        for (step, key) in steps.iter().zip(&*self.steps) {
            sums = way.add(sums, words(step), key);
        }
        self.ended(line, sums, way)
    }

    #[inline(always)]
    fn identity_of_both_with<W: Way>(
        &self,
        line: &[u8],
        name: &[u8],
        way: W,
        way_of_name: impl Way<Sums = W::Sums>,
    ) -> Identity {
        // The keys from the other end on, which the line does not reach.
        let key = |step: usize| &self.steps[STEPS - 1 - step % STEPS];
        let mut sums = way.none();
        let (steps, _) = name.as_chunks();
        for (index, step) in steps.iter().enumerate() {
            sums = way_of_name.add(sums, words(step), key(index));
        }
        sums = way_of_name.add(sums, last(name), key(steps.len()));
        let of_both = self.identity_from(line, sums, way);
        of_both.with_length(name.len(), self.name_length)
    }

    /// The identity of a line, of the sums of its whole steps.
    #[inline(always)]
    fn ended<W: Way>(&self, line: &[u8], sums: W::Sums, way: W) -> Identity {
        let key = &self.steps[line.len() / STEP % STEPS];
        // The last step overlaps the one before it, as the length tells.
        let sums = match line.last_chunk() {
            Some(last) => way.add(sums, words(last), key),
            None => way.add(sums, short(line), key),
        };
        Identity(way.total(sums)).with_length(line.len(), self.length)
    }

    #[inline(always)]
    fn lines_with(
        &self,
        text: &[u8],
        mut start: usize,
        mut take: impl FnMut(Range<usize>, Option<Identity>) -> bool,
        way: impl Way,
    ) {
        while let Some(rest) = text.get(start..) {
            let (length, identity) = self.line_with(rest, way);
            let end = start + length;
            if !take(start..end, identity) {
                return;
            }
            start = end + 1;
        }
    }

    /// The length of the line that a text begins with, and its identity.
    #[inline(always)]
    fn line_with(&self, text: &[u8], way: impl Way) -> (usize, Option<Identity>) {
        let (steps, _) = text.as_chunks();
        let mut sums = way.none();
        let mut whole = 0;
        for (step, key) in steps.iter().zip(&*self.steps) {
            let newlines = way.newlines(step);
            if newlines != 0 {
                let length = whole + newlines.trailing_zeros() as usize;
                let is_long = length > LINE_BYTES_MAX;
                let identity = (!is_long).then(|| self.ended(&text[..length], sums, way));
                return (length, identity);
            }
            sums = way.add(sums, words(step), key);
            whole += STEP;
        }
        // A long line, or one of the last of the text.
        let length = memchr(b'\n', &text[whole..]).map_or(text.len(), |rest| whole + rest);
        let is_long = length > LINE_BYTES_MAX;
        (length, (!is_long).then(|| self.identity(&text[..length])))
    }
}

/// The words of the last step of a line, which overlaps the one before it, as the length tells.
#[inline(always)]
fn last(line: &[u8]) -> Words {
    match line.last_chunk() {
        Some(last) => words(last),
        None => short(line),
    }
}

/// The words of a line that is shorter than a step: of both of its ends, which may overlap. They are not put
/// together in memory, since a processor waits where small writes are read again as one.
#[inline]
fn short(line: &[u8]) -> Words {
    if let Some([[a, b], [c, d]]) = ends(line).map(|ends| ends.map(|end: [u8; 16]| halves(&end))) {
        return [a, b, c, d];
    }
    if let Some([a, b]) = ends(line).map(|ends| ends.map(u64::from_le_bytes)) {
        return [a, b, 0, 0];
    }
    if let Some([a, b]) = ends(line).map(|ends| ends.map(u32::from_le_bytes).map(u64::from)) {
        return [a, b, 0, 0];
    }
    let bytes = line.iter().rev();
    let word = bytes.fold(0, |word, byte| word << 8 | u64::from(*byte));
    [word, 0, 0, 0]
}

/// The first and the last bytes, which may overlap.
#[inline(always)]
fn ends<const N: usize>(line: &[u8]) -> Option<[[u8; N]; 2]> {
    Some([*line.first_chunk()?, *line.last_chunk()?])
}

#[inline(always)]
fn halves(bytes: &[u8; 16]) -> [u64; 2] {
    let (words, _) = bytes.as_chunks();
    [words[0], words[1]].map(u64::from_le_bytes)
}

/// The sums worked out word by word, of bytes that are exchanged by others.
#[inline(always)]
fn by_words(exchanged: impl Fn(u8) -> u8 + Copy) -> impl Way<Sums = [Words; 2]> {
    Parts {
        none: [[0; WORDS]; 2],
        add: move |mut sums: [Words; 2], words: Words, key: &Key| {
            let exchanged = |word: u64| u64::from_le_bytes(word.to_le_bytes().map(exchanged));
            let words = words.map(exchanged);
            for (sums, keys) in sums.iter_mut().zip(key) {
                for ((sum, word), key) in sums.iter_mut().zip(words).zip(keys) {
                    let half = |shift| ((word >> shift) as u32).wrapping_add((key >> shift) as u32);
                    *sum = sum.wrapping_add(u64::from(half(0)) * u64::from(half(32)));
                }
            }
            sums
        },
        total: |sums: [Words; 2]| sums.map(|sums| sums.into_iter().fold(0, u64::wrapping_add)),
        newlines: |step: &Step| {
            let bits = (0..).zip(step);
            bits.fold(0, |bits, (place, byte)| {
                bits | u32::from(*byte == b'\n') << place
            })
        },
    }
}

/// The bytes of a step, each digit as `0`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn masked_lanes(bytes: __m256i) -> __m256i {
    let above_zero = _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed()));
    let least = _mm256_min_epu8(above_zero, _mm256_set1_epi8(9));
    let is_digit = _mm256_cmpeq_epi8(least, above_zero);
    let values = _mm256_and_si256(is_digit, _mm256_set1_epi8(15));
    _mm256_andnot_si256(values, bytes)
}

/// The sums worked out of all words of a step at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn by_lanes(exchanged: impl Fn(__m256i) -> __m256i + Copy) -> impl Way<Sums = [__m256i; 2]> {
    let lanes = |words: Words| {
        let [a, b, c, d] = words.map(u64::cast_signed);
        _mm256_set_epi64x(d, c, b, a)
    };
    Parts {
        none: [_mm256_setzero_si256(); 2],
        add: move |sums: [__m256i; 2], words: Words, key: &Key| {
            let exchanged = exchanged(lanes(words));
            let added = |sum, key: Words| {
                let low = _mm256_add_epi32(exchanged, lanes(key));
                let high = _mm256_srli_epi64::<32>(low);
                _mm256_add_epi64(sum, _mm256_mul_epu32(low, high))
            };
            [added(sums[0], key[0]), added(sums[1], key[1])]
        },
        total: |[one, other]: [__m256i; 2]| {
            let of_both = _mm256_add_epi64(
                _mm256_unpacklo_epi64(one, other),
                _mm256_unpackhi_epi64(one, other),
            );
            let high = _mm256_extracti128_si256::<1>(of_both);
            let both = _mm_add_epi64(_mm256_castsi256_si128(of_both), high);
            let other = _mm_unpackhi_epi64(both, both);
            [both, other].map(|lane| _mm_cvtsi128_si64(lane).cast_unsigned())
        },
        newlines: move |step: &Step| {
            let is_newline =
                _mm256_cmpeq_epi8(lanes(words(step)), _mm256_set1_epi8(b'\n'.cast_signed()));
            _mm256_movemask_epi8(is_newline).cast_unsigned()
        },
    }
}

#[inline(always)]
fn words(bytes: &Step) -> Words {
    let (words, _) = bytes.as_chunks();
    [words[0], words[1], words[2], words[3]].map(u64::from_le_bytes)
}

fn masked(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte }
}

/// The line with each digit as `0`.
#[cfg(test)]
pub(super) fn skeleton(line: &[u8]) -> Vec<u8> {
    line.iter().copied().map(masked).collect()
}

#[cfg(test)]
mod tests;
