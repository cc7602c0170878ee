//! `helm lint`.
//!
//! Source: helm pkg/cmd lint.go, pkg/action lint.go.

use ::helm::capabilities::KubeVersion;
use ::helm::chart::{ChartFile, unpack};
use ::helm::lint::{Message, Severity, Subject, run};
use go::template::Entries;

use super::flags::Arguments;
use super::load::kube_version;
use super::{Helm, Session};

/// The findings of one chart; an error if there is nothing to look at.
type Findings = Result<Vec<Message>, String>;

impl Helm<'_> {
    pub(super) fn lint(
        &mut self,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(), String> {
        let kube_version = kube_version(arguments)?;
        let mut paths = arguments.words.clone();
        if arguments.is_on("with-subcharts") {
            paths.extend(arguments.words.iter().flat_map(|path| self.subcharts(path)));
        }
        let values = self.values(arguments)?;
        let (strict, quiet) = (arguments.is_on("strict"), arguments.is_on("quiet"));
        let (mut failed, mut noted) = (0, 0);
        for path in &paths {
            let found = self.findings(path, arguments, &values, kube_version.as_ref(), session);
            let tolerated = if strict { Severity::Info } else { Severity::Warning };
            let fails = match &found {
                Ok(messages) => messages.iter().any(|one| one.severity > tolerated),
                Err(_) => true,
            };
            let is_noted = match &found {
                Ok(messages) => messages.iter().any(|one| one.severity > Severity::Info),
                Err(_) => true,
            };
            failed += usize::from(fails);
            noted += usize::from(is_noted);
            if quiet && !is_noted {
                continue;
            }
            session.output.out(format!("==> Linting {path}"));
            match found {
                Ok(messages) => {
                    let shown =
                        messages.iter().filter(|one| !quiet || one.severity > Severity::Info);
                    shown.for_each(|message| session.output.out(message.to_string()));
                }
                Err(error) => session.output.out(format!("Error {error}")),
            }
            session.output.out("");
        }
        let summary = format!("{} chart(s) linted, {failed} chart(s) failed", paths.len());
        if failed > 0 {
            return Err(summary);
        }
        if !quiet || noted > 0 {
            session.output.out(summary);
        }
        Ok(())
    }

    /// The charts below `charts/` of a chart.
    fn subcharts(&self, path: &str) -> Vec<String> {
        let folder = go::path::join(&[path, "charts"]);
        let mut found = Vec::new();
        for file in self.files.folder(&folder) {
            let name = go::path::join(&[&folder, &file.name]);
            if go::path::base(&name) == "Chart.yaml" {
                found.push(go::path::dir(&name));
            } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
                found.push(name);
            }
        }
        found
    }

    fn findings(
        &self,
        path: &str,
        arguments: &Arguments,
        values: &Entries,
        kube_version: Option<&KubeVersion>,
        session: &mut Session,
    ) -> Findings {
        let files: Vec<ChartFile> = if path.ends_with(".tgz") || path.ends_with(".tar.gz") {
            let bytes = self
                .files
                .read(path)
                .map_err(|error| format!("unable to open tarball: {error}"))?;
            unpack(bytes).map_err(|error| format!("unable to extract tarball: {error}"))?
        } else {
            self.files.folder(path)
        };
        if !files.iter().any(|file| file.name == "Chart.yaml") {
            let file = go::path::join(&[path, "Chart.yaml"]);
            return Err(format!(
                "unable to check Chart.yaml file in chart: stat {file}: no such file or directory"
            ));
        }
        let subject = Subject {
            files: &files,
            location: &self.files.absolute(path),
            values,
            namespace: self.namespace(arguments),
            kube_version,
            skip_schema: arguments.is_on("skip-schema-validation"),
        };
        Ok(run(subject, &mut session.log))
    }
}
