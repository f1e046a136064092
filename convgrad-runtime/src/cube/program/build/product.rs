//! The product of a method: its factors, where its sums go, and how it may be cut.

use super::heap::blocks;
use super::{Build, Expand};
use crate::conv::Conv2d;
use crate::cube::Scheme;
use crate::cube::profile::Profile;
use crate::cube::program::axis::Axis;
use crate::cube::program::factor::columns::Columns;
use crate::cube::program::factor::expanded::{Expanded, Means};
use crate::cube::program::factor::fractals::Fractals;
use crate::cube::program::factor::pixels::Pixels;
use crate::cube::program::factor::windows::Windows;
use crate::cube::program::factor::{Factor, Side};
use crate::cube::program::gemm::Gemm;
use crate::cube::program::scatter::Scatter;
use crate::cube::program::sink::{Sink, Store};
use crate::cube::program::tiling::{Cuts, Tiles};
use crate::cube::program::view::{Map, Rows, View};
use crate::cube::program::{By, Method};

impl Build {
    /// A map seen through the windows of a convolution.
    fn view(conv: &Conv2d, map: Map, outputs: [usize; 2], folded: bool) -> View {
        View {
            map,
            axes: [*conv.rows(), *conv.columns()],
            columns: outputs[1],
            rows: Rows {
                images: map.images,
                per: outputs[0] * outputs[1],
                folded,
            },
        }
    }

    /// The windows that the method's product has for a factor; None for col2img, whose factor is pixels.
    fn seen(&self) -> Option<View> {
        let conv = &self.conv;
        let outputs = [conv.rows().output(), conv.columns().output()];
        Some(match self.method {
            Method::Forward | Method::Dk(Scheme::Direct) => {
                Self::view(conv, self.x, outputs, false)
            }
            Method::DxConverters => {
                let outputs = [conv.rows().input, conv.columns().input];
                let map = if conv.inserting_stride() == [1, 1] {
                    self.dy
                } else {
                    self.first
                };
                Self::view(&conv.input_gradient(), map, outputs, false)
            }
            Method::Dk(scheme @ (Scheme::Literal | Scheme::Folded)) => {
                let outputs = Self::outputs(conv, scheme);
                let folded = scheme == Scheme::Folded;
                Self::view(&conv.kernel_gradient(), self.first, outputs, folded)
            }
            Method::DxCol2img => return None,
        })
    }

    /// The windows that a converter has to write out in global memory.
    pub(super) fn written_out(&self) -> Option<View> {
        let wanted = |view: &View| self.expand == Expand::InGlobal && !view.is_plain();
        self.seen().filter(wanted)
    }

    /// Windows as a factor, with the axes of its windows and its columns.
    fn windows(&self, view: View, side: Side) -> (Box<dyn Factor>, Axis, Axis) {
        let (rows, columns) = (view.rows.axis(), view.columns_axis());
        let anywhere = Axis { unit: 1, ..columns };
        if view.is_plain() {
            let pixels = Pixels {
                map: view.map,
                rows: view.rows,
                side,
                transposed: side == Side::Right,
            };
            return (Box::new(pixels), rows, anywhere);
        }
        match (self.expand, view.rows.folded) {
            (Expand::Loading, false) => {
                // A band is whole rows of taps; on the right, where columns are few, it may be more than is needed.
                let columns = if side == Side::Left {
                    columns
                } else {
                    anywhere
                };
                (Box::new(Windows { view, side }), rows, columns)
            }
            (Expand::Loading, true) => {
                let means = Means::Load3d;
                (Box::new(Expanded::new(view, side, means)), rows, columns)
            }
            (Expand::InUb, _) => {
                let means = Means::Vector;
                (Box::new(Expanded::new(view, side, means)), rows, anywhere)
            }
            (Expand::InGlobal, _) => {
                let columns = Columns {
                    zone: self.columns,
                    windows: rows.len(),
                    side,
                };
                (Box::new(columns), rows, anywhere)
            }
        }
    }

    /// Calls with the product. `bands` are the rows of a band and the taps of a tile for col2img, which other methods ignore.
    pub(in crate::cube::program) fn product<R>(
        &self,
        profile: &Profile,
        bands: [usize; 2],
        work: impl FnOnce(&mut Gemm<'_>) -> R,
    ) -> R {
        let conv = &self.conv;
        let [k, c, ..] = conv.kernel_shape();
        // A forward convolution of the windows with a kernel of so many columns.
        let convolve = |view: View, kernel, outputs: usize, to| {
            let n1 = blocks(outputs);
            let (left, m, k) = self.windows(view, Side::Left);
            let right = Fractals {
                zone: kernel,
                columns: n1,
                transposed: false,
            };
            let sink = Store::new(profile, to, view.rows, n1);
            let cuts = Cuts {
                m: Tiles::Of(m),
                n: Tiles::Of(Axis::plain(n1)),
                k,
            };
            Parts::new(left, right, sink, cuts)
        };
        let parts = match (self.method, self.seen()) {
            (Method::Forward, Some(view)) => convolve(view, self.kernel, k, self.result),
            (Method::DxConverters, Some(view)) => convolve(view, self.second, c, self.result),
            (Method::Dk(Scheme::Literal | Scheme::Folded), Some(view)) => {
                convolve(view, self.second, k, self.product.zone)
            }
            (Method::Dk(Scheme::Direct), Some(view)) => {
                let (right, pixels, n) = self.windows(view, Side::Right);
                let left = Pixels {
                    map: self.dy,
                    rows: view.rows,
                    side: Side::Left,
                    transposed: true,
                };
                let k1 = blocks(k);
                // FRACTAL_Z: one "image" of k1 whole fractals for each block of channels and tap.
                let rows = Rows {
                    images: 1,
                    per: k1 * 16,
                    folded: false,
                };
                let cuts = Cuts {
                    m: Tiles::Of(Axis::plain(k1)),
                    n: Tiles::Of(n),
                    k: pixels,
                };
                let sink = Store::new(profile, self.result, rows, n.len());
                Parts::new(Box::new(left), right, sink, cuts)
            }
            (Method::DxCol2img, _) | (_, None) => {
                let to = Map {
                    zone: self.result,
                    ..self.x
                };
                let axes = [*conv.rows(), *conv.columns()];
                let by = match self.expand {
                    Expand::Loading => By::Hardware,
                    Expand::InUb | Expand::InGlobal => By::Software,
                };
                let sink = Scatter::new(to, axes, by, bands[0], bands[1]);
                let k1 = blocks(k);
                let left = Pixels {
                    map: self.dy,
                    rows: sink.rows(),
                    side: Side::Left,
                    transposed: false,
                };
                let right = Fractals {
                    zone: self.kernel,
                    columns: k1,
                    transposed: true,
                };
                debug_assert_eq!(blocks(c), to.c1);
                let cuts = Cuts {
                    m: sink.m(),
                    n: sink.n(),
                    k: Axis::plain(k1),
                };
                Parts::new(Box::new(left), right, sink, cuts)
            }
        };
        let Parts {
            mut left,
            mut right,
            mut sink,
            cuts,
        } = parts;
        work(&mut Gemm {
            left: left.as_mut(),
            right: right.as_mut(),
            sink: sink.as_mut(),
            extents: cuts,
            groups: self.groups,
            sample: None,
        })
    }

    /// The bands that col2img may work on: rows, and taps of a tile. Others need none.
    pub(in crate::cube::program) fn bands(&self) -> Vec<[usize; 2]> {
        if self.method != Method::DxCol2img {
            return vec![[0; 2]];
        }
        let (height, taps) = (self.conv.rows().input, self.conv.taps());
        let width = self.conv.columns().taps;
        let rows = [1, 2, 4, 8, 14, 16, 28, 32, 56]
            .into_iter()
            .filter(|&rows| rows < height);
        let mut counts = vec![taps, width, 1];
        counts.dedup();
        rows.chain([height])
            .flat_map(|rows| counts.clone().into_iter().map(move |taps| [rows, taps]))
            .collect()
    }
}

/// The parts of a product.
struct Parts {
    left: Box<dyn Factor>,
    right: Box<dyn Factor>,
    sink: Box<dyn Sink>,
    cuts: Cuts,
}

impl Parts {
    fn new(
        left: Box<dyn Factor>,
        right: impl Into<Box<dyn Factor>>,
        sink: impl Sink + 'static,
        cuts: Cuts,
    ) -> Self {
        Self {
            left,
            right: right.into(),
            sink: Box::new(sink),
            cuts,
        }
    }
}

impl From<Fractals> for Box<dyn Factor> {
    fn from(fractals: Fractals) -> Self {
        Box::new(fractals)
    }
}
