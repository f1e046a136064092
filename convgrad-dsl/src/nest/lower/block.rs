//! Last pass: which loops are blocks, that a kernel may run in any order.
//!
//! A loop whose body is one run, or one block, joins them if it moves both places by strides and changes nothing else. Several
//! runs in one loop become a block each, in the order of the runs: what is filled before it is read stays so. Where that
//! would go over more of the output than the caches hold, the loop is cut into strips.

use crate::nest::walk::{map_children, visit};
use crate::nest::{Node, Scalar, VarId, Variable};
use crate::sema::model::Size;

use super::build::seq;
use super::variable;

/// Elements of the output that several blocks may go over one after the other.
const STRIP: i64 = 1 << 14;

/// Turns of a loop that may stand inside of all others.
const SHORT: i64 = 32;

/// The node with its blocks named.
pub(super) fn blocks(node: Node, variables: &mut Vec<Variable>, sizes: &[Size]) -> Node {
    Blocks { variables, sizes }.node(node).0
}

struct Blocks<'v> {
    variables: &'v mut Vec<Variable>,
    /// Names that no variable may have.
    sizes: &'v [Size],
}

impl Blocks<'_> {
    /// The node, and whether a loop inside has become several blocks.
    fn node(&mut self, node: Node) -> (Node, bool) {
        match node {
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let (body, several) = self.node(*body);
                let around = Loop { var, from, to };
                if step == Scalar::Const(1) && several && around.is_short() && sinks(&body, var) {
                    return (around.sunk(body), true);
                }
                let parts = match body {
                    Node::Seq(parts) => parts,
                    part => vec![part],
                };
                let joins = step == Scalar::Const(1) && parts.iter().all(|part| joins(part, var));
                match parts.len() {
                    1 if joins => (
                        seq(parts
                            .into_iter()
                            .map(|part| around.clone().block(part))
                            .collect()),
                        several,
                    ),
                    2.. if joins && !several => (self.strips(around, parts), true),
                    _ => {
                        let body = Box::new(seq(parts));
                        (around.repeat(step, body), several)
                    }
                }
            }
            other => {
                let mut any = false;
                let other = map_children(other, &mut |child| {
                    let (child, several) = self.node(child);
                    any |= several;
                    child
                });
                match other {
                    Node::Seq(parts) => (seq(parts), any),
                    other => (other, any),
                }
            }
        }
    }

    /// A block for each part, strip by strip if need be.
    fn strips(&mut self, around: Loop, parts: Vec<Node>) -> Node {
        let way = parts.iter().filter_map(|part| way(part, around.var)).max();
        let turns = match (&around.from, &around.to) {
            (Scalar::Const(from), Scalar::Const(to)) => to.checked_sub(*from),
            _ => None,
        };
        let span = turns
            .zip(way)
            .and_then(|(turns, way)| turns.checked_mul(way));
        if span.is_some_and(|span| span <= STRIP) {
            return seq(parts
                .into_iter()
                .map(|part| around.clone().block(part))
                .collect());
        }
        // Rows of unknown length are taken to be of some hundred elements.
        let strip = (STRIP / way.unwrap_or(256).max(1)).clamp(8, 4096);
        let mut name = format!("{}_strip", self.variables[around.var.0 as usize].name);
        while self.sizes.iter().any(|size| size.name.text == name) {
            name.push('_');
        }
        let known = self.variables.iter().position(|own| own.name == name);
        let at = known.unwrap_or_else(|| {
            self.variables.push(variable(name));
            self.variables.len() - 1
        });
        let outer = VarId(u32::try_from(at).unwrap_or(u32::MAX));
        let first = Scalar::Var(outer);
        let end = first.clone().plus(Scalar::Const(strip));
        let inner = Loop {
            var: around.var,
            from: first,
            to: Scalar::Min(vec![end, around.to.clone()]),
        };
        let blocks = parts.into_iter().map(|part| inner.clone().block(part));
        let body = Box::new(seq(blocks.collect()));
        Loop {
            var: outer,
            ..around
        }
        .repeat(Scalar::Const(strip), body)
    }
}

#[derive(Clone)]
struct Loop {
    var: VarId,
    from: Scalar,
    to: Scalar,
}

impl Loop {
    fn repeat(self, step: Scalar, body: Box<Node>) -> Node {
        let Loop { var, from, to } = self;
        Node::Loop {
            var,
            from,
            to,
            step,
            body,
        }
    }

    /// Whether it has so few turns that it may stand inside of all others, and what several blocks go over stays in the caches.
    fn is_short(&self) -> bool {
        let turns = match (&self.from, &self.to) {
            (Scalar::Const(from), Scalar::Const(to)) => to.checked_sub(*from),
            _ => None,
        };
        turns.is_some_and(|turns| turns <= SHORT)
    }

    /// The loop inside of those of a node for which [`sinks`] holds, around each of its blocks.
    fn sunk(self, node: Node) -> Node {
        match node {
            node @ Node::Loop { .. } => map_children(node, &mut |body| self.clone().sunk(body)),
            Node::Seq(parts) => seq(parts
                .into_iter()
                .map(|part| self.clone().sunk(part))
                .collect()),
            part => self.block(part),
        }
    }

    /// The loop around a run or a block, as one block.
    fn block(self, part: Node) -> Node {
        let inside = match part {
            Node::Block(inside) => inside,
            run => Box::new(run),
        };
        Node::Block(Box::new(self.repeat(Scalar::Const(1), inside)))
    }
}

/// Whether a loop over a variable may stand inside of the loops of a node: it moves their blocks, and changes nothing else.
fn sinks(node: &Node, var: VarId) -> bool {
    match node {
        Node::Loop {
            from,
            to,
            step,
            body,
            ..
        } => {
            let limits = [from, to, step];
            let mut limits = limits.into_iter();
            limits.all(|limit| !limit.any(&mut |inner| *inner == Scalar::Var(var)))
                && sinks(body, var)
        }
        Node::Seq(parts) => parts.iter().all(|part| sinks(part, var)),
        part => joins(part, var),
    }
}

/// Whether a loop over a variable does nothing to a part but to move its places by strides.
fn joins(part: &Node, var: VarId) -> bool {
    let mut moves = matches!(part, Node::Copy { .. } | Node::Fill { .. } | Node::Block(_));
    visit(part, &mut |scalar| {
        moves &= !scalar.any(&mut |inner| *inner == Scalar::Var(var));
    });
    moves
}

/// By how many elements of the output a variable moves a part; None if that depends on sizes.
fn way(part: &Node, var: VarId) -> Option<i64> {
    match part {
        Node::Block(inside) => way(inside, var),
        Node::Loop { body, .. } => way(body, var),
        Node::Copy { output, .. } | Node::Fill { output, .. } => {
            let mut terms = output.start.terms.iter();
            match terms.find(|(id, _)| *id == var) {
                Some((_, Scalar::Const(stride))) => Some(stride.saturating_abs()),
                Some(_) => None,
                None => Some(0),
            }
        }
        _ => None,
    }
}
