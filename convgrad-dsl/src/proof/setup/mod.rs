//! Before anything is proved: the sizes with what is known of them, the extents, and the indices in normal form.

pub(crate) mod divisor;
pub(crate) mod recent;
mod requires;
mod sizes;

use std::rc::Rc;

use crate::analysis::Bindings;
use crate::diagnostic::Diagnostic;
use crate::index::normal::{Forms, forms};
use crate::index::poly::Poly;
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::nest::Scalar;
use crate::sema::model::{Cond, Converter, Expr, Form, SizeId};

use super::Obligation;
use requires::{has_valued_size, requirements};
use sizes::{declare, values};
pub(crate) use sizes::{extents, not_negative, of_sizes};

/// A converter over its index space.
pub(crate) struct Model<'c> {
    pub(crate) converter: &'c Converter,
    /// Its symbols know that the output is not empty.
    pub(crate) space: Space,
    /// What is known of the sizes whether or not the output is empty.
    pub(crate) symbols: Symbols,
    pub(crate) input: Vec<Poly>,
    pub(crate) output: Vec<Poly>,
    pub(crate) forms: Forms,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The values of all sizes, and the extents, as they are to be computed.
    pub(crate) sizes: Rc<[Scalar]>,
    pub(crate) input_shape: Rc<[Scalar]>,
    pub(crate) output_shape: Rc<[Scalar]>,
    /// Every size has a number.
    pub(crate) constant: bool,
    /// A size that the text leaves free has a number: what is found holds for one call, not for the formula.
    pub(crate) one_call: bool,
}

/// The sizes of a converter and its extents, before its rule is looked at.
#[derive(Clone)]
pub(crate) struct Header {
    /// Without axes.
    pub(crate) space: Space,
    /// The same where the output is not empty, so that the rule runs.
    running: Space,
    pub(crate) input: Vec<Poly>,
    pub(crate) output: Vec<Poly>,
    /// The extents of the iterators.
    pub(crate) ranges: Vec<Poly>,
    pub(crate) obligations: Vec<Obligation>,
    /// Extents that are negative at all sizes.
    errors: Vec<Diagnostic>,
    sizes: Rc<[Scalar]>,
    input_shape: Rc<[Scalar]>,
    output_shape: Rc<[Scalar]>,
}

/// What holds of the sizes whether or not the rule runs; Err if something is wrong with them.
pub(crate) fn header(
    converter: &Converter,
    bindings: &Bindings,
) -> Result<Header, Vec<Diagnostic>> {
    let make = || found(converter, bindings);
    recent::remembered(&recent::HEADERS, converter, bindings, make)
}

/// The sizes, before the extents are looked at.
fn of_requires(converter: &Converter, bindings: &Bindings) -> recent::Sizes {
    let mut space = Space::new(declare(&converter.sizes, &converter.requires, bindings));
    let mut obligations = Vec::new();
    let mut errors = Vec::new();
    // Values may divide by what a requirement bounds; requirements may speak of sizes that have values.
    let (of_valued, of_given): (Vec<&Cond>, Vec<&Cond>) = converter
        .requires
        .iter()
        .partition(|cond| has_valued_size(converter, cond));
    requirements(
        converter,
        &of_given,
        &mut space,
        &mut obligations,
        &mut errors,
    );
    values(&converter.sizes, &mut space, &mut errors);
    requirements(
        converter,
        &of_valued,
        &mut space,
        &mut obligations,
        &mut errors,
    );
    space.symbols.settle();
    (space, obligations, errors)
}

fn found(converter: &Converter, bindings: &Bindings) -> Result<Header, Vec<Diagnostic>> {
    let make = || of_requires(converter, bindings);
    let (mut space, mut obligations, mut errors) =
        recent::remembered(&recent::SIZES, converter, bindings, make);
    let input = extents(&converter.input.extents, &mut space, &mut errors);
    let output = extents(&converter.output.extents, &mut space, &mut errors);
    let ranges: Vec<Expr> = converter
        .rule
        .iterators
        .iter()
        .map(|i| i.extent.clone())
        .collect();
    let ranges = extents(&ranges, &mut space, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let scalars =
        |all: &[Poly]| -> Rc<[Scalar]> { all.iter().map(|p| space.symbols.scalar(p)).collect() };
    let (input_shape, output_shape) = (scalars(&input), scalars(&output));
    let values_of_sizes: Vec<Poly> = (0..converter.sizes.len())
        .map(|at| {
            space
                .symbols
                .size(SizeId(u32::try_from(at).unwrap_or(u32::MAX)))
        })
        .collect();
    let sizes = scalars(&values_of_sizes);
    let mut listed: Vec<(&Expr, &Poly)> = Vec::new();
    let valued = converter.sizes.iter().zip(&values_of_sizes);
    listed.extend(valued.filter_map(|(size, poly)| Some((size.value.as_ref()?, poly))));
    listed.extend(converter.input.extents.iter().zip(&input));
    listed.extend(converter.output.extents.iter().zip(&output));
    if converter.rule.form == Form::Relational {
        let iterators = converter.rule.iterators.iter();
        listed.extend(iterators.map(|i| &i.extent).zip(&ranges));
    }
    for (expr, poly) in listed {
        not_negative(
            converter,
            &mut space,
            expr,
            poly,
            &mut obligations,
            &mut errors,
        );
    }
    let mut running = space.clone();
    for extent in &output {
        running.symbols.assume_positive(extent);
    }
    Ok(Header {
        space,
        running,
        input,
        output,
        ranges,
        obligations,
        errors,
        sizes,
        input_shape,
        output_shape,
    })
}

/// Sets up the model; Err if something is wrong with the sizes, the extents or an index.
pub(crate) fn model<'c>(
    converter: &'c Converter,
    bindings: &Bindings,
) -> Result<Model<'c>, Vec<Diagnostic>> {
    let Header {
        space,
        mut running,
        input,
        output,
        ranges,
        obligations,
        mut errors,
        sizes,
        input_shape,
        output_shape,
    } = header(converter, bindings)?;
    let (forms, running) = recent::remembered(&recent::RULES, converter, bindings, || {
        running.iterate(ranges);
        (forms(&converter.rule, &mut running), running)
    });
    let forms = match forms {
        Ok(forms) => forms,
        // A rule that never runs may divide by a size that is 0.
        Err(_) if output.iter().any(Poly::is_zero) => Forms::default(),
        Err(more) => {
            errors.extend(more);
            Forms::default()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let constant = [&sizes, &input_shape, &output_shape]
        .into_iter()
        .flat_map(|scalars| scalars.iter())
        .all(|scalar| matches!(scalar, Scalar::Const(_)));
    let mut given = converter.sizes.iter().zip(bindings);
    let one_call = given.any(|(size, number)| size.value.is_none() && number.is_some());
    Ok(Model {
        converter,
        space: running,
        symbols: space.symbols,
        input,
        output,
        forms,
        obligations,
        diagnostics: Vec::new(),
        sizes,
        input_shape,
        output_shape,
        constant,
        one_call,
    })
}
