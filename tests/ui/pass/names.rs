// Names that mean something else in Rust, constants of the same names, formulas inside functions and behind another path.
#![deny(warnings)]

mod renamed {
    pub use ::convgrad as layouts;
}

#[allow(dead_code, reason = "it only has to be in the way")]
const N: usize = 3;
#[allow(dead_code, non_upper_case_globals, reason = "as N")]
const x: i64 = 1;

convgrad::convgrad! {
    converter loop<N, x, type, self, None, T>(fill[N, x, type, self, None, T]) -> Y[T, None, self, type, x, N] {
        Y[match, y, in, cg, check, usize] = fill[usize, check, cg, in, y, match] else 0;
    }
}

convgrad::convgrad! {
    crate = crate::renamed::layouts;
    converter copied<N>(X[N]) -> Y[N] { Y[i] = X[i]; }
}

fn main() -> Result<(), convgrad::Error> {
    convgrad::convgrad! {
        converter inner<M>(X[M]) -> Y[M] { Y[i] = X[M - 1 - i]; }
    }
    let mut y = [0; 3];
    Inner::new(N)?.convert(&[1, 2, 3], &mut y)?;
    assert_eq!(y, [3, 2, 1]);
    Copied::new(3)?.convert(&[4, 5, 6], &mut y)?;
    assert_eq!(y, [4, 5, 6]);
    let mut y = [0; 6];
    Loop::new(1, 2, 1, 1, 3, 1)?.convert(&[1, 2, 3, 4, 5, 6], &mut y)?;
    assert_eq!(y, [1, 4, 2, 5, 3, 6]);
    Ok(())
}
