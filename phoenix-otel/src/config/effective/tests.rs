//! The configuration as a file.

use super::*;

#[test]
fn it_is_written_as_a_file() {
    let mut config = EffectiveConfig::default();
    config.add("file_format", "1.1", Origin::Default);
    config.add("a.readers[0].periodic.interval", 5_u64, Origin::Variable("OTEL_X".to_owned()));
    config.add("a.readers[0].periodic.exporter.console", Scalar::Empty, Origin::Code("builder: exporter".to_owned()));
    config.add("a.readers[1].pull.host", "::1", Origin::Default);
    config.add("a.views[0].selector.unit", "true", Origin::Default);
    config.add("a.views[0].bounds", [0.5, 1.0].into_iter().collect::<Scalar>(), Origin::Default);
    config.add("b[0].name", "x$\u{7}\"\n", Origin::File("otel.yaml:1:2".to_owned()));
    config.add("b[0].value", "y z", Origin::Default);
    config.add("b[1].name", "é", Origin::Detected);
    config.add("c.\"x.y\".z", true, Origin::Default);
    config.add_in_code("reader".to_owned());
    let expected = concat!(
        "file_format: \"1.1\" # default\n",
        "a:\n",
        "  readers:\n",
        "    - periodic:\n",
        "        interval: 5 # OTEL_X\n",
        "        exporter:\n",
        "          console: # builder: exporter\n",
        "    - pull:\n",
        "        host: \"::1\" # default\n",
        "  views:\n",
        "    - selector:\n",
        "        unit: \"true\" # default\n",
        "      bounds: [0.5, 1.0] # default\n",
        "b:\n",
        "  - name: \"x$$\\U00000007\\\"\\n\" # otel.yaml:1:2\n",
        "    value: \"y z\" # default\n",
        "  - name: \"é\" # resource detector\n",
        "c:\n",
        "  \"x.y\":\n",
        "    z: true # default\n",
        "# In code only: reader\n",
    );
    assert_eq!(config.to_string(), expected);
}

#[test]
#[cfg(feature = "config-file")]
fn any_text_is_read_as_it_was() {
    use crate::config::file::yaml::parse;
    use proptest::prelude::*;

    proptest!(|(text in "\\PC{0,20}|[ -~\\n\\t]{0,20}|(true|null|~|1.5|0x1|on|\\$|\\$\\{A\\})")| {
        let mut config = EffectiveConfig::default();
        config.add("key", text.clone(), Origin::Default);
        let root = parse(&config.to_string(), Some(&|_| None)).expect("valid YAML");
        prop_assert_eq!(root.get("key").and_then(|node| node.as_str()), Some(text.as_str()));
    });
}
