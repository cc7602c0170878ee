//! Charts of a workspace, from their files to targets and findings.

use super::driver::Driver;
use protocol::pages::{chart, targets};
use protocol::{File, Page, PageQuery, Request, View};
use text::{FileId, Location};

/// The files of a small chart. `values` and `template` are those of values.yaml and of a template.
fn chart(values: &str, template: &str) -> Driver {
    Driver::with_files(&[
        ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("web/values.yaml", values),
        ("web/templates/a.yaml", template),
        ("web/templates/_h.tpl", "{{ define \"h\" }}app: {{ .Values.app }}{{ end }}"),
    ])
}

const TEMPLATE: FileId = FileId(3);
const VALUES: FileId = FileId(2);

/// The findings of all files: file, covered text, code, message.
fn findings(driver: &Driver) -> Vec<(u32, String, String, String)> {
    let snapshot = driver.session.snapshot();
    let mut found = Vec::new();
    for source in snapshot.sources.written() {
        for one in snapshot.diagnostics_of(source.id) {
            let covered = one.location.span.slice(&source.text).to_owned();
            found.push((source.id.0, covered, one.code.to_string(), one.message.clone()));
        }
    }
    found
}

fn covered(driver: &Driver, at: Location) -> String {
    let source = driver.session.snapshot().sources.get(at.file).cloned();
    source.map(|source| at.span.slice(&source.text).to_owned()).unwrap_or_default()
}

fn page(driver: &mut Driver, file: FileId) -> chart::View {
    match driver.watch(PageQuery::Chart(chart::Query { file })) {
        View::Chart(view) => view,
        other => panic!("{other:?}"),
    }
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  ports:\n  - port: {{ .Values.port }}\n";

#[test]
fn a_chart_is_rendered_and_installed() {
    let mut driver = Driver::open("wiki-helm");
    let codes: Vec<String> = findings(&driver).into_iter().map(|one| one.2).collect();
    assert_eq!(codes, ["version-2-image"]);
    driver.advance(60_000);
    let summary = driver.session.summary();
    assert_eq!((summary.up, summary.down, summary.charts), (2, 0, 1));
    let PageQuery::Targets(query) = PageQuery::of(Page::Targets) else { panic!() };
    let View::Targets(view) = driver.watch(PageQuery::Targets(query)) else { panic!() };
    let at = view.pools[0].location.expect("a place in the template");
    assert!(covered(&driver, at).starts_with("job_name: fastapi"), "{}", covered(&driver, at));
    let pools: &[targets::Pool] = &view.pools;
    assert_eq!(pools.len(), 2);
}

#[test]
fn a_finding_on_a_rendered_line_leads_to_the_template_and_the_value() {
    let driver = chart("port: eighty\napp: x\n", SERVICE);
    let found = findings(&driver);
    assert!(!found.is_empty());
    assert!(found.iter().all(|(file, ..)| *file == TEMPLATE.0), "{found:?}");
    assert!(found.iter().any(|(_, text, ..)| text.contains(".Values.port")), "{found:?}");
    let snapshot = driver.session.snapshot();
    let mut all = snapshot.diagnostics_of(TEMPLATE);
    let one = all.find(|one| !one.related.is_empty()).expect("a finding with its value");
    assert_eq!(covered(&driver, one.related[0].location), "eighty");
    assert!(one.help.as_ref().is_some_and(|help| help.contains("`- port: eighty`")), "{one:?}");
}

#[test]
fn errors_of_rendering_stand_in_the_template_in_the_words_of_helm() {
    for (template, at, message) in [
        (
            "a: {{ .Values.x.y }}\n",
            "{{ .Values.x.y }}",
            "web/templates/a.yaml:1:13 executing \"web/templates/a.yaml\" at <.Values.x.y>: nil pointer evaluating interface {}.y",
        ),
        (
            "a: 1\nb: {{ nope }}\n",
            "b: {{ nope }}",
            "parse error at (web/templates/a.yaml:2): function \"nope\" not defined",
        ),
        (
            "{{ required \"give it\" .Values.x }}",
            "{{ required \"give it\" .Values.x }}",
            "execution error at (web/templates/a.yaml:1:3): give it",
        ),
        (
            "\nkind: a\nb: c: {{ .Values.app }}\n",
            "b: c: {{ .Values.app ",
            "YAML parse error on web/templates/a.yaml: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
        ),
    ] {
        let driver = chart("app: x\n", template);
        let found = findings(&driver);
        let [(3, text, code, words)] = &found[..] else { panic!("{template}: {found:?}") };
        assert_eq!((&**text, &**code), (at, "chart-not-rendered"), "{template}");
        assert_eq!(words, message, "{template}");
    }
}

#[test]
fn mistakes_in_other_files_of_a_chart_are_told_once() {
    for (name, text, file) in [
        ("web/values.yaml", "a: [\n", 2),
        ("web/Chart.yaml", "apiVersion: v2\nname: web\n", 1),
        (
            "web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, repository: ''}]\n",
            1,
        ),
        ("web/values.schema.json", "{\"properties\": {\"app\": {\"type\": \"integer\"}}}", 2),
    ] {
        let mut driver = chart("port: 80\napp: x\n", SERVICE);
        let known = driver.workspace.files.iter().find(|known| known.name == name);
        let id = known.map_or(FileId(9), |known| known.id);
        driver.write(id, name, text);
        let found = findings(&driver);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].0, file, "{found:?}");
    }
}

#[test]
fn a_chart_that_fails_leaves_the_release_as_it_was() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let services = |driver: &Driver| driver.session.snapshot().stored.applied.stored().count();
    assert_eq!(services(&driver), 1);
    driver.edit("web/templates/a.yaml", "{{ .Values.port }}", "{{ .Values.port ");
    assert_eq!(services(&driver), 1);
    driver.edit("web/templates/a.yaml", "{{ .Values.port ", "{{ .Values.port }}");
    assert_eq!((services(&driver), findings(&driver)), (1, Vec::new()));
}

#[test]
fn only_what_changed_is_rendered_again() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let release = |driver: &Driver| driver.session.snapshot().sources.releases()[0].clone();
    let before = release(&driver);
    driver.write(FileId(9), "note.yaml", "a: 1\n");
    assert!(std::sync::Arc::ptr_eq(&before, &release(&driver)));
    driver.edit("web/values.yaml", "80", "81");
    assert!(!std::sync::Arc::ptr_eq(&before, &release(&driver)));
}

#[test]
fn the_page_shows_rendered_lines_and_what_a_value_changes() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    let view = page(&mut driver, TEMPLATE);
    assert_eq!(view.command, "helm install web ./web");
    assert_eq!(view.templates[0].objects, ["Service web"]);
    let open = view.open.expect("the template is open");
    let line = open.lines.iter().find(|line| line.text.contains("port: 80")).expect("the line");
    assert_eq!(covered(&driver, line.at.expect("a place")), "- port: {{ .Values.port ");
    let (name, place) = &line.values[0];
    assert_eq!((&**name, &*covered(&driver, place.expect("a place"))), ("port", "80"));
    driver.edit("web/values.yaml", "80", "8080");
    let view = page(&mut driver, VALUES);
    let lines = &view.changes[0].lines;
    let of = |kind: chart::LineKind| {
        lines
            .iter()
            .filter(|line| line.kind == kind)
            .map(|line| line.text.trim())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(chart::LineKind::Removed), ["- port: 80"]);
    assert_eq!(of(chart::LineKind::Added), ["- port: 8080"]);
}

#[test]
fn the_comment_in_the_chart_states_release_namespace_and_values() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {a: '{{ .Values.app }}'}\n";
    let mut driver = chart("app: x\n", template);
    driver.write(FileId(8), "web/prod.yaml", "app: prod\n");
    let text = "# playground: helm install shop . -n team -f prod.yaml\napiVersion: v2\nname: web\nversion: 1.0.0\n";
    driver.write(FileId(1), "web/Chart.yaml", text);
    driver.write(FileId(7), "ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n");
    let stored = driver.session.snapshot().stored.applied.clone();
    let map = stored.stored().find(|one| one.kind == "ConfigMap").expect("the map");
    assert_eq!((&*map.namespace, &*map.name), ("team", "shop"));
    let maps = &driver.session.snapshot().stored.manifests.cluster.config_maps;
    assert_eq!(&*maps.get("team", "shop").expect("decoded").data[0].value, "prod");
    driver.write(
        FileId(1),
        "web/Chart.yaml",
        "# playground: not-installed\napiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    assert_eq!(driver.session.snapshot().stored.applied.stored().count(), 1);
}

#[test]
fn places_of_by_hand_applied_manifests_lead_to_the_text_of_now() {
    let mut driver = chart("port: 80\napp: x\n", SERVICE);
    driver.send(Request::SetApplyMode { mode: protocol::ApplyMode::ByHand });
    let file = driver.workspace.files[2].clone();
    let text = format!("# a comment\n{}", file.text);
    driver.edited(File { text, ..file });
    let View::Cluster(view) = driver.watch(PageQuery::of(Page::Cluster)) else { panic!() };
    let at = view.graph.nodes.iter().find_map(|node| node.at).expect("a place");
    assert_eq!(at.file, TEMPLATE);
}
