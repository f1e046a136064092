//! Lines: sums of a few shifted neighbours, for groups too shallow to be matrices.
//!
//! The numeric contract is the tiles': each product is fused with its addition where the processor can. [`slide`] adds the taps in their
//! order. [`meet`] has a sum a lane, which it adds up at the end, half to half.

use super::tile::Vector;

/// Vectors of the result that are summed side by side.
const SIDE_BY_SIDE: usize = 4;

/// `to[i] = sum over the taps of weight * from[offset + i]`, for whole vectors of `i`.
///
/// # Safety
/// As [`Slide`](super::Slide).
#[inline(always)]
pub(super) unsafe fn slide<V: Vector>(
    from: *const V::Element,
    taps: &[(usize, V::Element)],
    to: *mut V::Element,
    vectors: usize,
) {
    // SAFETY: the caller vouches for whole vectors on both sides, and for the processor.
    unsafe {
        let some = vectors / SIDE_BY_SIDE * SIDE_BY_SIDE;
        for vector in (0..some).step_by(SIDE_BY_SIDE) {
            stretch::<V, SIDE_BY_SIDE>(from, taps, to, vector * V::LANES);
        }
        for vector in some..vectors {
            stretch::<V, 1>(from, taps, to, vector * V::LANES);
        }
    }
}

/// # Safety
/// As [`Slide`](super::Slide).
#[inline(always)]
unsafe fn stretch<V: Vector, const COUNT: usize>(
    from: *const V::Element,
    taps: &[(usize, V::Element)],
    to: *mut V::Element,
    start: usize,
) {
    // SAFETY: the caller vouches for whole vectors on both sides, and for the processor.
    unsafe {
        let mut sums = [V::zero(); COUNT];
        for &(offset, weight) in taps {
            let weight = V::splat(weight);
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(from.add(offset + start + v * V::LANES)).multiply_add(weight, *sum);
            }
        }
        for (v, sum) in sums.into_iter().enumerate() {
            sum.store(to.add(start + v * V::LANES));
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
