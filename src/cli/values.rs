//! The words that flags take for the values of closed enums.

use crate::finding::{Band, Label};
use crate::run::Emit;
use crate::terminal::Colour;
use clap::ValueEnum;
use clap::builder::PossibleValue;

impl ValueEnum for Band {
    fn value_variants<'a>() -> &'a [Self] {
        &Band::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Emit {
    fn value_variants<'a>() -> &'a [Self] {
        &[Emit::Items, Emit::Events, Emit::Signatures]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Emit::Items => "items",
            Emit::Events => "events",
            Emit::Signatures => "signatures",
        }))
    }
}

impl ValueEnum for Colour {
    fn value_variants<'a>() -> &'a [Self] {
        &[Colour::Auto, Colour::Always, Colour::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Colour::Auto => "auto",
            Colour::Always => "always",
            Colour::Never => "never",
        }))
    }
}

impl ValueEnum for Label {
    fn value_variants<'a>() -> &'a [Self] {
        &Label::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
