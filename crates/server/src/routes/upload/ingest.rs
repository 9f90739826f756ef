//! Imports an upload's body into the engine and pins it. Runs on its own thread, fed through a
//! short channel, so that hashing and writing don't block other connections and memory stays flat.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use tokio::sync::mpsc;
use uuid::Uuid;
use w3pin_core::FileName;
use w3pin_unixfs::{FileBuilder, FinishError, Node, TreeBuilder, TreeError};

mod car;

use crate::{
    app::App,
    budget::{Exhausted, Share},
    effort::Effort,
    engine::{Form, Intake, IntakeBlocks},
    envelope::Refusal,
    excerpt::Excerpt,
    multipart::{Event, MultipartError, MultipartReader, PartHead},
    party::Party,
    records::{Metadata, PinRecord},
    routes::metadata::parse_metadata,
    store::UploadRoot,
    turns::{Turn, Turns},
};

/// A message from the connection. A channel that closes without `End` means that the upload was
/// interrupted.
#[derive(Debug)]
pub(super) enum Arrival {
    Bytes(Bytes),
    End,
}

/// When a folder that exceeded the available memory may be retried.
const RETRY: Duration = Duration::from_secs(5);
/// The number of a CAR's blocks to process in one turn.
const STEPS: usize = 32;
/// The bytes written between two checks of the free disk space.
const DISK_CHECK_BYTES: u64 = 32 << 20;

/// Content that has arrived completely and isn't pinned yet. If it is dropped, nothing is kept.
pub(super) struct Content {
    intake: Intake,
    root: UploadRoot,
    name: String,
    file_type: Option<String>,
    /// JSON, which takes less memory than its parsed form.
    metadata: Vec<u8>,
}

impl Content {
    /// Pins the content.
    pub(super) fn commit(self, app: &App, account: Uuid) -> Result<PinRecord, Refusal> {
        let mut metadata = parse(&self.metadata, app.limits.field_bytes)?;
        metadata.file_type = self.file_type;
        metadata.name.get_or_insert(self.name);
        let store = &app.store;
        Ok(store.commit_upload(self.intake, &self.root, account, metadata)?)
    }
}

/// Imports one upload. On any failure nothing is kept.
pub(super) fn ingest(
    app: &App,
    party: Party,
    reader: MultipartReader,
    arrivals: mpsc::Receiver<Arrival>,
    effort: &Effort,
) -> Result<Content, Refusal> {
    let mut ingest = Ingest {
        app,
        events: Events {
            reader: Some(reader),
            arrivals,
            processor: Processor::of(app, party, effort),
        },
        intake: None,
        unchecked_bytes: 0,
        root: None,
        memory: app.folders.share(party),
        metadata: None,
    };
    while let Some(event) = ingest.events.next()? {
        match event {
            Event::Part(head) if head.name == "file" => ingest.file(head)?,
            Event::Part(head) if head.name == "car" => ingest.car(head)?,
            Event::Part(head) if head.name == "metadata" => ingest.metadata()?,
            // Unknown fields are ignored, as long as they are short.
            Event::Part(_) => drop(ingest.field()?),
            Event::Data(_) | Event::PartEnd => {}
        }
    }
    ingest.finish()
}

struct Ingest<'a> {
    app: &'a App,
    events: Events<'a>,
    /// Set at the first file.
    intake: Option<Intake>,
    /// Bytes received since the disk was last checked.
    unchecked_bytes: u64,
    root: Option<Root>,
    /// Memory for the folder or the CAR.
    memory: Share,
    metadata: Option<Vec<u8>>,
}

/// The folder that contains all files of an upload, or the single file.
enum Root {
    File { name: String, node: Node },
    Folder { name: String, tree: TreeBuilder },
    Car { name: String, root: UploadRoot },
}

impl Ingest<'_> {
    fn file(&mut self, head: PartHead) -> Result<(), Refusal> {
        let filename = head.filename.ok_or_else(|| {
            Refusal::bad_request("failed to get uploaded files: a file part has no filename")
        })?;
        let path: FileName = filename.parse().map_err(|cause: w3pin_core::Error| {
            Refusal::bad_request(format!("invalid file name: {}", cause.reason()))
        })?;
        let root = self.root.take();
        self.root = Some(match (root, path.below_root()) {
            (None, None) => {
                let node = self.content(&filename)?;
                Root::File {
                    name: filename,
                    node,
                }
            }
            (None, Some(below)) => {
                let tree = TreeBuilder::new(&self.app.profile);
                self.folder_file(path.root(), tree, below, &filename)?
            }
            (Some(Root::Folder { name, tree }), Some(below)) if name == path.root() => {
                self.folder_file(path.root(), tree, below, &filename)?
            }
            (Some(Root::Car { .. }), _) => return Err(car_among_files()),
            (Some(Root::File { name, .. }), None) if name == path.root() => {
                return Err(duplicate(&filename));
            }
            (Some(Root::File { name, .. } | Root::Folder { name, .. }), _) => {
                let (first, second) = (Excerpt::of(&name), Excerpt::of(&filename));
                return Err(Refusal::bad_request(if name == path.root() {
                    format!("invalid file name {second}: {first} is both a file and a folder")
                } else {
                    format!("invalid file name {second}: all files must be in one folder, {first}")
                }));
            }
        });
        Ok(())
    }

    fn folder_file(
        &mut self,
        name: &str,
        mut tree: TreeBuilder,
        below: &str,
        filename: &str,
    ) -> Result<Root, Refusal> {
        let node = self.content(filename)?;
        tree.add_file(below, node).map_err(|cause| match cause {
            TreeError::Duplicate { .. } => duplicate(filename),
            cause => {
                let name = Excerpt::of(filename);
                Refusal::bad_request(format!("invalid file name {name}: {cause}"))
            }
        })?;
        let grown = self.memory.grow_to(tree.memory());
        grown.map_err(|cause| no_memory(self.app, cause, "names in this folder"))?;
        Ok(Root::Folder {
            name: name.to_owned(),
            tree,
        })
    }

    /// Imports the bytes of the current file.
    fn content(&mut self, filename: &str) -> Result<Node, Refusal> {
        let intake = match &mut self.intake {
            Some(intake) => intake,
            none => none.insert(self.app.store.engine.intake(Form::Files)?),
        };
        self.events.processor.work_for(intake);
        intake.file(filename)?;
        let blocks = IntakeBlocks(intake);
        let mut file = FileBuilder::with_sink(&self.app.profile, blocks);
        while let Some(Event::Data(bytes)) = self.events.next()? {
            file.sink_mut().0.bytes(&bytes)?;
            file.update(&bytes)?;
            self.unchecked_bytes += bytes.len() as u64;
            if self.unchecked_bytes >= DISK_CHECK_BYTES {
                self.unchecked_bytes = 0;
                self.app.require_free_disk(0)?;
            }
        }
        let (node, _) = file.finish()?;
        Ok(node)
    }

    fn metadata(&mut self) -> Result<(), Refusal> {
        let field = self.field()?;
        if self.metadata.is_some() {
            return Err(Refusal::bad_request(
                "there is more than one metadata field",
            ));
        }
        parse(&field, self.app.limits.field_bytes)?;
        self.metadata = Some(field);
        Ok(())
    }

    /// Returns the value of the current text field.
    fn field(&mut self) -> Result<Vec<u8>, Refusal> {
        let limit = self.app.limits.field_bytes;
        let mut field = Vec::new();
        while let Some(Event::Data(bytes)) = self.events.next()? {
            if field.len() + bytes.len() > limit {
                return Err(Refusal::too_large(format!(
                    "a field is longer than {limit} bytes"
                )));
            }
            field.extend_from_slice(&bytes);
        }
        Ok(field)
    }

    fn finish(self) -> Result<Content, Refusal> {
        let none = || Refusal::bad_request("failed to get uploaded files: there are none");
        let mut intake = self.intake.ok_or_else(none)?;
        let mut file_type = None;
        let (name, root) = match self.root {
            None => return Err(none()),
            Some(Root::File { node, .. }) if node.size == 0 => {
                return Err(Refusal::bad_request("cannot pin empty file"));
            }
            Some(Root::File { name, node }) => {
                let guess = mime_guess::from_path(&name).first_or_octet_stream();
                file_type = Some(guess.to_string());
                (name, UploadRoot::of(&node, false))
            }
            Some(Root::Folder { name, tree }) => {
                let mut blocks = IntakeBlocks(&mut intake);
                let node = tree.finish(&mut blocks).map_err(|cause| match cause {
                    FinishError::Sink(cause) => cause.into(),
                    cause => Refusal::bad_request(cause.to_string()),
                })?;
                (name, UploadRoot::of(&node, true))
            }
            Some(Root::Car { name, root }) => (name, root),
        };
        Ok(Content {
            intake,
            root,
            name,
            file_type,
            metadata: self.metadata.unwrap_or_default(),
        })
    }
}

fn no_memory(app: &App, cause: Exhausted, what: &str) -> Refusal {
    match cause {
        Exhausted::ByItself => Refusal::too_large(format!(
            "the {what} exceed the limit of {} MiB of memory; pin it in parts",
            app.folders.most_each() >> 20
        )),
        Exhausted::ByOthers => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let refusal = Refusal::new(
                status,
                "too much is being uploaded at once; try again later",
            );
            refusal.retry_after(RETRY)
        }
    }
}

/// Parses the metadata field.
fn parse(field: &[u8], limit: usize) -> Result<Metadata, Refusal> {
    if field.is_empty() {
        return Ok(Metadata::default());
    }
    let json = serde_json::from_slice(field)
        .map_err(|cause| Refusal::bad_request(format!("metadata isn't JSON: {cause}")))?;
    parse_metadata(json, limit)
}

fn car_among_files() -> Refusal {
    Refusal::bad_request("a CAR must be uploaded by itself, without other files")
}

fn duplicate(filename: &str) -> Refusal {
    let name = Excerpt::of(filename);
    Refusal::bad_request(format!("invalid file name {name}: it occurs twice"))
}

/// The events of a body that is still arriving.
struct Events<'a> {
    reader: Option<MultipartReader>,
    arrivals: mpsc::Receiver<Arrival>,
    processor: Processor<'a>,
}

impl Events<'_> {
    /// Returns the next event, or `None` at the end of a complete body.
    fn next(&mut self) -> Result<Option<Event>, Refusal> {
        loop {
            let Some(reader) = &mut self.reader else {
                return Ok(None);
            };
            if let Some(event) = reader.next_event()? {
                return Ok(Some(event));
            }
            let arrival = self.arrivals.try_recv().ok().or_else(|| {
                self.processor.rest();
                self.arrivals.blocking_recv()
            });
            self.processor.work();
            match arrival {
                Some(Arrival::Bytes(bytes)) => reader.push(bytes),
                Some(Arrival::End) => self.reader.take().map_or(Ok(()), MultipartReader::finish)?,
                None => return Err(Refusal::bad_request("the request body ended early")),
            }
        }
    }
}

/// An upload's turn at a processor, released while there is nothing to do.
struct Processor<'a> {
    /// `None` if a node does most of the work.
    turns: Option<&'a Arc<Turns>>,
    who: Party,
    turn: Option<Turn>,
    steps: usize,
    effort: &'a Effort,
}

impl<'a> Processor<'a> {
    fn of(app: &'a App, who: Party, effort: &'a Effort) -> Self {
        Self {
            turns: Some(&app.ingests),
            who,
            turn: None,
            steps: 0,
            effort,
        }
    }

    /// Adjusts turns to the intake.
    fn work_for(&mut self, intake: &Intake) {
        if matches!(intake, Intake::Files(_)) {
            (self.turns, self.turn) = (None, None);
        }
    }

    fn work(&mut self) {
        self.effort.check();
        if let (Some(turns), None) = (self.turns, &self.turn) {
            self.turn = Some(turns.take_blocking(self.who));
        }
    }

    /// Marks a small step of work that doesn't wait for input. Between some of these, others get
    /// turns.
    fn step(&mut self) {
        self.steps = (self.steps + 1) % STEPS;
        if self.steps == 0 {
            self.rest();
            self.work();
        }
    }

    fn rest(&mut self) {
        self.turn = None;
    }
}

impl From<MultipartError> for Refusal {
    fn from(cause: MultipartError) -> Self {
        match cause {
            MultipartError::TooManyParts(_) | MultipartError::HeadersTooLong(_) => {
                Self::too_large(cause.to_string())
            }
            _ => Self::bad_request(format!("failed to get uploaded files: {cause}")),
        }
    }
}
