//! A core of one's own, from a JSON file.
//!
//! ```json
//! {"name": "wide", "base": "ascend910", "settings": {"gm_to_l1": {"value": 188, "source": "twice the L2"}, "l1_to_l0b": 512}}
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use convgrad::cube::profile::{Knob, Profile};
use serde::Deserialize;

use crate::failure::{Failure, Result};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    base: String,
    #[serde(default)]
    settings: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Value(f64),
    Sourced { value: f64, source: String },
}

/// More than a profile needs.
const LARGEST: u64 = 1 << 20;

/// A chip by its name, or the core that a file describes.
pub(crate) fn load(name: &str) -> Result<Profile> {
    if let Some(profile) = Profile::named(name) {
        return Ok(profile);
    }
    let path = Path::new(name);
    let chips = Profile::NAMES.join(", ");
    let cannot = |error: std::io::Error| {
        Failure::file(
            path,
            format!("no chip of this name ({chips}), and no file: {error}"),
        )
    };
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(Failure::content(path, "is not a file of a profile's size"));
    }
    let text = std::fs::read_to_string(path).map_err(cannot)?;
    parse(&text).map_err(|message| Failure::content(path, message))
}

fn parse(text: &str) -> Result<Profile, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let base = Profile::named(&document.base).ok_or_else(|| {
        let chips = Profile::NAMES.join(", ");
        format!("`base` is `{}`, which is none of {chips}", document.base)
    })?;
    let mut profile = base.renamed(document.name);
    for (name, entry) in document.settings {
        let knob = Knob::named(&name).ok_or_else(|| {
            let names = Knob::ALL.map(Knob::name).join(", ");
            format!("unknown setting `{name}`; there are {names}")
        })?;
        let (value, source) = match entry {
            Entry::Value(value) => (value, "the profile's file".into()),
            Entry::Sourced { value, source } => (value, source),
        };
        profile
            .set(knob, value, source)
            .map_err(|error| error.to_string())?;
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_turns_knobs() {
        let text = r#"{"name": "wide", "base": "ascend910",
            "settings": {"gm_to_l1": {"value": 188, "source": "twice the L2"}, "burst": 0}}"#;
        let profile = parse(text).unwrap();
        assert_eq!(profile.name(), "wide");
        assert_eq!(profile.get(Knob::GmToL1), 188.0);
        assert_eq!(profile.setting(Knob::GmToL1).source, "twice the L2");
        assert_eq!(profile.get(Knob::Burst), 0.0);
        let error = |text: &str| parse(text).unwrap_err();
        assert!(error(r#"{"name": "x", "base": "ascend9"}"#).contains("ascend310p"));
        let unknown = r#"{"name": "x", "base": "ascend910", "settings": {"gm": 1}}"#;
        assert!(error(unknown).contains("unknown setting `gm`"));
        let bad = r#"{"name": "x", "base": "ascend910", "settings": {"flag_ids": 1}}"#;
        assert!(error(bad).contains("`flag_ids` cannot be 1"));
    }
}
