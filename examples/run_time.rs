//! Formulas that come from somewhere else: compiled, checked and run without compiling Rust.
//!
//! `cargo run --release --features program --example run_time`

use convgrad::ndarray::{ArrayD, IxDyn};
use convgrad::{Converter, Program};

const FORMULAS: &str = "
    // Depth to space: R x R channels become R x R pixels.
    converter pixel_shuffle<C, H, W, R>(X[C*R*R, H, W]) -> Y[C, H*R, W*R] requires R >= 1 {
        Y[c, h, w] = X[c*R*R + h%R*R + w%R, h/R, w/R];
    }
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = Program::compile(FORMULAS)?;
    let formula = program.converter("pixel_shuffle")?;
    let x = ArrayD::from_shape_fn(IxDyn(&[4, 2, 3]), |at| at[0] * 100 + at[1] * 10 + at[2]);

    // C, H and W follow from the shape of x once R is given.
    let shuffle = formula.instance(x.shape(), &[("R", 2)])?;
    println!("{}", shuffle.convert_array(&x)?);

    // A mistake is explained, not executed.
    let mistake = FORMULAS.replace("h/R, w/R", "h/R + 1, w/R");
    if let Err(diagnostics) = Program::compile(mistake) {
        println!("{diagnostics}");
    }
    Ok(())
}
