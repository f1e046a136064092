//! Layouts resolve to the extents that a person would have written.

use crate::diagnostic::{Code, Sink};
use crate::proof::text;
use crate::sema::eval::Values;
use crate::sema::model::Layout;
use crate::{sema, syntax};

fn resolve(source: &str) -> (Vec<Layout>, Vec<crate::diagnostic::Diagnostic>) {
    let mut sink = Sink::new();
    let file = syntax::parse(source, &mut sink);
    (sema::resolve(&file, &mut sink).layouts, sink.finish())
}

fn layout(source: &str) -> Layout {
    let (mut layouts, diagnostics) = resolve(source);
    assert_eq!(layouts.len(), 1, "{source}: {diagnostics:#?}");
    layouts.remove(0)
}

/// The extents as text.
fn extents(source: &str) -> String {
    let layout = layout(source);
    let writer = layout.writer();
    let extents = layout.extents.iter().map(|e| text::expr(e, &writer));
    extents.collect::<Vec<_>>().join(", ")
}

/// The extents at some sizes.
fn at(source: &str, sizes: &[i64]) -> Vec<i64> {
    let layout = layout(source);
    let sizes: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
    let values = Values::of_sizes(&sizes);
    let extents = layout.extents.iter().map(|e| values.number(e).unwrap());
    extents.collect()
}

fn code(source: &str) -> Code {
    let (_, diagnostics) = resolve(source);
    assert_eq!(diagnostics.len(), 1, "{source}: {diagnostics:#?}");
    diagnostics[0].code
}

#[test]
fn extents_are_as_a_person_writes_them() {
    for (source, expected) in [
        ("layout L<N, C>[n, c] = [c, n];", "C, N"),
        (
            "layout L<N, C, H, W>[n, c, h, w] = [n, c/16, h, w, c%16];",
            "N, ceil(C/16), H, W, 16",
        ),
        (
            "layout L<N, C, H, W, C0 = 4*8>[n, c, h, w] = [n, c/C0, h, w, c%C0];",
            "N, ceil(C/32), H, W, 32",
        ),
        (
            "layout L<N, C, H, W>[n, c, h, w] = [c/16*H*W + h*W + w, n/16, n%16, c%16];",
            "H*W*ceil(C/16), ceil(N/16), 16, 16",
        ),
        ("layout L<N, H, W>[n, h, w] = [n*H*W + h*W + w];", "N*H*W"),
        ("layout L<C>[c] = [C - 1 - c];", "C"),
        ("layout L<N>[n < 8, m < N] = [n ^ (m%8), m];", "8, N"),
        ("layout L<N>[n] = [(n << 2) + 3];", "4*N"),
        ("layout L<N>[n] = [n >> 1, n & 1];", "ceil(N/2), min(N, 2)"),
        (
            "layout L<N>[n] = [min(n, 7), max(n - 8, 0)];",
            "min(N, 8), min(N, 1)*max(N - 8, 1)",
        ),
        (
            "layout L<C>[c < C/16, d < ceil(C/3)] = [d, c];",
            "ceil(C/3), C/16",
        ),
    ] {
        assert_eq!(extents(source), expected, "{source}");
    }
}

#[test]
fn nothing_that_ranges_takes_no_place() {
    let gaps = "layout L<N, W = 3>[n, w] = [n*4 + w];";
    assert_eq!(at(gaps, &[0, 3]), [0]);
    assert_eq!(at(gaps, &[2, 3]), [7]);
    // A remainder ranges over everything below its divisor, whatever it is the remainder of.
    let blocks = "layout L<C>[c] = [c/16, c%16];";
    assert_eq!(at(blocks, &[0]), [0, 16]);
    assert_eq!(at(blocks, &[17]), [2, 16]);
    let flat = "layout L<N, C>[n, c] = [n*16 + c%16, c/16];";
    assert_eq!(at(flat, &[0, 5]), [0, 1]);
    assert_eq!(at(flat, &[3, 0]), [48, 0]);
    let skewed = "layout L<N, C>[n, c] = [n + c, c];";
    assert_eq!(at(skewed, &[0, 5]), [0, 5]);
    assert_eq!(at(skewed, &[5, 0]), [0, 0]);
    assert_eq!(at(skewed, &[2, 3]), [4, 3]);
}

#[test]
fn what_has_no_bound_is_an_error() {
    assert_eq!(
        code("layout L<N, C>[n, c] = [n ^ c, c];"),
        Code::UnknownExtent
    );
    assert_eq!(
        code("layout L<N, K>[n] = [(n - 3)*(K - 5)];"),
        Code::UnknownExtent
    );
    assert_eq!(
        code("layout L<N, K>[n] = [n/K, n%4];"),
        Code::DivisorUnknown
    );
    assert_eq!(
        code("layout L<N>[n] = [5/(n + 1), n];"),
        Code::DivisorIterates
    );
    assert_eq!(code("layout L<N>[n] = [n << N];"), Code::ShiftUnknown);
}

#[test]
fn coordinates_do_not_meet() {
    assert_eq!(
        code("layout L<N = 4, C = 3>[n, c] = [n + c*3];"),
        Code::Overlap
    );
    assert_eq!(
        code("layout L<N = 4>[n] = [n - 1];"),
        Code::WriteOutOfBounds
    );
}

#[test]
fn ranges_and_names_are_checked() {
    assert_eq!(code("layout L<N>[n, h] = [n, h];"), Code::UnknownSize);
    assert_eq!(code("layout L<N>[n, n] = [n];"), Code::IteratorTwice);
    assert_eq!(code("layout L<N>[n] = [m];"), Code::UnknownName);
    assert_eq!(
        code("layout L<N>[n < m, m < 4] = [n, m];"),
        Code::UnknownSize
    );
    assert_eq!(code("layout L<N>[n < N, N < 4] = [n, N];"), Code::Shadowing);
    assert_eq!(code("layout L<N, C>[n] = [n];"), Code::UnusedSize);
    assert_eq!(code("layout L<N, C>[n, c] = [n];"), Code::UnusedIterator);
    assert_eq!(code("layout L<N>[n] = [n..];"), Code::Unexpected);
}
