//! Tests of commands on a small cluster.

use cluster::ApiServer;
use cluster::controllers::Controllers;

use super::Kubectl;
use crate::Output;

struct World {
    server: ApiServer,
    controllers: Controllers,
}

impl World {
    fn new() -> Self {
        let mut world = Self { server: ApiServer::new(0, 1), controllers: Controllers::default() };
        world.controllers.settle(&mut world.server);
        world
    }

    /// Runs a command with one file.
    fn run(&mut self, command: &str, file: &str) -> Output {
        let files = |path: &str| (path == "a.yaml").then(|| file.to_owned());
        let mut kubectl = Kubectl::new(&mut self.server, &files, "default");
        let output = kubectl.run(&command.split(' ').collect::<Vec<_>>());
        self.controllers.settle(&mut self.server);
        output
    }
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: x\n";

#[test]
fn applying_creates_changes_and_leaves_alone() {
    let mut world = World::new();
    for (file, line) in [
        (CONFIG.to_owned(), "configmap/c created\n"),
        (CONFIG.to_owned(), "configmap/c unchanged\n"),
        (CONFIG.replace("a: x", "a: z"), "configmap/c configured\n"),
    ] {
        let output = world.run("apply -f a.yaml", &file);
        assert_eq!((output.stdout.as_str(), output.exit), (line, 0), "{}", output.stderr);
    }
}

#[test]
fn what_cannot_be_sent_is_told() {
    let mut world = World::new();
    for (file, message) in [
        ("", "error: no objects passed to apply\n"),
        (
            "a: 1\n",
            "error: error validating \"a.yaml\": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            "apiVersion: v1\nkind: Widget\nmetadata: {name: w}\n",
            "error: resource mapping not found for name: \"w\" namespace: \"\" from \"a.yaml\": no matches for kind \"Widget\" in version \"v1\"\nensure CRDs are installed first\n",
        ),
        (
            "apiVersion: v1\nkind: List\n",
            "error: error when retrieving current configuration of:\nResource: \"/v1, Resource=lists\", GroupVersionKind: \"/v1, Kind=List\"\nName: \"\", Namespace: \"\"\nfrom server for: \"a.yaml\": resource name may not be empty\n",
        ),
        (
            "apiVersion: v1\nkind: List\nitems: {}\n",
            "error: unable to decode \"a.yaml\": json: cannot unmarshal object into Go struct field decodeList.items of type []json.RawMessage\n",
        ),
        (
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Widget}]\n",
            "error: unable to recognize no matches for kind \"Widget\" in version \"v1\"\n",
        ),
        (
            "apiVersion: v1\nkind: List\nitems: [{metadata: {name: a}}]\n",
            "error: unable to get type info from the object \"*unstructured.Unstructured\": Object 'Kind' is missing in 'object has no kind field '\n",
        ),
        (
            "--- # good\n---bad\n",
            "error: error parsing a.yaml: invalid Yaml document separator: bad\n",
        ),
        ("{\"a\":", "error: error parsing a.yaml: unexpected EOF\n"),
    ] {
        let output = world.run("apply -f a.yaml", file);
        assert_eq!((output.stderr.as_str(), output.exit), (message, 1));
    }
}

#[test]
fn one_bad_document_does_not_stop_the_others() {
    let mut world = World::new();
    let file = format!(
        "{CONFIG}---\n{}---\n{}",
        CONFIG.replace("a: x", "a: 5").replace("name: c", "name: d"),
        CONFIG.replace("name: c", "name: e")
    );
    let output = world.run("apply -f a.yaml", &file);
    assert_eq!(output.stdout, "configmap/c created\nconfigmap/e created\n");
    assert_eq!(
        output.stderr,
        "Error from server (BadRequest): error when creating \"a.yaml\": ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string\n"
    );
}

#[test]
fn other_commands_change_what_is_stored() {
    let mut world = World::new();
    world.run("apply -f a.yaml", CONFIG);
    for (command, line) in [
        ("label configmap c team=x", "configmap/c labeled\n"),
        ("annotate cm c note=y", "configmap/c annotated\n"),
        ("patch configmap c -p {\"data\":{\"b\":\"1\"}}", "configmap/c patched\n"),
        ("delete configmap c", "configmap \"c\" deleted from default namespace\n"),
    ] {
        let output = world.run(command, "");
        assert_eq!(output.stdout, line, "{}", output.stderr);
    }
    let output = world.run("delete configmap c", "");
    assert_eq!(output.stderr, "Error from server (NotFound): configmaps \"c\" not found\n");
}

#[test]
fn server_side_apply_keeps_the_fields_of_others() {
    let mut world = World::new();
    world.run("apply -f a.yaml", CONFIG);
    let other = "apply --server-side --field-manager=other -f a.yaml";
    let conflict = world.run(other, &CONFIG.replace("a: x", "a: z"));
    assert_eq!(conflict.exit, 1);
    assert!(
        conflict.stderr.starts_with(
            "error: Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.a\nPlease review the fields above"
        ),
        "{}",
        conflict.stderr
    );
    let other = "apply --server-side --field-manager=other --force-conflicts -f a.yaml";
    let forced = world.run(other, &CONFIG.replace("a: x", "a: w"));
    assert_eq!(forced.stdout, "configmap/c serverside-applied\n", "{}", forced.stderr);
    // What kubectl itself has applied in the older way is its own.
    world.run("apply -f a.yaml", CONFIG);
    let own = world.run("apply --server-side -f a.yaml", &CONFIG.replace("a: x", "a: z"));
    assert_eq!(own.stdout, "configmap/c serverside-applied\n", "{}", own.stderr);
    let more = CONFIG.replace("a: x", "a: z\n  b: \"1\"");
    world.run("apply --server-side -f a.yaml", &more);
    world.run("apply --server-side -f a.yaml", &CONFIG.replace("a: x", "a: z"));
    let kind = kubernetes::kinds::find("v1", "ConfigMap").expect("a kind");
    let object = world.server.get(kind, "default", "c").expect("it is there");
    assert_eq!(kubernetes::object::to_json(&object["data"]), r#"{"a":"z"}"#, "b is abandoned");
}
