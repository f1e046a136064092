//! `convgrad draw`: a picture of where every element goes.

use std::path::PathBuf;

use clap::Args;
use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::sizes;

use crate::args::NamedConverter;
use crate::draw;
use crate::failure::{Failure, Result};
use crate::files::Staged;

/// Draw where every element of a converter's input goes
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    converter: NamedConverter,
    /// Where the picture goes
    #[arg(long = "out", value_name = "F.svg")]
    output: PathBuf,
    /// An element of the input to be framed wherever it goes, as its index: 0,2,1
    #[arg(long = "element", value_name = "I,J,…")]
    elements: Vec<String>,
}

/// Draws.
pub(crate) fn run(options: &Options) -> Result {
    let (formulas, settings, program) = options.converter.open()?;
    let formula = options.converter.find(&program)?;
    let converter = &formula.compiled().converter;
    let bindings = formulas.bind(converter, settings)?;
    let sizes = all_sizes(converter, &bindings)?;
    // What is wrong at these sizes is said better by the proofs than by the interpreter.
    analyze(converter, &bindings).map_err(|diagnostics| formulas.refuse(&diagnostics))?;
    let map = source_map(converter, &sizes).map_err(|fault| {
        let code = fault.code.number();
        Failure::input(format!("{code}: {fault}; smaller sizes can be drawn"))
    })?;
    let marked = options
        .elements
        .iter()
        .map(|element| place(element, &map))
        .collect::<Result<Vec<usize>>>()?;
    let mut staged = Staged::new();
    let slot = staged.reserve(&options.output)?;
    let picture = draw::picture(converter, &sizes, &map, &marked);
    staged.write(slot, |out| out.write_all(picture.as_bytes()))?;
    staged.publish()
}

/// The value of every size.
fn all_sizes(converter: &Converter, bindings: &Bindings) -> Result<Vec<i64>> {
    if let Some(sizes) = bindings.iter().copied().collect() {
        return Ok(sizes);
    }
    let missing: Vec<&str> = open(converter, bindings).map(|(name, _)| name).collect();
    let mut message = format!(
        "a picture needs numbers: {} of `{}` {} none",
        missing.join(", "),
        converter.name.text,
        if missing.len() == 1 { "has" } else { "have" }
    );
    if let Some(values) = suggestion(converter, bindings) {
        let pairs: Vec<String> = missing
            .iter()
            .zip(values)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        message += &format!("; for example --set {}", pairs.join(","));
    }
    Err(Failure::input(message))
}

/// The free sizes without a number.
fn open<'c>(
    converter: &'c Converter,
    bindings: &'c Bindings,
) -> impl Iterator<Item = (&'c str, usize)> {
    let sizes = converter.sizes.iter().zip(bindings).enumerate();
    sizes
        .filter(|(_, (size, bound))| size.value.is_none() && bound.is_none())
        .map(|(at, (size, _))| (size.name.text.as_str(), at))
}

/// Small sizes at which the converter runs and writes something.
fn suggestion(converter: &Converter, bindings: &Bindings) -> Option<Vec<i64>> {
    const VALUES: [i64; 12] = [2, 3, 4, 2, 3, 1, 5, 6, 8, 16, 20, 32];
    const TRIES: usize = 1_000;
    let open: Vec<(&str, usize)> = open(converter, bindings).collect();
    let mut state = 0usize;
    (0..TRIES).find_map(|attempt| {
        // Sizes that differ at first, then any.
        let values: Vec<i64> = (0..open.len())
            .map(|at| {
                state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                let any = (state >> 16) % VALUES.len();
                VALUES[if attempt == 0 { at % 3 } else { any }]
            })
            .collect();
        let bound = bindings.iter().zip(&converter.sizes);
        let bound = bound.filter(|(_, size)| size.value.is_none());
        let known = bound.filter_map(|(value, size)| Some((size.name.text.clone(), (*value)?)));
        let named = open.iter().zip(&values);
        let given: Vec<(String, i64)> = known
            .chain(named.map(|((name, _), value)| ((*name).to_owned(), *value)))
            .collect();
        let bindings = sizes::bind(converter, &given).ok()?;
        analyze(converter, &bindings).ok()?;
        let sizes: Option<Vec<i64>> = bindings.into_iter().collect();
        let map = source_map(converter, &sizes?).ok()?;
        map.source.iter().any(Option::is_some).then_some(values)
    })
}

/// The place of an element of the input.
fn place(text: &str, map: &Map) -> Result<usize> {
    let fault = |what: &str| {
        let shape = &map.input_shape;
        Failure::input(format!(
            "--element {text}: {what}; the input has the shape {shape:?}"
        ))
    };
    let index: Option<Vec<i64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let index = index.ok_or_else(|| fault("an index is a list of numbers, as 0,2,1"))?;
    let inside = |(at, extent): (&i64, &i64)| (0..*extent).contains(at);
    if index.len() != map.input_shape.len() || !index.iter().zip(&map.input_shape).all(inside) {
        return Err(fault("there is no such element"));
    }
    let places = index.iter().zip(&map.input_shape);
    let place = places.fold(0, |place, (&at, &extent)| place * extent + at);
    usize::try_from(place).map_err(Failure::input)
}
