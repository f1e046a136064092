//! The sizes of a composition: those of `g` in terms of `f`'s.

use crate::diagnostic::{Code, Diagnostic};
use crate::emit::formula;
use crate::index::normal::Normalizer;
use crate::index::space::Space;
use crate::proof::{guard, setup};
use crate::sema::model::{
    BinaryOp, Comparison, Cond, Converter, Expr, ExprKind, Form, Patch, Size, Writes,
};
use crate::transform::Made;
use crate::transform::expr::{Maker, literal};
use crate::transform::substitute::Respan;

/// Both formulas over the sizes of the composite. Both require what either does, and what makes their shapes meet.
pub(super) struct Joined {
    pub(super) f: Converter,
    pub(super) g: Converter,
}

/// Gives both formulas the sizes of the composite.
///
/// # Errors
/// Shapes that meet for no sizes.
pub(super) fn joined(f: &Converter, g: &Converter, make: Maker) -> Made<Joined> {
    let (mut f, mut g) = (f.clone(), g.clone());
    f.respan(make.span);
    g.respan(make.span);
    if f.output.extents.len() != g.input.extents.len() {
        return Err(vec![do_not_meet(&f, &g, make).note(format!(
            "{} axes are written, {} are read",
            f.output.extents.len(),
            g.input.extents.len()
        ))]);
    }
    let mut matching = Matching {
        space: middle(&f)?,
        f: &f,
        g: &g,
        make,
        found: vec![None; g.sizes.len()],
        requires: Vec::new(),
        used: vec![false; g.input.extents.len()],
    };
    matching.values();
    while matching.round() {}
    let mut sizes = f.sizes.clone();
    let values = matching.close(&mut sizes);
    let mut requires = matching.requires;
    let mut g_over = over(&g, &values);
    let mut space = matching.space;
    for (written, read) in f.output.extents.iter().zip(&g_over.input.extents) {
        match equal(&mut space, &sizes, written, read) {
            Some(true) => {}
            Some(false) => return Err(vec![do_not_meet(&f, &g, make)]),
            None => {
                requires.push(make.compare(Comparison::Eq, written.clone(), read.clone()));
            }
        }
    }
    f.sizes.clone_from(&sizes);
    g_over.sizes = sizes;
    let mut all = f.requires.clone();
    for cond in g_over.requires.iter().cloned().chain(requires) {
        if !known(&mut space, &f.sizes, &cond) {
            all.push(cond);
        }
    }
    f.requires.clone_from(&all);
    g_over.requires = all;
    Ok(Joined { f, g: g_over })
}

fn do_not_meet(f: &Converter, g: &Converter, make: Maker) -> Diagnostic {
    let (f_name, g_name) = (&f.name.text, &g.name.text);
    let message = format!("{f_name} and {g_name} do not meet");
    Diagnostic::new(Code::ShapesDoNotMeet, make.span, message)
        .label("the shapes between them differ for all sizes")
        .note(format!(
            "{f_name} writes {}",
            formula::operand(f, &f.output)
        ))
        .note(format!("{g_name} reads {}", formula::operand(g, &g.input)))
        .help(format!(
            "give sizes of {g_name} other values, or put a formula between the two"
        ))
}

/// What `f` knows of its sizes.
fn middle(f: &Converter) -> Made<Space> {
    let mut of_sizes = f.clone();
    of_sizes.input.extents.clear();
    of_sizes.output.extents.clear();
    let rule = &mut of_sizes.rule;
    rule.form = Form::Relational;
    rule.iterators.clear();
    rule.definitions.clear();
    rule.left.clear();
    rule.source.clear();
    rule.guard = None;
    rule.writes = Writes::Once;
    let bindings = crate::sizes::bake(&of_sizes)?;
    setup::model(&of_sizes, &bindings).map(|model| model.space)
}

/// Whether two extents are equal for all sizes, or for none.
fn equal(space: &mut Space, sizes: &[Size], a: &Expr, b: &Expr) -> Option<bool> {
    declare(space, sizes);
    let mut normalizer = Normalizer::new(space);
    let (a, b) = (normalizer.size(a)?, normalizer.size(b)?);
    let gap = a.minus(&b).ok()?;
    let symbols = &space.symbols;
    if symbols.nonneg(&gap) && symbols.nonneg(&gap.negated()) {
        return Some(true);
    }
    let apart = symbols.positive(&gap) || symbols.positive(&gap.negated());
    apart.then_some(false)
}

/// Whether a condition on sizes holds for all of them.
fn known(space: &mut Space, sizes: &[Size], cond: &Cond) -> bool {
    declare(space, sizes);
    let test = Normalizer::new(space).test(cond, true);
    test.is_some_and(|test| guard::verdict(space, &test) == Ok(Some(true)))
}

/// Sizes that the space does not have yet are free.
fn declare(space: &mut Space, sizes: &[Size]) {
    while space.symbols.count() < sizes.len() {
        space.symbols.free_size(1);
    }
}

/// A formula over other sizes.
fn over(g: &Converter, values: &[Expr]) -> Converter {
    let all =
        |exprs: &[Expr]| -> Vec<Expr> { exprs.iter().map(|e| e.with_sizes(values)).collect() };
    let cond = |cond: &Cond| cond.with_sizes(values);
    let mut made = g.clone();
    made.input.extents = all(&g.input.extents);
    made.output.extents = all(&g.output.extents);
    made.requires = g.requires.iter().map(cond).collect();
    made.stages = g.stages.iter().map(|stage| over(stage, values)).collect();
    let rule = &mut made.rule;
    rule.left = all(&rule.left);
    rule.source = all(&rule.source);
    rule.guard = rule.guard.as_ref().map(cond);
    for iterator in &mut rule.iterators {
        iterator.extent = iterator.extent.with_sizes(values);
    }
    for definition in &mut rule.definitions {
        definition.value = definition.value.with_sizes(values);
    }
    for patch in &mut rule.patches {
        let Patch {
            iterators,
            left,
            guard,
            ..
        } = patch;
        *left = all(left);
        *guard = guard.as_ref().map(cond);
        for iterator in iterators {
            iterator.extent = iterator.extent.with_sizes(values);
        }
    }
    made
}

/// The search for the sizes of `g`.
struct Matching<'c> {
    space: Space,
    f: &'c Converter,
    g: &'c Converter,
    make: Maker,
    /// The sizes of `g`, as far as they are found, of those of `f`.
    found: Vec<Option<Expr>>,
    requires: Vec<Cond>,
    /// The axes that have told a size.
    used: Vec<bool>,
}

impl Matching<'_> {
    /// Sizes with values that the known ones give.
    fn values(&mut self) {
        for _ in 0..self.g.sizes.len() {
            for (at, size) in self.g.sizes.iter().enumerate() {
                if let (None, Some(value)) = (&self.found[at], &size.value)
                    && let Some(value) = self.known(value)
                {
                    self.found[at] = Some(value);
                }
            }
        }
    }

    /// An expression over `f`'s sizes, if all its sizes are known.
    fn known(&self, expr: &Expr) -> Option<Expr> {
        let mut open = false;
        expr.walk(&mut |part| {
            if let ExprKind::Size(id) = part.kind {
                open |= self.found[id.index()].is_none();
            }
        });
        (!open).then(|| {
            expr.replaced(&|name| match name {
                ExprKind::Size(id) => self.found[id.index()].as_ref().map(|e| e.kind.clone()),
                _ => None,
            })
        })
    }

    /// Finds another size: where an extent determines it, or else where one is a quotient of it.
    fn round(&mut self) -> bool {
        for multiple in [false, true] {
            for axis in 0..self.used.len() {
                if self.used[axis] {
                    continue;
                }
                let read = self.g.input.extents[axis].clone();
                let written = self.f.output.extents[axis].clone();
                if self.solve(&read, written, multiple) {
                    self.used[axis] = true;
                    self.values();
                    return true;
                }
            }
        }
        false
    }

    /// Solves `expr == value` for the one size that is not known.
    fn solve(&mut self, expr: &Expr, value: Expr, multiple: bool) -> bool {
        let make = self.make;
        match &expr.kind {
            ExprKind::Size(id) => {
                let at = id.index();
                if self.found[at].is_some() {
                    return false;
                }
                if let Some(own) = &self.g.sizes[at].value {
                    return self.solve(&own.clone(), value, multiple);
                }
                if !self.never_negative(&value) {
                    let zero = make.int(0);
                    self.requires
                        .push(make.compare(Comparison::Ge, value.clone(), zero));
                }
                self.found[at] = Some(value);
                true
            }
            ExprKind::Binary(op, a, b) => match (op, self.known(a), self.known(b)) {
                (BinaryOp::Add, _, Some(b)) => self.solve(a, make.minus(value, b), multiple),
                (BinaryOp::Add, Some(a), _) => self.solve(b, make.minus(value, a), multiple),
                (BinaryOp::Sub, _, Some(b)) => self.solve(a, make.plus(value, b), multiple),
                (BinaryOp::Sub, Some(a), _) => self.solve(b, make.minus(a, value), multiple),
                (BinaryOp::Mul, _, Some(factor)) => self.divided(a, value, factor, multiple),
                (BinaryOp::Mul, Some(factor), _) => self.divided(b, value, factor, multiple),
                (BinaryOp::Div, _, Some(divisor))
                    if multiple && matches!(a.kind, ExprKind::Size(_)) =>
                {
                    self.solve(a, make.times(value, divisor), multiple)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Solves `expr * factor == value`.
    fn divided(&mut self, expr: &Expr, value: Expr, factor: Expr, multiple: bool) -> bool {
        let make = self.make;
        let positive = {
            let mut normalizer = Normalizer::new(&mut self.space);
            let poly = normalizer.size(&factor);
            poly.is_some_and(|poly| self.space.symbols.positive(&poly))
        };
        if !positive {
            return false;
        }
        let known = self.requires.len();
        let rest = make.modulo(value.clone(), factor.clone());
        if literal(&rest) != Some(0) {
            let zero = make.int(0);
            self.requires.push(make.compare(Comparison::Eq, rest, zero));
        }
        let solved = self.solve(expr, make.over(value, factor), multiple);
        if !solved {
            self.requires.truncate(known);
        }
        solved
    }

    fn never_negative(&mut self, value: &Expr) -> bool {
        let mut normalizer = Normalizer::new(&mut self.space);
        let poly = normalizer.size(value);
        poly.is_some_and(|poly| self.space.symbols.nonneg(&poly))
    }

    /// All sizes of `g`: those still open are the ones of the same name, and if there are none, new ones.
    fn close(&mut self, sizes: &mut Vec<Size>) -> Vec<Expr> {
        for (at, size) in self.g.sizes.iter().enumerate() {
            if self.found[at].is_some() || size.value.is_some() {
                continue;
            }
            let same = sizes.iter().position(|s| s.name.text == size.name.text);
            let same = same.unwrap_or_else(|| {
                sizes.push(size.clone());
                sizes.len() - 1
            });
            self.found[at] = Some(self.make.size(same));
        }
        self.values();
        let zero = self.make.int(0);
        self.found
            .iter()
            .map(|size| size.clone().unwrap_or_else(|| zero.clone()))
            .collect()
    }
}
