//! A tiled matrix product, programmed by hand for the emulated core: instructions, flags, double buffering, and what it all took.
//!
//! `cargo run --release --example cube_matmul [TIMELINE.svg]`
//!
//! C = A B with halves, M = N = 128, K = 512. A stands in global memory in the order ZZ, B in ZN, C comes out in NZ:
//!
//! ```text
//!        MTE2            MTE1                 M              V           MTE3
//! GM ─────────▶ L1 ─────────────▶ L0A, L0B ───────▶ L0C ──────────▶ UB ────────▶ GM
//!    4 chunks of K   8 steps, two halves     128 x 128 sums      once
//! ```

use convgrad::cube::fractal::Order;
use convgrad::cube::isa::{Drain, Kind, Load2d, Mad, Move, Rounding};
use convgrad::cube::machine::{Buffer, Place, Signal};
use convgrad::cube::profile::Profile;
use convgrad::cube::time::timeline;
use convgrad::cube::{Core, Fault, Instruction, Pipe};
use convgrad::half::f16;

/// The extents.
const M: usize = 128;
const K: usize = 512;
const N: usize = 128;
/// The same in fractals of 16.
const M1: usize = M / 16;
const K1: usize = K / 16;
const N1: usize = N / 16;
/// Fractals of K that go to L1 at once, and to L0.
const CHUNK: usize = 8;
const STEP: usize = 4;
/// The bytes of a fractal of halves.
const FRACTAL: usize = 512;

/// Where things are in global memory.
const A: usize = 0;
const B: usize = A + M * K * 2;
const C: usize = B + K * N * 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |i: usize| ((i * 7919 + 13) % 31) as f32 / 8.0 - 2.0;
    let a: Vec<f16> = (0..M * K).map(|i| f16::from_f32(number(i))).collect();
    let b: Vec<f16> = (0..K * N)
        .map(|i| f16::from_f32(number(3 * i + 1)))
        .collect();

    let profile = Profile::ascend910();
    let mut core = Core::new(&profile, C + M * N * 2)?.traced();
    write(&mut core, A, &Order::Zz.pack(&a, [M, K], f16::ZERO)?);
    write(&mut core, B, &Order::Zn.pack(&b, [K, N], f16::ZERO)?);
    program(&mut core)?;
    let report = core.finish()?;

    println!("{} cycles for {} tiles:", report.cycles, report.tiles);
    for pipe in Pipe::ALL {
        let busy = report.pipe(pipe).busy;
        if busy > 0 {
            let share = 100.0 * report.utilisation(pipe);
            println!("  {:6} busy {busy:5} cycles, {share:3.0} %", pipe.name());
        }
    }
    println!("worst error: {}", worst_error(&a, &b, &core)?);

    // Without its flags the program is wrong, and the machine says where.
    let mut careless = Core::new(&profile, C + M * N * 2)?;
    bring(&mut careless, 0)?;
    if let Err(fault) = feed(&mut careless, 0, 0) {
        println!("without a flag: {}", fault.mistake);
    }

    if let Some(path) = std::env::args().nth(1) {
        let title = format!(
            "A {M} x {K} x {N} product on an emulated {}",
            profile.name()
        );
        std::fs::write(path, timeline(&title, core.trace(), report.cycles))?;
    }
    Ok(())
}

/// The whole product: loads run ahead of the cube by one half of each buffer.
fn program(core: &mut Core<'_>) -> Result<(), Fault> {
    for chunk in 0..K1 / CHUNK {
        let half = (chunk % 2) as u8;
        // L1's half is free once MTE1 has read the chunk before the last.
        if chunk >= 2 {
            wait(core, Pipe::Mte1, Pipe::Mte2, half)?;
        }
        bring(core, chunk)?;
        set(core, Pipe::Mte2, Pipe::Mte1, half)?;
        wait(core, Pipe::Mte2, Pipe::Mte1, half)?;
        for step in 0..CHUNK / STEP {
            let number = chunk * (CHUNK / STEP) + step;
            let half = (number % 2) as u8;
            if number >= 2 {
                wait(core, Pipe::Cube, Pipe::Mte1, half)?;
            }
            feed(core, chunk, number)?;
            set(core, Pipe::Mte1, Pipe::Cube, half)?;
            wait(core, Pipe::Mte1, Pipe::Cube, half)?;
            multiply(core, number)?;
            // Nobody waits for the last two, and a flag must not stay set.
            if number + 2 < K1 / STEP {
                set(core, Pipe::Cube, Pipe::Mte1, half)?;
            }
        }
        if chunk + 2 < K1 / CHUNK {
            set(core, Pipe::Mte1, Pipe::Mte2, half)?;
        }
    }
    set(core, Pipe::Cube, Pipe::Vector, 0)?;
    wait(core, Pipe::Cube, Pipe::Vector, 0)?;
    core.issue(Drain {
        from: Place::new(Buffer::L0c, 0),
        to: Place::new(Buffer::Ub, 0),
        bursts: 1,
        rows: M * N1,
        from_stride: 0,
        to_stride: 0,
        rounding: Rounding::Half,
        relu: false,
    })?;
    set(core, Pipe::Vector, Pipe::Mte3, 0)?;
    wait(core, Pipe::Vector, Pipe::Mte3, 0)?;
    let (from, to) = (Place::new(Buffer::Ub, 0), Place::new(Buffer::Gm, C));
    core.issue(Move::run(from, to, M * N * 2))
}

/// Where a half of L1 begins: A's chunk, then B's.
fn chunk_at(chunk: usize) -> [Place; 2] {
    let a = chunk % 2 * (M1 + N1) * CHUNK * FRACTAL;
    [a, a + M1 * CHUNK * FRACTAL].map(|at| Place::new(Buffer::L1, at))
}

/// Where a half of L0A and L0B begins.
fn half_at(step: usize) -> [Place; 2] {
    let half = step % 2 * (32 << 10);
    [Place::new(Buffer::L0a, half), Place::new(Buffer::L0b, half)]
}

/// MTE2: a chunk of A, some fractals of each row of fractals, and one of B, whole rows.
fn bring(core: &mut Core<'_>, chunk: usize) -> Result<(), Fault> {
    let [a, b] = chunk_at(chunk);
    let length = CHUNK * FRACTAL;
    core.issue(Move {
        from: Place::new(Buffer::Gm, A + chunk * length),
        to: a,
        bursts: M1,
        length,
        from_stride: K1 * FRACTAL,
        to_stride: length,
    })?;
    let length = CHUNK * N1 * FRACTAL;
    core.issue(Move::run(
        Place::new(Buffer::Gm, B + chunk * length),
        b,
        length,
    ))
}

/// MTE1: a step of both factors to L0.
fn feed(core: &mut Core<'_>, chunk: usize, number: usize) -> Result<(), Fault> {
    let ([a, b], [left, right]) = (chunk_at(chunk), half_at(number));
    let step = number % (CHUNK / STEP) * STEP;
    let load = |from, to, repeat| Load2d {
        from,
        to,
        repeat,
        from_stride: 1,
        to_stride: 1,
        transpose: false,
    };
    for m in 0..M1 {
        let from = a.plus((m * CHUNK + step) * FRACTAL);
        core.issue(load(from, left.plus(m * STEP * FRACTAL), STEP))?;
    }
    core.issue(load(b.plus(step * N1 * FRACTAL), right, STEP * N1))
}

/// M: a step of all sums.
fn multiply(core: &mut Core<'_>, number: usize) -> Result<(), Fault> {
    let [left, right] = half_at(number);
    core.issue(Mad {
        left,
        right,
        sums: Place::new(Buffer::L0c, 0),
        m: M,
        k: STEP * 16,
        n: N,
        accumulate: number > 0,
        kind: Kind::F16,
    })
}

fn set(core: &mut Core<'_>, from: Pipe, to: Pipe, id: u8) -> Result<(), Fault> {
    core.issue(Instruction::SetFlag(Signal { from, to, id }))
}

fn wait(core: &mut Core<'_>, from: Pipe, to: Pipe, id: u8) -> Result<(), Fault> {
    core.issue(Instruction::WaitFlag(Signal { from, to, id }))
}

/// Puts halves into global memory.
fn write(core: &mut Core<'_>, at: usize, halves: &[f16]) {
    let bytes = core.global_mut()[at..].chunks_exact_mut(2);
    for (pair, half) in bytes.zip(halves) {
        pair.copy_from_slice(&half.to_le_bytes());
    }
}

/// The largest difference from a product in f64.
fn worst_error(a: &[f16], b: &[f16], core: &Core<'_>) -> Result<f64, convgrad::Error> {
    let bytes = core.global()[C..].chunks_exact(2);
    let packed: Vec<f16> = bytes
        .map(|pair| f16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let c = Order::Nz.unpack(&packed, [M, N])?;
    let exact = |i: usize, j: usize| -> f64 {
        (0..K)
            .map(|k| a[i * K + k].to_f64() * b[k * N + j].to_f64())
            .sum()
    };
    let errors = (0..M * N).map(|i| (c[i].to_f64() - exact(i / N, i % N)).abs());
    Ok(errors.fold(0.0, f64::max))
}
