//! Frequently asked questions about `rate`, each with a lab that shows the answer. The answers are
//! computed by the worker; see `session::lab`.

use super::{Counter, Function, Lab, RangeMode};
use go::Duration;

/// A question with the lab that answers it.
pub struct Preset {
    /// An identifier in kebab case that does not change if the question is reworded.
    pub id: &'static str,
    pub question: &'static str,
    pub lab: fn() -> Lab,
}

pub static PRESETS: &[Preset] = &[
    Preset {
        id: "fractional",
        question: "Why is increase() fractional?",
        lab: || Lab {
            counter: Counter { initial: 5.0, events: vec![(98_000, 1.0)], resets: Vec::new() },
            ..Lab::default()
        },
    },
    Preset {
        id: "first-increment",
        question: "Why is the first increment lost?",
        lab: || Lab {
            counter: Counter { initial: 0.0, events: vec![(97_000, 1.0)], resets: vec![95_000] },
            first_scrape: 100_000,
            at: 150_000,
            ..Lab::default()
        },
    },
    Preset {
        id: "one-interval",
        question: "Why does a window of one interval return nothing?",
        lab: || Lab { range: Duration::from_secs(15), at: 120_000, ..Lab::default() },
    },
    Preset {
        id: "four-intervals",
        question: "Why four times the scrape interval?",
        lab: || Lab { function: Function::Rate, missed: vec![6, 7], ..Lab::default() },
    },
    Preset {
        id: "rate-then-sum",
        question: "Why rate, then sum?",
        lab: || Lab {
            counter: Counter { resets: vec![92_000], ..Counter::evenly(52.0, 4_000, 10_000, 18) },
            second: Some(Counter::evenly(80.0, 1_000, 15_000, 12)),
            ..Lab::default()
        },
    },
    Preset {
        id: "irate",
        question: "irate() or rate()?",
        lab: || {
            let mut counter = Counter::evenly(0.0, 4_000, 20_000, 5);
            counter.events.extend((0..12).map(|k| (106_000 + k * 1_000, 1.0)));
            Lab {
                function: Function::Irate,
                counter,
                overlays: vec![(Function::Rate, RangeMode::Usual)],
                ..Lab::default()
            }
        },
    },
    Preset {
        id: "missed-scrape",
        question: "What is the effect of a missed scrape?",
        lab: || Lab { missed: vec![8], ..Lab::default() },
    },
    Preset {
        id: "restart",
        question: "What is the effect of a restart?",
        lab: || Lab {
            counter: Counter { resets: vec![98_000], ..Counter::evenly(12.0, 4_000, 5_000, 36) },
            ..Lab::default()
        },
    },
    Preset {
        id: "counter-zero",
        question: "Why is a new counter cut at zero?",
        lab: || Lab { counter: Counter::evenly(0.0, 74_000, 5_000, 22), ..Lab::default() },
    },
    Preset {
        id: "aliasing",
        question: "Why does a graph miss a spike?",
        lab: || Lab {
            counter: Counter::evenly(12.0, 64_000, 500, 20),
            range: Duration::from_secs(30),
            at: 120_000,
            ..Lab::default()
        },
    },
];

/// Returns the preset with an id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}
