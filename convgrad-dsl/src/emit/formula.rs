//! Expressions of the model as text in the language's own words.

use crate::sema::model::{BinaryOp, Converter, Expr, ExprKind, Number, Operand};

/// A tensor with its extents: `X[N, C/16, H, W, 16]`.
pub fn operand(converter: &Converter, operand: &Operand) -> String {
    let extents: Vec<String> = operand
        .extents
        .iter()
        .map(|extent| expr(converter, extent))
        .collect();
    format!("{}[{}]", operand.name.text, extents.join(", "))
}

/// An expression, with the parentheses that it needs.
pub fn expr(converter: &Converter, value: &Expr) -> String {
    print(converter, value, 0)
}

/// A fill value as it may stand after `else`.
pub fn number(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// How strongly an operator binds, and how it is written; None for what is written as a function.
fn operator(op: BinaryOp) -> Option<(u8, &'static str)> {
    Some(match op {
        BinaryOp::Mul => (6, "*"),
        BinaryOp::Div => (6, "/"),
        BinaryOp::Rem => (6, "%"),
        BinaryOp::Add => (5, " + "),
        BinaryOp::Sub => (5, " - "),
        BinaryOp::Shl => (4, " << "),
        BinaryOp::Shr => (4, " >> "),
        BinaryOp::And => (3, " & "),
        BinaryOp::Xor => (2, " ^ "),
        BinaryOp::Or => (1, " | "),
        BinaryOp::CeilDiv => return None,
    })
}

/// Prints `value` where operators that bind weaker than `outer` need parentheses.
fn print(converter: &Converter, value: &Expr, outer: u8) -> String {
    let list = |values: &[Expr]| {
        let all: Vec<String> = values.iter().map(|v| print(converter, v, 0)).collect();
        all.join(", ")
    };
    match &value.kind {
        ExprKind::Int(n) => n.to_string(),
        ExprKind::Size(id) => converter.sizes[id.index()].name.text.clone(),
        ExprKind::Iter(id) => converter.rule.iterators[id.index()].name.text.clone(),
        ExprKind::Def(id) => converter.rule.definitions[id.index()].name.text.clone(),
        ExprKind::Neg(inner) => {
            parenthesized(7 < outer, format!("-{}", print(converter, inner, 8)))
        }
        ExprKind::Binary(op, a, b) => match operator(*op) {
            Some((strength, sign)) => {
                let (a, b) = (
                    print(converter, a, strength),
                    print(converter, b, strength + 1),
                );
                parenthesized(strength < outer, format!("{a}{sign}{b}"))
            }
            None => format!(
                "ceil({}/{})",
                print(converter, a, 6),
                print(converter, b, 7)
            ),
        },
        ExprKind::Min(values) => format!("min({})", list(values)),
        ExprKind::Max(values) => format!("max({})", list(values)),
        ExprKind::Abs(inner) => format!("abs({})", print(converter, inner, 0)),
    }
}

fn parenthesized(needed: bool, text: String) -> String {
    if needed { format!("({text})") } else { text }
}
