//! Moves, loads, products, and the vector unit.

use proptest::prelude::*;

use super::{at, filled, half, run, single};
use crate::cube::isa::*;
use crate::cube::machine::{BLOCK, FRACTAL, Memories};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn mad_multiplies_matrices(m1 in 1usize..4, n1 in 1usize..4, k in 1usize..50, accumulate: bool, seed in 1u64..) {
        let mut memories = filled(seed);
        for word in memories.bytes_mut(Buffer::L0c).as_chunks_mut::<4>().0 {
            *word = 3.0f32.to_le_bytes();
        }
        let k1 = k.div_ceil(16);
        run(&Mad {
            left: at(Buffer::L0a, 0), right: at(Buffer::L0b, FRACTAL), sums: at(Buffer::L0c, 1024),
            m: 16 * m1, k, n: 16 * n1, accumulate, kind: Kind::F16,
        }, &mut memories);
        for i in 0..16 * m1 {
            for j in 0..16 * n1 {
                let product: f64 = (0..k).map(|k| {
                    let a = (i / 16 * k1 + k / 16) * 256 + i % 16 * 16 + k % 16;
                    let b = 256 + (k / 16 * n1 + j / 16) * 256 + j % 16 * 16 + k % 16;
                    half(&memories, Buffer::L0a, a) * half(&memories, Buffer::L0b, b)
                }).sum();
                let start = if accumulate { 3.0 } else { 0.0 };
                let sum = 256 + (j / 16 * m1 + i / 16) * 256 + i % 16 * 16 + j % 16;
                prop_assert_eq!(f64::from(single(&memories, Buffer::L0c, sum)), start + product);
            }
        }
    }
}

#[test]
fn bytes_are_multiplied_in_blocks_of_32() {
    let mut memories = filled(5);
    let bytes = |memories: &Memories, buffer, i: usize| memories.bytes(buffer)[i] as i8;
    run(
        &Mad {
            left: at(Buffer::L0a, 0),
            right: at(Buffer::L0b, 0),
            sums: at(Buffer::L0c, 0),
            m: 16,
            k: 40,
            n: 16,
            accumulate: false,
            kind: Kind::I8,
        },
        &mut memories,
    );
    for i in 0..16 {
        for j in 0..16 {
            let expected: i32 = (0..40)
                .map(|k| {
                    let place = |row: usize| k / 32 * 512 + row * 32 + k % 32;
                    i32::from(bytes(&memories, Buffer::L0a, place(i)))
                        * i32::from(bytes(&memories, Buffer::L0b, place(j)))
                })
                .sum();
            let word = &memories.bytes(Buffer::L0c)[(i * 16 + j) * 4..][..4];
            assert_eq!(word, expected.to_le_bytes());
        }
    }
}

#[test]
fn moves_and_loads_follow_their_strides() {
    let mut memories = filled(6);
    let before: Vec<u8> = memories.bytes(Buffer::L1).to_vec();
    let global = memories.bytes(Buffer::Gm).to_vec();
    run(
        &Move {
            from: at(Buffer::Gm, 64),
            to: at(Buffer::L1, 128),
            bursts: 3,
            length: 64,
            from_stride: 96,
            to_stride: 160,
        },
        &mut memories,
    );
    for (i, byte) in memories.bytes(Buffer::L1)[..1024].iter().enumerate() {
        let burst = i.checked_sub(128).map(|i| (i / 160, i % 160));
        let expected = match burst {
            Some((b, inner)) if b < 3 && inner < 64 => global[64 + b * 96 + inner],
            _ => before[i],
        };
        assert_eq!(*byte, expected, "{i}");
    }
    run(
        &Load2d {
            from: at(Buffer::L1, 0),
            to: at(Buffer::L0b, 0),
            repeat: 2,
            from_stride: 3,
            to_stride: 2,
            transpose: true,
        },
        &mut memories,
    );
    for t in 0..2 {
        for i in 0..16 {
            for j in 0..16 {
                let found = half(&memories, Buffer::L0b, 2 * t * 256 + j * 16 + i);
                assert_eq!(found, half(&memories, Buffer::L1, 3 * t * 256 + i * 16 + j));
            }
        }
    }
}

#[test]
fn sums_leave_rounded_once() {
    let mut memories = filled(8);
    let sums = [
        1.0f32,
        -2.5,
        65_519.0,
        65_520.0,
        -1e9,
        1.0 + 1.0 / 2048.0,
        1.0 + 3.0 / 2048.0,
    ];
    for (word, sum) in memories
        .bytes_mut(Buffer::L0c)
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .zip(sums)
    {
        *word = sum.to_le_bytes();
    }
    let mut halves = |rounding, relu| {
        let drain = Drain {
            from: at(Buffer::L0c, 0),
            to: at(Buffer::Ub, 0),
            bursts: 1,
            rows: 1,
            from_stride: 0,
            to_stride: 0,
            rounding,
            relu,
        };
        run(&drain, &mut memories);
        [0, 1, 2, 3, 4, 5, 6].map(|i| half(&memories, Buffer::Ub, i))
    };
    let (infinite, even) = (f64::INFINITY, 1.0 + 2.0 / 1024.0);
    assert_eq!(
        halves(Rounding::Half, false),
        [1.0, -2.5, 65_504.0, infinite, -infinite, 1.0, even]
    );
    assert_eq!(
        halves(Rounding::Saturated, false)[2..5],
        [65_504.0, 65_504.0, -65_504.0]
    );
    assert_eq!(halves(Rounding::Half, true)[..2], [1.0, 0.0]);
    assert_eq!(halves(Rounding::Half, true)[4], 0.0);
}

#[test]
fn vectors_work_where_the_mask_says() {
    let mut memories = filled(9);
    let before: Vec<f64> = (0..4096).map(|i| half(&memories, Buffer::Ub, i)).collect();
    let operand = |at, block_stride, repeat_stride| Operand {
        at,
        block_stride,
        repeat_stride,
    };
    let mask = Vector::first_blocks(Lanes::F16, 2) & !(1 << 3);
    run(
        &Vector {
            op: VectorOp::Add,
            lanes: Lanes::F16,
            to: operand(4096, 2, 5),
            from: [operand(0, 1, 2), operand(1024, 3, 7)],
            repeat: 2,
            mask,
        },
        &mut memories,
    );
    for repeat in 0..2 {
        for lane in 0..32 {
            let place = |at: usize, block: usize, step: usize| {
                at / 2 + (lane / 16 * block + repeat * step) * 16 + lane % 16
            };
            let to = place(4096, 2, 5);
            let expected = if lane == 3 {
                before[to]
            } else {
                before[place(0, 1, 2)] + before[place(1024, 3, 7)]
            };
            assert_eq!(half(&memories, Buffer::Ub, to), expected, "{repeat} {lane}");
        }
    }
}

#[test]
fn conversions_and_transpositions() {
    let mut memories = filled(10);
    let before: Vec<f64> = (0..64).map(|i| half(&memories, Buffer::Ub, i)).collect();
    let convert = |from, to, widen| Convert {
        from,
        to,
        repeat: 1,
        widen,
    };
    run(&convert(0, 1024, true), &mut memories);
    run(&convert(1024, 2048, false), &mut memories);
    for (i, value) in before.iter().enumerate() {
        assert_eq!(f64::from(single(&memories, Buffer::Ub, 256 + i)), *value);
        assert_eq!(half(&memories, Buffer::Ub, 1024 + i), *value);
    }
    let rows = std::array::from_fn(|i| (16 - i) * 3 * BLOCK);
    let columns = std::array::from_fn(|j| 8192 + j * 2 * BLOCK);
    run(
        &Transpose {
            from: rows,
            to: columns,
            repeat: 2,
            from_stride: 1,
            to_stride: 1,
        },
        &mut memories,
    );
    for r in 0..2 {
        for (i, row) in rows.iter().enumerate() {
            for (j, column) in columns.iter().enumerate() {
                let from = (row + r * BLOCK) / 2 + j;
                let to = (column + r * BLOCK) / 2 + i;
                assert_eq!(
                    half(&memories, Buffer::Ub, to),
                    half(&memories, Buffer::Ub, from)
                );
            }
        }
    }
}
