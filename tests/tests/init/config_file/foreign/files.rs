//! Files that both readers read, with their verdicts.

/// How the verdicts on a file agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdicts {
    Accept,
    Refuse,
    /// Only ours rejects it. `docs/configuration.md` has the reason.
    OnlyOursRefuses(&'static str),
    /// Only ours accepts it. `docs/configuration.md` has the reason.
    OnlyOursAccepts(&'static str),
}

use Verdicts::{Accept, OnlyOursAccepts, OnlyOursRefuses, Refuse};

const DOCUMENT: &str = "a file with two documents or a duplicate key in a mapping";
const ENDPOINT: &str = "an endpoint that is not a URL or contains credentials";
const HEADER: &str = "a header with an invalid name or value";
const KEY: &str = "a list, a mapping or an alias as a key";
const OWN: &str = "an unknown key or an invalid value within `distribution.phoenix_otel`";
const QUEUE: &str = "an export batch that is larger than the queue, and a queue of more than 1,000,000 spans";
const SWAPPED: &str = "an exporter in a reader of the other kind, such as `otlp_http` in `pull`";
const TAG: &str = "a tag that YAML does not define or that does not fit its value";
const VIEW: &str =
    "a view that selects nothing, has an invalid name, or sets buckets for instruments that are not histograms";
const BOUNDS: &str = "bounds that are unsorted, equal or not finite; an exponential histogram with more than 10,000 buckets; a cardinality limit above 1,000,000";
const STREAM: &str = "an `output_stream` that is neither `stdout` nor the URL of a file";
const LIST: &str = "a list that is one string, such as `headers_list`, with an invalid item";
const COMPONENT: &str = "a component that the service does not have";

/// Files for rules that the table of keys does not contain.
pub(super) const FILES: &[(&str, Verdicts)] = &[
    ("file_format: '1.1'", Accept),
    ("file_format: '1.9'", Accept),
    ("file_format: '1.0-rc.1'", Accept),
    ("file_format: '2.0'", Refuse),
    ("file_format: '0.4'", Refuse),
    ("file_format: 1.1", Refuse),
    ("file_format: ''", Refuse),
    ("file_format: '1'", OnlyOursRefuses("a `file_format` that is not a major and a minor version")),
    ("disabled: true", Refuse),
    ("", Refuse),
    ("[file_format]", Refuse),
    // YAML.
    ("file_format: '1.1'\n---\nfile_format: '1.1'", OnlyOursRefuses(DOCUMENT)),
    ("file_format: '1.1'\nfile_format: '1.0'", OnlyOursRefuses(DOCUMENT)),
    ("file_format: '1.1'\nresource: {attributes: [{name: a, value: b}", OnlyOursRefuses("a file with invalid YAML")),
    ("file_format: '1.1'\ndisabled: !!bool true", Accept),
    ("file_format: '1.1'\ndisabled: yes", Refuse),
    ("file_format: '1.1'\ndisabled: True", Accept),
    ("%YAML 1.2\n---\nfile_format: '1.1'", Accept),
    ("file_format: &version '1.1'\nx-other: *version", Accept),
    ("file_format: '1.1'\nx-other: *unknown", Refuse),
    ("file_format: '1.1'\nx-other: !local 1", OnlyOursRefuses(TAG)),
    (
        "x-limits: &limits {default: 7}\nfile_format: '1.1'\nmeter_provider: {readers: [{periodic: {cardinality_limits: *limits, exporter: {console: }}}]}",
        Accept,
    ),
    ("file_format: '1.1'\nmeter_provider: {readers: [{periodic: {interval: 5e3, exporter: {console: }}}]}", Accept),
    ("file_format: '1.1'\nmeter_provider: {readers: [{periodic: {interval: 0x1388, exporter: {console: }}}]}", Accept),
    ("file_format: '1.1'\nmeter_provider: {readers: [{periodic: {interval: '5000', exporter: {console: }}}]}", Refuse),
    // Substitution.
    ("file_format: '1.1'\ndisabled: ${BOOL}", Accept),
    ("file_format: '1.1'\ndisabled: \"${BOOL}\"", Refuse),
    ("file_format: '1.1'\ndisabled: ${UNSET}", Accept),
    ("file_format: '1.1'\ndisabled: ${UNSET:-false}", Accept),
    ("file_format: '1.1'\ndisabled: ${EMPTY:-nope}", Refuse),
    ("file_format: '1.1'\ndisabled: ${env:BOOL}", Accept),
    ("file_format: '1.1'\ndisabled: ${BOOL?x}", Refuse),
    ("file_format: '1.1'\ndisabled: ${1X}", Refuse),
    (
        "file_format: '1.1'\nmeter_provider:\n  readers:\n  - periodic:\n      exporter: {console: }\n      interval: ${MAP}",
        Refuse,
    ),
    ("file_format: '1.1'\nresource: {attributes: [{name: a, value: 'a${STRING}$$b'}]}", Accept),
    ("file_format: '${VERSION}'", Accept),
    // Choices with two keys, and without one.
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {port: 0}}}, periodic: {exporter: {console: }}}]}",
        Refuse,
    ),
    ("file_format: '1.1'\nmeter_provider: {readers: [{}]}", Refuse),
    // The meaning of values.
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {port: 70000}}}}]}",
        OnlyOursRefuses("a port above 65535"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {interval: 0, exporter: {console: }}}]}",
        OnlyOursRefuses("an interval of 0"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp: {endpoint: 'http://127.0.0.1:1'}}}}]}",
        OnlyOursRefuses(COMPONENT),
    ),
    ("file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {acme: }}}]}", OnlyOursRefuses(COMPONENT)),
    ("file_format: '1.1'\nmeter_provider: {readers: [{pull: {exporter: {acme: }}}]}", OnlyOursRefuses(COMPONENT)),
    ("file_format: '1.1'\nresource: {detection/development: {detectors: [{acme: }]}}", OnlyOursRefuses(COMPONENT)),
    (
        "file_format: '1.1'\nresource: {attributes: [{name: a, value: 3}]}",
        OnlyOursRefuses("an attribute whose value does not have the type in `type`, which is `string` by default"),
    ),
    ("file_format: '1.1'\nresource: {attributes: [{name: a, value: 3, type: int}]}", Accept),
    (
        "file_format: '1.1'\nresource: {attributes: [{name: a, value: x, type: int}]}",
        OnlyOursRefuses("an attribute whose value does not have the type in `type`, which is `string` by default"),
    ),
    ("file_format: '1.1'\nresource: {attributes_list: 'a'}", OnlyOursRefuses(LIST)),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {headers_list: 'a'}}}}]}",
        OnlyOursRefuses(LIST),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {compression: zstd}}}}]}",
        OnlyOursRefuses("a compression other than `gzip` and `none`"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {endpoint: nowhere}}}}]}",
        OnlyOursRefuses(ENDPOINT),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {tls: {ca_file: ca.pem}}}}}]}",
        OnlyOursRefuses("a relative path of a certificate, a key or a file"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {tls: {cert_file: /tmp/cert.pem}}}}}]}",
        OnlyOursRefuses("a client certificate without its key"),
    ),
    ("file_format: '1.1'\ndistribution: {phoenix_otel: {name_space: x}}", OnlyOursRefuses(OWN)),
    // Keys, tags and line breaks.
    ("file_format: '1.1'\n[a]: b", OnlyOursRefuses(KEY)),
    ("file_format: '1.1'\n? {a: b}\n: c", OnlyOursRefuses(KEY)),
    ("file_format: '1.1'\nx: &k a\n*k : c", OnlyOursRefuses(KEY)),
    ("file_format: '1.1'\n? x\n: {1: a, true: b, '': c}", Accept),
    ("file_format: '1.1'\nresource: {<<: {attributes_list: a=1}}", Refuse),
    ("file_format: '1.1'\nresource: &a {attributes: [{name: a, value: *a}]}", Refuse),
    ("file_format: !<tag:yaml.org,2002:str> 1.1", Accept),
    ("%TAG !e! tag:yaml.org,2002:\n---\nfile_format: !e!str 1.1", Accept),
    ("file_format: '1.1'\nx-other: !!int a", OnlyOursRefuses(TAG)),
    ("file_format: '1.1'\nresource: {attributes: [{name: a, value: !!binary aGk=}]}", Refuse),
    ("file_format: '1.1'\r\nlog_level: info\r\n", Accept),
    ("file_format: '1.1'\rlog_level: info\r", OnlyOursAccepts("a file whose line breaks are single carriage returns")),
    (
        "file_format: '1.1'\nlog_level: ${UNSET}",
        OnlyOursAccepts("null for a key whose value must be one of several words"),
    ),
    ("\u{feff}file_format: '1.1'", Accept),
    ("file_format: '1.1'\nx-other: @a", OnlyOursRefuses("a file with invalid YAML")),
    ("file_format: '1.1.0'", OnlyOursRefuses("a `file_format` that is not a major and a minor version")),
    ("file_format: '1.10'", Accept),
    ("file_format: 'v1.1'", Refuse),
    // The choice of components.
    ("file_format: '1.1'\nmeter_provider: {readers: [{pull: {exporter: {otlp_http: }}}]}", OnlyOursRefuses(SWAPPED)),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {prometheus/development: }}}]}",
        OnlyOursRefuses(SWAPPED),
    ),
    ("file_format: '1.1'\npropagator: {composite: [{acme: }]}", OnlyOursRefuses(COMPONENT)),
    ("file_format: '1.1'\npropagator: {composite_list: acme}", OnlyOursRefuses(COMPONENT)),
    ("file_format: '1.1'\ntracer_provider: {processors: [{acme: }]}", OnlyOursRefuses(COMPONENT)),
    ("file_format: '1.1'\ntracer_provider: {processors: [{batch: {exporter: {acme: }}}]}", OnlyOursRefuses(COMPONENT)),
    (
        "file_format: '1.1'\ntracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: {acme: }}",
        OnlyOursRefuses(COMPONENT),
    ),
    (
        "file_format: '1.1'\ntracer_provider: {processors: [{simple: {exporter: {console: }}}], id_generator: {acme: }}",
        OnlyOursRefuses(COMPONENT),
    ),
    // Ranges and forms that the schema does not have.
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {timeout: 99999999999, exporter: {console: }}}]}",
        OnlyOursRefuses("an interval of 0, an interval or a timeout of more than 49 days"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{pull: {exporter: {prometheus/development: {port: 0, host: 'a b'}}}}]}",
        OnlyOursRefuses("an invalid host"),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {endpoint: 'https://u:p@h:1/x'}}}}]}",
        OnlyOursRefuses(ENDPOINT),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {headers: [{name: 'a b', value: x}]}}}}]}",
        OnlyOursRefuses(HEADER),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_http: {headers: [{name: a, value: \"x\\ny\"}]}}}}]}",
        OnlyOursRefuses(HEADER),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {otlp_file/development: {output_stream: stderr}}}}]}",
        OnlyOursRefuses(STREAM),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: ''}, stream: {}}]}",
        OnlyOursRefuses(VIEW),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: a}, stream: {name: '1a'}}]}",
        OnlyOursRefuses(VIEW),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: a, instrument_type: counter}, stream: {aggregation: {explicit_bucket_histogram: }}}]}",
        OnlyOursRefuses(VIEW),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: a}, stream: {aggregation: {explicit_bucket_histogram: {boundaries: [3, 2]}}}}]}",
        OnlyOursRefuses(BOUNDS),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: a}, stream: {aggregation: {explicit_bucket_histogram: {boundaries: [.inf]}}}}]}",
        OnlyOursRefuses(BOUNDS),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }}}], views: [{selector: {instrument_name: a}, stream: {aggregation: {base2_exponential_bucket_histogram: {max_size: 10001}}}}]}",
        OnlyOursRefuses(BOUNDS),
    ),
    (
        "file_format: '1.1'\nmeter_provider: {readers: [{periodic: {exporter: {console: }, cardinality_limits: {default: 1000001}}}]}",
        OnlyOursRefuses(BOUNDS),
    ),
    (
        "file_format: '1.1'\ntracer_provider: {processors: [{batch: {max_export_batch_size: 600, max_queue_size: 500, exporter: {console: }}}]}",
        OnlyOursRefuses(QUEUE),
    ),
    (
        "file_format: '1.1'\ntracer_provider: {processors: [{batch: {max_queue_size: 1000001, exporter: {console: }}}]}",
        OnlyOursRefuses(QUEUE),
    ),
    ("file_format: '1.1'\ndistribution: {phoenix_otel: {namespace: '9'}}", OnlyOursRefuses(OWN)),
    ("file_format: '1.1'\nresource: {attributes_list: '=a'}", OnlyOursRefuses(LIST)),
];

pub(super) const VARIABLES: [(&str, &str); 5] =
    [("BOOL", "true"), ("EMPTY", ""), ("MAP", "a\nb: c"), ("STRING", "x"), ("VERSION", "1.1")];
