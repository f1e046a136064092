//! Blocks whose elements change their type on the way.
//!
//! Elements are moved as those of the input, into the buffer where they are no neighbours, and converted where runs of them
//! leave for the output: once each, and never stored anywhere else.

#[cfg(test)]
mod tests;
mod vectors;

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::{ptr, slice};

use super::super::span::Stray;
use super::leaf::{Kind, Leaf};
use super::level::Level;
use super::plan::{Plan, Step};
use super::stage::sink::{PACKED, Sink};
use super::stage::{self, LINE, stream};
use super::{Loop, bytes, inside};
use crate::convert::Convert;
use crate::kernels::convert::convert;

pub(super) use vectors::row;

/// Converts an element of `x` to a place of `y` for every turn of the loops, the first turns' being `x[x_at]` and `y[y_at]`.
///
/// The loops must not meet a place of `y` twice; where they do, it is left with one of its elements.
#[inline]
pub fn convert_block<X: Copy + 'static, Y: Copy + 'static>(
    conversion: impl Convert<X, Y>,
    (y, y_at): (&mut [Y], i64),
    (x, x_at): (&[X], i64),
    dims: &[Loop],
) -> Result<(), Stray> {
    let whole = y.len();
    convert_part(whole, conversion, (y, y_at), (x, x_at), dims)
}

/// The same for a part of an output of `whole` elements.
pub(crate) fn convert_part<X: Copy + 'static, Y: Copy + 'static>(
    whole: usize,
    conversion: impl Convert<X, Y>,
    (y, y_at): (&mut [Y], i64),
    (x, x_at): (&[X], i64),
    dims: &[Loop],
) -> Result<(), Stray> {
    if dims.iter().any(|dim| dim.count <= 0) {
        return Ok(());
    }
    inside(y.len(), y_at, dims, |dim| dim.output)?;
    inside(x.len(), x_at, dims, |dim| dim.input)?;
    let large = stage::is_large::<Y>(whole);
    let places = (y_at, x_at);
    // SAFETY: all places that the loops meet lie inside of their slices; the processor has the vectors.
    let done = unsafe { run(Level::best(), large, conversion, (&mut *y, x), places, dims) };
    match done {
        true => Ok(()),
        false => loops(conversion, y, x, places, dims),
    }
}

/// Runs the block; false if that is left to be done, run by run.
///
/// # Safety
/// The processor has the vectors of `level`. All places that the loops meet lie inside of the slices.
pub(super) unsafe fn run<X: Copy + 'static, Y: Copy + 'static, C: Convert<X, Y>>(
    level: Level,
    large: bool,
    conversion: C,
    (y, x): (&mut [Y], &[X]),
    places: (i64, i64),
    dims: &[Loop],
) -> bool {
    if !(bytes::<X>() && bytes::<Y>()) {
        return false;
    }
    let Some(plan) = Plan::new(dims, places, size_of::<X>(), large) else {
        return false;
    };
    let sink = Converted {
        level,
        streams: large && stream::exists(level),
        conversion,
        y: y.as_mut_ptr(),
        input: PhantomData,
    };
    let to = sink.counted().wrapping_offset(plan.y);
    let from = x.as_ptr().cast::<u8>().wrapping_offset(plan.x);
    // SAFETY: as the caller says; the plan meets the places of the loops.
    unsafe { stage::convert(&plan, level, (to, from), &sink) }
}

/// The loops as they are, run by run.
fn loops<X: Copy + 'static, Y: Copy + 'static>(
    conversion: impl Convert<X, Y>,
    y: &mut [Y],
    x: &[X],
    (y_at, x_at): (i64, i64),
    dims: &[Loop],
) -> Result<(), Stray> {
    match dims {
        [] => convert(conversion, (y, y_at, 1), (x, x_at, 1), 1),
        [run] => {
            let (to, from) = ((y, y_at, run.output), (x, x_at, run.input));
            convert(conversion, to, from, run.count)
        }
        [first, rest @ ..] => (0..first.count).try_for_each(|k| {
            let places = (y_at + k * first.output, x_at + k * first.input);
            loops(conversion, y, x, places, rest)
        }),
    }
}

/// Bytes of the output that are converted before they are written past the caches.
const PIECE: usize = 512;
/// How many times as large as an element another may be.
const LARGER: usize = 8;

/// What is converted before it is written.
#[repr(align(64))]
struct Piece<const BYTES: usize>(MaybeUninit<[u8; BYTES]>);

/// Elements of the type `X` become some of the type `Y`, all patterns of bytes being elements of both.
struct Converted<C, X, Y> {
    level: Level,
    streams: bool,
    conversion: C,
    /// Where the output begins.
    y: *mut Y,
    input: PhantomData<X>,
}

impl<C, X, Y> Converted<C, X, Y> {
    /// Where the output begins if its places are counted by elements of the input: as many elements behind a line of memory.
    fn counted(&self) -> *mut u8 {
        ptr::without_provenance_mut(self.y.addr() / size_of::<Y>() * size_of::<X>())
    }
}

impl<C: Convert<X, Y>, X: Copy + 'static, Y: Copy + 'static> Sink for Converted<C, X, Y> {
    #[inline(always)]
    fn line(&self) -> usize {
        LINE * size_of::<X>() / size_of::<Y>()
    }

    #[inline(always)]
    fn streams(&self) -> bool {
        self.streams
    }

    #[inline(always)]
    fn place(&self, y: *mut u8) -> *mut u8 {
        let elements = y.addr().wrapping_sub(self.counted().addr()) / size_of::<X>();
        self.y.wrapping_add(elements).cast()
    }

    #[inline(always)]
    unsafe fn write(&self, y: *mut u8, x: *const u8, bytes: usize) {
        let y = self.place(y).cast::<Y>();
        // SAFETY: the caller's run lies inside of both sides, which do not overlap; the processor has the vectors.
        unsafe {
            let x = slice::from_raw_parts(x.cast::<X>(), bytes / size_of::<X>());
            match self.streams {
                true => self.past_caches(x, y),
                false => row(self.level, self.conversion, x, y),
            }
        }
    }

    unsafe fn write_rows(&self, y: *mut u8, way: isize, x: *const u8, bytes: usize, rows: usize) {
        let mut piece = Piece::<{ PACKED * LARGER }>(MaybeUninit::uninit());
        let piece: *mut u8 = piece.0.as_mut_ptr().cast();
        let (count, all) = (bytes / size_of::<X>(), bytes * rows / size_of::<X>());
        let bytes = count * size_of::<Y>();
        let repeat = Step {
            count: rows,
            y: way / size_of::<X>() as isize * size_of::<Y>() as isize,
            x: bytes as isize,
        };
        let (y, kind) = (self.place(y), Kind::Row { bytes });
        // SAFETY: the caller's rows lie inside of both sides, which do not overlap; the piece has room for them, is aligned, and
        // written before it is read; the processor has the vectors.
        unsafe {
            let x = slice::from_raw_parts(x.cast::<X>(), all);
            row(self.level, self.conversion, x, piece.cast::<Y>());
            match self.streams {
                true => stream::rows(self.level, bytes, repeat, y, piece),
                false => Leaf { kind, repeat }.run(self.level, y, piece),
            }
        }
    }
}

impl<C: Convert<X, Y>, X: Copy + 'static, Y: Copy + 'static> Converted<C, X, Y> {
    /// Converts neighbours piece by piece; pieces end where lines of memory do, and whole lines go past the caches.
    ///
    /// # Safety
    /// The processor has the vectors of the level. As many places are there behind `y`, and none of them is one of `x`.
    unsafe fn past_caches(&self, mut x: &[X], mut y: *mut Y) {
        let mut piece = Piece::<PIECE>(MaybeUninit::uninit());
        let piece: *mut Y = piece.0.as_mut_ptr().cast();
        while !x.is_empty() {
            let behind = y.addr() % LINE / size_of::<Y>();
            let (from, rest) = x.split_at(x.len().min(PIECE / size_of::<Y>() - behind));
            // SAFETY: the processor has the vectors; the piece has room for so many elements, is aligned, and written before it is
            // read; so many places are there.
            unsafe {
                row(self.level, self.conversion, from, piece);
                let bytes = from.len() * size_of::<Y>();
                stream::copy(self.level, y.cast(), piece.cast(), bytes);
                y = y.add(from.len());
            }
            x = rest;
        }
    }
}
