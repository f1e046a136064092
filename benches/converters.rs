//! Converters beside a plain copy of the same bytes: as generated code, with free sizes and with constants, and run by the executor.
//! Sizes are of about 3 MB and of about 51 MB.
//!
//! `cargo bench --bench converters`

use convgrad::{Converter, Program, convgrad};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const FORMULAS: &str = "
    converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] else 0;
    }
    converter nchw_to_nhwc<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }
    converter im2col<N, C, H, W>(X[N, C, H, W]) -> Y[N, C*9, H*W] {
        Y[n, k, m] = X[n, k/9, m/W - 1 + k/3%3, m%W - 1 + k%3] else 0;
    }
";

convgrad! {
    converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] else 0;
    }

    converter nchw_to_nhwc<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }

    converter nchw_to_nhwc_of_constants<N, C = 64, H = 112, W = 112>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }

    converter im2col<N, C, H, W>(X[N, C, H, W]) -> Y[N, C*9, H*W] {
        Y[n, k, m] = X[n, k/9, m/W - 1 + k/3%3, m%W - 1 + k%3] else 0;
    }
}

fn main() {
    divan::main();
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn run<C: Converter>(bencher: Bencher<'_, '_>, converter: &C, input: &[usize], output: &[usize]) {
    let x: Vec<f32> = (0..count(input)).map(|i| i as f32).collect();
    let mut y = vec![f32::NAN; count(output)];
    bencher
        .counter(BytesCount::of_many::<f32>(2 * y.len()))
        .bench_local(|| converter.convert(black_box(&x), black_box(&mut y)));
}

/// The same formula, compiled when the benchmark runs.
fn execute(bencher: Bencher<'_, '_>, name: &str, input: &[usize], given: &[(&str, usize)]) {
    let program = Program::compile(FORMULAS).expect("the formulas compile");
    let formula = program.converter(name).expect("it is there");
    let instance = formula.instance(input, given).expect("the sizes fit");
    let output = instance.output_shape().to_vec();
    run(bencher, &instance, input, &output);
}

/// The limit: as many bytes, moved in order.
#[divan::bench(args = [802_816, 12_845_056])]
fn copy(bencher: Bencher<'_, '_>, elements: usize) {
    let x: Vec<f32> = (0..elements).map(|i| i as f32).collect();
    let mut y = vec![f32::NAN; elements];
    bencher
        .counter(BytesCount::of_many::<f32>(2 * elements))
        .bench_local(|| black_box(&mut y).copy_from_slice(black_box(&x)));
}

#[divan::bench(args = [16, 256])]
fn t_nc_generated(bencher: Bencher<'_, '_>, channels: usize) {
    let c = TNc::new(16, channels, 56, 56).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench(args = [16, 256])]
fn t_nc_executed(bencher: Bencher<'_, '_>, channels: usize) {
    execute(bencher, "t_nc", &[16, channels / 16, 56, 56, 16], &[]);
}

#[divan::bench(args = [1, 16])]
fn nchw_to_nhwc_generated(bencher: Bencher<'_, '_>, images: usize) {
    let c = NchwToNhwc::new(images, 64, 112, 112).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench(args = [1, 16])]
fn nchw_to_nhwc_generated_of_constants(bencher: Bencher<'_, '_>, images: usize) {
    let c = NchwToNhwcOfConstants::new(images).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench(args = [1, 16])]
fn nchw_to_nhwc_executed(bencher: Bencher<'_, '_>, images: usize) {
    execute(bencher, "nchw_to_nhwc", &[images, 64, 112, 112], &[]);
}

#[divan::bench(args = [1, 16])]
fn im2col_generated(bencher: Bencher<'_, '_>, images: usize) {
    let c = Im2col::new(images, 28, 56, 56).expect("the sizes fit");
    run(bencher, &c, &c.input_shape(), &c.output_shape());
}

#[divan::bench(args = [1, 16])]
fn im2col_executed(bencher: Bencher<'_, '_>, images: usize) {
    execute(bencher, "im2col", &[images, 28, 56, 56], &[]);
}
