//! Kernels that are prepared once give the bits of the passes that read them each time, and take no other geometry.

use super::*;

/// A prepared kernel's results, y and dx, in the layouts' own formats.
fn by_prepared<T: Float>(case: &Case<T>, cx: &Context, layout: Layout) -> [Vec<T>; 2] {
    let conv = &case.conv;
    let [x, kernel, dy] = case.in_formats(layout.formats(), [&case.x, &case.kernel, &case.dy]);
    let run = |prepared: Result<PreparedKernel<T>, crate::Error>, from: &[T], like: &[T]| {
        let mut to = vec![T::from_f64(f64::NAN); like.len()];
        prepared.unwrap().run(cx, from, &mut to).unwrap();
        to
    };
    [
        run(PreparedKernel::forward(conv, layout, &kernel), &x, &dy),
        run(
            PreparedKernel::backward_input(conv, layout, &kernel),
            &dy,
            &x,
        ),
    ]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn prepared_kernels_change_no_bit(conv in geometries(), seed in 0u64..1000) {
        let case = Case::<f32>::new(conv, seed);
        let cx = Context::single_threaded();
        for layout in LAYOUTS {
            let [y, dx, _] = case.run(&cx, Some(Method::Fused), layout.formats());
            prop_assert!(by_prepared(&case, &cx, layout) == [y, dx], "{layout:?}");
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn prepared_kernels_change_no_bit_of_deep_layers() {
    let conv = |input, kernel, stride, padding: usize| {
        let builder = Conv2d::builder(input, kernel).stride(stride);
        builder.padding(padding).build().unwrap()
    };
    let deep = [
        // The last dimension is all that a tile needs: such products are turned over once the kernel is prepared.
        conv([1, 320, 7, 7], [130, 320, 1, 1], 1, 0),
        conv([2, 960, 7, 7], [96, 960, 1, 1], 1, 0),
        conv([1, 96, 7, 7], [960, 96, 1, 1], 1, 0),
        conv([1, 200, 7, 7], [120, 200, 3, 3], 1, 1),
        conv([1, 130, 14, 14], [140, 130, 3, 3], 2, 1),
        conv([2, 300, 14, 14], [64, 300, 1, 1], 2, 0),
        conv([3, 40, 5, 5], [1000, 40, 5, 5], 1, 0),
    ];
    for conv in deep.into_iter().chain(large()) {
        let case = Case::<f32>::new(conv, 11);
        for layout in LAYOUTS {
            let [y, dx, _] = case.run(
                &Context::single_threaded(),
                Some(Method::Fused),
                layout.formats(),
            );
            for threads in [1, 2, 3] {
                let cx = Context::with_threads(threads).unwrap();
                let [found_y, found_dx] = by_prepared(&case, &cx, layout);
                assert!(found_y == y, "y, {threads} threads, {layout:?} {conv:?}");
                assert!(found_dx == dx, "dx, {threads} threads, {layout:?} {conv:?}");
            }
        }
    }
}

#[test]
fn a_prepared_kernel_is_for_one_geometry() {
    let conv = Conv2d::builder([1, 3, 5, 5], [2, 3, 3, 3]).build().unwrap();
    let error = PreparedKernel::forward(&conv, Layout::Nchw, &[0.0f32; 53]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the slice for the kernel holds 53 elements, but the shape [2, 3, 3, 3] needs 54"
    );
    let (cx, kernel) = (Context::default(), [1.0f32; 54]);
    let forward = PreparedKernel::forward(&conv, Layout::Nchw, &kernel).unwrap();
    // An input of another batch, and an output of another padding.
    let error = forward.run(&cx, &[0.0; 150], &mut [0.0; 18]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the slice for the input holds 150 elements, but the shape [1, 3, 5, 5] needs 75"
    );
    assert!(forward.run(&cx, &[0.0; 75], &mut [0.0; 50]).is_err());
    assert_eq!((forward.conv(), forward.bytes() >= 4 * 54), (&conv, true));
    let gradient = PreparedKernel::backward_input(&conv, Layout::Nchw, &kernel).unwrap();
    let error = gradient.run(&cx, &[0.0; 75], &mut [0.0; 18]).unwrap_err();
    assert!(
        error.to_string().contains("the output's gradient"),
        "{error}"
    );
    let arrays = forward.apply(&ndarray::Array4::<f32>::zeros((1, 3, 5, 6)));
    assert!(
        matches!(arrays, Err(crate::Error::Shape { .. })),
        "{arrays:?}"
    );

    let none = Conv2d::builder([0, 3, 5, 5], [2, 3, 3, 3]).build().unwrap();
    let nothing = PreparedKernel::forward(&none, Layout::Nchw, &kernel).unwrap();
    nothing.run(&cx, &[], &mut []).unwrap();
}
