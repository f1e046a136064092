//! Several unknown sizes at once, where extents are sums of their multiples.

use super::solve::Problem;
use crate::sema::eval::Values;
use crate::sema::model::{BinaryOp, Expr, ExprKind};

/// Coefficients of the sizes, and a constant. Numbers are wide, so that products of two of them fit.
#[derive(Clone, Debug)]
struct Sum {
    factors: Vec<i128>,
    constant: i128,
}

impl Sum {
    fn is_constant(&self) -> bool {
        self.factors.iter().all(|&f| f == 0)
    }

    /// `self * a + other * b`, None if a number becomes too large.
    fn combine(&self, a: i128, other: &Sum, b: i128) -> Option<Sum> {
        let one = |x: i128, y: i128| x.checked_mul(a)?.checked_add(y.checked_mul(b)?);
        let factors = self
            .factors
            .iter()
            .zip(&other.factors)
            .map(|(&x, &y)| one(x, y))
            .collect::<Option<_>>()?;
        Some(Sum {
            factors,
            constant: one(self.constant, other.constant)?,
        })
    }
}

/// A size that the extents together determine.
pub(super) fn solve(problem: &Problem<'_>) -> Option<(usize, i64)> {
    let mut sizes: Vec<Option<Sum>> = Vec::new();
    let unit = |k: usize| {
        (0..problem.known.len())
            .map(|at| i128::from(at == k))
            .collect()
    };
    for (k, known) in problem.known.iter().enumerate() {
        sizes.push(Some(match known {
            Some(n) => Sum {
                factors: vec![0; problem.known.len()],
                constant: i128::from(*n),
            },
            None => Sum {
                factors: unit(k),
                constant: 0,
            },
        }));
    }
    for &k in &problem.order {
        if let (None, Some(value)) = (problem.known[k], &problem.converter.sizes[k].value) {
            sizes[k] = sum(value, &sizes, problem);
        }
    }
    let extents = problem.converter.input.extents.iter().zip(problem.shape);
    let mut rows: Vec<Sum> = extents
        .filter_map(|(extent, &wanted)| {
            let mut row = sum(extent, &sizes, problem)?;
            row.constant -= i128::from(wanted);
            (!row.is_constant()).then_some(row)
        })
        .collect();
    eliminate(&mut rows)?;
    rows.iter().find_map(|row| {
        let mut factors = row.factors.iter().enumerate().filter(|(_, f)| **f != 0);
        let ((size, &factor), None) = (factors.next()?, factors.next()) else {
            return None;
        };
        let exact = row.constant.checked_rem(factor)? == 0;
        let value = i64::try_from(row.constant.checked_div(factor)?.checked_neg()?).ok()?;
        (exact && value >= 0).then_some((size, value))
    })
}

/// An expression as a sum, None if it is none.
fn sum(expr: &Expr, sizes: &[Option<Sum>], problem: &Problem<'_>) -> Option<Sum> {
    let zero = || Sum {
        factors: vec![0; sizes.len()],
        constant: 0,
    };
    match &expr.kind {
        ExprKind::Size(id) => sizes[id.index()].clone(),
        ExprKind::Neg(inner) => sum(inner, sizes, problem)?.combine(-1, &zero(), 0),
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), left, right) => {
            let sign = if *op == BinaryOp::Add { 1 } else { -1 };
            sum(left, sizes, problem)?.combine(1, &sum(right, sizes, problem)?, sign)
        }
        ExprKind::Binary(BinaryOp::Mul, left, right) => {
            let (left, right) = (sum(left, sizes, problem)?, sum(right, sizes, problem)?);
            if left.is_constant() {
                right.combine(left.constant, &zero(), 0)
            } else if right.is_constant() {
                left.combine(right.constant, &zero(), 0)
            } else {
                None
            }
        }
        _ => {
            let constant = i128::from(Values::of_sizes(&problem.known).number(expr).ok()?);
            Some(Sum { constant, ..zero() })
        }
    }
}

/// Gauss and Jordan: as many rows as possible come to hold a single size.
fn eliminate(rows: &mut [Sum]) -> Option<()> {
    let columns = rows.first().map_or(0, |row| row.factors.len());
    let mut done = 0;
    for column in 0..columns {
        let Some(pivot) = (done..rows.len()).find(|&r| rows[r].factors[column] != 0) else {
            continue;
        };
        rows.swap(done, pivot);
        let pivot = rows[done].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            let factor = row.factors[column];
            if at != done && factor != 0 {
                *row =
                    reduced(row.combine(pivot.factors[column], &pivot, factor.checked_neg()?)?);
            }
        }
        done += 1;
    }
    Some(())
}

/// A row divided by what divides all of it.
fn reduced(mut row: Sum) -> Sum {
    let divisor = row.factors.iter().fold(row.constant, |a, &b| gcd(a, b));
    if divisor > 1 {
        row.factors.iter_mut().for_each(|f| *f /= divisor);
        row.constant /= divisor;
    }
    row
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).unwrap_or(1)
}
