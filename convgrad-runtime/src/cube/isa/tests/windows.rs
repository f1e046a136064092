//! load3d, img2col and col2img: windows of a map.

use half::f16;
use proptest::prelude::*;

use super::{at, filled, half, run};
use crate::cube::isa::*;
use crate::cube::machine::{FRACTAL, Memories};

/// Where col2img's map stands in UB.
const MAP: usize = 1 << 14;

/// The map of some blocks of channels with its padding around it: `[c1][row][column][16]`, the plain way.
fn padded(memories: &Memories, map: &FeatureMap, c1: usize, pad: f16) -> Vec<Vec<Vec<[f64; 16]>>> {
    let [top, bottom, left, right] = map.pads;
    (0..c1)
        .map(|c| {
            let mut all =
                vec![vec![[pad.to_f64(); 16]; left + map.width + right]; top + map.height + bottom];
            for h in 0..map.height {
                for w in 0..map.width {
                    let pixel = (c * map.height + h) * map.width + w;
                    all[top + h][left + w] =
                        std::array::from_fn(|z| half(memories, Buffer::L1, pixel * 16 + z));
                }
            }
            all
        })
        .collect()
}

/// Small maps, filters that fit them, and how many windows there are.
fn windows() -> impl Strategy<Value = (FeatureMap, Filter, [usize; 2])> {
    let two = |low: usize, high: usize| prop::array::uniform2(low..high);
    let pads = prop::array::uniform4(0usize..3);
    (two(1, 9), pads, two(1, 4), two(1, 4), two(1, 3)).prop_filter_map(
        "the filter must fit",
        |([height, width], pads, size, stride, dilation)| {
            let map = FeatureMap {
                height,
                width,
                pads,
            };
            let filter = Filter {
                size,
                stride,
                dilation,
            };
            let count = |extent: usize, axis: usize| {
                let span = dilation[axis] * (size[axis] - 1) + 1;
                extent.checked_sub(span).map(|free| free / stride[axis] + 1)
            };
            let rows = count(height + pads[0] + pads[1], 0)?;
            let columns = count(width + pads[2] + pads[3], 1)?;
            Some((map, filter, [rows, columns]))
        },
    )
}

/// What stands outside of a map.
fn pad() -> impl Strategy<Value = f16> {
    prop::sample::select(vec![f16::ZERO, f16::from_f32(-3.5)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn load3d_loads_windows_in_both_modes(
        (map, filter, [rows, columns]) in windows(), seed in 1u64.., start in 0usize..40, point in 0usize..9, by_windows: bool, pad in pad()
    ) {
        let mut memories = filled(seed);
        let expected = padded(&memories, &map, 3, pad);
        let taps = filter.size[0] * filter.size[1];
        let (first, point) = (start % (rows * columns), point % taps);
        let left_top = [first / columns * filter.stride[0], first % columns * filter.stride[1]];
        let repeat = 2;
        let load = Load3d {
            map, filter,
            from: at(Buffer::L1, 0), to: at(Buffer::L0a, FRACTAL),
            c1: 1,
            fetch: [point / filter.size[1], point % filter.size[1]],
            left_top: [left_top[0] as isize - map.pads[0] as isize, left_top[1] as isize - map.pads[2] as isize],
            mode: if by_windows { Repeat::Windows } else { Repeat::Taps },
            repeat, jump: 3, pad, small: false,
        };
        run(&load, &mut memories);
        for t in 0..repeat {
            for i in 0..16 {
                let window = first + i + if by_windows { 16 * t } else { 0 };
                if window >= rows * columns {
                    continue;
                }
                let point = point + if by_windows { 0 } else { t };
                let (c1, tap) = (1 + point / taps, point % taps);
                let h = window / columns * filter.stride[0] + tap / filter.size[1] * filter.dilation[0];
                let w = window % columns * filter.stride[1] + tap % filter.size[1] * filter.dilation[1];
                for (z, expected) in expected[c1][h][w].iter().enumerate() {
                    let index = (1 + 3 * t) * 256 + i * 16 + z;
                    prop_assert_eq!(half(&memories, Buffer::L0a, index), *expected);
                }
            }
        }
    }

    #[test]
    fn rectangles_are_parts_of_the_matrix(
        (map, filter, [rows, columns]) in windows(), seed in 1u64.., m in 0usize..20, k1 in 0usize..9, extents in prop::array::uniform2(1usize..4), transpose: bool, pad in pad()
    ) {
        let mut memories = filled(seed);
        let expected = padded(&memories, &map, 14, pad);
        let taps = filter.size[0] * filter.size[1];
        let m = m % (rows * columns);
        let load = Img2col {
            map, filter,
            from: at(Buffer::L1, 0), to: at(Buffer::L0a, 0),
            m, k: 16 * k1, rows: 16 * extents[0], columns: 16 * extents[1], pad, transpose,
        };
        run(&load, &mut memories);
        for i in (0..16 * extents[0]).filter(|i| m + i < rows * columns) {
            for j in 0..16 * extents[1] {
                let (window, point) = (m + i, k1 + j / 16);
                let (c1, tap) = (point / taps, point % taps);
                let h = window / columns * filter.stride[0] + tap / filter.size[1] * filter.dilation[0];
                let w = window % columns * filter.stride[1] + tap % filter.size[1] * filter.dilation[1];
                let index = if transpose {
                    (j / 16 * extents[0] + i / 16) * 256 + j % 16 * 16 + i % 16
                } else {
                    (i / 16 * extents[1] + j / 16) * 256 + i % 16 * 16 + j % 16
                };
                prop_assert_eq!(half(&memories, Buffer::L0a, index), expected[c1][h][w][j % 16]);
            }
        }
    }

    #[test]
    fn col2img_is_the_adjoint_of_load3d((map, filter, _) in windows(), seed in 1u64.., point in 0usize..9) {
        let mut memories = filled(seed);
        let point = point % (filter.size[0] * filter.size[1]);
        let fetch = [point / filter.size[1], point % filter.size[1]];
        let load = Load3d {
            map, filter,
            from: at(Buffer::L1, 0), to: at(Buffer::Ub, 0),
            c1: 0, fetch,
            left_top: [-(map.pads[0] as isize), -(map.pads[2] as isize)],
            mode: Repeat::Windows, repeat: 3, jump: 1, pad: f16::ZERO, small: false,
        };
        let size = map.height * map.width * 16;
        // <load(x), y>: x in L1; y is what UB holds before.
        let y: Vec<f64> = (0..3 * 256).map(|i| half(&memories, Buffer::Ub, i)).collect();
        run(&load, &mut memories);
        let loaded: f64 = (0..3 * 256).map(|i| half(&memories, Buffer::Ub, i) * y[i]).sum();
        // <x, add(y)>, in UB.
        let bytes = memories.bytes_mut(Buffer::Ub);
        bytes[MAP..MAP + 2 * size].fill(0);
        for (pair, y) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(&y) {
            *pair = f16::from_f64(*y).to_le_bytes();
        }
        run(&Col2img { map, filter, from: 0, to: MAP, fetch, first: 0, repeat: 3, lanes: Lanes::F16 }, &mut memories);
        let added: f64 = (0..size)
            .map(|i| half(&memories, Buffer::L1, i) * half(&memories, Buffer::Ub, MAP / 2 + i))
            .sum();
        prop_assert_eq!(loaded, added);
    }
}

#[test]
fn small_blocks_hold_four_channels_of_four_points() {
    let mut memories = filled(7);
    let map = FeatureMap {
        height: 4,
        width: 5,
        pads: [0, 0, 1, 0],
    };
    let filter = Filter {
        size: [2, 3],
        stride: [1, 1],
        dilation: [1, 1],
    };
    run(
        &Load3d {
            map,
            filter,
            from: at(Buffer::L1, 0),
            to: at(Buffer::L0a, 0),
            c1: 0,
            fetch: [0, 0],
            left_top: [0, -1],
            mode: Repeat::Taps,
            repeat: 1,
            jump: 1,
            pad: f16::ZERO,
            small: true,
        },
        &mut memories,
    );
    // Four windows in a row; the first point of the first one is padding.
    for (window, point, c) in [
        (0usize, 0usize, 0usize),
        (0, 1, 2),
        (1, 2, 1),
        (4, 3, 3),
        (6, 0, 3),
    ] {
        let (h, w) = (window / 4 + point / 3, window % 4 + point % 3);
        let expected = match w.checked_sub(1) {
            Some(w) => half(&memories, Buffer::L1, (h * 5 + w) * 4 + c),
            None => 0.0,
        };
        assert_eq!(
            half(&memories, Buffer::L0a, window * 16 + point * 4 + c),
            expected
        );
    }
}

#[test]
fn fields_that_no_bits_hold_are_refused() {
    let map = FeatureMap {
        height: 4,
        width: 4,
        pads: [0; 4],
    };
    let filter = Filter {
        size: [1, 1],
        stride: [64, 1],
        dilation: [1, 1],
    };
    let load = Load3d {
        map,
        filter,
        from: at(Buffer::L1, 0),
        to: at(Buffer::L0a, 0),
        c1: 0,
        fetch: [0, 0],
        left_top: [0, 0],
        mode: Repeat::Taps,
        repeat: 1,
        jump: 1,
        pad: f16::ZERO,
        small: false,
    };
    let profile = Profile::ascend910();
    let mistake = load.check(&profile).unwrap_err();
    assert_eq!(mistake.to_string(), "`stride` is 64, and must be 1 to 63");
    let load = Load3d {
        filter: Filter {
            stride: [1, 1],
            ..filter
        },
        ..load
    };
    assert_eq!(load.check(&profile), Ok(()));
    assert!(
        Load3d {
            repeat: 256,
            ..load
        }
        .check(&profile)
        .is_err()
    );
    assert!(
        Load3d {
            left_top: [-256, 0],
            ..load
        }
        .check(&profile)
        .is_err()
    );
    let to = at(Buffer::L0a, 256);
    assert!(matches!(
        Load3d { to, ..load }.check(&profile),
        Err(Mistake::Misaligned { alignment: 512, .. })
    ));
}
