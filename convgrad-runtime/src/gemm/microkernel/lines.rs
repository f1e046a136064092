//! Lines: sums of a few shifted neighbours, for groups too shallow to be matrices.
//!
//! The numeric contract is the tiles': each product is fused with its addition where the processor can. [`slide`] adds the taps in their
//! order. [`meet`] has a sum a lane, which it adds up at the end, half to half.

use super::tile::Vector;

/// Vectors of the result that are summed side by side.
const SIDE_BY_SIDE: usize = 4;

/// Lines of the result that are summed side by side at most: what is read of a tap serves all of them.
const OUTPUTS: usize = 4;

/// What a few lines are sums of: what lies at the taps' offsets, by the weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taps<'t, T> {
    /// Of each tap.
    pub(crate) offsets: &'t [usize],
    /// Of each tap, for all outputs.
    pub(crate) weights: &'t [T],
    /// Lines that are written.
    pub(crate) outputs: usize,
}

/// `to[k * row + i] = sum over the taps of weight(tap, k) * from[offset(tap) + i]`, for whole vectors of `i`.
///
/// # Safety
/// As [`Slide`](super::Slide).
#[inline(always)]
pub(super) unsafe fn slide<V: Vector>(
    from: *const V::Element,
    taps: &Taps<V::Element>,
    to: *mut V::Element,
    row: usize,
    vectors: usize,
) {
    for first in (0..taps.outputs).step_by(OUTPUTS) {
        // SAFETY: the caller vouches for whole vectors on both sides, and for the processor; the outputs are some of the taps'.
        unsafe {
            let to = to.add(first * row);
            match taps.outputs - first {
                1 => outputs::<V, 1>(from, taps, first, to, row, vectors),
                2 => outputs::<V, 2>(from, taps, first, to, row, vectors),
                3 => outputs::<V, 3>(from, taps, first, to, row, vectors),
                _ => outputs::<V, OUTPUTS>(from, taps, first, to, row, vectors),
            }
        }
    }
}

/// Some of the outputs.
///
/// # Safety
/// As [`Slide`](super::Slide).
#[inline(always)]
unsafe fn outputs<V: Vector, const OUTPUTS: usize>(
    from: *const V::Element,
    taps: &Taps<V::Element>,
    first: usize,
    to: *mut V::Element,
    row: usize,
    vectors: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let some = vectors / SIDE_BY_SIDE * SIDE_BY_SIDE;
        for vector in (0..some).step_by(SIDE_BY_SIDE) {
            let start = vector * V::LANES;
            stretch::<V, OUTPUTS, SIDE_BY_SIDE>(from.add(start), taps, first, to.add(start), row);
        }
        for vector in some..vectors {
            let start = vector * V::LANES;
            stretch::<V, OUTPUTS, 1>(from.add(start), taps, first, to.add(start), row);
        }
    }
}

/// # Safety
/// As [`Slide`](super::Slide).
#[inline(always)]
unsafe fn stretch<V: Vector, const OUTPUTS: usize, const COUNT: usize>(
    from: *const V::Element,
    taps: &Taps<V::Element>,
    first: usize,
    to: *mut V::Element,
    row: usize,
) {
    // SAFETY: the caller vouches for whole vectors on both sides, and for the processor; every tap has a weight for every output.
    unsafe {
        let mut sums = [[V::zero(); COUNT]; OUTPUTS];
        let mut weights = taps.weights.as_ptr().add(first);
        for &offset in taps.offsets {
            let from = from.add(offset);
            let mut lines = [V::zero(); COUNT];
            for (v, line) in lines.iter_mut().enumerate() {
                *line = V::load(from.add(v * V::LANES));
            }
            for (k, sums) in sums.iter_mut().enumerate() {
                let weight = V::splat(*weights.add(k));
                for (sum, line) in sums.iter_mut().zip(lines) {
                    *sum = line.multiply_add(weight, *sum);
                }
            }
            weights = weights.wrapping_add(taps.outputs);
        }
        for (k, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                sum.store(to.add(k * row + v * V::LANES));
            }
        }
    }
}

/// `sums[t] += sum over i of line[i] * from[offsets[t] + i]`, for whole vectors of `i`.
///
/// # Safety
/// As [`Meet`](super::Meet).
#[inline(always)]
pub(super) unsafe fn meet<V: Vector<Element: std::ops::AddAssign>>(
    line: *const V::Element,
    from: *const V::Element,
    offsets: &[usize],
    sums: &mut [V::Element],
    vectors: usize,
) {
    let parts = offsets.len().div_ceil(MOST_SUMS);
    for part in 0..parts {
        let range = offsets.len() * part / parts..offsets.len() * (part + 1) / parts;
        let (offsets, sums) = (&offsets[range.clone()], &mut sums[range]);
        macro_rules! sums_of {
            ($($count:literal)*) => {
                match offsets.len() {
                    // SAFETY: the caller vouches for whole vectors of all lines, and for the processor.
                    $($count => unsafe { several::<V, $count>(line, from, offsets, sums, vectors) },)*
                    _ => {}
                }
            };
        }
        sums_of! { 1 2 3 4 5 6 7 8 9 }
    }
}

/// Sums that run side by side at most.
const MOST_SUMS: usize = 9;

/// `COUNT` sums side by side.
///
/// # Safety
/// As [`Meet`](super::Meet).
#[inline(always)]
unsafe fn several<V: Vector<Element: std::ops::AddAssign>, const COUNT: usize>(
    line: *const V::Element,
    from: *const V::Element,
    offsets: &[usize],
    sums: &mut [V::Element],
    vectors: usize,
) {
    // SAFETY: the caller vouches for whole vectors of all lines, and for the processor; a vector's lanes are its elements.
    unsafe {
        let starts: [*const V::Element; COUNT] = std::array::from_fn(|t| from.add(offsets[t]));
        let mut lanes = [V::zero(); COUNT];
        for i in (0..vectors * V::LANES).step_by(V::LANES) {
            let factor = V::load(line.add(i));
            for (sum, start) in lanes.iter_mut().zip(starts) {
                *sum = V::load(start.add(i)).multiply_add(factor, *sum);
            }
        }
        for (sum, lanes) in sums.iter_mut().zip(&mut lanes) {
            let first = std::ptr::from_mut(lanes).cast::<V::Element>();
            let mut half = V::LANES / 2;
            while half > 0 {
                for lane in 0..half {
                    *first.add(lane) += *first.add(lane + half);
                }
                half /= 2;
            }
            *sum += *first;
        }
    }
}
