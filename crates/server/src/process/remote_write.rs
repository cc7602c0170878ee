//! Remote write: when batches are sent, and what a receiver that does not take them causes.
//!
//! Source: storage/remote/queue_manager.go, storage/remote/client.go.

use go::Duration;
use promql::Timestamp;
use schema::Section;

use super::log::LogLine;
use super::{Host, Process};
use crate::client::{Client, USER_AGENT};
use crate::configuration::Configuration;
use crate::network::{Network, Outgoing};

/// The default of `batch_send_deadline`.
const DEADLINE: Duration = Duration(5_000);
/// The defaults of `min_backoff` and `max_backoff`.
const BACKOFF: (Duration, Duration) = (Duration(30), Duration(5_000));

/// A receiver with its queue.
#[derive(Clone, Debug)]
pub(super) struct RemoteWrite {
    url: String,
    client: Client,
    /// The second version of the protocol.
    version_2: bool,
    timeout: Duration,
    deadline: Duration,
    backoff: (Duration, Duration),
    /// Samples that the receiver has got.
    sent: u64,
    /// The pause after the last failure; zero after a success.
    pause: Duration,
    /// When a batch is sent next.
    pub next: Timestamp,
}

impl RemoteWrite {
    /// Reads the entries of `remote_write`. Samples are sent from those that come after `appended`.
    pub fn of(
        configuration: &Configuration,
        path: &str,
        appended: u64,
        now: Timestamp,
    ) -> Vec<Self> {
        let root = configuration.main().root().and_then(Section::new);
        let entries = root.as_ref().map(|root| root.items("remote_write")).unwrap_or_default();
        let read = entries.iter().filter_map(Section::new).map(|entry| {
            let mut client = Client::of(&entry, path);
            client.add_headers(entry.get("headers"));
            let queue = entry.section("queue_config");
            let duration = |key: &str, default: Duration| {
                queue.as_ref().map_or(default, |queue| queue.duration(key, default))
            };
            let deadline = duration("batch_send_deadline", DEADLINE);
            Self {
                url: entry.text("url").into_owned(),
                client,
                version_2: entry.text("protobuf_message").starts_with("io.prometheus.write.v2"),
                timeout: entry.duration("remote_timeout", Duration::from_secs(30)),
                backoff: (duration("min_backoff", BACKOFF.0), duration("max_backoff", BACKOFF.1)),
                deadline,
                sent: appended,
                pause: Duration(0),
                next: now + deadline.millis(),
            }
        });
        read.collect()
    }

    /// Takes over the queue of the same receiver in the configuration before.
    pub fn go_on_as(&mut self, former: &[Self]) {
        if let Some(old) = former.iter().find(|old| old.url == self.url) {
            (self.sent, self.pause, self.next) = (old.sent, old.pause, old.next);
        }
    }

    /// The request of a batch. No simulated receiver reads the body, so it is left out.
    fn request(&self) -> Outgoing {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (content_type, version) = match self.version_2 {
            true => ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0"),
            false => ("application/x-protobuf", "0.1.0"),
        };
        Outgoing {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                header("Content-Encoding", "snappy"),
                header("Content-Type", content_type),
                header("User-Agent", USER_AGENT),
                header("X-Prometheus-Remote-Write-Version", version),
            ],
            timeout: self.timeout,
            ..Outgoing::default()
        }
    }
}

/// The reason why a batch was not taken.
enum Failure {
    /// It is sent again.
    Recoverable(String),
    /// It is dropped.
    Final(String),
}

impl Process {
    /// Sends the samples that a receiver has not got.
    pub(super) fn write_remotely(&mut self, number: usize, host: &Host, network: &mut dyn Network) {
        let Some(remote) = self.remotes.get_mut(number) else { return };
        let now = remote.next;
        remote.next = now + remote.deadline.millis().max(1);
        if remote.sent == self.appended {
            return;
        }
        let mut request = remote.request();
        let ready = remote.client.authorize(&mut request, &host.files);
        let sent = match ready.map_err(|error| request.failure(&error)) {
            Ok(()) => self.send(&request, host, network).0,
            Err(error) => Err(error),
        };
        let Some(remote) = self.remotes.get_mut(number) else { return };
        let failure = match sent {
            Ok(answer) if (200..300).contains(&answer.status) => None,
            Ok(answer) => {
                let status = simulation::events::status_line(answer.status);
                let text = answer.body.lines().next().unwrap_or_default();
                let error = format!("server returned HTTP status {status}: {text}");
                // Source: storage/remote/client.go `Store`.
                let again = answer.status >= 500 || answer.status == 429;
                Some(if again { Failure::Recoverable(error) } else { Failure::Final(error) })
            }
            Err(error) => Some(Failure::Recoverable(error)),
        };
        let line = |line: LogLine, error: String| {
            line.with("component", "remote").with("url", &*remote.url).with("err", error)
        };
        let told = match failure {
            None => {
                remote.sent = self.appended;
                remote.pause = Duration(0);
                return;
            }
            Some(Failure::Final(error)) => {
                remote.sent = self.appended;
                remote.pause = Duration(0);
                let lost = LogLine::error("non-recoverable error").at("queue_manager.go:1709");
                line(lost, error)
            }
            Some(Failure::Recoverable(error)) => {
                let again = LogLine::warn("Failed to send batch, retrying");
                let told = line(again.at("queue_manager.go:2082"), error);
                let (least, most) = remote.backoff;
                let longer = Duration(remote.pause.millis() * 2).max(least).min(most);
                remote.pause = longer;
                remote.next = now + longer.millis().max(1);
                told
            }
        };
        self.logs(told);
    }
}
