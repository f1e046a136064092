//! Exact answers at constant sizes, by component.
//!
//! Axes and guard conjuncts that share a digit belong to one component; components are independent, so that a verdict
//! on the whole map is a conjunction over them. A component whose only axis is a sum of free digits is decided in
//! closed form, any other by trying all values of its digits, within a budget.

use std::collections::BTreeMap;

use crate::index::linear::{Atom, Linear, Opaque, Piece, Test};
use crate::index::space::Space;
use crate::sema::model::{BinaryOp, IterId};

/// Iterations that may be tried for one map.
const MAX_STEPS: i128 = 1 << 22;
/// Up to this many places of one component, visits are noted in a table; beyond, in a map.
const TABLE: i128 = 1 << 22;

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

/// A digit that is free of the others, or a whole iterator.
#[derive(Clone, Debug)]
struct Factor {
    iter: IterId,
    /// None for all of the iterator.
    piece: Option<Piece>,
    lo: i128,
    extent: i128,
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
        let outcome = closed(&factors, component, &axes, &extents);
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

fn factors(space: &Space) -> Option<Vec<Factor>> {
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
struct Code {
    constant: i128,
    terms: Vec<(Value, i128)>,
}

#[derive(Clone, Debug)]
enum Value {
    Factor(usize),
    /// `(factor / lo) % radix`
    Cut(usize, i128, Option<i128>),
    /// `(value / lo) % radix`
    Whole(Box<Operation>, i128, Option<i128>),
}

#[derive(Clone, Debug)]
enum Operation {
    Sum(Code),
    Binary(BinaryOp, Code, Code),
    Min(Vec<Code>),
    Max(Vec<Code>),
    Abs(Code),
}

#[derive(Clone, Debug)]
enum TestCode {
    AtLeast0(Code),
    Is0(Code),
    Not0(Code),
    All(Vec<TestCode>),
    Any(Vec<TestCode>),
}

struct Compiler<'s> {
    space: &'s Space,
    factors: &'s [Factor],
}

impl Compiler<'_> {
    fn form(&self, form: &Linear) -> Option<Code> {
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

    fn test(&self, test: &Test) -> Option<TestCode> {
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
    fn eval(&self, at: &[i128]) -> i128 {
        self.terms
            .iter()
            .fold(self.constant, |sum, (value, scale)| {
                sum.wrapping_add(value.eval(at).wrapping_mul(*scale))
            })
    }

    fn factors(&self, found: &mut Vec<usize>) {
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
    fn eval(&self, at: &[i128]) -> i128 {
        match self {
            Value::Factor(f) => at[*f],
            Value::Cut(f, lo, radix) => digit(at[*f], *lo, *radix),
            Value::Whole(operation, lo, radix) => digit(operation.eval(at), *lo, *radix),
        }
    }
}

impl Operation {
    fn eval(&self, at: &[i128]) -> i128 {
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

    fn factors(&self, found: &mut Vec<usize>) {
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
    fn eval(&self, at: &[i128]) -> bool {
        match self {
            TestCode::AtLeast0(a) => a.eval(at) >= 0,
            TestCode::Is0(a) => a.eval(at) == 0,
            TestCode::Not0(a) => a.eval(at) != 0,
            TestCode::All(all) => all.iter().all(|t| t.eval(at)),
            TestCode::Any(all) => all.iter().any(|t| t.eval(at)),
        }
    }

    fn factors(&self, found: &mut Vec<usize>) {
        match self {
            TestCode::AtLeast0(a) | TestCode::Is0(a) | TestCode::Not0(a) => a.factors(found),
            TestCode::All(all) | TestCode::Any(all) => all.iter().for_each(|t| t.factors(found)),
        }
    }
}

/// Factors, axes and guards that have to do with each other.
#[derive(Clone, Debug, Default)]
struct Component {
    factors: Vec<usize>,
    axes: Vec<usize>,
    guards: Vec<usize>,
}

fn components(factors: &[Factor], axes: &[Code], guards: &[TestCode]) -> Vec<Component> {
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
struct Outcome {
    /// The first point that passes.
    pass: Option<Vec<i128>>,
    always: bool,
    hit: Option<Vec<i128>>,
    all_hit: bool,
    leaves: Option<(Vec<i128>, usize)>,
    twice: Option<(Vec<i128>, Vec<i128>)>,
    /// A place of the component's axes without a hit.
    missed: Option<Vec<i128>>,
}

/// One axis, one sum of free digits, no guard: decided by scales and extents, if those are of the kind that tells.
fn closed(
    factors: &[Factor],
    component: &Component,
    axes: &[Code],
    extents: &[i128],
) -> Option<Outcome> {
    let ([axis], true) = (component.axes.as_slice(), component.guards.is_empty()) else {
        return None;
    };
    let code = &axes[*axis];
    let extent = extents[0];
    let mut digits = Vec::new();
    for (value, scale) in &code.terms {
        let Value::Factor(f) = value else { return None };
        if factors[*f].extent > 1 {
            digits.push((scale.abs(), *f, *scale));
        }
    }
    let used: Vec<usize> = digits.iter().map(|d| d.1).collect();
    let free = |f: &&usize| factors[**f].extent > 1;
    if used.len() != component.factors.iter().filter(free).count() {
        return None;
    }
    digits.sort_unstable();
    let (mut low, mut high, mut span, mut count) = (code.constant, code.constant, 0i128, 1i128);
    for (size, f, scale) in &digits {
        if *size <= span {
            return None;
        }
        let reach = size.checked_mul(factors[*f].extent - 1)?;
        span = span.checked_add(reach)?;
        count = count.checked_mul(factors[*f].extent)?;
        if *scale > 0 {
            high = high.checked_add(reach)?;
        } else {
            low = low.checked_sub(reach)?;
        }
    }
    let inside = low >= 0 && high < extent;
    if !inside || (count != extent && extent > TABLE) {
        return None;
    }
    let start = vec![0; factors.len()];
    let missed = if count == extent {
        None
    } else {
        // Fewer values than places: look for the first one left out.
        let reached = |place: i128| {
            let mut rest = place - low;
            for (size, f, _) in digits.iter().rev() {
                let d = (rest / size).min(factors[*f].extent - 1);
                rest -= d * size;
            }
            rest == 0
        };
        Some(vec![
            (0..extent).find(|place| *place < low || !reached(*place))?,
        ])
    };
    Some(Outcome {
        pass: Some(start.clone()),
        always: true,
        hit: Some(start),
        all_hit: true,
        leaves: None,
        twice: None,
        missed,
    })
}

impl Component {
    fn size(&self, factors: &[Factor]) -> Option<i128> {
        let extents = self.factors.iter().map(|&f| factors[f].extent);
        extents.into_iter().try_fold(1i128, i128::checked_mul)
    }

    fn enumerate(
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

    fn point(&self, factors: &[Factor], step: u32, point: &mut [i128]) {
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

/// Puts the components together.
fn join(
    facts: &mut Facts,
    factors: &[Factor],
    components: &[Component],
    outcomes: &[Outcome],
    map: &Map<'_>,
    iterators: usize,
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
        let mut iters = vec![0; iterators];
        for (factor, value) in factors.iter().zip(&values) {
            iters[factor.iter.index()] += value * factor.lo;
        }
        iters
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
