//! The operators: what they stand for, how strongly they bind, and what to write for those of other languages.

use crate::sema::model::{BinaryOp, Comparison};

/// An operator between two operands.
#[derive(Clone, Copy)]
pub(super) enum Infix {
    Number(BinaryOp),
    Compare(Comparison),
    And,
    Or,
    /// One that the language does not have and that stands for nothing.
    Wrong,
}

/// How strongly an operator binds; Rust's order.
pub(super) fn strength(infix: Infix) -> u8 {
    match infix {
        Infix::Or => 1,
        Infix::And => 2,
        Infix::Compare(_) => 3,
        Infix::Number(BinaryOp::Or) => 4,
        Infix::Number(BinaryOp::Xor) => 5,
        Infix::Number(BinaryOp::And) => 6,
        Infix::Number(BinaryOp::Shl | BinaryOp::Shr) => 7,
        Infix::Number(BinaryOp::Add | BinaryOp::Sub) => 8,
        Infix::Number(_) | Infix::Wrong => 9,
    }
}

/// The operator of a spelling.
pub(super) fn infix(text: &str) -> Infix {
    match text {
        "+" => Infix::Number(BinaryOp::Add),
        "-" => Infix::Number(BinaryOp::Sub),
        "*" => Infix::Number(BinaryOp::Mul),
        "/" => Infix::Number(BinaryOp::Div),
        "%" => Infix::Number(BinaryOp::Rem),
        "^" => Infix::Number(BinaryOp::Xor),
        "&" => Infix::Number(BinaryOp::And),
        "|" => Infix::Number(BinaryOp::Or),
        "<<" => Infix::Number(BinaryOp::Shl),
        ">>" => Infix::Number(BinaryOp::Shr),
        "==" => Infix::Compare(Comparison::Eq),
        "!=" => Infix::Compare(Comparison::Ne),
        "<" => Infix::Compare(Comparison::Lt),
        "<=" => Infix::Compare(Comparison::Le),
        ">" => Infix::Compare(Comparison::Gt),
        ">=" => Infix::Compare(Comparison::Ge),
        "&&" => Infix::And,
        "||" => Infix::Or,
        // Those of other languages bind as what they stand for, so that nothing else goes wrong because of them.
        "===" | "=" | "is" => Infix::Compare(Comparison::Eq),
        "!==" | "<>" => Infix::Compare(Comparison::Ne),
        "=<" => Infix::Compare(Comparison::Le),
        "=>" => Infix::Compare(Comparison::Ge),
        "and" => Infix::And,
        "or" => Infix::Or,
        "mod" | "rem" => Infix::Number(BinaryOp::Rem),
        "div" => Infix::Number(BinaryOp::Div),
        _ => Infix::Wrong,
    }
}

/// What to write in place of an operator of another language.
pub(super) fn instead(text: &str) -> &'static str {
    match text {
        "**" => "powers are not available; write a product",
        "^^" => "write `^` for the bitwise exclusive or, `!=` for the one of comparisons",
        "===" | "=" | "is" => "write `==` to compare",
        "!==" | "<>" => "write `!=`",
        "=<" => "write `<=`",
        "=>" => "write `>=`",
        "and" => "write `&&`",
        "or" => "write `||`",
        "xor" => "write `^`",
        "mod" | "rem" => "write `%`",
        "div" => "write `/`, which rounds down",
        "+" => "remove it",
        "~" => "write `-1 - x` for the complement of x",
        "not" => "write `!`",
        _ => "the operators are + - * / % << >> & ^ | == != < <= > >= && || !",
    }
}
