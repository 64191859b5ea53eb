//! Kubernetes, of the variables that a pod's specification sets by the downward API.

use super::{Env, Found, Machine};

/// The attributes, each with the variables that usually have it; the first that is set holds.
const VARIABLES: [(&str, &[&str]); 5] = [
    ("k8s.pod.name", &["POD_NAME", "K8S_POD_NAME", "MY_POD_NAME"]),
    ("k8s.pod.uid", &["POD_UID", "K8S_POD_UID", "MY_POD_UID"]),
    ("k8s.namespace.name", &["POD_NAMESPACE", "K8S_NAMESPACE", "K8S_POD_NAMESPACE", "MY_POD_NAMESPACE"]),
    ("k8s.node.name", &["NODE_NAME", "K8S_NODE_NAME", "MY_NODE_NAME"]),
    ("k8s.container.name", &["CONTAINER_NAME", "K8S_CONTAINER_NAME", "MY_CONTAINER_NAME"]),
];

/// Where a pod finds the namespace of its service account, which is its own.
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

pub(super) fn detect(machine: &Machine, env: &mut Env<'_>) -> Vec<Found> {
    // Kubernetes sets it in every pod. Elsewhere `NODE_NAME` is a node of something else.
    if env.text("KUBERNETES_SERVICE_HOST").is_none() {
        return Vec::new();
    }
    let found = VARIABLES.map(|(attribute, variables)| {
        let value = variables.iter().find_map(|variable| env.text(variable));
        let value = value.or_else(|| match attribute {
            // The host's name of a pod is its own, unless its specification says otherwise.
            "k8s.pod.name" => env.text("HOSTNAME"),
            "k8s.namespace.name" => machine.text(NAMESPACE),
            _ => None,
        });
        (attribute, value)
    });
    found.to_vec()
}
