//! Checks that the crate's modules import in one direction: only from modules that `lib.rs` declares before
//! them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a module, including its submodules.
fn files(module: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = vec![source().join(format!("{module}.rs"))];
    walk(&source().join(module), &mut files);
    files
}

/// The modules that a file refers to with `crate::`, alone or in braces.
fn imports(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    for (at, name) in text.match_indices("crate::") {
        let behind = &text[at + name.len()..];
        let Some(list) = behind.strip_prefix('{') else {
            found.insert(word(behind));
            continue;
        };
        let mut depth = 1;
        let mut begins = true;
        for (at, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                _ if character.is_whitespace() => {}
                _ if begins => {
                    found.insert(word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

#[test]
fn modules_import_in_one_direction() {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .map(|name| name.trim_end_matches(';'))
        .collect();
    assert!(modules.len() > 10, "{modules:?}");
    let mut problems = Vec::new();
    for (place, module) in modules.iter().enumerate() {
        for file in files(module) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let text: String = code.flat_map(|line| [line, "\n"]).collect();
            for import in imports(&text) {
                let at = modules.iter().position(|module| *module == import);
                if at.is_none_or(|at| at > place) {
                    problems.push(format!("{}: {import}", file.display()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
