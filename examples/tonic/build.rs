//! Generates the service without `protoc`, and keeps the descriptor set, which lists the methods.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).open_files(["library.proto"])?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR for a build script")?;
    fs::write(Path::new(&out).join("library.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
