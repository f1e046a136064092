//! The tile itself, for any vector.

use super::{MOST_LANES, Operands};

/// A register of elements.
///
/// # Safety
/// Every function is called on processors that have the instructions only, and pointers are valid for `LANES` elements; those of the
/// functions with a count for so many, those of the functions with a mask for the elements that it names.
pub(crate) unsafe trait Vector: Copy {
    /// What it holds.
    type Element: Copy;
    /// A register of half as many elements, where it takes half the time; itself otherwise.
    type Half: Vector<Element = Self::Element>;
    /// How many of them.
    const LANES: usize;

    /// 0 everywhere.
    unsafe fn zero() -> Self;
    /// One value everywhere.
    unsafe fn splat(value: Self::Element) -> Self;
    /// `self * factor + sum`
    unsafe fn multiply_add(self, factor: Self, sum: Self) -> Self;
    /// `self + other`
    unsafe fn add(self, other: Self) -> Self;
    /// Asks for what will be loaded soon; any address will do.
    #[inline(always)]
    unsafe fn expect(_: *const Self::Element) {}
    /// Asks for what will be stored soon; any address will do.
    #[inline(always)]
    unsafe fn expect_to_store(_: *const Self::Element) {}
    /// All lanes.
    unsafe fn load(from: *const Self::Element) -> Self;
    /// All lanes.
    unsafe fn store(self, to: *mut Self::Element);
    /// The first `count` lanes, 0 beyond.
    unsafe fn load_first(from: *const Self::Element, count: usize) -> Self;
    /// Itself, but the lanes of the mask from `from[lane]`.
    unsafe fn merge(self, mask: u32, from: *const Self::Element) -> Self;
    /// Itself, but the lanes of the mask from `from[lane * step]`.
    unsafe fn merge_apart(self, mask: u32, from: *const Self::Element, step: usize) -> Self;
    /// In each lane of the mask the lane of itself that `places` names for it, 0 in the others.
    unsafe fn pick(self, mask: u32, places: &[u32; MOST_LANES]) -> Self;
    /// The first `count` lanes.
    unsafe fn store_first(self, to: *mut Self::Element, count: usize);
}

/// Steps of the depth that are unrolled.
const UNROLL: usize = 4;

/// A tile of `ROWS` rows and `FULL` vectors, and perhaps a half one; `BY_COLUMNS` where columns of `a` lie side by side.
///
/// # Safety
/// As [`Kernel`](super::Kernel).
#[inline(always)]
pub(super) unsafe fn tile<
    V: Vector,
    const ROWS: usize,
    const FULL: usize,
    const HALF: bool,
    const BY_COLUMNS: bool,
>(
    operands: &Operands<V::Element>,
) {
    let Operands {
        a,
        a_row,
        a_step,
        b,
        b_row,
        b_gap,
        depth,
        ahead,
        c,
        c_row,
        ..
    } = *operands;
    let (row, step) = if BY_COLUMNS { (1, a_step) } else { (a_row, 1) };
    // SAFETY: the caller vouches for all addresses of `a` and `b`, and for the processor.
    unsafe {
        for i in 0..ROWS {
            for v in 0..FULL + usize::from(HALF) {
                V::expect_to_store(c.wrapping_add(i * c_row + v * V::LANES));
            }
        }
        let mut sums = Sums::<V, ROWS, FULL, HALF>::zero();
        let (mut a, mut b) = (Rows::<V::Element, ROWS, BY_COLUMNS>::new(a, row), b);
        a.skip(depth.start * step);
        b = b.wrapping_add(depth.start * b_row);
        for _ in 0..depth.count {
            for _ in 0..depth.len / UNROLL {
                for u in 0..UNROLL {
                    sums.advance(&a, u * step, b.add(u * b_row), ahead);
                }
                a.skip(UNROLL * step);
                b = b.wrapping_add(UNROLL * b_row);
            }
            for _ in 0..depth.len % UNROLL {
                sums.advance(&a, 0, b, ahead);
                a.skip(step);
                b = b.wrapping_add(b_row);
            }
            a.skip((depth.period - depth.len) * step);
            b = b.wrapping_add((depth.period - depth.len) * b_row + b_gap);
        }
        sums.store(operands);
    }
}

/// The sums of a tile, of which those of the half vectors may be unused.
struct Sums<V: Vector, const ROWS: usize, const FULL: usize, const HALF: bool> {
    full: [[V; FULL]; ROWS],
    half: [V::Half; ROWS],
}

impl<V: Vector, const ROWS: usize, const FULL: usize, const HALF: bool> Sums<V, ROWS, FULL, HALF> {
    /// # Safety
    /// As [`Kernel`](super::Kernel).
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller vouches for the processor.
        unsafe {
            Sums {
                full: [[V::zero(); FULL]; ROWS],
                half: [V::Half::zero(); ROWS],
            }
        }
    }

    /// One step of the depth.
    ///
    /// # Safety
    /// As [`Kernel`](super::Kernel).
    #[inline(always)]
    unsafe fn advance<const BY_COLUMNS: bool>(
        &mut self,
        a: &Rows<V::Element, ROWS, BY_COLUMNS>,
        skip: usize,
        b: *const V::Element,
        ahead: usize,
    ) {
        // SAFETY: the caller vouches for all addresses of `a` and `b`, and for the processor.
        unsafe {
            let mut columns = [V::zero(); FULL];
            for (v, column) in columns.iter_mut().enumerate() {
                *column = V::load(b.add(v * V::LANES));
                V::expect(b.wrapping_add(v * V::LANES + ahead));
            }
            let mut last = V::Half::zero();
            if HALF {
                last = V::Half::load(b.add(FULL * V::LANES));
                V::expect(b.wrapping_add(FULL * V::LANES + ahead));
            }
            // Two loops, since the compiler would not unroll one so large.
            for (i, sums) in self.full.iter_mut().enumerate() {
                let factor = V::splat(*a.row(i).add(skip));
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum = factor.multiply_add(column, *sum);
                }
            }
            if HALF {
                for (i, sum) in self.half.iter_mut().enumerate() {
                    // Loaded anew: twelve factors that are kept would leave too few registers for the sums.
                    let factor = V::Half::splat(*unrelated(a.row(i).add(skip)));
                    *sum = factor.multiply_add(last, *sum);
                }
            }
        }
    }

    /// # Safety
    /// As [`Kernel`](super::Kernel).
    #[inline(always)]
    unsafe fn store(&self, operands: &Operands<V::Element>) {
        let Operands {
            c,
            c_row,
            columns,
            add,
            ..
        } = *operands;
        // SAFETY: the caller vouches for all addresses of `c`, and for the processor.
        unsafe {
            for (i, (full, half)) in self.full.iter().zip(self.half).enumerate() {
                let row = c.add(i * c_row);
                for (v, &sum) in full.iter().enumerate() {
                    let last = !HALF && v + 1 == FULL;
                    let count = if last {
                        columns - v * V::LANES
                    } else {
                        V::LANES
                    };
                    store_sum(sum, row.add(v * V::LANES), count, add);
                }
                if HALF {
                    store_sum(
                        half,
                        row.add(FULL * V::LANES),
                        columns - FULL * V::LANES,
                        add,
                    );
                }
            }
        }
    }
}

/// Stores the first lanes of a sum, or adds them to what is there.
///
/// # Safety
/// As [`Kernel`](super::Kernel).
#[inline(always)]
unsafe fn store_sum<V: Vector>(sum: V, place: *mut V::Element, count: usize, add: bool) {
    // SAFETY: the caller vouches for so many elements of `c`, and for the processor.
    unsafe {
        if count == V::LANES {
            let sum = if add { V::load(place).add(sum) } else { sum };
            sum.store(place);
        } else {
            let sum = if add {
                V::load_first(place, count).add(sum)
            } else {
                sum
            };
            sum.store_first(place, count);
        }
    }
}

/// Where the rows of `a` go on. One pointer in three is kept, so that the general registers suffice for a loop over all rows.
struct Rows<T, const ROWS: usize, const BY_COLUMNS: bool> {
    every_third: [*const T; 4],
    row: usize,
}

impl<T, const ROWS: usize, const BY_COLUMNS: bool> Rows<T, ROWS, BY_COLUMNS> {
    #[inline(always)]
    fn new(a: *const T, row: usize) -> Self {
        let mut every_third = [a; 4];
        if !BY_COLUMNS {
            for (i, start) in every_third.iter_mut().enumerate() {
                *start = a.wrapping_add(3 * i * row);
                *start = unrelated(*start);
            }
        }
        Rows { every_third, row }
    }

    #[inline(always)]
    fn row(&self, i: usize) -> *const T {
        if BY_COLUMNS {
            self.every_third[0].wrapping_add(i)
        } else {
            self.every_third[i / 3].wrapping_add(i % 3 * self.row)
        }
    }

    #[inline(always)]
    fn skip(&mut self, count: usize) {
        for start in &mut self.every_third {
            *start = start.wrapping_add(count);
        }
    }
}

/// The same pointer, of which the compiler does not know how it came about: it would otherwise keep one for each row, or what lies there, most of
/// them in memory.
#[inline(always)]
fn unrelated<T>(pointer: *const T) -> *const T {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let mut address = pointer;
        // SAFETY: the text is a comment, and changes nothing.
        unsafe {
            std::arch::asm!("/* {0} */", inout(reg) address, options(pure, readonly, nostack, preserves_flags))
        };
        address
    }
    #[cfg(any(not(target_arch = "x86_64"), miri))]
    pointer
}
