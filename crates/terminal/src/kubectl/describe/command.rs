//! The command `kubectl describe`.
//!
//! Source: staging/src/k8s.io/kubectl pkg/cmd/describe/describe.go.

use cluster::apiserver::Reason;

use super::describe;
use crate::kubectl::errors::Failure;
use crate::kubectl::flags::{Arguments, Flag, Form};
use crate::kubectl::{Kubectl, Session, plain};

/// Flags of `describe` besides those that it shares.
pub(crate) const FLAGS: &[Flag] =
    &[Flag::new("show-events", Form::Switch), Flag::new("chunk-size", Form::Int)];

impl Kubectl<'_> {
    pub(crate) fn describe(&self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let words = &arguments.words;
        if words.is_empty() && arguments.list("filename").is_empty() {
            return plain(
                "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
            );
        }
        let (found, failures) = match self.find(words, arguments, session) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if let ([Failure::Server(status)], [kind, prefix]) = (&failures[..], &words[..])
            && status.reason == Reason::NotFound
            && found.is_empty()
        {
            return self.describe_matching(kind, prefix, failures, arguments, session);
        }
        // Events of many objects would make the text long.
        let events = arguments.switch("show-events", found.objects().count() == 1);
        let texts: Vec<String> = found
            .objects()
            .map(|(kind, object)| describe(self.server, kind, object, events))
            .collect();
        session.output.stdout.push_str(&texts.join("\n\n"));
        if texts.is_empty() && failures.is_empty() {
            if arguments.is("all-namespaces") {
                session.note("No resources found");
            } else {
                let namespace = self.context(arguments);
                session.note(&format!("No resources found in {namespace} namespace."));
            }
        }
        failures
    }

    /// Describes the objects whose names begin with a text.
    fn describe_matching(
        &self,
        kind: &str,
        prefix: &str,
        failures: Vec<Failure>,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Vec<Failure> {
        let mut any = false;
        for kind in self.kinds_of(kind).unwrap_or_default() {
            for object in self.list(kind, None, arguments).unwrap_or_default() {
                if object["metadata"].str("name").starts_with(prefix) {
                    any = true;
                    let events = arguments.is("show-events");
                    session.print(&describe(self.server, kind, &object, events));
                }
            }
        }
        if any { Vec::new() } else { failures }
    }
}
