//! The options in code of the built-in exporters and the live page. Every option can be left unset.
//!
//! Unset options come from the `OTEL_*` variables, then from the defaults of the specification.

mod console;
mod otlp;
mod otlp_file;
mod page;
mod prometheus;
mod server_tls;

pub use console::Console;
pub use otlp::Otlp;
pub use otlp_file::OtlpFile;
pub use page::Page;
pub use prometheus::{Prometheus, Translation};
pub use server_tls::{ClientAuth, ServerTls, TlsVersion};
