//! JUnit XML, as test reports of CI systems read it: an item is a test case.
//!
//! Items to investigate and above fail; those below pass and say what they are in their output. A run
//! that found nothing is one case that passed, since readers refuse an empty suite. Element and
//! attribute names are those of the schema that Jenkins and GitLab read.

use super::escape::visible;
use super::prose::{subject, title, why_it_matters};
use super::{Output, Report, Style};
use crate::finding::{Band, Item};
use std::io::{self, Write};

/// `--format junit`.
pub struct Junit;

impl Output for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let failures = report.items.iter().filter(|item| fails(item)).count();
        let tests = report.items.len().max(1);
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites {counts}>")?;
        writeln!(
            out,
            "  <testsuite name=\"brainstem\" {counts} skipped=\"0\">"
        )?;
        if report.items.is_empty() {
            let name = escaped(&subject(report));
            writeln!(
                out,
                "    <testcase classname=\"brainstem\" name=\"{name}\"/>"
            )?;
        }
        for item in &report.items {
            case(item, out)?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

fn fails(item: &Item) -> bool {
    item.band >= Band::Investigate
}

fn case(item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let class = item.section.as_deref().or(item.service.as_deref());
    let (class, name) = (escaped(class.unwrap_or("brainstem")), escaped(&title(item)));
    let sample = item.examples.first();
    let place = sample.map_or(String::new(), |e| format!("{}:{}\n", e.source, e.line));
    let text = sample.map_or("", |example| &example.text);
    let told = escaped(&format!("{place}{text}\n"));
    writeln!(out, "    <testcase classname=\"{class}\" name=\"{name}\">")?;
    if fails(item) {
        let (message, band) = (escaped(&why_it_matters(item)), item.band.name());
        writeln!(
            out,
            "      <failure message=\"{message}\" type=\"{band}\">{told}</failure>"
        )?;
    } else {
        writeln!(out, "      <system-out>{told}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// Text as XML 1.0 can hold it, in an element or in double quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        for c in visible(line).chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                // The two that XML 1.0 excludes and `visible` leaves.
                '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
                c => escaped.push(c),
            }
        }
        escaped.push_str(end);
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;

    fn told(items: Vec<Item>) -> String {
        testing::written(&Junit, items)
    }

    /// The names of elements that open, after checking that each is closed in its turn.
    fn elements(xml: &str) -> Vec<String> {
        let (mut open, mut all) = (Vec::new(), Vec::new());
        for tag in xml.split('<').skip(1) {
            let (tag, text) = tag.split_once('>').unwrap();
            assert!(!text.contains('>'));
            let name = tag.split([' ', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed));
            } else if !tag.starts_with('?') {
                assert_eq!(tag.matches('"').count() % 2, 0);
                all.push(name.to_owned());
                if !tag.ends_with('/') {
                    open.push(name.to_owned());
                }
            }
        }
        assert!(open.is_empty());
        all
    }

    #[test]
    fn items_are_cases_and_loud_ones_fail() {
        let mut quiet = testing::item();
        quiet.band = Band::Watch;
        let told = told(vec![testing::item(), quiet]);
        let expected = "testsuites testsuite testcase failure testcase system-out";
        assert_eq!(elements(&told).join(" "), expected);
        assert!(told.contains("<testsuites tests=\"2\" failures=\"1\" errors=\"0\">"));
    }

    #[test]
    fn a_run_without_items_is_a_case_that_passed() {
        assert_eq!(
            elements(&told(vec![])).join(" "),
            "testsuites testsuite testcase"
        );
    }

    #[test]
    fn hostile_text_is_no_markup() {
        let mut item = testing::item();
        item.pattern = "\"/><failure x=\"&".into();
        item.examples[0].text = "]]></failure>\x00\x1b[31m\u{ffff}<".into();
        let told = told(vec![item]);
        assert_eq!(
            elements(&told).join(" "),
            "testsuites testsuite testcase failure"
        );
        assert!(!told.contains(['\0', '\x1b', '\u{ffff}']));
    }
}
