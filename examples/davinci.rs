//! A convolution and its gradients in the DaVinci formats: NCHW is packed by formulas, convolved, and compared.
//!
//! `cargo run --release --example davinci`

use convgrad::conv::Conv2d;
use convgrad::convgrad;
use convgrad::ndarray::{Array4, Array5, ArrayBase, Data, Dimension};

convgrad! {
    /// Activations into blocks of sixteen channels; lanes without a channel are zero.
    converter to_nc1hwc0<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
        Y[n, c1, h, w, c0] = X[n, c1*16 + c0, h, w] else 0;
    }

    /// And back: the lanes without a channel are dropped.
    converter to_nchw<N, C, H, W>(Y[N, ceil(C/16), H, W, 16]) -> X[N, C, H, W] {
        X[n, c, h, w] = Y[n, c/16, h, w, c%16];
    }

    /// Kernels into fractals of 16 x 16, in the order in which the Cube takes them.
    converter to_fractal_z<K, C, R, S>(W[K, C, R, S]) -> Z[ceil(C/16)*R*S, ceil(K/16), 16, 16] {
        Z[f, k1, k0, c0] = W[k1*16 + k0, f/(R*S)*16 + c0, f/S%R, f%S] else 0;
    }

    /// The first convolution of a network.
    convolution stem {
        input NC1HWC0, kernel FRACTAL_Z, output NC1HWC0,
        stride 2, padding 1,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (input, kernel) = ([2, 20, 9, 11], [24, 3, 3]);
    let geometry = stem::geometry(input, kernel)?;
    let x = wave(input);
    let k = wave([24, 20, 3, 3]);

    let x5 = ToNc1hwc0::new(2, 20, 9, 11)?.convert_array(&x)?;
    let kz = ToFractalZ::new(24, 20, 3, 3)?.convert_array(&k)?;
    println!("X {:?} is {:?} in NC1HWC0", x.shape(), x5.shape());
    println!("K {:?} is {:?} in FRACTAL_Z", k.shape(), kz.shape());

    let y5: Array5<f32> = stem::forward(&geometry, &x5, &kz)?;
    let dx5: Array5<f32> = stem::backward_input(&geometry, &kz, &y5)?;

    let plain = Conv2d::builder(input, [24, 20, 3, 3])
        .stride(2)
        .padding(1)
        .build()?;
    let y = plain.forward(&x, &k)?;
    let dx = plain.backward_input(&k, &y)?;

    let [_, channels, rows, columns] = plain.output_shape();
    let y_back = ToNchw::new(2, channels, rows, columns)?.convert_array(&y5)?;
    let dx_back = ToNchw::new(2, 20, 9, 11)?.convert_array(&dx5)?;
    println!("forward differs from NCHW by {:.1e}", distance(&y, &y_back));
    println!("dX differs from NCHW by {:.1e}", distance(&dx, &dx_back));
    Ok(())
}

/// Something that is different everywhere.
fn wave(shape: [usize; 4]) -> Array4<f32> {
    let mut at = 0.0f32;
    Array4::from_shape_simple_fn(shape, || {
        at += 1.0;
        (at * 0.37).sin()
    })
}

/// The norm of the difference over the norm.
fn distance<A, B, D>(a: &ArrayBase<A, D>, b: &ArrayBase<B, D>) -> f32
where
    A: Data<Elem = f32>,
    B: Data<Elem = f32>,
    D: Dimension,
{
    let norm = |sum: f32| sum.sqrt();
    let difference = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    norm(difference) / norm(a.iter().map(|a| a * a).sum())
}
