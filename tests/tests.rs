//! All integration tests, in one binary.

mod processes;
mod sessions;
mod tidy;
