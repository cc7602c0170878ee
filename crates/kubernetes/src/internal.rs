//! Objects as Kubernetes prints its internal types in messages: `{"Name":"","Port":80,…}`.
//!
//! Internal structs have no JSON tags: fields have their Go names, in the order of the struct, and
//! none is left out. The structs mostly have the order of the versioned ones; [`ORDERS`] has those
//! that differ. Types of `meta/v1` are printed with their tags.

use crate::object::{Value, json};
use crate::types::{Field, Struct, Type, TypeId, types};
use text::IndexSort;

/// Structs whose internal fields stand in another order, by keys.
const ORDERS: &[(&str, &[&str])] = &[
    (
        "io.k8s.api.core.v1.PodSpec",
        &[
            "volumes",
            "initContainers",
            "containers",
            "ephemeralContainers",
            "restartPolicy",
            "terminationGracePeriodSeconds",
            "activeDeadlineSeconds",
            "dnsPolicy",
            "nodeSelector",
            "serviceAccountName",
            "automountServiceAccountToken",
            "nodeName",
            "securityContext",
            "imagePullSecrets",
            "hostname",
            "subdomain",
            "setHostnameAsFQDN",
            "affinity",
            "schedulerName",
            "tolerations",
            "hostAliases",
            "priorityClassName",
            "priority",
            "preemptionPolicy",
            "dnsConfig",
            "readinessGates",
            "runtimeClassName",
            "overhead",
            "enableServiceLinks",
            "topologySpreadConstraints",
            "os",
            "schedulingGates",
            "resourceClaims",
            "resources",
            "hostnameOverride",
            "schedulingGroup",
        ],
    ),
    (
        "io.k8s.api.core.v1.PodSecurityContext",
        &[
            "seLinuxOptions",
            "windowsOptions",
            "runAsUser",
            "runAsGroup",
            "runAsNonRoot",
            "supplementalGroups",
            "supplementalGroupsPolicy",
            "fsGroup",
            "fsGroupChangePolicy",
            "sysctls",
            "seccompProfile",
            "appArmorProfile",
            "seLinuxChangePolicy",
        ],
    ),
];

/// Fields of the spec that the internal type keeps in the security context.
const HOST_FIELDS: &[(&str, &str, &str)] = &[
    ("hostNetwork", "HostNetwork", "false"),
    ("hostPID", "HostPID", "false"),
    ("hostIPC", "HostIPC", "false"),
    ("shareProcessNamespace", "ShareProcessNamespace", "null"),
    ("hostUsers", "HostUsers", "null"),
];

/// One line of JSON.
pub fn to_json(id: TypeId, value: &Value) -> String {
    let mut writer = Writer { out: String::new(), indent: None };
    writer.structure(id, value, &Value::Null, 0);
    writer.out
}

/// JSON with one space for each level, as differences are made of.
pub fn to_pretty_json(id: TypeId, value: &Value) -> String {
    let mut writer = Writer { out: String::new(), indent: Some(1) };
    writer.structure(id, value, &Value::Null, 0);
    writer.out
}

/// The difference of two objects of a type, with three lines of context. Source: apimachinery
/// pkg/util/diff.
pub fn diff(id: TypeId, old: &Value, new: &Value) -> String {
    let (old, new) = (to_pretty_json(id, old), to_pretty_json(id, new));
    unified(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>())
}

struct Writer {
    out: String,
    indent: Option<usize>,
}

impl Writer {
    fn newline(&mut self, depth: usize) {
        if let Some(width) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }

    fn key(&mut self, first: &mut bool, key: &str, depth: usize) {
        if !std::mem::replace(first, false) {
            self.out.push(',');
        }
        self.newline(depth);
        json::write_string(&mut self.out, key, true);
        self.out.push(':');
        if self.indent.is_some() {
            self.out.push(' ');
        }
    }

    fn structure(&mut self, id: TypeId, value: &Value, above: &Value, depth: usize) {
        let ty = types().get(id);
        self.out.push('{');
        let mut first = true;
        if ty.name == "io.k8s.api.core.v1.PodSecurityContext" {
            for (key, name, zero) in HOST_FIELDS {
                self.key(&mut first, name, depth + 1);
                let found = above[*key].as_bool().map(|bool| bool.to_string());
                self.out.push_str(found.as_deref().unwrap_or(zero));
            }
        }
        self.fields(ty, value, &mut first, depth);
        if !first {
            self.newline(depth);
        }
        self.out.push('}');
    }

    fn fields(&mut self, ty: &Struct, value: &Value, first: &mut bool, depth: usize) {
        for field in ordered(ty) {
            let found = &value[field.key];
            if field.key == "metadata" {
                if let Type::Struct(id) = field.ty {
                    self.tagged_fields(id, found, first, depth);
                }
                continue;
            }
            self.key(first, &field.go_field(), depth + 1);
            self.value(&field.ty, field.pointer, found, value, depth + 1);
        }
    }

    fn value(&mut self, ty: &Type, pointer: bool, value: &Value, above: &Value, depth: usize) {
        match (ty, value) {
            (Type::Struct(id), Value::Null) if !pointer => {
                self.structure_or_tagged(*id, value, above, depth);
            }
            (Type::String, Value::Null) if !pointer => self.out.push_str("\"\""),
            (Type::Bool, Value::Null) if !pointer => self.out.push_str("false"),
            (Type::Int32 | Type::Int64 | Type::IntOrString, Value::Null) if !pointer => {
                self.out.push('0');
            }
            (Type::Quantity, Value::Null) if !pointer => self.out.push_str("\"0\""),
            (_, Value::Null) => self.out.push_str("null"),
            (Type::Struct(id), _) => self.structure_or_tagged(*id, value, above, depth),
            (Type::List(item), Value::List(list)) if list.is_empty() => {
                let _ = item;
                self.out.push_str("null");
            }
            (Type::List(item), Value::List(list)) => {
                self.out.push('[');
                for (number, one) in list.iter().enumerate() {
                    if number > 0 {
                        self.out.push(',');
                    }
                    self.newline(depth + 1);
                    self.value(item, false, one, &Value::Null, depth + 1);
                }
                self.newline(depth);
                self.out.push(']');
            }
            (Type::Map(item), Value::Map(map)) => {
                self.out.push('{');
                let mut first = true;
                for (key, one) in map.iter() {
                    self.key(&mut first, key, depth + 1);
                    self.value(item, false, one, &Value::Null, depth + 1);
                }
                if !first {
                    self.newline(depth);
                }
                self.out.push('}');
            }
            (_, value) => self.out.push_str(&crate::object::to_json_html(value)),
        }
    }

    fn structure_or_tagged(&mut self, id: TypeId, value: &Value, above: &Value, depth: usize) {
        if !types().get(id).name.contains(".meta.v1.") {
            return self.structure(id, value, above, depth);
        }
        self.out.push('{');
        let mut first = true;
        self.tagged_fields(id, value, &mut first, depth);
        if !first {
            self.newline(depth);
        }
        self.out.push('}');
    }

    /// Fields of a type with JSON tags: those that are set, in the order of the struct.
    fn tagged_fields(&mut self, id: TypeId, value: &Value, first: &mut bool, depth: usize) {
        for field in ordered(types().get(id)) {
            let found = &value[field.key];
            if found.is_null() {
                continue;
            }
            self.key(first, field.key, depth + 1);
            match &field.ty {
                Type::List(item) => {
                    let Type::Struct(id) = **item else {
                        self.value(&field.ty, false, found, value, depth + 1);
                        continue;
                    };
                    self.out.push('[');
                    for (number, one) in found.as_list().unwrap_or_default().iter().enumerate() {
                        if number > 0 {
                            self.out.push(',');
                        }
                        self.newline(depth + 2);
                        self.structure_or_tagged(id, one, &Value::Null, depth + 2);
                    }
                    self.newline(depth + 1);
                    self.out.push(']');
                }
                ty => self.value(ty, false, found, value, depth + 1),
            }
        }
    }
}

/// Fields of a struct in their internal order.
fn ordered(ty: &Struct) -> Vec<&Field> {
    if let Some((_, keys)) = ORDERS.iter().find(|(name, _)| *name == ty.name) {
        return keys.iter().filter_map(|key| ty.field(key)).collect();
    }
    let mut fields: Vec<&Field> = ty.fields.iter().collect();
    fields.index_sort_by_key(|field| field.place);
    fields
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep(usize, usize),
    Delete(usize, usize),
    Insert(usize, usize),
}

/// A unified difference without a header.
pub fn unified(old: &[&str], new: &[&str]) -> String {
    use std::fmt::Write as _;
    const CONTEXT: usize = 3;
    let edits = edits(old, new);
    let mut out = String::new();
    let mut at = 0;
    while let Some(offset) = edits
        .get(at..)
        .and_then(|rest| rest.iter().position(|edit| !matches!(edit, Edit::Keep(..))))
    {
        let start = (at + offset).saturating_sub(CONTEXT).max(at);
        let mut end = at + offset + 1;
        let mut kept = 0;
        while let Some(edit) = edits.get(end) {
            kept = if matches!(edit, Edit::Keep(..)) { kept + 1 } else { 0 };
            end += 1;
            if kept > 2 * CONTEXT {
                break;
            }
        }
        let end = end - kept.saturating_sub(CONTEXT);
        let hunk = edits.get(start..end).unwrap_or_default();
        let (mut old_lines, mut new_lines) = (0, 0);
        for edit in hunk {
            old_lines += usize::from(!matches!(edit, Edit::Insert(..)));
            new_lines += usize::from(!matches!(edit, Edit::Delete(..)));
        }
        let (Edit::Keep(old_at, new_at)
        | Edit::Delete(old_at, new_at)
        | Edit::Insert(old_at, new_at)) = hunk[0];
        let range = |at: usize, lines: usize| match lines {
            0 => format!("{at},0"),
            1 => format!("{}", at + 1),
            _ => format!("{},{lines}", at + 1),
        };
        let _ = writeln!(out, "@@ -{} +{} @@", range(old_at, old_lines), range(new_at, new_lines));
        for edit in hunk {
            let (mark, line) = match *edit {
                Edit::Keep(at, _) => (' ', old.get(at)),
                Edit::Delete(at, _) => ('-', old.get(at)),
                Edit::Insert(_, at) => ('+', new.get(at)),
            };
            let _ = writeln!(out, "{mark}{}", line.unwrap_or(&""));
        }
        at = end;
    }
    out
}

/// Edits by the longest common subsequence of the text between the common ends. Differences of
/// more than two thousand lines are one block.
fn edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let front = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[front..], &new[front..]);
    let back = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (old_mid, new_mid) =
        (&old_rest[..old_rest.len() - back], &new_rest[..new_rest.len() - back]);
    let mut edits: Vec<Edit> = (0..front).map(|at| Edit::Keep(at, at)).collect();
    let table = common(old_mid, new_mid);
    let width = new_mid.len() + 1;
    let (mut i, mut j) = (0, 0);
    while i < old_mid.len() || j < new_mid.len() {
        let at = |i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
        if i < old_mid.len() && j < new_mid.len() && old_mid[i] == new_mid[j] && !table.is_empty() {
            edits.push(Edit::Keep(front + i, front + j));
            (i, j) = (i + 1, j + 1);
        } else if i < old_mid.len() && (j == new_mid.len() || at(i + 1, j) >= at(i, j + 1)) {
            edits.push(Edit::Delete(front + i, front + j));
            i += 1;
        } else {
            edits.push(Edit::Insert(front + i, front + j));
            j += 1;
        }
    }
    let (old_at, new_at) = (old.len() - back, new.len() - back);
    edits.extend((0..back).map(|at| Edit::Keep(old_at + at, new_at + at)));
    edits
}

/// Lengths of common subsequences from each pair of places on; empty if there are too many.
fn common(old: &[&str], new: &[&str]) -> Vec<u16> {
    const LIMIT: usize = 2000;
    if old.len() > LIMIT || new.len() > LIMIT {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut table = vec![0u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i * width + j] = if old[i] == new[j] {
                table[(i + 1) * width + j + 1] + 1
            } else {
                table[(i + 1) * width + j].max(table[i * width + j + 1])
            };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn internal_types_have_all_fields() {
        let id = types().named("io.k8s.api.core.v1.ServicePort").unwrap();
        assert_eq!(
            to_json(id, &parse_json(r#"{"port":80,"protocol":"TCP"}"#).unwrap()),
            r#"{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}"#
        );
        let id = types().named("io.k8s.api.policy.v1.PodDisruptionBudgetSpec").unwrap();
        let spec =
            parse_json(r#"{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}"#).unwrap();
        assert_eq!(
            to_json(id, &spec),
            r#"{"MinAvailable":1,"Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":null,"UnhealthyPodEvictionPolicy":null}"#
        );
    }

    #[test]
    fn differences_have_three_lines_of_context() {
        let old: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let mut new = old.clone();
        new[5] = "x".to_owned();
        new.insert(15, "y".to_owned());
        let old: Vec<&str> = old.iter().map(String::as_str).collect();
        let new: Vec<&str> = new.iter().map(String::as_str).collect();
        assert_eq!(
            unified(&old, &new),
            "@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n@@ -13,6 +13,7 @@\n 12\n 13\n 14\n+y\n 15\n 16\n 17\n"
        );
        assert_eq!(unified(&old, &old), "");
    }
}
