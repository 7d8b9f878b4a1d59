//! The digest for people: the few items by band, each with its reasons, then the accounting.
//!
//! The first line serves as the subject of a mail, the last one accounts for every line read. No
//! line is wider than the style says, and nothing of a log reaches the reader unescaped.

use super::escape::visible;
use super::layout::{columns, counted, cut, fold, hundredths, listed, number, span, sparkline};
use super::prose::{against, company, dropped, reason, remembered, subject, times, title};
use super::{Output, Report, Style};
use crate::finding::{Band, Item, Nearby};
use std::io::{self, Write};

/// Columns before everything about an item but its score.
const INDENT: usize = 8;

/// Columns of the longest name of a signal.
const SIGNAL_COLUMNS: usize = 11;

/// Host names shown before the rest is a count.
const HOSTS_SHOWN: usize = 3;

/// Lines that a long pattern may take.
const TITLE_LINES_MAX: usize = 2;

/// Lines that the first line of a sample may take.
const SAMPLE_LINES_MAX: usize = 2;

/// Lines that a reason, or another sentence about an item, may take.
const REASON_LINES_MAX: usize = 3;

/// Limits that bound only what is kept for later or shown in full; JSON names them all.
const QUIET_CAPS: [&str; 3] = ["times_max", "slots_max", "example_bytes_max"];

/// `--format text`.
pub struct Text;

impl Output for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn write(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page { style, out };
        page.subject(report)?;
        for band in Band::ALL.into_iter().rev() {
            let items = || report.items.iter().filter(|item| item.band == band);
            if items().next().is_some() {
                page.heading(band)?;
                items().try_for_each(|item| page.item(item))?;
            }
        }
        page.close(report)
    }
}

/// What a band asks of the reader.
fn meaning(band: Band) -> &'static str {
    match band {
        Band::Promote => "worth keeping as an incident",
        Band::Investigate => "worth a human's time today",
        Band::Watch => "worth a glance",
        Band::Background => "known and harmless, or too little to say",
        Band::IgnoreFast => "nothing speaks for it",
    }
}

/// How a piece of text stands out.
#[derive(Clone, Copy)]
enum Tone {
    Strong,
    Quiet,
    Of(Band),
}

impl Tone {
    /// The parameters of an SGR sequence.
    fn sgr(self) -> &'static str {
        match self {
            Tone::Strong => "1",
            Tone::Quiet | Tone::Of(Band::Background | Band::IgnoreFast) => "2",
            Tone::Of(Band::Promote) => "1;31",
            Tone::Of(Band::Investigate) => "1;33",
            Tone::Of(Band::Watch) => "1;36",
        }
    }
}

struct Page<'a> {
    style: &'a Style,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn paint(&self, tone: Tone, text: &str) -> String {
        match self.style.colour {
            true => format!("\x1b[{}m{text}\x1b[0m", tone.sgr()),
            false => text.to_owned(),
        }
    }

    /// A line of one tone at an indent, cut to what the style allows.
    fn line(&mut self, indent: usize, tone: Option<Tone>, text: &str) -> io::Result<()> {
        let text = cut(&visible(text), self.style.columns.saturating_sub(indent));
        let text = tone.map_or(text.clone(), |tone| self.paint(tone, &text));
        writeln!(self.out, "{:indent$}{text}", "")
    }

    /// A head and a sentence, which is folded beside it.
    fn sentence(&mut self, tone: Option<Tone>, head: &str, text: &str) -> io::Result<()> {
        let mut margin = format!("{:INDENT$}{head}", "");
        let room = self.style.columns.saturating_sub(columns(&margin));
        for line in fold(&visible(text), room, REASON_LINES_MAX) {
            let line = tone.map_or(line.clone(), |tone| self.paint(tone, &line));
            writeln!(self.out, "{margin}{line}")?;
            margin = " ".repeat(columns(&margin));
        }
        Ok(())
    }

    fn subject(&mut self, report: &Report<'_>) -> io::Result<()> {
        self.line(0, Some(Tone::Strong), &subject(report))
    }

    fn heading(&mut self, band: Band) -> io::Result<()> {
        let name = self.paint(
            Tone::Of(band),
            &band.name().to_uppercase().replace('_', " "),
        );
        let meaning = self.paint(Tone::Quiet, meaning(band));
        writeln!(self.out, "\n{name}  {meaning}")
    }

    fn item(&mut self, item: &Item) -> io::Result<()> {
        let room = self.style.columns.saturating_sub(INDENT);
        let points: Vec<f64> = item.findings.iter().map(|finding| finding.points).collect();
        let points = hundredths(&points);
        // What is shown must add up as shown, so the score is the sum of the rounded points.
        let score = points.iter().sum::<i64>() as f64 / 100.0;
        writeln!(self.out)?;
        let mut margin = format!("  {score:.2}  ");
        for line in fold(&visible(&title(item)), room, TITLE_LINES_MAX) {
            let line = self.paint(Tone::Strong, &line);
            writeln!(
                self.out,
                "{}{line}",
                self.paint(Tone::Of(item.band), &margin)
            )?;
            margin = " ".repeat(INDENT);
        }
        self.place(item, room)?;
        self.course(item)?;
        let reasons = item
            .findings
            .iter()
            .zip(points)
            .filter(|(_, points)| *points != 0);
        for (finding, points) in reasons {
            let (points, name) = (points as f64 / 100.0, finding.signal.name());
            let head = format!("{points:+.2}  {name:SIGNAL_COLUMNS$}  ");
            self.sentence(None, &head, &reason(finding))?;
        }
        for told in company(item).into_iter().chain(remembered(&item.memory)) {
            self.sentence(None, "", &told)?;
        }
        for remark in &item.remarks {
            let told = format!("{}: {}", remark.kind.name(), remark.text);
            self.sentence(Some(Tone::Strong), "", &told)?;
        }
        self.sample(item)
    }

    /// How often and where on the left, the id on the right, or below where it does not fit.
    fn place(&mut self, item: &Item, room: usize) -> io::Result<()> {
        let mut place = times(item.count);
        if !item.hosts.is_empty() {
            place += &format!(" on {}", listed(&item.hosts, HOSTS_SHOWN));
        }
        if let Some(section) = &item.section {
            place += &format!(" in {section}");
        }
        let (place, id) = (cut(&visible(&place), room), item.id.to_string());
        let gap = room.saturating_sub(columns(&place) + columns(&id));
        let quiet = self.paint(Tone::Quiet, &id);
        match gap {
            0 | 1 => writeln!(self.out, "{:INDENT$}{place}\n{:INDENT$}{quiet}", "", ""),
            gap => writeln!(self.out, "{:INDENT$}{place}{:gap$}{quiet}", "", ""),
        }
    }

    fn course(&mut self, item: &Item) -> io::Result<()> {
        let span = item
            .first
            .zip(item.last)
            .map(|(first, last)| span(first, last));
        let course = sparkline(&item.course)
            .into_iter()
            .chain(span)
            .collect::<Vec<_>>()
            .join("  ");
        match course.as_str() {
            "" => Ok(()),
            course => self.line(INDENT, None, course),
        }
    }

    fn sample(&mut self, item: &Item) -> io::Result<()> {
        let Some(example) = item.examples.first() else {
            return Ok(());
        };
        let mut lines = example.text.lines();
        let first = visible(lines.next().unwrap_or(""));
        let more = match lines.count() {
            0 => String::new(),
            more => format!(", and {}", counted(more as u64, "more line")),
        };
        let place = format!("{}:{}{more}", example.source, example.line);
        self.line(INDENT, Some(Tone::Quiet), &place)?;
        let room = self.style.columns.saturating_sub(INDENT + 2);
        let (before, after): (Vec<_>, Vec<_>) = item
            .nearby
            .iter()
            .partition(|near| near.line < example.line);
        let nearby = |near: &&Nearby| format!("│ {}", near.text);
        for line in before.iter().map(nearby) {
            self.line(INDENT, Some(Tone::Quiet), &line)?;
        }
        // Among its neighbours the example itself has to stand out.
        let mark = if item.nearby.is_empty() { "│" } else { "▶" };
        for line in fold(&first, room, SAMPLE_LINES_MAX) {
            self.line(INDENT, Some(Tone::Quiet), &format!("{mark} {line}"))?;
        }
        let mut after = after.iter().map(nearby);
        after.try_for_each(|line| self.line(INDENT, Some(Tone::Quiet), &line))
    }

    fn close(&mut self, report: &Report<'_>) -> io::Result<()> {
        let accounting = &report.corpus.accounting;
        writeln!(self.out)?;
        if report.left_out() > 0 {
            let more = counted(report.left_out(), "more item");
            self.line(
                0,
                None,
                &format!("{more} of these bands; --top 0 shows all."),
            )?;
        }
        for cap in report
            .caps()
            .into_iter()
            .filter(|cap| !QUIET_CAPS.contains(&cap.name))
        {
            let (name, limit, over) = (cap.name, number(cap.limit), counted(cap.over, cap.of));
            self.line(
                0,
                None,
                &format!("Limit reached: {name} is {limit}, {over} went over it."),
            )?;
        }
        if let Some(against) = against(report) {
            self.line(0, None, &against)?;
        }
        let events = counted(accounting.events, "event");
        let kept = report.corpus.patterns.len() as u64;
        let mut told = match report.corpus.patterns_estimate() {
            all if all == kept => format!("{events} in {}", counted(kept, "pattern")),
            all => format!("{events} in about {} patterns", number(all)),
        };
        if accounting.undated() > 0 {
            told += &format!(", {} without a time", number(accounting.undated()));
        }
        for (reason, lines) in &accounting.dropped {
            told += &format!(", {}", dropped(*reason, *lines));
        }
        self.line(0, Some(Tone::Quiet), &told)?;
        let parts = [
            (accounting.events, "events"),
            (accounting.continuation, "continuation"),
            (accounting.muted, "muted"),
            (accounting.dropped(), "dropped"),
        ];
        let parts = parts.map(|(count, name)| format!("{} {name}", number(count)));
        let sum = format!(
            "{} = {}",
            counted(accounting.lines(), "line"),
            parts.join(" + ")
        );
        self.line(0, Some(Tone::Quiet), &sum)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::finding::Signal;
    use crate::history::{Remark, RemarkKind};

    fn digest(items: Vec<Item>, style: Style) -> String {
        let corpus = testing::corpus();
        let report = testing::report(items, &corpus);
        let mut out = Vec::new();
        Text.write(&report, &style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const PLAIN: Style = Style {
        columns: 78,
        colour: false,
    };

    #[test]
    fn no_line_is_wider_than_asked_whatever_the_log_holds() {
        let mut item = testing::item();
        item.pattern = "日本語 ".repeat(80);
        item.hosts = (0..50)
            .map(|n| format!("a-very-long-host-name-{n}.example.net"))
            .collect();
        item.examples[0].text = "\x1b]0;title\x07".repeat(40).into();
        item.examples[0].source = "deep/".repeat(40).into();
        for line in digest(vec![item], PLAIN).lines() {
            assert!(columns(line) <= 78, "{} columns: {line}", columns(line));
        }
    }

    #[test]
    fn a_reason_and_a_remark_are_told_to_their_end() {
        let mut item = testing::item();
        let end = "and here it ends";
        item.remarks = vec![Remark {
            kind: RemarkKind::Lesson,
            text: format!("{} {end}", "look twice ".repeat(8)),
        }];
        let told = reason(&item.findings[0]);
        let narrow = Style {
            columns: 60,
            ..PLAIN
        };
        let digest = digest(vec![item], narrow);
        let joined = digest.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&told), "{digest}");
        assert!(joined.contains(end), "{digest}");
        assert!(digest.lines().all(|line| columns(line) <= 60), "{digest}");
    }

    #[test]
    fn nothing_of_a_log_reaches_the_terminal_raw() {
        let mut item = testing::item();
        item.pattern = "a\x1b[2Jb\u{202e}c".into();
        item.hosts = vec!["h\x07".into()];
        item.examples[0].text = "x\x1b[31my".into();
        item.examples[0].source = "f\x1b".into();
        let digest = digest(vec![item], PLAIN);
        assert!(
            digest
                .chars()
                .all(|c| c == '\n' || !super::super::escape::is_active(c))
        );
        assert!(digest.contains("a\\x1b[2Jb\\u{202e}c"));
    }

    #[test]
    fn a_quiet_log_is_told_in_one_line_and_the_accounting() {
        let digest = digest(vec![], PLAIN);
        assert!(digest.starts_with("brainstem: nothing deserves attention in 5 lines\n"));
        assert!(digest.ends_with("5 lines = 3 events + 1 continuation + 0 muted + 1 dropped\n"));
    }

    #[test]
    fn the_column_of_signals_fits_the_longest() {
        let longest = Signal::ALL
            .map(|signal| signal.name().len())
            .into_iter()
            .max();
        assert_eq!(longest, Some(SIGNAL_COLUMNS));
    }

    #[test]
    fn colour_comes_only_when_asked_for() {
        assert!(!digest(vec![testing::item()], PLAIN).contains('\x1b'));
        let coloured = digest(
            vec![testing::item()],
            Style {
                colour: true,
                ..PLAIN
            },
        );
        assert!(coloured.contains("\x1b[1;33mINVESTIGATE\x1b[0m"));
    }
}
