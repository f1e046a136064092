//! Writing an array file.

use std::io::{self, Write};

use ndarray::ArrayViewD;
use ndarray_npy::npy::header::{Header, Layout};
use py_literal::Value;

use super::Stored;

/// Writes an array: little-endian, in C order.
pub(crate) fn write<T: Stored>(out: &mut dyn Write, array: ArrayViewD<'_, T>) -> io::Result<()> {
    let order = if T::BYTES == 1 { '|' } else { '<' };
    let header = Header {
        type_descriptor: Value::String(format!("{order}{}", T::DTYPE.code())),
        layout: Layout::Standard,
        shape: array.shape().to_vec(),
    };
    header.write(&mut *out).map_err(io::Error::other)?;
    let mut buffer = vec![0; T::BYTES * 4096];
    let mut filled = 0;
    for &value in &array {
        value.to_bytes(&mut buffer[filled..filled + T::BYTES]);
        filled += T::BYTES;
        if filled == buffer.len() {
            out.write_all(&buffer)?;
            filled = 0;
        }
    }
    out.write_all(&buffer[..filled])
}
