//! Values: against f64, bit for bit against f16-in-f32-sum definitions, adjointness, layouts, threads.

use proptest::prelude::*;

use super::definition::{self, Place, halves_sum, term};
use super::support::{Random, Run, dot, geometry, seed, to_f32};
use crate::conv::{Activations, Context, Conv2d, Kernel, Layout};
use crate::cube::{self, Scheme};
use crate::error::Error;

/// Random x, kernel and dy of a convolution.
fn operands(conv: &Conv2d, random: &mut Random) -> [Vec<f64>; 3] {
    [conv.input_shape(), conv.kernel_shape(), conv.output_shape()].map(|shape| random.tensor(shape))
}

/// y, dx and dk by every scheme, in NCHW.
fn everything(
    conv: &Conv2d,
    [x, kernel, dy]: &[Vec<f64>; 3],
) -> (Vec<f64>, Vec<f64>, [Vec<f64>; 3]) {
    let run = Run {
        conv,
        formats: Layout::Nchw.formats(),
    };
    (
        run.forward(x, kernel).unwrap().0,
        run.backward_input(kernel, dy).unwrap().0,
        Scheme::ALL.map(|scheme| run.backward_kernel(x, dy, scheme).unwrap().0),
    )
}

/// The numbers of channel `c0 + 16 * c1`, block by block: `between` runs between the blocks and the lanes.
fn blocked<T>(
    channels: usize,
    between: impl Iterator<Item = T> + Clone,
) -> impl Iterator<Item = (usize, T)>
where
    T: Clone,
{
    (0..channels).step_by(16).flat_map(move |first| {
        between
            .clone()
            .flat_map(move |t| (first..channels.min(first + 16)).map(move |c| (c, t.clone())))
    })
}

fn grid([rows, columns]: [usize; 2]) -> impl Iterator<Item = [usize; 2]> + Clone {
    (0..rows * columns).map(move |i| [i / columns, i % columns])
}

/// The forward sums in the Cube's order of k: (c1, r, s, c0).
fn exact_forward(conv: &Conv2d, x: &[f32], kernel: &[f32]) -> Vec<f32> {
    let [_, outputs, p, q] = conv.output_shape();
    let [_, inputs, r, s] = conv.kernel_shape();
    let output = |i: usize| {
        let (n, k, pixel) = (
            i / (outputs * p * q),
            i / (p * q) % outputs,
            [i / q % p, i % q],
        );
        halves_sum(blocked(inputs, grid([r, s])).map(|(c, tap)| {
            let t = term(
                conv,
                &Place {
                    n,
                    k,
                    c,
                    pixel,
                    tap,
                },
            );
            (t.x.map_or(0.0, |i| x[i]), kernel[t.kernel])
        }))
    };
    (0..conv.output_shape().iter().product())
        .map(output)
        .collect()
}

/// The sums of the input's gradient in the Cube's order: (k1, turned taps, k0).
fn exact_backward_input(conv: &Conv2d, kernel: &[f32], dy: &[f32]) -> Vec<f32> {
    let [_, channels, h, w] = conv.input_shape();
    let [outputs, inputs, r, s] = conv.kernel_shape();
    let [_, _, p, q] = conv.output_shape();
    let per_group = outputs / conv.groups();
    let input = |i: usize| {
        let (n, channel) = (i / (channels * h * w), i / (h * w) % channels);
        let (g, c) = (channel / inputs, channel % inputs);
        halves_sum(blocked(per_group, grid([r, s])).map(|(k, turned)| {
            let (k, tap) = (g * per_group + k, [r - 1 - turned[0], s - 1 - turned[1]]);
            // At most one output pixel reads this input by this tap.
            let places = grid([p, q]).map(|pixel| {
                term(
                    conv,
                    &Place {
                        n,
                        k,
                        c,
                        pixel,
                        tap,
                    },
                )
            });
            places
                .into_iter()
                .find(|t| t.x == Some(i))
                .map_or((0.0, 0.0), |t| (dy[t.y], kernel[t.kernel]))
        }))
    };
    (0..conv.input_shape().iter().product())
        .map(input)
        .collect()
}

/// The sums of the kernel's gradient in the Cube's order: (n, p, q) directly, (n1, p, q, n0) by the paper's way.
fn exact_backward_kernel(conv: &Conv2d, x: &[f32], dy: &[f32], scheme: Scheme) -> Vec<f32> {
    let [_, inputs, r, s] = conv.kernel_shape();
    let [batch, _, p, q] = conv.output_shape();
    let entry = |i: usize| {
        let (k, c, tap) = (
            i / (inputs * r * s),
            i / (r * s) % inputs,
            [i / s % r, i % s],
        );
        let product = |n, pixel| {
            let t = term(
                conv,
                &Place {
                    n,
                    k,
                    c,
                    pixel,
                    tap,
                },
            );
            (t.x.map_or(0.0, |i| x[i]), dy[t.y])
        };
        match scheme {
            Scheme::Direct => halves_sum(
                (0..batch).flat_map(|n| grid([p, q]).map(move |pixel| product(n, pixel))),
            ),
            _ => halves_sum(blocked(batch, grid([p, q])).map(|(n, pixel)| product(n, pixel))),
        }
    };
    (0..conv.kernel_shape().iter().product())
        .map(entry)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn results_are_near_those_of_f64(conv in geometry(), mut random in seed()) {
        let operands = operands(&conv, &mut random);
        let (y, dx, dks) = everything(&conv, &operands);
        // Both factors are rounded to 11 bits. What that does to a sum is bounded by the sum of the magnitudes, which
        // does not cancel; halves below 2^-14 have fewer bits.
        let magnitudes = operands.clone().map(|data| data.into_iter().map(f64::abs).collect::<Vec<_>>());
        let [[x, kernel, dy], [x_size, kernel_size, dy_size]] = [&operands, &magnitudes];
        let near = |found: &[f64], expected: &[f64], sizes: &[f64]| {
            let mut places = found.iter().zip(expected).zip(sizes);
            found.len() == expected.len() && places.all(|((a, b), size)| (a - b).abs() <= 2e-3 * size + 1e-6)
        };
        let expected = definition::forward(&conv, x, kernel);
        prop_assert!(near(&y, &expected, &definition::forward(&conv, x_size, kernel_size)));
        let expected = definition::backward_input(&conv, kernel, dy);
        prop_assert!(near(&dx, &expected, &definition::backward_input(&conv, kernel_size, dy_size)));
        let expected = definition::backward_kernel(&conv, x, dy);
        let sizes = definition::backward_kernel(&conv, x_size, dy_size);
        for dk in dks {
            prop_assert!(near(&dk, &expected, &sizes));
        }
    }

    #[test]
    fn results_are_those_of_the_sequential_sum_bit_for_bit(conv in geometry(), mut random in seed()) {
        let [x, kernel, dy] = operands(&conv, &mut random).map(|data| to_f32(&data));
        let run = Run { conv: &conv, formats: Layout::Nchw.formats() };
        let bits = |data: Vec<f32>| data.into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let y = run.forward(&x, &kernel).unwrap().0;
        prop_assert_eq!(bits(y), bits(exact_forward(&conv, &x, &kernel)));
        let dx = run.backward_input(&kernel, &dy).unwrap().0;
        prop_assert_eq!(bits(dx), bits(exact_backward_input(&conv, &kernel, &dy)));
        for scheme in Scheme::ALL {
            let dk = run.backward_kernel(&x, &dy, scheme).unwrap().0;
            prop_assert_eq!(bits(dk), bits(exact_backward_kernel(&conv, &x, &dy, scheme)), "{:?}", scheme);
        }
    }

    #[test]
    fn gradients_are_adjoint_to_forward(conv in geometry(), mut random in seed()) {
        // Small integers: every product and sum is exact, and so the identities are.
        let integers = |data: Vec<f64>| data.into_iter().map(|v| (v * 4.0).round()).collect::<Vec<_>>();
        let operands = operands(&conv, &mut random).map(integers);
        let [x, kernel, dy] = &operands;
        let (y, dx, dks) = everything(&conv, &operands);
        prop_assert_eq!(dot(&y, dy), dot(x, &dx));
        for dk in dks {
            prop_assert_eq!(dot(&y, dy), dot(kernel, &dk));
        }
    }

    #[test]
    fn layouts_change_places_only_and_padding_is_never_read(conv in geometry(), mut random in seed()) {
        let operands = operands(&conv, &mut random);
        let (y, dx, dks) = everything(&conv, &operands);
        for layout in Layout::ALL {
            let formats = layout.formats();
            let run = Run { conv: &conv, formats };
            let activations = |shape| {
                let view = Activations::new(formats.input, shape);
                places(shape, view.len(), move |i| view.address(i))
            };
            let [k, c, r, s] = conv.kernel_shape();
            let view = Kernel::of(formats.kernel, &conv);
            let of_kernel = places([k, c, r, s], view.len(), |[k, c, r, t]| view.address(k, c, r * s + t));
            let (of_x, of_y) = (activations(conv.input_shape()), activations(conv.output_shape()));
            let [x, kernel, dy] = [(&of_x, 0), (&of_kernel, 1), (&of_y, 2)].map(|(places, i)| places.scatter(&operands[i], f64::NAN));
            let found = run.forward(&x, &kernel).unwrap().0;
            prop_assert_eq!(found, of_y.scatter(&y, 0.0));
            let found = run.backward_input(&kernel, &dy).unwrap().0;
            prop_assert_eq!(found, of_x.scatter(&dx, 0.0));
            for (scheme, dk) in Scheme::ALL.into_iter().zip(&dks) {
                let found = run.backward_kernel(&x, &dy, scheme).unwrap().0;
                prop_assert_eq!(found, of_kernel.scatter(dk, 0.0));
            }
        }
    }
}

/// Where the elements of a C-ordered tensor stand in a layout.
struct Places {
    len: usize,
    places: Vec<usize>,
}

fn places(shape: [usize; 4], len: usize, address: impl Fn([usize; 4]) -> usize) -> Places {
    let [a, b, c, d] = shape;
    let place = |i: usize| address([i / (b * c * d), i / (c * d) % b, i / d % c, i % d]);
    Places {
        len,
        places: (0..a * b * c * d).map(place).collect(),
    }
}

impl Places {
    fn scatter(&self, data: &[f64], padding: f64) -> Vec<f64> {
        let mut laid = vec![padding; self.len];
        for (&place, &value) in self.places.iter().zip(data) {
            laid[place] = value;
        }
        laid
    }
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    for groups in [1, 3] {
        let conv = Conv2d::builder([2, 36, 14, 13], [150, 36 / groups, 3, 3])
            .padding(1)
            .groups(groups)
            .build()
            .unwrap();
        let operands = operands(&conv, &mut Random(3));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| everything(&conv, &operands))
        };
        let one = run(1);
        assert!(run(2) == one && run(5) == one);
    }
}

#[test]
fn wrong_lengths_are_errors() {
    let conv = Conv2d::builder([1, 3, 5, 5], [2, 3, 3, 3]).build().unwrap();
    let run = Run {
        conv: &conv,
        formats: Layout::Davinci.formats(),
    };
    let error = run.forward(&[0f32; 75], &[0.0; 9 * 256]).unwrap_err();
    assert_eq!(error, Error::length("the input", &[1, 1, 5, 5, 16], 75));
    let error = run.backward_input(&[0f32; 54], &[0.0; 144]).unwrap_err();
    assert_eq!(error, Error::length("the kernel", &[9, 1, 16, 16], 54));
    let error = run
        .backward_kernel(&[0f32; 400], &[0.0; 18], Scheme::Direct)
        .unwrap_err();
    assert_eq!(
        error,
        Error::length("the output's gradient", &[1, 1, 3, 3, 16], 18)
    );
}

#[test]
fn a_nan_is_the_one_nan_and_infinity_stays() {
    let conv = Conv2d::builder([1, 1, 1, 3], [1, 1, 1, 1]).build().unwrap();
    let negative_nan = f32::from_bits(0xffc0_1234);
    let run = Run {
        conv: &conv,
        formats: Layout::Nchw.formats(),
    };
    let (y, _) = run.forward(&[negative_nan, 70_000.0, 2.0], &[2.0]).unwrap();
    assert_eq!(y[0].to_bits(), f32::NAN.to_bits());
    assert_eq!(y[1..], [f32::INFINITY, 4.0]);
}

proptest! {
    #[test]
    fn matrix_products_are_sequential_sums([m, k, n] in prop::array::uniform3(0usize..40), mut random in seed()) {
        let [a, b] = [[m, k], [k, n]].map(|[r, c]| to_f32(&random.tensor([r, c, 1, 1])));
        let (product, counts) = cube::matmul(&Context::default(), &a, &b, [m, k, n]).unwrap();
        let expected = |i| halves_sum((0..k).map(|j| (a[i / n * k + j], b[j * n + i % n])));
        prop_assert_eq!(product, (0..m * n).map(expected).collect::<Vec<_>>());
        prop_assert_eq!(counts.tiles, (m.div_ceil(16) * k.div_ceil(16) * n.div_ceil(16)) as u64);
    }
}
