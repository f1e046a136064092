//! A loop whose iterations threads may share, and how they are cut into stretches of the output.

/// Elements of the output that a stretch has at least.
const STRETCH: u64 = 1 << 14;
/// Stretches for each thread, so that one which is held up has less to do.
const STRETCHES: u64 = 4;
/// Iterations that a stretch has at least where neighbours in the input lie in different ones, for squares of a transposition to
/// stay whole, unless a thread had nothing to do then.
const TOGETHER: u64 = 64;
/// Elements between two places of the input that are as good as neighbours.
const NEAR: u64 = 8;
/// Elements of the input that lie together in a stretch at least, where it goes on along the loop and the output does not, unless
/// a thread had nothing to do then: fewer are over before the processor fetches them ahead.
const ON: u64 = 1 << 13;
/// Bytes of a line of memory: stretches hold whole ones, counted from the first one's beginning.
const LINE: usize = 64;

/// A loop that may be shared by threads.
pub(super) struct Outermost {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) by: usize,
    /// By how much a step of 1 moves the output,
    pub(super) output: i64,
    /// and the input.
    pub(super) input: i64,
    /// The lowest place that the first turn writes.
    pub(super) low: i64,
}

impl Outermost {
    /// How often it runs.
    pub(super) fn turns(&self) -> u64 {
        match self.from < self.to {
            true => self.to.abs_diff(self.from).div_ceil(self.by as u64),
            false => 0,
        }
    }

    /// Whether the loops inside are better shared: one turn has work for all threads, and there are not enough turns for each
    /// thread to get about as many.
    pub(super) fn has_too_few(&self, threads: u64) -> bool {
        let turns = self.turns();
        let long = self.output.unsigned_abs() >= STRETCHES * threads * STRETCH;
        turns == 1 || (turns < STRETCHES * threads && !turns.is_multiple_of(threads) && long)
    }
}

/// How the iterations of a loop are cut into stretches of the output.
pub(super) struct Stretches {
    /// Where in the output the first one begins, and where the last one ends.
    pub(super) low: usize,
    pub(super) end: usize,
    /// The elements of each but the last,
    pub(super) length: usize,
    /// and its iterations.
    pub(super) iterations: u64,
}

impl Stretches {
    /// The stretches of elements of the type `T` for so many threads; None where an iteration has no stretch.
    pub(super) fn new<T>(outermost: &Outermost, threads: u64) -> Option<Self> {
        let stride = u64::try_from(outermost.output).ok()?;
        let stride = stride.checked_mul(outermost.by as u64)?;
        let turns = outermost.turns();
        if stride == 0 || turns == 0 {
            return None;
        }
        let mut iterations = turns.div_ceil(STRETCHES * threads).max(STRETCH / stride);
        let together = match outermost.input.unsigned_abs() {
            0..=NEAR if stride > NEAR => TOGETHER,
            input if input > NEAR && input < outermost.output.unsigned_abs() => ON / input,
            _ => 1,
        };
        iterations = iterations.max(together.min(turns.div_ceil(threads)));
        let line = (LINE / size_of::<T>().max(1)).max(1) as u64;
        let whole_lines = line / (1 << stride.trailing_zeros()).min(line);
        if whole_lines <= iterations {
            iterations = iterations.next_multiple_of(whole_lines);
        }
        let low = usize::try_from(outermost.low).ok()?;
        let elements = |turns: u64| usize::try_from(stride.checked_mul(turns)?).ok();
        Some(Stretches {
            low,
            end: low.checked_add(elements(turns)?)?,
            length: elements(iterations.max(1))?,
            iterations: iterations.max(1),
        })
    }
}
