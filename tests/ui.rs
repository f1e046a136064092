//! What the compiler says about formulas with mistakes, to the letter, and that those without them run.
//!
//! The letters are those of the toolchain that continuous integration uses; `TRYBUILD=overwrite` accepts new ones.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
