//! Planes of an image with the zeros around them, for loops that slide over whole planes without asking where they are.
//!
//! A plane is cut by the phases of the step, so that what one tap reads at neighbouring results lies side by side: a result at flat place `i`
//! reads, by each tap, the place `offset + i`. All phases have rows of one *pitch*, and so have the results, whose places between the
//! end of a row and the beginning of the next mean nothing.

use std::ops::Range;

use crate::conv::geometry::{Reads, Tap};
use crate::float::Float;
use crate::gemm::{Kernels, Piece};

/// The columns of planes cut by phases, and how a band of rows is copied: the same for all rows.
pub(crate) struct Strips {
    columns: Split,
    /// From a row to the next.
    pitch: usize,
    /// Columns of the tensor's planes, and of the results.
    extent: usize,
    count: usize,
    /// From one column that a phase holds to the next in the tensor.
    step: usize,
    /// Copies of a band of rows, for each phase: so many pieces a row.
    pieces: Vec<(Vec<Piece>, usize)>,
    lanes: usize,
}

/// How the planes lie in a buffer.
pub(crate) struct Planes<'s> {
    strips: &'s Strips,
    rows: Split,
    row_step: usize,
    /// Rows of the tensor's planes, and of the results.
    extent: usize,
    count: usize,
    /// The taps: their numbers in the kernel, and where they read for the first result.
    taps: Vec<(usize, usize)>,
    all_taps: bool,
    /// The planes of each phase of the rows and, within it, of the columns.
    parts: Vec<Part>,
    len: usize,
}

/// What a plane of two phases holds.
struct Part {
    /// Where it begins.
    start: usize,
    /// Its rows, and those that the tensor has.
    rows: usize,
    inside: Range<usize>,
    /// The tensor's row that is the first of these.
    row: usize,
}

/// One axis cut by phases.
struct Split {
    phases: Vec<Phase>,
    /// The taps, each with its phase and the place of its first read in it.
    taps: Vec<(Tap, usize, usize)>,
}

/// Positions `phase + index * step`, from an index on.
struct Phase {
    phase: usize,
    low: isize,
    len: usize,
}

impl Split {
    fn new(reads: &Reads) -> Self {
        let mut phases: Vec<Phase> = Vec::new();
        let mut taps = Vec::new();
        for &tap in reads
            .taps
            .iter()
            .filter(|&&tap| !reads.inside(tap).is_empty())
        {
            let step = reads.step as isize;
            let (phase, low) = (
                tap.first.rem_euclid(step) as usize,
                tap.first.div_euclid(step),
            );
            let index = phases
                .iter()
                .position(|known| known.phase == phase)
                .unwrap_or_else(|| {
                    phases.push(Phase { phase, low, len: 0 });
                    phases.len() - 1
                });
            let known = &mut phases[index];
            let end = (known.low + known.len as isize).max(low + reads.count as isize);
            known.low = known.low.min(low);
            known.len = (end - known.low) as usize;
            taps.push((tap, index, low));
        }
        let taps = taps
            .into_iter()
            .map(|(tap, index, low)| (tap, index, (low - phases[index].low) as usize))
            .collect();
        Split { phases, taps }
    }
}

impl Phase {
    /// The first place whose position is inside, and how many are.
    fn inside(&self, step: usize, extent: usize) -> (usize, usize) {
        let first = self.len.min((-self.low).max(0) as usize);
        let positions = extent.saturating_sub(self.phase).div_ceil(step) as isize;
        let end = (positions - self.low).clamp(0, self.len as isize) as usize;
        (first, end.saturating_sub(first))
    }

    fn position(&self, place: usize, step: usize) -> usize {
        (self.low + place as isize) as usize * step + self.phase
    }
}

impl Strips {
    /// Of results that read by the rules of two axes; of the rows only the step matters, and how many there may be.
    pub(crate) fn new<T: Float>(kernels: &Kernels<T>, [rows, columns]: [&Reads; 2]) -> Self {
        let split = Split::new(columns);
        let pitch = split
            .phases
            .iter()
            .map(|phase| phase.len)
            .fold(columns.count, usize::max);
        let pieces = |phase: &Phase| {
            let (first, count) = phase.inside(columns.step, columns.extent);
            let vectors = count.div_ceil(kernels.lanes);
            let band = (BAND / vectors.max(1)).clamp(1, rows.extent);
            let piece = |row: usize, start: usize| Piece {
                mask: if count - start < kernels.lanes {
                    (1 << (count - start)) - 1
                } else {
                    u32::MAX
                },
                from: (row * rows.step * columns.extent
                    + phase.position(first + start, columns.step)) as isize,
                to: row * pitch + first + start,
                last: true,
            };
            let row =
                |row: usize| (0..vectors).map(move |vector| piece(row, vector * kernels.lanes));
            ((0..band).flat_map(row).collect(), vectors)
        };
        Strips {
            pieces: split.phases.iter().map(pieces).collect(),
            columns: split,
            pitch,
            extent: columns.extent,
            count: columns.count,
            step: columns.step,
            lanes: kernels.lanes,
        }
    }

    /// The planes of some rows, with a kernel of so many columns.
    pub(crate) fn planes(&self, rows: &Reads, width: usize) -> Planes<'_> {
        let mut planes = Planes {
            strips: self,
            rows: Split::new(rows),
            row_step: rows.step,
            extent: rows.extent,
            count: rows.count,
            taps: Vec::new(),
            all_taps: false,
            parts: Vec::new(),
            len: 0,
        };
        planes.parts = planes.each_part();
        planes.len = planes.start(planes.rows.phases.len(), 0) + 2 * self.lanes;
        planes.taps = planes.each_tap(width);
        let mut numbers = planes.taps.iter().map(|&(tap, _)| tap).enumerate();
        planes.all_taps = numbers.all(|(number, tap)| number == tap);
        planes
    }
}

impl Planes<'_> {
    /// Places from a row of results to the next.
    pub(crate) fn pitch(&self) -> usize {
        self.strips.pitch
    }

    /// Vectors that hold all results.
    pub(crate) fn vectors(&self) -> usize {
        let places = (self.count - 1) * self.strips.pitch + self.strips.count;
        places.div_ceil(self.strips.lanes)
    }

    /// Places of a plane's buffer: all phases, and what the last vectors reach beyond.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Rows of each phase.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        self.rows.phases.iter().map(|phase| phase.len)
    }

    /// Where the plane of two phases begins.
    fn start(&self, row_phase: usize, column_phase: usize) -> usize {
        let rows = |phases: &[Phase]| phases.iter().map(|phase| phase.len).sum::<usize>();
        let before = rows(&self.rows.phases[..row_phase]) * self.strips.columns.phases.len();
        let own = self.rows.phases.get(row_phase).map_or(0, |phase| phase.len) * column_phase;
        (before + own) * self.strips.pitch
    }

    /// Whether all taps of the kernel read something, in their order.
    pub(crate) fn all_taps(&self) -> bool {
        self.all_taps
    }

    /// The taps that read anything: their numbers in the kernel, and where they read for the first result.
    pub(crate) fn taps(&self) -> &[(usize, usize)] {
        &self.taps
    }

    fn each_part(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for (r, rows) in self.rows.phases.iter().enumerate() {
            let (first, count) = rows.inside(self.row_step, self.extent);
            let part = |column: usize| Part {
                start: self.start(r, column),
                rows: rows.len,
                inside: first..first + count,
                row: if count == 0 {
                    0
                } else {
                    rows.position(first, self.row_step)
                },
            };
            parts.extend((0..self.strips.columns.phases.len()).map(part));
        }
        parts
    }

    fn each_tap(&self, width: usize) -> Vec<(usize, usize)> {
        let mut taps = Vec::new();
        for &(row, row_phase, row_place) in &self.rows.taps {
            for &(column, column_phase, column_place) in &self.strips.columns.taps {
                let start = self.start(row_phase, column_phase)
                    + row_place * self.strips.pitch
                    + column_place;
                taps.push((row.index * width + column.index, start));
            }
        }
        taps
    }

    /// Copies a plane of a tensor into a buffer that holds 0 left and right of where planes of these strips have anything.
    pub(crate) fn fill<T: Float>(&self, kernels: &Kernels<T>, plane: &[T], out: &mut [T]) {
        let (strips, pitch) = (self.strips, self.strips.pitch);
        assert!(
            plane.len() >= self.extent * strips.extent && out.len() >= self.len(),
            "a plane leads out of its buffer"
        );
        for (part, (pieces, vectors)) in self.parts.iter().zip(strips.pieces.iter().cycle()) {
            let out = &mut out[part.start..];
            let Range { start, end } = part.inside;
            out[..start * pitch].fill(T::default());
            // A row's last vector may write zeros into the next row, which is written after it.
            let (mut place, mut row) = (start, part.row);
            while place < end {
                let rows = match (end - place) * vectors {
                    wanted if wanted <= pieces.len() => end - place,
                    _ => pieces.len() / vectors,
                };
                let from = &plane[row * strips.extent..];
                let to = &mut out[place * pitch..];
                let pieces = &pieces[..rows * vectors];
                // SAFETY: the masks name columns of the plane's rows; the last vector ends within the buffer, which is some longer.
                unsafe { (kernels.assemble)(from.as_ptr(), strips.step, pieces, to.as_mut_ptr()) };
                (place, row) = (place + rows, row + rows * self.row_step);
            }
            out[end * pitch..part.rows * pitch].fill(T::default());
        }
    }

    /// Copies the results from their lines, where they are all of a plane's elements.
    pub(crate) fn take<T: Float>(&self, lines: &[T], plane: &mut [T]) {
        let (height, width, pitch) = (self.count, self.strips.count, self.strips.pitch);
        let lines = &lines[..(height - 1) * pitch + width];
        if pitch == width {
            return plane.copy_from_slice(lines);
        }
        let (short, rest) = if width < SHORT {
            plane.split_at_mut((height * width).saturating_sub(SHORT) / width * width)
        } else {
            plane.split_at_mut(0)
        };
        let done = short.len() / width;
        // Rows shorter than this are copied with what follows them, which the next row overwrites.
        for p in 0..done {
            let (from, to) = (p * pitch, p * width);
            let end = (from + SHORT).min(lines.len());
            if let (Some(to), Some(from)) = (
                short.get_mut(to..to + SHORT),
                lines[from..end].first_chunk::<SHORT>(),
            ) {
                to.copy_from_slice(from);
            } else {
                short[to..to + width].copy_from_slice(&lines[from..from + width]);
            }
        }
        for (p, row) in rest.chunks_mut(width).enumerate() {
            row.copy_from_slice(&lines[(done + p) * pitch..][..width]);
        }
    }
}

/// Pieces of a band of rows.
const BAND: usize = 512;

/// Elements that are copied at once.
const SHORT: usize = 16;
