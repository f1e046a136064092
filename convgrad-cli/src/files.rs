//! Output files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, Result};

/// Files that are written beside their places and moved there together, once all of them are complete.
///
/// Dropping this without [`Staged::publish`] removes what was written and leaves existing files as they were.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    files: Vec<StagedFile>,
}

/// One of them: as the user named it, where it goes with all links resolved, and what it will hold, once that is written.
#[derive(Debug)]
struct StagedFile {
    named: PathBuf,
    place: PathBuf,
    content: Option<NamedTempFile>,
}

/// A reserved file of a [`Staged`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot(usize);

impl Staged {
    /// No files yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes sure that `path` can be written, before any work is done for it.
    pub(crate) fn reserve(&mut self, path: &Path) -> Result<Slot> {
        let place = resolve(path).map_err(|error| cannot_write(path, &error))?;
        if place.exists() && !place.is_file() {
            return Err(Failure::file(
                path,
                "is not a regular file, so nothing is written to it",
            ));
        }
        if fs::metadata(&place).is_ok_and(|old| old.permissions().readonly()) {
            return Err(Failure::file(path, "cannot write: the file is read-only"));
        }
        if let Some(other) = self.files.iter().find(|file| file.place == place) {
            let other = other.named.display();
            return Err(Failure::file(
                path,
                format!("is the same file as {other}, but each output needs its own"),
            ));
        }
        // A trial that leaves nothing behind: the work may take long, and its user may lose patience.
        drop(beside(&place).map_err(|error| cannot_write(path, &error))?);
        self.files.push(StagedFile {
            named: path.to_owned(),
            place,
            content: None,
        });
        Ok(Slot(self.files.len() - 1))
    }

    /// Writes the content of a reserved file.
    pub(crate) fn write(
        &mut self,
        Slot(index): Slot,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result {
        let file = &mut self.files[index];
        let written = beside(&file.place).and_then(|mut content| {
            let mut buffer = BufWriter::new(content.as_file_mut());
            write(&mut buffer)?;
            buffer.flush()?;
            drop(buffer);
            Ok(content)
        });
        file.content = Some(written.map_err(|error| cannot_write(&file.named, &error))?);
        Ok(())
    }

    /// Moves every file to its place. Where one cannot be moved, those before it are taken back.
    pub(crate) fn publish(self) -> Result {
        let mut done = Vec::new();
        for StagedFile {
            named,
            place,
            content,
        } in self.files
        {
            // Reserved, but there was nothing to write.
            let Some(content) = content else { continue };
            let moved = set_aside(&place).and_then(|old| {
                if let Ok(old) = fs::metadata(&place) {
                    content.as_file().set_permissions(old.permissions())?;
                }
                content.persist(&place).map_err(|failed| failed.error)?;
                Ok(old)
            });
            match moved {
                Ok(old) => done.push((place, old)),
                Err(error) => {
                    take_back(done);
                    return Err(cannot_write(&named, &error));
                }
            }
        }
        Ok(())
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::file(path, format!("cannot write: {error}"))
}

/// The file behind all links; its folder must exist.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    // `Path` takes no notice of a slash at the end, by which the user names a folder.
    let bytes = path.as_os_str().as_encoded_bytes();
    let folder = bytes
        .last()
        .is_some_and(|&byte| std::path::is_separator(byte.into()));
    if folder && !path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path names a folder",
        ));
    }
    if let Ok(existing) = fs::canonicalize(path) {
        return Ok(existing);
    }
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Ok(fs::canonicalize(folder)?.join(name))
}

/// A new file in the folder of `place`, with the permissions of any other new file.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = place.parent().unwrap_or(Path::new("/"));
    // The error of `make_in` names the file beside the place, which the user does not know.
    let mut cause = None;
    tempfile::Builder::new()
        .prefix(".convgrad-")
        .make_in(folder, |path| {
            File::create_new(path).inspect_err(|error| cause = error.raw_os_error())
        })
        .map_err(|error| cause.map_or(error, io::Error::from_raw_os_error))
}

/// Keeps what stands at `place` under another name, for as long as the result lives. None if nothing stands there.
fn set_aside(place: &Path) -> io::Result<Option<tempfile::TempPath>> {
    if !place.exists() {
        return Ok(None);
    }
    let spare = beside(place)?.into_temp_path();
    fs::remove_file(&spare)?;
    // A link costs nothing; file systems without links get a copy.
    fs::hard_link(place, &spare).or_else(|_| fs::copy(place, &spare).map(drop))?;
    Ok(Some(spare))
}

/// Undoes moves as far as the file system lets us.
fn take_back(done: Vec<(PathBuf, Option<tempfile::TempPath>)>) {
    for (place, old) in done {
        let _ = match old {
            Some(old) => old.persist(&place).map_err(|failed| failed.error),
            None => fs::remove_file(&place),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one old file, and two outputs written but not yet published.
    fn prepare() -> (tempfile::TempDir, PathBuf, PathBuf, Staged) {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&a, "old").unwrap();
        let mut staged = Staged::new();
        for path in [&a, &b] {
            let slot = staged.reserve(path).unwrap();
            staged.write(slot, |out| out.write_all(b"new")).unwrap();
        }
        (folder, a, b, staged)
    }

    fn count(folder: &tempfile::TempDir) -> usize {
        fs::read_dir(folder.path()).unwrap().count()
    }

    #[test]
    fn all_files_appear() {
        let (folder, a, b, staged) = prepare();
        staged.publish().unwrap();
        assert_eq!(
            (fs::read(a).unwrap(), fs::read(b).unwrap()),
            (b"new".into(), b"new".into())
        );
        assert_eq!(count(&folder), 2);
    }

    #[test]
    fn nothing_is_left_of_what_is_not_published() {
        let (folder, a, _, staged) = prepare();
        drop(staged);
        assert_eq!((fs::read(a).unwrap(), count(&folder)), (b"old".into(), 1));
    }

    #[test]
    fn what_was_moved_is_taken_back() {
        let (folder, a, b, staged) = prepare();
        // A folder in the place of the second file is found only when that is moved.
        fs::create_dir(b).unwrap();
        assert!(matches!(staged.publish(), Err(Failure::Environment(_))));
        assert_eq!((fs::read(a).unwrap(), count(&folder)), (b"old".into(), 2));
    }

    #[test]
    fn errors_name_what_the_user_named() {
        let (folder, ..) = prepare();
        let refuse = |path: &Path| match Staged::new().reserve(path) {
            Err(Failure::Environment(message)) => message,
            other => panic!("{other:?}"),
        };
        let message = refuse(&folder.path().join("new/"));
        assert!(
            message.ends_with("new/: cannot write: the path names a folder"),
            "{message}"
        );
        assert!(refuse(&folder.path().join("a/")).contains("names a folder"));
        // Nobody may make files there, not even the superuser.
        if cfg!(target_os = "linux") {
            let message = refuse(Path::new("/proc/y.npy"));
            assert!(
                message.starts_with("/proc/y.npy: cannot write: "),
                "{message}"
            );
            assert!(!message.contains(".convgrad"), "{message}");
        }
    }

    #[test]
    fn reserving_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let mut staged = Staged::new();
        staged.reserve(&folder.path().join("y")).unwrap();
        assert_eq!(count(&folder), 0, "the user may interrupt the work");
        staged.publish().unwrap();
        assert_eq!(count(&folder), 0);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, a, _, staged) = prepare();
        let set = |mode| fs::set_permissions(&a, fs::Permissions::from_mode(mode)).unwrap();
        set(0o600);
        staged.publish().unwrap();
        assert_eq!(fs::read(&a).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&a).unwrap().permissions().mode() & 0o777,
            0o600
        );
        set(0o400);
        assert!(
            Staged::new().reserve(&a).is_err(),
            "read-only files stay as they are"
        );
        assert_eq!(count(&folder), 2);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut staged = Staged::new();
        let slot = staged.reserve(&link).unwrap();
        assert!(staged.reserve(&real).is_err(), "both are the same file");
        staged.write(slot, |out| out.write_all(b"new")).unwrap();
        staged.publish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(real).unwrap(), b"new");
    }
}
