//! placeholder
use super::Context;
use crate::event::Timestamp;
/// A stamp.
pub struct Stamp {
    /// When.
    pub timestamp: Option<Timestamp>,
    /// Bytes.
    pub length: usize,
}
/// Stub.
pub fn parse(text: &[u8], _context: &Context) -> Option<Stamp> {
    let end = text
        .iter()
        .position(|b| *b == b' ' || *b == b'\t')
        .unwrap_or(text.len());
    let date = text.get(..end)?;
    let parsed = chrono::DateTime::parse_from_rfc3339(std::str::from_utf8(date).ok()?).ok()?;
    Some(Stamp {
        timestamp: Some(Timestamp(parsed.timestamp_micros())),
        length: end,
    })
}
