//! Texts that nobody would write: nested, endless, cut off, scrambled. Nothing may panic, overflow the stack or take long.

use std::fmt::Write;

use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::interpret::source_map;
use proptest::prelude::*;

use crate::annotations::{fixtures, resolve};

fn with_index(index: &str) -> String {
    format!("converter a<N>(X[N]) -> Y[N] {{ Y[j0] = X[{index}] else 0; }}")
}

/// Compiles on a stack as small as that of a test thread, whatever thread this is.
fn diagnostics(text: String) -> Vec<Diagnostic> {
    let work = move || compile(&text).diagnostics;
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap()
}

fn has(code: Code, text: String) {
    let shown: String = text.chars().take(80).collect();
    let found = diagnostics(text);
    assert!(found.iter().any(|d| d.code == code), "{shown}: {found:?}");
}

const MANY: usize = 100_000;
const LONG: usize = 20_000;

#[test]
fn deep_nesting_is_an_error() {
    has(
        Code::TooDeep,
        with_index(&format!("{}j0{}", "(".repeat(MANY), ")".repeat(MANY))),
    );
    has(
        Code::TooDeep,
        with_index(&format!("{}j0{}", "abs(".repeat(MANY), ")".repeat(MANY))),
    );
    has(Code::TooDeep, with_index(&"(".repeat(MANY)));
    has(Code::TooDeep, with_index(&"X[".repeat(MANY)));
    has(
        Code::TooDeep,
        format!("{}{}", "/*".repeat(MANY), "*/".repeat(MANY)),
    );
    has(
        Code::TooDeep,
        format!(
            "converter a = {}f{};",
            "inverse(".repeat(MANY),
            ")".repeat(MANY)
        ),
    );
    has(
        Code::TooDeep,
        format!(
            "converter a = {}f{};",
            "compose(f, ".repeat(MANY),
            ")".repeat(MANY)
        ),
    );
    has(Code::TooDeep, "{".repeat(MANY));
}

#[test]
fn long_chains_are_an_error() {
    has(Code::TooDeep, with_index(&vec!["j0"; LONG].join("+")));
    has(Code::TooDeep, with_index(&vec!["j0"; LONG].join(" - ")));
    has(
        Code::TooDeep,
        with_index(&format!("{}j0", "-".repeat(LONG))),
    );
    has(
        Code::TooDeep,
        with_index("j0").replace("else", &format!("if {}j0 < 3 else", "!".repeat(LONG))),
    );
    has(
        Code::TooDeep,
        with_index("j0").replace(
            "else",
            &format!("if {} else", vec!["j0 < 3"; LONG].join(" && ")),
        ),
    );
    has(
        Code::TooDeep,
        with_index("j0").replace("<N>", &format!("<N = {}>", vec!["1"; LONG].join("+"))),
    );
}

#[test]
fn what_is_allowed_to_be_deep_and_long_compiles() {
    let nested = format!("{}j0{}", "(".repeat(90), ")".repeat(90));
    let chain = vec!["j0"; 250].join("+");
    let calls = format!("{}j0{}", "min(7, ".repeat(90), ")".repeat(90));
    let arguments = format!("max({})", vec!["j0"; 10_000].join(", "));
    for index in [nested, chain, calls, arguments] {
        let (unit, found) = resolve(&with_index(&index));
        assert!(found.is_empty(), "{found:?}");
        assert!(source_map(&unit.converters[0], &[3]).is_ok());
    }
}

#[test]
fn many_names_are_an_error() {
    let names = |prefix: &str| {
        (0..20_000).fold(String::new(), |mut text, k| {
            write!(text, "{prefix}{k}, ").unwrap();
            text
        })
    };
    has(
        Code::TooDeep,
        format!(
            "converter a<{}>(X[N0]) -> Y[N0] {{ Y[j] = X[j]; }}",
            names("N")
        ),
    );
    has(
        Code::TooDeep,
        format!(
            "converter a<N>(X[{}]) -> Y[N] {{ Y[j] = X[j]; }}",
            "N, ".repeat(MANY)
        ),
    );
    let definitions = (0..20_000).fold(String::new(), |mut text, k| {
        write!(text, "d{k} = d{}, ", k + 1).unwrap();
        text
    });
    has(
        Code::TooDeep,
        with_index("d0").replace(';', &format!(" where {definitions};")),
    );
    let ranges = (0..20_000).fold(String::new(), |mut text, k| {
        write!(text, "i{k} < N, ").unwrap();
        text
    });
    has(
        Code::TooDeep,
        with_index("i0").replace(';', &format!(" for {ranges};")),
    );
}

/// `text` with every number below `count` in its place, one after the other.
fn numbered(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

/// Whatever a text says thousands of times, it ends with some hundreds of reports.
#[test]
fn many_items_end_at_a_limit() {
    const MANY: usize = 30_000;
    let texts = [
        "converter a = a;\n".repeat(MANY),
        numbered(MANY, |k| format!("converter a{k} = a{k};\n")),
        numbered(MANY, |k| format!("converter a{k} = b{k};\n")),
        numbered(MANY, |k| format!("converter a{k} = a{};\n", (k + 1) % LONG)),
        numbered(MANY, |k| format!("assert bijective(b{k});\n")),
        numbered(MANY, |k| format!("convolution c{k} {{ }}\n")),
        numbered(MANY, |k| format!("use std::im2col as a{k};\n")),
        "use std::*;\n".repeat(MANY),
        format!("use std::{{{}}};", numbered(MANY, |k| format!("a{k}, "))),
        format!("use std::{{{}}};", "NCHW, ".repeat(MANY)),
        format!(
            "use std::{{{}}};",
            numbered(MANY, |k| format!("hflip as a{k}, "))
        ),
    ];
    for text in texts {
        let shown: String = text.chars().take(40).collect();
        let found = diagnostics(text);
        assert!(
            !found.is_empty() && found.len() <= 1000,
            "{shown}: {}",
            found.len()
        );
    }
}

/// What is made of few items, each of which names others.
#[test]
fn items_that_name_each_other_end_at_a_limit() {
    let flip = "converter c0<N>(X[N]) -> Y[N] { Y[j] = X[N - 1 - j]; }\n";
    let pad = "converter c0<N>(X[N]) -> Y[N + 1] { Y[j] = X[j - 1] else 0; }\n";
    for first in [flip, pad] {
        let text = numbered(40, |k| {
            format!("converter c{} = compose(c{k}, c{k});\n", k + 1)
        });
        let compiled = compile(&format!("{first}{text}"));
        assert_eq!(compiled.converters.len() + compiled.stubs.len(), 41);
    }
    let circle = numbered(1000, |k| {
        format!("converter c{k} = inverse(c{});\n", (k + 1) % 1000)
    });
    has(Code::CircularDefinition, circle);
    let all = numbered(1000, |k| format!("c{k}, "));
    has(
        Code::TooDeep,
        format!("{flip}converter d = compose({});", "c0, ".repeat(MANY)),
    );
    has(Code::TooDeep, format!("converter d = compose({all});"));
}

#[test]
fn long_lists_are_an_error() {
    let list = |text: &str| vec![text; 50_000].join(", ");
    for text in [
        format!(
            "use std::*; converter a = NC1HWC0<{}> -> NCHW;",
            list("C0 = 16")
        ),
        format!(
            "use std::*; converter a = NC1HWC0 -> NCHW by [{}] -> [1];",
            list("c")
        ),
        format!(
            "use std::*; converter a = NC1HWC0 -> NCHW by [n, c, h, w] -> [{}];",
            list("d")
        ),
        format!("convolution c {{ {} }}", list("stride 2")),
        format!("convolution c {{ padding [{}] }}", list("2")),
        format!("layout L<N>[{}] = [n];", list("n")),
        format!("layout L<N>[n] = [{}];", list("m")),
        format!(
            "converter f<N>(X[N]) -> Y[N] requires {} {{ Y[j] = X[j]; }}",
            list("N % 2 == 0")
        ),
        format!(
            "converter f<N>(X[N]) -> Y[N] {{ Y[{}] = X[j]; }}",
            list("j")
        ),
        format!(
            "converter f<N>(X[N]) -> Y[N] {{ Y[j] = X[{}]; }}",
            list("k")
        ),
        format!(
            "converter f<N>(X[N]) -> Y[N] {{ Y[j] = X[max({})]; }}",
            list("k")
        ),
    ] {
        has(Code::TooDeep, text);
    }
}

/// Numbers at the border of what indices can be.
#[test]
fn huge_numbers_are_an_error() {
    for (code, text) in [
        (Code::LiteralTooLarge, with_index(&"9".repeat(MANY))),
        (
            Code::Overflow,
            with_index("j0*9223372036854775807*9223372036854775807"),
        ),
        (
            Code::Overflow,
            "converter f<N = 4000000000>(X[N, N]) -> Y[N, N] { Y[i, j] = X[j, i]; }".to_owned(),
        ),
        (
            Code::Overflow,
            format!(
                "converter f<A0 = 3, {}>(X[A60]) -> Y[A60] {{ Y[j] = X[j]; }}",
                numbered(60, |k| format!("A{} = A{k}*A{k}, ", k + 1))
            ),
        ),
    ] {
        has(code, text);
    }
}

#[test]
fn doubling_definitions_are_evaluated_once_each() {
    let mut text = String::from("d0 = j0");
    for k in 1..200 {
        write!(text, ", d{k} = max(d{0}, d{0})", k - 1).unwrap();
    }
    let (unit, found) = resolve(&with_index("d199").replace(';', &format!(" where {text};")));
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(
        source_map(&unit.converters[0], &[2]).unwrap().source,
        [Some(0), Some(1)]
    );
}

#[test]
fn long_texts_end_soon() {
    has(Code::TooDeep, "x".repeat(1 << 21));
    for text in [
        "; ",
        "converter ",
        "a ",
        "\u{2028}#",
        "\"\\",
        "pub ",
        "[] ",
        "= ",
        "0j ",
        "} ",
        "é",
    ] {
        let found = diagnostics(text.repeat((1 << 20) / text.len()));
        assert!(
            !found.is_empty() && found.len() <= 1000,
            "{text}: {}",
            found.len()
        );
    }
    has(Code::EmptyFile, "\u{FEFF} \n\u{200E}// nothing".to_owned());
}

#[test]
fn a_text_that_is_cut_off_anywhere_is_reported() {
    for fixture in fixtures("pass") {
        for (at, _) in fixture.text.char_indices().step_by(13) {
            resolve(&fixture.text[..at]);
        }
    }
}

/// All formulas that there are, as a quarry of tokens.
fn quarry() -> Vec<String> {
    let all = fixtures("pass").into_iter().chain(fixtures("fail"));
    all.map(|f| f.text).collect()
}

/// Spans must lie in the text, at the borders of characters.
fn check(text: &str) {
    for diagnostic in compile(text).diagnostics {
        let labels = diagnostic.labels.iter().map(|l| l.span);
        for span in labels.chain([diagnostic.span]) {
            assert!(text.get(span.start..span.end).is_some(), "{diagnostic:?}");
        }
        assert!(!diagnostic.message.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_never_panics(text in r#"(\PC|[\[\](){}<>=+*/%&|^!,;.#"_ \n0-9a-z-]){0,80}"#) {
        check(&text);
    }

    #[test]
    fn scrambled_tokens_never_panic(words in prop::collection::vec(prop::sample::select(vec![
        "converter", "convolution", "layout", "assert", "pub", "if", "else", "for", "where", "requires", "by", "pad", "inf",
        "min", "ceil", "floor", "abs", "X", "Y", "N", "i0", "j0", "a", "0", "1", "16", "1.5", "0x", "_", "[", "]", "(", ")",
        "{", "}", "<", ">", "=", "==", "!=", "<=", ">=", "&&", "||", "!", "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^",
        ",", ";", "->", "..", "///", "/*", "*/", "\"", "#[doc = \"\"]", "input", "stride",
    ]), 0..60)) {
        check(&words.join(" "));
    }

    #[test]
    fn mutated_formulas_never_panic(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..20usize, any::<prop::sample::Index>()), 1..6),
    ) {
        let quarry = quarry();
        let mut text: Vec<char> = which.get(&quarry).chars().collect();
        for (at, length, from) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            let donor = from.index(text.len() + 1);
            let piece: Vec<char> = text[donor..(donor + length / 2).min(text.len())].to_vec();
            text.splice(start..end, piece);
        }
        check(&text.into_iter().collect::<String>());
    }
}

/// Formulas whose proofs would take very long if every one were tried to the end. They compile, or say that they are too long.
#[test]
fn proofs_have_a_budget() {
    let list = |count: usize, join: &str, part: &dyn Fn(usize) -> String| {
        (0..count).map(part).collect::<Vec<_>>().join(join)
    };
    let indices = [
        format!("max({})", list(80_000, ",", &|k| format!("j*{k}"))),
        format!(
            "min({})",
            list(60, ",", &|k| format!("(j/{})%{}", k + 2, k + 3))
        ),
        list(60, "+", &|k| format!("(j/(A*{}))%(B*{})", k + 2, k + 3)),
        list(250, "+", &|k| format!("(j^{k})")),
        list(90, "+", &|k| format!("(j/{}-j/{})", k + 2, k + 5)),
    ];
    for index in indices {
        let text = format!("converter f<A, B>(X[A*B]) -> Y[A*B*B] {{ Y[j] = X[{index}] else 0; }}");
        let compiled = convgrad_dsl::compile::compile(&text);
        let too_long =
            |d: &convgrad_dsl::diagnostic::Diagnostic| matches!(d.code.number(), "CG061" | "CG068");
        assert!(
            compiled.converters.len() == 1 || compiled.diagnostics.iter().any(too_long),
            "{:?}",
            compiled.diagnostics
        );
    }
}

/// Definitions that use each other twice, each of which would double what it is made of if it were written out.
#[test]
fn shared_definitions_do_not_double() {
    let steps: [(&str, &dyn Fn(usize) -> String); 4] = [
        ("", &|k| format!("a{k} * 2 + a{k}/3")),
        ("", &|k| format!("min(a{k}, 3 + a{k}/2)")),
        ("", &|k| format!("(a{k} ^ (a{k} + 1))")),
        (" = 100", &|k| format!("max(a{k}, 3 - a{k}/2)")),
    ];
    for (value, step) in steps {
        let mut text = format!(
            "converter f<N{value}>(X[N]) -> Y[N] {{ Y[j] = X[a60] if a60 < 3 else 0 where a0 = j"
        );
        for k in 0..60 {
            write!(text, ", a{} = {}", k + 1, step(k)).unwrap();
        }
        text.push_str("; }");
        let start = std::time::Instant::now();
        let compiled = compile(&text);
        assert!(
            compiled.converters.len() == 1 || !compiled.diagnostics.is_empty(),
            "{text}"
        );
        assert!(start.elapsed().as_secs() < 20, "{text}");
    }
}
