//! The header of an array file, held against what the file really has before anything is allocated for it.

use std::io::Read;

use ndarray_npy::npy::header::{Header as PythonHeader, Layout, ReadHeaderError};

use super::DType;

/// NumPy's own limit for a header that it does not trust.
const LONGEST: usize = 10_000;

/// A header has two brackets. Parsing takes time exponential in deeper nesting, which only a hostile header has.
const MOST_BRACKETS: usize = 8;

/// What a file says that it holds.
#[derive(Debug)]
pub(crate) struct Header {
    /// The element type.
    pub(crate) dtype: DType,
    /// Whether the most significant byte comes first.
    pub(crate) big_endian: bool,
    /// Whether the first axis moves fastest.
    pub(crate) fortran: bool,
    /// The extents.
    pub(crate) shape: Vec<usize>,
    /// Where the data starts.
    pub(crate) data_offset: u64,
}

impl Header {
    /// Reads a header; `reader` then stands at the data.
    pub(crate) fn read(reader: &mut impl Read) -> Result<Header, String> {
        let bytes = take(reader)?;
        let header =
            PythonHeader::from_reader(&mut bytes.as_slice()).map_err(|error| match error {
                ReadHeaderError::Io(error) => format!("its header cannot be read: {error}"),
                ReadHeaderError::Parse(error) => format!("its header is malformed: {error}"),
            })?;
        let descriptor = header.type_descriptor.to_string();
        let (dtype, big_endian) = parse_descriptor(descriptor.trim_matches(['\'', '"']))?;
        Ok(Header {
            dtype,
            big_endian,
            fortran: header.layout == Layout::Fortran,
            shape: header.shape,
            data_offset: bytes.len() as u64,
        })
    }

    /// How many elements there are; None if that is more than 64 bits can count.
    pub(crate) fn elements(&self) -> Option<u64> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        self.shape
            .iter()
            .try_fold(1_u64, |product, &extent| product.checked_mul(extent as u64))
    }
}

/// The bytes of the header, from the magic string to the newline.
fn take(reader: &mut impl Read) -> Result<Vec<u8>, String> {
    let short = |_| "is too short for a .npy file: its header is cut off".to_string();
    let mut bytes = vec![0; 8];
    reader.read_exact(&mut bytes).map_err(short)?;
    if &bytes[..6] != b"\x93NUMPY" {
        return Err("is not a .npy file: it does not start with \\x93NUMPY".into());
    }
    let version = bytes[6];
    let width = match version {
        1 => 2,
        2 | 3 => 4,
        _ => {
            return Err(format!(
                "has .npy format version {version}, but only versions 1 to 3 are known"
            ));
        }
    };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..width]).map_err(short)?;
    bytes.extend_from_slice(&length[..width]);
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(format!(
            "claims a header of {length} bytes; no array needs more than {LONGEST}"
        ));
    }
    let prefix = bytes.len();
    bytes.resize(prefix + length, 0);
    reader.read_exact(&mut bytes[prefix..]).map_err(short)?;
    let brackets = bytes[prefix..]
        .iter()
        .filter(|byte| b"([{".contains(byte))
        .count();
    if brackets > MOST_BRACKETS {
        return Err("has a header with more brackets than a plain array needs; structured types are not supported".into());
    }
    Ok(bytes)
}

/// The type and whether it is big-endian.
fn parse_descriptor(descriptor: &str) -> Result<(DType, bool), String> {
    let (order, code) = match descriptor.chars().next() {
        Some(order @ ('<' | '>' | '|' | '=')) => (order, &descriptor[1..]),
        _ => ('=', descriptor),
    };
    let dtype = DType::ALL.iter().find(|dtype| dtype.code() == code);
    match dtype {
        Some(&dtype) => Ok((dtype, order == '>')),
        None => {
            let known: Vec<&str> = DType::ALL.iter().map(|dtype| dtype.name()).collect();
            let what = match code.chars().next() {
                Some('O') => " (Python objects)",
                Some('c') => " (complex numbers)",
                Some('S' | 'U' | 'a') => " (strings)",
                Some('M' | 'm') => " (times)",
                _ => "",
            };
            Err(format!(
                "holds elements of type '{descriptor}'{what}; supported are {}",
                known.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Random;

    const GOOD: &[u8] =
        b"\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 20), }         \n";

    #[test]
    fn a_good_header() {
        let header = Header::read(&mut &GOOD[..]).unwrap();
        assert_eq!(
            (header.dtype, header.big_endian, header.fortran),
            (DType::F32, false, false)
        );
        assert_eq!(
            (header.shape.as_slice(), header.data_offset),
            (&[3, 20][..], GOOD.len() as u64)
        );
    }

    #[test]
    fn damaged_headers_are_errors_or_other_headers() {
        let mut random = Random::new(5);
        let mut below =
            |bound: usize| ((random.number() + 1.0) / 2.0 * bound as f32) as usize % bound;
        let (mut good, mut bad) = (0, 0);
        for _ in 0..20_000 {
            let mut bytes = GOOD.to_vec();
            for _ in 0..1 + below(3) {
                let at = below(bytes.len());
                match below(4) {
                    0 => bytes[at] = below(256) as u8,
                    1 => bytes[at] = b"0123456789()[]{}'\",:<>-_ "[below(25)],
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, bytes[below(bytes.len())]),
                }
            }
            match Header::read(&mut bytes.as_slice()) {
                Ok(header) => {
                    header.elements();
                    good += 1;
                }
                Err(message) => {
                    assert!(!message.is_empty());
                    bad += 1;
                }
            }
        }
        assert!(good > 10 && bad > 100, "{good} good, {bad} bad");
    }
}
