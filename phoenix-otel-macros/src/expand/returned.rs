//! What an `impl Fn(…)` in a returned type says while the compiler infers.
//!
//! A closure that is returned as `impl Fn(&str) -> usize` need not say what its parameter is. But the body of a function becomes a closure, or an `async` block, whose
//! type cannot be written where it holds an `impl Trait`. So a function says it that has the same bounds on a type parameter. It stands inside of the user's
//! function, whose generics it does not see; so the types in the bounds are parameters of it, too, and are handed in.

use proc_macro2::{Group, Ident, TokenStream};
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{
    Block, BoundLifetimes, Expr, GenericArgument, GenericParam, Lifetime, ParenthesizedGenericArguments, Path,
    PathArguments, PathSegment, ReturnType, Stmt, TraitBound, Type, TypeParamBound, TypeReference, parse_quote,
};

use super::{Parts, local, types};

/// An expression of the type `Plain<…>` of what is returned, if there is more to say of it than can be written.
pub(super) fn said(parts: &Parts<'_>, output: &Type) -> Option<TokenStream> {
    let mut helper = Helper { parts, parameters: Vec::new(), given: Vec::new(), says: false };
    let output = helper.output(output)?;
    let Helper { parameters, given, says, .. } = helper;
    let private = &parts.private;
    let name = local("returned");
    says.then(|| {
        quote! {{
            fn #name<#(#parameters),*>() -> #private::Plain<#output> {
                #private::Plain::new()
            }
            #name::<#(#given),*>()
        }}
    })
}

/// The body of an `async` block, where each closure that leaves it is of the type that `said` has.
pub(super) fn leaving(parts: &Parts<'_>, said: &TokenStream, body: &Group) -> Option<Group> {
    let mut statements = Block::parse_within.parse2(body.stream()).ok()?;
    let returned = local("returned");
    let private = &parts.private;
    let mut leaves = Leaves { as_said: quote!(#private::Plain::same), returned: returned.clone(), found: false };
    statements.iter_mut().for_each(|statement| leaves.visit_stmt_mut(statement));
    if let Some(Stmt::Expr(tail, None)) = statements.last_mut() {
        leaves.leave(tail);
    }
    let mut block = Group::new(body.delimiter(), quote!(let #returned = #said; #(#statements)*));
    block.set_span(body.span());
    leaves.found.then_some(block)
}

/// Finds what leaves a body.
struct Leaves {
    as_said: TokenStream,
    returned: Ident,
    found: bool,
}

impl Leaves {
    fn leave(&mut self, value: &mut Expr) {
        if matches!(value, Expr::Closure(_) | Expr::Tuple(_)) {
            let Self { as_said, returned, .. } = self;
            *value = Expr::Verbatim(quote!(#as_said(&#returned, #value)));
            self.found = true;
        }
    }
}

impl VisitMut for Leaves {
    fn visit_expr_return_mut(&mut self, leaves: &mut syn::ExprReturn) {
        if let Some(value) = &mut leaves.expr {
            self.leave(value);
        }
    }

    // What these return leaves them alone.
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The function that says the type, in the making.
struct Helper<'p, 'i> {
    parts: &'p Parts<'i>,
    parameters: Vec<TokenStream>,
    given: Vec<TokenStream>,
    /// Whether there is a bound that says something.
    says: bool,
}

impl Helper<'_, '_> {
    fn parameter(&mut self, bounds: TokenStream, given: TokenStream) -> Type {
        let name = format_ident!("PhoenixOtel{}", self.parameters.len());
        self.parameters.push(if bounds.is_empty() { quote!(#name) } else { quote!(#name: #bounds) });
        self.given.push(given);
        parse_quote!(#name)
    }

    /// What is returned, with parameters for the types in it. `None` where it is of another form: in an `Ok` the compiler infers nothing either.
    fn output(&mut self, ty: &Type) -> Option<Type> {
        if !holds_impl(ty) {
            return Some(self.parameter(TokenStream::new(), quote!(#ty)));
        }
        match types::ungrouped(ty) {
            Type::ImplTrait(opaque) => {
                let bounds: Vec<TraitBound> = opaque.bounds.iter().filter_map(|bound| self.bound(bound)).collect();
                Some(self.parameter(quote!(#(#bounds)+*), quote!(_)))
            }
            Type::Tuple(tuple) => {
                let elems = tuple.elems.iter().map(|elem| self.output(elem)).collect::<Option<Vec<_>>>()?;
                Some(parse_quote!((#(#elems,)*)))
            }
            _ => None,
        }
    }

    /// A bound of the family of `Fn`: no other says something of a closure.
    fn bound(&mut self, bound: &TypeParamBound) -> Option<TraitBound> {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let mut bound = bound.clone();
        let PathSegment { ident, arguments } = bound.path.segments.last_mut()?;
        let PathArguments::Parenthesized(ParenthesizedGenericArguments { inputs, output, .. }) = arguments else {
            return None;
        };
        if !ident.to_string().contains("Fn") {
            return None;
        }
        let bound_lifetimes = bound.lifetimes.iter().flat_map(|BoundLifetimes { lifetimes, .. }| lifetimes);
        let bound_lifetimes = bound_lifetimes.filter_map(|parameter| match parameter {
            GenericParam::Lifetime(parameter) => Some(parameter.lifetime.ident.to_string()),
            _ => None,
        });
        let bound_lifetimes: Vec<String> = bound_lifetimes.collect();
        let before = self.parameters.len();
        let outputs = match output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some(&mut **output),
        };
        for ty in inputs.iter_mut().chain(outputs) {
            match self.inside(ty, &bound_lifetimes, true) {
                Some(inside) => *ty = inside,
                None => {
                    self.parameters.truncate(before);
                    self.given.truncate(before);
                    return None;
                }
            }
        }
        self.says = true;
        Some(bound)
    }

    /// A type in the bound, with parameters for the types in it that do not depend on how the closure is called.
    fn inside(&mut self, ty: &Type, bound_lifetimes: &[String], is_sized: bool) -> Option<Type> {
        let mut depends = Depends { on: bound_lifetimes, found: false };
        depends.visit_type(ty);
        if !depends.found {
            let bounds = if is_sized { TokenStream::new() } else { quote!(?Sized) };
            return Some(self.parameter(bounds, quote!(#ty)));
        }
        let mut ty = types::ungrouped(ty).clone();
        match &mut ty {
            Type::Reference(TypeReference { lifetime, elem, .. }) => {
                // The lifetime that a trait object has by default is that of the reference.
                let is_object = matches!(types::ungrouped(elem), Type::TraitObject(_));
                if is_object || !lifetime.as_ref().is_none_or(|lifetime| is_of(lifetime, bound_lifetimes)) {
                    return None;
                }
                **elem = self.inside(elem, bound_lifetimes, false)?;
            }
            Type::Slice(slice) => *slice.elem = self.inside(&slice.elem, bound_lifetimes, true)?,
            Type::Tuple(tuple) => {
                for elem in &mut tuple.elems {
                    *elem = self.inside(elem, bound_lifetimes, true)?;
                }
            }
            Type::Path(path) if path.qself.is_none() && !self.is_parameter(&path.path) => {
                for argument in path
                    .path
                    .segments
                    .iter_mut()
                    .filter_map(|segment| match &mut segment.arguments {
                        PathArguments::AngleBracketed(arguments) => Some(&mut arguments.args),
                        _ => None,
                    })
                    .flatten()
                {
                    match argument {
                        GenericArgument::Type(ty) => *ty = self.inside(ty, bound_lifetimes, true)?,
                        GenericArgument::Lifetime(lifetime) if is_of(lifetime, bound_lifetimes) => {}
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
        Some(ty)
    }

    fn is_parameter(&self, path: &Path) -> bool {
        path.segments.first().is_some_and(|first| self.parts.parameters().any(|parameter| *parameter == first.ident))
    }
}

fn holds_impl(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

/// Whether a lifetime is one of each call: left out, or one that the bound is `for`.
fn is_of(lifetime: &Lifetime, bound_lifetimes: &[String]) -> bool {
    lifetime.ident == "_" || bound_lifetimes.iter().any(|bound| lifetime.ident == bound)
}

/// Looks for such a lifetime.
struct Depends<'b> {
    on: &'b [String],
    found: bool,
}

impl<'ast> Visit<'ast> for Depends<'_> {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.found |= is_of(lifetime, self.on);
    }

    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.found |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }
}
