//! Readings that one worker has learned and the others need not learn again.
//!
//! A reading is a matter of its skeleton alone, so any worker may use it; what a sink wrote to it is for
//! that sink. They are exchanged between blocks, when nothing is looked up. Which of them a worker has got
//! changes no result.

use super::details::Details;
use super::reading::{Hint, Reading};
use super::skeleton::Keys;
use super::{KEPT_AT_ONCE_MAX, Readings};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Readings that wait for a worker at most, and that it has when it takes no more and gives no more: what a
/// log goes on with beyond those that it begins with seldom comes to other workers too.
const SHARED_MAX: usize = KEPT_AT_ONCE_MAX;

/// What the workers of one run share: the keys of their readings' identities, and readings on their way.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    keys: Arc<Keys>,
    /// What each worker was given and has not taken yet, by its number.
    given: Arc<Mutex<Vec<Given>>>,
}

/// What waits for a worker.
#[derive(Debug, Default)]
struct Given {
    lots: Vec<Arc<Lot>>,
    /// How many readings these are.
    readings: usize,
}

/// What one worker gave the others at a time.
type Lot = Vec<(Reading, Details)>;

/// How far a worker is in the exchange.
#[derive(Debug)]
pub(super) struct Exchange {
    given: Arc<Mutex<Vec<Given>>>,
    worker: usize,
    /// How many of its readings the others know of.
    told: usize,
}

impl Shared {
    pub(super) fn keys(&self) -> Arc<Keys> {
        self.keys.clone()
    }

    /// The exchange of a new worker.
    pub(super) fn exchange(&self) -> Exchange {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.push(Given::default());
        Exchange {
            given: self.given.clone(),
            worker: given.len() - 1,
            told: 0,
        }
    }
}

impl Exchange {
    fn given(&self) -> MutexGuard<'_, Vec<Given>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the others have given since the last time.
    fn take(&self) -> Vec<Arc<Lot>> {
        mem::take(&mut self.given()[self.worker]).lots
    }

    /// Gives a lot to all others for whom not too much is waiting.
    fn give(&self, lot: Lot) {
        let lot = Arc::new(lot);
        let mut given = self.given();
        let others = given.iter_mut().enumerate();
        let others = others.filter(|(other, given)| {
            *other != self.worker && given.readings + lot.len() <= SHARED_MAX
        });
        for (_, of_other) in others {
            of_other.readings += lot.len();
            of_other.lots.push(lot.clone());
        }
    }
}

impl Readings {
    /// Takes what other workers have given since the last time, and gives them what was learned here. To be
    /// called between texts.
    pub fn exchange(&mut self) {
        if self.exchange.given().len() < 2 {
            return;
        }
        let learned = self.readings.len().min(SHARED_MAX);
        let told = self.exchange.told.min(learned);
        let mut is_news = vec![true; learned - told];
        for lot in self.exchange.take() {
            self.take(&lot, |number| {
                // Its other finder gave it to all.
                let place = (number as usize).checked_sub(told);
                if let Some(is_news) = place.and_then(|place| is_news.get_mut(place)) {
                    *is_news = false;
                }
            });
        }
        self.exchange.told = self.readings.len();
        self.give(told, &is_news);
    }

    /// Keeps the readings of a lot that are not known; the numbers of those that are go to `known`.
    fn take(&mut self, lot: &Lot, mut known: impl FnMut(u32)) {
        for (reading, details) in lot {
            if let Some(number) = self.number(reading.identity) {
                known(number);
            } else if self.readings.len() < SHARED_MAX {
                self.keep(reading.clone(), details);
            }
        }
    }

    /// Gives those readings from a number on that are news.
    fn give(&self, from: usize, is_news: &[bool]) {
        let count = is_news.iter().filter(|is_news| **is_news).count();
        if count == 0 {
            return;
        }
        let mut lot = Lot::with_capacity(count);
        // Not walked to: readings are many, and few of them are new.
        let readings = (from as u32..).zip(&self.readings[from..]);
        let news = readings.zip(is_news).filter(|(_, is_news)| **is_news);
        lot.extend(news.map(|((number, reading), _)| {
            let (hint, reading) = (Hint::default(), reading.clone());
            (Reading { hint, ..reading }, self.details.of(number).clone())
        }));
        self.exchange.give(lot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::readings::Anew;
    use crate::format::test_context;

    const LINE: &[u8] = b"May  1 10:00:00 web1 cron[77]: 12 jobs";

    /// Readings of a worker that has read this line and was told something of it.
    fn having_read(shared: &Shared, line: &[u8]) -> Readings {
        let mut readings = Readings::sharing(shared);
        let wanted = readings.find_anew(line, None, &test_context()).err();
        let hint = match readings.read_anew(line, wanted.flatten(), &test_context(), None) {
            Anew::Kept(kept) => readings.hint(&kept).copied(),
            Anew::Read(_) => None,
        };
        assert!(hint.is_some());
        readings.readings[0].hint.generation = 1;
        readings
    }

    fn knows(readings: &Readings, line: &[u8]) -> bool {
        readings.find_anew(line, None, &test_context()).is_ok()
    }

    #[test]
    fn a_worker_knows_what_another_has_learned_but_not_what_its_sink_said() {
        let shared = Shared::default();
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
        let shared = Shared::default();
        let mut both = [(); 2].map(|()| having_read(&shared, LINE));
        both.iter_mut().for_each(Readings::exchange);
        both.iter_mut().for_each(Readings::exchange);
        assert!(both.iter().all(|readings| readings.readings.len() == 1));
        assert!(
            both.iter()
                .all(|readings| readings.readings[0].hint.generation == 1)
        );
        // Neither waits for the other any more: what the first gave the second need not give back.
        assert!(both[0].exchange.take().is_empty());
    }
}
