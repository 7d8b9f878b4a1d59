//! Readings that one worker has learned and the others need not learn again.
//!
//! A reading is a matter of its skeleton alone, so any worker may use it; what a sink wrote to it is for
//! that sink. But readings to which one sink wrote the same are alike for others too, so that what a sink
//! writes for one of those that it is given holds for all of them. They are exchanged between blocks, when
//! nothing is looked up. Which of them a worker has got changes no result.

use super::details::Details;
use super::reading::{Hint, Reading};
use super::skeleton::Keys;
use super::{KEPT_AT_ONCE_MAX, Readings};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
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
#[derive(Debug)]
struct Lot {
    /// Its number.
    giver: usize,
    /// With the hints of its own sink.
    readings: Vec<(Reading, Details)>,
}

/// How far a worker is in the exchange.
#[derive(Debug)]
pub(super) struct Exchange {
    given: Arc<Mutex<Vec<Given>>>,
    worker: usize,
    /// How many of its readings the others know of.
    told: usize,
    /// By what a worker's sink wrote to readings that it gave: one of these, as it is numbered here. There
    /// are [`SHARED_MAX`] of them at most.
    alike: HashMap<(usize, Hint), u32, RandomState>,
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
            alike: HashMap::default(),
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

    /// Gives readings to all others for whom not too much is waiting.
    fn give(&self, readings: Vec<(Reading, Details)>) {
        let lot = Arc::new(Lot {
            giver: self.worker,
            readings,
        });
        let count = lot.readings.len();
        let mut given = self.given();
        let others = given.iter_mut().enumerate();
        let others = others
            .filter(|(other, given)| *other != self.worker && given.readings + count <= SHARED_MAX);
        for (_, of_other) in others {
            of_other.readings += count;
            of_other.lots.push(lot.clone());
        }
    }

    /// A reading, by its number here, to which a giver's sink wrote the same as to this one; none where it
    /// wrote nothing.
    fn alike(&mut self, giver: usize, hint: Hint, reading: u32) -> Option<u32> {
        if hint.generation == 0 || self.alike.len() >= SHARED_MAX {
            return None;
        }
        Some(*self.alike.entry((giver, hint)).or_insert(reading))
    }

    /// To be called when the numbers of readings are those of others.
    pub fn forget(&mut self) {
        self.alike.clear();
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
        for (reading, details) in &lot.readings {
            let found = self.number(reading.identity);
            if found.is_none() && self.readings.len() >= SHARED_MAX {
                continue;
            }
            let number = found.unwrap_or(self.readings.len() as u32);
            let alike = self.exchange.alike(lot.giver, reading.hint, number);
            match found {
                Some(number) => known(number),
                None => {
                    let hint = alike.map(Hint::of_other).unwrap_or_default();
                    let reading = reading.clone();
                    self.keep(Reading { hint, ..reading }, details);
                }
            }
        }
    }

    /// Gives those readings from a number on that are news.
    fn give(&self, from: usize, is_news: &[bool]) {
        let count = is_news.iter().filter(|is_news| **is_news).count();
        if count == 0 {
            return;
        }
        // Not walked to: readings are many, and few of them are new.
        let readings = (from as u32..).zip(&self.readings[from..]);
        let news = readings.zip(is_news).filter(|(_, is_news)| **is_news);
        let mut given = Vec::with_capacity(count);
        given.extend(
            news.map(|((number, reading), _)| (reading.clone(), self.details.of(number).clone())),
        );
        self.exchange.give(given);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::readings::{Alike, Anew};
    use crate::format::test_context;

    const LINE: &[u8] = b"May  1 10:00:00 web1 cron[77]: 12 jobs";

    /// Readings of a worker that has read this line and was told something of it.
    fn having_read(shared: &Shared, line: &[u8]) -> Readings {
        let mut readings = Readings::sharing(shared);
        let wanted = readings.find_anew(line, None, &test_context()).err();
        let kept = kept(readings.read_anew(line, wanted.flatten(), &test_context(), None));
        let hint = kept.and_then(|kept| readings.hint(&kept).copied());
        assert!(hint.is_some());
        readings.readings[0].hint.generation = 1;
        readings
    }

    fn kept(anew: Anew<'_>) -> Option<Alike> {
        match anew {
            Anew::Kept(alike) => Some(alike),
            Anew::Read(_) => None,
        }
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
    fn what_is_written_for_one_reading_holds_for_those_to_which_its_finder_wrote_the_same() {
        let shared = Shared::default();
        let lines: [&[u8]; 3] = [
            LINE,
            b"May  1 10:00:00 web1 cron[7]: 12 jobs",
            b"May  1 10:00:00 web1 cron[7]: no job",
        ];
        let mut one = Readings::sharing(&shared);
        for (line, value) in lines.into_iter().zip([5, 5, 6]) {
            let wanted = one.find_anew(line, None, &test_context()).err();
            let kept = kept(one.read_anew(line, wanted.flatten(), &test_context(), None));
            let hint = kept.and_then(|kept| one.hint(&kept));
            hint.into_iter().for_each(|hint| *hint = written(1, value));
        }
        let mut other = Readings::sharing(&shared);
        one.exchange();
        other.exchange();
        let told = |other: &mut Readings| {
            lines.map(|line| {
                let found = other.find_anew(line, None, &test_context()).ok();
                let known = found.and_then(|found| other.brief(line, &found));
                known.map(|known| known.hint.generation)
            })
        };
        assert_eq!(told(&mut other), [Some(0); 3]);
        // It is written for the second, and both have it from then on.
        let found = other.find_anew(lines[1], None, &test_context()).ok();
        let hint = found.and_then(|found| other.hint(&found));
        hint.into_iter().for_each(|hint| *hint = written(9, 3));
        assert_eq!(told(&mut other), [Some(9), Some(9), Some(0)]);
        assert_eq!(other.readings[1].hint, written(9, 3));
        // Where it does not hold any more, each has its own.
        let found = other.find_anew(lines[1], None, &test_context()).ok();
        let hint = found.and_then(|found| other.hint(&found));
        hint.into_iter().for_each(|hint| *hint = written(10, 3));
        assert_eq!(told(&mut other), [Some(9), Some(10), Some(0)]);
    }

    fn written(generation: u32, value: u32) -> Hint {
        Hint { generation, value }
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
