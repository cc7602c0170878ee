//! What a workspace says about the installation of the Prometheus Operator.
//!
//! Definitions and the Operator's Deployment in the workspace are the installation. A workspace
//! with custom resources only is taken to belong to a cluster in which the Operator runs, unless a
//! comment says otherwise.

use kubernetes::object::Value;
use operator::Options;
use operator::schema::GROUP;
use text::Location;
use yaml::Node;

use super::StoredObject;
use crate::workspace::sources::{FileKind, Source, Sources};

/// The comment that says that the Operator is not installed.
pub const NOT_INSTALLED: &str = "playground: no-operator";

/// The flags of the published `bundle.yaml` of the Operator.
const BUNDLE_FLAGS: [&str; 5] = [
    "--kubelet-service=kube-system/kubelet",
    "--kubelet-endpoints=true",
    "--kubelet-endpointslice=false",
    "--watch-referenced-objects-in-all-namespaces=true",
    "--disable-unmanaged-prometheus-configuration=true",
];

/// Where the definitions of the custom resources come from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Definitions {
    /// The workspace has neither definitions nor custom resources, or a comment says that there are
    /// no definitions.
    #[default]
    None,
    /// The workspace has definitions of the group.
    Written,
    /// The workspace has custom resources and no definitions. The first resource is at this place.
    Assumed(Location),
}

impl Definitions {
    /// Finds the definitions and the custom resources in the manifests of a workspace.
    pub fn of(sources: &Sources) -> Self {
        let mut first = None;
        for source in sources.of_kind(FileKind::Manifest) {
            for document in &source.parsed.documents {
                let root = &document.root;
                let items = root.get("items").map(Node::items).unwrap_or_default();
                for object in std::iter::once(root).chain(items) {
                    if defines_group(object) {
                        return Self::Written;
                    }
                    first = first.or_else(|| custom_resource(source, object));
                }
            }
        }
        match first {
            Some(_) if sources.iter().any(|source| denies(source)) => Self::None,
            Some(at) => Self::Assumed(at),
            None => Self::None,
        }
    }

    pub fn are_assumed(self) -> bool {
        matches!(self, Self::Assumed(_))
    }
}

/// Returns true for a CustomResourceDefinition of the group.
fn defines_group(object: &Node) -> bool {
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    text(object, "kind").as_deref() == Some("CustomResourceDefinition")
        && object.get("spec").and_then(|spec| text(spec, "group")).as_deref() == Some(GROUP)
}

/// Returns the place of the version of a custom resource of the group.
fn custom_resource(source: &Source, object: &Node) -> Option<Location> {
    let version = object.get("apiVersion")?;
    let (group, _) = version.text()?.split_once('/')?;
    (group == GROUP).then(|| Location::new(source.id, version.written_span()))
}

/// Returns true if a comment of the file says that the Operator is not installed.
fn denies(source: &Source) -> bool {
    let comments = source.parsed.documents.iter().flat_map(|document| &document.comments);
    comments.into_iter().any(|comment| {
        comment.span.slice(&source.text).trim_start_matches('#').trim() == NOT_INSTALLED
    })
}

/// The Operator of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Running {
    /// There are no custom resources.
    #[default]
    Unneeded,
    /// Nothing acts on the custom resources.
    Missing,
    /// The Operator runs with these flags. `deployment` is its Deployment; None if it is assumed.
    Runs { options: Box<Options>, deployment: Option<Location> },
}

impl Running {
    /// Finds the Operator among the stored objects.
    pub fn of(stored: &[StoredObject<'_>], definitions: Definitions) -> Self {
        let deployments = stored.iter().filter(|one| one.value.str("kind") == "Deployment");
        let found = deployments.into_iter().find_map(|one| {
            let containers = one.value.at(&["spec", "template", "spec"]).list("containers");
            let container = containers.iter().find(|one| is_operator(one.str("image")))?;
            Some((container, one.location))
        });
        if let Some((container, at)) = found {
            let arguments = container.list("command").iter().chain(container.list("args"));
            let arguments: Vec<&str> = arguments.filter_map(Value::as_str).collect();
            let options = Box::new(Options::parse(&arguments));
            return Self::Runs { options, deployment: Some(at) };
        }
        match definitions {
            Definitions::None => Self::Unneeded,
            Definitions::Written if !stored.iter().any(|one| is_custom(one.value)) => {
                Self::Unneeded
            }
            Definitions::Written => Self::Missing,
            Definitions::Assumed(_) => {
                Self::Runs { options: Box::new(Options::parse(&BUNDLE_FLAGS)), deployment: None }
            }
        }
    }

    /// The flags of the Operator; None if it does not run.
    pub fn options(&self) -> Option<&Options> {
        match self {
            Self::Runs { options, .. } => Some(options),
            _ => None,
        }
    }
}

/// Returns true for an object of the group.
pub fn is_custom(object: &Value) -> bool {
    object.str("apiVersion").split_once('/').is_some_and(|(group, _)| group == GROUP)
}

/// Returns true for images named prometheus-operator, from any registry.
fn is_operator(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next() == Some("prometheus-operator")
}
