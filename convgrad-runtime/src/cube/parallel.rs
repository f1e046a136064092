//! Independent pieces of work on several threads; the results come in the order of the pieces, whatever the threads.

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// Applies `work` to every item, in parallel with the feature `rayon`.
#[cfg(feature = "rayon")]
pub(super) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    items.into_par_iter().map(work).collect()
}

/// Applies `work` to every item.
#[cfg(not(feature = "rayon"))]
pub(super) fn map<T, R>(items: Vec<T>, work: impl Fn(T) -> R) -> Vec<R> {
    items.into_iter().map(work).collect()
}
