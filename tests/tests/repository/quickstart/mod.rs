//! The quickstart as a newcomer starts it: what Prometheus reads of it is what its clients saw, and it ends as it should.

mod counts;
mod ends;
mod traffic;
