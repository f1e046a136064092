//! The innermost loops of the methods, over one row of pixels.

use crate::float::Float;
use crate::gemm::Kernels;

/// Independent partial sums of a dot product, so that it is not one long chain of additions.
const SUMS: usize = 16;

/// `to[i] += a * from[i * step]`
pub(crate) fn axpy<T: Float>(to: &mut [T], a: T, from: &[T], step: usize) {
    if step == 1 {
        to.iter_mut()
            .zip(from)
            .for_each(|(to, &from)| *to += a * from);
    } else {
        to.iter_mut()
            .zip(from.iter().step_by(step))
            .for_each(|(to, &from)| *to += a * from);
    }
}

/// `to[i * step] += a * from[i]`
pub(crate) fn axpy_into<T: Float>(to: &mut [T], step: usize, a: T, from: &[T]) {
    if step == 1 {
        axpy(to, a, from, 1);
    } else {
        to.iter_mut()
            .step_by(step)
            .zip(from)
            .for_each(|(to, &from)| *to += a * from);
    }
}

/// The sum of `a[i] * b[i * step]` over all of `a`.
pub(crate) fn dot<T: Float>(a: &[T], b: &[T], step: usize) -> T {
    if step != 1 {
        return a
            .iter()
            .zip(b.iter().step_by(step))
            .map(|(&a, &b)| a * b)
            .sum();
    }
    let b = &b[..a.len()];
    let mut sums = [T::default(); SUMS];
    let (a_chunks, a_rest) = a.as_chunks::<SUMS>();
    let (b_chunks, b_rest) = b.as_chunks::<SUMS>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for i in 0..SUMS {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: T = a_rest.iter().zip(b_rest).map(|(&a, &b)| a * b).sum();
    sums.into_iter().sum::<T>() + rest
}

/// Writes a row whose columns `phase, phase + stride, …` come from the line of each phase.
pub(crate) fn join<'l, T: Float>(
    kernels: &Kernels<T>,
    row: &mut [T],
    stride: usize,
    line: impl Fn(usize) -> &'l [T],
) {
    match stride.min(row.len()) {
        1 => {
            let len = row.len();
            row.copy_from_slice(&line(0)[..len]);
        }
        2 if stride == 2 => {
            let (pairs, rest) = row.as_chunks_mut::<2>();
            let (even, odd) = (line(0), line(1));
            kernels.interleave(even, odd, pairs);
            rest.iter_mut()
                .zip(&even[pairs.len()..])
                .for_each(|(to, from)| *to = *from);
        }
        phases => {
            for phase in 0..phases {
                row[phase..]
                    .iter_mut()
                    .step_by(stride)
                    .zip(line(phase))
                    .for_each(|(to, from)| *to = *from);
            }
        }
    }
}
