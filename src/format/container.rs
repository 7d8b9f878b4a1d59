//! What container tools put before each line of their containers' output.
//!
//! `docker compose logs` (`web-1  | text`), `docker service logs`, `kubectl logs --prefix`
//! (`[pod/web-0/nginx] text`), `stern` (`web-5d9c7b6f4-x2x7k nginx text`), and the files of the
//! container runtimes (`STAMP stdout F text`). The container names the service, the rest is read as
//! a line of its own. Lines that a runtime split in parts are not put together again.

use memchr::{memchr, memmem};

use super::byte_set::ByteSet;
use super::nested::fill;
use super::{Context, Format, read_inner, stamp};
use crate::event::{Event, Severity, Text, Timestamp};

/// The longest name of a container or pod.
const NAME_BYTES_MAX: usize = 253;

/// See the module.
pub struct Container;

impl Format for Container {
    fn name(&self) -> &'static str {
        "container"
    }

    fn reads_digits_alike(&self) -> bool {
        true
    }

    fn begins_with(&self, first: u8) -> bool {
        first == b'[' || first.is_ascii_alphanumeric()
    }

    fn parse<'a>(&self, line: &'a [u8], context: &Context) -> Option<Event<'a>> {
        let (header, rest) = match line.first()? {
            b'[' => kubectl(line)?,
            b'0'..=b'9' => runtime(line, context).or_else(|| named(line, context))?,
            byte if byte.is_ascii_alphanumeric() => named(line, context)?,
            _ => return None,
        };
        let (timestamp, rest) = leading_stamp(rest, context);
        let header = Event {
            timestamp: header.timestamp.or(timestamp),
            ..header
        };
        Some(fill(read_inner(rest, context), header))
    }
}

/// Tells the event's header and the line inside.
type Prefixed<'a> = (Event<'a>, &'a [u8]);

fn header<'a>(service: &'a [u8], host: Option<&'a [u8]>) -> Event<'a> {
    Event {
        service: Some(Text::Borrowed(service)),
        host: host.map(Text::Borrowed),
        ..Event::default()
    }
}

/// `[pod/NAME/CONTAINER] text`: the pod is the host that its processes see.
fn kubectl(line: &[u8]) -> Option<Prefixed<'_>> {
    let inside = line.strip_prefix(b"[pod/")?;
    let close = memchr(b']', &inside[..inside.len().min(2 * NAME_BYTES_MAX)])?;
    let slash = memchr(b'/', &inside[..close])?;
    let (pod, container) = (&inside[..slash], &inside[slash + 1..close]);
    let rest = &inside[close + 1..];
    (is_name(pod) && is_name(container)).then(|| (header(container, Some(pod)), after_blank(rest)))
}

/// `STAMP stdout|stderr F|P text`, the log files of the container runtime interface.
fn runtime<'a>(line: &'a [u8], context: &Context) -> Option<Prefixed<'a>> {
    let stamp_end = rfc3339_length(line)?;
    let rest = line[stamp_end..].strip_prefix(b" std")?;
    let rest = rest
        .strip_prefix(b"out")
        .or_else(|| rest.strip_prefix(b"err"))?;
    let rest = match rest {
        [b' ', b'F' | b'P', b' ', rest @ ..] => rest,
        [b' ', b'F' | b'P'] => &[],
        _ => return None,
    };
    let header = Event {
        timestamp: stamp::parse(line, context)?.timestamp,
        ..Event::default()
    };
    Some((header, rest))
}

/// `NAME  | text` or `POD CONTAINER text`.
fn named<'a>(line: &'a [u8], context: &Context) -> Option<Prefixed<'a>> {
    let end = memchr(b' ', &line[..line.len().min(NAME_BYTES_MAX + 1)])?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return None;
    }
    compose(name, rest).or_else(|| stern(name, rest, context))
}

/// A padded bar behind the name. Tables have bars too: either the name ends in the number of a
/// replica, or it is padded by two blanks as compose does and there is no second column.
fn compose<'a>(name: &'a [u8], rest: &'a [u8]) -> Option<Prefixed<'a>> {
    let blanks = rest.iter().position(|byte| *byte != b' ')?;
    let text = rest[blanks..].strip_prefix(b"|")?;
    if !matches!(text.first(), None | Some(b' ')) || !name.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let (service, host) = replica_service(name);
    if service.len() == name.len() {
        let is_level = Severity::from_word(name).is_some();
        let is_cell =
            is_level || !name[0].is_ascii_lowercase() || memmem::find(text, b" | ").is_some();
        if is_cell || blanks < 2 {
            return None;
        }
    }
    Some((header(service, host), after_blank(text)))
}

/// The service that `web-1`, `web_1` or `web.1.TASK@NODE` is a replica of, and the node.
fn replica_service(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    if let Some(at) = memchr(b'@', name) {
        let task = &name[..at];
        let service_end = memchr(b'.', task).unwrap_or(at);
        return (&task[..service_end], Some(&name[at + 1..]));
    }
    let digits = name
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match name[..name.len() - digits].split_last() {
        Some((b'-' | b'_', service)) if digits > 0 && !service.is_empty() => (service, None),
        _ => (name, None),
    }
}

/// `POD CONTAINER text`, where the pod's name ends in the hashes that a deployment gives it.
fn stern<'a>(pod: &'a [u8], rest: &'a [u8], context: &Context) -> Option<Prefixed<'a>> {
    let rest = rest.strip_prefix(b" ")?;
    let mut parts = pod.rsplit(|byte| *byte == b'-');
    let (instance, replica_set) = (parts.next()?, parts.next()?);
    parts.next()?;
    let is_hash = |part: &[u8]| {
        part.iter()
            .all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(byte))
    };
    let is_pod = instance.len() == 5 && (8..=10).contains(&replica_set.len());
    if is_pod {
        context.notes.digits_decide();
    }
    if !is_pod || !is_hash(instance) || !is_hash(replica_set) {
        return None;
    }
    let end = memchr(b' ', rest)?;
    let container = &rest[..end];
    is_name(container).then(|| (header(container, Some(pod)), after_blank(&rest[end..])))
}

/// Whether this may name a container, a pod or a task of a service.
fn is_name(name: &[u8]) -> bool {
    static NAME_BYTES: ByteSet = ByteSet::alphanumeric_and(b"-_.@");
    name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.iter().all(|&byte| NAME_BYTES.contains(byte))
}

/// The text without the one blank that separates it from the prefix; deeper indentation is its own.
fn after_blank(text: &[u8]) -> &[u8] {
    text.strip_prefix(b" ").unwrap_or(text)
}

/// The stamp that `--timestamps` puts between the prefix and the line, and the line.
///
/// Only its very form is taken, nanoseconds and all: other stamps are the line's own.
fn leading_stamp<'a>(line: &'a [u8], context: &Context) -> (Option<Timestamp>, &'a [u8]) {
    const FRACTION_LENGTH_MIN: usize = "2000-01-01T00:00:00.123456Z".len();
    let length = rfc3339_length(line).filter(|&length| length >= FRACTION_LENGTH_MIN);
    match length.and_then(|length| Some((stamp::parse(line, context)?, length))) {
        Some((stamp, length)) => (stamp.timestamp, after_blank(&line[length..])),
        None => (None, line),
    }
}

/// The length of a stamp in the form of RFC 3339 that stands alone before a blank or the end.
fn rfc3339_length(line: &[u8]) -> Option<usize> {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    const LENGTH_MAX: usize = "2000-01-01T00:00:00.123456789+00:00".len();
    let head = line.get(..FORM.len())?;
    let fits = |(form, byte): (&u8, &u8)| {
        if *form == b'd' {
            byte.is_ascii_digit()
        } else {
            form == byte
        }
    };
    if !FORM.iter().zip(head).all(fits) {
        return None;
    }
    let length = memchr(b' ', line).unwrap_or(line.len());
    let zone = line.get(FORM.len()..length)?;
    let is_byte =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'+' | b'-' | b'Z');
    let is_zoned = zone.contains(&b'Z') || zone.contains(&b'+') || zone.contains(&b'-');
    (length <= LENGTH_MAX && is_zoned && zone.iter().all(is_byte)).then_some(length)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::test_context as context;
    use proptest::prelude::*;

    fn parse(line: &str) -> Option<Event<'_>> {
        Container.parse(line.as_bytes(), &context())
    }

    #[test]
    fn each_tools_prefix_names_service_and_host() {
        let cases = [
            ("pump-1  | valve stuck", "pump", None, "valve stuck"),
            ("dam_pump_12 | valve stuck", "dam_pump", None, "valve stuck"),
            ("pump      |  valve stuck", "pump", None, " valve stuck"),
            ("pump-1  |", "pump", None, ""),
            (
                "pump.2.k3x9@node7    | valve stuck",
                "pump",
                Some("node7"),
                "valve stuck",
            ),
            (
                "[pod/pump-0/valve] valve stuck",
                "valve",
                Some("pump-0"),
                "valve stuck",
            ),
            (
                "pump-5d9c7b6f4-x2x7k valve valve stuck",
                "valve",
                Some("pump-5d9c7b6f4-x2x7k"),
                "valve stuck",
            ),
        ];
        for (line, service, host, message) in cases {
            let event = parse(line).unwrap();
            assert_eq!(event.service.as_deref(), Some(service.as_bytes()), "{line}");
            assert_eq!(event.host.as_deref(), host.map(str::as_bytes), "{line}");
            assert_eq!(event.message.as_ref(), message.as_bytes(), "{line}");
        }
    }

    #[test]
    fn stamps_of_the_tools_date_the_line() {
        for line in [
            "2023-11-14T22:13:20.000000000Z stdout F valve stuck",
            "2023-11-14T23:13:20.000000000+01:00 stderr P valve stuck",
            "pump-1  | 2023-11-14T22:13:20.000000000Z valve stuck",
        ] {
            let event = parse(line).unwrap();
            assert_eq!(
                event.timestamp,
                Some(Timestamp::from_seconds(1_700_000_000)),
                "{line}"
            );
            assert_eq!(event.message.as_ref(), b"valve stuck");
        }
    }

    #[test]
    fn tables_art_and_prose_are_left_alone() {
        for line in [
            "id | name | size",
            "File      |  % Stmts | % Branch |",
            "weir      |  12 | 7",
            " pump-1 | 7",
            "ERROR  | no water",
            "12  | 7",
            "pump-1  |7",
            "---  | ---",
            "+--+  |",
            "2023-11-14 22:13:20 | INFO | valve",
            "2023-11-14T22:13:20Z stdout is full",
            "[pod/pump] x",
            "well-known-words valve stuck",
            "pump-1",
            "",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_lines_never_panic(tail: Vec<u8>, head in "(\\[pod/|a-1  \\||2023-11-14T22:13:20|a-bcdfghjk-bcdfg )?") {
            let line = [head.into_bytes(), tail].concat();
            let _ = Container.parse(&line, &context());
        }
    }
}
