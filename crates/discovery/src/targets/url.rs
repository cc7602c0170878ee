//! The scrape URL of a target.
//!
//! Source: prometheus scrape/target.go `Target.URL`.

use super::names::{ADDRESS, METRICS_PATH, SCHEME};
use prometheus::values::scrape_url::{Params, query, scrape_url};
use promql::Labels;

/// Returns the scrape URL. `labels` are those after relabeling.
pub fn target_url(labels: &Labels, params: &Params) -> String {
    let query = query(params, labels.iter().map(|label| (&*label.name, &*label.value)));
    scrape_url(labels.get(SCHEME), labels.get(ADDRESS), labels.get(METRICS_PATH), &query)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn url(labels: &[(&'static str, &'static str)], params: &[(&str, &[&str])]) -> String {
        let params: Vec<(Arc<str>, Vec<Arc<str>>)> = params
            .iter()
            .map(|(name, values)| ((*name).into(), values.iter().map(|v| (*v).into()).collect()))
            .collect();
        target_url(&Labels::from_pairs(labels.iter().copied()), &params)
    }

    #[test]
    fn parts_are_escaped_each_in_its_way() {
        for (scheme, address, path, expected) in [
            ("http", "a:1", "/metrics", "http://a:1/metrics"),
            ("https", "[::1]:9090", "metrics", "https://[::1]:9090/metrics"),
            ("http", " a b:1 ", "/x y", "http://%20a%20b:1%20/x%20y"),
            ("http", "u:p@h", "/a?b=c#d", "http://u:p%40h/a%3Fb=c%23d"),
            ("http", "h", "/é(1)!*%", "http://h/%C3%A9%281%29%21%2A%25"),
            ("http", "h", "*", "http://h/*"),
            ("", "h", "/m", "//h/m"),
            ("http", "h", "", "http://h"),
        ] {
            let labels =
                [("__scheme__", scheme), ("__address__", address), ("__metrics_path__", path)];
            assert_eq!(url(&labels, &[]), expected);
        }
    }

    #[test]
    fn parameters_are_sorted_and_labels_override_the_first_value() {
        let base = [("__scheme__", "http"), ("__address__", "h"), ("__metrics_path__", "/probe")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let params: &[(&str, &[&str])] =
            &[("module", &["http_2xx", "extra"]), ("b", &["1 +&"]), ("none", &[])];
        assert_eq!(
            url(&with(&[]), params),
            "http://h/probe?b=1+%2B%26&module=http_2xx&module=extra"
        );
        assert_eq!(
            url(&with(&[("__param_module", "icmp"), ("__param_target", "http://x/")]), params),
            "http://h/probe?b=1+%2B%26&module=icmp&module=extra&target=http%3A%2F%2Fx%2F"
        );
    }
}
