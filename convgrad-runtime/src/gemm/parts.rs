//! A product that is never a whole: its caller asks for one part after the other, and does with it what he likes while it is in the cache.

use std::ops::Range;

use super::Shape;
use super::blocking::Plan;
use super::microkernel::{Kernels, host};
use super::places::Places;
use super::source::{Cuts, Source};
use super::target::Target;
use super::task::{Operation, Task};
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// The product of two operands, group by group, of which any rows and columns may be computed.
///
/// The stretches of the depth follow from the shape of the whole, so that an element has the same bits in whatever part it is computed.
pub(crate) struct Parts<'p, T: 'static> {
    kernels: &'static Kernels<T>,
    plan: Plan,
    a: &'p dyn Source<T>,
    b: &'p dyn Source<T>,
}

impl<'p, T: Float> Parts<'p, T> {
    /// # Panics
    /// If k is 0: a defect of the caller.
    pub(crate) fn new(
        kernels: &'static Kernels<T>,
        shape: Shape,
        a: &'p dyn Source<T>,
        b: &'p dyn Source<T>,
    ) -> Self {
        assert!(shape.k > 0, "an empty sum has no product: {shape:?}");
        Parts {
            kernels,
            plan: plan(kernels, shape),
            a,
            b,
        }
    }

    /// The kernels that compute it.
    pub(crate) fn kernels(&self) -> &'static Kernels<T> {
        self.kernels
    }

    /// The longest stretch of the depth of a product.
    pub(crate) fn longest_stretch(shape: Shape) -> usize {
        plan(host::<T>(), shape).blocks().depth
    }

    /// Computes some rows and columns of a group into rows that lie `line` apart.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
    ///
    /// # Panics
    /// If the room does not hold them: a defect of the caller.
    pub(crate) fn compute(
        &self,
        cx: &Context,
        group: usize,
        [rows, columns]: [Range<usize>; 2],
        (room, line): (&mut [T], usize),
    ) -> Result<()> {
        if rows.is_empty() || columns.is_empty() {
            return Ok(());
        }
        let sides = [
            Places::steady(rows.len(), line)?,
            Places::steady(columns.len(), 1)?,
        ];
        let first = [rows.start, columns.start];
        let [row_places, column_places] = sides;
        let target = Target::new(room, row_places, column_places, [0, 0]).from(first);
        let operation = Operation {
            kernels: self.kernels,
            blocks: self.plan.blocks(),
            a: self.a,
            b: self.b,
            c: &target,
        };
        let task = Task {
            group,
            rows,
            columns,
            stretches: self.plan.stretches(),
            matrix: 0,
            add: false,
        };
        // SAFETY: the room is the caller's alone.
        unsafe { operation.run(cx, &task) }
    }
}

/// Whatever must be moved, and whatever the threads.
fn plan<T>(kernels: &Kernels<T>, shape: Shape) -> Plan {
    Plan::new(kernels, shape, [true, true], Cuts::panels(kernels), 1)
}
