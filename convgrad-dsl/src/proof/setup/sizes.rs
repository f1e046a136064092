//! The sizes and the extents as polynomials.

use crate::analysis::Bindings;
use crate::diagnostic::{Code, Diagnostic};
use crate::emit::terms;
use crate::index::normal::Normalizer;
use crate::index::poly::Poly;
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::nest::{Condition, Scalar};
use crate::proof::{Check, Counts, Obligation, text};
use crate::sema::model::{
    BinaryOp, Comparison, Cond, CondKind, Converter, Expr, ExprKind, Size, SizeId,
};

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
pub(super) fn declare(sizes: &[Size], requires: &[Cond], bindings: &Bindings) -> Symbols {
    let mut symbols = match requires {
        [] => Symbols::default(),
        _ => Symbols::restricted(),
    };
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
pub(super) fn values(sizes: &[Size], space: &mut Space, errors: &mut Vec<Diagnostic>) {
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
        errors.push(
            Diagnostic::new(Code::NegativeExtent, expr.span, message)
                .label("negative")
                .help("change the value, or keep it from falling below 0 by `max(…, 0)`"),
        );
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

/// The values of extents; what is wrong with one is pushed.
pub(crate) fn extents(
    exprs: &[Expr],
    space: &mut Space,
    errors: &mut Vec<Diagnostic>,
) -> Vec<Poly> {
    let mut normalizer = Normalizer::new(space);
    let polys: Vec<Poly> = exprs.iter().filter_map(|e| normalizer.size(e)).collect();
    errors.append(&mut normalizer.errors);
    polys
}

/// An extent is at least 0: known, refuted, or checked once a call.
pub(crate) fn not_negative(
    converter: &Converter,
    space: &mut Space,
    expr: &Expr,
    extent: &Poly,
    obligations: &mut Vec<Obligation>,
    errors: &mut Vec<Diagnostic>,
) {
    if space.symbols.nonneg(extent) || of_none_negative(expr, space) {
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
        let help = format!("mend it, or keep it from falling below 0: `max({shown}, 0)`");
        errors.push(diagnostic.label("must be at least 0").help(help));
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
            text: match terms::negated(&space.symbols.scalar(extent)) {
                Some(positive) => format!("{} <= 0", text::scalar(&positive, converter)),
                None => format!("{shown} >= 0"),
            },
            span: expr.span,
            counts: Counts::Always,
            check: Check::Holds(condition),
        });
    }
    space.symbols.assume(extent.clone());
}

/// Whether it is a product of what is at least 0.
fn of_none_negative(expr: &Expr, space: &mut Space) -> bool {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Mul, a, b) => {
            of_none_negative(a, space) && of_none_negative(b, space)
        }
        _ => {
            let value = Normalizer::new(space).size(expr);
            value.is_some_and(|value| space.symbols.nonneg(&value))
        }
    }
}
