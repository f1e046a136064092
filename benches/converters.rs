//! Generated code beside the executor: the same converters at the same sizes, on the same tensors, by turns in one run.
//!
//! `cargo bench --bench converters` prints the times and their ratio, in the cache and beyond it; words choose cases.

use std::hint::black_box;
use std::time::{Duration, Instant};

use convgrad::{Converter, Program, convgrad};

/// Declares the converters once, for the macro and for the program.
macro_rules! formulas {
    ($($tokens:tt)*) => {
        convgrad! { $($tokens)* }
        const FORMULAS: &str = stringify!($($tokens)*);
    };
}

formulas! {
    use std::{NCHW, CNHW, OIhw16i16o, NC1HWC0};
    use std::{nchw_to_nhwc, nhwc_to_nchw, nchw_to_nc1hwc0, nc1hwc0_to_nchw, nchw_to_fractal_z};
    use std::{t_nc, t_ncf, flip_rot, split_heads, channel_shuffle, pixel_shuffle, pixel_unshuffle, transpose};
    use std::{pad, crop, hflip, vflip, rot180, roll, cyclic_shift, vnni_bf16, strided, insert_zeros, im2col};

    converter nchw_to_cnhw = NCHW -> CNHW;
    converter nchw_to_oihw = NCHW -> OIhw16i16o;
    converter reblock = NC1HWC0<C0 = 48> -> NC1HWC0<C0 = 32>;

    converter nhwc_of_constants<N, C = 64, H = 112, W = 112>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }
    converter t_nc_of_constants<N = 16, C, H = 56, W = 56>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] else 0;
    }
    converter pad_of_constants<N, C = 64, H = 56, W = 56>(X[N, C, H, W]) -> Y[N, C, H + 2, W + 2] {
        Y[n, c, h, w] = X[n, c, h - 1, w - 1] else 0;
    }
    converter im2col_of_constants<N, C = 28, H = 56, W = 56>(X[N, C, H, W]) -> Y[N, C*9, H*W] {
        Y[n, k, m] = X[n, k/9, m/W - 1 + k/3%3, m%W - 1 + k%3] else 0;
    }
}

/// Both ways of one converter at the sizes that are said, in the order in which it declares them.
macro_rules! compare {
    ($bench:expr, $generated:ident, $name:literal: $($size:ident = $value:expr),* $(,)?) => {
        if $bench.asks($name) {
            let generated = $generated::new($($value),*).expect("the sizes fit");
            $bench.compare($name, &generated, &[$((stringify!($size), $value)),*]);
        }
    };
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let bench = Bench {
        program: Program::compile(FORMULAS).expect("the formulas compile"),
        // Without the flag that `cargo bench` gives it is only seen that all of it works.
        measures: words.iter().any(|word| word == "--bench"),
        words: words.into_iter().filter(|w| !w.starts_with('-')).collect(),
    };
    println!(
        "{:32} {:>10} {:>10} {:>6}",
        "", "generated", "executed", "ratio"
    );
    for times in [1, 16] {
        all(&bench, times);
    }
}

/// All cases, of about 3 MB or so many times that.
fn all(bench: &Bench, times: usize) {
    let (one, three, four) = (times, 3 * times, 4 * times);
    compare!(bench, NchwToNhwc, "nchw_to_nhwc": N = one, C = 64, H = 112, W = 112);
    compare!(bench, NhwcOfConstants, "nhwc_of_constants": N = one);
    compare!(bench, NhwcToNchw, "nhwc_to_nchw": N = one, C = 64, H = 112, W = 112);
    compare!(bench, NchwToNc1hwc0, "nchw_to_nc1hwc0": N = one, C = 64, H = 112, W = 112);
    compare!(bench, Nc1hwc0ToNchw, "nc1hwc0_to_nchw": N = one, C = 64, H = 112, W = 112);
    compare!(bench, NchwToFractalZ, "nchw_to_fractal_z": N = 64 * times, C = 1392, H = 3, W = 3);
    compare!(bench, NchwToCnhw, "nchw_to_cnhw": N = four, C = 64, H = 56, W = 56);
    compare!(bench, NchwToOihw, "nchw_to_oihw": N = 64 * times, C = 1392, H = 3, W = 3);
    compare!(bench, TNc, "t_nc": N = 16, C = 16 * times, H = 56, W = 56);
    compare!(bench, TNcOfConstants, "t_nc_of_constants": C = 16 * times);
    compare!(bench, TNcf, "t_ncf": N = 16, C = 16 * times, H = 56, W = 56);
    compare!(bench, FlipRot, "flip_rot": N = 64 * times, C = 1392, H = 3, W = 3);
    compare!(bench, SplitHeads, "split_heads": B = 2 * times, S = 512, H = 12, D = 64);
    compare!(bench, ChannelShuffle, "channel_shuffle": N = four, G = 8, C = 8, H = 56, W = 56);
    compare!(bench, PixelShuffle, "pixel_shuffle": N = four, C = 16, H = 56, W = 56, Z = 2);
    compare!(bench, PixelUnshuffle, "pixel_unshuffle": N = four, C = 16, H = 56, W = 56, Z = 2);
    compare!(bench, Transpose, "transpose": M = 224 * times, N = 3584);
    compare!(bench, NchwToNc1hwc0, "nchw_to_nc1hwc0": N = 2 * times, C = 100, H = 56, W = 56);
    compare!(bench, Nc1hwc0ToNchw, "nc1hwc0_to_nchw": N = 2 * times, C = 100, H = 56, W = 56);
    compare!(bench, Pad, "pad": N = four, C = 64, H = 56, W = 56, PT = 1, PB = 1, PL = 1, PR = 1);
    compare!(bench, PadOfConstants, "pad_of_constants": N = four);
    compare!(bench, Crop, "crop": N = four, C = 64, H = 56, W = 56, PT = 1, PB = 1, PL = 1, PR = 1);
    compare!(bench, Hflip, "hflip": N = four, C = 64, H = 56, W = 56);
    compare!(bench, Vflip, "vflip": N = four, C = 64, H = 56, W = 56);
    compare!(bench, Rot180, "rot180": N = four, C = 64, H = 56, W = 56);
    compare!(bench, Roll, "roll": N = 800_000 * times, R = 1001);
    compare!(bench, CyclicShift, "cyclic_shift": N = four, H = 56, W = 56, C = 64, SH = 3, SW = 3);
    compare!(bench, Reblock, "reblock": N = three, C = 96, H = 56, W = 56);
    compare!(bench, VnniBf16, "vnni_bf16": M = 512 * times, N = 1536);
    compare!(bench, Strided, "strided": N = one, C1 = 4, H = 56, W = 56, SH = 2, SW = 2);
    compare!(bench, InsertZeros, "insert_zeros": N = one, C = 64, H = 56, W = 56, SH = 2, SW = 2);
    compare!(
        bench, Im2col, "im2col":
        N = one, C = 28, H = 56, W = 56, R = 3, S = 3, SH = 1, SW = 1, PT = 1, PB = 1, PL = 1, PR = 1, DH = 1, DW = 1,
    );
    compare!(bench, Im2colOfConstants, "im2col_of_constants": N = one);
}

struct Bench {
    program: Program,
    /// The cases that are asked for, all if none.
    words: Vec<String>,
    measures: bool,
}

impl Bench {
    fn asks(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// Times both by turns, or runs both once; they make the same output.
    fn compare(&self, name: &str, generated: &impl Converter, sizes: &[(&str, usize)]) {
        let formula = self.program.converter(name).expect("it is there");
        let executed = formula.at(sizes).expect("the sizes fit");
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let written = count(executed.output_shape());
        let mut x = Room::new(count(executed.input_shape()));
        for (k, x) in x.elements().iter_mut().enumerate() {
            *x = (k % 4093) as f32;
        }
        let (mut y, mut other) = (Room::new(written), Room::new(written));
        generated
            .convert(x.elements(), y.elements())
            .expect("it fits");
        executed
            .convert(x.elements(), other.elements())
            .expect("it fits");
        assert!(y.elements() == other.elements(), "{name} is not the same");
        drop(other);
        let mut times = [Vec::new(), Vec::new()];
        let start = Instant::now();
        while self.measures && (times[0].len() < 9 || start.elapsed() < Duration::from_millis(300))
        {
            let (x, y) = (black_box(x.elements()), black_box(y.elements()));
            let before = Instant::now();
            generated.convert(x, y).expect("it fits");
            let between = Instant::now();
            executed.convert(x, y).expect("it fits");
            times[0].push((between - before).as_secs_f64() * 1e3);
            times[1].push(between.elapsed().as_secs_f64() * 1e3);
        }
        if self.measures {
            let [generated, executed] = times.map(median);
            let ratio = executed / generated;
            let name = format!("{name}, {} MB", written * 4 / 1_000_000);
            println!("{name:32} {generated:>7.3} ms {executed:>7.3} ms {ratio:>6.2}");
        }
    }
}

/// Elements that begin with a line of memory, as libraries of tensors place them.
struct Room {
    all: Vec<f32>,
    start: usize,
    count: usize,
}

impl Room {
    fn new(count: usize) -> Room {
        const LINE: usize = 64;
        // Zeros would be pages that the system has not made yet.
        let all = vec![f32::NAN; count + LINE];
        let start = all.as_ptr().align_offset(LINE).min(LINE);
        Room { all, start, count }
    }

    fn elements(&mut self) -> &mut [f32] {
        &mut self.all[self.start..][..self.count]
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
