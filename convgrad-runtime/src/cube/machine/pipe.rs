//! The pipes: queues that work side by side, each in order.

/// A pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pipe {
    /// Moves from L1 to L0A, L0B and UB.
    Mte1,
    /// Moves from global memory.
    Mte2,
    /// Moves from UB.
    Mte3,
    /// The cube unit.
    Cube,
    /// The vector unit.
    Vector,
    /// Moves from L0C to global memory, where a core has it.
    Fixp,
}

impl Pipe {
    /// All of them.
    pub const ALL: [Pipe; 6] = [
        Pipe::Mte1,
        Pipe::Mte2,
        Pipe::Mte3,
        Pipe::Cube,
        Pipe::Vector,
        Pipe::Fixp,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name in reports and files.
    pub fn name(self) -> &'static str {
        match self {
            Pipe::Mte1 => "mte1",
            Pipe::Mte2 => "mte2",
            Pipe::Mte3 => "mte3",
            Pipe::Cube => "cube",
            Pipe::Vector => "vector",
            Pipe::Fixp => "fixp",
        }
    }
}

/// How far a pipe is known to have come on every pipe: what happened before.
pub(crate) type Clock = [u32; Pipe::COUNT];

/// Everything that either of two knows.
pub(crate) fn join(clock: &mut Clock, other: &Clock) {
    for (own, other) in clock.iter_mut().zip(other) {
        *own = (*own).max(*other);
    }
}
