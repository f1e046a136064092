//! What diagnostics advise and tell beside their places: words that the fixtures do not look at.

use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::Diagnostic;
use convgrad_dsl::sizes;

/// All words of a diagnostic.
fn words(diagnostic: &Diagnostic) -> String {
    let mut words = vec![
        diagnostic.code.number().to_owned(),
        diagnostic.message.clone(),
        diagnostic.label.clone(),
    ];
    words.extend(diagnostic.notes.iter().cloned());
    words.extend(diagnostic.help.iter().cloned());
    words.join("\n")
}

/// Asserts that the first diagnostic says all of this.
fn says(found: &[Diagnostic], text: &str, wanted: &[&str]) {
    let found = found.first().map(words).unwrap_or_default();
    for wanted in wanted {
        assert!(found.contains(wanted), "{text}\n{found}\nlacks {wanted}");
    }
}

#[test]
fn slips_are_mended() {
    for (rule, wanted) in [
        ("Y(i) = X(i);", "stand in brackets"),
        ("for i < N: Y[i] = X[i];", "`for` stands behind the source"),
        ("Y[i] = i < 3 ? X[i] : 0;", "`if` and `else` stand behind"),
        ("Y[i] = X[i] for i <= N;", "`n < N + 1` is up to N"),
        ("Y[i] = X[2i];", "`2*i` for a product"),
        ("Y[i] = X[j];", "in scope: `N` and `i`"),
        ("Y[i] = X[n];", "did you mean `N`?"),
        ("Y[i] = X[i // 2]; }", "`//` begins a comment"),
        ("Y[i] = X[i; // all of it\n", "write the missing `]`"),
    ] {
        let text = format!("converter f<N>(X[N]) -> Y[N] {{ {rule} }}");
        says(&compile(&text).diagnostics, &text, &[wanted]);
    }
    for (text, wanted) in [
        ("converter f<N>(X[N]) -> Y[N]", "the rule follows in braces"),
        (
            "converter f<N>(X[N]) -> Y[N];",
            "the rule follows in braces",
        ),
        ("use std::nchw;", "did you mean `NCHW`?"),
        (
            "use std::nchw_to_nc1hwc0; converter f = nchw_to_nc1hwc0<C0 = 32>;",
            "write `NCHW -> NC1HWC0<C0 = 32>`",
        ),
    ] {
        says(&compile(text).diagnostics, text, &[wanted]);
    }
}

#[test]
fn what_fails_at_all_sizes_is_told_with_numbers() {
    for (text, wanted) in [
        (
            "converter f<N>(X[N]) -> Y[N] { Y[i] = X[i + N]; }",
            &[
                "CG021",
                "nothing that it reaches is inside",
                "witness Y[0] reads X[1], for N = 1",
            ][..],
        ),
        (
            "converter f<N>(X[2*N]) -> Y[2*N] { Y[2*i] = X[i] for i < N; }",
            &[
                "CG047",
                "the largest index of axis 0 of Y is 2*N - 2, its extent 2*N",
                "add `else 0`",
            ],
        ),
        (
            "converter f<N>(X[3*N]) -> Y[N] { Y[i] = X[3*i]; } converter g = inverse(f);",
            &[
                "CG039",
                "counterexample for N = 2",
                "X[1] is never read",
                "`adjoint(…)`",
            ],
        ),
        (
            "converter f<N>(X[N, 60000]) -> Y[N, 50000] { Y[i, j] = X[i, j]; } assert bijective(f);",
            &["CG038", "X has 60000*N elements, Y has 50000*N"],
        ),
        (
            "converter f<N>(X[N, 60000]) -> Y[N, 2, 60000] { Y[i, _k, j] = X[i, j]; } assert injective(f);",
            &["CG036", "no index tells _k = 0 from _k = 1"],
        ),
        (
            "layout A<N>[n] = [n]; converter f = A -> A by [n] -> [n - 2];",
            &["CG046", "what stands for n reaches -2"],
        ),
        (
            "layout A<>[n < 5] = [n]; layout B<>[m < 6] = [m]; converter f = A -> B;",
            &[
                "CG040",
                "m ranges over 0..6 in B, what stands for it over 0..5",
            ],
        ),
    ] {
        says(&compile(text).diagnostics, text, wanted);
    }
}

#[test]
fn what_fails_at_given_sizes_is_told_with_them() {
    for (text, given, wanted) in [
        (
            "converter f<N, M>(X[N, M]) -> Y[N, M] requires N >= 2 || M == 1 { Y[i, j] = X[i, j]; }",
            &[("N", 1), ("M", 3)][..],
            &["CG067", "at N = 1, M = 3"][..],
        ),
        (
            "converter f<N, S>(X[N]) -> Y[N*S] requires S >= 1 { Y[i*S] = X[i] else 0; } converter g = inverse(adjoint(f));",
            &[("N", 2), ("S", 2)],
            &["CG047", "an inverse fills nothing"],
        ),
        (
            "converter f<N>(X[N, N]) -> Y[N] { Y[i] = X[i, i]; }",
            &[("N", 4_000_000_000)],
            &["CG044", "index arithmetic leaves 64 bits here"],
        ),
    ] {
        let compiled = compile(text);
        let converter = &compiled.converters.last().expect(text).converter;
        let given: Vec<(String, i64)> = given.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect();
        let found = sizes::bind(converter, &given).and_then(|b| analyze(converter, &b));
        says(&found.err().unwrap_or_default(), text, wanted);
    }
}

#[test]
fn obligations_read_as_people_write_them() {
    for (source, wanted) in [
        ("Y[i] = X[i + 3];", "axis 0 of X: N + 2 < M"),
        ("Y[i] = X[2*i];", "axis 0 of X: 2*N <= M + 1"),
        ("Y[i] = X[i];", "axis 0 of X: N <= M"),
    ] {
        let text = format!("converter f<N, M>(X[M]) -> Y[N] {{ {source} }}");
        let compiled = compile(&text);
        let obligations = &compiled.converters[0].analysis.obligations;
        assert_eq!(obligations[0].text, wanted, "{text}");
    }
}
