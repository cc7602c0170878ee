//! The Prometheus server of the page: its pod, its state, and the objects that it can list and
//! reach from there.

use super::live::Arguments;
use discovery::{Access, Record, RecordType, Resolver};
use kubernetes::Cluster;
use kubernetes::controllers::ClusterState;
use kubernetes::dns::{self, Found};
use kubernetes::network::ConnectionSource;
use kubernetes::objects::{ContainerState, Kind, Text};
use kubernetes::prometheus::Instance;
use kubernetes::rbac::{self, Account, Request};
use simulation::scrape::Features;

/// The Prometheus server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    pub namespace: Text,
    /// The pod's name; nothing where no manifest runs Prometheus. It is then taken to run in the
    /// cluster with an administrator's rights.
    pub pod: Option<Text>,
    /// True if the workspace has no manifest. The server then runs on a host of which nothing else is known.
    pub on_host: bool,
    account: Text,
    user: String,
    /// Features of scrapes that flags enable.
    pub features: Features,
    /// The reason why the server does not run, with the lines that its container logged.
    pub stopped: Option<Stopped>,
}

/// A server that does not run scrapes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// As `kubectl get pods` shows it.
    pub status: Text,
    pub message: String,
    pub at: Option<text::Location>,
    /// Lines of the log, or events where there is no log.
    pub lines: Vec<String>,
}

impl Server {
    /// The pod of the instance, or a server outside of any pod.
    pub fn find(
        state: &ClusterState,
        instance: Option<&Instance>,
        namespace: &str,
        has_manifests: bool,
    ) -> Self {
        let Some(instance) = instance else {
            return Self {
                namespace: namespace.into(),
                user: "system:admin".to_owned(),
                on_host: !has_manifests,
                ..Self::default()
            };
        };
        let of_instance = state.replicas.iter().filter(|(_, (owner, _))| *owner == instance.owner);
        let first = of_instance.min_by_key(|(_, (_, number))| *number).map(|(pod, _)| pod);
        let account = if instance.service_account.value.is_empty() {
            Text::from("default")
        } else {
            instance.service_account.value.clone()
        };
        Self {
            namespace: instance.namespace.clone(),
            pod: first.map(|(_, name)| name.clone()),
            user: format!("system:serviceaccount:{}:{account}", instance.namespace),
            account,
            on_host: false,
            features: instance
                .flag("enable-feature")
                .and_then(|flag| flag.value.as_deref())
                .map(Features::of_flag)
                .unwrap_or_default(),
            stopped: stopped(state, instance, first),
        }
    }

    /// The server with the command line of a file. Only a server outside of any pod has one.
    pub fn with(mut self, arguments: &Arguments) -> Self {
        if let Some((refusal, at)) = arguments.refusal() {
            self.stopped = Some(Stopped {
                status: "ended".into(),
                message: "Prometheus refuses its command line.".to_owned(),
                at,
                lines: refusal.stderr,
            });
        } else if self.pod.is_none() {
            self.features = Features::of_flag(&arguments.features());
        }
        self
    }

    /// Its ServiceAccount.
    pub fn account(&self) -> Account<'_> {
        Account { namespace: &self.namespace, name: &self.account }
    }

    /// The source of its connections.
    pub fn origin(&self) -> ConnectionSource<'_> {
        ConnectionSource { namespace: &self.namespace, pod: self.pod.as_deref() }
    }

    /// The permissions of its ServiceAccount.
    pub fn access<'a>(&'a self, cluster: &'a Cluster) -> ServerAccess<'a> {
        ServerAccess { server: self, cluster }
    }
}

fn stopped(
    state: &ClusterState,
    instance: &Instance,
    pod: Option<&(Text, Text)>,
) -> Option<Stopped> {
    let Some((namespace, name)) = pod else {
        return Some(match state.refused.get(&instance.owner) {
            Some((event, cause)) => Stopped {
                status: event.reason.clone(),
                message: cause.message.clone(),
                at: cause.at,
                lines: vec![event.message.clone()],
            },
            None => Stopped {
                status: "no pod".into(),
                message: format!("{} has no pod.", instance.owner),
                at: instance.location,
                lines: Vec::new(),
            },
        });
    };
    let report = state.report(namespace, name)?;
    let cause = report.cause.as_ref()?;
    let lines = if report.logs.is_empty() {
        report
            .events
            .iter()
            .filter(|event| event.warning)
            .map(|event| event.message.clone())
            .collect()
    } else {
        report.logs.clone()
    };
    // A pod that is up but not ready still scrapes.
    let running = state.cluster.pods.get(namespace, name).is_some_and(|pod| {
        pod.status
            .container_statuses
            .iter()
            .any(|one| one.name == instance.container && one.state == ContainerState::Running)
    });
    (!running).then(|| Stopped {
        status: report.status.clone(),
        message: cause.message.clone(),
        at: cause.at,
        lines,
    })
}

/// RBAC's answers for the server's account.
pub struct ServerAccess<'a> {
    server: &'a Server,
    cluster: &'a Cluster,
}

impl Access for ServerAccess<'_> {
    fn allows(&self, verb: &str, kind: Kind, namespace: Option<&str>) -> bool {
        if self.server.pod.is_none() {
            return true;
        }
        rbac::allowed(self.cluster, self.server.account(), Request::of(kind, verb, namespace))
            .is_some()
    }

    fn user(&self) -> &str {
        &self.server.user
    }
}

/// The cluster's DNS, asked from a namespace.
pub struct ClusterDns<'a> {
    pub cluster: &'a Cluster,
    pub namespace: &'a str,
    /// True if there is no cluster, and nothing is known about any name but `localhost`.
    pub on_host: bool,
}

impl Resolver for ClusterDns<'_> {
    fn resolve(&self, name: &str, record_type: RecordType) -> Option<Vec<Record>> {
        match record_type {
            RecordType::Srv => {
                let records = dns::lookup_srv(self.cluster, self.namespace, name);
                let record = |found: dns::Srv| Record::Srv {
                    target: format!("{}.", found.target).into(),
                    port: found.port as u16,
                };
                (!records.is_empty()).then(|| records.into_iter().map(record).collect())
            }
            RecordType::A | RecordType::Aaaa => self.addresses(name, record_type),
            RecordType::Mx | RecordType::Ns => None,
        }
    }

    fn knows(&self, name: &str) -> bool {
        match dns::resolve(self.cluster, self.namespace, name).found {
            Found::Literal(_) | Found::Localhost => true,
            Found::External(_) => false,
            _ => !self.on_host,
        }
    }
}

impl ClusterDns<'_> {
    fn addresses(&self, name: &str, record_type: RecordType) -> Option<Vec<Record>> {
        let ips: Vec<Text> = match dns::resolve(self.cluster, self.namespace, name).found {
            Found::Literal(ip) | Found::ClusterIp { ip, .. } | Found::Pod { ip } => vec![ip],
            Found::Pods { ips, .. } => ips,
            Found::Localhost => vec!["127.0.0.1".into()],
            Found::External(_) | Found::Nothing(_) => return None,
        };
        let wanted = |ip: &Text| ip.contains(':') == (record_type == RecordType::Aaaa);
        Some(ips.into_iter().filter(wanted).map(Record::Address).collect())
    }
}
