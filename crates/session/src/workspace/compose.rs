//! Compose files of Docker: the services with their names, images and ports.
//!
//! Source: the Compose specification (compose-spec), `services`.

use kubernetes::prometheus::is_prometheus_image;
use text::{FileId, Location, Span};
use yaml::{Node, Parsed};

/// Services beyond these are not read.
const MOST_SERVICES: usize = 500;

/// A service of a Compose file.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub name: String,
    /// The key of the service.
    pub at: Location,
    /// The names under which other containers find it: its own, that of its container, and aliases
    /// in networks.
    pub names: Vec<String>,
    /// Empty if the image is built and has no name.
    pub image: String,
    pub builds: bool,
    /// Ports of the container that `ports` and `expose` name.
    pub ports: Vec<u16>,
    /// Ports of the host, each with the port of the container that it leads to.
    pub published: Vec<(u16, u16)>,
    /// The arguments of `command`, with their places. None if there is no command.
    pub command: Option<Vec<(String, Location)>>,
    /// True if the container has the network of the host.
    pub on_host: bool,
}

impl Service {
    /// Returns true if the service runs Prometheus, by its image.
    pub fn is_prometheus(&self) -> bool {
        is_prometheus_image(&self.image)
    }

    /// The port that Prometheus listens on.
    pub fn prometheus_port(&self) -> u16 {
        let arguments = self.command.iter().flatten();
        let mut given = arguments.filter_map(|(argument, _)| {
            go::net::listen_port(argument.strip_prefix("--web.listen-address=")?).parse().ok()
        });
        given.next_back().unwrap_or(9090)
    }
}

/// Returns true if the root of a file is that of a Compose file: services with an image or a build.
pub fn is_compose(root: &Node) -> bool {
    let services = root.get("services").into_iter().flat_map(Node::entries);
    let mut services = services.map(|entry| &entry.value);
    root.get("kind").is_none()
        && services.any(|service| service.get("image").is_some() || service.get("build").is_some())
}

/// Reads the services of a Compose file.
pub fn services(parsed: &Parsed) -> Vec<Service> {
    let root = parsed.root();
    let entries = root.and_then(|root| root.get("services")).into_iter().flat_map(Node::entries);
    let read = |entry: &yaml::Entry| {
        let name = entry.name()?.to_owned();
        Some(service(name, Location::new(parsed.file, entry.key.span), &entry.value))
    };
    entries.take(MOST_SERVICES).filter_map(read).collect()
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

fn service(name: String, at: Location, node: &Node) -> Service {
    let mut names = vec![name.clone()];
    names.extend(text_of(node, "container_name"));
    for network in node.get("networks").into_iter().flat_map(Node::entries) {
        let aliases = network.value.get("aliases").map_or(&[][..], Node::items);
        names.extend(aliases.iter().filter_map(|alias| alias.text().map(str::to_owned)));
    }
    let mut ports = Vec::new();
    let mut published = Vec::new();
    for port in node.get("ports").map_or(&[][..], Node::items) {
        for (host, container) in published_ports(port) {
            ports.push(container);
            published.extend(host.map(|host| (host, container)));
        }
    }
    for port in node.get("expose").map_or(&[][..], Node::items) {
        let text = port.text().unwrap_or_default();
        ports.extend(range(text.split('/').next().unwrap_or_default()));
    }
    ports.sort_unstable();
    ports.dedup();
    Service {
        name,
        at,
        names,
        image: text_of(node, "image").unwrap_or_default(),
        builds: node.get("build").is_some(),
        ports,
        published,
        command: command(at.file, node),
        on_host: text_of(node, "network_mode").as_deref() == Some("host"),
    }
}

/// The most ports of one range.
const MOST_PORTS: u16 = 1_000;

/// Reads `8000` or `8000-8010`.
fn range(text: &str) -> Vec<u16> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last)) if first <= last && last - first < MOST_PORTS => {
            (first..=last).collect()
        }
        _ => Vec::new(),
    }
}

/// Reads an entry of `ports`: `80`, `8080:80`, `127.0.0.1:8080:80/tcp`, or a mapping with `target`.
fn published_ports(node: &Node) -> Vec<(Option<u16>, u16)> {
    if node.as_mapping().is_some() {
        let number = |key: &str| node.get(key)?.text()?.parse::<u16>().ok();
        return number("target").map(|target| (number("published"), target)).into_iter().collect();
    }
    let text = node.text().unwrap_or_default();
    let text = text.split('/').next().unwrap_or_default();
    let Some((before, container)) = text.rsplit_once(':') else {
        return range(text).into_iter().map(|port| (None, port)).collect();
    };
    let host = range(before.rsplit_once(':').map_or(before, |(_, port)| port));
    let container = range(container);
    let paired = host.len() == container.len();
    let pair = |(at, port): (usize, u16)| (host.get(at).copied().filter(|_| paired), port);
    container.into_iter().enumerate().map(pair).collect()
}

/// Reads `command`: a list, or a text that the shell splits.
fn command(file: FileId, node: &Node) -> Option<Vec<(String, Location)>> {
    let value = node.get("command").filter(|value| !value.is_null())?;
    let place = |node: &Node| Location::new(file, node.written_span());
    if let Some(list) = value.as_sequence() {
        let items = list.items.iter();
        return Some(
            items.filter_map(|item| Some((item.text()?.to_owned(), place(item)))).collect(),
        );
    }
    let text = value.text()?;
    let words = text.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
    let at = place(value);
    Some(
        words
            .map(|word| (word, Location::new(file, Span::new(at.span.start, at.span.end))))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_images_and_ports_of_services() {
        let text = "services:\n  web:\n    build: .\n    container_name: shop-web\n    networks: {back: {aliases: [www]}}\n    ports: ['127.0.0.1:8080:80/tcp', 9000, '7000-7001:6000-6001', {target: 5000, published: '5001'}]\n    expose: ['9100', 9200/udp]\n  prometheus:\n    image: prom/prometheus:v3.1.0\n    network_mode: host\n    command: --config.file=/a.yml --web.listen-address=:9091\n";
        let found = services(&yaml::parse(FileId(1), text));
        assert_eq!(found[0].names, ["web", "shop-web", "www"]);
        assert_eq!(found[0].ports, [80, 5000, 6000, 6001, 9000, 9100, 9200]);
        assert_eq!(found[0].published, [(8080, 80), (7000, 6000), (7001, 6001), (5001, 5000)]);
        assert!(found[0].builds && found[0].image.is_empty() && !found[0].is_prometheus());
        assert!(found[1].is_prometheus() && found[1].on_host);
        assert_eq!(found[1].prometheus_port(), 9091);
    }

    #[test]
    fn odd_values_are_left_out() {
        for text in [
            "services: {a: {image: x, ports: [a, '1:b', '70000', '1-60000', {}], command: 5, networks: [x]}}",
            "services: [a]",
            "services: {a: }",
            "",
        ] {
            let found = services(&yaml::parse(FileId(1), text));
            assert!(found.iter().all(|one| one.ports.is_empty()), "{found:?}");
        }
    }
}
