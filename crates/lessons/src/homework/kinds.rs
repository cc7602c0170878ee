//! The kinds of goals that a teacher can choose from, each with the fields of its condition.

use std::collections::BTreeMap;

use crate::lesson::{Keep, RightAnswer};
use crate::predicate::{
    Alert, AlertState, Bounds, Disk, Endpoints, FileText, Finding, Health, Limits, Object, Pods,
    Predicate, Query, QueryAt, Question, Targets, Used,
};

/// The input of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    Text,
    Number,
    /// Values and their labels.
    Choice(&'static [(&'static str, &'static str)]),
    /// A file of the start.
    File,
    Query,
}

/// A field of a kind of goals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub id: &'static str,
    pub label: &'static str,
    pub input: Input,
    /// The value at first.
    pub value: &'static str,
    /// True if the field may be empty.
    pub optional: bool,
}

/// A kind of goals.
pub struct Kind {
    pub id: &'static str,
    pub label: &'static str,
    pub fields: &'static [Field],
    /// The goal in words. `{FIELD}` stands for the value of a field.
    words: &'static str,
    /// The message while the goal is not met.
    pub otherwise: &'static str,
    /// True if it is enough that the condition has been true.
    pub once: bool,
    build: fn(&Values<'_>) -> Result<Built, String>,
}

/// The condition of a goal, or of a guard.
#[derive(Clone, Debug, PartialEq)]
pub enum Built {
    Goal(Predicate),
    Guard(Keep),
}

/// The values of the fields of a kind.
struct Values<'a>(&'a Kind, &'a BTreeMap<String, String>);

impl Values<'_> {
    fn text(&self, id: &str) -> String {
        self.1.get(id).map(|value| value.trim().to_owned()).unwrap_or_default()
    }

    fn optional(&self, id: &str) -> Option<String> {
        Some(self.text(id)).filter(|value| !value.is_empty())
    }

    fn number(&self, id: &str) -> Result<f64, String> {
        let label = self.0.fields.iter().find(|field| field.id == id).map_or(id, |one| one.label);
        let number = self.text(id).replace(',', ".").parse::<f64>().ok();
        let number = number.filter(|number| number.is_finite());
        number.ok_or_else(|| format!("“{label}” is a number."))
    }

    /// The limits that `compare` and a number say.
    fn bounds(&self, id: &str) -> Result<Bounds, String> {
        let number = self.number(id)?;
        Ok(match &*self.text("compare") {
            "at_least" => Bounds::Between(Limits { at_least: Some(number), at_most: None }),
            "at_most" => Bounds::Between(Limits { at_least: None, at_most: Some(number) }),
            _ => Bounds::Exactly(number),
        })
    }

    fn labels(&self, id: &str) -> Result<BTreeMap<String, String>, String> {
        let text = self.text(id);
        let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').ok_or("Labels are written app=web.")?;
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            })
            .collect()
    }
}

const COMPARE: Field = Field {
    id: "compare",
    label: "Compare",
    input: Input::Choice(&[
        ("exactly", "exactly"),
        ("at_least", "at least"),
        ("at_most", "at most"),
    ]),
    value: "exactly",
    optional: false,
};

const NAMESPACE: Field = text("namespace", "Namespace", "default");

const fn text(id: &'static str, label: &'static str, value: &'static str) -> Field {
    Field { id, label, input: Input::Text, value, optional: false }
}

const fn optional(id: &'static str, label: &'static str) -> Field {
    Field { id, label, input: Input::Text, value: "", optional: true }
}

const fn number(id: &'static str, label: &'static str, value: &'static str) -> Field {
    Field { id, label, input: Input::Number, value, optional: false }
}

const fn query(value: &'static str) -> Field {
    Field { id: "query", label: "Query", input: Input::Query, value, optional: false }
}

const fn choice(
    id: &'static str,
    label: &'static str,
    of: &'static [(&'static str, &'static str)],
    value: &'static str,
) -> Field {
    Field { id, label, input: Input::Choice(of), value, optional: false }
}

const FILE: Field =
    Field { id: "file", label: "File", input: Input::File, value: "", optional: false };

/// All kinds, in the order of the list.
pub static KINDS: &[Kind] = &[
    Kind {
        id: "targets",
        label: "Targets are in a state",
        fields: &[
            optional("job", "Job"),
            choice(
                "state",
                "State",
                &[("up", "up"), ("down", "down"), ("unknown", "unknown")],
                "up",
            ),
            COMPARE,
            number("count", "Number of targets", "1"),
        ],
        words: "{compare} {count} targets of the job `{job}` are {state}.",
        otherwise: "There are {count} of them. The first other target is {state}: {last_error}.",
        once: false,
        build: |of| {
            let state = match &*of.text("state") {
                "down" => Health::Down,
                "unknown" => Health::Unknown,
                _ => Health::Up,
            };
            Ok(Built::Goal(Predicate::Targets(Targets {
                job: of.optional("job"),
                labels: BTreeMap::new(),
                state: Some(state),
                error: None,
                count: of.bounds("count")?,
            })))
        },
    },
    Kind {
        id: "query",
        label: "A query has a value",
        fields: &[
            query("sum(up)"),
            COMPARE,
            number("value", "Value", "1"),
            number("tolerance", "Tolerance", "0"),
        ],
        words: "`{query}` is {compare} {value}.",
        otherwise: "It is {value}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Query(Query {
                query: of.text("query"),
                value: Some(of.bounds("value")?),
                tolerance: of.number("tolerance")?.abs(),
                series: None,
                throughout: crate::predicate::Millis(0),
            })))
        },
    },
    Kind {
        id: "series",
        label: "A query has a number of series",
        fields: &[query("up == 0"), COMPARE, number("count", "Number of series", "0")],
        words: "`{query}` has {compare} {count} series.",
        otherwise: "It has {count}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Query(Query {
                query: of.text("query"),
                value: None,
                tolerance: 0.0,
                series: Some(of.bounds("count")?),
                throughout: crate::predicate::Millis(0),
            })))
        },
    },
    Kind {
        id: "object",
        label: "A field of an object has a value",
        fields: &[
            text("kind", "Kind", "Service"),
            NAMESPACE,
            text("name", "Name", ""),
            optional("field", "Path of the field, such as spec/ports/0/port"),
            optional("equals", "Value"),
        ],
        words: "`{field}` of the {kind} `{name}` is `{equals}`.",
        otherwise: "It is {value}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Object(Object {
                kind: of.text("kind"),
                namespace: of.text("namespace"),
                name: of.text("name"),
                field: of.text("field"),
                equals: of.optional("equals"),
                contains: None,
            })))
        },
    },
    Kind {
        id: "pods",
        label: "Pods are ready",
        fields: &[
            NAMESPACE,
            optional("labels", "Labels, such as app=web"),
            COMPARE,
            number("count", "Number of pods", "1"),
        ],
        words: "{compare} {count} pods with the labels `{labels}` are ready.",
        otherwise: "There are {count}; the first is {state}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Pods(Pods {
                namespace: of.text("namespace"),
                labels: of.labels("labels")?,
                phase: None,
                ready: Some(true),
                restarts: None,
                count: of.bounds("count")?,
            })))
        },
    },
    Kind {
        id: "endpoints",
        label: "A Service has ready endpoints",
        fields: &[
            NAMESPACE,
            text("service", "Service", ""),
            COMPARE,
            number("count", "Number of endpoints", "1"),
        ],
        words: "The Service `{service}` has {compare} {count} ready endpoints.",
        otherwise: "It has {count}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Endpoints(Endpoints {
                namespace: of.text("namespace"),
                service: of.text("service"),
                ready: of.bounds("count")?,
            })))
        },
    },
    Kind {
        id: "alert",
        label: "An alert is in a state",
        fields: &[
            text("name", "Alert", ""),
            choice("state", "State", &[("pending", "pending"), ("firing", "firing")], "firing"),
        ],
        words: "The alert `{name}` is {state}.",
        otherwise: "It is {state}.",
        once: true,
        build: |of| {
            let state = match &*of.text("state") {
                "pending" => AlertState::Pending,
                _ => AlertState::Firing,
            };
            Ok(Built::Goal(Predicate::Alert(Alert {
                name: of.text("name"),
                labels: BTreeMap::new(),
                state,
                at: None,
                count: Bounds::default(),
            })))
        },
    },
    Kind {
        id: "quiet",
        label: "An alert is not firing",
        fields: &[text("name", "Alert", "")],
        words: "The alert `{name}` is not firing.",
        otherwise: "It is {state}.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Alert(Alert {
                name: of.text("name"),
                labels: BTreeMap::new(),
                state: AlertState::Firing,
                at: None,
                count: Bounds::Exactly(0.0),
            })))
        },
    },
    Kind {
        id: "disk",
        label: "The disk is large enough",
        fields: &[number("share", "Percent of the claim that blocks can fill", "80")],
        words: "Blocks fill at most {share} % of the claim of Prometheus.",
        otherwise: "They fill {value}.",
        once: false,
        build: |of| {
            let at_most = Some(of.number("share")? / 100.0);
            let share = Bounds::Between(Limits { at_least: None, at_most });
            Ok(Built::Goal(Predicate::Disk(Disk { share })))
        },
    },
    Kind {
        id: "finding",
        label: "A finding of the page is gone",
        fields: &[text("code", "Code, as the page Checks shows it", "")],
        words: "The finding `{code}` is gone.",
        otherwise: "It is still there.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Finding(Finding { code: of.text("code"), absent: true })))
        },
    },
    Kind {
        id: "file",
        label: "A file contains or lacks a text",
        fields: &[
            FILE,
            choice("how", "Condition", &[("contains", "contains"), ("lacks", "lacks")], "contains"),
            text("text", "Text", ""),
        ],
        words: "The file `{file}` {how} `{text}`.",
        otherwise: "",
        once: false,
        build: |of| {
            let (name, part) = (of.text("file"), Some(of.text("text")));
            let (contains, lacks) =
                if of.text("how") == "lacks" { (None, part) } else { (part, None) };
            Ok(Built::Goal(Predicate::File(FileText { name, contains, lacks })))
        },
    },
    Kind {
        id: "command",
        label: "A command was used",
        fields: &[text("name", "How the command begins", "kubectl get pods")],
        words: "`{name}` was used in the terminal.",
        otherwise: "It was not used yet.",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Command(Used {
                name: of.text("name"),
                times: Bounds::default(),
            })))
        },
    },
    Kind {
        id: "number",
        label: "A question, answered with a number",
        fields: &[
            text("ask", "Question", ""),
            query("sum(up)"),
            number("tolerance", "Tolerance", "0"),
        ],
        words: "{ask}",
        otherwise: "",
        once: false,
        build: |of| {
            Ok(Built::Goal(Predicate::Answer(Question {
                ask: of.text("ask"),
                choices: Vec::new(),
                answer: RightAnswer::Query { query: of.text("query"), at: QueryAt::Now },
                tolerance: of.number("tolerance")?.abs(),
            })))
        },
    },
    Kind {
        id: "choice",
        label: "A question with choices",
        fields: &[
            text("ask", "Question", ""),
            text("right", "Right answer", ""),
            text("wrong", "Wrong answers, separated by |", ""),
        ],
        words: "{ask}",
        otherwise: "",
        once: false,
        build: |of| {
            let right = of.text("right");
            let wrong = of.text("wrong");
            let wrong = wrong.split('|').map(|one| one.trim().to_owned());
            let mut choices: Vec<String> = wrong.filter(|one| !one.is_empty()).collect();
            if choices.is_empty() || choices.contains(&right) {
                return Err("A question needs a right answer and other wrong ones.".to_owned());
            }
            choices.push(right.clone());
            choices.sort();
            let at = choices.iter().position(|one| *one == right).unwrap_or_default();
            Ok(Built::Goal(Predicate::Answer(Question {
                ask: of.text("ask"),
                choices,
                answer: RightAnswer::Choice(at),
                tolerance: 0.0,
            })))
        },
    },
    Kind {
        id: "untouched",
        label: "Guard: a file stays as it is",
        fields: &[FILE],
        words: "The file `{file}` stays as it is.",
        otherwise: "",
        once: false,
        build: |of| Ok(Built::Guard(Keep::Untouched(vec![of.text("file")]))),
    },
    Kind {
        id: "no_target_lost",
        label: "Guard: no target is lost",
        fields: &[],
        words: "No job has fewer targets that are up than at the start.",
        otherwise: "",
        once: false,
        build: |_| Ok(Built::Guard(Keep::NoTargetLost)),
    },
    Kind {
        id: "changed_lines",
        label: "Guard: few lines are changed",
        fields: &[number("count", "Lines at most", "3")],
        words: "At most {count} lines are changed.",
        otherwise: "",
        once: false,
        build: |of| Ok(Built::Guard(Keep::MaxChangedLines(of.number("count")?.max(0.0) as u32))),
    },
];

/// Returns the kind with an identifier.
pub fn kind(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

impl Kind {
    /// Makes the condition. Errors are sentences about a field.
    pub fn build(&self, values: &BTreeMap<String, String>) -> Result<Built, String> {
        let values = Values(self, values);
        let missing =
            self.fields.iter().find(|field| !field.optional && values.text(field.id).is_empty());
        if let Some(field) = missing {
            return Err(format!("“{}” is empty.", field.label));
        }
        (self.build)(&values)
    }

    /// The goal in words, with the values.
    pub fn words(&self, values: &BTreeMap<String, String>) -> String {
        let mut words = self.words.to_owned();
        for field in self.fields {
            let value = values.get(field.id).map_or("", |value| value.trim());
            let shown = match field.input {
                Input::Choice(of) => of.iter().find(|(id, _)| *id == value).map_or(value, |o| o.1),
                _ if value.is_empty() && field.optional => "any",
                _ => value,
            };
            words = words.replace(&format!("{{{}}}", field.id), shown);
        }
        let mut letters = words.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    }
}
