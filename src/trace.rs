//! Which lines go on with a trace or a message that an earlier line opened.
//!
//! Told by the shapes of the languages' own traces (Java, .NET, Python, Go, Rust, Node, Ruby, PHP,
//! native frames), never by products. Keeps only which language's trace is open, so a line with a
//! header of its own resets everything.

use memchr::memmem;

/// The trace that is open, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trace {
    /// No trace: only the event's own indented lines may follow.
    #[default]
    None,
    /// Frames are indented and `Caused by` may follow: Java, .NET, Node, Ruby.
    Frames,
    /// After `Traceback`: indented frames, then one line that names the exception.
    Python,
    /// After `panic:` or `goroutine`: functions and indented positions.
    Go,
    /// After `panicked at`: a message and an optional backtrace.
    Rust {
        /// The next line is the message.
        message: bool,
    },
}

impl Trace {
    /// The trace that a line opens, when it opens an event.
    pub fn opened_by(line: &[u8]) -> Trace {
        let certain = match line.first() {
            Some(b'T') if line.starts_with(b"Traceback (") => Some(Trace::Python),
            Some(b'p') if line.starts_with(b"panic: ") => Some(Trace::Go),
            Some(b'f') if line.starts_with(b"fatal error: ") => Some(Trace::Go),
            Some(b'g') if is_goroutine(line) => Some(Trace::Go),
            Some(b't') if is_rust_panic(line) => Some(Trace::Rust {
                message: line.ends_with(b":"),
            }),
            _ => None,
        };
        match certain {
            Some(trace) => trace,
            None if is_exception_head(line) => Trace::Frames,
            None => Trace::None,
        }
    }

    /// Whether an indented line goes on with the event before it.
    ///
    /// Behind a line with a header every indented line does; in plain text only frames, the markers
    /// that compilers put under code, and the lines of an open trace do.
    pub fn takes_indented(self, line: &[u8], headed: bool) -> bool {
        headed || self != Trace::None || is_frame(line.trim_ascii_start())
    }

    /// Whether a line without indentation and without a header goes on with the event before it;
    /// remembers what it opens. `announced` is asked of the head of a trace only: whether the event
    /// before, which has a header, tells of what the trace shows.
    pub fn takes(&mut self, line: &[u8], announced: impl FnOnce() -> bool) -> bool {
        if line.starts_with(b"Caused by: ") || line.starts_with(b"Suppressed: ") || is_frame(line) {
            if *self == Trace::None {
                *self = Trace::Frames;
            }
            return true;
        }
        match self {
            Trace::Python if takes_python(line) => return true,
            Trace::Go if takes_go(line) => return true,
            Trace::Rust { message } => {
                let expected = std::mem::replace(message, false);
                if expected || line.starts_with(b"note: ") || line.starts_with(b"stack backtrace:")
                {
                    return true;
                }
            }
            Trace::Frames if line.starts_with(b"--- ") || line.starts_with(b"From: ") => {
                return true;
            }
            _ => {}
        }
        let opens = Trace::opened_by(line);
        if opens != Trace::None && announced() {
            *self = opens;
            return true;
        }
        false
    }
}

/// Blanks before the text of a line.
pub fn indent(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

/// What an indented line says behind the tag of the tool that ran the program (`    [junit] gate`); `None`
/// without a tag. Such a line opens an event, unless it is a frame.
pub fn after_tag(line: &[u8]) -> Option<&[u8]> {
    const TAG_BYTES_MAX: usize = 40;
    let tagged = line.trim_ascii_start().strip_prefix(b"[")?;
    let is_letter = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b':' | b'.');
    let letters = tagged
        .iter()
        .take(TAG_BYTES_MAX)
        .take_while(|b| is_letter(b));
    let end = letters.count();
    let text = tagged.get(end..)?.strip_prefix(b"]")?;
    (end > 0 && matches!(text.first(), Some(b' ' | b'\t'))).then(|| text.trim_ascii_start())
}

/// One frame or the furniture of a trace, without its indentation.
pub fn is_frame(line: &[u8]) -> bool {
    match line.first() {
        Some(b'a') => line.starts_with(b"at ") && memchr::memchr2(b'(', b':', line).is_some(),
        Some(b'.') => {
            line.starts_with(b"... ")
                && (line.ends_with(b" more") || line.ends_with(b" common frames omitted"))
        }
        Some(b'f') => line.starts_with(b"from ") && memmem::find(line, b":in ").is_some(),
        Some(b'F') => line.starts_with(b"File \"") && memmem::find(line, b"\", line ").is_some(),
        Some(b'#') => is_numbered_frame(line),
        Some(b'^' | b'~') => line.iter().all(|b| matches!(b, b'^' | b'~' | b' ')),
        Some(b'-') => line.starts_with(b"--> ") || line.starts_with(b"--- End of "),
        Some(b'|') => true,
        Some(b'=') => line.starts_with(b"= note: ") || line.starts_with(b"= help: "),
        Some(b'S') => line == b"Stack trace:" || line == b"Stack Trace:",
        _ => false,
    }
}

/// `#3 0x0040 in open (...)`, `#0 /srv/gate.php(3): open()`; not what a builder numbers its steps with.
fn is_numbered_frame(line: &[u8]) -> bool {
    let digits = line[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    let Some([b' ', call @ ..]) = line.get(1 + digits..) else {
        return false;
    };
    let call = call.trim_ascii_start();
    let named = matches!(
        call.first(),
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'~' | b':' | b'<')
    );
    (1..=4).contains(&digits)
        && (call.starts_with(b"0x")
            || matches!(call.first(), Some(b'/' | b'{'))
            || named && call.contains(&b'(') && !call.starts_with(b"ERROR"))
}

fn takes_python(line: &[u8]) -> bool {
    line.starts_with(b"During handling of the above exception")
        || line.starts_with(b"The above exception was the direct cause")
        || line.starts_with(b"Traceback (")
        || names_exception(line)
}

fn takes_go(line: &[u8]) -> bool {
    let function = line
        .iter()
        .position(|&b| b == b'(')
        .map_or(&line[..0], |open| &line[..open]);
    is_goroutine(line)
        || line.starts_with(b"created by ")
        || line.starts_with(b"[signal ")
        || line.starts_with(b"exit status ")
        || line.ends_with(b")") && function.contains(&b'.') && !function.contains(&b' ')
}

fn is_rust_panic(line: &[u8]) -> bool {
    line.starts_with(b"thread '") && memmem::find(line, b" panicked at ").is_some()
}

fn is_goroutine(line: &[u8]) -> bool {
    line.starts_with(b"goroutine ") && line.ends_with(b"]:")
}

/// `Exception in thread "x" ...`, or a qualified class whose name says exception: `a.b.FooError: x`.
fn is_exception_head(line: &[u8]) -> bool {
    let qualified = || {
        let name = &line[..line
            .iter()
            .position(|b| matches!(b, b':' | b' '))
            .unwrap_or(line.len())];
        name.contains(&b'.') || line.get(name.len()) == Some(&b':')
    };
    line.starts_with(b"Exception in thread ")
        || line.starts_with(b"Unhandled exception")
        || names_exception(line) && qualified()
}

/// Whether the line begins with the name of an exception class, alone or before a colon.
fn names_exception(line: &[u8]) -> bool {
    const NAME_BYTES_MAX: usize = 160;
    const ENDINGS: [&[u8]; 8] = [
        b"Exception",
        b"Error",
        b"Throwable",
        b"Interrupt",
        b"Failure",
        b"Fault",
        b"Exit",
        b"Warning",
    ];
    let looked_at = &line[..line.len().min(NAME_BYTES_MAX)];
    // A class begins with a capital, at the start or behind a joint; most messages have neither.
    if !line.first().is_some_and(u8::is_ascii_uppercase) {
        let is_other = |b: &&u8| !IS_NAME_BYTE[usize::from(**b)] || matches!(**b, b'.' | b'$');
        if !matches!(looked_at.iter().find(is_other), Some(b'.' | b'$')) {
            return false;
        }
    }
    let end = looked_at
        .iter()
        .position(|&b| !IS_NAME_BYTE[usize::from(b)])
        .unwrap_or(looked_at.len());
    let name = &line[..end];
    // The last letter turns down nearly every word of prose.
    let may_end = matches!(name.last(), Some(b'n' | b'r' | b'e' | b't' | b'g'));
    if !may_end || !matches!(line.get(end), None | Some(b':' | b' ')) {
        return false;
    }
    let joint = name.iter().rposition(|&b| b == b'.' || b == b'$');
    let class = joint.map_or(name, |joint| &name[joint + 1..]);
    class.first().is_some_and(u8::is_ascii_uppercase)
        && class.len() > 5
        && ENDINGS.iter().any(|end| class.ends_with(end))
}

/// Letters, digits and joints of qualified names, by byte.
const IS_NAME_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_java_trace_belongs_to_the_headed_line_before_it() {
        let mut trace = Trace::None;
        assert!(trace.takes(b"org.acme.StoreException: no quorum", || true));
        assert!(trace.takes_indented(b"\tat org.acme.Store.put(Store.java:10)", true));
        assert!(trace.takes(b"Caused by: java.io.IOException: disk", || true));
        assert!(!trace.takes(b"plain words", || true));
    }

    #[test]
    fn a_python_trace_ends_with_its_exception() {
        let mut trace = Trace::opened_by(b"Traceback (most recent call last):");
        assert!(trace.takes_indented(b"  File \"a.py\", line 3, in f", false));
        assert!(trace.takes(b"ValueError: bad", || false));
        assert!(!trace.takes(b"next step", || false));
    }

    #[test]
    fn go_and_rust_panics_keep_their_lines() {
        let mut go = Trace::opened_by(b"panic: boom");
        assert!(go.takes(b"goroutine 1 [running]:", || false));
        assert!(go.takes(b"main.f(0xc000, 0x1)", || false));
        let mut rust = Trace::opened_by(b"thread 'main' panicked at src/main.rs:2:5:");
        assert!(rust.takes(b"index out of bounds", || false));
        assert!(rust.takes(b"note: run with `RUST_BACKTRACE=1`", || false));
        assert!(!rust.takes(b"other output", || false));
    }

    #[test]
    fn indented_plain_text_stands_alone_unless_it_is_a_frame() {
        assert!(!Trace::None.takes_indented(b"   compiling x", false));
        assert!(Trace::None.takes_indented(b"    at f (a.js:3:4)", false));
        assert!(Trace::None.takes_indented(b"   --> src/a.rs:3:4", false));
    }

    #[test]
    fn numbered_frames_are_no_numbered_steps() {
        for frame in [
            "#0 0x0040 in open (gate.c:3)",
            "#12 /srv/gate.php(3): open()",
            "#1 main () at gate.c:3",
        ] {
            assert!(is_frame(frame.as_bytes()), "{frame}");
        }
        for step in [
            "#7 1.234 fetching the map",
            "#7 [3/4] RUN make (dam)",
            "#7 ERROR: make (dam) failed",
            "#",
        ] {
            assert!(!is_frame(step.as_bytes()), "{step}");
        }
    }

    #[test]
    fn behind_the_tag_of_a_tool_stands_what_it_says() {
        let said = |line: &'static str| after_tag(line.as_bytes());
        assert_eq!(
            said("    [runner] \tat dam.Gate.open(Gate.java:3)").map(is_frame),
            Some(true)
        );
        assert_eq!(said("    [runner] gate opens"), Some(&b"gate opens"[..]));
        for other in ["    [1, 2]", "    [runner]", "    gate", "  ["] {
            assert_eq!(said(other), None, "{other}");
        }
    }
}
