//! What was built in. It is data, so that a test can ask for a crate that was built otherwise.

/// The Cargo features that a configuration can ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    pub(crate) otlp_http: bool,
    pub(crate) otlp_grpc: bool,
    pub(crate) tls: bool,
}

impl Features {
    /// Those of this build.
    pub(crate) const BUILT: Self = Self {
        otlp_http: cfg!(feature = "otlp-http"),
        otlp_grpc: cfg!(feature = "otlp-grpc"),
        tls: cfg!(feature = "tls-no-provider"),
    };

    pub(crate) fn otlp(self) -> bool {
        self.otlp_http || self.otlp_grpc
    }
}
