//! Expressions: names looked up, numbers and truth values told apart, divisors and shifts checked as far as literals go.

use std::sync::Arc;

use super::model::{BinaryOp, Cond, CondKind, Expr, ExprKind};
use super::names::nearest;
use super::scope::{Meaning, RESERVED, Scope};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};
use crate::syntax::tree;

/// Resolves expressions in a scope. None means that an error has been reported.
pub(super) struct Resolver<'r> {
    pub(super) scope: &'r Scope,
    pub(super) sink: &'r mut Sink,
}

impl Resolver<'_> {
    /// A number.
    pub(super) fn number(&mut self, expr: &tree::Expr) -> Option<Expr> {
        use tree::ExprKind as Tree;
        let kind = match &expr.kind {
            Tree::Int(n) => ExprKind::Int(*n),
            Tree::Name(name) => self.name(name, expr.span)?,
            Tree::Neg(inner) => ExprKind::Neg(Arc::new(self.number(inner)?)),
            Tree::Binary(op, left, right) => {
                let (left, right) = self.operands(*op, left, right)?;
                ExprKind::Binary(*op, left, right)
            }
            Tree::Call(name, arguments) => self.call(name, arguments, expr.span)?,
            Tree::Access(tensor) => {
                self.sink.push(
                    Diagnostic::new(Code::OneSourceOnly, expr.span, "a tensor's elements cannot be used in a formula")
                        .label(format!("`{}` is read here", tensor.name.text))
                        .help("indices are made of sizes, iterators and `where` names; the only source stands right of `=`"),
                );
                return None;
            }
            Tree::Not(_) | Tree::Compare(..) | Tree::And(..) | Tree::Or(..) => {
                self.sink.push(
                    Diagnostic::new(
                        Code::Unexpected,
                        expr.span,
                        "a condition where a number is needed",
                    )
                    .label("this is true or false")
                    .help("conditions stand behind `if` and `requires`"),
                );
                return None;
            }
            Tree::Error => return None,
        };
        Some(Expr {
            kind,
            span: expr.span,
        })
    }

    /// Numbers; all of them are looked at, even if one is wrong.
    pub(super) fn numbers(&mut self, exprs: &[tree::Expr]) -> Option<Vec<Expr>> {
        let all: Vec<Option<Expr>> = exprs.iter().map(|expr| self.number(expr)).collect();
        all.into_iter().collect()
    }

    /// A truth value.
    pub(super) fn condition(&mut self, expr: &tree::Expr) -> Option<Cond> {
        use tree::ExprKind as Tree;
        let kind = match &expr.kind {
            Tree::Compare(comparison, left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                CondKind::Compare(*comparison, left?, right?)
            }
            Tree::And(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                CondKind::And(Box::new(left?), Box::new(right?))
            }
            Tree::Or(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                CondKind::Or(Box::new(left?), Box::new(right?))
            }
            Tree::Not(inner) => CondKind::Not(Box::new(self.condition(inner)?)),
            Tree::Error => return None,
            _ => {
                // Names in it are worth checking all the same.
                self.number(expr)?;
                self.sink.push(
                    Diagnostic::new(Code::NotACondition, expr.span, "a condition is needed here")
                        .label("this is a number")
                        .help("compare it with `<`, `<=`, `>`, `>=`, `==` or `!=`"),
                );
                return None;
            }
        };
        Some(Cond {
            kind,
            span: expr.span,
        })
    }

    fn name(&mut self, name: &str, span: Span) -> Option<ExprKind> {
        match self.scope.get(name) {
            Some((Meaning::Size(id), _)) => Some(ExprKind::Size(id)),
            Some((Meaning::Iterator(id), _)) => Some(ExprKind::Iter(id)),
            Some((Meaning::Definition(id), _)) => Some(ExprKind::Def(id)),
            Some((Meaning::Broken, _)) => None,
            None if RESERVED.contains(&name) => {
                let declared = Name {
                    text: name.to_owned(),
                    span,
                };
                self.sink
                    .extend(super::scope::reserved(&declared, "anything in a formula"));
                None
            }
            // To look for the name that was meant is not worth it any more.
            None if self.sink.is_full() => {
                self.sink.count();
                None
            }
            None => {
                self.sink.extend(self.scope.unknown(name, span));
                None
            }
        }
    }

    fn call(&mut self, name: &Name, arguments: &[tree::Expr], span: Span) -> Option<ExprKind> {
        if let ("floor" | "ceil", [argument]) = (name.text.as_str(), arguments) {
            return self.rounding(name, argument);
        }
        let resolved = self.numbers(arguments);
        let wrong = |needs: &str| {
            Diagnostic::new(
                Code::Unexpected,
                span,
                format!("`{}` takes {needs}", name.text),
            )
            .label(format!("{} given", count(arguments.len(), "argument")))
        };
        let diagnostic = match (name.text.as_str(), arguments.len()) {
            ("min", 1..) => return resolved.map(ExprKind::Min),
            ("max", 1..) => return resolved.map(ExprKind::Max),
            ("abs", 1) => return resolved?.pop().map(|a| ExprKind::Abs(Arc::new(a))),
            ("min" | "max", _) => wrong("at least one argument"),
            ("abs", _) => wrong("one argument"),
            ("floor" | "ceil", _) => {
                wrong("one division").help(format!("write `{}(a/b)`", name.text))
            }
            (other, _) => {
                const FUNCTIONS: &str =
                    "the functions are `floor(a/b)`, `ceil(a/b)`, `min`, `max` and `abs`";
                let near = nearest(other, RESERVED[6..].iter().copied());
                Diagnostic::new(
                    Code::UnknownName,
                    name.span,
                    format!("unknown function `{other}`"),
                )
                .note(FUNCTIONS)
                .help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write `{other}*(…)` if a product is meant"),
                })
            }
        };
        self.sink.push(diagnostic);
        None
    }

    /// `floor(a/b)` and `ceil(a/b)`
    fn rounding(&mut self, name: &Name, argument: &tree::Expr) -> Option<ExprKind> {
        let tree::ExprKind::Binary(BinaryOp::Div, left, right) = &argument.kind else {
            self.number(argument)?;
            self.sink.push(
                Diagnostic::new(
                    Code::Unexpected,
                    argument.span,
                    format!("`{}` rounds a division", name.text),
                )
                .label("the last operation here is no division")
                .help(format!(
                    "write `{}(a/b)`, with what comes before or after it outside",
                    name.text
                )),
            );
            return None;
        };
        let op = if name.text == "ceil" {
            BinaryOp::CeilDiv
        } else {
            BinaryOp::Div
        };
        let (left, right) = self.operands(op, left, right)?;
        Some(ExprKind::Binary(op, left, right))
    }

    /// Both sides of an operator.
    fn operands(
        &mut self,
        op: BinaryOp,
        left: &tree::Expr,
        right: &tree::Expr,
    ) -> Option<(Arc<Expr>, Arc<Expr>)> {
        let left = self.number(left);
        let right = self.number(right)?;
        self.check_right(op, &right)?;
        Some((Arc::new(left?), Arc::new(right)))
    }

    /// Refuses divisors and shifts that literals alone show to be wrong.
    fn check_right(&mut self, op: BinaryOp, right: &Expr) -> Option<()> {
        let Some(value) = super::eval::literal(right) else {
            return Some(());
        };
        let diagnostic = match op {
            BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Rem if value == 0 => {
                if matches!(right.kind, ExprKind::Int(_)) {
                    Diagnostic::new(Code::DivisionByZero, right.span, "division by zero")
                        .label("this is 0")
                } else {
                    Diagnostic::new(
                        Code::DivisorAlwaysZero,
                        right.span,
                        "the divisor is always 0",
                    )
                }
                .help("divide by a number that is at least 1")
            }
            BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Rem if value < 0 => {
                let positive = value.unsigned_abs();
                Diagnostic::new(Code::DivisorNegative, right.span, "the divisor is negative")
                    .label(format!("this is {value}"))
                    .note("division rounds down, towards negative infinity")
                    .help(match op {
                        BinaryOp::Rem => format!("write `% {positive}`; the remainder lies in 0..{positive}"),
                        _ => format!("write `(-a)/{positive}`, which rounds down, or `-(a/{positive})`, which rounds up"),
                    })
            }
            BinaryOp::Shl | BinaryOp::Shr if !(0..63).contains(&value) => Diagnostic::new(
                Code::ShiftUnknown,
                right.span,
                format!("a shift by {value}"),
            )
            .label("shifts go from 0 to 62")
            .help("shift by fewer places, or multiply and divide instead"),
            _ => return Some(()),
        };
        self.sink.push(diagnostic);
        None
    }
}

/// `3 arguments`
pub(crate) fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n if what.ends_with('x') => format!("{n} {}ices", &what[..what.len() - 2]),
        n if what == "axis" => format!("{n} axes"),
        n => format!("{n} {what}s"),
    }
}
