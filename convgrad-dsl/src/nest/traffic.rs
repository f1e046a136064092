//! How many elements a nest moves, in how many runs, and how long these are.

use super::walk::{children, visit_condition};
use super::{Kernel, Nest, Node, Run, Scalar, VarId, value};

/// Turns of loops that are counted one by one; more are not counted.
const MAX_TURNS: u64 = 1 << 22;

/// What a nest does, at constant sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Elements that are copied; one that is read twice counts twice.
    pub copied: i64,
    /// Places that the fill value is written to.
    pub filled: i64,
    /// Runs of copied elements.
    pub runs: i64,
    /// Elements of the longest run that are neighbours on both sides.
    pub longest: i64,
    /// What it costs: hundredths of the time in which a plain copy moves an element.
    cost: i64,
}

impl Traffic {
    fn plus(self, other: Traffic) -> Option<Traffic> {
        Some(Traffic {
            copied: self.copied.checked_add(other.copied)?,
            filled: self.filled.checked_add(other.filled)?,
            runs: self.runs.checked_add(other.runs)?,
            longest: self.longest.max(other.longest),
            cost: self.cost.checked_add(other.cost)?,
        })
    }

    fn times(self, turns: i64) -> Option<Traffic> {
        if turns <= 0 {
            return Some(Traffic::default());
        }
        Some(Traffic {
            copied: self.copied.checked_mul(turns)?,
            filled: self.filled.checked_mul(turns)?,
            runs: self.runs.checked_mul(turns)?,
            longest: self.longest,
            cost: self.cost.checked_mul(turns)?,
        })
    }
}

impl Traffic {
    /// About which share of the speed of a plain copy it reaches; None where nothing is moved.
    pub fn share_of_copy(&self) -> Option<f64> {
        let moved = self.copied.checked_add(self.filled)?;
        (self.cost > 0).then(|| moved as f64 * 100.0 / self.cost as f64)
    }
}

/// Counts; None with free sizes, and where there is too much to count.
pub fn count(nest: &Nest) -> Option<Traffic> {
    let mut counter = Counter {
        steering: steering(nest),
        variables: vec![None; nest.variables.len()],
        turns: 0,
    };
    counter.node(&nest.body)
}

/// Whether the elements of a run are neighbours on both sides.
pub fn contiguous(output: &Run, input: &Run) -> bool {
    [output, input]
        .iter()
        .all(|run| run.stride == Scalar::Const(1))
}

struct Counter {
    /// By variable: whether it decides how often something happens.
    steering: Vec<bool>,
    variables: Vec<Option<i64>>,
    turns: u64,
}

impl Counter {
    fn value(&self, scalar: &Scalar) -> Option<i64> {
        value::scalar(scalar, &self.variables)
    }

    fn set(&mut self, var: VarId, value: Option<i64>) {
        if let Some(slot) = self.variables.get_mut(var.0 as usize) {
            *slot = value;
        }
    }

    fn node(&mut self, node: &Node) -> Option<Traffic> {
        self.turns += 1;
        if self.turns > MAX_TURNS {
            return None;
        }
        match node {
            Node::Seq(nodes) => nodes
                .iter()
                .try_fold(Traffic::default(), |sum, node| sum.plus(self.node(node)?)),
            Node::Let { var, value, body } => {
                let value = self.value(value);
                self.set(*var, value);
                self.node(body)
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let (from, to, step) = (self.value(from)?, self.value(to)?, self.value(step)?);
                if to <= from || step < 1 {
                    return Some(Traffic::default());
                }
                let turns = to.checked_sub(from)?.checked_sub(1)? / step + 1;
                if !self.steering.get(var.0 as usize).copied()? {
                    return self.node(body)?.times(turns);
                }
                let mut sum = Traffic::default();
                for turn in 0..turns {
                    self.set(*var, Some(from + turn * step));
                    sum = sum.plus(self.node(body)?)?;
                }
                Some(sum)
            }
            Node::Block(inside) => {
                let inside = self.node(inside)?;
                let moved = inside.copied.checked_add(inside.filled)?;
                let cost = Kernel::of(node).map_or(100, |kernel| kernel.cost(moved));
                Some(Traffic {
                    cost: moved.checked_mul(cost)?,
                    ..inside
                })
            }
            Node::When {
                condition,
                then,
                otherwise,
            } => match (value::holds(condition, &self.variables)?, otherwise) {
                (true, _) => self.node(then),
                (false, Some(otherwise)) => self.node(otherwise),
                (false, None) => Some(Traffic::default()),
            },
            Node::Copy {
                count,
                output,
                input,
                ..
            } => {
                let count = self.value(count)?.max(0);
                let together = contiguous(output, input) || count == 1;
                Some(Traffic {
                    copied: count,
                    runs: i64::from(count > 0),
                    longest: if together { count } else { count.min(1) },
                    cost: Kernel::of(node)
                        .map_or(100, |kernel| kernel.cost(count))
                        .checked_mul(count)?,
                    ..Traffic::default()
                })
            }
            Node::Fill { count, .. } => {
                let filled = self.value(count)?.max(0);
                Some(Traffic {
                    filled,
                    cost: Kernel::Fills.cost(filled).checked_mul(filled)?,
                    ..Traffic::default()
                })
            }
        }
    }
}

/// The variables that limits, conditions and counts look at, directly or through values named after them.
fn steering(nest: &Nest) -> Vec<bool> {
    let mut steering = vec![false; nest.variables.len()];
    let mut named: Vec<(VarId, &Scalar)> = Vec::new();
    look(&nest.body, &mut steering, &mut named);
    // A value is named after those that it is made of, so that one pass from the last to the first would do if every
    // variable were named once.
    loop {
        let before = steering.clone();
        for (var, value) in &named {
            if steering.get(var.0 as usize) == Some(&true) {
                mark(value, &mut steering);
            }
        }
        if steering == before {
            return steering;
        }
    }
}

fn mark(scalar: &Scalar, steering: &mut [bool]) {
    scalar.any(&mut |part| {
        if let Scalar::Var(VarId(id)) = part
            && let Some(slot) = steering.get_mut(*id as usize)
        {
            *slot = true;
        }
        false
    });
}

fn look<'n>(node: &'n Node, steering: &mut [bool], named: &mut Vec<(VarId, &'n Scalar)>) {
    match node {
        Node::Let { var, value, .. } => named.push((*var, value)),
        Node::Loop { from, to, step, .. } => {
            [from, to, step].iter().for_each(|s| mark(s, steering));
        }
        Node::When { condition, .. } => visit_condition(condition, &mut |s| mark(s, steering)),
        Node::Copy { count, .. } | Node::Fill { count, .. } => mark(count, steering),
        Node::Seq(_) | Node::Block(_) => {}
    }
    for child in children(node) {
        look(child, steering, named);
    }
}
