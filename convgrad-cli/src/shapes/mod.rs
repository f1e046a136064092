//! Sets of convolution shapes to measure: those of well-known networks, and those of a file.

mod file;
mod networks;

use std::fmt;
use std::path::Path;

use convgrad::conv::Conv2d;
use serde::Serialize;

use crate::failure::{Failure, Result};

/// The shape of one convolution, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shape {
    /// Its name: the number in its set, unless a file says otherwise.
    pub(crate) name: String,
    /// Batch.
    pub(crate) n: usize,
    /// Input channels.
    pub(crate) c: usize,
    /// Input rows.
    pub(crate) h: usize,
    /// Input columns.
    pub(crate) w: usize,
    /// Output channels.
    pub(crate) k: usize,
    /// Kernel rows.
    pub(crate) r: usize,
    /// Kernel columns.
    pub(crate) s: usize,
    /// Rows, columns.
    pub(crate) stride: [usize; 2],
    /// Top, bottom, left, right.
    pub(crate) pads: [usize; 4],
    /// Rows, columns.
    pub(crate) dilation: [usize; 2],
    /// Groups of channels.
    pub(crate) groups: usize,
}

/// A set of shapes and what it is.
#[derive(Clone, Debug)]
pub(crate) struct ShapeSet {
    /// What the user asked for.
    pub(crate) name: String,
    /// The shapes, in order.
    pub(crate) shapes: Vec<Shape>,
}

/// The names of the built-in sets.
pub(crate) const NAMES: [&str; 5] = ["paper", "resnet50", "mobilenetv2", "depthwise", "vgg16"];

/// A built-in set, or that of a file if none has the name.
pub(crate) fn load(name: &str) -> Result<ShapeSet> {
    let shapes = match name {
        "paper" => networks::paper(),
        "resnet50" => networks::resnet50(8),
        "mobilenetv2" => networks::mobilenetv2(),
        "depthwise" => networks::depthwise(),
        "vgg16" => networks::vgg16(),
        _ => file::read(Path::new(name))?,
    };
    Ok(ShapeSet {
        name: name.into(),
        shapes,
    })
}

impl Shape {
    /// The geometry.
    pub(crate) fn conv(&self) -> Result<Conv2d> {
        // Groups of 0 are refused below, whatever the channels.
        let channels = self.c / self.groups.max(1);
        Conv2d::builder(
            [self.n, self.c, self.h, self.w],
            [self.k, channels, self.r, self.s],
        )
        .stride(self.stride)
        .padding(self.pads)
        .dilation(self.dilation)
        .groups(self.groups)
        .build()
        .map_err(|error| Failure::input(format!("shape {} ({self}): {error}", self.name)))
    }
}

impl fmt::Display for Shape {
    /// `3→32 3×3 s2 p1 224×224`, with the rest only where it is unusual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}→{} {}×{}", self.c, self.k, self.r, self.s)?;
        let pair = |[a, b]: [usize; 2]| {
            if a == b {
                format!("{a}")
            } else {
                format!("{a},{b}")
            }
        };
        if self.stride != [1, 1] {
            write!(f, " s{}", pair(self.stride))?;
        }
        match self.pads {
            [0, 0, 0, 0] => {}
            [t, b, l, r] if t == b && l == r => write!(f, " p{}", pair([t, l]))?,
            [t, b, l, r] => write!(f, " p{t},{b},{l},{r}")?,
        }
        if self.dilation != [1, 1] {
            write!(f, " d{}", pair(self.dilation))?;
        }
        if self.groups != 1 {
            write!(f, " g{}", self.groups)?;
        }
        write!(f, " @{}×{}", self.h, self.w)?;
        if self.n != 1 {
            write!(f, " n{}", self.n)?;
        }
        Ok(())
    }
}
