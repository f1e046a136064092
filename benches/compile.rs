//! What it costs to read, prove and lower converters: each of the standard library, and a file of a hundred.
//!
//! What the library's own formulas resolve to is found once a thread and kept, since it depends on the library alone; they are
//! proved and lowered every time. `again` and `hundred` measure a thread that knows what it imports, as a macro's or a
//! program's does after its first formulas; `first` measures one that knows nothing, and derives what it imports.
//!
//! `cargo bench --bench compile`

use std::thread;

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

/// A file of a hundred converters: all of the library, and some of them again.
fn file() -> String {
    let names = converters().cycle().take(MANY).enumerate();
    let imports = names.map(|(at, name)| format!("use std::{name} as converter_{at};\n"));
    imports.collect()
}

/// Compiles on a thread that has compiled nothing. Its start, some hundredths of a millisecond, is measured too.
fn bench_first(bencher: Bencher<'_, '_>, text: &str) {
    let compiled = || compile(black_box(text)).converters.len();
    bencher.bench_local(|| thread::scope(|scope| scope.spawn(compiled).join().is_ok()));
}

/// One converter of the library, with its sizes free.
#[divan::bench(args = converters())]
fn again(bencher: Bencher<'_, '_>, name: &str) {
    bench(bencher, &format!("use std::{name};"), 1);
}

/// The same for the first time.
#[divan::bench(args = converters())]
fn first(bencher: Bencher<'_, '_>, name: &str) {
    bench_first(bencher, &format!("use std::{name};"));
}

/// A file of a hundred converters.
#[divan::bench]
fn hundred(bencher: Bencher<'_, '_>) {
    bench(bencher, &file(), MANY);
}

/// The same for the first time.
#[divan::bench]
fn hundred_first(bencher: Bencher<'_, '_>) {
    bench_first(bencher, &file());
}
