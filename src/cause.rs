//! Causes: what class of failing language a line of a build log belongs to.
//!
//! Told by the shapes that compilers, test runners, runtimes and shells share (`file:line: error`, a
//! verdict beside a name, the head of an exception, a status that is not zero), never by products. Looks
//! at one line; which of many such lines is the cause is `triage`'s judgement. Linear in the line, of
//! which the first [`JUDGED_BYTES_MAX`] bytes are read.

mod location;
mod phrase;
mod verdict;

pub use location::{Location, location_of_event};
use phrase::{Kind, Said};

/// Bytes of a line that are looked at.
pub const JUDGED_BYTES_MAX: usize = 1024;

/// The classes, what explains most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A test that failed, by name.
    FailedTest,
    /// A compiler, linker or checker about a place in a file.
    CompilerError,
    /// Memory or disk ran out.
    Exhausted,
    /// The head of an exception, or an assertion with what was expected.
    Exception,
    /// Something was not there: a file, a module, a host.
    Missing,
    /// Something took too long.
    Timeout,
    /// Something was refused: a login, a right.
    Denied,
    /// Other words of failure.
    Failure,
    /// What was said right before a failure that nothing else explains; told by its place.
    LastWords,
    /// What follows from a failure: counts of failures, a status.
    Consequence,
    /// What to do about a failure.
    Advice,
    /// A warning.
    Warning,
}

impl Class {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Class::FailedTest => "failed_test",
            Class::CompilerError => "compiler_error",
            Class::Exhausted => "exhausted",
            Class::Exception => "exception",
            Class::Missing => "missing",
            Class::Timeout => "timeout",
            Class::Denied => "denied",
            Class::Failure => "failure",
            Class::LastWords => "last_words",
            Class::Consequence => "consequence",
            Class::Advice => "advice",
            Class::Warning => "warning",
        }
    }

    /// What a line of the class is worth by itself, 0..1.
    pub const fn worth(self) -> f64 {
        match self {
            Class::FailedTest | Class::CompilerError => 0.80,
            Class::Exhausted => 0.75,
            Class::Exception => 0.60,
            Class::Missing | Class::Timeout | Class::Denied => 0.50,
            Class::Failure => 0.45,
            Class::LastWords => 0.35,
            Class::Consequence => 0.30,
            Class::Advice => 0.15,
            Class::Warning => 0.10,
        }
    }

    /// Whether a line of the class can explain a consequence.
    pub const fn explains(self) -> bool {
        !self.follows() && !matches!(self, Class::LastWords | Class::Warning)
    }

    /// Whether a line of the class follows from a failure told elsewhere.
    pub const fn follows(self) -> bool {
        matches!(self, Class::Consequence | Class::Advice)
    }

    /// Whether each line of the class names a cause of its own and never explains its neighbour.
    pub const fn stands_alone(self) -> bool {
        matches!(self, Class::FailedTest | Class::CompilerError)
    }
}

/// The class that the shape of a line shows; `None` where only its words can tell.
pub fn class(line: &str) -> Option<Class> {
    let text = message(line);
    let lower = text.to_ascii_lowercase();
    let said = Said::of(&lower);
    if location::is_diagnostic(text) || said.has(Kind::Linker) {
        Some(Class::CompilerError)
    } else if verdict::names_failed_test(text) {
        Some(Class::FailedTest)
    } else if said.has(Kind::Advice) {
        Some(Class::Advice)
    } else if phrase::is_consequence(&lower, said) {
        Some(Class::Consequence)
    } else if said.has(Kind::Exhausted) {
        Some(Class::Exhausted)
    } else if phrase::is_exception(text, &lower, said) {
        Some(Class::Exception)
    } else if said.has(Kind::Missing) {
        Some(Class::Missing)
    } else if said.has(Kind::Timeout) {
        Some(Class::Timeout)
    } else if said.has(Kind::Denied) {
        Some(Class::Denied)
    } else {
        phrase::begins_with_error(&lower).then_some(Class::Failure)
    }
}

/// Whether a line tells of a test that passed, whatever its name says, or of a probe for what there is.
pub fn tells_pass(line: &str) -> bool {
    let text = message(line);
    verdict::names_passed_test(text) || phrase::is_probe(text)
}

/// Whether a line says that a whole build or step went well.
pub fn tells_success(line: &str) -> bool {
    Said::of(&message(line).to_ascii_lowercase()).has(Kind::Success)
}

/// Whether a line gives a status that is not zero.
pub fn tells_status(line: &str) -> bool {
    let lower = message(line).to_ascii_lowercase();
    phrase::tells_status(&lower, Said::of(&lower))
}

/// Whether a line is a command as a shell or a builder echoes it.
pub fn is_echo(line: &str) -> bool {
    let text = message(line);
    let echoed = ["$ ", "+ ", "> Task "];
    let rest = echoed.iter().find_map(|mark| text.strip_prefix(mark));
    // Behind a sign and more than one blank stands a line of a diff.
    rest.is_some_and(|rest| !rest.starts_with(' '))
}

/// Whether a line is of a kind that only the log of a build has: a command as a shell echoes it, the
/// verdict on a test, an error about a place in a file, how the whole ended.
pub fn speaks_of_building(line: &str) -> bool {
    let text = message(line);
    let lower = text.to_ascii_lowercase();
    let said = Said::of(&lower);
    is_echo(line)
        || text.starts_with("make: ")
        || text.starts_with("make[")
        || location::is_diagnostic(text)
        || verdict::names_failed_test(text)
        || said.has(Kind::Success)
        || said.has(Kind::Linker)
        || said.has(Kind::Consequence)
        || phrase::tells_status(&lower, said)
}

/// The line without the stamps, tags and levels that stand before what is said, cut to what is read.
pub fn message(line: &str) -> &str {
    let line = line.lines().next().unwrap_or_default();
    // A box around a message stands at each of its lines.
    let is_frame = |c: char| c.is_whitespace() || matches!(c, '│' | '┃' | '║');
    let mut text = line[..line.floor_char_boundary(JUDGED_BYTES_MAX)].trim_matches(is_frame);
    while let Some(rest) = without_tag(text).or_else(|| without_stamp(text)) {
        text = rest.trim_start_matches(is_frame);
    }
    text
}

/// What follows a tag in brackets (`[ERROR]`, `##[error]`, `[junit]`), if anything does.
fn without_tag(text: &str) -> Option<&str> {
    const TAG_BYTES_MAX: usize = 40;
    let inner = text
        .strip_prefix("##[")
        .or_else(|| text.strip_prefix('['))?;
    let end = inner.bytes().take(TAG_BYTES_MAX).position(|b| b == b']')?;
    let rest = &inner[end + 1..];
    (!rest.trim().is_empty() && !rest.starts_with(['(', ':', '.'])).then_some(rest)
}

/// What follows a date, a time of day, the number of a step (`#7`) or seconds since a start, if anything
/// does.
fn without_stamp(text: &str) -> Option<&str> {
    let (word, rest) = text.split_once(' ')?;
    let numeric = |b: u8| b.is_ascii_digit() || b"-:.,TZ+/|".contains(&b);
    let marks = word
        .bytes()
        .filter(|b| matches!(b, b':' | b'-' | b'/'))
        .count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_time = marks >= 2 && digits >= 4 && word.bytes().all(numeric);
    let all_digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let is_step = word.strip_prefix('#').is_some_and(all_digits);
    let seconds = word.split_once('.');
    let is_seconds = seconds.is_some_and(|(whole, part)| all_digits(whole) && all_digits(part));
    (is_time || is_step || is_seconds).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    const SHAPES: &[(Class, &[&str])] = &[
        (Class::CompilerError, &[
            "cmd/dam.go:31:14: undefined: Gate",
            "CMake Error at CMakeLists.txt:19 (find_package):",
            "Gate: Test Failed at /srv/dam/test/runtests.jl:9",
            "src/dam.c:41:7: error: unknown type name 'weir_t'",
            "2024-05-01T10:00:00.1234567Z ##[error]src/dam.ts(12,5): error TS2304: no name",
            "[ERROR] /srv/build/Dam.java:[12,34] cannot find symbol",
            "dam.py:12:80: E501 line too long",
            "error[E0308]: mismatched types",
            "  12:5  error  'gate' is not defined",
            "dam.o: undefined reference to `open_gate'",
        ]),
        (Class::FailedTest, &[
            "--- FAIL: TestGate (0.02s)",
            "2/4 Test #2: gate.opens ........***Failed    0.02 sec",
            "//dam:gate_test   FAILED in 0.1s",
            "not ok 3 - gate opens",
            "    ✗ gate opens",
            "FAIL src/gate.test.js",
            "tests/test_gate.py::test_opens FAILED",
            "FAIL: test_opens (tests.gate.GateTest)",
            "org.dam.GateTest > opens FAILED",
            "[ERROR] opens(org.dam.GateTest)  Time elapsed: 0.8 s  <<< FAILURE!",
            "test gate::opens ... FAILED",
            "  1) Gate opens when full:",
        ]),
        (Class::Exhausted, &[
            "java.lang.OutOfMemoryError: Java heap space",
        ]),
        (Class::Exception, &[
            "org.dam.GateException: stuck",
            "AssertionError: 3 != 4",
            "expected:<3> but was:<0>",
        ]),
        (Class::Missing, &[
            "cp: cannot stat 'gate': No such file or directory",
        ]),
        (Class::Timeout, &[
            "fetching the map timed out",
            "Cancelling nested steps due to timeout",
        ]),
        (Class::Denied, &[
            "git@map.example: Permission denied (publickey).",
        ]),
        (Class::Failure, &[
            "│ Error: the gate has no lock",
            "#9 6.033 Error: the gate has no lock",
        ]),
        (Class::Consequence, &[
            "[INFO] BUILD FAILURE",
            "12 tests completed, 3 failed",
            "Tests run: 12, Failures: 3, Errors: 0",
            "test result: FAILED. 2 passed; 1 failed; finished in 0.57s",
            "The command \"make dam\" exited with 2.",
            "make: *** [dam] Error 2",
        ]),
    ];

    #[test]
    fn classes_are_told_by_shape() {
        for (expected, lines) in SHAPES {
            for line in *lines {
                assert_eq!(class(line), Some(*expected), "{line}");
            }
        }
    }

    #[test]
    fn what_is_tried_to_see_what_there_is_is_no_failure() {
        for line in [
            "-- Performing Test HAVE_GATE - Failed",
            "-- Looking for gate_open - not found",
            "checking for gate.h... no",
        ] {
            assert!(tells_pass(line), "{line}");
        }
        assert!(!tells_pass(
            "checking for gate.h... configure: error: not found"
        ));
    }

    #[test]
    fn healthy_lines_have_no_class() {
        for line in [
            "Tests run: 12, Failures: 0, Errors: 0, Skipped: 1",
            "The command \"make dam\" exited with 0.",
            "ok 3 - gate opens",
            "Compiling src/errors.rs",
            "0 failed, 12 passed",
            "downloading http://host:8080/error/map.jar",
            "error: 0",
            "✓ shows an error when the gate is stuck",
            "",
        ] {
            assert_eq!(class(line), None, "{line}");
        }
    }
}
