//! Fourth pass: guards and the borders of regions, each attached to the innermost loop that it looks at.
//!
//! An inequality that is linear in that loop's digit becomes a limit of the loop; everything else a condition there.

use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;

use super::place::Placed;
use super::region::Region;

/// Where a limit or condition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Outside is another region's business.
    Domain,
    /// Outside, the output is filled.
    Guard,
}

/// `factor * digit + rest >= 0` with a factor of known sign: a limit of the digit.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) origin: Origin,
    /// `digit >= ceil(-rest / divisor)` if true, `digit <= floor(rest / divisor)` if false.
    pub(crate) lower: bool,
    pub(crate) rest: Placed,
    /// At least 1.
    pub(crate) divisor: Poly,
}

/// A condition that stays one.
#[derive(Clone, Debug)]
pub(crate) struct Predicate {
    pub(crate) origin: Origin,
    pub(crate) test: Test,
}

/// What holds at one loop; level 0 is outside of all loops.
#[derive(Clone, Debug, Default)]
pub(crate) struct Level {
    pub(crate) limits: Vec<Limit>,
    pub(crate) predicates: Vec<Predicate>,
}

/// The limits of a region by level: entry k + 1 belongs to the loop of `order[k]`. None if the region is provably empty
/// of reads because a guard never holds in it.
pub(crate) struct Limits {
    pub(crate) levels: Vec<Level>,
    /// The guard holds nowhere in this region: all of it is filled.
    pub(crate) never: bool,
}

/// Attaches guards and borders to loops.
pub(crate) fn attach(
    space: &Space,
    region: &Region,
    order: &[usize],
    guards: &[Test],
) -> Checked<Limits> {
    let mut limits = Limits {
        levels: vec![Level::default(); order.len() + 1],
        never: false,
    };
    for form in &region.domain {
        inequality(space, region, order, Origin::Domain, form, &mut limits)?;
    }
    for test in guards {
        match test {
            Test::AtLeast0(form) => {
                inequality(space, region, order, Origin::Guard, form, &mut limits)?;
            }
            Test::Is0(form) => {
                inequality(space, region, order, Origin::Guard, form, &mut limits)?;
                let opposite = form.times(&Poly::constant(-1))?;
                inequality(space, region, order, Origin::Guard, &opposite, &mut limits)?;
            }
            other => {
                let level = deepest(space, region, order, &other.forms())?;
                limits.levels[level].predicates.push(Predicate {
                    origin: Origin::Guard,
                    test: other.clone(),
                });
            }
        }
    }
    Ok(limits)
}

/// The level at which everything that the forms look at is known.
fn deepest(space: &Space, region: &Region, order: &[usize], forms: &[&Linear]) -> Checked<usize> {
    let mut level = 0;
    for form in forms {
        let support = region.support(space, &region.place(form)?)?;
        let last = order.iter().rposition(|digit| support.contains(digit));
        level = level.max(last.map_or(0, |at| at + 1));
    }
    Ok(level)
}

fn inequality(
    space: &Space,
    region: &Region,
    order: &[usize],
    origin: Origin,
    form: &Linear,
    limits: &mut Limits,
) -> Checked<()> {
    let placed = region.place(form)?;
    if let Some((min, max)) = region.bounds(space, &placed)? {
        if space.symbols.nonneg(&min) {
            return Ok(());
        }
        if space.symbols.positive(&max.negated()) && origin == Origin::Guard {
            limits.never = true;
            return Ok(());
        }
    }
    let level = deepest(space, region, order, &[form])?;
    if level > 0 {
        let digit = order[level - 1];
        let factor = placed.factor(digit);
        let inside = placed.whole.iter().try_fold(false, |inside, (piece, _)| {
            Ok(inside || region.piece_support(space, piece)?.contains(&digit))
        })?;
        let up = space.symbols.positive(&factor);
        let down = space.symbols.positive(&factor.negated());
        if !inside && (up || down) {
            let mut rest = placed.clone();
            rest.digits.retain(|(d, _)| *d != digit);
            limits.levels[level].limits.push(Limit {
                origin,
                lower: up,
                rest,
                divisor: if up { factor } else { factor.negated() },
            });
            return Ok(());
        }
    }
    limits.levels[level].predicates.push(Predicate {
        origin,
        test: Test::AtLeast0(form.clone()),
    });
    Ok(())
}
