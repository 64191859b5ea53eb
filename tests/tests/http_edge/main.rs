//! The layers for HTTP, over real connections: the counts match what the clients saw.

mod bodies;
mod client;
mod context;

mod counted;
mod endings;
mod hang_ups;
mod hyper_service;
mod layered;
mod many;
mod methods;
mod mounted;
mod options;
mod semconv;

mod server;
mod stacked;
mod upgrades;
mod without_subsystem;
