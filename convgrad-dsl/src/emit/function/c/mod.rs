//! C11, with nothing but its own headers.

mod convert;
mod helpers;
mod text;

use super::helper::{Helper, Helpers};
use super::scalar::{Strength, Text};
use super::target::{Extreme, Flags, Parts, Refusal, Target};
use super::{Types, Unfit};
use crate::keywords;
use crate::sema::model::ElementType;

/// Returned where a check by trying is too much.
const TRIALS: i32 = -1;
/// Returned where the sizes do not fit.
const SIZES: i32 = 1;
/// Returned where the first obligation does not hold.
const OBLIGATIONS: usize = 2;

/// The language, the types that a function moves, and which helpers it has needed so far.
#[derive(Debug)]
pub(super) struct C {
    types: Types,
    helpers: Helpers,
}

impl C {
    pub(super) fn new(name: &str, types: Types) -> Self {
        C {
            types,
            helpers: Helpers::of(function_name(name)),
        }
    }

    fn name(&self) -> &str {
        &self.helpers.function
    }

    /// What is read.
    fn input(&self) -> ElementType {
        self.types.input.unwrap_or(ElementType::F32)
    }

    /// What is written.
    fn output(&self) -> ElementType {
        self.types.output.unwrap_or(ElementType::F32)
    }

    /// What the types of the input and of the output are called.
    fn type_names(&self) -> [String; 2] {
        let ends = match self.input() == self.output() {
            true => ["element", "element"],
            false => ["input", "output"],
        };
        ends.map(|end| format!("{}_{end}", self.name()))
    }
}

/// The name of a converter as that of a function, apart from what C has already.
fn function_name(name: &str) -> String {
    // Compilers know these, whether their headers are included or not.
    const KNOWN: &str = " abs acos asin atan calloc ceil cos div erf exit exp exp2 fabs floor fma fmax fmin fmod free gamma \
        index j0 j1 jn ldexp log main malloc memcmp memcpy memmove memset pow printf puts rand rindex rint round sin sqrt \
        stpcpy strcpy tan trunc y0 y1 yn ";
    match keywords::is_c(name) || KNOWN.split(' ').any(|known| known == name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

impl Target for C {
    fn assemble(&self, parts: &Parts) -> Result<String, Unfit> {
        self.function(parts)
    }

    fn reserved(&self, word: &str) -> bool {
        const USED: &str =
            " calloc double free int64_t memcpy size_t uint64_t INFINITY INT64_MIN NULL ";
        keywords::is_c(word)
            || USED.split(' ').any(|used| used == word)
            || self.helpers.has_name(word)
    }

    fn smallest(&self) -> Text {
        Text::atom("INT64_MIN")
    }

    fn floor_div(&self, a: Text, b: Text) -> Text {
        self.helpers.call(Helper::FloorDiv, &[&a.text, &b.text])
    }

    fn floor_mod(&self, a: Text, b: Text) -> Text {
        self.helpers.call(Helper::FloorMod, &[&a.text, &b.text])
    }

    fn extreme(&self, which: Extreme, all: Vec<Text>) -> Text {
        let helper = match which {
            Extreme::Min => Helper::Min,
            Extreme::Max => Helper::Max,
        };
        let joined = all
            .into_iter()
            .reduce(|a, b| self.helpers.call(helper, &[&a.text, &b.text]));
        joined.unwrap_or_else(|| Text::atom("0"))
    }

    fn abs(&self, a: Text) -> Text {
        self.helpers.call(Helper::Abs, &[&a.text])
    }

    fn power(&self, b: Text) -> Text {
        Text::atom(format!("((int64_t)1 << {})", b.operand()))
    }

    fn magnitude(&self, size: &str) -> String {
        format!("({size} + 1.0)")
    }

    fn magnitude_power(&self, exponent: &str) -> String {
        self.helpers.call(Helper::Power, &[exponent]).text
    }

    fn bind_double(&self, name: &str, value: &str) -> String {
        format!("const double {name} = {value};")
    }

    fn bind(&self, name: &str, value: &str) -> String {
        format!("const int64_t {name} = {value};")
    }

    fn bind_counter(&self, name: &str) -> String {
        format!("int64_t {name} = 0;")
    }

    fn repeat(&self, counter: &str, from: &str, to: &str, step: &str) -> String {
        let next = match step {
            "1" => format!("++{counter}"),
            step => format!("{counter} += {step}"),
        };
        format!("for (int64_t {counter} = {from}; {counter} < {to}; {next})")
    }

    fn when(&self, condition: &str) -> String {
        format!("if ({condition})")
    }

    fn refuse(&self, why: Refusal) -> String {
        match why {
            Refusal::Sizes => format!("return {SIZES};"),
            Refusal::Trials => format!("return {TRIALS};"),
            Refusal::Obligation(number, _) => format!("return {};", OBLIGATIONS + number),
        }
    }

    fn element(&self, tensor: &str, place: &Text) -> String {
        format!("{tensor}[{}]", place.text)
    }

    fn copy(&self, to: (&str, &Text), from: (&str, &Text), count: &Text) -> String {
        let run = |(tensor, place): (&str, &Text)| match place.text.as_str() {
            "0" => tensor.to_owned(),
            _ => format!("&{}", self.element(tensor, place)),
        };
        let (to, from) = (run(to), run(from));
        let [_, element] = self.type_names();
        let count = match count.is_number() {
            true => count.text.clone(),
            false => format!("(size_t){}", count.operand()),
        };
        format!("memcpy({to}, {from}, {count} * sizeof({element}));")
    }

    fn converted(&self, from: &str) -> String {
        self.moved(from)
    }

    fn add(&self, to: &str, from: &str) -> String {
        self.sum(to, from)
    }

    fn fill(&self, _to: (&str, &Text), _count: &Text, _value: &str) -> Option<String> {
        None
    }

    fn flags(&self, name: &str, total: &Text) -> Flags {
        let total = total.at_least(Strength::Product);
        Flags {
            make: format!("unsigned char *{name} = calloc((size_t)({total} / 8 + 1), 1);"),
            failed: format!("{name} == NULL"),
            ready: None,
            release: Some(format!("free({name});")),
        }
    }

    fn flag(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[{at} / 8] >> {at} % 8 & 1")
    }

    fn raise(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[{at} / 8] |= (unsigned char)(1 << {at} % 8);")
    }
}
