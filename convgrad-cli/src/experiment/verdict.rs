//! Whether the methods agree with the definition.

use super::ShapeFindings;

/// The largest relative error that f32 may have.
const F32: f64 = 1e-5;
/// The same for the Cube, whose factors are f16.
const F16: f64 = 2e-3;

/// What is off, a line each.
pub(crate) fn wrong(shapes: &[ShapeFindings]) -> Vec<String> {
    let mut wrong = Vec::new();
    for shape in shapes {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::experiment::Figure;
    use crate::shapes;
    use crate::trial::Errors;

    #[test]
    fn errors_beyond_the_limit_and_nan_are_wrong() {
        let of = |method, forward, dx, dk| ShapeFindings {
            shape: shapes::load("paper").unwrap().shapes.remove(1),
            flops: 1,
            forward: Figure::default(),
            methods: BTreeMap::new(),
            relative_errors: [(method, Errors { forward, dx, dk })].into(),
            cube_tiles: Default::default(),
        };
        assert!(wrong(&[of("fused", 1e-6, 0.0, 9e-6), of("cube", 1e-3, 1e-3, 1e-3)]).is_empty());
        let found = wrong(&[of("fused", 2e-5, 0.0, f64::NAN), of("cube", 0.0, 3e-3, 0.0)]);
        assert_eq!(found.len(), 3);
        assert_eq!(
            found[0],
            "shape 2 (32→16 1×1 @112×112), fused, forward: relative error 2.0e-5, allowed 1e-5"
        );
    }
}
