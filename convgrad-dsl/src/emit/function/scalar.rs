//! Scalars and conditions as infix expressions, which C and Rust write alike but for a few operations.

use super::Writer;
use super::target::{Extreme, Target};
use crate::emit::terms::{factors, negated, signed};
use crate::nest::{Condition, Scalar};
use crate::sema::model::Comparison;

/// How strongly the outermost operator of an expression binds, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `^ & | << >>`, which the languages order differently.
    Bits,
    Sum,
    Product,
    Unary,
    Atom,
}

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    strength: Strength,
}

impl Text {
    /// A name, a number, a call, or something in parentheses.
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Text {
            text: text.into(),
            strength: Strength::Atom,
        }
    }

    /// With an operator outside.
    pub(super) fn of(text: String, strength: Strength) -> Self {
        Text { text, strength }
    }

    /// With parentheses if it binds weaker than `needed`.
    pub(super) fn at_least(&self, needed: Strength) -> String {
        match self.strength < needed {
            true => format!("({})", self.text),
            false => self.text.clone(),
        }
    }

    /// As a side of a comparison.
    pub(super) fn comparand(&self) -> String {
        self.at_least(Strength::Sum)
    }

    /// As an operand of a conversion or a method.
    pub(super) fn operand(&self) -> String {
        self.at_least(Strength::Atom)
    }

    /// A place as many strides further as a counter says.
    pub(super) fn moved(self, counter: &str, stride: &Text) -> Self {
        let (sign, stride) = match stride.text.strip_prefix('-') {
            Some(positive) if stride.is_number() => ("-", positive.to_owned()),
            _ => ("+", stride.at_least(Strength::Unary)),
        };
        let step = match stride.as_str() {
            "0" => return self,
            "1" => Text::atom(counter),
            stride => Text::of(format!("{counter} * {stride}"), Strength::Product),
        };
        match (self.text.as_str(), sign) {
            ("0", "+") => step,
            _ => {
                let (start, step) = (self.comparand(), step.text);
                Text::of(format!("{start} {sign} {step}"), Strength::Sum)
            }
        }
    }

    /// Whether it is a number.
    pub(super) fn is_number(&self) -> bool {
        self.text.parse::<i64>().is_ok()
    }
}

impl Writer<'_> {
    /// An expression.
    pub(super) fn scalar(&self, scalar: &Scalar) -> Text {
        let target: &dyn Target = self.target;
        let go = |s: &Scalar| self.scalar(s);
        match scalar {
            Scalar::Const(n) => self.number(*n),
            Scalar::Size(id) => match &self.compiled.analysis.sizes[id.index()] {
                Scalar::Const(n) => self.number(*n),
                _ => Text::atom(self.names.size(*id)),
            },
            Scalar::Var(id) => Text::atom(self.names.variable(*id)),
            Scalar::Sum(terms) => self.sum(terms),
            Scalar::Product(all) => match negated(scalar) {
                Some(positive) => {
                    let positive = go(&positive).at_least(Strength::Unary);
                    Text::of(format!("-{positive}"), Strength::Unary)
                }
                None => self.product(all),
            },
            Scalar::Div(a, b) if self.natural.is(a) => infix(&go(a), "/", &go(b)),
            Scalar::Rem(a, b) if self.natural.is(a) => infix(&go(a), "%", &go(b)),
            Scalar::Div(a, b) => target.floor_div(go(a), go(b)),
            Scalar::Rem(a, b) => target.floor_mod(go(a), go(b)),
            Scalar::Min(all) => self.extreme(Extreme::Min, all),
            Scalar::Max(all) => self.extreme(Extreme::Max, all),
            Scalar::Abs(a) => target.abs(go(a)),
            Scalar::Xor(a, b) => bits(&go(a), "^", &go(b)),
            Scalar::And(a, b) => bits(&go(a), "&", &go(b)),
            Scalar::Or(a, b) => bits(&go(a), "|", &go(b)),
            // Of negative numbers, C shifts neither to the left nor surely as wanted to the right.
            Scalar::Shl(a, b) => infix(&go(a), "*", &target.power(go(b))),
            Scalar::Shr(a, b) if self.natural.is(a) => bits(&go(a), ">>", &go(b)),
            Scalar::Shr(a, b) => target.floor_div(go(a), target.power(go(b))),
        }
    }

    /// A condition, ready to stand in `if (…)`.
    pub(super) fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::Compare(comparison, a, b) => self.comparison(*comparison, a, b),
            Condition::All(all) => self.joined(all, " && ", "true"),
            Condition::Any(any) => self.joined(any, " || ", "false"),
            Condition::Not(inner) => self.denial(inner),
        }
    }

    /// What holds where a condition does not.
    pub(super) fn denial(&self, condition: &Condition) -> String {
        match condition {
            Condition::Compare(comparison, a, b) => self.comparison(opposite(*comparison), a, b),
            Condition::Not(inner) => self.condition(inner),
            // A single one needs no parentheses but those of its own.
            Condition::All(all) | Condition::Any(all) if all.len() == 1 => self.denial(&all[0]),
            other => format!("!({})", self.condition(other)),
        }
    }

    fn joined(&self, conditions: &[Condition], sign: &str, empty: &str) -> String {
        let parts = conditions.iter().map(|inner| {
            let several = |all: &[Condition]| all.len() > 1 && conditions.len() > 1;
            match inner {
                Condition::All(all) | Condition::Any(all) if several(all) => {
                    format!("({})", self.condition(inner))
                }
                _ => self.condition(inner),
            }
        });
        match parts.collect::<Vec<_>>() {
            none if none.is_empty() => empty.to_owned(),
            parts => parts.join(sign),
        }
    }

    fn comparison(&self, comparison: Comparison, a: &Scalar, b: &Scalar) -> String {
        let (comparison, a, b) = balanced(comparison, a, b);
        let sign = match comparison {
            Comparison::Eq => "==",
            Comparison::Ne => "!=",
            Comparison::Lt => "<",
            Comparison::Le => "<=",
            Comparison::Gt => ">",
            Comparison::Ge => ">=",
        };
        let side = |s: &Scalar| self.scalar(s).at_least(Strength::Sum);
        format!("{} {sign} {}", side(&a), side(&b))
    }

    fn number(&self, n: i64) -> Text {
        match n {
            i64::MIN => self.target.smallest(),
            n if n < 0 => Text::of(n.to_string(), Strength::Unary),
            n => Text::atom(n.to_string()),
        }
    }

    fn sum(&self, terms: &[Scalar]) -> Text {
        let mut text = String::new();
        for (negative, term) in signed(terms) {
            let term = self.scalar(&term);
            match (text.is_empty(), negative) {
                (true, false) => text = term.at_least(Strength::Sum),
                (true, true) => text = format!("-{}", term.at_least(Strength::Unary)),
                (false, _) => {
                    let sign = if negative { "-" } else { "+" };
                    text += &format!(" {sign} {}", term.at_least(Strength::Product));
                }
            }
        }
        Text::of(text, Strength::Sum)
    }

    fn product(&self, all: &[Scalar]) -> Text {
        let mut parts = Vec::new();
        for factor in factors(all) {
            let needed = match parts.is_empty() {
                true => Strength::Product,
                false => Strength::Unary,
            };
            parts.push(self.scalar(factor).at_least(needed));
        }
        Text::of(parts.join(" * "), Strength::Product)
    }

    fn extreme(&self, which: Extreme, all: &[Scalar]) -> Text {
        match all {
            [only] => self.scalar(only),
            all => {
                // A number serves better as an argument: what comes first gives the type.
                let all = factors(all).into_iter().map(|s| self.scalar(s));
                self.target.extreme(which, all.collect())
            }
        }
    }
}

fn infix(a: &Text, sign: &str, b: &Text) -> Text {
    let (a, b) = (a.at_least(Strength::Product), b.at_least(Strength::Unary));
    Text::of(format!("{a} {sign} {b}"), Strength::Product)
}

fn bits(a: &Text, sign: &str, b: &Text) -> Text {
    let text = format!("{} {sign} {}", a.operand(), b.operand());
    Text::of(text, Strength::Bits)
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Le => Comparison::Gt,
        Comparison::Gt => Comparison::Le,
        Comparison::Ge => Comparison::Lt,
    }
}

fn swapped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        same => same,
    }
}

/// The comparison of a sum with 0 as people write it: `N - i - 1 >= 0` is `i < N`.
fn balanced(comparison: Comparison, a: &Scalar, b: &Scalar) -> (Comparison, Scalar, Scalar) {
    let (Scalar::Sum(terms), Scalar::Const(0)) = (a, b) else {
        return (comparison, a.clone(), b.clone());
    };
    let side = |wanted: bool| -> Vec<Scalar> {
        let of_sign = signed(terms)
            .into_iter()
            .filter(|(sign, _)| *sign == wanted);
        of_sign.map(|(_, term)| term).collect()
    };
    let (mut left, mut right) = (side(false), side(true));
    // Of integers, `a >= b + 1` is `a > b`.
    let one = |terms: &mut Vec<Scalar>| {
        let found = terms.iter().position(|term| *term == Scalar::Const(1));
        match found {
            Some(at) if terms.len() > 1 => {
                terms.remove(at);
                true
            }
            _ => false,
        }
    };
    let comparison = match comparison {
        Comparison::Ge if one(&mut right) => Comparison::Gt,
        Comparison::Le if one(&mut left) => Comparison::Lt,
        other => other,
    };
    let (left, right) = (Scalar::sum(left), Scalar::sum(right));
    match !left.has_variables() && right.has_variables() {
        true => (swapped(comparison), right, left),
        false => (comparison, left, right),
    }
}
