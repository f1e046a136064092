//! The closed form: a sum of free digits is decided by its scales and extents alone.

use super::code::{Code, Factor, Value};
use super::component::{Component, Outcome, TABLE};

/// One axis, one sum of free digits, no guard: decided by scales and extents, if those are of the kind that tells.
pub(super) fn closed(
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
