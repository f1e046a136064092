//! From a method to the instructions of a core: where the tensors are, which converters run, and which product.

use super::axis::Axis;
use super::factor::expanded::{Expanded, Means};
use super::factor::fractals::Fractals;
use super::factor::pixels::Pixels;
use super::factor::windows::Windows;
use super::factor::{Factor, Side};
use super::gemm::{Cuts, Gemm, Tiles, Tiling};
use super::scatter::Scatter;
use super::sink::{Sink, Store};
use super::view::{Map, Rows, View};
use super::{By, Issue, Method, ZEROS, Zone, converters};
use crate::conv::Conv2d;
use crate::cube::Scheme;
use crate::cube::isa::Instruction;
use crate::cube::machine::{Core, FRACTAL};
use crate::cube::profile::Profile;

/// Channels in blocks of 16.
fn blocks(channels: usize) -> usize {
    channels.div_ceil(16)
}

/// Global memory, handed out from its start.
struct Heap {
    next: usize,
    groups: usize,
}

impl Heap {
    fn zone(&mut self, bytes: usize) -> Zone {
        let step = bytes.next_multiple_of(FRACTAL);
        let base = self.next;
        self.next += step * self.groups;
        Zone { base, step }
    }

    fn map(&mut self, [images, channels, height, width]: [usize; 4]) -> Map {
        let c1 = blocks(channels);
        Map {
            zone: self.zone(Map::bytes([images, c1, height, width])),
            images,
            c1,
            height,
            width,
        }
    }
}

/// A program for one method: everything but the tiling.
pub(super) struct Build {
    /// The convolution of one group.
    conv: Conv2d,
    groups: usize,
    method: Method,
    by: By,
    pub(super) x: Map,
    pub(super) kernel: Zone,
    pub(super) dy: Map,
    /// What the converters before the product write, and the product itself where converters follow.
    first: Map,
    second: Zone,
    product: Map,
    /// The result.
    pub(super) result: Zone,
    /// Its length for a group, in halves.
    pub(super) len: usize,
    /// The bytes of global memory.
    pub(super) global: usize,
}

impl Build {
    pub(super) fn new(conv: &Conv2d, method: Method, by: By) -> Self {
        let (group, groups) = (conv.one_group(), conv.groups());
        let mut heap = Heap {
            next: ZEROS,
            groups,
        };
        let [k, c, r, s] = group.kernel_shape();
        let kernel_bytes = blocks(c) * r * s * blocks(k) * FRACTAL;
        let x = heap.map(group.input_shape());
        let kernel = heap.zone(kernel_bytes);
        let dy = heap.map(group.output_shape());
        let [n, _, height, width] = group.input_shape();
        let [_, _, p, q] = group.output_shape();
        let nothing = [0; 4];
        // What the converters make of the map and of the kernel, and the shape of the product.
        let (first, second, product) = match method {
            Method::Forward => (nothing, 0, nothing),
            Method::DxConverters => {
                let gradient = group.input_gradient();
                let inserted = if group.inserting_stride() == [1, 1] {
                    nothing
                } else {
                    [n, k, gradient.rows().input, gradient.columns().input]
                };
                (inserted, blocks(k) * r * s * blocks(c) * FRACTAL, nothing)
            }
            Method::DxCol2img | Method::Dk(Scheme::Direct) => (nothing, 0, nothing),
            Method::Dk(scheme) => {
                let outputs = Self::outputs(&group, scheme);
                let turned = blocks(n) * p * q * blocks(k) * FRACTAL;
                (
                    [c, n, height, width],
                    turned,
                    [c, k, outputs[0], outputs[1]],
                )
            }
        };
        let (first, second, product) = (heap.map(first), heap.zone(second), heap.map(product));
        let bytes = match method {
            Method::Forward => Map::bytes([n, blocks(k), p, q]),
            Method::DxConverters | Method::DxCol2img => Map::bytes([n, blocks(c), height, width]),
            Method::Dk(_) => kernel_bytes,
        };
        let result = heap.zone(bytes);
        Self {
            conv: group,
            groups,
            method,
            by,
            x,
            kernel,
            dy,
            first,
            second,
            product,
            result,
            len: bytes / 2,
            global: heap.next,
        }
    }

    /// The windows that the kernel's gradient as a convolution computes.
    fn outputs(conv: &Conv2d, scheme: Scheme) -> [usize; 2] {
        match scheme {
            Scheme::Folded => [conv.rows().taps, conv.columns().taps],
            _ => {
                let gradient = conv.kernel_gradient();
                [gradient.rows().output(), gradient.columns().output()]
            }
        }
    }

    /// Issues the converters that come before the product.
    pub(super) fn before(&self, core: &mut Core<'_>) -> Issue {
        let [_, c, r, s] = self.conv.kernel_shape();
        let [n, k, ..] = self.conv.output_shape();
        for group in 0..self.groups {
            match self.method {
                Method::DxConverters => {
                    let stride = self.conv.inserting_stride();
                    if stride != [1, 1] {
                        converters::strided(core, group, &self.dy, &self.first, stride)?;
                    }
                    let extents = [blocks(c), r * s, blocks(k)];
                    core.issue(Instruction::Barrier)?;
                    converters::flip_rot(core, group, self.kernel, self.second, extents)?;
                }
                Method::Dk(Scheme::Literal | Scheme::Folded) if n > 0 => {
                    converters::t_nc(core, group, &self.x, &self.first, c)?;
                    let all = [self.dy.height, self.dy.width];
                    core.issue(Instruction::Barrier)?;
                    converters::t_ncf(core, group, &self.dy, self.second, all)?;
                }
                _ => return Ok(()),
            }
            // The next one's pieces take the same places in UB.
            core.issue(Instruction::Barrier)?;
        }
        Ok(())
    }

    /// Issues the converter that comes after it.
    pub(super) fn after(&self, core: &mut Core<'_>) -> Issue {
        if let Method::Dk(Scheme::Literal | Scheme::Folded) = self.method {
            let [_, _, r, s] = self.conv.kernel_shape();
            for group in 0..self.groups {
                core.issue(Instruction::Barrier)?;
                converters::t_ncf(core, group, &self.product, self.result, [r, s])?;
            }
        }
        Ok(())
    }

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
        match (self.by, view.rows.folded) {
            (By::Hardware, false) => {
                // A band is whole rows of taps; on the right, where columns are few, it may be more than is needed.
                let columns = if side == Side::Left {
                    columns
                } else {
                    anywhere
                };
                (Box::new(Windows { view, side }), rows, columns)
            }
            (By::Hardware, true) => {
                let means = Means::Load3d;
                (Box::new(Expanded::new(view, side, means)), rows, columns)
            }
            (By::Software, _) => {
                let means = Means::Vector;
                (Box::new(Expanded::new(view, side, means)), rows, anywhere)
            }
        }
    }

    /// Calls with the product. `bands` are the rows of a band and the taps of a tile for col2img, which other methods ignore.
    pub(super) fn product<R>(
        &self,
        profile: &Profile,
        bands: [usize; 2],
        work: impl FnOnce(&mut Gemm<'_>) -> R,
    ) -> R {
        let conv = &self.conv;
        let [k, c, ..] = conv.kernel_shape();
        let outputs = [conv.rows().output(), conv.columns().output()];
        // A forward convolution: whichever map and kernel, and to where.
        let convolve = |conv: &Conv2d, map, kernel, outputs: [usize; 2], folded, to| {
            let view = Self::view(conv, map, outputs, folded);
            let n1 = blocks(conv.output_channels());
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
        let parts = match self.method {
            Method::Forward => convolve(conv, self.x, self.kernel, outputs, false, self.result),
            Method::DxConverters => {
                let gradient = conv.input_gradient();
                let outputs = [conv.rows().input, conv.columns().input];
                let map = if conv.inserting_stride() == [1, 1] {
                    self.dy
                } else {
                    self.first
                };
                convolve(&gradient, map, self.second, outputs, false, self.result)
            }
            Method::Dk(scheme @ (Scheme::Literal | Scheme::Folded)) => {
                let gradient = conv.kernel_gradient();
                let outputs = Self::outputs(conv, scheme);
                let (folded, to) = (scheme == Scheme::Folded, self.product.zone);
                convolve(&gradient, self.first, self.second, outputs, folded, to)
            }
            Method::Dk(Scheme::Direct) => {
                let view = Self::view(conv, self.x, outputs, false);
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
            Method::DxCol2img => {
                let to = Map {
                    zone: self.result,
                    ..self.x
                };
                let axes = [*conv.rows(), *conv.columns()];
                let sink = Scatter::new(to, axes, self.by, bands[0], bands[1]);
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
        })
    }

    /// The bands that col2img may work on: rows, and taps of a tile. Others need none.
    pub(super) fn bands(&self) -> Vec<[usize; 2]> {
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

    /// Issues everything.
    pub(super) fn program(&self, core: &mut Core<'_>, bands: [usize; 2], tiling: &Tiling) -> Issue {
        self.before(core)?;
        let profile = core.profile();
        self.product(profile, bands, |gemm| gemm.run(core, tiling, u64::MAX))?;
        self.after(core)
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
