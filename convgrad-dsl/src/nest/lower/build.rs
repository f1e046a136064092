//! Sixth pass: the tree of loops of one region, with fills beside what is read.

use crate::index::linear::{Linear, Piece, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::nest::{Condition, Node, Offset, Run, Scalar, VarId, Variable};
use crate::sema::model::{Comparison, Converter, Form};

use super::bound::{Bound, Interval};
use super::coalesce::{Dim, coalesce};
use super::limits::{Level, Limit, Limits, Origin, attach};
use super::place::{Naming, Placed};
use super::region::Region;
use super::{order, variable};

/// Builds nodes and names variables.
pub(crate) struct Builder<'b> {
    pub(crate) space: &'b mut Space,
    pub(crate) converter: &'b Converter,
    pub(crate) variables: Vec<Variable>,
    /// Whether positions that do not read are filled where they are met (otherwise all was filled before).
    pub(crate) fills: bool,
}

/// One region on its way to loops, for copying or for filling.
#[derive(Clone)]
struct Plan<'p> {
    region: &'p Region,
    order: &'p [usize],
    dims: Vec<Dim>,
    levels: &'p [Level],
    output: &'p Placed,
    /// None when all of it is filled, and guards do not count.
    input: Option<&'p Placed>,
    /// By digit.
    variables: Vec<VarId>,
    fills: bool,
}

type Names = Vec<(Piece, VarId)>;

impl Builder<'_> {
    /// The loops of a region.
    pub(crate) fn region(
        &mut self,
        region: &Region,
        input: &Linear,
        output: &Linear,
        guards: &[Test],
    ) -> Checked<Node> {
        let (input, output) = (region.place(input)?, region.place(output)?);
        let strides: Vec<Poly> = (0..region.digits.len()).map(|d| output.factor(d)).collect();
        let order = match self.converter.rule.form {
            Form::Gather => (0..region.digits.len()).collect(),
            Form::Relational => order::by_output(&self.space.symbols, &strides),
        };
        let limits = attach(self.space, region, &order, guards)?;
        let Limits { levels, never } = limits;
        let mut plan = Plan {
            region,
            order: &order,
            dims: Vec::new(),
            levels: &levels,
            output: &output,
            input: (!never).then_some(&input),
            variables: Vec::new(),
            fills: self.fills,
        };
        if never && !self.fills {
            return Ok(Node::Seq(Vec::new()));
        }
        plan.variables = (0..region.digits.len())
            .map(|digit| {
                let name = self.digit_name(&region.digits[digit].piece);
                self.variable(&name)
            })
            .collect();
        plan.dims = coalesce(self.dims(&plan, 0)?, plan.input.is_none())?;
        self.inside(&plan, 0, &Names::new())
    }

    /// The loops of the digits from position `at` of the order on, not joined yet.
    fn dims(&self, plan: &Plan<'_>, at: usize) -> Checked<Vec<Dim>> {
        let copies = plan.input.is_some();
        let counts = |origin: Origin| copies || origin == Origin::Domain;
        let mut pinned = vec![false; plan.region.digits.len()];
        let mut pin = |digits: Vec<usize>| digits.into_iter().for_each(|d| pinned[d] = true);
        let mut wholes: Vec<&Placed> = vec![plan.output];
        wholes.extend(plan.input);
        for level in plan.levels {
            for limit in level.limits.iter().filter(|l| counts(l.origin)) {
                pin(plan.region.support(self.space, &limit.rest)?);
            }
            for predicate in level.predicates.iter().filter(|p| counts(p.origin)) {
                for form in predicate.test.forms() {
                    pin(plan.region.support(self.space, &plan.region.place(form)?)?);
                }
            }
        }
        for placed in wholes {
            for (piece, _) in &placed.whole {
                pin(plan.region.piece_support(self.space, piece)?);
            }
        }
        let mut dims = Vec::new();
        for (position, &digit) in plan.order.iter().enumerate().skip(at) {
            let limits = &plan.levels[position + 1].limits;
            dims.push(Dim {
                digits: vec![digit],
                extent: plan.region.digits[digit].extent.clone(),
                output: plan.output.factor(digit),
                input: plan.input.map(|i| i.factor(digit)).unwrap_or_default(),
                inner: Poly::one(),
                pinned: pinned[digit],
                limited: limits.iter().any(|l| counts(l.origin)),
            });
        }
        Ok(dims)
    }

    /// A readable name for a digit: the iterator's, numbered from the lowest digit if there are several.
    fn digit_name(&self, piece: &Piece) -> String {
        let crate::index::linear::Atom::Iter(id) = piece.atom else {
            return "value".to_owned();
        };
        let name = &self.converter.rule.iterators[id.index()].name.text;
        let terms = self.space.digits(id).terms;
        match terms.iter().position(|t| t.piece == *piece) {
            Some(at) if terms.len() > 1 => format!("{name}_{at}"),
            _ => name.clone(),
        }
    }

    /// The variable of that name, made valid and different from every size.
    fn variable(&mut self, wanted: &str) -> VarId {
        const KEYWORDS: &str = " as break const continue crate do dyn else enum extern false final fn for if impl in \
            inline int let long loop macro match mod move mut pub ref register restrict return self short signed static \
            struct super switch trait true try type typedef union unsafe unsigned unsized use void volatile where while \
            yield abstract async auto await become box case char default double float gen goto override priv sizeof typeof virtual Self ";
        let taken = |name: &str| {
            let sizes = &self.converter.sizes;
            sizes.iter().any(|size| size.name.text == name)
                || KEYWORDS.contains(&format!(" {name} "))
        };
        let mut name = wanted.to_owned();
        while taken(&name) {
            name.push('_');
        }
        let at = self.variables.iter().position(|v| v.name == name);
        let at = at.unwrap_or_else(|| {
            self.variables.push(variable(name));
            self.variables.len() - 1
        });
        VarId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// Everything inside the first `k` loops.
    fn inside(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Node> {
        let mut names = names.clone();
        let mut lets = Vec::new();
        for piece in self.pieces_at(plan, k)? {
            let value = self.naming(plan, &names).compute(&piece)?;
            let var = self.variable(&format!("value_{}", names.len()));
            names.push((piece, var));
            lets.push((var, value));
        }
        let mut node = self.checked(plan, k, &names)?;
        for (var, value) in lets.into_iter().rev() {
            let body = Box::new(node);
            node = Node::Let { var, value, body };
        }
        Ok(node)
    }

    /// The whole values that the offsets need and that are known as soon as the first `k` loops are entered.
    fn pieces_at(&self, plan: &Plan<'_>, k: usize) -> Checked<Vec<Piece>> {
        let mut found: Vec<Piece> = Vec::new();
        for placed in [Some(plan.output), plan.input].into_iter().flatten() {
            for (piece, _) in &placed.whole {
                if self.depth(plan, &plan.region.piece_support(self.space, piece)?) == k
                    && !found.contains(piece)
                {
                    found.push(piece.clone());
                }
            }
        }
        Ok(found)
    }

    /// How many loops must be entered before these digits are known.
    fn depth(&self, plan: &Plan<'_>, support: &[usize]) -> usize {
        let inside = |dim: &Dim| dim.digits.iter().any(|d| support.contains(d));
        plan.dims.iter().rposition(inside).map_or(0, |k| k + 1)
    }

    fn naming<'n>(&'n self, plan: &'n Plan<'_>, named: &'n Names) -> Naming<'n> {
        Naming {
            space: self.space,
            region: plan.region,
            variables: &plan.variables,
            named,
        }
    }

    /// The level of the limits of loop `k - 1`.
    fn level<'p>(&self, plan: &Plan<'p>, k: usize) -> &'p Level {
        let Some(dim) = k.checked_sub(1).map(|k| &plan.dims[k]) else {
            return &plan.levels[0];
        };
        let position = plan.order.iter().position(|d| *d == dim.digits[0]);
        &plan.levels[position.map_or(0, |p| p + 1)]
    }

    /// The conditions of this depth, then the loops inside.
    fn checked(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Node> {
        let copies = plan.input.is_some();
        let (mut domain, mut guard) = (Vec::new(), Vec::new());
        for predicate in &self.level(plan, k).predicates {
            let condition = self.condition(plan, &predicate.test, names)?;
            match predicate.origin {
                Origin::Domain => domain.push(condition),
                Origin::Guard if copies => guard.push(condition),
                Origin::Guard => {}
            }
        }
        let mut node = self.loops(plan, k, names)?;
        if !guard.is_empty() {
            let fill = if plan.fills {
                Some(Box::new(self.fill(plan, k, None, names)?))
            } else {
                None
            };
            node = when(guard, node, fill);
        }
        if !domain.is_empty() {
            node = when(domain, node, None);
        }
        Ok(node)
    }

    fn condition(&self, plan: &Plan<'_>, test: &Test, names: &Names) -> Checked<Condition> {
        let compare = |op: Comparison, form: &Linear| -> Checked<Condition> {
            let value = self.naming(plan, names).scalar(&plan.region.place(form)?)?;
            Ok(Condition::Compare(op, value, Scalar::Const(0)))
        };
        let each = |tests: &[Test]| -> Checked<Vec<Condition>> {
            tests
                .iter()
                .map(|t| self.condition(plan, t, names))
                .collect()
        };
        match test {
            Test::AtLeast0(form) => compare(Comparison::Ge, form),
            Test::Is0(form) => compare(Comparison::Eq, form),
            Test::Not0(form) => compare(Comparison::Ne, form),
            Test::All(tests) => Ok(Condition::All(each(tests)?)),
            Test::Any(tests) => Ok(Condition::Any(each(tests)?)),
        }
    }

    /// Loop `k` and what is inside, or the single element.
    fn loops(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Node> {
        if k == plan.dims.len() {
            return self.run(plan, k, &Bound::zero(), Scalar::Const(1), names);
        }
        let interval = self.interval(plan, k, names)?;
        if let Some(node) = self.sparse(plan, k, &interval, names)? {
            return Ok(node);
        }
        let reads = self.span(plan, k, &interval.low, &interval.high, names)?;
        if !plan.fills || plan.input.is_none() {
            return Ok(reads);
        }
        let before = self.outside(plan, k, (&interval.from, &interval.low), names)?;
        let after = self.outside(plan, k, (&interval.high, &interval.to), names)?;
        Ok(seq(vec![before, reads, after]))
    }

    /// The copies (or fills) of loop `k` from `low` to `high`.
    fn span(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        low: &Bound,
        high: &Bound,
        names: &Names,
    ) -> Checked<Node> {
        if let (Some(a), Some(b)) = (&low.poly, &high.poly) {
            if self.space.symbols.le(b, a) {
                return Ok(Node::Seq(Vec::new()));
            }
        }
        let last = k + 1 == plan.dims.len()
            && self.pieces_at(plan, k + 1)?.is_empty()
            && self.level(plan, k + 1).predicates.is_empty();
        if last {
            let count = match (&low.poly, &high.poly) {
                (Some(a), Some(b)) => self.space.symbols.scalar(&b.minus(a)?),
                _ => high.scalar.clone().minus(low.scalar.clone()),
            };
            return self.run(plan, k, low, count, names);
        }
        let body = Box::new(self.inside(plan, k + 1, names)?);
        let var = plan.variables[plan.dims[k].digits[0]];
        Ok(Node::Loop {
            var,
            from: low.scalar.clone(),
            to: high.scalar.clone(),
            step: Scalar::Const(1),
            body,
        })
    }

    /// A run over loop `k` (or one element if all loops are entered) that starts at `low`.
    fn run(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        low: &Bound,
        count: Scalar,
        names: &Names,
    ) -> Checked<Node> {
        let output = self.offset(plan, k, low, plan.output, |dim| &dim.output, names)?;
        let Some(input) = plan.input else {
            return Ok(Node::Fill { count, output });
        };
        let input = self.offset(plan, k, low, input, |dim| &dim.input, names)?;
        Ok(Node::Copy {
            count,
            output,
            input,
        })
    }

    fn offset(
        &self,
        plan: &Plan<'_>,
        k: usize,
        low: &Bound,
        placed: &Placed,
        stride: fn(&Dim) -> &Poly,
        names: &Names,
    ) -> Checked<Run> {
        let symbols = &self.space.symbols;
        let whole = Placed {
            digits: Vec::new(),
            ..placed.clone()
        };
        let mut base = self.naming(plan, names).scalar(&whole)?;
        let mut terms = Vec::new();
        for dim in &plan.dims[..k] {
            if !stride(dim).is_zero() {
                let var = plan.variables[dim.digits[0]];
                terms.push((var, symbols.scalar(stride(dim))));
            }
        }
        let step = plan.dims.get(k).map(stride).cloned().unwrap_or_default();
        base = match &low.poly {
            Some(low) if whole.whole.is_empty() => {
                symbols.scalar(&low.times(&step)?.plus(&whole.constant)?)
            }
            _ => base.plus(low.scalar.clone().times(symbols.scalar(&step))),
        };
        let stride = symbols.scalar(&step);
        let start = Offset { base, terms };
        Ok(Run { start, stride })
    }

    /// A last digit of which only one value reads (every s-th element): its row is filled, then read with a stride.
    fn sparse(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        interval: &Interval,
        names: &Names,
    ) -> Checked<Option<Node>> {
        if !plan.fills || plan.input.is_none() || k + 2 != plan.dims.len() {
            return Ok(None);
        }
        let simple = |b: &Builder<'_>, at: usize| -> Checked<bool> {
            Ok(b.level(plan, at).predicates.is_empty() && b.pieces_at(plan, at)?.is_empty())
        };
        if !simple(self, k + 1)? || !simple(self, k + 2)? {
            return Ok(None);
        }
        let digit = self.interval(plan, k + 1, names)?;
        let (Some(low), Some(high)) = (&digit.low.poly, &digit.high.poly) else {
            return Ok(None);
        };
        let limits = &self.level(plan, k + 2).limits;
        let guards = limits.iter().all(|l| l.origin == Origin::Guard);
        if !high.minus(low)?.is_one() || !guards {
            return Ok(None);
        }
        let row = self.fill(plan, k, Some((&interval.from, &interval.to)), names)?;
        let mut thin = plan.clone();
        let gone = thin.dims.remove(k + 1);
        let (mut input, mut output) =
            (plan.input.cloned().unwrap_or_default(), plan.output.clone());
        input.constant = input.constant.plus(&gone.input.times(low)?)?;
        output.constant = output.constant.plus(&gone.output.times(low)?)?;
        thin.fills = false;
        let thin = Plan {
            input: Some(&input),
            output: &output,
            ..thin
        };
        let reads = self.span(&thin, k, &interval.low, &interval.high, names)?;
        Ok(Some(seq(vec![row, reads])))
    }

    /// Fills a part of loop `k`, unless it is provably empty.
    fn outside(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        part: (&Bound, &Bound),
        names: &Names,
    ) -> Checked<Node> {
        let empty = part.0.scalar == part.1.scalar
            || matches!((&part.0.poly, &part.1.poly), (Some(a), Some(b)) if self.space.symbols.le(b, a));
        if empty {
            return Ok(Node::Seq(Vec::new()));
        }
        self.fill(plan, k, Some(part), names)
    }

    /// Fills everything inside the first `k` loops; of loop `k` only a part, if one is given.
    fn fill(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        part: Option<(&Bound, &Bound)>,
        names: &Names,
    ) -> Checked<Node> {
        let mut fill = plan.clone();
        fill.input = None;
        let Some((from, to)) = part else {
            let at = plan.dims[..k].iter().map(|dim| dim.digits.len()).sum();
            fill.dims = plan.dims[..k].to_vec();
            fill.dims.extend(coalesce(self.dims(&fill, at)?, true)?);
            return self.loops(&fill, k, names);
        };
        let at = plan.dims[..=k].iter().map(|dim| dim.digits.len()).sum();
        let mut first = plan.dims[k].clone();
        let steps = first.inner.clone();
        let rest = self.dims(&fill, at)?;
        first.pinned = self
            .dims(&fill, at - first.digits.len())?
            .first()
            .is_some_and(|dim| dim.pinned);
        first.limited = false;
        fill.dims = plan.dims[..k].to_vec();
        let mut tail = vec![first];
        tail.extend(rest);
        fill.dims.extend(coalesce(tail, true)?);
        let more = fill.dims[k].inner.over(&steps).unwrap_or_else(Poly::one);
        let scaled = |b: &Bound| b.times(&more, &self.space.symbols);
        let (from, to) = (scaled(from)?, scaled(to)?);
        self.span(&fill, k, &from, &to, names)
    }

    /// The limits of loop `k`, in its own steps.
    fn interval(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Interval> {
        let dim = plan.dims[k].clone();
        let extent = plan.region.digits[dim.digits[0]].extent.clone();
        let extent = if dim.digits.len() > 1 && !dim.limited {
            // No limit asks for the first digit alone.
            return Ok(Interval::full(Bound::poly(
                dim.extent.clone(),
                &self.space.symbols,
            )));
        } else {
            extent
        };
        let mut interval = Interval::full(Bound::poly(extent, &self.space.symbols));
        let limits = self.level(plan, k + 1).limits.clone();
        for origin in [Origin::Domain, Origin::Guard] {
            if origin == Origin::Guard && plan.input.is_none() {
                continue;
            }
            for limit in limits.iter().filter(|l| l.origin == origin) {
                let value = self.limit(plan, limit, names)?;
                let symbols = &self.space.symbols;
                let (low, high) = (&mut interval.low, &mut interval.high);
                if limit.lower {
                    *low = Bound::larger(low, &value, symbols);
                } else {
                    *high = Bound::smaller(high, &value, symbols);
                }
            }
            let symbols = &self.space.symbols;
            if origin == Origin::Domain {
                interval.from = interval.low.clone();
                interval.to = Bound::larger(&interval.high, &interval.from, symbols);
                interval.high = interval.to.clone();
            } else {
                interval.low = Bound::smaller(&interval.low, &interval.to, symbols);
                interval.high = Bound::larger(&interval.high, &interval.low, symbols);
            }
        }
        if dim.inner.is_one() {
            return Ok(interval);
        }
        let symbols = &self.space.symbols;
        let scaled = |b: &Bound| b.times(&dim.inner, symbols);
        Ok(Interval {
            from: scaled(&interval.from)?,
            to: scaled(&interval.to)?,
            low: scaled(&interval.low)?,
            high: scaled(&interval.high)?,
        })
    }

    /// The first value that a lower limit allows, or the first that an upper one forbids.
    fn limit(&mut self, plan: &Plan<'_>, limit: &Limit, names: &Names) -> Checked<Bound> {
        let minus = Poly::constant(-1);
        let constant = limit.rest.digits.is_empty() && limit.rest.whole.is_empty();
        if constant {
            let rest = &limit.rest.constant;
            let symbols = &mut self.space.symbols;
            let poly = if limit.lower {
                let up = rest
                    .times(&minus)?
                    .plus(&limit.divisor)?
                    .plus_constant(-1)?;
                symbols.quotient(&up, &limit.divisor)?
            } else {
                symbols.quotient(rest, &limit.divisor)?.plus_constant(1)?
            };
            return Ok(Bound::poly(poly, symbols));
        }
        let range = plan.region.bounds(self.space, &limit.rest)?;
        let symbols = &mut self.space.symbols;
        let range = range
            .map(|(min, max)| limit_of_range(symbols, limit, &min, &max))
            .transpose()?;
        let rest = self.naming(plan, names).scalar(&limit.rest)?;
        let divisor = self.space.symbols.scalar(&limit.divisor);
        let scalar = if limit.lower {
            // ceil(-r / d) = -floor(r / d)
            Scalar::Const(-1).times(rest.over(divisor))
        } else {
            rest.over(divisor).plus(Scalar::Const(1))
        };
        Ok(Bound::computed(scalar, range))
    }
}

/// The limit as a polynomial, for a rest that is one.
fn limit_of(symbols: &mut Symbols, limit: &Limit, rest: &Poly) -> Checked<Poly> {
    if !limit.lower {
        return symbols.quotient(rest, &limit.divisor)?.plus_constant(1);
    }
    let up = limit.divisor.minus(rest)?.plus_constant(-1)?;
    symbols.quotient(&up, &limit.divisor)
}

/// The smallest and the largest limit over the range of the rest.
fn limit_of_range(
    symbols: &mut Symbols,
    limit: &Limit,
    min: &Poly,
    max: &Poly,
) -> Checked<(Poly, Poly)> {
    let (first, last) = (
        limit_of(symbols, limit, min)?,
        limit_of(symbols, limit, max)?,
    );
    Ok(if limit.lower {
        (last, first)
    } else {
        (first, last)
    })
}

fn when(mut conditions: Vec<Condition>, then: Node, otherwise: Option<Box<Node>>) -> Node {
    let condition = match conditions.len() {
        1 => conditions.remove(0),
        _ => Condition::All(conditions),
    };
    Node::When {
        condition,
        then: Box::new(then),
        otherwise,
    }
}

/// A sequence without empty parts and without nested sequences.
pub(crate) fn seq(nodes: Vec<Node>) -> Node {
    let mut flat = Vec::new();
    for node in nodes {
        match node {
            Node::Seq(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => Node::Seq(flat),
    }
}
