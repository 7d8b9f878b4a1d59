//! Annotations of GitHub Actions: one workflow command an item, which the runner shows at the file.
//!
//! The runner keeps ten annotations of a kind a step, so no more are printed, and a plain line says how
//! many are left. Text of the log stands only behind a command's last `::`, where the runner decodes
//! `%25`, `%0D` and `%0A` and nothing else, and never at the start of a line.

use super::escape::visible;
use super::layout::counted;
use super::prose::{subject, title, why_it_matters};
use super::{Output, Report, Style};
use crate::cause;
use crate::finding::{Band, Item};
use std::io::{self, Write};

/// Annotations a step.
pub const ANNOTATIONS_MAX: usize = 10;
/// Lines of a sample in an annotation.
const SAMPLE_LINES_MAX: usize = 12;

/// `--format github`.
pub struct Github;

impl Output for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        for item in report.items.iter().take(ANNOTATIONS_MAX) {
            writeln!(out, "{}", annotation(item))?;
        }
        let shown = report.items.len().min(ANNOTATIONS_MAX) as u64;
        let more = report.items.len() as u64 - shown + report.left_out();
        writeln!(out, "{}", visible(&subject(report)))?;
        match more {
            0 => Ok(()),
            more => writeln!(
                out,
                "brainstem: {} not annotated",
                counted(more, "more item")
            ),
        }
    }
}

fn annotation(item: &Item) -> String {
    let sample = item.examples.first();
    let text = sample.map_or("", |example| &example.text);
    let place = match (cause::location_of_event(text), sample) {
        (Some(at), _) => {
            let column = at
                .column
                .map_or(String::new(), |column| format!(",col={column}"));
            format!("file={},line={}{column},", property(at.path), at.line)
        }
        (None, _) => String::new(),
    };
    let lines: Vec<_> = text.lines().take(SAMPLE_LINES_MAX).map(visible).collect();
    let source = sample.map_or(String::new(), |e| format!("\n({}:{})", e.source, e.line));
    let message = format!("{}\n{}{source}", lines.join("\n"), why_it_matters(item));
    format!(
        "::{} {place}title={}::{}",
        level(item.band),
        property(&visible(&title(item))),
        data(&message)
    )
}

fn level(band: Band) -> &'static str {
    match band {
        Band::Promote | Band::Investigate => "error",
        Band::Watch => "warning",
        Band::Background | Band::IgnoreFast => "notice",
    }
}

/// The text behind a command's last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;

    fn told(items: Vec<Item>) -> String {
        testing::written(&Github, items)
    }

    #[test]
    fn a_step_has_ten_annotations_and_the_rest_is_counted() {
        let told = told(vec![testing::item(); 12]);
        assert_eq!(
            told.lines()
                .filter(|line| line.starts_with("::error "))
                .count(),
            10
        );
        assert!(told.ends_with("brainstem: 2 more items not annotated\n"));
    }

    #[test]
    fn a_place_in_a_file_is_annotated_there() {
        let mut item = testing::item();
        item.examples[0].text = "src/dam.c:41:7: error: no gate".into();
        assert!(
            told(vec![item])
                .starts_with("::error file=src/dam.c,line=41,col=7,title=storage%3A mount")
        );
    }

    #[test]
    fn hostile_text_opens_no_command() {
        let mut item = testing::item();
        item.pattern = "a,line=9::b\n::stop-commands::x".into();
        item.examples[0].text = "100%\n::set-env name=PATH::/tmp\r\n::error::\x1b[31m".into();
        let told = told(vec![item]);
        let commands: Vec<_> = told.lines().filter(|line| line.starts_with("::")).collect();
        assert_eq!(commands.len(), 1);
        assert!(commands[0].contains("%0A::set-env") && commands[0].contains("100%25"));
        assert!(!told.contains('\x1b') && commands[0].contains("a%2Cline=9%3A%3Ab"));
    }
}
