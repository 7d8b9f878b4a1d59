//! The objects of a journal file: where they are, and what is in them.
//!
//! Layout after systemd's "Journal File Format": little-endian, objects aligned to eight bytes. Every
//! offset and length comes from the file and is checked against it, and every read is bounded.
//! Which entries there are is `mod`'s matter.

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::mem;
use std::os::unix::fs::FileExt;

/// The eight bytes that a journal file begins with.
pub(in crate::input) const SIGNATURE: &[u8; 8] = b"LPKSHHRH";

/// Bytes of a field's value that are unpacked; what follows is cut.
const VALUE_BYTES_MAX: usize = 48 * 1024;
/// Bytes of a data object that are read; larger ones hold core dumps and the like.
const OBJECT_BYTES_MAX: u64 = 64 << 20;
/// Fields kept by the place of their object.
const FIELDS_KEPT_MAX: usize = 1 << 16;
/// Bytes of a window on the file.
const WINDOW_BYTES: u64 = 64 * 1024;
/// Windows kept.
const WINDOWS_MAX: usize = 64;

const INCOMPATIBLE_COMPACT: u32 = 1 << 4;
/// Compression of payloads, keyed hashes, the compact layout: what is understood here.
const INCOMPATIBLE_KNOWN: u32 = 0b1_1111;

const OBJECT_HEADER_BYTES: u64 = 16;
const TYPE_DATA: u8 = 1;
const TYPE_ENTRY: u8 = 3;
const TYPE_ENTRY_ARRAY: u8 = 6;
const FLAG_XZ: u8 = 1;
const FLAG_LZ4: u8 = 2;
const FLAG_ZSTD: u8 = 4;

/// What the header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    /// Offset of the first array of entries; 0 when there is none.
    pub entry_array: u64,
    /// Entries that were whole when the file was opened.
    pub entries: u64,
    compact: bool,
}

/// An entry: its time, and the offsets of its fields.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Microseconds since the epoch at which the entry was stored.
    pub realtime: u64,
    /// Offsets of its data objects.
    pub data: Vec<u64>,
}

/// Turns a field's name and its value, cut at a cap, into what is kept of it; `None` for those that
/// are passed over.
pub(super) type Keep = fn(&[u8], &[u8]) -> Option<Box<[u8]>>;

/// A journal file that is read at any place.
pub(super) struct Objects {
    file: File,
    header: Header,
    windows: HashMap<u64, Vec<u8>, RandomState>,
    /// The window that was asked for last, out of `windows`, and its number.
    last: (u64, Vec<u8>),
    /// What was kept of fields, by the places of their objects: most fields are shared by entries.
    fields: HashMap<u64, Option<Box<[u8]>>, RandomState>,
    keep: Keep,
    scratch: Vec<u8>,
}

fn corrupt(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl Objects {
    /// Reads the header.
    pub fn open(file: File, keep: Keep) -> io::Result<Self> {
        const HEADER_BYTES_MIN: usize = 208;
        let mut bytes = [0; HEADER_BYTES_MIN];
        file.read_exact_at(&mut bytes, 0)?;
        let field32 = |at| le32(&bytes, at).unwrap_or_default();
        let field64 = |at| le64(&bytes, at).unwrap_or_default();
        if !bytes.starts_with(SIGNATURE) {
            return Err(corrupt("it is no journal file"));
        }
        let incompatible = field32(12);
        if incompatible & !INCOMPATIBLE_KNOWN != 0 {
            return Err(corrupt("it is of a newer journal format"));
        }
        let header = Header {
            entry_array: field64(176),
            entries: field64(152),
            compact: incompatible & INCOMPATIBLE_COMPACT != 0,
        };
        Ok(Objects {
            file,
            header,
            windows: HashMap::default(),
            last: (u64::MAX, Vec::new()),
            fields: HashMap::default(),
            keep,
            scratch: Vec::new(),
        })
    }

    pub fn header(&self) -> Header {
        self.header
    }

    /// The entries' offsets in the array at `offset`, up to the first that is not yet used, and the
    /// offset of the next array, 0 at the end.
    pub fn entry_array(&mut self, offset: u64, into: &mut Vec<u64>) -> io::Result<u64> {
        let size = self.object(offset, TYPE_ENTRY_ARRAY)?.size;
        let next = self.u64_at(offset + OBJECT_HEADER_BYTES)?;
        let width = if self.header.compact { 4 } else { 8 };
        let mut at = offset + OBJECT_HEADER_BYTES + 8;
        let end = offset.saturating_add(size);
        while at + width <= end {
            let entry = self.offset_at(at)?;
            if entry == 0 {
                return Ok(0);
            }
            into.push(entry);
            at += width;
        }
        Ok(next)
    }

    /// The entry at `offset`.
    pub fn entry(&mut self, offset: u64, into: &mut Entry) -> io::Result<()> {
        const FIELDS_MAX: u64 = 1024;
        let size = self.object(offset, TYPE_ENTRY)?.size;
        into.realtime = self.u64_at(offset + 24)?;
        into.data.clear();
        let width: u64 = if self.header.compact { 4 } else { 16 };
        let items = (size.saturating_sub(64) / width).min(FIELDS_MAX);
        let mut bytes = self.bytes_at(offset + 64, (items * width) as usize)?;
        let items = bytes.chunks_exact(width as usize);
        into.data.extend(items.map(|item| match item {
            [a, b, c, d] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
            item => le64(item, 0).unwrap_or_default(),
        }));
        bytes.clear();
        self.scratch = bytes;
        Ok(())
    }

    /// Appends what is kept of the field at `offset`.
    pub fn field(&mut self, offset: u64, into: &mut Vec<u8>) -> io::Result<()> {
        if let Some(known) = self.fields.get(&offset) {
            into.extend_from_slice(known.as_deref().unwrap_or_default());
            return Ok(());
        }
        let field = self.read_field(offset)?;
        into.extend_from_slice(field.as_deref().unwrap_or_default());
        if self.fields.len() >= FIELDS_KEPT_MAX {
            self.fields.clear();
        }
        self.fields.insert(offset, field);
        Ok(())
    }

    fn read_field(&mut self, offset: u64) -> io::Result<Option<Box<[u8]>>> {
        let object = self.object(offset, TYPE_DATA)?;
        let start = if self.header.compact { 72 } else { 64 };
        let stored = object
            .size
            .checked_sub(start)
            .ok_or_else(|| corrupt("a field is too short"))?;
        if stored > OBJECT_BYTES_MAX {
            return Ok(None);
        }
        let unpacked = object.flags & (FLAG_XZ | FLAG_LZ4 | FLAG_ZSTD);
        // An uncompressed value may be cut before it is read, a compressed one only after.
        let kept = if unpacked == 0 {
            stored.min(VALUE_BYTES_MAX as u64)
        } else {
            stored
        };
        let payload = self.bytes_at(offset + start, kept as usize)?;
        let payload = match unpacked {
            0 => payload,
            FLAG_ZSTD => cut(zstd::Decoder::new(&payload[..])?)?,
            FLAG_XZ => cut(liblzma::read::XzDecoder::new(&payload[..]))?,
            FLAG_LZ4 => unpack_lz4(&payload)?,
            _ => return Err(corrupt("a field is compressed in an unknown way")),
        };
        let Some(equals) = memchr::memchr(b'=', &payload) else {
            return Err(corrupt("a field has no name"));
        };
        let kept = (self.keep)(&payload[..equals], &payload[equals + 1..]);
        self.scratch = payload;
        Ok(kept)
    }

    fn object(&mut self, offset: u64, kind: u8) -> io::Result<Object> {
        let mut header = [0; OBJECT_HEADER_BYTES as usize];
        self.read_at(offset, &mut header)?;
        let size = le64(&header, 8).unwrap_or_default();
        if header[0] != kind || size < OBJECT_HEADER_BYTES || !offset.is_multiple_of(8) {
            return Err(corrupt("an object is not what it should be"));
        }
        Ok(Object {
            flags: header[1],
            size,
        })
    }

    fn offset_at(&mut self, at: u64) -> io::Result<u64> {
        if self.header.compact {
            let mut bytes = [0; 4];
            self.read_at(at, &mut bytes)?;
            return Ok(u32::from_le_bytes(bytes).into());
        }
        self.u64_at(at)
    }

    fn u64_at(&mut self, at: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.read_at(at, &mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Bytes of the file, in the room of `scratch`, which who is done with them gives back.
    fn bytes_at(&mut self, at: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = mem::take(&mut self.scratch);
        bytes.clear();
        bytes.resize(count, 0);
        self.read_at(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Fills `into` from the windows on the file.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let mut at = at;
        let mut rest = into;
        while !rest.is_empty() {
            let index = at / WINDOW_BYTES;
            let within = (at % WINDOW_BYTES) as usize;
            let window = self.window(index)?;
            let found = window.get(within..).unwrap_or_default();
            if found.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let count = found.len().min(rest.len());
            rest[..count].copy_from_slice(&found[..count]);
            rest = &mut rest[count..];
            at += count as u64;
        }
        Ok(())
    }

    fn window(&mut self, index: u64) -> io::Result<&[u8]> {
        if self.last.0 != index {
            let window = match self.windows.remove(&index) {
                Some(window) => window,
                None => self.read_window(index)?,
            };
            let (before, bytes) = mem::replace(&mut self.last, (index, window));
            if self.windows.len() >= WINDOWS_MAX {
                self.windows.clear();
            }
            self.windows.insert(before, bytes);
        }
        Ok(&self.last.1)
    }

    fn read_window(&self, index: u64) -> io::Result<Vec<u8>> {
        let mut window = vec![0; WINDOW_BYTES as usize];
        let start = index
            .checked_mul(WINDOW_BYTES)
            .ok_or_else(|| corrupt("an offset is too large"))?;
        let mut filled = 0;
        while filled < window.len() {
            match self
                .file
                .read_at(&mut window[filled..], start + filled as u64)?
            {
                0 => break,
                count => filled += count,
            }
        }
        window.truncate(filled);
        Ok(window)
    }
}

struct Object {
    flags: u8,
    size: u64,
}

/// The beginning of what a decoder gives.
fn cut(decoder: impl Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    decoder.take(VALUE_BYTES_MAX as u64).read_to_end(&mut out)?;
    Ok(out)
}

/// An LZ4 block behind the eight bytes of its unpacked size.
fn unpack_lz4(payload: &[u8]) -> io::Result<Vec<u8>> {
    let size = le64(payload, 0).ok_or_else(|| corrupt("a field is too short"))?;
    if size > OBJECT_BYTES_MAX {
        return Err(corrupt("a field claims to be too large"));
    }
    let block = payload.get(8..).unwrap_or_default();
    let mut out = lz4_flex::block::decompress(block, size as usize)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    out.truncate(VALUE_BYTES_MAX);
    Ok(out)
}
