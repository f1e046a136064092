//! A product from beginning to end: over the stretches of its depth, with the tasks of each.

use std::ops::Range;

use super::blocking::Plan;
use super::microkernel::{Kernels, host};
use super::packed::Packed;
use super::places::Places;
use super::source::{Block, Cuts, Source};
use super::target::Target;
use super::task::{Operation, Task};
use super::{Shape, Write};
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// Computes `c = a * b` or `c += a * b` for each group.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
///
/// # Panics
/// If k is 0: a defect of the caller.
pub(crate) fn product<T: Float>(
    cx: &Context,
    shape: Shape,
    a: &dyn Source<T>,
    b: &dyn Source<T>,
    c: &Target<T>,
    write: Write,
) -> Result<()> {
    assert!(shape.k > 0, "an empty sum has no product: {shape:?}");
    if shape.batch == 0 || shape.m == 0 || shape.n == 0 {
        return Ok(());
    }
    let kernels = host();
    let a_moves = !a.goes_by_rows() && !a.goes_by_columns();
    let kept = a_moves && a.is_worth_keeping();
    let moves = [a_moves && !kept, !b.goes_by_rows()];
    let cuts = b.cuts(kernels);
    let cuts = Cuts {
        run: cuts.run.or_else(|| a.run().filter(|_| a.goes_by_rows())),
        ..cuts
    };
    let plan = Plan::new(kernels, shape, moves, cuts, cx.threads());
    let plan = match a.stretches().or_else(|| b.stretches()) {
        Some(stretches) => plan.by(kernels, stretches),
        None => plan,
    };
    let product = Product {
        kernels,
        shape,
        plan,
        b,
        c,
        add: write == Write::Add,
    };
    if product.plan.is_long() {
        product.sum_apart(cx, a)
    } else if kept {
        product.keep(cx, a)
    } else {
        product.compute(cx, a, product.plan.stretches(), product.add)
    }
}

/// All but the first operand.
struct Product<'p, T: 'static> {
    kernels: &'p Kernels<T>,
    shape: Shape,
    plan: Plan,
    b: &'p dyn Source<T>,
    c: &'p Target<'p, T>,
    add: bool,
}

impl<T: Float> Product<'_, T> {
    fn operation<'p>(&'p self, a: &'p dyn Source<T>, c: &'p Target<'p, T>) -> Operation<'p, T> {
        Operation {
            kernels: self.kernels,
            blocks: self.plan.blocks(),
            a,
            b: self.b,
            c,
        }
    }

    /// Computes all tasks over some stretches of the depth.
    fn compute(
        &self,
        cx: &Context,
        a: &dyn Source<T>,
        stretches: &[Range<usize>],
        add: bool,
    ) -> Result<()> {
        let operation = self.operation(a, self.c);
        self.plan.each(cx, self.plan.tasks(), |i| {
            let (group, rows, columns) = self.plan.task(i);
            let task = Task {
                group,
                rows,
                columns,
                stretches,
                matrix: group,
                add,
            };
            // SAFETY: no two tasks share an element.
            unsafe { operation.run(cx, &task) }
        })
    }

    /// With the first operand read once, as many stretches of it as there is room for at a time, and used by all tasks.
    fn keep(&self, cx: &Context, a: &dyn Source<T>) -> Result<()> {
        let Shape { batch, m, .. } = self.shape;
        let longest = self.plan.blocks().depth;
        let together = (Packed::<T>::most(batch * m) / longest).max(1);
        let stretches = self.plan.stretches();
        let most = longest * together.min(stretches.len());
        let mut room = Packed::room(cx, batch * m, most)?;
        for (i, stretches) in stretches.chunks(together).enumerate() {
            let a = Packed::read_stretches(cx, a, self.kernels, [batch, m], stretches, &mut room);
            self.compute(cx, &a, stretches, self.add || i > 0)?;
        }
        Ok(())
    }

    /// Where there are too few elements for all threads: stretches of the depth give sums of their own, which are added up in their order.
    fn sum_apart(&self, cx: &Context, a: &dyn Source<T>) -> Result<()> {
        let Shape { batch, m, n, .. } = self.shape;
        let (size, stretches) = (batch * m * n, self.plan.stretches());
        let together = self.plan.together::<T>(cx.threads());
        let matrices = if together == 1 { 1 } else { 1 + together };
        let mut sums = cx.buffer::<T>("the sums of parts of a product", matrices * size)?;
        let places = Places::steady(matrices * batch * m, n)?;
        for (round, stretches) in stretches.chunks(together).enumerate() {
            // The first matrix is the sum.
            let first = usize::from(together > 1 && round > 0);
            let target = Target::new(&mut sums, places.clone(), Places::steady(n, 1)?, [m, 0]);
            let operation = self.operation(a, &target);
            let tasks = self.plan.tasks();
            self.plan.each(cx, tasks * stretches.len(), |i| {
                let (group, rows, columns) = self.plan.task(i % tasks);
                let part = i / tasks;
                let task = Task {
                    group,
                    rows,
                    columns,
                    stretches: &stretches[part..=part],
                    matrix: (first + part) * batch + group,
                    add: together == 1 && round > 0,
                };
                // SAFETY: no two tasks share an element, and no two stretches a matrix.
                unsafe { operation.run(cx, &task) }
            })?;
            if together > 1 {
                let (total, others) = sums.split_at_mut(size);
                for other in others.chunks(size).take(first + stretches.len() - 1) {
                    for (total, &other) in total.iter_mut().zip(other) {
                        *total += other;
                    }
                }
            }
        }
        for (group, total) in sums[..size].chunks(m * n).enumerate() {
            let block = Block {
                group,
                rows: 0..m,
                columns: 0..n,
            };
            // SAFETY: nobody else writes it any more.
            unsafe { self.c.put(cx, self.kernels, &block, (total, n), self.add)? };
        }
        Ok(())
    }
}
