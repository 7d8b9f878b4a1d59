//! placeholder
/// Placeholder.
#[derive(Debug, Clone)]
pub struct Zone;
impl Zone {
    /// Placeholder.
    pub fn parse(_text: &str) -> Result<Zone, String> {
        Ok(Zone)
    }
}
