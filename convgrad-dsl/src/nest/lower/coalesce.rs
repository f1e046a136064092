//! Fifth pass: two neighbouring loops that step through both tensors as one loop would become that loop.

use crate::index::poly::{Checked, Poly};

/// A loop of a region: one digit, or several that were joined.
#[derive(Clone, Debug)]
pub(crate) struct Dim {
    /// The digits, outermost first; the first one's limits are the loop's.
    pub(crate) digits: Vec<usize>,
    pub(crate) extent: Poly,
    pub(crate) output: Poly,
    pub(crate) input: Poly,
    /// How many iterations one step of the first digit is.
    pub(crate) inner: Poly,
    /// Something but an outer limit looks at the digit.
    pub(crate) pinned: bool,
    /// The digit has limits of its own.
    pub(crate) limited: bool,
}

/// Joins what can be joined. `sides` says which strides must agree.
pub(crate) fn coalesce(dims: Vec<Dim>, fill_only: bool) -> Checked<Vec<Dim>> {
    let mut joined: Vec<Dim> = Vec::new();
    for dim in dims {
        let Some(outer) = joined.last_mut() else {
            joined.push(dim);
            continue;
        };
        let continues = outer.output == dim.output.times(&dim.extent)?
            && (fill_only || outer.input == dim.input.times(&dim.extent)?);
        if continues && !outer.pinned && !dim.pinned && !dim.limited {
            outer.digits.extend(&dim.digits);
            outer.inner = outer.inner.times(&dim.extent)?;
            outer.extent = outer.extent.times(&dim.extent)?;
            outer.output = dim.output;
            outer.input = dim.input;
        } else {
            joined.push(dim);
        }
    }
    Ok(joined)
}
