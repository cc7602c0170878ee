//! The structure of a configuration: every key in the order in which the Operator writes it, the
//! field of the custom resource that it comes from, and its type.
//!
//! | file | tables |
//! | --- | --- |
//! | here | what a row is; the sections, routes, inhibition rules, time intervals |
//! | `client` | HTTP clients |
//! | `global` | the section `global` |
//! | `receivers` | receivers |
//!
//! Source: prometheus-operator pkg/alertmanager/types.go, alertmanager 0.34 config.

pub mod client;
pub mod global;
pub mod receivers;

use super::convert::{self, Convert};
use super::load;
use super::ranges::Range;
use crate::store::Checked;
use crate::tree::{Field, Tree};

/// The type of a value. Where the two programs differ, the Operator's type is on the left.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    /// `*string`: an empty text is written too.
    TextPointer,
    Flag,
    /// `*bool`: false is written too.
    Switch,
    Int,
    Uint,
    /// *int32 | uint64: 0 is written too.
    UintPointer,
    /// string | a text or a structure.
    TextOrMap,
    /// model.Duration.
    Duration,
    /// model.Duration | time.Duration.
    Timeout,
    /// model.Duration | a text that is read as time.Duration.
    TimeText,
    /// string | model.Duration.
    TextDuration,
    /// string | a text that is read as time.Duration.
    TextTimeout,
    /// string | URL.
    Url,
    /// string | URL or template.
    TemplateUrl,
    /// URL in both programs.
    FullUrl,
    HostPort,
    Texts,
    /// A list of texts that is written as `<secret>`.
    MaskedTexts,
    /// []string | matchers.
    Matchers,
    TextMap,
    /// map[string]string | anchored regular expressions.
    Regexps,
    /// map[string][]string.
    TextsMap,
    /// A list of ranges on one line.
    Ranges(Range),
    Any,
    AnyMap,
    /// Names of headers with structures.
    Headers(&'static Type),
    /// A pointer to a structure: `{}` is written too.
    Pointer(&'static Type),
    /// A structure, left out if all its fields are empty.
    Struct(&'static Type),
    List(&'static Type),
}

/// The source of a value in a custom resource.
#[derive(Clone, Copy)]
pub enum Source {
    /// None: the key can only come from a configuration that a user wrote.
    Nothing,
    /// The field of this name.
    Field(&'static str),
    /// The key of a Secret that the field names.
    Secret(&'static str),
    /// The same without blanks around it.
    TrimmedSecret(&'static str),
    /// A list of `key` and `value`.
    Pairs(&'static str),
    /// The custom resource's structure itself.
    Special(Read),
}

/// The programs whose types have a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum In {
    Both,
    Operator,
    Alertmanager,
}

/// Reads a value from a structure of a custom resource.
pub type Read = fn(&Convert<'_>, &Field<'_>) -> Checked<Option<Tree>>;

/// One key of a structure.
pub struct Row {
    pub key: &'static str,
    pub kind: Kind,
    pub source: Source,
    pub has: In,
    /// True for a key that is written even if its value is empty.
    pub always: bool,
}

impl Row {
    const fn always(self) -> Self {
        Self { always: true, ..self }
    }

    const fn in_alertmanager(self) -> Self {
        Self { has: In::Alertmanager, ..self }
    }

    const fn in_operator(self) -> Self {
        Self { has: In::Operator, ..self }
    }
}

/// A structure of the configuration.
pub struct Type {
    /// Go's names of the type in the Operator and in Alertmanager, as they appear in messages.
    pub operator: &'static str,
    pub alertmanager: &'static str,
    pub rows: &'static [Row],
    /// The check that Alertmanager makes after it has read the structure.
    pub check: fn(&Tree) -> Checked,
}

const fn row(key: &'static str, source: Source, kind: Kind) -> Row {
    Row { key, kind, source, has: In::Both, always: false }
}

const fn field(key: &'static str, name: &'static str, kind: Kind) -> Row {
    let source = if name.is_empty() { Source::Nothing } else { Source::Field(name) };
    row(key, source, kind)
}

const fn text(key: &'static str, name: &'static str) -> Row {
    field(key, name, Kind::Text)
}

const fn url(key: &'static str, name: &'static str) -> Row {
    field(key, name, Kind::Url)
}

const fn secret(key: &'static str, name: &'static str) -> Row {
    row(key, Source::Secret(name), Kind::Text)
}

const fn switch(key: &'static str, name: &'static str) -> Row {
    field(key, name, Kind::Switch)
}

const fn flag(key: &'static str, name: &'static str) -> Row {
    field(key, name, Kind::Flag)
}

const fn list(key: &'static str, name: &'static str, of: &'static Type) -> Row {
    field(key, name, Kind::List(of))
}

const fn pairs(key: &'static str, name: &'static str, kind: Kind) -> Row {
    row(key, Source::Pairs(name), kind)
}

const fn special(key: &'static str, kind: Kind, read: Read) -> Row {
    row(key, Source::Special(read), kind)
}

/// No check.
const fn any(_: &Tree) -> Checked {
    Ok(())
}

pub static CONFIG: Type = Type {
    operator: "alertmanager.alertmanagerConfig",
    alertmanager: "config.plain",
    rows: &[
        field("global", "", Kind::Pointer(&global::GLOBAL)),
        field("route", "", Kind::Pointer(&ROUTE)),
        list("inhibit_rules", "", &INHIBIT_RULE),
        list("receivers", "", &receivers::RECEIVER),
        list("mute_time_intervals", "", &MUTE_TIME_INTERVAL),
        list("time_intervals", "", &TIME_INTERVAL),
        field("templates", "", Kind::Texts).always(),
        field("tracing", "", Kind::Any).in_alertmanager(),
        field("event_recorder", "", Kind::Any).in_alertmanager(),
    ],
    check: load::config,
};

pub static ROUTE: Type = Type {
    operator: "alertmanager.route",
    alertmanager: "config.plain",
    rows: &[
        special("receiver", Kind::Text, convert::route_receiver),
        field("group_by", "groupBy", Kind::Texts),
        special("match", Kind::TextMap, |to, route| to.old_matchers(&route.get("matchers"), false)),
        special("match_re", Kind::Regexps, |to, route| {
            to.old_matchers(&route.get("matchers"), true)
        }),
        special("matchers", Kind::Matchers, |to, route| to.matchers(&route.get("matchers"))),
        flag("continue", "continue"),
        list("routes", "routes", &ROUTE),
        field("group_wait", "groupWait", Kind::TextDuration),
        field("group_interval", "groupInterval", Kind::TextDuration),
        field("repeat_interval", "repeatInterval", Kind::TextDuration),
        special("mute_time_intervals", Kind::Texts, |to, route| {
            to.names(&route.get("muteTimeIntervals"))
        }),
        special("active_time_intervals", Kind::Texts, |to, route| {
            to.names(&route.get("activeTimeIntervals"))
        }),
        field("labels", "", Kind::TextMap).in_alertmanager(),
    ],
    check: load::route,
};

pub static INHIBIT_RULE: Type = Type {
    operator: "alertmanager.inhibitRule",
    alertmanager: "common.plain",
    rows: &[
        field("name", "", Kind::Text).in_alertmanager(),
        special("target_match", Kind::TextMap, |to, rule| {
            to.old_matchers(&rule.get("targetMatch"), false)
        }),
        special("target_match_re", Kind::Regexps, |to, rule| {
            to.old_matchers(&rule.get("targetMatch"), true)
        }),
        special("target_matchers", Kind::Matchers, |to, rule| {
            to.matchers(&rule.get("targetMatch"))
        }),
        special("source_match", Kind::TextMap, |to, rule| {
            to.old_matchers(&rule.get("sourceMatch"), false)
        }),
        special("source_match_re", Kind::Regexps, |to, rule| {
            to.old_matchers(&rule.get("sourceMatch"), true)
        }),
        special("source_matchers", Kind::Matchers, |to, rule| {
            to.matchers(&rule.get("sourceMatch"))
        }),
        field("equal", "equal", Kind::Texts),
    ],
    check: load::inhibit_rule,
};

pub static MUTE_TIME_INTERVAL: Type = Type {
    operator: "alertmanager.timeInterval",
    alertmanager: "config.plain",
    rows: INTERVAL_ROWS,
    check: |tree| load::named(tree, "missing name in mute time interval"),
};

static TIME_INTERVAL: Type = Type {
    operator: "alertmanager.timeInterval",
    alertmanager: "config.plain",
    rows: INTERVAL_ROWS,
    check: |tree| load::named(tree, "missing name in time interval"),
};

static INTERVAL_ROWS: &[Row] = &[
    special("name", Kind::Text, convert::interval_name).always(),
    list("time_intervals", "timeIntervals", &INTERVAL).always(),
];

static INTERVAL: Type = Type {
    operator: "timeinterval.TimeInterval",
    alertmanager: "timeinterval.TimeInterval",
    rows: &[
        list("times", "times", &TIME_RANGE),
        field("weekdays", "weekdays", Kind::Ranges(Range::Weekday)),
        field("days_of_month", "daysOfMonth", Kind::Ranges(Range::DayOfMonth)),
        field("months", "months", Kind::Ranges(Range::Month)),
        field("years", "years", Kind::Ranges(Range::Year)),
        text("location", ""),
    ],
    check: any,
};

static TIME_RANGE: Type = Type {
    operator: "timeinterval.yamlTimeRange",
    alertmanager: "timeinterval.yamlTimeRange",
    rows: &[text("start_time", "startTime").always(), text("end_time", "endTime").always()],
    check: load::time_range,
};
