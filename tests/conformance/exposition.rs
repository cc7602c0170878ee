//! Scrape bodies: `*.om.txt` in OpenMetrics, the others in the text format.

use std::path::Path;

use simulation::exposition::{Format, parse};

use conformance::{Tally, files, read};

pub fn run(folder: &Path, tally: &mut Tally) {
    for path in files(folder, &[".txt"]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        tally.case(&name, || {
            let format = if name.ends_with(".om.txt") {
                Format::OpenMetrics
            } else {
                Format::PrometheusText
            };
            let body = read(&path);
            let parsed = parse(&body, format);
            if let Some(error) = parsed.error {
                return Err(format!("{error:?}"));
            }
            let samples = parsed.samples().count();
            let lines =
                body.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
            if samples == lines {
                Ok(())
            } else {
                Err(format!("{samples} of {lines} samples kept"))
            }
        });
    }
}
