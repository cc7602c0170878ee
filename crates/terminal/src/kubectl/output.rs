//! Dry runs, and what a command prints about an object that it has made or changed.
//!
//! Source: cli-runtime pkg/printers/name.go, kubectl cmdutil.GetDryRunStrategy.

use cluster::Status;
use cluster::apiserver::{Accepted, PatchType, timestamp_of};
use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::builder::Target;
use super::errors::Failure;
use super::flags::Arguments;
use super::print::Format;
use super::{Kubectl, Session, plain_failure};

/// The dry-run strategy of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DryRun {
    /// The change is made.
    #[default]
    None,
    /// The object is not sent.
    Client,
    /// The server checks the change and does not store it.
    Server,
}

impl DryRun {
    /// The suffix of the operation's name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Client => " (dry run)",
            Self::Server => " (server dry run)",
        }
    }
}

impl Kubectl<'_> {
    /// Reads `--dry-run`.
    pub(super) fn dry_run(
        &self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<DryRun, Failure> {
        let mut deprecated = |what: &str| {
            let head = klog_head(self.server.time());
            session.note(&format!(
                "{head} helpers.go:745] {what} can be replaced with --dry-run=client."
            ));
            Ok(DryRun::Client)
        };
        match arguments.text("dry-run").unwrap_or("none") {
            "none" | "false" => Ok(DryRun::None),
            "client" => Ok(DryRun::Client),
            "server" => Ok(DryRun::Server),
            "unchanged" => deprecated("--dry-run is deprecated and"),
            "true" => deprecated("--dry-run=true is deprecated (boolean value) and"),
            other => Err(Failure::Plain(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// Sends a patch; a dry run of the server changes a copy.
    pub(super) fn send_patch(
        &mut self,
        target: &Target,
        ty: PatchType,
        patch: &Value,
        dry_run: DryRun,
    ) -> Result<Accepted, Status> {
        let Target { kind, namespace, name, .. } = target;
        match dry_run {
            DryRun::None => self.server.patch_as(kind, namespace, name, patch, ty),
            _ => self.server.clone().patch_as(kind, namespace, name, patch, ty),
        }
    }

    /// Patches the status of an object; a dry run of the server changes a copy.
    pub(super) fn send_status_patch(
        &mut self,
        target: &Target,
        ty: PatchType,
        patch: &Value,
        dry_run: DryRun,
    ) -> Result<Accepted, Status> {
        let Target { kind, namespace, name, .. } = target;
        match dry_run {
            DryRun::None => self.server.patch_status(kind, namespace, name, patch, ty),
            _ => self.server.clone().patch_status(kind, namespace, name, patch, ty),
        }
    }

    /// Creates an object; a dry run of the server changes a copy.
    pub(super) fn send_new(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        object: &Value,
        dry_run: DryRun,
    ) -> Result<Accepted, Status> {
        let mut object = object.clone();
        without_version(&mut object);
        match dry_run {
            DryRun::None => self.server.create(kind, namespace, &object),
            _ => self.server.clone().create(kind, namespace, &object),
        }
    }
}

/// Removes the `resourceVersion` of an object that is created, which the server refuses.
///
/// Source: cli-runtime pkg/resource/helper.go `Helper.CreateWithOptions`.
pub(super) fn without_version(object: &mut Value) {
    object.entry("metadata").remove("resourceVersion");
}

/// The beginning of a log line of kubectl itself: level, date, time, process.
/// Source: k8s.io/klog header format.
fn klog_head(now: i64) -> String {
    let time = timestamp_of(now);
    let part = |from: usize, to: usize| time.get(from..to).unwrap_or_default();
    format!("W{}{} {}.000000       1", part(5, 7), part(8, 10), part(11, 19))
}

/// Prints the outcome for one object: `configmap/c created`, its name, or the object itself,
/// as `-o` asks.
pub(super) fn print_object(
    arguments: &Arguments,
    session: &mut Session,
    kind: &Kind,
    object: &Value,
    operation: &str,
) -> Result<(), Failure> {
    let name = || {
        let metadata = &object["metadata"];
        let name = metadata.str("name");
        let name = if name.is_empty() { metadata.str("generateName") } else { name };
        format!("{}/{name}", kind.printed())
    };
    let text = |flag: &str| arguments.text(flag).unwrap_or_default();
    let output = text("output");
    // The formats of tables are not among those of changed objects.
    if matches!(output, "wide") || output.starts_with("custom-columns") {
        return Err(plain_failure(format!(
            "unable to match a printer suitable for the output format {}, allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml",
            go::quote::quote(output)
        )));
    }
    match Format::parse(output, text("template"), &|_: &str| None)? {
        Format::Table { .. } if operation.is_empty() => session.print(&name()),
        Format::Table { .. } => session.print(&format!("{} {operation}", name())),
        Format::Name => session.print(&name()),
        Format::Objects(printer) => {
            let (text, failure) = printer.print(std::slice::from_ref(object), true, true);
            session.output.stdout.push_str(&text);
            return failure.map_or(Ok(()), Err);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_log_begin_with_level_and_time() {
        assert_eq!(klog_head(1_767_225_600), "W0101 00:00:00.000000       1");
    }
}
