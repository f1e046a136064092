//! A kernel that is prepared once and used for many images: how long both ways take at a deep layer of a network.

use std::time::{Duration, Instant};

use convgrad::conv::{Context, Conv2d, Layout, Method, PreparedKernel, backward_input};

fn main() -> Result<(), convgrad::Error> {
    // ResNet-50's last 3 x 3 layer, an image at a time.
    let conv = Conv2d::builder([1, 512, 7, 7], [512, 512, 3, 3])
        .padding(1)
        .build()?;
    let number = |i: usize| (i % 17) as f32 - 8.0;
    let kernel: Vec<f32> = (0..512 * 512 * 9).map(number).collect();
    let dy: Vec<f32> = (0..512 * 49).map(number).collect();
    let (mut plain, mut prepared) = (vec![0.0; 512 * 49], vec![0.0; 512 * 49]);
    let (cx, layout) = (Context::single_threaded(), Layout::Nchw);

    let each_time =
        fastest(|| backward_input(&cx, &conv, Method::Fused, layout, &kernel, &dy, &mut plain))?;
    let once = PreparedKernel::backward_input(&conv, layout, &kernel)?;
    let many_times = fastest(|| once.run(&cx, &dy, &mut prepared))?;

    assert_eq!(plain, prepared, "the same bits");
    println!(
        "dX: {each_time:?} with the kernel as it is, {many_times:?} with {} KiB prepared",
        once.bytes() / 1024
    );
    Ok(())
}

/// The shortest of a few runs.
fn fastest(
    mut work: impl FnMut() -> Result<(), convgrad::Error>,
) -> Result<Duration, convgrad::Error> {
    let mut shortest = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        work()?;
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
