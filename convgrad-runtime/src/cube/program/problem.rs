//! A convolution with numbers, run by any method on any core.

use half::f16;

use super::build::Build;
use super::gemm::Tiling;
use super::outcome::{Outcome, Refusal};
use super::search::{TRIED, candidates};
use super::{By, Method};
use crate::conv::{Context, Conv2d, Formats};
use crate::convert::{Cast, Convert};
use crate::cube::machine::{Core, Mistake};
use crate::cube::profile::{Knob, Profile};
use crate::cube::real::Real;
use crate::cube::reference::Reference;
use crate::cube::tensors::Operands;
use crate::error::Result;

/// A convolution, and its operands in the Cube's formats.
#[derive(Debug)]
pub struct Problem {
    conv: Conv2d,
    x: Vec<f16>,
    kernel: Vec<f16>,
    dy: Vec<f16>,
}

impl Problem {
    /// A convolution of operands that lie as `formats` says; they are rounded to halves.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if a slice has not as many elements as its tensor in its layout,
    /// [`Error::Memory`](crate::Error::Memory) if a tensor does not fit.
    pub fn new<T: Real>(
        conv: &Conv2d,
        formats: Formats,
        x: &[T],
        kernel: &[T],
        dy: &[T],
    ) -> Result<Self> {
        let given = Operands { conv, formats };
        Ok(Self {
            conv: *conv,
            x: given.input(x)?,
            kernel: given.kernel(kernel)?,
            dy: given.output_gradient(dy)?,
        })
    }

    /// Runs a method on a core, with the best tiling that the search finds, and compares the result with the definition.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] where the core lacks a path or an instruction, or no tiling fits its memories;
    /// [`Refusal::Error`] if something does not fit the memory of the host. A [`Refusal::Fault`] is a mistake of the generated program.
    pub fn run(
        &self,
        cx: &Context,
        profile: &Profile,
        method: Method,
        by: By,
        traced: bool,
    ) -> std::result::Result<Outcome, Refusal> {
        available(profile, &self.conv, method, by)?;
        let build = Build::new(&self.conv, method, by);
        let (bands, tiling) = best(&build, profile)?;
        let mut core = Core::new(profile, build.global)?;
        if traced {
            core = core.traced();
        }
        self.write(&mut core, &build);
        build.program(&mut core, bands, &tiling)?;
        let report = core.finish()?;
        let reference = Reference {
            cx,
            conv: &self.conv,
            operands: [&self.x, &self.kernel, &self.dy],
        };
        let expected = reference.of(method)?;
        let (exact, max_rel_error) = self.compare(&core, &build, &expected);
        Ok(Outcome {
            report,
            tiling,
            exact,
            max_rel_error,
            trace: core.trace().to_vec(),
        })
    }

    /// The cycles of a method, without computing anything.
    ///
    /// # Errors
    /// As [`Problem::run`].
    pub fn time(
        conv: &Conv2d,
        profile: &Profile,
        method: Method,
        by: By,
    ) -> std::result::Result<crate::cube::time::Report, Refusal> {
        available(profile, conv, method, by)?;
        let build = Build::new(conv, method, by);
        let (bands, tiling) = best(&build, profile)?;
        let mut core = Core::timing(profile);
        build.program(&mut core, bands, &tiling)?;
        Ok(core.finish()?)
    }

    /// Writes the operands to global memory, group by group.
    fn write(&self, core: &mut Core<'_>, build: &Build) {
        let groups = self.conv.groups();
        let global = core.global_mut();
        for (zone, all) in [
            (build.x.zone, &self.x),
            (build.kernel, &self.kernel),
            (build.dy.zone, &self.dy),
        ] {
            let len = all.len() / groups;
            for group in 0..groups {
                let part = &all[group * len..(group + 1) * len];
                let bytes = &mut global[zone.at(group)..][..2 * len];
                for (pair, half) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(part) {
                    *pair = half.to_le_bytes();
                }
            }
        }
    }

    /// Whether the result has the bits of the definition, and how far it is from the sums.
    fn compare(&self, core: &Core<'_>, build: &Build, expected: &[f32]) -> (bool, f64) {
        let (mut exact, mut largest, mut difference) = (true, 0.0f64, 0.0f64);
        for (group, sums) in expected.chunks(build.len.max(1)).enumerate() {
            let bytes = &core.global()[build.result.at(group)..][..2 * build.len];
            for (pair, sum) in bytes.as_chunks::<2>().0.iter().zip(sums) {
                let (found, rounded): (f16, f16) = (f16::from_le_bytes(*pair), Cast.one(*sum));
                exact &= found.to_bits() == rounded.to_bits() || found.is_nan() && rounded.is_nan();
                largest = largest.max(f64::from(sum.abs()));
                difference = difference.max((found.to_f64() - f64::from(*sum)).abs());
            }
        }
        let relative = if largest > 0.0 {
            difference / largest
        } else {
            difference
        };
        (exact, relative)
    }
}

/// Says what a core lacks for a method.
fn available(
    profile: &Profile,
    conv: &Conv2d,
    method: Method,
    by: By,
) -> std::result::Result<(), Refusal> {
    if conv.batch() == 0 {
        return Err(Refusal::Unavailable("an empty batch takes no time".into()));
    }
    let lacks = |what: &str| Err(Refusal::Unavailable(format!("the core has no {what}")));
    let folded = method == Method::Dk(crate::cube::Scheme::Folded);
    if method == Method::DxCol2img && !profile.has(Knob::L0cToUb) {
        return lacks("path from L0C to UB");
    }
    if by == By::Software && method != Method::DxCol2img && !profile.has(Knob::UbToL1) {
        return lacks("path from UB to L1");
    }
    if by == By::Hardware && folded {
        if profile.count(Knob::Img2col) != 1 {
            return lacks("img2col that folds windows of several images");
        }
        if !profile.has(Knob::L1ToUb) || !profile.has(Knob::UbToL1) {
            return lacks("path from L1 to UB and back");
        }
    }
    Ok(())
}

/// The best of the most promising tilings, and of the bands of col2img, by the clock.
fn best(build: &Build, profile: &Profile) -> std::result::Result<([usize; 2], Tiling), Refusal> {
    let mut best: Option<(u64, [usize; 2], Tiling)> = None;
    // What the fields of an instruction cannot hold: a filter that is too wide, for instance.
    let mut lack: Option<Mistake> = None;
    for bands in build.bands() {
        let tried = build.product(profile, bands, |gemm| {
            let mut tilings = candidates(profile, &gemm.extents);
            let mut fitting = Vec::new();
            for tiling in tilings.drain(..) {
                if fitting.len() == TRIED {
                    break;
                }
                if gemm.fits(profile, &tiling) {
                    fitting.push(tiling);
                }
            }
            fitting
        });
        for tiling in tried {
            let limit = best.map_or(u64::MAX, |(cycles, ..)| cycles);
            let mut core = Core::timing(profile);
            let done = build.product(profile, bands, |gemm| gemm.run(&mut core, &tiling, limit));
            match done {
                Ok(true) if core.elapsed() < limit => {
                    best = Some((core.elapsed(), bands, tiling));
                }
                Ok(_) => {}
                Err(fault) if matches!(fault.mistake, Mistake::Field { .. }) => {
                    lack = Some(fault.mistake);
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }
    match (best, lack) {
        (Some((_, bands, tiling)), _) => Ok((bands, tiling)),
        (None, Some(lack)) => Err(Refusal::Unavailable(lack.to_string())),
        (None, None) => Err(Refusal::Unavailable(
            "no tiling fits the memories of the core".into(),
        )),
    }
}
