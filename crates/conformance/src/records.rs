//! Counts the records of a folder that no suite reads yet.

use std::path::Path;

use crate::{file_name, files, folders, json, list};

/// Returns the number of records in a folder of the data.
///
/// A record is a case folder, unless the folder keeps its records as items of JSON lists.
pub fn records(folder: &Path) -> usize {
    match file_name(folder).as_str() {
        "api" => folders(folder).iter().map(|one| items(&one.join("requests.json"))).sum(),
        "gotemplate" => files(folder, &[".json"]).iter().map(|file| items(file)).sum(),
        "helm" => cases(folder) + cases(&folder.join("releases")),
        "operator" => cases(&folder.join("cases")),
        _ => cases(folder),
    }
}

fn items(file: &Path) -> usize {
    list(&json(file)).len()
}

/// Counts subfolders that hold a case. `releases` and `clusters` belong to other cases.
fn cases(folder: &Path) -> usize {
    let shared = ["releases", "clusters"];
    folders(folder).iter().filter(|one| !shared.contains(&file_name(one).as_str())).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_the_form_of_their_folder() {
        let root = std::env::temp_dir().join(format!("conformance-records-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("a file has a folder"))
                .expect("temporary folders can be made");
            std::fs::write(path, text).expect("temporary files can be written");
        };
        write("apply/one/case.yaml", "");
        write("apply/two/case.yaml", "");
        write("apply/README.md", "");
        write("api/shop/requests.json", "[1, 2, 3]");
        write("gotemplate/a.json", "[1, 2]");
        write("gotemplate/b.json", "[1]");
        write("helm/chart/case.yaml", "");
        write("helm/releases/upgrade/case.yaml", "");
        write("kubectl/clusters/a.json", "");
        write("kubectl/get/case.yaml", "");
        write("operator/cases/probe/case.yaml", "");
        write("operator/crds/a.yaml", "");
        for (folder, expected) in [
            ("apply", 2),
            ("api", 3),
            ("gotemplate", 3),
            ("helm", 2),
            ("kubectl", 1),
            ("operator", 1),
        ] {
            assert_eq!(records(&root.join(folder)), expected, "{folder}");
        }
        std::fs::remove_dir_all(&root).expect("temporary folders can be removed");
    }
}
