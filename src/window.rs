//! placeholder
use crate::event::Timestamp;
/// w
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// s
    pub since: Option<Timestamp>,
    /// u
    pub until: Option<Timestamp>,
}
impl Window {
    /// c
    pub fn contains(&self, _t: Option<Timestamp>) -> bool {
        true
    }
}
