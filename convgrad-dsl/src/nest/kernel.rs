//! Which kernel moves a block or a run, and about how fast.

use super::{Node, Run, Scalar, VarId};
use crate::sema::model::{Conversion, Elements, Writes};

/// What a kernel finds inside of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Neighbours to neighbours.
    Rows,
    /// Neighbours to neighbours in the opposite order.
    Backwards,
    /// One element to neighbours.
    Repeats,
    /// Neighbours on one side are apart on the other, along two loops: squares are turned over in registers.
    Squares,
    /// Elements from places apart to neighbours.
    Lines,
    /// Elements to places apart.
    Scattered,
    /// Elements are added, in order.
    Sums,
    /// Places get one of the rule's numbers.
    Fills,
}

impl Kernel {
    /// The kernel of a block, a copy or a fill, as far as strides are numbers; None for other nodes.
    pub fn of(node: &Node) -> Option<Kernel> {
        let (mut loops, mut inside) = (Vec::new(), node);
        while let Node::Block(body) | Node::Loop { body, .. } = inside {
            if let Node::Loop { var, .. } = inside {
                loops.push(*var);
            }
            inside = body;
        }
        match inside {
            Node::Fill { .. } => Some(Kernel::Fills),
            Node::Copy {
                writes: Writes::Add,
                ..
            } => Some(Kernel::Sums),
            Node::Copy {
                count,
                output,
                input,
                ..
            } => {
                let run = (number(&output.stride), number(&input.stride));
                let mut ways = Vec::new();
                if *count != Scalar::Const(1) || loops.is_empty() {
                    ways.push(run);
                }
                let outer = loops
                    .iter()
                    .map(|var| (stride(output, *var), stride(input, *var)));
                ways.extend(outer);
                Some(Kernel::of_strides(&ways))
            }
            _ => None,
        }
    }

    fn of_strides(ways: &[(Option<i64>, Option<i64>)]) -> Kernel {
        let along_output = ways
            .iter()
            .find(|(output, _)| output.is_some_and(|n| n.abs() == 1));
        let Some((output, input)) = along_output else {
            return Kernel::Scattered;
        };
        match input.map(|n| n * output.unwrap_or(1)) {
            Some(1) => Kernel::Rows,
            Some(-1) => Kernel::Backwards,
            Some(0) => Kernel::Repeats,
            _ if ways
                .iter()
                .any(|(_, input)| input.is_some_and(|n| n.abs() == 1)) =>
            {
                Kernel::Squares
            }
            _ => Kernel::Lines,
        }
    }

    /// What it does, for readers.
    pub fn describe(self, elements: Option<Elements>) -> String {
        let moves = self.moves();
        let converts = elements.is_some_and(|own| own.conversion != Conversion::Same);
        match self {
            Kernel::Sums | Kernel::Fills => moves.to_owned(),
            _ if !converts => moves.to_owned(),
            Kernel::Rows => format!("{moves}, converted on the way"),
            Kernel::Scattered => format!("{moves}, converted one by one"),
            Kernel::Backwards | Kernel::Repeats | Kernel::Squares | Kernel::Lines => {
                format!("{moves}, into a buffer, and converted as they leave it")
            }
        }
    }

    fn moves(self) -> &'static str {
        match self {
            Kernel::Rows => "rows",
            Kernel::Backwards => "rows backwards",
            Kernel::Repeats => "elements repeated",
            Kernel::Squares => "squares turned over in registers",
            Kernel::Lines | Kernel::Scattered => "lines of single elements",
            Kernel::Sums => "sums",
            Kernel::Fills => "fills",
        }
    }

    /// About how many times as long as a plain copy it takes to move so many elements at once, in hundredths: what
    /// `bench convert` has measured of its kind. Beyond the caches, whole lines are written past them, which a copy is not.
    pub(super) fn cost(self, elements: i64) -> i64 {
        match self {
            Kernel::Rows if elements >= BEYOND_CACHES => 65,
            Kernel::Squares if elements >= BEYOND_CACHES => 80,
            Kernel::Rows | Kernel::Backwards => 105,
            Kernel::Repeats | Kernel::Fills => 100,
            Kernel::Squares => 120,
            Kernel::Lines | Kernel::Scattered | Kernel::Sums => 200,
        }
    }
}

/// Elements, of 4 bytes as most are, that are more than the caches hold.
const BEYOND_CACHES: i64 = 4 << 20;

/// By how much a loop moves a run; None if that depends on sizes.
fn stride(run: &Run, var: VarId) -> Option<i64> {
    let mut terms = run.start.terms.iter();
    match terms.find(|(id, _)| *id == var) {
        Some((_, stride)) => number(stride),
        None => Some(0),
    }
}

fn number(scalar: &Scalar) -> Option<i64> {
    match scalar {
        Scalar::Const(n) => Some(*n),
        _ => None,
    }
}
