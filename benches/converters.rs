//! The paper's converters beside a plain copy of the same bytes: as generated code, and run by the executor.
//!
//! `cargo bench --bench converters`

use convgrad::{Converter, Program, convgrad};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const FORMULAS: &str = "
    converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] else 0;
    }
";

convgrad! {
    converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] else 0;
    }

    converter flip_rot<C1, N1, HW>(Z[C1*HW, N1, 16, 16]) -> Y[N1*HW, C1, 16, 16] requires HW >= 1 {
        Y[j0, j1, j2, j3] = Z[j1*HW + HW - 1 - j0%HW, j0/HW, j3, j2];
    }

    converter nchw_to_nhwc<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }

    converter im2col<C, H, W>(X[C, H, W]) -> Y[C*9, H*W] {
        Y[k, m] = X[k/9, m/W - 1 + k/3%3, m%W - 1 + k%3] else 0;
    }
}

fn main() {
    divan::main();
}

fn operands(input: &[usize], output: &[usize]) -> (Vec<f32>, Vec<f32>) {
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let x = (0..count(input)).map(|i| i as f32).collect();
    (x, vec![f32::NAN; count(output)])
}

fn run<C: Converter>(bencher: Bencher<'_, '_>, converter: &C, input: &[usize], output: &[usize]) {
    let (x, mut y) = operands(input, output);
    bencher
        .counter(BytesCount::of_many::<f32>(x.len() + y.len()))
        .bench_local(|| converter.convert(black_box(&x), black_box(&mut y)));
}

/// The limit: as many bytes, moved in order.
#[divan::bench]
fn copy(bencher: Bencher<'_, '_>) {
    let (x, mut y) = operands(&[16, 4, 28, 28, 16], &[64, 1, 28, 28, 16]);
    bencher
        .counter(BytesCount::of_many::<f32>(x.len() + y.len()))
        .bench_local(|| black_box(&mut y).copy_from_slice(black_box(&x)));
}

#[divan::bench]
fn t_nc_generated(bencher: Bencher<'_, '_>) {
    let c = TNc::new(16, 64, 28, 28).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench]
fn t_nc_executed(bencher: Bencher<'_, '_>) {
    let program = Program::compile(FORMULAS).expect("the formula compiles");
    let formula = program.converter("t_nc").expect("it is there");
    let input = [16, 4, 28, 28, 16];
    let c = formula.instance(&input, &[]).expect("the sizes fit");
    run(bencher, &c, &input, &[64, 1, 28, 28, 16]);
}

#[divan::bench]
fn flip_rot_generated(bencher: Bencher<'_, '_>) {
    let c = FlipRot::new(16, 16, 9).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench]
fn nchw_to_nhwc_generated(bencher: Bencher<'_, '_>) {
    let c = NchwToNhwc::new(8, 64, 28, 28).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench]
fn im2col_generated(bencher: Bencher<'_, '_>) {
    let c = Im2col::new(64, 28, 28).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}
