//! Numbers that a nest computes: of sizes, evaluated once a call, and of loop variables.

use smallvec::{SmallVec, smallvec};

use crate::sema::model::{Comparison, SizeId};

/// A variable of a nest: a loop counter or a `Let`. An index of [`Nest::variables`](super::Nest::variables).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// An integer expression. Division rounds down, the remainder is Euclidean; divisors are positive.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scalar {
    /// A number.
    Const(i64),
    /// A size of the converter.
    Size(SizeId),
    /// A variable of the nest.
    Var(VarId),
    /// The sum of at least two.
    Sum(Vec<Scalar>),
    /// The product of at least two.
    Product(Vec<Scalar>),
    /// Floor division.
    Div(Box<Scalar>, Box<Scalar>),
    /// Euclidean remainder.
    Rem(Box<Scalar>, Box<Scalar>),
    /// The smallest of at least one.
    Min(Vec<Scalar>),
    /// The largest of at least one.
    Max(Vec<Scalar>),
    /// The absolute value.
    Abs(Box<Scalar>),
    /// Bitwise exclusive or.
    Xor(Box<Scalar>, Box<Scalar>),
    /// Bitwise and.
    And(Box<Scalar>, Box<Scalar>),
    /// Bitwise or.
    Or(Box<Scalar>, Box<Scalar>),
    /// `a << b`, that is `a * 2^b`, for b >= 0.
    Shl(Box<Scalar>, Box<Scalar>),
    /// `a >> b`, that is `floor(a / 2^b)`, for b >= 0.
    Shr(Box<Scalar>, Box<Scalar>),
}

/// A truth value of scalars.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// A comparison.
    Compare(Comparison, Scalar, Scalar),
    /// All of them hold; true if there is none.
    All(Vec<Condition>),
    /// One of them holds; false if there is none.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

impl Scalar {
    /// The sum, with numbers folded and zeros dropped. Numbers whose sum leaves 64 bits stay apart.
    pub fn sum(terms: Vec<Scalar>) -> Scalar {
        let mut sum = Fold::new(0, i64::checked_add, |term| match term {
            Scalar::Sum(inner) => Ok(inner),
            other => Err(other),
        });
        sum.take(terms);
        let numbers = sum.numbers.into_iter().filter(|n| *n != 0);
        let mut all = sum.rest;
        all.extend(numbers.map(Scalar::Const));
        match all.len() {
            0 => Scalar::Const(0),
            1 => all.remove(0),
            _ => Scalar::Sum(all),
        }
    }

    /// The product, with numbers folded and ones dropped.
    pub fn product(factors: Vec<Scalar>) -> Scalar {
        let mut product = Fold::new(1, i64::checked_mul, |factor| match factor {
            Scalar::Product(inner) => Ok(inner),
            other => Err(other),
        });
        product.take(factors);
        if *product.numbers == [0] {
            return Scalar::Const(0);
        }
        let numbers = product.numbers.into_iter().filter(|n| *n != 1);
        let mut all = product.rest;
        all.splice(..0, numbers.map(Scalar::Const));
        match all.len() {
            0 => Scalar::Const(1),
            1 => all.remove(0),
            _ => Scalar::Product(all),
        }
    }

    /// `floor(self / divisor)`.
    pub fn over(self, divisor: Scalar) -> Scalar {
        match (&self, &divisor) {
            (_, Scalar::Const(1)) => self,
            (Scalar::Const(a), Scalar::Const(b)) if *b > 0 => Scalar::Const(a.div_euclid(*b)),
            _ => Scalar::Div(Box::new(self), Box::new(divisor)),
        }
    }

    /// `self mod divisor`.
    pub fn modulo(self, divisor: Scalar) -> Scalar {
        match (&self, &divisor) {
            (_, Scalar::Const(1)) => Scalar::Const(0),
            (Scalar::Const(a), Scalar::Const(b)) if *b > 0 => Scalar::Const(a.rem_euclid(*b)),
            _ => Scalar::Rem(Box::new(self), Box::new(divisor)),
        }
    }

    /// The smallest of some values; of several numbers only the smallest stays.
    pub fn min(values: Vec<Scalar>) -> Scalar {
        extreme(values, i64::min, Scalar::Min)
    }

    /// The largest of some values.
    pub fn max(values: Vec<Scalar>) -> Scalar {
        extreme(values, i64::max, Scalar::Max)
    }

    /// The sum of two.
    pub fn plus(self, other: Scalar) -> Scalar {
        Scalar::sum(vec![self, other])
    }

    /// The product of two.
    pub fn times(self, other: Scalar) -> Scalar {
        Scalar::product(vec![self, other])
    }

    /// The difference of two.
    pub fn minus(self, other: Scalar) -> Scalar {
        self.plus(Scalar::Const(-1).times(other))
    }

    /// The same with some variables replaced.
    pub fn replace(&self, value: &dyn Fn(VarId) -> Option<Scalar>) -> Scalar {
        match self {
            Scalar::Var(var) => value(*var).unwrap_or_else(|| self.clone()),
            other => other.map_children(&|child| child.replace(value)),
        }
    }

    /// The same operation on other scalars, simplified where numbers allow it.
    pub fn map_children(&self, f: &dyn Fn(&Scalar) -> Scalar) -> Scalar {
        let all = |list: &[Scalar]| list.iter().map(f).collect::<Vec<_>>();
        let boxed = |s: &Scalar| Box::new(f(s));
        match self {
            Scalar::Const(_) | Scalar::Size(_) | Scalar::Var(_) => self.clone(),
            Scalar::Sum(list) => Scalar::sum(all(list)),
            Scalar::Product(list) => Scalar::product(all(list)),
            Scalar::Min(list) => Scalar::min(all(list)),
            Scalar::Max(list) => Scalar::max(all(list)),
            Scalar::Abs(a) => Scalar::Abs(boxed(a)),
            Scalar::Div(a, b) => f(a).over(f(b)),
            Scalar::Rem(a, b) => f(a).modulo(f(b)),
            Scalar::Xor(a, b) => Scalar::Xor(boxed(a), boxed(b)),
            Scalar::And(a, b) => Scalar::And(boxed(a), boxed(b)),
            Scalar::Or(a, b) => Scalar::Or(boxed(a), boxed(b)),
            Scalar::Shl(a, b) => Scalar::Shl(boxed(a), boxed(b)),
            Scalar::Shr(a, b) => Scalar::Shr(boxed(a), boxed(b)),
        }
    }

    /// The scalars it is made of.
    pub fn children(&self) -> impl Iterator<Item = &Scalar> {
        let (list, single): (&[Scalar], _) = match self {
            Scalar::Const(_) | Scalar::Size(_) | Scalar::Var(_) => (&[], [None, None]),
            Scalar::Sum(all) | Scalar::Product(all) | Scalar::Min(all) | Scalar::Max(all) => {
                (all, [None, None])
            }
            Scalar::Abs(a) => (&[], [Some(a), None]),
            Scalar::Div(a, b)
            | Scalar::Rem(a, b)
            | Scalar::Xor(a, b)
            | Scalar::And(a, b)
            | Scalar::Or(a, b)
            | Scalar::Shl(a, b)
            | Scalar::Shr(a, b) => (&[], [Some(a), Some(b)]),
        };
        let single = single.into_iter().flatten();
        list.iter().chain(single.map(|boxed| &**boxed))
    }

    /// Whether a condition on this scalar or on one inside it holds.
    pub fn any(&self, test: &mut dyn FnMut(&Scalar) -> bool) -> bool {
        test(self) || self.children().any(|child| child.any(test))
    }

    /// Whether it changes with a variable of the nest.
    pub fn has_variables(&self) -> bool {
        self.any(&mut |scalar| matches!(scalar, Scalar::Var(_)))
    }
}

/// Flattens nested operations, and folds the numbers as far as they fit.
struct Fold {
    rest: Vec<Scalar>,
    numbers: SmallVec<[i64; 4]>,
    join: fn(i64, i64) -> Option<i64>,
    open: fn(Scalar) -> Result<Vec<Scalar>, Scalar>,
}

impl Fold {
    fn new(
        unit: i64,
        join: fn(i64, i64) -> Option<i64>,
        open: fn(Scalar) -> Result<Vec<Scalar>, Scalar>,
    ) -> Self {
        Fold {
            rest: Vec::new(),
            numbers: smallvec![unit],
            join,
            open,
        }
    }

    fn take(&mut self, values: Vec<Scalar>) {
        self.rest.reserve(values.len());
        for value in values {
            match (self.open)(value) {
                Ok(inner) => self.take(inner),
                Err(Scalar::Const(n)) => self.number(n),
                Err(other) => self.rest.push(other),
            }
        }
    }

    fn number(&mut self, n: i64) {
        if let Some(last) = self.numbers.last_mut()
            && let Some(joined) = (self.join)(*last, n)
        {
            *last = joined;
        } else {
            self.numbers.push(n);
        }
    }
}

fn extreme(
    values: Vec<Scalar>,
    pick: fn(i64, i64) -> i64,
    wrap: fn(Vec<Scalar>) -> Scalar,
) -> Scalar {
    let mut number: Option<i64> = None;
    let mut rest: Vec<Scalar> = Vec::new();
    for value in values {
        match value {
            Scalar::Const(n) => number = Some(number.map_or(n, |m| pick(m, n))),
            other if rest.contains(&other) => {}
            other => rest.push(other),
        }
    }
    rest.extend(number.map(Scalar::Const));
    match rest.len() {
        1 => rest.remove(0),
        _ => wrap(rest),
    }
}
