//! Readings that one worker has learned and the others need not learn again.
//!
//! A reading is a matter of its skeleton alone, so any worker may use it; what a sink wrote to it is for
//! that sink. They are exchanged between blocks, when nothing is looked up. Which of them a worker has got
//! changes no result.

use super::reading::{Details, Hint, Reading};
use super::skeleton::Keys;
use super::{KEPT_AT_ONCE_MAX, Readings};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// Readings that are shared at most. What a log goes on with beyond those that it begins with seldom comes
/// to other workers too.
const SHARED_MAX: usize = KEPT_AT_ONCE_MAX;

/// What the workers of one run share: readings, and the keys of their identities.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    keys: Arc<Keys>,
    /// `None` where there is one worker only.
    list: Option<Arc<Mutex<List>>>,
}

/// The readings that were learned, the latest last, each with the number of its worker.
#[derive(Debug, Default)]
struct List {
    readings: Vec<(usize, Reading, Details)>,
    workers: usize,
}

impl Shared {
    /// For so many workers.
    pub fn among(workers: usize) -> Self {
        Shared {
            keys: Arc::default(),
            list: (workers > 1).then(Arc::default),
        }
    }

    pub(super) fn keys(&self) -> Arc<Keys> {
        self.keys.clone()
    }

    /// What a new worker has learned: nothing so far.
    pub(super) fn learned(&self) -> Learned {
        let worker = self.list.as_ref().map_or(0, |list| {
            let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
            list.workers += 1;
            list.workers
        });
        Learned {
            list: self.list.clone(),
            worker,
            given: 0,
            taken: 0,
        }
    }
}

/// How far a worker is in the exchange.
#[derive(Debug, Default)]
pub(super) struct Learned {
    list: Option<Arc<Mutex<List>>>,
    worker: usize,
    /// How many of its own readings it has given or taken.
    given: usize,
    /// How many of the list it has seen.
    taken: usize,
}

impl Readings {
    /// Gives other workers what was learned since the last time, and takes what they have given. To be called
    /// between texts.
    pub fn exchange(&mut self) {
        let Some(list) = self.learned.list.clone() else {
            return;
        };
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        let own = self.readings.iter().zip(&self.details);
        for (reading, details) in own.skip(self.learned.given) {
            if list.readings.len() >= SHARED_MAX {
                break;
            }
            let (mut reading, details) = (reading.clone(), details.clone());
            reading.hint = Hint::default();
            list.readings.push((self.learned.worker, reading, details));
        }
        let from = mem::replace(&mut self.learned.taken, list.readings.len());
        for (worker, reading, details) in &list.readings[from..] {
            if *worker != self.learned.worker && self.number(reading.identity).is_none() {
                self.keep(reading.clone(), details.clone());
            }
        }
        self.learned.given = self.readings.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_context;

    const LINE: &[u8] = b"May  1 10:00:00 web1 cron[77]: 12 jobs";

    /// Readings of a worker that has read this line and was told something of it.
    fn having_read(shared: &Shared, line: &[u8]) -> Readings {
        let mut readings = Readings::sharing(shared);
        let wanted = readings.find_anew(line, None, &test_context()).err();
        let (_, kept) = readings.read_anew(line, wanted.flatten(), &test_context(), None);
        let hint = kept.and_then(|kept| readings.hint(&kept).copied());
        assert!(hint.is_some());
        readings.readings[0].hint.generation = 1;
        readings
    }

    fn knows(readings: &Readings, line: &[u8]) -> bool {
        readings.find_anew(line, None, &test_context()).is_ok()
    }

    #[test]
    fn a_worker_knows_what_another_has_learned_but_not_what_its_sink_said() {
        let shared = Shared::among(2);
        let mut one = having_read(&shared, LINE);
        let mut other = Readings::sharing(&shared);
        one.exchange();
        assert!(!knows(&other, LINE));
        other.exchange();
        assert!(knows(&other, LINE));
        assert_eq!(other.readings[0].hint.generation, 0);
        // Nothing comes back, or twice.
        other.exchange();
        one.exchange();
        other.exchange();
        assert_eq!([one.readings.len(), other.readings.len()], [1, 1]);
    }

    #[test]
    fn what_both_have_learned_stays_their_own() {
        let shared = Shared::among(2);
        let mut both = [(); 2].map(|()| having_read(&shared, LINE));
        both.iter_mut().for_each(Readings::exchange);
        both.iter_mut().for_each(Readings::exchange);
        assert!(both.iter().all(|readings| readings.readings.len() == 1));
        assert!(
            both.iter()
                .all(|readings| readings.readings[0].hint.generation == 1)
        );
    }

    #[test]
    fn one_worker_alone_shares_nothing() {
        let shared = Shared::among(1);
        let mut alone = having_read(&shared, LINE);
        alone.exchange();
        assert_eq!(alone.learned.taken, 0);
    }
}
