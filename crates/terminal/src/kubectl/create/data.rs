//! `kubectl create configmap` and `kubectl create secret`.
//!
//! Source: kubectl pkg/cmd/create/create_configmap.go, create_secret*.go, pkg/util/hash/hash.go.

use go::quote::quote;
use kubernetes::object::{Value, to_json_html};
use kubernetes::validation::names;
use sha2::{Digest, Sha256};

use super::super::commands::{
    COMMAND, Command, DRY_RUN, FIELD_MANAGER, PRINT, Run, SAVE_CONFIG, VALIDATE,
};
use super::super::errors::Failure;
use super::super::flags::{Arguments, Flag, Form};
use super::super::{Kubectl, Session, plain};
use super::{named, one_name};

/// Flags for the content of ConfigMaps and Secrets.
pub(super) const SOURCES: &[Flag] = &[
    Flag::new("append-hash", Form::Switch),
    Flag::new("from-env-file", Form::List),
    Flag::new("from-file", Form::List),
    Flag::new("from-literal", Form::Array),
];
const TYPE: &[Flag] = &[Flag::new("type", Form::Text)];
const REGISTRY: &[Flag] = &[
    Flag::new("append-hash", Form::Switch),
    Flag::new("docker-email", Form::Text),
    Flag::new("docker-password", Form::Text),
    Flag::new("docker-server", Form::Text),
    Flag::new("docker-username", Form::Text),
    Flag::new("from-file", Form::List),
];
const TLS: &[Flag] = &[
    Flag::new("append-hash", Form::Switch),
    Flag::new("cert", Form::Text),
    Flag::new("key", Form::Text),
];

const fn secret(name: &'static str, flags: &'static [&'static [Flag]], run: Run) -> Command {
    Command { name, flags, run, manager: "kubectl-create", ..COMMAND }
}

/// The commands below `kubectl create secret`.
pub(super) static SECRETS: &[Command] = &[
    secret(
        "docker-registry",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, REGISTRY],
        |kubectl, arguments, session| kubectl.create_registry_secret(arguments, session),
    ),
    secret(
        "generic",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, SOURCES, TYPE],
        |kubectl, arguments, session| kubectl.create_generic_secret(arguments, session),
    ),
    secret(
        "tls",
        &[PRINT, DRY_RUN, FIELD_MANAGER, VALIDATE, SAVE_CONFIG, TLS],
        |kubectl, arguments, session| kubectl.create_tls_secret(arguments, session),
    ),
];

/// Keys and texts, in the order of the command line.
type Entries = Vec<(String, String)>;

impl Kubectl<'_> {
    pub(super) fn create_config_map(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let entries = match self.entries("ConfigMap", name, arguments) {
            Ok(entries) => entries,
            Err(message) => return plain(message),
        };
        let mut object = named("v1", "ConfigMap", name);
        for (key, text) in entries {
            object.entry("data").set(&key, text);
        }
        append_hash(&mut object, &["kind", "name", "data"], arguments);
        self.make(object, "failed to create configmap:", "created", arguments, session)
    }

    pub(super) fn create_generic_secret(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let entries = match self.entries("Secret", name, arguments) {
            Ok(entries) => entries,
            Err(message) => return plain(message),
        };
        let ty = arguments.text("type").unwrap_or_default();
        self.make_secret(name, ty, entries, arguments, session)
    }

    pub(super) fn create_registry_secret(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let text = |flag: &str| arguments.text(flag).unwrap_or_default();
        let (user, password) = (text("docker-username"), text("docker-password"));
        let server = arguments.text("docker-server").unwrap_or("https://index.docker.io/v1/");
        let entries = if arguments.given("from-file") {
            match self.entries("Secret", name, arguments) {
                Ok(entries) => entries,
                Err(message) => return plain(message),
            }
        } else {
            if user.is_empty() || password.is_empty() || server.is_empty() {
                return plain(
                    "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
                );
            }
            let content = registry_login(server, user, password, text("docker-email"));
            vec![(".dockerconfigjson".to_owned(), content)]
        };
        self.make_secret(name, "kubernetes.io/dockerconfigjson", entries, arguments, session)
    }

    pub(super) fn create_tls_secret(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let name = match one_name(arguments, false, session) {
            Ok(name) => name,
            Err(failures) => return failures,
        };
        let mut entries = Vec::new();
        for (flag, key, what) in [("cert", "tls.crt", "certificate"), ("key", "tls.key", "key")] {
            let path = arguments.text(flag).unwrap_or_default();
            if path.is_empty() {
                return plain("key and cert must be specified");
            }
            let Some(text) = self.files.read(path) else {
                return plain(format!("open {path}: no such file or directory"));
            };
            entries.push((key.to_owned(), text, what));
        }
        if let Some((.., what)) = entries.iter().find(|(_, text, _)| !text.contains("-----BEGIN "))
        {
            return plain(format!("tls: failed to find any PEM data in {what} input"));
        }
        let entries = entries.into_iter().map(|(key, text, _)| (key, text)).collect();
        self.make_secret(name, "kubernetes.io/tls", entries, arguments, session)
    }

    fn make_secret(
        &mut self,
        name: &str,
        ty: &str,
        entries: Entries,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let mut object = named("v1", "Secret", name);
        if !ty.is_empty() {
            object.set("type", ty);
        }
        for (key, text) in entries {
            object.entry("data").set(&key, go::base64::encode(text.as_bytes()));
        }
        append_hash(&mut object, &["kind", "type", "name", "data"], arguments);
        self.make(object, "failed to create secret", "created", arguments, session)
    }

    /// The entries that the flags describe.
    fn entries(&self, kind: &str, name: &str, arguments: &Arguments) -> Result<Entries, String> {
        let (files, literals) = (arguments.list("from-file"), arguments.list("from-literal"));
        let env_files = arguments.list("from-env-file");
        let others = files.len() + literals.len();
        if others > 0 && !env_files.is_empty() {
            return Err(
                "from-env-file cannot be combined with from-file or from-literal".to_owned()
            );
        }
        let mut entries = Entries::new();
        let mut add = |key: &str, text: String| {
            let wrong = names::config_map_key(key);
            let quoted = quote(key);
            if !wrong.is_empty() {
                let wrong = wrong.join(",");
                return Err(format!("{quoted} is not a valid key name for a {kind}: {wrong}"));
            }
            if entries.iter().any(|(known, _)| known == key) {
                let known = "another key by that name already exists";
                return Err(match kind {
                    "Secret" => format!("cannot add key {key}, {known}"),
                    _ => format!(
                        "cannot add key {quoted}, {known} in Data for ConfigMap {}",
                        quote(name)
                    ),
                });
            }
            entries.push((key.to_owned(), text));
            Ok(())
        };
        for source in files {
            for (key, text) in self.file_source(source)? {
                add(&key, text)?;
            }
        }
        for literal in literals {
            let pair = literal.split_once('=').filter(|(key, _)| !key.is_empty());
            let expected = || format!("invalid literal source {literal}, expected key=value");
            let (key, value) = pair.ok_or_else(expected)?;
            add(key, value.to_owned())?;
        }
        for path in env_files {
            let missing = || format!("error reading {path}: no such file or directory");
            for (key, value) in variables(&self.files.read(path).ok_or_else(missing)?)? {
                add(&key, value)?;
            }
        }
        Ok(entries)
    }

    /// The file, or the files of the folder, that `--from-file` names.
    fn file_source(&self, source: &str) -> Result<Entries, String> {
        let (key, path) = match source.split_once('=') {
            None => (None, source),
            Some(("", path)) => return Err(format!("key name for file path {path} missing")),
            Some((key, "")) => return Err(format!("file path for key name {key} missing")),
            Some((_, path)) if path.contains('=') => {
                return Err("key names or file paths cannot contain '='".to_owned());
            }
            Some((key, path)) => (Some(key), path),
        };
        let base = |path: &str| path.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
        if let Some(text) = self.files.read(path) {
            let key = key.map(str::to_owned).or_else(|| base(path)).unwrap_or_default();
            return Ok(vec![(key, text)]);
        }
        let folder = path.trim_end_matches('/');
        let names = self.files.list(folder);
        let names =
            names.ok_or_else(|| format!("error reading {path}: no such file or directory"))?;
        if key.is_some() {
            return Err("cannot give a key name for a directory path".to_owned());
        }
        let file =
            |name: String| Some((name.clone(), self.files.read(&format!("{folder}/{name}"))?));
        Ok(names.into_iter().filter_map(file).collect())
    }
}

/// Lines `NAME=value` of a file. Source: kubectl pkg/cmd/util/env_file.go.
fn variables(text: &str) -> Result<Entries, String> {
    let mut entries = Entries::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let wrong = names::env_name(key);
        if !wrong.is_empty() {
            return Err(format!("{} is not a valid key name: {}", quote(key), wrong.join(";")));
        }
        entries.push((key.to_owned(), value.to_owned()));
    }
    Ok(entries)
}

/// The content of `.dockerconfigjson`. Fields are in the order of Go's struct.
fn registry_login(server: &str, user: &str, password: &str, email: &str) -> String {
    let json = |text: &str| go::json::quote(text, true);
    let auth = go::base64::encode(format!("{user}:{password}").as_bytes());
    let email =
        if email.is_empty() { String::new() } else { format!("\"email\":{},", json(email)) };
    format!(
        "{{\"auths\":{{{}:{{\"username\":{},\"password\":{},{email}\"auth\":{}}}}}}}",
        json(server),
        json(user),
        json(password),
        json(&auth)
    )
}

/// Appends the hash of some fields to the name. Source: kubectl pkg/util/hash encodeConfigMap,
/// encodeSecret, encodeHash.
fn append_hash(object: &mut Value, fields: &[&str], arguments: &Arguments) {
    if !arguments.is("append-hash") {
        return;
    }
    let name = object["metadata"].str("name").to_owned();
    let mut hashed = Value::map();
    for field in fields {
        let value = match *field {
            "name" => name.as_str().into(),
            // Go prints a map without entries as null, and a type that is not set as "".
            "type" => object.str("type").into(),
            field => object[field].clone(),
        };
        hashed.set(field, value);
    }
    let digest = Sha256::digest(to_json_html(&hashed).as_bytes());
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        c => c,
    };
    let hash: String = hex.chars().map(letter).collect();
    object.entry("metadata").set("name", format!("{name}-{hash}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_variables_have_comments_and_empty_values() {
        let pairs = |text| variables(text).map(|one| one.len());
        assert_eq!(pairs("# x\n\nA=1\n  B=\nC\n"), Ok(3));
        assert!(variables("ä=1\n").is_err());
    }

    #[test]
    fn logins_are_json_in_the_order_of_the_fields() {
        assert_eq!(
            registry_login("r", "bob", "pw", ""),
            "{\"auths\":{\"r\":{\"username\":\"bob\",\"password\":\"pw\",\"auth\":\"Ym9iOnB3\"}}}"
        );
    }
}
