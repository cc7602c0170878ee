//! The files that `-f` names, and the objects in them.
//!
//! Source: cli-runtime pkg/resource/builder.go, visitor.go.

use super::Kubectl;
use super::errors::Failure;
use super::flags::Arguments;
use super::read::{self, Info};

impl Kubectl<'_> {
    /// The files that `-f` names: of a folder those with objects.
    /// Source: cli-runtime pkg/resource/visitor.go ExpandPathsToFileVisitors.
    fn paths(&self, arguments: &Arguments) -> (Vec<String>, Vec<Failure>) {
        let (mut paths, mut failures) = (Vec::new(), Vec::new());
        for path in arguments.list("filename") {
            let folder = path.trim_end_matches('/');
            let listed = match self.files.read(path) {
                _ if path == "-" => None,
                Some(_) => None,
                None => self.files.list(folder),
            };
            let Some(names) = listed else {
                paths.push(path.to_owned());
                continue;
            };
            let is_object = |name: &String| {
                [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
            };
            let mut of_folder = names.into_iter().filter(is_object).peekable();
            if of_folder.peek().is_none() {
                failures.push(Failure::Plain(format!(
                    "error reading [{path}]: recognized file extensions are [.json .yaml .yml]"
                )));
            }
            paths.extend(of_folder.map(|name| format!("{folder}/{name}")));
        }
        (paths, failures)
    }

    /// Objects of all files, with their namespaces.
    pub(crate) fn infos(&self, arguments: &Arguments) -> (Vec<Info>, Vec<Failure>) {
        let (paths, mut failures) = self.paths(arguments);
        let mut infos = Vec::new();
        for file in paths {
            let (file, text) = match file.as_str() {
                "-" => ("STDIN", Some(self.desk.stdin.to_owned())),
                file => (file, self.files.read(file)),
            };
            let Some(text) = text else {
                let quoted = go::quote::quote(file);
                failures.push(Failure::Plain(format!("the path {quoted} does not exist")));
                continue;
            };
            let validates = !matches!(arguments.text("validate"), Some("false" | "ignore"));
            let (found, wrong) = read::objects(self.server, file, &text, validates);
            failures.extend(wrong);
            for info in found {
                match self.with_namespace(info, arguments.namespace()) {
                    Ok(info) => infos.push(info),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        // Several errors of reading are one error of the command.
        if failures.len() > 1 {
            failures = vec![Failure::Many(failures)];
        }
        (infos, failures)
    }

    /// Gives an object its namespace: its own, or that of the context or flag.
    pub(super) fn with_namespace(
        &self,
        mut info: Info,
        flag: Option<&str>,
    ) -> Result<Info, Failure> {
        if !info.kind.namespaced {
            info.namespace = String::new();
            if info.object["metadata"].has("namespace") {
                info.object.entry("metadata").remove("namespace");
            }
            return Ok(info);
        }
        let wanted = flag.unwrap_or(self.namespace);
        if info.namespace.is_empty() {
            info.namespace = wanted.to_owned();
            info.object.entry("metadata").set("namespace", wanted);
        } else if flag.is_some_and(|flag| flag != info.namespace) {
            let own = &info.namespace;
            return Err(Failure::Plain(format!(
                "the namespace from the provided object \"{own}\" does not match the namespace \"{wanted}\". You must pass '--namespace={own}' to perform this operation."
            )));
        }
        Ok(info)
    }
}
