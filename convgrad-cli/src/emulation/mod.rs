//! Convolutions on the emulated core: every pass and scheme of a set of shapes, with hardware img2col and without.

mod convert;
mod figures;
mod pictures;
mod profile;
mod run;
mod tables;

pub(crate) use convert::convert;
pub(crate) use figures::Figures;
pub(crate) use pictures::pictures;
pub(crate) use profile::load;
pub(crate) use run::{Job, Plan, Selection, Traced, emulate};
pub(crate) use tables::{description, tables};

use std::collections::BTreeMap;

use convgrad::cube::profile::{Knob, Profile};
use serde::Serialize;

use crate::shapes::Shape;

/// What `convgrad cube --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    /// The name of the core.
    pub(crate) profile: String,
    /// What the core is made of, and who says so.
    pub(crate) settings: BTreeMap<&'static str, Setting>,
    /// The shapes, in order.
    pub(crate) shapes: Vec<ShapeRuns>,
}

/// A number of the profile.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    /// The value; null for an infinite one.
    value: f64,
    source: String,
    trust: &'static str,
}

/// A shape, and what its passes took.
#[derive(Debug, Serialize)]
pub(crate) struct ShapeRuns {
    /// The shape.
    #[serde(flatten)]
    pub(crate) shape: Shape,
    /// Every pass and scheme, with hardware img2col and without.
    pub(crate) runs: Vec<Run>,
}

/// A pass by a scheme.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    /// `forward`, `dx` or `dk`.
    pub(crate) pass: &'static str,
    /// How it is computed.
    pub(crate) scheme: &'static str,
    /// `hardware` or `software`.
    pub(crate) img2col: &'static str,
    /// What it took, or why it cannot be done.
    #[serde(flatten)]
    pub(crate) result: Measured,
}

/// What a run came to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Measured {
    /// It ran.
    Done(Box<Figures>),
    /// The core cannot do that.
    Not {
        /// Why.
        unavailable: String,
    },
}

impl ShapeRuns {
    /// The figures of a run that could be done.
    pub(crate) fn figures(&self, job: Job) -> Option<&Figures> {
        let run = self.runs.iter().find(|run| {
            (run.pass, run.scheme, run.img2col)
                == (job.method.pass(), job.method.scheme(), job.by.name())
        })?;
        match &run.result {
            Measured::Done(figures) => Some(figures),
            Measured::Not { .. } => None,
        }
    }
}

/// All numbers of a profile.
pub(crate) fn settings(profile: &Profile) -> BTreeMap<&'static str, Setting> {
    let setting = |knob: Knob| {
        let setting = profile.setting(knob);
        let setting = Setting {
            value: setting.value,
            source: setting.source.clone(),
            trust: setting.trust.name(),
        };
        (knob.name(), setting)
    };
    Knob::ALL.into_iter().map(setting).collect()
}
