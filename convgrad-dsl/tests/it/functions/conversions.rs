//! Conversions in emitted functions, against results that exact arithmetic gave.

use std::fmt::Write;

use convgrad_dsl::compile::compile;
use convgrad_dsl::emit::function::{Language, function};
use convgrad_dsl::sema::model::ElementType;

use super::{c, rust};

/// A conversion, and what it makes of some elements: all as bits.
struct Row {
    types: [&'static str; 2],
    source: &'static str,
    x: &'static [u64],
    y: &'static [u64],
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { types: ["f32", "f16"], source: "cast(X[i])", x: &[0x3f800000, 0xbfc00000, 0x3f801000, 0x3f803000, 0x3f801001, 0x477fef00, 0x477ff000, 0x33000000, 0x33c00000, 0x7149f2ca, 0x7f800000, 0xff800000], y: &[0x3c00, 0xbe00, 0x3c00, 0x3c02, 0x3c01, 0x7bff, 0x7c00, 0x0, 0x2, 0x7c00, 0x7c00, 0xfc00] },
    Row { types: ["f32", "bf16"], source: "cast(X[i])", x: &[0x3f800000, 0xbfc00000, 0x3f801000, 0x3f803000, 0x3f801001, 0x477fef00, 0x477ff000, 0x33000000, 0x33c00000, 0x7149f2ca, 0x7f800000, 0xff800000], y: &[0x3f80, 0xbfc0, 0x3f80, 0x3f80, 0x3f80, 0x4780, 0x4780, 0x3300, 0x33c0, 0x714a, 0x7f80, 0xff80] },
    Row { types: ["f64", "f16"], source: "cast(X[i])", x: &[0x3ff0000000000000, 0xbfb999999999999a, 0x3ff0020000000000, 0x3ff0020000001000, 0x3ff0100000001000, 0x40effdfffffe0000, 0x3e60000000020000, 0x47effffff0000000, 0x7e37e43c8800759c, 0xfff0000000000000], y: &[0x3c00, 0xae66, 0x3c00, 0x3c01, 0x3c04, 0x7bff, 0x1, 0x7c00, 0x7c00, 0xfc00] },
    Row { types: ["f64", "bf16"], source: "cast(X[i])", x: &[0x3ff0000000000000, 0xbfb999999999999a, 0x3ff0020000000000, 0x3ff0020000001000, 0x3ff0100000001000, 0x40effdfffffe0000, 0x3e60000000020000, 0x47effffff0000000, 0x7e37e43c8800759c, 0xfff0000000000000], y: &[0x3f80, 0xbdcd, 0x3f80, 0x3f80, 0x3f81, 0x4780, 0x3300, 0x7f80, 0x7f80, 0xff80] },
    Row { types: ["f64", "f32"], source: "cast(X[i])", x: &[0x3ff0000000000000, 0xbfb999999999999a, 0x3ff0020000000000, 0x3ff0020000001000, 0x3ff0100000001000, 0x40effdfffffe0000, 0x3e60000000020000, 0x47effffff0000000, 0x7e37e43c8800759c, 0xfff0000000000000], y: &[0x3f800000, 0xbdcccccd, 0x3f801000, 0x3f801000, 0x3f808000, 0x477ff000, 0x33000000, 0x7f800000, 0x7f800000, 0xff800000] },
    Row { types: ["f16", "f32"], source: "cast(X[i])", x: &[0x3c00, 0x8001, 0x400, 0x7bff, 0xfc00, 0x3555], y: &[0x3f800000, 0xb3800000, 0x38800000, 0x477fe000, 0xff800000, 0x3eaaa000] },
    Row { types: ["f16", "f64"], source: "cast(X[i])", x: &[0x3c00, 0x8001, 0x400, 0x7bff, 0xfc00, 0x3555], y: &[0x3ff0000000000000, 0xbe70000000000000, 0x3f10000000000000, 0x40effc0000000000, 0xfff0000000000000, 0x3fd5540000000000] },
    Row { types: ["f16", "bf16"], source: "cast(X[i])", x: &[0x3c00, 0x8001, 0x400, 0x7bff, 0xfc00, 0x3555], y: &[0x3f80, 0xb380, 0x3880, 0x4780, 0xff80, 0x3eab] },
    Row { types: ["bf16", "f32"], source: "cast(X[i])", x: &[0x3f80, 0x1, 0x7f7f, 0xff80, 0x3eab], y: &[0x3f800000, 0x10000, 0x7f7f0000, 0xff800000, 0x3eab0000] },
    Row { types: ["bf16", "f16"], source: "cast(X[i])", x: &[0x3f80, 0x1, 0x7f7f, 0xff80, 0x3eab], y: &[0x3c00, 0x0, 0x7c00, 0xfc00, 0x3558] },
    Row { types: ["i64", "bf16"], source: "cast(X[i])", x: &[0x0, 0xffffffffffffffff, 0x1010000000000001, 0x1010000000000000, 0xbfbfffffffffffff, 0x7fffffffffffffff, 0x8000000000000000], y: &[0x0, 0xbf80, 0x5d81, 0x5d80, 0xde81, 0x5f00, 0xdf00] },
    Row { types: ["u64", "bf16"], source: "cast(X[i])", x: &[0x0, 0x8080000000000001, 0xffffffffffffffff], y: &[0x0, 0x5f01, 0x5f80] },
    Row { types: ["i64", "f16"], source: "cast(X[i])", x: &[0x0, 0xffffffffffffffff, 0x1010000000000001, 0x1010000000000000, 0xbfbfffffffffffff, 0x7fffffffffffffff, 0x8000000000000000], y: &[0x0, 0xbc00, 0x7c00, 0x7c00, 0xfc00, 0x7c00, 0xfc00] },
    Row { types: ["i32", "f32"], source: "cast(X[i])", x: &[0x7, 0x80000000, 0x1000001, 0xfefffffd], y: &[0x40e00000, 0xcf000000, 0x4b800000, 0xcb800002] },
    Row { types: ["i32", "bf16"], source: "cast(X[i])", x: &[0x7, 0x80000000, 0x1000001, 0xfefffffd], y: &[0x40e0, 0xcf00, 0x4b80, 0xcb80] },
    Row { types: ["u16", "f16"], source: "cast(X[i])", x: &[0x0, 0xffef, 0xfff0, 0xffff], y: &[0x0, 0x7bff, 0x7c00, 0x7c00] },
    Row { types: ["i8", "i64"], source: "cast(X[i])", x: &[0x80, 0xff, 0x7f], y: &[0xffffffffffffff80, 0xffffffffffffffff, 0x7f] },
    Row { types: ["u8", "i16"], source: "cast(X[i])", x: &[0x0, 0xff, 0x3], y: &[0x0, 0xff, 0x3] },
    Row { types: ["u32", "i64"], source: "cast(X[i])", x: &[0x0, 0xffffffff, 0x1000003], y: &[0x0, 0xffffffff, 0x1000003] },
    Row { types: ["f32", "i8"], source: "quantize(X[i], 0.05, 3)", x: &[0x3ccccccd, 0x3d99999a, 0xbccccccd, 0x3ccccccd, 0x3f99999a, 0xc0c00000, 0x40c9999a, 0x42c80000, 0xc2c80000, 0x7f800000, 0xff800000, 0x7fc00000, 0x0], y: &[0x3, 0x5, 0x3, 0x3, 0x1b, 0x8b, 0x7f, 0x7f, 0x80, 0x7f, 0x80, 0x3, 0x3] },
    Row { types: ["f32", "u8"], source: "quantize(X[i], 0.25, 128)", x: &[0x3e000000, 0x3ec00000, 0xbe000000, 0x3e000000, 0x40c00000, 0xc1f00000, 0x41fc0000, 0x43fa0000, 0xc3fa0000, 0x7f800000, 0xff800000, 0x7fc00000, 0x0], y: &[0x80, 0x82, 0x80, 0x80, 0x98, 0x8, 0xfe, 0xff, 0x0, 0xff, 0x0, 0x80, 0x80] },
    Row { types: ["f64", "i32"], source: "quantize(X[i], 0.5, -7)", x: &[0x3fd0000000000000, 0x3fe8000000000000, 0xbfd0000000000000, 0xbfe8000000000000, 0x41cdcd6500000000, 0x41ddcd6500000000, 0xc1ddcd6500000000, 0x7ff8000000000000, 0x7ff0000000000000], y: &[0xfffffff9, 0xfffffffb, 0xfffffff9, 0xfffffff7, 0x773593f9, 0x7fffffff, 0x80000000, 0xfffffff9, 0x7fffffff] },
    Row { types: ["f16", "u16"], source: "quantize(X[i], 0.25, 32768)", x: &[0x3c00, 0x3a00, 0xb800, 0x7bff, 0xfbff, 0x7c00, 0x7e00], y: &[0x8004, 0x8003, 0x7ffe, 0xffff, 0x0, 0xffff, 0x8000] },
    Row { types: ["f64", "i64"], source: "quantize(X[i], 1.0, -5)", x: &[0x3fe0000000000000, 0x3ff8000000000000, 0xbfe0000000000000, 0xbff8000000000000, 0x432fffffffffffff, 0x4340000000000000, 0x43dfffffffffffff, 0x43e0000000000000, 0xc3e0000000000000, 0x43e158e460913d00, 0x7e37e43c8800759c, 0x7ff8000000000000], y: &[0xfffffffffffffffb, 0xfffffffffffffffd, 0xfffffffffffffffb, 0xfffffffffffffff9, 0xffffffffffffb, 0x1ffffffffffffb, 0x7ffffffffffffbfb, 0x7ffffffffffffffb, 0x8000000000000000, 0x7fffffffffffffff, 0x7fffffffffffffff, 0xfffffffffffffffb] },
    Row { types: ["f32", "u64"], source: "quantize(X[i], 1.0, 5)", x: &[0x3f000000, 0x40200000, 0xc0400000, 0xc0b00000, 0xc0c00000, 0x5f01103d, 0x5f800000, 0x5fd02ab5, 0x7fc00000], y: &[0x5, 0x7, 0x2, 0x0, 0x0, 0x81103d0000000005, 0xffffffffffffffff, 0xffffffffffffffff, 0x5] },
    Row { types: ["i8", "f32"], source: "dequantize(X[i], 0.05, 3)", x: &[0x80, 0xff, 0x7f], y: &[0xc0d1999a, 0xbe4ccccd, 0x40c66667] },
    Row { types: ["u8", "bf16"], source: "dequantize(X[i], 0.1, 255)", x: &[0x0, 0xff, 0x3], y: &[0xc1cc, 0x0, 0xc1ca] },
    Row { types: ["i32", "f16"], source: "dequantize(X[i], 0.001, -7)", x: &[0x7, 0x80000000, 0x1000001, 0xfefffffd], y: &[0x232b, 0xfc00, 0x7419, 0xf419] },
    Row { types: ["i64", "f32"], source: "dequantize(X[i], 0.5, 9223372036854775807)", x: &[0x0, 0xffffffffffffffff, 0x1010000000000001, 0x1010000000000000, 0xbfbfffffffffffff, 0x7fffffffffffffff, 0x8000000000000000], y: &[0xde800000, 0xde800000, 0xde5fe000, 0xde5fe000, 0xdec04000, 0x0, 0xdf000000] },
    Row { types: ["u64", "f64"], source: "dequantize(X[i], 0.25, 4611686018427387905)", x: &[0x0, 0x8080000000000001, 0xffffffffffffffff], y: &[0xc3b0000000000000, 0x43b0200000000000, 0x43c8000000000000] },
    Row { types: ["u16", "f64"], source: "dequantize(X[i], 0.1, 0)", x: &[0x0, 0xffef, 0xfff0, 0xffff], y: &[0x0, 0x40b997e666666667, 0x40b9980000000000, 0x40b9998000000000] },
];

impl Row {
    fn emitted(&self, at: usize, language: Language) -> String {
        let [input, output] = self.types;
        let source = self.source;
        let text =
            format!("converter row{at}<N>(X: {input}[N]) -> Y: {output}[N] {{ Y[i] = {source}; }}");
        let compiled = compile(&text);
        assert!(
            compiled.stubs.is_empty(),
            "{text}: {:#?}",
            compiled.diagnostics
        );
        function(&compiled.converters[0], language, None).unwrap()
    }

    fn elements(&self) -> [ElementType; 2] {
        self.types.map(|name| ElementType::named(name).unwrap())
    }
}

/// How wide an element is.
fn bits(element: ElementType) -> u32 {
    let digits: String = element
        .name()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

fn list(numbers: &[u64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|n| format!("{n:#x}")).collect();
    numbers.join(", ")
}

fn check(lines: &[String]) {
    assert_eq!(lines.len(), ROWS.len());
    for (row, line) in ROWS.iter().zip(lines) {
        let found: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let expected: Vec<String> = row.y.iter().map(|y| format!("{y:x}")).collect();
        assert_eq!(
            found, expected,
            "{:?} {} of {:x?}",
            row.types, row.source, row.x
        );
    }
}

#[test]
fn conversions_in_c() {
    let (mut text, mut calls) = (String::new(), String::new());
    for (at, row) in ROWS.iter().enumerate() {
        text += &row.emitted(at, Language::C);
        let [input, output] = row.elements().map(bits);
        let (count, numbers) = (row.x.len(), list(row.x));
        writeln!(
            calls,
            "    {{\n        const uint{input}_t bits[] = {{{numbers}}};\n        \
             uint{output}_t made[{count}];\n        \
             row{at}_input x[{count}];\n        row{at}_output y[{count}];\n        \
             memcpy(x, bits, sizeof x);\n        row{at}(x, y, {count});\n        \
             memcpy(made, y, sizeof made);\n        \
             for (int k = 0; k < {count}; ++k) {{\n            \
             printf(\"%llx \", (unsigned long long)made[k]);\n        }}\n        printf(\"\\n\");\n    }}"
        )
        .unwrap();
    }
    text += "#include <stdio.h>\n#include <string.h>\n\nint main(void)\n{\n";
    text += &calls;
    text += "    return 0;\n}\n";
    if let Some(lines) = c::run(&text) {
        check(&lines);
    }
}

#[test]
fn conversions_in_rust() {
    let (mut text, mut calls) = (String::new(), String::new());
    // Halves are bits already.
    let wide = |element: ElementType| matches!(element, ElementType::F32 | ElementType::F64);
    for (at, row) in ROWS.iter().enumerate() {
        text += &row.emitted(at, Language::Rust);
        let [input, output] = row.elements();
        let numbers = list(row.x);
        let made = match wide(input) {
            true => format!("{}::from_bits(x as u{})", input.name(), bits(input)),
            false if input.is_float() => "x as u16".to_owned(),
            false => format!("x as {}", input.name()),
        };
        let shown = match wide(output) {
            true => "y.to_bits()".to_owned(),
            false => format!("y as u{}", bits(output)),
        };
        let count = row.x.len();
        writeln!(
            calls,
            "    let x: [u64; {count}] = [{numbers}];\n    let x = x.map(|x| {made});\n    \
             let mut y = [Default::default(); {count}];\n    row{at}(&x, &mut y, {count}).unwrap();\n    \
             println!(\"{{}}\", y.map(|y| format!(\"{{:x}}\", {shown})).join(\" \"));"
        )
        .unwrap();
    }
    check(&rust::run(&format!("{text}\nfn main() {{\n{calls}}}\n")));
}
