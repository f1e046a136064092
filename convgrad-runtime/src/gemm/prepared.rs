//! An operand laid out once for many products.
//!
//! A kernel that stays the same may be read beforehand, in the order in which its products go through it, so that none of them turns it over,
//! picks its taps or copies rows that compete for a cache. Nothing is summed in another order than without: the stretches of the depth
//! are those of the product that reads the matrix itself, also where the prepared one is the other way round.

use std::ops::Range;

use super::blocking::{Plan, line};
use super::microkernel::{Kernels, host};
use super::packed::Packed;
use super::source::{Block, Cuts, Lent, Matrix, Room, Source};
use super::{Shape, Sides, is_turned};
use crate::buffer::filled;
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// The first operand of a product, read beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Prepared<T> {
    data: Vec<T>,
    /// Rows of a group, and their length.
    rows: usize,
    columns: usize,
    /// From a row to the next.
    line: usize,
    form: Form,
    /// Whether the matrix itself goes by rows in this place, or need not be asked.
    by_rows: bool,
    /// The stretches of the product without it, where they would not come out by themselves.
    stretches: Option<Vec<Range<usize>>>,
}

/// How it is laid out, and where it stands in its products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The first operand, row by row.
    Rows,
    /// The first operand, column by column.
    Columns,
    /// The second operand: turned over, row by row.
    Turned,
}

/// Steps of the depth from which on a result that must be turned over is worth a prepared kernel that is.
const DEEP: usize = 256;

impl<T: Float> Prepared<T> {
    /// For products with another matrix that lies as `b` says, into one that goes by rows or not.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for it.
    pub(crate) fn for_matrix(
        matrix: Matrix<T>,
        shape: Shape,
        b: Sides,
        c_by_rows: bool,
    ) -> Result<Self> {
        let kernels = host::<T>();
        let a = Sides {
            by_rows: matrix.goes_by_rows(),
            by_columns: matrix.goes_by_columns(),
        };
        let both = Sides {
            by_rows: true,
            by_columns: true,
        };
        let was_turned = is_turned(kernels, shape, a, b, c_by_rows);
        let turned = if was_turned || shape.k >= DEEP {
            is_turned(kernels, shape, both, b, c_by_rows)
        } else {
            false
        };
        let form = match a {
            _ if turned => Form::Turned,
            // What is read by columns where it lies stays so.
            Sides {
                by_rows: false,
                by_columns: true,
            } => Form::Columns,
            _ => Form::Rows,
        };
        let mut prepared = Self::new(matrix, shape, form)?;
        if turned != was_turned {
            let (shape, second) = if was_turned {
                (shape.transposed(), a.by_columns)
            } else {
                (shape, b.by_rows)
            };
            let plan = Plan::new(kernels, shape, [false, !second], Cuts::panels(kernels), 1);
            (prepared.by_rows, prepared.stretches) = (true, Some(plan.stretches().to_vec()));
        }
        Ok(prepared)
    }

    /// For products that read it as their first operand, or turned over as their second.
    ///
    /// # Errors
    /// As [`for_matrix`](Self::for_matrix).
    pub(crate) fn for_source(matrix: Matrix<T>, shape: Shape, turned: bool) -> Result<Self> {
        let form = if turned { Form::Turned } else { Form::Rows };
        Self::new(matrix, shape, form)
    }

    fn new(matrix: Matrix<T>, shape: Shape, form: Form) -> Result<Self> {
        let (matrix, [rows, columns]) = match form {
            Form::Rows => (matrix, [shape.m, shape.k]),
            Form::Columns | Form::Turned => (matrix.transposed(), [shape.k, shape.m]),
        };
        let line = line::<T>(columns);
        let extents = [shape.batch, rows, line];
        let mut data = filled("a prepared kernel", &extents, T::default())?;
        Packed::read(
            &Context::single_threaded(),
            &matrix,
            host(),
            [shape.batch, rows],
            (0..columns, line),
            &mut data,
        );
        Ok(Prepared {
            data,
            rows,
            columns,
            line,
            form,
            by_rows: form == Form::Rows || form == Form::Turned && matrix.goes_by_rows(),
            stretches: None,
        })
    }

    /// Whether it is the second operand of its products.
    pub(crate) fn is_turned(&self) -> bool {
        self.form == Form::Turned
    }

    /// How many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() * size_of::<T>()
    }

    fn packed(&self) -> Packed<'_, T> {
        Packed::whole(&self.data, self.rows, self.columns, self.line)
    }
}

impl<T: Float> Source<T> for Prepared<T> {
    fn tensor(&self) -> &[T] {
        &self.data
    }

    fn goes_by_rows(&self) -> bool {
        self.by_rows
    }

    fn goes_by_columns(&self) -> bool {
        self.form == Form::Columns
    }

    fn stretches(&self) -> Option<&[Range<usize>]> {
        self.stretches.as_deref()
    }

    fn lent(&self, block: &Block) -> Option<Lent> {
        if self.form != Form::Columns {
            return self.packed().lent(block);
        }
        let lent = self.packed().lent(&Block {
            group: block.group,
            rows: block.columns.clone(),
            columns: block.rows.clone(),
        })?;
        Some(Lent {
            offset: lent.offset,
            row: lent.column,
            column: lent.row,
        })
    }

    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        if let Some(lent) = self.lent(block) {
            let extents = [block.rows.len(), block.columns.len()];
            super::pack::copy(kernels, &self.data, lent, out, room.row, extents);
            super::pad(kernels, block, room, out);
        }
    }
}
