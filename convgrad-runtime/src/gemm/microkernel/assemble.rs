//! Rows of a block put together from pieces of a tensor, and blocks turned over.

use super::MOST_LANES;
use super::tile::Vector;

/// Lanes of one vector that lie side by side, or a step apart, in a tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Which lanes.
    pub(crate) mask: u32,
    /// Where lane 0 lies, whether or not it is one of them; outside the tensor perhaps.
    pub(crate) from: isize,
    /// Where the vector goes.
    pub(crate) to: usize,
    /// Whether the vector is complete: lanes that no piece has named are 0.
    pub(crate) last: bool,
}

/// # Safety
/// As [`Assemble`](super::Assemble).
#[inline(always)]
pub(super) unsafe fn assemble<V: Vector>(
    from: *const V::Element,
    step: usize,
    pieces: &[Piece],
    to: *mut V::Element,
) {
    // SAFETY: the caller vouches for the processor, for the elements that the masks name, and for a vector at every `to`.
    unsafe {
        let mut vector = V::zero();
        for piece in pieces {
            let from = from.wrapping_offset(piece.from);
            vector = if step == 1 {
                vector.merge(piece.mask, from)
            } else {
                vector.merge_apart(piece.mask, from, step)
            };
            if piece.last {
                vector.store(to.add(piece.to));
                vector = V::zero();
            }
        }
    }
}

/// [`Vector::merge_apart`], lane by lane.
///
/// # Safety
/// As there.
#[inline(always)]
pub(super) unsafe fn merge_each<V: Vector>(
    vector: V,
    mask: u32,
    from: *const V::Element,
    step: usize,
) -> V {
    let mut lanes = [const { std::mem::MaybeUninit::<V::Element>::uninit() }; MOST_LANES];
    // SAFETY: the caller vouches for the elements that the mask names; no vector has more lanes than there is room for, and all lanes
    // that are loaded have been stored.
    unsafe {
        let place: *mut V::Element = lanes.as_mut_ptr().cast();
        vector.store(place);
        for lane in (0..V::LANES).filter(|lane| mask >> lane & 1 == 1) {
            *place.add(lane) = *from.wrapping_add(lane * step);
        }
        V::load(place)
    }
}

/// [`Vector::pick`], lane by lane.
///
/// # Safety
/// As there.
#[inline(always)]
pub(super) unsafe fn pick_each<V: Vector>(vector: V, mask: u32, places: &[u32; MOST_LANES]) -> V {
    let mut lanes = [const { std::mem::MaybeUninit::<V::Element>::uninit() }; MOST_LANES];
    let mut picked = lanes;
    // SAFETY: no vector has more lanes than there is room for; places are numbers of lanes, and all lanes of both rooms are written before
    // they are read.
    unsafe {
        let (from, to): (*mut V::Element, *mut V::Element) =
            (lanes.as_mut_ptr().cast(), picked.as_mut_ptr().cast());
        vector.store(from);
        V::zero().store(to);
        for lane in (0..V::LANES).filter(|lane| mask >> lane & 1 == 1) {
            *to.add(lane) = *from.add(places[lane] as usize);
        }
        V::load(to)
    }
}

/// A block of `LANES` x `LANES`, element by element.
///
/// # Safety
/// As [`Transpose`](super::Transpose).
pub(super) unsafe fn transpose_each<T: Copy, const LANES: usize>(
    from: *const T,
    from_row: usize,
    to: *mut T,
    to_row: usize,
) {
    for j in 0..LANES {
        for i in 0..LANES {
            // SAFETY: the caller vouches for LANES x LANES elements on both sides.
            unsafe { *to.add(j * to_row + i) = *from.add(i * from_row + j) }
        }
    }
}

/// Pairs of what two lines hold, one by one.
///
/// # Safety
/// As [`Interleave`](super::Interleave).
pub(super) unsafe fn interleave_each<T: Copy>(
    even: *const T,
    odd: *const T,
    to: *mut T,
    pairs: usize,
) {
    for i in 0..pairs {
        // SAFETY: the caller vouches for so many elements of both lines, and for so many pairs.
        unsafe {
            *to.add(2 * i) = *even.add(i);
            *to.add(2 * i + 1) = *odd.add(i);
        }
    }
}
