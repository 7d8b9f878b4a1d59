//! All integration tests, in one binary.

mod builds;
mod fingerprints;
mod journal;
mod memory;
mod processes;
mod readings;
mod reference;
mod replay;
mod sessions;
mod tidy;
