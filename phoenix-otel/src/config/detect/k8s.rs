//! Kubernetes attributes, from the variables that a pod's specification sets with the downward API.

use super::{Env, Found, Machine};

/// The attributes, each with its usual variables. The first variable that is set is used.
const VARIABLES: [(&str, &[&str]); 5] = [
    ("k8s.pod.name", &["POD_NAME", "K8S_POD_NAME", "MY_POD_NAME"]),
    ("k8s.pod.uid", &["POD_UID", "K8S_POD_UID", "MY_POD_UID"]),
    ("k8s.namespace.name", &["POD_NAMESPACE", "K8S_NAMESPACE", "K8S_POD_NAMESPACE", "MY_POD_NAMESPACE"]),
    ("k8s.node.name", &["NODE_NAME", "K8S_NODE_NAME", "MY_NODE_NAME"]),
    ("k8s.container.name", &["CONTAINER_NAME", "K8S_CONTAINER_NAME", "MY_CONTAINER_NAME"]),
];

/// The file with the namespace of the pod's service account, which is the namespace of the pod.
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

pub(super) fn detect(machine: &Machine, env: &mut Env<'_>) -> Vec<Found> {
    // Kubernetes sets it in every pod. Outside of pods, `NODE_NAME` means something else.
    if env.text("KUBERNETES_SERVICE_HOST").is_none() {
        return Vec::new();
    }
    let found = VARIABLES.map(|(attribute, variables)| {
        let value = variables.iter().find_map(|variable| env.text(variable));
        let value = value.or_else(|| match attribute {
            // The host name of a pod is the pod name, unless the pod specification sets another one.
            "k8s.pod.name" => env.text("HOSTNAME"),
            "k8s.namespace.name" => machine.text(NAMESPACE),
            _ => None,
        });
        (attribute, value)
    });
    found.to_vec()
}
