//! All integration tests, in one binary.

mod processes;
mod reference;
mod sessions;
mod tidy;
