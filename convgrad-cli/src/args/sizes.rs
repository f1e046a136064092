//! `--set N=3,C=20`: sizes of converters.

use clap::Args;

use crate::failure::{Failure, Result};

/// The option `--set`.
#[derive(Args, Debug)]
pub(crate) struct Sizes {
    /// Sizes of the converter, as N=3,C=20
    #[arg(long = "set", value_name = "SIZE=VALUE", value_delimiter = ',', value_parser = parse)]
    settings: Vec<Setting>,
}

/// One size and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name.
    pub(crate) name: String,
    /// The value, not yet checked.
    pub(crate) value: i64,
}

fn parse(text: &str) -> Result<Setting, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected NAME=VALUE, for example N=3")?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return Err("the name before `=` is missing".into());
    }
    let value = value
        .parse()
        .map_err(|_| format!("`{value}` is not an integer of 64 bits"))?;
    Ok(Setting {
        name: name.into(),
        value,
    })
}

impl Sizes {
    /// The settings, each name once and no value negative.
    pub(crate) fn checked(&self) -> Result<&[Setting]> {
        for (index, setting) in self.settings.iter().enumerate() {
            let Setting { name, value } = setting;
            if *value < 0 {
                return Err(Failure::input(format!(
                    "--set {name}={value}: sizes are never negative"
                )));
            }
            if self.settings[..index]
                .iter()
                .any(|earlier| earlier.name == *name)
            {
                return Err(Failure::environment(format!("--set gives {name} twice")));
            }
        }
        Ok(&self.settings)
    }
}
