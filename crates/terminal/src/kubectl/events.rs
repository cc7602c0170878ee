//! `kubectl events`: the events of a namespace, or about one object.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/events.

use kubernetes::columns::{event_time, human_duration, seconds};
use kubernetes::object::Value;

use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::print::Format;
use super::{Kubectl, Session, plain, table};

/// Flags of `events` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("for", Form::Text),
    Flag::new("types", Form::List),
    Flag::new("no-headers", Form::Switch),
    Flag::new("chunk-size", Form::Int),
    Flag::short("watch", 'w', Form::Switch),
];

fn ago(time: &str, now: i64) -> String {
    seconds(time).map_or_else(|| "<unknown>".to_owned(), |at| human_duration(now - at))
}

/// The column `LAST SEEN`. Source: events.go getInterval.
fn interval(event: &Value, now: i64) -> String {
    let first = match event.str("eventTime") {
        "" => event.str("firstTimestamp"),
        time => time,
    };
    let (series, count) = (&event["series"], event.int("count"));
    if !series.is_null() {
        let last = ago(series.str("lastObservedTime"), now);
        return format!("{last} (x{} over {})", series.int("count"), ago(first, now));
    }
    if count > 1 {
        let last = ago(event.str("lastTimestamp"), now);
        return format!("{last} (x{count} over {})", ago(first, now));
    }
    ago(first, now)
}

impl Kubectl<'_> {
    /// `kubectl events`.
    pub(crate) fn events(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        if !arguments.words.is_empty() {
            let words = arguments.words.join(" ");
            return session.usage(&format!("unexpected arguments: [{words}]"));
        }
        let about = match arguments.text("for").map(|text| text.split_once('/')) {
            None => None,
            Some(None) => return plain("--for must be in resource/name form"),
            Some(Some((kind, name))) => match self.resource(kind) {
                Ok(kind) => Some((kind.kind, name)),
                Err(failure) => return vec![failure],
            },
        };
        let types = arguments.list("types");
        if let Some(wrong) =
            types.iter().find(|ty| !["normal", "warning"].contains(&ty.to_lowercase().as_str()))
        {
            return plain(format!("valid --types are Normal or Warning, got {wrong}"));
        }
        let all = arguments.is("all-namespaces");
        let namespace = if all { "" } else { self.context(arguments) };
        let events = self.sorted_events(namespace, about, &types);
        if events.is_empty() {
            if all {
                session.note("No events found.");
            } else {
                session.note(&format!("No events found in {namespace} namespace."));
            }
            return Vec::new();
        }
        let output = arguments.text("output").unwrap_or_default();
        match Format::parse(output, "", self.files) {
            Ok(Format::Objects(printer)) => {
                let objects: Vec<Value> = events.into_iter().cloned().collect();
                let (text, failure) = printer.print(&objects, false, true);
                session.output.stdout.push_str(&text);
                failure.into_iter().collect()
            }
            Ok(_) => {
                let rows = self.event_rows(&events, all, !arguments.is("no-headers"));
                session.output.stdout.push_str(&table::lines(&rows));
                Vec::new()
            }
            Err(failure) => vec![failure],
        }
    }

    /// The events of a namespace, the oldest first. `about` is the kind and the name of their
    /// object; no types are all.
    fn sorted_events<'s>(
        &'s self,
        namespace: &'s str,
        about: Option<(&str, &str)>,
        types: &[&str],
    ) -> Vec<&'s Value> {
        let is_about = |event: &Value| {
            let object = &event["involvedObject"];
            about.is_none_or(|about| about == (object.str("kind"), object.str("name")))
        };
        let is_of_type = |event: &Value| {
            let own = event.str("type");
            types.is_empty() || types.iter().any(|ty| ty.eq_ignore_ascii_case(own))
        };
        let all = self.server.storage.list("", "Event", namespace).map(|(_, event)| event);
        let mut events: Vec<&Value> =
            all.filter(|event| is_about(event) && is_of_type(event)).collect();
        events.sort_by_key(|event| event_time(event));
        events
    }

    fn event_rows(&self, events: &[&Value], all: bool, headers: bool) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        if headers {
            let heads = ["NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
            rows.push(
                heads.iter().skip(usize::from(!all)).map(|head| (*head).to_owned()).collect(),
            );
        }
        for event in events {
            let object = &event["involvedObject"];
            let mut row = Vec::new();
            if all {
                row.push(event["metadata"].str("namespace").to_owned());
            }
            row.push(interval(event, self.server.time()));
            row.push(event.str("type").to_owned());
            row.push(event.str("reason").to_owned());
            row.push(format!("{}/{}", object.str("kind"), object.str("name")));
            row.push(event.str("message").trim().to_owned());
            rows.push(row);
        }
        rows
    }
}
