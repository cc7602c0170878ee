//! Reads the lessons of `static/lessons` and writes them for the page.
//!
//! `lessons/NAME.json` holds what the page needs of a lesson; `scripts/data.mjs` copies these files
//! beside the page. `proofs/NAME.json` also holds the solution and the wrong ways, for tests.
//! `lessons.rs` holds the table of contents. A lesson with a mistake fails the build.

#[allow(dead_code, reason = "the build script uses a part of it")]
#[path = "src/compile.rs"]
mod compile;
#[allow(dead_code, reason = "the build script uses a part of it")]
#[path = "src/lesson.rs"]
mod lesson;
#[allow(dead_code, reason = "the build script uses a part of it")]
#[path = "src/patch.rs"]
mod patch;
#[allow(dead_code, reason = "the build script uses a part of it")]
#[path = "src/predicate.rs"]
mod predicate;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use compile::Folders;

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says so"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    let statics = root.join("../../static");
    for path in ["build.rs", "src", "../../static/lessons", "../../static/scenarios"] {
        println!("cargo::rerun-if-changed={path}");
    }
    generate(&statics, &out);
}

fn generate(statics: &Path, out: &Path) {
    let lessons = statics.join("lessons");
    let (scenarios, worlds) = (statics.join("scenarios"), lessons.join("worlds"));
    let folders = Folders { scenarios: &scenarios, worlds: &worlds };
    let folders_out = ["lessons", "proofs"].map(|name| out.join(name));
    for folder in &folders_out {
        // A lesson that was renamed leaves no file behind.
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).expect("the build folder takes folders");
    }
    let [json, proofs] = folders_out;
    let (mut contents, mut texts) = (String::new(), String::new());
    for (chapter, folder) in numbered(&lessons) {
        let title = read(&folder.join("title.txt")).trim().to_owned();
        let _ = writeln!(contents, "Chapter {{ name: {chapter:?}, title: {title:?}, lessons: &[");
        for (name, folder) in numbered(&folder) {
            let path = folder.join("lesson.yaml");
            let lesson = compile::compile(&name, &title, &read(&path), &folders);
            let mut lesson = lesson.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let _ = writeln!(contents, "Entry {{ name: {name:?}, title: {:?} }},", lesson.title);
            let proof = proofs.join(format!("{name}.json"));
            write(&proof, &lesson);
            let _ = writeln!(texts, "({name:?}, include_str!({:?})),", proof.display().to_string());
            lesson.solution.clear();
            lesson.wrong.clear();
            write(&json.join(format!("{name}.json")), &lesson);
        }
        contents.push_str("] },\n");
    }
    let code = format!(
        "/// The chapters in their order.\npub static CHAPTERS: &[Chapter] = &[\n{contents}];\n\
         /// The names of all lessons, and their JSON with solution and wrong ways.\n\
         pub static LESSONS: &[(&str, &str)] = &[\n{texts}];\n"
    );
    std::fs::write(out.join("lessons.rs"), code).expect("the build folder takes files");
}

fn write(path: &Path, lesson: &lesson::Lesson) {
    let text = serde_json::to_string(lesson).expect("a lesson is data");
    std::fs::write(path, text).expect("the build folder takes files");
}

/// The folders `NN-NAME` in their order, as NAME and path.
fn numbered(root: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(root).unwrap_or_else(|e| panic!("{}: {e}", root.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let name = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let (number, name) = name.split_once('-')?;
        let numbered = number.len() == 2 && number.chars().all(|c| c.is_ascii_digit());
        numbered.then(|| name.to_owned())
    };
    paths.into_iter().filter_map(|path| Some((name(&path)?, path))).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
