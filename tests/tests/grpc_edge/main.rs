//! The layers for gRPC, between a tonic server and a tonic client: the counts match what the clients saw.

mod bodies;
mod client;
mod conventions;
mod disconnects;
mod layers;
mod many;
mod merged_routers;
mod methods;
mod server;
mod service;
mod sizes;
mod statuses;
mod streams;
mod trace;
