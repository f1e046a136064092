//! The standard library: every item of `convgrad-dsl/library`, at several sizes, against a definition that is written with
//! reshapes, permutations and pads and has nothing in common with the formulas.

mod attention;
mod device;
mod layouts;
mod moves;
mod page;
mod paper;
mod relayout;
mod row;
mod space;
mod swizzle;
mod tensor;
mod windows;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use convgrad::program::Formula;
use convgrad::{Converter, Program};
use convgrad_dsl::analysis::analyze;
use convgrad_dsl::library::{Kind, items};
use convgrad_dsl::proof::Verdicts;

use crate::annotations::all_sizes;
use layouts::{LAYOUTS, shapes};
use row::{Row, Sizes};
use tensor::{Tensor, numbered};

/// The tables of converters, one a file of the library.
const CONVERTERS: [&[Row]; 7] = [
    relayout::RELAYOUT,
    paper::PAPER,
    windows::WINDOWS,
    moves::MOVES,
    space::SPACE,
    attention::ATTENTION,
    swizzle::SWIZZLE,
];

fn rows() -> impl Iterator<Item = &'static Row> {
    CONVERTERS.into_iter().flatten()
}

/// The names of the library's items of a kind.
fn declared(kind: Kind) -> BTreeSet<&'static str> {
    let items = items().iter().filter(|item| item.kind == kind);
    items.map(|item| item.name).collect()
}

/// All converters, and one to and one from every layout.
fn program() -> &'static Program {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    PROGRAM.get_or_init(compiled)
}

fn compiled() -> Program {
    let names = |names: Vec<&str>| names.join(", ");
    let mut text = format!(
        "use std::{{{}}};\n",
        names(rows().map(|row| row.name).collect())
    );
    text += &format!(
        "use std::{{{}}};\n",
        names(LAYOUTS.iter().map(|l| l.name).collect())
    );
    for layout in LAYOUTS {
        let (name, base) = (layout.name, layout.base);
        text += &format!("converter to_{name} = {base} -> {name};\n");
        text += &format!("converter from_{name} = {name} -> {base};\n");
    }
    Program::compile(text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn run(formula: Formula<'_>, given: &[(&str, usize)], x: &Tensor) -> Tensor {
    let name = formula.name();
    let instance = formula.instance(x.shape(), given);
    let instance = instance.unwrap_or_else(|error| panic!("{name} {given:?}: {error}"));
    instance.convert_array(x).unwrap()
}

#[test]
fn every_item_has_a_definition() {
    assert_eq!(
        declared(Kind::Converter),
        rows().map(|row| row.name).collect()
    );
    assert_eq!(
        declared(Kind::Layout),
        LAYOUTS.iter().map(|l| l.name).collect()
    );
}

#[test]
fn layouts_are_what_their_definitions_say() {
    let program = program();
    for layout in LAYOUTS {
        let to = program.converter(&format!("to_{}", layout.name)).unwrap();
        let from = program.converter(&format!("from_{}", layout.name)).unwrap();
        for shape in shapes(layout.base) {
            let x = numbered(shape);
            let stored = (layout.define)(&x);
            assert_eq!(run(to, &[], &x), stored, "{} {shape:?}", layout.name);
            // What lies beside the elements does not matter.
            let stored = stored.mapv(|element| if element == 0 { -7 } else { element });
            let sizes: Vec<_> = from.free_sizes().zip(shape.iter().copied()).collect();
            assert_eq!(
                run(from, &sizes, &stored),
                x,
                "from {} {shape:?}",
                layout.name
            );
        }
    }
}

#[test]
fn converters_do_what_their_definitions_say() {
    let program = program();
    for row in rows() {
        let formula = program.converter(row.name).unwrap();
        for text in row.sizes {
            let sizes = Sizes::read(text);
            let x = numbered(&(row.input)(&sizes));
            let y = (row.define)(&sizes, &x);
            let given: Vec<(&str, usize)> = sizes
                .0
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            assert_eq!(run(formula, &given, &x), y, "{} {text}", row.name);
        }
    }
}

/// Injective, surjective, bijective, from where the elements have gone.
fn observed(x: &Tensor, y: &Tensor) -> [bool; 3] {
    let read: Vec<i32> = y.iter().copied().filter(|&element| element != 0).collect();
    let different: BTreeSet<i32> = read.iter().copied().collect();
    let injective = different.len() == read.len();
    let surjective = different.len() == x.len();
    [
        injective,
        surjective,
        injective && surjective && read.len() == y.len(),
    ]
}

#[test]
fn verdicts_at_given_sizes_are_what_the_definitions_do() {
    let program = program();
    // A sum is no map of places.
    let sums = ["col2im", "row2im", "col2img"];
    for row in rows().filter(|row| !sums.contains(&row.name)) {
        let converter = &program.converter(row.name).unwrap().compiled().converter;
        for text in row.sizes {
            let sizes = Sizes::read(text);
            let given: Vec<(String, i64)> = sizes
                .0
                .iter()
                .map(|(name, value)| (name.clone(), *value as i64))
                .collect();
            let bindings: Vec<_> = all_sizes(converter, &given).into_iter().map(Some).collect();
            let (analysis, _) = analyze(converter, &bindings).unwrap();
            let x = numbered(&(row.input)(&sizes));
            let found = [
                analysis.verdicts.injective,
                analysis.verdicts.surjective,
                analysis.verdicts.bijective,
            ];
            let expected = observed(&x, &(row.define)(&sizes, &x)).map(Some);
            assert_eq!(found, expected, "{} {text}", row.name);
        }
    }
}

#[test]
fn proofs_with_free_sizes_are_those_of_the_table() {
    let letter = |verdict| match verdict {
        Some(true) => 'y',
        Some(false) => 'n',
        None => '?',
    };
    let program = program();
    assert_eq!(program.warnings(), [], "{:?}", program.warnings());
    let mut wrong = Vec::new();
    for row in rows() {
        let Verdicts {
            in_bounds,
            injective,
            surjective,
            bijective,
            ..
        } = program
            .converter(row.name)
            .unwrap()
            .compiled()
            .analysis
            .verdicts;
        let all = [in_bounds, injective, surjective, bijective];
        let found: String = all.into_iter().map(letter).collect();
        if found != row.free {
            wrong.push(format!("{}: {found}, not {}", row.name, row.free));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
