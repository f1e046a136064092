//! Before anything is proved: the sizes with what is known of them, the extents, and the indices in normal form.

use crate::analysis::Bindings;
use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::{Linear, Test};
use crate::index::normal::{Forms, Normalizer, forms};
use crate::index::poly::Poly;
use crate::index::space::{Axis, Space};
use crate::index::symbols::Symbols;
use crate::nest::{Condition, Scalar};
use crate::sema::model::{
    BinaryOp, Comparison, Cond, CondKind, Converter, Expr, ExprKind, Size, SizeId,
};

use super::{Check, Counts, Obligation, text};

/// A converter over its index space.
pub(crate) struct Model<'c> {
    pub(crate) converter: &'c Converter,
    pub(crate) space: Space,
    pub(crate) input: Vec<Poly>,
    pub(crate) output: Vec<Poly>,
    pub(crate) forms: Forms,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The values of all sizes, and the extents, as they are to be computed.
    pub(crate) sizes: Vec<Scalar>,
    pub(crate) input_shape: Vec<Scalar>,
    pub(crate) output_shape: Vec<Scalar>,
    /// Every size has a number.
    pub(crate) constant: bool,
    /// A size that the text leaves free has a number: what is found holds for one call, not for the formula.
    pub(crate) one_call: bool,
}

/// Sets up the model; Err if something is wrong with the sizes, the extents or an index.
pub(crate) fn model<'c>(
    converter: &'c Converter,
    bindings: &Bindings,
) -> Result<Model<'c>, Vec<Diagnostic>> {
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
    let input = extents(converter, &converter.input.extents, &mut space, &mut errors);
    let output = extents(
        converter,
        &converter.output.extents,
        &mut space,
        &mut errors,
    );
    let ranges: Vec<Expr> = converter
        .rule
        .iterators
        .iter()
        .map(|i| i.extent.clone())
        .collect();
    let ranges = extents(converter, &ranges, &mut space, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let scalars =
        |all: &[Poly]| -> Vec<Scalar> { all.iter().map(|p| space.symbols.scalar(p)).collect() };
    let (input_shape, output_shape) = (scalars(&input), scalars(&output));
    let sizes: Vec<Poly> = (0..converter.sizes.len())
        .map(|at| {
            space
                .symbols
                .size(SizeId(u32::try_from(at).unwrap_or(u32::MAX)))
        })
        .collect();
    let sizes = scalars(&sizes);
    let listed = [
        (&converter.input.extents, &input),
        (&converter.output.extents, &output),
    ];
    for (exprs, polys) in listed {
        for (expr, poly) in exprs.iter().zip(polys) {
            not_negative(
                converter,
                &mut space,
                expr,
                poly,
                &mut obligations,
                &mut errors,
            );
        }
    }
    let relational = converter.rule.form == crate::sema::model::Form::Relational;
    if relational {
        for (iterator, poly) in converter.rule.iterators.iter().zip(&ranges) {
            let expr = &iterator.extent;
            not_negative(
                converter,
                &mut space,
                expr,
                poly,
                &mut obligations,
                &mut errors,
            );
        }
    }
    // The rule runs only where its output is not empty.
    for extent in &output {
        space.symbols.assume_positive(extent);
    }
    space.axes = ranges
        .into_iter()
        .map(|extent| Axis {
            extent,
            cuts: Vec::new(),
            whole: false,
        })
        .collect();
    let forms = match forms(&converter.rule, &mut space) {
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
    let constant = sizes.iter().all(|size| matches!(size, Scalar::Const(_)))
        && [&input_shape, &output_shape]
            .iter()
            .all(|shape: &&Vec<Scalar>| {
                shape
                    .iter()
                    .all(|extent| matches!(extent, Scalar::Const(_)))
            });
    let mut given = converter.sizes.iter().zip(bindings);
    let one_call = given.any(|(size, number)| size.value.is_none() && number.is_some());
    Ok(Model {
        converter,
        space,
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

/// A space without axes over sizes, each free or of the value that it has in the text.
pub(crate) fn of_sizes(sizes: &[Size]) -> Result<Space, Vec<Diagnostic>> {
    let mut space = Space::new(declare(sizes, &[], &Vec::new()));
    let mut errors = Vec::new();
    values(sizes, &mut space, &mut errors);
    if errors.is_empty() {
        Ok(space)
    } else {
        Err(errors)
    }
}

/// Declares the sizes: numbers where they are bound, multiples where `requires` says so.
fn declare(sizes: &[Size], requires: &[Cond], bindings: &Bindings) -> Symbols {
    let mut symbols = Symbols::default();
    for (at, size) in sizes.iter().enumerate() {
        let id = SizeId(u32::try_from(at).unwrap_or(u32::MAX));
        match (bindings.get(at).copied().flatten(), &size.value) {
            (Some(number), _) => symbols.valued_size(Poly::constant(number)),
            (None, Some(_)) => symbols.valued_size(Poly::zero()),
            (None, None) => symbols.free_size(factor(requires, id)),
        }
    }
    symbols
}

/// The number that a requirement `size % number == 0` names; 1 if there is none. Of several the first counts.
fn factor(requires: &[Cond], id: SizeId) -> i64 {
    let found = requires.iter().find_map(|cond| match &cond.kind {
        CondKind::And(a, b) => {
            let inner = factor(&[(**a).clone(), (**b).clone()], id);
            (inner != 1).then_some(inner)
        }
        CondKind::Compare(Comparison::Eq, a, b) => {
            let ExprKind::Binary(BinaryOp::Rem, size, by) = &a.kind else {
                return None;
            };
            match (&size.kind, &by.kind, &b.kind) {
                (ExprKind::Size(s), ExprKind::Int(n), ExprKind::Int(0)) if *s == id && *n > 1 => {
                    Some(*n)
                }
                _ => None,
            }
        }
        _ => None,
    });
    found.filter(|n| *n < 1 << 31).unwrap_or(1)
}

/// Gives every size with a value its value, each after the sizes that it uses.
fn values(sizes: &[Size], space: &mut Space, errors: &mut Vec<Diagnostic>) {
    let mut done = vec![false; sizes.len()];
    for at in 0..sizes.len() {
        value(sizes, at, &mut done, space, errors);
    }
}

fn value(
    sizes: &[Size],
    at: usize,
    done: &mut [bool],
    space: &mut Space,
    errors: &mut Vec<Diagnostic>,
) {
    if std::mem::replace(&mut done[at], true) {
        return;
    }
    let Some(expr) = &sizes[at].value else {
        return;
    };
    let mut used = Vec::new();
    sizes_in(expr, &mut used);
    for id in used {
        value(sizes, id.index(), done, space, errors);
    }
    let mut normalizer = Normalizer::new(space);
    let poly = normalizer.size(expr);
    errors.append(&mut normalizer.errors);
    let Some(poly) = poly else { return };
    if space.symbols.positive(&poly.negated()) {
        let size = &sizes[at].name;
        let value = match space.symbols.scalar(&poly) {
            Scalar::Const(value) => value.to_string(),
            _ => "negative".to_owned(),
        };
        let message = format!(
            "the size {} is {value}, but sizes are at least 0",
            size.text
        );
        errors.push(Diagnostic::new(Code::NegativeExtent, expr.span, message).label("negative"));
    }
    space
        .symbols
        .set_size(SizeId(u32::try_from(at).unwrap_or(u32::MAX)), poly);
}

fn sizes_in(expr: &Expr, found: &mut Vec<SizeId>) {
    match &expr.kind {
        ExprKind::Size(id) => found.push(*id),
        ExprKind::Int(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {}
        ExprKind::Neg(a) | ExprKind::Abs(a) => sizes_in(a, found),
        ExprKind::Binary(_, a, b) => {
            sizes_in(a, found);
            sizes_in(b, found);
        }
        ExprKind::Min(all) | ExprKind::Max(all) => all.iter().for_each(|e| sizes_in(e, found)),
    }
}

fn has_valued_size(converter: &Converter, cond: &Cond) -> bool {
    let mut found = false;
    cond.walk(&mut |expr| {
        if let ExprKind::Size(id) = expr.kind {
            found |= converter.sizes[id.index()].value.is_some();
        }
    });
    found
}

/// Notes what `requires` states; every call checks it, unless it is known.
fn requirements(
    converter: &Converter,
    requires: &[&Cond],
    space: &mut Space,
    obligations: &mut Vec<Obligation>,
    errors: &mut Vec<Diagnostic>,
) {
    for &cond in requires {
        let mut normalizer = Normalizer::new(space);
        let test = normalizer.test(cond, true);
        errors.append(&mut normalizer.errors);
        let Some(test) = test else { continue };
        // As it is written: a size that is known to be a multiple has lost its remainder in the test.
        let condition = written(space, cond);
        let free = mentions_sizes(&condition);
        match truth(space, &test) {
            Some(true) if !free => {}
            Some(false) => {
                let shown = text::cond(cond, converter);
                let valued = converter.sizes.iter().all(|s| s.value.is_some());
                let (code, message) = if free || valued {
                    let message = format!("no sizes fulfil the requirement {shown}");
                    (Code::RequiresContradict, message)
                } else {
                    let message = format!("the requirement {shown} does not hold at these sizes");
                    (Code::RequirementViolated, message)
                };
                errors.push(Diagnostic::new(code, cond.span, message).label("never true"));
            }
            _ => {
                for part in test.conjuncts() {
                    match part {
                        Test::AtLeast0(form) => space.symbols.assume(form.constant.clone()),
                        Test::Is0(form) => {
                            space.symbols.assume(form.constant.clone());
                            space.symbols.assume(form.constant.negated());
                        }
                        _ => {}
                    }
                }
                obligations.push(Obligation {
                    text: text::cond(cond, converter),
                    span: cond.span,
                    counts: Counts::Always,
                    check: Check::Holds(condition),
                });
            }
        }
    }
}

fn mentions_sizes(condition: &Condition) -> bool {
    match condition {
        Condition::Compare(_, a, b) => [a, b]
            .iter()
            .any(|s| s.any(&mut |s| matches!(s, Scalar::Size(_)))),
        Condition::All(all) | Condition::Any(all) => all.iter().any(mentions_sizes),
        Condition::Not(inner) => mentions_sizes(inner),
    }
}

/// A condition of sizes as it is written, with numbers for the sizes that have them.
fn written(space: &Space, cond: &Cond) -> Condition {
    let both = |a: &Cond, b: &Cond| vec![written(space, a), written(space, b)];
    match &cond.kind {
        CondKind::Compare(op, a, b) => {
            Condition::Compare(*op, value_of(space, a), value_of(space, b))
        }
        CondKind::And(a, b) => Condition::All(both(a, b)),
        CondKind::Or(a, b) => Condition::Any(both(a, b)),
        CondKind::Not(a) => Condition::Not(Box::new(written(space, a))),
    }
}

fn value_of(space: &Space, expr: &Expr) -> Scalar {
    let go = |e: &Expr| value_of(space, e);
    let all = |list: &[Expr]| list.iter().map(go).collect();
    match &expr.kind {
        ExprKind::Int(value) => Scalar::Const(*value),
        ExprKind::Size(id) => space.symbols.scalar(&space.symbols.size(*id)),
        // Neither stands in a condition of sizes.
        ExprKind::Iter(_) | ExprKind::Def(_) => Scalar::Const(0),
        ExprKind::Neg(a) => Scalar::Const(-1).times(go(a)),
        ExprKind::Min(list) => Scalar::min(all(list)),
        ExprKind::Max(list) => Scalar::max(all(list)),
        ExprKind::Abs(a) => Scalar::Abs(Box::new(go(a))),
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (go(a), go(b));
            match op {
                BinaryOp::Add => a.plus(b),
                BinaryOp::Sub => a.minus(b),
                BinaryOp::Mul => a.times(b),
                BinaryOp::Div => a.over(b),
                BinaryOp::CeilDiv => a.plus(b.clone()).plus(Scalar::Const(-1)).over(b),
                BinaryOp::Rem => a.modulo(b),
                BinaryOp::Xor => Scalar::Xor(Box::new(a), Box::new(b)),
                BinaryOp::And => Scalar::And(Box::new(a), Box::new(b)),
                BinaryOp::Or => Scalar::Or(Box::new(a), Box::new(b)),
                BinaryOp::Shl => Scalar::Shl(Box::new(a), Box::new(b)),
                BinaryOp::Shr => Scalar::Shr(Box::new(a), Box::new(b)),
            }
        }
    }
}

/// Whether a test of sizes holds for all sizes, or for none.
pub(crate) fn truth(space: &Space, test: &Test) -> Option<bool> {
    let constant = |form: &Linear| form.as_constant().cloned();
    let symbols = &space.symbols;
    match test {
        Test::AtLeast0(form) => {
            let p = constant(form)?;
            let no = symbols.positive(&p.negated());
            if symbols.nonneg(&p) {
                Some(true)
            } else {
                no.then_some(false)
            }
        }
        Test::Is0(form) | Test::Not0(form) => {
            let p = constant(form)?;
            let apart = symbols.positive(&p) || symbols.positive(&p.negated());
            let zero = symbols.nonneg(&p) && symbols.nonneg(&p.negated());
            let holds = matches!(test, Test::Is0(_));
            if zero {
                Some(holds)
            } else {
                apart.then_some(!holds)
            }
        }
        Test::All(tests) => {
            let parts: Vec<Option<bool>> = tests.iter().map(|t| truth(space, t)).collect();
            if parts.contains(&Some(false)) {
                Some(false)
            } else {
                parts.iter().all(|p| *p == Some(true)).then_some(true)
            }
        }
        Test::Any(tests) => {
            let parts: Vec<Option<bool>> = tests.iter().map(|t| truth(space, t)).collect();
            if parts.contains(&Some(true)) {
                Some(true)
            } else {
                parts.iter().all(|p| *p == Some(false)).then_some(false)
            }
        }
    }
}

fn extents(
    converter: &Converter,
    exprs: &[Expr],
    space: &mut Space,
    errors: &mut Vec<Diagnostic>,
) -> Vec<Poly> {
    let _ = converter;
    let mut normalizer = Normalizer::new(space);
    let polys: Vec<Poly> = exprs.iter().filter_map(|e| normalizer.size(e)).collect();
    errors.append(&mut normalizer.errors);
    polys
}

/// An extent is at least 0: known, refuted, or checked once a call.
fn not_negative(
    converter: &Converter,
    space: &mut Space,
    expr: &Expr,
    extent: &Poly,
    obligations: &mut Vec<Obligation>,
    errors: &mut Vec<Diagnostic>,
) {
    if space.symbols.nonneg(extent) {
        return;
    }
    let shown = text::expr(expr, converter);
    if space.symbols.positive(&extent.negated()) {
        let value = text::scalar(&space.symbols.scalar(extent), converter);
        let message = if value == shown {
            format!("the extent {shown} is negative")
        } else {
            format!("the extent {shown} is {value}, which is negative")
        };
        let diagnostic = Diagnostic::new(Code::NegativeExtent, expr.span, message);
        errors.push(diagnostic.label("must be at least 0"));
        return;
    }
    let condition = Condition::Compare(
        Comparison::Ge,
        space.symbols.scalar(extent),
        Scalar::Const(0),
    );
    let known = obligations
        .iter()
        .any(|o| matches!(&o.check, Check::Holds(c) if *c == condition));
    if !known {
        obligations.push(Obligation {
            text: format!("{shown} >= 0"),
            span: expr.span,
            counts: Counts::Always,
            check: Check::Holds(condition),
        });
    }
    space.symbols.assume(extent.clone());
}
