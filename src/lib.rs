//! The stages of brainstem, lowest floor first. Public so that tests and benches reach them; no
//! stability is promised.

pub mod assemble;
pub mod baseline;
pub mod cause;
pub mod clean;
pub mod cli;
pub mod corpus;
pub mod detect;
pub mod event;
pub mod finding;
pub mod format;
pub mod group;
pub mod history;
pub mod input;
pub mod lexicon;
pub mod memory;
pub mod met_once;
pub mod normalize;
pub mod octets;
pub mod output;
pub mod prefetch;
pub mod reduce;
pub mod run;
pub mod score;
pub mod short_names;
pub mod signature;
pub mod stderr;
pub mod terminal;
pub mod trace;
pub mod triage;
pub mod window;
