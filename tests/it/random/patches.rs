//! Random patches for a rule that fills: places of the output that hold other numbers, as compositions leave them.

use std::sync::Arc;

use convgrad_dsl::sema::model::{
    BinaryOp, Comparison, Cond, CondKind, Converter, Expr, ExprKind, Fill, IterId, Iterator,
    Number, Patch,
};
use convgrad_dsl::source::{Name, Span};

use super::generator::Random;

/// Adds a few patches, whose numbers count down from `first`.
pub(super) fn add(converter: &mut Converter, random: &mut Random, first: i128) {
    for k in 0..random.range(1, 3) {
        let patch = patch(converter, random, first - i128::from(k));
        converter.rule.patches.push(patch);
    }
}

const SPAN: Span = Span { start: 0, end: 0 };

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: SPAN }
}

fn int(n: i64) -> Expr {
    expr(ExprKind::Int(n))
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(op, Arc::new(a), Arc::new(b)))
}

/// Each axis whole, every second of its places, or its first one.
fn patch(converter: &Converter, random: &mut Random, number: i128) -> Patch {
    let (mut iterators, mut left) = (Vec::new(), Vec::new());
    for (axis, extent) in converter.output.extents.iter().enumerate() {
        let p = expr(ExprKind::Iter(IterId(iterators.len() as u32)));
        let (extent, index) = match random.range(0, 5) {
            0 => {
                left.push(int(0));
                continue;
            }
            1 => {
                let more = binary(BinaryOp::Add, extent.clone(), int(1));
                let half = binary(BinaryOp::Div, more, int(2));
                (half, binary(BinaryOp::Mul, int(2), p))
            }
            _ => (extent.clone(), p),
        };
        let text = format!("p{axis}");
        let name = Name { text, span: SPAN };
        iterators.push(Iterator { name, extent });
        left.push(index);
    }
    let guard = (random.chance(60) && !iterators.is_empty()).then(|| {
        let last = iterators.len() as i64 - 1;
        let mut pick = || expr(ExprKind::Iter(IterId(random.range(0, last) as u32)));
        let (a, b) = (pick(), pick());
        let (op, value) = match random.range(0, 3) {
            0 => (Comparison::Eq, binary(BinaryOp::Rem, a, int(2))),
            1 => (Comparison::Lt, binary(BinaryOp::Add, a, b)),
            2 => (Comparison::Ge, binary(BinaryOp::Sub, a, b)),
            _ => (Comparison::Ne, a),
        };
        Cond {
            kind: CondKind::Compare(op, value, int(random.range(0, 3))),
            span: SPAN,
        }
    });
    Patch {
        iterators,
        left,
        guard,
        fill: Fill {
            number: Number::Int(number),
            span: SPAN,
        },
    }
}
