//! Sizes from the extents of an input.

use convgrad_dsl::diagnostic::Code;
use convgrad_dsl::sizes::{bake, solve};

use crate::annotations::only;

fn given(text: &str) -> Vec<(String, i64)> {
    let pairs = text.split(',').filter(|p| !p.is_empty());
    pairs
        .map(|p| {
            p.split_once('=')
                .map(|(n, v)| (n.trim().to_owned(), v.trim().parse().unwrap()))
                .unwrap()
        })
        .collect()
}

fn solved(sizes: &str, extents: &str, shape: &[i64], set: &str) -> Result<Vec<i64>, Vec<Code>> {
    let indices = vec!["0"; shape.len()].join(", ");
    let text =
        format!("converter f<{sizes}>(X[{extents}]) -> Y[1] {{ Y[_j] = X[{indices}] else 0; }}");
    solve(&only(&text), shape, &given(set))
        .map_err(|errors| errors.iter().map(|e| e.code).collect())
}

const MISSING: Result<Vec<i64>, [Code; 1]> = Err([Code::SizeMissing]);
const MISMATCH: Result<Vec<i64>, [Code; 1]> = Err([Code::SizeMismatch]);

/// `solved`, with one error at most.
fn one(sizes: &str, extents: &str, shape: &[i64], set: &str) -> Result<Vec<i64>, [Code; 1]> {
    solved(sizes, extents, shape, set).map_err(|codes| codes.try_into().expect("one error"))
}

#[test]
fn extents_that_are_sizes() {
    assert_eq!(one("N, C", "N, C", &[3, 0], ""), Ok(vec![3, 0]));
    assert_eq!(one("N", "N, N", &[3, 3], ""), Ok(vec![3]));
    assert_eq!(one("N", "N, N", &[3, 4], ""), MISMATCH);
    assert_eq!(one("N", "N, 5", &[3, 4], ""), MISMATCH);
    assert_eq!(one("N, M", "N", &[3], ""), MISSING);
    assert_eq!(one("N, M", "N", &[3], "M=7"), Ok(vec![3, 7]));
}

#[test]
fn a_division_alone_determines_the_exact_multiple() {
    assert_eq!(one("C", "C/16", &[3], ""), Ok(vec![48]));
    assert_eq!(one("C", "C/16", &[3], "C=50"), Ok(vec![50]));
    assert_eq!(one("C", "C/16", &[3], "C=64"), MISMATCH);
    assert_eq!(one("C", "C >> 4", &[3], ""), Ok(vec![48]));
    assert_eq!(one("C, B", "C/B, B", &[3, 5], ""), Ok(vec![15, 5]));
    assert_eq!(one("C, C1 = C/16", "C1", &[3], ""), Ok(vec![48, 3]));
    assert_eq!(one("C", "floor(C/16)", &[0], ""), Ok(vec![0]));
}

#[test]
fn rounding_up_leaves_the_size_to_the_caller() {
    assert_eq!(one("C", "ceil(C/16)", &[3], ""), MISSING);
    assert_eq!(one("C", "(C + 15)/16", &[3], ""), MISSING);
    assert_eq!(one("C", "ceil(C/16)", &[3], "C=33"), Ok(vec![33]));
    assert_eq!(one("C", "ceil(C/16)", &[3], "C=32"), MISMATCH);
    // Only 0 rounds up to 0.
    assert_eq!(one("C", "ceil(C/16)", &[0], ""), Ok(vec![0]));
}

#[test]
fn extents_that_grow_or_shrink() {
    assert_eq!(one("H", "2*H + 1", &[7], ""), Ok(vec![3]));
    assert_eq!(
        solved("H", "2*H + 1", &[6], ""),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(one("H", "10 - H", &[4], ""), Ok(vec![6]));
    assert_eq!(one("H", "H*H", &[49], ""), Ok(vec![7]));
    assert_eq!(one("H, P = 2", "H + 2*P", &[9], ""), Ok(vec![5, 2]));
    assert_eq!(one("H", "(H - 3)/2 + 1", &[4], ""), MISSING);
    assert_eq!(one("H", "max(H, 4)", &[4], ""), MISSING);
    assert_eq!(one("H", "max(H, 4)", &[9], ""), Ok(vec![9]));
    assert_eq!(one("H", "H << 3", &[24], ""), Ok(vec![3]));
    assert_eq!(one("H", "-(-H)", &[24], ""), Ok(vec![24]));
    assert_eq!(one("H", "abs(H)", &[24], ""), Ok(vec![24]));
}

#[test]
fn one_size_helps_to_find_the_next() {
    assert_eq!(
        one("A, B, C", "A*B*C, B*C, C", &[24, 12, 4], ""),
        Ok(vec![2, 3, 4])
    );
    assert_eq!(
        one("H, W, HW = H*W", "HW, W", &[12, 4], ""),
        Ok(vec![3, 4, 12])
    );
    // An empty axis says nothing about the others.
    assert_eq!(
        solved("A, B", "A*B, B", &[0, 0], ""),
        Err(vec![Code::SizeMissing])
    );
}

#[test]
fn several_extents_of_one_size() {
    assert_eq!(one("C", "C/16, C", &[1, 20], ""), Ok(vec![20]));
    assert_eq!(one("C", "C/16, C%16", &[1, 4], ""), Ok(vec![20]));
    assert_eq!(one("C", "C/16, ceil(C/16)", &[1, 1], ""), Ok(vec![16]));
    assert_eq!(one("C", "C/16, ceil(C/16)", &[1, 2], ""), MISSING);
}

#[test]
fn several_sizes_at_once() {
    assert_eq!(one("N, M", "N + M, N - M", &[7, 3], ""), Ok(vec![5, 2]));
    assert_eq!(
        one("A, B, C", "A + B, B + C, A + C", &[3, 5, 4], ""),
        Ok(vec![1, 2, 3])
    );
    assert_eq!(
        solved("N, M", "N + M, N - M", &[7, 4], ""),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(
        solved("N, M", "N + M", &[7], ""),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(one("N, M", "N + M", &[7], "M=3"), Ok(vec![4, 3]));
}

#[test]
fn what_the_caller_may_not_give() {
    assert_eq!(one("N, K = 3", "N", &[3], "K=3"), MISMATCH);
    assert_eq!(one("N, K = N/2", "N", &[3], "K=1"), MISMATCH);
    assert_eq!(solved("N", "N", &[3], "M=3"), Err(vec![Code::UnknownSize]));
    assert_eq!(one("N", "N", &[3], "N=-3"), MISMATCH);
    assert_eq!(one("N, M", "N", &[3], "M=1,M=2"), MISMATCH);
    assert_eq!(one("N, M", "N", &[3], "M=1,M=1"), Ok(vec![3, 1]));
    assert_eq!(one("N", "N", &[3], "N=4"), MISMATCH);
}

#[test]
fn numbers_that_do_not_fit_are_errors() {
    let large = i64::MAX / 2;
    assert_eq!(one("N", "N", &[large], ""), Ok(vec![large]));
    assert_eq!(
        solved("N, M", "N*M, M", &[large, 0], ""),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(
        solved("C", "C/16", &[large], ""),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(
        solved("N", "N*N*N*N", &[81], "N=9223372036854775807"),
        Err(vec![Code::Overflow])
    );
    assert_eq!(
        solved("N, M", "N/M", &[3], "M=0"),
        Err(vec![Code::SizeMissing])
    );
    assert_eq!(
        solved("N, M", "N/M", &[3], "N=1,M=0"),
        Err(vec![Code::DivisorAlwaysZero])
    );
}

#[test]
fn another_rank_is_an_error() {
    let converter = only("converter f<N>(X[N, N]) -> Y[N] { Y[j] = X[j, j]; }");
    for shape in [&[][..], &[3], &[3, 3, 3]] {
        let errors = solve(&converter, shape, &[]).unwrap_err();
        assert_eq!(errors[0].code, Code::SizeMismatch);
        assert!(
            errors[0].message.contains("2 axes"),
            "{}",
            errors[0].message
        );
    }
}

#[test]
fn values_are_baked_in_any_order() {
    let converter = only(
        "converter f<B = 2*A, D = C/2, A = 3, C, E = B % 4>(X[B, C, D]) -> Y[1] { Y[_j] = X[0, 0, E - 2] else 0; }",
    );
    assert_eq!(
        bake(&converter).unwrap(),
        [Some(6), None, Some(3), None, Some(2)]
    );
    assert_eq!(solve(&converter, &[6, 9, 4], &[]).unwrap(), [6, 4, 3, 9, 2]);
}

#[test]
fn values_that_are_no_sizes_are_errors() {
    for (value, code) in [
        ("-1", Code::SizeMismatch),
        ("3 - A", Code::SizeMismatch),
        ("1/(A - 4)", Code::DivisorAlwaysZero),
        ("9223372036854775807 + A", Code::Overflow),
        ("(1 << 62) * A", Code::Overflow),
    ] {
        let text =
            format!("converter f<A = 4, B = {value}>(X[A]) -> Y[B] {{ Y[j] = X[j] else 0; }}");
        let errors = bake(&only(&text)).unwrap_err();
        assert_eq!(errors.len(), 1, "{value}");
        assert_eq!(errors[0].code, code, "{value}");
    }
}

#[test]
fn values_may_divide_by_what_a_requirement_bounds() {
    let text = "converter pooled<H, R, s, P = (H - R)/s + 1>(X[H]) -> Y[P, R] \
                requires s >= 1, H >= R, R >= 1 { Y[p, r] = X[p*s + r]; }";
    let compiled = convgrad_dsl::compile::compile(text);
    assert!(
        compiled.diagnostics.is_empty(),
        "{:?}",
        compiled.diagnostics
    );
    // The windows end inside: (H - R)/s*s + R <= H.
    let verdicts = compiled.converters[0].analysis.verdicts;
    assert_eq!(verdicts.in_bounds, Some(true));
}
