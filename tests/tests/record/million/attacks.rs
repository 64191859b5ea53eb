//! Each string label of the catalog, with the attack on it.

use phoenix_otel::MetricDef;
use phoenix_otel::Status;
use phoenix_otel::catalog::{edge, function};
use phoenix_otel::platform::{data_router, executor, kb, llm, orchestrator, safety};

/// A metric, one of its string labels, and a function that records under a value of it.
pub(crate) struct Attack {
    pub(crate) def: &'static MetricDef,
    pub(crate) label: &'static str,
    pub(crate) record: fn(&str),
}

macro_rules! attacks {
    ($($domain:ident::$metric:ident . $record:ident($($number:expr,)? { $label:ident $(, $other:ident: $value:expr)* });)*) => {
        &[$(Attack {
            def: $domain::$metric::DEF,
            label: stringify!($label),
            record: |value| _ = ($domain::$metric.$record($($number,)? $domain::$metric { $label: value $(, $other: $value)* })),
        }),*]
    };
}

/// All metrics of the catalog, except observable instruments, which `kinds` tests.
pub(crate) const ATTACKS: &[Attack] = attacks! {
    data_router::REQUESTS.add(1, { target_service, status: Status::Ok });
    data_router::ROUTE_DURATION.record(0.1, { target_service });
    data_router::ROUTES.add(1, { service });
    data_router::LANGUAGE_DETECTION.add(1, { language });
    edge::REQUESTS.add(1, { method, route: "/", status: "200" });
    edge::REQUESTS.add(1, { route, method: "GET", status: "200" });
    edge::REQUESTS.add(1, { status, method: "GET", route: "/" });
    edge::REQUEST_DURATION.record(0.1, { method, route: "/" });
    edge::REQUEST_DURATION.record(0.1, { route, method: "GET" });
    edge::REQUEST_SIZE.record(1.0, { method, route: "/" });
    edge::REQUEST_SIZE.record(1.0, { route, method: "GET" });
    edge::RESPONSE_SIZE.record(1.0, { method, route: "/" });
    edge::RESPONSE_SIZE.record(1.0, { route, method: "GET" });
    executor::DURATION.record(0.1, { operation });
    executor::CONTAINER_OPERATIONS.add(1, { operation, status: Status::Ok });
    function::REQUESTS.add(1, { method, status: Status::Ok });
    function::CALLS.add(1, { method, status: Status::Ok });
    function::REQUEST_DURATION.record(0.1, { method });
    function::ERRORS.add(1, { method, error_type: "timeout" });
    function::ERRORS.add(1, { error_type, method: "plan" });
    function::REQUESTS_ACTIVE.add(1, { method });
    kb::QUERIES.add(1, { kb, operation: "search", status: Status::Ok });
    kb::QUERIES.add(1, { operation, kb: "mind", status: Status::Ok });
    kb::QUERY_DURATION.record(0.1, { kb, operation: "search" });
    kb::QUERY_DURATION.record(0.1, { operation, kb: "mind" });
    kb::PRUNING_OPERATIONS.add(1, { kb });
    kb::VECTOR_SEARCH_DURATION.record(0.1, { kb_name });
    kb::SEARCH_RESULTS.record(1.0, { kb_name });
    kb::TOP_MATCH_SIMILARITY.record(0.5, { kb_name });
    llm::REQUESTS.add(1, { model, status: Status::Ok });
    llm::TOKENS.add(1, { model, operation: llm::Operation::Chat, token_type: llm::TokenType::Prompt });
    llm::GENERATION_DURATION.record(0.1, { model });
    llm::TIME_TO_FIRST_TOKEN.record(0.1, { model });
    llm::COST.add(0.1, { model });
    llm::TOKEN_USAGE.set(0.1, { model });
    llm::UNPRICED_TOKENS.add(1, { model });
    orchestrator::PLANS.add(1, { plan_type, status: Status::Ok });
    safety::REQUESTS.add(1, { operation, status: Status::Ok });
    safety::PROCESSING_DURATION.record(0.1, { operation });
    safety::BLOCKED_REQUESTS.add(1, { reason });
};
