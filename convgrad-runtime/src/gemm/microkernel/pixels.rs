//! Pixels: sums over neighbours in an image whose channels lie side by side, each channel by its own weights.
//!
//! A lane is a channel, so that a tap is one multiply-add of a vector of a neighbour's channels and the tap's vector of weights, and no lane
//! is ever moved. An [`Area`] is a rectangle of pixels that read by the same taps, all inside: nothing here is padding.
//!
//! The numeric contract is the tiles': each product is fused with its addition where the processor can. [`blend`] adds the taps in their order.
//! [`weigh`] sums the pixels of an area row by row or, where it is narrow, column by column, and adds that to what a sum holds. Lanes without a
//! channel are not read; as far as they are written they become 0.

use super::tile::Vector;

/// A rectangle of pixels, and by which taps they and another tensor's pixels belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area<'t> {
    /// For each tap its number, and where the first pixel's neighbour begins.
    pub(crate) taps: &'t [(usize, usize)],
    /// Rows and columns.
    pub(crate) count: [usize; 2],
    /// From a row's and a column's neighbours to the next one's.
    pub(crate) from: [usize; 2],
    /// From a row's and a column's pixels to the next one's.
    pub(crate) to: [usize; 2],
    /// Channels that a pixel has, and how many of it are written, those that it has not included.
    pub(crate) channels: usize,
    pub(crate) width: usize,
    /// Vectors of weights for a vector of channels: one a tap of the whole kernel.
    pub(crate) weights: usize,
}

/// Pixels that are summed side by side.
const SIDE_BY_SIDE: usize = 8;

/// Taps whose sums run side by side at most.
const MOST_TAPS: usize = 9;

/// The longer side last, the other way round where that fills more places side by side.
fn inner_last<'t>(area: &Area<'t>) -> Area<'t> {
    let [rows, columns] = area.count;
    let turned = |[a, b]: [usize; 2]| [b, a];
    if columns < SIDE_BY_SIDE && columns < rows {
        Area {
            count: turned(area.count),
            from: turned(area.from),
            to: turned(area.to),
            ..*area
        }
    } else {
        *area
    }
}

/// `to[pixel][c] = sum over the taps of weights[c][tap] * from[pixel + tap][c]`
///
/// # Safety
/// As [`Blend`](super::Blend).
#[inline(always)]
pub(super) unsafe fn blend<V: Vector>(
    from: *const V::Element,
    area: &Area,
    weights: *const V::Element,
    to: *mut V::Element,
) {
    let area = inner_last(area);
    let [rows, columns] = area.count;
    for row in 0..rows {
        for first in (0..columns).step_by(SIDE_BY_SIDE) {
            macro_rules! pixels {
                ($($count:literal)*) => {
                    // SAFETY: these are some of the area's pixels, for which the caller vouches.
                    unsafe {
                        let from = from.wrapping_add(row * area.from[0] + first * area.from[1]);
                        let to = to.add(row * area.to[0] + first * area.to[1]);
                        match columns - first {
                            $($count => pixels::<V, $count>(from, &area, weights, to),)*
                            _ => pixels::<V, SIDE_BY_SIDE>(from, &area, weights, to),
                        }
                    }
                };
            }
            pixels!(1 2 3 4 5 6 7);
        }
    }
}

/// Neighbouring pixels, all their channels.
///
/// # Safety
/// As [`Blend`](super::Blend).
#[inline(always)]
unsafe fn pixels<V: Vector, const COUNT: usize>(
    from: *const V::Element,
    area: &Area,
    weights: *const V::Element,
    to: *mut V::Element,
) {
    let whole = area.channels / V::LANES * V::LANES;
    // SAFETY: the caller vouches for the pixels' channels, for a vector of weights a tap and vector of channels, and for the processor.
    unsafe {
        for c in (0..whole).step_by(V::LANES) {
            let (from, weights) = (from.wrapping_add(c), weights.add(c * area.weights));
            let sums = sums::<V, COUNT, true>(from, area, weights, V::LANES);
            for (i, sum) in sums.into_iter().enumerate() {
                sum.store(to.add(i * area.to[1] + c));
            }
        }
        // Not even a vector's worth of channels, and what is written beyond the last one.
        for c in (whole..area.width).step_by(V::LANES) {
            let (from, weights) = (from.wrapping_add(c), weights.wrapping_add(c * area.weights));
            let (channels, width) = (
                area.channels.saturating_sub(c),
                (area.width - c).min(V::LANES),
            );
            let mut some = [V::zero(); COUNT];
            if channels > 0 {
                some = sums::<V, COUNT, false>(from, area, weights, channels);
            }
            for (i, sum) in some.into_iter().enumerate() {
                sum.store_first(to.add(i * area.to[1] + c), width);
            }
        }
    }
}

/// A vector of so many channels of neighbouring pixels.
///
/// # Safety
/// As [`Blend`](super::Blend).
#[inline(always)]
unsafe fn sums<V: Vector, const COUNT: usize, const WHOLE: bool>(
    from: *const V::Element,
    area: &Area,
    weights: *const V::Element,
    channels: usize,
) -> [V; COUNT] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [V::zero(); COUNT];
        for &(tap, offset) in area.taps {
            let weight = V::load(weights.add(tap * V::LANES));
            let from = from.wrapping_add(offset);
            for (i, sum) in sums.iter_mut().enumerate() {
                let line = load::<V, WHOLE>(from.wrapping_add(i * area.from[1]), channels);
                *sum = line.multiply_add(weight, *sum);
            }
        }
        sums
    }
}

/// `sums[c][tap] += sum over the pixels of from[pixel + tap][c] * pixels[pixel][c]`
///
/// # Safety
/// As [`Weigh`](super::Weigh).
#[inline(always)]
pub(super) unsafe fn weigh<V: Vector>(
    from: *const V::Element,
    area: &Area,
    pixels: *const V::Element,
    sums: *mut V::Element,
) {
    let area = inner_last(area);
    for c in (0..area.channels).step_by(V::LANES) {
        let parts = area.taps.len().div_ceil(MOST_TAPS);
        for part in 0..parts {
            let taps = area.taps.len() * part / parts..area.taps.len() * (part + 1) / parts;
            let taps = &area.taps[taps];
            let channels = area.channels - c;
            macro_rules! several {
                ($($count:literal)*) => {
                    // SAFETY: these are some of the area's channels, for which the caller vouches.
                    unsafe {
                        let (from, pixels) = (from.wrapping_add(c), pixels.wrapping_add(c));
                        let sums = sums.add(c * area.weights);
                        match taps.len() {
                            $($count if channels >= V::LANES => {
                                several::<V, $count, true>(from, &area, taps, pixels, sums, channels);
                            })*
                            $($count => {
                                several::<V, $count, false>(from, &area, taps, pixels, sums, channels);
                            })*
                            _ => {}
                        }
                    }
                };
            }
            several!(1 2 3 4 5 6 7 8 9);
        }
    }
}

/// A vector of so many channels of some taps.
///
/// # Safety
/// As [`Weigh`](super::Weigh).
#[inline(always)]
unsafe fn several<V: Vector, const COUNT: usize, const WHOLE: bool>(
    from: *const V::Element,
    area: &Area,
    taps: &[(usize, usize)],
    pixels: *const V::Element,
    sums: *mut V::Element,
    channels: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let starts: [*const V::Element; COUNT] =
            std::array::from_fn(|t| from.wrapping_add(taps[t].1));
        let mut lanes = [V::zero(); COUNT];
        for row in 0..area.count[0] {
            let (mut at, mut pixel) = (row * area.from[0], row * area.to[0]);
            for _ in 0..area.count[1] {
                let factor = load::<V, WHOLE>(pixels.wrapping_add(pixel), channels);
                for (sum, start) in lanes.iter_mut().zip(starts) {
                    let line = load::<V, WHOLE>(start.wrapping_add(at), channels);
                    *sum = line.multiply_add(factor, *sum);
                }
                (at, pixel) = (at + area.from[1], pixel + area.to[1]);
            }
        }
        for (&(tap, _), lanes) in taps.iter().zip(lanes) {
            let sum = sums.add(tap * V::LANES);
            lanes.add(V::load(sum)).store(sum);
        }
    }
}

/// A vector, or the first channels of one.
///
/// # Safety
/// As [`Vector::load`], or [`Vector::load_first`].
#[inline(always)]
unsafe fn load<V: Vector, const WHOLE: bool>(from: *const V::Element, channels: usize) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        if WHOLE {
            V::load(from)
        } else {
            V::load_first(from, channels)
        }
    }
}
