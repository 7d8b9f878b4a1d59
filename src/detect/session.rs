//! Sessions: what one line opens and another closes, a good while later.
//!
//! A volume that is attached and detached, a job that is claimed and released: neither line is
//! trouble, however often both come. Only what lasts is meant here; what is over after minutes may
//! have been an outage, which is for the detector of self-healing to say.

use super::{Night, self_heal, timeline};
use crate::lexicon;
use std::cell::OnceCell;
use std::collections::HashMap;

/// The share of the openings that must be closed before the next; the last closing of few is followed
/// by none.
const CLOSED_SHARE_MIN: f64 = 0.6;
/// Events of each, at least, to tell that they alternate.
const EVENTS_MIN: u64 = 3;

/// The groups by their service.
type ByService<'a> = HashMap<Option<&'a str>, Vec<usize>>;

/// The groups of a night, to look for sessions among.
pub(super) struct Sessions<'a, 'n> {
    night: &'a Night<'n>,
    /// Those that come often enough; most nights are never asked for them.
    by_service: OnceCell<ByService<'a>>,
}

impl<'a, 'n> Sessions<'a, 'n> {
    pub fn of(night: &'a Night<'n>) -> Self {
        Sessions {
            night,
            by_service: OnceCell::new(),
        }
    }

    fn by_service(&self) -> &ByService<'a> {
        self.by_service.get_or_init(|| {
            let mut by_service = ByService::new();
            let groups = self.night.groups.iter().zip(self.night.profiles());
            let groups = groups.enumerate();
            for (index, (group, _)) in groups.filter(|(_, (_, p))| p.dated >= EVENTS_MIN) {
                let of_service = by_service.entry(group.service.as_deref()).or_default();
                of_service.push(index);
            }
            by_service
        })
    }

    /// Whether a group opens or closes what another of its service closes or opens.
    pub fn have_half(&self, group: usize) -> bool {
        let night = self.night;
        let profiles = night.profiles();
        let own = lexicon::subject(&night.groups[group].pattern);
        let of_service = self
            .by_service()
            .get(&night.groups[group].service.as_deref());
        of_service.into_iter().flatten().any(|&other| {
            let is_candidate =
                other != group && profiles[other].dated.abs_diff(profiles[group].dated) <= 1;
            is_candidate
                && self_heal::shared(&own, &lexicon::subject(&night.groups[other].pattern)) > 0.0
                && alternate(night, group, other)
                && alternate(night, other, group)
        })
    }
}

/// Whether most events of one group are followed by one of the other before the next of their own,
/// and most of these later than an outage would be over.
fn alternate(night: &Night<'_>, one: usize, other: usize) -> bool {
    let profiles = night.profiles();
    let mut lasted = self_heal::outages(&profiles[one], &profiles[other]);
    lasted.sort_by(f64::total_cmp);
    let is_closed = lasted.len() as f64 >= CLOSED_SHARE_MIN * profiles[one].dated as f64;
    let middle = lasted.get(lasted.len() / 2);
    is_closed && middle.is_some_and(|middle| *middle > timeline::OUTAGE_SECONDS_MAX_STRANGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Thresholds;
    use crate::detect::testing::{Line, corpus};
    use crate::group::group;
    use crate::history::History;

    fn is_session(states: &[(i64, i64)]) -> bool {
        let lines: Vec<Line> = states
            .iter()
            .flat_map(|(at, seconds)| {
                [
                    (Some(*at), None, "basin amber was handed out"),
                    (Some(at + seconds), None, "basin amber was given in"),
                ]
            })
            .collect();
        let corpus = corpus(&lines);
        let groups = group(&corpus.patterns);
        let history = History::default();
        let night = Night::new(&corpus, &groups, &history, Thresholds::default());
        let halves: Vec<bool> = (0..groups.len())
            .map(|group| Sessions::of(&night).have_half(group))
            .collect();
        assert!(halves.iter().all(|half| *half == halves[0]));
        halves[0]
    }

    #[test]
    fn what_is_closed_after_a_good_while_is_a_session_and_after_seconds_none() {
        let long = [
            (1_000, 2_000),
            (9_000, 700),
            (20_000, 2_900),
            (31_000, 1_500),
        ];
        assert!(is_session(&long));
        assert!(!is_session(&long.map(|(at, _)| (at, 40))));
        assert!(!is_session(&long[..2]));
    }
}
