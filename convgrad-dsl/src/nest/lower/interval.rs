//! The limits of one loop, from what was attached to it.

use crate::index::poly::{Checked, Poly};
use crate::nest::Scalar;

use super::bound::{Bound, End, Interval};
use super::build::{Builder, Names, Plan};
use super::limits::{Limit, Origin};

impl Builder<'_> {
    /// The limits of loop `k`, in its own steps.
    pub(super) fn interval(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        names: &Names,
    ) -> Checked<Interval> {
        let dim = plan.dims[k].clone();
        let extent = plan.region.digits[dim.digits[0]].extent.clone();
        let extent = if dim.digits.len() > 1 && !dim.limited {
            // No limit asks for the first digit alone.
            return Ok(Interval::full(Bound::poly(
                dim.extent.clone(),
                &self.space.symbols,
            )));
        } else {
            extent
        };
        let mut interval = Interval::full(Bound::poly(extent, &self.space.symbols));
        let limits = self.level(plan, k + 1).limits.clone();
        for origin in [Origin::Domain, Origin::Guard] {
            if !plan.minds(origin) {
                continue;
            }
            for limit in limits.iter().filter(|l| l.origin == origin) {
                let value = self.limit(plan, limit, names)?;
                let symbols = &self.space.symbols;
                let (low, high) = (&mut interval.low, &mut interval.high);
                if limit.lower {
                    *low = Bound::larger(low, &value, symbols);
                } else {
                    *high = Bound::smaller(high, &value, symbols);
                }
            }
            let symbols = &self.space.symbols;
            if origin == Origin::Domain {
                interval.from = interval.low.clone();
                interval.to = Bound::larger(&interval.high, &interval.from, symbols);
                interval.high = interval.to.clone();
            } else {
                interval.low = Bound::smaller(&interval.low, &interval.to, symbols);
                interval.high = Bound::larger(&interval.high, &interval.low, symbols);
            }
        }
        if dim.inner.is_one() {
            return Ok(interval);
        }
        let symbols = &self.space.symbols;
        let scaled = |b: &Bound| b.times(&dim.inner, symbols);
        Ok(Interval {
            from: scaled(&interval.from)?,
            to: scaled(&interval.to)?,
            low: scaled(&interval.low)?,
            high: scaled(&interval.high)?,
        })
    }

    /// The first value that a lower limit allows, or the first that an upper one forbids.
    fn limit(&mut self, plan: &Plan<'_>, limit: &Limit, names: &Names) -> Checked<Bound> {
        let minus = Poly::constant(-1);
        let constant = limit.rest.digits.is_empty() && limit.rest.whole.is_empty();
        if constant {
            let rest = &limit.rest.constant;
            let symbols = &mut self.space.symbols;
            let poly = if limit.lower {
                let up = rest
                    .times(&minus)?
                    .plus(&limit.divisor)?
                    .plus_constant(-1)?;
                symbols.quotient(&up, &limit.divisor)?
            } else {
                symbols.quotient(rest, &limit.divisor)?.plus_constant(1)?
            };
            return Ok(Bound::poly(poly, symbols));
        }
        let range = plan.region.bounds(self.space, &limit.rest)?;
        let range = range
            .map(|(min, max)| limits_of(limit, &min, &max))
            .transpose()?;
        let rest = self.naming(plan, names).scalar(&limit.rest)?;
        let divisor = self.space.symbols.scalar(&limit.divisor);
        let scalar = if limit.lower {
            // ceil(-r / d) = -floor(r / d)
            Scalar::Const(-1).times(rest.over(divisor))
        } else {
            rest.over(divisor).plus(Scalar::Const(1))
        };
        Ok(Bound::computed(scalar, range))
    }
}

/// The smallest and the largest limit, for a rest between two polynomials.
fn limits_of(limit: &Limit, min: &Poly, max: &Poly) -> Checked<(End, End)> {
    let divisor = &limit.divisor;
    let of = |rest: &Poly| -> Checked<End> {
        let numerator = match limit.lower {
            true => divisor.minus(rest)?.plus_constant(-1)?,
            false => rest.plus(divisor)?,
        };
        Ok(End::quotient(numerator, divisor))
    };
    Ok(match limit.lower {
        true => (of(max)?, of(min)?),
        false => (of(min)?, of(max)?),
    })
}
