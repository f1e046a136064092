//! One unknown size at a time: extents that grow or shrink with it, and exact multiples.

use super::solve::Problem;
use super::{derive, used};
use crate::sema::eval::Values;
use crate::sema::model::{BinaryOp, Converter, Expr, ExprKind};

/// How many candidates are tried where an extent neither only grows nor only shrinks.
const CANDIDATES: i64 = 4096;

/// Larger sizes are not looked for.
const LARGEST: i64 = 1 << 62;

/// How an expression moves with a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trend {
    Constant,
    Grows,
    Shrinks,
    Unclear,
}

impl Trend {
    fn flip(self) -> Self {
        match self {
            Trend::Grows => Trend::Shrinks,
            Trend::Shrinks => Trend::Grows,
            same => same,
        }
    }

    /// That of a sum, a minimum or a maximum.
    fn with(self, other: Trend) -> Self {
        match (self, other) {
            (Trend::Constant, trend) | (trend, Trend::Constant) => trend,
            (a, b) if a == b => a,
            _ => Trend::Unclear,
        }
    }
}

/// A size that only one value of which makes its extents come out right.
pub(super) fn exact(problem: &Problem<'_>) -> Option<(usize, i64)> {
    unknowns(problem).into_iter().find_map(|(size, axes)| {
        let single = Single { problem, size };
        let (low, high, unclear) = single.interval(&axes);
        if low > high {
            return None;
        }
        if unclear.is_empty() {
            return (low == high).then_some((size, low));
        }
        if high - low >= CANDIDATES {
            return None;
        }
        let mut fitting = (low..=high).filter(|&n| single.fits(n, &unclear));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some((size, only)),
            _ => None,
        }
    })
}

/// A size whose extent is `C/16` alone: the exact multiple, if that fits the other extents too.
pub(super) fn multiple(problem: &Problem<'_>) -> Option<(usize, i64)> {
    unknowns(problem).into_iter().find_map(|(size, axes)| {
        let single = Single { problem, size };
        let candidate = axes.iter().find_map(|&axis| single.multiple(axis))?;
        let others: Vec<usize> = axes
            .iter()
            .copied()
            .filter(|&axis| single.multiple(axis).is_none())
            .collect();
        let alone = axes.len() == 1 || single.fits(candidate, &others);
        alone.then_some((size, candidate))
    })
}

/// The unknown sizes that some extent depends on alone, and those extents.
fn unknowns(problem: &Problem<'_>) -> Vec<(usize, Vec<usize>)> {
    let open = problem.open();
    let alone = |size: usize| {
        (0..open.len())
            .filter(|&axis| open[axis] == [size])
            .collect::<Vec<_>>()
    };
    (0..problem.known.len())
        .map(|size| (size, alone(size)))
        .filter(|(_, axes)| !axes.is_empty())
        .collect()
}

struct Single<'p, 'c> {
    problem: &'p Problem<'c>,
    size: usize,
}

impl Single<'_, '_> {
    /// The extent of an axis where the size is `n`; None if it has none.
    fn extent(&self, axis: usize, n: i64) -> Option<i64> {
        let mut known = self.problem.known.clone();
        known[self.size] = Some(n);
        let errors = derive(self.problem.converter, &self.problem.order, &mut known);
        if !errors.is_empty() {
            return None;
        }
        Values::of_sizes(&known)
            .number(&self.problem.converter.input.extents[axis])
            .ok()
    }

    fn fits(&self, n: i64, axes: &[usize]) -> bool {
        axes.iter()
            .all(|&axis| self.extent(axis, n) == Some(self.problem.shape[axis]))
    }

    /// The values that fit all axes that only grow or only shrink, and the axes that do neither.
    fn interval(&self, axes: &[usize]) -> (i64, i64, Vec<usize>) {
        let (mut low, mut high, mut unclear) = (0, LARGEST, Vec::new());
        for &axis in axes {
            let wanted = self.problem.shape[axis];
            // The first size at which the extent has come to `wanted`, and the first at which it has passed it. Where an
            // extent does not fit 64 bits, it has passed everything.
            let (from, to) = match self.trend(axis) {
                Trend::Grows => (
                    first(|n| self.extent(axis, n).is_none_or(|e| e >= wanted)),
                    first(|n| self.extent(axis, n).is_none_or(|e| e > wanted)),
                ),
                Trend::Shrinks => (
                    first(|n| self.extent(axis, n).is_none_or(|e| e <= wanted)),
                    first(|n| self.extent(axis, n).is_none_or(|e| e < wanted)),
                ),
                _ => {
                    unclear.push(axis);
                    continue;
                }
            };
            low = low.max(from);
            high = high.min(to - 1);
        }
        (low, high, unclear)
    }

    /// How the extent of an axis moves with the size.
    fn trend(&self, axis: usize) -> Trend {
        let mut trends: Vec<Trend> = vec![Trend::Constant; self.problem.known.len()];
        trends[self.size] = Trend::Grows;
        for &k in &self.problem.order {
            if let (None, Some(value)) = (
                self.problem.known[k],
                &self.problem.converter.sizes[k].value,
            ) {
                trends[k] = self.trend_of(value, &trends);
            }
        }
        self.trend_of(&self.problem.converter.input.extents[axis], &trends)
    }

    fn trend_of(&self, expr: &Expr, trends: &[Trend]) -> Trend {
        let of = |e: &Expr| self.trend_of(e, trends);
        match &expr.kind {
            ExprKind::Size(id) => trends[id.index()],
            ExprKind::Neg(inner) => of(inner).flip(),
            ExprKind::Abs(inner) => match of(inner) {
                Trend::Constant => Trend::Constant,
                Trend::Grows if self.at_zero(inner).is_some_and(|n| n >= 0) => Trend::Grows,
                _ => Trend::Unclear,
            },
            ExprKind::Min(arguments) | ExprKind::Max(arguments) => {
                arguments.iter().map(of).fold(Trend::Constant, Trend::with)
            }
            ExprKind::Binary(op, left, right) => match (op, of(left), of(right)) {
                (_, Trend::Constant, Trend::Constant) => Trend::Constant,
                (BinaryOp::Add, a, b) => a.with(b),
                (BinaryOp::Sub, a, b) => a.with(b.flip()),
                (BinaryOp::Mul, Trend::Constant, b) => self.scaled(b, left),
                (BinaryOp::Mul, a, Trend::Constant) => self.scaled(a, right),
                (BinaryOp::Mul, Trend::Grows, Trend::Grows)
                    if [left, right]
                        .into_iter()
                        .all(|e| self.at_zero(e).is_some_and(|n| n >= 0)) =>
                {
                    Trend::Grows
                }
                (
                    BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Shl | BinaryOp::Shr,
                    a,
                    Trend::Constant,
                ) => a,
                _ => Trend::Unclear,
            },
            _ => Trend::Constant,
        }
    }

    /// That of a multiple by what does not depend on the size.
    fn scaled(&self, trend: Trend, factor: &Expr) -> Trend {
        match self.at_zero(factor) {
            Some(0) => Trend::Constant,
            Some(1..) => trend,
            Some(_) => trend.flip(),
            None => Trend::Unclear,
        }
    }

    /// The value of an expression where the size is 0.
    fn at_zero(&self, expr: &Expr) -> Option<i64> {
        let mut known = self.problem.known.clone();
        known[self.size] = Some(0);
        derive(self.problem.converter, &self.problem.order, &mut known);
        Values::of_sizes(&known).number(expr).ok()
    }

    /// The exact multiple, where the extent of an axis is the size divided, and nothing else.
    fn multiple(&self, axis: usize) -> Option<i64> {
        let extent = &self.problem.converter.input.extents[axis];
        let (op, by) = divided(self.problem.converter, extent, self.size)?;
        let by = Values::of_sizes(&self.problem.known).number(by).ok()?;
        match op {
            BinaryOp::Div if by > 0 => self.problem.shape[axis].checked_mul(by),
            BinaryOp::Shr if (0..63).contains(&by) => self.problem.shape[axis].checked_mul(1 << by),
            _ => None,
        }
    }
}

/// The division (or shift) and its divisor, where an extent is a size divided, and nothing else.
pub(super) fn divided<'e>(
    converter: &'e Converter,
    mut extent: &'e Expr,
    size: usize,
) -> Option<(BinaryOp, &'e Expr)> {
    // An extent may be a size whose value is the division.
    while let ExprKind::Size(id) = &extent.kind {
        extent = converter.sizes[id.index()].value.as_ref()?;
    }
    let ExprKind::Binary(op @ (BinaryOp::Div | BinaryOp::Shr), left, right) = &extent.kind else {
        return None;
    };
    let alone = matches!(&left.kind, ExprKind::Size(id) if id.index() == size);
    (alone && !used(right).contains(&size)).then_some((*op, &**right))
}

/// The smallest number that satisfies a condition which, once satisfied, stays so; [`LARGEST`] + 1 if none up to there.
fn first(reached: impl Fn(i64) -> bool) -> i64 {
    let (mut below, mut above) = (0, LARGEST + 1);
    while below < above {
        let middle = below + (above - below) / 2;
        if middle > LARGEST || reached(middle) {
            above = middle;
        } else {
            below = middle + 1;
        }
    }
    below
}
