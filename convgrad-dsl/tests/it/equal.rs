//! Equality of converters: proved with free sizes, decided at constant ones, refuted by counterexamples.

use convgrad_dsl::proof::{Answer, Decision, equal};

use crate::annotations::resolve;

/// The answer about the first two converters of a text.
fn decide(text: &str, given: &[(&str, i64)]) -> Answer {
    let (unit, diagnostics) = resolve(text);
    assert!(unit.stubs.is_empty(), "{text}\n{diagnostics:#?}");
    let given: Vec<_> = given
        .iter()
        .map(|(name, n)| ((*name).to_owned(), *n))
        .collect();
    equal(&unit.converters[0], &unit.converters[1], &given)
}

fn proved(text: &str) {
    let answer = decide(text, &[]);
    assert_eq!(
        (answer.holds, answer.decided_by),
        (Some(true), Decision::Symbolic),
        "{text}\n{answer:?}"
    );
}

/// The notes of the counterexample.
fn refuted(text: &str) -> Vec<String> {
    let answer = decide(text, &[]);
    assert_eq!(answer.holds, Some(false), "{text}\n{answer:?}");
    answer.notes
}

const T_NC: &str =
    "converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
    Y[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
}";

#[test]
fn the_papers_formulas_as_printed_and_in_digits() {
    for requires in [
        "",
        " requires C % 16 == 0",
        " requires N % 16 == 0, C % 16 == 0",
    ] {
        let printed = T_NC.replace(" {\n", &format!("{requires} {{\n"));
        proved(&format!("{printed} converter d<N, C, H, W>(A[N, ceil(C/16), H, W, 16]) -> B[C, ceil(N/16), H, W, 16] {{
            B[c, n1, h, w, n0] = A[n1*16 + n0, c/16, h, w, c%16] if n1*16 + n0 < N else 0;
        }}"));
    }
    proved("converter t_ncf<N, C, H, W>(X[N, C/16, H, W, 16]) -> Z[ceil(N/16)*H*W, C/16, 16, 16] {
            Z[j0, j1, j2, j3] = X[i0..] else 0
            where i0 = (j0/(H*W))*16 + j3, i1 = j1, i2 = j0/W - (j0/(H*W))*H, i3 = j0 % W, i4 = j2;
        }
        converter d<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Z[ceil(N/16)*H*W, ceil(C/16), 16, 16] {
            Z[p, c1, c0, n0] = X[p/(H*W)*16 + n0, c1, p/W%H, p%W, c0]
            if p/(H*W)*16 + n0 < N && c1*16 + c0 < C else 0;
        }");
    proved("converter flip_rot<N, C, H, W>(Z[C/16*H*W, N/16, 16, 16]) -> F[N/16*H*W, C/16, 16, 16]
            requires C % 16 == 0, N % 16 == 0 {
            F[j0, j1, j2, j3] = Z[j1*(H*W) + H*W - 1 - j0 % (H*W), j0/(H*W), j3, j2];
        }
        converter d<N, C, H, W>(Z[ceil(C/16)*H*W, ceil(N/16), 16, 16]) -> F[ceil(N/16)*H*W, ceil(C/16), 16, 16] {
            F[p, c1, c0, n0] = Z[(c1*H + (H - 1 - p/W%H))*W + (W - 1 - p%W), p/(H*W), n0, c0]
            if p/(H*W)*16 + n0 < N && c1*16 + c0 < C else 0;
        }");
}

#[test]
fn what_differs_somewhere_is_refuted_there() {
    let t_nc = |rest: &str| {
        format!(
            "{T_NC} converter d<N, C, H, W>(A[N, ceil(C/16), H, W, 16]) -> B[C, ceil(N/16), H, W, 16] {{
            B[c, n1, h, w, n0] = A[n1*16 + n0, c/16, h, w, c%16] {rest}; }}"
        )
    };
    assert_eq!(
        refuted(&t_nc("else 1")),
        [
            "counterexample for N = 3, C = 16, H = 2, W = 3",
            "Y[0,0,0,0,3] is 0 on the left side, 1 on the right side"
        ]
    );
    let notes = refuted(&t_nc("if n0 != 5 else 0"));
    assert!(
        notes[1].ends_with("on the left side, 0 on the right side"),
        "{notes:?}"
    );
    // Only at sizes that are not multiples of 16, only without elements, only in the last of many places.
    refuted(
        "converter f<N>(X[N]) -> Y[ceil(N/16)] { Y[j] = X[j*16]; }
        converter g<N>(X[N]) -> Y[N/16] { Y[j] = X[j*16]; }",
    );
    refuted(
        "converter f<N>(X[N]) -> Y[max(N, 1)] { Y[j] = X[j] else 0; }
        converter g<N>(X[N]) -> Y[N] { Y[j] = X[j]; }",
    );
    refuted(
        "converter f<>(X[100000]) -> Y[100000] { Y[j] = X[j]; }
        converter g<>(X[100000]) -> Y[100000] { Y[j] = X[min(j, 99998)]; }",
    );
}

#[test]
fn sizes_belong_together_by_extents_then_by_names() {
    // Rows and columns have exchanged names on the right.
    proved(
        "converter f<H, W>(X[H, W]) -> Y[W, H] { Y[w, h] = X[h, w]; }
        converter g<W, H>(X[W, H]) -> Y[H, W] { Y[w, h] = X[h, w]; }",
    );
    // What no extent tells is matched by its name, or is a size of its own.
    proved(
        "converter f<N, M>(X[N]) -> Y[M] { Y[j] = X[j] else 0; }
        converter g<K, M>(X[K]) -> Y[M] { Y[j] = X[j] else 0; }",
    );
    let notes = refuted(
        "converter f<N, M>(X[N]) -> Y[M] { Y[j] = X[j] else 0; }
        converter g<N, L>(X[N]) -> Y[L] { Y[j] = X[j] else 0; }",
    );
    assert!(notes[0].contains("L = "), "{notes:?}");
    proved(
        "converter f<C1>(X[C1, 16]) -> Y[16*C1] { Y[j] = X[j/16, j%16]; }
        converter g<C>(X[C/16, 16]) -> Y[C] requires C % 16 == 0 { Y[j] = X[j/16, j - j/16*16]; }",
    );
    // An extent C/16 alone is the exact multiple.
    proved(
        "converter f<C>(X[C/16]) -> Y[C/16*16] { Y[j] = X[j/16]; }
        converter g<D>(X[D/16]) -> Y[D/16*16] { Y[j] = X[j/16]; }",
    );
    // Baked and free.
    proved(
        "converter f<N, B = 4>(X[N, B]) -> Y[N*B] { Y[j] = X[j/B, j%B]; }
        converter g<N, B>(X[N, B]) -> Y[N*B] { Y[j] = X[j/B, j%B]; }",
    );
}

#[test]
fn constant_sizes_are_decided() {
    let text = "converter f<N, B = 6>(X[N]) -> Y[N] { Y[j] = X[j/B*B + (j%B*5 + 1)%B] else 0; }
        converter g<N, B = 6>(X[N]) -> Y[N] { Y[j] = X[j/6*6 + (1 - j%6 + 6)%6] else 0; }";
    for n in [0, 1, 6, 7, 1000] {
        let answer = decide(text, &[("N", n)]);
        assert_eq!(answer.holds, Some(true), "{n}: {answer:?}");
    }
    let swizzle = "converter f<>(X[64, 64]) -> Y[64, 64] { Y[i, j] = X[i, j ^ (i & 7)]; }
        converter g<>(X[64, 64]) -> Y[64, 64] { Y[i, j] = X[i, j/8*8 + ((j % 8) ^ (i % 8))]; }";
    assert_eq!(decide(swizzle, &[]).holds, Some(true));
}

#[test]
fn inputs_that_never_meet_are_refuted() {
    refuted(
        "converter f<N>(X[N, N]) -> Y[N] { Y[j] = X[j, j]; }
        converter g<N>(X[N]) -> Y[N] { Y[j] = X[j]; }",
    );
    let notes = refuted(
        "converter f<N>(X[N, 3]) -> Y[N] { Y[j] = X[j, 0]; }
        converter g<N>(X[N, 4]) -> Y[N] { Y[j] = X[j, 0]; }",
    );
    assert_eq!(
        notes,
        ["there are no sizes at which both take the same input"]
    );
}
