//! Tensors of any layout as plain NCHW or KCRS arrays and back, for people and for the methods that compute on those.

use super::context::Context;
use super::layout::{Activations, Kernel};
use super::scratch::Operand;
use crate::buffer::zeros;
use crate::error::{Error, Result};
use crate::float::Float;

impl Activations {
    /// The tensor in this layout, from its elements in NCHW; lanes without a channel become zero.
    ///
    /// # Errors
    /// [`Error::Length`] if there are not as many elements, [`Error::Memory`] if there is no room for the result.
    pub fn pack<T: Float>(&self, nchw: &[T]) -> Result<Vec<T>> {
        let shape = [self.batch, self.channels, self.height, self.width];
        check(
            "a tensor in NCHW",
            &shape,
            nchw.len(),
            shape.iter().product(),
        )?;
        let mut tensor = zeros("a tensor", self.len())?;
        store_activations(&Context::single_threaded(), *self, nchw, &mut tensor);
        Ok(tensor)
    }

    /// The elements in NCHW of a tensor in this layout.
    ///
    /// # Errors
    /// As [`pack`](Self::pack).
    pub fn unpack<T: Float>(&self, tensor: &[T]) -> Result<Vec<T>> {
        let shape = [
            self.batch,
            self.blocks(),
            self.height,
            self.width,
            self.block,
        ];
        check("a tensor in its layout", &shape, tensor.len(), self.len())?;
        activations(&Context::single_threaded(), *self, tensor)
    }
}

impl Kernel {
    /// The kernel in this layout, from its elements in KCRS; places without an element become zero.
    ///
    /// # Errors
    /// [`Error::Length`] if there are not as many elements, [`Error::Memory`] if there is no room for the result.
    pub fn pack<T: Float>(&self, kcrs: &[T]) -> Result<Vec<T>> {
        let shape = [self.outputs, self.inputs, self.taps[0], self.taps[1]];
        check("a kernel in KCRS", &shape, kcrs.len(), self.elements())?;
        let mut tensor = zeros("a kernel", self.len())?;
        store_kernel(*self, kcrs, &mut tensor);
        Ok(tensor)
    }

    /// The elements in KCRS of a kernel in this layout.
    ///
    /// # Errors
    /// As [`pack`](Self::pack).
    pub fn unpack<T: Float>(&self, tensor: &[T]) -> Result<Vec<T>> {
        check(
            "a kernel in its layout",
            &[self.len()],
            tensor.len(),
            self.len(),
        )?;
        kernel(*self, tensor)
    }
}

fn check(what: &'static str, shape: &[usize], found: usize, expected: usize) -> Result<()> {
    if found == expected {
        Ok(())
    } else {
        Err(Error::length(what, shape, found))
    }
}

/// An activation tensor in NCHW: itself if it is, a copy otherwise.
pub(crate) fn nchw<'t, T: Float>(
    cx: &Context,
    view: Activations,
    tensor: &'t [T],
) -> Result<Operand<'t, T>> {
    if view.block == 1 {
        return Ok(Operand::Lent(tensor));
    }
    let mut plain = cx.buffer(
        "a tensor in NCHW",
        view.batch * view.channels * view.pixels(),
    )?;
    load_activations(cx, view, tensor, &mut plain);
    Ok(Operand::Made(plain))
}

/// A kernel in KCRS: itself if it is, a copy otherwise.
pub(crate) fn kcrs<'k, T: Float>(
    cx: &Context,
    view: Kernel,
    tensor: &'k [T],
) -> Result<Operand<'k, T>> {
    if view.is_kcrs() {
        return Ok(Operand::Lent(tensor));
    }
    let mut plain = cx.buffer("a kernel in KCRS", view.elements())?;
    each_place(view, |i, address| plain[i] = tensor[address]);
    Ok(Operand::Made(plain))
}

/// Lets `compute` write an activation tensor in NCHW.
pub(crate) fn write_nchw<T: Float>(
    cx: &Context,
    view: Activations,
    tensor: &mut [T],
    compute: impl FnOnce(&mut [T]) -> Result<()>,
) -> Result<()> {
    if view.block == 1 {
        return compute(tensor);
    }
    let mut plain = cx.buffer(
        "a result in NCHW",
        view.batch * view.channels * view.pixels(),
    )?;
    compute(&mut plain)?;
    store_activations(cx, view, &plain, tensor);
    Ok(())
}

/// Lets `compute` write a kernel in KCRS.
pub(crate) fn write_kcrs<T: Float>(
    cx: &Context,
    view: Kernel,
    tensor: &mut [T],
    compute: impl FnOnce(&mut [T]) -> Result<()>,
) -> Result<()> {
    if view.is_kcrs() {
        return compute(tensor);
    }
    let mut plain = cx.buffer("a kernel's gradient in KCRS", view.elements())?;
    compute(&mut plain)?;
    store_kernel(view, &plain, tensor);
    Ok(())
}

/// An activation tensor in NCHW, in another type.
pub(crate) fn activations<T: Float, U: Float>(
    cx: &Context,
    view: Activations,
    tensor: &[T],
) -> Result<Vec<U>> {
    let mut plain = zeros(
        "a tensor in NCHW",
        view.batch * view.channels * view.pixels(),
    )?;
    load_activations(cx, view, tensor, &mut plain);
    Ok(plain)
}

fn load_activations<T: Float, U: Float>(
    cx: &Context,
    view: Activations,
    tensor: &[T],
    plain: &mut [U],
) {
    cx.for_each_chunk(plain.len(), plain, view.pixels(), |plane, plain| {
        let (n, c) = (plane / view.channels, plane % view.channels);
        let from = tensor[view.address([n, c, 0, 0])..]
            .iter()
            .step_by(view.block);
        plain
            .iter_mut()
            .zip(from)
            .for_each(|(to, from)| *to = convert(*from));
    });
}

/// Writes an activation tensor from NCHW; lanes without a channel become zero.
pub(crate) fn store_activations<T: Float, U: Float>(
    cx: &Context,
    view: Activations,
    plain: &[T],
    tensor: &mut [U],
) {
    cx.for_each_chunk(tensor.len(), tensor, view.plane(), |plane, tensor| {
        let (n, block) = (plane / view.blocks(), plane % view.blocks());
        for lane in 0..view.block {
            let c = block * view.block + lane;
            let to = tensor[lane..].iter_mut().step_by(view.block);
            if c < view.channels {
                let from = &plain[(n * view.channels + c) * view.pixels()..];
                to.zip(from).for_each(|(to, from)| *to = convert(*from));
            } else {
                to.for_each(|to| *to = U::default());
            }
        }
    });
}

/// A kernel in KCRS.
pub(crate) fn kernel<T: Float, U: Float>(view: Kernel, kernel: &[T]) -> Result<Vec<U>> {
    let mut plain = zeros("a kernel in KCRS", view.elements())?;
    each_place(view, |i, address| plain[i] = convert(kernel[address]));
    Ok(plain)
}

/// Writes a kernel from KCRS; places without an element become zero.
pub(crate) fn store_kernel<T: Float, U: Float>(view: Kernel, plain: &[T], kernel: &mut [U]) {
    if view.is_ragged() {
        kernel.fill(U::default());
    }
    each_place(view, |i, address| kernel[address] = convert(plain[i]));
}

fn each_place(view: Kernel, mut visit: impl FnMut(usize, usize)) {
    let taps = view.taps[0] * view.taps[1];
    for k in 0..view.outputs {
        for c in 0..view.inputs {
            for tap in 0..taps {
                visit((k * view.inputs + c) * taps + tap, view.address(k, c, tap));
            }
        }
    }
}

fn convert<T: Float, U: Float>(value: T) -> U {
    U::from_f64(value.to_f64())
}
