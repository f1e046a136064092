//! Everything that the compiler finds out about one converter, with free sizes or at given ones.

use crate::diagnostic::Diagnostic;
use crate::index::linear::{Linear, Test};
use crate::index::normal;
use crate::index::poly::{Checked, Poly, TooLarge};
use crate::nest::lower::{self, Lowering};
use crate::nest::{Nest, Node, Scalar};
use crate::proof::enumerate::{self, Facts, Map};
use crate::proof::setup::{self, Model};
use crate::proof::{Obligation, Verdicts, guard, patches, reads, stages, verdict, writes};
use crate::sema::model::{Converter, Form};
use crate::source::Span;

/// The value of each size of a converter, by [`SizeId`](crate::sema::model::SizeId); None where it is free.
pub type Bindings = Vec<Option<i64>>;

/// A converter, analysed and lowered.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Which sizes have a number. Scalars below hold the numbers in their place.
    pub bindings: Bindings,
    /// The value of every size, as a scalar of the free ones.
    pub sizes: Vec<Scalar>,
    /// The extents of the input.
    pub input_shape: Vec<Scalar>,
    /// The extents of the output.
    pub output_shape: Vec<Scalar>,
    /// What was proved.
    pub verdicts: Verdicts,
    /// What every call has to check before it runs the nest: `requires`, extents that might be negative, bounds,
    /// and for relational rules the places that are written.
    /// To be checked in this order: later ones may rely on earlier ones. Those that concern reads and writes count only
    /// where the output is not empty.
    pub obligations: Vec<Obligation>,
    /// The loops.
    pub nest: Nest,
}

/// Proves and lowers a converter: with the sizes that `bindings` gives as numbers, the others free.
///
/// Warnings come beside the result; errors instead of it. With a number for every size the result has no obligations
/// left: what they would have said is decided, and a violation is among the errors.
pub fn analyze(
    converter: &Converter,
    bindings: &Bindings,
) -> Result<(Analysis, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut model = setup::model(converter, bindings)
        .map_err(|errors| setup::divisor::named(converter, errors))?;
    let found = match beyond_64_bits(&mut model) {
        Some((why, span)) => Err((why, span)),
        None => prove_and_lower(&mut model, bindings).map_err(|why| (why, converter.name.span)),
    };
    let (verdicts, nest) = match found {
        Ok(found) => found,
        Err((why, span)) => {
            model.diagnostics.push(normal::too_large(why, span));
            return Err(model.diagnostics);
        }
    };
    if model.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(model.diagnostics);
    }
    let analysis = Analysis {
        bindings: bindings.clone(),
        sizes: model.sizes.to_vec(),
        input_shape: model.input_shape.to_vec(),
        output_shape: model.output_shape.to_vec(),
        verdicts,
        obligations: model.obligations,
        nest,
    };
    Ok((analysis, model.diagnostics))
}

fn prove_and_lower(model: &mut Model<'_>, bindings: &Bindings) -> Checked<(Verdicts, Nest)> {
    if model.output.iter().any(Poly::is_zero) {
        let input_empty = model.input.iter().any(Poly::is_zero);
        let body = Node::Seq(Vec::new());
        let variables = Vec::new();
        return Ok((verdict::of_nothing(input_empty), Nest { variables, body }));
    }
    let guard = model.forms.guard.clone();
    let reading = enumerate_axes(model, &model.forms.source, &model.input, guard.as_ref());
    let writing = match model.converter.rule.form {
        Form::Gather => None,
        Form::Relational => enumerate_axes(model, &model.forms.left, &model.output, guard.as_ref()),
    };
    let guard_holds = guard::check(model, reading.as_ref())?;
    let reads = reads::check(model, reading.as_ref())?;
    let writes = writes::check(model, writing.as_ref())?;
    let verdicts = verdict::verdicts(model, reading.as_ref(), guard_holds, &reads, writes)?;
    let rules = patches::rules(model.converter);
    let mut patches = Vec::new();
    for rule in &rules {
        let Some(mut patch) = patches::model(model, rule) else {
            continue;
        };
        let (left, guard) = (&patch.forms.left, patch.forms.guard.as_ref());
        let facts = enumerate_axes(&patch, left, &patch.output, guard);
        writes::inside(&mut patch, facts.as_ref())?;
        patches::settle(model, &mut patch);
        patches.push(patch);
    }
    stages::check(model, bindings)?;
    let forms = model.forms.clone();
    let lowering = Lowering {
        converter: model.converter,
        forms: &forms,
        input: &model.input,
        output: &model.output,
        may_leave: &reads.may_leave,
        covers: writes.covers == Some(true) && forms.guard.is_none(),
    };
    let nest = lower::lower(&mut model.space, &lowering, &mut patches)?;
    Ok((verdicts, nest))
}

/// The model of a converter at constant sizes, and the facts about what it reads; None with free sizes, beyond the budget,
/// and where nothing is read.
pub(crate) fn facts<'c>(
    converter: &'c Converter,
    bindings: &Bindings,
) -> Option<(Model<'c>, Facts)> {
    let model = setup::model(converter, bindings).ok()?;
    let guard = model.forms.guard.as_ref();
    let facts = enumerate_axes(&model, &model.forms.source, &model.input, guard)?;
    Some((model, facts))
}

/// The facts about a map at constant sizes; None with free sizes, or beyond the budget.
pub(crate) fn enumerate_axes(
    model: &Model<'_>,
    forms: &[Linear],
    extents: &[Poly],
    guard: Option<&Test>,
) -> Option<Facts> {
    if !model.constant {
        return None;
    }
    let extents: Option<Vec<i128>> = extents.iter().map(Poly::as_constant).collect();
    let map = Map {
        axes: forms.iter().zip(extents?).collect(),
        guard: guard.map(Test::conjuncts).unwrap_or_default(),
    };
    enumerate::decide(&model.space, &map)
}

/// Numbers that are known must fit 64 bits: the elements of both tensors, and every index. The first that does not, by the
/// place that says it.
fn beyond_64_bits(model: &mut Model<'_>) -> Option<(TooLarge, Span)> {
    let converter = model.converter;
    let fits = |p: &Poly| match p.as_constant() {
        Some(value) => i64::try_from(value).is_ok(),
        None => true,
    };
    for (operand, shape) in [
        (&converter.input, &model.input),
        (&converter.output, &model.output),
    ] {
        let empty = shape.iter().any(Poly::is_zero);
        let beyond = match lower::product(shape) {
            Ok(elements) => (!fits(&elements)).then_some(TooLarge::Number),
            Err(why) => Some(why),
        };
        if let Some(why) = beyond.filter(|_| !empty) {
            return Some((why, operand.span));
        }
    }
    let rule = &converter.rule;
    let (left, source) = (rule.left.iter(), rule.source.iter());
    let mut forms: Vec<(Linear, Span)> = Vec::new();
    let indices = left
        .zip(&model.forms.left)
        .chain(source.zip(&model.forms.source));
    forms.extend(indices.map(|(expr, form)| (form.clone(), model.blame(expr))));
    if let (Some(cond), Some(test)) = (&rule.guard, &model.forms.guard) {
        forms.extend(
            test.forms()
                .into_iter()
                .map(|form| (form.clone(), cond.span)),
        );
    }
    let whole = converter.name.span;
    for opaque in &model.space.opaques {
        forms.extend(
            opaque
                .operands()
                .into_iter()
                .map(|form| (form.clone(), whole)),
        );
    }
    forms.into_iter().find_map(|(form, span)| {
        let beyond = match model.space.range(&form) {
            Ok(range) => {
                let all = [range.min, range.max].iter().flatten().all(fits);
                (!all).then_some(TooLarge::Number)
            }
            Err(why) => Some(why),
        };
        beyond.map(|why| (why, span))
    })
}
