//! What the members of a JSON object say about its event, whatever they are called.
//!
//! Loggers agree on a few dozen names. They are compared without case, `_`, `-` and `@`, and a
//! nested key is the same as a dotted one, so that `@timestamp`, `log_level`, `logLevel` and
//! `{"log":{"level":...}}` need one entry each. How the message is made up is `ndjson`'s work.

use super::Context;
use super::apart::Apart;
use super::journal_fields::unit_name;
use super::json::RawValue;
use super::json_values::{self, Scale, filled_text};
use crate::event::{Event, Severity, Text, Timestamp};

/// Levels of objects in which fields are looked for; values further down are passed over.
const DEPTH_MAX: usize = 3;

/// The longest dotted name that is compared; no longer one means anything.
const NAME_BYTES_MAX: usize = 48;

/// What a member is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    Level(Scale),
    Message,
    Host,
    Service,
    Component,
    /// A name that is the service's or the component's, as the rest of the object has it.
    Name,
    Pid,
    Facility,
    Error,
    Trace,
    /// The stream that a container's line was written to.
    Stream,
    /// The version that bunyan's records carry.
    Version,
}

/// The role of a name and its rank: of several names, the lowest rank is believed.
#[rustfmt::skip]
fn role(name: &[u8]) -> Option<(Role, u8)> {
    use Role::{Component, Error, Facility, Host, Level, Message, Name, Pid, Service, Stream, Time, Trace, Version};
    Some(match name {
        b"time" | b"timestamp" | b"ts" | b"t" | b"datetime" | b"eventtime" | b"asctime" | b"instant"
        | b"sourcerealtimetimestamp" | b"timemillis" | b"timeunixnano" | b"time.timestamp" | b"time.repr" => (Time, 0),
        b"date" | b"eventtimestamp" | b"isotime" | b"logtime" | b"created" | b"createdat" | b"creationtime"
        | b"realtimetimestamp" | b"systemtime" | b"epoch" | b"event.created" => (Time, 1),
        b"startedat" | b"starttime" | b"lasttimestamp" => (Time, 2),

        b"level" | b"lvl" | b"loglevel" | b"log.level" | b"levelname" | b"severitytext" | b"level.name" | b"l" => (Level(Scale::Guessed), 0),
        b"severity" | b"priority" | b"log.syslog.severity.name" | b"log.syslog.severity.code" => (Level(Scale::Syslog), 1),
        b"s" | b"eventlevel" | b"logseverity" => (Level(Scale::Guessed), 2),
        b"levelno" | b"level.no" => (Level(Scale::Python), 2),
        b"severitynumber" => (Level(Scale::OpenTelemetry), 2),

        b"messageraw" => (Message, 0),
        b"msg" | b"message" | b"log" | b"shortmessage" | b"eventmessage" | b"textpayload" | b"m" => (Message, 1),
        b"event.original" | b"body" | b"body.stringvalue" | b"logmessage" | b"renderedmessage" | b"formattedmessage" => (Message, 2),
        b"text" | b"event" | b"mt" | b"messagetemplate" | b"fullmessage" | b"log.original" => (Message, 3),

        b"hostname" | b"host.name" | b"host.hostname" | b"host" => (Host, 0),
        b"resourcename" | b"sourcehost" | b"node" | b"nodename" | b"computer" | b"computername" | b"machinename" | b"machine" => (Host, 1),
        b"kubernetes.host" | b"kubernetes.nodename" | b"kubernetes.node.name" | b"agent.hostname" | b"agent.name"
        | b"beat.hostname" | b"observer.hostname" | b"resource.host.name" => (Host, 2),

        b"service" | b"service.name" | b"servicename" | b"resource.service.name" | b"dd.service" => (Service, 0),
        b"app" | b"application" | b"appname" | b"app.name" | b"applicationname" | b"program" | b"programname"
        | b"syslogidentifier" | b"syslog.identifier" | b"ident" | b"log.syslog.appname" => (Service, 1),
        b"systemdunit" | b"systemd.unit" | b"unit" | b"metadata.datasource" | b"kubernetes.containername"
        | b"kubernetes.container.name" | b"container.name" | b"containername" => (Service, 2),
        b"process" | b"process.name" | b"processname" | b"comm" | b"kubernetes.podname" | b"kubernetes.pod.name"
        | b"eventsource" | b"sourcename" | b"winlog.providername" => (Service, 3),

        b"logger" | b"loggername" | b"log.logger" | b"sourcecontext" | b"properties.sourcecontext" => (Component, 0),
        b"category" | b"component" | b"module" | b"target" | b"c" | b"facilityname" => (Component, 1),
        b"name" => (Name, 0),

        b"pid" | b"process.pid" | b"processid" | b"process.id" => (Pid, 0),
        b"syslogpid" => (Pid, 1),
        b"facility" | b"syslogfacility" | b"log.syslog.facility.code" | b"log.syslog.facility.name" => (Facility, 0),

        b"error" | b"err" | b"error.message" | b"err.message" | b"error.msg" | b"err.msg" => (Error, 0),
        b"exception" | b"exception.message" | b"exception.exceptionmessage" | b"thrown.message" | b"errormessage" | b"errmsg" => (Error, 1),
        b"excinfo" | b"x" => (Error, 2),
        b"error.stacktrace" | b"error.stack" | b"err.stack" | b"stacktrace" | b"stack" | b"exception.stacktrace"
        | b"thrown.extendedstacktrace" | b"traceback" | b"backtrace" | b"stackinfo" => (Trace, 0),
        b"stream" => (Stream, 0),
        b"v" => (Version, 0),
        name if name.ends_with(b"timestamp") => (Time, 3),
        _ => return None,
    })
}

/// Objects whose members are looked into under the object's name.
fn is_container(name: &[u8]) -> bool {
    matches!(
        name,
        b"log"
            | b"log.syslog"
            | b"log.syslog.severity"
            | b"log.syslog.facility"
            | b"host"
            | b"service"
            | b"process"
            | b"error"
            | b"err"
            | b"exception"
            | b"thrown"
            | b"kubernetes"
            | b"kubernetes.container"
            | b"kubernetes.pod"
            | b"kubernetes.node"
            | b"container"
            | b"event"
            | b"agent"
            | b"beat"
            | b"observer"
            | b"resource"
            | b"resource.host"
            | b"resource.service"
            | b"app"
            | b"syslog"
            | b"systemd"
            | b"body"
            | b"metadata"
            | b"properties"
            | b"level"
            | b"time"
            | b"winlog"
    )
}

/// Objects that only wrap: their members count as if they stood outside, after those that do.
fn is_wrapper(name: &[u8]) -> bool {
    matches!(
        name,
        b"fields" | b"jsonpayload" | b"source" | b"record" | b"data" | b"payload" | b"result"
    )
}

/// A value that gives way to one of a lower rank.
#[derive(Debug)]
struct Ranked<T>(Option<(u8, T)>);

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Ranked(None)
    }
}

impl<T> Ranked<T> {
    /// Takes the value if it is usable and nothing of this rank or a lower one is there.
    fn offer(&mut self, rank: u8, value: impl FnOnce() -> Option<T>) {
        if self.0.as_ref().is_none_or(|(held, _)| rank < *held)
            && let Some(value) = value()
        {
            self.0 = Some((rank, value));
        }
    }

    fn take(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

/// The fields of one object: of each kind the first usable one of the best name.
#[derive(Debug, Default)]
struct Gathered<'a> {
    timestamp: Ranked<Timestamp>,
    apart: Apart<'a>,
    severity: Ranked<Severity>,
    facility: Ranked<u8>,
    pid: Ranked<u32>,
    message: Ranked<RawValue<'a>>,
    host: Ranked<RawValue<'a>>,
    service: Ranked<RawValue<'a>>,
    component: Ranked<RawValue<'a>>,
    name: Ranked<RawValue<'a>>,
    error: Ranked<RawValue<'a>>,
    trace: Ranked<RawValue<'a>>,
    stream: bool,
    version: bool,
}

impl<'a> Gathered<'a> {
    fn offer(&mut self, (role, rank): (Role, u8), value: RawValue<'a>, context: &Context) {
        let text =
            || matches!(value, RawValue::Str(raw) if !raw.trim_ascii().is_empty()).then_some(value);
        match role {
            Role::Time => self
                .timestamp
                .offer(rank, || json_values::timestamp(value, context)),
            Role::Level(scale) => self
                .severity
                .offer(rank, || json_values::severity(value, scale)),
            Role::Facility => self.facility.offer(rank, || json_values::facility(value)),
            Role::Pid => self.pid.offer(rank, || json_values::number(value)),
            Role::Message => self.message.offer(rank, text),
            Role::Host => self.host.offer(rank, text),
            Role::Service => self.service.offer(rank, text),
            Role::Component => self.component.offer(rank, text),
            Role::Name => self.name.offer(rank, text),
            Role::Error => self.error.offer(rank, text),
            Role::Trace => self.trace.offer(rank, text),
            Role::Stream => self.stream |= text().is_some(),
            Role::Version => self.version = true,
        }
    }

    /// Offers a member and, where its object is one to look into, the members below it.
    fn visit(
        &mut self,
        name: &Name,
        rank_added: u8,
        value: RawValue<'a>,
        context: &Context,
        depth: usize,
    ) {
        self.apart.offer(name.as_bytes(), value);
        if let Some((role, rank)) = role(name.as_bytes()) {
            self.offer((role, rank + rank_added), value, context);
        }
        let Some(members) = value.members().filter(|_| depth < DEPTH_MAX) else {
            return;
        };
        let (prefix, rank_added) = match name.as_bytes() {
            path if is_container(path) => (*name, rank_added),
            path if is_wrapper(path) => (Name::default(), rank_added + WRAPPED_RANK),
            _ => return,
        };
        for (key, value) in members {
            if let Some(name) = prefix.join(key) {
                self.visit(&name, rank_added, value, context, depth + 1);
            }
        }
    }
}

/// What a wrapper adds to the rank of its members, so that those outside come first.
const WRAPPED_RANK: u8 = 1;

/// A dotted name in the form in which names are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; NAME_BYTES_MAX],
    length: usize,
}

impl Default for Name {
    fn default() -> Self {
        Name {
            bytes: [0; NAME_BYTES_MAX],
            length: 0,
        }
    }
}

impl Name {
    /// The name of a member `key` of the object with this name; `None` when it is too long.
    pub fn join(&self, key: &[u8]) -> Option<Name> {
        let mut joined = *self;
        if joined.length > 0 {
            joined.push(b'.')?;
        }
        for &byte in key {
            if !matches!(byte, b'_' | b'-' | b'@') {
                joined.push(byte.to_ascii_lowercase())?;
            }
        }
        Some(joined)
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What a member of this key is about, if the event has a place for it.
pub(super) fn role_of(key: &[u8]) -> Option<Role> {
    let name = Name::default().join(key)?;
    role(name.as_bytes()).map(|(role, _)| role)
}

/// What an object says about its event.
#[derive(Debug, Default)]
pub(super) struct ObjectFields<'a> {
    pub timestamp: Option<Timestamp>,
    pub severity: Option<Severity>,
    pub facility: Option<u8>,
    pub pid: Option<u32>,
    pub host: Option<Text<'a>>,
    pub service: Option<Text<'a>>,
    pub component: Option<Text<'a>>,
    pub message: Option<Text<'a>>,
    /// What went wrong, beside the message.
    pub error: Option<Text<'a>>,
    /// The stack trace.
    pub trace: Option<Text<'a>>,
    /// Whether the message is a line that a container wrote to a stream.
    pub is_container_line: bool,
}

impl<'a> ObjectFields<'a> {
    /// Gathers the fields of an object from its members.
    pub fn of(members: impl Iterator<Item = (&'a [u8], RawValue<'a>)>, context: &Context) -> Self {
        let mut gathered = Gathered::default();
        for (key, value) in members {
            if let Some(name) = Name::default().join(key) {
                gathered.visit(&name, 0, value, context, 1);
            }
        }
        let text = |ranked: Ranked<RawValue<'a>>| ranked.take().and_then(filled_text);
        let message = text(gathered.message);
        let host = text(gathered.host);
        let severity = gathered.severity.take();
        let mut service = text(gathered.service).map(unit_name);
        let mut component = text(gathered.component);
        // Bunyan's records, which all have a version, call the program `name`; others the logger.
        let name = text(gathered.name).filter(|_| message.is_some() && severity.is_some());
        if gathered.version && host.is_some() {
            service = service.or(name);
        } else {
            component = component.or(name);
        }
        let apart = || gathered.apart.timestamp(context);
        ObjectFields {
            timestamp: gathered.timestamp.take().or_else(apart),
            severity,
            facility: gathered.facility.take(),
            pid: gathered.pid.take(),
            host,
            service,
            component,
            is_container_line: gathered.stream && message.is_some(),
            message,
            error: text(gathered.error),
            trace: text(gathered.trace),
        }
    }

    /// The event without its message.
    pub fn into_header(self) -> Event<'a> {
        Event {
            timestamp: self.timestamp,
            host: self.host,
            service: self.service,
            component: self.component,
            pid: self.pid,
            severity: self.severity,
            facility: self.facility,
            ..Event::default()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::json::Members;
    use crate::format::test_context as context;

    fn fields(line: &str) -> ObjectFields<'_> {
        ObjectFields::of(Members::of(line.as_bytes()).unwrap(), &context())
    }

    #[test]
    fn names_are_compared_without_case_and_punctuation() {
        for line in [
            r#"{"@timestamp":1700000000,"log.level":"warn"}"#,
            r#"{"EventTime":"1700000000000","LogLevel":"Warning"}"#,
            r#"{"_time":"2023-11-14T22:13:20Z","log":{"level":"WARN"}}"#,
            r#"{"t":{"$date":"2023-11-14T22:13:20Z"},"s":"W"}"#,
            r#"{"ts":1700000000.0,"@fields":{"lvl":"warning"}}"#,
            r#"{"record":{"time":{"timestamp":1700000000},"level":{"name":"WARNING","no":30}}}"#,
            r#"{"uptime_timestamp":7,"EdgeEndTimestamp":1700000000000000000,"level":"warn"}"#,
            r#"{"time":"never","time":[],"ts":"1700000000000000","level":{},"level_name":"wrn"}"#,
        ] {
            let fields = fields(line);
            assert_eq!(
                fields.timestamp,
                Some(Timestamp::from_seconds(1_700_000_000)),
                "{line}"
            );
            assert_eq!(fields.severity, Some(Severity::Warning), "{line}");
        }
    }

    #[test]
    fn nested_names_give_host_service_pid_and_component() {
        let line = r#"{"host":{"name":"pump1","os":{}},"service":{"name":"pumpd"},"process":{"pid":41,"name":"main"},
            "log":{"logger":"valve","origin":{"line":3}},"log.syslog":{"facility":{"name":"daemon"}}}"#;
        let fields = fields(line);
        assert_eq!(fields.host.as_deref(), Some(&b"pump1"[..]));
        assert_eq!(fields.service.as_deref(), Some(&b"pumpd"[..]));
        assert_eq!(fields.component.as_deref(), Some(&b"valve"[..]));
        assert_eq!((fields.pid, fields.facility), (Some(41), Some(3)));
    }

    #[test]
    fn a_name_is_the_logger_and_in_bunyan_records_the_program() {
        let plain = fields(r#"{"name":"valve","level":"info","msg":"m"}"#);
        assert_eq!(
            (plain.component.as_deref(), plain.service),
            (Some(&b"valve"[..]), None)
        );
        let bunyan =
            fields(r#"{"name":"pumpd","hostname":"h","pid":1,"level":30,"msg":"m","v":0}"#);
        assert_eq!(
            (bunyan.service.as_deref(), bunyan.component),
            (Some(&b"pumpd"[..]), None)
        );
        assert_eq!(fields(r#"{"name":"valve"}"#).component, None);
    }

    #[test]
    fn what_stands_outside_a_wrapper_comes_first() {
        let fields = fields(
            r#"{"data":{"message":"inner","level":"debug"},"message":"outer","level":"error"}"#,
        );
        assert_eq!(fields.message.as_deref(), Some(&b"outer"[..]));
        assert_eq!(fields.severity, Some(Severity::Error));
    }
}
