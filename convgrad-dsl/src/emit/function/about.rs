//! What the comment above a function says.

use crate::compile::CompiledConverter;
use crate::emit::formula;
use crate::emit::names::free_sizes;
use crate::nest::Scalar;
use crate::proof::text::{self, Names};

/// The parts of the comment, in the words of the formula.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// `X[N, C] -> Y[C, N]`
    pub(super) head: String,
    /// The user's own words.
    pub(super) docs: Vec<String>,
    /// The formula, a string a line.
    pub(super) formula: Vec<String>,
    /// The tensors: what it reads and what it writes, with their extents.
    pub(super) tensors: [String; 2],
    /// The sizes that follow from others, with their values.
    pub(super) derived: Vec<String>,
    /// The sizes that are constants here, with their values.
    pub(super) constants: Vec<String>,
    /// What places hold that are not simply copied, a sentence each.
    pub(super) values: Vec<String>,
    /// Everything that must hold, in the order of the obligations' numbers.
    pub(super) obligations: Vec<String>,
    /// Whether there are sizes whose arithmetic could leave 64 bits.
    pub(super) sizes: bool,
}

impl About {
    /// Of a converter at its bindings.
    pub(super) fn of(compiled: &CompiledConverter) -> Self {
        let (converter, analysis) = (&compiled.converter, &compiled.analysis);
        let names = Names::from(converter).of_sizes(&analysis.sizes);
        let tensor = |name: &str, shape: &[Scalar]| {
            let extents: Vec<String> = shape
                .iter()
                .map(|extent| text::scalar(extent, names))
                .collect();
            format!("{name}[{}]", extents.join(", "))
        };
        let named = || converter.sizes.iter().zip(&analysis.sizes);
        let derived = named().filter_map(|(size, value)| match (&size.value, value) {
            (None, _) | (_, Scalar::Const(_)) => None,
            (Some(value), _) => Some(format!(
                "{} = {}",
                size.name.text,
                text::expr(value, converter)
            )),
        });
        let constants = named().filter_map(|(size, value)| match value {
            Scalar::Const(n) => Some(format!("{} = {n}", size.name.text)),
            _ => None,
        });
        let docs = converter.docs.iter();
        About {
            head: format!(
                "{} -> {}",
                formula::operand(converter, &converter.input),
                formula::operand(converter, &converter.output)
            ),
            docs: docs
                .map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned())
                .collect(),
            formula: formula::rule(converter)
                .lines()
                .map(str::to_owned)
                .collect(),
            tensors: [
                tensor(&converter.input.name.text, &analysis.input_shape),
                tensor(&converter.output.name.text, &analysis.output_shape),
            ],
            derived: derived.collect(),
            constants: constants.collect(),
            values: formula::values(&converter.rule),
            obligations: analysis
                .obligations
                .iter()
                .map(|obligation| obligation.text.clone())
                .collect(),
            sizes: !free_sizes(compiled).is_empty(),
        }
    }
}
