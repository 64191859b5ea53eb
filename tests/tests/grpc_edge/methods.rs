//! The methods that clients call, and which of them become label values.

use phoenix_otel::grpc::MetricsLayer;
use tonic::service::interceptor::InterceptorLayer;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use tower::layer::Layer;

use super::server::{Bench, SERVICE, telemetry};
use super::service::proto::probe_server::ProbeServer;
use super::service::proto::{Answer, DESCRIPTORS};
use super::service::{Ending, Probe, Wish, fail, wish};
use phoenix_otel_tests::Samples;

/// Calls any path, as a client without generated code can.
async fn call(channel: &Channel, path: &str) -> Code {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.expect("a connection");
    let codec = tonic_prost::ProstCodec::<Wish, Answer>::default();
    let path = path.parse().expect("a path");
    match client.unary(Request::new(wish(Ending::Answer)), path, codec).await {
        Ok(_) => Code::Ok,
        Err(status) => status.code(),
    }
}

#[test]
fn an_unknown_method_is_no_label_value() {
    let bench = Bench::new(MetricsLayer::new());
    let channel = bench.channel();
    bench.run(async {
        for hostile in 0..200 {
            for path in [format!("/{SERVICE}/Hostile{hostile}"), format!("/hostile.Service{hostile}/Unary")] {
                assert_eq!(call(&channel, &path).await, Code::Unimplemented, "{path}");
            }
        }
        for path in ["/", "/hostile", "/a/b/c/d", "/phoenix.probe.Probe/", "//", "/%00/%ff"] {
            assert_eq!(call(&channel, path).await, Code::Unimplemented, "{path}");
        }
    });
    assert_eq!(bench.counted(), ["_OTHER UNIMPLEMENTED 406"]);
}

#[test]
fn an_unimplemented_method_is_no_label_value_until_it_responds() {
    let bench = Bench::new(MetricsLayer::new());
    let mut client = bench.client();
    bench.run(async {
        assert_eq!(client.stub(wish(Ending::Answer)).await.unwrap_err().code(), Code::Unimplemented);
        assert_eq!(client.unary(fail(Code::Unimplemented)).await.unwrap_err().code(), Code::Unimplemented);
        client.unary(wish(Ending::Answer)).await.unwrap();
        assert_eq!(client.unary(fail(Code::Unimplemented)).await.unwrap_err().code(), Code::Unimplemented);
    });
    assert_eq!(bench.counted(), ["Unary OK 1", "Unary UNIMPLEMENTED 1", "_OTHER UNIMPLEMENTED 2"]);
}

#[test]
fn a_method_refused_by_an_interceptor_is_no_label_value() {
    let guard = InterceptorLayer::new(|request: Request<()>| match request.metadata().get("authorization") {
        Some(_) => Ok(request),
        None => Err(Status::unauthenticated("who are you?")),
    });
    let probe = ProbeServer::new(Probe);
    // The interceptor runs between our layer and the methods of the service, for every path.
    let bench = Bench::of(Server::builder().layer(MetricsLayer::new()).add_service(guard.layer(probe)));
    let channel = bench.channel();
    let mut client = bench.client();
    bench.run(async {
        for hostile in 0..50 {
            assert_eq!(call(&channel, &format!("/{SERVICE}/Hostile{hostile}")).await, Code::Unauthenticated);
        }
        let mut request = Request::new(wish(Ending::Answer));
        request.metadata_mut().insert("authorization", "me".parse().unwrap());
        client.unary(request).await.unwrap();
        // Now the method is known, and a rejected call is counted under it.
        assert_eq!(client.unary(wish(Ending::Answer)).await.unwrap_err().code(), Code::Unauthenticated);
    });
    assert_eq!(bench.counted(), ["Unary OK 1", "Unary UNAUTHENTICATED 1", "_OTHER UNAUTHENTICATED 50"]);
}

#[test]
fn only_listed_methods_are_label_values() {
    telemetry();
    let layer = MetricsLayer::new().with_descriptor_set(DESCRIPTORS).expect("it describes the probe");
    let bench = Bench::new(layer);
    let mut client = bench.client();
    let channel = bench.channel();
    bench.run(async {
        assert_eq!(client.stub(wish(Ending::Answer)).await.unwrap_err().code(), Code::Unimplemented);
        assert_eq!(call(&channel, &format!("/{SERVICE}/Hostile")).await, Code::Unimplemented);
    });
    assert_eq!(bench.counted(), ["Stub UNIMPLEMENTED 1", "_OTHER UNIMPLEMENTED 1"]);
    let samples = Samples::of(telemetry());
    for method in ["Unary", "Download", "Upload", "Talk", "Stub"] {
        let labels = [("method", &*format!("{SERVICE}/{method}")), ("status", "INTERNAL")];
        assert!(samples.get("phoenix_service_requests_total", &labels).is_some(), "{method} is there");
    }
}

#[test]
fn with_a_list_no_response_adds_a_label_value() {
    let bench = Bench::new(MetricsLayer::new().with_methods([format!("{SERVICE}/Unary")]));
    let mut client = bench.client();
    bench.run(async {
        client.unary(wish(Ending::Answer)).await.unwrap();
        client.upload(futures::stream::iter([wish(Ending::Answer)])).await.unwrap();
    });
    assert_eq!(bench.counted(), ["Unary OK 1", "_OTHER OK 1"]);
}
