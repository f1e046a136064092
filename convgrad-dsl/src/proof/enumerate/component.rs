//! Components: factors, axes and guards that have to do with each other, and trying all their values.

use std::collections::BTreeMap;

use super::code::{Code, Factor, TestCode};

/// Up to this many places of one component, visits are noted in a table; beyond, in a map.
pub(super) const TABLE: i128 = 1 << 22;
/// Factors, axes and guards that have to do with each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Component {
    pub(super) factors: Vec<usize>,
    pub(super) axes: Vec<usize>,
    pub(super) guards: Vec<usize>,
}

/// Joins what shares a factor.
pub(super) fn components(factors: &[Factor], axes: &[Code], guards: &[TestCode]) -> Vec<Component> {
    let mut all: Vec<Component> = (0..factors.len())
        .map(|f| Component {
            factors: vec![f],
            ..Component::default()
        })
        .collect();
    let mut join = |used: Vec<usize>, axis: Option<usize>, guard: Option<usize>| {
        let touches = |c: &Component| c.factors.iter().any(|f| used.contains(f));
        let (touched, mut rest): (Vec<_>, Vec<_>) = all.drain(..).partition(touches);
        let mut joined = Component::default();
        for component in touched {
            joined.factors.extend(component.factors);
            joined.axes.extend(component.axes);
            joined.guards.extend(component.guards);
        }
        joined.axes.extend(axis);
        joined.guards.extend(guard);
        rest.push(joined);
        all = rest;
    };
    for (at, axis) in axes.iter().enumerate() {
        let mut used = Vec::new();
        axis.factors(&mut used);
        join(used, Some(at), None);
    }
    for (at, guard) in guards.iter().enumerate() {
        let mut used = Vec::new();
        guard.factors(&mut used);
        join(used, None, Some(at));
    }
    all
}

/// What was found of one component; points are values of all factors, those of other components 0.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The first point that passes.
    pub(super) pass: Option<Vec<i128>>,
    pub(super) always: bool,
    pub(super) hit: Option<Vec<i128>>,
    pub(super) all_hit: bool,
    pub(super) leaves: Option<(Vec<i128>, usize)>,
    pub(super) twice: Option<(Vec<i128>, Vec<i128>)>,
    /// A place of the component's axes without a hit.
    pub(super) missed: Option<Vec<i128>>,
}
impl Component {
    pub(super) fn size(&self, factors: &[Factor]) -> Option<i128> {
        let extents = self.factors.iter().map(|&f| factors[f].extent);
        extents.into_iter().try_fold(1i128, i128::checked_mul)
    }

    pub(super) fn enumerate(
        &self,
        factors: &[Factor],
        axes: &[Code],
        guards: &[TestCode],
        extents: &[i128],
    ) -> Option<Outcome> {
        let places = extents.iter().try_fold(1i128, |p, e| p.checked_mul(*e))?;
        let mut visits = Visits::new(places)?;
        let mut outcome = Outcome {
            pass: None,
            always: true,
            hit: None,
            all_hit: true,
            leaves: None,
            twice: None,
            missed: None,
        };
        let mut point = vec![0; factors.len()];
        let steps = self.size(factors)?;
        for step in 0..u32::try_from(steps).ok()? {
            self.point(factors, step, &mut point);
            if !self.guards.iter().all(|&g| guards[g].eval(&point)) {
                (outcome.always, outcome.all_hit) = (false, false);
                continue;
            }
            outcome.pass.get_or_insert_with(|| point.clone());
            let (mut place, mut left) = (0, None);
            for (&axis, extent) in self.axes.iter().zip(extents) {
                let index = axes[axis].eval(&point);
                if !(0..*extent).contains(&index) {
                    left = Some(axis);
                    break;
                }
                place = place * extent + index;
            }
            if let Some(axis) = left {
                outcome.all_hit = false;
                outcome.leaves.get_or_insert_with(|| (point.clone(), axis));
                continue;
            }
            outcome.hit.get_or_insert_with(|| point.clone());
            if let (Some(earlier), None) = (visits.visit(place, step), &outcome.twice) {
                let mut other = vec![0; factors.len()];
                self.point(factors, earlier, &mut other);
                outcome.twice = Some((other, point.clone()));
            }
        }
        outcome.missed = visits.missed(places).map(|mut rest| {
            let mut indices: Vec<i128> = extents
                .iter()
                .rev()
                .map(|e| {
                    let index = rest % e;
                    rest /= e;
                    index
                })
                .collect();
            indices.reverse();
            indices
        });
        Some(outcome)
    }

    pub(super) fn point(&self, factors: &[Factor], step: u32, point: &mut [i128]) {
        let mut rest = i128::from(step);
        for &f in self.factors.iter().rev() {
            point[f] = rest % factors[f].extent;
            rest /= factors[f].extent;
        }
    }
}

/// Which places were visited, and in which step first.
enum Visits {
    /// By place: 0, or the step plus one.
    Table(Vec<u32>),
    Map(BTreeMap<i128, u32>),
}

impl Visits {
    fn new(places: i128) -> Option<Self> {
        Some(if places <= TABLE {
            Visits::Table(vec![0; usize::try_from(places).ok()?])
        } else {
            Visits::Map(BTreeMap::new())
        })
    }

    /// Notes a visit; the step of an earlier one, if there was one.
    fn visit(&mut self, place: i128, step: u32) -> Option<u32> {
        match self {
            Visits::Table(table) => {
                let seen = table.get_mut(usize::try_from(place).ok()?)?;
                let earlier = seen.checked_sub(1);
                if earlier.is_none() {
                    *seen = step + 1;
                }
                earlier
            }
            Visits::Map(map) => {
                let earlier = map.get(&place).copied();
                map.entry(place).or_insert(step);
                earlier
            }
        }
    }

    /// The first place that was not visited.
    fn missed(&self, places: i128) -> Option<i128> {
        let first = match self {
            Visits::Table(table) => {
                let at = table.iter().position(|&seen| seen == 0);
                at.and_then(|at| i128::try_from(at).ok())
            }
            // The keys are in order: the first that is not its own position follows the gap.
            Visits::Map(map) => Some((0i128..).zip(map.keys()).find(|(at, key)| at != *key))
                .map(|gap| gap.map_or(map.len() as i128, |(at, _)| at)),
        };
        first.filter(|place| *place < places)
    }
}
