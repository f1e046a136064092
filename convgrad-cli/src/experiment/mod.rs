//! The paper's experiment: what each method of the gradients takes, in time relative to the forward convolution, in stages,
//! and in tile operations of the Cube.

mod cube;
mod measure;
mod pictures;
mod tables;
mod verdict;
mod wins;

pub(crate) use measure::{Plan, run};
pub(crate) use pictures::pictures;
pub(crate) use tables::tables;
pub(crate) use verdict::wrong;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::measure::{Machine, Timing};
use crate::shapes::Shape;
use crate::trial::Errors;

/// The name of the method that the paper proposes, as it proposes it.
pub(crate) const PROPOSED: &str = "literal";

/// Everything that a run of the experiment found out. Serialized, this is what `paper --json` writes.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    /// The machine.
    pub(crate) machine: Machine,
    /// How many threads were used.
    pub(crate) threads: usize,
    /// The name of the set of shapes.
    pub(crate) set: String,
    /// By what factor im2col is assumed to be faster, where a figure says so.
    pub(crate) im2col_speedup: f64,
    /// The shapes, in order.
    pub(crate) shapes: Vec<ShapeFindings>,
    /// On how many shapes the paper's method is faster than another one, to the letter and on the engine.
    pub(crate) wins: Vec<wins::Wins>,
}

/// What was found out about one shape.
#[derive(Debug, Serialize)]
pub(crate) struct ShapeFindings {
    /// The shape.
    #[serde(flatten)]
    pub(crate) shape: Shape,
    /// Multiplications and additions of the forward convolution, and of each gradient.
    pub(crate) flops: u64,
    /// The forward convolution by im2col and GEMM, which all methods but `fused` and `converters` share.
    pub(crate) forward: Figure,
    /// The gradients, by the name of the method.
    pub(crate) methods: BTreeMap<&'static str, Gradients>,
    /// The errors of every method that was verified, by its name.
    pub(crate) relative_errors: BTreeMap<&'static str, Errors>,
    /// Tile operations of the Cube, a scheme each.
    pub(crate) cube_tiles: cube::Tiles,
}

/// What both gradients take by one method.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Gradients {
    /// The gradient of the input.
    pub(crate) dx: Figure,
    /// The gradient of the kernel.
    pub(crate) dk: Figure,
}

/// What one computation takes, in milliseconds: in all, and in each stage.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Figure {
    /// In all.
    #[serde(flatten)]
    pub(crate) timing: Timing,
    /// The paper's layout converters.
    pub(crate) converters_ms: f64,
    /// Building the matrix of patches.
    pub(crate) im2col_ms: f64,
    /// Multiplying.
    pub(crate) gemm_ms: f64,
    /// Adding the matrix of patches back.
    pub(crate) col2im_ms: f64,
}

/// One of the two gradients, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Gradient {
    Dx,
    Dk,
    Both,
}

impl Gradient {
    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Gradient::Dx => "dX",
            Gradient::Dk => "dK",
            Gradient::Both => "dX + dK",
        }
    }
}

impl Gradients {
    /// What one of them takes, or both together.
    pub(crate) fn figure(&self, gradient: Gradient) -> Figure {
        match gradient {
            Gradient::Dx => self.dx,
            Gradient::Dk => self.dk,
            Gradient::Both => self.dx.plus(&self.dk),
        }
    }
}

impl Figure {
    /// The median time if im2col were faster by a factor.
    pub(crate) fn with_im2col(&self, speedup: f64) -> f64 {
        self.timing.median_ms - self.im2col_ms * (1.0 - 1.0 / speedup)
    }

    /// One after the other.
    pub(crate) fn plus(&self, other: &Figure) -> Figure {
        Figure {
            timing: Timing {
                median_ms: self.timing.median_ms + other.timing.median_ms,
                min_ms: self.timing.min_ms + other.timing.min_ms,
            },
            converters_ms: self.converters_ms + other.converters_ms,
            im2col_ms: self.im2col_ms + other.im2col_ms,
            gemm_ms: self.gemm_ms + other.gemm_ms,
            col2im_ms: self.col2im_ms + other.col2im_ms,
        }
    }

    /// The share of each stage and its name. What no stage accounts for (allocation, copies between layouts) comes last.
    pub(crate) fn shares(&self) -> [(&'static str, f64); 5] {
        let stages = [
            self.converters_ms,
            self.im2col_ms,
            self.gemm_ms,
            self.col2im_ms,
        ];
        let known: f64 = stages.iter().sum();
        let whole = self.timing.median_ms.max(known).max(f64::MIN_POSITIVE);
        let [converters, im2col, gemm, col2im] = stages.map(|stage| stage / whole);
        let rest = (whole - known) / whole;
        [
            ("converters", converters),
            ("im2col", im2col),
            ("GEMM", gemm),
            ("col2im", col2im),
            ("rest", rest),
        ]
    }
}

impl Findings {
    /// What the forward convolutions of all shapes take.
    pub(crate) fn forward(&self) -> Figure {
        self.shapes
            .iter()
            .fold(Figure::default(), |sum, shape| sum.plus(&shape.forward))
    }

    /// What a gradient of all shapes takes by a method.
    pub(crate) fn total(&self, method: &str, gradient: Gradient) -> Figure {
        self.shapes
            .iter()
            .filter_map(|shape| shape.methods.get(method))
            .fold(Figure::default(), |sum, gradients| {
                sum.plus(&gradients.figure(gradient))
            })
    }
}
