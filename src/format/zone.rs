//! placeholder
#[derive(Debug, Clone)]
pub struct Zone;
