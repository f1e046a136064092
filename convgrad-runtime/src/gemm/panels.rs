//! Where the micro-kernel finds a block of `b`: in its tensor, in panels of a room, or in lines of a room that several columns share.

use std::ops::Range;

use super::microkernel::Steps;
use super::source::{Block, Lent, Room, Strip};
use super::task::{Operation, Task};
use crate::float::Float;

/// Some columns of `b`, and the steps of the depth that they need.
pub(super) struct Part {
    pub(super) columns: Range<usize>,
    pub(super) steps: Steps,
    place: Place,
}

/// A tile's columns of `b`.
pub(super) struct Panel<T> {
    /// The first row.
    pub(super) start: *const T,
    /// From row to row, and beside that from a period of the depth to the next.
    pub(super) row: usize,
    pub(super) gap: usize,
    /// From what is read to what will be read next time.
    pub(super) ahead: usize,
}

/// Where a part lies.
enum Place {
    /// In panels, which begin there in the room.
    Panels(Panels, usize),
    /// As the source has laid it out.
    Strip(Strip),
}

/// A block of `b` where the micro-kernel finds it.
struct Panels {
    /// In the tensor, as long as whole grains are there.
    lent: Option<Lent>,
    /// In the room.
    room: Room,
    /// The first column that is in the room.
    packed_from: usize,
}

/// Rows of a strip by which the cache is asked ahead.
const AHEAD: usize = 8;

impl<T: Float> Operation<'_, T> {
    /// Elements of the room for a block of `b`: for the stretch that needs most, or whole panels for every part of the task's columns.
    pub(super) fn room_of_b(&self, task: &Task) -> usize {
        let block = |rows: &Range<usize>| Block {
            group: task.group,
            rows: rows.clone(),
            columns: task.columns.clone(),
        };
        let width = self.kernels.columns();
        let laid_out = task
            .stretches
            .iter()
            .filter_map(|rows| self.b.laid_out(self.kernels, &block(rows)))
            .map(|laid_out| laid_out.room);
        laid_out.max().unwrap_or_else(|| {
            let parts = self.b.parts(&block(&(0..0))).into_iter();
            let columns = parts.map(|(columns, _)| columns.next_multiple_of(width));
            self.blocks.depth * columns.sum::<usize>()
        })
    }

    /// The parts of a block of `b`, each with its place in the room.
    pub(super) fn parts(&self, block: &Block, room: &mut [T]) -> Vec<Part> {
        let mut columns = block.columns.start..block.columns.start;
        let width = self.kernels.columns();
        if let Some(laid_out) = self.b.laid_out(self.kernels, block) {
            let whole = Room {
                row: 0,
                width,
                panel: 0,
            };
            self.b.read(self.kernels, block, whole, room);
            let part = |strip: Strip| {
                columns = columns.end..columns.end + strip.columns;
                let rows = strip.len * strip.count;
                let last = strip.offset + (rows - 1) * strip.row + (strip.count - 1) * strip.gap;
                assert!(
                    rows == block.rows.len() && last + width <= room.len(),
                    "a strip leads out of its room"
                );
                Part {
                    columns: columns.clone(),
                    steps: Steps {
                        start: 0,
                        len: strip.len,
                        period: strip.len,
                        count: strip.count,
                    },
                    place: Place::Strip(strip),
                }
            };
            return laid_out.strips.into_iter().map(part).collect();
        }
        let mut end = 0;
        let part = |(count, steps): (usize, Steps)| {
            columns = columns.end..columns.end + count;
            let start = end;
            end += count.next_multiple_of(width) * block.rows.len();
            let block = Block {
                columns: columns.clone(),
                ..block.clone()
            };
            Part {
                columns: columns.clone(),
                steps,
                place: Place::Panels(self.panels(&block, &mut room[start..end]), start),
            }
        };
        self.b.parts(block).into_iter().map(part).collect()
    }

    /// Reads a block of `b` unless it can stay where it is; columns that fill no grain are always read.
    fn panels(&self, block: &Block, room: &mut [T]) -> Panels {
        let (width, columns) = (self.kernels.columns(), block.columns.len());
        let lent = self
            .b
            .lent(block)
            .filter(|lent| lent.column == 1 || columns == 1);
        let packed_from = if lent.is_some() {
            columns / width * width
        } else {
            0
        };
        let whole = columns.is_multiple_of(self.kernels.grain);
        let panels = Panels {
            lent,
            room: Room {
                row: width,
                width,
                panel: width * block.rows.len(),
            },
            packed_from: if lent.is_some() && whole {
                columns
            } else {
                packed_from
            },
        };
        if panels.packed_from < columns {
            let rest = Block {
                columns: block.columns.start + panels.packed_from..block.columns.end,
                ..block.clone()
            };
            let at = panels.room.place(0, panels.packed_from);
            self.b
                .read(self.kernels, &rest, panels.room, &mut room[at..]);
        }
        panels
    }
}

impl Part {
    /// The panel of a column's tile.
    pub(super) fn panel<T>(&self, column: usize, tensor: &[T], room: &[T]) -> Panel<T> {
        match &self.place {
            Place::Panels(panels, start) => {
                panels.find(column - self.columns.start, tensor, &room[*start..])
            }
            Place::Strip(strip) => Panel {
                start: room[strip.offset..].as_ptr(),
                row: strip.row,
                gap: strip.gap,
                ahead: AHEAD * strip.row,
            },
        }
    }
}

impl Panels {
    fn find<T>(&self, column: usize, tensor: &[T], room: &[T]) -> Panel<T> {
        match self.lent {
            Some(lent) if column < self.packed_from => Panel {
                start: tensor[lent.offset + column..].as_ptr(),
                row: lent.row,
                gap: 0,
                ahead: self.room.width,
            },
            _ => Panel {
                start: room[self.room.place(0, column)..].as_ptr(),
                row: self.room.row,
                gap: 0,
                ahead: self.room.panel,
            },
        }
    }
}
