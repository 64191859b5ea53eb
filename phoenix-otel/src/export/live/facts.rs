//! What does not change while the service runs.

/// How the service is set up, for the page's configuration.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// In the order in which they are shown.
    pub(crate) settings: Vec<Setting>,
    pub(crate) functions: Vec<Function>,
}

/// A setting as it is in force.
#[derive(Debug)]
pub(crate) struct Setting {
    /// What it is a setting of.
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Where an instrumented function is written.
#[derive(Debug)]
pub(crate) struct Function {
    /// The value of the label `method`.
    pub(crate) method: String,
    /// Its path, and its file with the line.
    pub(crate) path: String,
    pub(crate) place: String,
}

/// Words in a name whose value is a secret.
const SECRETS: [&str; 8] =
    ["secret", "token", "password", "passwd", "authorization", "credential", "api_key", "apikey"];
/// What stands in a secret's place.
const MASK: &str = "***";

impl Facts {
    /// Adds a setting. The value of one whose name says that it is a secret is masked.
    pub(crate) fn set(&mut self, section: impl Into<String>, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        let is_secret = {
            let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
            SECRETS.iter().any(|word| name.contains(word))
        };
        let value = if is_secret { MASK.to_owned() } else { value.into() };
        self.settings.push(Setting { section: section.into(), name, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_by_their_names() {
        let mut facts = Facts::default();
        for (name, shown) in [
            ("service.name", "x"),
            ("auth.token", MASK),
            ("X-Api-Key", MASK),
            ("db.password", MASK),
            ("Client_Secret", MASK),
            ("host.name", "x"),
        ] {
            facts.set("resource", name, "x");
            assert_eq!(facts.settings.last().unwrap().value, shown, "{name}");
        }
    }
}
