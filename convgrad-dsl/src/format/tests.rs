//! Texts and what becomes of them.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{WIDTH, format};
use crate::syntax::limits::MAX_NESTING;
use crate::syntax::tokens::{TokenKind, with_comments};

/// All formulas that parse: those of the tests, and the standard library.
fn files() -> Vec<(PathBuf, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in [
        "../tests/formulas/pass",
        "../tests/formulas/run",
        "../tests/formulas/fail",
        "library",
    ] {
        let Ok(entries) = std::fs::read_dir(here.join(folder)) else {
            continue;
        };
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        for path in paths.filter(|path| path.extension().is_some_and(|e| e == "cg")) {
            let text = std::fs::read_to_string(&path).unwrap();
            if format(&text).is_ok() {
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 10);
    files
}

/// All tokens, but for the commas before closing brackets.
fn words(text: &str) -> Vec<String> {
    let (tokens, _) = with_comments(text, MAX_NESTING);
    let next = tokens.iter().skip(1).map(Some).chain([None]);
    let kept = tokens.iter().zip(next).filter(|(token, next)| {
        let closes = next.is_some_and(|next| next.kind == TokenKind::Close || next.text == ">");
        token.text != "," || !closes
    });
    kept.map(|(token, _)| token.text.trim_end().to_owned())
        .collect()
}

#[test]
fn formatting_twice_changes_nothing_more() {
    for (path, text) in files() {
        let once = format(&text).unwrap();
        assert_eq!(words(&text), words(&once), "{}", path.display());
        let twice = format(&once).unwrap_or_else(|e| panic!("{}: {e:?}\n{once}", path.display()));
        assert_eq!(once, twice, "{}", path.display());
    }
}

#[test]
fn lines_are_not_too_long() {
    for (path, text) in files() {
        for line in format(&text).unwrap().lines() {
            let comment = line.contains("//");
            assert!(
                comment || line.chars().count() <= WIDTH,
                "{}: {line}",
                path.display()
            );
        }
    }
}

#[test]
fn an_item_is_broken_where_it_is_too_long() {
    let text = "/// The paper's first.\npub converter t_nc<N,C,H,W>(X[N,C/16,H,W,16])->X_tnc[C,ceil(N/16),H,W,16]{X_tnc[j0,j1,j2,j3,j4]=X[i0..]else 0 \
                where i0=j1*16+j4,i1=j0/16,i2=j2,i3=j3,i4=j0%16;}";
    let expected = "/// The paper's first.
pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0%16;
}
";
    assert_eq!(format(text).unwrap(), expected);
}

#[test]
fn long_headers_and_layouts_are_cut_where_one_would() {
    let text = "layout FRACTAL_Z<N,C,H,W,N0=16,C0=16>[n,c,h,w]=[c/C0*(H*W)+h*W+w,n/N0,n%N0,c%C0] pad -1;
pub converter insert_zeros<N,C,H,W,SH,SW>(X[N,C,H,W])->Y[N,C,(H-1)*SH+1,(W-1)*SW+1]requires SH>=1,SW>=1{Y[n,c,h*SH,w*SW]=X[n,c,h,w]else 0;}
converter rows<H,W,R,S,SH,SW,P=(H-R)/SH+1,Q=(W-S)/SW+1,OutputPlaces=P*Q,KernelTaps=R*S>(X[H,W])->Y[OutputPlaces,KernelTaps]{Y[m,k]=X[m/Q*SH+k/S,m%Q*SW+k%S];}
";
    let expected = "layout FRACTAL_Z<N, C, H, W, N0 = 16, C0 = 16>[n, c, h, w] =
    [c/C0*(H*W) + h*W + w, n/N0, n%N0, c%C0] pad -1;
pub converter insert_zeros<N, C, H, W, SH, SW>(X[N, C, H, W])
    -> Y[N, C, (H - 1)*SH + 1, (W - 1)*SW + 1]
    requires SH >= 1, SW >= 1
{
    Y[n, c, h*SH, w*SW] = X[n, c, h, w] else 0;
}
converter rows<H, W, R, S, SH, SW, P = (H - R)/SH + 1, Q = (W - S)/SW + 1, OutputPlaces = P*Q,
    KernelTaps = R*S>
    (X[H, W]) -> Y[OutputPlaces, KernelTaps]
{
    Y[m, k] = X[m/Q*SH + k/S, m%Q*SW + k%S];
}
";
    assert_eq!(format(text).unwrap(), expected);
}

#[test]
fn long_chains_are_cut_outside_of_all_brackets() {
    let text = "converter there_and_back_again = compose(inverse(NCHW -> NC1HWC0), NCHW -> NC1HWC0 by [n, c, h, w] -> [c, n, h, w,], inverse(NHWC -> NC1HWC0),);
converter windows<N,C,H,W,>(X[N,C,H,W,])->Y[N,C,]{Y[i,j,]=X[(i + j*3 + max(i, j, i*j, min(i, j + 1)))%max(N, C, 1), j, min(i, H - 1), min(j + i*3, max(W - 1, 0)),] else 0}
";
    let expected = "converter there_and_back_again = compose(inverse(NCHW -> NC1HWC0),
    NCHW -> NC1HWC0 by [n, c, h, w] -> [c, n, h, w], inverse(NHWC -> NC1HWC0));
converter windows<N, C, H, W>(X[N, C, H, W]) -> Y[N, C] {
    Y[i, j] = X[(i + j*3 + max(i, j, i*j, min(i, j + 1)))%max(N, C, 1), j, min(i, H - 1),
        min(j + i*3, max(W - 1, 0))] else 0
}
";
    assert_eq!(format(text).unwrap(), expected);
}

#[test]
fn comments_stay_where_they_are() {
    let text = "// first\n\n\n\nconverter a<N>(X[N]) -> Y[N] { // why\n // and\nY[i] = X[N-1-i]; /* so */ } // behind\n// last";
    let expected = "// first

converter a<N>(X[N]) -> Y[N] {
    // why
    // and
    Y[i] = X[N - 1 - i]; /* so */
} // behind
// last
";
    let formatted = format(text).unwrap();
    assert_eq!(words(text), words(&formatted));
    assert_eq!(formatted, expected);
}

#[test]
fn what_does_not_parse_is_not_formatted() {
    assert!(format("converter a<N>(X[N]) -> Y[N] { Y[i] = X[; }").is_err());
    assert_eq!(format("").unwrap(), "");
    assert_eq!(format("// only this").unwrap(), "// only this\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// However the white space stands, and wherever comments do, the result is stable and keeps every token.
    #[test]
    fn any_spacing_gives_a_stable_result(file in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let files = files();
        let text = &files[file.index(files.len())].1;
        let (tokens, _) = with_comments(text, MAX_NESTING);
        let mut state = seed | 1;
        let mut mixed = String::new();
        for token in &tokens {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            mixed.push_str(token.text);
            mixed.push_str(match (token.text.starts_with("//"), state % 23) {
                (true, 0..9) => "\n\n",
                (true, _) => "\n",
                (_, 0) => "\n",
                (_, 1) => " // said\n",
                (_, 2) => "\n// alone\n",
                (_, 3) => " /* in */ ",
                (_, 4) => "\n\n\n  /* two\n lines */\n",
                _ => " ",
            });
        }
        prop_assume!(format(&mixed).is_ok());
        let once = format(&mixed).unwrap();
        prop_assert_eq!(words(&mixed), words(&once));
        let twice = format(&once);
        prop_assert!(twice.is_ok(), "{once}");
        prop_assert_eq!(&once, &twice.unwrap(), "{}", mixed);
    }
}
