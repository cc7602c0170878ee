//! The command with which the chart of a workspace is installed.
//!
//! `# playground: helm install NAME -f values-prod.yaml --set a=b` in Chart.yaml states the name of the
//! release and its values. Without the comment the release has the name of the chart.

use helm::value_files::ValueFlags;

/// A release and the flags with which it is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallCommand {
    /// Empty if the name of the chart is taken.
    pub name: String,
    pub namespace: String,
    pub values: ValueFlags,
    /// True if the comment says that the chart is not installed.
    pub is_absent: bool,
    /// A word that is no flag of the command, or a flag without its value.
    pub unknown: Option<String>,
}

const COMMENT: &str = "# playground:";
const NOT_INSTALLED: &str = "not-installed";

impl InstallCommand {
    /// Reads the comment in the text of a Chart.yaml.
    pub fn of(text: &str) -> Self {
        let mut command = Self { namespace: "default".to_owned(), ..Self::default() };
        let line = text.lines().find_map(|line| line.trim().strip_prefix(COMMENT));
        let Some(line) = line.map(str::trim) else { return command };
        if line == NOT_INSTALLED {
            command.is_absent = true;
            return command;
        }
        let words = line.strip_prefix("helm install").unwrap_or(line).split_whitespace();
        command.read(words.map(str::to_owned).collect());
        command
    }

    fn read(&mut self, words: Vec<String>) {
        let mut words = words.into_iter();
        let mut positional = Vec::new();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                positional.push(word);
                continue;
            }
            let (flag, given) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (&*word, None),
            };
            let list = match flag {
                "-n" | "--namespace" => {
                    let Some(value) = given.or_else(|| words.next()) else {
                        self.unknown = Some(word);
                        return;
                    };
                    self.namespace = value;
                    continue;
                }
                "-f" | "--values" => &mut self.values.files,
                "--set" => &mut self.values.set,
                "--set-string" => &mut self.values.strings,
                "--set-json" => &mut self.values.json,
                "--set-file" => &mut self.values.from_files,
                "--set-literal" => &mut self.values.literals,
                _ => {
                    self.unknown = Some(word);
                    return;
                }
            };
            let Some(value) = given.or_else(|| words.next()) else {
                self.unknown = Some(word);
                return;
            };
            list.push(value.replace(['"', '\''], ""));
        }
        let mut positional = positional.into_iter();
        self.name = positional.next().unwrap_or_default();
    }

    /// The command as it is typed.
    pub fn text(&self, name: &str, folder: &str) -> String {
        let folder = match folder.trim_end_matches('/') {
            "" => ".".to_owned(),
            folder => format!("./{folder}"),
        };
        let mut text = format!("helm install {name} {folder}");
        if self.namespace != "default" {
            text.push_str(&format!(" -n {}", self.namespace));
        }
        let ValueFlags { files, json, set, strings, from_files, literals } = &self.values;
        for (flag, list) in [
            ("-f", files),
            ("--set-json", json),
            ("--set", set),
            ("--set-string", strings),
            ("--set-file", from_files),
            ("--set-literal", literals),
        ] {
            list.iter().for_each(|value| text.push_str(&format!(" {flag} {value}")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_is_a_command_line() {
        let text = "apiVersion: v2\n# playground: helm install shop . -n prod -f values-prod.yaml --set=a=1 --set b.c='x'\n";
        let command = InstallCommand::of(text);
        assert_eq!((&*command.name, &*command.namespace), ("shop", "prod"));
        assert_eq!(command.values.files, ["values-prod.yaml"]);
        assert_eq!(command.values.set, ["a=1", "b.c=x"]);
        assert_eq!(
            command.text("shop", "web/"),
            "helm install shop ./web -n prod -f values-prod.yaml --set a=1 --set b.c=x"
        );
    }

    #[test]
    fn a_chart_may_be_absent() {
        assert!(InstallCommand::of("# playground: not-installed\n").is_absent);
        assert!(!InstallCommand::of("name: x\n").is_absent);
        let unknown = InstallCommand::of("# playground: helm install x --wait-forever");
        assert_eq!(unknown.unknown.as_deref(), Some("--wait-forever"));
        assert_eq!(InstallCommand::of("# playground: x -f").unknown.as_deref(), Some("-f"));
    }
}
