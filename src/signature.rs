//! Fingerprints: which pattern of which service a line is an instance of.
//!
//! The fingerprint is a pure function of one line's service and message. Learned merging of
//! patterns into groups is `group`'s work and never changes a fingerprint.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::mem;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use siphasher::sip::SipHasher24;

use crate::met_once::MetOnce;
use crate::normalize::{self, CheapForm, SERVICE_BYTES_MAX as SERVICE_MAX};
use crate::short_names::ShortNames;
use rank::Seed;

mod rank;

pub use rank::{Bound, Class, Rank};

/// Raised whenever any line's fingerprint differs from that of a release; it is the digit in `bs1-`.
pub const FINGERPRINT_VERSION: u8 = 1;

/// Bytes of cheap forms a worker keeps; beyond it the table starts afresh, at no cost but time.
const FORMS_BYTES_MAX: usize = 1 << 20;

/// Services a worker keeps normalized; beyond it the table starts afresh, at no cost but time.
const SERVICES_MAX: usize = 1 << 10;

/// Forms met once are remembered by so many hashes.
const MET_ONCE: usize = 1 << 12;

/// The identity of a pattern within a service: 64 bits of SipHash-2-4 under fixed keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of a service (see [`normalize::service`]) and a pattern's identity.
    ///
    /// SipHash-2-4 of Aumasson and Bernstein, over the version, the service, a separator that no
    /// service holds, and the identity.
    pub fn new(service: Option<&str>, identity: &str) -> Self {
        const KEYS: (u64, u64) = (0x6272_6169_6e73_7465, 0x6d20_6677_7072_696e);
        let mut hasher = SipHasher24::new_with_keys(KEYS.0, KEYS.1);
        hasher.write(&[FINGERPRINT_VERSION]);
        hasher.write(service.unwrap_or_default().as_bytes());
        hasher.write(&[0xff]);
        hasher.write(identity.as_bytes());
        Fingerprint(hasher.finish())
    }

    /// Reads an id as it is displayed; `None` for anything else, other versions included.
    pub fn parse(id: &str) -> Option<Self> {
        let digits = id.strip_prefix("bs")?.split_once('-')?;
        let known = digits.0 == FINGERPRINT_VERSION.to_string() && digits.1.len() == 16;
        let hex = digits.1.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u64::from_str_radix(digits.1, 16).ok()?;
        (known && hex).then_some(Fingerprint(number))
    }

    /// What an id looks like, for who gave something that is none.
    pub const LOOKS: &str = "an id looks like bs1-0123456789abcdef";

    /// Whether a text, an id or not, was meant as one: a version and digits, too few or too many of them.
    pub fn is_meant(text: &str) -> bool {
        let parts = text
            .strip_prefix("bs")
            .and_then(|rest| rest.split_once('-'));
        parts.is_some_and(|(version, digits)| {
            let is_version = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
            is_version && digits.bytes().all(|b| b.is_ascii_hexdigit())
        })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bs{FINGERPRINT_VERSION}-{:016x}", self.0)
    }
}

/// A fingerprint with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The identity.
    pub fingerprint: Fingerprint,
    /// What it belongs to.
    pub class: Class,
    /// The service, its instance numbers masked; `None` when the line names none.
    pub service: Option<Arc<str>>,
    /// The pattern with typed placeholders.
    pub pattern: Arc<str>,
}

impl Signature {
    /// Its place in the order of those that stay.
    pub fn rank(&self) -> Rank {
        Rank {
            class: self.class,
            fingerprint: self.fingerprint,
        }
    }

    /// The signature of a line's service and message, worked out in full.
    pub fn of(service: Option<&[u8]>, message: &[u8]) -> Self {
        let mut form = Vec::with_capacity(message.len());
        normalize::cheap(message, &mut form);
        Draft::of(&Service::of(service), &form, Vec::new()).signature()
    }
}

/// A service as identity sees it, and what it adds to classes.
#[derive(Debug, Clone)]
struct Service {
    name: Option<Arc<str>>,
    seed: Seed,
}

impl Service {
    /// A service as its lines name it; see [`normalize::service`].
    fn of(raw: Option<&[u8]>) -> Self {
        let name: Option<Arc<str>> = raw.map(|raw| normalize::service(raw).into());
        Service {
            seed: Seed::of(name.as_deref()),
            name,
        }
    }
}

/// A signature that may yet be refused, or be one that is known.
struct Draft<'s> {
    rank: Rank,
    service: &'s Service,
    pattern: String,
}

impl<'s> Draft<'s> {
    /// The draft of a service and a cheap form, its pattern written to a room.
    fn of(service: &'s Service, form: &[u8], room: Vec<u8>) -> Self {
        let pattern = normalize::pattern_in(form, room);
        let identity = normalize::identity(&pattern);
        let rank = Rank {
            class: service.seed.class(normalize::opening(&identity).as_bytes()),
            fingerprint: Fingerprint::new(service.name.as_deref(), &identity),
        };
        Draft {
            rank,
            service,
            pattern,
        }
    }

    fn signature(&self) -> Signature {
        Signature {
            fingerprint: self.rank.fingerprint,
            class: self.rank.class,
            service: self.service.name.clone(),
            pattern: self.pattern.as_str().into(),
        }
    }
}

/// The services met by one worker, normalized.
#[derive(Debug)]
struct Services {
    met: HashMap<Box<[u8]>, Service, RandomState>,
    none: Service,
    /// What services add to classes.
    seeds: ShortNames<Seed>,
}

impl Default for Services {
    fn default() -> Self {
        Services {
            met: HashMap::default(),
            none: Service::of(None),
            seeds: ShortNames::default(),
        }
    }
}

impl Services {
    /// A service as identity sees it.
    fn normalized(&mut self, raw: Option<&[u8]>) -> &Service {
        raw.map_or(&self.none, |raw| named(&mut self.met, raw))
    }

    /// What a service adds to classes.
    #[inline]
    fn seed(&mut self, raw: Option<&[u8]>) -> Seed {
        raw.map_or(self.none.seed, |raw| {
            self.seeds.value(raw, || named(&mut self.met, raw).seed)
        })
    }
}

/// A service that lines name, found among those met.
fn named<'m>(met: &'m mut HashMap<Box<[u8]>, Service, RandomState>, raw: &[u8]) -> &'m Service {
    let raw = &raw[..raw.len().min(SERVICE_MAX)];
    if met.len() >= SERVICES_MAX && !met.contains_key(raw) {
        met.clear();
    }
    met.entry_ref(raw).or_insert_with(|| Service::of(Some(raw)))
}

/// All signatures met by one worker, found by a cheap form of the line.
///
/// The table from cheap forms to signatures is exact, since a pattern is a function of the cheap
/// form; it is bounded, and forgetting it changes no result.
#[derive(Debug)]
pub struct Signatures {
    all: Vec<Signature>,
    by_fingerprint: HashMap<Fingerprint, u32, RandomState>,
    forms: HashTable<Form>,
    text: Vec<u8>,
    scratch: CheapForm,
    services: Services,
    /// Where patterns are written before it is known whether they stay.
    room: Vec<u8>,
    random: RandomState,
    /// Parts of the hashes of forms that were met, by other parts of them: a form is kept from the second
    /// time on, so that those of which each is met once cost no more than their patterns.
    met_once: MetOnce<MET_ONCE>,
}

/// The place in `Signatures::text` of a cheap form and of the service after it, their hash, and the
/// signature that they stand for.
#[derive(Debug, Clone, Copy)]
struct Form {
    hash: u64,
    start: u32,
    form_length: u16,
    /// [`NO_SERVICE`] where there is none.
    service_length: u16,
    signature: u32,
}

/// The index of signatures that were refused.
const REFUSED: u32 = u32::MAX;

/// The length of no service; real ones are shorter than a line.
const NO_SERVICE: u16 = u16::MAX;

impl Default for Signatures {
    fn default() -> Self {
        Signatures {
            all: Vec::new(),
            by_fingerprint: HashMap::default(),
            forms: HashTable::new(),
            text: Vec::new(),
            scratch: CheapForm::default(),
            services: Services::default(),
            room: Vec::new(),
            random: RandomState::default(),
            met_once: MetOnce::default(),
        }
    }
}

impl Signatures {
    /// The index of the signature of a line; new ones are appended.
    ///
    /// Two lines with one fingerprint share an index; of their typed patterns the smallest stays.
    pub fn lookup(&mut self, service: Option<&[u8]>, message: &[u8]) -> u32 {
        self.index(service, message, &Bound::default())
    }

    /// As [`Signatures::lookup`]; `None` where the bound refuses the line's pattern. The bound must
    /// never refuse less than it did before. A signature that is refused takes no room of its own.
    pub fn lookup_up_to(
        &mut self,
        service: Option<&[u8]>,
        message: &[u8],
        bound: &Bound,
    ) -> Option<u32> {
        // Where every line is a new pattern, nearly all of them end here.
        if bound.refuses_classes()
            && let Some(class) = self.class(service, message)
            && bound.refuses_class(class)
        {
            return None;
        }
        let index = self.index(service, message, bound);
        (index != REFUSED).then_some(index)
    }

    /// The signature of a line, which is not kept.
    pub fn of(&mut self, service: Option<&[u8]>, message: &[u8]) -> Signature {
        let form = self.scratch.of(message);
        let service = self.services.normalized(service);
        let draft = Draft::of(service, form, mem::take(&mut self.room));
        let signature = draft.signature();
        self.room = draft.pattern.into_bytes();
        signature
    }

    /// The class of a line's pattern, where the message alone shows it.
    #[inline]
    pub fn class(&mut self, service: Option<&[u8]>, message: &[u8]) -> Option<Class> {
        let opening = normalize::opening_of_message(message)?;
        let seed = self.services.seed(service);
        Some(seed.class_of_message(message, opening.len()))
    }

    fn index(&mut self, service: Option<&[u8]>, message: &[u8], bound: &Bound) -> u32 {
        let form = self.scratch.of(message);
        let service_length = service.map_or(NO_SERVICE, |name| name.len().min(SERVICE_MAX) as u16);
        // What a service says beyond this takes no part in the signature either.
        let name = service.map_or(&b""[..], |name| &name[..usize::from(service_length)]);
        let mut hasher = self.random.build_hasher();
        hasher.write(form);
        hasher.write(name);
        hasher.write_u16(service_length);
        let hash = hasher.finish();
        let text = &self.text;
        let same = |known: &Form| {
            known.hash == hash
                && usize::from(known.form_length) == form.len()
                && known.service_length == service_length
                && text[known.start as usize..][..form.len()] == *form
                && text[known.start as usize + form.len()..][..name.len()] == *name
        };
        if let Some(known) = self.forms.find(hash, same) {
            return known.signature;
        }
        let service = self.services.normalized(service);
        let draft = Draft::of(service, form, mem::take(&mut self.room));
        let signature = match bound.refuses(draft.rank) {
            true => REFUSED,
            false => intern(&mut self.all, &mut self.by_fingerprint, &draft),
        };
        self.room = draft.pattern.into_bytes();
        if !self.met_once.was_met(hash) {
            return signature;
        }
        if text.len() + form.len() + name.len() > FORMS_BYTES_MAX {
            self.text.clear();
            self.forms.clear();
        }
        let known = Form {
            hash,
            start: self.text.len() as u32,
            form_length: form.len() as u16,
            service_length,
            signature,
        };
        self.text.extend_from_slice(form);
        self.text.extend_from_slice(name);
        self.forms.insert_unique(hash, known, |form| form.hash);
        signature
    }

    /// The signature at an index that `lookup` gave.
    pub fn get(&self, index: u32) -> &Signature {
        &self.all[index as usize]
    }

    /// All signatures, by their indices; they are forgotten here.
    pub fn take(&mut self) -> Vec<Signature> {
        self.by_fingerprint.clear();
        self.forms.clear();
        self.text.clear();
        mem::take(&mut self.all)
    }

    /// How many signatures there are; indices are below it.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether no line was looked up yet.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

fn intern(
    all: &mut Vec<Signature>,
    by_fingerprint: &mut HashMap<Fingerprint, u32, RandomState>,
    draft: &Draft<'_>,
) -> u32 {
    let next = all.len() as u32;
    let index = *by_fingerprint.entry(draft.rank.fingerprint).or_insert(next);
    if index == next {
        all.push(draft.signature());
    } else if *draft.pattern < *all[index as usize].pattern {
        all[index as usize].pattern = draft.pattern.as_str().into();
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_pattern_share_an_index_and_others_do_not() {
        let mut signatures = Signatures::default();
        let first = signatures.lookup(Some(b"disk"), b"sda1 slow: 17 ms");
        assert_eq!(first, signatures.lookup(Some(b"disk"), b"sda2 slow: 9 ms"));
        assert_ne!(first, signatures.lookup(Some(b"net"), b"sda2 slow: 9 ms"));
        assert_ne!(first, signatures.lookup(None, b"sda2 slow: 9 ms"));
        assert_eq!(signatures.len(), 3);
    }

    #[test]
    fn the_table_gives_what_the_full_rules_give() {
        let mut signatures = Signatures::default();
        for message in [&b"a 1 b"[..], b"a 22 b", b"x=1 y=", b"", b"\xff\xfe 3"] {
            let index = signatures.lookup(Some(b"s"), message);
            assert_eq!(
                signatures.get(index).fingerprint,
                Signature::of(Some(b"s"), message).fingerprint
            );
        }
    }

    #[test]
    fn a_service_cannot_pose_as_part_of_a_message() {
        assert_ne!(
            Fingerprint::new(Some("a"), "b"),
            Fingerprint::new(None, "ab")
        );
        assert_ne!(
            Fingerprint::new(Some("ab"), ""),
            Fingerprint::new(Some("a"), "b")
        );
    }
}
