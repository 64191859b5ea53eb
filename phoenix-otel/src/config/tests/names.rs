//! Namespace and subsystem.

use super::*;

#[test]
fn subsystem_from_the_service() {
    for (service, subsystem) in [
        ("orchestrator", "orchestrator"),
        ("data-router", "data_router"),
        ("data-router-service", "data_router"),
        ("llm-service", "llm"),
        ("mind-kb", "kb"),
        ("body-kb", "kb"),
        ("heart-kb", "kb"),
        ("social-kb", "kb"),
        ("soul-kb", "kb"),
        ("soul-kb-service", "kb"),
        ("other-kb", "other_kb"),
        ("service", "service"),
        ("-service", "service"),
        ("services", "services"),
        ("Payment.API", "payment_api"),
        ("a--b__c", "a_b_c"),
        ("3d-render", "svc_3d_render"),
        ("grand-total", "grand"),
        ("日本", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(name::derive(service), subsystem, "{service:?}");
    }
    let config = resolve(&[("OTEL_SERVICE_NAME", "heart-kb")]);
    assert_eq!((config.subsystem.as_str(), config.attribute("service")), ("kb", Some("heart-kb")));
}

#[test]
fn given_names() {
    let given = |namespace: &str, subsystem: &str| Overrides {
        namespace: Some(namespace.into()),
        subsystem: Some(subsystem.into()),
        ..Overrides::default()
    };
    let config = with(&[("OTEL_SERVICE_NAME", "other")], &given("acme", "")).unwrap();
    assert_eq!((config.namespace.as_str(), config.subsystem.as_str()), ("acme", ""));
    assert_eq!(with(&[], &given("a1_b", "data_router2")).unwrap().subsystem, "data_router2");
    for bad in ["A", "1a", "a-b", "a__b", "_a", "a_", "a.b", "a_total", "total", "ä"] {
        let found = told(with(&[], &given(bad, bad)));
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["builder: namespace", "builder: subsystem"], "{bad:?}");
    }
    assert_eq!(told(with(&[], &given("", "")))[0].0, "builder: namespace");
}

#[test]
fn the_edge_has_another_subsystem() {
    let given = |subsystem: &str, edge: Option<&str>| Overrides {
        subsystem: Some(subsystem.into()),
        edge: edge.map(str::to_owned),
        ..Overrides::default()
    };
    assert_eq!(with(&[], &given("llm", None)).unwrap().edge, "service");
    assert_eq!(with(&[], &given("llm", Some(""))).unwrap().edge, "");
    assert_eq!(with(&[], &given("", Some("gateway"))).unwrap().edge, "gateway");
    for (subsystem, edge, setting) in [
        ("", Some(""), "builder: edge_subsystem"),
        ("llm", Some("llm"), "builder: edge_subsystem"),
        ("service", None, "builder: subsystem"),
        ("llm", Some("A"), "builder: edge_subsystem"),
    ] {
        assert_eq!(told(with(&[], &given(subsystem, edge)))[0].0, setting, "{edge:?}");
    }
}
