//! With what a convolution computes: its threads, and a watch for those who want to know where the time goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::scratch::{Buffer, Scratch};
use crate::element::Element;
use crate::error::{Error, Result};

/// Elements moved, or multiplications, below which work is not worth waking other threads.
#[cfg(feature = "rayon")]
const SHARED_WORK: usize = 1 << 14;

/// The threads of a computation and, while [`measure`](Context::measure) runs, the watch on its stages.
///
/// Results have the same bits on any number of threads. A context keeps the buffers of a computation for the next one, so that it is worth
/// keeping a context; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Context {
    threads: Threads,
    watch: Option<Arc<Watch>>,
    scratch: Arc<Scratch>,
}

#[derive(Clone, Debug, Default)]
enum Threads {
    /// The caller's own thread.
    #[cfg_attr(not(feature = "rayon"), default)]
    One,
    /// The rayon pool that the caller is in, or the global one.
    #[cfg(feature = "rayon")]
    #[default]
    Current,
    /// A pool of our own.
    #[cfg(feature = "rayon")]
    Pool(Arc<rayon::ThreadPool>),
}

/// A stage of a convolution, as the paper's breakdown names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Converters,
    Im2col,
    Gemm,
    Col2im,
}

/// How long each stage took, in wall-clock time; where the groups of a convolution are computed side by side, their times add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// The paper's converters: Strided, FlipRot, T_NC and T_NCf.
    pub converters: Duration,
    /// Building the matrix of the input's patches.
    pub im2col: Duration,
    /// Multiplying, with the moves of blocked layouts into and out of plain matrices.
    pub gemm: Duration,
    /// Adding the matrix of patches back into a tensor.
    pub col2im: Duration,
}

impl Stages {
    /// All stages together.
    pub fn total(&self) -> Duration {
        self.converters + self.im2col + self.gemm + self.col2im
    }
}

/// Nanoseconds per stage.
#[derive(Debug, Default)]
struct Watch([AtomicU64; 4]);

impl Context {
    /// One thread, the caller's.
    pub fn single_threaded() -> Self {
        Context {
            threads: Threads::One,
            ..Context::default()
        }
    }

    /// A pool of as many threads; without the feature `rayon` there is only ever one.
    ///
    /// # Errors
    /// [`Error::Threads`] if the number is 0 or the system does not grant the threads.
    pub fn with_threads(threads: usize) -> Result<Self> {
        let error = |reason: String| Error::Threads {
            threads,
            reason: reason.into(),
        };
        if threads == 0 {
            return Err(error("at least one is needed".into()));
        }
        #[cfg(feature = "rayon")]
        if threads > 1 {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|e| error(e.to_string()))?;
            return Ok(Context {
                threads: Threads::Pool(Arc::new(pool)),
                ..Context::default()
            });
        }
        Ok(Self::single_threaded())
    }

    /// How many threads compute.
    pub fn threads(&self) -> usize {
        match &self.threads {
            Threads::One => 1,
            #[cfg(feature = "rayon")]
            Threads::Current => rayon::current_num_threads(),
            #[cfg(feature = "rayon")]
            Threads::Pool(pool) => pool.current_num_threads(),
        }
    }

    /// Runs `work` with a context whose stages are timed, and says how long they took.
    pub fn measure<R>(&self, work: impl FnOnce(&Context) -> R) -> (R, Stages) {
        let watch = Arc::new(Watch::default());
        let result = work(&Context {
            watch: Some(Arc::clone(&watch)),
            ..self.clone()
        });
        let [converters, im2col, gemm, col2im] = [0, 1, 2, 3]
            .map(|stage: usize| Duration::from_nanos(watch.0[stage].load(Ordering::Relaxed)));
        (
            result,
            Stages {
                converters,
                im2col,
                gemm,
                col2im,
            },
        )
    }

    /// Runs `work` with a context of buffers of its own, and says how many bytes of them were in use at most at once, by all threads together.
    pub fn measure_scratch<R>(&self, work: impl FnOnce(&Context) -> R) -> (R, usize) {
        let cx = Context {
            scratch: Arc::new(Scratch::default()),
            ..self.clone()
        };
        let result = work(&cx);
        (result, cx.scratch.peak())
    }

    /// Runs `work`, whose parts are to share this context's threads.
    pub(crate) fn enter<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.threads {
            #[cfg(feature = "rayon")]
            Threads::Pool(pool) => pool.install(work),
            _ => work(),
        }
    }

    /// The context for so many operations: only the caller's thread where waking others takes longer than computing.
    pub(crate) fn suited_to(&self, operations: u64) -> Context {
        /// Some 40 microseconds of multiply-adds.
        const FEW: u64 = 1 << 22;
        let mut suited = self.clone();
        if operations < FEW {
            suited.threads = Threads::One;
        }
        suited
    }

    /// A buffer of arbitrary contents; `what` names it in the error.
    pub(crate) fn buffer<T: Element>(&self, what: &'static str, len: usize) -> Result<Buffer<T>> {
        self.scratch.take(what, len)
    }

    /// Runs a stage. Stages do not nest.
    pub(crate) fn stage<R>(&self, stage: Stage, work: impl FnOnce() -> R) -> R {
        let Some(watch) = &self.watch else {
            return work();
        };
        let start = Instant::now();
        let result = work();
        watch.0[stage as usize].fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        result
    }

    /// Applies `f` to every item, on several threads; the results come in the order of the items.
    pub(crate) fn map<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        f: impl Fn(T) -> R + Send + Sync,
    ) -> Vec<R> {
        #[cfg(feature = "rayon")]
        if items.len() > 1 && self.threads() > 1 {
            use rayon::prelude::*;
            return items.into_par_iter().map(f).collect();
        }
        items.into_iter().map(f).collect()
    }

    /// Calls `f` with each of `0..count`, on several threads if that is worth it.
    pub(crate) fn for_each(&self, count: usize, worth_sharing: bool, f: impl Fn(usize) + Sync) {
        #[cfg(feature = "rayon")]
        if worth_sharing && count > 1 && self.threads() > 1 {
            use rayon::prelude::*;
            return (0..count).into_par_iter().for_each(&f);
        }
        let _ = worth_sharing;
        (0..count).for_each(&f);
    }

    /// Calls `f` with the number and the contents of each chunk of `data`, on several threads if the `work` of all of them is worth it.
    pub(crate) fn for_each_chunk<T: Send>(
        &self,
        work: usize,
        data: &mut [T],
        chunk: usize,
        f: impl Fn(usize, &mut [T]) + Sync,
    ) {
        // An empty tensor may have chunks of no elements.
        if data.is_empty() {
            return;
        }
        #[cfg(feature = "rayon")]
        if work >= SHARED_WORK && data.len() > chunk && self.threads() > 1 {
            use rayon::prelude::*;
            return data
                .par_chunks_mut(chunk)
                .enumerate()
                .for_each(|(i, chunk)| f(i, chunk));
        }
        let _ = work;
        data.chunks_mut(chunk)
            .enumerate()
            .for_each(|(i, chunk)| f(i, chunk));
    }

    /// The same for work of several stages that can fail. Chunks have a thread each; a single chunk has all threads.
    ///
    /// # Errors
    /// One of those of `f`.
    pub(crate) fn try_for_each_chunk<T: Send>(
        &self,
        work: usize,
        data: &mut [T],
        chunk: usize,
        f: impl Fn(&Context, usize, &mut [T]) -> Result<()> + Sync,
    ) -> Result<()> {
        if data.len() <= chunk {
            return f(self, 0, data);
        }
        let alone = Context {
            threads: Threads::One,
            ..self.clone()
        };
        let error = std::sync::OnceLock::new();
        self.for_each_chunk(work, data, chunk, |i, chunk| {
            if let Err(e) = f(&alone, i, chunk) {
                let _ = error.set(e);
            }
        });
        error.into_inner().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_is_visited_once() {
        for cx in [
            Context::single_threaded(),
            Context::default(),
            Context::with_threads(3).unwrap(),
        ] {
            let mut data = vec![0usize; 5007];
            cx.enter(|| {
                cx.for_each_chunk(usize::MAX, &mut data, 1000, |i, chunk| {
                    chunk.iter_mut().for_each(|x| *x += i + 1)
                })
            });
            assert!(data.iter().enumerate().all(|(i, &x)| x == i / 1000 + 1));
        }
    }

    #[test]
    fn no_threads_are_an_error() {
        let error = Context::with_threads(0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot compute on 0 threads: at least one is needed"
        );
    }

    #[test]
    fn stages_are_timed() {
        let (result, stages) = Context::single_threaded().measure(|cx| {
            cx.stage(Stage::Gemm, || std::thread::sleep(Duration::from_millis(2)));
            7
        });
        assert_eq!(result, 7);
        assert!(stages.gemm >= Duration::from_millis(2));
        assert_eq!(stages.total(), stages.gemm);
    }
}
