//! Options whose value is one of a few names.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use convgrad::conv::{Layout, Method};

/// Parses the name of a method.
pub(crate) fn method() -> impl TypedValueParser<Value = Method> {
    one_of(&Method::ALL, Method::name)
}

/// Parses the name of a layout.
pub(crate) fn layout() -> impl TypedValueParser<Value = Layout> {
    one_of(&Layout::ALL, Layout::name)
}

fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|&value| name(value))).try_map(move |text| {
        let found = all.iter().copied().find(|&value| name(value) == text);
        found.ok_or("no such name")
    })
}
