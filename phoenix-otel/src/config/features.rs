//! The compiled features, as data, so that tests can resolve a configuration for other builds.

/// The Cargo features that a configuration can require.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    pub(crate) otlp_http: bool,
    pub(crate) otlp_grpc: bool,
    pub(crate) tls: bool,
}

impl Features {
    /// The features of this build.
    pub(crate) const BUILT: Self = Self {
        otlp_http: cfg!(feature = "otlp-http"),
        otlp_grpc: cfg!(feature = "otlp-grpc"),
        tls: cfg!(feature = "tls-no-provider"),
    };

    pub(crate) fn otlp(self) -> bool {
        self.otlp_http || self.otlp_grpc
    }
}
