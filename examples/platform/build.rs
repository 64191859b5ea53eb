//! Generates the gRPC services from `proto/`, without a `protoc` of the system.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/platform.proto");
    let descriptors = protox::compile(["proto/platform.proto"], ["proto"])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
