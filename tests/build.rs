//! The gRPC service of the tests and the messages of Prometheus' protobuf format, from their descriptions, without `protoc`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_source_info(true).open_files(["probe.proto"])?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR for a build script")?;
    fs::write(Path::new(&out).join("probe.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::compile_fds(compiler.file_descriptor_set())?;
    // From the repository prometheus/client_model, unchanged.
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.open_files(["metrics.proto"])?;
    tonic_prost_build::compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
