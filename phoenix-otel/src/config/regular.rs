//! Opens files that must be regular ones.

use std::fs::File;
use std::io;
use std::path::Path;

/// The maximum size of a file with certificates, keys or tokens. All certificate authorities of a system are about 200 KiB.
pub(crate) const MAX_PEM_BYTES: u64 = 1 << 20;

/// Opens a file. `None` if it is a directory, a pipe or a device: a pipe could block forever, and a device could be endless.
pub(crate) fn open(path: &Path) -> io::Result<Option<File>> {
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
    use super::*;

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
