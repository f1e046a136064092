//! Scalars and conditions as Rust expressions, in one of three kinds of number.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::names::Names;
use crate::emit::natural::Natural;
use crate::emit::terms::{factors, is_number, negated, signed};
use crate::nest::{Condition, Scalar, VarId};
use crate::sema::model::{Comparison, SizeId};

/// What the expression computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `i64`, which the constructor has shown not to overflow.
    Plain,
    /// `cg::Int`: exact, and remembers an overflow.
    Exact,
    /// `cg::Bound`: how large the absolute value may become.
    Bound,
}

/// A printer of scalars.
pub(super) struct Printer<'a> {
    pub(super) kind: Kind,
    pub(super) names: &'a Names,
    /// The value of every size, as a scalar of the free ones.
    pub(super) sizes: &'a [Scalar],
    /// How a variable prints, where that is not its name.
    pub(super) variables: &'a dyn Fn(VarId) -> Option<TokenStream>,
    /// What is never negative, where that is more than sizes.
    pub(super) natural: Option<&'a Natural<'a>>,
}

/// How strongly the outermost operator of a printed expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Bits,
    Sum,
    Product,
    Unary,
    Atom,
}

struct Printed {
    tokens: TokenStream,
    strength: Strength,
}

impl Printed {
    fn atom(tokens: impl ToTokens) -> Self {
        Printed {
            tokens: tokens.into_token_stream(),
            strength: Strength::Atom,
        }
    }

    /// With parentheses if it binds weaker than `needed`.
    fn at_least(self, needed: Strength) -> TokenStream {
        let tokens = self.tokens;
        if self.strength < needed {
            quote!((#tokens))
        } else {
            tokens
        }
    }
}

impl Printer<'_> {
    /// A scalar that stands alone: a number has the kind's type.
    pub(super) fn scalar(&self, scalar: &Scalar) -> TokenStream {
        self.typed(scalar).tokens
    }

    /// A scalar beside another one, whose type a number takes.
    pub(super) fn operand(&self, scalar: &Scalar) -> TokenStream {
        self.print(scalar).tokens
    }

    /// A scalar as a term of a sum.
    pub(super) fn term(&self, scalar: &Scalar) -> TokenStream {
        self.typed(scalar).at_least(Strength::Sum)
    }

    /// A scalar as a `usize`, which the constructor has shown it to fit.
    pub(super) fn as_usize(&self, scalar: &Scalar) -> TokenStream {
        match self.number(scalar) {
            Some(n) => number(n).tokens,
            None => {
                let value = self.receiver(scalar);
                quote!(#value as usize)
            }
        }
    }

    /// A condition: `bool`, or `cg::Truth` for exact numbers.
    pub(super) fn condition(&self, condition: &Condition) -> TokenStream {
        match condition {
            Condition::Compare(comparison, a, b) => self.comparison(*comparison, a, b),
            Condition::All(all) => self.joined(all, quote!(&&), quote!(&), true),
            Condition::Any(any) => self.joined(any, quote!(||), quote!(|), false),
            Condition::Not(inner) => {
                let inner = self.condition(inner);
                quote!(!(#inner))
            }
        }
    }

    fn comparison(&self, comparison: Comparison, a: &Scalar, b: &Scalar) -> TokenStream {
        if self.kind == Kind::Plain {
            let (a, b) = (self.typed(a).tokens, self.print(b).tokens);
            return match comparison {
                Comparison::Eq => quote!(#a == #b),
                Comparison::Ne => quote!(#a != #b),
                Comparison::Lt => quote!(#a < #b),
                Comparison::Le => quote!(#a <= #b),
                Comparison::Gt => quote!(#a > #b),
                Comparison::Ge => quote!(#a >= #b),
            };
        }
        let (a, b) = (self.receiver(a), self.print(b).tokens);
        match comparison {
            Comparison::Eq => quote!(#a.eq(#b)),
            Comparison::Ne => quote!(#a.ne(#b)),
            Comparison::Lt => quote!(#a.lt(#b)),
            Comparison::Le => quote!(#a.le(#b)),
            Comparison::Gt => quote!(#a.gt(#b)),
            Comparison::Ge => quote!(#a.ge(#b)),
        }
    }

    fn joined(
        &self,
        conditions: &[Condition],
        lazy: TokenStream,
        eager: TokenStream,
        empty: bool,
    ) -> TokenStream {
        let sign = if self.kind == Kind::Plain {
            lazy
        } else {
            eager
        };
        let mut tokens = TokenStream::new();
        for condition in conditions {
            let inner = self.condition(condition);
            let nested = matches!(condition, Condition::All(_) | Condition::Any(_));
            let inner = if nested { quote!((#inner)) } else { inner };
            if !tokens.is_empty() {
                tokens.extend(sign.clone());
            }
            tokens.extend(inner);
        }
        match (tokens.is_empty(), self.kind) {
            (false, _) => tokens,
            (true, Kind::Plain) => quote!(#empty),
            (true, _) => quote!(cg::Truth::of(#empty)),
        }
    }

    /// A scalar on which a method is called.
    fn receiver(&self, scalar: &Scalar) -> TokenStream {
        self.typed(scalar).at_least(Strength::Atom)
    }

    fn typed(&self, scalar: &Scalar) -> Printed {
        let Some(n) = self.number(scalar) else {
            return self.print(scalar);
        };
        match self.kind {
            Kind::Plain if n >= 0 => Printed::atom(Literal::i64_suffixed(n)),
            Kind::Plain if n == i64::MIN => Printed::atom(quote!(i64::MIN)),
            Kind::Plain => {
                let n = Literal::i64_suffixed(-n);
                Printed {
                    tokens: quote!(-#n),
                    strength: Strength::Unary,
                }
            }
            Kind::Exact => {
                let n = number(n).tokens;
                Printed::atom(quote!(cg::Int::of(#n)))
            }
            Kind::Bound => {
                let n = number(n).tokens;
                Printed::atom(quote!(cg::Bound::of(#n)))
            }
        }
    }

    /// The value of a scalar that is a number or a size with a value.
    fn number(&self, scalar: &Scalar) -> Option<i64> {
        match scalar {
            Scalar::Const(n) => Some(*n),
            Scalar::Size(id) => match &self.sizes[id.index()] {
                Scalar::Const(n) => Some(*n),
                _ => None,
            },
            _ => None,
        }
    }

    fn print(&self, scalar: &Scalar) -> Printed {
        match scalar {
            Scalar::Const(n) => number(*n),
            Scalar::Size(id) => self.size(*id),
            Scalar::Var(id) => match (self.variables)(*id) {
                Some(tokens) => Printed::atom(tokens),
                None => Printed::atom(self.names.variable(*id)),
            },
            Scalar::Sum(terms) => self.sum(terms),
            Scalar::Product(factors) => self.product(factors),
            Scalar::Div(a, b) => self.division(a, b),
            Scalar::Rem(a, b) => self.remainder(a, b),
            Scalar::Min(all) => self.chain(all, quote!(min)),
            Scalar::Max(all) => self.chain(all, quote!(max)),
            Scalar::Abs(a) if self.kind == Kind::Bound => self.typed(a),
            Scalar::Abs(a) => {
                let a = self.receiver(a);
                Printed::atom(quote!(#a.abs()))
            }
            Scalar::Xor(a, b) => self.bits(a, quote!(^), b),
            Scalar::And(a, b) => self.bits(a, quote!(&), b),
            Scalar::Or(a, b) => self.bits(a, quote!(|), b),
            Scalar::Shl(a, b) => self.shift(a, quote!(<<), b),
            Scalar::Shr(a, _) if self.kind == Kind::Bound => self.typed(a),
            Scalar::Shr(a, b) => self.shift(a, quote!(>>), b),
        }
    }

    fn size(&self, id: SizeId) -> Printed {
        match self.number(&Scalar::Size(id)) {
            Some(n) => number(n),
            None => Printed::atom(self.names.size(id)),
        }
    }

    fn sum(&self, terms: &[Scalar]) -> Printed {
        let mut tokens = TokenStream::new();
        for (k, (negative, term)) in signed(terms).into_iter().enumerate() {
            let sign = match negative && self.kind != Kind::Bound {
                true => quote!(-),
                false => quote!(+),
            };
            match (k, negative) {
                (0, _) => {
                    let first = match negative {
                        true => Scalar::Const(-1).times(term),
                        false => term,
                    };
                    // Beside something of that type, a number needs no type of its own.
                    let first = match self.kind == Kind::Plain && !terms.iter().all(is_number) {
                        true => self.print(&first),
                        false => self.typed(&first),
                    };
                    tokens = first.at_least(Strength::Sum);
                }
                _ => {
                    let term = self.print(&term).at_least(Strength::Product);
                    tokens.extend(quote!(#sign #term));
                }
            }
        }
        Printed {
            tokens,
            strength: Strength::Sum,
        }
    }

    fn product(&self, all: &[Scalar]) -> Printed {
        if let Some(positive) = negated(&Scalar::Product(all.to_vec())) {
            let positive = self.typed(&positive);
            if self.kind == Kind::Bound {
                return positive;
            }
            let positive = positive.at_least(Strength::Unary);
            return Printed {
                tokens: quote!(-#positive),
                strength: Strength::Unary,
            };
        }
        let mut tokens = TokenStream::new();
        for (k, factor) in factors(all).into_iter().enumerate() {
            if k == 0 {
                tokens = self.typed(factor).at_least(Strength::Product);
            } else {
                let factor = self.print(factor).at_least(Strength::Unary);
                tokens.extend(quote!(* #factor));
            }
        }
        Printed {
            tokens,
            strength: Strength::Product,
        }
    }

    fn division(&self, a: &Scalar, b: &Scalar) -> Printed {
        match self.kind {
            Kind::Plain if !self.is_natural(a) => self.method(a, quote!(div_euclid), b),
            Kind::Bound if self.number(b).is_none() => self.typed(a),
            _ => self.infix(a, quote!(/), b),
        }
    }

    fn remainder(&self, a: &Scalar, b: &Scalar) -> Printed {
        match self.kind {
            Kind::Bound => self.typed(b),
            Kind::Plain if !self.is_natural(a) => self.method(a, quote!(rem_euclid), b),
            _ => self.infix(a, quote!(%), b),
        }
    }

    fn infix(&self, a: &Scalar, sign: TokenStream, b: &Scalar) -> Printed {
        let a = self.typed(a).at_least(Strength::Product);
        let b = self.print(b).at_least(Strength::Unary);
        Printed {
            tokens: quote!(#a #sign #b),
            strength: Strength::Product,
        }
    }

    fn method(&self, a: &Scalar, name: TokenStream, b: &Scalar) -> Printed {
        let (a, b) = (self.receiver(a), self.print(b).tokens);
        Printed::atom(quote!(#a.#name(#b)))
    }

    fn chain(&self, all: &[Scalar], name: TokenStream) -> Printed {
        let name = match self.kind {
            Kind::Bound => quote!(or),
            _ => name,
        };
        // The first one gives the type; a number serves better as an argument.
        let mut order: Vec<&Scalar> = all.iter().collect();
        order.sort_by_key(|value| self.number(value).is_some());
        let Some((first, rest)) = order.split_first() else {
            return number(0);
        };
        let mut tokens = self.receiver(first);
        for value in rest {
            let value = self.print(value).tokens;
            tokens.extend(quote!(.#name(#value)));
        }
        Printed::atom(tokens)
    }

    fn bits(&self, a: &Scalar, sign: TokenStream, b: &Scalar) -> Printed {
        if self.kind == Kind::Bound {
            return self.method(a, quote!(bits), b);
        }
        let a = self.typed(a).at_least(Strength::Sum);
        let b = self.print(b).at_least(Strength::Sum);
        Printed {
            tokens: quote!(#a #sign #b),
            strength: Strength::Bits,
        }
    }

    fn shift(&self, a: &Scalar, sign: TokenStream, b: &Scalar) -> Printed {
        let a = self.typed(a).at_least(Strength::Sum);
        let b = self.print(b).at_least(Strength::Sum);
        Printed {
            tokens: quote!(#a #sign #b),
            strength: Strength::Bits,
        }
    }

    fn is_natural(&self, scalar: &Scalar) -> bool {
        match self.natural {
            Some(natural) => natural.is(scalar),
            None => Natural::of_sizes(self.sizes).is(scalar),
        }
    }
}

/// A number without a type; its minus is a token of its own.
fn number(n: i64) -> Printed {
    if n == i64::MIN {
        return Printed::atom(quote!(i64::MIN));
    }
    let digits = Literal::i64_unsuffixed(n.saturating_abs());
    match n < 0 {
        false => Printed::atom(digits),
        true => Printed {
            tokens: quote!(-#digits),
            strength: Strength::Unary,
        },
    }
}
