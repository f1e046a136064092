//! Forms and tests of constant sizes, made ready to be evaluated millions of times.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Test};
use crate::index::space::Space;
use crate::sema::model::{BinaryOp, IterId};

/// A digit that is free of the others, or a whole iterator.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    pub(super) iter: IterId,
    /// None for all of the iterator.
    pub(super) piece: Option<Piece>,
    pub(super) lo: i128,
    pub(super) extent: i128,
}

/// The factors of a space: every digit of a clean iterator, every other iterator whole.
pub(super) fn factors(space: &Space) -> Option<Vec<Factor>> {
    let mut factors = Vec::new();
    for (at, axis) in space.axes.iter().enumerate() {
        let id = IterId(u32::try_from(at).ok()?);
        let extent = axis.extent.as_constant()?;
        if !space.is_clean(id) || axis.cuts.is_empty() {
            factors.push(Factor {
                iter: id,
                piece: None,
                lo: 1,
                extent,
            });
            continue;
        }
        for term in space.digits(id).terms {
            let lo = term.piece.lo.as_constant()?;
            let radix = match term.piece.radix() {
                Some(radix) => radix.as_constant()?,
                None => extent / lo,
            };
            factors.push(Factor {
                iter: id,
                piece: Some(term.piece),
                lo,
                extent: radix,
            });
        }
    }
    Some(factors)
}

/// A form ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) constant: i128,
    pub(super) terms: Vec<(Value, i128)>,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Factor(usize),
    /// `(factor / lo) % radix`
    Cut(usize, i128, Option<i128>),
    /// `(value / lo) % radix`
    Whole(Box<Operation>, i128, Option<i128>),
}

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Sum(Code),
    Binary(BinaryOp, Code, Code),
    Min(Vec<Code>),
    Max(Vec<Code>),
    Abs(Code),
}

#[derive(Clone, Debug)]
pub(super) enum TestCode {
    AtLeast0(Code),
    Is0(Code),
    Not0(Code),
    All(Vec<TestCode>),
    Any(Vec<TestCode>),
}

/// Compiles forms over a space and its factors.
pub(super) struct Compiler<'s> {
    pub(super) space: &'s Space,
    pub(super) factors: &'s [Factor],
}

impl Compiler<'_> {
    pub(super) fn form(&self, form: &Linear) -> Option<Code> {
        let mut terms = Vec::new();
        for term in &form.terms {
            terms.push((self.piece(&term.piece)?, term.scale.as_constant()?));
        }
        Some(Code {
            constant: form.constant.as_constant()?,
            terms,
        })
    }

    fn piece(&self, piece: &Piece) -> Option<Value> {
        let lo = piece.lo.as_constant()?;
        let radix = match piece.radix() {
            Some(radix) => Some(radix.as_constant()?),
            None => None,
        };
        match piece.atom {
            Atom::Iter(id) => {
                let find = |wanted: Option<&Piece>| {
                    let same = |f: &Factor| f.iter == id && f.piece.as_ref() == wanted;
                    self.factors.iter().position(same)
                };
                if let Some(at) = find(Some(piece)) {
                    return Some(Value::Factor(at));
                }
                let at = find(None)?;
                Some(if lo == 1 && radix.is_none() {
                    Value::Factor(at)
                } else {
                    Value::Cut(at, lo, radix)
                })
            }
            Atom::Opaque(id) => {
                let all = |forms: &[Linear]| -> Option<Vec<Code>> {
                    forms.iter().map(|f| self.form(f)).collect()
                };
                let operation = match self.space.opaque(id) {
                    Opaque::Sum(sum) => Operation::Sum(self.form(sum)?),
                    Opaque::Binary(op, a, b) => {
                        Operation::Binary(*op, self.form(a)?, self.form(b)?)
                    }
                    Opaque::Min(forms) => Operation::Min(all(forms)?),
                    Opaque::Max(forms) => Operation::Max(all(forms)?),
                    Opaque::Abs(a) => Operation::Abs(self.form(a)?),
                };
                Some(Value::Whole(Box::new(operation), lo, radix))
            }
        }
    }

    pub(super) fn test(&self, test: &Test) -> Option<TestCode> {
        let all = |tests: &[Test]| {
            tests
                .iter()
                .map(|t| self.test(t))
                .collect::<Option<Vec<_>>>()
        };
        Some(match test {
            Test::AtLeast0(form) => TestCode::AtLeast0(self.form(form)?),
            Test::Is0(form) => TestCode::Is0(self.form(form)?),
            Test::Not0(form) => TestCode::Not0(self.form(form)?),
            Test::All(tests) => TestCode::All(all(tests)?),
            Test::Any(tests) => TestCode::Any(all(tests)?),
        })
    }
}

// Values were shown to stay far inside 128 bits when their ranges were computed; wrapping only rules out a panic.
impl Code {
    pub(super) fn eval(&self, at: &[i128]) -> i128 {
        self.terms
            .iter()
            .fold(self.constant, |sum, (value, scale)| {
                sum.wrapping_add(value.eval(at).wrapping_mul(*scale))
            })
    }

    pub(super) fn factors(&self, found: &mut Vec<usize>) {
        for (value, _) in &self.terms {
            match value {
                Value::Factor(f) | Value::Cut(f, ..) => found.push(*f),
                Value::Whole(operation, ..) => operation.factors(found),
            }
        }
    }
}

fn digit(value: i128, lo: i128, radix: Option<i128>) -> i128 {
    let high = value.div_euclid(lo.max(1));
    radix.map_or(high, |radix| high.rem_euclid(radix.max(1)))
}

impl Value {
    pub(super) fn eval(&self, at: &[i128]) -> i128 {
        match self {
            Value::Factor(f) => at[*f],
            Value::Cut(f, lo, radix) => digit(at[*f], *lo, *radix),
            Value::Whole(operation, lo, radix) => digit(operation.eval(at), *lo, *radix),
        }
    }
}

impl Operation {
    pub(super) fn eval(&self, at: &[i128]) -> i128 {
        match self {
            Operation::Sum(a) => a.eval(at),
            Operation::Abs(a) => a.eval(at).wrapping_abs(),
            Operation::Min(all) => all.iter().map(|c| c.eval(at)).min().unwrap_or(0),
            Operation::Max(all) => all.iter().map(|c| c.eval(at)).max().unwrap_or(0),
            Operation::Binary(op, a, b) => {
                let (a, b) = (a.eval(at), b.eval(at));
                let places = u32::try_from(b.clamp(0, 63)).unwrap_or(0);
                match op {
                    BinaryOp::Add => a.wrapping_add(b),
                    BinaryOp::Sub => a.wrapping_sub(b),
                    BinaryOp::Mul => a.wrapping_mul(b),
                    BinaryOp::Div | BinaryOp::CeilDiv => a.div_euclid(b.max(1)),
                    BinaryOp::Rem => a.rem_euclid(b.max(1)),
                    BinaryOp::Xor => a ^ b,
                    BinaryOp::And => a & b,
                    BinaryOp::Or => a | b,
                    BinaryOp::Shl => a.wrapping_shl(places),
                    BinaryOp::Shr => a >> places,
                }
            }
        }
    }

    pub(super) fn factors(&self, found: &mut Vec<usize>) {
        match self {
            Operation::Sum(a) | Operation::Abs(a) => a.factors(found),
            Operation::Min(all) | Operation::Max(all) => {
                all.iter().for_each(|c| c.factors(found));
            }
            Operation::Binary(_, a, b) => {
                a.factors(found);
                b.factors(found);
            }
        }
    }
}

impl TestCode {
    pub(super) fn eval(&self, at: &[i128]) -> bool {
        match self {
            TestCode::AtLeast0(a) => a.eval(at) >= 0,
            TestCode::Is0(a) => a.eval(at) == 0,
            TestCode::Not0(a) => a.eval(at) != 0,
            TestCode::All(all) => all.iter().all(|t| t.eval(at)),
            TestCode::Any(all) => all.iter().any(|t| t.eval(at)),
        }
    }

    pub(super) fn factors(&self, found: &mut Vec<usize>) {
        match self {
            TestCode::AtLeast0(a) | TestCode::Is0(a) | TestCode::Not0(a) => a.factors(found),
            TestCode::All(all) | TestCode::Any(all) => all.iter().for_each(|t| t.factors(found)),
        }
    }
}
