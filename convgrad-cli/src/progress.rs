//! How far a long command is: on stderr, on a terminal only, and only once a second has passed.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that appears when work turns out to take long, and goes away with its owner.
pub(crate) struct Progress {
    start: Instant,
    done: u64,
    steps: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work of a number of steps.
    pub(crate) fn new(steps: usize) -> Self {
        Progress {
            start: Instant::now(),
            done: 0,
            steps: steps as u64,
            bar: None,
        }
    }

    /// Says what comes next.
    pub(crate) fn next(&mut self, what: &str) {
        if self.bar.is_none() && self.start.elapsed() > Duration::from_secs(1) {
            let bar = ProgressBar::new(self.steps);
            if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            bar.set_position(self.done);
        }
        self.done += 1;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
