//! Running the command, and array files made by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a run of the command gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the exit code, and that stderr says each of some words (and nothing of a panic).
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}` in {}", self.stderr);
        }
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn succeeds(&self) -> &Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A folder in which a test runs the command.
pub(crate) struct Folder {
    path: PathBuf,
    /// Removed with its owner, if it is the test's own.
    _own: Option<TempDir>,
}

impl Folder {
    /// A new folder.
    pub(crate) fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        Folder {
            path: own.path().to_owned(),
            _own: Some(own),
        }
    }

    /// A folder that is there already.
    pub(crate) fn at(path: PathBuf) -> Self {
        Folder { path, _own: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.file(name), content).unwrap();
    }

    /// The names of the files in the folder, sorted; hidden ones too.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs the command here; the arguments are separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Outcome {
        let output = Command::new(env!("CARGO_BIN_EXE_convgrad"))
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .output()
            .unwrap();
        Outcome {
            code: output.status.code().expect("an exit code, not a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// An array file of version 1.0 with any header text and any data.
pub(crate) fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut text = header.to_owned();
    while !(10 + text.len() + 1).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

/// The header text of a plain array.
pub(crate) fn header(descriptor: &str, shape: &[usize]) -> String {
    let extents: String = shape.iter().map(|extent| format!("{extent}, ")).collect();
    format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({extents}), }}")
}

/// An array of f32.
pub(crate) fn npy_f32(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    npy(&header("<f4", shape), &data)
}

/// An array of f64.
pub(crate) fn npy_f64(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    npy(&header("<f8", shape), &data)
}

/// The header text and the data of an array file.
pub(crate) fn parts(path: &Path) -> (String, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let (header, data) = bytes[10..].split_at(length);
    (String::from_utf8(header.to_vec()).unwrap(), data.to_vec())
}

/// The data of an array of f32.
pub(crate) fn read_f32(path: &Path) -> Vec<f32> {
    let (header, data) = parts(path);
    assert!(header.contains("'<f4'"), "{header}");
    data.chunks(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// The data of an array of f64.
pub(crate) fn read_f64(path: &Path) -> Vec<f64> {
    let (header, data) = parts(path);
    assert!(header.contains("'<f8'"), "{header}");
    data.chunks(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect()
}

/// Numbers that are never 0 and differ from place to place.
pub(crate) fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
            if value == 0.0 { 0.5 } else { value }
        })
        .collect()
}

/// The norm of the difference over the norm of `expected`.
pub(crate) fn relative_error(found: impl IntoIterator<Item = f64>, expected: &[f64]) -> f64 {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| {
        values.map(|value| value * value).sum::<f64>().sqrt()
    };
    let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    // A gradient may be zero as a whole, where every window lies in the padding.
    if difference == 0.0 {
        return 0.0;
    }
    difference / norm(&mut expected.iter().copied())
}
