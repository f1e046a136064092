//! Whether two layouts are one under two names.

use crate::index::normal;
use crate::index::poly::Checked;
use crate::index::space::{Axis, Space};
use crate::proof::setup;
use crate::sema::eval::Values;
use crate::sema::model::{Expr, ExprKind, Form, Layout, Number, Rule, SizeId, Writes};

/// Whether both put the same logical coordinates at the same places, and the same number elsewhere: for all sizes, which
/// are matched by the coordinates that range over them. False if that cannot be shown.
pub(in crate::sema) fn same(one: &Layout, other: &Layout) -> bool {
    let number = |layout: &Layout| match layout.pad.number {
        Number::Int(n) => n as f64,
        Number::Float(x) => x,
    };
    let alike = one.iterators.len() == other.iterators.len()
        && one.left.len() == other.left.len()
        && number(one) == number(other);
    alike && same_places(one, other).unwrap_or(false)
}

fn same_places(one: &Layout, other: &Layout) -> Option<bool> {
    let sizes = in_sizes_of(one, other)?;
    let renamed = |e: &Expr| {
        e.replaced(&|kind| match kind {
            ExprKind::Size(id) => sizes.get(id.index()).cloned().flatten(),
            _ => None,
        })
    };
    let rule = Rule {
        form: Form::Relational,
        iterators: other.iterators.clone(),
        definitions: Vec::new(),
        left: one.left.iter().map(renamed).collect(),
        source: other.left.clone(),
        guard: None,
        fill: None,
        patches: Vec::new(),
        writes: Writes::Once,
        span: one.span,
    };
    let mut space = setup::of_sizes(&other.sizes).ok()?;
    for iterator in &rule.iterators {
        let extent = normal::Normalizer::new(&mut space).size(&iterator.extent)?;
        let cuts = Vec::new();
        space.axes.push(Axis {
            extent,
            cuts,
            whole: false,
        });
    }
    let forms = normal::forms(&rule, &mut space).ok()?;
    let mut pairs = forms.left.iter().zip(&forms.source);
    let equal = |space: &Space, (a, b)| -> Checked<bool> { Ok(space.merge(a)? == space.merge(b)?) };
    Some(pairs.all(|pair| equal(&space, pair).unwrap_or(false)))
}

/// What the sizes of one layout are in the other: the size that the same coordinate ranges over, or a number.
fn in_sizes_of(one: &Layout, other: &Layout) -> Option<Vec<Option<ExprKind>>> {
    let alone = |layout: &Layout, at: usize| -> Option<SizeId> {
        match layout.iterators.get(at)?.extent.kind {
            ExprKind::Size(id) => layout.sizes[id.index()].value.is_none().then_some(id),
            _ => None,
        }
    };
    let mut sizes: Vec<Option<ExprKind>> = vec![None; one.sizes.len()];
    for at in 0..one.iterators.len() {
        let (a, b) = (alone(one, at)?, alone(other, at)?);
        // A size that two coordinates range over is more special than the other layout.
        if sizes[a.index()].replace(ExprKind::Size(b)).is_some() {
            return None;
        }
    }
    let values = Values::of_sizes(&[]);
    for (found, size) in sizes.iter_mut().zip(&one.sizes) {
        if let Some(value) = &size.value {
            *found = Some(ExprKind::Int(values.number(value).ok()?));
        }
        found.as_ref()?;
    }
    Some(sizes)
}
