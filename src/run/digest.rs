//! `digest`: what memory alone says of a stretch of nights.

use super::remember::told;
use super::{Place, Status};
use crate::memory::Kind;
use crate::output::memory as output;
use crate::window::Window;
use std::io::{self, Write};

/// `digest`, as the user asked for it.
pub struct Digest {
    /// Where the snapshot is.
    pub place: Place,
    /// The stretch; by default the last seven days in memory.
    pub window: Window,
    /// What to tell; everything where nothing is named.
    pub kinds: Vec<Kind>,
    /// Entries to print at most.
    pub top: usize,
    /// How to print.
    pub format: output::Format,
}

/// Tells it. An error is one of writing.
pub fn digest(digest: &Digest, out: &mut dyn Write) -> io::Result<Status> {
    let snapshot = match digest.place.open_to_ask() {
        Ok(snapshot) => snapshot,
        Err(trouble) => return Ok(trouble),
    };
    match snapshot.digest(digest.window, &digest.kinds) {
        Ok(told) => output::digest(&told, digest.top, digest.format, out).map(|()| Status::Ran),
        Err(problem) => Ok(told(&problem)),
    }
}
