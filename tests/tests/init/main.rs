//! The lifecycle of telemetry, from values recorded before `init` to the end of `shutdown`.

mod before_init;
mod beside_reqwest;
mod blocked_stderr;
mod callbacks;
mod config_file;
mod descriptors;
mod detectors;
mod exporters;
mod failed_init;
mod forked;
mod health;
mod init_race;
mod misspelt;
mod one_report;
mod process;
mod reentry;
mod reload;
mod reload_named;
mod shutdown_receiver_down;
mod shutdown_receiver_up;
mod shutdown_reports;
mod signals;
mod two_inits;
mod variables;
mod zeros;
