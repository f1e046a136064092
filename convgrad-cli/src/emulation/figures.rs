//! What a program did to the machine, in figures.

use std::collections::BTreeMap;

use convgrad::cube::Pipe;
use convgrad::cube::program::{Outcome, Sample};
use convgrad::cube::time::Report;
use serde::Serialize;

/// The figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// Tiles that the cube multiplies: its cycles if it never waits.
    pub(crate) tile_macs: u64,
    /// Cycles in all.
    pub(crate) cycles: u64,
    /// Cycles, compared with forward done the same way.
    pub(crate) relative_to_forward: Option<f64>,
    /// Instructions, flags included.
    pub(crate) instructions: u64,
    /// The pipes that did anything.
    pub(crate) pipes: BTreeMap<&'static str, PipeFigures>,
    /// Bytes by path.
    pub(crate) bytes: BTreeMap<String, u64>,
    /// Whether the result has the bits of the definition, as far as it was computed.
    pub(crate) exact: bool,
    /// What was computed, if only a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sampled: Option<Sampled>,
    /// The largest difference from the f32 sums, relative to the largest of these.
    pub(crate) max_rel_error: f64,
    /// Tiles of M and N, chunks of K, steps of K; in fractals.
    pub(crate) tiling: [usize; 4],
}

/// Of how many tiles of sums the numbers were computed and compared.
#[derive(Debug, Serialize)]
pub(crate) struct Sampled {
    /// Those that were.
    pub(crate) tiles: usize,
    /// All of them.
    pub(crate) of: usize,
}

/// What a pipe did.
#[derive(Debug, Serialize)]
pub(crate) struct PipeFigures {
    /// Cycles that it worked.
    pub(crate) busy: u64,
    /// That as a share of all cycles.
    pub(crate) utilisation: f64,
    /// Instructions.
    pub(crate) instructions: u64,
    /// Cycles that it waited, by the pipe that it waited for; `issue` for the scalar unit.
    pub(crate) stalls: BTreeMap<&'static str, u64>,
}

impl Figures {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let (report, tiling) = (&outcome.report, &outcome.tiling);
        Figures {
            tile_macs: report.tiles,
            cycles: report.cycles,
            relative_to_forward: None,
            instructions: report.instructions,
            pipes: pipes(report),
            bytes: report.paths(),
            exact: outcome.exact,
            sampled: outcome
                .sample
                .map(|Sample { tiles, of }| Sampled { tiles, of }),
            max_rel_error: outcome.max_rel_error,
            tiling: [tiling.m, tiling.n, tiling.k, tiling.step],
        }
    }
}

/// The pipes that did anything.
pub(super) fn pipes(report: &Report) -> BTreeMap<&'static str, PipeFigures> {
    let pipe = |pipe: Pipe| {
        let done = report.pipe(pipe);
        let waits = Pipe::ALL.into_iter().zip(done.waits);
        let mut stalls: BTreeMap<_, _> = waits
            .filter(|&(_, cycles)| cycles > 0)
            .map(|(other, cycles)| (other.name(), cycles))
            .collect();
        if done.issue > 0 {
            stalls.insert("issue", done.issue);
        }
        let figures = PipeFigures {
            busy: done.busy,
            utilisation: report.utilisation(pipe),
            instructions: done.instructions,
            stalls,
        };
        (pipe.name(), figures)
    };
    let busy = |pipe: &Pipe| report.pipe(*pipe).instructions > 0;
    Pipe::ALL.into_iter().filter(busy).map(pipe).collect()
}
