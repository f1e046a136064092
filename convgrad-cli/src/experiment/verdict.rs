//! Whether the methods agree with the definition.

use super::Findings;

/// The largest relative error that f32 may have.
const F32: f64 = 1e-5;
/// The same for the Cube, whose factors are f16.
const F16: f64 = 2e-3;

/// What is off, a line each.
pub(crate) fn wrong(findings: &Findings) -> Vec<String> {
    let mut wrong = Vec::new();
    for shape in &findings.shapes {
        for (&method, errors) in &shape.relative_errors {
            let limit = if method == "cube" { F16 } else { F32 };
            for (what, error) in [
                ("forward", errors.forward),
                ("dX", errors.dx),
                ("dK", errors.dk),
            ] {
                if error.is_nan() || error > limit {
                    let name = &shape.shape.name;
                    wrong.push(format!("shape {name} ({}), {method}, {what}: relative error {error:.1e}, allowed {limit:.0e}", shape.shape));
                }
            }
        }
    }
    wrong
}
