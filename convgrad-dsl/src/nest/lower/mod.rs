//! From normal forms to loops, in the order the passes run:
//!
//! 1. [`region`]: iterators become digits; ragged remainders and rotations become regions of their own,
//!    and so does the last block of an iterator that a guard cuts off ([`tail`]),
//! 2. [`place`]: forms become linear in the digits of a region,
//! 3. [`order`]: which loop stands inside which,
//! 4. [`limits`]: guards become limits of loops, what cannot becomes a condition,
//! 5. [`coalesce`]: neighbouring loops that are one run on both sides become one loop,
//! 6. [`build`]: the tree, with fills beside what is read,
//! 7. [`prune`]: without what never runs,
//! 8. [`once`]: loops of one iteration go,
//! 9. [`block`]: the loops that a kernel may run in any order.
//!
//! Where the fills cannot stand beside the reads (places that no iteration of a relational rule writes, patches, sums), the
//! output is filled first. Patches are lowered like reads, by loops of their own.

mod block;
mod bound;
mod build;
mod coalesce;
mod fill;
mod interval;
mod limits;
pub(crate) mod name;
mod once;
mod order;
pub(crate) mod place;
mod prune;
pub(crate) mod region;
mod tail;

use crate::index::linear::{Linear, Test};
use crate::index::normal::Forms;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::nest::{Nest, Node, Offset, Run, Scalar, Variable};
use crate::proof::setup::Model;
use crate::sema::model::{Converter, Form, IterId, Writes};

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

/// Places that are written by one set of loops, and what they get.
struct Job {
    output: Linear,
    work: Work,
    guards: Vec<Test>,
}

enum Work {
    /// The elements of these places.
    Read(Linear),
    /// One of the rule's numbers.
    Fill(usize),
}

/// Lowers a rule to loops: what fills the output, its patches (each in a space of its own), then what is read.
pub(crate) fn lower(
    space: &mut Space,
    from: &Lowering<'_>,
    patches: &mut [Model<'_>],
) -> Checked<Nest> {
    let rule = &from.converter.rule;
    let filled = !rule.numbers().is_empty();
    let beside = rule.form == Form::Gather || from.covers;
    let first = filled && !(beside && patches.is_empty() && rule.writes == Writes::Once);
    let mut nodes = Vec::new();
    let mut variables = Vec::new();
    if first {
        nodes.push(everywhere(space, from.output)?);
    }
    for (at, patch) in patches.iter_mut().enumerate() {
        let job = Job {
            output: flat(&patch.forms.left, &patch.output)?,
            work: Work::Fill(at + 1),
            guards: conjuncts(patch.forms.guard.as_ref()),
        };
        let converter = patch.converter;
        nodes.push(loops(
            &mut patch.space,
            converter,
            &job,
            (false, &[]),
            &mut variables,
        )?);
    }
    let job = Job {
        output: flat(&from.forms.left, from.output)?,
        work: Work::Read(flat(&from.forms.source, from.input)?),
        guards: guards(from)?,
    };
    let kept = match rule.writes {
        Writes::Once => Vec::new(),
        Writes::Add => order::kept(space, &from.forms.left)?,
    };
    let fills = (filled && !first, kept.as_slice());
    nodes.push(loops(space, from.converter, &job, fills, &mut variables)?);
    let body = prune::pruned(build::seq(nodes)).unwrap_or_else(|| Node::Seq(Vec::new()));
    let body = once::once(body);
    let body = block::blocks(body, &mut variables, &from.converter.sizes);
    Ok(Nest { variables, body })
}

/// The loops of one job, region by region.
fn loops(
    space: &mut Space,
    converter: &Converter,
    job: &Job,
    (fills, kept): (bool, &[IterId]),
    variables: &mut Vec<Variable>,
) -> Checked<Node> {
    let mut used: Vec<&Linear> = vec![&job.output];
    if let Work::Read(input) = &job.work {
        used.insert(0, input);
    }
    used.extend(job.guards.iter().flat_map(Test::forms));
    let mut regions = region::split(space, &used, kept)?;
    if let Work::Read(_) = job.work {
        regions = tail::split(space, regions, &job.guards, kept)?;
    }
    let mut builder = Builder {
        space,
        converter,
        variables: std::mem::take(variables),
        fills,
        kept,
    };
    let mut nodes = Vec::new();
    for region in &regions {
        nodes.push(builder.region(region, job)?);
    }
    *variables = builder.variables;
    Ok(build::seq(nodes))
}

/// The rule's first number in all of the output.
fn everywhere(space: &Space, output: &[Poly]) -> Checked<Node> {
    Ok(Node::Fill {
        number: 0,
        count: space.symbols.scalar(&product(output)?),
        output: Run {
            start: Offset {
                base: Scalar::Const(0),
                terms: Vec::new(),
            },
            stride: Scalar::Const(1),
        },
    })
}

/// The `if`, and where reads that leave their axis are filled, that they stay inside.
fn guards(from: &Lowering<'_>) -> Checked<Vec<Test>> {
    let mut guards = conjuncts(from.forms.guard.as_ref());
    for ((form, extent), leaves) in from.forms.source.iter().zip(from.input).zip(from.may_leave) {
        if *leaves && from.converter.rule.fill.is_some() {
            let last = Linear::constant(extent.plus_constant(-1)?);
            guards.push(Test::AtLeast0(form.clone()));
            guards.push(Test::AtLeast0(last.minus(form)?));
        }
    }
    Ok(guards)
}

fn conjuncts(guard: Option<&Test>) -> Vec<Test> {
    let parts = guard.map(Test::conjuncts).unwrap_or_default();
    parts.into_iter().cloned().collect()
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
