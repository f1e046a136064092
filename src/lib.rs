//! Declarative layout transforms and convolution gradients.
//!
//! - [`convgrad!`] compiles iterator formulas, checked and proved, to converters between tensor layouts: types that implement
//!   [`Converter`];
//! - [`conv`] computes convolutions and both gradients, in NCHW, NHWC and the formats of the DaVinci Cube;
//! - [`cube`] emulates the 16 × 16 × 16 tile of that machine;
//! - `Program` (feature `program`) compiles formulas at run time.
//!
//! # A converter
//!
//! ```
//! use convgrad::convgrad;
//! use convgrad::ndarray::Array4;
//!
//! convgrad! {
//!     /// NCHW to NC1HWC0: channels in blocks of sixteen, the last one filled up with zeros.
//!     pub converter to_blocks<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
//!         Y[n, c1, h, w, c0] = X[n, c1*16 + c0, h, w] else 0;
//!     }
//! }
//!
//! let to_blocks = ToBlocks::new(8, 20, 7, 7)?;
//! assert_eq!(to_blocks.output_shape(), [8, 2, 7, 7, 16]);
//! let x = Array4::from_elem((8, 20, 7, 7), 1.5f32);
//! let y = to_blocks.convert_array(&x)?;
//! assert_eq!((y[[0, 1, 0, 0, 3]], y[[0, 1, 0, 0, 4]]), (1.5, 0.0));
//! # Ok::<(), convgrad::Error>(())
//! ```

#[cfg(feature = "program")]
pub mod program;

/// # What it declares
///
/// A `converter name<sizes>(X[extents]) -> Y[extents] { rule }` becomes a type `Name` with
/// - `new`, which takes the sizes without a value in the order of declaration, checks once what every conversion relies on, and
///   returns [`Error`] where it does not hold;
/// - `input_shape` and `output_shape`;
/// - `convert`, from a slice to a slice, both in C order, for every [`Element`];
/// - `convert_array` and `convert_array_into`, from an `ndarray` of any strides to a new or an existing one;
/// - an implementation of [`Converter`].
///
/// Sizes with a value (`<N, C = 64>`) are constants in the loops. The documentation of the type lists the shapes, what `new`
/// checks, and what was proved.
///
/// ```
/// use convgrad::{Error, convgrad};
///
/// convgrad! {
///     /// Every `s`-th element.
///     converter every<N, s>(X[N]) -> Y[N/s] requires s >= 1 { Y[i] = X[i*s]; }
/// }
///
/// let mut y = [0; 3];
/// Every::new(7, 2)?.convert(&[10, 11, 12, 13, 14, 15, 16], &mut y)?;
/// assert_eq!(y, [10, 12, 14]);
/// let error = Every::new(7, 0).unwrap_err();
/// assert_eq!(error.to_string(), "`every` needs s >= 1, which fails for N = 7, s = 0");
/// # Ok::<(), Error>(())
/// ```
///
/// A rule with `+=` adds up what it reads, from 0 on and in the order of its iterators, whatever the loops and the threads;
/// integers wrap around. Without `for`, its iterators range over the axes of the input that they stand for:
///
/// ```
/// use convgrad::{Error, convgrad};
///
/// convgrad! {
///     /// Windows of `R` values, one every `s`, added back to where they were read.
///     converter overlap<M, R, s>(Y[M, R]) -> X[(M - 1)*s + R] requires M >= 1 { X[m*s + r] += Y[m, r]; }
/// }
///
/// let mut x = [0; 5];
/// Overlap::new(2, 3, 2)?.convert(&[1, 2, 3, 10, 20, 30], &mut x)?;
/// assert_eq!(x, [1, 2, 13, 20, 30]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Element types
///
/// Where the tensors have element types, `convert` and the others take these and nothing else, and the type implements
/// [`TypedConverter`] in place of [`Converter`]. Elements may be converted on the way; [`convert`] says how they are rounded.
///
/// ```
/// use convgrad::convgrad;
/// use convgrad::half::f16;
///
/// convgrad! {
///     converter halves<N>(X: f32[N]) -> Y: f16[N + 1] { Y[i] = cast(X[i]) else -1; }
/// }
///
/// let mut y = [f16::ZERO; 3];
/// Halves::new(2)?.convert(&[0.5, 2049.0], &mut y)?;
/// assert_eq!(y.map(f32::from), [0.5, 2048.0, -1.0]);
/// # Ok::<(), convgrad::Error>(())
/// ```
///
/// # Convolutions
///
/// A `convolution name { fields }` becomes a module with its options as constants, `geometry`, `forward`, `backward_input` and
/// `backward_kernel`:
///
/// ```
/// use convgrad::convgrad;
/// use convgrad::ndarray::Array4;
///
/// convgrad! {
///     convolution stem { input NCHW, kernel NCHW, output NCHW, stride 2, padding 1 }
/// }
///
/// let conv = stem::geometry([1, 3, 8, 8], [4, 3, 3])?; // n, c, h, w and k, r, s
/// let x = Array4::from_elem((1, 3, 8, 8), 1.0f32);
/// let kernel = Array4::from_elem((4, 3, 3, 3), 0.5);
/// let y = stem::forward(&conv, &x, &kernel)?;
/// let dx = stem::backward_input(&conv, &kernel, &y)?;
/// assert_eq!((y.shape(), dx.shape()), (&[1, 4, 4, 4][..], x.shape()));
/// # Ok::<(), convgrad::Error>(())
/// ```
///
/// # Mistakes
///
/// Everything that is wrong with a formula is reported at once, each mistake under the tokens it is about. What is probably not
/// meant as it stands is a warning: the use of something deprecated, since macros cannot warn in other ways, so that
/// `#[allow(deprecated)]` on a module around the formulas silences it. An item with mistakes is declared all the same, so that
/// those who use it do not add errors of their own.
///
/// # Another path
///
/// The expansion names this crate as `::convgrad`. Where it is known by another path, that path stands first:
/// `convgrad! { crate = crate::reexported::convgrad; … }`.
pub use convgrad_macros::convgrad;
pub use convgrad_runtime::*;
pub use half;
pub use ndarray;
#[cfg(feature = "program")]
pub use program::Program;

/// The README's programs are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
