//! Reading an array file.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use super::header::Header;
use super::{DType, Stored};
use crate::failure::{Failure, Result};
use crate::memory;

/// An array file whose header was read and fits the file's length.
#[derive(Debug)]
pub(crate) struct ArrayFile {
    path: PathBuf,
    header: Header,
    elements: usize,
    reader: BufReader<File>,
}

/// Opens an array file and checks its header.
pub(crate) fn open(path: &Path) -> Result<ArrayFile> {
    let metadata =
        fs::metadata(path).map_err(|error| Failure::file(path, format!("cannot read: {error}")))?;
    if !metadata.is_file() {
        return Err(Failure::file(path, "cannot read: not a regular file"));
    }
    let file =
        File::open(path).map_err(|error| Failure::file(path, format!("cannot read: {error}")))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let header = Header::read(&mut reader).map_err(|message| Failure::content(path, message))?;
    let elements =
        check_length(&header, metadata.len()).map_err(|message| Failure::content(path, message))?;
    Ok(ArrayFile {
        path: path.to_owned(),
        header,
        elements,
        reader,
    })
}

/// The number of elements, if the file has exactly as many bytes as they take.
fn check_length(header: &Header, file: u64) -> Result<usize, String> {
    let bytes = header
        .elements()
        .and_then(|elements| elements.checked_mul(header.dtype.bytes() as u64));
    let shape = describe(&header.shape);
    let (dtype, present) = (header.dtype, file.saturating_sub(header.data_offset));
    match bytes {
        None => Err(format!(
            "claims the shape {shape} of {dtype}, more than any file can hold"
        )),
        Some(needed) if needed > present => Err(format!(
            "is cut off: the shape {shape} of {dtype} takes {needed} bytes, but only {present} follow the header"
        )),
        Some(needed) if needed < present => Err(format!(
            "goes on after its array: the shape {shape} of {dtype} takes {needed} bytes, but {present} follow the header"
        )),
        // Every element has its bytes in the file, so the number fits where the bytes do.
        Some(needed) => usize::try_from(needed / header.dtype.bytes() as u64)
            .map_err(|_| format!("the shape {shape} is too large for this machine")),
    }
}

/// A shape as Python writes it: `(2, 3)`, `(5,)`.
pub(crate) fn describe(shape: &[usize]) -> String {
    let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
    match extents.as_slice() {
        [one] => format!("({one},)"),
        several => format!("({})", several.join(", ")),
    }
}

impl ArrayFile {
    /// The element type.
    pub(crate) fn dtype(&self) -> DType {
        self.header.dtype
    }

    /// The extents.
    pub(crate) fn shape(&self) -> &[usize] {
        &self.header.shape
    }

    /// The path as the user gave it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A failure that names this file.
    pub(crate) fn fault(&self, message: impl std::fmt::Display) -> Failure {
        Failure::content(&self.path, message)
    }

    /// Reads the elements, in C order whatever the order in the file.
    pub(crate) fn read<T: Stored>(mut self) -> Result<ArrayD<T>> {
        if T::DTYPE != self.header.dtype {
            return Err(self.fault(format!(
                "holds {}, where {} is needed",
                self.header.dtype,
                T::DTYPE
            )));
        }
        // A transposition needs room for both orders.
        let copies = if self.header.fortran { 2 } else { 1 };
        let bytes = self.elements as u128 * T::BYTES as u128 * copies;
        memory::ensure(bytes, &format!("reading {}", self.path.display()))?;
        let values = self.values::<T>()?;
        let shape = IxDyn(&self.header.shape).set_f(self.header.fortran);
        let array = ArrayD::from_shape_vec(shape, values).map_err(|error| {
            Failure::content(
                &self.path,
                format!("has the shape {}: {error}", describe(&self.header.shape)),
            )
        })?;
        Ok(match self.header.fortran {
            true => array.as_standard_layout().into_owned(),
            false => array,
        })
    }

    fn values<T: Stored>(&mut self) -> Result<Vec<T>> {
        let mut values = Vec::new();
        values
            .try_reserve_exact(self.elements)
            .map_err(|error| Failure::file(&self.path, error))?;
        let mut buffer = vec![0; T::BYTES * 4096];
        while values.len() < self.elements {
            let count = (self.elements - values.len()).min(4096);
            let bytes = &mut buffer[..count * T::BYTES];
            self.reader
                .read_exact(bytes)
                .map_err(|error| Failure::file(&self.path, format!("cannot read: {error}")))?;
            for element in bytes.chunks_exact_mut(T::BYTES) {
                if self.header.big_endian {
                    element.reverse();
                }
                match T::from_bytes(element) {
                    Some(value) => values.push(value),
                    None => {
                        let index = values.len();
                        let message = format!(
                            "element {index} is no {}: its byte is {}",
                            T::DTYPE,
                            element[0]
                        );
                        return Err(Failure::content(&self.path, message));
                    }
                }
            }
        }
        Ok(values)
    }
}
