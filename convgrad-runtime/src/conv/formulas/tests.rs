//! The formulas against loops that place every element by itself.

use proptest::prelude::*;

use super::super::layout::{Activations, Kernel};
use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore = "too large to check each access")]
    fn converters_place_every_element(
        n in 1usize..20, groups in 1usize..4, c in 1usize..20, k in 1usize..20,
        input in prop::array::uniform2(3usize..7), taps in prop::array::uniform2(1usize..4), stride in prop::array::uniform2(1usize..4),
    ) {
        let conv = Conv2d::builder([n, c * groups, input[0], input[1]], [k * groups, c, taps[0], taps[1]])
            .stride(stride)
            .groups(groups)
            .build()
            .unwrap();
        let cx = Context::single_threaded();
        for layout in Layout::ALL {
            let formats = layout.formats();
            let (input, output) = (conv.input_shape(), conv.output_shape());
            let x = numbered(&Activations::new(formats.input, input).pack(&ones(input)).unwrap());
            let dy = numbered(&Activations::new(formats.output, output).pack(&ones(output)).unwrap());
            let kernel = numbered(&Kernel::of(formats.kernel, &conv).pack(&ones(conv.kernel_shape())).unwrap());
            prop_assert_eq!(super::strided(&cx, layout, output, stride, &dy).unwrap().to_vec(), strided(layout, output, stride, &dy));
            prop_assert_eq!(super::flip_rot(&cx, layout, &conv, &kernel).unwrap().to_vec(), flip_rot(layout, &conv, &kernel));
            prop_assert_eq!(super::t_nc(&cx, layout, input, &x).unwrap().to_vec(), t_nc(layout, input, &x));
            prop_assert_eq!(super::t_ncf(&cx, layout, output, &dy).unwrap().to_vec(), t_ncf(layout, output, &dy));

            let one = conv.kernel_gradient().output_shape();
            let results = Activations::new(formats.output, one).pack(&ones(one)).unwrap().repeat(groups);
            let results = numbered(&results);
            let mut dk = vec![f32::NAN; kernel.len()];
            super::collect(layout, &conv, &results, &mut dk).unwrap();
            prop_assert_eq!(dk, collect(layout, &conv, &results));
        }
    }
}

fn ones(shape: [usize; 4]) -> Vec<f32> {
    vec![1.0; shape.iter().product()]
}

/// Every element that is not padding gets a number of its own.
fn numbered(tensor: &[f32]) -> Vec<f32> {
    tensor
        .iter()
        .enumerate()
        .map(|(i, x)| x * (i + 1) as f32)
        .collect()
}

fn strided(layout: Layout, [n, k, p, q]: [usize; 4], [v, u]: [usize; 2], dy: &[f32]) -> Vec<f32> {
    let from = Activations::new(layout.formats().output, [n, k, p, q]);
    let to = Activations::new(
        layout.formats().output,
        [n, k, (p - 1) * v + 1, (q - 1) * u + 1],
    );
    let mut y = vec![0.0; to.len()];
    each([n, k, p, q], |[n, k, p, q]| {
        y[to.address([n, k, p * v, q * u])] = dy[from.address([n, k, p, q])]
    });
    y
}

fn flip_rot(layout: Layout, conv: &Conv2d, kernel: &[f32]) -> Vec<f32> {
    let from = Kernel::of(layout.formats().kernel, conv);
    let to = Kernel::of(layout.formats().kernel, &conv.input_gradient());
    let (ci, ki) = (conv.group_inputs(), conv.group_outputs());
    let mut y = vec![0.0; to.len()];
    each(
        [conv.output_channels(), ci, 1, conv.taps()],
        |[k, c, _, tap]| {
            y[to.address(k / ki * ci + c, k % ki, conv.taps() - 1 - tap)] =
                kernel[from.address(k, c, tap)];
        },
    );
    y
}

fn t_nc(layout: Layout, shape @ [n, c, h, w]: [usize; 4], x: &[f32]) -> Vec<f32> {
    let from = Activations::new(layout.formats().input, shape);
    let to = Activations::new(layout.formats().input, [c, n, h, w]);
    let mut y = vec![0.0; to.len()];
    each(shape, |[n, c, h, w]| {
        y[to.address([c, n, h, w])] = x[from.address([n, c, h, w])]
    });
    y
}

fn t_ncf(layout: Layout, shape @ [n, c, h, w]: [usize; 4], x: &[f32]) -> Vec<f32> {
    let from = Activations::new(layout.formats().output, shape);
    let to = Kernel::new(layout.formats().kernel, [c, n, h, w]);
    let mut y = vec![0.0; to.len()];
    each(shape, |[n, c, i, j]| {
        y[to.address(c, n, i * w + j)] = x[from.address([n, c, i, j])]
    });
    y
}

fn collect(layout: Layout, conv: &Conv2d, results: &[f32]) -> Vec<f32> {
    let one = conv.kernel_gradient().output_shape();
    let [ci, ki, ..] = one;
    let [_, _, r, s] = conv.kernel_shape();
    let from = Activations::new(layout.formats().output, one);
    let to = Kernel::of(layout.formats().kernel, conv);
    let mut dk = vec![0.0; to.len()];
    for g in 0..conv.groups() {
        each([ci, ki, r, s], |[c, k, i, j]| {
            dk[to.address(g * ki + k, c, i * s + j)] =
                results[g * from.len() + from.address([c, k, i, j])];
        });
    }
    dk
}

fn each([a, b, c, d]: [usize; 4], mut f: impl FnMut([usize; 4])) {
    for i in 0..a * b * c * d {
        f([i / (b * c * d), i / (c * d) % b, i / d % c, i % d]);
    }
}
