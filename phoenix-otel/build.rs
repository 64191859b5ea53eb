//! Compresses the files of the live page, as which they are in the program and, mostly, sent.

#[cfg(feature = "page")]
#[path = "src/export/gzip.rs"]
mod gzip;

#[cfg(feature = "page")]
fn main() {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    const ASSETS: &str = "src/page/assets";

    println!("cargo::rerun-if-changed={ASSETS}");
    println!("cargo::rerun-if-changed=src/export/gzip.rs");
    let variable = |name| PathBuf::from(env::var_os(name).expect("cargo sets it"));
    let (source, out) = (variable("CARGO_MANIFEST_DIR").join(ASSETS), variable("OUT_DIR").join("assets"));
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(out.join(&folder)).expect("cargo's folder can be written");
        for entry in fs::read_dir(source.join(&folder)).expect("the package has the files of the page") {
            let entry = entry.expect("the package can be read");
            let path = folder.join(Path::new(&entry.file_name()));
            if entry.path().is_dir() {
                folders.push(path);
            } else {
                let file = fs::read(entry.path()).expect("the package can be read");
                fs::write(out.join(&path), gzip::gzip(&file)).expect("cargo's folder can be written");
            }
        }
    }
}

#[cfg(not(feature = "page"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
