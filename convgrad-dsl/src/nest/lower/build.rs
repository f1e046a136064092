//! Sixth pass: the tree of loops of one region, with fills beside what is read.

use crate::index::linear::{Linear, Piece, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::keywords;
use crate::nest::{Condition, Node, Offset, Run, Scalar, VarId, Variable};
use crate::sema::model::{Comparison, Converter, Form, IterId};

use super::bound::Bound;
use super::coalesce::{Dim, coalesce};
use super::limits::{Level, Limits, Origin, attach};
use super::name::digit_name;
use super::order::Mover;
use super::place::{Naming, Placed};
use super::region::Region;
use super::{Job, Work, order, variable};

/// Builds nodes and names variables.
pub(crate) struct Builder<'b> {
    pub(crate) space: &'b mut Space,
    pub(crate) converter: &'b Converter,
    pub(crate) variables: Vec<Variable>,
    /// Whether positions that do not read are filled where they are met (otherwise all was filled before).
    pub(crate) fills: bool,
    /// The iterators whose order has to stay that of the rule.
    pub(crate) kept: &'b [IterId],
}

/// One region on its way to loops, for copying or for filling.
#[derive(Clone)]
pub(super) struct Plan<'p> {
    pub(super) region: &'p Region,
    pub(super) order: &'p [usize],
    pub(super) dims: Vec<Dim>,
    pub(super) levels: &'p [Level],
    pub(super) output: &'p Placed,
    pub(super) leaf: Leaf<'p>,
    /// By digit.
    pub(super) variables: Vec<VarId>,
    pub(super) fills: bool,
}

/// What a region does at its places.
#[derive(Clone, Copy)]
pub(crate) enum Leaf<'p> {
    /// Reads these ones.
    Read(&'p Placed),
    /// Writes one of the rule's numbers, where the guards hold or everywhere.
    Fill { number: usize, guarded: bool },
}

impl<'p> Plan<'p> {
    pub(super) fn input(&self) -> Option<&'p Placed> {
        match self.leaf {
            Leaf::Read(input) => Some(input),
            Leaf::Fill { .. } => None,
        }
    }

    /// Whether limits and conditions of this origin count.
    pub(super) fn minds(&self, origin: Origin) -> bool {
        origin == Origin::Domain || !matches!(self.leaf, Leaf::Fill { guarded: false, .. })
    }
}

/// The whole values that have a name where a node stands.
pub(super) type Names = Vec<(Piece, VarId)>;

impl Builder<'_> {
    /// The loops of a region.
    pub(crate) fn region(&mut self, region: &Region, job: &Job) -> Checked<Node> {
        let output = region.place(&job.output)?;
        let input = match &job.work {
            Work::Read(input) => Some(region.place(input)?),
            Work::Fill(_) => None,
        };
        let digits: Vec<Mover> = (0..region.digits.len())
            .map(|d| Mover {
                output: output.factor(d),
                input: input.as_ref().map(|i| i.factor(d)).unwrap_or_default(),
                kept: order::stays(self.space, &region.digits[d].piece, self.kept),
            })
            .collect();
        let order = match self.converter.rule.form {
            Form::Gather => (0..digits.len()).collect(),
            Form::Relational => order::by_output(&self.space.symbols, &digits),
        };
        let limits = attach(self.space, region, &order, &job.guards)?;
        let Limits { levels, never } = limits;
        if never && !self.fills {
            return Ok(Node::Seq(Vec::new()));
        }
        let leaf = match (&input, &job.work) {
            (Some(input), _) if !never => Leaf::Read(input),
            (_, Work::Fill(number)) => Leaf::Fill {
                number: *number,
                guarded: true,
            },
            _ => Leaf::Fill {
                number: 0,
                guarded: false,
            },
        };
        let mut plan = Plan {
            region,
            order: &order,
            dims: Vec::new(),
            levels: &levels,
            output: &output,
            leaf,
            variables: Vec::new(),
            fills: self.fills,
        };
        plan.variables = (0..region.digits.len())
            .map(|digit| {
                let name = digit_name(self.space, self.converter, &region.digits[digit].piece);
                self.variable(&name)
            })
            .collect();
        plan.dims = coalesce(self.dims(&plan, 0)?, plan.input().is_none())?;
        self.inside(&plan, 0, &Names::new())
    }

    /// The loops of the digits from position `at` of the order on, not joined yet.
    pub(super) fn dims(&self, plan: &Plan<'_>, at: usize) -> Checked<Vec<Dim>> {
        let counts = |origin: Origin| plan.minds(origin);
        let mut pinned = vec![false; plan.region.digits.len()];
        let mut pin = |digits: Vec<usize>| digits.into_iter().for_each(|d| pinned[d] = true);
        let mut wholes: Vec<&Placed> = vec![plan.output];
        wholes.extend(plan.input());
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
                input: plan.input().map(|i| i.factor(digit)).unwrap_or_default(),
                inner: Poly::one(),
                pinned: pinned[digit],
                limited: limits.iter().any(|l| counts(l.origin)),
            });
        }
        Ok(dims)
    }

    /// The variable of that name, made valid and different from every size.
    fn variable(&mut self, wanted: &str) -> VarId {
        let taken = |name: &str| {
            let sizes = &self.converter.sizes;
            sizes.iter().any(|size| size.name.text == name)
                || keywords::is_rust(name)
                || keywords::is_c(name)
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
    pub(super) fn pieces_at(&self, plan: &Plan<'_>, k: usize) -> Checked<Vec<Piece>> {
        let mut found: Vec<Piece> = Vec::new();
        for placed in [Some(plan.output), plan.input()].into_iter().flatten() {
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

    pub(super) fn naming<'n>(&'n self, plan: &'n Plan<'_>, named: &'n Names) -> Naming<'n> {
        Naming {
            space: self.space,
            region: plan.region,
            variables: &plan.variables,
            named,
        }
    }

    /// The level of the limits of loop `k - 1`.
    pub(super) fn level<'p>(&self, plan: &Plan<'p>, k: usize) -> &'p Level {
        let Some(dim) = k.checked_sub(1).map(|k| &plan.dims[k]) else {
            return &plan.levels[0];
        };
        let position = plan.order.iter().position(|d| *d == dim.digits[0]);
        &plan.levels[position.map_or(0, |p| p + 1)]
    }

    /// The conditions of this depth, then the loops inside.
    fn checked(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Node> {
        let (mut domain, mut guard) = (Vec::new(), Vec::new());
        for predicate in &self.level(plan, k).predicates {
            let condition = self.condition(plan, &predicate.test, names)?;
            match predicate.origin {
                Origin::Domain => domain.push(condition),
                Origin::Guard if plan.minds(Origin::Guard) => guard.push(condition),
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
    pub(super) fn loops(&mut self, plan: &Plan<'_>, k: usize, names: &Names) -> Checked<Node> {
        if k == plan.dims.len() {
            return self.run(plan, k, &Bound::zero(), Scalar::Const(1), names);
        }
        let interval = self.interval(plan, k, names)?;
        if let Some(node) = self.sparse(plan, k, &interval, names)? {
            return Ok(node);
        }
        let reads = self.span(plan, k, &interval.low, &interval.high, names)?;
        if !plan.fills || plan.input().is_none() {
            return Ok(reads);
        }
        let before = self.outside(plan, k, (&interval.from, &interval.low), names)?;
        let after = self.outside(plan, k, (&interval.high, &interval.to), names)?;
        Ok(seq(vec![before, reads, after]))
    }

    /// The copies (or fills) of loop `k` from `low` to `high`.
    pub(super) fn span(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        low: &Bound,
        high: &Bound,
        names: &Names,
    ) -> Checked<Node> {
        if let (Some(a), Some(b)) = (&low.poly, &high.poly)
            && self.space.symbols.le(b, a)
        {
            return Ok(Node::Seq(Vec::new()));
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
        let input = match plan.leaf {
            Leaf::Read(input) => input,
            Leaf::Fill { number, .. } => {
                return Ok(Node::Fill {
                    number,
                    count,
                    output,
                });
            }
        };
        let input = self.offset(plan, k, low, input, |dim| &dim.input, names)?;
        Ok(Node::Copy {
            count,
            output,
            input,
            writes: self.converter.rule.writes,
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
