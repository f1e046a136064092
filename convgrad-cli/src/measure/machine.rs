//! The machine: its name, its cores, and its measured limits.

use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use serde::Serialize;

use super::fma;

/// The machine that figures were measured on.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) cpu: String,
    /// Threads that run at once.
    pub(crate) cores: usize,
    /// Fused multiply-adds of f32 on registers, as measured with the threads of the run: 10^9 operations a second, two a
    /// multiply-add.
    pub(crate) peak_gflops: f64,
    /// A plain copy of memory beyond the caches, with the threads of the run: 10^9 bytes a second, read plus written.
    pub(crate) copy_gbs: f64,
}

impl Machine {
    /// Measures the machine with a number of threads; takes about a fifth of a second.
    pub(crate) fn measure(threads: usize) -> Machine {
        Machine {
            cpu: cpu_name(),
            cores: cores(),
            peak_gflops: best(threads, fma::operations_a_round(), fma::round) / 1e9,
            copy_gbs: copy_rate(threads) / 1e9,
        }
    }
}

/// Threads that run at once on this machine.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn cpu_name() -> String {
    let described = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    described.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The best rate of `work`, run on every thread at once: `amount` a thread and round, per second.
fn best(threads: usize, amount: f64, work: impl Fn() + Sync) -> f64 {
    work();
    (0..10).fold(0.0_f64, |best, _| {
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(&work);
            }
            work();
        });
        best.max(amount * threads as f64 / start.elapsed().as_secs_f64())
    })
}

/// A plain copy, in as many parts as there are threads.
pub(crate) fn copy<T: Copy + Send + Sync>(threads: usize, from: &[T], to: &mut [T]) {
    if threads == 1 {
        return black_box(to).copy_from_slice(black_box(from));
    }
    let share = from.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        for (from, to) in from.chunks(share).zip(to.chunks_mut(share)) {
            scope.spawn(move || black_box(to).copy_from_slice(black_box(from)));
        }
    });
}

fn copy_rate(threads: usize) -> f64 {
    // Beyond the last cache of most machines, and small enough for every machine.
    let total: usize = 64 << 20;
    let share = total / threads.max(1);
    let from = vec![1_u8; share * threads];
    let mut to = vec![0_u8; share * threads];
    (0..6).fold(0.0_f64, |best, _| {
        let start = Instant::now();
        copy(threads, &from, &mut to);
        best.max(2.0 * from.len() as f64 / start.elapsed().as_secs_f64())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_positive() {
        let machine = Machine::measure(1);
        assert!(!machine.cpu.is_empty() && machine.cores >= 1);
        assert!(machine.peak_gflops > 0.1, "{machine:?}");
        assert!(machine.copy_gbs > 0.01, "{machine:?}");
    }
}
