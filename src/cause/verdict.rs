//! Verdicts of test runners: a word or mark of failure beside the name of what failed.

/// Marks that runners put before a failed test.
const CROSSES: [char; 8] = ['✗', '✖', '✘', '●', '×', '❌', '⨯', '✕'];

/// Words that begin a line about a failed test, with what divides them from its name.
const BEGINNINGS: [&str; 9] = [
    "--- FAIL: ",
    "not ok ",
    "FAIL: ",
    "FAIL ",
    "FAILED ",
    "FAIL\t",
    "FAILED: ",
    "failed test ",
    "Failed test ",
];

/// Words that begin a line about a test that broke, where a name of a test follows.
const ERRORS: [&str; 3] = ["ERROR: ", "failure: ", "error: "];

/// Words that end a line about a failed test.
const ENDS: [&str; 8] = [
    " FAILED",
    " FAIL",
    " FAILURE",
    " ERROR",
    "...FAILED",
    "***Failed",
    " Failed",
    " failed",
];

/// Words that begin a list of failed tests.
const LISTS: [&str; 5] = [
    "failed tests:",
    "failing tests:",
    "tests in error:",
    "test failures:",
    "failed test:",
];

/// Names of what is no test but the whole of the work.
const WHOLES: [&str; 14] = [
    "build",
    "job",
    "task",
    "tests",
    "test",
    "command",
    "step",
    "script",
    "process",
    "pipeline",
    "result",
    "install",
    "make",
    "execution",
];

/// Whether a line tells of a failed test by name.
pub(super) fn names_failed_test(text: &str) -> bool {
    let marked = text.find("<<< ").map(|at| &text[at + 4..]);
    if marked.is_some_and(|rest| rest.starts_with("FAIL") || rest.starts_with("ERR")) {
        return true;
    }
    if let Some(name) = text.strip_prefix(CROSSES) {
        let name = name.trim();
        // `✖ 2 problems` counts and names nothing.
        let counts = name.starts_with(|c: char| c.is_ascii_digit());
        return text.len() > name.len() && name.chars().any(char::is_alphabetic) && !counts;
    }
    let lower = text[..text.floor_char_boundary(24)].to_ascii_lowercase();
    if LISTS.iter().any(|list| lower.starts_with(list)) {
        return true;
    }
    if let Some(name) = BEGINNINGS.iter().find_map(|start| text.strip_prefix(start)) {
        return text.starts_with("not ok ") || text.starts_with("---") || is_test_name(name);
    }
    if let Some(name) = ERRORS.iter().find_map(|start| text.strip_prefix(start)) {
        // Most errors are none of tests: the name itself must say so.
        let first = name.split_ascii_whitespace().next().unwrap_or_default();
        return is_identifier(first) && says_test(first);
    }
    let verdict = without_duration(text);
    if let Some(name) = ENDS.iter().find_map(|end| verdict.strip_suffix(end)) {
        return is_test_name(name.trim_end_matches(['.', ' ', ':', '-']));
    }
    is_numbered(text) || failed_count_of_named(text)
}

/// A text without the time that what it tells of took: `(3 ms)`, `in 0.1s`, `0.02 sec`.
fn without_duration(text: &str) -> &str {
    let cut = |text| match str::rsplit_once(text, ' ') {
        Some((rest, word)) => (rest.trim_end(), word.trim_matches(['(', ')', '[', ']'])),
        None => (text, ""),
    };
    let is_unit = |unit: &str| matches!(unit, "ms" | "s" | "sec" | "seconds" | "m" | "min");
    let (rest, last) = cut(text);
    let unit = last.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (rest, number) = match last.len() - unit.len() {
        0 => cut(rest),
        _ => (rest, last),
    };
    if !is_unit(unit) || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return text;
    }
    rest.strip_suffix(" in").unwrap_or(rest).trim_end()
}

/// Whether a line tells of a test that passed.
pub(super) fn names_passed_test(text: &str) -> bool {
    let ends = [" PASSED", " PASS", " ok", " OK", " passed"];
    text.starts_with(['✓', '✔', '√', '✅'])
        || text.starts_with("ok ")
        || text.starts_with("PASS")
        || text.starts_with("--- PASS")
        || ends.iter().any(|end| text.ends_with(end))
}

/// `1) Gate opens:`, as runners number what failed.
fn is_numbered(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some(name) = text.get(digits..).and_then(|rest| rest.strip_prefix(") ")) else {
        return false;
    };
    (1..=4).contains(&digits) && (name.ends_with(':') || is_test_name(name))
}

/// `Tests run: 3, Failures: 1, ... - in org.dam.GateTest`: counts of a class and not of the whole.
fn failed_count_of_named(text: &str) -> bool {
    let Some((counts, name)) = text.rsplit_once(" in ") else {
        return false;
    };
    name.starts_with(char::is_alphabetic)
        && name.contains('.')
        && !name.contains(' ')
        && super::phrase::counts_failures(&counts.to_ascii_lowercase())
}

/// Whether a text names a test: it has the shape of an identifier or says test, and is not the whole.
fn is_test_name(text: &str) -> bool {
    let text = text.trim().trim_start_matches([':', '-', ' ']);
    let first = text.split([' ', ':', '(']).next().unwrap_or_default();
    if first.is_empty()
        || WHOLES.iter().any(|whole| first.eq_ignore_ascii_case(whole))
            && text.len() <= first.len() + 1
    {
        return false;
    }
    let mut words = text.split_ascii_whitespace();
    let shaped = words.clone().any(is_identifier);
    let says_test = words.any(says_test);
    shaped && (says_test || text.contains(['(', '>', '#']) || text.contains("::"))
}

fn says_test(word: &str) -> bool {
    word.len() >= 4
        && ["test", "Test", "spec"]
            .iter()
            .any(|test| word.contains(test))
}

/// Inner capitals, underscores, dots, slashes or colons.
fn is_identifier(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.len() >= 3
        && (word.contains(['_', '/', '#', '$'])
            || word.contains("::")
            || word.trim_end_matches('.').contains('.')
            || word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase))
}
