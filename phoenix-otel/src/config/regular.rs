//! Reads files that must be regular ones.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The maximum size of a file with certificates, keys or tokens. All certificate authorities of a system are about 200 KiB.
pub(crate) const MAX_PEM_BYTES: u64 = 1 << 20;

/// How often a file that changes is read.
const ATTEMPTS: u32 = 3;

/// Reads a file, at most one byte more than `max`. `None` if it is not a regular file. A file that changes meanwhile is read again: its bytes could be
/// parts of two versions.
///
/// # Errors
///
/// The file cannot be read, or it changes each time.
pub(crate) fn read(path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    read_with(path, max, || ())
}

/// Calls `meanwhile` between two reads of the file.
fn read_with(path: &Path, max: u64, mut meanwhile: impl FnMut()) -> io::Result<Option<Vec<u8>>> {
    for _ in 0..ATTEMPTS {
        let Some(file) = open(path)? else { return Ok(None) };
        let version = || file.metadata().map(|metadata| (metadata.len(), metadata.modified().ok()));
        let before = version()?;
        let mut content = Vec::new();
        (&file).take(max + 1).read_to_end(&mut content)?;
        meanwhile();
        // Files of the kernel have no size.
        if version()? == before && (before.0 == 0 || content.len() as u64 == before.0.min(max + 1)) {
            return Ok(Some(content));
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "it changes while it is read"))
}

/// Opens a file. `None` if it is a directory, a pipe or a device: a pipe could block forever, and a device could be endless.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true);
    // Opening a pipe would block until somebody writes to it. Checking the path first does not help: the file can be replaced after the check.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    Ok(file.metadata()?.is_file().then_some(file))
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_read_is_read_again() {
        let path = std::env::temp_dir().join(format!("phoenix-otel-{}.changing", std::process::id()));
        std::fs::write(&path, "first").unwrap();
        let mut changes = 0;
        let mut read_while = |changed: u32, content: &str| {
            read_with(&path, 100, || {
                changes += 1;
                if changes <= changed {
                    std::fs::write(&path, content).unwrap();
                    // Two writes within a tick of the clock of the file system have one time.
                    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(changes.into());
                    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
                }
            })
        };
        assert_eq!(read_while(1, "other").unwrap().unwrap(), b"other");
        assert_eq!(read_while(4, "longer").unwrap().unwrap(), b"longer");
        let error = read_while(u32::MAX, "third").unwrap_err();
        assert_eq!(error.to_string(), "it changes while it is read");
        assert_eq!(read(&path, 3).unwrap().unwrap(), b"thir", "one byte more than the limit");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn only_regular_files_are_opened_and_a_pipe_does_not_block() {
        let pipe = std::env::temp_dir().join(format!("phoenix-otel-{}.regular", std::process::id()));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let opened = open(&pipe);
        std::fs::remove_file(&pipe).unwrap();
        assert!(opened.unwrap().is_none());
        for other in ["/dev/zero", "/"] {
            assert!(open(Path::new(other)).unwrap().is_none(), "{other}");
        }
        std::fs::write(&pipe, "text").unwrap();
        assert!(open(&pipe).unwrap().is_some());
        std::fs::remove_file(&pipe).unwrap();
        assert_eq!(open(&pipe).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
