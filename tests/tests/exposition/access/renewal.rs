//! Files that change while the service runs.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use phoenix_otel_tests::{isolated, wait_until};

use super::*;

/// Waits until the status of a scrape is this one.
#[track_caller]
fn wait_for_status(client: &Client, address: SocketAddr, authorization: &str, status: u16) {
    wait_until(&format!("the status {status}"), || {
        let seen = client.get_with(address, "/metrics", authorization).status;
        if seen == status { Ok(()) } else { Err(seen) }
    });
}

/// Waits until the health contains these texts, or none of them. Scrapes, because files are read when requests arrive.
#[track_caller]
fn wait_for_health(telemetry: &Telemetry, scrape: impl Fn(), texts: &[&str], are_there: bool) {
    wait_until("the health of the endpoint", || {
        scrape();
        let health = telemetry.health().to_string();
        if texts.iter().all(|text| health.contains(text) == are_there) { Ok(()) } else { Err(health) }
    });
}

#[test]
fn certificates_are_renewed_under_load_without_a_failed_scrape() {
    isolated!();
    let (authority, next) = (Authority::new(), Authority::new());
    let (telemetry, address) = served(Prometheus::new().tls(server_tls(&authority)));
    let (is_over, scrapes) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (old, new) = (Client::trusting(&authority), Client::trusting(&next));
    std::thread::scope(|scope| {
        let load: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        // A client that trusts both authorities, during the change from one to the other.
                        let answer = old.get(address, "/metrics", &[]).or_else(|_| new.get(address, "/metrics", &[]));
                        let answer = answer.unwrap_or_else(|error| panic!("a scrape failed: {error}"));
                        assert_eq!(answer.status, 200);
                        scrapes.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let scrape = || _ = old.get(address, "/metrics", &[]);
        // A certificate of the same authority, in the middle of the change: the key is still the old one.
        let (certificate, key) = next.issue("localhost");
        authority.write("localhost.pem", &certificate);
        wait_for_health(
            &telemetry,
            scrape,
            &["prometheus: ok", "changed TLS and authentication files are not used", "localhost.key"],
            true,
        );
        old.get(address, "/metrics", &[]).expect("the former certificate stays in use");
        authority.write("localhost.key", &key);
        wait_until("the new certificate", || new.get(address, "/metrics", &[]).map(|_| ()));
        wait_for_health(&telemetry, scrape, &["not used"], false);
        old.get(address, "/metrics", &[]).expect_err("the former certificate is no longer in use");
        // A broken file.
        authority.write("localhost.key", "-----BEGIN PRIVATE KEY-----\ns3cretbase64\n");
        wait_for_health(&telemetry, scrape, &["not used"], true);
        assert!(!telemetry.health().to_string().contains("s3cretbase64"), "{}", telemetry.health());
        authority.write("localhost.key", &key);
        wait_for_health(&telemetry, scrape, &["not used"], false);
        let before = scrapes.load(Ordering::Relaxed);
        wait_until("further scrapes", || {
            let now = scrapes.load(Ordering::Relaxed);
            if now > before + 10 { Ok(()) } else { Err(now) }
        });
        is_over.store(true, Ordering::Relaxed);
        load.into_iter().for_each(|one| one.join().expect("each scrape succeeds"));
    });
}

#[test]
fn the_authority_of_clients_is_renewed() {
    isolated!();
    let (authority, clients, others) = (Authority::new(), Authority::new(), Authority::new());
    let ca = authority.write("clients.pem", clients.pem());
    let (_telemetry, address) = served(Prometheus::new().tls(server_tls(&authority).client_ca(ca)));
    let (old, new) = [&clients, &others].map(|of| Client::identified(&authority, &of.issue("client"))).into();
    old.get(address, "/metrics", &[]).expect("a response");
    new.get(address, "/metrics", &[]).expect_err("another authority");
    authority.write("clients.pem", &[clients.pem(), others.pem()].concat());
    wait_until("the second authority", || new.get(address, "/metrics", &[]).map(|_| ()));
    old.get(address, "/metrics", &[]).expect("both are valid");
    authority.write("clients.pem", others.pem());
    wait_until("the end of the first authority", || match old.get(address, "/metrics", &[]) {
        Ok(answer) => Err(answer.status),
        Err(_) => Ok(()),
    });
}

#[test]
fn users_and_tokens_are_read_again() {
    isolated!();
    let authority = Authority::new();
    let users = |users: &[(&str, &str)]| {
        let lines = users.iter().map(|(user, hash)| format!("  {user}: {hash}\n"));
        authority.write("web.yml", &format!("basic_auth_users:\n{}", lines.collect::<String>()))
    };
    let (file, token) = (users(&[("one", HASH)]), authority.write("token", "f1rst"));
    let (telemetry, address) = served(Prometheus::new().web_config_file(file).bearer_token_file(token));
    let client = Client::plain();
    let (one, two) = (basic("one", PASSWORD), basic("two", "0ther"));
    assert_eq!(client.get_with(address, "/metrics", &one).status, 200);
    assert_eq!(client.get_with(address, "/metrics", &two).status, 401);
    users(&[("one", HASH), ("two", OTHER_HASH)]);
    wait_for_status(&client, address, &two, 200);
    assert_eq!(client.get_with(address, "/metrics", &one).status, 200);
    users(&[("one", OTHER_HASH), ("two", OTHER_HASH)]);
    wait_for_status(&client, address, &one, 401);
    assert_eq!(client.get_with(address, "/metrics", &basic("one", "0ther")).status, 200);
    users(&[("one", OTHER_HASH)]);
    wait_for_status(&client, address, &two, 401);

    authority.write("token", "f1rst\ns3cond\n");
    wait_for_status(&client, address, "Bearer s3cond", 200);
    assert_eq!(client.get_with(address, "/metrics", "Bearer f1rst").status, 200);
    authority.write("token", "s3cond\n");
    wait_for_status(&client, address, "Bearer f1rst", 401);

    // A broken file changes nothing.
    authority.write("web.yml", "basic_auth_user: {}\n");
    let scrape = || _ = client.get(address, "/metrics", &[]);
    let shown = ["prometheus: ok", "web.yml:1:1: invalid value \"basic_auth_user\" (did you mean basic_auth_users?)"];
    wait_for_health(&telemetry, scrape, &shown, true);
    assert_eq!(client.get_with(address, "/metrics", &basic("one", "0ther")).status, 200);
    assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 401);
    users(&[("one", HASH)]);
    wait_for_status(&client, address, &one, 200);
    wait_for_health(&telemetry, scrape, &["not used"], false);
}

/// The TLS of a `web.yml`. Further settings of it can follow.
fn tls_section(authority: &Authority) -> String {
    let (certificate, key) = authority.signed("localhost");
    format!("tls_server_config:\n  cert_file: {certificate}\n  key_file: {key}\n")
}

/// A file that is cut off while it is written may be a valid file without users.
#[test]
fn a_changed_file_opens_nothing_that_was_closed() {
    isolated!();
    let authority = Authority::new();
    let tls = tls_section(&authority);
    let users = format!("basic_auth_users: {{one: {HASH}}}\n");
    let one = basic("one", PASSWORD);
    for (before, after, client, shown) in [
        (users.clone(), String::new(), Client::plain(), "requires a password or token"),
        (users.clone(), "basic_auth_users:\n".to_owned(), Client::plain(), "requires a password or token"),
        (users.clone(), format!("{tls}{users}"), Client::plain(), "switch TLS on or off"),
        (format!("{tls}{users}"), users.clone(), Client::trusting(&authority), "switch TLS on or off"),
        (format!("{tls}{users}"), tls.clone(), Client::trusting(&authority), "requires a password or token"),
    ] {
        let (telemetry, address) = served(Prometheus::new().web_config_file(authority.write("web.yml", &before)));
        assert_eq!(client.get_with(address, "/metrics", &one).status, 200);
        authority.write("web.yml", &after);
        let scrape = || assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 401, "{after:?}");
        wait_for_health(&telemetry, scrape, &[shown], true);
        assert_eq!(client.get_with(address, "/metrics", &one).status, 200);
        telemetry.shutdown();
    }
}

/// Each protection counts by itself: with two of them, a file that is cut off could be valid with one.
#[test]
fn a_changed_file_drops_none_of_several_protections() {
    isolated!();
    let authority = Authority::new();
    let tls = tls_section(&authority);
    let ca = authority.certificate();
    let verified = format!("{tls}  client_ca_file: {ca}\n  client_auth_type: RequireAndVerifyClientCert\n");
    let names = "  client_allowed_sans: [prometheus]\n";
    let users = format!("basic_auth_users: {{one: {HASH}}}\n");
    let whole = format!("{verified}{names}{users}");
    let (telemetry, address) = served(Prometheus::new().web_config_file(authority.write("web.yml", &whole)));
    let client = Client::identified(&authority, &authority.issue("prometheus"));
    let foreign = Client::identified(&authority, &authority.issue("foreign"));
    for (after, shown) in [
        (format!("{verified}{names}"), "requires a password or token"),
        (format!("{verified}{users}"), "client_allowed_sans"),
        (format!("{tls}{users}"), "requires a client certificate"),
    ] {
        authority.write("web.yml", &after);
        let scrape = || assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 401, "{after:?}");
        wait_for_health(&telemetry, scrape, &["not used", shown], true);
        assert_eq!(client.get_with(address, "/metrics", &basic("one", PASSWORD)).status, 200);
        foreign.get(address, "/metrics", &[]).expect_err("another name");
        Client::trusting(&authority).get(address, "/metrics", &[]).expect_err("no certificate");
    }
}

/// Without these keys, everything that rustls knows is allowed.
#[test]
fn a_changed_file_does_not_weaken_tls() {
    isolated!();
    let authority = Authority::new();
    let tls = tls_section(&authority);
    for limit in [
        "min_version: TLS13",
        "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]",
        "curve_preferences: [CurveP256]",
    ] {
        let whole = authority.write("web.yml", &format!("{tls}  {limit}\n"));
        let (telemetry, address) = served(Prometheus::new().web_config_file(whole));
        let client = Client::trusting(&authority);
        assert_eq!(client.get(address, "/metrics", &[]).expect("a response").status, 200, "{limit}");
        authority.write("web.yml", &tls);
        let scrape = || _ = client.get(address, "/metrics", &[]).expect("a response");
        wait_for_health(&telemetry, scrape, &["not used", "min_version"], true);
        telemetry.shutdown();
    }
}

#[test]
fn a_changed_file_drops_or_weakens_no_header() {
    isolated!();
    let authority = Authority::new();
    let headers = |age: &str, frame: &str| {
        let text = format!(
            "http_server_config: {{headers: {{Strict-Transport-Security: max-age={age}, X-Frame-Options: {frame}}}}}\n"
        );
        authority.write("web.yml", &text)
    };
    let (telemetry, address) = served(Prometheus::new().web_config_file(headers("3600", "deny")));
    let client = Client::plain();
    let get = || client.get(address, "/metrics", &[]).expect("a response");
    for (age, frame) in [("3599", "deny"), ("0", "deny"), ("", "deny"), ("3600", "~")] {
        headers(age, frame);
        wait_for_health(&telemetry, || _ = get(), &["not used", "Strict-Transport-Security"], true);
        assert_eq!(get().header("strict-transport-security"), "max-age=3600", "{age:?}, {frame:?}");
        assert_eq!(get().header("x-frame-options"), "deny", "{age:?}, {frame:?}");
        headers("3600", "deny");
        wait_for_health(&telemetry, || _ = get(), &["not used"], false);
    }
    headers("7200; includeSubDomains", "sameorigin");
    wait_until("the changed headers", || match get().header("x-frame-options") {
        now if now == "sameorigin" => Ok(()),
        other => Err(other),
    });
}

/// As a daemon does after `init`.
#[test]
fn files_are_renewed_after_the_process_has_changed_its_folder() {
    isolated!();
    let authority = Authority::new();
    let users = |hash| authority.write("web.yml", &format!("basic_auth_users: {{one: {hash}}}\n"));
    let (file, token) = (users(HASH), authority.write("token", "f1rst"));
    let (folder, relative) = (Path::new(&file).parent().expect("a folder"), |file: &str| {
        Path::new(file).file_name().expect("a name").to_owned()
    });
    std::env::set_current_dir(folder).expect("the folder is there");
    let prometheus = Prometheus::new().web_config_file(relative(&file)).bearer_token_file(relative(&token));
    let (_telemetry, address) = served(prometheus);
    std::env::set_current_dir("/").expect("the folder is there");
    users(OTHER_HASH);
    authority.write("token", "s3cond");
    let client = Client::plain();
    wait_for_status(&client, address, &basic("one", "0ther"), 200);
    wait_for_status(&client, address, "Bearer s3cond", 200);
}
