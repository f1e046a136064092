//! Instances of compiled formulas, and of nests that no compiler should make. Whole formulas are compared with the interpreter in
//! the tests of the workspace.

use convgrad_dsl::compile::{CompiledConverter, compile};
use convgrad_dsl::nest::{Node, Offset, Run, Scalar, VarId, Variable};
use convgrad_dsl::sema::model::Writes;

use super::Instance;
use crate::converter::Converter;
use crate::error::Error;

fn converter(text: &str) -> CompiledConverter {
    let mut compiled = compile(text);
    assert_eq!(compiled.converters.len(), 1, "{:#?}", compiled.diagnostics);
    compiled.converters.remove(0)
}

fn instance(text: &str, sizes: &[i64]) -> Result<Instance, Error> {
    let compiled = converter(text);
    Instance::new(&compiled.converter, &compiled.analysis, sizes)
}

#[test]
fn an_instance_converts() {
    let crop = "converter crop<N>(X[N, 4]) -> Y[4, N - 1] { Y[i, j] = X[j + 1, 3 - i]; }";
    let crop = instance(crop, &[3]).unwrap();
    assert_eq!(
        (crop.input_shape(), crop.output_shape()),
        (&[3, 4][..], &[4, 2][..])
    );
    let x: Vec<u8> = (0..12).collect();
    let mut y = [99; 8];
    crop.convert(&x, &mut y).unwrap();
    assert_eq!(y, [7, 11, 6, 10, 5, 9, 4, 8]);
}

#[test]
fn empty_outputs_ask_nothing_of_reads() {
    let take = "converter take<N, M>(X[N]) -> Y[M] { Y[i] = X[i + 2]; }";
    assert!(instance(take, &[5, 3]).is_ok());
    assert!(
        instance(take, &[0, 0])
            .unwrap()
            .convert::<i8>(&[], &mut [])
            .is_ok()
    );
    let error = instance(take, &[4, 3]).unwrap_err();
    assert!(matches!(error, Error::Requirement { .. }), "{error}");
    assert!(error.to_string().contains("N = 4, M = 3"), "{error}");
}

#[test]
fn scans_find_collisions_and_gaps() {
    let fold =
        "converter fold<N, M>(X[N]) -> Y[M] requires M >= 1 { Y[i*i % M] = X[i] for i < N; }";
    let fold = |n, m| instance(fold, &[n, m]);
    assert!(fold(2, 2).is_ok());
    for (n, m) in [(3, 2), (2, 3), (0, 1)] {
        let error = fold(n, m).unwrap_err();
        assert!(matches!(error, Error::Requirement { .. }), "{error}");
    }
    let error = fold(1 << 33, 1 << 33).unwrap_err();
    assert!(matches!(error, Error::Undecided { .. }), "{error}");
}

#[test]
fn slices_and_elements_must_fit() {
    let pad = instance(
        "converter pad<N>(X[N]) -> Y[N + 1] { Y[i] = X[i] else -1; }",
        &[2],
    )
    .unwrap();
    let mut y = [0i32; 3];
    assert!(pad.convert(&[1, 2], &mut y).is_ok());
    assert_eq!(y, [1, 2, -1]);
    assert_eq!(pad.convert(&[1], &mut y), Err(Error::length("X", &[2], 1)));
    assert_eq!(
        pad.convert(&[1, 2], &mut y[..2]),
        Err(Error::length("Y", &[3], 2))
    );
    let error = pad.convert(&[1u8, 2], &mut [0; 3]).unwrap_err();
    assert!(matches!(error, Error::Fill { .. }), "{error}");
}

#[test]
fn sizes_beyond_64_bits_are_errors() {
    let square = "converter square<N>(X[1]) -> Y[N, N, N] { Y[i, j, k] = X[0*(i + j + k)]; }";
    assert!(instance(square, &[1 << 20]).is_ok());
    for n in [1 << 21, 1 << 31, i64::MAX] {
        let result = instance(square, &[n]);
        assert!(
            matches!(result, Err(Error::Overflow { .. })),
            "{n}: {result:?}"
        );
    }
    assert!(matches!(
        instance(square, &[-1]),
        Err(Error::Requirement { .. })
    ));
}

/// An instance of four elements to four elements whose loops are not those of the formula.
fn with_nest(variables: usize, body: Node) -> Result<Vec<i32>, Error> {
    let mut compiled = converter("converter f<N>(X[N]) -> Y[N] { Y[i] = X[i]; }");
    compiled.analysis.nest.variables = (0..variables)
        .map(|k| Variable {
            name: format!("v{k}"),
        })
        .collect();
    compiled.analysis.nest.body = body;
    let instance = Instance::new(&compiled.converter, &compiled.analysis, &[4])?;
    let mut y = vec![0; 4];
    instance.convert(&[1, 2, 3, 4], &mut y).map(|()| y)
}

fn run(base: Scalar, terms: Vec<(VarId, Scalar)>, stride: i64) -> Run {
    Run {
        start: Offset { base, terms },
        stride: Scalar::Const(stride),
    }
}

fn copy(count: i64, output: Run, input: Run) -> Node {
    Node::Copy {
        count: Scalar::Const(count),
        output,
        input,
        writes: Writes::Once,
    }
}

fn repeat(var: u32, from: i64, to: i64, step: i64, body: Node) -> Node {
    Node::Loop {
        var: VarId(var),
        from: Scalar::Const(from),
        to: Scalar::Const(to),
        step: Scalar::Const(step),
        body: Box::new(body),
    }
}

#[test]
fn loops_step_and_names_stand_for_values() {
    let v = Scalar::Var(VarId(0));
    let place = run(Scalar::Const(1), vec![(VarId(0), Scalar::Const(-1))], 1);
    // Places 3 and 1 move by strides, places 2 and 0 by a name.
    let strided = repeat(0, -2, 2, 2, copy(1, place.clone(), place));
    let named = |node| Node::Let {
        var: VarId(1),
        value: v.clone().times(Scalar::Const(2)),
        body: Box::new(node),
    };
    let place = run(Scalar::Var(VarId(1)), Vec::new(), 1);
    let named = repeat(0, 0, 2, 1, named(copy(1, place.clone(), place)));
    assert_eq!(
        with_nest(2, Node::Seq(vec![strided, named])),
        Ok(vec![1, 2, 3, 4])
    );
}

#[test]
fn wrong_nests_are_errors_and_never_panics() {
    let at = |base| run(Scalar::Const(base), Vec::new(), 1);
    let outside = VarId(7);
    let wrong = [
        copy(5, at(0), at(0)),
        copy(1, at(4), at(0)),
        copy(1, at(0), at(-1)),
        copy(2, at(0), run(Scalar::Const(0), Vec::new(), i64::MIN)),
        copy(
            1,
            at(0),
            run(Scalar::Const(0), vec![(outside, Scalar::Const(1))], 1),
        ),
        copy(1, at(0), run(Scalar::Var(outside), Vec::new(), 1)),
        repeat(0, 0, 4, 0, copy(1, at(0), at(0))),
        repeat(0, 0, 4, -1, copy(1, at(0), at(0))),
        repeat(
            0,
            0,
            i64::MAX,
            1,
            copy(
                1,
                at(0),
                run(Scalar::Const(0), vec![(VarId(0), Scalar::Const(3))], 1),
            ),
        ),
        repeat(
            0,
            1,
            3,
            1,
            copy(
                1,
                at(0),
                run(
                    Scalar::Div(
                        Box::new(Scalar::Var(VarId(0)).times(Scalar::Const(i64::MAX))),
                        Box::new(Scalar::Const(2)),
                    ),
                    Vec::new(),
                    1,
                ),
            ),
        ),
    ];
    for body in wrong {
        let result = with_nest(1, body.clone());
        assert!(
            matches!(result, Err(Error::Internal { .. } | Error::Overflow { .. })),
            "{body:?}: {result:?}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn threads_change_nothing() {
    let formulas = [
        (
            "converter f<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; }",
            vec![130, 257],
        ),
        (
            "converter f<N, C>(X[N, C]) -> Y[1, ceil(C/16), N, 16] { Y[_m, c, n, l] = X[n, c*16 + l] else -1; }",
            vec![1000, 60],
        ),
        (
            "converter f<N, C>(X[N, C]) -> Y[C, ceil(N/16), 16] { Y[c, n, l] = X[n*16 + l, c] else -1; }",
            vec![1003, 60],
        ),
        (
            "converter f<N, M>(X[N, M]) -> Y[2*N, 3*M] { Y[2*N - 1 - i*2, j*3] = X[i, j] else -1 for i < N, j < M; }",
            vec![100, 90],
        ),
        (
            "converter f<N, M>(X[N]) -> Y[M, M] requires N >= 1 { Y[i, j] = X[(i*7 ^ j) % N] if i*j % 5 != 3 else -1; }",
            vec![101, 200],
        ),
        (
            "converter f<N, s>(X[N]) -> Y[5, N] requires s >= 1 { Y[k, i] = X[i*s + k - 2] else -1; }",
            vec![20_000, 1],
        ),
        (
            "converter f<N, M>(X[N]) -> Y[N, M] { Y[i, _j] = X[N - 1 - i]; }",
            vec![3, 40_000],
        ),
        // Runs that are in no loop, stretches that do not begin with the output, few turns of much work, turns some way apart.
        (
            "converter f<N, R>(X[N]) -> Y[N] requires R < N { Y[i] = X[(i + R) % N]; }",
            vec![200_001, 1001],
        ),
        (
            "converter f<N, M>(X[N, M]) -> Y[N, M] requires N >= 5 { Y[i, j] = X[(i + 5) % N, j]; }",
            vec![70, 1003],
        ),
        (
            "converter f<N, C, M>(X[N, C, M]) -> Y[N, M, C] { Y[n, m, c] = X[n, c, m]; }",
            vec![3, 64, 9000],
        ),
        (
            "converter f<N, M>(X[N, M]) -> Y[3*N, M + 2] { Y[3*i + 1, j + 2] = X[i, j] else -1 for i < N, j < M; }",
            vec![90, 700],
        ),
        // Sums: channels apart, rows that overlap at the ends of stretches, everything in one place.
        (
            "converter f<C, H, R>(X[C, R, H]) -> Y[C, H + R] { Y[c, h + r] += X[c, r, h]; }",
            vec![6, 9000, 3],
        ),
        (
            "converter f<N, W>(X[N, 3, W]) -> Y[2*N + 1, W] { Y[2*i + r, w] += X[i, r, w]; }",
            vec![300, 200],
        ),
        (
            "converter f<N, W>(X[N, W]) -> Y[N, W] { Y[N - 1 - i, 0] += X[i, w]; }",
            vec![300, 200],
        ),
    ];
    for (text, sizes) in formulas {
        let instance = instance(text, &sizes).unwrap();
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        // Sums of them depend on the order.
        let x: Vec<f32> = (0..count(instance.input_shape()))
            .map(|k| 1.0 + k as f32 / 7.0)
            .collect();
        let mut expected = vec![-9.0; count(instance.output_shape())];
        instance.convert(&x, &mut expected).unwrap();
        for threads in [2, 3] {
            let cx = crate::conv::Context::with_threads(threads).unwrap();
            let mut y = vec![-9.0; expected.len()];
            instance.clone().on(&cx).convert(&x, &mut y).unwrap();
            assert!(y == expected, "{text} on {threads} threads");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn threads_change_nothing_on_the_way() {
    let text = "converter f<N, M>(X: f32[N, M]) -> Y: f16[M, N] { Y[i, j] = cast(X[j, i]); }";
    let instance = instance(text, &[300, 700]).unwrap();
    let x: Vec<f32> = (0..210_000).map(|k| k as f32 / 7.0).collect();
    let convert = |instance: &Instance| {
        let mut y = vec![half::f16::NAN; x.len()];
        let typed = instance.typed::<f32, half::f16>().unwrap();
        crate::converter::TypedConverter::convert(&typed, &x, &mut y).unwrap();
        y
    };
    let expected = convert(&instance);
    let at = |place: usize| half::f16::from_f32(x[place % 300 * 700 + place / 300]);
    assert!((0..x.len()).all(|place| expected[place] == at(place)));
    for threads in [2, 3] {
        let cx = crate::conv::Context::with_threads(threads).unwrap();
        assert!(convert(&instance.clone().on(&cx)) == expected);
    }
}
