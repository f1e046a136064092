//! Short loops whose variable decides the limits inside of them, turn by turn: what each turn finds is known before.
//!
//! The windows of a convolution are such loops, inside of those over planes: without this, the limits of every window would be
//! found anew for every plane.

use super::block::Block;
use super::expr::Expr;
use super::prepare::Step;

/// Turns of a loop,
const TURNS: i64 = 8;
/// and the steps of all its turns together, at most.
const STEPS: usize = 256;

/// A loop, or its turns one after the other.
pub(super) fn unrolled(step: Step) -> Step {
    let Step::Loop {
        slot,
        from: Expr::Const(from),
        to: Expr::Const(to),
        step: by,
        body,
    } = &step
    else {
        return step;
    };
    let turns = to.saturating_sub(*from);
    let short = turns <= TURNS && body.count().saturating_mul(turns.max(0) as usize) <= STEPS;
    if !(short && body.is_decided_by(*slot)) {
        return step;
    }
    let turn = |value| Step::Let {
        slot: *slot,
        value: Expr::Const(value),
        body: Box::new(body.with(*slot, value)),
    };
    let turns = (*from..*to).step_by(*by).map(turn);
    Step::Seq(turns.filter(|turn| !turn.is_empty()).collect())
}

impl Step {
    /// How many steps it is made of.
    fn count(&self) -> usize {
        match self {
            Step::Seq(steps) => steps.iter().map(Step::count).sum(),
            Step::Let { body, .. } | Step::Loop { body, .. } => 1 + body.count(),
            Step::When {
                then, otherwise, ..
            } => 1 + then.count() + otherwise.as_ref().map_or(0, |step| step.count()),
            Step::Block(_) => 1,
        }
    }

    /// Whether a variable decides how often something happens, or whether.
    fn is_decided_by(&self, slot: usize) -> bool {
        match self {
            Step::Seq(steps) => steps.iter().any(|step| step.is_decided_by(slot)),
            Step::Let { value, body, .. } => value.depends_on(slot) || body.is_decided_by(slot),
            Step::Loop { from, to, body, .. } => {
                from.depends_on(slot) || to.depends_on(slot) || body.is_decided_by(slot)
            }
            Step::When {
                test,
                then,
                otherwise,
            } => {
                let other = otherwise.as_ref().is_some_and(|s| s.is_decided_by(slot));
                test.depends_on(slot) || then.is_decided_by(slot) || other
            }
            Step::Block(block) => {
                let mut turns = block.turns.iter();
                block.count.depends_on(slot)
                    || turns.any(|own| own.from.depends_on(slot) || own.to.depends_on(slot))
            }
        }
    }

    /// The same with the value of a variable.
    fn with(&self, slot: usize, value: i64) -> Step {
        let of = |expr: &Expr| expr.with(slot, value);
        let inside = |step: &Step| Box::new(step.with(slot, value));
        match self {
            Step::Seq(steps) => {
                let steps = steps.iter().map(|step| step.with(slot, value));
                Step::Seq(steps.filter(|step| !step.is_empty()).collect())
            }
            Step::Let {
                slot: own,
                value: named,
                body,
            } => Step::Let {
                slot: *own,
                value: of(named),
                body: inside(body),
            },
            Step::Loop {
                slot: own,
                from,
                to,
                step,
                body,
            } => Step::Loop {
                slot: *own,
                from: of(from),
                to: of(to),
                step: *step,
                body: inside(body),
            },
            Step::When {
                test,
                then,
                otherwise,
            } => Step::When {
                test: test.with(slot, value),
                then: inside(then),
                otherwise: otherwise.as_ref().map(|step| inside(step)),
            },
            Step::Block(block) => Step::Block(block.with(&of)),
        }
    }

    /// Whether it is known to do nothing.
    fn is_empty(&self) -> bool {
        let none = |from: &Expr, to: &Expr| matches!((from, to), (Expr::Const(from), Expr::Const(to)) if to <= from);
        match self {
            Step::Seq(steps) => steps.is_empty(),
            Step::Let { body, .. } => body.is_empty(),
            Step::Loop { from, to, body, .. } => none(from, to) || body.is_empty(),
            Step::When { .. } => false,
            Step::Block(Block { turns, count, .. }) => {
                none(&Expr::Const(0), count) || turns.iter().any(|own| none(&own.from, &own.to))
            }
        }
    }
}
