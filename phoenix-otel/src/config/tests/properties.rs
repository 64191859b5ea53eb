//! Property tests of the parsers with any text in variables.

use super::*;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

proptest! {
    // A failing case goes into a table by hand, not into a file beside the sources.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_panics_and_no_header_is_repeated(name in "(OTEL_[A-Z_]{1,60}|POD_NAME)", values in proptest::collection::vec(any::<String>(), 30), secret in "[a-z=,%]{12,40}") {
        // Every variable has some text, so each parser runs.
        let index = AtomicUsize::new(0);
        let (told, header) = (name.clone(), secret.clone());
        let environment = Environment::new(move |asked| {
            let index = index.fetch_add(1, Ordering::Relaxed);
            match asked {
                "OTEL_METRICS_EXPORTER" => Some("otlp,prometheus".into()),
                "OTEL_EXPORTER_OTLP_HEADERS" | "OTEL_EXPORTER_OTLP_METRICS_HEADERS" => Some(OsString::from(header.clone())),
                "OTEL_SDK_DISABLED" => None,
                _ if asked == told => None,
                _ => Some(OsString::from(values[index % values.len()].clone())),
            }
        }, Vec::new);
        let (_, problems) = resolved(&environment, "x", &Overrides::default());
        for problem in problems.iter() {
            if problem.name().ends_with("_HEADERS") {
                prop_assert!(!problem.to_string().contains(&secret));
            }
            prop_assert!(!problem.to_string().contains('\n'), "{}", problem);
            let is_not_honoured = known::not_honoured(true).any(|(name, ..)| name == problem.name());
            prop_assert!(problem.fallback().is_some() || is_not_honoured, "nothing is used instead of {}", problem);
        }
        prop_assert!(problems.ignored(false).is_ok(), "no variable stops a service");
    }

    #[test]
    fn attributes_survive_encoding(pairs in proptest::collection::btree_map("[a-z.]{1,12}x", any::<String>(), 0..8)) {
        let list = pairs.iter().map(|(key, value)| format!("{} = {}", encode(key), encode(value))).collect::<Vec<_>>().join(" , ");
        let parsed: Result<Vec<_>, _> = pairs::parse(&list).map(|(_, pair)| pair).collect();
        prop_assert_eq!(parsed.unwrap(), pairs.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn pairs_of_any_text(list in any::<String>()) {
        for (place, pair) in pairs::parse(&list) {
            prop_assert!(place >= 1);
            if let Ok((key, _)) = pair {
                prop_assert!(!key.is_empty());
            }
        }
    }

    #[test]
    fn an_endpoint_is_a_url(text in ".{0,40}", http in any::<bool>(), insecure in any::<bool>()) {
        let protocol = if http { Protocol::HttpProtobuf } else { Protocol::Grpc };
        for text in [text.clone(), format!("http://{text}"), format!("https://host{text}")] {
            for form in [endpoint::Form::Whole, endpoint::Form::Base, endpoint::Form::BaseOrWhole] {
                if let Some(url) = endpoint::resolve(&text, protocol, form, insecure, Signal::Metrics) {
                    prop_assert!(url.starts_with("http://") || url.starts_with("https://"));
                    let parsed: http::Uri = url.parse().expect("what is accepted is a URI");
                    prop_assert!(parsed.host().is_some_and(|host| !host.is_empty()));
                }
            }
        }
    }

    /// Whatever characters it has: also those that end a user, a host or a path. `Z` and digits occur in nothing else of the URL.
    #[test]
    fn no_part_of_a_password_is_shown(
        before in "(http:///?|https://|http:/|ftp://|unix:|)",
        user in "[a-y]{0,5}",
        password in "(Z[0-9]{3}[!-~]{0,3}){1,4}",
        key in "(Z[0-9]{3}[!-~]{0,3}){0,2}",
        after in "(:port|)(/path|)",
    ) {
        for url in [
            format!("{before}{user}:{password}@host{after}"),
            format!("{before}{password}@host{after}?{key}"),
            format!("{before}host{after}?key={password}"),
            format!("{before}host{after}#{password}?{key}@"),
        ] {
            let shown = format!("{} {:?}", endpoint::Url::new(url.as_str()), endpoint::Url::new(url.as_str()));
            prop_assert!(!shown.contains('Z') && !shown.contains(|c: char| c.is_ascii_digit()), "{}", shown);
            for protocol in ["grpc", "http/protobuf"] {
                let variables = [("OTEL_METRICS_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
                let variables = variables.map(|(name, value)| (name.to_owned(), OsString::from(value)));
                let (_, problems) = resolved(&Environment::from_map(variables.into()), "x", &Overrides::default());
                let named = problems.iter().filter(|problem| problem.name() == "OTEL_EXPORTER_OTLP_ENDPOINT");
                for problem in named {
                    prop_assert!(!problem.to_string().contains('Z'), "{}", problem);
                }
            }
        }
    }

    #[test]
    fn a_subsystem_can_stand_in_a_name(service in any::<String>()) {
        let subsystem = name::derive(&service);
        prop_assert!(name::is_part(&subsystem), "{:?} from {:?}", subsystem, service);
    }
}
