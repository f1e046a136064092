//! Programs for the core: a convolution and both its gradients, by every scheme, with the img2col of the load unit and without.
//!
//! | pass | scheme | what runs |
//! |---|---|---|
//! | forward | | a product of windows and kernel |
//! | dX | converters | Strided and FlipRot on the device, then forward |
//! | dX | col2img | a product of pixels and the turned kernel, added up where windows overlap |
//! | dK | literal | T_NC and T_NCf on the device, forward with an image for each channel, T_NCf with the crop |
//! | dK | folded | the same, with the windows of all images in a row |
//! | dK | direct | a product of pixels and windows, both transposed while they are loaded |
//!
//! [`Problem::run`] writes the program for a core, computes with it, and compares the result with the definition, bit for bit:
//! operands and results are halves, sums f32 in the order of the [tile](super::tile), each result rounded once.
//! The tiling of a product is [searched](Tiling) for on the clock of the machine itself.
//!
//! The converters are those of the CPU: [`Relayout`] makes moves, vector copies and transpositions from the loops of any converter of halves.
//!
//! Without hardware img2col, vector instructions copy the windows block by block in UB, which goes to L1 as fractals. A 1 x 1 kernel
//! of stride 1 without padding needs neither: its pixels are fractals as they stand. Where UB has no path to L1, a converter writes the windows
//! to global memory as fractals before the product begins.
//! Folded windows cross images, which no img2col of one image does; there, load3d writes the windows of an image into UB over
//! what the image before has written too much.

mod adds;
mod axis;
mod build;
mod factor;
mod gemm;
mod outcome;
mod problem;
mod relayout;
mod ring;
mod runs;
mod scatter;
mod search;
mod sink;
#[cfg(test)]
mod tests;
mod tiling;
mod view;

pub use outcome::{Detail, Outcome, Refusal, Sample};
pub use problem::Problem;
pub use relayout::{Relaid, Relayout};
pub use tiling::Tiling;

use super::Scheme;
use super::isa::Move;
use super::machine::{Core, Fault};

/// What issuing instructions gives.
type Issue = Result<(), Fault>;

/// Zeros at the start of global memory, in bytes.
const ZEROS: usize = 1 << 15;

/// A pass, and how it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// The convolution.
    Forward,
    /// The input's gradient by the paper's converters and the forward convolution.
    DxConverters,
    /// The input's gradient by a product and col2im.
    DxCol2img,
    /// The kernel's gradient.
    Dk(Scheme),
}

impl Method {
    /// All of them, in the order of reports.
    pub const ALL: [Method; 6] = [
        Method::Forward,
        Method::DxConverters,
        Method::DxCol2img,
        Method::Dk(Scheme::Literal),
        Method::Dk(Scheme::Folded),
        Method::Dk(Scheme::Direct),
    ];

    /// The pass: `forward`, `dx` or `dk`.
    pub fn pass(self) -> &'static str {
        match self {
            Method::Forward => "forward",
            Method::DxConverters | Method::DxCol2img => "dx",
            Method::Dk(_) => "dk",
        }
    }

    /// The scheme within its pass.
    pub fn scheme(self) -> &'static str {
        match self {
            Method::Forward => "direct",
            Method::DxConverters => "converters",
            Method::DxCol2img => "col2img",
            Method::Dk(scheme) => scheme.name(),
        }
    }
}

/// Who turns windows into matrices, and matrices into windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// load3d, img2col and col2img.
    Hardware,
    /// Vector instructions on UB.
    Software,
}

impl By {
    /// Both.
    pub const ALL: [By; 2] = [By::Hardware, By::Software];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            By::Hardware => "hardware",
            By::Software => "software",
        }
    }
}

/// A tensor in global memory, one for each group.
#[derive(Clone, Copy, Debug)]
struct Zone {
    base: usize,
    /// From group to group.
    step: usize,
}

impl Zone {
    fn at(&self, group: usize) -> usize {
        self.base + group * self.step
    }
}

/// Issues a move of any number of bursts.
fn burst(core: &mut Core<'_>, bursts: usize, first: Move) -> Issue {
    let dense = first.from_stride == first.length && first.to_stride == first.length;
    if dense && bursts * first.length <= 65_535 * 32 {
        let length = bursts * first.length;
        return core.issue(Move::run(first.from, first.to, length));
    }
    for start in (0..bursts).step_by(Move::MOST) {
        core.issue(Move {
            from: first.from.plus(start * first.from_stride),
            to: first.to.plus(start * first.to_stride),
            bursts: Move::MOST.min(bursts - start),
            ..first
        })?;
    }
    Ok(())
}
