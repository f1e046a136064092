//! From expressions to normal forms.
//!
//! The passes run until no new cut turns up: a cut found in one index splits the iterator in all of them, which is
//! what makes `j0/W - (j0/(H*W))*H` the digit `(j0/W) % H`.

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{BinaryOp, Comparison, Cond, CondKind, Expr, ExprKind, Rule};
use crate::source::Span;

use super::linear::{Linear, Test};
use super::poly::{Checked, Poly, TooLarge};
use super::space::Space;

/// The most quotients and remainders that are kept in mind: each new one is compared with them.
const MAX_DIVISIONS: usize = 64;

/// The normal forms of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    /// One an output axis.
    pub(crate) left: Vec<Linear>,
    /// One an input axis.
    pub(crate) source: Vec<Linear>,
    /// The `if`.
    pub(crate) guard: Option<Test>,
}

/// Brings all indices of a rule to normal form over `space`, whose axes are declared.
pub(crate) fn forms(rule: &Rule, space: &mut Space) -> Result<Forms, Vec<Diagnostic>> {
    let mut all = forms_of(&[rule], space)?;
    Ok(all.pop().unwrap_or_default())
}

/// The same for several rules over the same iterators: a cut that one of them makes, all of them have.
pub(crate) fn forms_of(rules: &[&Rule], space: &mut Space) -> Result<Vec<Forms>, Vec<Diagnostic>> {
    // Each pass adds a cut or makes an iterator whole, so that this ends; the bound is for safety.
    for _ in 0..128 {
        let cuts = space.cuts;
        let mut all = Vec::new();
        for rule in rules {
            let mut pass = Normalizer::new(space);
            let mut forms = pass.indices(rule);
            // Guards are long and seldom cut what no index does: they wait until the indices stay as they are.
            if pass.space.cuts == cuts || !pass.errors.is_empty() {
                forms.guard = rule.guard.as_ref().and_then(|cond| pass.test(cond, true));
            }
            if !pass.errors.is_empty() {
                return Err(pass.errors);
            }
            all.push(forms);
        }
        if space.cuts == cuts {
            return Ok(all);
        }
    }
    let span = rules.first().map_or_else(Span::default, |rule| rule.span);
    Err(vec![too_large(TooLarge::Formula, span)])
}

/// Turns expressions into normal forms and collects what is wrong with them.
pub(crate) struct Normalizer<'s, 'e> {
    space: &'s mut Space,
    definitions: Vec<Option<Linear>>,
    /// Quotients and remainders that were met, and how many cuts there were. Guards name the same ones again and again.
    divisions: Vec<(&'e ExprKind, usize, Linear)>,
    /// What was wrong with the expressions so far.
    pub(crate) errors: Vec<Diagnostic>,
}

impl<'s, 'e> Normalizer<'s, 'e> {
    pub(crate) fn new(space: &'s mut Space) -> Self {
        Self {
            space,
            definitions: Vec::new(),
            divisions: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The indices of a rule, without its guard.
    fn indices(&mut self, rule: &'e Rule) -> Forms {
        for definition in &rule.definitions {
            let form = self.form(&definition.value);
            self.definitions.push(form);
        }
        let mut all = |exprs: &'e [Expr]| -> Vec<Linear> {
            exprs.iter().filter_map(|expr| self.form(expr)).collect()
        };
        Forms {
            left: all(&rule.left),
            source: all(&rule.source),
            guard: None,
        }
    }

    /// The value of an expression of sizes only.
    pub(crate) fn size(&mut self, expr: &'e Expr) -> Option<Poly> {
        self.form(expr).map(|form| form.constant)
    }

    /// The normal form of an expression; None if something was wrong with it (or with a definition it uses).
    pub(crate) fn form(&mut self, expr: &'e Expr) -> Option<Linear> {
        let divides = matches!(&expr.kind, ExprKind::Binary(op, ..) if op.divides());
        if divides && let Some(form) = self.divided_before(expr) {
            return Some(form);
        }
        let known = self.errors.len();
        let form = self.try_form(expr)?.and_then(Linear::computable);
        if let (Err(why), true) = (&form, self.errors.len() == known) {
            self.errors.push(too_large(*why, expr.span));
        }
        let form = form.ok()?;
        if divides && self.divisions.len() < MAX_DIVISIONS {
            let cuts = self.space.cuts;
            self.divisions.push((&expr.kind, cuts, form.clone()));
        }
        Some(form)
    }

    /// The normal form of a quotient or remainder that was met since the last cut.
    fn divided_before(&self, expr: &Expr) -> Option<Linear> {
        let same = |(kind, cuts, _): &&(&ExprKind, usize, Linear)| {
            *cuts == self.space.cuts && **kind == expr.kind
        };
        self.divisions
            .iter()
            .find(same)
            .map(|(_, _, form)| form.clone())
    }

    /// None: reported already. Err: an overflow, to be reported at the smallest expression it happened in.
    fn try_form(&mut self, expr: &'e Expr) -> Option<Checked<Linear>> {
        let form = match &expr.kind {
            ExprKind::Int(value) => Ok(Linear::constant(Poly::constant(*value))),
            ExprKind::Size(id) => Ok(Linear::constant(self.space.symbols.size(*id))),
            ExprKind::Iter(id) => {
                let unit = self.space.axis(*id).extent.is_one();
                Ok(if unit {
                    Linear::default()
                } else {
                    self.space.digits(*id)
                })
            }
            ExprKind::Def(id) => Ok(self.definitions.get(id.index()).cloned().flatten()?),
            ExprKind::Neg(a) => self.form(a)?.times(&Poly::constant(-1)),
            ExprKind::Binary(op, a, b) => {
                let (left, right) = (self.form(a), self.form(b));
                self.binary(*op, left?, right?, b)?
            }
            ExprKind::Min(all) => {
                let forms: Option<Vec<Linear>> = self.each(all).into_iter().collect();
                self.space.extreme(forms?, true)
            }
            ExprKind::Max(all) => {
                let forms: Option<Vec<Linear>> = self.each(all).into_iter().collect();
                self.space.extreme(forms?, false)
            }
            ExprKind::Abs(a) => {
                let form = self.form(a)?;
                self.space.absolute(form)
            }
        };
        Some(form)
    }

    fn each(&mut self, all: &'e [Expr]) -> Vec<Option<Linear>> {
        all.iter().map(|expr| self.form(expr)).collect()
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        a: Linear,
        b: Linear,
        right: &Expr,
    ) -> Option<Checked<Linear>> {
        Some(match op {
            BinaryOp::Add => a.plus(&b),
            BinaryOp::Sub => a.minus(&b),
            BinaryOp::Mul => match (a.as_constant(), b.as_constant()) {
                (_, Some(factor)) => a.times(factor),
                (Some(factor), _) => b.times(factor),
                _ => self.space.product(a, b),
            },
            BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Rem => {
                self.check_divisor(&b, right)?;
                self.space.division(op, a, b)
            }
            BinaryOp::Shl | BinaryOp::Shr => {
                self.check_shift(&b, right)?;
                self.space.shift(op, a, b)
            }
            BinaryOp::Xor | BinaryOp::And | BinaryOp::Or => self.space.bits(op, a, b),
        })
    }

    fn check_divisor(&mut self, divisor: &Linear, at: &Expr) -> Option<()> {
        let Ok(range) = self.space.range(divisor) else {
            return None;
        };
        let symbols = &self.space.symbols;
        if range.min.as_ref().is_some_and(|min| symbols.positive(min)) {
            return Some(());
        }
        let constant = divisor.as_constant().is_some();
        let at_most = |bound: i128| {
            let room = range
                .max
                .as_ref()
                .map(|max| max.negated().plus_constant(bound));
            room.is_some_and(|room| room.is_ok_and(|room| symbols.nonneg(&room)))
        };
        let zero = range.min.as_ref().is_some_and(Poly::is_zero)
            && range.max.as_ref().is_some_and(Poly::is_zero);
        let (code, message) = if zero {
            (Code::DivisorAlwaysZero, "the divisor is always 0")
        } else if at_most(-1) {
            (Code::DivisorNegative, "the divisor is negative")
        } else if at_most(0) {
            (Code::DivisorNegative, "the divisor is never positive")
        } else if constant {
            (
                Code::DivisorUnknown,
                "cannot show that the divisor is at least 1",
            )
        } else {
            (
                Code::DivisorIterates,
                "cannot show that the divisor is at least 1 for all values of its iterators",
            )
        };
        let mut diagnostic = Diagnostic::new(code, at.span, message)
            .label("must be at least 1")
            .note(
                "division rounds down and the remainder is never negative, by a positive divisor",
            );
        diagnostic = match code {
            Code::DivisorUnknown => diagnostic
                .help("state it after the operands, `requires … >= 1`; it is checked once a call"),
            Code::DivisorIterates => {
                diagnostic.help("divide by sizes and numbers, or keep it positive: `max(…, 1)`")
            }
            _ => diagnostic.help("divide by a number that is at least 1"),
        };
        self.errors.push(diagnostic);
        None
    }

    fn check_shift(&mut self, amount: &Linear, at: &Expr) -> Option<()> {
        let range = self.space.range(amount).ok()?;
        let symbols = &self.space.symbols;
        let fits = range.min.is_some_and(|min| symbols.nonneg(&min))
            && range
                .max
                .is_some_and(|max| symbols.le(&max, &Poly::constant(62)));
        if fits {
            return Some(());
        }
        self.errors.push(
            Diagnostic::new(
                Code::ShiftUnknown,
                at.span,
                "cannot show that the shift is by 0 to 62 places",
            )
            .label("must be in 0..=62")
            .help("bound it, for instance by `requires … <= 62`, or multiply and divide instead"),
        );
        None
    }

    /// The condition (or its opposite) in negation normal form.
    pub(crate) fn test(&mut self, cond: &'e Cond, truth: bool) -> Option<Test> {
        match &cond.kind {
            CondKind::Not(inner) => self.test(inner, !truth),
            CondKind::And(a, b) | CondKind::Or(a, b) => {
                let both = matches!(cond.kind, CondKind::And(..)) == truth;
                let (a, b) = (self.test(a, truth), self.test(b, truth));
                let parts = vec![a?, b?];
                Some(if both {
                    Test::All(parts)
                } else {
                    Test::Any(parts)
                })
            }
            CondKind::Compare(op, a, b) => {
                let (x, y) = (self.form(a), self.form(b));
                let test = compare(if truth { *op } else { opposite(*op) }, &x?, &y?);
                if let Err(why) = test {
                    self.errors.push(too_large(why, cond.span));
                }
                test.ok()
            }
        }
    }
}

/// Says that something is beyond what is computed.
pub(crate) fn too_large(why: TooLarge, span: Span) -> Diagnostic {
    match why {
        TooLarge::Number => {
            Diagnostic::new(Code::Overflow, span, "index arithmetic leaves 64 bits here")
                .label("too large")
                .help("use smaller sizes or numbers, or fewer factors")
        }
        TooLarge::Formula => Diagnostic::new(
            Code::ExpansionTooLarge,
            span,
            "this has more parts than the compiler takes on",
        )
        .label("too long")
        .help("split the formula into two converters"),
    }
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Ge => Comparison::Lt,
        Comparison::Gt => Comparison::Le,
        Comparison::Le => Comparison::Gt,
    }
}

fn compare(op: Comparison, a: &Linear, b: &Linear) -> Checked<Test> {
    let less = Linear::constant(Poly::constant(-1));
    Ok(match op {
        Comparison::Eq => Test::Is0(a.minus(b)?),
        Comparison::Ne => Test::Not0(a.minus(b)?),
        Comparison::Ge => Test::AtLeast0(a.minus(b)?),
        Comparison::Le => Test::AtLeast0(b.minus(a)?),
        Comparison::Gt => Test::AtLeast0(a.minus(b)?.plus(&less)?),
        Comparison::Lt => Test::AtLeast0(b.minus(a)?.plus(&less)?),
    })
}
