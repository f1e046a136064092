//! Rules with patches, which no text has: what the interpreter makes of them.

use std::sync::Arc;

use convgrad_dsl::interpret::source_map;
use convgrad_dsl::sema::model::{
    BinaryOp, Converter, Expr, ExprKind, Fill, IterId, Iterator, Number, Patch,
};
use convgrad_dsl::source::{Name, Span};

use crate::annotations::only;

/// `text`, and below it every second place of the output's only axis holds `number`: `Y[2*p]` for p < (N + 1)/2.
pub(crate) fn patched(text: &str, number: Number) -> Converter {
    let mut converter = only(text);
    let span = converter.rule.span;
    let expr = |kind| Expr { kind, span };
    let int = |n| Arc::new(expr(ExprKind::Int(n)));
    let binary = |op, a, b| expr(ExprKind::Binary(op, a, b));
    let size = Arc::new(converter.output.extents[0].clone());
    let more = Arc::new(binary(BinaryOp::Add, size, int(1)));
    converter.rule.patches.push(Patch {
        iterators: vec![Iterator {
            name: Name {
                text: "p".to_owned(),
                span,
            },
            extent: binary(BinaryOp::Div, more, int(2)),
        }],
        left: vec![binary(
            BinaryOp::Mul,
            int(2),
            Arc::new(expr(ExprKind::Iter(IterId(0)))),
        )],
        guard: None,
        fill: Fill {
            number,
            span: Span::new(span.start, span.start),
        },
    });
    converter
}

#[test]
fn patches_stand_between_the_fill_and_the_elements() {
    let text = "converter f<N, M>(X[N]) -> Y[M] { Y[i] = X[i - 2] else -1; }";
    let map = source_map(&patched(text, Number::Int(5)), &[2, 7]).unwrap();
    assert_eq!(map.source[2..4], [Some(0), Some(1)]);
    let held: Vec<Number> = (0..7).map(|place| map.held(place).number).collect();
    let expected = [5, -1, 0, 0, 5, -1, 5].map(Number::Int);
    assert_eq!(held, expected);
    assert!(map.held(3).elements == [1] && map.held(4).elements.is_empty());
}

#[test]
fn maps_differ_where_their_numbers_do() {
    let text = "converter f<N, M>(X[N]) -> Y[M] { Y[i] = X[i - 2] else -1; }";
    let plain = source_map(&only(text), &[2, 7]).unwrap();
    let of = |number| source_map(&patched(text, number), &[2, 7]).unwrap();
    assert_eq!(of(Number::Float(-1.0)).difference(&plain), None);
    assert_eq!(of(Number::Int(5)).difference(&plain), Some(0));
    let inside = "converter f<N, M>(X[N]) -> Y[M] { Y[i] = X[i] else -1; }";
    let read = source_map(&patched(inside, Number::Int(5)), &[7, 7]).unwrap();
    let plain = source_map(&only(inside), &[7, 7]).unwrap();
    assert_eq!(read.difference(&plain), None, "what is read hides patches");
}
