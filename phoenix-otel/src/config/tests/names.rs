//! Namespace and subsystem.

use super::*;

#[test]
fn subsystem_from_the_name_in_the_code() {
    for (name, subsystem) in [
        ("orchestrator", "orchestrator"),
        ("data-router", "data_router"),
        ("data-router-service", "data_router"),
        ("llm-service", "llm"),
        ("kb", "kb"),
        ("kb-service", "kb"),
        ("mind-kb", "mind_kb"),
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
        assert_eq!(name::derive(name), subsystem, "{name:?}");
    }
}

#[test]
fn names_of_which_a_part_is_lost() {
    for name in ["total", "grand-total", "Über", "日本", "shop-日本", "---", "_"] {
        assert!(name::is_lossy(name), "{name}");
    }
    for name in ["orchestrator", "Payment.API", "totals", "3d-render", "a--b__c", "-service", ""] {
        assert!(!name::is_lossy(name), "{name}");
    }
}

#[test]
fn a_deployment_does_not_rename_metrics() {
    for vars in
        [("OTEL_SERVICE_NAME", "heart-kb"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=heart-kb,service=heart-kb")]
    {
        let config = resolve(&[vars]);
        assert_eq!((&*config.subsystem, config.attribute("service")), ("orchestrator", Some("heart-kb")), "{vars:?}");
    }
    let attribute = vec![("service.name".to_owned(), "heart-kb".to_owned())];
    let given = Overrides { resource_attributes: attribute, ..Overrides::default() };
    assert_eq!(with(&[], &given).unwrap().subsystem, "orchestrator");
    // It is the default subsystem of the edge.
    assert_eq!(resolve(&[("OTEL_SERVICE_NAME", "service")]).subsystem, "orchestrator");
}

#[test]
fn the_namespace_of_the_environment() {
    const NAMESPACE: &str = "PHOENIX_OTEL_NAMESPACE";
    let of = |value: &str| resolve(&[(NAMESPACE, value)]).namespace;
    assert_eq!([of(""), of(" acme "), of("acme_eu")], ["phoenix", "acme", "acme_eu"]);
    for bad in ["Acme", "acme-eu", "1a", "total"] {
        one_problem(&[(NAMESPACE, bad)], NAMESPACE, &[bad, "lower-case letters"]);
    }
    let given = Overrides { namespace: Some("shop".into()), ..Overrides::default() };
    assert_eq!(with(&[(NAMESPACE, "Acme")], &given).unwrap().namespace, "shop", "code beats the environment");
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
    let same = with(&[], &given("service", None)).unwrap_err().to_string();
    for part in ["\"service\", which the layers' metrics use already", ".subsystem(", ".edge_subsystem("] {
        assert!(same.contains(part), "{part} in {same}");
    }
    let same = with(&[], &given("service", Some("service"))).unwrap_err().to_string();
    assert!(same.contains("\"service\", which the service's functions use already"), "{same}");
}
