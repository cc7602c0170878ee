//! Manifests in the editor: the verdict of the API server, and what follows from it.

use super::driver::Driver;
use protocol::pages::{cluster, explain};
use protocol::{Grade, PageQuery, Request, View};
use text::{Diagnostic, FileId};

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        ports:\n        - containerPort: 80\n";

/// Grade, text under the mark, and message of each finding of the first file.
fn findings(files: &[(&str, &str)]) -> Vec<(Option<Grade>, String, String)> {
    let mut driver = Driver::with_files(files);
    driver.send(Request::Watch { query: PageQuery::Nothing });
    let snapshot = driver.session.snapshot();
    let source = snapshot.sources.iter().next().expect("a file");
    let annotations = crate::ide::annotate(source, &snapshot);
    let found = annotations.diagnostics.iter().zip(&annotations.grades);
    found
        .map(|(one, grade)| {
            (*grade, one.location.span.slice(&source.text).to_owned(), one.message.clone())
        })
        .collect()
}

fn refused(text: &str) -> Vec<(String, String)> {
    let found = findings(&[("web.yaml", text)]).into_iter();
    found
        .filter(|(grade, ..)| *grade == Some(Grade::Refused))
        .map(|(_, at, message)| (at, message))
        .collect()
}

#[test]
fn a_refusal_stands_at_the_field_that_it_names() {
    for (from, to, at, message) in [
        (
            "containerPort: 80",
            "containerPort: 99999",
            "99999",
            "The Deployment \"web\" is invalid: spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive",
        ),
        (
            "  replicas: 2",
            "  replica: 2",
            "replica",
            "Error from server (BadRequest): error when creating \"web.yaml\": Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.replica\"",
        ),
        (
            "replicas: 2",
            "replicas: two",
            "two",
            "Error from server (BadRequest): error when creating \"web.yaml\": Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "containerPort: 80",
            "containerPort: web",
            "web",
            "Error from server (BadRequest): error when creating \"web.yaml\": Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32",
        ),
        (
            "apps/v1",
            "apps/v1beta1",
            "apps/v1beta1",
            "error: resource mapping not found for name: \"web\" namespace: \"\" from \"web.yaml\": no matches for kind \"Deployment\" in version \"apps/v1beta1\"\nensure CRDs are installed first",
        ),
        (
            "metadata:\n  name: web\n",
            "metadata:\n  name: web\n  namespace: shop\n",
            "shop",
            "Error from server (NotFound): error when creating \"web.yaml\": namespaces \"shop\" not found",
        ),
        (
            "kind: Deployment\n",
            "",
            "apiVersion",
            "error: error validating \"web.yaml\": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false",
        ),
    ] {
        assert!(DEPLOYMENT.contains(from), "{from}");
        let text = DEPLOYMENT.replacen(from, to, 1);
        assert_eq!(refused(&text), [(at.to_owned(), message.to_owned())], "{to}");
    }
    assert_eq!(refused(DEPLOYMENT), []);
}

#[test]
fn each_unknown_field_has_its_own_finding_and_fix() {
    let text = DEPLOYMENT.replace("replicas: 2", "replica: 2").replace("image:", "imag:");
    let found = refused(&text);
    let places: Vec<&str> = found.iter().map(|(at, _)| &**at).collect();
    assert_eq!(places, ["replica", "imag"]);
    let mut driver = Driver::with_files(&[("web.yaml", &text)]);
    driver.send(Request::Watch { query: PageQuery::Nothing });
    let first: Vec<Diagnostic> = driver
        .session
        .snapshot()
        .diagnostics_of(FileId(1))
        .filter(|one| one.message.ends_with("\"spec.replica\""))
        .cloned()
        .collect();
    assert_eq!(first.len(), 1);
    assert!(first[0].help.is_some());
    assert_eq!(first[0].fixes.len(), 1, "{first:?}");
}

#[test]
fn syntax_errors_have_kubectls_words_first() {
    let text = format!("{DEPLOYMENT}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: @x\n");
    let found = refused(&text);
    let expected = "error: error parsing web.yaml: error converting YAML to JSON: yaml: line 4: found character that cannot start any token";
    assert!(found.iter().any(|(_, message)| message == expected), "{found:?}");
    // The server has not judged the rest of the document: what our check finds in it is advice.
    let text = DEPLOYMENT.replace("replicas: 2", "replicas: two");
    let text = text.replace("containerPort: 80", "containerPort: 80 a: b");
    let found = findings(&[("web.yaml", &text)]);
    let wrong_type = found.iter().find(|(_, at, _)| at == "two").expect("the type is wrong");
    assert_eq!(wrong_type.0, Some(Grade::Advice), "{wrong_type:?}");
}

/// kubectl ends at the first document that it cannot parse. The others are judged all the same, so
/// that their mistakes are seen at once, and each finding has a grade.
#[test]
fn documents_beside_a_broken_one_are_judged_and_not_created() {
    let service = |name: &str, port: u32| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: {port}}}]}}\n"
        )
    };
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: @}\n";
    let text =
        [&*service("a", 0), broken, &*service("b", 0), broken, &*service("c", 80)].join("---\n");
    let found = findings(&[("web.yaml", &text)]);
    let refused: Vec<&str> = found
        .iter()
        .filter(|(grade, ..)| *grade == Some(Grade::Refused))
        .map(|(_, _, message)| message.split(": ").nth(1).unwrap_or_default())
        .collect();
    let [target, port] = ["spec.ports[0].targetPort", "spec.ports[0].port"];
    let parsing = "error parsing web.yaml";
    assert_eq!(refused, [target, port, parsing, target, port, parsing], "{found:?}");
    assert!(found.iter().all(|(grade, ..)| grade.is_some()), "{found:?}");
    let driver = Driver::with_files(&[("web.yaml", &text)]);
    let services = &driver.session.stored.manifests.cluster.services;
    assert!(services.is_empty(), "kubectl does not reach the last document: {services:?}");
}

/// The pods of a stored object whose change is refused still have their labels.
#[test]
fn a_service_with_pods_of_a_refused_object_is_not_said_to_have_none() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n";
    let text = format!("{DEPLOYMENT}{service}");
    let about_pods = |driver: &Driver| {
        let snapshot = driver.session.snapshot();
        let source = snapshot.sources.iter().next().expect("a file");
        let annotations = crate::ide::annotate(source, &snapshot);
        let findings =
            annotations.diagnostics.iter().filter(|one| one.code == "service-selects-nothing");
        let hints = annotations.inlay_hints.iter().map(|hint| hint.text.clone());
        let is_about_pods = |text: &String| text.ends_with("ready") || text.starts_with("no pod");
        let hints = hints.filter(is_about_pods).collect::<Vec<_>>();
        (findings.count(), hints)
    };
    for (from, to) in
        [("replicas: 2", "replicas: two"), ("app: web}\n  template", "app: api}\n  template")]
    {
        let mut driver = Driver::with_files(&[("web.yaml", &text)]);
        driver.edit("web.yaml", from, to);
        assert_eq!(driver.stored.refused.len(), 1, "{to}");
        assert_eq!(about_pods(&driver), (0, vec!["→ 2 pods, 2 ready".to_owned()]), "{to}");
        let fresh = Driver::with_files(&[("web.yaml", &text.replacen(from, to, 1))]);
        assert_eq!(about_pods(&fresh), (1, vec!["no pod has these labels".to_owned()]), "{to}");
    }
}

#[test]
fn grades_tell_warnings_and_advice_from_refusals() {
    let twice = DEPLOYMENT.replace(
        "        ports:",
        "        env:\n        - {name: A, value: '1'}\n        - {name: A, value: '2'}\n        ports:",
    );
    let found = findings(&[("web.yaml", &twice)]);
    assert!(
        found.iter().any(|(grade, _, message)| *grade == Some(Grade::Accepted)
            && message.starts_with("Warning: ")),
        "{found:?}"
    );
    let duplicate = DEPLOYMENT.replace("  replicas: 2\n", "  replicas: 2\n  replicas: 3\n");
    let found = findings(&[("web.yaml", &duplicate)]);
    let advice: Vec<_> = found.iter().filter(|(grade, ..)| *grade == Some(Grade::Advice)).collect();
    assert!(advice.iter().any(|(_, at, _)| at == "replicas"), "{found:?}");
    assert!(!found.iter().any(|(grade, ..)| *grade == Some(Grade::Refused)), "{found:?}");
}

#[test]
fn a_namespace_that_comes_later_is_a_warning() {
    let text = DEPLOYMENT.replace("name: web\nspec", "name: web\n  namespace: shop\nspec");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let found = findings(&[("a.yaml", &text), ("b.yaml", namespace)]);
    let of_server: Vec<_> =
        found.iter().filter(|(_, _, message)| message.contains("namespaces")).collect();
    assert_eq!(of_server.len(), 1, "{found:?}");
    assert_eq!(of_server[0].0, Some(Grade::Accepted));
    let found = findings(&[("b.yaml", namespace), ("a.yaml", &text)]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_refused_is_not_in_the_cluster_and_the_page_says_so() {
    let text = DEPLOYMENT.replace("containerPort: 80", "containerPort: 0");
    for (text, pods, messages) in [(DEPLOYMENT, 2, 0), (&*text, 0, 1)] {
        let mut driver = Driver::with_files(&[("web.yaml", text)]);
        let view = driver.watch(PageQuery::Cluster(cluster::Query::default()));
        let View::Cluster(view) = view else { panic!("{view:?}") };
        assert_eq!(driver.session.analysis.state.cluster.pods.iter().count(), pods);
        assert_eq!(view.refused.len(), messages);
    }
}

#[test]
fn explain_shows_the_stored_object_with_its_defaults() {
    let mut driver = Driver::with_files(&[("web.yaml", DEPLOYMENT)]);
    let offset = DEPLOYMENT.find("replicas").unwrap_or_default() as u32;
    let view = driver.watch(PageQuery::Explain(explain::Query { file: FileId(1), offset }));
    let View::Explain(view) = view else { panic!("{view:?}") };
    let stored = view.stored.expect("the object is accepted");
    let line = |text: &str| {
        let found = stored.lines.iter().find(|line| line.text.trim_start().starts_with(text));
        found.unwrap_or_else(|| panic!("{text} in {:#?}", stored.lines))
    };
    let replicas = line("replicas: 2");
    assert!(replicas.filled.is_none());
    assert_eq!(replicas.at.map(|at| at.span.slice(DEPLOYMENT)), Some("replicas"));
    for (text, by) in [
        ("imagePullPolicy: IfNotPresent", "default"),
        ("terminationGracePeriodSeconds: 30", "default"),
        ("maxSurge: 25%", "default"),
        ("uid: ", "API server"),
    ] {
        let filled = line(text).filled.as_ref().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(filled.by, by, "{text}");
        assert_eq!(filled.why.is_empty(), by != "default", "{text}");
    }
}

#[test]
fn an_edit_leads_to_what_a_fresh_run_leads_to() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let files = [("a.yaml", DEPLOYMENT), ("b.yaml", namespace)];
    let mut driver = Driver::with_files(&files);
    driver.edit("b.yaml", "name: shop", "name: Shop");
    driver.edit("a.yaml", "replicas: 2", "replicas: -1");
    let changed = DEPLOYMENT.replace("replicas: 2", "replicas: -1");
    let fresh = Driver::with_files(&[
        ("a.yaml", &changed),
        ("b.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: Shop}\n"),
    ]);
    let messages = |driver: &Driver| -> Vec<String> {
        let applied = driver.session.analysis.applied.clone();
        applied.refused().filter_map(|object| object.refusal.clone()).collect()
    };
    assert_eq!(messages(&driver).len(), 2);
    assert_eq!(messages(&driver), messages(&fresh));
}

/// The text with the defaults as they are shown in it.
fn with_defaults(text: &str) -> String {
    let mut driver = Driver::with_files(&[("web.yaml", text)]);
    driver.send(Request::ShowDefaults { file: Some(FileId(1)) });
    let annotated = |driver: &Driver| {
        let snapshot = driver.session.snapshot();
        let source = snapshot.sources.get(FileId(1)).cloned().expect("the file");
        (crate::ide::annotate(&source, &snapshot), source)
    };
    let (annotations, source) = annotated(&driver);
    let line = |at: u32| source.index.line_col(at).line as usize;
    let mut shown = Vec::new();
    for (number, own) in text.lines().enumerate() {
        shown.push(own.to_owned());
        let follow = annotations.defaults.iter().filter(|field| line(field.at) == number);
        shown.extend(follow.flat_map(|field| field.lines.clone()));
    }
    driver.send(Request::ShowDefaults { file: None });
    assert!(annotated(&driver).0.defaults.is_empty());
    shown.join("\n")
}

#[test]
fn defaults_stand_in_the_text_where_they_would_be_written() {
    let shown = with_defaults(DEPLOYMENT);
    for (line, next) in [
        ("  name: web", "  namespace: default"),
        ("        - containerPort: 80", "          protocol: TCP"),
        ("          protocol: TCP", "        imagePullPolicy: IfNotPresent"),
        ("    type: RollingUpdate", ""),
        ("      maxSurge: 25%", "      maxUnavailable: 25%"),
        ("      terminationGracePeriodSeconds: 30", ""),
    ] {
        let expected = if next.is_empty() { line.to_owned() } else { format!("{line}\n{next}") };
        assert!(shown.contains(&expected), "{expected} in\n{shown}");
    }
    assert!(!shown.contains("uid") && !shown.contains("status"), "{shown}");
    // What is shown is a manifest of the same object, with nothing left to fill in.
    let again = with_defaults(&shown);
    assert_eq!(again, shown);
}

#[test]
fn objects_beyond_the_limit_are_said_not_to_be_checked() {
    let map = |number: usize| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a-{number}}}\ndata: {{x: '1'}}\n"
        )
    };
    for (count, expected) in [(500, vec![]), (501, vec![500])] {
        let text: Vec<String> = (0..count).map(map).collect();
        let text = text.join("---\n");
        let driver = Driver::with_files(&[("maps.yaml", &text)]);
        let all = &driver.session.analysis.diagnostics;
        let found = all.iter().filter(|one| one.code == "objects-not-checked");
        let before = |at: u32| text[..at as usize].matches("---").count();
        let found: Vec<usize> = found.map(|one| before(one.location.span.start)).collect();
        assert_eq!(found, expected);
    }
}
