//! The layers for gRPC, between a tonic server and a tonic client: the counts match what the clients saw.

mod bodies;
mod client;
mod conventions;
mod hangups;
mod layers;
mod many;
mod merged;
mod methods;
mod server;
mod service;
mod sizes;
mod statuses;
mod streams;
mod trace;
