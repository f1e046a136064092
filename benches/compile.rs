//! What it costs to read, prove and lower converters: each of the standard library, and a file of a hundred.
//!
//! `cargo bench --bench compile`

use convgrad_dsl::compile::compile;
use convgrad_dsl::library::{self, Kind};
use divan::{Bencher, black_box};

/// As many converters as the file has.
const MANY: usize = 100;

fn main() {
    divan::main();
}

/// The names of the library's converters.
fn converters() -> impl Iterator<Item = &'static str> + Clone {
    let items = library::items().iter();
    items
        .filter(|item| item.kind == Kind::Converter)
        .map(|item| item.name)
}

fn bench(bencher: Bencher<'_, '_>, text: &str, count: usize) {
    let compiled = compile(text);
    assert_eq!(
        compiled.converters.len(),
        count,
        "{:?}",
        compiled.diagnostics
    );
    bencher.bench_local(|| compile(black_box(text)));
}

/// One converter of the library, with its sizes free.
#[divan::bench(args = converters())]
fn one(bencher: Bencher<'_, '_>, name: &str) {
    bench(bencher, &format!("use std::{name};"), 1);
}

/// A file of a hundred: all of the library, and some of them again.
#[divan::bench]
fn hundred(bencher: Bencher<'_, '_>) {
    let names = converters().cycle().take(MANY).enumerate();
    let imports = names.map(|(at, name)| format!("use std::{name} as converter_{at};\n"));
    bench(bencher, &imports.collect::<String>(), MANY);
}
