//! The Rust client's public items according to its sources: methods, functions, fields and variants, each
//! with its documentation and type.

use std::{collections::BTreeMap, fs, path::Path};

use quote::ToTokens;
use syn::{
    Attribute, Expr, Fields, FnArg, ImplItem, Item, ItemImpl, Lit, Meta, ReturnType, Type,
    Visibility,
};
use w3pin_contract::Found;

/// The public items, by the name of their type; free functions have none.
#[derive(Default)]
pub(crate) struct Source {
    /// Functions and methods.
    pub(crate) functions: BTreeMap<(String, String), Found>,
    /// Fields of structs.
    pub(crate) fields: BTreeMap<(String, String), Found>,
    /// Variants of enums.
    pub(crate) variants: BTreeMap<(String, String), Found>,
}

impl Source {
    /// Reads the crates that make up the client.
    pub(crate) fn read() -> Self {
        let mut source = Self::default();
        // If two types have the same name, that of the client counts.
        for of in ["unixfs", "core", "client"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("..")
                .join(of)
                .join("src");
            source.folder(&folder);
        }
        source
    }

    /// A method.
    pub(crate) fn method(&self, of: &str, name: &str) -> Found {
        let key = (of.to_owned(), name.to_owned());
        let found = self.functions.get(&key).cloned();
        found.unwrap_or_else(|| panic!("there is no public {of}::{name}"))
    }

    /// A field.
    pub(crate) fn field(&self, of: &str, name: &str) -> Found {
        let key = (of.to_owned(), name.to_owned());
        let found = self.fields.get(&key).cloned();
        found.unwrap_or_else(|| panic!("there is no public field {name} of {of}"))
    }

    /// A variant.
    pub(crate) fn variant(&self, of: &str, name: &str) -> Found {
        let key = (of.to_owned(), name.to_owned());
        let found = self.variants.get(&key).cloned();
        found.unwrap_or_else(|| panic!("there is no variant {of}::{name}"))
    }

    fn folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.folder(&path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
                file.items.iter().for_each(|item| self.item(item));
            }
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(function) if is_public(&function.vis) => {
                let name = function.sig.ident.to_string();
                let found = found(&function.attrs, None);
                self.functions.insert((String::new(), name), found);
            }
            Item::Impl(block) if block.trait_.is_none() => self.methods(block),
            Item::Struct(of) if is_public(&of.vis) => {
                let Fields::Named(fields) = &of.fields else {
                    return;
                };
                for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                    let name = field.ident.as_ref().unwrap().to_string();
                    let found = found(&field.attrs, Some(&field.ty));
                    self.fields.insert((of.ident.to_string(), name), found);
                }
            }
            Item::Enum(of) if is_public(&of.vis) => {
                for variant in &of.variants {
                    let key = (of.ident.to_string(), variant.ident.to_string());
                    self.variants.insert(key, found(&variant.attrs, None));
                }
            }
            _ => {}
        }
    }

    fn methods(&mut self, block: &ItemImpl) {
        let Type::Path(of) = &*block.self_ty else {
            return;
        };
        let of = of.path.segments.last().unwrap().ident.to_string();
        for item in &block.items {
            let ImplItem::Fn(method) = item else { continue };
            if !is_public(&method.vis) {
                continue;
            }
            // The type of a builder method is that of its argument; of any other, that of its result.
            let argument = method
                .sig
                .inputs
                .iter()
                .find_map(|argument| match argument {
                    FnArg::Typed(argument) => Some(&*argument.ty),
                    FnArg::Receiver(_) => None,
                });
            let given = match &method.sig.output {
                ReturnType::Type(_, given) => Some(&**given),
                ReturnType::Default => None,
            };
            let found = found(&method.attrs, argument.or(given));
            let key = (of.clone(), method.sig.ident.to_string());
            self.functions.insert(key, found);
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn found(attributes: &[Attribute], of: Option<&Type>) -> Found {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(literal) = &pair.value else {
            return None;
        };
        match (&literal.lit, pair.path.is_ident("doc")) {
            (Lit::Str(line), true) => Some(line.value()),
            _ => None,
        }
    });
    Found {
        doc: lines.collect::<Vec<_>>().join("\n"),
        of: of.map(|of| of.to_token_stream().to_string()),
        default: None,
    }
}
