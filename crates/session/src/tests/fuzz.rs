//! Systems that were damaged at random: whatever is typed, every page has an answer.

use proptest::prelude::*;

use super::driver::{Driver, workspace};
use crate::ide::annotate;
use protocol::pages::{cluster, discovery, explain, metrics, query, rules, targets};
use protocol::{PageQuery, Reply, Request};
use scenarios::SCENARIOS;
use text::FileId;

/// Texts that mean something somewhere.
const PIECES: [&str; 40] = [
    "",
    "\n",
    ":",
    ": ",
    "- ",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "'",
    "\"",
    "|",
    ">",
    "&a ",
    "*a",
    "<<: ",
    "null",
    "-1",
    "0",
    "99999999999999999999",
    "1ms",
    "999999999y",
    "é☺",
    "\u{0}",
    "\t",
    "\r\n",
    "\u{feff}",
    "---\n",
    "kind: Pod\n",
    "kind: List\n",
    "replicas: 1000000000\n",
    "port: 70000\n",
    "role: endpointslice",
    "scrape_interval: 1ms\n",
    "(.*)",
    "$1",
    "{{",
    "10.0.0.0/33",
    "# ",
];

#[derive(Clone, Debug)]
struct Damage {
    file: prop::sample::Index,
    at: prop::sample::Index,
    length: usize,
    piece: usize,
    /// The piece takes the place of a line's value rather than of any characters.
    value: bool,
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let one = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..12usize,
        0..PIECES.len(),
        any::<bool>(),
    );
    let one =
        one.prop_map(|(file, at, length, piece, value)| Damage { file, at, length, piece, value });
    prop::collection::vec(one, 1..5)
}

fn damaged(text: &str, damage: &Damage) -> String {
    let piece = PIECES[damage.piece];
    if damage.value {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if let Some((line, key)) = (!lines.is_empty())
            .then(|| damage.at.index(lines.len()))
            .and_then(|at| Some((at, lines[at].split_once(": ")?.0.to_owned())))
        {
            lines[line] = format!("{key}: {piece}");
        }
        return lines.join("\n");
    }
    let mut chars: Vec<char> = text.chars().collect();
    let start = damage.at.index(chars.len() + 1);
    let end = (start + damage.length).min(chars.len());
    chars.splice(start..end, piece.chars());
    chars.into_iter().collect()
}

fn page_queries(file: FileId, offset: u32) -> Vec<PageQuery> {
    let tabs = [query::Tab::Table, query::Tab::Graph, query::Tab::Explain];
    let mut all = vec![
        PageQuery::Explain(explain::Query { file, offset }),
        PageQuery::Cluster(cluster::Query::default()),
        PageQuery::Discovery(discovery::Query::default()),
        PageQuery::Targets(targets::Query::default()),
        PageQuery::Metrics(metrics::Query::default()),
        PageQuery::RateLab(Default::default()),
        PageQuery::Rules(rules::Query { run_tests: true, ..rules::Query::default() }),
    ];
    all.extend(tabs.map(|tab| PageQuery::Query(query::Query { tab, ..query::Query::default() })));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_systems_are_answered(
        scenario in 0..SCENARIOS.len(),
        damages in damages(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut workspace = workspace(SCENARIOS[scenario].name);
        let mut driver = Driver::with_workspace(workspace.clone());
        driver.send(Request::Advance { millis: 20_000 });
        for damage in &damages {
            let chosen = damage.file.index(workspace.files.len());
            let file = &mut workspace.files[chosen];
            file.text = damaged(&file.text, damage);
            let file = file.clone();
            let mut offset = at.index(file.text.len() + 1);
            while !file.text.is_char_boundary(offset) {
                offset -= 1;
            }
            let (id, offset) = (file.id, offset as u32);
            driver.edited(file);
            driver.send(Request::Hover { file: id, offset });
            driver.send(Request::Complete { file: id, offset });
            driver.send(Request::Advance { millis: 20_000 });
            for query in page_queries(id, offset) {
                let reply = driver.send(Request::Watch { query: query.clone() });
                if let Reply::Updated(update) = reply && let Some(view) = update.view {
                    prop_assert!(view.answers(&query));
                }
            }
        }
    }

    /// Stages that are not run again, and texts of which only a part is read again, must leave the
    /// session as one that has never seen another text, but has the same stored objects.
    #[test]
    fn an_edited_session_is_as_a_fresh_one(
        scenario in 0..SCENARIOS.len(),
        damages in damages(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut workspace = workspace(SCENARIOS[scenario].name);
        let mut edited = Driver::with_workspace(workspace.clone());
        for damage in &damages {
            let chosen = damage.file.index(workspace.files.len());
            let file = &mut workspace.files[chosen];
            file.text = damaged(&file.text, damage);
            let file = file.clone();
            edited.edited(file);
        }
        workspace.stored = edited.stored.clone().files;
        let mut fresh = Driver::with_workspace(workspace.clone());
        prop_assert_eq!(&edited.stored, &fresh.stored);
        let (one, other) = (edited.session.snapshot(), fresh.session.snapshot());
        for (edited_file, fresh_file) in one.sources.iter().zip(other.sources.iter()) {
            prop_assert_eq!(annotate(edited_file, &one), annotate(fresh_file, &other));
        }
        let file = &workspace.files[at.index(workspace.files.len())];
        for query in page_queries(file.id, at.index(file.text.len() + 1) as u32) {
            edited.send(Request::Watch { query: PageQuery::Nothing });
            fresh.send(Request::Watch { query: PageQuery::Nothing });
            let views = [&mut edited, &mut fresh].map(|driver| {
                match driver.send(Request::Watch { query: query.clone() }) {
                    Reply::Updated(update) => update.view,
                    _ => None,
                }
            });
            prop_assert!(views[0].is_some());
            prop_assert_eq!(&views[0], &views[1]);
        }
    }
}
