//! placeholder
use crate::event::Timestamp;
use crate::format::zone::Zone;
/// Placeholder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// Inclusive.
    pub since: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
}
/// Placeholder.
pub fn parse_instant(text: &str, _now: Timestamp, _zone: &Zone) -> Result<Timestamp, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|t| Timestamp(t.timestamp_micros()))
        .map_err(|e| format!("`{text}` is no instant: {e}"))
}
