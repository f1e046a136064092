//! What the definitions are written with: tensors that are permuted, reshaped, padded and cut, as in NumPy.

use convgrad::ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, Slice, concatenate, stack};

/// A tensor of numbers.
pub(super) type Tensor = ArrayD<i32>;

/// A tensor of this shape that holds 1, 2, 3, …, so that no two of its elements are alike and none is a fill.
pub(super) fn numbered(shape: &[usize]) -> Tensor {
    let count: usize = shape.iter().product();
    let numbers = (1..=count).map(|k| i32::try_from(k).unwrap());
    Tensor::from_shape_vec(IxDyn(shape), numbers.collect()).unwrap()
}

/// `numpy.transpose(x, axes)`
pub(super) fn permute(x: &Tensor, axes: &[usize]) -> Tensor {
    let permuted = x.view().permuted_axes(IxDyn(axes));
    permuted.as_standard_layout().into_owned()
}

/// `numpy.reshape(x, shape)`
pub(super) fn reshape(x: &Tensor, shape: &[usize]) -> Tensor {
    Tensor::from_shape_vec(IxDyn(shape), x.iter().copied().collect()).unwrap()
}

/// Zeros before and behind an axis.
pub(super) fn pad(x: &Tensor, axis: usize, before: usize, behind: usize) -> Tensor {
    let zeros = |extent| {
        let mut shape = x.shape().to_vec();
        shape[axis] = extent;
        Tensor::zeros(IxDyn(&shape))
    };
    join(
        axis,
        &[zeros(before).view(), x.view(), zeros(behind).view()],
    )
}

/// `numpy.concatenate(parts, axis)`
pub(super) fn join(axis: usize, parts: &[ArrayViewD<'_, i32>]) -> Tensor {
    let joined = concatenate(Axis(axis), parts).unwrap();
    joined.as_standard_layout().into_owned()
}

/// `numpy.stack(parts)`
pub(super) fn pile(parts: &[Tensor]) -> Tensor {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    stack(Axis(0), &views).unwrap()
}

/// `x[start :: step][: count]` of an axis.
pub(super) fn take(x: &Tensor, axis: usize, start: usize, step: usize, count: usize) -> Tensor {
    let end = if count == 0 {
        start
    } else {
        start + (count - 1) * step + 1
    };
    let slice = Slice::new(start as isize, Some(end as isize), step as isize);
    let taken = x.slice_axis(Axis(axis), slice);
    taken.as_standard_layout().into_owned()
}

/// The first elements of an axis.
pub(super) fn first(x: &Tensor, axis: usize, count: usize) -> Tensor {
    take(x, axis, 0, 1, count)
}

/// `numpy.flip(x, axis)`
pub(super) fn reversed(x: &Tensor, axis: usize) -> Tensor {
    let mut view = x.view();
    view.invert_axis(Axis(axis));
    view.as_standard_layout().into_owned()
}

/// `numpy.roll(x, by, axis)`
pub(super) fn rolled(x: &Tensor, axis: usize, by: isize) -> Tensor {
    let extent = x.shape()[axis];
    if extent == 0 {
        return x.clone();
    }
    let by = by.rem_euclid(extent as isize) as usize;
    let (front, back) = x.view().split_at(Axis(axis), extent - by);
    join(axis, &[back, front])
}

/// An axis in blocks: filled up with zeros to a multiple of `block`, then cut into two axes.
pub(super) fn blocks(x: &Tensor, axis: usize, block: usize) -> Tensor {
    let extent = x.shape()[axis];
    let count = extent.div_ceil(block);
    let padded = pad(x, axis, 0, count * block - extent);
    let mut shape = x.shape().to_vec();
    shape.splice(axis..=axis, [count, block]);
    reshape(&padded, &shape)
}

/// Two neighbouring axes become one.
pub(super) fn merge(x: &Tensor, axis: usize) -> Tensor {
    let mut shape = x.shape().to_vec();
    let both = shape[axis] * shape[axis + 1];
    shape.splice(axis..=axis + 1, [both]);
    reshape(x, &shape)
}

/// The adjoint of a definition: every element of `y` goes to the place that the definition's output reads there.
pub(super) fn adjoint(shape: &[usize], define: impl Fn(&Tensor) -> Tensor, y: &Tensor) -> Tensor {
    let places = define(&numbered(shape));
    assert_eq!(places.shape(), y.shape());
    let mut x = vec![0; shape.iter().product()];
    for (&place, &y) in places.iter().zip(y) {
        if place > 0 {
            x[place as usize - 1] += y;
        }
    }
    Tensor::from_shape_vec(IxDyn(shape), x).unwrap()
}
