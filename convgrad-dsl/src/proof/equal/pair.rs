//! Two converters in gather form over one index space.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::Test;
use crate::index::normal::forms_of;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::proof::Decision;
use crate::proof::contradiction::contradictory;
use crate::proof::enumerate::{MAX_STEPS, Search, find};
use crate::proof::setup::{self, Header};

use super::Shown;
use super::cases::{Cases, differences};
use super::joint::Joint;

/// Compares two converters in gather form.
pub(super) fn compare(joint: &Joint) -> Checked<Shown> {
    let Header {
        mut space,
        input,
        output,
        ranges,
        ..
    } = match setup::header(&joint.f, &vec![None; joint.f.sizes.len()]) {
        Ok(header) => header,
        Err(errors) if errors.iter().all(excludes_all) => return Ok(Shown::NoSizes),
        Err(_) => return Ok(Shown::Open),
    };
    let mut errors = Vec::new();
    let other_input = setup::extents(&joint.g.input.extents, &mut space, &mut errors);
    let other_output = setup::extents(&joint.g.output.extents, &mut space, &mut errors);
    if !errors.is_empty() {
        return Ok(Shown::Open);
    }
    same_input(&mut space.symbols, &input, &other_input)?;
    for (a, b) in output.iter().zip(&other_output) {
        if !is_zero(&space.symbols, &a.minus(b)?) {
            return Ok(Shown::Open);
        }
    }
    if output.iter().any(Poly::is_zero) {
        return Ok(Shown::Equal(Decision::Symbolic));
    }
    for extent in &output {
        space.symbols.assume_positive(extent);
    }
    // More factors are known to be positive now.
    same_input(&mut space.symbols, &input, &other_input)?;
    space.iterate(ranges);
    let Ok(forms) = forms_of(&[&joint.f.rule, &joint.g.rule], &mut space) else {
        return Ok(Shown::Open);
    };
    let f = Cases::new(&mut space, &joint.f.rule, &forms[0], &input)?;
    let g = Cases::new(&mut space, &joint.g.rule, &forms[1], &other_input)?;
    Ok(match anywhere(&mut space, differences(&f, &g)?)? {
        (Search::Nothing, false) => Shown::Equal(Decision::Symbolic),
        (Search::Nothing, true) => Shown::Equal(Decision::Enumeration),
        (Search::Found(point), _) => Shown::Different(joint.at(&point)),
        (Search::Unknown, _) => Shown::Open,
    })
}

/// Looks for a place where one of the conditions holds; says too whether places had to be tried.
fn anywhere(space: &mut Space, conditions: Vec<Vec<Test>>) -> Checked<(Search, bool)> {
    let (mut budget, mut tried, mut open) = (MAX_STEPS, false, false);
    for tests in conditions {
        if contradictory(space, &tests)? {
            continue;
        }
        match find(space, &tests, &mut budget) {
            Search::Nothing => tried = true,
            Search::Found(point) => return Ok((Search::Found(point), true)),
            Search::Unknown => open = true,
        }
    }
    let answer = if open {
        Search::Unknown
    } else {
        Search::Nothing
    };
    Ok((answer, tried))
}

/// An error in the sizes that says that there are no sizes.
fn excludes_all(error: &Diagnostic) -> bool {
    matches!(
        error.code,
        Code::RequiresContradict | Code::RequirementViolated | Code::NegativeExtent
    )
}

fn is_zero(symbols: &Symbols, p: &Poly) -> bool {
    symbols.nonneg(p) && symbols.nonneg(&p.negated())
}

/// Notes that the differences of two inputs' extents are 0, and so what is left of them without factors that are positive.
fn same_input(symbols: &mut Symbols, input: &[Poly], other: &[Poly]) -> Checked<()> {
    for (a, b) in input.iter().zip(other) {
        let difference = a.minus(b)?;
        let factor = difference.common_factor(&difference);
        let rest = difference
            .over(&factor)
            .filter(|_| symbols.positive(&factor));
        for zero in [Some(difference), rest].into_iter().flatten() {
            symbols.assume(zero.negated());
            symbols.assume(zero);
        }
    }
    Ok(())
}
