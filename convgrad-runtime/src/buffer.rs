//! Room for tensors: an allocation that fails is an error, not an abort.

use crate::element::Element;
use crate::error::{Error, Result, Text};

/// A tensor of one value; `tensor` names it in the error.
pub(crate) fn filled<T: Copy>(
    tensor: impl Into<Text>,
    shape: &[usize],
    value: T,
) -> Result<Vec<T>> {
    let len = (shape.iter()).try_fold(1usize, |len, &extent| len.checked_mul(extent));
    let mut data = Vec::new();
    match len {
        Some(len) if data.try_reserve_exact(len).is_ok() => {
            data.resize(len, value);
            Ok(data)
        }
        _ => Err(Error::Memory {
            tensor: tensor.into(),
            bytes: len.and_then(|len| len.checked_mul(size_of::<T>())),
        }),
    }
}

/// A buffer of zeros.
///
/// # Errors
/// [`Error::Memory`] if there is no room for it.
pub(crate) fn zeros<T: Element>(tensor: &'static str, len: usize) -> Result<Vec<T>> {
    filled(tensor, &[len], T::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert_eq!(filled("t", &[2, 3], 7u8).unwrap(), [7; 6]);
        assert_eq!(filled("t", &[usize::MAX, 0], 7u8).unwrap(), []);
        let error = |bytes| Error::Memory {
            tensor: "t".into(),
            bytes,
        };
        assert_eq!(filled("t", &[usize::MAX, 2], 0.0f32), Err(error(None)));
        // Miri takes this for a mistake of ours.
        if !cfg!(miri) {
            assert_eq!(filled("t", &[1 << 62], 0u8), Err(error(Some(1 << 62))));
        }
    }
}
