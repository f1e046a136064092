//! From a nest and the sizes to steps: everything that only depends on sizes becomes a number.

use std::collections::HashMap;

use convgrad_dsl::nest::{Node, Offset, Run, Scalar, VarId};

use super::block::{Block, Place, Runs, Work};
use super::expr::{Expr, Test};
use super::size::Values;
use crate::__private::Bound;
use crate::error::Error;

/// A node of the tree of loops, at concrete sizes.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Seq(Vec<Step>),
    Let {
        slot: usize,
        value: Expr,
        body: Box<Step>,
    },
    Loop {
        slot: usize,
        from: Expr,
        to: Expr,
        step: usize,
        body: Box<Step>,
    },
    When {
        test: Test,
        then: Box<Step>,
        otherwise: Option<Box<Step>>,
    },
    /// Loops that advance by strides, around one run.
    Block(Block),
}

/// What is known while steps are made: the sizes, and the variables in scope.
pub(super) struct Scope<'a> {
    name: &'a str,
    sizes: &'a [i64],
    variables: HashMap<VarId, (usize, Bound)>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(name: &'a str, sizes: &'a [i64]) -> Self {
        Scope {
            name,
            sizes,
            variables: HashMap::new(),
        }
    }

    /// How many slots the variables need.
    pub(super) fn slots(&self) -> usize {
        self.variables.len()
    }

    pub(super) fn overflow(&self) -> Error {
        Error::overflow(self.name.to_owned(), "the index arithmetic")
    }

    /// The value of a scalar of sizes only.
    pub(super) fn number(&self, scalar: &Scalar) -> Result<i64, Error> {
        let values = Values {
            sizes: self.sizes,
            variables: &[],
        };
        values.scalar(scalar).get().ok_or_else(|| self.overflow())
    }

    pub(super) fn variable(&self, id: VarId) -> Result<(Expr, Bound), Error> {
        match self.variables.get(&id) {
            Some((slot, bound)) => Ok((Expr::Var(*slot), *bound)),
            None => Err(Error::Internal {
                what: "a loop nest uses a variable outside its loop".into(),
            }),
        }
    }

    fn bind(&mut self, id: VarId, bound: Bound) -> usize {
        // One variable may count several loops, one after the other: it keeps its slot, not its bound.
        let next = self.variables.len();
        let slot = self.variables.get(&id).map_or(next, |(slot, _)| *slot);
        self.variables.insert(id, (slot, bound));
        slot
    }

    pub(super) fn step(&mut self, node: &Node) -> Result<Step, Error> {
        Ok(match node {
            Node::Seq(nodes) => Step::Seq(
                nodes
                    .iter()
                    .map(|node| self.step(node))
                    .collect::<Result<_, _>>()?,
            ),
            Node::Let { var, value, body } => {
                let bound = Expr::bound(value, self)?;
                let value = Expr::compile(value, self)?;
                let slot = self.bind(*var, bound);
                Step::Let {
                    slot,
                    value,
                    body: Box::new(self.step(body)?),
                }
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let bound = Expr::bound(from, self)?.or(Expr::bound(to, self)?);
                let (from, to) = (Expr::compile(from, self)?, Expr::compile(to, self)?);
                let step = usize::try_from(self.number(step)?)
                    .ok()
                    .filter(|step| *step > 0)
                    .ok_or_else(|| self.overflow())?;
                let slot = self.bind(*var, bound);
                let body = self.step(body)?;
                join(slot, from, to, step, body)
            }
            Node::When {
                condition,
                then,
                otherwise,
            } => Step::When {
                test: Test::compile(condition, self)?,
                then: Box::new(self.step(then)?),
                otherwise: match otherwise {
                    Some(node) => Some(Box::new(self.step(node)?)),
                    None => None,
                },
            },
            Node::Copy {
                count,
                output,
                input,
                writes,
            } => self.block(count, output, Work::Read(self.runs(input)?, *writes))?,
            Node::Fill {
                number,
                count,
                output,
            } => self.block(count, output, Work::Fill(*number))?,
        })
    }

    fn block(&self, count: &Scalar, output: &Run, work: Work) -> Result<Step, Error> {
        Ok(Step::Block(Block {
            loops: Vec::new(),
            count: Expr::compile(count, self)?,
            output: self.runs(output)?,
            work,
        }))
    }

    fn runs(&self, run: &Run) -> Result<Runs, Error> {
        Ok(Runs {
            start: self.place(&run.start)?,
            stride: self.number(&run.stride)?,
        })
    }

    fn place(&self, offset: &Offset) -> Result<Place, Error> {
        let mut bound = Expr::bound(&offset.base, self)?;
        let mut terms = Vec::new();
        for (var, stride) in &offset.terms {
            let stride = self.number(stride)?;
            match self.variable(*var)? {
                (Expr::Var(slot), variable) => {
                    bound = bound + variable * stride;
                    terms.push((slot, stride));
                }
                _ => return Err(self.overflow()),
            }
        }
        if !bound.fits() {
            return Err(self.overflow());
        }
        Ok(Place {
            base: Expr::compile(&offset.base, self)?,
            constant: 0,
            terms,
        })
    }
}

/// A loop around a step: one more counter of a block where the limits are numbers and all places move by strides.
fn join(slot: usize, from: Expr, to: Expr, step: usize, body: Step) -> Step {
    match (from, to, body) {
        (Expr::Const(from), Expr::Const(to), Step::Block(mut block)) if !block.depends_on(slot) => {
            let span = u64::try_from(i128::from(to) - i128::from(from)).unwrap_or(0);
            block.around(slot, from, step as i64, span.div_ceil(step as u64));
            Step::Block(block)
        }
        (from, to, body) => Step::Loop {
            slot,
            from,
            to,
            step,
            body: Box::new(body),
        },
    }
}
