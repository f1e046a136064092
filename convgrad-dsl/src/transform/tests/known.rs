//! Layouts that everybody knows.

use super::{converter, layout, shown};
use crate::sema::model::{By, Layout};
use crate::source::Span;
use crate::transform::{between, gather};

fn nchw() -> Layout {
    layout(
        "converter NCHW<N, C, H, W>(X[N, C, H, W]) -> Y[N, C, H, W] { Y[n, c, h, w] = X[n, c, h, w] for n < N, c < C, h < H, w < W; }",
    )
}

fn nc1hwc0() -> Layout {
    layout(
        "converter NC1HWC0<N, C, H, W, C0 = 16>(X[N, C, H, W]) -> Y[N, ceil(C/C0), H, W, C0] { Y[n, c/C0, h, w, c%C0] = X[n, c, h, w] else 0 for n < N, c < C, h < H, w < W; }",
    )
}

fn fractal_z() -> Layout {
    layout(
        "converter FRACTAL_Z<K, C, R, S>(X[K, C, R, S]) -> Y[ceil(C/16)*R*S, ceil(K/16), 16, 16] { Y[(c/16*R + r)*S + s, k/16, k%16, c%16] = X[k, c, r, s] else 0 for k < K, c < C, r < R, s < S; }",
    )
}

/// Coordinates in terms of NCHW's.
fn by(from: &str, to: &str) -> By {
    let text = format!(
        "converter by<N, C, H, W>(X[N, C, H, W]) -> Y[1, 1, 1, 1] {{ Y[{to}] = X[{from}] else 0 for n < N, c < C, h < H, w < W; }}"
    );
    By {
        coordinates: converter(&text).rule.left,
        span: Span::default(),
    }
}

fn made(from: &Layout, to: &Layout, by: Option<&By>) -> String {
    match between(from, to, by, Span::default()) {
        Ok(made) => shown(&made),
        Err(errors) => panic!("{errors:#?}"),
    }
}

#[test]
fn between_layouts() {
    let swap = by("n, c, h, w", "c, n, h, w");
    let turn = by("n, c, h, w", "c, n, H - 1 - h, W - 1 - w");
    let cases = [
        (
            nchw(),
            nc1hwc0(),
            None,
            "X[N, C, H, W] -> Y[N, ceil(C/16), H, W, 16]: Y[j0, j1, j2, j3, j4] = X[j0, j1*16 + j4, j2, j3] if j1*16 + j4 < C else 0",
        ),
        (
            nc1hwc0(),
            nchw(),
            None,
            "X[N, ceil(C/C0), H, W, C0] -> Y[N, C, H, W]: Y[j0, j1, j2, j3] = X[j0, j1/16, j2, j3, j1%16]",
        ),
        (
            fractal_z(),
            nchw(),
            None,
            "X[ceil(C/16)*R*S, ceil(K/16), 16, 16] -> Y[K, C, R, S]: Y[j0, j1, j2, j3] = X[j1/16*R*S + j2*S + j3, j0/16, j0%16, j1%16]",
        ),
        // The paper's T_NC, T_NCf and FlipRot.
        (
            nc1hwc0(),
            nc1hwc0(),
            Some(&swap),
            "X[N, ceil(C/C0), H, W, C0] -> Y[C, ceil(N/16), H, W, 16]: Y[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16] if j1*16 + j4 < N else 0",
        ),
        (
            nc1hwc0(),
            fractal_z(),
            Some(&swap),
            "X[N, ceil(C/C0), H, W, C0] -> Y[ceil(N/16)*H*W, ceil(C/16), 16, 16]: Y[j0, j1, j2, j3] = X[j0/(H*W)*16 + j3, j1, j0/W%H, j0%W, j2] if j0/(H*W)*16 + j3 < N && j1*16 + j2 < C else 0",
        ),
        (
            fractal_z(),
            fractal_z(),
            Some(&turn),
            "X[ceil(C/16)*R*S, ceil(K/16), 16, 16] -> Y[ceil(K/16)*R*S, ceil(C/16), 16, 16]: Y[j0, j1, j2, j3] = X[j1*R*S + R*S - 1 - j0%(R*S), j0/(R*S), j3, j2] if j0/(R*S)*16 + j3 < K && j1*16 + j2 < C else 0",
        ),
    ];
    for (from, to, by, wanted) in cases {
        let found = made(&from, &to, by);
        assert_eq!(found, wanted);
    }
}

#[test]
fn relational_rules_in_gather_form() {
    let cases = [
        (
            "X[N] -> Y[N*S]: Y[j0] = X[j0/S] if j0%S == 0 else 0 requires S >= 1",
            "converter f<N, S>(X[N]) -> Y[N*S] requires S >= 1 { Y[i*S] = X[i] else 0 for i < N; }",
        ),
        (
            "X[N] -> Y[N*S + 3]: Y[j0] = X[(j0 - 2)/S] if (j0 - 2)/S >= 0 && (j0 - 2)/S < N && (j0 - 2)/S*S + 2 == j0 else 0 requires S >= 1",
            "converter f<N, S>(X[N]) -> Y[N*S + 3] requires S >= 1 { Y[i*S + 2] = X[i] else 0 for i < N; }",
        ),
        (
            "X[N] -> Y[N]: Y[j0] = X[(j0 - 3)%N]",
            "converter f<N>(X[N]) -> Y[N] { Y[(i + 3) % N] = X[i] for i < N; }",
        ),
        (
            "X[32] -> Y[32]: Y[j0] = X[(j0*13 + 25)%32]",
            "converter f<>(X[32]) -> Y[32] { Y[(5*i + 3) % 32] = X[i] for i < 32; }",
        ),
        (
            "X[C] -> Y[C/16*16]: Y[j0] = X[j0/16*16 + 15 - j0%16] requires C%16 == 0",
            "converter f<C>(X[C]) -> Y[C/16*16] requires C % 16 == 0 { Y[c/16*16 + 15 - c%16] = X[c] for c < C; }",
        ),
        (
            "X[N, M] -> Y[N, N + M]: Y[j0, j1] = X[j0, j1 - j0] if j1 >= j0 && j1 < j0 + M else 0",
            "converter f<N, M>(X[N, M]) -> Y[N, N + M] { Y[i, i + j] = X[i, j] else 0 for i < N, j < M; }",
        ),
        (
            "X[8, 8] -> Y[8, 8]: Y[j0, j1] = X[j0, j1 ^ j0]",
            "converter f<>(X[8, 8]) -> Y[8, 8] { Y[i, j ^ i] = X[i, j] for i < 8, j < 8; }",
        ),
        (
            "X[N, C] -> Y[N, ceil(C/16), 16, 16]: Y[j0, j1, j2, j3] = X[j0, j1*16 + j2] if j1*16 + j2 < C && j2 == j3 else 0",
            "converter f<N, C>(X[N, C]) -> Y[N, ceil(C/16), 16, 16] { Y[n, c/16, c%16, c%16] = X[n, c] else 0 for n < N, c < C; }",
        ),
        (
            "X[H] -> Y[ceil(H/7), 7]: Y[j0, j1] = X[(j0*7 + j1 + H - 3)%H] requires H%7 == 0",
            "converter f<H>(X[H]) -> Y[ceil(H/7), 7] requires H % 7 == 0 { Y[(h + 3) % H/7, (h + 3) % H % 7] = X[h] for h < H; }",
        ),
        (
            "X[20] -> Y[20]: Y[j0] = X[19 - j0]",
            "converter f<>(X[20]) -> Y[20] { Y[19 - i] = X[i/16*16 + i%16] for i < 20; }",
        ),
        (
            "X[15] -> Y[3, 5]: Y[j0, j1] = X[(j1*2 - j0*2)%5*3 + j0]",
            "converter f<>(X[15]) -> Y[3, 5] { Y[i%3, i%5] = X[i] for i < 15; }",
        ),
    ];
    for (wanted, text) in cases {
        let found = gather(&converter(text));
        let found = found.as_ref().map(shown).unwrap_or_default();
        assert_eq!(found, wanted);
    }
}
