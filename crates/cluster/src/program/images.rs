//! Images that nodes have, can pull, or cannot pull.

use std::collections::BTreeMap;

/// Size of an image that no one described, in bytes.
const DEFAULT_SIZE: i64 = 10 * 1024 * 1024;

/// A failed pull, as the runtime reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullFailure {
    /// The code of gRPC; empty for an unknown error, whose text is shown without a prefix.
    pub code: String,
    pub text: String,
}

impl PullFailure {
    /// The error as the kubelet shows it.
    pub fn message(&self) -> String {
        if self.code.is_empty() {
            return self.text.clone();
        }
        format!("rpc error: code = {} desc = {}", self.code, self.text)
    }
}

/// An image of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// True if each node has the image from the start.
    pub present: bool,
    /// Milliseconds that a pull takes.
    pub pull: i64,
    /// The error of a pull.
    pub failure: Option<PullFailure>,
    /// Number of pulls that fail; None if all do.
    pub failing_pulls: Option<usize>,
    /// Bytes, for the event `Pulled`.
    pub size: i64,
    /// The numeric user of the image.
    pub uid: Option<i64>,
    /// The user of the image if it is a name.
    pub user: String,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            present: true,
            pull: 0,
            failure: None,
            failing_pulls: None,
            size: DEFAULT_SIZE,
            uid: None,
            user: String::new(),
        }
    }
}

impl Image {
    /// An image that no registry has.
    pub fn missing(name: &str) -> Self {
        let name = qualified(name);
        let text = format!(
            "failed to pull and unpack image \"{name}\": failed to resolve reference \"{name}\": \
             {name}: not found"
        );
        let failure = PullFailure { code: "NotFound".to_owned(), text };
        Self { present: false, failure: Some(failure), ..Self::default() }
    }
}

/// Images by name with tag. An image that is not listed is present on each node.
#[derive(Clone, Debug, Default)]
pub struct Images {
    described: BTreeMap<String, Image>,
}

impl Images {
    pub fn insert(&mut self, name: &str, image: Image) {
        self.described.insert(name.to_owned(), image);
    }

    /// The description of an image by the name that a container uses.
    pub fn get(&self, name: &str) -> Image {
        let described = self.described.get(name).or_else(|| self.described.get(&tagged(name)));
        described.cloned().unwrap_or_default()
    }
}

/// A name with the tag `latest` if it has neither tag nor digest.
/// Source: pkg/util/parsers ParseImageName.
pub fn tagged(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || last.contains('@') {
        return name.to_owned();
    }
    format!("{name}:latest")
}

/// A name with its registry: `nginx:1` is `docker.io/library/nginx:1`.
/// Source: distribution/reference ParseNormalizedNamed.
fn qualified(name: &str) -> String {
    let name = tagged(name);
    let domain = name.split_once('/').map(|(first, _)| first);
    match domain {
        Some(first) if first.contains(['.', ':']) || first == "localhost" => name,
        Some(_) => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    }
}

/// The reason for which a runtime refuses a name; None if it is a reference.
/// Source: distribution/reference Parse, pkg/kubelet/images applyDefaultImageTag.
pub fn invalid_reference(name: &str) -> Option<String> {
    let (path, _digest) = name.split_once('@').unwrap_or((name, ""));
    let slash = path.rfind('/').map_or(0, |at| at + 1);
    let (path, tag) = match path[slash..].find(':') {
        Some(colon) => (&path[..slash + colon], Some(&path[slash + colon + 1..])),
        None => (path, None),
    };
    let (domain, repository) = match path.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.to_lowercase() != first =>
        {
            (first, rest.to_owned())
        }
        Some(_) => ("docker.io", path.to_owned()),
        None => ("docker.io", format!("library/{path}")),
    };
    let good_tag = tag.is_none_or(|tag| {
        !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    });
    if repository.to_lowercase() != repository {
        return Some(format!(
            "invalid reference format: repository name ({repository}) must be lowercase"
        ));
    }
    let good_domain = domain.chars().all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c));
    if !good_domain || !good_tag || !is_repository(&repository) {
        return Some("invalid reference format".to_owned());
    }
    None
}

/// Path components of lower-case letters and digits, with single separators between them.
fn is_repository(path: &str) -> bool {
    path.split('/').all(|part| {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(alphanumeric)
            && part.ends_with(alphanumeric)
            && part.chars().all(|c| alphanumeric(c) || matches!(c, '.' | '_' | '-'))
            && !part.contains("..")
            && !part.contains("___")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_checked() {
        for (name, message) in [
            ("nginx", None),
            ("nginx:1.27", None),
            ("registry.example.com:5000/shop/api:v9", None),
            ("app@sha256:0000000000000000000000000000000000000000000000000000000000000000", None),
            ("Nginx:1.27", Some("repository name (library/Nginx) must be lowercase")),
            ("shop/Api", Some("repository name (shop/Api) must be lowercase")),
            ("nginx:", Some("invalid reference format")),
            ("nginx:1 27", Some("invalid reference format")),
            ("-nginx", Some("invalid reference format")),
            ("a//b", Some("invalid reference format")),
        ] {
            let found = invalid_reference(name);
            assert_eq!(found.is_some(), message.is_some(), "{name}: {found:?}");
            assert!(found.unwrap_or_default().contains(message.unwrap_or_default()), "{name}");
        }
    }

    #[test]
    fn names_get_tag_and_registry() {
        for (name, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("shop/api:1", "docker.io/shop/api:1"),
            ("registry.example.com/a:2", "registry.example.com/a:2"),
        ] {
            assert_eq!(qualified(name), full);
        }
        let failure = Image::missing("nginx:1.99").failure.expect("it fails");
        assert!(failure.message().starts_with("rpc error: code = NotFound desc = failed to pull"));
        assert!(failure.message().ends_with("docker.io/library/nginx:1.99: not found"));
    }
}
