//! Each check's example gives its finding, and its first fix removes it.

use kubernetes::checks::{CheckContext, ScrapeDependencies, codes, run};
use kubernetes::controllers::run_plain;
use kubernetes::mounts::PathInContainer;
use kubernetes::network::{Network, declared_ports};
use kubernetes::prometheus::{Instance, instances};
use kubernetes::testing::{at, manifests, prometheus_and_web};
use prometheus::{Mode, NoFiles, load};
use text::{Diagnostic, FileId, Severity, apply_edits};

/// Returns the findings of one file of manifests.
fn findings(text: &str) -> Vec<Diagnostic> {
    let written = manifests(text).cluster;
    let state = run_plain(&written);
    let instances = instances(&state.cluster);
    let dependencies: Vec<ScrapeDependencies> = instances
        .iter()
        .enumerate()
        .filter_map(|(number, instance)| dependencies(number, instance, text))
        .collect();
    run(&CheckContext {
        state: &state,
        instances: &instances,
        dependencies: &dependencies,
        network: Network { state: &state, listens: &declared_ports },
        text: &|file| (file == FileId(1)).then_some(text),
    })
}

fn dependencies(number: usize, instance: &Instance, text: &str) -> Option<ScrapeDependencies> {
    let PathInContainer::File(file) = &instance.config else { return None };
    let parsed = yaml::embedded(FileId(1), text, file.entry.node.as_ref()?)?;
    let loaded = load(&parsed, &NoFiles, Mode::Server);
    Some(discovery::kubernetes::dependencies(number, &instance.namespace, &loaded.config))
}

/// Checks without a fix, because the intent is unknown or the cause is not in the manifests.
const WITHOUT_FIX: [&str; 9] = [
    "object-without-name",
    "image-config-in-force",
    "bad-config-key",
    "port-out-of-range",
    "bad-port-name",
    "pod-without-containers",
    "target-refused",
    "target-unreachable",
    "secret-not-here",
];

#[test]
fn examples_give_their_finding_and_fixes_remove_it() {
    for code in codes() {
        let found = findings(code.example);
        let own = found.iter().find(|one| one.code == code.code);
        let own = own.unwrap_or_else(|| panic!("{}: the example gives {found:?}", code.code));
        assert!(!own.message.ends_with('.'), "{}", own.message);
        let Some(fix) = own.fixes.first() else {
            assert!(WITHOUT_FIX.contains(&code.code), "{} has no fix", code.code);
            continue;
        };
        assert!(!WITHOUT_FIX.contains(&code.code), "{} has a fix", code.code);
        let text = apply_edits(code.example, FileId(1), &fix.edits).expect("the edits fit");
        let after = findings(&text);
        assert!(
            after.iter().all(|one| one.code != code.code),
            "{}: {} does not help:\n{text}\n{after:?}",
            code.code,
            fix.title
        );
    }
}

#[test]
fn a_sound_system_has_only_advice() {
    let found = findings(&prometheus_and_web());
    let grave: Vec<_> = found.iter().filter(|one| one.severity != Severity::Info).collect();
    assert!(grave.is_empty(), "{grave:?}");
}

#[test]
fn findings_point_at_the_field() {
    let example = |code: &str| codes().find(|one| one.code == code).unwrap().example;
    for (code, field) in [
        ("service-selects-nothing", "{app: wbe}"),
        ("template-misses-selector", "web"),
        ("target-port-names-nothing", "htp"),
        ("target-no-such-host", "'wbe:80'"),
        ("config-map-missing", "confg"),
        ("config-key-missing", "b.yml"),
        ("volume-missing", "dta"),
        ("config-file-not-mounted", "--config.file=/etc/prom/prometheus.yml"),
        ("sub-path-never-updates", "prometheus.yml"),
        ("claim-shared-by-replicas", "2"),
        ("discovery-forbidden", "endpointslice"),
        ("prometheus-exposed", "LoadBalancer"),
    ] {
        let text = example(code);
        let found = findings(text);
        let own = found.iter().find(|one| one.code == code).unwrap();
        assert_eq!(at(text, Some(own.location)), field, "{code}");
    }
}

#[test]
fn a_missing_permission_is_said_in_the_api_servers_words() {
    let text = codes().find(|one| one.code == "discovery-forbidden").unwrap().example;
    let found = findings(text);
    let own = found.iter().find(|one| one.code == "discovery-forbidden").unwrap();
    assert!(own.message.starts_with("endpointslices.discovery.k8s.io is forbidden: User"));
    let fixed = apply_edits(text, FileId(1), &own.fixes[0].edits).unwrap();
    assert!(fixed.contains("  - apiGroups: [discovery.k8s.io]\n    resources: [endpointslices]"));
    // A list for one namespace is allowed by a RoleBinding there.
    let local = text
        .replace("- role: endpointslice", "- role: pod\n            namespaces: {names: [default]}")
        .replace("kind: ClusterRoleBinding", "kind: RoleBinding");
    assert!(findings(&local).iter().all(|one| one.code != "discovery-forbidden"));
}

/// Other forms of findings, each with its first fix.
#[test]
fn fixes_of_other_shapes_help_too() {
    let system = prometheus_and_web();
    let prometheus = codes().find(|one| one.code == "storage-on-no-volume").unwrap().example;
    let claimless = prometheus
        .replace(
            "          volumeMounts:\n",
            "          volumeMounts:\n            - {name: data, mountPath: /prometheus}\n",
        )
        .replace("      volumes:\n", "      volumes:\n        - {name: data, emptyDir: {}}\n");
    let unlabeled = codes().find(|one| one.code == "template-misses-selector").unwrap().example;
    let block = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata:\n      labels:\n        tier: front\n    spec: {containers: [{name: web, image: web}]}\n";
    for (code, text) in [
        ("storage-on-no-volume", claimless.as_str()),
        ("template-misses-selector", &unlabeled.replace("{app: shop}", "{tier: front}")),
        ("template-misses-selector", block),
        (
            "bad-object-name",
            &system.replace("name: web\n          image", "name: Web_1\n          image"),
        ),
    ] {
        let found = findings(text);
        let own = found.iter().find(|one| one.code == code);
        let own = own.unwrap_or_else(|| panic!("{code} not in {found:?}\n{text}"));
        let fix = own.fixes.first().unwrap_or_else(|| panic!("{code} has no fix"));
        let after = apply_edits(text, FileId(1), &fix.edits).expect("the edits fit");
        let found = findings(&after);
        assert!(found.iter().all(|one| one.code != code), "{code}\n{after}");
        let errors = found.iter().filter(|one| one.severity == Severity::Error);
        assert_eq!(errors.count(), 0, "{found:?}\n{after}");
    }
}
