//! Descriptions of ConfigMaps, Secrets, ServiceAccounts, and of roles and their bindings.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe ConfigMapDescriber and the like.

use kubernetes::object::Value;

use super::DescribeContext;
use super::rules;
use super::writer::{Writer, texts};

/// A ConfigMap.
pub(super) fn config_map(w: &mut Writer, _: &DescribeContext<'_>, map: &Value) {
    w.name(map);
    w.labels_and_annotations(map);
    w.line(0, "\nData\n====");
    for (key, text) in map.entries("data") {
        w.line(0, &format!("{key}:\n----\n{}\n", text.as_str().unwrap_or_default()));
    }
    w.line(0, "\nBinaryData\n====");
    for (key, text) in map.entries("binaryData") {
        w.line(0, &format!("{key}: {} bytes", decoded_length(text)));
    }
    w.line(0, "");
}

/// The number of bytes that Base64 text stands for.
fn decoded_length(text: &Value) -> usize {
    go::base64::decode(text.as_str().unwrap_or_default()).map_or(0, |bytes| bytes.len())
}

/// A Secret.
pub(super) fn secret(w: &mut Writer, _: &DescribeContext<'_>, secret: &Value) {
    w.name(secret);
    w.labels_and_annotations(secret);
    w.line(0, &format!("\nType:\t{}", secret.str("type")));
    w.line(0, "\nData\n====");
    for (key, text) in secret.entries("data") {
        if &**key == "token" && secret.str("type") == "kubernetes.io/service-account-token" {
            let token = go::base64::decode(text.as_str().unwrap_or_default()).unwrap_or_default();
            w.field(0, key, String::from_utf8_lossy(&token));
        } else {
            w.field(0, key, format!("{} bytes", decoded_length(text)));
        }
    }
}

/// A ServiceAccount.
pub(super) fn service_account(w: &mut Writer, _: &DescribeContext<'_>, account: &Value) {
    w.name(account);
    w.labels_and_annotations(account);
    const TITLE: &str = "Image pull secrets:";
    let secrets = account.list("imagePullSecrets");
    if secrets.is_empty() {
        w.line(0, &format!("{TITLE}\t<none>"));
    }
    for (number, secret) in secrets.iter().enumerate() {
        let title = if number == 0 { TITLE } else { "                   " };
        w.line(0, &format!("{title}\t{}", secret.str("name")));
    }
}

/// A Role or a ClusterRole.
pub(super) fn role(w: &mut Writer, _: &DescribeContext<'_>, role: &Value) {
    w.field(0, "Name", role["metadata"].str("name"));
    w.labels_and_annotations(role);
    w.line(0, "PolicyRule:");
    w.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    w.line(1, "---------\t-----------------\t--------------\t-----");
    for rule in rules::compact(role.list("rules")) {
        let list = |texts: &[String]| format!("[{}]", texts.join(" "));
        w.line(
            1,
            &format!(
                "{}\t{}\t{}\t{}",
                rule.resource(),
                list(&rule.urls),
                list(&rule.names),
                list(&rule.verbs)
            ),
        );
    }
}

/// A RoleBinding or a ClusterRoleBinding.
pub(super) fn role_binding(w: &mut Writer, _: &DescribeContext<'_>, binding: &Value) {
    w.field(0, "Name", binding["metadata"].str("name"));
    w.labels_and_annotations(binding);
    w.line(0, "Role:");
    w.field(1, "Kind", binding["roleRef"].str("kind"));
    w.field(1, "Name", binding["roleRef"].str("name"));
    w.line(0, "Subjects:");
    w.line(1, "Kind\tName\tNamespace");
    w.line(1, "----\t----\t---------");
    for subject in binding.list("subjects") {
        w.row(1, &[subject.str("kind"), subject.str("name"), subject.str("namespace")]);
    }
}

/// A PriorityClass.
pub(super) fn priority_class(w: &mut Writer, _: &DescribeContext<'_>, class: &Value) {
    w.field(0, "Name", class["metadata"].str("name"));
    w.field(0, "Value", class.int("value"));
    w.field(0, "GlobalDefault", class.bool("globalDefault"));
    w.field(0, "PreemptionPolicy", class.str("preemptionPolicy"));
    w.field(0, "Description", class.str("description"));
    w.field(0, "Annotations", super::writer::joined_labels(&class["metadata"]["annotations"]));
}

/// A ServiceCIDR.
pub(super) fn service_cidr(w: &mut Writer, _: &DescribeContext<'_>, cidr: &Value) {
    w.field(0, "Name", cidr["metadata"].str("name"));
    w.labels_and_annotations(cidr);
    w.field(0, "CIDRs", texts(cidr["spec"].list("cidrs"), ", "));
}
