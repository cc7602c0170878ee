//! Faults: what breaks in a world from outside.

use serde::{Deserialize, Serialize};

use cluster::program::Image;

use crate::World;

/// A fault, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "camelCase")]
pub enum Fault {
    /// The process of a container ends at once with an exit code.
    Kill { namespace: String, pod: String, container: String, code: i64 },
    /// Packets from and to a pod are lost. Probes of its own kubelet still reach it.
    Cut { namespace: String, pod: String },
    /// Ends [`Fault::Cut`].
    Mend { namespace: String, pod: String },
    /// No registry has an image, and no node keeps it.
    MissingImage { image: String },
    /// Ends [`Fault::MissingImage`].
    PresentImage { image: String },
}

impl World {
    /// Lets a fault happen now. Returns false if there is nothing that it could concern.
    pub fn fault(&mut self, fault: &Fault) -> bool {
        let now = self.now();
        match fault {
            Fault::Kill { namespace, pod, container, code } => {
                self.cluster.kubelets.kill(namespace, pod, container, *code, now)
            }
            Fault::Cut { namespace, pod } => self.cut.insert((namespace.clone(), pod.clone())),
            Fault::Mend { namespace, pod } => self.cut.remove(&(namespace.clone(), pod.clone())),
            Fault::MissingImage { image } => {
                self.cluster.kubelets.images.insert(image, Image::missing(image));
                true
            }
            Fault::PresentImage { image } => {
                self.cluster.kubelets.images.insert(image, Image::default());
                true
            }
        }
    }
}
