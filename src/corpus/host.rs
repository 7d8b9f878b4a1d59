//! A pattern on each of its hosts.

use super::{Limits, Span};
use crate::event::Timestamp;
use std::sync::Arc;

/// A pattern on one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// The name; `None` stands for all events that name no host.
    pub name: Option<Arc<str>>,
    /// Events on it.
    pub count: u64,
    /// Those of them with a time.
    pub dated: u64,
    /// From the first to the last of the dated ones.
    pub span: Option<Span>,
    /// The exact times, sorted, while there are at most [`Limits::times_max`]; else empty.
    times: Vec<Timestamp>,
}

impl Host {
    /// A host with no events yet.
    pub(crate) fn new(name: Option<Arc<str>>) -> Self {
        Host {
            name,
            ..Host::default()
        }
    }

    /// The exact times, sorted; `None` when there are too many to keep ("dense").
    pub fn times(&self) -> Option<&[Timestamp]> {
        (self.dated == self.times.len() as u64).then_some(&self.times)
    }

    /// Counts an event. Times may come in any order; [`Host::enforce`] sorts them.
    pub(crate) fn add(&mut self, time: Option<Timestamp>, limits: &Limits) {
        self.count += 1;
        let Some(time) = time else { return };
        self.dated += 1;
        Span::include(&mut self.span, time);
        if self.dated <= limits.times_max as u64 {
            self.times.push(time);
        } else if !self.times.is_empty() {
            self.times = Vec::new();
        }
    }

    fn merge(&mut self, other: Host, limits: &Limits) {
        self.count += other.count;
        self.dated += other.dated;
        Span::join(&mut self.span, other.span);
        // Either side may be dense already: `enforce` sees it by the count.
        self.times.extend(other.times);
        self.enforce(limits);
    }

    /// Sorts the times, or drops them when they are more than the cap.
    pub(crate) fn enforce(&mut self, limits: &Limits) {
        if self.dated > limits.times_max as u64 {
            self.times = Vec::new();
        } else {
            self.times.sort_unstable();
            self.times.shrink_to_fit();
        }
    }
}

/// The hosts of a pattern, sorted by name, events without a host first.
///
/// Past [`Limits::hosts_max`] the smallest names stay, with exact counts: a name among the smallest
/// of the whole is among the smallest of each part. How many other hosts there are is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<Host>);

impl Hosts {
    /// Hosts in any order, names repeated or not.
    pub(crate) fn from_unsorted(mut hosts: Vec<Host>, limits: &Limits) -> Self {
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        let mut sorted = Hosts::default();
        for host in hosts {
            match sorted.0.last_mut() {
                Some(last) if last.name == host.name => last.merge(host, limits),
                _ => sorted.0.push(host),
            }
        }
        sorted.enforce(limits);
        sorted
    }

    /// The hosts kept.
    pub fn as_slice(&self) -> &[Host] {
        &self.0
    }

    /// The names kept.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|host| host.name.as_deref())
    }

    pub(crate) fn merge(&mut self, other: Hosts, limits: &Limits) {
        for host in other.0 {
            match self.0.binary_search_by(|mine| mine.name.cmp(&host.name)) {
                Ok(place) => self.0[place].merge(host, limits),
                Err(place) if place < limits.hosts_max => self.0.insert(place, host),
                // All after it are greater still.
                Err(_) => break,
            }
        }
        self.0.truncate(limits.hosts_max);
    }

    pub(crate) fn enforce(&mut self, limits: &Limits) {
        self.0.truncate(limits.hosts_max);
        self.0.iter_mut().for_each(|host| host.enforce(limits));
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, seconds: &[i64], limits: &Limits) -> Host {
        let mut host = Host::new(Some(name.into()));
        seconds
            .iter()
            .for_each(|&s| host.add(Some(Timestamp::from_seconds(s)), limits));
        host
    }

    #[test]
    fn exact_times_stay_up_to_the_cap_and_go_past_it() {
        let limits = Limits {
            times_max: 3,
            ..Limits::default()
        };
        let mut few = Hosts::from_unsorted(vec![host("db1", &[7, 5], &limits)], &limits);
        few.merge(
            Hosts::from_unsorted(vec![host("db1", &[6], &limits)], &limits),
            &limits,
        );
        let times: Vec<i64> = few.0[0]
            .times()
            .into_iter()
            .flatten()
            .map(|t| t.seconds())
            .collect();
        assert_eq!(times, [5, 6, 7]);
        few.merge(
            Hosts::from_unsorted(vec![host("db1", &[1], &limits)], &limits),
            &limits,
        );
        assert_eq!((few.0[0].times(), few.0[0].dated), (None, 4));
    }

    #[test]
    fn the_smallest_names_stay_past_the_cap() {
        let limits = Limits {
            hosts_max: 2,
            ..Limits::default()
        };
        let unsorted = ["web3", "db1", "web1"]
            .map(|name| host(name, &[1], &limits))
            .to_vec();
        let mut hosts = Hosts::from_unsorted(unsorted, &limits);
        hosts.merge(
            Hosts::from_unsorted(vec![host("app", &[2], &limits)], &limits),
            &limits,
        );
        assert_eq!(hosts.names().collect::<Vec<_>>(), ["app", "db1"]);
    }
}
