//! Any text, at small sizes: the interpreter, the loops at these sizes and the loops with free sizes write the same, or all refuse.
//! The first bytes are the sizes, the rest is the text.
#![no_main]

use convgrad::Converter as _;
use convgrad::program::Instance;
use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::Code;
use convgrad_dsl::interpret::{Held, source_map};
use convgrad_dsl::sema::model::{Converter, Number};
use convgrad_dsl::sizes;
use libfuzzer_sys::fuzz_target;

/// Bytes that are sizes.
const SIZES: usize = 6;
/// Tensors of more elements are left alone.
const MOST: i64 = 1 << 12;

fuzz_target!(|data: &[u8]| {
    let Some((numbers, text)) = data.split_at_checked(SIZES) else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    for free in &compile(text).converters {
        let Some(values) = values(&free.converter, numbers) else { continue };
        let Ok(map) = source_map(&free.converter, &values) else {
            refused(&free.converter, &values);
            continue;
        };
        let elements: i64 = map.input_shape.iter().product();
        let places: i64 = map.output_shape.iter().product();
        if elements > MOST || places > MOST {
            continue;
        }
        let x: Vec<i64> = (0..elements).map(|k| 1000 + k).collect();
        let expected: Vec<i64> = (0..map.source.len()).map(|place| held(map.held(place), &x)).collect();
        let bindings: Bindings = values.iter().copied().map(Some).collect();
        let fixed = match analyze(&free.converter, &bindings) {
            Ok((fixed, _)) => fixed,
            Err(errors) if errors.iter().all(too_large) => continue,
            Err(errors) => panic!("constant sizes {values:?} are refused: {errors:?}"),
        };
        for analysis in [&fixed, &free.analysis] {
            let instance = match Instance::new(&free.converter, analysis, &values) {
                Ok(instance) => instance,
                // Arithmetic that leaves 64 bits with free sizes may stay inside once they are numbers.
                Err(convgrad::Error::Overflow { .. }) => continue,
                Err(error) => panic!("the sizes {values:?} are refused: {error}"),
            };
            let mut y = vec![i64::MIN; expected.len()];
            if instance.convert(&x, &mut y).is_err() {
                // A fill that an integer cannot hold.
                continue;
            }
            assert_eq!(y, expected, "at the sizes {values:?}");
        }
    }
});

/// The element of a place: its number plus what is read to it.
fn held(held: Held<'_>, x: &[i64]) -> i64 {
    let number = match held.number {
        // What does not fit was refused.
        Number::Int(number) => i64::try_from(number).unwrap_or_default(),
        Number::Float(number) => number as i64,
    };
    held.elements.iter().fold(number, |sum, &place| sum.wrapping_add(x[place]))
}

/// A small value for every free size.
fn values(converter: &Converter, numbers: &[u8]) -> Option<Vec<i64>> {
    let names = converter.sizes.iter().filter(|size| size.value.is_none());
    let given: Vec<(String, i64)> = names
        .zip(numbers.iter().cycle())
        .map(|(size, number)| (size.name.text.clone(), i64::from(number % 20)))
        .collect();
    sizes::bind(converter, &given).ok()?.into_iter().collect()
}

/// What the interpreter refuses is refused at constant sizes too, unless it was only too much for it.
fn refused(converter: &Converter, values: &[i64]) {
    let bindings: Bindings = values.iter().copied().map(Some).collect();
    let Err(fault) = source_map(converter, values) else { return };
    if !matches!(fault.code, Code::ExpansionTooLarge | Code::Overflow) {
        assert!(analyze(converter, &bindings).is_err(), "constant sizes {values:?} are accepted: {fault}");
    }
}

fn too_large(error: &convgrad_dsl::diagnostic::Diagnostic) -> bool {
    matches!(error.code, Code::ExpansionTooLarge | Code::Overflow)
}
