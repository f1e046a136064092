//! Exact answers at constant sizes, by component.
//!
//! Axes and guard conjuncts that share a digit belong to one component; components are independent, so that a verdict
//! on the whole map is a conjunction over them. A component whose only axis is a sum of free digits is decided in
//! closed form, any other by trying all values of its digits, within a budget.

mod code;
mod component;
mod find;
mod scales;

use crate::index::linear::{Linear, Test};
use crate::index::space::Space;

use code::{Code, Compiler, Factor, TestCode, factors};
use component::{Component, Outcome, components};
use find::iterators;
pub(crate) use find::{Search, find};

/// Iterations that may be tried for one map.
pub(crate) const MAX_STEPS: i128 = 1 << 22;

/// A map from iterations to places, with extents, and the guard.
pub(crate) struct Map<'m> {
    pub(crate) axes: Vec<(&'m Linear, i128)>,
    pub(crate) guard: Vec<&'m Test>,
}

/// Values of all iterators.
pub(crate) type Point = Vec<i128>;

/// What was found. "Hits" are iterations that pass the guard and stay inside all axes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// There are iterations at all.
    pub(crate) any: bool,
    /// Some iteration passes the guard.
    pub(crate) passes: bool,
    /// Every iteration passes the guard.
    pub(crate) always: bool,
    /// An iteration that passes, and the first axis that it leaves.
    pub(crate) leaves: Option<(Point, usize)>,
    /// Every iteration is a hit.
    pub(crate) all_hit: bool,
    /// Two hits of one place.
    pub(crate) twice: Option<(Point, Point)>,
    /// A place without a hit.
    pub(crate) missed: Option<Vec<i128>>,
    /// Whether iterations had to be tried.
    pub(crate) tried: bool,
}
/// Decides everything about a map at constant sizes; None beyond the budget.
pub(crate) fn decide(space: &Space, map: &Map<'_>) -> Option<Facts> {
    let factors = factors(space)?;
    let mut facts = Facts {
        any: factors.iter().all(|f| f.extent > 0),
        always: true,
        all_hit: true,
        ..Facts::default()
    };
    let total = map
        .axes
        .iter()
        .try_fold(1i128, |t, (_, e)| t.checked_mul(*e))?;
    if !facts.any {
        facts.missed = (total > 0).then(|| vec![0; map.axes.len()]);
        return Some(facts);
    }
    facts.passes = true;
    let compiler = Compiler {
        space,
        factors: &factors,
    };
    let axes: Vec<Code> = map
        .axes
        .iter()
        .map(|(form, _)| compiler.form(form))
        .collect::<Option<_>>()?;
    let guards: Vec<TestCode> = map
        .guard
        .iter()
        .map(|t| compiler.test(t))
        .collect::<Option<_>>()?;
    let components = components(&factors, &axes, &guards);
    let mut outcomes = Vec::new();
    let mut steps = 0;
    for component in &components {
        let extents: Vec<i128> = component.axes.iter().map(|&a| map.axes[a].1).collect();
        let outcome = scales::closed(&factors, component, &axes, &extents);
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => {
                facts.tried = true;
                steps += component.size(&factors)?;
                if steps > MAX_STEPS {
                    return None;
                }
                component.enumerate(&factors, &axes, &guards, &extents)?
            }
        };
        outcomes.push(outcome);
    }
    join(
        &mut facts,
        &factors,
        &components,
        &outcomes,
        map,
        space.axes.len(),
    );
    Some(facts)
}
/// Puts the components together.
fn join(
    facts: &mut Facts,
    factors: &[Factor],
    components: &[Component],
    outcomes: &[Outcome],
    map: &Map<'_>,
    count: usize,
) {
    facts.passes = outcomes.iter().all(|o| o.pass.is_some());
    facts.always = outcomes.iter().all(|o| o.always);
    facts.all_hit = outcomes.iter().all(|o| o.all_hit);
    let hits = outcomes.iter().all(|o| o.hit.is_some());
    // A point of one component, completed by points of the others that pass (or hit).
    let complete = |at: usize, point: &[i128], hit: bool| {
        let mut values = point.to_vec();
        for (other, (component, outcome)) in components.iter().zip(outcomes).enumerate() {
            let source = if hit { &outcome.hit } else { &outcome.pass };
            if let (true, Some(source)) = (other != at, source) {
                component
                    .factors
                    .iter()
                    .for_each(|&f| values[f] = source[f]);
            }
        }
        iterators(factors, &values, count)
    };
    for (at, outcome) in outcomes.iter().enumerate() {
        if let (true, None, Some((point, axis))) = (facts.passes, &facts.leaves, &outcome.leaves) {
            facts.leaves = Some((complete(at, point, false), *axis));
        }
        if let (true, None, Some((a, b))) = (hits, &facts.twice, &outcome.twice) {
            facts.twice = Some((complete(at, a, true), complete(at, b, true)));
        }
        if facts.missed.is_none() && map.axes.iter().all(|(_, extent)| *extent > 0) {
            let mut place = vec![0; map.axes.len()];
            match &outcome.missed {
                Some(indices) => {
                    for (&axis, index) in components[at].axes.iter().zip(indices) {
                        place[axis] = *index;
                    }
                    facts.missed = Some(place);
                }
                None if !hits => facts.missed = Some(place),
                None => {}
            }
        }
    }
}
