//! Conditions on sizes as people write them: `P <= H`, where the proof found `P - 1 - H < 0`.

use crate::emit::terms;
use crate::nest::{Condition, Scalar};
use crate::sema::model::Comparison;

/// The same condition, with what is subtracted on the other side and as small a number as can be.
pub(crate) fn told(condition: &Condition) -> Condition {
    let all = |list: &[Condition]| list.iter().map(told).collect();
    match condition {
        Condition::Compare(op, a, b) => {
            let told = comparison(*op, a, b);
            told.unwrap_or_else(|| Condition::Compare(*op, a.clone(), b.clone()))
        }
        Condition::All(list) => Condition::All(all(list)),
        Condition::Any(list) => Condition::Any(all(list)),
        Condition::Not(inner) => Condition::Not(Box::new(told(inner))),
    }
}

/// None for what stays as it is.
fn comparison(op: Comparison, a: &Scalar, b: &Scalar) -> Option<Condition> {
    let (mut above, mut below, mut number) = (Vec::new(), Vec::new(), 0i64);
    for (side, other) in [(a, false), (b, true)] {
        for term in summands(side) {
            match (term, terms::negated(term)) {
                (Scalar::Const(n), _) if other => number = number.checked_sub(*n)?,
                (Scalar::Const(n), _) => number = number.checked_add(*n)?,
                (_, Some(positive)) if other => above.push(positive),
                (_, Some(positive)) => below.push(positive),
                (term, None) if other => below.push(term.clone()),
                (term, None) => above.push(term.clone()),
            }
        }
    }
    // Now it says `above + number op below`, of integers.
    let (strict, weak, less) = match op {
        Comparison::Lt | Comparison::Le => (Comparison::Lt, Comparison::Le, 1),
        Comparison::Gt | Comparison::Ge => (Comparison::Gt, Comparison::Ge, -1),
        Comparison::Eq | Comparison::Ne => return None,
    };
    let weakly = match op == strict {
        true => number.checked_add(less)?,
        false => number,
    };
    let strictly = weakly.checked_sub(less)?;
    let alone = above.is_empty() || below.is_empty();
    let (op, number) = match alone || weakly.abs() <= strictly.abs() {
        true => (weak, weakly),
        false => (strict, strictly),
    };
    let opposite = match op {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        _ => Comparison::Le,
    };
    let constant = |n: i64| Scalar::Const(n);
    Some(if above.is_empty() {
        Condition::Compare(opposite, Scalar::sum(below), constant(number))
    } else if below.is_empty() || number < 0 {
        below.push(constant(number.checked_neg()?));
        Condition::Compare(op, Scalar::sum(above), Scalar::sum(below))
    } else {
        above.push(constant(number));
        Condition::Compare(op, Scalar::sum(above), Scalar::sum(below))
    })
}

fn summands(scalar: &Scalar) -> Vec<&Scalar> {
    match scalar {
        Scalar::Sum(terms) => terms.iter().collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sema::model::SizeId;

    #[test]
    fn numbers_are_as_small_as_can_be() {
        let (n, h) = (Scalar::Size(SizeId(0)), Scalar::Size(SizeId(1)));
        let minus = |n: &Scalar| Scalar::Const(-1).times(n.clone());
        let plus = |s: &Scalar, n: i64| s.clone().plus(Scalar::Const(n));
        let number = |n: i64| Scalar::Const(n);
        let of = |op, a: &Scalar, b: &Scalar| Condition::Compare(op, a.clone(), b.clone());
        use Comparison::{Eq, Ge, Le, Lt};
        for (condition, wanted) in [
            (of(Lt, &plus(&n, -1), &h), of(Le, &n, &h)),
            (of(Lt, &n, &h), of(Lt, &n, &h)),
            (of(Ge, &plus(&n, -1), &number(0)), of(Ge, &n, &number(1))),
            (
                of(Ge, &plus(&minus(&n), 1), &number(0)),
                of(Le, &n, &number(1)),
            ),
            (of(Lt, &plus(&n, -3), &h), of(Le, &n, &plus(&h, 2))),
            (
                of(Ge, &n.clone().plus(minus(&h)), &number(0)),
                of(Ge, &n, &h),
            ),
            (of(Eq, &plus(&n, -1), &h), of(Eq, &plus(&n, -1), &h)),
        ] {
            assert_eq!(told(&condition), wanted);
        }
    }
}
