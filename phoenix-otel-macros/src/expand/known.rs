//! Finds the kinds of error in the signature, so that their counters exist from the start.
//!
//! A static finds them by type, and a static cannot name a type parameter. An attribute on an impl block sees all type parameters. An
//! attribute on a method does not see those of its block or trait, so a name that may be a type parameter is looked up in the function's
//! module: see [`in_module_scope`].

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, GenericArgument, Ident, Lifetime, Path, PathArguments, TraitBound, Type, TypePath, parse_quote};

use super::{Parts, block, types};

/// The call of `.errors(…)` or `.error_types(…)` on the static, if any.
pub(super) fn errors(parts: &Parts<'_>) -> Option<TokenStream> {
    if let Some(error_types) = &parts.args.error_types {
        let listed = parts.checked_list("error_types", error_types);
        return Some(quote!(.error_types(#listed)));
    }
    if parts.args.error_type.is_some() || parts.args.outcome.is_some() {
        return None;
    }
    let output = parts.output?;
    let returned = types::future_output(output).or_else(|| types::boxed_output(output)).unwrap_or(Some(output))?;
    let (known, possible_parameters) = nameable(parts, returned)?;
    let private = &parts.private;
    // `ok_if` and `error_if` decide which kinds occur, so none are known.
    let narrowed = parts.args.decides().then(|| quote!(.undecided()));
    let names = quote! {
        || { use #private::by_type::*; (&&&&&&&#private::ReturnedErrors::<#known>::new()).phoenix_error_names() #narrowed }
    };
    let names = in_module_scope(names, &possible_parameters, private);
    Some(quote!(.errors(#names)))
}

/// Wraps the expression so that each of these names is the type of this name in the function's module, or else a placeholder for an
/// unknown type. Names in the inner block shadow those in the outer block, and both shadow a type parameter, which would be a compile
/// error in a static.
fn in_module_scope(names: TokenStream, possible_parameters: &[Ident], private: &TokenStream) -> TokenStream {
    if possible_parameters.is_empty() {
        return names;
    }
    quote! {{
        #(use #private::UnknownType as #possible_parameters;)*
        {
            use self::*;
            #names
        }
    }}
}

/// The type in a form that a static can name, and the names in it that may be type parameters.
fn nameable(parts: &Parts<'_>, returned: &Type) -> Option<(Type, Vec<Ident>)> {
    let mut ty = types::ungrouped(returned).clone();
    if let Some(block) = parts.block {
        block::resolve(block, &mut ty);
    }
    let name = types::path(&ty)?.segments.last()?.ident.to_string();
    if name == "Option" {
        return Some((parse_quote!(::core::option::Option<()>), Vec::new()));
    }
    let Type::Path(path) = &mut ty else { return None };
    if name.ends_with("Result") {
        // The success type of a `Result` is not needed.
        without_value(&mut path.path);
    } else if name.ends_with("Future") && !types::type_arguments(&path.path).is_empty() {
        return nameable(parts, types::type_arguments(&path.path).last()?);
    }
    let mut check = Check { parts, known: true, possible_parameters: Vec::new(), any_fits: true };
    check.visit_type_mut(&mut ty);
    check.known.then_some((ty, check.possible_parameters))
}

fn without_value(path: &mut Path) {
    if let Some(PathArguments::AngleBracketed(arguments)) = path.segments.last_mut().map(|last| &mut last.arguments) {
        let first = arguments.args.iter_mut().find(|argument| matches!(argument, GenericArgument::Type(_)));
        if let Some(first) = first {
            *first = GenericArgument::Type(parse_quote!(()));
        }
    }
}

/// Whether any type fits as an argument of this type, so that a placeholder can replace it.
fn takes_any(name: &str) -> bool {
    name.ends_with("Result")
        || ["Option", "Box", "Arc", "Rc", "Pin", "Vec", "PoisonError", "SendError", "TrySendError"].contains(&name)
}

/// The types whose names are in lower case.
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

struct Check<'p, 'i> {
    parts: &'p Parts<'i>,
    known: bool,
    possible_parameters: Vec<Ident>,
    /// Whether any type fits at the visited position.
    any_fits: bool,
}

impl Check<'_, '_> {
    fn first(&mut self, first: &Ident, is_single: bool) {
        let name = first.to_string();
        if name == "Self" || self.parts.parameters().any(|parameter| *parameter == name) {
            self.known = false;
        } else if self.parts.block.is_some() || name == "String" || PRIMITIVES.contains(&name.as_str()) {
            // A type.
        } else if !is_single {
            // A module or a crate has a name in lower case. A type is not a module, so this is an associated type of a type parameter.
            self.known &= name.starts_with(|c: char| c.is_lowercase());
        } else if self.any_fits {
            self.possible_parameters.push(first.clone());
        } else {
            // The macro cannot see whether the function is in an impl block or a trait, which may have type and const parameters of any name.
            self.known = false;
        }
    }
}

impl VisitMut for Check<'_, '_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::ImplTrait(_)
            | Type::BareFn(_)
            | Type::Infer(_)
            | Type::Macro(_)
            | Type::Never(_)
            | Type::Verbatim(_) => {
                self.known = false;
            }
            other => visit_mut::visit_type_mut(self, other),
        }
    }

    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        let fits = self.any_fits;
        self.any_fits &= path.qself.is_none();
        visit_mut::visit_type_path_mut(self, path);
        self.any_fits = fits;
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        let fits = self.any_fits;
        if let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) {
            let (first, is_single) = (first.ident.clone(), path.segments.len() == 1);
            // A type with arguments is not a type parameter.
            let has_arguments = !last.arguments.is_none();
            self.any_fits &= !has_arguments || takes_any(&last.ident.to_string());
            if path.leading_colon.is_none() && !(is_single && has_arguments) {
                self.first(&first, is_single);
            }
        }
        visit_mut::visit_path_mut(self, path);
        self.any_fits = fits;
    }

    /// The length of an array or another constant, which may contain a parameter that is not visible.
    fn visit_expr_mut(&mut self, constant: &mut Expr) {
        let fits = std::mem::replace(&mut self.any_fits, false);
        let is_seen = match constant {
            Expr::Lit(_) => true,
            Expr::Path(path) => self.parts.block.is_some() || path.path.segments.len() > 1,
            _ => self.parts.block.is_some(),
        };
        self.known &= is_seen;
        visit_mut::visit_expr_mut(self, constant);
        self.any_fits = fits;
    }

    /// A trait is not a type parameter, but its arguments may be.
    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        let fits = std::mem::replace(&mut self.any_fits, false);
        self.known &= bound.lifetimes.is_none();
        bound.path.segments.iter_mut().for_each(|segment| self.visit_path_arguments_mut(&mut segment.arguments));
        self.any_fits = fits;
    }

    fn visit_bound_lifetimes_mut(&mut self, _: &mut syn::BoundLifetimes) {
        self.known = false;
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "static" {
            lifetime.ident = Ident::new("_", lifetime.ident.span());
        }
    }
}
