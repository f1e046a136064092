//! Element types and conversions: which are declared, which pairs a conversion joins, which numbers it takes.

use super::element::{Conversion, ElementType, Elements};
use super::model::{Converter, Number, Rule};
use super::names::{listing, nearest};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};
use crate::syntax::tree::{self, ConversionKind};

/// What other languages call the types.
const FOREIGN: [(&str, ElementType); 20] = [
    ("half", ElementType::F16),
    ("float16", ElementType::F16),
    ("bfloat16", ElementType::Bf16),
    ("float", ElementType::F32),
    ("float32", ElementType::F32),
    ("double", ElementType::F64),
    ("float64", ElementType::F64),
    ("int8", ElementType::I8),
    ("uint8", ElementType::U8),
    ("byte", ElementType::U8),
    ("int16", ElementType::I16),
    ("short", ElementType::I16),
    ("uint16", ElementType::U16),
    ("int", ElementType::I32),
    ("int32", ElementType::I32),
    ("uint32", ElementType::U32),
    ("int64", ElementType::I64),
    ("long", ElementType::I64),
    ("uint64", ElementType::U64),
    ("usize", ElementType::U64),
];

/// A type and where it is declared.
#[derive(Clone, Copy)]
struct Declared {
    ty: ElementType,
    span: Span,
}

/// The element types of a converter, Some(None) if it takes any. None if they are wrong, which has been reported; the
/// numbers of the resolved rule are checked too.
pub(super) fn resolve(
    header: &tree::Header,
    rule: Option<&tree::Rule>,
    resolved: Option<&Rule>,
    sink: &mut Sink,
) -> Option<Option<Elements>> {
    let mark = sink.mark();
    let mut declared = |tensor: &tree::Tensor| {
        let name = tensor.element.as_ref();
        name.and_then(|name| element_type(name, sink))
    };
    let (input, output) = (declared(&header.input), declared(&header.output));
    if sink.has_errors_since(mark) {
        return None;
    }
    let conversion = rule.and_then(|rule| rule.conversion.as_ref());
    let (Some(input), Some(output)) = (input, output) else {
        if input.is_none() && output.is_none() && conversion.is_none() {
            return Some(None);
        }
        sink.push(undeclared(header, input.or(output), conversion));
        return None;
    };
    let elements = match conversion {
        Some(conversion) => between(input, output, conversion, sink)?,
        None if input.ty == output.ty => Elements {
            input: input.ty,
            output: output.ty,
            conversion: Conversion::Same,
        },
        None => {
            sink.push(differ(header, input, output));
            return None;
        }
    };
    if let Some(rule) = resolved {
        check_fills(rule, output, sink);
    }
    Some(Some(elements))
}

/// The two types of a header, if both are there and known.
pub(super) fn declared(header: &tree::Header) -> Option<(ElementType, ElementType)> {
    let ty = |tensor: &tree::Tensor| ElementType::named(&tensor.element.as_ref()?.text);
    Some((ty(&header.input)?, ty(&header.output)?))
}

/// The type that a name stands for; what is none is reported.
fn element_type(name: &Name, sink: &mut Sink) -> Option<Declared> {
    let found = ElementType::named(&name.text);
    if found.is_none() {
        let all = || ElementType::ALL.iter().map(|ty| ty.name());
        let foreign = FOREIGN.iter().find(|(known, _)| *known == name.text);
        let meant = foreign
            .map(|(_, ty)| ty.name())
            .or_else(|| nearest(&name.text, all()));
        let mut diagnostic = Diagnostic::new(
            Code::UnknownElementType,
            name.span,
            format!("there is no element type `{}`", name.text),
        )
        .label("not an element type")
        .note(format!("the element types are {}", listing(all())));
        diagnostic.help = meant.map(|meant| format!("write `{meant}`"));
        sink.push(diagnostic);
    }
    found.map(|ty| Declared {
        ty,
        span: name.span,
    })
}

/// A type that is missing on one side, or on both where there is a conversion.
fn undeclared(
    header: &tree::Header,
    declared: Option<Declared>,
    conversion: Option<&tree::Conversion>,
) -> Diagnostic {
    let (input, output) = (&header.input, &header.output);
    let Some(declared) = declared else {
        let span = conversion.map_or(header.input.span, |conversion| conversion.word);
        return Diagnostic::new(
            Code::ElementTypeMissing,
            span,
            "a conversion needs the element types of both tensors",
        )
        .label("it is not said from which type to which")
        .secondary(input.name.span, "declared without an element type")
        .secondary(output.name.span, "declared without an element type")
        .help(format!(
            "declare them, like `{}: f32[…]` and `{}: f16[…]`",
            input.name.text, output.name.text
        ));
    };
    let (with, without) = match input.element {
        Some(_) => (input, output),
        None => (output, input),
    };
    let message = format!(
        "`{}` has an element type, but `{}` has none",
        with.name.text, without.name.text
    );
    Diagnostic::new(Code::ElementTypeMissing, without.name.span, message)
        .label("an element type is expected behind this name")
        .secondary(
            declared.span,
            format!("`{}` holds {}", with.name.text, declared.ty),
        )
        .help(format!(
            "write `{}: {}[…]`, or neither type for elements of any",
            without.name.text,
            match conversion {
                Some(_) => "…",
                None => declared.ty.name(),
            }
        ))
}

/// Two types and no conversion.
fn differ(header: &tree::Header, input: Declared, output: Declared) -> Diagnostic {
    let (x, y) = (&header.input.name.text, &header.output.name.text);
    let message = format!(
        "`{x}` holds {} and `{y}` holds {}, but nothing converts the one to the other",
        input.ty, output.ty
    );
    let help = match (input.ty.casts_to(output.ty), input.ty.is_float()) {
        (true, _) => format!("write `{y}[…] = cast({x}[…])`"),
        (false, true) => {
            format!("write `{y}[…] = quantize({x}[…], 1.0, 0)`, with your scale and zero point")
        }
        (false, false) => format!("declare `{y}: {}[…]`", input.ty),
    };
    Diagnostic::new(Code::ElementTypesDiffer, output.span, message)
        .label("not the input's type")
        .secondary(input.span, "the input's type")
        .help(help)
}

/// The element types and the conversion of a chain.
pub(super) fn of_chain(
    (input, output): &(Name, Name),
    conversion: &tree::Conversion,
    sink: &mut Sink,
) -> Option<Elements> {
    let (input, output) = (element_type(input, sink), element_type(output, sink));
    between(input?, output?, conversion, sink)
}

/// The conversion of a text between two types.
fn between(
    input: Declared,
    output: Declared,
    conversion: &tree::Conversion,
    sink: &mut Sink,
) -> Option<Elements> {
    let exists = match conversion.kind {
        ConversionKind::Cast => input.ty.casts_to(output.ty),
        ConversionKind::Quantize => input.ty.is_float() && !output.ty.is_float(),
        ConversionKind::Dequantize => !input.ty.is_float() && output.ty.is_float(),
    };
    if !exists {
        sink.push(no_conversion(input, output, conversion));
    }
    let quantised = match conversion.kind {
        ConversionKind::Quantize => output,
        _ => input,
    };
    let numbers = numbers(conversion, quantised, exists, sink)?;
    let conversion = match (conversion.kind, numbers) {
        (ConversionKind::Cast, _) if input.ty == output.ty => Conversion::Same,
        (ConversionKind::Cast, _) => Conversion::Cast,
        (ConversionKind::Quantize, (scale, zero)) => Conversion::Quantize { scale, zero },
        (ConversionKind::Dequantize, (scale, zero)) => Conversion::Dequantize { scale, zero },
    };
    exists.then_some(Elements {
        input: input.ty,
        output: output.ty,
        conversion,
    })
}

fn no_conversion(input: Declared, output: Declared, conversion: &tree::Conversion) -> Diagnostic {
    let (from, to) = (input.ty, output.ty);
    let message = match conversion.kind {
        ConversionKind::Cast => format!("`cast` does not convert {from} to {to}"),
        ConversionKind::Quantize => {
            format!("`quantize` makes integers of floats, not {to} of {from}")
        }
        ConversionKind::Dequantize => {
            format!("`dequantize` makes floats of integers, not {to} of {from}")
        }
    };
    let diagnostic = Diagnostic::new(Code::NoConversion, conversion.word, message)
        .label(format!("not from {from} to {to}"))
        .secondary(input.span, "from this type")
        .secondary(output.span, "to this type");
    match (from.range(), to.range()) {
        (None, None) => diagnostic.help("write `cast(…)`"),
        (None, Some(_)) => diagnostic.help(
            "write `quantize(…, scale, zero)`; with `1.0, 0` it rounds to the nearest integer",
        ),
        (Some(_), None) => diagnostic.help("write `cast(…)`, or `dequantize(…, scale, zero)`"),
        (Some(_), Some(_)) if from.casts_to(to) => diagnostic.help("write `cast(…)`"),
        (Some(held), Some(range)) => diagnostic
            .note(format!(
                "{from} holds {}, {to} holds {}",
                interval(held),
                interval(range)
            ))
            .help(format!(
                "declare {from} on both sides, or a type that holds every {from}"
            )),
    }
}

fn interval((smallest, largest): (i128, i128)) -> String {
    format!("{smallest} to {largest}")
}

/// The scale and the zero point; 1 and 0 for a cast.
fn numbers(
    conversion: &tree::Conversion,
    quantised: Declared,
    exists: bool,
    sink: &mut Sink,
) -> Option<(f64, i64)> {
    let numbers = conversion.numbers.as_deref()?;
    let word = conversion.kind.word();
    match (conversion.kind, numbers) {
        (ConversionKind::Cast, []) => Some((1.0, 0)),
        (ConversionKind::Cast, [first, rest @ ..]) => {
            let span = rest
                .last()
                .map_or(first.span, |last| first.span.to(last.span));
            sink.push(
                Diagnostic::new(Code::ConversionNumber, span, "`cast` takes no numbers")
                    .label("too many")
                    .help("write `cast(…)`, or `quantize` for a scale and a zero point"),
            );
            None
        }
        (_, [scale, zero]) => {
            let scale = self::scale(scale, sink);
            // Where the types are wrong, their range says nothing.
            let zero = match exists {
                true => zero_point(zero, quantised, sink),
                false => None,
            };
            Some((scale?, zero?))
        }
        (_, numbers) => {
            let message = format!(
                "`{word}` takes a scale and a zero point, but {} numbers are given",
                numbers.len()
            );
            let (span, label) = match numbers {
                [_, _, first, .., last] => (first.span.to(last.span), "too many"),
                [_, _, only] => (only.span, "too many"),
                _ => (conversion.word, "too few numbers"),
            };
            sink.push(
                Diagnostic::new(Code::ConversionNumber, span, message)
                    .label(label)
                    .help(format!("write `{word}(…, 0.05, 0)`")),
            );
            None
        }
    }
}

fn scale(written: &tree::Fill, sink: &mut Sink) -> Option<f64> {
    let scale = match written.number {
        Number::Int(int) => int as f64,
        Number::Float(float) => float,
    };
    let nearest = scale as f32;
    if nearest > 0.0 && nearest.is_finite() {
        return Some(scale);
    }
    let label = match scale {
        _ if scale == 0.0 => "nothing can be divided by 0",
        _ if scale < 0.0 => "negative",
        _ if scale.is_finite() => "not within the range of f32",
        _ => "not finite",
    };
    sink.push(
        Diagnostic::new(
            Code::ConversionNumber,
            written.span,
            "a scale must be positive and finite, as an f32 too",
        )
        .label(label)
        .help("write the size of one quantisation step, like `0.05`"),
    );
    None
}

fn zero_point(written: &tree::Fill, quantised: Declared, sink: &mut Sink) -> Option<i64> {
    let ty = quantised.ty;
    let zero = match written.number {
        Number::Int(int) if ty.holds(written.number) => i64::try_from(int).ok(),
        _ => None,
    };
    if zero.is_none() {
        let (message, label) = match written.number {
            Number::Float(_) => (
                "a zero point is an integer".to_owned(),
                "not an integer".to_owned(),
            ),
            Number::Int(int) => (
                format!("the zero point {int} is no {ty}"),
                format!("not in {}", interval(zero_points(ty))),
            ),
        };
        sink.push(
            Diagnostic::new(Code::ConversionNumber, written.span, message)
                .label(label)
                .secondary(quantised.span, format!("the quantised type, {ty}"))
                .help("write the integer that stands for 0, like `0`"),
        );
    }
    zero
}

/// The smallest and the largest zero point.
fn zero_points(ty: ElementType) -> (i128, i128) {
    let (smallest, largest) = ty.range().unwrap_or((0, 0));
    (smallest, largest.min(i64::MAX.into()))
}

/// Reports the numbers of a converter made by a chain that its elements cannot hold.
pub(super) fn check_made(made: &Converter, span: Span, sink: &mut Sink) {
    if let Some(elements) = made.elements {
        let ty = elements.output;
        check_fills(&made.rule, Declared { ty, span }, sink);
    }
}

/// Reports the numbers of a rule that the output's type cannot hold; `output` is where that type is declared.
fn check_fills(rule: &Rule, output: Declared, sink: &mut Sink) {
    let patches = rule.patches.iter().map(|patch| &patch.fill);
    for fill in rule.fill.iter().chain(patches) {
        if !output.ty.holds(fill.number) {
            sink.push(not_representable(fill.number, fill.span, output));
        }
    }
}

fn not_representable(number: Number, span: Span, output: Declared) -> Diagnostic {
    let ty = output.ty;
    let number = match number {
        Number::Int(int) => int.to_string(),
        Number::Float(float) => format!("{float:?}"),
    };
    let label = match ty.range() {
        Some(range) => format!("not an integer of {}", interval(range)),
        None => "too large".to_owned(),
    };
    let diagnostic = Diagnostic::new(
        Code::FillNotRepresentable,
        span,
        format!("an element of type {ty} cannot hold {number}"),
    )
    .label(label);
    // In a chain both are the chain.
    let diagnostic = match output.span == span {
        true => diagnostic,
        false => diagnostic.secondary(output.span, "the output's elements are of this type"),
    };
    diagnostic
        .note("the fill value is a number of the output's type; it is not converted")
        .help(match ty.range() {
            Some(_) => format!("write a number that {ty} holds, like `else 0`"),
            None => "write a smaller number, or `inf`".to_owned(),
        })
}
