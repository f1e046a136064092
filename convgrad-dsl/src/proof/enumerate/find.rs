//! Looks for one iteration that passes some tests, component by component.

use crate::index::linear::Test;
use crate::index::space::Space;

use super::Point;
use super::code::{Compiler, Factor, TestCode, factors};
use super::component::{Component, components};

/// What came of looking for an iteration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// None passes.
    Nothing,
    /// This one does.
    Found(Point),
    /// Not known: the sizes are not all numbers, or it would take too many steps.
    Unknown,
}

/// Looks for an iteration that passes all `tests`. Takes the steps that it may need from `budget`.
pub(crate) fn find(space: &Space, tests: &[Test], budget: &mut i128) -> Search {
    search(space, tests, budget).unwrap_or(Search::Unknown)
}

fn search(space: &Space, tests: &[Test], budget: &mut i128) -> Option<Search> {
    let factors = factors(space)?;
    if factors.iter().any(|f| f.extent <= 0) {
        return Some(Search::Nothing);
    }
    let compiler = Compiler {
        space,
        factors: &factors,
    };
    let conjuncts = tests.iter().flat_map(Test::conjuncts);
    let tests: Vec<TestCode> = conjuncts
        .map(|test| compiler.test(test))
        .collect::<Option<_>>()?;
    let mut components = components(&factors, &[], &tests);
    // The smallest first: if nothing passes there, the others need not be looked at.
    components.retain(|component| !component.guards.is_empty());
    components.sort_by_key(|component| component.size(&factors).unwrap_or(i128::MAX));
    let mut values = vec![0; factors.len()];
    for component in &components {
        let steps = component.size(&factors)?;
        if steps > *budget {
            return None;
        }
        *budget -= steps;
        match component.first(&factors, &tests) {
            None => return Some(Search::Nothing),
            Some(point) => component.factors.iter().for_each(|&f| values[f] = point[f]),
        }
    }
    Some(Search::Found(iterators(
        &factors,
        &values,
        space.axes.len(),
    )))
}

impl Component {
    /// The first point that passes the component's guards.
    fn first(&self, factors: &[Factor], tests: &[TestCode]) -> Option<Vec<i128>> {
        let mut point = vec![0; factors.len()];
        let steps = u32::try_from(self.size(factors)?).ok()?;
        (0..steps).find_map(|step| {
            self.point(factors, step, &mut point);
            let passes = self.guards.iter().all(|&g| tests[g].eval(&point));
            passes.then(|| point.clone())
        })
    }
}

/// The values of the iterators from those of the factors.
pub(super) fn iterators(factors: &[Factor], values: &[i128], count: usize) -> Point {
    let mut point = vec![0; count];
    for (factor, value) in factors.iter().zip(values) {
        point[factor.iter.index()] += value * factor.lo;
    }
    point
}
