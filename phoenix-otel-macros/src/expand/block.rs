//! The impl block with the attribute, as far as its methods need it.

use syn::visit_mut::{self, VisitMut};
use syn::{Generics, ImplItem, Type};

use super::types;
use crate::item::{Impl, Member};

/// The block without its functions.
pub(crate) struct Block<'i> {
    pub(super) generics: &'i Generics,
    self_ty: &'i Type,
    /// The associated types that it defines.
    types: Vec<(String, &'i Type)>,
}

impl<'i> Block<'i> {
    pub(crate) fn of(block: &'i Impl) -> Self {
        let types = block.items.iter().filter_map(|item| match item {
            Member::Other(item) => match &**item {
                ImplItem::Type(item) if item.generics.params.is_empty() => Some((item.ident.to_string(), &item.ty)),
                _ => None,
            },
            Member::Function(_) => None,
        });
        Self { generics: &block.header.generics, self_ty: &block.header.self_ty, types: types.collect() }
    }

    /// The type behind `Self`, `Self::Name` or `<Self as Trait>::Name`.
    fn definition(&self, ty: &Type) -> Option<&'i Type> {
        let Type::Path(path) = ty else { return None };
        let mut segments = path.path.segments.iter().map(|segment| segment.ident.to_string());
        let name = match &path.qself {
            Some(of) if types::path(&of.ty).is_some_and(|of| of.is_ident("Self")) => segments.next_back()?,
            Some(_) => return None,
            None => match (segments.next()?.as_str(), segments.next(), segments.next()) {
                ("Self", None, _) => return Some(self.self_ty),
                ("Self", Some(name), None) => name,
                _ => return None,
            },
        };
        self.types.iter().find(|(defined, _)| *defined == name).map(|(_, ty)| *ty)
    }
}

/// The maximum depth of nested definitions. The compiler rejects a cycle, but only after the expansion.
const MAX_DEPTH: usize = 8;

/// Replaces the types that the block defines.
pub(super) fn resolve(block: &Block<'_>, ty: &mut Type) {
    Resolver { block, depth: 0 }.visit_type_mut(ty);
}

struct Resolver<'b, 'i> {
    block: &'b Block<'i>,
    depth: usize,
}

impl VisitMut for Resolver<'_, '_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match self.block.definition(ty) {
            Some(definition) if self.depth < MAX_DEPTH => {
                *ty = definition.clone();
                self.depth += 1;
                self.visit_type_mut(ty);
                self.depth -= 1;
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }
}
