//! An IPFS Cluster, used through the REST API of one of its peers:
//! <https://ipfscluster.io/documentation/reference/api/>.

use std::time::Duration;

use http::{Method, StatusCode};
use tokio::time::sleep;
use w3pin_unixfs::{Cid, Profile};

mod requests;
mod status;

use self::status::{PinInfo, Standing};
use super::{
    Form,
    kubo::Kubo,
    remote::{self, Answer, Node, Rpc, RpcBody},
};
use crate::{
    backend::Replication,
    dag_shape::DagShape,
    error::{RpcError, StoreError},
    node_url::NodeUrl,
    records::Waiting,
};

/// The shortest and the longest interval between two checks of a pin.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];
/// How often failed peers are asked to recover before the pin fails.
const RECOVERIES: u32 = 20;

/// An IPFS Cluster.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    rest: Rpc,
    /// A Kubo node of the cluster, since the cluster itself doesn't serve content.
    kubo: Kubo,
    replication: Replication,
    add: String,
}

impl Cluster {
    pub(crate) fn new(
        rest: &NodeUrl,
        kubo: Kubo,
        replication: Replication,
        profile: &Profile,
    ) -> Result<Self, StoreError> {
        let add = requests::add(profile, replication).ok_or_else(|| {
            StoreError::Profile(format!(
                "a cluster can't import under {profile}: it knows 174 links a node and the usual \
                 sharding; use kubo-cidv1-legacy or unixfs-v0-2015"
            ))
        })?;
        Ok(Self {
            rest: Rpc::new(rest),
            kubo,
            replication,
            add,
        })
    }

    async fn call(
        &self,
        call: &'static str,
        method: Method,
        path_and_query: &str,
    ) -> Result<Answer, RpcError> {
        let answer = self.rest.call(call, method, path_and_query).await?;
        answer.succeeded().await
    }

    /// Returns the state of a pin, whichever version of its CID it was made with.
    async fn standing(&self, cid: &Cid) -> Result<Standing, RpcError> {
        let mut standing = Standing::Absent;
        for form in remote::forms(cid) {
            match self.call("pins", Method::GET, &requests::pin(&form)).await {
                Ok(mut answer) => {
                    let info = PinInfo::read(&answer.read().await?);
                    let info = info.ok_or_else(|| answer.unreadable())?;
                    standing = standing.or(info.standing(self.replication));
                }
                Err(cause) if is_not_found(&cause) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(standing)
    }

    async fn recover(&self, cid: &Cid) -> Result<(), RpcError> {
        for form in remote::forms(cid) {
            let recover = requests::recover(&form);
            match self.call("recover", Method::POST, &recover).await {
                Ok(mut answer) => drop(answer.read().await?),
                Err(cause) if is_not_found(&cause) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }
}

impl Node for Cluster {
    /// The other peers have yet to fetch what was added.
    const ADDING_PINS: bool = false;

    async fn add(&self, form: Form, content_type: String, body: RpcBody) -> Result<Cid, RpcError> {
        let content_type = Some(&content_type[..]);
        let add = match form {
            Form::Files => self.add.clone(),
            Form::Car => requests::add_car(self.replication),
        };
        let sent = self
            .rest
            .send("add", Method::POST, &add, content_type, body);
        let mut answer = sent.await?.succeeded().await?;
        let line = answer.last_line().await?;
        status::added_root(&line).ok_or_else(|| answer.unreadable())
    }

    async fn pin(&self, cid: &Cid, report: impl Fn(Waiting) + Send) -> Result<(), RpcError> {
        let mut recoveries = 0;
        let mut pause = PAUSES[0];
        let mut reported = Waiting::Retrieving;
        loop {
            let waiting = match self.standing(cid).await? {
                Standing::Pinned => return Ok(()),
                Standing::Queued => Waiting::Queued,
                Standing::Pinning => Waiting::Retrieving,
                Standing::Absent => {
                    let pin = requests::new_pin(cid, self.replication);
                    drop(self.call("pin", Method::POST, &pin).await?.read().await?);
                    Waiting::Retrieving
                }
                // No peer found it within its own search timeout, which is shorter than the
                // server's.
                Standing::Failed(reason) if !status::is_timeout(&reason) => {
                    if recoveries == RECOVERIES {
                        return Err(RpcError::Failed {
                            call: "pin",
                            status: StatusCode::OK.as_u16(),
                            message: reason,
                        });
                    }
                    recoveries += 1;
                    self.recover(cid).await?;
                    Waiting::Retrieving
                }
                Standing::Failed(_) => {
                    self.recover(cid).await?;
                    Waiting::Retrieving
                }
            };
            if waiting != reported {
                report(waiting.clone());
                reported = waiting;
            }
            sleep(pause).await;
            pause = PAUSES[1].min(pause * 2);
        }
    }

    async fn unpin(&self, cid: &Cid) -> Result<(), RpcError> {
        for form in remote::forms(cid) {
            match self
                .call("unpin", Method::DELETE, &requests::pin(&form))
                .await
            {
                Ok(mut answer) => drop(answer.read().await?),
                Err(cause) if is_not_found(&cause) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    async fn shape(&self, cid: &Cid) -> Result<DagShape, RpcError> {
        self.kubo.shape(cid).await
    }

    async fn addresses(&self) -> Result<Vec<String>, RpcError> {
        self.kubo.addresses().await
    }

    async fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>, RpcError> {
        self.kubo.block(cid).await
    }
}

fn is_not_found(error: &RpcError) -> bool {
    matches!(error, RpcError::Failed { status: 404, .. })
}
