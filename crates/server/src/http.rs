//! Requests, responses and the parameters of requests, as Go's `net/http` reads them.

use go::url::unescape;

/// A request. Header names are compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with the encoded query, as in the first line of the request.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// A GET request.
    pub fn get(target: impl Into<String>) -> Self {
        Self { method: "GET".into(), target: target.into(), ..Self::default() }
    }

    /// A POST request with a form as its body.
    pub fn form(target: impl Into<String>, body: impl Into<String>) -> Self {
        let form = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        Self {
            method: "POST".into(),
            target: target.into(),
            headers: vec![form],
            body: body.into(),
        }
    }

    /// The path without the query, still encoded.
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The encoded query, empty if there is none.
    pub fn query(&self) -> &str {
        let target = self.target.split('#').next().unwrap_or_default();
        target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first header of a name, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The parameters of the URL alone. Source: net/url `URL.Query`.
    pub fn url_params(&self) -> Params {
        Params(parse_query(self.query()).0)
    }

    /// The parameters of the body before those of the URL.
    /// Source: net/http `Request.ParseForm`, which reads bodies of POST, PUT and PATCH only.
    pub fn params(&self) -> Params {
        let mut params = Vec::new();
        let content_type = self.header("Content-Type").split(';').next().unwrap_or_default();
        if matches!(&*self.method, "POST" | "PUT" | "PATCH")
            && content_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            params.extend(parse_query(&self.body).0);
        }
        params.extend(parse_query(self.query()).0);
        Params(params)
    }
}

/// Parameters by name, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// The first value of a parameter, empty if it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    /// All values of a parameter.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(one, _)| one == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// Splits an encoded query into parameters. Pairs that cannot be decoded are left out; the second
/// value is the first reason. Source: net/url `ParseQuery`.
pub fn parse_query(query: &str) -> (Vec<(String, String)>, Option<String>) {
    let mut params = Vec::new();
    let mut error = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            error.get_or_insert_with(|| "invalid semicolon separator in query".to_owned());
            continue;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (unescape(name, true), unescape(value, true)) {
            (Ok(name), Ok(value)) => params.push((name, value)),
            (Err(why), _) | (_, Err(why)) => {
                error.get_or_insert(why);
            }
        }
    }
    (params, error)
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// A change of the server that the request makes. The caller carries it out.
    pub effect: Option<Effect>,
}

/// A change of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read the configuration again. If that fails, the answer is [`Response::reload_failed`].
    Reload,
    /// End the process with exit code 0.
    Quit,
    /// Delete the samples of the selected series between two times, in milliseconds.
    DeleteSeries { selectors: Vec<String>, start: i64, end: i64 },
}

pub(crate) const PLAIN: &str = "text/plain; charset=utf-8";
pub(crate) const JSON: &str = "application/json";

impl Response {
    /// A response with a body of some type; no header if the type is empty.
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let headers = match content_type {
            "" => Vec::new(),
            _ => vec![("Content-Type".to_owned(), content_type.to_owned())],
        };
        Self { status, headers, body: body.into(), effect: None }
    }

    /// A text of Go's `http.Error`: a line, and a header that forbids to guess its type.
    pub fn error(status: u16, message: &str) -> Self {
        let response = Self::new(status, PLAIN, format!("{message}\n"));
        response.with_header("X-Content-Type-Options", "nosniff")
    }

    /// The answer to a reload that failed.
    pub fn reload_failed(why: &str) -> Self {
        Self::error(500, &format!("failed to reload config: {why}"))
    }

    /// A redirect. Source: net/http `Redirect`, which writes a body for GET only.
    pub fn redirect(status: u16, location: &str, method: &str) -> Self {
        let phrase = match status {
            301 => "Moved Permanently",
            302 => "Found",
            308 => "Permanent Redirect",
            _ => "Temporary Redirect",
        };
        let escaped = location.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let escaped = escaped.replace('"', "&#34;").replace('\'', "&#39;");
        let (content_type, body) = match method {
            "GET" => {
                ("text/html; charset=utf-8", format!("<a href=\"{escaped}\">{phrase}</a>.\n\n"))
            }
            "HEAD" => ("text/html; charset=utf-8", String::new()),
            _ => ("", String::new()),
        };
        Self::new(status, content_type, body).with_header("Location", location)
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// The first header of a name, None if there is none.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_split_and_decoded() {
        let pairs = |query: &str| parse_query(query).0;
        let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("a=1&b=%2F+x"), [owned("a", "1"), owned("b", "/ x")]);
        assert_eq!(pairs("a&&b="), [owned("a", ""), owned("b", "")]);
        assert_eq!(pairs("a=%zz&b=1;c=2&d=3"), [owned("d", "3")]);
        assert_eq!(parse_query("a=%2").1, Some("invalid URL escape \"%2\"".to_owned()));
    }

    #[test]
    fn forms_come_before_the_query() {
        let mut request = Request::form("/a?x=1&x=2", "x=3");
        assert_eq!(request.params().all("x"), ["3", "1", "2"]);
        assert_eq!(request.url_params().all("x"), ["1", "2"]);
        request.headers.clear();
        assert_eq!(request.params().all("x"), ["1", "2"], "the body is no form");
    }
}
