//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use lexopt::prelude::*;

/// The parsed command line.
pub(crate) struct Options {
    /// Address of the service: `--listen`, or the variable `LISTEN`.
    pub(crate) listen: SocketAddr,
    /// `--for 30s`: the service stops after this time.
    pub(crate) duration: Option<Duration>,
    /// Whether to send requests; `--no-traffic` turns it off.
    pub(crate) traffic: bool,
}

const HELP: &str = "\
An instrumented HTTP service that sends requests to itself.

  --for DURATION     stop after this time: 30s, 5m
  --no-traffic       send no requests
  --listen ADDRESS   address of the service; default: the variable LISTEN, or 127.0.0.1:8080
  --help             print this help

The variables OTEL_* configure the exporters: see docs/configuration.md.";

/// Parses the command line. With `--help` it prints the help and exits.
pub(crate) fn read() -> Result<Options, Box<dyn std::error::Error>> {
    let listen = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into());
    let mut listen = listen
        .parse()
        .map_err(|_| format!("LISTEN is {listen:?}; expected an address and a port, such as 127.0.0.1:8080"))?;
    let mut duration = None;
    let mut traffic = true;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("for") => duration = Some(arguments.value()?.parse_with(seconds)?),
            Long("no-traffic") => traffic = false,
            Long("listen") => listen = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                println!("{HELP}");
                std::process::exit(0);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Options { listen, duration, traffic })
}

/// `30s`, `5m`, or a bare number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a duration such as 30s or 5m"))?;
    Ok(Duration::from_secs(number.saturating_mul(factor)))
}
