//! A convolution with numbers, run by any method on any core.

use std::sync::{Arc, Mutex, PoisonError};

use half::f16;

use super::build::Build;
use super::outcome::{Detail, Outcome, Refusal, Sample};
use super::search::{TRIED, candidates};
use super::tiling::Tiling;
use super::{By, Method};
use crate::conv::{Context, Conv2d, Formats};
use crate::convert::{Cast, Convert};
use crate::cube::Scheme;
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
    /// The sums of the definition, of the methods that have been asked for.
    sums: Mutex<Vec<(Method, Arc<Vec<f32>>)>>,
}

/// The bits of a half that no product has: sums that are no numbers leave as another NaN.
const UNTOUCHED: u16 = 0xfe01;

/// How a result compares with the definition.
struct Compared {
    exact: bool,
    largest: f64,
    difference: f64,
}

impl Compared {
    /// The largest difference, relative to the largest sum.
    fn relative(&self) -> f64 {
        if self.largest > 0.0 {
            self.difference / self.largest
        } else {
            self.difference
        }
    }
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
            sums: Mutex::default(),
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
        detail: Detail,
    ) -> std::result::Result<Outcome, Refusal> {
        available(profile, &self.conv, method, by)?;
        let build = Build::new(&self.conv, profile, method, by);
        let (bands, tiling) = best(&build, profile)?;
        let all = build.product(profile, bands, |gemm| gemm.tiles(profile, &tiling));
        let sample = detail.tiles.filter(|&tiles| tiles.max(2) < all);
        let mut core = Core::new(profile, build.global)?;
        if detail.traced {
            core = core.traced();
        }
        self.write(&mut core, &build);
        build.program(&mut core, bands, &tiling, sample)?;
        let mut report = core.finish()?;
        let mut trace = core.trace().to_vec();
        if sample.is_some() {
            let mut whole = Core::timing(profile);
            if detail.traced {
                whole = whole.traced();
            }
            build.program(&mut whole, bands, &tiling, None)?;
            (report, trace) = (whole.finish()?, whole.trace().to_vec());
        }
        let expected = self.expected(cx, method)?;
        let found = self.compare(&core, &build, &expected, sample.is_some());
        Ok(Outcome {
            report,
            tiling,
            exact: found.exact,
            sample: sample.map(|tiles| Sample {
                tiles: tiles.max(2),
                of: all,
            }),
            max_rel_error: found.relative(),
            trace,
        })
    }

    /// The sums of the definition, computed once for each method that has sums of its own.
    fn expected(&self, cx: &Context, method: Method) -> Result<Arc<Vec<f32>>> {
        // Literal and folded are the same sums, of which folded has the fewer tiles.
        let method = match method {
            Method::Dk(Scheme::Literal) => Method::Dk(Scheme::Folded),
            method => method,
        };
        let known = || self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sums)) = known().iter().find(|(own, _)| *own == method) {
            return Ok(sums.clone());
        }
        let reference = Reference {
            cx,
            conv: &self.conv,
            operands: [&self.x, &self.kernel, &self.dy],
        };
        let sums = Arc::new(reference.of(method)?);
        known().push((method, sums.clone()));
        Ok(sums)
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
        let build = Build::new(conv, profile, method, by);
        let (bands, tiling) = best(&build, profile)?;
        let mut core = Core::timing(profile);
        build.program(&mut core, bands, &tiling, None)?;
        Ok(core.finish()?)
    }

    /// Writes the operands to global memory, group by group, and marks the places of results.
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
        for (zone, len) in build.written() {
            for group in 0..groups {
                let bytes = &mut global[zone.at(group)..][..2 * len];
                bytes.as_chunks_mut::<2>().0.fill(UNTOUCHED.to_le_bytes());
            }
        }
    }

    /// Whether the result has the bits of the definition, and how far it is from the sums. Of a sample only what was written counts.
    fn compare(&self, core: &Core<'_>, build: &Build, expected: &[f32], sampled: bool) -> Compared {
        let mut compared = Compared {
            exact: true,
            largest: 0.0,
            difference: 0.0,
        };
        for (group, sums) in expected.chunks(build.len.max(1)).enumerate() {
            let bytes = &core.global()[build.result.at(group)..][..2 * build.len];
            for (pair, sum) in bytes.as_chunks::<2>().0.iter().zip(sums) {
                let (found, rounded): (f16, f16) = (f16::from_le_bytes(*pair), Cast.one(*sum));
                if found.to_bits() == UNTOUCHED {
                    compared.exact &= sampled;
                    continue;
                }
                compared.exact &=
                    found.to_bits() == rounded.to_bits() || found.is_nan() && rounded.is_nan();
                let difference = (found.to_f64() - f64::from(*sum)).abs();
                compared.largest = compared.largest.max(f64::from(sum.abs()));
                compared.difference = compared.difference.max(difference);
            }
        }
        compared
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
    let folded = method == Method::Dk(Scheme::Folded);
    if method == Method::DxCol2img && !profile.has(Knob::L0cToUb) {
        return lacks("path from L0C to UB, where products are added up");
    }
    let global = [Knob::GmToUb, Knob::UbToGm].map(|knob| profile.has(knob)) == [true; 2];
    if by == By::Software && !profile.has(Knob::UbToL1) && !global {
        return lacks("path from UB to L1, or to global memory and back");
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
