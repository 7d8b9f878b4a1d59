//! What is read as a stamp, how far it reaches, and what is not one.
use super::*;
