//! placeholder
use crate::event::Timestamp;
/// Placeholder.
pub fn format_rfc3339(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_micros(at.0).map_or_else(String::new, |t| {
        t.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    })
}
