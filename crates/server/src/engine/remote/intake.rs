//! Forwards an upload to the node as it arrives, and hashes it on the way.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use redb::WriteTransaction;
use tokio::{
    runtime::Handle,
    sync::{OwnedRwLockReadGuard, mpsc},
    task::JoinHandle,
};
use w3pin_unixfs::Cid;

use super::{
    form_writer::FormWriter,
    node::{Node, Shared},
};
use crate::{
    content_key::ContentKey,
    dag_shape::DagShape,
    engine::{FileIntake, Form, Staged},
    error::{RpcError, StoreError},
    records::{Jobs, PinRecord, complete_wanting},
};

/// The number of pieces of an upload that may be queued for the node.
const QUEUE: usize = 4;
const CALL: &str = "add";

/// A piece of the body that the node receives.
enum Piece {
    Bytes(Bytes),
    End,
}

/// A channel that closes without an end means that the upload was interrupted, so the body made
/// from it ends with an error.
async fn next_piece(
    mut pieces: mpsc::Receiver<Piece>,
) -> io::Result<Option<(Frame<Bytes>, mpsc::Receiver<Piece>)>> {
    match pieces.recv().await {
        Some(Piece::Bytes(bytes)) => Ok(Some((Frame::data(bytes), pieces))),
        Some(Piece::End) => Ok(None),
        None => Err(io::Error::other("the upload was interrupted")),
    }
}

pub(super) struct RemoteIntake<N: Node> {
    shared: Arc<Shared<N>>,
    runtime: Handle,
    form: FormWriter,
    sender: mpsc::Sender<Piece>,
    adding: JoinHandle<Result<Cid, RpcError>>,
    /// Whether the node has everything and agrees on the root.
    finished: bool,
}

/// Content that the node has.
struct StagedContent<N: Node> {
    shared: Arc<Shared<N>>,
    shape: DagShape,
    /// Held from when the node may pin until the records are updated.
    guard: Option<OwnedRwLockReadGuard<()>>,
}

impl<N: Node> RemoteIntake<N> {
    pub(super) fn begin(shared: &Arc<Shared<N>>, format: Form, form: FormWriter) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let body = StreamBody::new(stream::try_unfold(receiver, next_piece)).boxed_unsync();
        let runtime = Handle::current();
        let content_type = form.content_type();
        // Shares only what is needed, so that the data folder is free when the intake is dropped,
        // though this task may take a moment longer to stop.
        let node = Arc::clone(&shared.node);
        let adding = runtime.spawn(async move { node.add(format, content_type, body).await });
        Self {
            shared: Arc::clone(shared),
            runtime,
            form,
            sender,
            adding,
            finished: false,
        }
    }

    fn send(&mut self, piece: Piece) -> Result<(), StoreError> {
        let timeout = self.shared.timeout;
        let sending = self.sender.send(piece);
        let sent = self
            .runtime
            .block_on(async { tokio::time::timeout(timeout, sending).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            // The node has responded before it received everything.
            Ok(Err(_)) => {
                self.answer()?;
                Err(RpcError::Unreadable { call: CALL }.into())
            }
            Err(_) => Err(RpcError::Timeout { call: CALL }.into()),
        }
    }

    /// Returns the node's response to the whole upload.
    fn answer(&mut self) -> Result<Cid, RpcError> {
        let timeout = self.shared.timeout;
        let adding = &mut self.adding;
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(timeout, adding).await });
        match answer {
            Ok(answer) => answer.unwrap_or(Err(RpcError::Unreadable { call: CALL })),
            Err(_) => Err(RpcError::Timeout { call: CALL }),
        }
    }
}

impl<N: Node> FileIntake for RemoteIntake<N> {
    fn file(&mut self, path: &str) -> Result<(), StoreError> {
        let head = self.form.file(path);
        self.send(Piece::Bytes(head))
    }

    fn bytes(&mut self, bytes: &Bytes) -> Result<(), StoreError> {
        self.send(Piece::Bytes(bytes.clone()))
    }

    fn finish(
        mut self: Box<Self>,
        root: &Cid,
        shape: DagShape,
    ) -> Result<Box<dyn Staged>, StoreError> {
        let lock = Arc::clone(&self.shared.adding);
        let staged = StagedContent {
            shared: Arc::clone(&self.shared),
            shape,
            guard: Some(self.runtime.block_on(lock.read_owned())),
        };
        self.shared.jobs.expect(&ContentKey::of(root))?;
        self.send(Piece::Bytes(self.form.end()))?;
        self.send(Piece::End)?;
        let answered = self.answer()?;
        if answered == *root {
            self.finished = true;
            return Ok(Box::new(staged));
        }
        // The node may have pinned that.
        self.shared.jobs.expect(&ContentKey::of(&answered))?;
        Err(RpcError::OtherCid {
            expected: root.to_string(),
            answered: answered.to_string(),
        }
        .into())
    }
}

impl<N: Node> Drop for RemoteIntake<N> {
    fn drop(&mut self) {
        if !self.finished {
            self.adding.abort();
        }
    }
}

impl<N: Node> Staged for StagedContent<N> {
    fn arrive(
        &mut self,
        transaction: &WriteTransaction,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        if N::ADDING_PINS {
            complete_wanting(transaction, key, || Ok(self.shape))?;
            Jobs::done(transaction, key)?;
        }
        Ok(())
    }

    fn pin(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        if !N::ADDING_PINS {
            return Jobs::want(transaction, record, key);
        }
        record.complete(self.shape);
        Jobs::hold(transaction, record, key)
    }

    fn pin_again(
        &mut self,
        transaction: &WriteTransaction,
        record: &mut PinRecord,
        key: &ContentKey,
    ) -> Result<(), StoreError> {
        self.pin(transaction, record, key)
    }

    /// The job that expects the content removes it from the node if no record refers to it.
    fn keep(&mut self) {}
}

impl<N: Node> Drop for StagedContent<N> {
    fn drop(&mut self) {
        self.guard = None;
        self.shared.changed.send_replace(());
    }
}
