//! The definition of `swizzle.cg`.

use super::row::Row;
use super::tensor::Tensor;

/// CuTe's definition, bit by bit: of the B bits from M on, each is changed by the one that lies S places higher.
fn swizzled(x: &Tensor, bits: usize, base: usize, shift: usize) -> Tensor {
    Tensor::from_shape_fn(x.shape(), |at| {
        let mut place = at[0];
        for bit in base..base + bits {
            if at[0] & (1 << (bit + shift)) != 0 {
                place ^= 1 << bit;
            }
        }
        x[[place]]
    })
}

pub(super) const SWIZZLE: &[Row] = &[Row {
    name: "swizzle",
    sizes: &["K=1", "K=8", "K=21"],
    free: "y???",
    input: |s| vec![s["K"] * 128],
    define: |_, x| swizzled(x, 3, 4, 3),
}];
