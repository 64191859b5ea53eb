//! The methods that may become label values. Names that only a client has sent must not.

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use prost::Message;

use crate::lock::{read, write};

/// The maximum number of learned methods. A server with more methods, or a proxy that forwards any method, lists the methods to measure.
const MAX_LEARNED: usize = 500;

/// The methods that a server is known to have.
#[derive(Clone, Debug, Default)]
pub struct Methods {
    /// The methods that the service listed, if it listed any.
    listed: Option<HashSet<Box<str>>>,
    /// The methods that proved to exist, shared by all services of one layer.
    learned: Arc<RwLock<HashSet<Box<str>>>>,
}

impl Methods {
    /// Adds methods to the list. If a list exists, methods that are not in it stay unknown.
    pub(super) fn add<M: Into<Box<str>>>(&mut self, methods: impl IntoIterator<Item = M>) {
        self.listed.get_or_insert_default().extend(methods.into_iter().map(Into::into));
    }

    /// The listed methods.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().flatten().map(|method| &**method)
    }

    /// Whether this method is known.
    pub(super) fn has(&self, method: &str) -> bool {
        match &self.listed {
            Some(listed) => listed.contains(method),
            None => read(&self.learned).contains(method),
        }
    }

    /// Learns a method after a handler received a call of it. Returns whether the method is known now.
    pub(super) fn learn(&self, method: &str) -> bool {
        if self.listed.is_some() || self.has(method) {
            return self.has(method);
        }
        let mut learned = write(&self.learned);
        if learned.len() < MAX_LEARNED {
            learned.insert(method.into());
        }
        learned.contains(method)
    }
}

/// The full name of the method in a path: `package.Service/Method`.
pub(super) fn from_path(path: &str) -> Option<&str> {
    let full = path.strip_prefix('/')?;
    let (service, method) = full.split_once('/')?;
    (!service.is_empty() && !method.is_empty() && !method.contains('/')).then_some(full)
}

/// The error for a descriptor set that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the file descriptor set cannot be read: {0}; give the bytes that `tonic_prost_build` or `protoc --descriptor_set_out` wrote"
)]
pub struct DescriptorError(#[from] prost::DecodeError);

/// The full names of all methods in an encoded `google.protobuf.FileDescriptorSet`.
pub(super) fn from_descriptor_set(encoded: &[u8]) -> Result<Vec<String>, DescriptorError> {
    let set = FileSet::decode(encoded)?;
    let mut methods = Vec::new();
    for file in set.files {
        for service in file.services {
            let dot = if file.package.is_empty() { "" } else { "." };
            let service_name = format!("{}{dot}{}", file.package, service.name);
            methods.extend(service.methods.into_iter().map(|method| format!("{service_name}/{}", method.name)));
        }
    }
    Ok(methods)
}

// The fields of `google/protobuf/descriptor.proto` that name methods. The decoder skips the others.

#[derive(Message)]
struct FileSet {
    #[prost(message, repeated, tag = "1")]
    files: Vec<File>,
}

#[derive(Message)]
struct File {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "6")]
    services: Vec<Service>,
}

#[derive(Message)]
struct Service {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    methods: Vec<Method>,
}

#[derive(Message)]
struct Method {
    #[prost(string, tag = "1")]
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_method() {
        assert_eq!(from_path("/shop.Orders/Place"), Some("shop.Orders/Place"));
        for path in
            ["", "/", "*", "/shop.Orders", "/shop.Orders/", "//Place", "shop.Orders/Place", "/a/shop.Orders/Place"]
        {
            assert_eq!(from_path(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_learned_is_bounded() {
        let methods = Methods::default();
        assert!(!methods.has("shop.Orders/Place"));
        assert!(methods.learn("shop.Orders/Place"));
        assert!(methods.has("shop.Orders/Place"));
        let kept = (0..10_000).filter(|n| methods.learn(&format!("hostile/{n}"))).count();
        assert_eq!(kept, MAX_LEARNED - 1);
        assert!(methods.learn("shop.Orders/Place"));
        assert!(!methods.has("hostile/9999"));
    }

    #[test]
    fn a_list_is_not_added_to() {
        let mut methods = Methods::default();
        methods.add(["shop.Orders/Place"]);
        assert!(methods.has("shop.Orders/Place") && methods.learn("shop.Orders/Place"));
        assert!(!methods.learn("shop.Orders/Cancel") && !methods.has("shop.Orders/Cancel"));
    }

    #[test]
    fn a_descriptor_set_lists_its_methods() {
        let method = |name: &str| Method { name: name.into() };
        let orders = Service { name: "Orders".into(), methods: vec![method("Place"), method("Cancel")] };
        let bare = Service { name: "Bare".into(), methods: vec![method("Go")] };
        let set = FileSet {
            files: vec![
                File { package: "shop.v1".into(), services: vec![orders] },
                File { package: String::new(), services: vec![bare] },
            ],
        };
        let methods = from_descriptor_set(&set.encode_to_vec()).expect("it can be read");
        assert_eq!(methods, ["shop.v1.Orders/Place", "shop.v1.Orders/Cancel", "Bare/Go"]);
        assert!(from_descriptor_set(b"\xffnot one").unwrap_err().to_string().contains("tonic_prost_build"));
    }
}
