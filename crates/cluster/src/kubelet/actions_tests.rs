use kubernetes::object::{Value, parse_json};

use super::super::runtime::{Ended, Record, Sandbox, Snapshot};
use super::{Actions, ProbeResults, compute, restarts_after};

/// Probes of which those of the named containers have failed.
struct Failed(&'static [&'static str]);

impl ProbeResults for Failed {
    fn failed_liveness(&self, id: &str) -> bool {
        self.0.contains(&id)
    }

    fn startup(&self, _id: &str) -> Option<bool> {
        None
    }
}

fn pod(policy: &str, init: &str) -> Value {
    let text = format!(
        r#"{{"spec":{{"restartPolicy":"{policy}","initContainers":[{init}],"containers":[
        {{"name":"a","image":"a:1"}},{{"name":"b","image":"b:1"}}]}}}}"#
    );
    parse_json(&text).expect("JSON")
}

/// Containers by name, with their exit code if they have ended.
fn snapshot(containers: &[(&str, Option<i64>)]) -> Snapshot {
    let record = |(name, code): &(&str, Option<i64>)| Record {
        id: (*name).to_owned(),
        name: (*name).to_owned(),
        spec_image: format!("{name}:1"),
        image_id: String::new(),
        image: format!("{name}:1"),
        restarts: 0,
        started: 0,
        ended: code.map(|code| Ended { at: 1, code, reason: "", message: String::new() }),
    };
    let sandbox = Sandbox { attempt: 0, ready: true, address: String::new() };
    Snapshot { records: containers.iter().map(record).collect(), sandbox: Some(sandbox) }
}

fn summary(actions: &Actions) -> String {
    let kill: Vec<&str> = actions.kill.iter().map(|kill| kill.message.as_str()).collect();
    format!(
        "pod={} kill={kill:?} init={:?} start={:?}",
        actions.kill_pod, actions.start_init, actions.start
    )
}

#[test]
fn containers_are_started_by_the_restart_policy() {
    for (policy, containers, expected) in [
        ("Always", &[][..], r#"pod=false kill=[] init=[] start=["a", "b"]"#),
        ("Always", &[("a", Some(0)), ("b", None)], r#"pod=false kill=[] init=[] start=["a"]"#),
        ("OnFailure", &[("a", Some(0)), ("b", None)], "pod=false kill=[] init=[] start=[]"),
        ("OnFailure", &[("a", Some(1)), ("b", None)], r#"pod=false kill=[] init=[] start=["a"]"#),
        ("Never", &[("a", Some(1)), ("b", None)], "pod=false kill=[] init=[] start=[]"),
        ("Never", &[("a", Some(1)), ("b", Some(0))], "pod=true kill=[] init=[] start=[]"),
    ] {
        let actions = compute(&pod(policy, ""), &snapshot(containers), &Failed(&[]));
        assert_eq!(summary(&actions), expected, "{policy} {containers:?}");
    }
}

#[test]
fn a_failed_liveness_probe_kills() {
    let both = snapshot(&[("a", None), ("b", None)]);
    for (policy, failed, expected) in [
        (
            "Always",
            &["a"][..],
            r#"pod=false kill=["Container a failed liveness probe, will be restarted"] init=[] start=["a"]"#,
        ),
        (
            "Never",
            &["a"],
            r#"pod=false kill=["Container a failed liveness probe"] init=[] start=[]"#,
        ),
    ] {
        let actions = compute(&pod(policy, ""), &both, &Failed(failed));
        assert_eq!(summary(&actions), expected, "{policy}");
    }
    let actions = compute(&pod("Never", ""), &both, &Failed(&["a", "b"]));
    assert!(actions.kill_pod);
}

#[test]
fn init_containers_run_one_after_the_other() {
    let init = r#"{"name":"s","image":"s:1","restartPolicy":"Always"},{"name":"i","image":"i:1"}"#;
    for (policy, containers, expected) in [
        ("Always", &[][..], r#"pod=false kill=[] init=["s"] start=[]"#),
        ("Always", &[("s", None)], r#"pod=false kill=[] init=["i"] start=[]"#),
        ("Always", &[("i", None), ("s", None)], "pod=false kill=[] init=[] start=[]"),
        ("Always", &[("i", Some(2)), ("s", None)], r#"pod=false kill=[] init=["i"] start=[]"#),
        ("Never", &[("i", Some(2)), ("s", None)], "pod=true kill=[] init=[] start=[]"),
        ("Always", &[("i", Some(0)), ("s", None)], r#"pod=false kill=[] init=[] start=["a", "b"]"#),
        (
            "Always",
            &[("a", None), ("b", None), ("i", Some(0)), ("s", Some(1))],
            r#"pod=false kill=[] init=["s"] start=[]"#,
        ),
    ] {
        let actions = compute(&pod(policy, init), &snapshot(containers), &Failed(&[]));
        assert_eq!(summary(&actions), expected, "{policy} {containers:?}");
    }
}

#[test]
fn a_sandbox_that_is_gone_is_made_again() {
    let mut gone = snapshot(&[("a", Some(0)), ("b", Some(1))]);
    gone.sandbox = gone.sandbox.map(|sandbox| Sandbox { ready: false, ..sandbox });
    for (policy, create, start) in
        [("Always", true, &["a", "b"][..]), ("OnFailure", true, &["b"]), ("Never", false, &[])]
    {
        let actions = compute(&pod(policy, ""), &gone, &Failed(&[]));
        assert_eq!(actions.create_sandbox, create, "{policy}");
        assert_eq!(actions.start, start, "{policy}");
    }
}

#[test]
fn rules_come_before_the_policy() {
    let container = parse_json(
        r#"{"restartPolicy":"Never","restartPolicyRules":[{"action":"Restart",
        "exitCodes":{"operator":"In","values":[42]}}]}"#,
    )
    .expect("JSON");
    for (code, expected) in [(42, true), (1, false), (0, false)] {
        assert_eq!(restarts_after(&pod("Always", ""), &container, code), expected, "{code}");
    }
}
