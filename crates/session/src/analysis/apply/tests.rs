//! Incremental application equals a fresh run.

use std::collections::BTreeMap;

use kubernetes::object::Value;
use proptest::prelude::*;
use protocol::File;
use text::FileId;

use super::{Applied, Applier};
use crate::workspace::sources::Sources;

/// Manifests that depend on each other. `N` is a number that an edit changes.
const MANIFESTS: &[&str] = &[
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {n: 'N'}}\n",
    "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few, namespace: shop}\nspec: {hard: {pods: N, services: 1, count/configmaps: N}}\n",
    "apiVersion: v1\nkind: LimitRange\nmetadata: {name: sizes, namespace: shop}\nspec: {limits: [{type: Container, default: {cpu: Nm}}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: a, image: 'a:N'}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {priorityClassName: high, containers: [{name: a, image: a}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: shop}\nspec: {serviceAccountName: own, containers: [{name: a, image: 'a:N'}]}\n",
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: own, namespace: shop, annotations: {n: 'N'}}\nimagePullSecrets: [{name: sN}]\n",
    "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: N\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 3000N}]}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30001}]}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: c, namespace: shop}\nspec: {ports: [{port: N}]}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: d}\nspec: {clusterIP: 10.96.0.N, ports: [{port: 80}]}\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: tops.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Top, plural: tops}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer, maximum: N}, kept: {type: string, default: dN}}}}\n",
    "apiVersion: example.com/v1\nkind: Top\nmetadata: {name: a}\nsize: 3\n",
    "apiVersion: example.com/v1\nkind: Top\nmetadata: {name: b, namespace: shop}\nsize: N\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {n: 'N'}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\nimmutable: true\ndata: {n: 'N'}\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: l}\n  data: {n: 'N'}\n- apiVersion: example.com/v1\n  kind: Top\n  metadata: {name: l}\n  size: N\n",
    "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}\nprovisioner: example.com/N\n",
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: NGi}}}\n",
    "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: disk}\nspec: {capacity: {storage: 5Gi}, accessModes: [ReadWriteOnce], storageClassName: fast, hostPath: {path: /N}}\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\naggregationRule: {clusterRoleSelectors: [{matchLabels: {n: '1'}}]}\nrules: []\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: one, labels: {n: 'N'}}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: shop, annotations: {kubernetes.io/service-account.name: own}}\ntype: kubernetes.io/service-account-token\n",
    "kind: [N\n",
];

/// A change of the text: file, place, manifest, number.
#[derive(Clone, Debug)]
enum Change {
    Put(usize, usize, usize, u8),
    Insert(usize, usize, usize, u8),
    Remove(usize, usize),
    RemoveFile(usize),
    SwapFiles(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let (file, place, number) = (0..4_usize, 0..6_usize, 0..6_u8);
    let manifest = 0..MANIFESTS.len();
    prop_oneof![
        4 => (file.clone(), place.clone(), manifest.clone(), number.clone())
            .prop_map(|(file, place, manifest, number)| Change::Put(file, place, manifest, number)),
        6 => (file.clone(), place.clone(), manifest, number)
            .prop_map(|(file, place, manifest, number)| Change::Insert(file, place, manifest, number)),
        2 => (file.clone(), place).prop_map(|(file, place)| Change::Remove(file, place)),
        1 => file.clone().prop_map(Change::RemoveFile),
        1 => (file.clone(), file).prop_map(|(a, b)| Change::SwapFiles(a, b)),
    ]
}

#[derive(Default)]
struct Text {
    files: Vec<(u32, Vec<String>)>,
}

impl Text {
    fn new() -> Self {
        Self { files: (1..5).map(|id| (id, Vec::new())).collect() }
    }

    fn change(&mut self, change: &Change) {
        let written = |manifest: usize, number: u8| {
            MANIFESTS[manifest].replace('N', &number.to_string()).replace("/0", "/x")
        };
        let count = self.files.len();
        match *change {
            Change::Put(file, place, manifest, number) => {
                if let Some(known) = self.files[file % count].1.get_mut(place) {
                    *known = written(manifest, number);
                }
            }
            Change::Insert(file, place, manifest, number) => {
                let documents = &mut self.files[file % count].1;
                documents.insert(place.min(documents.len()), written(manifest, number));
            }
            Change::Remove(file, place) => {
                let documents = &mut self.files[file % count].1;
                if place < documents.len() {
                    documents.remove(place);
                }
            }
            Change::RemoveFile(file) => self.files[file % count].1.clear(),
            Change::SwapFiles(a, b) => self.files.swap(a % count, b % count),
        }
    }

    fn files(&self) -> Vec<File> {
        let file = |(id, documents): &(u32, Vec<String>)| File {
            id: FileId(*id),
            name: format!("{id}.yaml"),
            text: documents.join("---\n"),
        };
        self.files.iter().map(file).collect()
    }
}

fn stored(applier: &Applier) -> BTreeMap<String, Value> {
    let cluster = applier.cluster().expect("a state after a run");
    let objects = cluster.server.storage.iter();
    objects.map(|(key, object)| (format!("{key:?}"), object.clone())).collect()
}

fn run(
    applier: &mut Applier,
    sources: &Sources,
    before: &Sources,
) -> (Applied, BTreeMap<String, Value>) {
    let applied = applier.run_after(sources, before);
    (applied, stored(applier))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_has_the_result_of_a_fresh_run(changes in prop::collection::vec(change(), 1..40)) {
        let (mut text, mut sources) = (Text::new(), Sources::default());
        let mut applier = Applier::default();
        for change in &changes {
            text.change(change);
            let before = sources.clone();
            sources.update(&text.files());
            let incremental = run(&mut applier, &sources, &before);
            let fresh = run(&mut Applier::default(), &sources, &before);
            prop_assert_eq!(&incremental.0, &fresh.0, "after {:?}", change);
            prop_assert_eq!(&incremental.1, &fresh.1, "after {:?}", change);
        }
    }
}

#[test]
fn only_what_depends_on_an_edit_is_applied_again() {
    let config_map = |number: usize, value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}, namespace: shop}}\ndata: {{a: {value}}}\n"
        )
    };
    let file = |id: u32, text: String| File { id: FileId(id), name: format!("{id}.yaml"), text };
    let namespace = |label: &str| {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{a: {label}}}}}\n"
        )
    };
    let files = |label: &str, value: &str| {
        let maps = (0..20).map(|number| config_map(number, if number == 3 { value } else { "x" }));
        vec![file(1, namespace(label)), file(2, maps.collect::<Vec<_>>().join("---\n"))]
    };
    let (mut sources, mut applier) = (Sources::default(), Applier::default());
    let mut count = |label: &str, value: &str| {
        sources.update(&files(label, value));
        let before = applier.steps.documents.clone();
        assert_eq!(applier.run(&sources).stored().count(), 21);
        let is_known = |step: &&std::sync::Arc<super::steps::ApplyStep>| {
            before.iter().any(|known| std::sync::Arc::ptr_eq(known, step))
        };
        applier.steps.documents.iter().filter(|step| !is_known(step)).count()
    };
    assert_eq!(count("a", "x"), 21);
    assert_eq!(count("a", "other"), 1);
    assert_eq!(count("b", "other"), 1, "the label of a namespace concerns no object in it");
}
