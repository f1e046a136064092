//! The formats against independent formulas and the shapes that the vendor's documents give.

use half::f16;
use proptest::prelude::*;

use crate::conv::{Conv2d, Layout, formulas};
use crate::cube::Real;
use crate::cube::fractal::Order;

#[test]
fn shapes_are_those_of_the_vendor() {
    // (20, 28) in halves stands in NZ as (2, 2, 16, 16).
    assert_eq!(Order::Nz.shape([20, 28]), [2, 2, 16, 16]);
    assert_eq!(Order::Zz.shape([33, 16]), [3, 1, 16, 16]);
    assert_eq!(Order::Zn.shape([33, 16]), [3, 1, 16, 16]);
    assert_eq!(Order::Nz.shape([33, 16]), [1, 3, 16, 16]);
    assert_eq!(Order::Nz.shape([0, 5]), [1, 0, 16, 16]);
}

proptest! {
    #[test]
    fn orders_put_every_element_where_they_say(rows in 0usize..40, columns in 0usize..40) {
        let matrix: Vec<usize> = (1..=rows * columns).collect();
        for order in [Order::Zz, Order::Zn, Order::Nz] {
            let packed = order.pack(&matrix, [rows, columns], 0).unwrap();
            let (blocks_down, blocks_across) = (rows.div_ceil(16), columns.div_ceil(16));
            prop_assert_eq!(packed.len(), blocks_down * blocks_across * 256);
            for (place, &value) in packed.iter().enumerate() {
                let (block, slow, fast) = (place / 256, place / 16 % 16, place % 16);
                let (row, column) = match order {
                    Order::Zz => (block / blocks_across * 16 + slow, block % blocks_across * 16 + fast),
                    Order::Zn => (block / blocks_across * 16 + fast, block % blocks_across * 16 + slow),
                    Order::Nz => (block % blocks_down * 16 + slow, block / blocks_down * 16 + fast),
                };
                let inside = row < rows && column < columns;
                prop_assert_eq!(value, if inside { row * columns + column + 1 } else { 0 });
            }
            prop_assert_eq!(order.unpack(&packed, [rows, columns]).unwrap(), matrix.clone());
        }
    }

    #[test]
    fn f64_is_rounded_once(bits in any::<u64>(), near in any::<u16>(), nudge in -3i64..4) {
        // Any number, and numbers close to the middle between two halves.
        let half = f16::from_bits(near & 0x7bff);
        let next = f16::from_bits((near & 0x7bff) + 1);
        let middle = (half.to_f64() + if next.is_finite() { next.to_f64() } else { 65_536.0 }) / 2.0;
        let nudged = f64::from_bits(middle.to_bits().wrapping_add_signed(nudge));
        let mut found = [f16::ZERO; 2];
        f64::to_halves(&[f64::from_bits(bits), nudged], &mut found);
        let expected = if nudged > middle || (nudged == middle && half.to_bits() % 2 == 1) { next } else { half };
        prop_assert_eq!(found[1], expected);
        let any = f64::from_bits(bits);
        prop_assert!(found[0].is_nan() == any.is_nan());
        prop_assert!(any.is_nan() || (found[0].to_f64() - any).abs() <= any.abs() * 4.9e-4 + 3e-8 || any.abs() >= 65_520.0);
    }

    #[test]
    fn converters_are_what_they_claim(n in 1usize..20, c in 1usize..20, h in 1usize..4, w in 1usize..4, crop in 1usize..4) {
        let cx = &crate::conv::Context::single_threaded();
        // A tensor given by logical places: the element at (n, c, h, w) is a number that names it, 0 in the padding.
        let (n1, c1) = (n.div_ceil(16), c.div_ceil(16));
        let name = |i: usize, j: usize, y: usize, x: usize| if i < n && j < c { ((i * c + j) * h + y) * w + x + 1 } else { 0 };
        let five: Vec<usize> = (0..n * c1 * h * w * 16)
            .map(|i| name(i / 16 / w / h / c1, i / 16 / w / h % c1 * 16 + i % 16, i / 16 / w % h, i / 16 % w)).collect();
        let fractal: Vec<usize> = (0..c1 * h * w * n1 * 256)
            .map(|i| name(i / 256 % n1 * 16 + i / 16 % 16, i / 256 / n1 / w / h * 16 + i % 16, i / 256 / n1 / w % h, i / 256 / n1 % w)).collect();

        let found = formulas::t_nc(cx, Layout::Davinci, [n, c, h, w], &five).unwrap().to_vec();
        let expected: Vec<usize> = (0..c * n1 * h * w * 16)
            .map(|i| name(i / 16 / w / h % n1 * 16 + i % 16, i / 16 / w / h / n1, i / 16 / w % h, i / 16 % w)).collect();
        prop_assert_eq!(found, expected);

        // The whole by T_NCf, and the first pixels of it by the formula that collects the kernel's gradient.
        let expected = |ch: usize, cw: usize| -> Vec<usize> { (0..n1 * ch * cw * c1 * 256)
            .map(|i| name(i / 256 / c1 / cw / ch * 16 + i % 16, i / 256 % c1 * 16 + i / 16 % 16, i / 256 / c1 / cw % ch, i / 256 / c1 % cw)).collect() };
        let found = formulas::t_ncf(cx, Layout::Davinci, [n, c, h, w], &five).unwrap().to_vec();
        prop_assert_eq!(found, expected(h, w));
        let (ch, cw) = (h.min(crop), w.min(crop));
        let conv = Conv2d::builder([1, n, h, w], [c, n, ch, cw]).stride(100).build().unwrap();
        prop_assert_eq!(conv.kernel_gradient().output_shape(), [n, c, h, w]);
        let mut found = vec![usize::MAX; n1 * ch * cw * c1 * 256];
        formulas::collect(Layout::Davinci, &conv, &five, &mut found).unwrap();
        let expected = expected(ch, cw);
        prop_assert_eq!(found, expected);

        let found = formulas::flip_rot(cx, Layout::Davinci, &of_kernel([n, c, h, w]), &fractal).unwrap().to_vec();
        let expected: Vec<usize> = (0..n1 * h * w * c1 * 256)
            .map(|i| name(i / 256 / c1 / w / h * 16 + i % 16, i / 256 % c1 * 16 + i / 16 % 16, h - 1 - i / 256 / c1 / w % h, w - 1 - i / 256 / c1 % w)).collect();
        prop_assert_eq!(&found, &expected);
        // Turning twice gives the kernel back.
        prop_assert_eq!(formulas::flip_rot(cx, Layout::Davinci, &of_kernel([c, n, h, w]), &found).unwrap().to_vec(), fractal);

        let (sh, sw) = (crop, 3);
        let (eh, ew) = ((h - 1) * sh + 1, (w - 1) * sw + 1);
        let found = formulas::strided(cx, Layout::Davinci, [n, c, h, w], [sh, sw], &five).unwrap().to_vec();
        for (i, &value) in found.iter().enumerate() {
            let (y, x) = (i / 16 / ew % eh, i / 16 % ew);
            let inserted = y % sh != 0 || x % sw != 0;
            let (image, block) = (i / 16 / ew / eh / c1, i / 16 / ew / eh % c1);
            prop_assert_eq!(value, if inserted { 0 } else { name(image, block * 16 + i % 16, y / sh, x / sw) });
        }
    }
}

#[test]
fn numbers_too_large_become_infinite() {
    let mut halves = [f16::ZERO; 3];
    f32::to_halves(&[65_519.0, 65_520.0, -1e30], &mut halves);
    assert_eq!(halves, [f16::MAX, f16::INFINITY, f16::NEG_INFINITY]);
}

/// A convolution whose kernel has this shape.
fn of_kernel([k, c, r, s]: [usize; 4]) -> Conv2d {
    Conv2d::builder([1, c, r, s], [k, c, r, s]).build().unwrap()
}
