//! The template that a request's path matched.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::request::Parts;

/// The route of a request, as an extension: the template that its path matched, such as `/orders/{id}`, never the path itself.
///
/// A router outside the layer puts it into the extensions of the request. A handler inside the layer puts it into the extensions of the
/// response. If a request is cancelled or panics before there is a response, the layer uses the route in the request, if there is one.
///
/// ```
/// # use phoenix_otel::http::Route;
/// fn greet() -> http::Response<String> {
///     let mut response = http::Response::new("Hello".to_owned());
///     response.extensions_mut().insert(Route::new("/greetings/{name}"));
///     response
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route(Cow<'static, str>);

impl Route {
    /// The route with this template.
    pub fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Self(template.into())
    }

    /// The template.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The function of the service that finds the route of a request, if the service sets one.
#[derive(Clone, Default)]
pub struct Finder(pub(super) Option<Arc<Find>>);

type Find = dyn for<'r> Fn(&'r Parts) -> Option<&'r str> + Send + Sync;

impl fmt::Debug for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finder").finish_non_exhaustive()
    }
}

/// The route that is known before the response.
pub(super) fn of<'r>(request: &'r Parts, find: &Finder) -> Option<&'r str> {
    let found = find.0.as_ref().and_then(|find| find(request));
    found.or_else(|| request.extensions.get().map(Route::as_str)).or_else(|| matched(request))
}

#[cfg(feature = "axum")]
fn matched(request: &Parts) -> Option<&str> {
    request.extensions.get().map(axum::extract::MatchedPath::as_str)
}

#[cfg(not(feature = "axum"))]
fn matched(_: &Parts) -> Option<&str> {
    None
}
