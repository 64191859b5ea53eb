//! The quickstart as a new user starts it: Prometheus has the counts of its clients, and it shuts down properly.

mod counts;
mod shutdown;
mod traffic;
