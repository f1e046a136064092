//! Formulas and numbers in the user's words: his names, his operators, as few parentheses as needed.

use super::named::Named;
use crate::emit::terms;
use crate::nest::{Condition, Nest, Scalar, Variable};
use crate::sema::model::{
    BinaryOp, Comparison, Cond, CondKind, Converter, Definition, Expr, ExprKind, Iterator, Patch,
    Size,
};

/// What the numbers of sizes, iterators, definitions and variables are called.
#[derive(Clone, Copy)]
pub(crate) struct Names<'n> {
    sizes: &'n [Size],
    iterators: &'n [Iterator],
    definitions: &'n [Definition],
    variables: &'n [Variable],
    /// The values of the sizes, where scalars are written with the names of those that have values.
    values: &'n [Scalar],
    /// Whether definitions are written out.
    expanded: bool,
}

impl<'n> From<&'n Converter> for Names<'n> {
    fn from(converter: &'n Converter) -> Self {
        Names {
            sizes: &converter.sizes,
            iterators: &converter.rule.iterators,
            definitions: &converter.rule.definitions,
            variables: &[],
            values: &[],
            expanded: false,
        }
    }
}

impl<'n> Names<'n> {
    /// The same with what definitions stand for in their place.
    pub(crate) fn expanded(self) -> Self {
        Names {
            expanded: true,
            ..self
        }
    }

    /// The same with the iterators of an inner fill.
    pub(crate) fn of_patch(self, patch: &'n Patch) -> Self {
        Names {
            iterators: &patch.iterators,
            ..self
        }
    }

    /// The same with the variables of a nest.
    pub(crate) fn of_nest(self, nest: &'n Nest) -> Self {
        self.of_variables(&nest.variables)
    }

    /// The same with the values of all sizes, so that what has a name is called by it.
    pub(crate) fn of_sizes(self, values: &'n [Scalar]) -> Self {
        Names { values, ..self }
    }

    /// The same with variables.
    pub(crate) fn of_variables(self, variables: &'n [Variable]) -> Self {
        Names { variables, ..self }
    }
}

/// Binding strengths, as in Rust.
const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const BIT_OR: u8 = 4;
const BIT_XOR: u8 = 5;
const BIT_AND: u8 = 6;
const SHIFT: u8 = 7;
const SUM: u8 = 8;
const PRODUCT: u8 = 9;
const UNARY: u8 = 10;
const ATOM: u8 = 11;

type Text = (String, u8);

fn at(text: Text, strength: u8) -> String {
    if text.1 < strength {
        format!("({})", text.0)
    } else {
        text.0
    }
}

fn infix(a: Text, op: &str, b: Text, strength: u8) -> Text {
    let (a, b) = (at(a, strength), at(b, strength + 1));
    (format!("{a}{op}{b}"), strength)
}

/// Two operands of an operator. Bits and shifts show what they are made of: few know how strongly they bind.
fn operation(a: Text, op: BinaryOp, b: Text) -> Text {
    let (sign, strength) = operator(op);
    if !(BIT_OR..=SHIFT).contains(&strength) {
        return infix(a, sign, b, strength);
    }
    let a = match a.1 == strength && op != BinaryOp::Shl && op != BinaryOp::Shr {
        true => a.0,
        false => at(a, PRODUCT),
    };
    (format!("{a}{sign}{}", at(b, PRODUCT)), strength)
}

fn call(name: &str, all: Vec<Text>) -> Text {
    let list: Vec<String> = all.into_iter().map(|text| text.0).collect();
    (format!("{name}({})", list.join(", ")), ATOM)
}

fn number(value: i64) -> Text {
    (value.to_string(), if value < 0 { UNARY } else { ATOM })
}

/// An expression as the user would write it.
pub(crate) fn expr<'n>(expr: &Expr, of: impl Into<Names<'n>>) -> String {
    expr_text(expr, of.into()).0
}

/// The same where only sums and what binds tighter may stand without parentheses.
pub(crate) fn limit<'n>(expr: &Expr, of: impl Into<Names<'n>>) -> String {
    at(expr_text(expr, of.into()), SUM)
}

fn expr_text(expr: &Expr, of: Names<'_>) -> Text {
    let go = |e: &Expr| expr_text(e, of);
    let all = |list: &[Expr]| list.iter().map(go).collect::<Vec<_>>();
    match &expr.kind {
        ExprKind::Int(value) => number(*value),
        ExprKind::Size(id) => (of.sizes[id.index()].name.text.clone(), ATOM),
        ExprKind::Iter(id) => (of.iterators[id.index()].name.text.clone(), ATOM),
        ExprKind::Def(id) if of.expanded => go(&of.definitions[id.index()].value),
        ExprKind::Def(id) => (of.definitions[id.index()].name.text.clone(), ATOM),
        ExprKind::Neg(a) => (format!("-{}", at(go(a), UNARY)), UNARY),
        ExprKind::Min(list) => call("min", all(list)),
        ExprKind::Max(list) => call("max", all(list)),
        ExprKind::Abs(a) => call("abs", vec![go(a)]),
        ExprKind::Binary(BinaryOp::CeilDiv, a, b) => (
            format!("ceil({})", infix(go(a), "/", go(b), PRODUCT).0),
            ATOM,
        ),
        ExprKind::Binary(op, a, b) => operation(go(a), *op, go(b)),
    }
}

fn operator(op: BinaryOp) -> (&'static str, u8) {
    match op {
        BinaryOp::Add => (" + ", SUM),
        BinaryOp::Sub => (" - ", SUM),
        BinaryOp::Mul => ("*", PRODUCT),
        BinaryOp::Div | BinaryOp::CeilDiv => ("/", PRODUCT),
        BinaryOp::Rem => ("%", PRODUCT),
        BinaryOp::Xor => (" ^ ", BIT_XOR),
        BinaryOp::And => (" & ", BIT_AND),
        BinaryOp::Or => (" | ", BIT_OR),
        BinaryOp::Shl => (" << ", SHIFT),
        BinaryOp::Shr => (" >> ", SHIFT),
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => " == ",
        Comparison::Ne => " != ",
        Comparison::Lt => " < ",
        Comparison::Le => " <= ",
        Comparison::Gt => " > ",
        Comparison::Ge => " >= ",
    }
}

/// A condition as the user would write it.
pub(crate) fn cond<'n>(cond: &Cond, of: impl Into<Names<'n>>) -> String {
    cond_text(cond, of.into()).0
}

fn cond_text(cond: &Cond, of: Names<'_>) -> Text {
    match &cond.kind {
        CondKind::Compare(op, a, b) => infix(
            expr_text(a, of),
            comparison(*op),
            expr_text(b, of),
            COMPARE + 1,
        ),
        CondKind::And(a, b) => infix(cond_text(a, of), " && ", cond_text(b, of), AND),
        CondKind::Or(a, b) => infix(cond_text(a, of), " || ", cond_text(b, of), OR),
        CondKind::Not(a) => (format!("!{}", at(cond_text(a, of), UNARY)), UNARY),
    }
}

/// A scalar in the user's names.
pub(crate) fn scalar<'n>(scalar: &Scalar, of: impl Into<Names<'n>>) -> String {
    let of = of.into();
    match of.values {
        [] => scalar_text(scalar, of).0,
        sizes => scalar_text(&Named { sizes }.scalar(scalar), of).0,
    }
}

fn scalar_text(scalar: &Scalar, of: Names<'_>) -> Text {
    let go = |s: &Scalar| scalar_text(s, of);
    let all = |list: &[Scalar]| list.iter().map(go).collect::<Vec<_>>();
    let two = |a: &Scalar, op: BinaryOp, b: &Scalar| operation(go(a), op, go(b));
    match scalar {
        Scalar::Const(value) => number(*value),
        Scalar::Size(id) => (of.sizes[id.index()].name.text.clone(), ATOM),
        Scalar::Var(id) => match of.variables.get(id.0 as usize) {
            Some(variable) => (variable.name.clone(), ATOM),
            None => (format!("_{}", id.0), ATOM),
        },
        Scalar::Sum(terms) => sum(terms, of),
        Scalar::Product(factors) => {
            if let Some(positive) = terms::negated(scalar) {
                // `-3*a`, but `-(a/2)`: the sign would be divided too.
                let strength = match positive {
                    Scalar::Product(_) => PRODUCT,
                    _ => UNARY,
                };
                return (format!("-{}", at(go(&positive), strength)), PRODUCT);
            }
            let list = factors.iter().map(|f| at(go(f), PRODUCT + 1));
            (list.collect::<Vec<_>>().join("*"), PRODUCT)
        }
        Scalar::Div(a, b) => ceiling(a, b, of).unwrap_or_else(|| two(a, BinaryOp::Div, b)),
        Scalar::Rem(a, b) => two(a, BinaryOp::Rem, b),
        Scalar::Min(list) => call("min", all(list)),
        Scalar::Max(list) => call("max", all(list)),
        Scalar::Abs(a) => call("abs", vec![go(a)]),
        Scalar::Xor(a, b) => two(a, BinaryOp::Xor, b),
        Scalar::And(a, b) => two(a, BinaryOp::And, b),
        Scalar::Or(a, b) => two(a, BinaryOp::Or, b),
        Scalar::Shl(a, b) => two(a, BinaryOp::Shl, b),
        Scalar::Shr(a, b) => two(a, BinaryOp::Shr, b),
    }
}

/// `(N + 15) / 16` is `ceil(N/16)`.
fn ceiling(a: &Scalar, b: &Scalar, of: Names<'_>) -> Option<Text> {
    let (Scalar::Sum(terms), Scalar::Const(d)) = (a, b) else {
        return None;
    };
    let (last, rest) = terms.split_last()?;
    if *last != Scalar::Const(d - 1) {
        return None;
    }
    let inner = Scalar::sum(rest.to_vec()).over(b.clone());
    Some((format!("ceil({})", scalar(&inner, of)), ATOM))
}

fn sum(terms: &[Scalar], of: Names<'_>) -> Text {
    let mut text = String::new();
    for (negative, positive) in terms::signed(terms) {
        text += match (text.is_empty(), negative) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text += &at(scalar_text(&positive, of), SUM + 1);
    }
    (text, SUM)
}

/// A condition in the user's names.
pub(crate) fn condition<'n>(condition: &Condition, of: impl Into<Names<'n>>) -> String {
    let of = of.into();
    match of.values {
        [] => condition_text(condition, of).0,
        sizes => condition_text(&Named { sizes }.condition(condition), of).0,
    }
}

fn condition_text(condition: &Condition, of: Names<'_>) -> Text {
    let list = |all: &[Condition], sign: &str, strength: u8| {
        let parts = all.iter().map(|c| at(condition_text(c, of), strength));
        let strength = if all.len() == 1 { ATOM } else { strength };
        (parts.collect::<Vec<_>>().join(sign), strength)
    };
    match condition {
        Condition::Compare(op, a, b) => infix(
            scalar_text(a, of),
            comparison(*op),
            scalar_text(b, of),
            COMPARE + 1,
        ),
        Condition::All(all) => list(all, " && ", AND),
        Condition::Any(all) => list(all, " || ", OR),
        Condition::Not(a) => (format!("!{}", at(condition_text(a, of), UNARY)), UNARY),
    }
}
