//! Journal files, read without journalctl: each entry becomes one line of JSON, as
//! `journalctl -o json` writes it but with the few fields that are read here.
//!
//! A file may be written to while it is read: the entries that were whole when it was opened are
//! read. An entry or field that cannot be read is passed over and told at the end; where the chain of entries
//! breaks, what precedes is given. Following a file and choosing a boot are journalctl's work.

mod object;

pub(in crate::input) use object::SIGNATURE;

use object::{Entry, Objects};
use std::fs::File;
use std::io::{self, Read, Write};

/// A journal file as a stream of lines.
pub(in crate::input) struct JournalLines {
    objects: Objects,
    /// Offsets of the entries of the current array, the next one last.
    entries: Vec<u64>,
    /// Offset of the array behind it, 0 at the end.
    next_array: u64,
    /// Arrays read, so that a chain that bites its tail ends.
    arrays: u64,
    entry: Entry,
    line: Vec<u8>,
    given: usize,
    /// Entries and fields that could not be read, and why the first could not.
    damaged: u64,
    failure: Option<io::Error>,
}

/// The fields that an event is made of.
fn is_wanted(name: &[u8]) -> bool {
    matches!(
        name,
        b"MESSAGE"
            | b"PRIORITY"
            | b"SYSLOG_FACILITY"
            | b"_HOSTNAME"
            | b"SYSLOG_IDENTIFIER"
            | b"_COMM"
            | b"_SYSTEMD_UNIT"
            | b"_PID"
            | b"SYSLOG_PID"
            | b"_SOURCE_REALTIME_TIMESTAMP"
    )
}

impl JournalLines {
    /// Opens a file that begins with [`SIGNATURE`].
    pub fn open(file: File) -> io::Result<Self> {
        let objects = Objects::open(file, member)?;
        Ok(JournalLines {
            next_array: objects.header().entry_array,
            objects,
            entries: Vec::new(),
            arrays: 0,
            entry: Entry::default(),
            line: Vec::new(),
            given: 0,
            damaged: 0,
            failure: None,
        })
    }

    /// Puts the next entry into `line`; `false` at the end.
    fn next_line(&mut self) -> bool {
        self.line.clear();
        self.given = 0;
        loop {
            while self.entries.is_empty() {
                if !self.next_array() {
                    return false;
                }
            }
            let Some(offset) = self.entries.pop() else {
                continue;
            };
            match self.write_entry(offset) {
                Ok(()) => return true,
                Err(error) => {
                    self.line.clear();
                    self.damaged += 1;
                    self.failure.get_or_insert(error);
                }
            }
        }
    }

    fn next_array(&mut self) -> bool {
        // Arrays grow with each, so a file of any size has far fewer than it has entries.
        let bound = self.objects.header().entries.saturating_add(1);
        if self.next_array == 0 || self.arrays > bound {
            return false;
        }
        self.arrays += 1;
        let array = self.next_array;
        self.next_array = match self.objects.entry_array(array, &mut self.entries) {
            Ok(next) => next,
            Err(error) => {
                self.failure.get_or_insert(error);
                0
            }
        };
        self.entries.reverse();
        !self.entries.is_empty() || self.next_array != 0
    }

    fn write_entry(&mut self, offset: u64) -> io::Result<()> {
        self.objects.entry(offset, &mut self.entry)?;
        write!(
            self.line,
            "{{\"__REALTIME_TIMESTAMP\":\"{}\"",
            self.entry.realtime
        )?;
        for &data in &self.entry.data {
            if let Err(error) = self.objects.field(data, &mut self.line) {
                // The rest of the entry is still worth reading.
                self.damaged += 1;
                self.failure.get_or_insert(error);
            }
        }
        self.line.extend_from_slice(b"}\n");
        Ok(())
    }
}

/// A field as a member of an object behind another, if it is wanted, as journalctl writes it: a
/// string, or an array of bytes where it is no text.
fn member(name: &[u8], value: &[u8]) -> Option<Box<[u8]>> {
    if !is_wanted(name) {
        return None;
    }
    let mut out = [b",\"", name, b"\":"].concat();
    let written = match std::str::from_utf8(value) {
        Ok(text) => serde_json::to_writer(&mut out, text),
        Err(_) => serde_json::to_writer(&mut out, value),
    };
    // Writing to memory does not fail.
    written.ok().map(|()| out.into())
}

impl Read for JournalLines {
    /// Gives lines; what could not be read is told as an error once, at the end.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            if self.given == self.line.len() && !self.next_line() {
                break;
            }
            let rest = &self.line[self.given..];
            let count = rest.len().min(into.len() - filled);
            into[filled..filled + count].copy_from_slice(&rest[..count]);
            filled += count;
            self.given += count;
        }
        match self.failure.take_if(|_| filled == 0) {
            Some(error) => Err(io::Error::new(
                error.kind(),
                described(self.damaged, &error),
            )),
            None => Ok(filled),
        }
    }
}

fn described(damaged: u64, error: &io::Error) -> String {
    match damaged {
        0 => format!("the chain of entries breaks: {error}"),
        1 => format!("an entry or field was passed over: {error}"),
        _ => format!("{damaged} entries or fields were passed over, the first because {error}"),
    }
}
