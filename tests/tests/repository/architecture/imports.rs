//! The allowed imports between modules.

use super::none;
use super::source::{Finding, Source, sources};

const SRC: &str = "phoenix-otel/src";

/// The modules of the crate, and what each may import of it.
const MODULES: &[(&str, &[&str])] = &[
    ("catalog", &["sort"]),
    ("config", &["lock", "sort"]),
    // A decision: the error of `init` lists the problems of the configuration unchanged.
    ("error", &["config", "view"]),
    // The module that reports problems of the telemetry itself: to the subscriber, or to standard error without one.
    ("report", &["lock"]),
    // Recording writes to it and the endpoint reads it. Apart from the SDK it is the only place where they meet.
    ("exemplar", &["lock", "sort"]),
    // Each collection calls it. Code that creates observable instruments registers callbacks in it.
    ("callbacks", &["lock"]),
    // The only way to take a lock.
    ("lock", &[]),
    // A sort that is compiled once.
    ("sort", &[]),
    // The endpoint marks its responses for the layer.
    ("unmeasured", &[]),
    ("view", &["catalog", "config", "lock", "report", "sort"]),
    ("instrument", &["callbacks", "catalog", "exemplar", "lock", "report", "view"]),
    ("record", &["catalog", "exemplar", "instrument", "lock", "report", "unmeasured"]),
    ("pipeline", &["callbacks", "catalog", "config", "error", "lock", "report", "view"]),
    ("export", &["callbacks", "catalog", "config", "error", "exemplar", "lock", "report", "sort", "view"]),
    ("signal", &["report"]),
    ("page", &["export", "config", "error", "lock"]),
    ("serve", &["export", "config", "error", "lock", "page", "report", "sort", "unmeasured"]),
    // It re-exports the encoder of the exposition for our own tests.
    ("__private", &["catalog", "export", "instrument", "record"]),
];

/// The modules that assemble the others. They may import anything, and only `lib` and they import them.
const ASSEMBLY: [&str; 11] = [
    "init",
    "guard",
    "builder",
    "declared",
    "extension",
    "names",
    "page_data",
    "reload",
    "self_metrics",
    "testing",
    "traces",
];

/// A user of the crate within the crate: it uses only the public API. `tenant.rs` compiles it as another crate.
const TENANT: &str = "platform";

/// The modules that may use the SDK, in addition to the assembly and `lib`, which re-exports it.
const SDK_USERS: [&str; 2] = ["pipeline", "export"];

/// Modules that have a submodule with the name of an external crate.
const OWN_PROMETHEUS: [&str; 3] = ["__private", "config", "serve"];

#[test]
fn modules_have_only_allowed_imports() {
    none(sources(&[SRC]).iter().filter(|source| !source.is_test()).flat_map(crate_imports));
}

#[test]
fn only_allowed_modules_use_the_sdk() {
    let files = sources(&[SRC]);
    let outside = files.iter().filter(|source| !source.is_test()).filter(|source| {
        let module = module(source);
        module != "lib" && !ASSEMBLY.contains(&&*module) && !SDK_USERS.contains(&&*module)
    });
    none(outside.flat_map(|source| {
        let foreign = source.tokens.iter().filter(|token| {
            token.is_word
                && (token.text.starts_with("opentelemetry_")
                    || token.text == "prometheus" && !OWN_PROMETHEUS.contains(&&*module(source)))
        });
        foreign.map(|token| {
            source.finding(
                token.line,
                format!("`{}` uses {}", module(source), token.text),
                "recording knows the OpenTelemetry API alone: move this into `pipeline` or `export`",
            )
        })
    }));
}

/// A disabled feature has a stub, and exporters are items of a list, so the assembly code is the same in every build.
#[test]
fn the_assembly_names_no_feature_and_no_exporter() {
    let init = sources(&[SRC]).into_iter().filter(|source| module(source) == "init");
    none(init.flat_map(|source| {
        let known = ["cfg", "cfg_attr", "otlp", "Otlp", "OtlpFile", "prometheus", "Prometheus", "console", "Console"];
        let found = source.tokens.iter().filter(|token| known.contains(&&*token.text));
        let found = found.map(|token| {
            source.finding(
                token.line,
                format!("`init` knows `{}`", token.text),
                "put it behind `export::plugin`, or into the stub of a feature (`off.rs`)",
            )
        });
        found.collect::<Vec<_>>()
    }));
}

/// Apart from modules that exist only with a feature: calls to a disabled one go to its stub.
#[test]
fn the_assembly_uses_cfg_only_on_modules() {
    let assembly = sources(&[SRC]).into_iter().filter(|source| ASSEMBLY.contains(&&*module(source)));
    none(assembly.filter(|source| !source.is_test() && !source.path.ends_with("/off.rs")).flat_map(|source| {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        let gates = lines.iter().enumerate().filter(|(_, line)| line.starts_with("#[cfg(") && **line != "#[cfg(test)]");
        let found = gates.filter(|(at, _)| lines.get(at + 1).is_none_or(|next| !next.starts_with("mod ")));
        let found = found.map(|(at, line)| {
            source.finding(
                at + 1,
                format!("`{}` has `{line}` before what is no module", module(&source)),
                "put it behind `export::plugin`, or into the stub of a feature (`off.rs`)",
            )
        });
        found.collect::<Vec<_>>()
    }));
}

#[test]
fn every_module_has_its_rule() {
    let known =
        |module: &str| ["lib", TENANT].contains(&module) || ASSEMBLY.contains(&module) || rule(module).is_some();
    none(sources(&[SRC]).iter().filter(|source| !known(&module(source))).map(|source| {
        source.finding(
            1,
            format!("there is no import rule for `{}`", module(source)),
            "add it to MODULES or ASSEMBLY in tests/tests/repository/architecture/imports.rs and to docs/ARCHITECTURE.md",
        )
    }));
}

#[test]
fn the_platform_uses_only_the_public_api() {
    let files = sources(&[SRC]);
    let tenants: Vec<&Source> = files.iter().filter(|source| module(source) == TENANT).collect();
    assert!(tenants.len() > 6, "only {} files are of {TENANT}", tenants.len());
    none(tenants.iter().flat_map(|source| {
        let by_crate = source.places(&["crate", ":", ":"]).map(|at| (source.tokens[at].line, "crate".to_owned()));
        let private = imported(source).into_iter().filter(|(_, name)| {
            // The catalog is public.
            name != "catalog" && (rule(name).is_some() || ASSEMBLY.contains(&&**name))
        });
        let found: Vec<_> = by_crate.chain(private).collect();
        found.into_iter().map(|(line, name)| {
            source.finding(
                line,
                format!("`{TENANT}` names `{name}`"),
                "it uses the public API as another crate does: name it by `phoenix_otel::…`, and make public what is missing",
            )
        })
    }));
    none(files.iter().filter(|source| !["lib", TENANT].contains(&&*module(source))).flat_map(|source| {
        let names = imported(source).into_iter().filter(|(_, name)| name == TENANT);
        names
            .map(|(line, _)| {
                source.finding(
                    line,
                    format!("`{}` imports `{TENANT}`", module(source)),
                    "the SDK knows none of its users",
                )
            })
            .collect::<Vec<_>>()
    }));
}

#[test]
fn an_expansion_uses_only_the_private_module() {
    let mut found = Vec::new();
    for source in sources(&["phoenix-otel-macros/src"]) {
        // The path of the crate, in any form, and the names that may follow.
        for root in [&["phoenix_otel", ":", ":"][..], &["#", "krate", ":", ":"], &["#", "path", ":", ":"]] {
            for at in source.places(root) {
                let next = source.tokens.get(at + root.len());
                if next.is_none_or(|next| next.text != "__private") {
                    let named = next.map(|next| next.text.clone()).unwrap_or_default();
                    found.push(source.finding(
                        source.tokens[at].line,
                        format!("an expansion names `phoenix_otel::{named}`"),
                        "re-export it in phoenix-otel/src/__private.rs and name it by `__private`, so that public names stay free to move",
                    ));
                }
            }
        }
        for token in source
            .tokens
            .iter()
            .filter(|token| ["opentelemetry", "opentelemetry_sdk", "inventory"].contains(&&*token.text))
        {
            let behind_private = source.tokens.windows(4).any(|window| {
                window[3].line == token.line
                    && window[3].text == token.text
                    && window[0].text == "private"
                    && window[1].text == ":"
            });
            if !behind_private {
                found.push(source.finding(
                    token.line,
                    format!("an expansion names `{}`", token.text),
                    "the user's crate may not depend on it: name it by `__private`",
                ));
            }
        }
    }
    none(found);
}

fn rule(module: &str) -> Option<&'static [&'static str]> {
    MODULES.iter().find(|(name, _)| *name == module).map(|(_, may)| *may)
}

/// Returns the module of a file: that of its folder, or its own.
fn module(source: &Source) -> String {
    path(source).first().cloned().unwrap_or_else(|| "lib".to_owned())
}

/// Returns the module path of a file, below the crate.
fn path(source: &Source) -> Vec<String> {
    let inside = source.path.strip_prefix(SRC).unwrap_or_default().trim_start_matches('/');
    let mut path: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod" || last == "lib") {
        path.pop();
    }
    path
}

fn crate_imports(source: &Source) -> Vec<Finding> {
    let own = module(source);
    let Some(may) = rule(&own) else { return Vec::new() };
    let modules = MODULES.iter().map(|(name, _)| *name).chain(ASSEMBLY);
    let modules: Vec<&str> = modules.collect();
    let wrong = imported(source).into_iter().filter(|(_, name)| *name != own && !may.contains(&&**name));
    wrong
        .map(|(line, name)| {
            let what = if ASSEMBLY.contains(&&*name) {
                "the assembly, which imports everything and is imported by nothing"
            } else if modules.contains(&&*name) {
                "which it must not know"
            } else {
                "a re-export of the crate's root, or the root itself"
            };
            source.finding(
                line,
                format!("`{own}` imports `{name}`, {what}"),
                format!("of the crate it may import {may:?}: move the code, or pass the value in"),
            )
        })
        .collect()
}

/// Returns the first names below the crate root of all paths in a file, with their lines.
fn imported(source: &Source) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for root in ["crate", "phoenix_otel"] {
        for at in source.places(&[root, ":", ":"]).filter(|at| *at == 0 || source.tokens[at - 1].text != "$") {
            heads(source, at + 3, &mut names);
        }
    }
    // `super` leaves a module only if there are enough of them.
    let depth = path(source).len();
    for at in source.places(&["super", ":", ":"]) {
        let is_first = at < 3 || source.tokens[at - 3].text != "super" || source.tokens[at - 1].text != ":";
        let supers =
            (0..).take_while(|n| source.tokens.get(at + 3 * n).is_some_and(|token| token.text == "super")).count();
        if is_first && supers == depth {
            heads(source, at + 3 * supers, &mut names);
        }
    }
    names
}

/// Returns the names at `at`: one, or a list in braces.
fn heads(source: &Source, at: usize, names: &mut Vec<(usize, String)>) {
    let Some(first) = source.tokens.get(at) else { return };
    if first.text != "{" {
        return names.push((first.line, first.text.clone()));
    }
    let mut depth = 0usize;
    let mut starts = false;
    for token in &source.tokens[at..] {
        match &*token.text {
            "{" => {
                depth += 1;
                starts = depth == 1;
            }
            "}" => depth -= 1,
            "," => starts = depth == 1,
            _ if starts => {
                names.push((token.line, token.text.clone()));
                starts = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}
