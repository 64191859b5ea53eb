//! `metrics!`: parse, check, expand. All errors are found before the expansion.

mod check;
mod expand;
mod name;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::mistakes::Mistakes;

pub(crate) fn metrics(input: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let mut declarations = parse::declarations(input, &mut mistakes);
    check::check(&mut declarations, &mut mistakes);
    let items = declarations.items.iter().map(|item| expand::item(item, &declarations));
    quote! {
        #(#items)*
        #mistakes
    }
}
