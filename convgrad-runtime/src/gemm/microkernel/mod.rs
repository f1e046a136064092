//! Micro-kernels: one small tile of a product, held in registers while the sum runs.
//!
//! A tile has a few rows, each a few vectors wide. For every step of the depth the kernel loads the vectors of one row of `b` and
//! multiplies them by one element of each row of `a`:
//!
//! ```text
//!              columns: vectors of b
//!             ┌────────┬────────┐
//!             │ b[l]   │        │   one row of b a step
//!   ┌──────┐  ├────────┼────────┤
//!   │a[0,l]│  │ sum    │ sum    │   one register each
//!   │a[1,l]│  │ sum    │ sum    │
//!   │ …    │  │ …      │ …      │
//!   └──────┘  └────────┴────────┘
//! ```
//!
//! # The numeric contract
//!
//! Every element is the sum of its products, depth ascending, in the element's own type, beginning with 0, or rounded once more where it is
//! added to what the result holds. Kernels with vectors fuse each multiplication with its addition; the portable kernel rounds the product
//! where the compiler's target has no such instruction. So the bits of an element depend on the processor and on the bounds of the depth,
//! never on the tile that it is in.
//!
//! [`tile`] is written once, over [`Vector`]; `avx512`, `avx2` and `portable` say what a vector is, and [`host`] chooses.

mod assemble;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod gather;
mod instruction_set;
mod lines;
mod pixels;
mod portable;
mod spread;
#[cfg(test)]
mod tests;
mod tile;

use std::sync::OnceLock;

pub(crate) use assemble::Piece;
pub(crate) use gather::Gather;
pub(crate) use lines::Taps;
pub(crate) use pixels::Area;
pub(crate) use spread::{Column, MOST_LANES, Run, Slot, Spread};

/// The operands of one tile: `c[i][j] = sum over l of a[i][l] * b[l][j]`, or added to what `c` holds.
///
/// Element (i, l) of `a` is at `i * a_row + l * a_step`, where one of the two strides is 1; row l of `b` begins at `l * b_row`, row i of `c` at `i * c_row`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operands<T> {
    pub(crate) a: *const T,
    pub(crate) a_row: usize,
    pub(crate) a_step: usize,
    /// So many columns of every row are read as the tile has, rounded up to whole grains.
    pub(crate) b: *const T,
    pub(crate) b_row: usize,
    /// What `b` skips beside its rows from one period of the depth to the next.
    pub(crate) b_gap: usize,
    /// From what is read of `b` to what will be read next time: what the cache is asked for meanwhile.
    pub(crate) ahead: usize,
    pub(crate) depth: Steps,
    pub(crate) c: *mut T,
    pub(crate) c_row: usize,
    /// Columns that are written; the tile's width or fewer.
    pub(crate) columns: usize,
    /// Whether `c` holds a summand.
    pub(crate) add: bool,
}

/// Steps of the depth: so many of each period, from one of them on, and so many periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) period: usize,
    pub(crate) count: usize,
}

impl Steps {
    /// All of them.
    pub(crate) fn all(depth: usize) -> Self {
        Steps {
            start: 0,
            len: depth,
            period: depth,
            count: 1,
        }
    }
}

/// A tile's kernel.
///
/// # Safety
/// All elements of `a`, of whole grains of `b` and of `columns` of `c` must be readable, those of `c` writable and nobody else's, one of the
/// strides of `a` must be 1, and the processor must be the kernels' own.
pub(crate) type Kernel<T> = unsafe fn(&Operands<T>);

/// Puts vectors together from pieces of a tensor, whose elements lie `step` apart.
///
/// # Safety
/// The elements that the masks name must be readable, a whole vector writable at every `to`, and the processor the kernels' own.
pub(crate) type Assemble<T> = unsafe fn(*const T, usize, &[Piece], *mut T);

/// Turns a block of as many rows and columns as a vector has lanes: from, from row to row, to, from row to row.
///
/// The rows are written in their order: where they overlap, because they lie closer together than a vector is long, what is written last stays.
///
/// # Safety
/// The block must be readable at its place, writable and nobody else's at the other, and the processor the kernels' own.
pub(crate) type Transpose<T> = unsafe fn(*const T, usize, *mut T, usize);

/// Writes pairs of what two lines hold: the first lines' elements, the second's, to, how many pairs.
///
/// # Safety
/// So many elements must be readable of both lines, so many pairs writable and nobody else's, and the processor the kernels' own.
pub(crate) type Interleave<T> = unsafe fn(*const T, *const T, *mut T, usize);

/// Sums a few shifted neighbours: from, the taps, to, from an output's line to the next, how many vectors.
///
/// # Safety
/// So many whole vectors must be readable at every offset, writable and nobody else's at each output's line, every tap must have a weight for
/// every output, and the processor must be the kernels' own.
pub(crate) type Slide<T> = unsafe fn(*const T, &Taps<T>, *mut T, usize, usize);

/// Adds to each sum the products of a line with what lies at the sum's offset: line, from, offsets, sums, how many vectors.
///
/// # Safety
/// So many whole vectors must be readable of the line and at every offset, and the processor the kernels' own.
pub(crate) type Meet<T> = unsafe fn(*const T, *const T, &[usize], &mut [T], usize);

/// Computes a plane from others, neighbours by different taps: from, how, the weights, a room for them, to.
///
/// # Safety
/// What the plan says must be readable, and writable and nobody else's; the room must hold a vector for each slot and each row of the
/// kernel, and the processor must be the kernels' own.
pub(crate) type Spreading<T> = unsafe fn(*const T, &Spread, *const T, *mut T, *mut T);

/// Sums what a few lines hold: from, where the first row of each tap begins, how, to, how many results.
///
/// # Safety
/// What the lanes inside read of every tap must be readable, so many results writable and nobody else's, and the processor the kernels' own.
pub(crate) type Gathering<T> = unsafe fn(*const T, &[usize], &Gather, *mut T, usize);

/// Sums neighbours in an image whose channels lie side by side: from, which pixels, the weights, to.
///
/// # Safety
/// The channels of every pixel's neighbours must be readable, a vector of weights for every tap and vector of channels, the width of every
/// pixel must be writable and nobody else's, and the processor must be the kernels' own.
pub(crate) type Blend<T> = unsafe fn(*const T, &Area, *const T, *mut T);

/// Adds to each tap's sum the products of an image's pixels with those of another that the tap reads: the other, which pixels, the image, sums.
///
/// # Safety
/// The channels of every pixel and of its neighbours must be readable, a vector of sums writable and nobody else's for every tap and vector
/// of channels, and the processor must be the kernels' own.
pub(crate) type Weigh<T> = unsafe fn(*const T, &Area, *const T, *mut T);

/// All kernels of one instruction set and type, and what else works on its vectors.
#[derive(Clone, Copy, Debug)]
pub struct Kernels<T: 'static> {
    /// What it is called.
    #[cfg_attr(not(test), expect(dead_code, reason = "named where a test fails"))]
    name: &'static str,
    /// Elements of a vector.
    pub(crate) lanes: usize,
    /// Columns that a tile's width is a multiple of: those of a vector, or of half of one.
    pub(crate) grain: usize,
    /// `tiles[order][width in grains - 1][rows - 1]`; the order is 0 where a row of `a` lies side by side and 1 where a column does.
    tiles: [&'static [&'static [Kernel<T>]]; 2],
    pub(crate) assemble: Assemble<T>,
    pub(crate) transpose: Transpose<T>,
    interleave: Interleave<T>,
    pub(crate) slide: Slide<T>,
    pub(crate) meet: Meet<T>,
    pub(crate) spread: Spreading<T>,
    gather: Gathering<T>,
    pub(crate) blend: Blend<T>,
    pub(crate) weigh: Weigh<T>,
}

impl<T> Kernels<T> {
    /// Writes pairs of what two lines hold, as far as the result goes.
    ///
    /// # Panics
    /// If a line is too short: a defect of the caller.
    pub(crate) fn interleave(&self, even: &[T], odd: &[T], to: &mut [[T; 2]]) {
        let pairs = to.len();
        assert!(
            even.len() >= pairs && odd.len() >= pairs,
            "lines are too short for {pairs} pairs"
        );
        // SAFETY: the assertion has seen both lines; the processor runs the kernels, since they come from the table of those that it can.
        unsafe { (self.interleave)(even.as_ptr(), odd.as_ptr(), to.as_mut_ptr().cast(), pairs) }
    }

    /// Gathers a line from others: the first row of results reads of each tap from its start on.
    ///
    /// # Panics
    /// If a tap leads out of what is read, or the results are more than was planned: a defect of the caller.
    pub(crate) fn gather(&self, from: &[T], starts: &[usize], gather: &Gather, to: &mut [T]) {
        assert!(
            gather.fits(self.lanes, from.len(), starts, to.len()),
            "{gather:?} from {starts:?} leads out of its lines"
        );
        // SAFETY: the assertion has seen what is read; the processor runs the kernels, since they come from the table of those that it can.
        unsafe { (self.gather)(from.as_ptr(), starts, gather, to.as_mut_ptr(), to.len()) }
    }

    /// The most rows of a tile.
    pub(crate) fn rows(&self) -> usize {
        self.tiles[0][0].len()
    }

    /// The rows of a tile that do best: fewer where there is but one vector a row and each row of `a` is a stream of its own.
    pub(crate) fn rows_for(&self, columns: usize, a_step: usize) -> usize {
        let narrow = columns > self.lanes / 2 && columns <= self.lanes && a_step == 1;
        if narrow {
            self.rows().min(8)
        } else {
            self.rows()
        }
    }

    /// The most columns of a tile.
    pub(crate) fn columns(&self) -> usize {
        2 * self.lanes
    }

    /// Computes a tile of so many rows.
    ///
    /// # Safety
    /// As [`Kernel`].
    pub(crate) unsafe fn run(&self, rows: usize, operands: &Operands<T>) {
        let order = usize::from(operands.a_step != 1);
        let width = operands.columns.div_ceil(self.grain);
        // SAFETY: the caller's promise.
        unsafe { self.tiles[order][width - 1][rows - 1](operands) }
    }
}

/// A type that has kernels.
pub trait HasKernels: Sized + sealed::Sealed + 'static {
    /// Those that this processor can run, the fastest first; the last one is portable.
    #[doc(hidden)]
    fn kernels() -> &'static [Kernels<Self>];
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! kernels {
    ($($float:ty: $table:ident;)*) => {$(
        impl sealed::Sealed for $float {}

        impl HasKernels for $float {
            fn kernels() -> &'static [Kernels<Self>] {
                static KERNELS: OnceLock<Vec<Kernels<$float>>> = OnceLock::new();
                KERNELS.get_or_init(|| {
                    let mut kernels = Vec::new();
                    #[cfg(target_arch = "x86_64")]
                    {
                        // Without the half vectors' registers of AVX-512VL there are only sixteen of them.
                        if is_x86_feature_detected!("avx512f")
                            && is_x86_feature_detected!("avx512vl")
                            && is_x86_feature_detected!("bmi2")
                        {
                            kernels.push(avx512::$table);
                        }
                        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                            kernels.push(avx2::$table);
                        }
                    }
                    kernels.push(portable::$table);
                    kernels
                })
            }
        }
    )*};
}

kernels! {
    f32: F32;
    f64: F64;
}

/// The fastest kernels of this processor.
pub(crate) fn host<T: HasKernels>() -> &'static Kernels<T> {
    &T::kernels()[0]
}
