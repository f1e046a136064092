//! What the front end hands on: docs, stubs, the order of definitions, numbers.

use convgrad_dsl::compile::compile;
use convgrad_dsl::sema::model::{ConvLayout, ExprKind, Form, Number, StubKind};

use crate::annotations::{only, resolve};

#[test]
fn doc_comments_and_their_token_form_are_the_same() {
    let comments = "//! About the file.\n/// One\n///\n/** two\n * three\n */\npub converter f<N>(X[N]) -> Y[N] { Y[j] = X[j]; }";
    let tokens = "# ! [ doc = \" About the file.\" ] # [ doc = \" One\" ] #[doc=\"\"] #[doc = r#\" two\n three\"#]
        pub converter f < N > ( X [ N ] ) -> Y [ N ] { Y [ j ] = X [ j ] ; }";
    for text in [comments, tokens] {
        let converter = only(text);
        assert_eq!(converter.docs, [" One", "", " two", " three"], "{text}");
        assert!(converter.public);
    }
    assert_eq!(
        only(r#"#[doc = "a \"b\" \\ \u{e9}\x21\n c"] converter f<>(X[]) -> Y[] { Y[] = X[] }"#)
            .docs,
        ["a \"b\" \\ é!", " c"]
    );
}

#[test]
fn tokens_may_stand_apart() {
    let converter = only(
        "converter f < N , K = ( 1 << 2 ) > ( X [ N , K ] ) -> Y [ N ] requires N >= 1 && ! ( N == 7 ) {
            Y [ j ] = X [ i0 .. ] if j <= - 1 || j != 2 else - inf where i0 = j , i1 = j % K ; }",
    );
    assert_eq!(converter.rule.form, Form::Gather);
    assert_eq!(
        converter.rule.fill.unwrap().number,
        Number::Float(f64::NEG_INFINITY)
    );
}

#[test]
fn definitions_use_earlier_ones_only() {
    let converter = only(
        "converter f<N>(X[N]) -> Y[N] { Y[j] = X[a] where a = b + c, b = c, c = d*2, d = j, e = a; }",
    );
    let names: Vec<&str> = converter
        .rule
        .definitions
        .iter()
        .map(|d| d.name.text.as_str())
        .collect();
    assert_eq!(names, ["d", "c", "b", "a", "e"]);
    for (at, definition) in converter.rule.definitions.iter().enumerate() {
        definition.value.walk(&mut |part| {
            if let ExprKind::Def(id) = part.kind {
                assert!(id.index() < at);
            }
        });
    }
}

#[test]
fn iterators_range_over_what_binds_them() {
    let extents = |text: &str| -> Vec<(String, String)> {
        let converter = only(text);
        let iterators = converter.rule.iterators.iter();
        iterators
            .map(|i| {
                (
                    i.name.text.clone(),
                    text[i.extent.span.start..i.extent.span.end].to_owned(),
                )
            })
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        extents("converter f<N>(X[N]) -> Y[N + 1] { Y[j] = X[j] else 0 }"),
        [pair("j", "N + 1")]
    );
    assert_eq!(
        extents("converter f<N>(X[2*N, 3]) -> Y[6*N] { Y[3*a + b] = X[a, b] }"),
        [pair("a", "2*N"), pair("b", "3")]
    );
    assert_eq!(
        extents("converter f<N>(X[N]) -> Y[N] { Y[j] = X[j] else 0 for j < N - 1 }"),
        [pair("j", "N - 1")]
    );
}

#[test]
fn numbers_behind_else() {
    let fill = |number: &str| {
        only(&format!(
            "converter f<N>(X[N]) -> Y[N] {{ Y[j] = X[j] else {number} }}"
        ))
        .rule
        .fill
        .unwrap()
        .number
    };
    assert_eq!(fill("-1_000"), Number::Int(-1000));
    assert_eq!(fill("0xFF"), Number::Int(255));
    assert_eq!(fill("18446744073709551615"), Number::Int(u64::MAX.into()));
    assert_eq!(fill("1."), Number::Float(1.0));
    assert_eq!(fill("-2.5e-3"), Number::Float(-0.0025));
    assert_eq!(fill("1E+2"), Number::Float(100.0));
    assert_eq!(fill("inf"), Number::Float(f64::INFINITY));
    assert_eq!(fill("0b1_01"), Number::Int(5));
    assert_eq!(fill("0o17"), Number::Int(15));
}

#[test]
fn what_has_errors_leaves_a_stub() {
    let text = "
        pub converter body<N, K = 3>(X[N, K]) -> Y[N] { Y[j] = }
        converter rule<N>(X[N]) -> Y[N, N, N] { Y[j] = X[j]; }
        converter header<N>(X[N) -> Y[N] { Y[j] = X[j]; }
        converter derived = compose(body, rule);
        pub convolution conv { input }
        converter good<N>(X[N]) -> Y[N] { Y[j] = X[j]; }";
    let (unit, _) = resolve(text);
    assert_eq!(unit.converters.len(), 1);
    let stubs: Vec<(&str, bool)> = unit
        .stubs
        .iter()
        .map(|s| (s.name.text.as_str(), s.public))
        .collect();
    assert_eq!(
        stubs,
        [
            ("body", true),
            ("rule", false),
            ("header", false),
            ("derived", false),
            ("conv", true)
        ]
    );
    let shape = |at: usize| match &unit.stubs[at].kind {
        StubKind::Converter {
            sizes,
            input_rank,
            output_rank,
            ..
        } => {
            let names: Vec<&str> = sizes.iter().map(|s| s.text.as_str()).collect();
            Some((names.join(","), *input_rank, *output_rank))
        }
        StubKind::Convolution => None,
    };
    assert_eq!(shape(0), Some(("N".to_owned(), Some(2), Some(1))));
    assert_eq!(shape(1), Some(("N".to_owned(), Some(1), Some(3))));
    assert_eq!(shape(2), Some((String::new(), None, None)));
    assert_eq!(shape(4), None);
}

#[test]
fn convolutions_have_their_defaults() {
    let (unit, found) = resolve(
        "/// Doc\npub convolution stem { input NC1HWC0, kernel FRACTAL_Z, output NHWC, padding [1, 2], stride [3, 4,], groups 2 }
         convolution bare { kernel NHWC, output NCHW, input NCHW }",
    );
    assert!(found.is_empty(), "{found:?}");
    let stem = &unit.convolutions[0];
    assert_eq!(
        (stem.input, stem.kernel, stem.output),
        (ConvLayout::Nc1hwc0, ConvLayout::FractalZ, ConvLayout::Nhwc)
    );
    assert_eq!(
        (stem.stride, stem.padding, stem.dilation, stem.groups),
        ([3, 4], [1, 1, 2, 2], [1, 1], 2)
    );
    assert_eq!(
        (stem.public, stem.docs.as_slice()),
        (true, &[" Doc".to_owned()][..])
    );
    let bare = &unit.convolutions[1];
    assert_eq!(
        (bare.stride, bare.padding, bare.dilation, bare.groups),
        ([1, 1], [0; 4], [1, 1], 1)
    );
}

#[test]
fn precedence_is_that_of_rust() {
    // Each index is 1 exactly where Rust would say so.
    #[allow(
        clippy::precedence,
        clippy::identity_op,
        reason = "precedence is what is tested"
    )]
    let cases: [(&str, i64); 10] = [
        ("1 + 2 * 3 - 6", 1 + 2 * 3 - 6),
        ("7 & 3 | 4 ^ 1 << 1 + 1", 7 & 3 | 4 ^ 1 << 1 + 1),
        ("-7 / 2 + 5", -4 + 5),
        ("-7 % 3", 2),
        ("100 - 10 - 1", 100 - 10 - 1),
        ("64 / 4 / 2 % 5", 64 / 4 / 2 % 5),
        ("1 << 2 << 1 >> 1", 1 << 2 << 1 >> 1),
        ("6 ^ 3 & 5", 6 ^ 3 & 5),
        ("--3", 3),
        ("-(1 - 3) * 2", 4),
    ];
    for (text, value) in cases {
        let converter = only(&format!(
            "converter f<N = {}>(X[N]) -> Y[N] {{ Y[j] = X[j]; }}",
            format_args!("({text})")
        ));
        assert_eq!(
            convgrad_dsl::sizes::bake(&converter).unwrap(),
            [Some(value)],
            "{text}"
        );
    }
    for (condition, holds) in [
        ("true_ == 1 || true_ == 0 && true_ == 0", true),
        ("!(true_ == 1) || true_ + 1 == 2", true),
        ("true_ | 2 == 3", true),
        ("true_ & 2 != 0 && true_ == 1", false),
    ] {
        let text =
            format!("converter f<true_ = 1>(X[1]) -> Y[1] requires {condition} {{ Y[j] = X[j]; }}");
        assert_eq!(
            convgrad_dsl::interpret::source_map(&only(&text), &[1]).is_ok(),
            holds,
            "{condition}"
        );
    }
}

#[test]
fn diagnostics_are_in_the_order_of_the_text() {
    let text = "converter f<N, M>(X[N]) -> Y[Q] { Y[j] = X[k / 0] where u = 3 }\nconverter g<>(X[]) -> Y[] { Y[] = Z[] }";
    let found = compile(text).diagnostics;
    let codes: Vec<&str> = found.iter().map(|d| d.code.number()).collect();
    assert_eq!(codes, ["CG018", "CG010", "CG019", "CG015"]);
    assert!(found.is_sorted_by_key(|d| d.span.start));
}
