//! What confuses newcomers, with the lesson that answers it.

/// A frequent confusion.
#[derive(Debug)]
pub struct Confusion {
    /// The observation or belief, as a newcomer says it.
    pub text: &'static str,
    /// The identifier of the lesson.
    pub lesson: &'static str,
}

/// All confusions, in the order of the chapters.
#[rustfmt::skip] // one confusion on each line
pub static CONFUSIONS: &[Confusion] = &[
    Confusion { text: "I edited the ConfigMap, and nothing changes.", lesson: "reload" },
    Confusion { text: "With subPath the file never changes.", lesson: "sub-path" },
    Confusion { text: "The Service names a port. Is that the number or the name?", lesson: "service-port" },
    Confusion { text: "localhost works on my computer, and not in the cluster.", lesson: "localhost" },
    Confusion { text: "There are three replicas and one target.", lesson: "through-the-service" },
    Confusion { text: "A URL or a path in targets is refused.", lesson: "url-in-targets" },
    Confusion { text: "There are no targets, and no error.", lesson: "rbac" },
    Confusion { text: "The API server forbids discovery.", lesson: "rbac" },
    Confusion { text: "I thought that prometheus.io/scrape is built in.", lesson: "annotations" },
    Confusion { text: "Which rule dropped my target?", lesson: "anchored" },
    Confusion { text: "The regular expression matches only the whole value.", lesson: "anchored" },
    Confusion { text: "Every port of a container is a target.", lesson: "every-port" },
    Confusion { text: "relabel_configs or metric_relabel_configs?", lesson: "relabel-or-metric-relabel" },
    Confusion { text: "What does “context deadline exceeded” mean?", lesson: "deadline" },
    Confusion { text: "Version 3 complains about the Content-Type.", lesson: "content-type" },
    Confusion { text: "Where does exported_job come from?", lesson: "exported-labels" },
    Confusion { text: "An increase of 1.33: how can a third of an event happen?", lesson: "fraction" },
    Confusion { text: "The first error is not in the increase.", lesson: "first-increment" },
    Confusion { text: "rate over one scrape interval gives nothing.", lesson: "window" },
    Confusion { text: "Does a window include its left edge?", lesson: "left-edge" },
    Confusion { text: "The rate of a sum jumps when one program restarts.", lesson: "sum-of-rates" },
    Confusion { text: "irate shows nothing, or too much.", lesson: "irate" },
    Confusion { text: "Many-to-many matching is not allowed.", lesson: "many-to-many" },
    Confusion { text: "A quantile is NaN.", lesson: "nan" },
    Confusion { text: "When is a series gone?", lesson: "staleness" },
    Confusion { text: "The alert is pending and never fires.", lesson: "stuck-pending" },
    Confusion { text: "The alert is resolved, because its data are gone.", lesson: "resolves" },
];

/// Returns the confusions that a lesson answers.
pub fn answered_by(lesson: &str) -> impl Iterator<Item = &'static Confusion> {
    CONFUSIONS.iter().filter(move |confusion| confusion.lesson == lesson)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LESSONS, Lesson, entries};

    #[test]
    fn each_confusion_has_a_lesson() {
        for Confusion { text, lesson } in CONFUSIONS {
            assert!(entries().any(|entry| entry.name == *lesson), "{text} {lesson}");
            assert!(text.ends_with(['.', '?']), "{text}");
        }
    }

    #[test]
    fn there_are_lessons_enough_and_they_are_short() {
        assert!(LESSONS.len() >= 30, "{} lessons", LESSONS.len());
        for (name, json) in LESSONS {
            let lesson = Lesson::from_json(json).unwrap();
            let words = lesson.debrief.split_whitespace().count();
            assert!(words <= 110, "the debrief of {name} has {words} words");
        }
    }
}
