//! A platform of six small instrumented services.
//!
//! `cargo run -p platform -- all --load calm` starts all services and sends traffic; `-- orchestrator` starts one of them.

mod api;
mod command;
mod data_router;
mod executor;
mod kb;
mod llm;
mod load;
mod neighbour;
mod orchestrator;
mod role;
mod safety;
mod service;
mod supervisor;
mod words;

/// The gRPC services, generated from `proto/platform.proto`.
#[allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod proto {
    tonic::include_proto!("platform.v1");
}

use std::error::Error;
use std::process::ExitCode;

use command::Command;

fn main() -> ExitCode {
    let done = match command::read() {
        // A job in the sandbox has little memory and needs no runtime.
        Ok(Command::Sandbox(sandbox)) => executor::sandbox::run(&sandbox),
        Ok(Command::Job { name, argument }) => executor::jobs::run(&name, &argument),
        Ok(command) => serve(command),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("platform: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Service { role, settings } => service::run(role, &settings).await,
        Command::All { settings, load } => supervisor::run(&settings, load).await,
        Command::Load(plan) => load::run(plan).await,
        Command::Sandbox(_) | Command::Job { .. } => Ok(()),
    }
}
