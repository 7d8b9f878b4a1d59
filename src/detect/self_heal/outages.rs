//! Outages: trouble of one group and the event of another that follows on the same host.

use crate::detect::fleet::Activity;
use crate::detect::timeline::{SLACK, seconds_between};
use crate::detect::{Night, Profile, chance};
use crate::event::Timestamp;

/// Microseconds between outages that come by themselves: those of one boot or deployment are nearer.
const APART_MICROS: i64 = 300 * Timestamp::MICROS;
/// The middle outage must be longer: what ends within a second is one story told in two lines.
const OUTAGE_SECONDS_MIN: f64 = 2.0;
/// The share of the troubles that must have ended, for the whole to be called healed.
const HEALED_SHARE_MIN: f64 = 0.5;

/// Seconds between the events of one group and those of another that follow before its next.
pub(in crate::detect) fn outages(one: &Profile<'_>, other: &Profile<'_>) -> Vec<f64> {
    on_same_host(one, other)
        .flat_map(|(_, lost, back)| outages_between(lost, back))
        .map(|(start, end)| seconds_between(start, end))
        .collect()
}

/// How many of outages came by themselves, those of one host after those of the other.
pub(super) fn apart(starts: impl IntoIterator<Item = Timestamp>) -> u64 {
    // Few stretches have to be sorted instead of many starts.
    let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
    for start in starts {
        match stretches.last_mut() {
            Some((_, last)) if *last <= start && are_together(*last, start) => *last = start,
            _ => stretches.push((start, start)),
        }
    }
    stretches.sort_unstable();
    let (mut apart, mut until) = (0, None);
    for (first, last) in stretches {
        apart += u64::from(!until.is_some_and(|until| are_together(until, first)));
        until = until.max(Some(last));
    }
    apart
}

fn are_together(one: Timestamp, next: Timestamp) -> bool {
    next.0.saturating_sub(one.0) <= APART_MICROS
}

/// The times of two groups on the hosts that both have.
fn on_same_host<'p>(
    one: &'p Profile<'_>,
    other: &'p Profile<'_>,
) -> impl Iterator<Item = (Option<&'p str>, &'p [Timestamp], &'p [Timestamp])> {
    let both = one.together(other);
    both.filter_map(move |(one, other)| Some((one.host(), one.times()?, other.times()?)))
}

/// Each trouble that was followed by a recovery before the next trouble: from and to.
pub(super) fn outages_between(
    lost: &[Timestamp],
    back: &[Timestamp],
) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut back = back.iter().copied().peekable();
    lost.iter().enumerate().filter_map(move |(index, at)| {
        while back.next_if(|end| end < at).is_some() {}
        let end = *back.peek()?;
        let next = lost.get(index + 1);
        next.is_none_or(|next| end < *next).then_some((*at, end))
    })
}

/// The outages on all hosts, one host after the other, if they are enough of the troubles, the middle one was
/// not over at once, and it may have ended so soon that it is below a chance, by [`odds`] of the clock; of
/// nearly all pairs one of them is not so.
pub(super) fn enough_outages(
    night: &Night<'_>,
    (lost, back): (&Profile<'_>, &Profile<'_>),
    chance_max: f64,
) -> Option<Vec<(Timestamp, Timestamp)>> {
    let is_enough = |pairs: usize| pairs as f64 >= HEALED_SHARE_MIN * lost.dated as f64;
    let pairs_max = on_same_host(lost, back).map(|(_, lost, back)| lost.len().min(back.len()));
    let pairs_max = pairs_max.sum();
    if !is_enough(pairs_max) {
        return None;
    }
    let mut outages = Vec::with_capacity(pairs_max);
    // Recoveries that may be expected within an outage of this chance.
    let recoveries = -(-chance_max * SLACK).ln_1p();
    let mut short = 0;
    for (host, lost, back) in on_same_host(lost, back) {
        let seconds = night
            .fleet
            .host(host)?
            .seconds_of_clock(recoveries / back.len() as f64);
        let before = outages.len();
        outages.extend(outages_between(lost, back));
        let is_short = |outage: &&(Timestamp, Timestamp)| lasted(outage) <= seconds;
        short += outages[before..].iter().filter(is_short).count();
    }
    // As many as there are up to the middle one.
    if short <= outages.len() / 2 {
        return None;
    }
    let is_brief = |outage: &&(Timestamp, Timestamp)| lasted(outage) < OUTAGE_SECONDS_MIN;
    let brief = outages.iter().filter(is_brief).count();
    let are_told = is_enough(outages.len()) && !outages.is_empty() && brief <= outages.len() / 2;
    are_told.then_some(outages)
}

/// The seconds of an outage.
pub(super) fn lasted((start, end): &(Timestamp, Timestamp)) -> f64 {
    seconds_between(*start, *end)
}

/// How likely it is that the ends of outages were accidents.
pub(super) struct Odds {
    /// Of the middle one of those that ended.
    pub middle: f64,
    /// Of all together.
    pub all: f64,
}

/// The odds of the outages of two groups, given the share of a host's activity that lies between two
/// instants, where both have so many events; `None` where a host is not known.
pub(super) fn odds(
    night: &Night<'_>,
    (lost, back): (&Profile<'_>, &Profile<'_>),
    share: impl Fn(&Activity<'_>, Timestamp, Timestamp, u64) -> f64,
) -> Option<Odds> {
    let mut chances = Vec::new();
    for (host, lost, back) in on_same_host(lost, back) {
        let activity = night.fleet.host(host)?;
        let own = (lost.len() + back.len()) as u64;
        let chance = |(start, end)| {
            let share = share(activity, start, end, own);
            -(-share * back.len() as f64).exp_m1()
        };
        chances.extend(outages_between(lost, back).map(chance));
    }
    let unhealed = lost.dated.saturating_sub(chances.len() as u64);
    let unhealed = (0..unhealed).map(|_| 1.0);
    let all = chance::combined(chances.iter().copied().chain(unhealed));
    let half = chances.len() / 2;
    chances.get(half)?;
    let (_, middle, _) = chances.select_nth_unstable_by(half, f64::total_cmp);
    Some(Odds {
        middle: *middle,
        all,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Thresholds;
    use crate::detect::testing::{Line, corpus};
    use crate::group::group;
    use crate::history::History;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn outages_that_may_be_no_accidents_are_never_ruled_out(
            events in prop::collection::vec((0i64..20_000, any::<bool>()), 2..30),
            chance_max in 0.01..0.9,
        ) {
            let texts = ["lost the feed", "feed resumed"];
            let line = |(second, is_lost): (i64, bool)| -> Line {
                (Some(second), None, texts[usize::from(!is_lost)])
            };
            let lines: Vec<Line> = events.into_iter().map(line).collect();
            let corpus = corpus(&lines);
            let (groups, history) = (group(&corpus.patterns), History::default());
            let night = Night::new(&corpus, &groups, &history, Thresholds::default());
            let profile = |text: &str| {
                let group = groups.iter().position(|group| &*group.pattern == text);
                group.map(|group| &night.profiles()[group])
            };
            let [Some(lost), Some(back)] = texts.map(profile) else {
                return Ok(());
            };
            let by_clock = |host: &Activity<'_>, start, end, _| host.share_by_clock(start, end);
            let odds = odds(&night, (lost, back), by_clock);
            let may_be = |chance_max| enough_outages(&night, (lost, back), chance_max).is_some();
            let is_likely = odds.is_some_and(|odds| odds.middle <= chance_max);
            prop_assert!(!(is_likely && may_be(0.999)) || may_be(chance_max));
        }
    }

    #[test]
    fn outages_apart_are_counted_in_whatever_order_the_hosts_are() {
        let count = |seconds: &[i64]| apart(seconds.iter().map(|at| Timestamp::from_seconds(*at)));
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[0, 300, 700, 701]), 2);
        // The second host's lie between those of the first, and join some of them.
        assert_eq!(count(&[0, 500, 2_000, 9_000, 250, 4_000, 8_800]), 4);
        assert_eq!(count(&[9_000, 9_200, 0, 100, 9_100]), 2);
    }
}
