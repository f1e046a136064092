//! What becomes of a text does not depend on the texts before it: what the compiler keeps in mind changes no answer.

use convgrad_dsl::compile::compile;
use convgrad_dsl::library;

use super::generator::{Random, formula, formulas, sum};
use crate::annotations::fixtures;

const TEXTS: u64 = 150;

/// A few random converters, what is made of them, and items of the library.
fn text(seed: u64) -> String {
    let mut random = Random::new(seed.wrapping_mul(41));
    let (mut text, mut names) = (String::new(), Vec::new());
    for at in 0..random.range(1, 4) {
        // Few seeds, so that texts have much in common.
        let of = random.range(0, 40) as u64;
        let rule = match random.range(0, 3) {
            0 => sum(of).text,
            1 => {
                let items = library::items();
                let item = items[random.range(0, items.len() as i64 - 1) as usize].name;
                text.push_str(&format!("use std::{item} as f{at};\n"));
                names.push(format!("f{at}"));
                continue;
            }
            _ => formula(of).text,
        };
        let rule = rule.replacen("converter f<", &format!("converter f{at}<"), 1);
        text.push_str(&rule);
        text.push('\n');
        names.push(format!("f{at}"));
    }
    let pick = |random: &mut Random| &names[random.range(0, names.len() as i64 - 1) as usize];
    for at in 0..random.range(0, 3) {
        let (f, g) = (pick(&mut random).clone(), pick(&mut random));
        text.push_str(&match random.range(0, 5) {
            0 => format!("converter g{at} = inverse({f});\n"),
            1 => format!("converter g{at} = adjoint({f});\n"),
            2 => format!("converter g{at} = compose({f}, {g});\n"),
            3 => format!("converter g{at} = {f} -> {g};\n"),
            4 => format!("assert {f} == {g};\n"),
            _ => format!("assert bijective({f});\n"),
        });
    }
    text
}

#[test]
fn texts_are_compiled_alike_whatever_came_before() {
    let mut texts: Vec<String> = (0..formulas(TEXTS)).map(text).collect();
    for folder in ["pass", "fail"] {
        texts.extend(fixtures(folder).into_iter().map(|fixture| fixture.text));
    }
    let alone: Vec<String> = texts
        .iter()
        .map(|text| {
            let text = text.clone();
            let compiled = std::thread::spawn(move || format!("{:?}", compile(&text)));
            compiled.join().unwrap()
        })
        .collect();
    let mut random = Random::new(7);
    for _ in 0..texts.len() {
        let at = random.range(0, texts.len() as i64 - 1) as usize;
        let after = format!("{:?}", compile(&texts[at]));
        assert!(after == alone[at], "{}\n{after}\n{}", texts[at], alone[at]);
    }
    let made = alone.iter().filter(|compiled| compiled.contains("nest:"));
    assert!(made.count() > texts.len() / 3);
}
