//! The evidence of a finding as an object: the numbers of each signal under their names.

use super::time;
use super::triage::TriageEvidence;
use crate::finding::{
    Evidence, Finding, Precursor, SelfHeal, SeverityBasis, Silence, SilenceScope,
};
use serde::Serialize;

/// The numbers of one signal; which fields there are depends on the signal.
#[derive(Serialize)]
#[serde(untagged)]
pub enum EvidenceObject<'a> {
    Recurrence {
        count: u64,
        threshold: u64,
        hours: u64,
    },
    SeverityHeader {
        level: &'static str,
        basis: &'static str,
        events: u64,
    },
    SeverityWord {
        level: &'static str,
        basis: &'static str,
        word: &'a str,
    },
    SelfHeal {
        partner: String,
        partner_pattern: &'a str,
        pairs: u64,
        unpaired: u64,
        median_seconds: f64,
        longest_seconds: f64,
    },
    Burst {
        events: u64,
        window_seconds: u64,
        at: Option<String>,
        usual: f64,
    },
    Spread {
        hosts: u64,
        hosts_before: Option<u64>,
        order: &'a [String],
        span_seconds: u64,
    },
    Escalation {
        counts: &'a [u64],
        growth: f64,
        deviations: f64,
    },
    Precursor {
        incident: Option<String>,
        incident_pattern: &'a str,
        preceded: u64,
        incidents: u64,
        lift: f64,
        lead_seconds: f64,
        chance: f64,
    },
    Silence {
        host: Option<&'a str>,
        scope: &'static str,
        period_seconds: f64,
        since: Option<String>,
        until: Option<String>,
        missed: u64,
    },
    Novelty {
        covers_since: Option<String>,
        others: u64,
    },
    Habituation {
        nights: u64,
        hosts: u64,
        rate: Option<f64>,
    },
    Triage(TriageEvidence),
}

/// The evidence of a finding, by the name of its signal.
pub fn evidence(finding: &Finding) -> (&'static str, EvidenceObject<'_>) {
    (finding.signal.name(), object(&finding.evidence))
}

fn object(evidence: &Evidence) -> EvidenceObject<'_> {
    match evidence {
        Evidence::Cause { .. }
        | Evidence::NewInBuild { .. }
        | Evidence::MoreInBuild { .. }
        | Evidence::StrangeInBuild { .. } => EvidenceObject::Triage(TriageEvidence::of(evidence)),
        &Evidence::Recurrence {
            count,
            threshold,
            hours,
        } => EvidenceObject::Recurrence {
            count,
            threshold,
            hours,
        },
        Evidence::Severity { level, basis } => severity(level.name(), basis),
        Evidence::SelfHeal(heal) => self_heal(heal),
        &Evidence::Burst {
            events,
            window_seconds,
            at,
            usual,
        } => EvidenceObject::Burst {
            events,
            window_seconds,
            at: time(Some(at)),
            usual,
        },
        Evidence::Spread {
            order,
            hosts,
            hosts_before,
            span_seconds,
        } => EvidenceObject::Spread {
            hosts: *hosts,
            hosts_before: *hosts_before,
            order,
            span_seconds: *span_seconds,
        },
        Evidence::Escalation {
            counts,
            growth,
            deviations,
        } => EvidenceObject::Escalation {
            counts,
            growth: *growth,
            deviations: *deviations,
        },
        Evidence::Precursor(precursor) => before(precursor),
        Evidence::Silence(silence) => absence(silence),
        &Evidence::Novelty {
            covers_since,
            others,
        } => EvidenceObject::Novelty {
            covers_since: time(Some(covers_since)),
            others,
        },
        &Evidence::Habituation {
            nights,
            hosts,
            rate,
        } => EvidenceObject::Habituation {
            nights,
            hosts,
            rate,
        },
    }
}

fn self_heal(heal: &SelfHeal) -> EvidenceObject<'_> {
    EvidenceObject::SelfHeal {
        partner: heal.partner_id.to_string(),
        partner_pattern: &heal.partner_pattern,
        pairs: heal.pairs,
        unpaired: heal.unpaired,
        median_seconds: heal.median_seconds,
        longest_seconds: heal.longest_seconds,
    }
}

fn before(precursor: &Precursor) -> EvidenceObject<'_> {
    EvidenceObject::Precursor {
        incident: precursor.incident_id.map(|id| id.to_string()),
        incident_pattern: &precursor.incident,
        preceded: precursor.preceded,
        incidents: precursor.incidents,
        lift: precursor.lift,
        lead_seconds: precursor.lead_seconds,
        chance: precursor.chance,
    }
}

fn absence(silence: &Silence) -> EvidenceObject<'_> {
    EvidenceObject::Silence {
        host: silence.host.as_deref(),
        scope: match silence.scope {
            SilenceScope::Pattern => "pattern",
            SilenceScope::Host => "host",
        },
        period_seconds: silence.period_seconds,
        since: time(Some(silence.since)),
        until: time(silence.until),
        missed: silence.missed,
    }
}

fn severity<'a>(level: &'static str, basis: &'a SeverityBasis) -> EvidenceObject<'a> {
    match basis {
        SeverityBasis::Header { events } => EvidenceObject::SeverityHeader {
            level,
            basis: "header",
            events: *events,
        },
        SeverityBasis::Word(word) => EvidenceObject::SeverityWord {
            level,
            basis: "word",
            word,
        },
    }
}
