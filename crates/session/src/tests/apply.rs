//! The two ways to apply manifests: what is stored, what stays, and what is refused.

use super::driver::Driver;
use protocol::pages::cluster;
use protocol::{ApplyMode, Changes, Grade, ObjectKey, PageQuery, Request, View};
use text::FileId;

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports:\n  - port: 80\n";

fn key(kind: &str, name: &str) -> ObjectKey {
    ObjectKey { kind: kind.into(), namespace: "default".into(), name: name.into() }
}

/// A session with both manifests in one file, which is `FileId(1)`.
fn opened(mode: ApplyMode) -> Driver {
    let mut driver = Driver::with_files(&[("web.yaml", &format!("{WEB}---\n{SERVICE}"))]);
    driver.send(Request::SetApplyMode { mode });
    driver
}

fn text(driver: &Driver) -> String {
    driver.workspace.files[0].text.clone()
}

/// The names of the pods' Deployments and of the Services, as the page shows them.
fn shown(driver: &mut Driver) -> Vec<String> {
    let view = driver.watch(PageQuery::Cluster(cluster::Query::default()));
    let View::Cluster(view) = view else { panic!("{view:?}") };
    let node = |node: &cluster::Node| {
        let name: Vec<&str> = node.name.split('-').collect();
        format!("{} {}", node.kind, name.first().unwrap_or(&""))
    };
    let mut nodes: Vec<String> = view.graph.nodes.iter().map(node).collect();
    nodes.retain(|node| !node.starts_with("ServiceAccount"));
    nodes.sort();
    nodes
}

/// The state that a reload of the page restores.
fn reloaded(driver: &Driver) -> Driver {
    let mut workspace = driver.workspace.clone();
    workspace.apply_mode = driver.stored.mode;
    workspace.stored.clone_from(&driver.stored.files);
    Driver::with_workspace(workspace)
}

#[test]
fn a_name_that_is_typed_letter_by_letter_leaves_nothing_behind() {
    let mut driver = opened(ApplyMode::FollowText);
    for name in ["name: a\nspec:\n  sel", "name: ap\nspec:\n  sel", "name: api\nspec:\n  sel"] {
        let from = text(&driver);
        let from = from.split("Service\nmetadata:\n  ").nth(1).unwrap();
        let from = from.split_inclusive("sel").next().unwrap().to_owned();
        driver.edit("web.yaml", &from, name);
    }
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service api"]);
    assert_eq!(driver.stored.files, None);
    assert!(driver.stored.orphans.is_empty());
}

#[test]
fn nothing_changes_before_a_pause() {
    let mut driver = opened(ApplyMode::FollowText);
    let mut file = driver.workspace.files[0].clone();
    file.text = file.text.replace("replicas: 2", "replicas: 1");
    driver.send(Request::Edit { file, revision: 2 });
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    assert_eq!(driver.stored.changes, Changes { created: 0, configured: 1 });
    driver.send(Request::FollowText);
    assert_eq!(shown(&mut driver), ["Pod web", "Service web"]);
    assert_eq!(driver.stored.changes, Changes::default());
}

#[test]
fn a_file_that_does_not_parse_keeps_its_objects() {
    let mut driver = opened(ApplyMode::FollowText);
    driver.edit("web.yaml", "replicas: 2", "replicas: 1 x: 2");
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    assert_eq!(driver.stored.unparsed, [FileId(1)]);
    assert!(driver.stored.orphans.is_empty());
    let mut again = reloaded(&driver);
    assert_eq!(shown(&mut again), ["Pod web", "Pod web", "Service web"]);
    driver.edit("web.yaml", "replicas: 1 x: 2", "replicas: 1");
    assert_eq!(shown(&mut driver), ["Pod web", "Service web"]);
    assert!(driver.stored.unparsed.is_empty());
    assert_eq!(driver.stored.files, None);
}

#[test]
fn by_hand_an_object_whose_text_is_gone_stays_until_it_is_deleted() {
    let mut driver = opened(ApplyMode::ByHand);
    driver.edit("web.yaml", &format!("---\n{SERVICE}"), "");
    assert_eq!(driver.stored.orphans, [key("Service", "web")]);
    driver.send(Request::Apply);
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    assert_eq!(driver.stored.orphans, [key("Service", "web")]);
    let mut again = reloaded(&driver);
    assert_eq!(again.stored, driver.stored);
    for driver in [&mut driver, &mut again] {
        driver.send(Request::DeleteObjects { objects: vec![key("Service", "web")] });
        assert_eq!(shown(driver), ["Pod web", "Pod web"]);
        assert!(driver.stored.orphans.is_empty());
        assert_eq!(driver.stored.files, None);
    }
}

#[test]
fn by_hand_files_that_are_removed_keep_their_objects() {
    let mut driver = Driver::with_files(&[("web.yaml", WEB), ("service.yaml", SERVICE)]);
    driver.send(Request::SetApplyMode { mode: ApplyMode::ByHand });
    driver.workspace.files.remove(1);
    driver.remove(FileId(2));
    driver.send(Request::Apply);
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    // The text of the other file stops being a manifest.
    driver.edit("web.yaml", WEB, "# later\n");
    driver.send(Request::Apply);
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    let mut again = reloaded(&driver);
    assert_eq!(shown(&mut again), ["Pod web", "Pod web", "Service web"]);
    // Text that is followed prunes them.
    driver.send(Request::SetApplyMode { mode: ApplyMode::FollowText });
    assert_eq!(shown(&mut driver), Vec::<String>::new());
}

#[test]
fn by_hand_the_text_waits_for_the_command() {
    let mut driver = opened(ApplyMode::ByHand);
    driver.edit("web.yaml", "replicas: 2", "replicas: 1");
    driver.edit("web.yaml", "name: web\nspec:\n  selector", "name: api\nspec:\n  selector");
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    assert_eq!(driver.stored.changes, Changes { created: 1, configured: 1 });
    assert_eq!(driver.stored.orphans, [key("Service", "web")]);
    driver.send(Request::Apply);
    assert_eq!(shown(&mut driver), ["Pod web", "Service api", "Service web"]);
    assert_eq!(driver.stored.changes, Changes::default());
    // Places of results lead to the text, though the stored text has more.
    let moved = driver.stored.moved.first().expect("the service stays");
    assert_eq!(moved.written.end as usize, text(&driver).len());
    assert!(moved.stored.end > moved.written.end, "{moved:?}");
}

#[test]
fn a_document_that_does_not_parse_stops_kubectl_at_it() {
    let mut driver = opened(ApplyMode::ByHand);
    driver.edit("web.yaml", "replicas: 2", "replicas: 1");
    driver.edit("web.yaml", "port: 80", "port: 80 a: b");
    driver.send(Request::Apply);
    assert_eq!(shown(&mut driver), ["Pod web", "Service web"]);
    assert!(driver.stored.orphans.is_empty(), "the text of the Service is not gone");
}

#[test]
fn a_refused_change_leaves_the_stored_object_and_can_be_made_anew() {
    for mode in [ApplyMode::FollowText, ApplyMode::ByHand] {
        let mut driver = opened(mode);
        driver.edit("web.yaml", "matchLabels: {app: web}", "matchLabels: {app: api}");
        driver.edit("web.yaml", "labels: {app: web}", "labels: {app: api}");
        driver.edit("web.yaml", "port: 80", "port: 81");
        driver.send(Request::Apply);
        let [refused] = &driver.stored.refused[..] else { panic!("{:?}", driver.stored) };
        assert_eq!(refused.object, key("Deployment", "web"));
        assert!(refused.creatable);
        assert!(refused.message.ends_with("field is immutable"), "{}", refused.message);
        assert_eq!(driver.stored.changes, Changes::default(), "the Service is changed");
        // The selector of the Service does not match the labels of the text.
        assert!(
            driver
                .session
                .stored
                .state
                .cluster
                .pods
                .iter()
                .all(|pod| { pod.meta.labels.iter().any(|label| &*label.value == "web") })
        );
        let snapshot = driver.session.snapshot();
        let source = snapshot.sources.iter().next().expect("a file");
        let annotations = crate::ide::annotate(source, &snapshot);
        let found = annotations.diagnostics.iter().zip(&annotations.grades);
        let of_change: Vec<_> =
            found.filter(|(_, grade)| **grade == Some(Grade::ChangeRefused)).collect();
        let [(change, _)] = of_change[..] else { panic!("{of_change:?}") };
        assert_eq!(change.location.span.slice(&source.text), "selector");
        assert!(!annotations.grades.contains(&Some(Grade::Refused)));

        let again = reloaded(&driver);
        assert_eq!(again.stored, driver.stored);

        driver.send(Request::RecreateObjects { objects: vec![key("Deployment", "web")] });
        assert!(driver.stored.refused.is_empty());
        assert_eq!(driver.stored.files, None, "the stored manifests are those of the text");
    }
}

#[test]
fn a_text_that_is_refused_leaves_the_stored_object() {
    let mut driver = opened(ApplyMode::FollowText);
    driver.edit("web.yaml", "replicas: 2", "replicas: two");
    assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
    let [refused] = &driver.stored.refused[..] else { panic!("{:?}", driver.stored) };
    assert!(!refused.creatable);
    let fresh = Driver::with_files(&[("web.yaml", &text(&driver))]);
    assert!(fresh.stored.refused.is_empty(), "nothing is stored that could stay");
    driver.edit("web.yaml", "replicas: two", "replicas: 1");
    assert_eq!(shown(&mut driver), ["Pod web", "Service web"]);
}

/// The findings in a file, as `code: text at the place`.
fn findings(driver: &Driver, name: &str) -> Vec<String> {
    let snapshot = driver.session.snapshot();
    let source = snapshot.sources.iter().find(|source| source.name == name).expect("a file");
    let found = crate::ide::annotate(source, &snapshot).diagnostics;
    found
        .iter()
        .map(|one| format!("{}: {}", one.code, one.location.span.slice(&source.text)))
        .collect()
}

#[test]
fn findings_across_objects_count_stored_objects_whose_documents_do_not_parse() {
    for mode in [ApplyMode::FollowText, ApplyMode::ByHand] {
        let mut driver = Driver::with_files(&[("web.yaml", WEB), ("service.yaml", SERVICE)]);
        driver.send(Request::SetApplyMode { mode });
        driver.edit("web.yaml", "replicas: 2", "replicas: 2 x: 2");
        driver.send(Request::Apply);
        assert_eq!(shown(&mut driver), ["Pod web", "Pod web", "Service web"]);
        assert_eq!(findings(&driver, "service.yaml"), [""; 0]);
        assert_eq!(findings(&reloaded(&driver), "service.yaml"), [""; 0]);
        // The labels of the stored pods count.
        driver.edit("service.yaml", "selector: {app: web}", "selector: {app: api}");
        let wrong = ["service-selects-nothing: {app: api}"];
        assert_eq!(findings(&driver, "service.yaml"), wrong);
        driver.edit("web.yaml", "replicas: 2 x: 2", "replicas: 2");
        assert_eq!(findings(&driver, "service.yaml"), wrong);
        // Without text, nothing is left to count.
        driver.edit("service.yaml", "selector: {app: api}", "selector: {app: web}");
        driver.edit("web.yaml", WEB, "# later\n");
        assert_eq!(findings(&driver, "service.yaml"), ["service-selects-nothing: {app: web}"]);
    }
}

#[test]
fn a_namespace_that_does_not_parse_is_still_there_for_other_objects() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: shop}\n";
    for mode in [ApplyMode::FollowText, ApplyMode::ByHand] {
        let mut driver = Driver::with_files(&[("shop.yaml", namespace), ("b.yaml", map)]);
        driver.send(Request::SetApplyMode { mode });
        driver.edit("shop.yaml", "name: shop", "name: shop: x");
        driver.send(Request::Apply);
        assert_eq!(findings(&driver, "b.yaml"), [""; 0]);
        assert_eq!(findings(&driver, "shop.yaml"), ["yaml-unexpected-colon: shop: x"]);
        assert_eq!(findings(&reloaded(&driver), "b.yaml"), [""; 0]);
        driver.edit("b.yaml", "name: b,", "name: c,");
        driver.send(Request::Apply);
        assert_eq!(findings(&driver, "b.yaml"), [""; 0]);
        assert!(driver.stored.refused.is_empty(), "{:?}", driver.stored);
        let fresh = Driver::with_files(&[("shop.yaml", &text(&driver)), ("b.yaml", map)]);
        assert_eq!(findings(&fresh, "b.yaml"), ["api-server-refuses: shop"]);
    }
}

#[test]
fn findings_across_objects_count_stored_objects_whose_changes_are_refused() {
    let files = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: files}\ndata: {a: '1'}\n";
    let mounts = WEB.replace(
        "        image: nginx:1.27\n",
        "        image: nginx:1.27\n        envFrom:\n        - configMapRef: {name: files}\n",
    );
    let mut driver = Driver::with_files(&[
        ("web.yaml", &mounts),
        ("files.yaml", files),
        ("service.yaml", SERVICE),
    ]);
    assert_eq!(findings(&driver, "web.yaml"), [""; 0]);
    driver.edit("files.yaml", "data: {a: '1'}", "data: {a: 1}");
    assert_eq!(findings(&driver, "web.yaml"), [""; 0]);
    assert_eq!(findings(&driver, "files.yaml"), ["api-server-refuses: 1"]);
    driver.edit("web.yaml", "replicas: 2", "replicas: two");
    assert_eq!(findings(&driver, "service.yaml"), [""; 0]);
    assert_eq!(driver.stored.refused.len(), 2);
    let fresh = Driver::with_files(&[("service.yaml", SERVICE), ("web.yaml", &text(&driver))]);
    assert_eq!(findings(&fresh, "service.yaml"), ["service-selects-nothing: {app: web}"]);
}

#[test]
fn an_item_of_a_list_is_refused_alone() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  immutable: true\n  data: {x: '1'}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: b}\n  data: {x: '1'}\n";
    let mut driver = Driver::with_files(&[("list.yaml", list)]);
    driver.edit("list.yaml", "x: '1'", "x: '2'");
    driver.edit("list.yaml", "x: '1'", "x: '3'");
    assert_eq!(driver.stored.refused.len(), 1);
    let files = driver.stored.files.clone().expect("one object differs");
    let value = |name: &str| {
        let maps = driver.session.stored.manifests.cluster.config_maps.iter();
        let mut found = maps.filter(|map| &*map.meta.name.value == name);
        found.next().and_then(|map| Some(map.data.first()?.value.to_string()))
    };
    assert_eq!((value("a").as_deref(), value("b").as_deref()), (Some("1"), Some("3")), "{files:?}");
}

#[test]
fn an_apply_takes_its_way_through_the_cluster_if_edits_take_time() {
    let mut driver = opened(ApplyMode::ByHand);
    driver.send(Request::SetDelays { on: true });
    driver.advance(60_000);
    driver.edit("web.yaml", "replicas: 2", "replicas: 3");
    assert!(driver.log.events.is_empty(), "typing is no event");
    driver.send(Request::Apply);
    assert_eq!(driver.log.events.len(), 1);
    driver.run(Request::Seek { at: 1_000 });
    assert_eq!(driver.stored.changes, Changes { created: 0, configured: 1 });
    driver.run(Request::Seek { at: 120_000 });
    assert_eq!(driver.stored.changes, Changes::default());
}
