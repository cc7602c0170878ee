//! The stored objects of a cluster by kind, namespace and label, so that a question about one
//! monitor does not visit all of them.

use std::collections::HashMap;

use kubernetes::object::Value;
use kubernetes::validation::meta::selects;

use crate::options::Options;
use crate::prometheus::ConfigContext;
use crate::select::Namespaces;
use crate::store::Checked;

/// A kind, a key and a value of a label.
type Labeled<'a> = (&'a str, &'a str, &'a str);

/// The objects of a cluster.
#[derive(Debug)]
pub struct Index<'a> {
    pub objects: &'a [Value],
    pub options: &'a Options,
    pub namespaces: Namespaces<'a>,
    of_kind: HashMap<&'a str, Vec<&'a Value>>,
    /// By kind and namespace.
    in_namespace: HashMap<(&'a str, &'a str), Vec<&'a Value>>,
    labeled: HashMap<Labeled<'a>, Vec<&'a Value>>,
    /// EndpointSlices by namespace and Service.
    slices: HashMap<(&'a str, &'a str), Vec<&'a Value>>,
}

impl<'a> Index<'a> {
    pub fn new(objects: &'a [Value], options: &'a Options) -> Self {
        let mut index = Self {
            objects,
            options,
            namespaces: Namespaces::new(objects, options),
            of_kind: HashMap::new(),
            in_namespace: HashMap::new(),
            labeled: HashMap::new(),
            slices: HashMap::new(),
        };
        for object in objects {
            let (kind, namespace) = (object.str("kind"), object["metadata"].str("namespace"));
            let labels = &object["metadata"]["labels"];
            index.of_kind.entry(kind).or_default().push(object);
            if kind == "EndpointSlice" {
                let service = labels.str("kubernetes.io/service-name");
                index.slices.entry((namespace, service)).or_default().push(object);
            }
            if !matches!(kind, "Service" | "Pod") {
                continue;
            }
            index.in_namespace.entry((kind, namespace)).or_default().push(object);
            for (key, value) in labels.as_map().into_iter().flat_map(|map| map.iter()) {
                let Some(value) = value.as_str() else { continue };
                index.labeled.entry((kind, key, value)).or_default().push(object);
            }
        }
        index
    }

    pub fn of_kind(&self, kind: &str) -> &[&'a Value] {
        self.of_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The number of Services or pods in namespaces; None for all namespaces.
    pub fn count(&self, kind: &str, namespaces: Option<&[&str]>) -> usize {
        let Some(namespaces) = namespaces else { return self.of_kind(kind).len() };
        let counts = namespaces.iter().map(|one| self.in_namespace.get(&(kind, *one)));
        counts.map(|found| found.map_or(0, Vec::len)).sum()
    }

    /// The Services or pods that a selector takes, in all namespaces.
    pub fn matching(&self, kind: &str, selector: &Value) -> Vec<&'a Value> {
        let first = selector.entries("matchLabels").next();
        let candidates = match first.map(|(key, value)| (&**key, value.as_str())) {
            Some((key, Some(value))) => {
                self.labeled.get(&(kind, key, value)).map_or(&[][..], Vec::as_slice)
            }
            _ => self.of_kind(kind),
        };
        let fits = |one: &&&Value| selects(selector, &one["metadata"]["labels"]);
        candidates.iter().filter(fits).copied().collect()
    }

    /// The pods that a Service sends requests to.
    pub fn pods_behind(&self, service: &Value) -> Vec<&'a Value> {
        let Some(wanted) = service["spec"]["selector"].as_map() else { return Vec::new() };
        let namespace = service["metadata"].str("namespace");
        let pods = self.in_namespace.get(&("Pod", namespace)).map_or(&[][..], Vec::as_slice);
        let first = wanted.iter().next();
        let labeled = first.and_then(|(key, value)| {
            Some(self.labeled.get(&("Pod", &**key, value.as_str()?)).map_or(&[][..], Vec::as_slice))
        });
        let candidates = labeled.unwrap_or(pods).iter();
        candidates
            .filter(|pod| {
                let labels = &pod["metadata"]["labels"];
                pod["metadata"].str("namespace") == namespace
                    && wanted.iter().all(|(key, value)| labels[&**key] == *value)
            })
            .copied()
            .collect()
    }

    /// The Services in front of a pod.
    pub fn services_of(&self, pod: &Value) -> Vec<&'a Value> {
        let metadata = &pod["metadata"];
        let services = self.in_namespace.get(&("Service", metadata.str("namespace")));
        let is_in_front = |service: &&&Value| {
            let selector = service["spec"]["selector"].as_map();
            selector.is_some_and(|map| {
                map.iter().next().is_some()
                    && map.iter().all(|(key, value)| metadata["labels"][&**key] == *value)
            })
        };
        services.into_iter().flatten().filter(is_in_front).copied().collect()
    }

    /// The EndpointSlices of a Service.
    pub fn slices(&self, service: &'a Value) -> &[&'a Value] {
        let metadata = &service["metadata"];
        let key = (metadata.str("namespace"), metadata.str("name"));
        self.slices.get(&key).map_or(&[], Vec::as_slice)
    }

    pub fn service(&self, namespace: &str, name: &str) -> Option<&'a Value> {
        let of_kind = self.of_kind("Service").iter();
        of_kind
            .filter(|one| one["metadata"].str("namespace") == namespace)
            .find(|one| one["metadata"].str("name") == name)
            .copied()
    }

    pub fn namespace(&self, name: &str) -> Option<&'a Value> {
        let mut all = self.of_kind("Namespace").iter();
        all.find(|one| one["metadata"].str("name") == name).copied()
    }

    /// The Prometheus and PrometheusAgent objects that the Operator manages.
    pub fn servers(&self) -> Vec<Server<'a>> {
        let kinds =
            |object: &&Value| matches!(object.str("kind"), "Prometheus" | "PrometheusAgent");
        let servers = self.objects.iter().filter(kinds).filter(|one| self.options.manages(one));
        servers.map(|one| Server::new(one, self)).collect()
    }
}

/// A Prometheus or PrometheusAgent object with what checks of its monitors need.
#[derive(Debug)]
pub struct Server<'a> {
    pub object: &'a Value,
    pub context: Checked<ConfigContext<'a>>,
}

impl<'a> Server<'a> {
    pub fn new(object: &'a Value, index: &Index<'a>) -> Self {
        Self { object, context: ConfigContext::new(object, index.objects, index.options) }
    }
}
