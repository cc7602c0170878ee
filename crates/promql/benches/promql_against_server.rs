//! The same range queries over the same data, here and by a `prometheus` server on this machine,
//! side by side in one run. Needs `prometheus` and `promtool` on the path (Debian: `prometheus`).
//!
//! With Node and the module that `cargo build --release --target wasm32-unknown-unknown --example
//! promql_wasm` makes, the times in WebAssembly stand beside them.
//!
//! Of the server the time is taken that it says it spent on executing the query, without the
//! writing of the answer. Both times are the shortest of several.

mod data;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration as Wall, Instant};

use data::{END, INTERVAL, QUERIES, START, for_each_sample, range, storage};
use promql::engine::{Engine, Value};
use promql::syntax::{ParserOptions, parse};
use serde_json::Value as Json;

const RUNS: usize = 7;

fn main() {
    if Command::new("promtool").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no prometheus server on this machine");
        return;
    }
    let folder = std::env::temp_dir().join(format!("promql-against-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the server's data");
    let compared = prepare(&folder).and_then(|()| compare(&folder));
    // The data is large; what cannot be removed stays in the temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    if let Err(why) = compared {
        println!("not compared: {why}");
        std::process::exit(1);
    }
}

/// Writes the samples as OpenMetrics text and has blocks made of it.
fn prepare(folder: &Path) -> Result<(), String> {
    let text = folder.join("samples.om");
    let file = std::fs::File::create(&text).map_err(|error| error.to_string())?;
    let mut file = std::io::BufWriter::new(file);
    let mut line = String::new();
    let mut written = Ok(());
    for_each_sample(|labels, time, value| {
        line.clear();
        // OpenMetrics allows no space between labels.
        let series = labels.filtered(|label| &*label.name != "__name__");
        let series = series.to_string().replace(", ", ",");
        let _ = writeln!(line, "{}{series} {value} {}", labels.metric_name(), time / 1000);
        if written.is_ok() {
            written = file.write_all(line.as_bytes());
        }
    });
    written.and_then(|()| file.write_all(b"# EOF\n")).map_err(|error| error.to_string())?;
    drop(file);
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([&text, &folder.join("data")])
        .stdout(Stdio::null())
        .status();
    std::fs::write(folder.join("prometheus.yml"), "").map_err(|error| error.to_string())?;
    match made {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("promtool: {other:?}")),
    }
}

/// A running server, ended with this value.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(folder: &Path) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = free.local_addr().map_err(|error| error.to_string())?.port();
        drop(free);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--storage.tsdb.retention.time=100y")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("prometheus: {error}"))?;
        let server = Self { process, port };
        let begun = Instant::now();
        while !server.get("/-/ready").is_ok_and(|answer| answer.contains(" 200 ")) {
            if begun.elapsed() > Wall::from_secs(60) {
                return Err("the server does not become ready".to_owned());
            }
            std::thread::sleep(Wall::from_millis(200));
        }
        Ok(server)
    }

    /// The answer's head and body.
    fn get(&self, path: &str) -> Result<String, String> {
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.port)).map_err(|error| error.to_string())?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
        Ok(answer)
    }

    /// Number of series, and milliseconds spent on executing.
    fn range(&self, query: &str) -> Result<(usize, f64), String> {
        let answer = self.get(&format!(
            "/api/v1/query_range?stats=all&start={}&end={}&step={}&query={}",
            START / 1000,
            END / 1000,
            INTERVAL / 1000,
            percent_encoded(query),
        ))?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
        let body: Json = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let series = body["data"]["result"].as_array().ok_or_else(|| body.to_string())?.len();
        let seconds = body["data"]["stats"]["timings"]["execTotalTime"].as_f64();
        Ok((series, seconds.ok_or("the server tells no times")? * 1000.0))
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Runs the module in Node. Returns the shortest times of all queries in milliseconds, as JSON.
const IN_NODE: &str = r#"
const [module, runs] = process.argv.slice(1);
const wasm = await WebAssembly.instantiate(require("fs").readFileSync(module), {});
const { prepare, run } = wasm.instance.exports;
const times = Array.from({ length: prepare() }, (_, query) => {
    let shortest = Infinity;
    for (let i = 0; i < Number(runs); i++) {
        const begun = performance.now();
        if (run(query) >>> 0 === 0xffffffff) throw new Error(`query ${query} fails`);
        shortest = Math.min(shortest, performance.now() - begun);
    }
    return shortest;
});
console.log(JSON.stringify(times));
"#;

/// Milliseconds of each query in WebAssembly; nothing where the module or Node is missing.
fn in_wasm() -> Option<Vec<f64>> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/wasm32-unknown-unknown/release/examples/promql_wasm.wasm");
    let script = format!("(async () => {{ {IN_NODE} }})()");
    let output = Command::new("node")
        .args(["--eval", &script])
        .arg(module.exists().then_some(module)?)
        .arg(RUNS.to_string())
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    serde_json::from_slice(&output.stdout).ok()
}

fn compare(folder: &Path) -> Result<(), String> {
    let wasm = in_wasm();
    let server = Server::start(folder)?;
    let storage = storage();
    let engine = Engine::default();
    println!(
        "{:<32} {:>10} {:>10} {:>6} {:>10} {:>6}",
        "query", "server ms", "native ms", "ratio", "wasm ms", "ratio"
    );
    for (at, (name, query)) in QUERIES.iter().enumerate() {
        let ast = parse(query, &ParserOptions::ALL).map_err(|errors| errors.to_string())?;
        let (mut theirs, mut ours) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..RUNS {
            let (their_series, milliseconds) = server.range(query)?;
            theirs = theirs.min(milliseconds);
            let begun = Instant::now();
            let result = engine.evaluate(&storage, &ast, range(), None);
            ours = ours.min(begun.elapsed().as_secs_f64() * 1000.0);
            let Value::Matrix(series) = result.map_err(|error| error.message)?.value else {
                return Err(format!("{name}: no matrix"));
            };
            if series.len() != their_series {
                return Err(format!("{name}: {} series, not {their_series}", series.len()));
            }
        }
        print!("{name:<32} {theirs:>10.2} {ours:>10.2} {:>6.2}", ours / theirs);
        match wasm.as_ref().and_then(|times| times.get(at)) {
            Some(wasm) => println!(" {wasm:>10.2} {:>6.2}", wasm / theirs),
            None => println!("          -      -"),
        }
    }
    Ok(())
}
