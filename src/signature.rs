//! Fingerprints: which pattern of which service a line is an instance of.
//!
//! The fingerprint is a pure function of one line's service and message. Learned merging of
//! patterns into groups is `group`'s work and never changes a fingerprint.

use std::fmt;

/// The identity of a pattern within a service: 64 bits of SipHash-2-4 under fixed keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bs1-{:016x}", self.0)
    }
}

/// A fingerprint with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The identity.
    pub fingerprint: Fingerprint,
    /// The service, its digits masked; `None` when the line names none.
    pub service: Option<Box<str>>,
    /// The pattern with typed placeholders.
    pub pattern: Box<str>,
}

/// All signatures met by one worker, found by a cheap form of the line.
#[derive(Debug, Default)]
pub struct Signatures {
    all: Vec<Signature>,
}

impl Signatures {
    /// The index of the signature of a line; new ones are appended.
    pub fn lookup(&mut self, service: Option<&[u8]>, message: &[u8]) -> u32 {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned().into_boxed_str();
        let (service, pattern) = (service.map(text), text(message));
        let known = self
            .all
            .iter()
            .position(|s| s.pattern == pattern && s.service == service);
        known.unwrap_or_else(|| {
            use std::hash::{Hash, Hasher};
            let mut hasher = siphasher::sip::SipHasher24::new();
            (&service, &pattern).hash(&mut hasher);
            let fingerprint = Fingerprint(hasher.finish());
            self.all.push(Signature {
                fingerprint,
                service,
                pattern,
            });
            self.all.len() - 1
        }) as u32
    }

    /// The signature at an index that `lookup` gave.
    pub fn get(&self, index: u32) -> &Signature {
        &self.all[index as usize]
    }
}
