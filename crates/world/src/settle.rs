//! The settled world: what comes of the present state if nothing is changed any more.

use cluster::engine::SETTLE_LIMIT;
use promql::Timestamp;
use server::{DataSource, Phase};

use crate::{PrometheusServer, World};

/// The result of [`World::settled`].
#[derive(Clone)]
pub struct Settled {
    pub world: World,
    /// False if 15 simulated minutes have passed before the world came to rest.
    pub at_rest: bool,
}

/// Milliseconds in which a server takes over what discovery finds: two looks of the scrape manager.
const TAKE_OVER: i64 = 10_000;

impl World {
    /// A clone at rest, without what runs in terminals: nothing is left but periodic work (scrapes, probes, CronJobs, back-off
    /// restarts after the fifth), and each target has been scraped; or 15 simulated minutes have
    /// passed.
    pub fn settled(&self) -> Settled {
        let mut world = self.clone();
        world.interrupt_all();
        let limit = world.now() + SETTLE_LIMIT;
        let mut quiet_since = world.now();
        loop {
            world.cluster.observe();
            let (now, progress) = (world.now(), world.cluster.next_progress());
            if let Some(at) = progress {
                if at > limit {
                    break;
                }
                world.advance(at);
                quiet_since = world.now();
                continue;
            }
            match world.next_turn().filter(|_| !world.is_caught_up(quiet_since)) {
                None => return Settled { world, at_rest: true },
                Some(at) if at <= limit => world.advance(at.max(now)),
                Some(_) => break,
            }
        }
        world.advance(limit);
        Settled { world, at_rest: false }
    }

    /// Returns true if all servers know the targets that the cluster has had since `since`, and have
    /// scraped each of them after that, and after the last change of a program.
    fn is_caught_up(&self, since: Timestamp) -> bool {
        let since = since.max(self.cluster.kubelets.last_change());
        let late = self.now() >= since + TAKE_OVER;
        let scraped = |one: &server::Process| match one.phase() {
            Phase::Ended { .. } => true,
            Phase::Ready if one.data_source() != DataSource::Own => true,
            Phase::Ready => {
                let pools = one.scrape_pools();
                let mut targets = pools.iter().flat_map(|pool| &pool.targets);
                targets.all(|target| target.last_scrape.is_some_and(|at| at >= since))
            }
            Phase::Opening { .. } | Phase::Replaying { .. } => false,
        };
        let servers = self.running_servers();
        let has_data = |server: &&PrometheusServer| server.process.data_source() == DataSource::Own;
        let late = late || !servers.iter().any(|(_, server)| has_data(server));
        late && servers.iter().all(|(_, server)| scraped(&server.process))
    }
}
