//! Which vectors the processor has.

/// The vectors that a leaf is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// What every processor has.
    Portable,
    /// 256 bits, and halves as numbers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits, with instructions for all sizes of elements.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this processor has, the best first.
    pub(super) fn all() -> impl Iterator<Item = Level> {
        #[cfg(target_arch = "x86_64")]
        let vectors = {
            let has_256 =
                !cfg!(miri) && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("f16c");
            let has_512 = has_256
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            [
                has_512.then_some(Level::Avx512),
                has_256.then_some(Level::Avx2),
            ]
        };
        #[cfg(not(target_arch = "x86_64"))]
        let vectors = [None; 0];
        let all = vectors.into_iter().chain([Some(Level::Portable)]);
        all.flatten()
    }

    /// The best that this processor has.
    #[inline]
    pub(super) fn best() -> Level {
        Level::all().next().unwrap_or(Level::Portable)
    }
}
