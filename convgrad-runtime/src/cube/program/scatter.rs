//! col2im: products of pixels and taps, added up where the windows overlap, band by band of the gradient's rows.
//!
//! A band is in UB in f32 while all products that reach it are made; those of windows that reach two bands are made twice.

use std::ops::Range;

use super::adds::{Add, Adds, PIXEL};
use super::ring::{Channel, Pair};
use super::runs::zero_blocks;
use super::sink::{Sink, Sums};
use super::tiling::Tiles;
use super::view::{Map, Rows};
use super::{By, Issue};
use crate::conv;
use crate::cube::isa::{Col2img, Convert, Drain, FeatureMap, Filter, Lanes, Move, Rounding};
use crate::cube::machine::{BLOCK, Buffer, Core, Pipe, Place, SUMS};

/// Some rows of the gradient of one image.
#[derive(Clone, Debug)]
struct Strip {
    image: usize,
    rows: Range<usize>,
    /// The fractals of windows that reach them, of this image; empty if none does.
    windows: Range<usize>,
}

/// Adds products to bands of the input's gradient.
#[derive(Debug)]
pub(super) struct Scatter {
    to: Map,
    axes: [conv::Axis; 2],
    per_image: usize,
    by: By,
    strips: Vec<Strip>,
    /// The taps of a tile of N.
    taps: usize,
    slots: Channel,
    slot: usize,
    /// Bytes of products, and of a band in f32.
    room: [usize; 2],
}

impl Scatter {
    /// For bands of so many rows, and so many taps at a time.
    pub(super) fn new(to: Map, axes: [conv::Axis; 2], by: By, rows: usize, taps: usize) -> Self {
        let [vertical, horizontal] = &axes;
        let (height, width) = (vertical.output(), horizontal.output());
        let pitch = (height * width).div_ceil(16);
        let mut strips = Vec::new();
        for image in 0..to.images {
            for start in (0..to.height).step_by(rows) {
                let rows = start..(start + rows).min(to.height);
                let reaches = |p: &usize| {
                    (0..vertical.taps).any(|kh| {
                        vertical
                            .source_inside(*p, kh)
                            .is_some_and(|h| rows.contains(&h))
                    })
                };
                let first = (0..height).find(reaches);
                let last = (0..height).rfind(reaches);
                let windows = match first.zip(last) {
                    Some((first, last)) => {
                        first * width / 16..((last + 1) * width).div_ceil(16).min(pitch)
                    }
                    None => 0..0,
                };
                strips.push(Strip {
                    image,
                    rows,
                    windows,
                });
            }
        }
        let pair = Pair {
            from: Pipe::Vector,
            to: Pipe::Mte3,
            id: 2,
        };
        Self {
            to,
            axes,
            per_image: pitch,
            by,
            strips,
            taps,
            slots: Channel::new(pair, 2),
            slot: 0,
            room: [0; 2],
        }
    }

    /// The rows of the product: pixels of the output.
    pub(super) fn rows(&self) -> Rows {
        Rows {
            images: self.to.images,
            per: self.axes[0].output() * self.axes[1].output(),
            folded: false,
        }
    }

    /// Its tiles of M: the windows of each band. A band that no window reaches takes one fractal, which it ignores.
    pub(super) fn m(&self) -> Tiles {
        let tile = |strip: &Strip| {
            let base = strip.image * self.per_image;
            base + strip.windows.start..base + strip.windows.end.max(strip.windows.start + 1)
        };
        Tiles::Given(self.strips.iter().map(tile).collect())
    }

    /// Its tiles of N: some taps of a block of channels.
    pub(super) fn n(&self) -> Tiles {
        let taps = self.axes[0].taps * self.axes[1].taps;
        let of_block = |c1: usize| {
            (0..taps)
                .step_by(self.taps)
                .map(move |tap| c1 * taps + tap..c1 * taps + (tap + self.taps).min(taps))
        };
        Tiles::Given((0..self.to.c1).flat_map(of_block).collect())
    }

    /// A strip as a map on which windows slide, and the row of windows that begins it.
    fn map(&self, strip: &Strip) -> (FeatureMap, Filter, usize) {
        let [vertical, horizontal] = &self.axes;
        let filter = Filter {
            size: [vertical.taps, horizontal.taps],
            stride: [vertical.stride, horizontal.stride],
            dilation: [vertical.dilation, horizontal.dilation],
        };
        // Paddings of an input are never negative.
        let pad = |axis: &conv::Axis| axis.pad[0].max(0) as usize;
        let top = pad(vertical) + strip.rows.start;
        let base = (top / vertical.stride).min(strip.windows.start * 16 / horizontal.output());
        let reach = horizontal.span() + (horizontal.output() - 1) * horizontal.stride;
        let left = pad(horizontal);
        let map = FeatureMap {
            height: strip.rows.len(),
            width: self.to.width,
            pads: [
                top - base * vertical.stride,
                0,
                left,
                reach.saturating_sub(left + self.to.width),
            ],
        };
        (map, filter, base)
    }

    /// Adds the products of a tap to the band.
    fn add(&self, core: &mut Core<'_>, strip: &Strip, tap: usize, from: usize, to: usize) -> Issue {
        let (map, filter, base) = self.map(strip);
        let columns = self.axes[1].output();
        let first = strip.windows.start * 16;
        let fetch = [tap / filter.size[1], tap % filter.size[1]];
        if self.by == By::Hardware {
            for start in (0..strip.windows.len()).step_by(Col2img::MOST) {
                core.issue(Col2img {
                    map,
                    filter,
                    from: from + start * SUMS,
                    to,
                    fetch,
                    first: first - base * columns + start * 16,
                    repeat: Col2img::MOST.min(strip.windows.len() - start),
                    lanes: Lanes::F32,
                })?;
            }
            return Ok(());
        }
        let [vertical, horizontal] = &self.axes;
        let windows = first..(strip.windows.end * 16).min(vertical.output() * columns);
        let mut sums = Adds::default();
        for p in windows.start / columns..windows.end.div_ceil(columns) {
            let Some(h) = vertical.source_inside(p, fetch[0]) else {
                continue;
            };
            let inside = horizontal.outputs_inside(fetch[1]);
            let start = windows.start.max(p * columns + inside.start);
            let end = windows.end.min(p * columns + inside.end);
            if !strip.rows.contains(&h) || start >= end {
                continue;
            }
            if let Some(w) = horizontal.source_inside(start - p * columns, fetch[1]) {
                let add = Add {
                    to: to + ((h - strip.rows.start) * self.to.width + w) * PIXEL,
                    from: from + (start - first) * PIXEL,
                    count: end - start,
                    step: filter.stride[1],
                };
                sums.push(core, add)?;
            }
        }
        sums.flush(core)
    }
}

impl Sink for Scatter {
    fn staging(&mut self, m: usize, n: usize) -> usize {
        let rows = self.strips.iter().map(|strip| strip.rows.len()).max();
        // A conversion takes 64 numbers at a time.
        let band = (rows.unwrap_or(0) * self.to.width * PIXEL).next_multiple_of(256);
        self.room = [m * n * SUMS, band];
        self.slot = band / 2;
        self.room[0] + band + 2 * self.slot
    }

    fn pipe(&self) -> Pipe {
        Pipe::Vector
    }

    fn drain(
        &mut self,
        core: &mut Core<'_>,
        tile: &Sums<'_>,
        release: &dyn Fn(&mut Core<'_>) -> Issue,
    ) -> Issue {
        let strip = self.strips[tile.number].clone();
        let taps = self.axes[0].taps * self.axes[1].taps;
        let (c1, first) = (tile.n.start / taps, tile.n.start % taps);
        let [products, band] = self.room;
        core.issue(Drain {
            from: tile.at,
            to: Place::new(Buffer::Ub, 0),
            bursts: 1,
            rows: tile.m.len() * tile.n.len() * 16,
            from_stride: 0,
            to_stride: 0,
            rounding: Rounding::Keep,
            relu: false,
        })?;
        release(core)?;
        if first == 0 {
            zero_blocks(core, products, band / BLOCK)?;
        }
        if !strip.windows.is_empty() {
            for i in 0..tile.n.len() {
                let from = i * tile.m.len() * SUMS;
                self.add(core, &strip, first + i, from, products)?;
            }
        }
        if first + tile.n.len() < taps {
            return Ok(());
        }
        let slot = self.slots.acquire(core)?;
        let out = products + band + slot * self.slot;
        let repeats = (strip.rows.len() * self.to.width * PIXEL).div_ceil(256);
        for start in (0..repeats).step_by(Convert::MOST) {
            core.issue(Convert {
                from: products + start * 256,
                to: out + start * 128,
                repeat: Convert::MOST.min(repeats - start),
                widen: false,
            })?;
        }
        self.slots.publish(core, slot)?;
        let row = self.to.width * BLOCK;
        let target = self.to.at(tile.group, strip.image, c1) + strip.rows.start * row;
        core.issue(Move::run(
            Place::new(Buffer::Ub, out),
            Place::new(Buffer::Gm, target),
            strip.rows.len() * row,
        ))?;
        self.slots.release(core, slot)
    }

    fn close(&mut self, core: &mut Core<'_>) -> Issue {
        self.slots.close(core)
    }
}
