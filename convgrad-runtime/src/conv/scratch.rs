//! Buffers that a context keeps from one computation to the next, so that their pages need not be fetched and cleared each time.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::buffer::filled;
use crate::element::Element;
use crate::error::Result;

/// How many buffers are kept at most.
const KEPT: usize = 8;

/// The buffers that are not in use, and how much is.
#[derive(Default)]
pub(crate) struct Scratch {
    kept: Mutex<Vec<Box<dyn Any + Send>>>,
    /// Bytes of the buffers in use, and the most that they ever were.
    used: AtomicUsize,
    peak: AtomicUsize,
}

/// A buffer in use, of arbitrary contents at first. It goes back to its pool when it is dropped.
pub(crate) struct Buffer<T: Element> {
    data: Vec<T>,
    len: usize,
    pool: Arc<Scratch>,
}

/// A tensor to read: the caller's where it can be used as it is, a buffer of our own where it had to be made.
pub(crate) enum Operand<'a, T: Element> {
    /// The caller's.
    Lent(&'a [T]),
    /// Our own.
    Made(Buffer<T>),
}

impl<T: Element> Deref for Operand<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Operand::Lent(tensor) => tensor,
            Operand::Made(buffer) => buffer,
        }
    }
}

impl Scratch {
    /// The most bytes that were in use at once.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// The smallest kept buffer that is long enough, or a new one; `what` names it in the error.
    pub(crate) fn take<T: Element>(
        self: &Arc<Self>,
        what: &'static str,
        len: usize,
    ) -> Result<Buffer<T>> {
        let kept = {
            let mut pool = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fits = |entry: &Box<dyn Any + Send>| {
                entry
                    .downcast_ref::<Vec<T>>()
                    .map(Vec::len)
                    .filter(|&kept| kept >= len)
            };
            let best = (0..pool.len())
                .filter_map(|i| Some((fits(&pool[i])?, i)))
                .min();
            best.and_then(|(_, i)| pool.swap_remove(i).downcast::<Vec<T>>().ok())
        };
        let data = match kept {
            Some(data) => *data,
            None => filled(what, &[len], T::default())?,
        };
        let bytes = len * size_of::<T>();
        let used = self.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.peak.fetch_max(used, Ordering::Relaxed);
        Ok(Buffer {
            data,
            len,
            pool: Arc::clone(self),
        })
    }
}

impl<T: Element> Drop for Buffer<T> {
    fn drop(&mut self) {
        let bytes = self.len * size_of::<T>();
        self.pool.used.fetch_sub(bytes, Ordering::Relaxed);
        let mut pool = self
            .pool
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The newest are the likeliest to be wanted again.
        if pool.len() == KEPT {
            pool.remove(0);
        }
        pool.push(Box::new(std::mem::take(&mut self.data)));
    }
}

impl<T: Element> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.data[..self.len]
    }
}

impl<T: Element> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[..self.len]
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back() {
        let pool = Arc::new(Scratch::default());
        let mut large = pool.take::<f32>("large", 100).unwrap();
        large[99] = 7.0;
        drop(large);
        drop(pool.take::<f64>("another type", 200).unwrap());
        let again = pool.take::<f32>("small", 100).unwrap();
        assert_eq!((again.len(), again[99]), (100, 7.0));
        // The kept one is in use, so that this is a new one.
        assert_eq!(pool.take::<f32>("second", 3).unwrap().to_vec(), [0.0; 3]);
    }

    #[test]
    fn the_peak_is_what_was_in_use_at_once() {
        let pool = Arc::new(Scratch::default());
        let (first, second) = (pool.take::<f32>("a", 10), pool.take::<f64>("b", 5));
        drop((first.unwrap(), second.unwrap()));
        drop(pool.take::<f32>("c", 15).unwrap());
        assert_eq!(pool.peak(), 80);
    }

    #[test]
    fn only_some_are_kept() {
        let pool = Arc::new(Scratch::default());
        let buffers: Vec<_> = (1..20)
            .map(|len| pool.take::<u8>("one of many", len).unwrap())
            .collect();
        drop(buffers);
        assert_eq!(pool.kept.lock().unwrap().len(), KEPT);
    }
}
