//! Finds the handler of a path, and answers where there is none.
//!
//! Source: julienschmidt/httprouter `Router.ServeHTTP`: first the route of the method, then a
//! redirect to a similar path, then 405 with the methods that the path has, then 404.

use go::url::unescape;

use crate::http::{Request, Response};

/// A route: methods and a path, in which `:name` stands for one segment and a last `*` for the
/// rest.
pub(crate) struct Route<H> {
    pub methods: &'static [&'static str],
    pub path: &'static str,
    pub handler: H,
}

/// The handler of a request with the values of `:name` segments, or the answer of the router.
/// `path` is what is left after the prefix of the router.
pub(crate) fn find<'a, H>(
    routes: &'a [Route<H>],
    request: &Request,
    path: &str,
) -> Result<(&'a H, Vec<String>), Box<Response>> {
    let method = &*request.method;
    let of_method = |route: &&Route<H>| route.methods.contains(&method);
    for route in routes.iter().filter(of_method) {
        if let Some(values) = matches(route.path, path, false) {
            return Ok((&route.handler, values));
        }
    }
    if path != "/" && routes.iter().any(|route| of_method(&route)) {
        let slashed = match path.strip_suffix('/') {
            Some(stripped) => stripped.to_owned(),
            None => format!("{path}/"),
        };
        let exact = routes.iter().filter(of_method).find(|route| {
            !route.path.ends_with('*') && matches(route.path, &slashed, false).is_some()
        });
        let folded = || {
            let similar = |path: &str| {
                routes.iter().filter(of_method).find_map(|route| {
                    matches(route.path, path, true)
                        .filter(|_| !route.path.ends_with('*'))
                        .map(|values| fill(route.path, &values))
                })
            };
            similar(path).or_else(|| similar(&slashed))
        };
        if let Some(found) = exact.map(|_| slashed.clone()).or_else(folded) {
            return Err(Box::new(redirect(request, &found)));
        }
    }
    let mut allowed: Vec<&str> = routes
        .iter()
        .filter(|route| matches(route.path, path, false).is_some())
        .flat_map(|route| route.methods.iter().copied())
        .filter(|one| *one != method && *one != "OPTIONS")
        .collect();
    allowed.sort_unstable();
    allowed.dedup();
    if allowed.is_empty() {
        return Err(Box::new(not_found()));
    }
    allowed.push("OPTIONS");
    allowed.sort_unstable();
    let allow = allowed.join(", ");
    if method == "OPTIONS" {
        return Err(Box::new(Response::new(200, "", "").with_header("Allow", &allow)));
    }
    Err(Box::new(Response::error(405, "Method Not Allowed").with_header("Allow", &allow)))
}

pub(crate) fn not_found() -> Response {
    Response::error(404, "404 page not found")
}

fn redirect(request: &Request, path: &str) -> Response {
    let location = match request.query() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    let status = if request.method == "GET" { 301 } else { 307 };
    Response::redirect(status, &location, &request.method)
}

/// The values of the segments that a pattern leaves open; None if the path does not match.
fn matches(pattern: &str, path: &str, fold: bool) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut segments = path.split('/');
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        if part == "*" && parts.peek().is_none() {
            let first = segments.next()?;
            values.push(segments.fold(first.to_owned(), |all, one| format!("{all}/{one}")));
            return Some(values);
        }
        let segment = segments.next()?;
        if part.starts_with(':') {
            if segment.is_empty() {
                return None;
            }
            values.push(unescape(segment, false).unwrap_or_else(|_| segment.to_owned()));
        } else if part != segment && !(fold && part.eq_ignore_ascii_case(segment)) {
            return None;
        }
    }
    segments.next().is_none().then_some(values)
}

/// The path of a pattern with its open segments filled.
fn fill(pattern: &str, values: &[String]) -> String {
    let mut values = values.iter();
    let parts = pattern.split('/').map(|part| match part.starts_with(':') {
        true => values.next().map_or("", String::as_str),
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Cleans a path as Go's `ServeMux` does: without empty, `.` and `..` segments.
/// Source: net/http `cleanPath`.
pub(crate) fn clean_path(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let slash = if path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{slash}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route<u8>] = &[
        Route { methods: &["OPTIONS"], path: "/*", handler: 0 },
        Route { methods: &["GET", "POST"], path: "/query", handler: 1 },
        Route { methods: &["GET"], path: "/label/:name/values", handler: 2 },
    ];

    fn found(method: &str, path: &str) -> String {
        let request = Request { method: method.into(), target: path.into(), ..Request::default() };
        match find(ROUTES, &request, path) {
            Ok((handler, values)) => format!("{handler} {values:?}"),
            Err(response) => {
                let header = |name| response.header(name).unwrap_or_default().to_owned();
                format!("{} {}{}", response.status, header("Location"), header("Allow"))
            }
        }
    }

    #[test]
    fn routes_are_found() {
        for (method, path, expected) in [
            ("GET", "/query", "1 []"),
            ("OPTIONS", "/any/thing", "0 [\"any/thing\"]"),
            ("GET", "/label/a%20b/values", "2 [\"a b\"]"),
            ("GET", "/query/", "301 /query"),
            ("POST", "/query/", "307 /query"),
            ("GET", "/Query", "301 /query"),
            ("GET", "/label/x/values/", "301 /label/x/values"),
            ("GET", "/label//values", "404 "),
            ("PUT", "/query", "405 GET, OPTIONS, POST"),
            ("POST", "/label/x/values", "405 GET, OPTIONS"),
            ("GET", "/", "404 "),
            ("GET", "/nothing", "404 "),
        ] {
            assert_eq!(found(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in
            [("/a//b", "/a/b"), ("/a/./b/", "/a/b/"), ("/../a", "/a"), ("//", "/"), ("/", "/")]
        {
            assert_eq!(clean_path(path), expected);
        }
    }
}
