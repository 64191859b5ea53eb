//! Reads types in signatures.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Lifetime, Path, PathArguments, Type, TypeParamBound, TypeReference};

/// The type without surrounding parentheses and invisible groups.
pub(super) fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            other => return other,
        };
    }
}

/// The type for use in a body, where `impl Trait` becomes `_`. `None` if stating it is useless: for `()`, about which clippy would warn,
/// for `!`, and for a plain `impl Trait`.
pub(super) fn hint(ty: &Type) -> Option<Type> {
    let mut ty = ungrouped(ty).clone();
    let mut replaced = Inferred { never: false };
    replaced.visit_type_mut(&mut ty);
    let is_unit = matches!(&ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    (!replaced.never && !is_unit && !matches!(ty, Type::Infer(_))).then_some(ty)
}

struct Inferred {
    never: bool,
}

impl VisitMut for Inferred {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::ImplTrait(_) => *ty = Type::Infer(syn::TypeInfer { underscore_token: Default::default() }),
            Type::Never(_) => self.never = true,
            other => visit_mut::visit_type_mut(self, other),
        }
    }
}

/// For `impl Future<Output = T>`, `Some` of `T` if it is stated. `None` for another type.
pub(super) fn future_output(ty: &Type) -> Option<Option<&Type>> {
    let Type::ImplTrait(bounds) = ty else { return None };
    output_of(bounds.bounds.iter())
}

/// The same for `Pin<Box<dyn Future<Output = T>>>`.
pub(super) fn boxed_output(ty: &Type) -> Option<Option<&Type>> {
    let in_pin = last_argument(ty, "Pin")?;
    let in_box = last_argument(in_pin, "Box")?;
    let Type::TraitObject(object) = ungrouped(in_box) else { return None };
    output_of(object.bounds.iter())
}

fn output_of<'t>(mut bounds: impl Iterator<Item = &'t TypeParamBound>) -> Option<Option<&'t Type>> {
    bounds.find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last()?;
        if last.ident != "Future" {
            return None;
        }
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Some(None) };
        Some(arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
            _ => None,
        }))
    })
}

fn last_argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let path = path(ty)?;
    if path.segments.last()?.ident != name {
        return None;
    }
    type_arguments(path).last().copied()
}

/// The path, if the type is one.
pub(crate) fn path(ty: &Type) -> Option<&Path> {
    match ungrouped(ty) {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        _ => None,
    }
}

/// The types among the arguments of the last segment.
pub(crate) fn type_arguments(path: &Path) -> Vec<&Type> {
    let Some(PathArguments::AngleBracketed(arguments)) = path.segments.last().map(|last| &last.arguments) else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Whether the type is certainly not a future, so that static dispatch is not needed.
pub(super) fn is_plain(ty: &Type) -> bool {
    const PLAIN: [&str; 12] =
        ["Result", "Option", "Self", "String", "Vec", "bool", "u8", "u32", "u64", "usize", "i64", "f64"];
    match ty {
        Type::Path(_) => path(ty)
            .and_then(|path| path.segments.last())
            .is_some_and(|last| PLAIN.contains(&last.ident.to_token_stream().to_string().as_str())),
        other => !matches!(other, Type::Macro(_) | Type::Verbatim(_)),
    }
}

/// Whether the error in a return type borrows nothing, as far as the signature shows.
pub(super) fn owns_error(output: &Type) -> bool {
    let Some(output) = future_output(output).or_else(|| boxed_output(output)).unwrap_or(Some(output)) else {
        return true;
    };
    let Some(path) = path(output) else { return owns(output) };
    let Some(last) = path.segments.last() else { return true };
    let (name, types) = (last.ident.to_string(), type_arguments(path));
    match types.as_slice() {
        [.., future] if name.ends_with("Future") => owns_error(future),
        [_, error] if name.ends_with("Result") => owns(referent(error)),
        // The success type may borrow.
        [value] if name.ends_with("Result") => {
            let mut lifetimes = Lifetimes::default();
            lifetimes.visit_path(path);
            let mut of_value = Lifetimes::default();
            of_value.visit_type(value);
            lifetimes.0 == of_value.0
        }
        _ => owns(output),
    }
}

/// The type behind references, unless it is a trait object: the reference's lifetime is its default bound.
pub(crate) fn referent(ty: &Type) -> &Type {
    match ungrouped(ty) {
        Type::Reference(reference) if !matches!(ungrouped(&reference.elem), Type::TraitObject(_)) => {
            referent(&reference.elem)
        }
        other => other,
    }
}

/// Whether a type contains no lifetime except `'static`.
pub(crate) fn owns(ty: &Type) -> bool {
    let mut lifetimes = Lifetimes::default();
    lifetimes.visit_type(ty);
    lifetimes.0 == 0
}

/// The number of lifetimes, explicit and elided.
#[derive(Default)]
struct Lifetimes(usize);

impl<'ast> Visit<'ast> for Lifetimes {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.0 += usize::from(lifetime.ident != "static");
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.0 += usize::from(reference.lifetime.is_none());
        visit::visit_type_reference(self, reference);
    }
}
