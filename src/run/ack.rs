//! `ack`: what the user says of patterns and incidents. Saying it again changes nothing.

use super::remember::told;
use super::{Place, Status};
use crate::event::Timestamp;
use crate::history::{Incident, Remark};
use crate::memory::{Problem, Snapshot, Target};
use crate::output::memory as output;
use crate::signature::Fingerprint;
use crate::stderr;
use std::io::{self, Write};

/// `ack`, as the user asked for it.
pub struct Ack {
    /// Where the snapshot is.
    pub place: Place,
    /// The patterns and groups.
    pub ids: Vec<Fingerprint>,
    /// Mutes them, until then or for ever.
    pub mute: Option<Option<Timestamp>>,
    /// What is said of them, or of the incident where one is named.
    pub remarks: Vec<Remark>,
    /// The name of an incident.
    pub incident: Option<String>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Takes back what the other words say, or everything said of the ids and the incident.
    pub undo: bool,
    /// Shows all that was said.
    pub list: bool,
    /// How to print.
    pub format: output::Format,
    /// The present.
    pub now: Timestamp,
}

/// Says it, or lists what was said. An error is one of writing.
pub fn ack(ack: &Ack, out: &mut dyn Write) -> io::Result<Status> {
    let opened = match ack.list {
        true => ack.place.open_to_ask(),
        false => ack.place.open_existing(),
    };
    let snapshot = match opened {
        Ok(snapshot) => snapshot,
        Err(trouble) => return Ok(trouble),
    };
    if ack.list {
        return match snapshot.words() {
            Ok(words) => output::words(&words, ack.format, out).map(|()| Status::Ran),
            Err(problem) => Ok(told(&problem)),
        };
    }
    let done = match ack.undo {
        true => ack.take_back(&snapshot),
        false => ack.say(&snapshot),
    };
    Ok(done.unwrap_or_else(|problem| told(&problem)))
}

impl Ack {
    fn say(&self, snapshot: &Snapshot) -> Result<Status, Problem> {
        let mut status = Status::Ran;
        if let Some(name) = &self.incident {
            if let Some(at) = self.at {
                let name = name.clone();
                snapshot.name_incident(&Incident { at, name })?;
            }
            self.remark(snapshot, &Target::Incident(name.clone()))?;
        }
        for id in &self.ids {
            if !snapshot.knows(*id)? {
                stderr::tell(&format!("{id}: was never seen; nothing is said of it"));
                status = Status::Trouble;
                continue;
            }
            snapshot.acknowledge(*id, self.mute, self.now)?;
            if self.incident.is_none() {
                self.remark(snapshot, &Target::Pattern(*id))?;
            }
        }
        Ok(status)
    }

    fn remark(&self, snapshot: &Snapshot, target: &Target) -> Result<(), Problem> {
        let mut remarks = self.remarks.iter();
        remarks.try_for_each(|remark| snapshot.remark(target, remark, self.now))
    }

    /// Takes back the words that are given, each for itself: a mute, a time, remarks. Without any word,
    /// everything.
    fn take_back(&self, snapshot: &Snapshot) -> Result<Status, Problem> {
        let everything = self.mute.is_none() && self.at.is_none() && self.remarks.is_empty();
        let incident = self.incident.clone().map(Target::Incident);
        let patterns = self.ids.iter().map(|id| Target::Pattern(*id));
        if everything {
            let mut all = incident.into_iter().chain(patterns);
            all.try_for_each(|target| snapshot.take_back(&target))?;
            return Ok(Status::Ran);
        }
        if let Some((name, at)) = self.incident.clone().zip(self.at) {
            snapshot.take_back_incident(&Incident { at, name })?;
        }
        if self.mute.is_some() {
            let mut ids = self.ids.iter();
            ids.try_for_each(|id| snapshot.take_back_mute(*id))?;
        }
        // As when they are said, remarks are about the incident where one is named.
        let targets: Vec<Target> = match incident {
            Some(incident) => vec![incident],
            None => patterns.collect(),
        };
        for target in &targets {
            for remark in &self.remarks {
                snapshot.take_back_remark(target, remark)?;
            }
        }
        Ok(Status::Ran)
    }
}
