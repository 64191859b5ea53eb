//! The layers for gRPC, between a server and a client of tonic: what is counted is what the clients saw.

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
