//! A Kubo node, used through its RPC API: <https://docs.ipfs.tech/reference/kubo/rpc/>.

use http::Method;
use w3pin_unixfs::{Cid, Profile};

mod answers;
mod requests;

use super::{
    Form,
    remote::{self, Answer, Node, Rpc, RpcBody},
};
use crate::{dag_shape::DagShape, error::RpcError, node_url::NodeUrl, records::Waiting};

/// A Kubo node.
#[derive(Clone, Debug)]
pub(crate) struct Kubo {
    rpc: Rpc,
    add: String,
}

impl Kubo {
    pub(crate) fn new(url: &NodeUrl, profile: Profile) -> Self {
        Self {
            rpc: Rpc::new(url),
            add: requests::add(&profile),
        }
    }

    /// The RPC API accepts only POST.
    async fn post(&self, call: &'static str, path_and_query: &str) -> Result<Answer, RpcError> {
        let answer = self.rpc.call(call, Method::POST, path_and_query).await?;
        answer.succeeded().await
    }

    async fn is_pinned(&self, cid: &Cid) -> Result<bool, RpcError> {
        match self.post("pin/ls", &requests::pin_ls(cid)).await {
            Ok(mut answer) => answer.read().await.map(|_| true),
            Err(cause) if answers::is_not_pinned(&cause) => Ok(false),
            Err(cause) => Err(cause),
        }
    }
}

impl Node for Kubo {
    const ADDING_PINS: bool = true;

    async fn add(&self, form: Form, content_type: String, body: RpcBody) -> Result<Cid, RpcError> {
        let content_type = Some(&content_type[..]);
        let (call, path) = match form {
            Form::Files => ("add", &self.add[..]),
            Form::Car => ("dag/import", requests::DAG_IMPORT),
        };
        let sent = self.rpc.send(call, Method::POST, path, content_type, body);
        let mut answer = sent.await?.succeeded().await?;
        let line = answer.last_line().await?;
        let root = match form {
            Form::Files => answers::added_root(&line),
            Form::Car => answers::imported_root(&line),
        };
        root.ok_or_else(|| answer.unreadable())
    }

    async fn pin(&self, cid: &Cid, _: impl Fn(Waiting) + Send) -> Result<(), RpcError> {
        for form in remote::forms(cid) {
            if self.is_pinned(&form).await? {
                return Ok(());
            }
        }
        // The node responds when it has everything, however long that takes.
        let mut answer = self.post("pin/add", &requests::pin_add(cid)).await?;
        answers::pinned(&answer.read().await?).ok_or_else(|| answer.unreadable())
    }

    async fn unpin(&self, cid: &Cid) -> Result<(), RpcError> {
        for form in remote::forms(cid) {
            match self.post("pin/rm", &requests::pin_rm(&form)).await {
                Ok(mut answer) => drop(answer.read().await?),
                Err(cause) if answers::is_not_pinned(&cause) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    async fn shape(&self, cid: &Cid) -> Result<DagShape, RpcError> {
        let stat = requests::stat(cid);
        let mut answer = self.post("stat", &stat).await?;
        answers::shape(&answer.read().await?).ok_or_else(|| answer.unreadable())
    }

    async fn addresses(&self) -> Result<Vec<String>, RpcError> {
        let mut answer = self.post("id", requests::ID).await?;
        let addresses = answers::addresses(&answer.read().await?);
        addresses.ok_or_else(|| answer.unreadable())
    }

    async fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>, RpcError> {
        match self.post("block/get", &requests::block_get(cid)).await {
            Ok(mut answer) => answer.read().await.map(Some),
            Err(cause) if answers::is_not_found(&cause) => Ok(None),
            Err(cause) => Err(cause),
        }
    }
}
