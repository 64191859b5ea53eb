//! Declarations in every place for an item, under `cfg`, with another crate path, and by a macro.

#![deny(warnings)]

mod telemetry {
    pub(crate) use phoenix_otel::__private;
}

phoenix_otel::metrics! {
    crate = crate::telemetry;

    /// Under another name of the crate.
    static RENAMED: Counter { tenant: &str } = "acme.renamed";

    /// Not on this machine.
    #[cfg(any())]
    static CONDITIONAL: Counter { tenant: NoSuchType } = "acme.conditional.never";
    /// On this machine.
    #[cfg(all())]
    static CONDITIONAL: Counter = "acme.conditional";
    /// With a name of OpenTelemetry's.
    static COMPONENT: Counter {
        /// The exporter or reader.
        #[label("otel.component.type")]
        component: &str,
    } = "acme.component";
}

macro_rules! declare {
    ($name:ident, $ty:ty, $otel:literal, $unit:literal, $cap:expr) => {
        phoenix_otel::metrics! {
            /// By a macro.
            static $name: Counter { kind: $ty, tenant: &str } = $otel { unit: $unit, cap: $cap };
        }
    };
}

#[derive(Clone, Copy, phoenix_otel::Label)]
enum Kind {
    Small,
}

declare!(BY_MACRO, Kind, "acme.by_macro", "{thing}", 3 * 4);
phoenix_otel::metrics! {}

const UNIT: &str = "{thing}";

fn main() {
    phoenix_otel::metrics! {
        /// In a function.
        static LOCAL: Counter = "acme.local";
        /// Its unit is put together.
        static JOINED: Counter = "acme.joined" { unit: concat!("{", "thing", "}") };
        /// Its unit is a constant.
        static CONSTANT: Counter = "acme.constant" { unit: UNIT };
    }
    assert_eq!([JOINED::DEF.unit, CONSTANT::DEF.unit], ["{thing}"; 2]);
    assert_eq!(LOCAL::DEF.name, "acme.local");
    assert_eq!(RENAMED::DEF.labels[0].name, "tenant");
    assert_eq!(COMPONENT::DEF.labels[0].name, "otel.component.type");
    assert_eq!(CONDITIONAL::DEF.name, "acme.conditional");
    assert_eq!(BY_MACRO::DEF.name, "acme.by_macro");
    let _ = (Kind::Small, COMPONENT { component: "reader" });
    let names: Vec<_> = phoenix_otel::__private::inventory::iter::<phoenix_otel::__private::Declared>()
        .map(|declared| declared.0.def().name)
        .collect();
    for name in
        ["acme.renamed", "acme.conditional", "acme.component", "acme.by_macro", "acme.local", "phoenix.otel.overflow"]
    {
        assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name} in {names:?}");
    }
}
