use super::*;

/// JSON of work with these files and this log.
fn json(files: &str, past: &str) -> String {
    format!(r#"{{"scenario":"giftcard","files":{files},"active":7,"past":{past}}}"#)
}

const FILE: &str = r#"[{"id":7,"name":"a.yaml","text":"a: 1"}]"#;
const PAST: &str = r#"{"now":0,"events":[]}"#;

fn event(fields: &str) -> String {
    json(FILE, &format!(r#"{{"now":0,"events":[{{"label":"x",{fields}}}]}}"#))
}

fn start(kind: &str) -> String {
    let choice = format!(r#"{{"kind":{kind},"scope":"All","duration":null}}"#);
    event(&format!(r#""at":1,"action":{{"Start":{choice}}}"#))
}

#[test]
fn hostile_values_are_refused_with_the_limit() {
    let files = |count: usize| {
        let file = |n| format!(r#"{{"id":{n},"name":"{n}.yaml","text":""}}"#);
        format!("[{}]", (0..count).map(file).collect::<Vec<_>>().join(","))
    };
    let named = |name: &str| json(&format!(r#"[{{"id":1,"name":"{name}","text":""}}]"#), PAST);
    let reload = r#"{"at":1,"label":"x","action":"reload"}"#;
    let events = vec![reload.replace("reload", "reload @ *"); 2_001].join(",");
    let cases = [
        ("", "a different version"),
        ("null", "a different version"),
        (r#"{"files":[]}"#, "a different version"),
        (&json("[]", PAST), "it contains no files"),
        (&json(&files(1_001), PAST), "1,001 files; the limit is 1,000"),
        (&named(" "), "a name is empty"),
        (&named(&"n".repeat(256)), "256 bytes; the limit is 255"),
        (&named("a\\u0000b"), "U+0000"),
        (&named("a\\nb"), "U+000A"),
        // This time made an endless loop of the time line.
        (
            &json(FILE, r#"{"now":18446744073709551615,"events":[]}"#),
            "213,503,982,335 days after the start; the limit is 32 days",
        ),
        (&json(FILE, r#"{"now":-1,"events":[]}"#), "a different version"),
        (&json(FILE, r#"{"now":1e300,"events":[]}"#), "a different version"),
        (
            &json(FILE, &format!(r#"{{"now":0,"events":[{events}]}}"#)),
            "2,001 events; the limit is 2,000",
        ),
        (&event(r#""at":2049638230412172402,"action":"reload @ *""#), "the limit is 32 days"),
        (&event(r#""at":5,"until":4,"action":"cut @ * @ 30""#), "ends before it starts"),
        (&event(r#""at":5,"until":18446744073709551614,"action":"cut @ * @ 30""#), "32 days"),
        (&start(r#"{"Visit":{"action":"x","times":4294967295}}"#), "4,294,967,295 visits"),
        (&start(r#"{"Traffic":{"factor":1e308}}"#), "factor of the traffic"),
        (&start(r#"{"Traffic":{"factor":-1.0}}"#), "factor of the traffic"),
        (
            &start(r#"{"Fault":{"ClockSkew":{"minutes":-2147483648,"in_samples":true}}}"#),
            "2,147,483,648 minutes",
        ),
        (&start(r#""RestartContainer""#).replace("null", "4294967295"), "the limit is 32 days"),
    ];
    for (text, expected) in cases {
        let refusal = ValidWork::of_link(text).expect_err(expected).to_string();
        assert!(refusal.contains(expected), "{refusal:?} should contain {expected:?}");
    }
}

#[test]
fn long_labels_and_lists_are_refused() {
    let mut work = SavedWork { silenced: vec![String::new(); 501], ..valid().into_work() };
    assert_eq!(ValidWork::new(work.clone()), Err(Refusal::Silenced(501)));
    work.silenced = vec!["c".repeat(1_001)];
    assert_eq!(ValidWork::new(work.clone()), Err(Refusal::Label(1_001)));
    work.silenced.clear();
    work.scenario = "s".repeat(1_001);
    assert_eq!(ValidWork::new(work), Err(Refusal::Label(1_001)));
    assert!(ValidWork::of_json(&"[".repeat(100_000)).is_err(), "nesting has a limit");
}

fn valid() -> ValidWork {
    ValidWork::of_link(&json(FILE, PAST)).unwrap()
}

#[test]
fn sizes_are_limited_on_both_sides() {
    let text = |bytes: usize| ValidWork::try_from(vec![("a".to_owned(), "x".repeat(bytes))]);
    assert!(text(MOST_TEXT - 1).is_ok());
    let refusal = text(MOST_TEXT).unwrap_err();
    assert_eq!(refusal.to_string(), "its files have 64.1 MB; the limit is 64 MB");
    assert!(check_link_text(MOST_LINK_TEXT).is_ok());
    let large = " ".repeat(MOST_LINK_TEXT + 1);
    assert_eq!(ValidWork::of_link(&large), Err(Refusal::LinkText(large.len())));
    assert!(check_link_letters(MOST_LINK_LETTERS).is_ok());
    assert!(check_link_letters(MOST_LINK_LETTERS + 1).is_err());
}

#[test]
fn ids_and_names_are_made_unique() {
    let files =
        r#"[{"id":4294967295,"name":"a","text":""},{"id":4294967295,"name":"a","text":""}]"#;
    let work = ValidWork::of_link(&json(files, PAST)).unwrap().into_work();
    let ids: Vec<u32> = work.files.iter().map(|file| file.id.0).collect();
    assert_eq!((ids, work.active), (vec![1, 2], 1));
    let names: Vec<&str> = work.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a", "2-a"]);
    assert_eq!(valid().work().active, 1, "the active file is the one with id 7");
}

#[test]
fn valid_work_keeps_its_content() {
    let open = event(r#""at":5,"until":18446744073709551615,"action":"cut @ * @ 30""#);
    let work = ValidWork::of_link(&open).unwrap();
    assert_eq!(work.work().past.events[0].until, Some(UNTIL_ENDED));
    let again = serde_json::to_string(work.work()).unwrap();
    assert_eq!(ValidWork::of_json(&again), Ok(work));
}
