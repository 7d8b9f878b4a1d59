//! From packed bytes to text: gzip, zstd, xz and bzip2, recognised by their magic bytes alone.
//!
//! Archives may be several members, streams or frames one after another, as log rotation appends
//! them. File names decide nothing here, and containers of several files (tar, zip) are not opened.

use super::journal::SIGNATURE;
use super::lookahead::{Input, Lookahead};
use std::io::{self, Read};

/// The most bytes that a magic has: bzip2's, whose block header counts, since `BZh9` alone is text.
const MAGIC_BYTES_MAX: usize = 10;

/// What is unpacked at once. A decoder that finds its input corrupt loses what it unpacked in that
/// call, so this bounds the text that is lost before the break.
const UNPACK_BYTES: usize = 16 << 10;

/// The longest zstd window that is accepted, as a power of two: all that `zstd --ultra --long=31` makes.
const ZSTD_WINDOW_LOG_MAX: u32 = 31;

/// The most memory that an xz archive may ask for.
const XZ_MEMORY_BYTES_MAX: u64 = 2 << 30;

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz file format.
    Xz,
    /// bzip2.
    Bzip2,
    /// A file of the journal, which only a file can hold, since it is read at any place.
    Journal,
}

impl Archive {
    /// The name of the format, which is also the name of the program that tests it with `-t`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Archive::Gzip => "gzip",
            Archive::Zstd => "zstd",
            Archive::Xz => "xz",
            Archive::Bzip2 => "bzip2",
            Archive::Journal => "journal",
        }
    }

    /// The archive that begins with the bytes of `head`.
    fn of_magic(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 0x08, ..] => Some(Archive::Gzip),
            // A frame, or a skippable frame before the first.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => {
                Some(Archive::Zstd)
            }
            [0xFD, b'7', b'z', b'X', b'Z', 0x00, ..] => Some(Archive::Xz),
            head if head.starts_with(SIGNATURE) => Some(Archive::Journal),
            // After the level comes a block, or at once the end of an empty stream.
            [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                0x31,
                0x41,
                0x59,
                0x26,
                0x53,
                0x59,
                ..,
            ]
            | [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                0x17,
                0x72,
                0x45,
                0x38,
                0x50,
                0x90,
                ..,
            ] => Some(Archive::Bzip2),
            _ => None,
        }
    }

    /// The archive that comes next in `input`, nothing taken.
    fn ahead(input: &mut Input) -> io::Result<Option<Self>> {
        // No magic holds a newline: a short first line on a slow stream needs no further bytes.
        input
            .peek(|head| head.len() >= MAGIC_BYTES_MAX || head.contains(&b'\n'))
            .map(Self::of_magic)
    }
}

/// Recognises the archive that `input` is, if it is one, and returns what it holds.
///
/// Reading the result fails with `UnexpectedEof` where a truncated archive ends, after all of its
/// text, and with another error that has no OS error number where an archive is corrupt.
pub(super) fn unpack(mut input: Input) -> io::Result<(Option<Archive>, Input)> {
    let Some(archive) = Archive::ahead(&mut input)? else {
        return Ok((None, input));
    };
    let text: Box<dyn Read + Send> = match archive {
        Archive::Gzip => {
            use flate2::bufread::GzDecoder;
            Box::new(Members {
                archive,
                member: None,
                rest: Some(input),
                open: GzDecoder::new,
                close: GzDecoder::into_inner,
            })
        }
        Archive::Bzip2 => {
            use bzip2::bufread::BzDecoder;
            Box::new(Members {
                archive,
                member: None,
                rest: Some(input),
                open: BzDecoder::new,
                close: BzDecoder::into_inner,
            })
        }
        Archive::Journal => {
            let cause = "a journal is read from a file only: name the file";
            return Err(io::Error::new(io::ErrorKind::Unsupported, cause));
        }
        Archive::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(decoder)
        }
        Archive::Xz => {
            use liblzma::{
                bufread::XzDecoder,
                stream::{CONCATENATED, Stream},
            };
            let stream = Stream::new_stream_decoder(XZ_MEMORY_BYTES_MAX, CONCATENATED)?;
            Box::new(XzDecoder::new_stream(input, stream))
        }
    };
    Ok((Some(archive), Lookahead::new(Box::new(SmallReads(text)))))
}

/// Reads at most [`UNPACK_BYTES`] at once.
struct SmallReads<R>(R);

impl<R: Read> Read for SmallReads<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(UNPACK_BYTES);
        self.0.read(&mut into[..count])
    }
}

/// Members of one kind, one after another, for decoders that stop at the end of the first.
///
/// What follows the last member and does not begin like another is ignored, as gzip and bzip2 do
/// themselves: tapes and some writers pad with zeros.
struct Members<D> {
    archive: Archive,
    /// The decoder of the current member; it holds the input meanwhile.
    member: Option<D>,
    /// The input between two members.
    rest: Option<Input>,
    open: fn(Input) -> D,
    close: fn(D) -> Input,
}

impl<D: Read> Read for Members<D> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(member) = &mut self.member {
                let count = member.read(into)?;
                if count > 0 {
                    return Ok(count);
                }
                self.rest = self.member.take().map(self.close);
            }
            let next = self.rest.as_mut().map_or(Ok(None), Archive::ahead)?;
            if next != Some(self.archive) {
                return Ok(0);
            }
            self.member = self.rest.take().map(self.open);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    /// `text` packed by the library whose decoder is tested here.
    pub(in super::super) fn pack(archive: Archive, text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        match archive {
            Archive::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap();
            }
            Archive::Bzip2 => {
                let mut encoder =
                    bzip2::write::BzEncoder::new(&mut packed, bzip2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap();
            }
            Archive::Xz => {
                let mut encoder = liblzma::write::XzEncoder::new(&mut packed, 1);
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap();
            }
            Archive::Zstd => packed = zstd::encode_all(text, 1).unwrap(),
            Archive::Journal => unreachable!("only the journal's own daemon writes these"),
        }
        packed
    }

    /// All that can be read, and the error at its end.
    fn unpacked(packed: &[u8]) -> (Option<Archive>, Vec<u8>, io::Result<usize>) {
        let input: Box<dyn Read + Send> = Box::new(io::Cursor::new(packed.to_vec()));
        let (archive, mut reader) = unpack(Lookahead::new(input)).unwrap();
        let mut text = Vec::new();
        let end = reader.read_to_end(&mut text);
        (archive, text, end)
    }

    const ALL: [Archive; 4] = [Archive::Gzip, Archive::Zstd, Archive::Xz, Archive::Bzip2];

    /// Lines that differ, so that they do not pack into nothing.
    fn lines(count: u32) -> Vec<u8> {
        (0..count)
            .flat_map(|n| {
                format!("{:08x} job {n} done\n", n.wrapping_mul(0x9E37_79B9)).into_bytes()
            })
            .collect()
    }

    #[test]
    fn archives_of_several_members_are_read_to_the_last() {
        for archive in ALL {
            let members = [&b"first\n"[..], b"", b"second\n", &lines(9000)];
            let packed: Vec<u8> = members
                .iter()
                .flat_map(|text| pack(archive, text))
                .collect();
            let (found, text, end) = unpacked(&packed);
            assert_eq!((found, &text), (Some(archive), &members.concat()));
            assert!(end.is_ok(), "{archive:?}: {end:?}");
        }
    }

    #[test]
    fn padding_and_garbage_after_the_last_member_are_ignored_where_the_archiver_does() {
        for (archive, tail) in [
            (Archive::Gzip, &[0; 512][..]),
            (Archive::Gzip, b"not a member"),
            (Archive::Bzip2, &[0; 512]),
            (Archive::Xz, &[0; 512]),
        ] {
            let packed = [&pack(archive, b"text\n"), tail].concat();
            let (_, text, end) = unpacked(&packed);
            assert_eq!(text, b"text\n");
            assert!(end.is_ok(), "{archive:?}: {end:?}");
        }
    }

    #[test]
    fn skippable_zstd_frames_are_skipped_at_the_start_and_between() {
        let skippable = b"\x53\x2A\x4D\x18\x04\0\0\0meta";
        let frame = pack(Archive::Zstd, b"line\n");
        let (found, text, end) = unpacked(&[&skippable[..], &frame, skippable, &frame].concat());
        assert_eq!(
            (found, &text[..]),
            (Some(Archive::Zstd), &b"line\nline\n"[..])
        );
        assert!(end.is_ok());
    }

    #[test]
    fn zstd_windows_longer_than_the_default_limit_are_accepted() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.write_all(b"far back\n").unwrap();
        let (_, text, end) = unpacked(&encoder.finish().unwrap());
        assert_eq!(text, b"far back\n");
        assert!(end.is_ok());
    }

    #[test]
    fn a_truncated_archive_gives_its_text_and_then_an_unexpected_end() {
        let whole = lines(50_000);
        for archive in ALL {
            let packed = pack(archive, &whole);
            let (_, text, end) = unpacked(&packed[..packed.len() * 9 / 10]);
            assert!(
                whole.starts_with(&text) && text.len() > whole.len() / 3,
                "{archive:?}: {}",
                text.len()
            );
            assert_eq!(
                end.unwrap_err().kind(),
                io::ErrorKind::UnexpectedEof,
                "{archive:?}"
            );
        }
    }

    #[test]
    fn a_corrupt_archive_gives_what_precedes_the_break_and_then_an_error() {
        let whole = lines(50_000);
        for archive in ALL {
            let mut packed = pack(archive, &whole);
            let middle = packed.len() * 9 / 10;
            packed[middle..middle + 40].fill(0xAA);
            let (_, text, end) = unpacked(&packed);
            assert!(text.len() > whole.len() / 3, "{archive:?}: {}", text.len());
            assert_eq!(end.unwrap_err().raw_os_error(), None);
        }
    }

    #[test]
    fn bytes_that_only_begin_like_a_magic_are_text() {
        for text in [
            &b"BZh9 is how bzip2 files begin\n"[..],
            b"\x1F\x8B",
            b"(",
            b"",
            b"PK\n",
        ] {
            assert_eq!(unpacked(text).0, None);
            assert_eq!(unpacked(text).1, text);
        }
    }
}
