//! Converters on the device: from the loops that run on the CPU to moves, vector copies and 16 x 16 transpositions.
//!
//! | step | what it does |
//! |---|---|
//! | [`origin`] | runs the converter's loops over addresses: where each element of the output comes from |
//! | [`atom`] | blocks of sixteen halves by what makes them: lanes that stay, turn, are gathered, numbers |
//! | [`tile`] | blocks that fit a half of UB together |
//! | [`room`] | the end of UB, where numbers stand and unwanted lanes go |
//! | [`bursts`] | a tile in and out: bursts with strides |
//! | [`work`], [`turns`] | a tile in UB: copies and fills with masks, transpositions |
//!
//! Where all blocks are those of the input as they stand, tiles only pass through UB and the vector unit has nothing to do. In which order
//! atoms become tiles, and how large these are, is tried on the machine's own clock. Everything is double buffered: tile by tile
//! in, work, out, on three pipes side by side.

mod atom;
mod bursts;
mod origin;
mod pieces;
mod room;
#[cfg(test)]
mod tests;
mod tile;
mod turns;
mod work;

pub(super) use origin::{Origin, addresses};

use std::rc::Rc;

use half::f16;

use super::Issue;
use super::outcome::Refusal;
use crate::converter::Converter;
use crate::cube::machine::{BLOCK, Core, FRACTAL};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::{Event, Report};
use crate::error::Error;
use atom::{Atom, atoms};
use bursts::{Way, transfer};
use pieces::Pieces;
use room::Room;
use tile::{Order, Tile, sorted, tiles};
use work::Work;

/// A converter of halves as a program for a core.
///
/// ```
/// use convgrad_runtime::cube::profile::Profile;
/// use convgrad_runtime::cube::program::Relayout;
/// use half::f16;
///
/// convgrad_macros::convgrad! {
///     crate = convgrad_runtime;
///
///     /// Channels in blocks of sixteen.
///     converter blocks<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
///         Y[n, c1, h, w, c0] = X[n, c1*16 + c0, h, w] else 0;
///     }
/// }
///
/// let (profile, converter) = (Profile::ascend910(), Blocks::new(1, 20, 8, 8)?);
/// let x: Vec<f16> = (0..20 * 64).map(|i| f16::from_f32(i as f32)).collect();
/// let (mut expected, mut found) = (vec![f16::ZERO; 2 * 64 * 16], vec![f16::ONE; 2 * 64 * 16]);
/// converter.convert(&x, &mut expected)?;
///
/// let relayout = Relayout::new(&profile, &converter)?;
/// let ran = relayout.run(&x, &mut found, false)?;
/// assert_eq!(found, expected);
/// assert!(ran.report.cycles > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Relayout<'p> {
    profile: &'p Profile,
    /// Elements of the input and of the output.
    lengths: [usize; 2],
    atoms: Vec<Atom>,
    room: Room,
    cut: Cut,
}

/// A converter that ran.
#[derive(Clone, Debug)]
pub struct Relaid {
    /// Where the time went.
    pub report: Report,
    /// What happened, if it was asked for.
    pub trace: Vec<Event>,
}

/// How atoms become tiles.
#[derive(Clone, Debug, Default)]
struct Cut {
    tiles: Vec<Tile>,
    /// Whether blocks go to UB and out again as they stand.
    straight: bool,
    /// Bytes of the input's and the output's part of each half of UB.
    sizes: [usize; 2],
}

impl<'p> Relayout<'p> {
    /// The program of a converter.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] if it does more than move halves, or for the core lacks the paths to UB and back;
    /// [`Refusal::Error`] if the addresses do not fit the memory of the host, or a number of the formula is no half.
    pub fn new(profile: &'p Profile, converter: &impl Converter) -> Result<Self, Refusal> {
        use ndarray::Dimension;
        let input = converter.input_dim().size();
        Self::of(profile, input, &origin::trace(converter)?)
    }

    /// The program that writes elements from where they come, of an input of so many.
    pub(super) fn of(
        profile: &'p Profile,
        input: usize,
        origins: &[Origin],
    ) -> Result<Self, Refusal> {
        if !profile.has(Knob::GmToUb) || !profile.has(Knob::UbToGm) {
            let what = "the core has no path from global memory to UB and back";
            return Err(Refusal::Unavailable(what.into()));
        }
        let atoms = atoms(origins)?;
        let mut relayout = Self {
            profile,
            lengths: [input, origins.len()],
            room: Room::new(profile, &atoms)?,
            atoms,
            cut: Cut::default(),
        };
        let mut best: Option<(u64, Cut)> = None;
        for (order, most, straight) in relayout.cuts() {
            relayout.cut = Cut {
                tiles: tiles(&relayout.atoms, &order, most),
                straight,
                sizes: [if straight { 0 } else { most[0] }, most[1]].map(|most| most * BLOCK),
            };
            let mut core = Core::timing(profile);
            relayout.issue(&mut core, [(0, 0)])?;
            let cycles = core.finish()?.cycles;
            if best.as_ref().is_none_or(|(least, _)| cycles < *least) {
                best = Some((cycles, std::mem::take(&mut relayout.cut)));
            }
        }
        relayout.cut = best.map(|(_, cut)| cut).unwrap_or_default();
        Ok(relayout)
    }

    /// What is tried: both orders, tiles of some sizes, straight through where that is possible.
    fn cuts(&self) -> Vec<(Rc<[u32]>, [usize; 2], bool)> {
        let straight = self.atoms.iter().all(|atom| atom.whole().is_some());
        let mut orders = vec![sorted(&self.atoms, Order::Output)];
        let by_input = sorted(&self.atoms, Order::Input);
        if by_input != orders[0] {
            orders.push(by_input);
        }
        let half = self.room.free / 2 / BLOCK;
        let [input, output] = self.lengths.map(|length| length.div_ceil(16).max(1) as f64);
        let share = (input / (input + output)).clamp(0.125, 0.875);
        let source = ((half as f64 * share) as usize).max(16);
        let target = half.saturating_sub(source);
        let mut cuts = Vec::new();
        // Where there are many tiles, their size matters little.
        let sizes: &[usize] = if self.atoms.len() > 1 << 18 {
            &[2]
        } else {
            &[1, 2, 4, 8]
        };
        for order in orders.into_iter().map(Rc::<[u32]>::from) {
            for parts in sizes {
                let most = [source, target].map(|most| (most / parts).max(16));
                cuts.push((order.clone(), most, false));
                if straight {
                    let most = [usize::MAX, (half / parts).max(1)];
                    cuts.push((order.clone(), most, true));
                }
            }
        }
        cuts
    }

    /// Issues the program for inputs and outputs at addresses of global memory, one after the other.
    pub(super) fn issue(
        &self,
        core: &mut Core<'_>,
        places: impl IntoIterator<Item = (usize, usize)>,
    ) -> Issue {
        if !self.cut.straight {
            self.room.prepare(core)?;
        }
        let mut pieces = Pieces::new(self.cut.sizes, self.cut.straight);
        for (from, to) in places {
            for tile in &self.cut.tiles {
                pieces.run(
                    core,
                    |core, at| self.bring(core, tile, (from, at)),
                    |core, at, out| {
                        let work = Work {
                            tile,
                            room: &self.room,
                            from: at,
                            to: out,
                        };
                        work.issue(core, &self.atoms)
                    },
                    |core, out| {
                        let targets = tile.targets.iter().map(|&block| block as usize);
                        let blocks = targets.enumerate().map(|(here, there)| (there, here));
                        transfer(core, blocks, (to, out), Way::Out)
                    },
                )?;
            }
        }
        pieces.close(core)
    }

    /// Brings the blocks that a tile reads, or those that it writes where they are the same.
    fn bring(&self, core: &mut Core<'_>, tile: &Tile, begin: (usize, usize)) -> Issue {
        if !self.cut.straight {
            let sources = tile.sources.iter().map(|&block| block as usize);
            let blocks = sources.enumerate().map(|(here, there)| (there, here));
            return transfer(core, blocks, begin, Way::In);
        }
        let atoms = tile
            .atoms
            .iter()
            .map(|&number| &self.atoms[number as usize]);
        let mut blocks: Vec<(usize, usize)> = atoms
            .filter_map(|atom| atom.whole())
            .map(|(from, to)| (from as usize, tile.target(to)))
            .collect();
        blocks.sort_unstable_by_key(|&(_, here)| here);
        transfer(core, blocks.into_iter(), begin, Way::In)
    }

    /// Runs it, and keeps what happens if that is to be traced.
    ///
    /// # Errors
    /// [`Refusal::Error`] if a slice has not as many elements as its tensor, or there is no memory for the core's;
    /// a [`Refusal::Fault`] is a mistake of the program.
    pub fn run(&self, x: &[f16], y: &mut [f16], traced: bool) -> Result<Relaid, Refusal> {
        for (tensor, expected, found) in [
            ("the input", self.lengths[0], x.len()),
            ("the output", self.lengths[1], y.len()),
        ] {
            if expected != found {
                return Err(Refusal::Error(Error::Length {
                    tensor: tensor.into(),
                    shape: vec![expected],
                    found,
                }));
            }
        }
        let [input, output] = self
            .lengths
            .map(|length| (2 * length).next_multiple_of(FRACTAL));
        let mut core = Core::new(self.profile, input + output)?;
        if traced {
            core = core.traced();
        }
        let global = core.global_mut();
        for (pair, half) in global.as_chunks_mut::<2>().0.iter_mut().zip(x) {
            *pair = half.to_le_bytes();
        }
        self.issue(&mut core, [(0, input)])?;
        let report = core.finish()?;
        let result = core.global()[input..].as_chunks::<2>().0;
        for (half, pair) in y.iter_mut().zip(result) {
            *half = f16::from_le_bytes(*pair);
        }
        Ok(Relaid {
            report,
            trace: core.trace().to_vec(),
        })
    }
}
