//! `recall`: whether a pattern, a line or an incident was seen before, and what is known of it.

use super::remember::told;
use super::{Place, Status};
use crate::assemble::{Assembler, DropReason, Sink};
use crate::event::{Event, Timestamp};
use crate::format::{Context, opens_event, zone::Zone};
use crate::input::{self, Block, Source};
use crate::memory::{Problem, Snapshot};
use crate::output::memory::{self as output, Answer};
use crate::signature::{Fingerprint, Signature};
use crate::stderr;
use crate::window::Window;
use std::io::{self, Write};
use std::sync::Arc;

/// `recall`, as the user asked for it.
pub struct Recall {
    /// Where the snapshot is.
    pub place: Place,
    /// What to recall.
    pub what: What,
    /// The zone of stamps that name none.
    pub zone: Zone,
    /// The present.
    pub now: Timestamp,
    /// How to print.
    pub format: output::Format,
}

/// What to recall.
pub enum What {
    /// A pattern or a group.
    Id(Fingerprint),
    /// A line as it stands in a log, a message, or a title.
    Text(String),
    /// Every line of standard input: such a text, or an id.
    Lines,
    /// What came before the incidents of a name.
    Incident {
        /// The name.
        name: String,
        /// How long before.
        before_seconds: i64,
    },
}

/// Tells it; what was not seen is [`Status::Gate`]. An error is one of writing.
pub fn recall(recall: &Recall, out: &mut dyn Write) -> io::Result<Status> {
    let snapshot = match recall.place.open_to_ask() {
        Ok(snapshot) => snapshot,
        Err(trouble) => return Ok(trouble),
    };
    if let What::Incident {
        name,
        before_seconds,
    } = &recall.what
    {
        return match asked_of_incident(&snapshot, name, *before_seconds) {
            Ok((incidents, remarks)) => {
                output::before(
                    name,
                    *before_seconds,
                    &incidents,
                    &remarks,
                    recall.format,
                    out,
                )?;
                Ok(seen(!incidents.at.is_empty()))
            }
            Err(problem) => Ok(told(&problem)),
        };
    }
    let mut status = Status::Ran;
    for wanted in recall.wanted(&mut status) {
        match answer(&snapshot, wanted) {
            Ok(answer) => {
                status = status.max(seen(answer.seen.is_some()));
                output::recall(&answer, recall.format, out)?;
            }
            Err(problem) => return Ok(told(&problem)),
        }
    }
    Ok(status)
}

fn seen(seen: bool) -> Status {
    if seen { Status::Ran } else { Status::Gate }
}

type AboutIncident = (crate::memory::Incidents, Vec<crate::history::Remark>);

fn asked_of_incident(
    snapshot: &Snapshot,
    name: &str,
    before_seconds: i64,
) -> Result<AboutIncident, Problem> {
    let incidents = snapshot.before(name, before_seconds)?;
    Ok((incidents, snapshot.remarks_on_incident(name)?))
}

/// What is known of a pattern, else of the one that has the text for its title, else what is near.
fn answer(snapshot: &Snapshot, wanted: Wanted) -> Result<Answer, Problem> {
    let Wanted { id, pattern, text } = wanted;
    let mut seen = snapshot.recall(id)?;
    let mut near = Vec::new();
    if seen.is_none() && !pattern.is_empty() {
        if let Some(titled) = snapshot.titled(&text)? {
            seen = snapshot.recall(titled)?;
        }
        let alike = match seen {
            Some(_) => Vec::new(),
            None => snapshot.near(&pattern)?,
        };
        for (alike, id) in alike {
            near.extend(snapshot.recall(id)?.map(|known| (alike, known)));
        }
    }
    Ok(Answer {
        id: seen.as_ref().map_or(id, |known| known.id),
        pattern,
        seen,
        near,
        covers_since: snapshot.health()?.covers_since,
    })
}

impl Recall {
    /// The patterns to recall.
    fn wanted(&self, status: &mut Status) -> Vec<Wanted> {
        let mut patterns = Patterns::default();
        match &self.what {
            What::Id(id) => patterns.add(Wanted::id(*id)),
            What::Text(text) => {
                let source = Arc::new(Source {
                    name: "-".to_owned(),
                    modified: None,
                });
                let block = Block {
                    source,
                    first_line: 1,
                    bytes: text.clone().into_bytes(),
                    lines_cut: 0,
                    last: true,
                };
                self.assembler().read(&block, &mut patterns);
            }
            What::Lines => {
                let mut assembler = self.assembler();
                let operands = ["-".into()];
                for block in input::open(&operands, input::Options::default(), opens_event) {
                    match block {
                        Ok(block) => assembler.read(&block, &mut patterns),
                        Err(problem) => {
                            stderr::tell(&problem.to_string());
                            *status = Status::Trouble;
                        }
                    }
                }
            }
            What::Incident { .. } => {}
        }
        if patterns.is_refused {
            *status = Status::Trouble;
        }
        patterns.wanted
    }

    fn assembler(&self) -> Assembler {
        let context = Context::new(self.zone.clone(), self.now, None);
        Assembler::new(context, None, Window::default(), None)
            .judging(crate::lexicon::tells_trouble)
    }
}

/// A pattern to recall.
struct Wanted {
    id: Fingerprint,
    /// With its service; empty where an id was given.
    pattern: String,
    /// The line that was given.
    text: String,
}

impl Wanted {
    fn id(id: Fingerprint) -> Wanted {
        Wanted {
            id,
            pattern: String::new(),
            text: String::new(),
        }
    }
}

/// The patterns of lines, each once, in order.
#[derive(Default)]
struct Patterns {
    wanted: Vec<Wanted>,
    /// Whether something was meant as an id and is none.
    is_refused: bool,
}

impl Patterns {
    fn add(&mut self, wanted: Wanted) {
        if self.wanted.iter().all(|known| known.id != wanted.id) {
            self.wanted.push(wanted);
        }
    }

    /// Whether a line was meant as an id, which is then taken or refused.
    fn took_id(&mut self, line: &str) -> bool {
        match Fingerprint::parse(line) {
            Some(id) => self.add(Wanted::id(id)),
            None if Fingerprint::is_meant(line) => {
                stderr::tell(&format!("{line}: {}", Fingerprint::LOOKS));
                self.is_refused = true;
            }
            None => return false,
        }
        true
    }
}

impl Sink for Patterns {
    fn event(&mut self, _line: u64, text: &[u8], event: &Event<'_>) {
        let text = String::from_utf8_lossy(text).trim().to_owned();
        if self.took_id(&text) {
            return;
        }
        let signature = Signature::of(event.service.as_deref(), &event.message);
        let service = signature.service.map(|service| format!("{service}: "));
        self.add(Wanted {
            id: signature.fingerprint,
            pattern: service.unwrap_or_default() + &signature.pattern,
            text,
        });
    }

    /// A line without a time may pass for a further one of the event before it.
    fn continuation(&mut self, _line: u64, text: &[u8]) {
        self.took_id(String::from_utf8_lossy(text).trim());
    }

    fn dropped(&mut self, _line: u64, _reason: DropReason) {}
}
