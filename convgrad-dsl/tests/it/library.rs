//! The texts of the standard library.

use std::path::Path;

use convgrad_dsl::compile::compile;
use convgrad_dsl::emit::formula;
use convgrad_dsl::format::format;
use convgrad_dsl::library;
use convgrad_dsl::sema::model::{Converter, Origin};
use convgrad_dsl::source::Span;
use convgrad_dsl::transform::Respan;

/// Its assertions are proved, and nothing in it is odd.
#[test]
fn there_is_nothing_to_say_about_it() {
    let text = library::text();
    let diagnostics = compile(&text).diagnostics;
    let said = diagnostics.iter().map(|diagnostic| {
        let line = text[..diagnostic.span.start].lines().count();
        format!(
            "{line}: {} {}",
            diagnostic.code.number(),
            diagnostic.message
        )
    });
    assert_eq!(said.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn its_texts_are_formatted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = format(&text).unwrap();
        if std::env::var_os("UPDATE_LIBRARY").is_some() {
            std::fs::write(&path, &formatted).unwrap();
        } else {
            assert_eq!(
                text,
                formatted,
                "{}: UPDATE_LIBRARY=1 formats it",
                path.display()
            );
        }
    }
}

/// Its converters that are made of others, derived from the texts.
fn derived() -> Vec<Converter> {
    let compiled = compile(&library::text()).converters.into_iter();
    let converters = compiled.map(|compiled| compiled.converter);
    converters
        .filter(|converter| matches!(converter.origin, Origin::Chain(_)))
        .collect()
}

#[test]
fn its_rules_are_what_its_chains_come_to() {
    let mut text = "// What the chains of the standard library come to, so that nobody has to derive them anew. \
                    Made of the library by a\n// test: UPDATE_LIBRARY=1 writes it.\n"
        .to_owned();
    for converter in derived() {
        text.push('\n');
        for line in &converter.docs {
            text += &format!("///{line}");
            text.push('\n');
        }
        text += &format!("pub {}\n", formula::converter(&converter));
    }
    let text = format(&text).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/library/rules.cg");
    if std::env::var_os("UPDATE_LIBRARY").is_some() {
        std::fs::write(&path, &text).unwrap();
    } else {
        let known = std::fs::read_to_string(&path).unwrap();
        assert_eq!(known, text, "UPDATE_LIBRARY=1 derives them anew");
    }
}

/// Whoever imports a rule has what the chain gives: sizes, requirements, rule, stages, docs, all of it.
#[test]
fn a_rule_is_read_as_it_was_derived() {
    let derived = derived();
    assert!(derived.len() > 40);
    for mut converter in derived {
        let name = converter.name.text.clone();
        let item = library::find(&name).unwrap();
        assert!(item.rule().is_some(), "{name}");
        let imported = compile(&format!("pub use std::{name};")).converters.pop();
        let mut imported = imported.unwrap().converter;
        converter.origin = Origin::Library;
        for of in [&mut converter, &mut imported] {
            of.respan(Span::default());
        }
        assert_eq!(format!("{imported:?}"), format!("{converter:?}"));
    }
}

/// Values for sizes that have some already go to what a converter is made of, however many names lie between.
#[test]
fn values_for_sizes_change_the_rule() {
    let directly = "use std::{img2col, ND, ZZ}; converter t = compose(img2col<C0 = 32>, ND -> ZZ);";
    let rule = |text: &str| {
        let compiled = compile(text);
        let last = compiled.converters.last().unwrap();
        formula::rule(&last.converter)
    };
    let expected = rule(directly);
    assert!(expected.contains("j1%2*16 + j3"), "{expected}");
    for text in [
        "use std::*; converter t = img2col_zz<C0 = 32>;",
        "use std::img2col_zz as f; converter t = f<C0 = 32>;",
        "use std::img2col_zz; converter f = img2col_zz; converter t = f<C0 = 32>;",
        "use std::img2col_zz; converter a = f<C0 = 32>; converter f = img2col_zz; converter t = a;",
    ] {
        assert_eq!(rule(text), expected, "{text}");
    }
}
