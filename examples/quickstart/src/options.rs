//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use lexopt::prelude::*;

/// What was asked for.
pub(crate) struct Options {
    /// Where the service listens: `--listen`, or the variable `LISTEN`.
    pub(crate) listen: SocketAddr,
    /// `--for 30s`: how long it runs.
    pub(crate) duration: Option<Duration>,
    /// Unless `--no-traffic`.
    pub(crate) traffic: bool,
}

const HELP: &str = "\
An instrumented HTTP service, its /metrics, and traffic to look at.

  --for DURATION     end after this time: 30s, 5m
  --no-traffic       leave the traffic to you
  --listen ADDRESS   where the service listens, by default 127.0.0.1:8080; also by the variable LISTEN
  --help             this text

The variables OTEL_* configure where the metrics go: see docs/configuration.md.";

/// Reads the command line; prints the help and ends if that is asked for.
pub(crate) fn read() -> Result<Options, Box<dyn std::error::Error>> {
    let listen = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".into());
    let mut listen = listen.parse().map_err(|_| format!("LISTEN: read {listen:?}; wanted an address and a port"))?;
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
