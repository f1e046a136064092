//! From a method to the instructions of a core: where the tensors are, which converters run, and which product.

mod converters;
mod heap;
mod product;

use super::outcome::Refusal;
use super::tiling::Tiling;
use super::view::Map;
use super::{By, Method, Zone};
use crate::conv::Conv2d;
use crate::cube::Scheme;
use crate::cube::machine::{Core, FRACTAL};
use crate::cube::profile::{Knob, Profile};
use heap::{Heap, blocks};

/// Where windows become fractals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expand {
    /// On their way to L0, by the load unit.
    Loading,
    /// On their way to L1, by the vector unit.
    InUb,
    /// In global memory, by a converter: where the vector unit has no other way to the cube.
    InGlobal,
}

/// A program for one method: everything but the tiling.
pub(super) struct Build {
    /// The convolution of one group.
    conv: Conv2d,
    groups: usize,
    method: Method,
    expand: Expand,
    pub(super) x: Map,
    pub(super) kernel: Zone,
    /// Its length for a group, in halves.
    kernel_len: usize,
    pub(super) dy: Map,
    /// What the converters before the product write, and the product itself where converters follow.
    first: Map,
    second: Zone,
    product: Map,
    /// The windows as fractals, where a converter puts them there.
    columns: Zone,
    /// The result.
    pub(super) result: Zone,
    /// Its length for a group, in halves.
    pub(super) len: usize,
    /// The bytes of global memory.
    pub(super) global: usize,
}

impl Build {
    pub(super) fn new(conv: &Conv2d, profile: &Profile, method: Method, by: By) -> Self {
        let (group, groups) = (conv.one_group(), conv.groups());
        let mut heap = Heap::new(groups);
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
        let expand = match by {
            By::Hardware => Expand::Loading,
            By::Software if profile.has(Knob::UbToL1) => Expand::InUb,
            By::Software => Expand::InGlobal,
        };
        let mut build = Self {
            conv: group,
            groups,
            method,
            expand,
            x,
            kernel,
            kernel_len: kernel_bytes / 2,
            dy,
            first,
            second,
            product,
            columns: Zone { base: 0, step: 0 },
            result,
            len: bytes / 2,
            global: 0,
        };
        if let Some(view) = build.written_out() {
            let fractals = view.columns_axis().len() * view.rows.axis().len();
            build.columns = heap.zone(fractals * FRACTAL);
        }
        build.global = heap.bytes();
        build
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

    /// Where the product and the result go, and how long they are for a group, in halves.
    pub(super) fn written(&self) -> [(Zone, usize); 2] {
        [
            (self.product.zone, self.product.halves()),
            (self.result, self.len),
        ]
    }

    /// Issues everything, or only so many tiles of the product.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if the core has not what a converter needs.
    pub(super) fn program(
        &self,
        core: &mut Core<'_>,
        bands: [usize; 2],
        tiling: &Tiling,
        sample: Option<usize>,
    ) -> Result<(), Refusal> {
        self.before(core)?;
        let profile = core.profile();
        self.product(profile, bands, |gemm| {
            gemm.sample = sample;
            gemm.run(core, tiling, u64::MAX)
        })?;
        self.after(core)
    }
}
