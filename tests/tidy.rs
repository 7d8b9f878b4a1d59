//! The rules of the house that a compiler does not know.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a file, its tests included; what is longer is two files.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function.
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of `main.rs`.
const MAIN_LINES_MAX: usize = 60;

/// The modules of the library, lowest first. A module names its own row and rows above it in this
/// table, never one below.
const FLOORS: &[&[&str]] = &[
    &["event", "met_once", "octets", "prefetch", "short_names"],
    &["input", "clean", "trace"],
    &["format"],
    &["window"],
    &["assemble"],
    &["normalize"],
    &["signature"],
    &["corpus"],
    &["reduce", "group"],
    &["cause"],
    &["baseline"],
    &["finding"],
    &["lexicon", "history"],
    &["detect"],
    &["score"],
    &["triage"],
    &["output", "memory"],
    &["terminal", "stderr"],
    &["run"],
    &["cli"],
];

/// A file of the source with its path from the root.
struct File {
    path: String,
    text: String,
}

impl File {
    /// The module at the top of the library that it belongs to: `format` for `src/format/stamp.rs`.
    fn module(&self) -> &str {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        path.split(['/', '.']).next().unwrap()
    }

    /// The text before the tests.
    fn code(&self) -> &str {
        self.text.split("\n#[cfg(test)]").next().unwrap()
    }

    /// The lines of the code that are no comments, with their numbers.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.code().lines());
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, in order of their paths.
fn files(folder: &str) -> Vec<File> {
    fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, paths),
                false => paths.push(path),
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    let file = |path: PathBuf| File {
        text: fs::read_to_string(&path).unwrap(),
        path: path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned(),
    };
    paths.into_iter().map(file).collect()
}

/// Fails with all of the complaints at once.
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent = files("src").into_iter().chain(files("tests"));
    let silent = silent.filter(|file| !file.text.starts_with("//! "));
    none(
        silent
            .map(|file| format!("{} does not begin with `//! `", file.path))
            .collect(),
    );
}

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for file in files("src").into_iter().chain(files("tests")) {
        let (lines, main) = (file.text.lines().count(), file.path == "src/main.rs");
        let max = if main { MAIN_LINES_MAX } else { FILE_LINES_MAX };
        if lines > max {
            complaints.push(format!("{} has {lines} lines, at most {max}", file.path));
        }
    }
    none(complaints);
}

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    for file in files("src").into_iter().chain(files("tests")) {
        // As rustfmt writes it, a function ends with the first brace at its own indent.
        let mut open: Option<(usize, String)> = None;
        for (number, line) in (1..).zip(file.text.lines()) {
            let indent = &line[..line.len() - line.trim_start().len()];
            let begins = line
                .trim_start()
                .split(' ')
                .take(4)
                .any(|word| word == "fn");
            match &open {
                None if begins && !line.ends_with(['}', ';']) => {
                    open = Some((number, indent.to_owned()))
                }
                Some((first, at)) if indent == at && line.trim_start() == "}" => {
                    let lines = number - first + 1;
                    if lines > FUNCTION_LINES_MAX {
                        complaints.push(format!("{}:{first} is {lines} lines long", file.path));
                    }
                    open = None;
                }
                // A declaration over several lines that has no body.
                Some((_, at)) if indent == at && line.ends_with(';') => open = None,
                _ => {}
            }
        }
    }
    none(complaints);
}

#[test]
fn no_module_names_one_of_a_higher_floor() {
    let floor = |module: &str| FLOORS.iter().position(|floor| floor.contains(&module));
    let mut complaints = Vec::new();
    for file in files("src") {
        let module = file.module();
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some(own) = floor(module) else {
            complaints.push(format!("{module} stands on no floor: add it to FLOORS"));
            continue;
        };
        for (number, line) in file.code_lines() {
            for named in line.split("crate::").skip(1) {
                let named = named
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap();
                if floor(named).is_none_or(|named| named > own) {
                    complaints.push(format!("{}:{number} names {named}", file.path));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn what_ends_or_prints_or_names_a_library_stands_in_its_place() {
    // What is forbidden, and where it is allowed; `unwrap` and the like nowhere.
    let rules: &[(&str, &[&str])] = &[
        ("println!", &[]),
        ("eprintln!", &[]),
        ("dbg!", &[]),
        ("process::exit", &["src/main.rs"]),
        ("SystemTime::now", &["src/main.rs"]),
        ("Utc::now", &[]),
        (".unwrap()", &[]),
        ("todo!", &[]),
        (
            "unsafe ",
            &[
                "src/format/journal_entry.rs",
                "src/format/json_quotes.rs",
                "src/format/json_strings.rs",
                "src/format/readings/skeleton.rs",
                "src/normalize/digits.rs",
            ],
        ),
        ("clap", &["src/cli/"]),
        ("rusqlite", &["src/memory"]),
        ("indicatif", &["src/stderr.rs"]),
        ("serde::", &["src/output/wire"]),
        ("io::stderr", &["src/stderr.rs"]),
        ("io::stdout", &["src/main.rs", "src/terminal.rs"]),
        ("File::open", &["src/input/", "src/memory"]),
        (
            "env::var",
            &["src/terminal.rs", "src/format/zone.rs", "src/cli/memory.rs"],
        ),
    ];
    let mut complaints = Vec::new();
    for file in files("src") {
        for (number, line) in file.code_lines() {
            for (forbidden, places) in rules {
                let allowed = places.iter().any(|place| file.path.starts_with(place));
                if !allowed && line.contains(forbidden) {
                    complaints.push(format!("{}:{number} has {forbidden}", file.path));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn the_library_is_a_list_of_modules() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let other = lib.lines().filter(|line| {
        let module = line.starts_with("pub mod ") && line.ends_with(';');
        !line.is_empty() && !line.starts_with("//!") && !module
    });
    none(
        other
            .map(|line| format!("src/lib.rs has: {line}"))
            .collect(),
    );
}

#[test]
fn every_file_is_a_declared_module() {
    let all = files("src");
    let mut complaints = Vec::new();
    for file in &all {
        let stem = Path::new(&file.path).file_stem().unwrap().to_str().unwrap();
        if matches!(stem, "main" | "lib" | "mod") {
            continue;
        }
        let folder = Path::new(&file.path).parent().unwrap().to_str().unwrap();
        let parents = [
            format!("{folder}/mod.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}.rs"),
        ];
        let declared = all
            .iter()
            .filter(|parent| parents.contains(&parent.path))
            .any(|parent| {
                let declares = |line: &str| {
                    line.split_whitespace()
                        .collect::<Vec<_>>()
                        .ends_with(&["mod", &format!("{stem};")])
                };
                parent.text.lines().any(|line| declares(line.trim()))
            });
        if !declared {
            complaints.push(format!("{} is declared nowhere", file.path));
        }
    }
    none(complaints);
}

#[test]
fn catalogues_are_complete() {
    let catalogues = [
        ("src/format/", "Format", "FORMATS", "src/format/mod.rs"),
        ("src/detect/", "Detector", "DETECTORS", "src/detect/mod.rs"),
        ("src/output/", "Output", "OUTPUTS", "src/output/mod.rs"),
    ];
    let all = files("src");
    let mut complaints = Vec::new();
    for (folder, trait_name, catalogue, home) in catalogues {
        let Some(home) = all.iter().find(|file| file.path == home) else {
            continue;
        };
        let list = home
            .text
            .split(&format!("static {catalogue}:"))
            .nth(1)
            .unwrap_or("");
        let list = list.split(';').next().unwrap();
        for file in all.iter().filter(|file| file.path.starts_with(folder)) {
            for implementer in file
                .code()
                .split(&format!("impl {trait_name} for "))
                .skip(1)
            {
                let name = implementer
                    .split(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap();
                let listed = list
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == name);
                if !listed {
                    complaints.push(format!("{}: {name} is not in {catalogue}", file.path));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn generated_files_are_fresh() {
    let generated = [
        ("man", "man/brainstem.1"),
        ("bash", "completions/brainstem.bash"),
        ("zsh", "completions/_brainstem"),
        ("fish", "completions/brainstem.fish"),
    ];
    let mut complaints = Vec::new();
    for (artifact, path) in generated {
        let run = Command::new(env!("CARGO_BIN_EXE_brainstem"))
            .args(["generate", artifact])
            .output();
        if run.unwrap().stdout != fs::read(root().join(path)).unwrap_or_default() {
            complaints.push(format!(
                "{path} is stale: brainstem generate {artifact} > {path}"
            ));
        }
    }
    none(complaints);
}

#[test]
fn every_flag_of_the_man_page_is_explained() {
    let page = fs::read_to_string(root().join("man/brainstem.1")).unwrap();
    let entries: Vec<_> = page.split("\n.TP\n").skip(1).collect();
    assert!(entries.len() > 40, "the page has {} entries", entries.len());
    let unexplained = entries.iter().filter_map(|entry| {
        let (flag, text) = entry.split_once('\n')?;
        let is_empty = text.lines().next().is_none_or(str::is_empty);
        is_empty.then(|| format!("{flag} has no text"))
    });
    none(unexplained.collect());
}
