//! Numbers of the loops at concrete sizes: compiled once, evaluated for each iteration.

use convgrad_dsl::nest::{Condition, Scalar};
use convgrad_dsl::sema::model::Comparison;

use super::prepare::Scope;
use crate::__private::Bound;
use crate::error::Error;

/// An expression of loop variables. What depends on sizes only has become a number.
///
/// Evaluation is plain 64-bit arithmetic: [`Expr::compile`] has bounded every number in it.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Const(i64),
    /// A variable, by its slot.
    Var(usize),
    /// `constant + sum of factor * expression`.
    Sum(i64, Vec<(i64, Expr)>),
    Product(Vec<Expr>),
    Min(Vec<Expr>),
    Max(Vec<Expr>),
    Abs(Box<Expr>),
    Binary(Operation, Box<Expr>, Box<Expr>),
}

/// What two expressions are joined by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Div,
    Rem,
    Xor,
    And,
    Or,
    Shl,
    Shr,
}

/// A condition on loop variables.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Compare(Comparison, Expr, Expr),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
}

impl Expr {
    /// Fails where a number may leave 64 bits, or where a divisor or a shift of sizes makes no sense.
    pub(super) fn compile(scalar: &Scalar, scope: &Scope) -> Result<Expr, Error> {
        let (expr, bound) = compile(scalar, scope)?;
        match bound.fits() {
            true => Ok(expr),
            false => Err(scope.overflow()),
        }
    }

    /// A bound of its absolute value.
    pub(super) fn bound(scalar: &Scalar, scope: &Scope) -> Result<Bound, Error> {
        Ok(compile(scalar, scope)?.1)
    }

    /// Whether it changes with a variable.
    pub(super) fn depends_on(&self, slot: usize) -> bool {
        let any = |all: &[Expr]| all.iter().any(|expr| expr.depends_on(slot));
        match self {
            Expr::Const(_) => false,
            Expr::Var(own) => *own == slot,
            Expr::Sum(_, terms) => terms.iter().any(|(_, term)| term.depends_on(slot)),
            Expr::Product(all) | Expr::Min(all) | Expr::Max(all) => any(all),
            Expr::Abs(a) => a.depends_on(slot),
            Expr::Binary(_, a, b) => a.depends_on(slot) || b.depends_on(slot),
        }
    }

    /// The same with the value of a variable, and with numbers for all that no other variable decides.
    pub(super) fn with(&self, slot: usize, value: i64) -> Expr {
        let of = |expr: &Expr| expr.with(slot, value);
        let all = |exprs: &[Expr]| exprs.iter().map(of).collect();
        let expr = match self {
            Expr::Var(own) if *own == slot => Expr::Const(value),
            Expr::Const(_) | Expr::Var(_) => self.clone(),
            Expr::Sum(constant, terms) => {
                let terms = terms.iter().map(|(factor, term)| (*factor, of(term)));
                Expr::Sum(*constant, terms.collect())
            }
            Expr::Product(factors) => Expr::Product(all(factors)),
            Expr::Min(exprs) => Expr::Min(all(exprs)),
            Expr::Max(exprs) => Expr::Max(all(exprs)),
            Expr::Abs(a) => Expr::Abs(Box::new(of(a))),
            Expr::Binary(operation, a, b) => {
                Expr::Binary(*operation, Box::new(of(a)), Box::new(of(b)))
            }
        };
        match expr.has_variables() {
            true => expr,
            false => Expr::Const(expr.value(&[])),
        }
    }

    fn has_variables(&self) -> bool {
        let any = |all: &[Expr]| all.iter().any(Expr::has_variables);
        match self {
            Expr::Const(_) => false,
            Expr::Var(_) => true,
            Expr::Sum(_, terms) => terms.iter().any(|(_, term)| term.has_variables()),
            Expr::Product(all) | Expr::Min(all) | Expr::Max(all) => any(all),
            Expr::Abs(a) => a.has_variables(),
            Expr::Binary(_, a, b) => a.has_variables() || b.has_variables(),
        }
    }

    #[inline]
    pub(super) fn value(&self, variables: &[i64]) -> i64 {
        match self {
            Expr::Const(n) => *n,
            Expr::Var(slot) => variables[*slot],
            _ => self.compute(variables),
        }
    }

    // The operators wrap so that not even a wrong bound could stop the program; the bounds say that they never do.
    fn compute(&self, variables: &[i64]) -> i64 {
        let of = |expr: &Expr| expr.value(variables);
        match self {
            Expr::Const(_) | Expr::Var(_) => self.value(variables),
            Expr::Sum(constant, terms) => terms.iter().fold(*constant, |sum, (factor, term)| {
                sum.wrapping_add(factor.wrapping_mul(of(term)))
            }),
            Expr::Product(factors) => factors.iter().map(of).fold(1, i64::wrapping_mul),
            Expr::Min(all) => all.iter().map(of).min().unwrap_or_default(),
            Expr::Max(all) => all.iter().map(of).max().unwrap_or_default(),
            Expr::Abs(a) => of(a).wrapping_abs(),
            Expr::Binary(operation, a, b) => operation.apply(of(a), of(b)),
        }
    }
}

impl Operation {
    fn apply(self, a: i64, b: i64) -> i64 {
        match self {
            // Divisors are positive; a wrong one must not stop the program.
            Operation::Div => a.checked_div_euclid(b).unwrap_or_default(),
            Operation::Rem => a.checked_rem_euclid(b).unwrap_or_default(),
            Operation::Xor => a ^ b,
            Operation::And => a & b,
            Operation::Or => a | b,
            Operation::Shl => a.checked_shl(b as u32).unwrap_or_default(),
            Operation::Shr => a >> b.clamp(0, 63),
        }
    }
}

fn compile(scalar: &Scalar, scope: &Scope) -> Result<(Expr, Bound), Error> {
    if !scalar.has_variables() {
        let n = scope.number(scalar)?;
        return Ok((Expr::Const(n), Bound::of(n)));
    }
    let binary = |operation, a: &Scalar, b: &Scalar, bound: fn(Bound, Bound) -> Bound| {
        let ((a, a_bound), (b, b_bound)) = (compile(a, scope)?, compile(b, scope)?);
        if !(a_bound.fits() && b_bound.fits()) {
            return Err(scope.overflow());
        }
        let expr = Expr::Binary(operation, Box::new(a), Box::new(b));
        Ok((expr, bound(a_bound, b_bound)))
    };
    let list = |all: &[Scalar]| {
        all.iter()
            .map(|scalar| compile(scalar, scope))
            .collect::<Result<(Vec<_>, Vec<_>), Error>>()
    };
    let extreme = |all: &[Scalar], wrap: fn(Vec<Expr>) -> Expr| {
        let (exprs, bounds) = list(all)?;
        let largest = bounds.into_iter().fold(Bound::of(0), Bound::or);
        Ok((wrap(exprs), largest))
    };
    match scalar {
        // Numbers and sizes have no variables.
        Scalar::Const(_) | Scalar::Size(_) => Err(scope.overflow()),
        Scalar::Var(id) => scope.variable(*id),
        Scalar::Sum(terms) => sum(terms, scope),
        Scalar::Product(factors) => {
            let (exprs, bounds) = list(factors)?;
            let bound = bounds.into_iter().fold(Bound::of(1), |a, b| a * b);
            Ok((Expr::Product(exprs), bound))
        }
        Scalar::Min(all) => extreme(all, Expr::Min),
        Scalar::Max(all) => extreme(all, Expr::Max),
        Scalar::Abs(a) => {
            let (a, bound) = compile(a, scope)?;
            Ok((Expr::Abs(Box::new(a)), bound))
        }
        Scalar::Div(a, b) => binary(Operation::Div, a, b, |a, _| a),
        Scalar::Rem(a, b) => binary(Operation::Rem, a, b, |_, b| b),
        Scalar::Xor(a, b) => binary(Operation::Xor, a, b, Bound::bits),
        Scalar::And(a, b) => binary(Operation::And, a, b, Bound::bits),
        Scalar::Or(a, b) => binary(Operation::Or, a, b, Bound::bits),
        Scalar::Shl(a, b) => binary(Operation::Shl, a, b, |a, b| a << b),
        Scalar::Shr(a, b) => binary(Operation::Shr, a, b, |a, _| a),
    }
}

/// A sum with its constants joined and constant factors beside their terms.
fn sum(terms: &[Scalar], scope: &Scope) -> Result<(Expr, Bound), Error> {
    let (mut constant, mut parts, mut bound) = (0i64, Vec::new(), Bound::of(0));
    for term in terms {
        let (expr, term_bound) = compile(term, scope)?;
        bound = bound + term_bound;
        match expr {
            Expr::Const(n) => constant = constant.wrapping_add(n),
            Expr::Product(mut factors) if matches!(factors[..], [Expr::Const(_), _]) => {
                let inner = factors.remove(1);
                match factors[0] {
                    Expr::Const(n) => parts.push((n, inner)),
                    _ => return Err(scope.overflow()),
                }
            }
            expr => parts.push((1, expr)),
        }
    }
    Ok((Expr::Sum(constant, parts), bound))
}

impl Test {
    /// Whether it changes with a variable.
    pub(super) fn depends_on(&self, slot: usize) -> bool {
        match self {
            Test::Compare(_, a, b) => a.depends_on(slot) || b.depends_on(slot),
            Test::All(all) | Test::Any(all) => all.iter().any(|test| test.depends_on(slot)),
            Test::Not(inner) => inner.depends_on(slot),
        }
    }

    /// The same with the value of a variable.
    pub(super) fn with(&self, slot: usize, value: i64) -> Test {
        let all = |tests: &[Test]| tests.iter().map(|test| test.with(slot, value)).collect();
        match self {
            Test::Compare(comparison, a, b) => {
                Test::Compare(*comparison, a.with(slot, value), b.with(slot, value))
            }
            Test::All(tests) => Test::All(all(tests)),
            Test::Any(tests) => Test::Any(all(tests)),
            Test::Not(inner) => Test::Not(Box::new(inner.with(slot, value))),
        }
    }

    pub(super) fn compile(condition: &Condition, scope: &Scope) -> Result<Test, Error> {
        let list = |all: &[Condition]| {
            all.iter()
                .map(|inner| Test::compile(inner, scope))
                .collect::<Result<Vec<_>, Error>>()
        };
        Ok(match condition {
            Condition::Compare(comparison, a, b) => Test::Compare(
                *comparison,
                Expr::compile(a, scope)?,
                Expr::compile(b, scope)?,
            ),
            Condition::All(all) => Test::All(list(all)?),
            Condition::Any(any) => Test::Any(list(any)?),
            Condition::Not(inner) => Test::Not(Box::new(Test::compile(inner, scope)?)),
        })
    }

    pub(super) fn holds(&self, variables: &[i64]) -> bool {
        match self {
            Test::Compare(comparison, a, b) => {
                let (a, b) = (a.value(variables), b.value(variables));
                match comparison {
                    Comparison::Eq => a == b,
                    Comparison::Ne => a != b,
                    Comparison::Lt => a < b,
                    Comparison::Le => a <= b,
                    Comparison::Gt => a > b,
                    Comparison::Ge => a >= b,
                }
            }
            Test::All(all) => all.iter().all(|test| test.holds(variables)),
            Test::Any(any) => any.iter().any(|test| test.holds(variables)),
            Test::Not(inner) => !inner.holds(variables),
        }
    }
}
