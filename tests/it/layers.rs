//! Dependencies between the files of `src` run one way: the test reads the `use` lines, the paths and the included files of
//! every file, and fails on a cycle between files and on a file that uses one of a higher layer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers, the highest first, each with its modules. The longest name that fits a module gives its layer. A module
/// may use modules of its own layer and of those below.
const LAYERS: [(&str, &[&str]); 11] = [
    ("commands", &["cli"]),
    ("server", &["server"]),
    (
        "what spans kinds",
        &[
            "batch",
            "bi",
            "changes",
            "claims",
            "demo",
            "history",
            "merging",
            "migrating",
            "search",
            "timelines",
            "vocabulary::api",
            "warnings",
        ],
    ),
    ("dispatch", &["dispatch"]),
    (
        "kinds",
        &[
            "actors",
            "relationships",
            "programmes",
            "sanctions",
            "diplomatic_actions",
            "sources",
            "vocabulary::model",
            "vocabulary::request",
        ],
    ),
    ("http", &["http"]),
    ("resource", &["resource"]),
    ("query", &["query"]),
    ("users", &["users"]),
    ("database", &["db", "bi::privileges"]),
    (
        "ground",
        &[
            "admission",
            "config",
            "context",
            "error",
            "heavy",
            "partial_date",
            "schema",
            "text",
            "validation",
            "vocabulary",
            "words",
        ],
    ),
];

/// Modules in which files still use each other in cycles.
const WITH_CYCLES: [&str; 0] = [];

/// The path of a module or of something in it, without `crate`.
type Names = Vec<String>;

/// What a file takes from others.
#[derive(Default)]
struct File {
    uses: Vec<Names>,
    /// Names that the file passes on, each with the path where it comes from.
    passed_on: BTreeMap<String, Names>,
}

/// The files of the library by the path of their module.
struct Library(BTreeMap<Names, File>);

impl Library {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut sources = BTreeMap::new();
        read_folder(&root, &[], &mut sources);
        let modules: BTreeSet<Names> = sources.keys().cloned().collect();
        let files = sources
            .into_iter()
            .map(|(module, Source { folder, text })| {
                let mut file = read_file(&module, &text, &modules);
                file.uses.extend(owners_of_included(&folder, &text, &modules));
                (module, file)
            })
            .collect();
        Self(files)
    }

    /// The module in whose file the thing of this path is defined.
    fn defining(&self, path: &[String]) -> Names {
        let mut module = Names::new();
        for (index, name) in path.iter().enumerate() {
            let mut child = module.clone();
            child.push(name.clone());
            if self.0.contains_key(&child) {
                module = child;
                continue;
            }
            let passed_on = self.0.get(&module).and_then(|file| file.passed_on.get(name));
            return match passed_on {
                // Nothing passes itself on.
                Some(from) if *from != path => {
                    let rest = &path[index + 1..];
                    self.defining(&[from.as_slice(), rest].concat())
                }
                Some(_) | None => module,
            };
        }
        module
    }

    /// Which module uses which others.
    fn arrows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (module, file) in &self.0 {
            let used = file
                .uses
                .iter()
                .map(|path| self.defining(path))
                .filter(|used| used != module && !used.is_empty())
                .map(|used| used.join("::"));
            arrows.entry(module.join("::")).or_default().extend(used);
        }
        // The root declares modules, and uses none.
        arrows.remove("");
        arrows
    }
}

/// A file as it is read.
struct Source {
    /// The names of the folders from `src` to the file.
    folder: Names,
    text: String,
}

fn read_folder(folder: &Path, outer: &[String], sources: &mut BTreeMap<Names, Source>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name")
            .to_owned();
        let inner = [outer, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            read_folder(&path, &inner, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = match name.as_str() {
                "mod" | "lib" => outer.to_vec(),
                // The program, and unit tests in a file of their own.
                "main" | "tests" => continue,
                _ => inner,
            };
            let source = Source {
                folder: outer.to_vec(),
                text: fs::read_to_string(&path).expect("a file"),
            };
            sources.insert(module, source);
        }
    }
}

/// Returns the modules to which the files belong that a file of `folder` includes from other folders of `src`.
fn owners_of_included(folder: &[String], source: &str, modules: &BTreeSet<Names>) -> Vec<Names> {
    let mut owners = Vec::new();
    for start in ["include_str!(", "include_bytes!("] {
        for (_, rest) in source
            .match_indices(start)
            .map(|(place, _)| source.split_at(place))
        {
            let path = rest[start.len()..]
                .trim_start()
                .strip_prefix('"')
                .expect("a path");
            let (path, _) = path.split_once('"').expect("the end of a path");
            let Some(mut owner) = folder_of(folder, path) else {
                continue;
            };
            while !modules.contains(&owner) {
                owner.pop();
            }
            if owner != folder {
                owners.push(owner);
            }
        }
    }
    owners
}

/// Returns the folder of a file that is named from `folder`; none if it is not in `src`.
fn folder_of(folder: &[String], path: &str) -> Option<Names> {
    let mut names = folder.to_vec();
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in parts {
        if part == ".." {
            names.pop()?;
        } else {
            names.push(part.to_owned());
        }
    }
    Some(names)
}

fn read_file(module: &[String], source: &str, modules: &BTreeSet<Names>) -> File {
    let source = without_tests(&without_texts(source));
    let mut file = File::default();
    let mut rest = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        let (visibility, tree) = line.trim_start().split_once("use ").unwrap_or(("", ""));
        let is_use = line.trim_start().starts_with("use ")
            || visibility.starts_with("pub") && !visibility.contains("fn");
        if !is_use {
            rest.push_str(line);
            rest.push('\n');
            continue;
        }
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().expect("the end of a use"));
        }
        for leaf in leaves(tree.trim_end().trim_end_matches(';')) {
            let (path, name) = leaf.split_once(" as ").unwrap_or((&leaf, ""));
            let Some(mut path) = absolute(module, path.trim(), modules) else {
                continue;
            };
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            if visibility.is_empty() {
                file.uses.push(path);
            } else if let Some(last) = path.last() {
                let name = if name.is_empty() { last } else { name.trim() };
                file.passed_on.insert(name.to_owned(), path.clone());
            }
        }
    }
    for start in ["crate::", "super::", "self::"] {
        for (place, _) in rest.match_indices(start) {
            let is_inner =
                rest[..place].ends_with(|letter: char| letter.is_alphanumeric() || "_:".contains(letter));
            let end = rest[place..]
                .find(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)))
                .map_or(rest.len(), |length| place + length);
            if !is_inner {
                let path = rest[place..end].trim_end_matches(':');
                file.uses.extend(absolute(module, path, modules));
            }
        }
    }
    file
}

/// The source without comments and with empty texts.
fn without_texts(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                letters.find(|letter| *letter == '\n');
                kept.push('\n');
            }
            '"' => {
                while let Some(letter) = letters.next() {
                    match letter {
                        '\\' => drop(letters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            // A character, so that a quotation mark or a brace in it is none.
            '\'' => {
                let next = letters.next();
                let escaped = (next == Some('\\')).then(|| letters.next());
                if escaped.is_some() || letters.peek() == Some(&'\'') {
                    letters.find(|letter| *letter == '\'');
                } else {
                    kept.extend(next);
                }
            }
            _ => kept.push(letter),
        }
    }
    kept
}

/// The source without items that are compiled for unit tests only.
fn without_tests(source: &str) -> String {
    let mut kept = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("#[cfg(test)]") {
        kept.push_str(before);
        let mut depth = 0_usize;
        let end = after.char_indices().find_map(|(place, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            let is_end = depth == 0 && (letter == '}' || letter == ';');
            is_end.then_some(place + 1)
        });
        rest = end.map_or("", |end| &after[end..]);
    }
    kept + rest
}

/// The paths of a tree of `use`: `a::{b, c::d}` gives `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((stem, inner)) = tree.strip_suffix('}').and_then(|tree| tree.split_once('{')) else {
        return vec![tree.to_owned()];
    };
    let mut branches = vec![String::new()];
    let mut depth = 0_usize;
    for letter in inner.chars() {
        match letter {
            ',' if depth == 0 => {
                branches.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        branches.last_mut().expect("a branch").push(letter);
    }
    branches
        .iter()
        .filter(|branch| !branch.trim().is_empty())
        .flat_map(|branch| leaves(branch))
        .map(|leaf| format!("{}{leaf}", stem.trim()))
        .collect()
}

/// A path as seen from the library's root; none where it leads to another library.
fn absolute(module: &[String], path: &str, modules: &BTreeSet<Names>) -> Option<Names> {
    let names: Names = path.split("::").map(|name| name.trim().to_owned()).collect();
    let first = names.first()?;
    match first.as_str() {
        "crate" => Some(names[1..].to_vec()),
        "self" => Some([module, &names[1..]].concat()),
        "super" => {
            let up = names.iter().take_while(|name| *name == "super").count();
            let base = &module[..module.len().checked_sub(up)?];
            Some([base, &names[up..]].concat())
        }
        _ => {
            let child = [module, std::slice::from_ref(first)].concat();
            modules.contains(&child).then(|| [module, &names].concat())
        }
    }
}

/// Whether a module is another one, or lies in it.
fn is_within(module: &str, outer: &str) -> bool {
    module
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The place of a module's layer, 0 for the highest.
fn layer(module: &str) -> Option<usize> {
    LAYERS
        .iter()
        .enumerate()
        .flat_map(|(place, (_, prefixes))| prefixes.iter().map(move |prefix| (place, prefix)))
        .filter(|(_, prefix)| is_within(module, prefix))
        .max_by_key(|(_, prefix)| prefix.len())
        .map(|(place, _)| place)
}

/// The modules that can be reached from each.
fn reachable(arrows: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<&str, BTreeSet<&str>> {
    arrows
        .keys()
        .map(|start| {
            let mut reached = BTreeSet::new();
            let mut open = vec![start.as_str()];
            while let Some(module) = open.pop() {
                for next in arrows.get(module).into_iter().flatten() {
                    if reached.insert(next.as_str()) {
                        open.push(next);
                    }
                }
            }
            (start.as_str(), reached)
        })
        .collect()
}

#[test]
fn every_module_has_a_layer_and_uses_none_of_a_higher_one() {
    let arrows = Library::read().arrows();
    assert!(arrows.len() > 100, "{} modules are too few", arrows.len());
    let mut faults = Vec::new();
    for (user, used) in &arrows {
        let Some(own) = layer(user) else {
            faults.push(format!("{user} has no layer"));
            continue;
        };
        for used in used {
            let climbs = layer(used).is_some_and(|other| other < own);
            if climbs {
                faults.push(format!(
                    "{user} ({}) uses {used} of a higher layer",
                    LAYERS[own].0
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_files_use_each_other_in_a_cycle() {
    let arrows = Library::read().arrows();
    let reachable = reachable(&arrows);
    let mut faults = Vec::new();
    for (user, used) in &arrows {
        for used in used {
            let is_cycle = reachable
                .get(used.as_str())
                .is_some_and(|back| back.contains(user.as_str()));
            if is_cycle && !WITH_CYCLES.iter().any(|known| is_within(user, known)) {
                faults.push(format!("{user} uses {used}, which leads back to it"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_architecture_document_shows_the_layers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let document = fs::read_to_string(path).expect("the document");
    for (name, modules) in LAYERS {
        let modules: Vec<String> = modules.iter().map(|module| format!("`{module}`")).collect();
        let line = format!("| {name} | {} |", modules.join(" "));
        assert!(document.contains(&line), "docs/architecture.md lacks: {line}");
    }
}

#[test]
fn paths_of_use_are_read_with_their_braces() {
    assert_eq!(
        leaves("crate::a::{self, b::{c, d as e}, f}"),
        [
            "crate::a::self",
            "crate::a::b::c",
            "crate::a::b::d as e",
            "crate::a::f"
        ]
    );
    assert_eq!(without_texts("a \"b\\\"c\" '{' '\\'' &'a // d\ne"), "a    &a \ne");
    assert_eq!(without_tests("a #[cfg(test)] mod tests { fn b() {} } c"), "a  c");
}

#[test]
fn a_file_uses_the_module_whose_file_it_includes() {
    let modules = [&["a"] as &[&str], &["a", "b"], &["c"]]
        .map(|names| names.iter().map(ToString::to_string).collect::<Names>())
        .into();
    let owners = |folder: &[&str], source: &str| {
        let folder: Names = folder.iter().map(ToString::to_string).collect();
        owners_of_included(&folder, source, &modules)
            .iter()
            .map(|owner| owner.join("::"))
            .collect::<Vec<_>>()
    };

    assert_eq!(
        owners(
            &["a"],
            "include_str!(\"own.sql\") include_str!(\"cases/own.sql\")"
        ),
        [""; 0]
    );
    assert_eq!(owners(&["a"], "include_str!(\"../c/other.sql\")"), ["c"]);
    assert_eq!(owners(&["a", "b"], "include_bytes!(\"../upper.sql\")"), ["a"]);
    assert_eq!(
        owners(&["a"], "include_str!(\"../../sql/bi/actors.sql\")"),
        [""; 0]
    );
}
