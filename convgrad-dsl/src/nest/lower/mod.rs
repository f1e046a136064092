//! From normal forms to loops, in the order the passes run:
//!
//! 1. [`region`]: iterators become digits; ragged remainders and rotations become regions of their own,
//! 2. [`place`]: forms become linear in the digits of a region,
//! 3. [`order`]: which loop stands inside which,
//! 4. [`limits`]: guards become limits of loops, what cannot becomes a condition,
//! 5. [`coalesce`]: neighbouring loops that are one run on both sides become one loop,
//! 6. [`build`]: the tree, with fills beside what is read.

mod bound;
mod build;
mod coalesce;
mod fill;
mod interval;
mod limits;
pub(crate) mod name;
mod order;
pub(crate) mod place;
pub(crate) mod region;

use crate::index::linear::{Linear, Test};
use crate::index::normal::Forms;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::nest::{Nest, Node, Offset, Run, Scalar, Variable};
use crate::sema::model::{Converter, Form};

use build::Builder;

/// What lowering needs to know of a converter beside its forms.
pub(crate) struct Lowering<'l> {
    pub(crate) converter: &'l Converter,
    pub(crate) forms: &'l Forms,
    pub(crate) input: &'l [Poly],
    pub(crate) output: &'l [Poly],
    /// The reads that may leave their axis, and are then filled: by input axis.
    pub(crate) may_leave: &'l [bool],
    /// Whether the iterations are known to write every place of the output.
    pub(crate) covers: bool,
}

/// Lowers a rule to loops.
pub(crate) fn lower(space: &mut Space, from: &Lowering<'_>) -> Checked<Nest> {
    let input = flat(&from.forms.source, from.input)?;
    let output = flat(&from.forms.left, from.output)?;
    let mut guards: Vec<Test> = Vec::new();
    if let Some(guard) = &from.forms.guard {
        guards.extend(guard.conjuncts().into_iter().cloned());
    }
    for ((form, extent), leaves) in from.forms.source.iter().zip(from.input).zip(from.may_leave) {
        if *leaves {
            let last = Linear::constant(extent.plus_constant(-1)?);
            guards.push(Test::AtLeast0(form.clone()));
            guards.push(Test::AtLeast0(last.minus(form)?));
        }
    }
    let mut used: Vec<&Linear> = vec![&input, &output];
    used.extend(guards.iter().flat_map(Test::forms));
    let regions = region::split(space, &used)?;
    let prefill = from.converter.rule.form == Form::Relational && !from.covers;
    let mut builder = Builder {
        space,
        converter: from.converter,
        variables: Vec::new(),
        fills: !prefill && from.converter.rule.fill.is_some(),
    };
    let mut nodes = Vec::new();
    if prefill && from.converter.rule.fill.is_some() {
        let total = product(from.output)?;
        nodes.push(Node::Fill {
            count: builder.space.symbols.scalar(&total),
            output: Run {
                start: Offset {
                    base: Scalar::Const(0),
                    terms: Vec::new(),
                },
                stride: Scalar::Const(1),
            },
        });
    }
    for region in &regions {
        nodes.push(builder.region(region, &input, &output, &guards)?);
    }
    let body = build::seq(nodes);
    let variables = builder.variables;
    Ok(Nest { variables, body })
}

/// The flat place in a C-ordered tensor.
pub(crate) fn flat(indices: &[Linear], extents: &[Poly]) -> Checked<Linear> {
    let mut sum = Linear::default();
    for (index, extent) in indices.iter().zip(extents) {
        sum = sum.times(extent)?.plus(index)?;
    }
    Ok(sum)
}

/// The number of elements.
pub(crate) fn product(extents: &[Poly]) -> Checked<Poly> {
    extents
        .iter()
        .try_fold(Poly::one(), |product, extent| product.times(extent))
}

/// A variable as it is declared.
fn variable(name: String) -> Variable {
    Variable { name }
}
