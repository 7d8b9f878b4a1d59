//! The man page and the completion scripts, made from the same declaration as the help.

use super::{Cli, help};
use crate::detect::DETECTORS;
use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::io::{self, Write};

/// What `brainstem generate` prints; the committed files are its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Artifact {
    /// The man page, `man/brainstem.1`.
    Man,
    /// `completions/brainstem.bash`.
    Bash,
    /// `completions/_brainstem`.
    Zsh,
    /// `completions/brainstem.fish`.
    Fish,
}

/// Writes one artifact; the same bytes on every machine.
pub fn generate(artifact: Artifact, out: &mut dyn Write) -> io::Result<()> {
    let shell = match artifact {
        Artifact::Man => return man(out),
        Artifact::Bash => Shell::Bash,
        Artifact::Zsh => Shell::Zsh,
        Artifact::Fish => Shell::Fish,
    };
    // Into memory first: clap_complete panics where a write fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut public(), "brainstem", &mut script);
    out.write_all(&script)
}

/// The declaration without what help hides.
fn public() -> clap::Command {
    let hidden = Cli::command();
    let visible: Vec<_> = hidden
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        // A page has room for what the short help leaves out, and would print it without its text.
        .map(|c| c.clone().mut_args(|arg| arg.hide_short_help(false)))
        .collect();
    let root = clap::Command::new("brainstem").version(env!("CARGO_PKG_VERSION"));
    let root = match hidden.get_about() {
        Some(about) => root.about(about.clone()),
        None => root,
    };
    root.disable_help_subcommand(true).subcommands(visible)
}

/// One page for all commands: what a reader looks for stands in one place.
fn man(out: &mut dyn Write) -> io::Result<()> {
    let mut root = public();
    root.build();
    let page = Man::new(root.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    for command in root.get_subcommands() {
        let command = command.clone().after_long_help(None).after_help(None);
        let section = Man::new(command);
        section.render_synopsis_section(out)?;
        section.render_description_section(out)?;
        section.render_options_section(out)?;
    }
    let mut rest = Roff::new();
    signals(&mut rest);
    rows(&mut rest, "EXIT STATUS", help::EXIT_STATUS);
    rows(&mut rest, "ENVIRONMENT", help::ENVIRONMENT);
    rows(&mut rest, "EXAMPLES", help::EXAMPLES);
    rest.to_writer(out)
}

/// What each detector says of itself.
fn signals(page: &mut Roff) {
    page.control("SH", ["SIGNALS"]);
    for detector in DETECTORS {
        page.control("TP", [])
            .text([bold(detector.signal().name())]);
        for (place, paragraph) in detector.doc().lines().enumerate() {
            if place > 0 {
                page.control("br", []);
            }
            page.text([roman(paragraph)]);
        }
    }
}

/// A section of terms and what is said of each.
fn rows(page: &mut Roff, heading: &str, rows: &[(&str, &str)]) {
    page.control("SH", [heading]);
    for (term, meaning) in rows {
        page.control("TP", [])
            .text([bold(*term)])
            .text([roman(*meaning)]);
    }
}
