//! Checks that a closure in the attribute uses only the returned value.

use std::collections::HashSet;

use syn::visit::{self, Visit};
use syn::{Error, Expr, ExprPath, PatIdent, Result, Signature};

/// Rejects a closure that uses an argument of the function.
pub(super) fn none(closure: &Expr, sig: &Signature) -> Result<()> {
    let mut arguments = Names::default();
    sig.inputs.iter().for_each(|input| arguments.visit_fn_arg(input));
    if sig.receiver().is_some() {
        arguments.0.insert("self".to_owned());
    }
    let mut own = Names::default();
    own.visit_expr(closure);
    let mut search = Search { arguments: &arguments.0, own: &own.0, found: None };
    search.visit_expr(closure);
    match search.found {
        None => Ok(()),
        Some(path) => Err(Error::new_spanned(
            path,
            "this closure cannot use the function's arguments, which have moved into its body: use only the returned value",
        )),
    }
}

/// The names that patterns bind.
#[derive(Default)]
struct Names(HashSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.0.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }
}

struct Search<'s, 'ast> {
    arguments: &'s HashSet<String>,
    own: &'s HashSet<String>,
    found: Option<&'ast ExprPath>,
}

impl<'ast> Visit<'ast> for Search<'_, 'ast> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
        if self.arguments.contains(&name) && !self.own.contains(&name) {
            self.found.get_or_insert(path);
        }
    }
}
