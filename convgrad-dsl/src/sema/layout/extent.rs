//! How many places each physical axis of a layout has: one more than the largest value of its expression.
//!
//! Ranges are polynomials of the sizes, so that `n*H*W + h*W + w` reaches `N*H*W` and not a sum of three products. Ends are
//! exclusive, which makes `e/d` reach `ceil(end/d)`.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::normal::{Normalizer, too_large};
use crate::index::poly::{Checked, Poly, TooLarge};
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::nest::Scalar;
use crate::proof::setup;
use crate::sema::model::{BinaryOp, Expr, ExprKind, Iterator, Size};
use crate::sema::written::written;
use crate::source::Span;

/// The extents of expressions of sizes and iterators, as expressions of the sizes.
///
/// # Errors
/// Values that have no upper bound that could be written down; arithmetic that goes wrong for all sizes.
pub(crate) fn extents(
    sizes: &[Size],
    iterators: &[Iterator],
    exprs: &[Expr],
) -> Result<Vec<Expr>, Vec<Diagnostic>> {
    let mut space = setup::of_sizes(sizes)?;
    let mut normalizer = Normalizer::new(&mut space);
    let limits: Vec<Option<Poly>> = iterators
        .iter()
        .map(|i| normalizer.size(&i.extent))
        .collect();
    let errors = std::mem::take(&mut normalizer.errors);
    let limits = limits.into_iter().collect::<Option<Vec<Poly>>>();
    let Some(limits) = limits.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    // What ranges over fewer values than none ranges over none.
    for limit in &limits {
        if !space.symbols.nonneg(limit) {
            space.symbols.assume(limit.clone());
        }
    }
    let mut measure = Measure {
        space,
        limits,
        errors: Vec::new(),
    };
    let extents: Vec<Option<Expr>> = exprs.iter().map(|e| measure.extent(e)).collect();
    match extents.into_iter().collect() {
        Some(extents) => Ok(extents),
        None => Err(measure.errors),
    }
}

/// The values of an expression: from `low` to before `end`.
struct Range {
    low: Poly,
    end: Poly,
    /// Limits of iterators: where one of them is 0 there is no value. Only those that may be 0.
    empty: Vec<Poly>,
}

impl Range {
    fn point(value: Poly) -> Checked<Self> {
        Ok(Range {
            end: value.plus_constant(1)?,
            low: value,
            empty: Vec::new(),
        })
    }

    /// The largest value.
    fn high(&self) -> Checked<Poly> {
        self.end.plus_constant(-1)
    }

    /// The only value.
    fn only(&self) -> Option<&Poly> {
        let high = self.high().ok()?;
        (high == self.low).then_some(&self.low)
    }

    fn empty_with(&self, other: &Range) -> Vec<Poly> {
        let mut all = [self.empty.as_slice(), &other.empty].concat();
        all.sort();
        all.dedup();
        all
    }
}

/// Why there is no range: an overflow, or something that has been reported.
enum Fault {
    Large(TooLarge),
    Reported,
}

impl From<TooLarge> for Fault {
    fn from(why: TooLarge) -> Self {
        Fault::Large(why)
    }
}

struct Measure {
    space: Space,
    limits: Vec<Poly>,
    errors: Vec<Diagnostic>,
}

impl Measure {
    fn extent(&mut self, expr: &Expr) -> Option<Expr> {
        let range = self.range(expr)?;
        match self.places(&range) {
            Ok(places) => Some(written(&places, expr.span)),
            Err(why) => {
                self.errors.push(too_large(why, expr.span));
                None
            }
        }
    }

    /// The end of a range, or 0 if there is no value.
    fn places(&mut self, range: &Range) -> Checked<Scalar> {
        let end = &range.end;
        let symbols = &mut self.space.symbols;
        let mut places = symbols.scalar(end);
        if !symbols.nonneg(end) {
            places = Scalar::max(vec![Scalar::Const(0), places]);
        }
        for limit in &range.empty {
            if vanishes(end, limit, symbols) {
                continue;
            }
            let some = Scalar::min(vec![Scalar::Const(1), symbols.scalar(limit)]);
            places = some.times(places);
        }
        Ok(places)
    }

    fn range(&mut self, expr: &Expr) -> Option<Range> {
        match self.try_range(expr) {
            Ok(range) => Some(range),
            Err(Fault::Reported) => None,
            Err(Fault::Large(why)) => {
                self.errors.push(too_large(why, expr.span));
                None
            }
        }
    }

    fn each(&mut self, exprs: &[Expr]) -> Result<Vec<Range>, Fault> {
        let ranges: Vec<Option<Range>> = exprs.iter().map(|e| self.range(e)).collect();
        let ranges: Option<Vec<Range>> = ranges.into_iter().collect();
        ranges.ok_or(Fault::Reported)
    }

    fn try_range(&mut self, expr: &Expr) -> Result<Range, Fault> {
        let reported = Fault::Reported;
        Ok(match &expr.kind {
            ExprKind::Int(value) => Range::point(Poly::constant(*value))?,
            ExprKind::Size(id) => Range::point(self.space.symbols.size(*id))?,
            ExprKind::Iter(id) => {
                let limit = self.limits.get(id.index()).ok_or(reported)?.clone();
                let some = self.space.symbols.positive(&limit);
                Range {
                    low: Poly::zero(),
                    empty: if some {
                        Vec::new()
                    } else {
                        vec![limit.clone()]
                    },
                    end: limit,
                }
            }
            // A layout has no definitions.
            ExprKind::Def(_) => return Err(reported),
            ExprKind::Neg(a) => negated(self.range(a).ok_or(reported)?)?,
            ExprKind::Abs(a) => {
                let range = self.range(a).ok_or(reported)?;
                self.absolute(range)?
            }
            ExprKind::Binary(op, a, b) => {
                let (left, right) = (self.range(a), self.range(b));
                let (left, right) = left.zip(right).ok_or(reported)?;
                self.binary(*op, left, right, expr, b)?
            }
            ExprKind::Min(all) => {
                let all = self.each(all)?;
                self.extreme(all, Symbols::min)?
            }
            ExprKind::Max(all) => {
                let all = self.each(all)?;
                self.extreme(all, Symbols::max)?
            }
        })
    }

    fn extreme(
        &mut self,
        all: Vec<Range>,
        pick: fn(&mut Symbols, &Poly, &Poly) -> Checked<Poly>,
    ) -> Result<Range, Fault> {
        let mut all = all.into_iter();
        let mut found = all.next().ok_or(Fault::Reported)?;
        for next in all {
            if let (Some(a), Some(b)) = (found.only(), next.only()) {
                found = Range::point(pick(&mut self.space.symbols, a, b)?)?;
                continue;
            }
            found = Range {
                low: pick(&mut self.space.symbols, &found.low, &next.low)?,
                end: pick(&mut self.space.symbols, &found.end, &next.end)?,
                empty: found.empty_with(&next),
            };
        }
        Ok(found)
    }

    fn absolute(&mut self, range: Range) -> Checked<Range> {
        let symbols = &mut self.space.symbols;
        if symbols.nonneg(&range.low) {
            return Ok(range);
        }
        let turned = negated(range)?;
        if symbols.nonneg(&turned.low) {
            return Ok(turned);
        }
        let other = turned.low.negated().plus_constant(1)?;
        Ok(Range {
            low: Poly::zero(),
            end: symbols.max(&turned.end, &other)?,
            empty: turned.empty,
        })
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        a: Range,
        b: Range,
        whole: &Expr,
        right: &Expr,
    ) -> Result<Range, Fault> {
        Ok(match op {
            BinaryOp::Add => sum(a, b)?,
            BinaryOp::Sub => sum(a, negated(b)?)?,
            BinaryOp::Mul => self.product(a, b, whole.span)?,
            BinaryOp::Div => {
                let by = self.divisor(&b, right)?;
                self.quotient(a, &by, false)?
            }
            BinaryOp::CeilDiv => {
                let by = self.divisor(&b, right)?;
                self.quotient(a, &by, true)?
            }
            BinaryOp::Rem => Range {
                low: Poly::zero(),
                end: self.divisor(&b, right)?,
                empty: Vec::new(),
            },
            BinaryOp::Shl => {
                let power = self.power(&b, right.span)?;
                self.product(a, Range::point(power)?, whole.span)?
            }
            BinaryOp::Shr => {
                let power = self.power(&b, right.span)?;
                self.quotient(a, &power, false)?
            }
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => self.bits(op, a, b, whole.span)?,
        })
    }

    fn product(&mut self, a: Range, b: Range, span: Span) -> Result<Range, Fault> {
        let symbols = &self.space.symbols;
        let empty = a.empty_with(&b);
        if symbols.nonneg(&a.low) && symbols.nonneg(&b.low) {
            return Ok(Range {
                low: a.low.times(&b.low)?,
                end: a.high()?.times(&b.high()?)?.plus_constant(1)?,
                empty,
            });
        }
        let (a, b) = if b.only().is_some() { (a, b) } else { (b, a) };
        let factor = b.only().cloned();
        let Some(factor) = factor else {
            return Err(self.unbounded(span, "the factors may be negative and positive"));
        };
        let (low, high) = (a.low.times(&factor)?, a.high()?.times(&factor)?);
        let (low, high) = if symbols.nonneg(&factor) {
            (low, high)
        } else if symbols.nonneg(&factor.negated()) {
            (high, low)
        } else {
            return Err(self.unbounded(span, "the factors may be negative and positive"));
        };
        Ok(Range {
            low,
            end: high.plus_constant(1)?,
            empty,
        })
    }

    /// `a / by`, rounded down or up.
    fn quotient(&mut self, a: Range, by: &Poly, up: bool) -> Checked<Range> {
        let symbols = &mut self.space.symbols;
        if !up && symbols.nonneg(&a.low) && symbols.le(&a.end, by) {
            let nothing = Range::point(Poly::zero())?;
            return Ok(Range {
                empty: a.empty,
                ..nothing
            });
        }
        // Without coordinates nothing is divided, but the extent has to have a value there, too.
        let by = &symbols.max(by, &Poly::one())?;
        let less = by.plus_constant(-1)?;
        let mut ceil = |p: &Poly| symbols.quotient(&p.plus(&less)?, by);
        let end = if up {
            ceil(&a.high()?)?.plus_constant(1)?
        } else {
            ceil(&a.end)?
        };
        let low = if up {
            ceil(&a.low)?
        } else {
            symbols.quotient(&a.low, by)?
        };
        // A quotient that is 0 exactly where there is no value stands for the limit that was.
        let empty = a.empty.into_iter().map(|limit| match a.end.over(&limit) {
            Some(_) if !up => end.clone(),
            _ => limit,
        });
        Ok(Range {
            low,
            empty: empty.collect(),
            end,
        })
    }

    /// A divisor: one number that is at least 1 wherever there are coordinates.
    fn divisor(&mut self, range: &Range, expr: &Expr) -> Result<Poly, Fault> {
        let divides = |by: &Poly| {
            let mut symbols = self.space.symbols.clone();
            let limits = self.limits.iter();
            symbols.positive(by) || {
                limits.for_each(|limit| symbols.assume_positive(limit));
                symbols.positive(by)
            }
        };
        match range.only() {
            Some(by) if divides(by) => return Ok(by.clone()),
            Some(_) => self.errors.push(
                Diagnostic::new(
                    Code::DivisorUnknown,
                    expr.span,
                    "cannot show that the divisor is at least 1",
                )
                .label("must be at least 1")
                .help(match &expr.kind {
                    ExprKind::Size(_) => "give the size a value, like `<…, C0 = 16>`",
                    _ => "divide by a number or by a size with a value",
                }),
            ),
            None => self.errors.push(
                Diagnostic::new(
                    Code::DivisorIterates,
                    expr.span,
                    "a layout divides by sizes and numbers",
                )
                .label("this takes several values")
                .help("divide by a number or by a size with a value"),
            ),
        }
        Err(Fault::Reported)
    }

    /// `2^n` for the number of places of a shift.
    fn power(&mut self, range: &Range, span: Span) -> Result<Poly, Fault> {
        let places = range.only().and_then(Poly::as_constant);
        match places
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n < 63)
        {
            Some(places) => Ok(Poly::constant(1 << places)),
            None => {
                self.errors.push(
                    Diagnostic::new(Code::ShiftUnknown, span, "a layout shifts by a number")
                        .label("must be a number in 0..=62")
                        .help("multiply or divide by a size instead"),
                );
                Err(Fault::Reported)
            }
        }
    }

    fn bits(&mut self, op: BinaryOp, a: Range, b: Range, span: Span) -> Result<Range, Fault> {
        let symbols = &mut self.space.symbols;
        let positive = (symbols.nonneg(&a.low), symbols.nonneg(&b.low));
        let empty = a.empty_with(&b);
        let below = |end: Poly, empty| Range {
            low: Poly::zero(),
            end,
            empty,
        };
        // No more bits than either has.
        if op == BinaryOp::And {
            match positive {
                (true, true) => {
                    let end = symbols.min(&a.end, &b.end)?;
                    return Ok(below(end, empty));
                }
                (true, false) => return Ok(below(a.end, empty)),
                (false, true) => return Ok(below(b.end, empty)),
                (false, false) => {}
            }
        }
        let highs = (a.high()?.as_constant(), b.high()?.as_constant());
        match (positive, highs) {
            ((true, true), (Some(x), Some(y))) => {
                let bits = 128 - x.max(y).max(0).leading_zeros();
                let end =
                    Poly::zero().plus_constant(1i128.checked_shl(bits).unwrap_or(i128::MAX))?;
                Ok(below(end, empty))
            }
            ((true, true), _) => {
                Err(self.unbounded(span, "its bits depend on sizes without values"))
            }
            _ => Err(self.unbounded(span, "the operands may be negative")),
        }
    }

    fn unbounded(&mut self, span: Span, why: &str) -> Fault {
        self.errors.push(
            Diagnostic::new(
                Code::UnknownExtent,
                span,
                "it is not known how far this reaches",
            )
            .label(why)
            .note("the extent of an axis of a layout is one more than the largest value there")
            .help("give values to the sizes in it, or bound it by `min(…, …)` or `… % m`"),
        );
        Fault::Reported
    }
}

fn negated(range: Range) -> Checked<Range> {
    Ok(Range {
        low: range.high()?.negated(),
        end: range.low.negated().plus_constant(1)?,
        empty: range.empty,
    })
}

fn sum(a: Range, b: Range) -> Checked<Range> {
    Ok(Range {
        low: a.low.plus(&b.low)?,
        end: a.end.plus(&b.high()?)?,
        empty: a.empty_with(&b),
    })
}

/// Whether the end of a range is at most 0 where a limit is 0.
fn vanishes(end: &Poly, limit: &Poly, symbols: &Symbols) -> bool {
    if end.over(limit).is_some() {
        return true;
    }
    let mut symbols = symbols.clone();
    symbols.assume(limit.negated());
    symbols.nonneg(&end.negated())
}
