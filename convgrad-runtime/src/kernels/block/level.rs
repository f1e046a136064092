//! Which vectors the processor has.

/// The vectors that a leaf is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// What every processor has.
    Portable,
    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits, with instructions for all sizes of elements.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this processor has, the best first.
    pub(super) fn all() -> impl Iterator<Item = Level> {
        let mut all = [None, None, Some(Level::Portable)];
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        {
            if is_x86_feature_detected!("avx2") {
                all[1] = Some(Level::Avx2);
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                {
                    all[0] = Some(Level::Avx512);
                }
            }
        }
        all.into_iter().flatten()
    }

    /// The best that this processor has.
    #[inline]
    pub(super) fn best() -> Level {
        Level::all().next().unwrap_or(Level::Portable)
    }
}
