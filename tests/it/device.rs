//! Converters on the emulated core and on the CPU.

use convgrad::Converter;
use convgrad::cube::profile::Profile;
use convgrad::cube::program::{Refusal, Relayout};
use convgrad::half::f16;
use convgrad::program::Instance;

/// What became of a converter.
#[derive(Debug)]
pub(crate) enum Ran {
    /// The device wrote the bits of the CPU.
    Same,
    /// It is none that the device can run.
    Refused(String),
}

/// Runs a converter of halves on both; says what is wrong.
pub(crate) fn on_device(profile: &Profile, instance: &Instance) -> Result<Ran, String> {
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    // All bits but those of zeros.
    let x: Vec<f16> = (0..count(instance.input_shape()))
        .map(|i| f16::from_bits(i as u16 | 1))
        .collect();
    let mut expected = vec![f16::ZERO; count(instance.output_shape())];
    let mut found = vec![f16::NAN; expected.len()];
    instance
        .convert(&x, &mut expected)
        .map_err(|error| format!("on the CPU: {error}"))?;
    let relayout = match Relayout::new(profile, instance) {
        Ok(relayout) => relayout,
        Err(Refusal::Unavailable(why)) => return Ok(Ran::Refused(why)),
        Err(refusal) => return Err(refusal.to_string()),
    };
    let report = relayout.run(&x, &mut found, false);
    report.map_err(|refusal| refusal.to_string())?;
    let bits = |all: &[f16]| -> Vec<u16> { all.iter().map(|half| half.to_bits()).collect() };
    match bits(&found) == bits(&expected) {
        true => Ok(Ran::Same),
        false => Err(format!("{found:?} instead of {expected:?}")),
    }
}
