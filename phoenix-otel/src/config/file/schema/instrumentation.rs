//! Settings of instrumentation, which this crate does not read.

use super::Kind::{Bool, List, Map, Text};
use super::{Others, Shape, WHOLE, key};

static CODE_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static DB_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static GEN_AI_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static GENERAL_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("http", Map(&HTTP_INSTRUMENTATION)),
        key("code", Map(&CODE_INSTRUMENTATION)),
        key("db", Map(&DB_INSTRUMENTATION)),
        key("gen_ai", Map(&GEN_AI_INSTRUMENTATION)),
        key("messaging", Map(&MESSAGING_INSTRUMENTATION)),
        key("rpc", Map(&RPC_INSTRUMENTATION)),
        key("sanitization", Map(&SANITIZATION)),
        key("stability_opt_in_list", Text).or_null(),
    ],
    others: Others::Refused,
};

static HTTP_CLIENT_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("request_captured_headers", List(&Text, 1)),
        key("response_captured_headers", List(&Text, 1)),
        key("known_methods", List(&Text, 0)),
    ],
    others: Others::Refused,
};

static HTTP_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("semconv", Map(&SEMCONV_CONFIG)),
        key("client", Map(&HTTP_CLIENT_INSTRUMENTATION)),
        key("server", Map(&HTTP_SERVER_INSTRUMENTATION)),
    ],
    others: Others::Refused,
};

static HTTP_SERVER_INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("request_captured_headers", List(&Text, 1)),
        key("response_captured_headers", List(&Text, 1)),
        key("known_methods", List(&Text, 0)),
    ],
    others: Others::Refused,
};

pub(super) static INSTRUMENTATION: Shape = Shape {
    keys: &[
        key("general", Map(&GENERAL_INSTRUMENTATION)),
        key("cpp", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("dotnet", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("erlang", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("go", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("java", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("js", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("php", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("python", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("ruby", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("rust", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
        key("swift", Map(&LANGUAGE_SPECIFIC_INSTRUMENTATION)),
    ],
    others: Others::Refused,
};

static LANGUAGE_SPECIFIC_INSTRUMENTATION: Shape = Shape { keys: &[], others: Others::Allowed };

static MESSAGING_INSTRUMENTATION: Shape =
    Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static RPC_INSTRUMENTATION: Shape = Shape { keys: &[key("semconv", Map(&SEMCONV_CONFIG))], others: Others::Refused };

static SANITIZATION: Shape = Shape { keys: &[key("url", Map(&URL_SANITIZATION))], others: Others::Refused };

static SEMCONV_CONFIG: Shape = Shape {
    keys: &[key("version", WHOLE).or_null(), key("experimental", Bool).or_null(), key("dual_emit", Bool).or_null()],
    others: Others::Refused,
};

static URL_SANITIZATION: Shape =
    Shape { keys: &[key("sensitive_query_parameters", List(&Text, 0))], others: Others::Refused };
