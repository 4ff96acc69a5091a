//! Reads the modules of a target: their definitions, imports and names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, mem,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta, UseTree, Visibility,
    visit::{self, Visit},
};

/// The segments of a path.
pub(super) type Names = Vec<String>;

#[derive(Default)]
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) parent: usize,
    pub(super) names: BTreeMap<String, Vec<Meaning>>,
    pub(super) globs: Vec<Names>,
    /// The paths in its code and its private imports.
    pub(super) mentions: BTreeSet<Names>,
    pub(super) re_exports: BTreeSet<Names>,
}

pub(super) enum Meaning {
    Item,
    Module(usize),
    Import(Names),
}

/// Returns the modules below the root file of a target; the root file is the first one.
pub(super) fn read(root: &Path) -> Vec<Module> {
    let mut reader = Reader::default();
    reader.enter(root, 0, root.parent().expect("a folder"));
    reader.modules
}

#[derive(Default)]
struct Reader {
    modules: Vec<Module>,
    at: usize,
    /// The folder of the current module's children.
    children: PathBuf,
}

impl Reader {
    fn enter(&mut self, file: &Path, parent: usize, children: &Path) -> usize {
        let text = fs::read_to_string(file).map_err(|error| error.to_string());
        let parsed =
            text.and_then(|text| syn::parse_file(&text).map_err(|error| error.to_string()));
        let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.module(file, parent, children, &parsed.items)
    }

    fn module(&mut self, file: &Path, parent: usize, children: &Path, items: &[Item]) -> usize {
        let new = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), parent, ..Module::default() });
        let before = (self.at, mem::replace(&mut self.children, children.to_owned()));
        self.at = new;
        items.iter().for_each(|item| self.visit_item(item));
        (self.at, self.children) = before;
        new
    }

    fn child(&mut self, child: &ItemMod) {
        let (name, here) = (child.ident.to_string(), self.children.clone());
        let (file, below) = (self.modules[self.at].file.clone(), here.join(&name));
        let new = if let Some((_, items)) = &child.content {
            self.module(&file, self.at, &below, items)
        } else if let Some(path) = child.attrs.iter().find_map(path_attribute) {
            let file = file.with_file_name(path);
            self.enter(&file, self.at, file.parent().expect("a folder"))
        } else {
            let beside = here.join(format!("{name}.rs"));
            let file = if beside.is_file() { beside } else { below.join("mod.rs") };
            self.enter(&file, self.at, &below)
        };
        self.define(name, Meaning::Module(new));
    }

    fn here(&mut self) -> &mut Module {
        &mut self.modules[self.at]
    }

    fn define(&mut self, name: String, meaning: Meaning) {
        self.here().names.entry(name).or_default().push(meaning);
    }

    fn import(&mut self, tree: &UseTree, mut path: Names, is_re_export: bool) {
        let mut name = None;
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                return self.import(&tree.tree, path, is_re_export);
            }
            UseTree::Group(group) => {
                let each = |tree| self.import(tree, path.clone(), is_re_export);
                return group.items.iter().for_each(each);
            }
            UseTree::Glob(_) => self.here().globs.push(path.clone()),
            UseTree::Name(tree) => {
                path.extend((tree.ident != "self").then(|| tree.ident.to_string()));
                name = path.last().cloned();
            }
            UseTree::Rename(tree) => {
                path.extend((tree.ident != "self").then(|| tree.ident.to_string()));
                name = Some(tree.rename.to_string());
            }
        }
        if let Some(name) = name {
            self.define(name, Meaning::Import(path.clone()));
        }
        let here = self.here();
        if is_re_export { &mut here.re_exports } else { &mut here.mentions }.insert(path);
    }

    /// Records the paths in the tokens of a macro. A single name does not count, since it may be a
    /// local variable there.
    fn tokens(&mut self, tokens: &impl ToString) {
        let text = tokens.to_string().replace(" ::", "::").replace(":: ", "::");
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
            let path: Names = word.trim_end_matches(':').split("::").map(Into::into).collect();
            if path.len() > 1 {
                self.here().mentions.insert(path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attrs, ident) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Mod(item) => (&item.attrs, None),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            _ => return,
        };
        if attrs.iter().any(is_test_only) {
            return;
        }
        if let Some(ident) = ident {
            self.define(ident.to_string(), Meaning::Item);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.child(item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.import(&item.tree, Vec::new(), !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !function.attrs.iter().any(is_test_only) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.here().mentions.insert(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(&call.tokens);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
    }
}

fn is_test_only(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let words = list.tokens.to_string();
    let has = |word| words.split(|c: char| !c.is_alphanumeric()).any(|one| one == word);
    list.path.is_ident("cfg") && has("test") && !has("not")
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &meta.value else {
        return None;
    };
    meta.path.is_ident("path").then(|| path.value())
}
