//! Custom resources to configuration: one walk over the tables of `types`, and what a table cannot
//! say.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go ConfigBuilder.

pub mod global;

use go::Duration;
use go::quote::quote;
use kubernetes::object::Value;

use super::types::{Kind, Row, Source, Type};
use crate::checks::at;
use crate::store::{Checked, Store, asset_name};
use crate::tree::{Data, Entries, Field, Tree};
use crate::version::Version;

/// The folder of the TLS assets in the Pod.
const TLS_ASSETS: &str = "/etc/alertmanager/certs";

/// The input of a conversion.
pub struct Convert<'a> {
    pub store: &'a Store<'a>,
    pub version: Version,
    /// True if the section `global` sets the server, and the sender, of emails.
    pub has_smarthost: bool,
    pub has_sender: bool,
}

impl Convert<'_> {
    /// Returns true if the version knows matchers, which took the place of `match` and `match_re`.
    pub fn knows_matchers(&self) -> bool {
        self.version >= Version(0, 22, 0)
    }

    /// Converts a structure of a custom resource.
    pub fn structure(&self, of: &Type, from: &Field<'_>) -> Checked<Tree> {
        let mut out = Entries::default();
        for row in of.rows {
            if let Some(tree) = self.value(row, from)? {
                out.put(row.key, tree);
            }
        }
        Ok(out.tree().from(from))
    }

    fn value(&self, row: &Row, from: &Field<'_>) -> Checked<Option<Tree>> {
        Ok(match row.source {
            Source::Nothing => None,
            Source::Special(read) => return read(self, from),
            Source::Field(name) => return self.field(row, &from.get(name)),
            Source::Secret(name) => self.secret(&from.get(name))?,
            Source::TrimmedSecret(name) => {
                let field = from.get(name);
                let text = self.secret(&field)?;
                text.map(|_| self.store.secret(&field))
                    .transpose()?
                    .map(|text| Tree::text(text.trim()).from(&field))
            }
            Source::Pairs(name) => Some(pairs(&from.get(name))),
        })
    }

    fn field(&self, row: &Row, field: &Field<'_>) -> Checked<Option<Tree>> {
        if !field.is_set() {
            return Ok(None);
        }
        Ok(Some(match row.kind {
            Kind::Duration | Kind::Timeout | Kind::TimeText => {
                if field.text().is_empty() {
                    return Ok(None);
                }
                let duration = Duration::parse(field.text()).map_err(|error| error.to_string())?;
                Tree::text(duration.to_string()).from(field)
            }
            Kind::Pointer(of) | Kind::Struct(of) => self.structure(of, field)?,
            Kind::List(of) => {
                let items = field.items();
                let mut list = Vec::with_capacity(items.len());
                for (number, item) in items.iter().enumerate() {
                    let converted = self.structure(of, item);
                    list.push(match row.key {
                        // All else that can fail was refused by a check before.
                        "email_configs" => at(converted, &format!("EmailConfig[{number}]"))?,
                        _ => converted?,
                    });
                }
                Tree::list(list).from(field)
            }
            Kind::TextMap | Kind::AnyMap => Tree::copy_map(field),
            Kind::Ranges(range) => {
                let items = field.items();
                let shown: Checked<Vec<String>> =
                    items.iter().map(|item| range.of_field(item.value)).collect();
                let shown = shown?.into_iter().map(Into::into).collect();
                Tree { data: Data::Flow(shown), origin: Some(field.origin()) }
            }
            _ => Tree::copy(field),
        }))
    }

    /// The value of a Secret's key, if the field names one.
    pub fn secret(&self, field: &Field<'_>) -> Checked<Option<Tree>> {
        if !field.is_set() {
            return Ok(None);
        }
        Ok(Some(Tree::text(self.store.secret(field)?).from(field)))
    }

    /// Matchers as texts: those with a match type, and all of them if the version knows matchers.
    pub fn matchers(&self, field: &Field<'_>) -> Checked<Option<Tree>> {
        let mut texts = Vec::new();
        for matcher in field.items() {
            let kind = match (matcher.value.str("matchType"), matcher.value.bool("regex")) {
                ("", _) if !self.knows_matchers() => continue,
                ("", true) => "=~",
                ("", false) => "=",
                (kind, _) => kind,
            };
            let text = matcher_text(matcher.value.str("name"), kind, matcher.value.str("value"));
            texts.push(Tree::text(text).from(&matcher));
        }
        Ok(Some(Tree::list(texts).from(field)))
    }

    /// Matchers for versions that do not know them: equal values, or regular expressions.
    pub fn old_matchers(&self, field: &Field<'_>, regex: bool) -> Checked<Option<Tree>> {
        let items = field.items();
        let old = items.iter().filter(|matcher| {
            !self.knows_matchers()
                && matcher.value.str("matchType").is_empty()
                && matcher.value.bool("regex") == regex
        });
        let pairs = old.map(|matcher| {
            let value = Tree::text(matcher.value.str("value")).from(matcher);
            (matcher.value.str("name").to_owned(), value)
        });
        Ok(Some(Tree::text_map(pairs).from(field)))
    }

    /// Names with the namespace and the name of the custom resource in front.
    pub fn names(&self, field: &Field<'_>) -> Checked<Option<Tree>> {
        let items = field.items();
        Ok(Some(Tree::list(items.iter().map(namespaced).collect()).from(field)))
    }
}

/// A matcher as Alertmanager reads it.
pub fn matcher_text(name: &str, kind: &str, value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"");
    format!("{name}{kind}\"{escaped}\"")
}

/// A name with the namespace and the name of the custom resource in front; an empty name stays
/// empty.
fn namespaced(field: &Field<'_>) -> Tree {
    let resource = &field.resource;
    let text = match field.text() {
        "" => String::new(),
        name => format!("{}/{}/{name}", resource.namespace, resource.name),
    };
    Tree::text(text).from(field)
}

fn pairs(field: &Field<'_>) -> Tree {
    let items = field.items();
    let pairs = items.iter().map(|item| {
        let value = item.get("value");
        (item.value.str("key").to_owned(), Tree::text(value.text()).from(&value))
    });
    Tree::text_map(pairs).from(field)
}

pub fn route_receiver(_: &Convert<'_>, route: &Field<'_>) -> Checked<Option<Tree>> {
    Ok(Some(namespaced(&route.get("receiver"))))
}

pub fn receiver_name(_: &Convert<'_>, receiver: &Field<'_>) -> Checked<Option<Tree>> {
    Ok(Some(namespaced(&receiver.get("name"))))
}

/// A time interval without times has no name.
pub fn interval_name(_: &Convert<'_>, interval: &Field<'_>) -> Checked<Option<Tree>> {
    let is_empty = interval.value.list("timeIntervals").is_empty();
    Ok((!is_empty).then(|| namespaced(&interval.get("name"))))
}

pub fn webhook_url(to: &Convert<'_>, webhook: &Field<'_>) -> Checked<Option<Tree>> {
    let (secret, url) = (webhook.get("urlSecret"), webhook.get("url"));
    if secret.is_set() { to.secret(&secret) } else { Ok(url.is_set().then(|| Tree::copy(&url))) }
}

/// `proxyURL` is the older field, and wins over `proxyUrl`.
pub fn proxy_url(_: &Convert<'_>, client: &Field<'_>) -> Checked<Option<Tree>> {
    let fields = [client.get("proxyURL"), client.get("proxyUrl")];
    Ok(fields.iter().find(|field| !field.text().is_empty()).map(Tree::copy))
}

pub fn proxy_headers(to: &Convert<'_>, client: &Field<'_>) -> Checked<Option<Tree>> {
    let field = client.get("proxyConnectHeader");
    let mut headers = Vec::new();
    for (name, secrets) in field.entries() {
        let mut values = Vec::new();
        for secret in secrets.items() {
            let what = "failed to get proxyConnectHeader secretKey";
            values.push(Tree::text(at(to.store.secret(&secret), what)?).from(&secret));
        }
        headers.push((name.to_string(), Tree::list(values).from(&secrets)));
    }
    Ok(Some(Tree::text_map(headers).from(&field)))
}

/// Credentials that are empty leave out the whole structure.
pub fn authorization(to: &Convert<'_>, client: &Field<'_>) -> Checked<Option<Tree>> {
    let field = client.get("authorization");
    let credentials = field.get("credentials");
    let text = to.secret(&credentials)?;
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let kind = field.get("type");
    let name = if kind.text().is_empty() { "Bearer" } else { kind.text() };
    let mut out = Entries::default();
    out.put("type", Tree::text(name).from(&kind));
    out.put("credentials", text);
    Ok(Some(out.tree().from(&field)))
}

/// A user and a password that are both empty leave out the whole structure.
pub fn basic_auth(to: &Convert<'_>, client: &Field<'_>) -> Checked<Option<Tree>> {
    let field = client.get("basicAuth");
    if !field.is_set() {
        return Ok(None);
    }
    let mut out = Entries::default();
    for part in ["username", "password"] {
        let reference = field.get(part);
        let what = format!("failed to get BasicAuth {part}");
        out.put(part, Tree::text(at(to.store.secret(&reference), &what)?).from(&reference));
    }
    let is_empty = out.0.iter().all(|(_, tree)| tree.is_empty());
    Ok((!is_empty).then(|| out.tree().from(&field)))
}

pub fn client_id(to: &Convert<'_>, oauth2: &Field<'_>) -> Checked<Option<Tree>> {
    let field = oauth2.get("clientId");
    let text = at(to.store.key(&field), "failed to get clientID")?;
    Ok(Some(Tree::text(text).from(&field)))
}

/// The path of a TLS asset.
pub fn tls_file(reference: &Field<'_>) -> Option<Tree> {
    let named = !reference.value.is_empty();
    let path = || format!("{TLS_ASSETS}/{}", asset_name(reference));
    named.then(|| Tree::text(path()).from(reference))
}

/// The server of emails. Checks that it and the sender are set, here or in `global`.
pub fn smarthost(to: &Convert<'_>, email: &Field<'_>) -> Checked<Option<Tree>> {
    let field = email.get("smarthost");
    for (name, what, global) in
        [("smarthost", "smarthost", to.has_smarthost), ("from", "from", to.has_sender)]
    {
        if email.value.str(name).is_empty() && !global {
            return Err(format!(
                "SMTP {what} is a mandatory field, it is neither specified at global config nor at \
                 receiver level"
            ));
        }
    }
    if field.text().is_empty() {
        return Ok(None);
    }
    let shown = super::host_port(field.text())
        .map_err(|error| format!("invalid SMTP smarthost {}: {error}", quote(field.text())))?;
    Ok(Some(Tree::text(shown).from(&field)))
}

pub fn threading(_: &Convert<'_>, email: &Field<'_>) -> Checked<Option<Tree>> {
    let field = email.get("threading");
    if !field.is_set() {
        return Ok(None);
    }
    let mut out = Entries::default();
    out.put("enabled", Tree::raw(true));
    let by = field.get("threadByDate");
    let text = match by.text() {
        "Daily" => "daily",
        "None" => "none",
        _ => "",
    };
    out.put("thread_by_date", Tree::text(text).from(&by));
    Ok(Some(out.tree().from(&field)))
}

/// A part of an AWS key pair; both parts have to be set.
pub fn aws_key(to: &Convert<'_>, sigv4: &Field<'_>, part: &str) -> Checked<Option<Tree>> {
    let both = ["accessKey", "secretKey"].iter().all(|part| sigv4.get(part).is_set());
    if both { to.secret(&sigv4.get(part)) } else { Ok(None) }
}

pub fn external_id(to: &Convert<'_>, sigv4: &Field<'_>) -> Checked<Option<Tree>> {
    Ok(since_33(to, &sigv4.get("externalId")))
}

pub fn aws_client(to: &Convert<'_>, sns: &Field<'_>) -> Checked<Option<Tree>> {
    Ok(since_33(to, &sns.get("useAWSHTTPClient")))
}

fn since_33(to: &Convert<'_>, field: &Field<'_>) -> Option<Tree> {
    (to.version >= Version(0, 33, 0) && *field.value != Value::Null).then(|| Tree::copy(field))
}
