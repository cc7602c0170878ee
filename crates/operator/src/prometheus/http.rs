//! The parts of a client's configuration: authentication, TLS and proxies.
//!
//! References that lead nowhere were refused by a check; what is left of them is empty.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go addBasicAuthToYaml, addTLStoYaml, ….

use kubernetes::object::Map;
use kubernetes::object::json::json_float;

use super::ConfigContext;
use crate::store::asset_name;
use crate::tree::{Entries, Field, Tree};
use crate::version::Version;

/// The folder of the TLS assets in the Pod.
const TLS_ASSETS: &str = "/etc/prometheus/certs";

impl ConfigContext<'_> {
    /// The value behind a reference, with the reference as its origin.
    pub fn secret(&self, reference: &Field<'_>) -> Tree {
        Tree::text(self.store.secret(reference).unwrap_or_default()).from(reference)
    }

    pub fn follow_redirects(&self, to: &mut Entries, config: &Field<'_>) {
        if self.version >= Version(2, 26, 0) {
            to.copy("follow_redirects", &config.get("followRedirects"));
        }
    }

    /// The field of HTTP/2 has two spellings.
    pub fn enable_http2(&self, to: &mut Entries, config: &Field<'_>) {
        if self.version >= Version(2, 35, 0) {
            to.copy("enable_http2", &config.get("enableHttp2"));
            to.copy("enable_http2", &config.get("enableHTTP2"));
        }
    }

    pub fn proxy(&self, to: &mut Entries, config: &Field<'_>) {
        to.copy("proxy_url", &config.get("proxyUrl"));
        if self.version < Version(2, 43, 0) {
            return;
        }
        to.copy("no_proxy", &config.get("noProxy"));
        to.copy("proxy_from_environment", &config.get("proxyFromEnvironment"));
        let headers = config.get("proxyConnectHeader");
        if headers.is_set() {
            let mut entries = Entries::default();
            for (name, secrets) in headers.entries() {
                let values = secrets.items().iter().map(|one| self.secret(one)).collect();
                entries.put(&name, Tree::list(values).from(&secrets));
            }
            to.put("proxy_connect_header", entries.tree());
        }
    }

    /// Writes `tls_config` from an endpoint, completed with the files of its scrape class.
    pub fn class_tls(&self, to: &mut Entries, tls: &Field<'_>, class: &Field<'_>) {
        let class = class.get("tlsConfig");
        // An empty `tlsConfig` counts as absent, but not in a ServiceMonitor.
        let own = tls
            .value
            .as_map()
            .is_some_and(|map| !map.is_empty() || &*tls.resource.kind == "ServiceMonitor");
        if own {
            self.tls_with(to, tls, &class);
        } else {
            self.tls(to, &class);
        }
    }

    /// Writes `tls_config` if it is set.
    pub fn tls(&self, to: &mut Entries, tls: &Field<'_>) {
        if tls.is_set() {
            self.tls_with(to, tls, &tls.get(""));
        }
    }

    fn tls_with(&self, to: &mut Entries, tls: &Field<'_>, class: &Field<'_>) {
        let mut config = Entries::default();
        config.copy("insecure_skip_verify", &tls.get("insecureSkipVerify"));
        for (key, field) in [("ca_file", "ca"), ("cert_file", "cert"), ("key_file", "keySecret")] {
            let reference = tls.get(field);
            let named = match field {
                "keySecret" => reference.is_set(),
                _ => reference.value.as_map().is_some_and(|map| !map.is_empty()),
            };
            if named && self.inline_tls {
                let text = match field {
                    "keySecret" => self.store.secret(&reference),
                    _ => self.store.key(&reference),
                };
                let key = key.trim_end_matches("_file");
                config.put(key, Tree::text(text.unwrap_or_default()).from(&reference));
            } else if named {
                let path = format!("{TLS_ASSETS}/{}", asset_name(&reference));
                config.put(key, Tree::text(path).from(&reference));
            }
        }
        config.copy_text("server_name", &tls.get("serverName"));
        if self.version >= Version(2, 35, 0) {
            config.copy("min_version", &tls.get("minVersion"));
        }
        if self.version >= Version(2, 41, 0) {
            config.copy("max_version", &tls.get("maxVersion"));
        }
        for (key, field, reference) in [
            ("ca_file", "caFile", "ca"),
            ("cert_file", "certFile", "cert"),
            ("key_file", "keyFile", "keySecret"),
        ] {
            let own = tls.get(field);
            if !own.text().is_empty() {
                config.copy_text(key, &own);
            } else if tls.get(reference).value.is_empty() {
                config.copy_text(key, &class.get(field));
            }
        }
        to.put("tls_config", config.tree().from(tls));
    }

    pub fn bearer_token(&self, to: &mut Entries, endpoint: &Field<'_>) {
        let secret = endpoint.get("bearerTokenSecret");
        if !secret.value.str("name").is_empty() {
            to.put("bearer_token", self.secret(&secret));
        }
    }

    pub fn basic_auth(&self, to: &mut Entries, config: &Field<'_>) {
        let field = config.get("basicAuth");
        if field.is_set() {
            let mut auth = Entries::default();
            auth.put("username", self.secret(&field.get("username")));
            auth.put("password", self.secret(&field.get("password")));
            to.put("basic_auth", auth.tree().from(&field));
        }
    }

    pub fn oauth2(&self, to: &mut Entries, config: &Field<'_>) {
        let field = config.get("oauth2");
        if !field.is_set() || self.version < Version(2, 27, 0) {
            return;
        }
        let mut auth = Entries::default();
        let client = field.get("clientId");
        let id = self.store.key(&client).unwrap_or_default();
        auth.put("client_id", Tree::text(id).from(&client));
        auth.put("client_secret", self.secret(&field.get("clientSecret")));
        auth.copy("token_url", &field.get("tokenUrl"));
        auth.copy_list("scopes", &field.get("scopes"));
        if field.get("endpointParams").value.as_map().is_some_and(|map| !map.is_empty()) {
            auth.copy_map("endpoint_params", &field.get("endpointParams"));
        }
        if self.version >= Version(2, 43, 0) {
            self.proxy(&mut auth, &field);
            self.tls(&mut auth, &field.get("tlsConfig"));
        }
        to.put("oauth2", auth.tree().from(&field));
    }

    /// Writes `authorization` from an endpoint, completed from its scrape class.
    pub fn class_authorization(&self, to: &mut Entries, endpoint: &Field<'_>, class: &Field<'_>) {
        let (own, class) = (endpoint.get("authorization"), class.get("authorization"));
        if own.value.as_map().is_none_or(Map::is_empty) {
            return self.authorization(to, &class);
        }
        let (mut credentials, mut file) = (own.get("credentials"), own.get("credentialsFile"));
        if !credentials.is_set() {
            credentials = class.get("credentials");
        }
        if !credentials.is_set() && file.text().is_empty() {
            file = class.get("credentialsFile");
        }
        self.put_authorization(to, &own, &credentials, &file);
    }

    /// Writes `authorization` if it is set.
    pub fn authorization(&self, to: &mut Entries, auth: &Field<'_>) {
        if auth.is_set() {
            self.put_authorization(
                to,
                auth,
                &auth.get("credentials"),
                &auth.get("credentialsFile"),
            );
        }
    }

    fn put_authorization(
        &self,
        to: &mut Entries,
        auth: &Field<'_>,
        credentials: &Field<'_>,
        file: &Field<'_>,
    ) {
        if self.version < Version(2, 26, 0) {
            return;
        }
        let mut entries = Entries::default();
        let kind = auth.get("type");
        let name = if kind.text().is_empty() { "Bearer" } else { kind.text().trim() };
        entries.put("type", Tree::text(name).from(&kind));
        if credentials.is_set()
            && let Ok(text) = self.store.secret(credentials)
        {
            entries.put("credentials", Tree::text(text).from(credentials));
        }
        entries.copy_text("credentials_file", file);
        to.put("authorization", entries.tree().from(auth));
    }

    pub fn sigv4(&self, to: &mut Entries, config: &Field<'_>) {
        let field = config.get("sigv4");
        if !field.is_set() {
            return;
        }
        let mut entries = Entries::default();
        entries.copy_text("region", &field.get("region"));
        let (access, secret) = (field.get("accessKey"), field.get("secretKey"));
        if access.is_set() && secret.is_set() {
            let texts = (self.store.secret(&access), self.store.secret(&secret));
            if let (Ok(one), Ok(other)) = texts
                && !one.is_empty()
                && !other.is_empty()
            {
                entries.put("access_key", Tree::text(one).from(&access));
                entries.put("secret_key", Tree::text(other).from(&secret));
            }
        }
        entries.copy_text("profile", &field.get("profile"));
        entries.copy_text("role_arn", &field.get("roleArn"));
        if self.version >= Version(3, 11, 0) {
            entries.copy_text("external_id", &field.get("externalId"));
        }
        if self.version >= Version(2, 54, 0) {
            entries.copy("use_fips_sts_endpoint", &field.get("useFIPSSTSEndpoint"));
        }
        to.put("sigv4", entries.tree().from(&field));
    }

    /// Deprecated fields that some configurations still have.
    pub fn deprecated_tokens(&self, to: &mut Entries, config: &Field<'_>) {
        to.copy_text("bearer_token", &config.get("bearerToken"));
        to.copy_text("bearer_token_file", &config.get("bearerTokenFile"));
    }
}

/// Writes the scheme in lower case, as Prometheus reads it.
pub fn scheme(to: &mut Entries, field: &Field<'_>) {
    if field.is_set() {
        to.put("scheme", Tree::text(go::case::lower(field.text())).from(field));
    }
}

/// Writes a number that the custom resource may have as a quantity.
pub fn number(to: &mut Entries, key: &str, field: &Field<'_>) {
    match field.value.as_str().map(kubernetes::quantity::parse) {
        Some(Some(float)) => to.put(key, Tree::raw(json_float(float)).from(field)),
        _ => to.copy(key, field),
    }
}
