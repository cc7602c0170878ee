//! `curl` and `wget`: their arguments, and what they print.
//!
//! Source: curl 8.14 src/tool_getparam.c, lib/strerror.c; busybox 1.37 networking/wget.c.

use go::Duration;
use server::network::{Answer, Outgoing};

use crate::Output;

/// A failed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    NoSuchHost,
    Refused,
    TimedOut,
    /// The error of the TLS handshake.
    Tls(String),
    /// The connection was closed without an answer.
    Empty,
}

/// A client program with its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    wget: bool,
    urls: Vec<String>,
    method: Option<&'static str>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    /// Data are sent in the query.
    get: bool,
    silent: bool,
    show_errors: bool,
    include: bool,
    head: bool,
    fail: bool,
    follow: bool,
    insecure: bool,
    verbose: bool,
    /// Milliseconds.
    limit: i64,
    output: Option<String>,
    /// The file is named after the URL.
    remote_name: bool,
    write_out: String,
}

/// Redirects that are followed at most.
const MAX_REDIRECTS: usize = 50;
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];

fn wrong(code: i32, message: impl AsRef<str>) -> Output {
    let mut output = Output::default().ended(code);
    output.err(message);
    output
}

/// An option that takes a value: short and long name of curl, and what it sets.
type Setter = (char, &'static str, fn(&mut Client, &str) -> Result<(), Output>);

const CURL_VALUES: &[Setter] = &[
    ('X', "request", |client, value| {
        let method = METHODS.iter().find(|one| **one == value);
        client.method = Some(method.copied().unwrap_or("GET"));
        Ok(())
    }),
    ('H', "header", |client, value| {
        if let Some((name, value)) = value.split_once(':') {
            client.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(())
    }),
    ('d', "data", |client, value| {
        client.data.push(value.to_owned());
        Ok(())
    }),
    ('\0', "data-raw", |client, value| {
        client.data.push(value.to_owned());
        Ok(())
    }),
    ('\0', "data-urlencode", |client, value| {
        let (name, text) = value.split_once('=').unwrap_or(("", value));
        let encoded = go::url::query_escape(text);
        client.data.push(if name.is_empty() { encoded } else { format!("{name}={encoded}") });
        Ok(())
    }),
    ('o', "output", |client, value| {
        client.output = Some(value.to_owned());
        Ok(())
    }),
    ('m', "max-time", seconds),
    ('\0', "connect-timeout", seconds),
    ('w', "write-out", |client, value| {
        value.clone_into(&mut client.write_out);
        Ok(())
    }),
    ('u', "user", |client, value| {
        let credentials = go::base64::encode(value.as_bytes());
        client.headers.push(("Authorization".to_owned(), format!("Basic {credentials}")));
        Ok(())
    }),
    ('A', "user-agent", |client, value| {
        client.headers.push(("User-Agent".to_owned(), value.to_owned()));
        Ok(())
    }),
];

/// An option without a value: short and long name of curl, and what it sets.
type Switch = (char, &'static str, fn(&mut Client));

const CURL_SWITCHES: &[Switch] = &[
    ('s', "silent", |client| client.silent = true),
    ('S', "show-error", |client| client.show_errors = true),
    ('i', "include", |client| client.include = true),
    ('I', "head", |client| client.head = true),
    ('f', "fail", |client| client.fail = true),
    ('L', "location", |client| client.follow = true),
    ('k', "insecure", |client| client.insecure = true),
    ('v', "verbose", |client| client.verbose = true),
    ('G', "get", |client| client.get = true),
    ('O', "remote-name", |client| client.remote_name = true),
];

fn seconds(client: &mut Client, value: &str) -> Result<(), Output> {
    match value.parse::<f64>() {
        Ok(seconds) if (0.0..1e9).contains(&seconds) => {
            client.limit = (seconds * 1000.0) as i64;
            Ok(())
        }
        _ => Err(wrong(2, "curl: option -m: expected a proper numerical parameter")),
    }
}

impl Client {
    /// Reads the arguments of `curl` or `wget`. The error is what the program prints.
    pub fn parse(name: &str, arguments: &[String]) -> Result<Self, Output> {
        let mut client = Self { wget: name == "wget", ..Self::default() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().map(String::as_str);
            match argument.strip_prefix("--") {
                Some("") => client.urls.extend(rest.by_ref().cloned()),
                Some(long) if client.wget => client.wget_long(long, &mut value)?,
                Some(long) => client.curl_long(long, &mut value)?,
                None => match argument.strip_prefix('-').filter(|short| !short.is_empty()) {
                    Some(short) if client.wget => client.wget_short(short, &mut value)?,
                    Some(short) => client.curl_short(short, &mut value)?,
                    None => client.urls.push(argument.clone()),
                },
            }
        }
        if client.urls.is_empty() {
            let message = match client.wget {
                true => "wget: missing URL",
                false => {
                    "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information"
                }
            };
            return Err(wrong(if client.wget { 1 } else { 2 }, message));
        }
        Ok(client)
    }

    fn curl_long<'a>(
        &mut self,
        long: &str,
        value: &mut dyn FnMut() -> Option<&'a str>,
    ) -> Result<(), Output> {
        if let Some((_, _, set)) = CURL_SWITCHES.iter().find(|one| one.1 == long) {
            set(self);
            return Ok(());
        }
        let Some((_, _, set)) = CURL_VALUES.iter().find(|one| one.1 == long) else {
            return Err(unknown(&format!("--{long}")));
        };
        set(self, value().ok_or_else(|| missing(&format!("--{long}")))?)
    }

    fn curl_short<'a>(
        &mut self,
        short: &str,
        value: &mut dyn FnMut() -> Option<&'a str>,
    ) -> Result<(), Output> {
        for (at, letter) in short.char_indices() {
            if let Some((_, _, set)) = CURL_SWITCHES.iter().find(|one| one.0 == letter) {
                set(self);
                continue;
            }
            let Some((_, _, set)) = CURL_VALUES.iter().find(|one| one.0 == letter) else {
                return Err(unknown(&format!("-{letter}")));
            };
            let attached = &short[at + letter.len_utf8()..];
            let given = if attached.is_empty() { value() } else { Some(attached) };
            return set(self, given.ok_or_else(|| missing(&format!("-{letter}")))?);
        }
        Ok(())
    }

    fn wget_long<'a>(
        &mut self,
        long: &'a str,
        value: &mut dyn FnMut() -> Option<&'a str>,
    ) -> Result<(), Output> {
        let (name, given) = match long.split_once('=') {
            Some((name, given)) => (name, Some(given)),
            None => (long, None),
        };
        let mut text = || given.or_else(&mut *value).unwrap_or_default().to_owned();
        match name {
            "quiet" => self.silent = true,
            "no-check-certificate" => self.insecure = true,
            "spider" => self.head = true,
            "server-response" => self.include = true,
            "output-document" => self.output = Some(text()),
            "post-data" => self.data.push(text()),
            "timeout" => seconds(self, &text())?,
            "tries" => drop(text()),
            "header" => {
                let header = text();
                let (name, value) = header.split_once(':').unwrap_or((&header, ""));
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            _ => return Err(wrong(1, format!("wget: unrecognized option '--{name}'"))),
        }
        Ok(())
    }

    fn wget_short<'a>(
        &mut self,
        short: &str,
        value: &mut dyn FnMut() -> Option<&'a str>,
    ) -> Result<(), Output> {
        for (at, letter) in short.char_indices() {
            let attached = &short[at + letter.len_utf8()..];
            let mut text = || {
                let given = if attached.is_empty() { value() } else { Some(attached) };
                given.unwrap_or_default().to_owned()
            };
            match letter {
                'q' => self.silent = true,
                'S' => self.include = true,
                'O' => {
                    self.output = Some(text());
                    return Ok(());
                }
                'T' => return seconds(self, &text()),
                't' => {
                    let _ = text();
                    return Ok(());
                }
                _ => return Err(wrong(1, format!("wget: invalid option -- '{letter}'"))),
            }
        }
        Ok(())
    }

    fn request(&self, url: &str) -> Outgoing {
        let mut url = match url.contains("://") {
            true => url.to_owned(),
            false => format!("http://{url}"),
        };
        let mut headers = self.headers.clone();
        let data = self.data.join("&");
        if self.get && !data.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&data);
        }
        let posts = !self.data.is_empty() && !self.get;
        let has = |name: &str| headers.iter().any(|(one, _)| one.eq_ignore_ascii_case(name));
        let agent = if self.wget { "Wget" } else { "curl/8.14.1" };
        let mut usual = Vec::new();
        for (name, value) in [("User-Agent", agent), ("Accept", "*/*")] {
            if !has(name) {
                usual.push((name.to_owned(), value.to_owned()));
            }
        }
        if posts && !has("Content-Type") {
            let form = "application/x-www-form-urlencoded".to_owned();
            usual.push(("Content-Type".to_owned(), form));
        }
        headers.extend(usual);
        let method = match self.method {
            Some(method) => method,
            None if self.head => "HEAD",
            None if posts => "POST",
            None => "GET",
        };
        let mut request = Outgoing { method, url, headers, ..Outgoing::default() };
        request.tls.insecure_skip_verify = self.insecure;
        request.timeout = Duration(self.limit);
        if posts {
            request.body = data;
        }
        request
    }

    /// Sends the requests. Returns what is printed, and a file that is written with its text.
    pub fn run(
        &self,
        send: &mut dyn FnMut(&Outgoing) -> Result<Answer, Problem>,
    ) -> (Output, Option<(String, String)>) {
        let mut output = Output::default();
        let mut file = None;
        for url in &self.urls {
            let mut request = self.request(url);
            let mut outcome = send(&request);
            for _ in 0..MAX_REDIRECTS {
                let Ok(answer) = &outcome else { break };
                let location = answer.header("Location");
                let follows = self.follow || self.wget;
                if !follows || !(300..400).contains(&answer.status) || location.is_empty() {
                    break;
                }
                request.url = resolve(&request.url, location);
                outcome = send(&request);
            }
            match outcome {
                Ok(answer) if self.wget => {
                    self.wget_answer(&request, &answer, &mut output, &mut file)
                }
                Ok(answer) => self.curl_answer(&answer, &mut output, &mut file),
                Err(problem) if self.wget => wget_failed(&request, &problem, &mut output),
                Err(problem) => self.curl_failed(&request, &problem, &mut output),
            }
        }
        (output, file)
    }

    fn target(&self) -> Option<String> {
        match self.output.as_deref() {
            Some("-") => None,
            Some(path) => Some(path.to_owned()),
            None if self.remote_name || self.wget => {
                let url = self.urls.first()?;
                let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let name = path.split_once('/').and_then(|(_, path)| path.rsplit('/').next());
                Some(name.filter(|name| !name.is_empty()).unwrap_or("index.html").to_owned())
            }
            None => None,
        }
    }

    fn curl_answer(
        &self,
        answer: &Answer,
        output: &mut Output,
        file: &mut Option<(String, String)>,
    ) {
        let mut text = String::new();
        if self.include || self.head {
            text.push_str(&head(answer));
        }
        if !self.head {
            text.push_str(&answer.body);
        }
        if self.verbose {
            let lines = head(answer);
            lines.lines().for_each(|line| output.err(format!("< {line}")));
        }
        if self.fail && answer.status >= 400 {
            if !self.silent || self.show_errors {
                let status = answer.status;
                output.err(format!("curl: (22) The requested URL returned error: {status}"));
            }
            output.exit = 22;
        } else {
            match self.target() {
                Some(path) if path == "/dev/null" => {}
                Some(path) => *file = Some((path, text)),
                None => output.stdout.push_str(&text),
            }
        }
        let written = self.write_out.replace("\\n", "\n").replace("\\t", "\t");
        let written = written.replace("%{http_code}", &answer.status.to_string());
        output.stdout.push_str(&written.replace("%{response_code}", &answer.status.to_string()));
    }

    fn curl_failed(&self, request: &Outgoing, problem: &Problem, output: &mut Output) {
        let (host, port) = authority(&request.url);
        let (code, message) = match problem {
            Problem::NoSuchHost => (6, format!("Could not resolve host: {host}")),
            Problem::Refused => (
                7,
                format!(
                    "Failed to connect to {host} port {port} after 0 ms: Could not connect to server"
                ),
            ),
            Problem::TimedOut if self.limit > 0 => {
                (28, format!("Connection timed out after {} milliseconds", self.limit))
            }
            Problem::TimedOut => (
                28,
                format!(
                    "Failed to connect to {host} port {port} after 130000 ms: Could not connect to server"
                ),
            ),
            Problem::Tls(_) if request.url.starts_with("https") => {
                (60, "SSL certificate problem: unable to get local issuer certificate".to_owned())
            }
            Problem::Tls(_) | Problem::Empty => (52, "Empty reply from server".to_owned()),
        };
        if !self.silent || self.show_errors {
            output.err(format!("curl: ({code}) {message}"));
        }
        output.stdout.push_str(&self.write_out.replace("%{http_code}", "000").replace("\\n", "\n"));
        output.exit = code;
    }

    fn wget_answer(
        &self,
        request: &Outgoing,
        answer: &Answer,
        output: &mut Output,
        file: &mut Option<(String, String)>,
    ) {
        if !self.silent {
            let (host, port) = authority(&request.url);
            output.err(format!("Connecting to {host}:{port}"));
        }
        if answer.status >= 400 {
            let status = simulation::events::status_line(answer.status);
            output.err(format!("wget: server returned error: HTTP/1.1 {status}"));
            output.exit = 1;
            return;
        }
        if self.include {
            head(answer).lines().for_each(|line| output.err(format!("  {line}")));
        }
        match self.target() {
            _ if self.head => {}
            Some(path) if path == "/dev/null" => {}
            Some(path) => {
                if !self.silent {
                    output.err(format!("saving to '{path}'\n'{path}' saved"));
                }
                *file = Some((path, answer.body.clone()));
            }
            None => output.stdout.push_str(&answer.body),
        }
    }
}

fn wget_failed(request: &Outgoing, problem: &Problem, output: &mut Output) {
    let (host, port) = authority(&request.url);
    output.err(match problem {
        Problem::NoSuchHost => format!("wget: bad address '{}'", with_port(&host, &request.url)),
        Problem::Refused => {
            format!("wget: can't connect to remote host ({host}:{port}): Connection refused")
        }
        Problem::TimedOut => "wget: download timed out".to_owned(),
        Problem::Tls(_) | Problem::Empty => "wget: error getting response".to_owned(),
    });
    output.exit = 1;
}

/// The host with its port, if the URL has one.
fn with_port(host: &str, url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.is_empty() { host.to_owned() } else { authority.to_owned() }
}

fn unknown(option: &str) -> Output {
    let help = "curl: try 'curl --help' or 'curl --manual' for more information";
    wrong(2, format!("curl: option {option}: is unknown\n{help}"))
}

fn missing(option: &str) -> Output {
    let help = "curl: try 'curl --help' or 'curl --manual' for more information";
    wrong(2, format!("curl: option {option}: requires parameter\n{help}"))
}

/// The status line and the headers.
fn head(answer: &Answer) -> String {
    let status = simulation::events::status_line(answer.status);
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Length")) {
        text.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
    }
    text + "\r\n"
}

/// Host and port of a URL.
fn authority(url: &str) -> (String, u16) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let usual = if scheme == "https" { 443 } else { 80 };
    match go::net::split_host_port(authority) {
        Ok((host, port)) => (host.to_owned(), port.parse().unwrap_or(usual)),
        Err(_) => (authority.to_owned(), usual),
    }
}

/// The URL of a redirect.
fn resolve(url: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let start = url.find("://").map_or(0, |at| at + 3);
    let rest = url.get(start..).unwrap_or_default();
    let end = start + rest.find(['/', '?']).unwrap_or(rest.len());
    let slash = if location.starts_with('/') { "" } else { "/" };
    format!("{}{slash}{location}", url.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> (Output, Option<(String, String)>, Vec<Outgoing>) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (name, rest) = words.split_first().expect("a name");
        let mut sent = Vec::new();
        let client = match Client::parse(name, rest) {
            Ok(client) => client,
            Err(output) => return (output, None, sent),
        };
        let (output, file) = client.run(&mut |request| {
            sent.push(request.clone());
            match authority(&request.url).0.as_str() {
                "none" => Err(Problem::NoSuchHost),
                "closed" => Err(Problem::Refused),
                "lost" => Err(Problem::TimedOut),
                "moved" => Ok(Answer {
                    status: 302,
                    headers: vec![("Location".to_owned(), "http://web/b".to_owned())],
                    body: String::new(),
                }),
                _ => {
                    let status = if request.url.ends_with("/no") { 404 } else { 200 };
                    Ok(Answer { status, headers: Vec::new(), body: "body\n".to_owned() })
                }
            }
        });
        (output, file, sent)
    }

    #[test]
    fn outputs_are_those_of_the_programs() {
        for (line, exit, stdout, stderr) in [
            ("curl -s web/metrics", 0, "body\n", ""),
            ("curl web/no", 0, "body\n", ""),
            ("curl -f web/no", 22, "", "curl: (22) The requested URL returned error: 404\n"),
            ("curl -so /dev/null -w %{http_code}\\n web/no", 0, "404\n", ""),
            ("curl http://none/", 6, "", "curl: (6) Could not resolve host: none\n"),
            ("curl -s http://none/", 6, "", ""),
            (
                "curl closed:81",
                7,
                "",
                "curl: (7) Failed to connect to closed port 81 after 0 ms: Could not connect to server\n",
            ),
            ("curl -m 3 lost", 28, "", "curl: (28) Connection timed out after 3000 milliseconds\n"),
            ("curl -sL moved", 0, "body\n", ""),
            ("wget -qO- http://web", 0, "body\n", ""),
            ("wget -qO- http://none:8080", 1, "", "wget: bad address 'none:8080'\n"),
            (
                "wget -q -O - http://web/no",
                1,
                "",
                "wget: server returned error: HTTP/1.1 404 Not Found\n",
            ),
            ("wget -T 2 -qO- http://lost", 1, "", "wget: download timed out\n"),
        ] {
            let (output, file, _) = run(line);
            let found = (output.exit, output.stdout.as_str(), output.stderr.as_str());
            assert_eq!(found, (exit, stdout, stderr), "{line}");
            assert_eq!(file, None, "{line}");
        }
    }

    #[test]
    fn requests_follow_the_options() {
        let (_, file, sent) = run("curl -X PUT -H X-A:1 -d a=1 --data-urlencode b=x&y -o f web/p");
        let [request] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(
            (request.method, &*request.url, &*request.body),
            ("PUT", "http://web/p", "a=1&b=x%26y")
        );
        assert!(request.headers.contains(&("X-A".to_owned(), "1".to_owned())));
        assert_eq!(file, Some(("f".to_owned(), "body\n".to_owned())));
        let (_, _, sent) = run("curl -G -d query=up web/api");
        assert_eq!((sent[0].method, &*sent[0].url), ("GET", "http://web/api?query=up"));
        let (output, ..) = run("curl --nope web");
        assert_eq!(output.exit, 2);
    }
}
