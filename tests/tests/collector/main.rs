//! The agent, the gateway and every overlay, by the real collector.

mod configurations;
mod through;
