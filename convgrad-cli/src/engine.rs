//! The runtime's convolution with everything chosen but the tensors, which come and go in NCHW.

use convgrad::Float;
use convgrad::conv::{self, Activations, Context, Conv2d, Kernel, Layout, Method};

use crate::failure::{Failure, Result};
use crate::memory;

/// A convolution, the method and layout to compute it by, and the threads to compute it on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Engine<'a> {
    /// The geometry.
    pub(crate) conv: Conv2d,
    /// The method.
    pub(crate) method: Method,
    /// The layout inside.
    pub(crate) layout: Layout,
    /// The threads.
    pub(crate) context: &'a Context,
}

/// One of the three tensors of a convolution (gradients look like what they belong to).
#[derive(Clone, Copy, Debug)]
enum Tensor {
    Input,
    Kernel,
    Output,
}

impl Engine<'_> {
    /// The output, from input and kernel.
    pub(crate) fn forward<T: Float>(&self, x: &[T], k: &[T]) -> Result<Vec<T>> {
        let (x, k) = (self.pack(Tensor::Input, x)?, self.pack(Tensor::Kernel, k)?);
        self.compute(Tensor::Output, |y| {
            conv::forward(
                self.context,
                &self.conv,
                self.method,
                self.layout,
                &x,
                &k,
                y,
            )
        })
    }

    /// The gradient of the input, from the kernel and the gradient of the output.
    pub(crate) fn backward_input<T: Float>(&self, k: &[T], dy: &[T]) -> Result<Vec<T>> {
        let (k, dy) = (
            self.pack(Tensor::Kernel, k)?,
            self.pack(Tensor::Output, dy)?,
        );
        self.compute(Tensor::Input, |dx| {
            conv::backward_input(
                self.context,
                &self.conv,
                self.method,
                self.layout,
                &k,
                &dy,
                dx,
            )
        })
    }

    /// The gradient of the kernel, from the input and the gradient of the output.
    pub(crate) fn backward_kernel<T: Float>(&self, x: &[T], dy: &[T]) -> Result<Vec<T>> {
        let (x, dy) = (self.pack(Tensor::Input, x)?, self.pack(Tensor::Output, dy)?);
        self.compute(Tensor::Kernel, |dk| {
            conv::backward_kernel(
                self.context,
                &self.conv,
                self.method,
                self.layout,
                &x,
                &dy,
                dk,
            )
        })
    }

    /// Fails if the machine has no room for the tensors in files and in the layout.
    pub(crate) fn ensure_memory<T>(&self) -> Result {
        memory::ensure(self.bytes_of_tensors::<T>(), "the convolution")
    }

    /// Fails if the machine has no room for the tensors, and for what gradients hold beside them.
    pub(crate) fn ensure_memory_for_gradients<T>(&self) -> Result {
        let product = |shape: [usize; 4]| {
            shape.iter().fold(1_u128, |product, &extent| {
                product.saturating_mul(extent as u128)
            })
        };
        // The paper's method brings the batch, in blocks of 16, to where the channels were, and so does the Cube; to the letter, it stores
        // the output's gradient with its inserted zeros too.
        let converted = match self.method {
            Method::Converters | Method::Literal | Method::Cube => {
                let stuffed = match self.method {
                    Method::Converters => product(self.conv.kernel_shape()),
                    _ => product(self.conv.input_gradient().input_shape()),
                };
                let [n, c, h, w] = self.conv.input_shape();
                let [_, k, p, q] = self.conv.output_shape();
                let blocks = n.next_multiple_of(16);
                stuffed
                    .saturating_add(product([blocks, c, h, w]))
                    .saturating_add(product([blocks, k, p, q]))
            }
            _ => 0,
        };
        let converted = converted.saturating_mul(size_of::<T>() as u128);
        let bytes = self.bytes_of_tensors::<T>().saturating_add(converted);
        memory::ensure(bytes, "the convolution's gradient")
    }

    fn bytes_of_tensors<T>(&self) -> u128 {
        let elements: u128 = [Tensor::Input, Tensor::Kernel, Tensor::Output]
            .iter()
            .map(|&tensor| self.len(tensor) as u128)
            .sum();
        // The definition works on copies in f64.
        let oracle = match self.method {
            Method::Direct => size_of::<f64>(),
            _ => 0,
        };
        elements * (2 * size_of::<T>() + oracle) as u128
    }

    /// How many elements a tensor has in the layout.
    fn len(&self, tensor: Tensor) -> usize {
        let formats = self.layout.formats();
        match tensor {
            Tensor::Input => Activations::input(formats.input, &self.conv).len(),
            Tensor::Kernel => Kernel::of(formats.kernel, &self.conv).len(),
            Tensor::Output => Activations::output(formats.output, &self.conv).len(),
        }
    }

    /// Runs `work` on a new tensor in the layout and returns it in NCHW.
    fn compute<T: Float>(
        &self,
        tensor: Tensor,
        work: impl FnOnce(&mut [T]) -> Result<(), convgrad::Error>,
    ) -> Result<Vec<T>> {
        let mut result = zeros(self.len(tensor))?;
        work(&mut result).map_err(Failure::runtime)?;
        if self.layout == Layout::Nchw {
            return Ok(result);
        }
        Ok(self.places(tensor).map(|place| result[place]).collect())
    }

    /// A tensor from NCHW in the layout.
    fn pack<'t, T: Float>(
        &self,
        tensor: Tensor,
        plain: &'t [T],
    ) -> Result<std::borrow::Cow<'t, [T]>> {
        if self.layout == Layout::Nchw {
            return Ok(plain.into());
        }
        let mut packed = zeros(self.len(tensor))?;
        for (place, &value) in self.places(tensor).zip(plain) {
            packed[place] = value;
        }
        Ok(packed.into())
    }

    /// Where the elements of a tensor lie, in the order of NCHW.
    fn places(&self, tensor: Tensor) -> Box<dyn Iterator<Item = usize>> {
        let formats = self.layout.formats();
        let view = match tensor {
            Tensor::Input => Activations::input(formats.input, &self.conv),
            Tensor::Output => Activations::output(formats.output, &self.conv),
            Tensor::Kernel => {
                let view = Kernel::of(formats.kernel, &self.conv);
                let taps = self.conv.taps();
                let each = move |k| {
                    (0..view.inputs)
                        .flat_map(move |c| (0..taps).map(move |tap| view.address(k, c, tap)))
                };
                return Box::new((0..view.outputs).flat_map(each));
            }
        };
        let rows = (0..view.batch).flat_map(move |n| {
            (0..view.channels).flat_map(move |c| (0..view.height).map(move |h| [n, c, h]))
        });
        Box::new(
            rows.flat_map(move |[n, c, h]| {
                (0..view.width).map(move |w| view.address([n, c, h, w]))
            }),
        )
    }
}

fn zeros<T: Float>(len: usize) -> Result<Vec<T>> {
    let mut values = Vec::new();
    values
        .try_reserve_exact(len)
        .map_err(Failure::environment)?;
    values.resize(len, T::default());
    Ok(values)
}
