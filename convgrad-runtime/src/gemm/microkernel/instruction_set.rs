//! What the instruction sets have in common: how their vectors, their functions and the table of these are written.

/// Implements [`Vector`](super::tile::Vector) by the instructions that are named. The last four say how a mask is meant: `merge(vector, mask, from)`
/// replaces lanes by what lies at their places, `apart(vector, mask, from, step)` by what lies a step apart, `store(to, mask, vector)` stores them,
/// `pick(vector, mask, places)` moves lanes.
macro_rules! vectors {
    ($($vector:ident: $element:ty, $lanes:literal, half $half:ty;
       $zero:ident, $splat:ident, $fma:ident, $add:ident, $load:ident, $store:ident;
       masks $merge:path, $apart:path, $store_some:path, $pick:path;)*) => {$(
        // SAFETY: the functions do what the trait says, with the instructions of this set.
        unsafe impl Vector for $vector {
            type Element = $element;
            type Half = $half;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $zero() }
            }

            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $splat(value) }
            }

            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, sum: Self) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $fma(self, factor, sum) }
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            unsafe fn expect(place: *const $element) {
                // SAFETY: asking does not touch.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) }
            }

            #[inline(always)]
            unsafe fn expect_to_store(place: *const $element) {
                // SAFETY: asking does not touch.
                unsafe { _mm_prefetch::<_MM_HINT_ET0>(place.cast()) }
            }

            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the caller vouches for the processor and the elements.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: the caller vouches for the processor and the elements.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn load_first(from: *const $element, count: usize) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $merge($zero(), first(count), from) }
            }

            #[inline(always)]
            unsafe fn merge(self, mask: u32, from: *const $element) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $merge(self, mask, from) }
            }

            #[inline(always)]
            unsafe fn merge_apart(self, mask: u32, from: *const $element, step: usize) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $apart(self, mask, from, step) }
            }

            #[inline(always)]
            unsafe fn pick(self, mask: u32, places: &[u32; MOST_LANES]) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $pick(self, mask, places) }
            }

            #[inline(always)]
            unsafe fn store_first(self, to: *mut $element, count: usize) {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $store_some(to, first(count), self) }
            }
        }
    )*};
}

/// The functions on any vector, compiled for the features of an instruction set.
macro_rules! functions {
    ($features:literal) => {
        /// # Safety
        /// As [`Kernel`]; the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn run<
            V: Vector,
            const ROWS: usize,
            const FULL: usize,
            const HALF: bool,
            const BY_COLUMNS: bool,
        >(
            operands: &Operands<V::Element>,
        ) {
            // SAFETY: the caller's promise.
            unsafe { tile::<V, ROWS, FULL, HALF, BY_COLUMNS>(operands) }
        }

        /// # Safety
        /// As [`Assemble`](super::Assemble); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn put_together<V: Vector>(
            from: *const V::Element,
            step: usize,
            pieces: &[Piece],
            to: *mut V::Element,
        ) {
            // SAFETY: the caller's promise.
            unsafe { assemble::<V>(from, step, pieces, to) }
        }

        /// # Safety
        /// As [`Slide`](super::Slide); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn sliding<V: Vector>(
            from: *const V::Element,
            taps: &Taps<V::Element>,
            to: *mut V::Element,
            row: usize,
            vectors: usize,
        ) {
            // SAFETY: the caller's promise.
            unsafe { slide::<V>(from, taps, to, row, vectors) }
        }

        /// # Safety
        /// As [`Spreading`](super::Spreading); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn spreading<V: Vector>(
            from: *const V::Element,
            plan: &Spread,
            kernel: *const V::Element,
            weights: *mut V::Element,
            to: *mut V::Element,
        ) {
            // SAFETY: the caller's promise.
            unsafe { spread::<V>(from, plan, kernel, weights, to) }
        }

        /// # Safety
        /// As [`Gathering`](super::Gathering); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn gathering<V: Vector>(
            from: *const V::Element,
            starts: &[usize],
            how: &Gather,
            to: *mut V::Element,
            results: usize,
        ) {
            // SAFETY: the caller's promise.
            unsafe { gather::<V>(from, starts, how, to, results) }
        }

        /// # Safety
        /// As [`Meet`](super::Meet); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn meeting<V: Vector<Element: AddAssign>>(
            line: *const V::Element,
            from: *const V::Element,
            offsets: &[usize],
            sums: &mut [V::Element],
            vectors: usize,
        ) {
            // SAFETY: the caller's promise.
            unsafe { meet::<V>(line, from, offsets, sums, vectors) }
        }

        /// # Safety
        /// As [`Blend`](super::Blend); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn blending<V: Vector>(
            from: *const V::Element,
            area: &Area,
            weights: *const V::Element,
            to: *mut V::Element,
        ) {
            // SAFETY: the caller's promise.
            unsafe { blend::<V>(from, area, weights, to) }
        }

        /// # Safety
        /// As [`Weigh`](super::Weigh); the processor must have the instructions.
        #[target_feature(enable = $features)]
        unsafe fn weighing<V: Vector>(
            from: *const V::Element,
            area: &Area,
            pixels: *const V::Element,
            sums: *mut V::Element,
        ) {
            // SAFETY: the caller's promise.
            unsafe { weigh::<V>(from, area, pixels, sums) }
        }
    };
}

/// The kernels of one vector: `run` for tiles of each number of rows and each width, which is so many whole vectors and perhaps a half one.
macro_rules! table {
    (
        $name:literal, $vector:ty, grain $grain:expr, rows $rows:tt, widths $widths:tt;
        $run:ident, $assemble:path, $slide:path, $meet:path, $spread:path, $gather:path, $blend:path, $weigh:path, $transpose:path,
        $interleave:path
    ) => {
        Kernels {
            name: $name,
            lanes: <$vector as Vector>::LANES,
            grain: $grain,
            tiles: [
                table!(@widths $run, $vector, $rows, $widths, false),
                table!(@widths $run, $vector, $rows, $widths, true),
            ],
            assemble: $assemble,
            slide: $slide,
            meet: $meet,
            spread: $spread,
            gather: $gather,
            blend: $blend,
            weigh: $weigh,
            transpose: $transpose,
            interleave: $interleave,
        }
    };
    (@widths $run:ident, $vector:ty, $rows:tt, [$(($full:literal, $half:literal))*], $by_columns:literal) => {
        const { &[$(table!(@rows $run, $vector, $rows, $full, $half, $by_columns)),*] }
    };
    (@rows $run:ident, $vector:ty, [$($rows:literal)*], $full:literal, $half:literal, $by_columns:literal) => {
        const { &[$($run::<$vector, $rows, $full, $half, $by_columns> as Kernel<_>),*] }
    };
}

pub(super) use {functions, table, vectors};

/// The mask of the first lanes.
#[inline(always)]
pub(super) fn first(count: usize) -> u32 {
    (1 << count) - 1
}
