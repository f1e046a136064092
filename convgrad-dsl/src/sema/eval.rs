//! The value of an expression where every name has a number. Exact: what does not fit 64 bits is a fault.

use super::model::{BinaryOp, Comparison, Cond, CondKind, Definition, Expr, ExprKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A result does not fit 64 bits.
    Overflow,
    /// A divisor is not positive.
    Divisor(i64),
    /// A shift is outside 0..63.
    Shift(i64),
    /// A name has no value.
    Unknown,
}

/// Why, and which operation or operand it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub kind: FaultKind,
    /// The divisor, the shift, or the operation that overflows.
    pub span: Span,
}

impl Fault {
    /// The fault in words.
    pub fn diagnostic(self) -> Diagnostic {
        let (code, message, help) = match self.kind {
            FaultKind::Overflow => (
                Code::Overflow,
                "the result does not fit 64 bits".to_owned(),
                "use smaller sizes or numbers, or fewer factors",
            ),
            FaultKind::Divisor(0) => (
                Code::DivisorAlwaysZero,
                "the divisor is 0".to_owned(),
                "divide by a number that is at least 1",
            ),
            FaultKind::Divisor(n) => (
                Code::DivisorNegative,
                format!("the divisor is {n}, which is negative"),
                "divide by a number that is at least 1",
            ),
            FaultKind::Shift(n) => (
                Code::ShiftUnknown,
                format!("a shift by {n}; shifts go from 0 to 62"),
                "shift by fewer places, or multiply and divide instead",
            ),
            FaultKind::Unknown => (
                Code::SizeMissing,
                "a name has no value".to_owned(),
                "give it one",
            ),
        };
        Diagnostic::new(code, self.span, message).help(help)
    }
}

/// The numbers that names stand for.
#[derive(Clone, Debug)]
pub struct Values<'v> {
    sizes: &'v [Option<i64>],
    iterators: &'v [i64],
    /// One a definition; a fault shows only where the definition is used.
    definitions: Vec<Result<i64, Fault>>,
}

impl<'v> Values<'v> {
    /// Numbers for sizes; expressions may contain nothing else.
    pub fn of_sizes(sizes: &'v [Option<i64>]) -> Self {
        Self {
            sizes,
            iterators: &[],
            definitions: Vec::new(),
        }
    }

    /// Numbers for sizes and iterators, and the definitions made of them.
    pub fn new(sizes: &'v [Option<i64>], iterators: &'v [i64], definitions: &[Definition]) -> Self {
        let mut values = Self {
            sizes,
            iterators,
            definitions: Vec::with_capacity(definitions.len()),
        };
        // Each uses only earlier ones, so that no evaluation descends from one definition into another.
        for definition in definitions {
            let value = values.number(&definition.value);
            values.definitions.push(value);
        }
        values
    }

    /// The value of an expression.
    pub fn number(&self, expr: &Expr) -> Result<i64, Fault> {
        let fault = |kind| Fault {
            kind,
            span: expr.span,
        };
        let known = |value: Option<i64>| value.ok_or(fault(FaultKind::Unknown));
        match &expr.kind {
            ExprKind::Int(n) => Ok(*n),
            ExprKind::Size(id) => known(self.sizes.get(id.index()).copied().flatten()),
            ExprKind::Iter(id) => known(self.iterators.get(id.index()).copied()),
            ExprKind::Def(id) => self
                .definitions
                .get(id.index())
                .copied()
                .unwrap_or(Err(fault(FaultKind::Unknown))),
            ExprKind::Neg(inner) => self
                .number(inner)?
                .checked_neg()
                .ok_or(fault(FaultKind::Overflow)),
            ExprKind::Abs(inner) => self
                .number(inner)?
                .checked_abs()
                .ok_or(fault(FaultKind::Overflow)),
            ExprKind::Binary(op, left, right) => {
                let (a, b) = (self.number(left)?, self.number(right)?);
                binary(*op, a, b).map_err(|kind| Fault {
                    kind,
                    span: if kind == FaultKind::Overflow {
                        expr.span
                    } else {
                        right.span
                    },
                })
            }
            ExprKind::Min(arguments) => self.extreme(arguments, expr.span, i64::min),
            ExprKind::Max(arguments) => self.extreme(arguments, expr.span, i64::max),
        }
    }

    fn extreme(
        &self,
        arguments: &[Expr],
        span: Span,
        pick: fn(i64, i64) -> i64,
    ) -> Result<i64, Fault> {
        let mut best: Option<i64> = None;
        for argument in arguments {
            let value = self.number(argument)?;
            best = Some(best.map_or(value, |b| pick(b, value)));
        }
        best.ok_or(Fault {
            kind: FaultKind::Unknown,
            span,
        })
    }

    /// Whether a condition holds. What `&&` and `||` do not need is not evaluated.
    pub fn holds(&self, condition: &Cond) -> Result<bool, Fault> {
        Ok(match &condition.kind {
            CondKind::Compare(comparison, left, right) => {
                compare(*comparison, self.number(left)?, self.number(right)?)
            }
            CondKind::And(left, right) => self.holds(left)? && self.holds(right)?,
            CondKind::Or(left, right) => self.holds(left)? || self.holds(right)?,
            CondKind::Not(inner) => !self.holds(inner)?,
        })
    }
}

/// The value of an expression of nothing but literals.
pub(super) fn literal(expr: &Expr) -> Option<i64> {
    Values::of_sizes(&[]).number(expr).ok()
}

/// The result of an operator. Division rounds down, the remainder is Euclidean, bits are those of two's complement.
pub fn binary(op: BinaryOp, a: i64, b: i64) -> Result<i64, FaultKind> {
    match op {
        BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Rem if b <= 0 => {
            return Err(FaultKind::Divisor(b));
        }
        BinaryOp::Shl | BinaryOp::Shr if !(0..63).contains(&b) => return Err(FaultKind::Shift(b)),
        _ => {}
    }
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        // By a positive divisor, Euclidean division is floor division.
        BinaryOp::Div => Some(a.div_euclid(b)),
        BinaryOp::CeilDiv => Some(a.div_euclid(b) + i64::from(a.rem_euclid(b) != 0)),
        BinaryOp::Rem => Some(a.rem_euclid(b)),
        BinaryOp::Xor => Some(a ^ b),
        BinaryOp::And => Some(a & b),
        BinaryOp::Or => Some(a | b),
        BinaryOp::Shl => i64::try_from(i128::from(a) << b).ok(),
        BinaryOp::Shr => Some(a >> b),
    }
    .ok_or(FaultKind::Overflow)
}

/// Whether a comparison holds.
pub fn compare(comparison: Comparison, a: i64, b: i64) -> bool {
    match comparison {
        Comparison::Eq => a == b,
        Comparison::Ne => a != b,
        Comparison::Lt => a < b,
        Comparison::Le => a <= b,
        Comparison::Gt => a > b,
        Comparison::Ge => a >= b,
    }
}
