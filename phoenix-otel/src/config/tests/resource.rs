//! The merged resource and the instance.

use super::*;

const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const NAME: &str = "OTEL_SERVICE_NAME";

fn expect(config: &Config, expected: &[(&str, &str)]) {
    for (key, value) in expected {
        assert_eq!(config.attribute(key), Some(*value), "{key} in {:?}", config.resource);
    }
}

#[test]
fn name_and_version_are_defaults() {
    expect(
        &resolve(&[]),
        &[
            ("service.name", "orchestrator"),
            ("service", "orchestrator"),
            ("service.version", "1.2.3"),
            ("version", "1.2.3"),
            ("telemetry.distro.name", "phoenix-otel"),
        ],
    );
    let resource = crate::pipeline::resource(&resolve(&[]).resource);
    let of_sdk = |name: &'static str| resource.get(&name.into()).unwrap().to_string();
    assert_eq!(
        (of_sdk("telemetry.sdk.name"), of_sdk("telemetry.sdk.language")),
        ("opentelemetry".into(), "rust".into())
    );
    assert!(of_sdk("telemetry.sdk.version").starts_with("0.33"));
    let replaced = crate::pipeline::resource(&[("telemetry.sdk.name".to_owned(), "mine".to_owned().into())]);
    assert_eq!(replaced.get(&"telemetry.sdk.name".into()).unwrap().to_string(), "mine");
    let from_attributes = (ATTRIBUTES, "service.name=a,service.version=9,team=core");
    expect(
        &resolve(&[from_attributes]),
        &[("service.name", "a"), ("service", "a"), ("version", "9"), ("team", "core")],
    );
    expect(&resolve(&[from_attributes, (NAME, "b")]), &[("service.name", "b"), ("service", "b")]);
    // The labels can be set independently of the service's name and version.
    let labels = resolve(&[(ATTRIBUTES, "service=label,version=tag")]);
    expect(
        &labels,
        &[("service", "label"), ("service.name", "orchestrator"), ("version", "tag"), ("service.version", "1.2.3")],
    );
    // Empty values override nothing.
    expect(
        &resolve(&[(ATTRIBUTES, "service.name=,service.version="), (NAME, " ")]),
        &[("service", "orchestrator"), ("version", "1.2.3")],
    );
}

#[test]
fn builder_attributes() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let given = Overrides {
        resource_attributes: vec![
            pair("team", "builder"),
            pair("service.name", "builder"),
            pair("service.version", ""),
        ],
        ..Overrides::default()
    };
    let plain = with(&[], &given).unwrap();
    expect(&plain, &[("team", "builder"), ("service.name", "builder"), ("service.version", "1.2.3")]);
    let beside = with(&[(ATTRIBUTES, "team=env,zone=z,service.name=env")], &given).unwrap();
    expect(&beside, &[("team", "builder"), ("zone", "z"), ("service.name", "env")]);
}

#[test]
fn no_name_and_no_version() {
    let of =
        |name: &str, vars: &[(&str, &str)]| one_of(vars, |env| Config::resolve(env, name, None, &Overrides::default()));
    // Even if the environment has a name: metric names must not depend on the deployment.
    for (name, vars) in [("", &[][..]), (" ", &[(NAME, "named")])] {
        let found = told(of(name, vars));
        assert!(found.len() == 1 && found[0].0 == "builder: name" && found[0].1.contains(NAME), "{found:?}");
    }
    let config = of("x", &[(NAME, "named")]).unwrap();
    expect(&config, &[("service", "named")]);
    assert_eq!((config.attribute("service.version"), config.attribute("version")), (None, None));
}

#[test]
fn attributes_are_decoded() {
    let config = resolve(&[(ATTRIBUTES, " a = 1 ,b=x%2Cy%3Dz,c=%E2%82%AC,d=1+1,e=,a=2,f=p=q, ")]);
    expect(&config, &[("a", "2"), ("b", "x,y=z"), ("c", "€"), ("d", "1+1"), ("e", ""), ("f", "p=q")]);
    for (bad, text) in
        [("x", "`=`"), ("a=1,=2", "item 2"), ("a=%zz", "hexadecimal"), ("a=%4", "%"), ("a=%ff", "UTF-8"), ("%=a", "%")]
    {
        one_problem(&[(ATTRIBUTES, bad)], ATTRIBUTES, &[text]);
    }
    assert_eq!(problems(&[(ATTRIBUTES, "x,ok=1,y")]).len(), 2);
}

#[test]
fn the_instance() {
    let id = |vars: &[(&str, &str)], overrides: &Overrides| {
        with(vars, overrides).unwrap().attribute("service.instance.id").unwrap().to_owned()
    };
    let (none, given) = (Overrides::default(), Overrides { instance: Some("built".into()), ..Overrides::default() });
    let all = [
        (ATTRIBUTES, "service.instance.id=attr,k8s.pod.name=pod-a"),
        ("POD_NAME", "pod-b"),
        ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        ("HOSTNAME", "host"),
    ];
    assert_eq!(id(&all, &given), "built");
    assert_eq!(id(&all, &none), "attr");
    assert_eq!(id(&[(ATTRIBUTES, "k8s.pod.name=pod-a"), all[1], all[2], all[3]], &none), "pod-a");
    assert_eq!(id(&all[1..], &none), "pod-b");
    assert_eq!(id(&all[2..], &none), "host");
    // A host's name is not unique outside a pod, and two processes never share a UUID.
    let (one, two) = (id(&all[3..], &none), id(&[], &none));
    assert_ne!(one, two);
    for id in [one, two] {
        assert_eq!(::uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 4, "{id}");
    }
}
