//! What standard output can show: colour and columns, by flag, environment and terminal.

use crate::output::Style;
use std::env;
use std::io::{self, IsTerminal};

/// Columns where there is no terminal: what a mail or a pager shows without wrapping.
pub const COLUMNS_DEFAULT: usize = 78;

/// Columns of the narrowest and the widest digest that still reads well.
const COLUMNS_RANGE: std::ops::RangeInclusive<usize> = 60..=140;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The style of text on standard output.
pub fn style(colour: Colour) -> Style {
    let terminal = io::stdout().is_terminal();
    let size = terminal
        .then(|| terminal_size::terminal_size_of(io::stdout()))
        .flatten();
    let columns = size.map_or(COLUMNS_DEFAULT, |(width, _)| {
        usize::from(width.0).clamp(*COLUMNS_RANGE.start(), *COLUMNS_RANGE.end())
    });
    Style {
        columns,
        colour: coloured(colour, terminal, |name| env::var(name).ok()),
    }
}

/// Whether to colour: the flag wins, then NO_COLOR, then CLICOLOR_FORCE, then the terminal.
fn coloured(colour: Colour, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR") => false,
        Colour::Auto if variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") => {
            true
        }
        Colour::Auto => terminal && variable("TERM").as_deref() != Some("dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(terminal: bool, variables: &[(&str, &str)]) -> bool {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value.to_string())
        };
        coloured(Colour::Auto, terminal, variable)
    }

    #[test]
    fn the_environment_overrules_the_terminal() {
        assert!(auto(true, &[]));
        assert!(!auto(false, &[]));
        assert!(!auto(true, &[("NO_COLOR", "1")]));
        assert!(auto(true, &[("NO_COLOR", "")]));
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!auto(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
    }

    #[test]
    fn the_flag_overrules_the_environment() {
        assert!(coloured(Colour::Always, false, |_| Some("1".into())));
        assert!(!coloured(Colour::Never, true, |_| Some("1".into())));
    }
}
