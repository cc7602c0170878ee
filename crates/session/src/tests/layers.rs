//! Keeps the modules of this crate in order: a module uses only itself and those below it.

use std::path::Path;

/// The modules from the lowest to the highest.
const LAYERS: [&str; 11] = [
    "labels",
    "workspace",
    "operator",
    "analysis",
    "world",
    "terminal",
    "ide",
    "lab",
    "pages",
    "lesson",
    "session",
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == module)
}

/// Calls `visit` with the module and the text of each source file, without tests.
fn each_file(folder: &Path, module: Option<&str>, visit: &mut impl FnMut(&str, &Path, &str)) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    entries.sort_by_key(|entry| entry.path());
    for entry in entries {
        let path = entry.path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = module.unwrap_or(&name);
        if name == "lib" || name.ends_with("tests") {
            continue;
        }
        if path.is_dir() {
            each_file(&path, Some(module), visit);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            visit(module, &path, text);
        }
    }
}

#[test]
#[cfg(not(target_arch = "wasm32"))]
fn modules_use_only_modules_below_them() {
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    each_file(&source, None, &mut |module, path, text| {
        let own = layer(module).unwrap_or_else(|| panic!("{module} is not in the list of layers"));
        seen.insert(own);
        for (at, _) in text.match_indices("crate::") {
            let used = &text[at + "crate::".len()..];
            let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if layer(used).is_none_or(|used| used > own) {
                wrong.push(format!("{}: crate::{used}", path.display()));
            }
        }
    });
    assert_eq!(seen.len(), LAYERS.len(), "every layer has sources");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
