//! Closures that are returned as `impl Fn(…)`.
//!
//! The compiler infers the parameter and return types of such a closure from the function's signature, but only if the closure is the
//! tail of the function's own body. So the body is not moved into a closure or an `async` block: a guard is put before it. A closure is
//! not a failure, so there is nothing to judge.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::Parser;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprMacro, Stmt, StmtMacro, Type};

use super::{Parts, Target, local, types};

/// The body with a guard, if it returns a closure.
pub(super) fn in_place(parts: &Parts<'_>, target: &Target, body: &TokenStream) -> Option<TokenStream> {
    if parts.args.decides() || !parts.output.is_some_and(is_opaque) {
        return None;
    }
    let mut statements = Block::parse_within.parse2(body.clone()).ok()?;
    let call = local("call");
    let (private, Target { bind, target }) = (&parts.private, target);
    let mut marker = ExitMarker { call: call.clone(), is_async: parts.function.sig.asyncness.is_some(), found: false };
    marker.mark_block(&mut statements);
    if !marker.found {
        return None;
    }
    Some(match parts.function.sig.asyncness {
        // Only code at the end of the body shows that the future completed and was not dropped.
        Some(_) => quote!(#bind let mut #call = #private::InPlace::future(#target); #(#statements)*),
        None => {
            let call = Ident::new("_phoenix_otel_call", Span::mixed_site());
            quote!(#bind let #call = #private::InPlace::function(#target); #body)
        }
    })
}

/// Whether this is an `impl Trait`, or a tuple that contains one.
fn is_opaque(output: &Type) -> bool {
    match types::ungrouped(output) {
        Type::ImplTrait(_) => types::future_output(output).is_none(),
        Type::Tuple(tuple) => tuple.elems.iter().any(is_opaque),
        _ => false,
    }
}

/// Ends the call before each returned value, and after a value that is awaited.
struct ExitMarker {
    call: Ident,
    is_async: bool,
    found: bool,
}

impl ExitMarker {
    fn mark_block(&mut self, statements: &mut [Stmt]) {
        statements.iter_mut().for_each(|statement| self.visit_stmt_mut(statement));
        self.mark_tail(statements);
    }

    fn mark_exit(&mut self, value: &mut Expr) {
        let call = &self.call;
        match value {
            Expr::Group(group) => self.mark_exit(&mut group.expr),
            Expr::Block(block) if block.label.is_none() => self.mark_tail(&mut block.block.stmts),
            Expr::Unsafe(block) => self.mark_tail(&mut block.block.stmts),
            Expr::If(choice) => {
                self.mark_tail(&mut choice.then_branch.stmts);
                if let Some((_, otherwise)) = &mut choice.else_branch {
                    self.mark_exit(otherwise);
                }
            }
            Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| self.mark_exit(&mut arm.body)),
            // `return` is handled separately.
            Expr::Return(_) => {}
            _ if awaits(value) => *value = Expr::Verbatim(quote!(#call.completed_with(#value))),
            _ => {
                self.found |= is_closure(value);
                *value = Expr::Verbatim(quote!({ #call.completed(); #value }));
            }
        }
    }

    fn mark_tail(&mut self, statements: &mut [Stmt]) {
        let Some(last) = statements.last_mut() else { return };
        if let Stmt::Macro(StmtMacro { attrs, mac, semi_token: None }) = last {
            *last = Stmt::Expr(ExprMacro { attrs: std::mem::take(attrs), mac: mac.clone() }.into(), None);
        }
        if let Stmt::Expr(tail, None) = last {
            self.mark_exit(tail);
        }
    }
}

impl VisitMut for ExitMarker {
    fn visit_expr_return_mut(&mut self, leaves: &mut syn::ExprReturn) {
        visit_mut::visit_expr_return_mut(self, leaves);
        if let Some(value) = &mut leaves.expr {
            self.mark_exit(value);
        }
    }

    /// The value of a block or a loop may be returned. It is not marked, since more code may follow.
    fn visit_expr_break_mut(&mut self, leaves: &mut syn::ExprBreak) {
        visit_mut::visit_expr_break_mut(self, leaves);
        self.found |= !self.is_async && leaves.expr.as_deref().is_some_and(is_closure);
    }

    // A `return` in these does not leave the function.
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether computing the value may await, so that the future may be dropped before.
fn awaits(value: &Expr) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_expr_await(&mut self, _: &'ast syn::ExprAwait) {
            self.0 = true;
        }
        fn visit_macro(&mut self, of: &'ast syn::Macro) {
            self.0 |= of.tokens.to_string().contains("await");
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut search = Search(false);
    search.visit_expr(value);
    search.0
}

/// Whether this is a closure, or a tuple that contains one.
fn is_closure(value: &Expr) -> bool {
    match value {
        Expr::Closure(_) => true,
        Expr::Paren(paren) => is_closure(&paren.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_closure),
        _ => false,
    }
}
