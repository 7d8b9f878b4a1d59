//! All integration tests, in one binary.

mod memory;
mod processes;
mod reference;
mod sessions;
mod tidy;
