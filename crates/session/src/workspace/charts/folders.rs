//! The files of a workspace that belong to charts, by their names.

/// The description of a chart.
pub const METADATA: &str = "Chart.yaml";

/// The part that a file has in its chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartPart {
    /// Chart.yaml.
    Metadata,
    /// values.yaml, and other files of values beside it.
    Values,
    /// A file below `templates/`.
    Template,
    /// A file that templates may read, or that describes the chart.
    Other,
}

/// The folders of the charts of a workspace. Charts inside of `charts/` belong to their parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartFolders {
    /// Empty for the folder of the workspace, else with a slash at the end.
    folders: Vec<String>,
}

/// Files of a chart in the folder of the workspace, which may have other files beside it.
const OF_CHART: [&str; 7] = [
    "Chart.lock",
    "requirements.yaml",
    "requirements.lock",
    "values.schema.json",
    ".helmignore",
    "README.md",
    "LICENSE",
];

impl ChartFolders {
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let folder = |name: &'a str| {
            let folder = name.strip_suffix(METADATA)?;
            (folder.is_empty() || folder.ends_with('/')).then_some(folder)
        };
        let all: Vec<&str> = names.filter_map(folder).collect();
        let is_inside = |one: &&str| {
            all.iter().any(|outer| {
                one.strip_prefix(outer).is_some_and(|rest| rest.starts_with("charts/"))
            })
        };
        let mut folders: Vec<String> =
            all.iter().filter(|one| !is_inside(one)).map(|one| (*one).to_owned()).collect();
        folders.sort();
        folders.dedup();
        Self { folders }
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(|folder| &**folder)
    }

    /// Returns the folder of the chart to which a file belongs: the innermost one.
    pub fn folder_of(&self, name: &str) -> Option<&str> {
        let holds = |folder: &&str| name.starts_with(folder) && is_of_chart(folder, name);
        self.iter().filter(holds).max_by_key(|folder| folder.len())
    }

    /// Returns the part of a file in its chart. A custom resource definition in `crds/` has none: it
    /// is a manifest.
    pub fn part_of(&self, name: &str) -> Option<ChartPart> {
        let folder = self.folder_of(name)?;
        let mut rest = name.strip_prefix(folder)?;
        while let Some((_, inner)) =
            rest.strip_prefix("charts/").and_then(|below| below.split_once('/'))
        {
            rest = inner;
        }
        let is_yaml = rest.ends_with(".yaml") || rest.ends_with(".yml");
        Some(match rest {
            METADATA => ChartPart::Metadata,
            _ if rest.starts_with("crds/") => return None,
            _ if rest.starts_with("templates/") => ChartPart::Template,
            _ if rest.starts_with("values") && is_yaml && !rest.contains('/') => ChartPart::Values,
            _ => ChartPart::Other,
        })
    }
}

/// Returns true if a file below a chart's folder is a file of the chart.
fn is_of_chart(folder: &str, name: &str) -> bool {
    if !folder.is_empty() {
        return true;
    }
    let first = name.split('/').next().unwrap_or(name);
    matches!(name, METADATA)
        || OF_CHART.contains(&name)
        || matches!(first, "templates" | "charts" | "crds" | "files")
        || name.starts_with("values") && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_a_part_in_the_innermost_chart() {
        use ChartPart::{Metadata, Other, Template, Values};
        let names = ["web/Chart.yaml", "web/charts/db/Chart.yaml", "deploy/api/Chart.yaml"];
        let folders = ChartFolders::of(names.into_iter());
        assert_eq!(folders.iter().collect::<Vec<_>>(), ["deploy/api/", "web/"]);
        for (name, part) in [
            ("web/Chart.yaml", Some(Metadata)),
            ("web/values.yaml", Some(Values)),
            ("web/values-prod.yaml", Some(Values)),
            ("web/templates/tests/a.yaml", Some(Template)),
            ("web/charts/db/Chart.yaml", Some(Metadata)),
            ("web/charts/db/templates/_helpers.tpl", Some(Template)),
            ("web/charts/db/values.yaml", Some(Values)),
            ("web/crds/a.yaml", None),
            ("web/conf/prometheus.yml", Some(Other)),
            ("website/templates/a.yaml", None),
            ("prometheus.yml", None),
        ] {
            assert_eq!(folders.part_of(name), part, "{name}");
        }
    }

    #[test]
    fn a_chart_in_the_folder_of_the_workspace_has_other_files_beside_it() {
        let folders = ChartFolders::of(["Chart.yaml"].into_iter());
        for (name, is_part) in [
            ("templates/a.yaml", true),
            ("values.yaml", true),
            ("workloads/web.yaml", false),
            ("prometheus.yml", false),
            ("extra/pod.yaml", false),
        ] {
            assert_eq!(folders.part_of(name).is_some(), is_part, "{name}");
        }
    }
}
