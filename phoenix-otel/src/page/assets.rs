//! The files of the page: those in `assets/`, compressed by the build script.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use miniz_oxide::inflate::decompress_to_vec;

/// A file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    path: &'static str,
    pub(crate) content_type: &'static str,
    /// The file, compressed with gzip.
    pub(crate) gzip: &'static [u8],
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

macro_rules! assets {
    ($($path:literal: $content_type:ident, $file:literal;)*) => {
        /// All files.
        pub(super) static ASSETS: &[Asset] = &[$(Asset {
            path: $path,
            content_type: $content_type,
            gzip: include_bytes!(concat!(env!("OUT_DIR"), "/assets/", $file)),
        }),*];
    };
}

const ICON: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

assets! {
    "/": HTML, "index.html";
    "/page.css": STYLE, "page.css";
    "/page.js": SCRIPT, "page.js";
    "/call.js": SCRIPT, "call.js";
    "/calls.js": SCRIPT, "calls.js";
    "/configuration.js": SCRIPT, "configuration.js";
    "/data.js": SCRIPT, "data.js";
    "/dom.js": SCRIPT, "dom.js";
    "/format.js": SCRIPT, "format.js";
    "/metrics.js": SCRIPT, "metrics.js";
    "/openmetrics.js": SCRIPT, "openmetrics.js";
    "/overview.js": SCRIPT, "overview.js";
    "/plots.js": SCRIPT, "plots.js";
    "/processes.js": SCRIPT, "processes.js";
    "/icon.svg": ICON, "icon.svg";
    "/vendor/uPlot.iife.min.js": SCRIPT, "vendor/uPlot.iife.min.js";
    "/vendor/uPlot.min.css": STYLE, "vendor/uPlot.min.css";
    "/vendor/uPlot.LICENSE": TEXT, "vendor/uPlot.LICENSE";
}

/// The file with this path.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

impl Asset {
    /// The entity tag of the compressed or of the uncompressed file. It changes when the file changes.
    pub(crate) fn tag(&self, gzip: bool) -> String {
        // Equal in all processes of one build, because a browser may request the file from several of them.
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(self.gzip);
        format!("\"{hash:016x}{}\"", if gzip { "-gzip" } else { "" })
    }

    /// The uncompressed file, for the few clients that do not accept gzip.
    pub(crate) fn plain(&self) -> Vec<u8> {
        // Without the gzip header (it has no options), the checksum and the size.
        let data = self.gzip.get(10..self.gzip.len() - 8).unwrap_or_default();
        decompress_to_vec(data).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit on the compressed size of the whole page.
    const MAX_BYTES: usize = 150_000;

    #[test]
    fn the_page_is_small() {
        let all: usize = ASSETS.iter().map(|asset| asset.gzip.len()).sum();
        assert!((10_000..MAX_BYTES).contains(&all), "{all} bytes");
    }

    #[test]
    fn no_file_names_an_address_elsewhere() {
        for asset in ASSETS.iter().filter(|asset| !asset.path.starts_with("/vendor")) {
            let text = String::from_utf8(asset.plain()).unwrap();
            for (at, _) in text.match_indices("://") {
                let before = &text[..at];
                let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                let rest: String = text[at..].chars().take(40).collect();
                // The namespace of SVG is not an address.
                assert!(
                    !["http", "https", "ws"].contains(&scheme) || rest.starts_with("://www.w3.org/"),
                    "{}: {scheme}{rest}",
                    asset.path
                );
            }
        }
    }

    #[test]
    fn every_file_is_served_by_a_path() {
        let mut files = Vec::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/assets");
        let mut folders = vec![std::path::PathBuf::from(folder)];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(std::fs::read(path).unwrap()) }
            }
        }
        assert_eq!(files.len(), ASSETS.len());
        assert!(files.iter().all(|file| ASSETS.iter().any(|asset| asset.plain() == *file)));
    }
}
