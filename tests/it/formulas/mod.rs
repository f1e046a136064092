//! The formulas of `tests/formulas`: what the macro makes of them runs, and moves the same elements as the interpreter and as
//! the loops of a `Program`.

#[rustfmt::skip]
mod compiled;

use std::fmt::Write;

use convgrad::element::Number;
use convgrad::half::{bf16, f16};
use convgrad::ndarray::Dimension;
use convgrad::program::Instance;
use convgrad::{Converter, Element, Error, Program, TypedConverter};
use convgrad_dsl::emit::rust::type_name;
use convgrad_dsl::interpret::source_map;

use crate::annotations::{Fixture, Run, all_sizes, fixtures};
use crate::held;

/// What a converter does: its shapes, and its output for [`input`].
#[derive(Clone, Debug, PartialEq)]
struct Map {
    input_shape: Vec<usize>,
    output_shape: Vec<usize>,
    /// None where it holds a number of the formula.
    output: Vec<Option<f64>>,
}

/// The most elements that a test allocates.
const MOST: usize = 1 << 22;

/// Larger than all fill values.
const FIRST: f64 = 1e6;

/// Numbers that are all different, and whose sums depend on the order.
fn input(elements: usize) -> Vec<f64> {
    (0..elements)
        .map(|place| FIRST + place as f64 / 7.0)
        .collect()
}

/// What is read among what is written.
fn read(output: &[f64]) -> Vec<Option<f64>> {
    let read = output.iter().map(|y| (*y >= FIRST).then_some(*y));
    read.collect()
}

/// Runs a converter.
fn map<C: Converter>(converter: Result<C, Error>) -> Result<Map, Error> {
    let converter = converter?;
    let input_shape = converter.input_dim().slice().to_vec();
    let output_shape = converter.output_dim().slice().to_vec();
    let elements: usize = input_shape.iter().product();
    let larger = elements.max(output_shape.iter().product());
    if larger > MOST {
        return Err(Error::Memory {
            tensor: "the test".into(),
            bytes: larger.checked_mul(8),
        });
    }
    let mut output = vec![f64::NAN; output_shape.iter().product()];
    converter.convert(&input(elements), &mut output)?;
    assert!(!output.iter().any(|y| y.is_nan()), "places are left out");
    Ok(Map {
        input_shape,
        output_shape,
        output: read(&output),
    })
}

/// The same of a converter whose elements are of certain types: every place is asked for its source, a bit at a time.
fn typed<C>(converter: Result<C, Error>) -> Result<Map, Error>
where
    C: TypedConverter,
    C::Output: PartialEq,
{
    let converter = converter?;
    let input_shape = converter.input_dim().slice().to_vec();
    let output_shape = converter.output_dim().slice().to_vec();
    let elements: usize = input_shape.iter().product();
    let places: usize = output_shape.iter().product();
    if elements.max(places) > MOST {
        return Err(Error::Memory {
            tensor: "the test".into(),
            bytes: None,
        });
    }
    // All conversions of the tests tell these from each other.
    let [zero, one] = [0, 100].map(|n| C::Input::from_number(Number::Int(n)).unwrap_or_default());
    let outputs = |is_one: &dyn Fn(usize) -> bool| {
        let x: Vec<C::Input> = (0..elements)
            .map(|place| if is_one(place) { one } else { zero })
            .collect();
        let mut y = vec![C::Output::default(); places];
        converter.convert(&x, &mut y).map(|()| y)
    };
    let (zeros, ones) = (outputs(&|_| false)?, outputs(&|_| true)?);
    let reads = zeros.iter().zip(&ones).map(|(zero, one)| zero != one);
    let mut source: Vec<Option<usize>> = reads.map(|reads| reads.then_some(0)).collect();
    for bit in 0..usize::BITS - elements.leading_zeros() {
        let y = outputs(&|place| place >> bit & 1 == 1)?;
        for (k, place) in source.iter_mut().enumerate() {
            let set = usize::from(y[k] == ones[k]) << bit;
            *place = place.map(|place| place | set);
        }
    }
    let x = input(elements);
    let output = source.iter().map(|place| place.map(|place| x[place]));
    Ok(Map {
        input_shape,
        output_shape,
        output: output.collect(),
    })
}

/// What the loops of a program do.
fn executed(instance: &Instance) -> Result<Map, Error> {
    let Some(elements) = instance.elements() else {
        return map(Ok(instance.clone()));
    };
    macro_rules! of_types {
        ($($x:ident $y:ident,)*) => {
            match (elements.input.name(), elements.output.name()) {
                $((stringify!($x), stringify!($y)) => typed(instance.typed::<$x, $y>()),)*
                types => panic!("the test does not know {types:?}"),
            }
        };
    }
    of_types! { f32 f16, f32 i8, i8 f32, f16 bf16, i16 f64, f64 u16, u8 i32, bf16 bf16, u64 u64, }
}

fn interpreted(fixture: &Fixture, run: &Run) -> Map {
    let (unit, _) = fixture.resolve();
    let converter = unit
        .converters
        .iter()
        .find(|c| c.name.text == run.converter)
        .unwrap();
    let map = source_map(converter, &all_sizes(converter, &run.given)).unwrap();
    let shape = |shape: &[i64]| shape.iter().map(|&extent| extent as usize).collect();
    let input_shape: Vec<usize> = shape(&map.input_shape);
    let x = input(input_shape.iter().product());
    Map {
        input_shape,
        output_shape: shape(&map.output_shape),
        output: read(&held::output(&map, &x).unwrap()),
    }
}

fn compiled(fixture: &Fixture, run: &Run) -> Result<Map, Error> {
    let size = |name: &str| {
        let (_, value) = run.given.iter().find(|(given, _)| given == name).unwrap();
        usize::try_from(*value).unwrap()
    };
    compiled::run(&fixture.name(), &run.converter, &size)
}

fn same(run: &Run, found: Result<Map, Error>, expected: &Map) {
    let name = format!("{} {:?}", run.converter, run.given);
    let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.input_shape, expected.input_shape, "{name}");
    assert_eq!(found.output_shape, expected.output_shape, "{name}");
    let wrong = (0..expected.output.len()).find(|&k| found.output[k] != expected.output[k]);
    assert_eq!(wrong, None, "{name}: the first wrong place");
}

#[test]
fn generated_code_does_what_the_interpreter_does() {
    let mut runs = 0;
    for fixture in fixtures("pass") {
        let program = Program::compile(fixture.text.as_str()).unwrap();
        for run in fixture.runs("run") {
            let expected = interpreted(&fixture, &run);
            same(&run, compiled(&fixture, &run), &expected);
            let given: Vec<(&str, usize)> = run
                .given
                .iter()
                .map(|(name, value)| (name.as_str(), *value as usize))
                .collect();
            let formula = program.converter(&run.converter).unwrap();
            let instance = formula.instance(&expected.input_shape, &given).unwrap();
            same(&run, executed(&instance), &expected);
            runs += 1;
        }
    }
    assert!(runs > 60, "only {runs} runs");
}

#[test]
fn constructors_check_what_the_sizes_have_to_fulfil() {
    let mut violations = 0;
    for fixture in fixtures("run") {
        for run in fixture.runs("holds") {
            same(&run, compiled(&fixture, &run), &interpreted(&fixture, &run));
        }
        // What the compiler has simplified away cannot overflow.
        for run in fixture
            .runs("violates")
            .iter()
            .filter(|run| run.result != "CG044")
        {
            match compiled(&fixture, run) {
                Ok(_) => panic!("{} {:?} is accepted", run.converter, run.given),
                Err(error) => assert!(error.to_string().contains(&run.converter), "{error}"),
            }
            violations += 1;
        }
    }
    assert!(violations > 8, "only {violations} violations");
}

#[test]
fn no_sizes_make_generated_code_panic() {
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let small = [0, 1, 2, 3, 5, 16, 17, 33];
    let large = [1 << 40, 1 << 62, (1 << 63) - 1, (1 << 63) - 15, usize::MAX];
    let mut outcomes = [0; 2];
    for fixture in fixtures("pass").iter().chain(&fixtures("run")) {
        let (unit, _) = fixture.resolve();
        for converter in unit.converters {
            for _ in 0..100 {
                let sizes: Vec<(String, usize)> = converter
                    .sizes
                    .iter()
                    .map(|size| {
                        let value = match random(3) {
                            0 => large[random(large.len())],
                            _ => small[random(small.len())],
                        };
                        (size.name.text.clone(), value)
                    })
                    .collect();
                let size = |name: &str| sizes.iter().find(|(own, _)| own == name).unwrap().1;
                let found = compiled::run(&fixture.name(), &converter.name.text, &size);
                outcomes[usize::from(found.is_ok())] += 1;
            }
        }
    }
    assert!(
        outcomes.iter().all(|&count| count > 500),
        "refused, ran: {outcomes:?}"
    );
}

#[test]
fn generated_code_is_that_of_the_formulas() {
    let mut expected = String::from(
        "//! The formulas of `tests/formulas`, compiled by the macro.\n\
         //!\n\
         //! A test writes this file where `UPDATE_COMPILED` is set; do not edit it by hand.\n\n\
         use convgrad::Error;\n\n\
         use super::Map;\n\n",
    );
    let all: Vec<Fixture> = fixtures("pass")
        .into_iter()
        .chain(fixtures("run"))
        .collect();
    expected += "pub(super) fn run(file: &str, name: &str, size: &dyn Fn(&str) -> usize) -> Result<Map, Error> {\n";
    expected += "    match file {\n";
    for fixture in &all {
        let module = module(fixture);
        writeln!(
            expected,
            "        {:?} => {module}::run(name, size),",
            fixture.name()
        )
        .unwrap();
    }
    expected += "        _ => unreachable!(),\n    }\n}\n";
    for fixture in &all {
        write_module(&mut expected, fixture);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/formulas/compiled.rs");
    if std::fs::read_to_string(path).is_ok_and(|found| found == expected) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_COMPILED").is_some(),
        "the formulas have changed: run the tests twice, first with UPDATE_COMPILED=1"
    );
    std::fs::write(path, expected).unwrap();
}

fn module(fixture: &Fixture) -> String {
    fixture
        .path
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

fn write_module(text: &mut String, fixture: &Fixture) {
    let program = Program::compile(fixture.text.as_str()).unwrap();
    writeln!(text, "\n#[allow(deprecated)]\nmod {} {{", module(fixture)).unwrap();
    writeln!(text, "    convgrad::convgrad! {{\n{}}}\n", fixture.text).unwrap();
    *text += "    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {\n";
    *text += "        let _ = size;\n        match name {\n";
    for formula in program.converters() {
        let sizes: Vec<String> = formula
            .free_sizes()
            .map(|name| format!("size({name:?})"))
            .collect();
        let name = formula.name();
        writeln!(
            text,
            "            {name:?} => super::super::{}({}::new({})),",
            match formula.compiled().converter.elements {
                Some(_) => "typed",
                None => "map",
            },
            type_name(name),
            sizes.join(", ")
        )
        .unwrap();
    }
    *text += "            _ => unreachable!(),\n        }\n    }\n}\n";
}
