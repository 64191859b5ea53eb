//! The command line.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use crate::executor::sandbox::Sandbox;
use crate::load::{self, Scenario};
use crate::role::{Addresses, Role};

/// The parsed command line.
pub(crate) enum Command {
    /// One service.
    Service { role: Role, settings: Settings },
    /// All six services, and the load generator if there is a scenario.
    All { settings: Settings, load: Option<Load> },
    /// The load generator.
    Load(load::Plan),
    /// The sandbox: runs a program under limits. The executor starts it.
    Sandbox(Sandbox),
    /// A job of the executor. The sandbox starts it.
    Job { name: String, argument: String },
}

/// The traffic of `all`.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// `--load SCENARIO`
    pub(crate) scenario: Scenario,
    /// `--load-for 10s`: duration of the traffic. By default it lasts until the end.
    pub(crate) duration: Option<Duration>,
}

/// Settings of the services.
pub(crate) struct Settings {
    /// Address of a service: `--listen`, or the variable `LISTEN`.
    pub(crate) listen: Option<SocketAddr>,
    /// `--base-port`: the first of six ports on loopback; 0 chooses free ports.
    pub(crate) base_port: u16,
    /// `--for 30s`: stop after this time.
    pub(crate) duration: Option<Duration>,
    /// `--addresses FILE`: the file for the addresses, written when all services are ready.
    pub(crate) addresses: Option<PathBuf>,
    /// `--report FILE`: the file for the load generator's report.
    pub(crate) report: Option<PathBuf>,
}

impl Settings {
    pub(crate) fn neighbours(&self) -> Addresses {
        Addresses::from_environment(self.base_port)
    }
}

const HELP: &str = "\
platform all                 starts the six services, a process each
platform ROLE                starts one: orchestrator, data-router, llm, kb, safety, executor
platform load                sends traffic to a running platform

for services:
  --listen ADDRESS           address of a single service; default: the variable LISTEN, or a port on loopback
  --base-port PORT           first of the six ports of the services, by default 8100; 0 chooses free ports
  --for DURATION             stop after this time: 30s, 5m
for all:
  --load SCENARIO            send traffic: calm, errors, slow, outage, attack
  --load-for DURATION        stop the traffic after this time; the services keep running
  --addresses FILE           write the addresses of the services to this file when all are ready (JSON)
  --report FILE              write a report of the traffic to this file (JSON)
for load:
  --scenario SCENARIO        by default calm
  --target URL               URL of the orchestrator, by default http://127.0.0.1:8100
  --for DURATION             stop after this time, by default 20s; with --acts there is no limit
  --acts NUMBER              each user stops after this number of acts, each attacker after this number of requests
  --report FILE

The addresses of the other services are in ORCHESTRATOR_URL, DATA_ROUTER_URL, LLM_URL, KB_URL, SAFETY_URL, EXECUTOR_URL.
OTEL_* configures the exporters.";

/// The highest first port: the services use six ports.
const HIGHEST_BASE_PORT: u16 = u16::MAX - 5;

/// The default of `--base-port`.
const BASE_PORT: u16 = 8100;

/// The default duration of `load`.
const LOAD: Duration = Duration::from_secs(20);

/// Parses the command line. With `help` it prints the help and exits.
pub(crate) fn read() -> Result<Command, Box<dyn Error>> {
    let mut arguments = lexopt::Parser::from_env();
    let what = match arguments.next()? {
        Some(Value(what)) => what.string()?,
        Some(Long("help") | Short('h')) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match what.as_str() {
        "help" => {
            println!("{HELP}");
            std::process::exit(0);
        }
        "sandbox" => Ok(Command::Sandbox(sandbox(&mut arguments)?)),
        "job" => {
            let mut raw = arguments.raw_args()?.map(|argument| argument.string());
            let name = raw.next().transpose()?.unwrap_or_default();
            let argument = raw.next().transpose()?.unwrap_or_default();
            Ok(Command::Job { name, argument })
        }
        "load" => Ok(Command::Load(load(&mut arguments)?)),
        "all" => {
            let (settings, load) = settings(&mut arguments)?;
            Ok(Command::All { settings, load })
        }
        other => {
            let role = Role::of_command(other)
                .ok_or_else(|| format!("unknown command {other:?}; `help` lists all commands"))?;
            Ok(Command::Service { role, settings: settings(&mut arguments)?.0 })
        }
    }
}

fn settings(arguments: &mut lexopt::Parser) -> Result<(Settings, Option<Load>), Box<dyn Error>> {
    let listen = match std::env::var("LISTEN") {
        Ok(text) => Some(
            text.parse()
                .map_err(|_| format!("LISTEN is {text:?}; expected an address and a port, such as 127.0.0.1:8080"))?,
        ),
        Err(_) => None,
    };
    let mut settings = Settings { listen, base_port: BASE_PORT, duration: None, addresses: None, report: None };
    let (mut scenario, mut lasts) = (None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("listen") => settings.listen = Some(arguments.value()?.parse()?),
            Long("base-port") => {
                settings.base_port = arguments.value()?.parse()?;
                if settings.base_port > HIGHEST_BASE_PORT {
                    return Err(
                        format!("--base-port {}: the maximum is {HIGHEST_BASE_PORT}", settings.base_port).into()
                    );
                }
            }
            Long("for") => settings.duration = Some(arguments.value()?.parse_with(duration)?),
            Long("addresses") => settings.addresses = Some(arguments.value()?.into()),
            Long("report") => settings.report = Some(arguments.value()?.into()),
            Long("load") => scenario = Some(arguments.value()?.parse()?),
            Long("load-for") => lasts = Some(arguments.value()?.parse_with(duration)?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok((settings, scenario.map(|scenario| Load { scenario, duration: lasts })))
}

fn load(arguments: &mut lexopt::Parser) -> Result<load::Plan, Box<dyn Error>> {
    let mut plan = load::Plan {
        scenario: Scenario::Calm,
        target: format!("http://127.0.0.1:{BASE_PORT}"),
        duration: None,
        acts: None,
        report: None,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("scenario") => plan.scenario = arguments.value()?.parse()?,
            Long("target") => plan.target = arguments.value()?.string()?.trim_end_matches('/').to_owned(),
            Long("for") => plan.duration = Some(arguments.value()?.parse_with(duration)?),
            Long("acts") => plan.acts = Some(arguments.value()?.parse()?),
            Long("report") => plan.report = Some(arguments.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if plan.acts.is_none() {
        plan.duration.get_or_insert(LOAD);
    }
    Ok(plan)
}

fn sandbox(arguments: &mut lexopt::Parser) -> Result<Sandbox, Box<dyn Error>> {
    let mut sandbox = Sandbox::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("cpu") => sandbox.limits.cpu_seconds = arguments.value()?.parse()?,
            Long("wall") => sandbox.limits.wall_milliseconds = arguments.value()?.parse()?,
            Long("memory") => sandbox.limits.memory_bytes = arguments.value()?.parse()?,
            Long("file-size") => sandbox.limits.file_bytes = arguments.value()?.parse()?,
            Long("report") => sandbox.report = arguments.value()?.into(),
            Value(program) => {
                sandbox.program = program;
                sandbox.arguments = arguments.raw_args()?.collect();
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(sandbox)
}

/// `30s`, `5m`, or a bare number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a duration such as 30s or 5m"))?;
    Ok(Duration::from_secs(number.saturating_mul(factor)))
}
