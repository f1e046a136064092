//! Everything that is known of a converter, in words and numbers for people: what `convgrad explain` prints.

mod digits;
mod leaves;
mod reasons;

pub use digits::{Digit, Digits, Step, Whole};
pub use leaves::{Kind, Leaf};
use leaves::{Leaves, Part};

use crate::analysis::{Analysis, Bindings, analyze};
use crate::diagnostic::Diagnostic;
use crate::emit::{formula, nest};
use crate::index::normal;
use crate::nest::{Scalar, traffic};
use crate::proof::setup;
use crate::proof::text::Names;
use crate::sema::model::{Converter, Operand, Origin, Size};
use crate::sizes::{Source, sources};

/// A converter, explained; with free sizes or at given ones.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The chain that it was derived from, as it reads in the text; None for a written rule.
    pub chain: Option<String>,
    /// The resolved formula, with what `where` defines in its place.
    pub formula: String,
    /// What it reads.
    pub input: Tensor,
    /// What it writes.
    pub output: Tensor,
    /// Where the values of the sizes come from, in the order of declaration.
    pub sizes: Vec<SizeReport>,
    /// The digits of the iterators.
    pub digits: Digits,
    /// What the innermost loops do.
    pub leaves: Vec<Leaf>,
    /// How much is moved.
    pub moves: Moves,
    /// Why that is fast or not, a sentence each.
    pub reasons: Vec<String>,
    /// The proofs and what they leave to the calls.
    pub analysis: Analysis,
    /// The loops as text.
    pub nest: String,
}

/// A tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its extents.
    pub shape: Vec<Step>,
    /// The number of its elements.
    pub elements: Step,
}

/// A size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeReport {
    /// Its name.
    pub name: String,
    /// Its value: a number, or in terms of other sizes. None if it is free.
    pub value: Option<Step>,
    /// Where it comes from.
    pub source: Source,
}

/// How much is moved. What is None depends on sizes that are not given, or takes too long to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moves {
    /// Elements that are read; one that is read twice counts twice.
    pub read: Option<Step>,
    /// Elements that are written.
    pub written: Option<Step>,
    /// Places that the fill value is written to.
    pub filled: Option<Step>,
    /// Runs of elements that are read.
    pub runs: Option<i64>,
    /// About which share of the speed of a plain copy it reaches, in hundredths.
    pub share_of_copy: Option<u8>,
    /// Elements in the longest run that are neighbours on both sides, each possible length; 1 where none are.
    pub longest: Vec<Step>,
}

impl Moves {
    /// Bytes that are read and written, for elements of `size` bytes on both sides.
    pub fn bytes(&self, size: i64) -> Option<i64> {
        let (read, written) = self.bytes_of(size, size)?;
        read.checked_add(written)
    }

    /// Bytes that are read, and those that are written, for elements of `input` bytes there and of `output` here.
    pub fn bytes_of(&self, input: i64, output: i64) -> Option<(i64, i64)> {
        let (read, written) = (self.read.as_ref()?.number?, self.written.as_ref()?.number?);
        Some((read.checked_mul(input)?, written.checked_mul(output)?))
    }
}

/// Explains a converter with the sizes that `bindings` gives as numbers, the others free.
///
/// # Errors
/// What is wrong with it at these sizes.
pub fn explain(converter: &Converter, bindings: &Bindings) -> Result<Explanation, Vec<Diagnostic>> {
    let (analysis, _) = analyze(converter, bindings)?;
    let mut model = setup::model(converter, bindings)?;
    let digits = digits::digits(&mut model)
        .map_err(|why| vec![normal::too_large(why, converter.name.span)])?;
    let names = Names::from(converter).of_sizes(&analysis.sizes);
    let tensor = |operand: &Operand, shape: &[Scalar]| Tensor {
        name: operand.name.text.clone(),
        shape: shape.iter().map(|s| Step::new(s, names)).collect(),
        elements: Step::new(&Scalar::product(shape.to_vec()), names),
    };
    let input = tensor(&converter.input, &analysis.input_shape);
    let output = tensor(&converter.output, &analysis.output_shape);
    let found = leaves::leaves(&analysis, converter);
    Ok(Explanation {
        chain: match &converter.origin {
            Origin::Chain(text) => Some(text.clone()),
            Origin::Rule | Origin::Library => None,
        },
        formula: formula::converter(converter),
        sizes: sizes(converter, bindings, &analysis),
        reasons: reasons::reasons(&digits, &found, &input, &output),
        moves: moves(converter, &analysis, &found, [&input, &output]),
        nest: nest::nest(&analysis.nest, converter, &analysis.sizes),
        leaves: found.leaves,
        digits,
        input,
        output,
        analysis,
    })
}

fn sizes(converter: &Converter, bindings: &Bindings, analysis: &Analysis) -> Vec<SizeReport> {
    let report = |((size, source), value): ((&Size, Source), &Scalar)| {
        let free = matches!(value, Scalar::Size(_));
        SizeReport {
            name: size.name.text.clone(),
            value: (!free).then(|| Step::new(value, converter.into())),
            source,
        }
    };
    let all = converter.sizes.iter().zip(sources(converter, bindings));
    all.zip(&analysis.sizes).map(report).collect()
}

/// What is moved: counted where all sizes are numbers, otherwise as far as the proofs tell.
fn moves(
    converter: &Converter,
    analysis: &Analysis,
    found: &Leaves,
    tensors: [&Tensor; 2],
) -> Moves {
    let names = Names::from(converter).of_sizes(&analysis.sizes);
    let step = |scalar: &Scalar| Step::new(scalar, names);
    let number = |number: i64| step(&Scalar::Const(number));
    if let Some(counted) = traffic::count(&analysis.nest) {
        return Moves {
            read: Some(number(counted.copied)),
            written: counted.copied.checked_add(counted.filled).map(number),
            filled: Some(number(counted.filled)),
            runs: Some(counted.runs),
            share_of_copy: counted
                .share_of_copy()
                .map(|share| (share * 100.0).round() as u8),
            longest: vec![number(counted.longest)],
        };
    }
    let [input, output] = tensors;
    let fills = found.leaves.iter().any(|leaf| leaf.kind == Kind::Fill);
    let verdicts = &analysis.verdicts;
    let every_place = Scalar::product(analysis.output_shape.clone());
    let read = match (verdicts.injective, verdicts.surjective) {
        (Some(true), Some(true)) => Some(Scalar::product(analysis.input_shape.clone())),
        _ if !fills => Some(every_place.clone()),
        _ => None,
    };
    let once = Some(output.elements.clone());
    let (written, filled) = match (found.filled_first, &read) {
        _ if !fills => (once, Some(number(0))),
        (Some(Part::All | Part::Sums), Some(read)) => {
            let both = every_place.plus(read.clone());
            (Some(step(&both)), once)
        }
        (Some(Part::All | Part::Sums), None) => (None, once),
        (Some(Part::Rows | Part::Patches), _) => (None, None),
        (None, Some(read)) => (once, Some(step(&every_place.minus(read.clone())))),
        (None, None) => (once, None),
    };
    let in_loops = names.of_nest(&analysis.nest);
    let longest = match found.together.as_slice() {
        [] => vec![number(1)],
        counts => counts.iter().map(|s| Step::new(s, in_loops)).collect(),
    };
    let read = match (verdicts.injective, verdicts.surjective) {
        (Some(true), Some(true)) => Some(input.elements.clone()),
        _ => read.as_ref().map(step),
    };
    Moves {
        read,
        written,
        filled,
        runs: None,
        share_of_copy: None,
        longest,
    }
}
