//! Images that nodes have, can pull, or cannot pull.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Milliseconds that a pull from a registry takes if nothing is said of it.
const REGISTRY_PULL: i64 = 1_520;
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
    /// The digest of the image: `sha256:…`; empty if the runtime reports none.
    pub digest: String,
    /// True if each pod pulls the image again.
    pub is_pulled_always: bool,
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
            digest: String::new(),
            is_pulled_always: false,
            uid: None,
            user: String::new(),
        }
    }
}

impl Image {
    /// An image that a registry has. Its digest follows from its name.
    pub fn of_registry(name: &str) -> Self {
        let digest = Sha256::digest(name.as_bytes());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            present: false,
            pull: REGISTRY_PULL,
            digest: format!("sha256:{digest}"),
            ..Self::default()
        }
    }

    /// An image that each node has, unless its name misspells a public one, which no registry has.
    pub fn unless_misspelled(name: &str) -> Self {
        let failure = kubernetes::images::missing(name).map(|missing| {
            let (code, text) = missing.error();
            PullFailure { code: code.to_owned(), text }
        });
        Self { present: failure.is_none(), failure, ..Self::default() }
    }

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

/// Images by name with tag.
#[derive(Clone, Debug)]
pub struct Images {
    described: BTreeMap<String, Image>,
    /// Makes an image that is not listed from the name that a container uses.
    pub unlisted: fn(&str) -> Image,
}

impl Default for Images {
    /// Each node has every image that may exist.
    fn default() -> Self {
        Self { described: BTreeMap::new(), unlisted: Image::unless_misspelled }
    }
}

impl Images {
    pub fn insert(&mut self, name: &str, image: Image) {
        self.described.insert(name.to_owned(), image);
    }

    /// The description of an image by the name that a container uses.
    pub fn get(&self, name: &str) -> Image {
        let described = self.described.get(name).or_else(|| self.described.get(&tagged(name)));
        described.cloned().unwrap_or_else(|| (self.unlisted)(name))
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
pub fn qualified(name: &str) -> String {
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
                || go::case::lower(first) != first =>
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
    if go::case::lower(&repository) != repository {
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
    fn images_of_a_registry_have_a_digest() {
        let image = Image::of_registry("nginx:1.27");
        assert!(!image.present);
        assert_eq!(
            image.digest,
            "sha256:cd4495bb73de9b01bf009710b80ecf4be2d298db47492f4e9e7d0b04981c4614"
        );
        let images = Images { unlisted: Image::of_registry, ..Images::default() };
        assert_eq!(images.get("nginx:1.27"), image);
        assert!(Images::default().get("nginx:1.27").present);
        let misspelled = Images::default().get("nginx:lates");
        assert!(!misspelled.present);
        assert_eq!(misspelled.failure, Image::missing("nginx:lates").failure);
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
