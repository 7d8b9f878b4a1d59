//! Self-healing: trouble that is followed by its own recovery.

use super::fleet::Activity;
use super::rarest::Rarest;
use super::timeline::{SLACK, Timeline};
use super::{Detector, Night};
use crate::event::{Severity, Timestamp};
use crate::finding::{Evidence, Finding, SelfHeal, Signal};
use crate::lexicon::{self, Recovery};
use foldhash::fast::RandomState;
use outages::{Odds, apart, enough_outages, lasted, odds};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use strange::{came_together, may_be_strange, starts_with_past};

mod outages;
pub(super) mod strange;

pub(super) use outages::outages;

/// What the least that counts as healing is worth.
const POINTS_MIN: f64 = 0.45;
/// What many outages are worth.
const POINTS_MAX: f64 = 0.60;
/// Outages that earn the most.
const PAIRS_FULL: f64 = 16.0;
/// The chance below which halves that share their subject are taken for one story.
const CHANCE_MAX: f64 = 5e-4;
/// The same for halves of which one says nearly all that the other does.
const CHANCE_MAX_ONE: f64 = 1.5e-3;
/// The same for halves that share no word but their service.
const CHANCE_MAX_UNRELATED: f64 = 1e-7;
/// The share of the words of the smaller subject that both halves must have.
const SUBJECT_SHARE_MIN: f64 = 0.2;
/// The share of them from which one outage is a story.
const SUBJECT_SHARE_ONE: f64 = 0.6;
/// The share of them that a half must have which does not say that it is well.
const SUBJECT_SHARE_SAME: f64 = 0.8;
/// The least number of outages: else once is no story.
const PAIRS_MIN: u64 = 2;
/// The least number of outages apart from each other where the halves share no word.
const PAIRS_MIN_UNRELATED: u64 = 3;
/// The middle outage must be shorter than this share of the mean time between two recoveries.
const OUTAGE_SHARE_MAX: f64 = 0.25;
/// Seconds that an outage lasts at most where no word of trouble tells that it was one: what is mounted
/// for an hour was in use. Most of them must be as short.
const OUTAGE_SECONDS_MAX_BLAND: f64 = 900.0;
/// The share of them that is most.
const OUTAGES_MOST: f64 = 0.75;
/// Events of a host from which something is no outage any more.
const EVENTS_MAX: usize = 150;
/// Losses and recoveries of one service that are compared at most, the fewest events first: what is
/// frequent is no outage.
const CANDIDATES_MAX: usize = 200;

/// The detector of trouble that heals itself.
#[derive(Debug)]
pub struct SelfHealing;

impl Detector for SelfHealing {
    fn signal(&self) -> Signal {
        Signal::SelfHeal
    }

    fn doc(&self) -> &'static str {
        "What it sees: trouble that is followed by its recovery, of the same service and on the same \
         host, sooner than chance would have it. One half tells of trouble or loss, the other that \
         it is well (up, passed) or well again (reconnected, resumed), and both share a word that \
         is no state; without a shared word the times must be all the more telling, and three outages \
         five minutes apart. Pairs of opening and closing are no trouble, what ends within the \
         second was no outage, and where no word of trouble tells of it three quarters of the outages must \
         be below 15 minutes; but two lines that came to the service in one night and share a word \
         are halves, whatever they tell, if they alternate, at most 450 seconds apart, at least 3 times, \
         be it over nights, and by no clock, and the first is no beginning, the second no end. Both \
         halves are told as one item. An outage that did not end is counted and never called healed.\n\
         Why it matters: nobody is woken for a link that comes back after forty seconds, and one \
         night it does not come back.\n\
         Formula: a recovery after the share s of the night has the chance 1 - exp(-s * recoveries) to be \
         an accident, where s is taken by the clock or by the lines that the host logged between, \
         whichever is more; the chances of all troubles are combined by Fisher's method, one that did \
         not end counting 1, and must be below 0.0005 for two outages or \
         more, below 0.0015 where one half repeats most words of the other. Worth 0.45 to 0.60, the most from 16 pairs.\n\
         Example: 5 times \"lost connection to cache\", each time \"reconnected to cache\" within 80 \
         seconds, are worth 0.54."
    }

    fn detect(&self, night: &Night<'_>) -> Vec<Finding> {
        let mut stories: Vec<Story> = by_service(night)
            .iter()
            .flat_map(|[losses, recoveries]| stories(night, losses, recoveries))
            .collect();
        // The surest first; each group is one half of one story.
        stories.sort_by(|a, b| {
            let by_chance = a.chance.total_cmp(&b.chance);
            by_chance.then_with(|| (a.loss, a.recovery).cmp(&(b.loss, b.recovery)))
        });
        let mut told = BTreeSet::new();
        stories.retain(|story| {
            let is_new = !told.contains(&story.loss) && !told.contains(&story.recovery);
            is_new && told.insert(story.loss) && told.insert(story.recovery)
        });
        stories.iter().map(|story| story.finding(night)).collect()
    }
}

/// A group that may be a half of a story, and what it is about.
struct Half {
    group: usize,
    recovery: Option<Recovery>,
    is_trouble: bool,
    is_loss: bool,
    /// What it is about; most pairs are none, whatever they share.
    subject: OnceCell<BTreeSet<String>>,
}

impl Half {
    fn of(night: &Night<'_>, group: usize) -> Self {
        let recovery = recovery(night, group);
        Half {
            group,
            recovery,
            is_trouble: night.profiles()[group].believed_trouble().is_some(),
            is_loss: is_loss(night, group, recovery),
            subject: OnceCell::new(),
        }
    }

    fn subject(&self, night: &Night<'_>) -> &BTreeSet<String> {
        let subject = || lexicon::subject(&night.groups[self.group].pattern);
        self.subject.get_or_init(subject)
    }
}

fn recovery(night: &Night<'_>, group: usize) -> Option<Recovery> {
    let is_trouble = night.profiles()[group].believed_trouble().is_some();
    night.profiles()[group]
        .states
        .recovery
        .filter(|_| !is_trouble)
}

/// Whether a group tells of trouble or loss, where `recovery` is what [`recovery`] says of it.
fn is_loss(night: &Night<'_>, group: usize, recovery: Option<Recovery>) -> bool {
    let profile = &night.profiles()[group];
    let is_told = recovery.is_none() && profile.level != Some(Severity::Debug);
    profile.believed_trouble().is_some() || is_told && profile.states.tells_loss
}

/// Groups by how often they came.
type ByRarity = Rarest<(u64, usize), ()>;

/// What may be lost and what may be back of each service: the rarest groups.
fn by_service(night: &Night<'_>) -> Vec<[Vec<Half>; 2]> {
    let mut services: HashMap<Option<&str>, [ByRarity; 2], RandomState> = HashMap::default();
    for (group, profile) in night.profiles().iter().enumerate() {
        let service = night.groups[group].service.as_deref();
        let few = || [(); 2].map(|()| Rarest::of(CANDIDATES_MAX));
        let [losses, recoveries] = services.entry(service).or_insert_with(few);
        let rarity = (profile.count, group);
        if !losses.wants(rarity) && !recoveries.wants(rarity) {
            continue;
        }
        let mut times = profile.hosts.iter().map(Timeline::times);
        let is_known = profile.dated > 0
            && times.all(|times| times.is_some_and(|times| times.len() <= EVENTS_MAX));
        if !is_known {
            continue;
        }
        let recovery = recovery(night, group);
        // What tells neither of trouble nor of recovery may still be what is said when it is over.
        if !is_loss(night, group, recovery) {
            recoveries.add(rarity, ());
        }
        if recovery.is_none() {
            losses.add(rarity, ());
        }
    }
    let halves = |groups: ByRarity| -> Vec<Half> {
        let groups = groups.into_sorted();
        groups
            .map(|((_, group), ())| Half::of(night, group))
            .collect()
    };
    let services = services.into_values();
    services.map(|groups| groups.map(halves)).collect()
}

fn stories(night: &Night<'_>, losses: &[Half], recoveries: &[Half]) -> Vec<Story> {
    let mut found = Vec::new();
    let all: Vec<&Half> = losses.iter().collect();
    let may_have_come = |loss: &&Half| loss.is_loss || night.lately(loss.group).is_some();
    let telling: Vec<&Half> = losses.iter().filter(may_have_come).collect();
    for recovery in recoveries {
        // What is well again was not; of all others somebody or something must tell that they were not.
        let is_again = recovery.recovery == Some(Recovery::Again);
        for loss in if is_again { &all } else { &telling } {
            let together = came_together(night, loss.group, recovery.group);
            if !loss.is_loss && !is_again && !together {
                continue;
            }
            let named = shared(loss.subject(night), recovery.subject(night));
            let shared = if together {
                named.max(SUBJECT_SHARE_MIN)
            } else {
                named
            };
            let may_be = match recovery.recovery {
                // What is well again was not; else somebody must say that it was not.
                Some(Recovery::Again) => loss.is_loss || shared > 0.0,
                Some(Recovery::Well) => loss.is_loss,
                None => loss.is_loss && shared >= SUBJECT_SHARE_SAME,
            };
            if may_be {
                let story = story(night, loss.group, recovery.group, shared);
                found.extend(story.filter(|story| loss.is_trouble || story.is_brief()));
            } else if together && named > 0.0 && may_be_strange(night, loss, recovery) {
                let story = story(night, loss.group, recovery.group, named);
                let before = || starts_with_past(night, loss.group, recovery.group);
                found.extend(story.filter(|story| story.tells_by_time(before)));
            }
        }
    }
    found
}

/// The share of the words of the smaller subject that both have; 0 below [`SUBJECT_SHARE_MIN`].
pub(super) fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let both = one.intersection(other).count() as f64;
    let share = both / one.len().min(other.len()).max(1) as f64;
    if share >= SUBJECT_SHARE_MIN {
        share
    } else {
        0.0
    }
}

/// Trouble and recovery that belong together.
struct Story {
    loss: usize,
    recovery: usize,
    chance: f64,
    /// Seconds of the outages that ended, ascending.
    outages: Vec<f64>,
    unpaired: u64,
    /// When they began, sorted.
    starts: Vec<Timestamp>,
    /// Recoveries.
    recoveries: u64,
}

fn story(night: &Night<'_>, loss: usize, recovery: usize, shared: f64) -> Option<Story> {
    let (lost, back) = (&night.profiles()[loss], &night.profiles()[recovery]);
    let found = enough_outages(night, (lost, back), OUTAGE_SHARE_MAX)?;
    let pairs = found.len() as u64;
    let (pairs_min, chance_max) = if shared >= SUBJECT_SHARE_ONE {
        (1, CHANCE_MAX_ONE)
    } else {
        (PAIRS_MIN, CHANCE_MAX)
    };
    let starts = || found.iter().map(|(start, _)| *start);
    let is_related = shared > 0.0 && pairs >= pairs_min;
    let is_apart = apart(starts()) >= PAIRS_MIN_UNRELATED;
    if !is_related && !is_apart {
        return None;
    }
    let unpaired = lost.dated.saturating_sub(pairs);
    let is_sure = |odds: &Odds, slack: f64| {
        let by_subject = is_related && odds.all <= chance_max * slack;
        let by_time = is_apart && odds.all <= CHANCE_MAX_UNRELATED * slack;
        odds.middle <= OUTAGE_SHARE_MAX * slack && (by_subject || by_time)
    };
    // By the clock alone they are no greater, and the lines are looked through for few.
    let by_clock = |host: &Activity<'_>, start, end, _| host.share_by_clock(start, end);
    if !is_sure(&odds(night, (lost, back), by_clock)?, SLACK) {
        return None;
    }
    let by_all = |host: &Activity<'_>, start, end, own| host.share_between(start, end, (2, own));
    let odds = odds(night, (lost, back), by_all)?;
    if !is_sure(&odds, 1.0) {
        return None;
    }
    let mut starts: Vec<Timestamp> = starts().collect();
    starts.sort_unstable();
    let mut outages: Vec<f64> = found.iter().map(lasted).collect();
    outages.sort_unstable_by(f64::total_cmp);
    Some(Story {
        loss,
        recovery,
        chance: odds.all,
        outages,
        unpaired,
        starts,
        recoveries: back.dated,
    })
}

impl Story {
    /// Whether most outages are short.
    fn is_brief(&self) -> bool {
        let is_short = |seconds: &f64| *seconds <= OUTAGE_SECONDS_MAX_BLAND;
        let short = self.outages.partition_point(is_short);
        short as f64 >= OUTAGES_MOST * self.outages.len() as f64
    }

    fn finding(&self, night: &Night<'_>) -> Finding {
        let pairs = self.outages.len();
        let full = ((pairs as f64).log2() / PAIRS_FULL.log2()).min(1.0);
        let partner = &night.groups[self.recovery];
        Finding {
            group: self.loss,
            signal: Signal::SelfHeal,
            points: POINTS_MIN + (POINTS_MAX - POINTS_MIN) * full,
            evidence: Evidence::SelfHeal(Box::new(SelfHeal {
                partner: self.recovery,
                partner_id: partner.id,
                partner_pattern: partner.pattern.to_string(),
                pairs: pairs as u64,
                unpaired: self.unpaired,
                median_seconds: self.outages.get(pairs / 2).copied().unwrap_or(0.0),
                longest_seconds: self.outages.last().copied().unwrap_or(0.0),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{Line, assert_example, found};

    const LOST: &str = "lost the feed of mirror 4";
    const BACK: &str = "feed of mirror 4 resumed";

    fn nightly(lost: &'static str, back: &'static str, outage_seconds: i64) -> Vec<Line> {
        let mut lines: Vec<Line> = vec![(Some(0), None, "tick"), (Some(86_400), None, "tick")];
        for n in 1..6 {
            lines.push((Some(n * 14_000), None, lost));
            lines.push((Some(n * 14_000 + outage_seconds + n), None, back));
        }
        lines
    }

    #[test]
    fn it_fires_on_trouble_with_a_prompt_recovery_and_counts_both() {
        let found = found(&SelfHealing, &nightly(LOST, BACK, 40));
        let Evidence::SelfHeal(evidence) = &found[0].evidence else {
            panic!("{found:?}");
        };
        assert_eq!((found.len(), evidence.pairs, evidence.unpaired), (1, 5, 0));
        assert_eq!(
            (evidence.median_seconds, evidence.longest_seconds),
            (43.0, 45.0)
        );
        assert!(found[0].points > POINTS_MIN && found[0].points < POINTS_MAX);
    }

    #[test]
    fn it_is_quiet_on_opening_and_closing_and_where_time_does_not_tell() {
        let opened = nightly("opened volume 7", "closed volume 7", 40);
        assert!(found(&SelfHealing, &opened).is_empty());
        assert!(found(&SelfHealing, &nightly(LOST, BACK, 6900)).is_empty());
    }

    #[test]
    fn what_shares_no_word_must_heal_at_several_times_and_not_in_one_boot() {
        let (lost, back) = ("pump four is down", "all systems ready");
        let mut apart = nightly(lost, back, 40);
        apart.extend((0..900).map(|n| (Some(n * 95), None, "tick of the clock")));
        assert_eq!(found(&SelfHealing, &apart).len(), 1);
        let mut boot: Vec<Line> = vec![(Some(0), None, "tick"), (Some(86_400), None, "tick")];
        for n in 0..5 {
            boot.push((Some(40_000 + 60 * n), None, lost));
            boot.push((Some(40_005 + 60 * n), None, back));
        }
        boot.extend((0..900).map(|n| (Some(n * 95), None, "tick of the clock")));
        assert!(found(&SelfHealing, &boot).is_empty());
    }

    #[test]
    fn what_does_not_come_back_is_never_healed() {
        let mut lines = nightly(LOST, BACK, 40);
        lines.extend((0..9).map(|n| (Some(80_000 + n), None, LOST)));
        assert!(found(&SelfHealing, &lines).is_empty());
        lines.retain(|line| line.2 != BACK);
        assert!(found(&SelfHealing, &lines).is_empty());
    }

    #[test]
    fn the_example_of_the_doc_is_computed() {
        let lines = nightly("lost connection to cache", "reconnected to cache", 70);
        assert_example(&SelfHealing, &found(&SelfHealing, &lines)[0]);
    }
}
