//! The layers for HTTP, over real connections: the counts match what the clients saw.

mod bodies;
mod client;
mod context;

mod counts;
mod failures;
mod disconnects;
mod hyper_service;
mod layered;
mod many;
mod methods;
mod mounted;
mod options;
mod semconv;

mod server;
mod layer_stack;
mod upgrades;
mod without_subsystem;
