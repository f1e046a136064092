//! From a nest and the sizes to steps: everything that only depends on sizes becomes a number.

use std::collections::HashMap;

use convgrad_dsl::nest::{Node, Offset, Run, Scalar, VarId};

use super::block::{Block, MOST_LOOPS, Place, Runs, Turns, Work};
use super::expr::{Expr, Test};
use super::size::Values;
use super::unroll::unrolled;
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
    /// How many loops there are around.
    depth: usize,
}

impl<'a> Scope<'a> {
    pub(super) fn new(name: &'a str, sizes: &'a [i64]) -> Self {
        Scope {
            name,
            sizes,
            variables: HashMap::new(),
            depth: 0,
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
                self.depth += 1;
                let body = Box::new(self.step(body)?);
                self.depth -= 1;
                let made = Step::Loop {
                    slot,
                    from,
                    to,
                    step,
                    body,
                };
                // Threads share the turns of the outermost loop.
                match self.depth {
                    0 => made,
                    _ => unrolled(made),
                }
            }
            Node::Block(inside) => {
                let mut turns = Vec::new();
                let run = self.turns(inside, &mut turns)?;
                match self.step(run)? {
                    Step::Block(block) if turns.len() < MOST_LOOPS => {
                        Step::Block(Block { turns, ..block })
                    }
                    inside => turns
                        .into_iter()
                        .rev()
                        .fold(inside, |body, turns| Step::Loop {
                            slot: turns.slot,
                            from: turns.from,
                            to: turns.to,
                            step: 1,
                            body: Box::new(body),
                        }),
                }
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

    /// The loops of a block of the compiler, and the run inside of them.
    fn turns<'n>(&mut self, node: &'n Node, turns: &mut Vec<Turns>) -> Result<&'n Node, Error> {
        let mut node = node;
        while let Node::Loop {
            var,
            from,
            to,
            step: Scalar::Const(1),
            body,
        } = node
        {
            let bound = Expr::bound(from, self)?.or(Expr::bound(to, self)?);
            let (from, to) = (Expr::compile(from, self)?, Expr::compile(to, self)?);
            let slot = self.bind(*var, bound);
            turns.push(Turns { slot, from, to });
            node = body;
        }
        Ok(node)
    }

    fn block(&self, count: &Scalar, output: &Run, work: Work) -> Result<Step, Error> {
        Ok(Step::Block(Block {
            turns: Vec::new(),
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
            terms,
        })
    }
}
