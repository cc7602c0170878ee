//! The built-in workloads, and their assignment to containers.

use std::sync::{Arc, OnceLock};

use super::{Workload, WorkloadQuery, decode};
use text::FileId;

include!(concat!(env!("OUT_DIR"), "/workloads.rs"));

/// All built-in workloads, with their includes merged.
#[derive(Debug, Default)]
pub struct Library {
    /// The workloads as written.
    own: Vec<Workload>,
    workloads: Vec<Arc<Workload>>,
}

/// The built-in library.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let read = |(_, text): &(&str, &str)| {
            let parsed = yaml::parse(FileId(0), text);
            parsed.root().map(|root| decode(root, FileId(0)).0)
        };
        Library::new(FILES.iter().filter_map(read).collect())
    })
}

impl Library {
    fn new(own: Vec<Workload>) -> Self {
        let mut library = Self { own, workloads: Vec::new() };
        library.workloads =
            library.own.iter().map(|workload| Arc::new(library.with_included(workload))).collect();
        library
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Workload>> {
        self.workloads.iter()
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<Workload>> {
        self.workloads.iter().find(|workload| &*workload.name == name)
    }

    /// Returns the text of a built-in workload.
    pub fn text(&self, name: &str) -> Option<&'static str> {
        FILES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
    }

    /// Merges a workload with its direct and indirect includes, each once.
    pub fn with_included(&self, workload: &Workload) -> Workload {
        let mut merged = workload.clone();
        let mut names: Vec<Arc<str>> = workload.includes.clone();
        let mut next = 0;
        while let Some(name) = names.get(next).cloned() {
            next += 1;
            let Some(other) = self.own.iter().find(|other| other.name == name) else { continue };
            for further in &other.includes {
                if !names.contains(further) {
                    names.push(further.clone());
                }
            }
            for (name, traffic) in &other.streams {
                merged.streams.entry(name.clone()).or_insert(*traffic);
            }
            merged.formats.openmetrics |= other.formats.openmetrics;
            merged.formats.protobuf |= other.formats.protobuf;
            merged.actions.extend(other.actions.iter().cloned());
            let known = |name: &str| merged.families.iter().any(|family| &*family.name == name);
            let new: Vec<_> =
                other.families.iter().filter(|family| !known(&family.name)).cloned().collect();
            merged.families.extend(new);
        }
        merged
    }

    /// Returns the workload of a container by image and port. A match of the image takes precedence
    /// over a match of the port.
    pub fn for_container(&self, image: &str, port: u16) -> Option<&Arc<Workload>> {
        let wanted = WorkloadQuery { image, container: "", namespace: "", port };
        let fits = |by_image: bool| {
            self.workloads.iter().find(|workload| {
                let mut rules = workload.matches.iter();
                rules.any(|rule| rule.image.is_some() == by_image && rule.fits(wanted))
            })
        };
        fits(true).or_else(|| fits(false))
    }
}
