//! The layers for HTTP, over real connections: the counts match what the clients saw.

mod bodies;
mod client;
mod context;

mod counts;
mod disconnects;
mod failures;
mod hyper_service;
mod layered;
mod many;
mod methods;
mod mounted;
mod options;
mod semconv;

mod layer_stack;
mod server;
mod upgrades;
mod without_subsystem;
