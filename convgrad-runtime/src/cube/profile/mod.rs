//! Profiles: how large the memories of a core are, how wide its paths, how long its instructions take, and who says so.
//!
//! Few of these numbers are published, and some sources contradict each other. Hence no number stands in the code of the machine:
//! every one is a [`Knob`] with a value, a source in words, and how far that source can be [trusted](Trust). [`Profile::named`] has three
//! chips; [`Profile::set`] makes a machine of one's own.

mod chips;
mod knob;

pub use knob::Knob;

use std::fmt;

/// How much a number is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// A public document states it.
    Stated,
    /// It follows from what public documents state.
    Derived,
    /// From a public cost model of a neighbouring chip.
    Neighbour,
    /// Recalled from documents that could not be read again.
    Recalled,
    /// Nothing public is known: a documented guess.
    Assumed,
    /// The user's own.
    Given,
}

impl Trust {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Trust::Stated => "stated",
            Trust::Derived => "derived",
            Trust::Neighbour => "of a neighbour",
            Trust::Recalled => "recalled",
            Trust::Assumed => "assumed",
            Trust::Given => "given",
        }
    }
}

/// A number, and why it is believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value, in the knob's unit; infinite for a path that takes no time.
    pub value: f64,
    /// Who says so.
    pub source: String,
    /// What that is worth.
    pub trust: Trust,
}

/// A core: a value for every knob.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    name: String,
    settings: Vec<Setting>,
}

/// A value that a knob cannot have.
#[derive(Clone, Debug, PartialEq)]
pub struct BadValue {
    /// The knob.
    pub knob: Knob,
    /// What it was to be.
    pub value: f64,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { knob, value } = self;
        write!(f, "`{}` cannot be {value}: {}", knob.name(), knob.domain())
    }
}

impl std::error::Error for BadValue {}

impl Profile {
    /// The names of the chips.
    pub const NAMES: [&'static str; 3] = ["ascend910", "ascend310p", "ascend910b"];

    /// A chip of [`Profile::NAMES`].
    pub fn named(name: &str) -> Option<Self> {
        chips::find(name)
    }

    /// The Ascend 910, whose core the paper's authors have.
    pub fn ascend910() -> Self {
        chips::ascend910()
    }

    /// The Ascend 310P, with the second form of img2col.
    pub fn ascend310p() -> Self {
        chips::ascend310p()
    }

    /// The Ascend 910B, whose cube and vector units are cores of their own that meet in global memory.
    pub fn ascend910b() -> Self {
        chips::ascend910b()
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same under another name.
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// A knob's value and source.
    pub fn setting(&self, knob: Knob) -> &Setting {
        &self.settings[knob as usize]
    }

    /// A knob's value.
    pub fn get(&self, knob: Knob) -> f64 {
        self.setting(knob).value
    }

    /// A knob's value where it counts something.
    pub fn count(&self, knob: Knob) -> usize {
        self.get(knob) as usize
    }

    /// Whether there is such a path.
    pub fn has(&self, path: Knob) -> bool {
        self.get(path) > 0.0
    }

    /// Turns a knob.
    ///
    /// # Errors
    /// [`BadValue`] for what the knob cannot be.
    pub fn set(
        &mut self,
        knob: Knob,
        value: f64,
        source: impl Into<String>,
    ) -> Result<(), BadValue> {
        if !knob.takes(value) {
            return Err(BadValue { knob, value });
        }
        self.settings[knob as usize] = Setting {
            value,
            source: source.into(),
            trust: Trust::Given,
        };
        Ok(())
    }

    /// The cycles that some bytes take on a path, rounded up.
    pub(crate) fn transfer(&self, path: Knob, bytes: usize) -> u64 {
        (bytes as f64 / self.get(path)).ceil() as u64
    }

    /// A knob's value in whole cycles.
    pub(crate) fn cycles(&self, knob: Knob) -> u64 {
        self.get(knob) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chip_has_every_knob_and_every_number_a_source() {
        for name in Profile::NAMES {
            let profile = Profile::named(name).unwrap();
            assert_eq!(profile.name(), name);
            for knob in Knob::ALL {
                let setting = profile.setting(knob);
                assert!(knob.takes(setting.value), "{name} {}", knob.name());
                assert!(!setting.source.is_empty(), "{name} {}", knob.name());
                assert_eq!(Knob::named(knob.name()), Some(knob));
            }
        }
        assert_eq!(Profile::named("ascend9000"), None);
    }

    #[test]
    fn knobs_refuse_what_they_cannot_be() {
        let mut profile = Profile::ascend910();
        assert!(profile.set(Knob::L1Bytes, 1000.0, "a typo").is_err());
        assert!(profile.set(Knob::L1ToL0a, f64::NAN, "a typo").is_err());
        let error = profile.set(Knob::FlagIds, 0.0, "a typo").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`flag_ids` cannot be 0: it is a whole number of at least 2"
        );
        profile
            .set(Knob::L1ToL0a, f64::INFINITY, "an ideal")
            .unwrap();
        assert_eq!(profile.transfer(Knob::L1ToL0a, 512), 0);
        assert_eq!(profile.setting(Knob::L1ToL0a).trust, Trust::Given);
    }
}
