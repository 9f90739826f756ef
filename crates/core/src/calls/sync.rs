//! Keeping a folder pinned under a name.

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeMap};
use w3pin_unixfs::Profile;

use super::{
    call::Reading,
    existing::RECENT_PAGES,
    port::Port,
    session::Session,
    unpin::unpin,
    upload::{self, UploadOptions},
    wait::wait,
};
use crate::{
    Boundary, Cid, Error, ErrorKind, FilePart, ListOptions, ListPins, Metadata, Multipart, Pin,
    PinId, Result, RetryPolicy, Upload, Verify, WaitPolicy,
    decisions::{
        deploys::{Deploys, Plan, filter, marked},
        pager::Pager,
        search::PAGE,
    },
};

/// The most requests of a sync that finds nothing to send, where its list has one page.
const UNCHANGED_REQUESTS: usize = 3;

/// How a folder is kept pinned under a name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeployOptions {
    /// The name of the pins.
    pub name: String,
    /// Key-values of the pins, beside those that mark them.
    pub keyvalues: BTreeMap<String, String>,
    /// How many deploys to keep, including the newest; at least 1.
    pub keep: u32,
    /// Whether the call only says what it would do.
    pub dry_run: bool,
    /// The profile that the service is expected to use.
    pub profile: Profile,
    /// How long to wait until the content is pinned.
    pub wait: WaitPolicy,
    /// The time that the whole call may take; as long as it likes unless set.
    pub timeout: Option<Duration>,
    /// How often the upload is tried; the session's policy unless set.
    pub retry: Option<RetryPolicy>,
}

impl DeployOptions {
    /// How many deploys are kept unless set.
    pub const KEEP: u32 = 3;

    /// Three deploys are kept under this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            keyvalues: BTreeMap::new(),
            keep: Self::KEEP,
            dry_run: false,
            profile: Profile::default(),
            wait: WaitPolicy::default(),
            timeout: None,
            retry: None,
        }
    }

    /// How many deploys are kept, where that can be.
    fn check(&self) -> Result<NonZeroU32> {
        if self.name.is_empty() {
            return Err(Error::invalid_input(
                "name",
                "the name is empty; a sync finds its pins by their name",
            ));
        }
        if let Some(retry) = &self.retry {
            retry.check()?;
        }
        NonZeroU32::new(self.keep).ok_or_else(|| {
            Error::invalid_input(
                "keep",
                "keep is 0; the least is 1, as the new deploy is kept",
            )
        })
    }
}

/// What a sync found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncOutcome {
    /// The newest deploy has this content, and nothing was sent.
    Unchanged,
    /// The content was sent and pinned.
    Pinned,
}

crate::words!(SyncOutcome, "outcome", "unchanged" => Unchanged, "pinned" => Pinned);

/// What a sync has done or, in a dry run, would do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// Whether the content was uploaded.
    pub outcome: SyncOutcome,
    /// The CID to publish: that of the pin, or of the local content in a dry run.
    pub cid: Cid,
    /// The pin of the content; absent if a dry run would create it.
    pub pin: Option<Pin>,
    /// The ids of the deploys that were removed.
    pub removed: Vec<PinId>,
    /// The deploys that stay pinned, newest first.
    pub kept: Vec<Pin>,
    /// The ids of older deploys that are left for the next sync to remove.
    pub postponed: Vec<PinId>,
}

impl Synced {
    /// The contenthash (EIP-1577) of an ENS name for this CID.
    #[must_use]
    pub fn contenthash(&self) -> String {
        self.cid.contenthash()
    }

    /// The DNSLink record for this CID.
    #[must_use]
    pub fn dnslink(&self) -> String {
        self.cid.dnslink()
    }
}

impl Serialize for Synced {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let mut map = output.serialize_map(None)?;
        map.serialize_entry("outcome", self.outcome.as_str())?;
        map.serialize_entry("cid", &self.cid)?;
        map.serialize_entry("contenthash", &self.contenthash())?;
        map.serialize_entry("dnslink", &self.dnslink())?;
        map.serialize_entry("pin", &self.pin)?;
        map.serialize_entry("removed", &self.removed)?;
        map.serialize_entry("kept", &self.kept)?;
        map.serialize_entry("postponed", &self.postponed)?;
        map.end()
    }
}

pub(crate) async fn sync(
    port: Port<Pin>,
    session: Session,
    parts: Vec<FilePart>,
    options: DeployOptions,
    entropy: [u8; 16],
) -> Result<Synced> {
    session.endpoint().api().require_uploads()?;
    let keep = options.check()?;
    let plan = Upload::new(
        parts.clone(),
        &Metadata::new(),
        Boundary::from_entropy(entropy),
    )?
    .plan;
    let root = root(&port, &plan, options.profile).await?;
    let metadata = Metadata {
        name: Some(options.name.clone()),
        keyvalues: marked(&options.name, &root, &options.keyvalues)?,
    };
    metadata.check_own()?;
    let sync = Sync {
        port,
        session,
        options,
        keep,
    };

    let dry_run = sync.options.dry_run;
    let (deploys, requests) = sync.list(|it| it.has_whole() && !dry_run).await?;
    if let Some(pin) = deploys.current(&root)
        && sync.is_proved(pin, &root, &plan).await?
    {
        let pin = pin.clone();
        let most = UNCHANGED_REQUESTS.saturating_sub(requests);
        return sync.unchanged(pin, &deploys, most).await;
    }
    if dry_run {
        let plan = deploys.plan_after(&root, keep);
        return Ok(Synced {
            outcome: SyncOutcome::Pinned,
            cid: root,
            pin: None,
            removed: plan.remove,
            kept: plan.kept,
            postponed: Vec::new(),
        });
    }
    let mut removed = Vec::new();
    let pin = sync
        .pin(parts, metadata, entropy, &deploys, &mut removed)
        .await?;
    if pin.verification.profile() == Some(&sync.options.profile) && !pin.cid.same_content(&root) {
        return Err(Error::new(
            ErrorKind::LocalIo,
            "the folder changed while it was sent; sync it again",
        ));
    }
    sync.port.give(pin.clone()).await;
    let plan = match sync.list(|_| false).await {
        Ok((deploys, _)) => deploys.plan(&pin.id, keep),
        // The deploy is pinned. What is to be removed is left to the next sync.
        Err(_) => Plan::default(),
    };
    let mut synced = sync
        .remove(SyncOutcome::Pinned, pin, plan, usize::MAX)
        .await;
    synced.removed.splice(0..0, removed);
    Ok(synced)
}

/// The root of the content under a profile.
async fn root(port: &Port<Pin>, plan: &Multipart, profile: Profile) -> Result<Cid> {
    let reading = Reading {
        plan: plan.clone(),
        profiles: vec![profile],
    };
    let computed = port.read(reading).await?.into_iter().next();
    computed.map(|it| it.cid).ok_or_else(|| {
        Error::new(
            ErrorKind::LocalIo,
            "the driver reported no root of the content",
        )
    })
}

/// What the steps of a sync share.
struct Sync {
    port: Port<Pin>,
    session: Session,
    options: DeployOptions,
    keep: NonZeroU32,
}

impl Sync {
    /// The deploys under the name, until `enough` are known, and how many pages were read.
    ///
    /// The service is asked for them alone first. What comes is judged by itself, and where nothing comes, which
    /// may be the fault of the filter, they are looked for among all pins.
    async fn list(&self, enough: impl Fn(&Deploys) -> bool) -> Result<(Deploys, usize)> {
        let (key, value) = filter(&self.options.name);
        let all = ListOptions::new().page_of(PAGE);
        let mut requests = 0;
        let mut deploys = Deploys::new(&self.options.name);
        for list in [all.clone().keyvalue(key, value), all] {
            let mut pager = Pager::new(self.session.endpoint().api(), list);
            let mut pages_left = RECENT_PAGES;
            while let Some(page) = pager.next_page()
                && pages_left > 0
                && !enough(&deploys)
            {
                pages_left -= 1;
                requests += 1;
                let answer = self.session.read(&self.port, &ListPins::new(page)).await?;
                deploys.add(pager.accept(answer.output)?.pins);
            }
            if deploys.is_conclusive() {
                break;
            }
        }
        Ok((deploys, requests))
    }

    /// Whether the CID that the service gave is one of this content.
    async fn is_proved(&self, pin: &Pin, root: &Cid, plan: &Multipart) -> Result<bool> {
        if pin.cid.same_content(root) {
            return Ok(true);
        }
        let profiles = Profile::known()
            .into_iter()
            .filter(|it| *it != self.options.profile);
        let reading = Reading {
            plan: plan.clone(),
            profiles: profiles.collect(),
        };
        let computed = self.port.read(reading).await?;
        Ok(computed.iter().any(|it| it.cid.same_content(&pin.cid)))
    }

    /// The content is pinned already. What earlier syncs had to leave is removed, as far as that takes no more
    /// than so many requests.
    async fn unchanged(&self, pin: Pin, deploys: &Deploys, most: usize) -> Result<Synced> {
        let plan = deploys.plan(&pin.id, self.keep);
        if !self.options.dry_run {
            self.port.give(pin.clone()).await;
            let outcome = SyncOutcome::Unchanged;
            return Ok(self.remove(outcome, pin, plan, most).await);
        }
        Ok(Synced {
            outcome: SyncOutcome::Unchanged,
            cid: pin.cid.clone(),
            pin: Some(pin),
            removed: plan.remove,
            kept: plan.kept,
            postponed: Vec::new(),
        })
    }

    /// Sends the content and waits until it is pinned.
    async fn pin(
        &self,
        parts: Vec<FilePart>,
        metadata: Metadata,
        entropy: [u8; 16],
        known: &Deploys,
        removed: &mut Vec<PinId>,
    ) -> Result<Pin> {
        let mut pin = self.upload(parts.clone(), &metadata, entropy).await?;
        let is_old = pin.already_pinned || known.has(&pin.id);
        if is_old && self.make_room(&pin).await? {
            removed.push(pin.id);
            let entropy = (u128::from(self.port.entropy()) << 64) | u128::from(self.port.entropy());
            pin = self.upload(parts, &metadata, entropy.to_be_bytes()).await?;
        }
        self.port.doubt(false);
        let (session, policy) = (self.session.clone(), self.options.wait.clone());
        let mut done = wait(self.port.clone(), session, pin.id, policy).await?;
        if !done.cid.same_content(&pin.cid) {
            let reason = format!("the service shows {} under the id of {}", done.cid, pin.cid);
            return Err(Error::cid_mismatch(reason, pin.cid, done.cid));
        }
        done.already_pinned = pin.already_pinned;
        done.verification = pin.verification;
        Ok(done)
    }

    async fn upload(
        &self,
        parts: Vec<FilePart>,
        metadata: &Metadata,
        entropy: [u8; 16],
    ) -> Result<Pin> {
        let options = UploadOptions {
            metadata: metadata.clone(),
            profile: self.options.profile,
            verify: Verify::Require,
            retry: self.options.retry.clone(),
            ..UploadOptions::default()
        };
        let (port, session) = (self.port.clone(), self.session.clone());
        upload::upload(port, session, parts, true, options, entropy).await
    }

    /// Unpins an older deploy of the same content, where the service doesn't pin content twice: only a new pin
    /// becomes the newest. Says whether there is room for one.
    async fn make_room(&self, pin: &Pin) -> Result<bool> {
        let (deploys, _) = self.list(|_| false).await?;
        if !deploys.is_superseded(&pin.id) {
            return Ok(false);
        }
        let (port, session) = (self.port.clone(), self.session.clone());
        match unpin(port, session, pin.id.clone()).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Ok(false),
            _ => Ok(true),
        }
    }

    /// Removes what the plan says, at most so many deploys. What can't be removed is left to the next sync: the
    /// content is pinned all the same.
    async fn remove(&self, outcome: SyncOutcome, pin: Pin, plan: Plan, most: usize) -> Synced {
        let mut kept = plan.kept;
        if pin.is_deploy(&self.options.name) && !kept.iter().any(|it| it.id == pin.id) {
            kept.insert(0, pin.clone());
        }
        let mut synced = Synced {
            outcome,
            cid: pin.cid.clone(),
            pin: Some(pin),
            removed: Vec::new(),
            kept,
            postponed: Vec::new(),
        };
        let mut left = most;
        for id in plan.remove {
            if left == 0 {
                synced.postponed.push(id);
                continue;
            }
            left -= 1;
            let (port, session) = (self.port.clone(), self.session.clone());
            match unpin(port, session, id.clone()).await {
                Ok(()) => synced.removed.push(id),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    synced.postponed.push(id);
                    // One that is too young says nothing of the others; anything else would happen to them, too.
                    if error.kind() != ErrorKind::Api || error.is_retryable() {
                        left = 0;
                    }
                }
            }
        }
        synced
    }
}
