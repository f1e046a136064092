//! Tensors, fill values and whole formulas as text in the language's own words.

use crate::proof::text::{self, Names};
use crate::sema::model::{Conversion, ElementType, Elements, Patch, Size, Writes};
use crate::sema::model::{Converter, Expr, ExprKind, Fill, Form, Iterator, Number, Operand, Rule};

/// Longer lines are broken where parts of a rule begin.
const WIDTH: usize = 100;

/// Definitions are written out where the whole formula stays shorter than this many operands and operators.
const LONGEST: usize = 400;

/// A tensor with its extents: `X[N, C/16, H, W, 16]`.
pub fn operand(converter: &Converter, operand: &Operand) -> String {
    typed(converter, operand, None)
}

/// The same with the type of its elements, if it has one: `X: f32[N]`.
fn typed(converter: &Converter, operand: &Operand, ty: Option<ElementType>) -> String {
    let extents = extents(converter, operand).join(", ");
    let ty = ty.map_or(String::new(), |ty| format!(": {ty}"));
    format!("{}{ty}[{extents}]", operand.name.text)
}

/// The extents of a tensor, an axis each.
pub fn extents(converter: &Converter, operand: &Operand) -> Vec<String> {
    let extents = operand.extents.iter();
    extents.map(|e| text::expr(e, converter)).collect()
}

/// A fill value as it may stand after `else`.
pub fn number(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}

/// A converter with its head and its rule, over several lines. What a derived converter fills inside, for which the
/// language has no words, follows the rule as a comment.
pub fn converter(converter: &Converter) -> String {
    let sizes: Vec<String> = converter.sizes.iter().map(|s| size(s, converter)).collect();
    let requires: Vec<String> = converter
        .requires
        .iter()
        .map(|cond| text::cond(cond, converter))
        .collect();
    let requires = match requires.as_slice() {
        [] => " ".to_owned(),
        facts => format!("\n    requires {}\n", facts.join(", ")),
    };
    let sizes = format!("converter {}<{}>", converter.name.text, sizes.join(", "));
    let types = converter.elements.map(Elements::types).unzip();
    let operands = format!(
        "({}) -> {}",
        typed(converter, &converter.input, types.0),
        typed(converter, &converter.output, types.1),
    );
    let apart = match sizes.chars().count() + operands.chars().count() > WIDTH {
        true => "\n    ",
        false => "",
    };
    let mut lines = vec![format!("{sizes}{apart}{operands}{requires}{{")];
    lines.extend(rule(converter).lines().map(|line| format!("    {line}")));
    lines.push("}".to_owned());
    lines.join("\n")
}

/// The rule of a converter, with what `where` defines in its place, unless that makes it far too long.
pub fn rule(converter: &Converter) -> String {
    let rule = &converter.rule;
    let short = written_out(rule) <= LONGEST;
    let names = match short {
        true => Names::from(converter).expanded(),
        false => Names::from(converter),
    };
    let sign = match rule.writes {
        Writes::Once => "=",
        Writes::Add => "+=",
    };
    let source = format!(
        "{}[{}]",
        converter.input.name.text,
        list(&rule.source, names)
    );
    let mut parts = vec![format!(
        "{}[{}] {sign} {}",
        converter.output.name.text,
        list(&rule.left, names),
        converted(source, converter.elements)
    )];
    if let Some(guard) = &rule.guard {
        parts.push(format!("if {}", text::cond(guard, names)));
    }
    if let Some(fill) = &rule.fill {
        parts.push(format!("else {}", number(fill.number)));
    }
    if rule.form == Form::Relational && !rule.iterators.is_empty() {
        parts.push(ranges(&rule.iterators, names));
    }
    let length: usize = parts.iter().map(|part| part.chars().count() + 1).sum();
    let mut text = parts.join(if length > WIDTH { "\n    " } else { " " });
    if !short {
        let definitions = rule.definitions.iter().map(|definition| {
            let value = text::expr(&definition.value, names);
            format!("{} = {value}", definition.name.text)
        });
        text += &format!(
            "\nwhere {}",
            definitions.collect::<Vec<_>>().join(",\n      ")
        );
    }
    for patch in &rule.patches {
        text += &format!("\n// {}", self::patch(converter, patch));
    }
    text
}

/// An element as a rule writes it with its conversion: `quantize(X[j], 0.05, 3)`.
fn converted(element: String, elements: Option<Elements>) -> String {
    match elements.map(|elements| elements.conversion) {
        None | Some(Conversion::Same) => element,
        Some(Conversion::Cast) => format!("cast({element})"),
        Some(Conversion::Quantize { scale, zero }) => {
            format!("quantize({element}, {scale:?}, {zero})")
        }
        Some(Conversion::Dequantize { scale, zero }) => {
            format!("dequantize({element}, {scale:?}, {zero})")
        }
    }
}

/// What an inner fill writes: `Y[n, c/16] holds 3 for n < N`.
fn patch(converter: &Converter, patch: &Patch) -> String {
    let names = Names::from(converter).of_patch(patch);
    let Patch {
        left, guard, fill, ..
    } = patch;
    let Fill { number, .. } = fill;
    let mut text = format!(
        "where nothing is read, {}[{}] holds {}",
        converter.output.name.text,
        list(left, names),
        self::number(*number)
    );
    if let Some(guard) = guard {
        text += &format!(" if {}", text::cond(guard, names));
    }
    if !patch.iterators.is_empty() {
        text += &format!(" {}", ranges(&patch.iterators, names));
    }
    text
}

/// `for n < N, c < C`
fn ranges(iterators: &[Iterator], names: Names<'_>) -> String {
    let ranges: Vec<String> = iterators
        .iter()
        .map(|i| format!("{} < {}", i.name.text, text::limit(&i.extent, names)))
        .collect();
    format!("for {}", ranges.join(", "))
}

/// `C1 = ceil(C/16)`
fn size(size: &Size, converter: &Converter) -> String {
    match &size.value {
        None => size.name.text.clone(),
        Some(value) => format!("{} = {}", size.name.text, text::limit(value, converter)),
    }
}

/// `j0, j1/16, 3`
fn list(exprs: &[Expr], names: Names<'_>) -> String {
    let all: Vec<String> = exprs.iter().map(|expr| text::expr(expr, names)).collect();
    all.join(", ")
}

/// How many operands and operators a rule has with its definitions written out.
fn written_out(rule: &Rule) -> usize {
    let mut of_definition: Vec<usize> = Vec::with_capacity(rule.definitions.len());
    // Definitions use earlier ones only.
    let weigh = |expr: &Expr, known: &[usize]| {
        let mut weight = 0usize;
        expr.walk(&mut |part| {
            let own = match part.kind {
                ExprKind::Def(id) => known.get(id.index()).copied().unwrap_or(1),
                _ => 1,
            };
            weight = weight.saturating_add(own);
        });
        weight
    };
    for definition in &rule.definitions {
        let weight = weigh(&definition.value, &of_definition);
        of_definition.push(weight);
    }
    let mut all = 0usize;
    for expr in rule.left.iter().chain(&rule.source) {
        all = all.saturating_add(weigh(expr, &of_definition));
    }
    if let Some(guard) = &rule.guard {
        guard.walk(&mut |part| {
            if let ExprKind::Def(id) = part.kind {
                all = all.saturating_add(of_definition.get(id.index()).copied().unwrap_or(1));
            }
        });
    }
    all
}

/// What places hold that are not simply copied, a sentence each.
pub fn values(rule: &Rule) -> Vec<String> {
    let numbers = rule.numbers();
    let mut sentences = match (rule.writes, numbers.first()) {
        (Writes::Once, Some(fill)) => {
            vec![format!("Places that read nothing hold {}.", number(*fill))]
        }
        (Writes::Once, None) => Vec::new(),
        (Writes::Add, _) => vec![
            "Every place holds the sum of what is read to it, added in the order of the iterators; integers wrap around."
                .to_owned(),
        ],
    };
    let patches: Vec<String> = numbers.iter().skip(1).map(|n| number(*n)).collect();
    if !patches.is_empty() {
        sentences.push(format!("Some of them hold {}.", patches.join(" or ")));
    }
    sentences
}

/// What the elements are, and what becomes of them, in a sentence.
pub fn elements(elements: Elements) -> String {
    let Elements { input, output, .. } = elements;
    match elements.conversion {
        Conversion::Same => format!("The elements are of the type `{output}`."),
        Conversion::Cast => format!("Elements of the type `{input}` are cast to `{output}`."),
        Conversion::Quantize { scale, zero } => format!(
            "Elements `x` of the type `{input}` become `round(x / {scale:?}) {}`, saturated to `{output}`.",
            signed(zero.into())
        ),
        Conversion::Dequantize { scale, zero } => format!(
            "Elements `x` of the type `{input}` become `(x {}) * {scale:?}` of the type `{output}`.",
            signed(-i128::from(zero))
        ),
    }
}

/// A number that is added.
fn signed(number: i128) -> String {
    let sign = if number < 0 { '-' } else { '+' };
    format!("{sign} {}", number.unsigned_abs())
}
