//! Twenty converters of the library in one `convgrad!`, of every kind: what they add to the time of a debug build.
//!
//! `touch examples/twenty_converters.rs && time cargo build --example twenty_converters`
//!
//! To compare, the same file without them: `touch` it again, then
//! `time cargo rustc --example twenty_converters -- --cfg without_converters`. The difference is what they cost.

#![allow(unexpected_cfgs)] // Only the second command names it.

#[cfg(not(without_converters))]
convgrad::convgrad! {
    use std::{nchw_to_nhwc, nhwc_to_nchw, nchw_to_nc1hwc0, nc1hwc0_to_nchw, nchw_to_fractal_z, fractal_z_to_nchw};
    use std::{nd_to_nz, nd_to_zz, split_heads, transpose, hflip, pad, subsample, upsample_zeros};
    use std::{space_to_depth_dcr, pixel_shuffle, patchify, window_partition, im2col, col2im};
}

#[cfg(not(without_converters))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transpose = Transpose::new(2, 3)?;
    let mut turned = [0.0f32; 6];
    transpose.convert(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut turned)?;
    println!("{turned:?}");
    Ok(())
}

#[cfg(without_converters)]
fn main() {}
