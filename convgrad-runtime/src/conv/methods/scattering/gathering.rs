//! The loops: rooms are multiplied, and rows of the result gathered from them.

use std::ops::Range;

use super::Order;
use super::cut::Cut;
use super::tasks::{Task, tasks};
use crate::conv::context::Context;
use crate::conv::geometry::{Axis, Conv2d, Reads, Tap};
use crate::conv::methods::rows;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{self, Gather, Kernels, Parts};

/// Elements of a line that several rows of results share, if they are short.
const LINE: usize = 256;

/// A scattered product, and how its rooms are gathered.
pub(super) struct Gathering<'s, T: 'static> {
    kernels: &'static Kernels<T>,
    conv: &'s Conv2d,
    product: Parts<'s, T>,
    cut: Cut,
    /// From a line of the room to the next.
    line: usize,
    /// The phases of the rows, whose taps are numbered in the order of the room.
    rows: Vec<Reads>,
    /// For each phase of the columns, how its lines are gathered, and how many results a row has.
    columns: Vec<(Gather, usize)>,
    /// Rows of results that are one line at most, and the room that it takes.
    together: usize,
    results: usize,
}

/// Rows of one phase that the same taps reach.
struct Run {
    /// The first one, and how many there are.
    first: usize,
    rows: usize,
    /// The taps, each with the row of the output that the first one reads.
    taps: Vec<(usize, usize)>,
}

impl<'s, T: Float> Gathering<'s, T> {
    pub(super) fn new(conv: &'s Conv2d, order: Order, product: Parts<'s, T>, cut: Cut) -> Self {
        let kernels = product.kernels();
        let phases = |axis: &Axis| {
            let ordered = |tap: Tap| Tap {
                index: match order {
                    Order::Kernel => tap.index,
                    Order::Turned => axis.taps - 1 - tap.index,
                },
                ..tap
            };
            let reads = |phase| {
                let mut reads = axis.phase_reads(phase);
                reads.taps = reads.taps.into_iter().map(ordered).collect();
                reads
            };
            axis.phases().map(reads).collect::<Vec<_>>()
        };
        let (rows, columns) = (phases(conv.rows()), phases(conv.columns()));
        let width = conv.columns().output();
        // Rows that are longer than what they read cannot be one line.
        let together = if columns.iter().all(|reads| reads.count <= width) {
            (LINE / width).clamp(1, conv.rows().input)
        } else {
            1
        };
        let mut gathering = Gathering {
            kernels,
            conv,
            product,
            cut,
            line: 0,
            rows,
            columns: Vec::new(),
            together,
            results: together * width.max(columns[0].count),
        };
        gathering.line = gemm::line::<T>(gathering.most_columns());
        let line = gathering.line;
        let gather = |reads: Reads| {
            let taps: Vec<_> = reads
                .taps
                .iter()
                .map(|tap| (tap.index * line, tap.first))
                .collect();
            let extents = [reads.count, reads.extent];
            (
                Gather::new(kernels.lanes, extents, together, &taps),
                reads.count,
            )
        };
        gathering.columns = columns.into_iter().map(gather).collect();
        gathering
    }

    /// Computes all rows of all planes.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for a few lines and panels.
    pub(super) fn run(&self, cx: &Context, dx: &mut [T]) -> Result<()> {
        let results = cx.map(tasks(self.conv, &self.cut, dx), |task| {
            self.compute(cx, task)
        });
        results.into_iter().collect()
    }

    /// The rows of the output that a band needs: all of several images, so that their pixels are neighbours.
    fn outputs(&self, rows: Range<usize>) -> Range<usize> {
        match self.cut.images {
            1 => self.conv.rows().outputs_near(rows),
            _ => 0..self.conv.rows().output(),
        }
    }

    /// Columns of the widest room.
    fn most_columns(&self) -> usize {
        let parts = self.cut.parts(self.conv.rows().input);
        let bands = parts.flat_map(|rows| self.cut.bands(&rows));
        let outputs = bands.map(|rows| self.outputs(rows).len());
        outputs.max().unwrap_or(0) * self.conv.columns().output() * self.cut.images
    }

    fn compute(&self, cx: &Context, mut task: Task<T>) -> Result<()> {
        let (taps, pixels) = (self.conv.taps(), self.conv.pixels());
        let width = self.conv.columns().output();
        let lines = task.channels.start * taps..task.channels.end * taps;
        let mut room =
            cx.buffer::<T>("the lines of a scattered product", lines.len() * self.line)?;
        // Those of each phase, and one of zeros.
        let phases = self.columns.len() + 1;
        let mut results = cx.buffer::<T>("lines of results", phases * self.results)?;
        results.fill(T::default());
        let mut held = 0..0;
        for rows in self.cut.bands(&task.rows) {
            let outputs = self.outputs(rows.clone());
            let kept = outputs.start..held.end.max(outputs.start);
            if !kept.is_empty() {
                let kept = (kept.start - held.start) * width..(kept.end - held.start) * width;
                for line in room.chunks_mut(self.line) {
                    line.copy_within(kept.clone(), 0);
                }
            }
            let columns = task.images.start * pixels + kept.end * width
                ..(task.images.end - 1) * pixels + outputs.end * width;
            let free = &mut room[kept.len() * width..];
            let sides = [lines.clone(), columns];
            self.product
                .compute(cx, task.group, sides, (free, self.line))?;
            self.gather(&mut task, &rows, (&room, &outputs), &mut results);
            held = outputs;
        }
        Ok(())
    }

    /// Gathers a band of all planes from a room that holds some rows of the output.
    fn gather(
        &self,
        task: &mut Task<T>,
        band: &Range<usize>,
        (room, outputs): (&[T], &Range<usize>),
        results: &mut [T],
    ) {
        let runs = self.runs(band);
        let (channels, width) = (task.channels.len(), self.conv.columns().output());
        let (row, down) = (self.conv.columns().input, self.conv.rows().stride);
        let channel_lines = self.conv.taps() * self.line;
        let tap_lines = self.conv.columns().taps * self.line;
        let mut starts = Vec::new();
        for (i, plane) in task.planes.iter_mut().enumerate() {
            let (image, channel) = (i / channels, i % channels);
            let start = channel * channel_lines + image * outputs.len() * width;
            for run in &runs {
                for done in (0..run.rows).step_by(self.together) {
                    let place = |&(tap, output): &(usize, usize)| {
                        start + tap * tap_lines + (output + done - outputs.start) * width
                    };
                    starts.clear();
                    starts.extend(run.taps.iter().map(place));
                    let first = run.first + done * down - task.rows.start;
                    let rows = self.together.min(run.rows - done);
                    self.gather_rows(rows, (room, &starts), results, &mut plane[first * row..]);
                }
            }
        }
    }

    /// Gathers some rows of a run, the first of which is the first of the plane's rest.
    fn gather_rows(
        &self,
        rows: usize,
        (room, starts): (&[T], &[usize]),
        results: &mut [T],
        plane: &mut [T],
    ) {
        let (width, row) = (self.conv.columns().output(), self.conv.columns().input);
        let [down, across] = self.conv.stride();
        let places = plane.chunks_mut(row).step_by(down).take(rows);
        if starts.is_empty() {
            return places.for_each(|row| row.fill(T::default()));
        }
        // A row of a single phase is its line.
        if let [(gather, _)] = &self.columns[..]
            && rows == 1
            && gather.is_reached()
        {
            return places.for_each(|row| self.kernels.gather(room, starts, gather, row));
        }
        let (zeros, lines) = results.split_at_mut(self.results);
        // A line that is a part of the room's stays there.
        let lent = |gather: &Gather| gather.lent().filter(|_| starts.len() == 1);
        for ((gather, count), line) in self.columns.iter().zip(lines.chunks_mut(self.results)) {
            if gather.is_reached() && lent(gather).is_none() {
                let results = (rows - 1) * width + count;
                self.kernels
                    .gather(room, starts, gather, &mut line[..results]);
            }
        }
        for (i, row) in places.enumerate() {
            let line = |phase: usize| {
                let (gather, _) = &self.columns[phase];
                match lent(gather) {
                    _ if !gather.is_reached() => &*zeros,
                    Some(place) => &room[starts[0] + place + i * width..],
                    None => &lines[phase * self.results + i * width..],
                }
            };
            rows::join(self.kernels, row, across, line);
        }
    }

    /// The rows of a band, phase by phase, cut where other taps begin to reach them, or cease to.
    fn runs(&self, band: &Range<usize>) -> Vec<Run> {
        let stride = self.conv.rows().stride;
        let mut runs = Vec::new();
        for (phase, reads) in self.rows.iter().enumerate() {
            let before = |row: usize| row.saturating_sub(phase).div_ceil(stride);
            let own = before(band.start)..before(band.end);
            let bounds = reads.taps.iter().map(|&tap| reads.inside(tap));
            let mut cuts: Vec<_> = bounds.flat_map(|rows| [rows.start, rows.end]).collect();
            cuts.retain(|cut| own.contains(cut));
            cuts.extend([own.start, own.end]);
            cuts.sort_unstable();
            cuts.dedup();
            runs.extend(cuts.windows(2).map(|cut| {
                let output = |&tap: &Tap| Some((tap.index, reads.source(cut[0], tap)?));
                Run {
                    first: cut[0] * stride + phase,
                    rows: cut[1] - cut[0],
                    taps: reads.taps.iter().filter_map(output).collect(),
                }
            }));
        }
        runs
    }
}
