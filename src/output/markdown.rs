//! Markdown for a step's summary or a comment: the items with their reasons and samples.
//!
//! Text of the log stands in code spans and fenced blocks only, each with a fence longer than any that
//! the text holds, so that it is neither markup nor a mention.

use super::escape::visible;
use super::layout::{counted, hundredths};
use super::prose::{reason, subject, times, title};
use super::{Output, Report, Style};
use crate::finding::Item;
use std::io::{self, Write};

/// Lines of a sample that are shown.
const SAMPLE_LINES_MAX: usize = 20;

/// `--format markdown`.
pub struct Markdown;

impl Output for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let subject = subject(report);
        let (counts, first) = subject.split_once("; first ").unwrap_or((&subject, ""));
        match first {
            "" => writeln!(out, "## {counts}")?,
            first => writeln!(out, "## {counts}; first {}", span(first))?,
        }
        for (number, item) in (1..).zip(&report.items) {
            tell(number, item, out)?;
        }
        if let Some(against) = super::prose::against(report) {
            writeln!(out, "\n{against}")?;
        }
        match report.left_out() {
            0 => Ok(()),
            more => writeln!(out, "\n{} not shown.", counted(more, "more item")),
        }
    }
}

fn tell(number: u64, item: &Item, out: &mut dyn Write) -> io::Result<()> {
    let points: Vec<f64> = item.findings.iter().map(|finding| finding.points).collect();
    let points = hundredths(&points);
    let score = points.iter().sum::<i64>() as f64 / 100.0;
    writeln!(out, "\n### {number}. {}\n", span(&title(item)))?;
    write!(
        out,
        "**{}** {score:.2}, {}",
        item.band.name(),
        times(item.count)
    )?;
    if let Some(section) = &item.section {
        write!(out, " in {}", span(section))?;
    }
    if let Some(example) = item.examples.first() {
        write!(
            out,
            ", {}",
            span(&format!("{}:{}", example.source, example.line))
        )?;
    }
    writeln!(out, "\n")?;
    for (finding, points) in item.findings.iter().zip(points) {
        let (points, signal) = (points as f64 / 100.0, finding.signal.name());
        writeln!(out, "- {points:+.2} {signal}: {}", inline(&reason(finding)))?;
    }
    match item.examples.first() {
        Some(example) => fenced(&example.text, out),
        None => Ok(()),
    }
}

/// A fenced block of the first lines of a text.
fn fenced(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    writeln!(out, "\n{fence}text")?;
    for line in text.lines().take(SAMPLE_LINES_MAX) {
        writeln!(out, "{}", visible(line))?;
    }
    match text.lines().count().saturating_sub(SAMPLE_LINES_MAX) {
        0 => {}
        more => writeln!(out, "({})", counted(more as u64, "more line"))?,
    }
    writeln!(out, "{fence}")
}

/// A text as a code span on one line.
fn span(text: &str) -> String {
    let text = visible(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A sentence of ours that may quote a word of the log.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if "\\`*_{}[]<>()#+!|&@~$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;

    fn told(items: Vec<Item>) -> String {
        testing::written(&Markdown, items)
    }

    #[test]
    fn an_item_has_its_place_reasons_and_sample() {
        let told = told(vec![testing::item()]);
        assert!(told.starts_with(
            "## brainstem: 1 to investigate; first `storage: mount of <path> failed`\n"
        ));
        assert!(told.contains("\n### 1. `storage: mount of <path> failed`\n"));
        assert!(told.contains("**investigate** 0.63, 14 times, `night.log:7`"));
        assert!(told.contains("\n```text\nmount of /srv/data failed\n  retrying\n```\n"));
    }

    #[test]
    fn hostile_text_stays_in_its_fence() {
        let mut item = testing::item();
        item.pattern = "``x` @team <img src=x>".into();
        item.section = Some("`".into());
        item.examples[0].text = "```\n# not a heading\n````\n\x1b[31m".into();
        let told = told(vec![item]);
        assert!(told.contains("### 1. ```storage: ``x` @team <img src=x>```\n"));
        assert!(told.contains("in `` ` ``"));
        assert!(told.contains("\n`````text\n```\n# not a heading\n````\n\\x1b[31m\n`````\n"));
    }
}
