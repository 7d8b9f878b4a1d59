//! Opening what the user named, and saying what to do where that fails.
//!
//! The only place that opens files of logs. The order of files is settled in `rotation`, and what
//! is in them is read in `unpack`, `decode` and `blocks`.

use super::decode::decode;
use super::journal::{self, JournalLines};
use super::lookahead::{Input, Lookahead};
use super::patient::Patient;
use super::unpack::{Archive, unpack};
use super::{Problem, Progress, Source};
use crate::event::Timestamp;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

/// The operand that means standard input.
pub(super) const STDIN: &str = "-";

/// A source whose text can be read.
pub(super) struct Opened {
    pub(super) source: Arc<Source>,
    /// What the text is unpacked from.
    pub(super) archive: Option<Archive>,
    /// The text: unpacked, UTF-8 as far as it was UTF-16, without its mark.
    pub(super) text: Input,
}

/// Opens `operand` and recognises what it holds. A `streaming` reader has what is written at once.
pub(super) fn open(
    operand: &OsStr,
    progress: Arc<Progress>,
    streaming: bool,
) -> Result<Opened, Problem> {
    let name = operand.to_string_lossy().into_owned();
    match open_file(operand) {
        Err(error) => Err(problem_of_opening(name, &error)),
        Ok((file, modified)) if is_journal(&file) => {
            let unreadable = |error| problem_of_reading(&name, Some(Archive::Journal), 0, &error);
            let lines = JournalLines::open(file).map_err(unreadable)?;
            Ok(Opened {
                source: Arc::new(Source { name, modified }),
                archive: Some(Archive::Journal),
                text: Lookahead::new(Box::new(lines)),
            })
        }
        Ok((file, modified)) => {
            let patient = !streaming && is_pipe(&file);
            let counted = Counted { file, progress };
            let bytes: Box<dyn Read + Send> = match patient {
                true => Box::new(Patient::new(counted)),
                false => Box::new(counted),
            };
            let (archive, text) = unpack(Lookahead::new(bytes))
                .map_err(|error| problem_of_reading(&name, None, 0, &error))?;
            let text =
                decode(text).map_err(|error| problem_of_reading(&name, archive, 0, &error))?;
            Ok(Opened {
                source: Arc::new(Source { name, modified }),
                archive,
                text,
            })
        }
    }
}

/// The operand itself, or the journal files in the directory it names, by name; a directory without
/// any stays, and opening it says what to do.
pub(super) fn journals_of(operand: &OsString) -> Vec<OsString> {
    let mut files = Vec::new();
    if operand != STDIN && Path::new(operand).is_dir() {
        find_journals(Path::new(operand), JOURNAL_DEPTH_MAX, &mut files);
        files.sort();
    }
    if files.is_empty() {
        files.push(operand.clone());
    }
    files
}

/// Directories below the one named that are looked into: the journal has one for each machine.
const JOURNAL_DEPTH_MAX: usize = 1;

fn find_journals(directory: &Path, depth: usize, into: &mut Vec<OsString>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let journal = matches!(
            path.extension().and_then(OsStr::to_str),
            Some("journal" | "journal~")
        );
        if journal && path.is_file() {
            into.push(path.into());
        } else if depth > 0 && path.is_dir() {
            find_journals(&path, depth - 1, into);
        }
    }
}

/// Whether a file is one of the journal, which is read at any place and not from beginning to end.
fn is_journal(file: &File) -> bool {
    let mut head = [0; journal::SIGNATURE.len()];
    file.read_exact_at(&mut head, 0).is_ok() && &head == journal::SIGNATURE
}

/// Whether a file is a pipe or a socket, which another process writes while it is read.
fn is_pipe(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| {
        let kind = metadata.file_type();
        kind.is_fifo() || kind.is_socket()
    })
}

/// The size of what `operand` names; `None` where that is unknown before it is read.
///
/// What cannot be opened adds nothing to read, hence its size is 0.
pub(super) fn size_bytes(operand: &OsStr) -> Option<u64> {
    let metadata = if operand == STDIN {
        stdin().and_then(|file| file.metadata())
    } else {
        fs::metadata(operand)
    };
    match metadata {
        Ok(metadata) if metadata.is_file() => Some(metadata.len()),
        Ok(metadata) if !metadata.is_dir() => None,
        Ok(_) | Err(_) => Some(0),
    }
}

/// The files that `operand` names; see [`super::files_of`].
pub(super) fn files_of(operand: &OsStr) -> Result<Vec<OsString>, Problem> {
    if operand == STDIN || !fs::metadata(operand).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(vec![operand.to_owned()]);
    }
    let refused =
        |error: io::Error| problem_of_opening(operand.to_string_lossy().into_owned(), &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(operand).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_file() {
            files.push(entry.path().into_os_string());
        }
    }
    files.sort();
    Ok(files)
}

/// Standard input as a file of its own, which is read without a second buffer.
fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The file that `operand` names, and when it was modified if it is a regular file by name.
fn open_file(operand: &OsStr) -> io::Result<(File, Option<Timestamp>)> {
    let is_stdin = operand == STDIN;
    let file = if is_stdin {
        stdin()?
    } else {
        File::open(operand)?
    };
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let modified = if is_stdin { None } else { modified(&metadata) };
    Ok((file, modified))
}

/// The modification time of a regular file, rounded towards the epoch.
fn modified(metadata: &Metadata) -> Option<Timestamp> {
    if !metadata.is_file() {
        return None;
    }
    let micros = |from: SystemTime, to: SystemTime| {
        i64::try_from(to.duration_since(from).ok()?.as_micros()).ok()
    };
    let modified = metadata.modified().ok()?;
    micros(UNIX_EPOCH, modified)
        .or_else(|| micros(modified, UNIX_EPOCH).map(|before| -before))
        .map(Timestamp)
}

/// A file that reports each read as progress.
struct Counted {
    file: File,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(into) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
                Ok(count) => {
                    self.progress
                        .read_bytes
                        .fetch_add(count as u64, Ordering::Relaxed);
                    return Ok(count);
                }
            }
        }
    }
}

/// Why the source `name` could not be opened.
fn problem_of_opening(source: String, error: &io::Error) -> Problem {
    let folder = source.trim_end_matches('/');
    let (cause, remedy) = match error.kind() {
        ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            "check the spelling; a shell passes on a pattern that matches nothing".to_owned(),
        ),
        ErrorKind::PermissionDenied => (
            "you may not read this file".to_owned(),
            "run as a user who may, or pipe it in: `sudo cat FILE | brainstem scan -`".to_owned(),
        ),
        ErrorKind::IsADirectory if source == STDIN => (
            "it is a directory".to_owned(),
            "redirect a file instead".to_owned(),
        ),
        ErrorKind::IsADirectory => (
            "it is a directory".to_owned(),
            format!("name the files in it, e.g. `{folder}/*.log`"),
        ),
        _ => (
            format!("it cannot be opened ({error})"),
            "check that `cat` can read it".to_owned(),
        ),
    };
    Problem {
        source,
        cause,
        remedy,
    }
}

/// Why the source `name`, perhaps unpacked from an `archive`, could not be read beyond
/// line number `lines`.
pub(super) fn problem_of_reading(
    name: &str,
    archive: Option<Archive>,
    lines: u64,
    error: &io::Error,
) -> Problem {
    let place = match lines {
        0 => "at its beginning".to_owned(),
        _ => format!("at line {lines}"),
    };
    // Decoders make their own errors; only what the system reports has a number.
    let from_system = error.raw_os_error().is_some();
    let (cause, check) = match archive {
        Some(Archive::Journal) if !from_system => (
            format!("this journal file is damaged ({error})"),
            "check it with `journalctl --verify --file=FILE`".to_owned(),
        ),
        Some(archive) if !from_system && error.kind() == ErrorKind::UnexpectedEof => (
            format!("this {} archive is truncated {place}", archive.name()),
            "copy or fetch the file again".to_owned(),
        ),
        Some(archive) if !from_system => (
            format!(
                "this {} archive is corrupt {place} ({error})",
                archive.name()
            ),
            format!("check it with `{} -t`, or fetch it again", archive.name()),
        ),
        _ => (
            format!("reading fails {place} ({error})"),
            "check the disk or the connection, and run again".to_owned(),
        ),
    };
    let analysed = if lines == 0 {
        "nothing of it was analysed"
    } else {
        "what precedes was analysed"
    };
    Problem {
        source: name.to_owned(),
        cause,
        remedy: format!("{analysed}; {check}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_directory_is_refused_with_the_pattern_that_names_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let operand = folder.path().join("");
        let problem = open(operand.as_os_str(), Arc::default(), false)
            .err()
            .unwrap();
        assert_eq!(problem.cause, "it is a directory");
        assert_eq!(
            problem.remedy,
            format!(
                "name the files in it, e.g. `{}/*.log`",
                folder.path().display()
            )
        );
    }

    #[test]
    fn a_missing_file_is_said_to_be_missing() {
        let problem = open(OsStr::new("no/such.log"), Arc::default(), false)
            .err()
            .unwrap();
        assert_eq!(
            (&problem.source[..], &problem.cause[..]),
            ("no/such.log", "there is no such file")
        );
    }

    #[test]
    fn pipes_and_sockets_are_told_from_files() {
        let (pipe, _writer) = io::pipe().unwrap();
        let (socket, _other) = UnixStream::pair().unwrap();
        assert!(is_pipe(&File::from(OwnedFd::from(pipe))));
        assert!(is_pipe(&File::from(OwnedFd::from(socket))));
        assert!(!is_pipe(&tempfile::tempfile().unwrap()));
    }

    #[test]
    fn modification_times_before_the_epoch_are_negative() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let before = UNIX_EPOCH - std::time::Duration::from_millis(1500);
        file.as_file().set_modified(before).unwrap();
        let (_, modified) = open_file(file.path().as_os_str()).unwrap();
        assert_eq!(modified, Some(Timestamp(-1_500_000)));
    }

    #[test]
    fn system_errors_are_not_blamed_on_the_archive() {
        let problem = problem_of_reading(
            "x.gz",
            Some(Archive::Gzip),
            7,
            &io::Error::from_raw_os_error(5),
        );
        assert!(
            problem.cause.starts_with("reading fails at line 7 ("),
            "{problem}"
        );
        let truncated = ErrorKind::UnexpectedEof.into();
        let problem = problem_of_reading("x.gz", Some(Archive::Gzip), 7, &truncated);
        assert_eq!(
            problem.to_string(),
            "x.gz: this gzip archive is truncated at line 7; \
             what precedes was analysed; copy or fetch the file again"
        );
    }
}
