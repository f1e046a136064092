//! Timing: medians of as many repetitions as a time budget allows.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How long a figure may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Repetitions go on for this long,
    pub(crate) seconds: f64,
    /// and until there are so many,
    pub(crate) repetitions: usize,
    /// but not beyond this, after the first.
    pub(crate) limit: f64,
}

impl Budget {
    /// For figures that are compared with others.
    pub(crate) const CAREFUL: Budget = Budget {
        seconds: 0.15,
        repetitions: 5,
        limit: 3.0,
    };

    /// For rough figures.
    pub(crate) const QUICK: Budget = Budget {
        seconds: 0.01,
        repetitions: 3,
        limit: 0.5,
    };
}

/// What repetitions took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// The median.
    pub(crate) median_ms: f64,
    /// The shortest.
    pub(crate) min_ms: f64,
}

/// Times `work`, once or twice unmeasured to warm up and then within the budget.
pub(crate) fn time<E>(
    budget: Budget,
    mut work: impl FnMut() -> Result<(), E>,
) -> Result<Timing, E> {
    Ok(alternate(budget, &mut work, || Ok(()))?.0)
}

/// Times two kinds of work in turns, so that whatever else the machine does slows both.
pub(crate) fn alternate<E>(
    budget: Budget,
    mut first: impl FnMut() -> Result<(), E>,
    mut second: impl FnMut() -> Result<(), E>,
) -> Result<(Timing, Timing), E> {
    let mut both =
        || -> Result<[f64; 2], E> { Ok([stopwatch(&mut first)?, stopwatch(&mut second)?]) };
    let start = Instant::now();
    both()?;
    // A warm-up that takes the whole budget needs no second one.
    if start.elapsed() < Duration::from_secs_f64(budget.seconds / 4.0) {
        both()?;
    }
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    let start = Instant::now();
    loop {
        let [first, second] = both()?;
        firsts.push(first);
        seconds.push(second);
        let spent = start.elapsed().as_secs_f64();
        let enough = spent >= budget.seconds && firsts.len() >= budget.repetitions;
        if enough || spent >= budget.limit {
            return Ok((summary(firsts), summary(seconds)));
        }
    }
}

/// The milliseconds that work takes.
fn stopwatch<E>(work: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
    let before = Instant::now();
    work()?;
    Ok(before.elapsed().as_secs_f64() * 1e3)
}

fn summary(mut times: Vec<f64>) -> Timing {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let median_ms = match times.len() % 2 {
        0 => (times[middle - 1] + times[middle]) / 2.0,
        _ => times[middle],
    };
    Timing {
        median_ms,
        min_ms: times[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(summary(vec![3.0, 1.0, 2.0]).median_ms, 2.0);
        assert_eq!(summary(vec![4.0, 1.0, 2.0, 3.0]).median_ms, 2.5);
        assert_eq!(summary(vec![4.0, 1.0, 2.0, 3.0]).min_ms, 1.0);
    }

    #[test]
    fn repetitions_follow_the_budget() {
        let mut calls = 0;
        let budget = Budget {
            seconds: 0.0,
            repetitions: 4,
            limit: 10.0,
        };
        let timing: Result<Timing, ()> = time(budget, || {
            calls += 1;
            Ok(())
        });
        assert_eq!(calls, 5, "one to warm up, four measured");
        assert!(timing.unwrap().min_ms >= 0.0);
        assert_eq!(time(budget, || Err("no")).unwrap_err(), "no");
    }
}
