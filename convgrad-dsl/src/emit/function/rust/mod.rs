//! Rust, with nothing but its standard library.

mod convert;
mod helpers;
mod text;

use super::helper::Helpers;
use super::scalar::{Strength, Text};
use super::target::{Extreme, Flags, Parts, Refusal, Target};
use super::{Language, Types, Unfit, element};
use crate::keywords;
use crate::sema::model::ElementType;

const SIZES: &str = "the sizes are so large that indices may not fit 64 bits";
const TRIALS: &str = "a check of the sizes would take too many trials or too much memory";

/// The language, the types that a function moves, and which helpers it has needed so far.
#[derive(Debug)]
pub(super) struct Rust {
    types: Types,
    helpers: Helpers,
}

impl Rust {
    pub(super) fn new(name: &str, types: Types) -> Self {
        let name = match keywords::is_rust(name) || name == "_" {
            true => format!("{name}_"),
            false => name.to_owned(),
        };
        Rust {
            types,
            helpers: Helpers::of(name),
        }
    }

    fn name(&self) -> &str {
        &self.helpers.function
    }
}

/// What a type is called; any one is `T`.
fn type_name(element: Option<ElementType>) -> &'static str {
    element.map_or("T", |element| element::name(element, Language::Rust))
}

impl Target for Rust {
    fn assemble(&self, parts: &Parts) -> Result<String, Unfit> {
        self.function(parts)
    }

    fn reserved(&self, word: &str) -> bool {
        const USED: &str = " _ Err None Ok Result Some T Vec f64 i64 size u8 usize ";
        keywords::is_rust(word)
            || USED.split(' ').any(|used| used == word)
            || self.helpers.has_name(word)
    }

    fn smallest(&self) -> Text {
        Text::atom("i64::MIN")
    }

    fn floor_div(&self, a: Text, b: Text) -> Text {
        Text::atom(format!("{}.div_euclid({})", typed(&a), b.text))
    }

    fn floor_mod(&self, a: Text, b: Text) -> Text {
        Text::atom(format!("{}.rem_euclid({})", typed(&a), b.text))
    }

    fn extreme(&self, which: Extreme, all: Vec<Text>) -> Text {
        let method = match which {
            Extreme::Min => "min",
            Extreme::Max => "max",
        };
        let joined = all
            .into_iter()
            .reduce(|a, b| Text::atom(format!("{}.{method}({})", typed(&a), b.text)));
        joined.unwrap_or_else(|| Text::atom("0"))
    }

    fn abs(&self, a: Text) -> Text {
        Text::atom(format!("{}.abs()", typed(&a)))
    }

    fn power(&self, b: Text) -> Text {
        Text::atom(format!("(1_i64 << {})", b.operand()))
    }

    fn magnitude(&self, size: &str) -> String {
        format!("({size} as f64 + 1.0)")
    }

    fn magnitude_power(&self, exponent: &str) -> String {
        format!("f64::exp2({exponent})")
    }

    fn bind_double(&self, name: &str, value: &str) -> String {
        format!("let {name} = {value};")
    }

    fn bind(&self, name: &str, value: &str) -> String {
        match value.parse::<i64>() {
            Ok(_) => format!("let {name}: i64 = {value};"),
            Err(_) => format!("let {name} = {value};"),
        }
    }

    fn bind_counter(&self, name: &str) -> String {
        format!("let mut {name}: i64 = 0;")
    }

    fn repeat(&self, counter: &str, from: &str, to: &str, step: &str) -> String {
        let to = match to.parse::<i64>() {
            Ok(_) => format!("{to}_i64"),
            Err(_) => to.to_owned(),
        };
        match step {
            "1" => format!("for {counter} in {from}..{to}"),
            step => format!("for {counter} in ({from}..{to}).step_by({step} as usize)"),
        }
    }

    fn when(&self, condition: &str) -> String {
        format!("if {condition}")
    }

    fn refuse(&self, why: Refusal) -> String {
        match why {
            Refusal::Sizes => format!("return Err({SIZES:?});"),
            Refusal::Trials => format!("return Err({TRIALS:?});"),
            Refusal::Obligation(_, text) => {
                format!("return Err({:?});", format!("violated: {text}"))
            }
        }
    }

    fn element(&self, tensor: &str, place: &Text) -> String {
        format!("{tensor}[{}]", as_usize(place))
    }

    fn copy(&self, to: (&str, &Text), from: (&str, &Text), count: &Text) -> String {
        let run = |(tensor, place): (&str, &Text)| {
            format!("{tensor}[{}..][..{}]", as_usize(place), as_usize(count))
        };
        format!("{}.copy_from_slice(&{});", run(to), run(from))
    }

    fn converted(&self, from: &str) -> String {
        self.moved(from)
    }

    fn add(&self, to: &str, from: &str) -> String {
        self.sum(to, from)
    }

    fn fill(&self, (tensor, place): (&str, &Text), count: &Text, value: &str) -> Option<String> {
        let (place, count) = (as_usize(place), as_usize(count));
        Some(format!("{tensor}[{place}..][..{count}].fill({value});"))
    }

    fn flags(&self, name: &str, total: &Text) -> Flags {
        let bytes = format!("({} / 8 + 1) as usize", total.at_least(Strength::Product));
        Flags {
            make: format!("let mut {name}: Vec<u8> = Vec::new();"),
            failed: format!("{name}.try_reserve_exact({bytes}).is_err()"),
            ready: Some(format!("{name}.resize({bytes}, 0);")),
            release: None,
        }
    }

    fn flag(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[({at} / 8) as usize] >> ({at} % 8) & 1 == 1")
    }

    fn raise(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[({at} / 8) as usize] |= 1 << ({at} % 8);")
    }
}

/// A receiver of a method, whose type a number would not tell.
fn typed(text: &Text) -> String {
    match text.is_number() {
        true if text.text.starts_with('-') => format!("({}_i64)", text.text),
        true => format!("{}_i64", text.text),
        false => text.operand(),
    }
}

fn as_usize(place: &Text) -> String {
    match place.is_number() {
        true => place.text.clone(),
        false => format!("{} as usize", place.operand()),
    }
}
