//! The deploys of a folder under one name, and which of them go when there is a newer one.
//!
//! A deploy is removed only where a newer one is pinned. What is newer is decided by what the service
//! keeps: the order of its list, confirmed by its dates. So whatever several syncs remove at the same time, the
//! newest deploy stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use time::OffsetDateTime;

use crate::{Cid, Error, Pin, PinId, Result};

/// The key under which a deploy carries the name that it is synced under.
const NAME: &str = "w3pin.sync";
/// The key under which a deploy carries the root of the local content, whatever CID the service gave it.
const ROOT: &str = "w3pin.cid";

/// The key-values of a deploy.
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the caller's own use a key of these.
pub(crate) fn marked(
    name: &str,
    root: &Cid,
    own: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let mut keyvalues = own.clone();
    for (key, value) in [(NAME, name.to_owned()), (ROOT, root.to_string())] {
        if keyvalues.insert(key.to_owned(), value).is_some() {
            return Err(Error::invalid_input(
                "keyvalues",
                format!("the key {key} marks what a sync has pinned; choose another"),
            ));
        }
    }
    Ok(keyvalues)
}

/// What to ask a list for, where the service filters by key-values.
pub(crate) fn filter(name: &str) -> (&'static str, &str) {
    (NAME, name)
}

/// The root of the local content, if the pin is a deploy under this name. A pin that was given another name since
/// is its owner's.
fn root_of(pin: &Pin, name: &str) -> Option<Cid> {
    let named = pin.name.as_deref().is_none_or(|own| own == name);
    if !named || pin.keyvalues.get(NAME).map(String::as_str) != Some(name) {
        return None;
    }
    Cid::bare(pin.keyvalues.get(ROOT)?).ok()
}

impl Pin {
    /// Whether a sync under this name made the pin.
    #[must_use]
    pub fn is_deploy(&self, name: &str) -> bool {
        root_of(self, name).is_some()
    }
}

/// The deploys under one name, newest first, as far as they were listed.
#[derive(Clone, Debug)]
pub(crate) struct Deploys {
    name: String,
    deploys: Vec<Deploy>,
    saw_others: bool,
}

#[derive(Clone, Debug)]
struct Deploy {
    pin: Pin,
    root: Cid,
}

/// What becomes of deploys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Those that go, oldest first.
    pub(crate) remove: Vec<PinId>,
    /// Those that are pinned and stay, newest first.
    pub(crate) kept: Vec<Pin>,
}

impl Deploys {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            deploys: Vec::new(),
            saw_others: false,
        }
    }

    /// Takes the next pins of a list that is sorted from the newest to the oldest.
    pub(crate) fn add(&mut self, pins: Vec<Pin>) {
        for pin in pins {
            let Some(root) = root_of(&pin, &self.name) else {
                self.saw_others = true;
                continue;
            };
            let ended = pin.date_unpinned.is_some();
            if pin.is_live() || (pin.status.is_failure() && !ended) {
                self.deploys.push(Deploy { pin, root });
            }
        }
    }

    /// Whether the list tells all that there is to know: it has deploys, or it wasn't filtered.
    pub(crate) fn is_conclusive(&self) -> bool {
        self.saw_others || !self.deploys.is_empty()
    }

    /// Whether the newest deploy that is pinned was listed.
    pub(crate) fn has_whole(&self) -> bool {
        self.deploys.iter().any(Deploy::is_whole)
    }

    /// The deploy of this content, where it is the newest and nothing else is about to be pinned after it.
    pub(crate) fn current(&self, root: &Cid) -> Option<&Pin> {
        // Content that changed while it was sent is another than its mark says.
        let has_it = |it: &Deploy| it.root.same_content(root) || it.pin.cid.same_content(root);
        let mut live = self.deploys.iter().filter(|it| it.pin.is_live());
        let newest = live.find(|it| it.is_whole() || !has_it(it))?;
        let date = newest.pin.date_pinned;
        let is_later = |it: &Deploy| it.is_whole() && date.is_some() && it.pin.date_pinned > date;
        let is_newest = newest.is_whole() && !self.deploys.iter().any(is_later);
        (is_newest && has_it(newest)).then_some(&newest.pin)
    }

    /// Whether this pin was listed as one of them.
    pub(crate) fn has(&self, id: &PinId) -> bool {
        self.place(id).is_some()
    }

    /// Whether a newer deploy is pinned than this one, which is pinned too.
    pub(crate) fn is_superseded(&self, id: &PinId) -> bool {
        self.place(id).is_some_and(|place| {
            (0..place).any(|newer| self.deploys[newer].is_whole() && self.is_newer(newer, place))
        })
    }

    /// What goes and what stays once this deploy is pinned, where so many are kept.
    pub(crate) fn plan(&self, own: &PinId, keep: NonZeroU32) -> Plan {
        let own = self.place(own).filter(|own| self.deploys[*own].is_whole());
        match (own, self.last_kept(keep, None)) {
            (Some(own), Some(last)) => self.split(|place| {
                place > own.max(last) && self.is_newer(own, place) && self.is_newer(last, place)
            }),
            _ => self.split(|_| false),
        }
    }

    /// What would go and stay if this content were pinned now.
    pub(crate) fn plan_after(&self, root: &Cid, keep: NonZeroU32) -> Plan {
        if keep.get() == 1 {
            return self.split(|_| true);
        }
        match self.last_kept(keep, Some(root)) {
            Some(last) => self.split(|place| place > last && self.is_newer(last, place)),
            None => self.split(|_| false),
        }
    }

    fn split(&self, goes: impl Fn(usize) -> bool) -> Plan {
        let mut plan = Plan::default();
        for (place, deploy) in self.deploys.iter().enumerate() {
            if deploy.is_settled() && goes(place) {
                plan.remove.insert(0, deploy.pin.id.clone());
            } else if deploy.is_whole() {
                plan.kept.push(deploy.pin.clone());
            }
        }
        plan
    }

    /// The place of the last deploy that is kept, where as many as that are pinned. Content that was deployed
    /// twice counts once.
    fn last_kept(&self, keep: NonZeroU32, first: Option<&Cid>) -> Option<usize> {
        let mut roots: BTreeSet<_> = first.into_iter().map(Cid::content_key).collect();
        let whole = self.deploys.iter().enumerate().filter(|it| it.1.is_whole());
        for (place, deploy) in whole {
            roots.insert(deploy.root.content_key());
            if roots.len() >= keep.get() as usize {
                return Some(place);
            }
        }
        None
    }

    fn place(&self, id: &PinId) -> Option<usize> {
        self.deploys.iter().position(|it| it.pin.id == *id)
    }

    /// Whether the dates agree that one deploy is newer than another that is listed after it. A service may list
    /// pins of the same date in any order, and in another one next time.
    fn is_newer(&self, newer: usize, older: usize) -> bool {
        let (newer, older) = (&self.deploys[newer].pin, &self.deploys[older].pin);
        match (newer.date_pinned, older.date_pinned) {
            (Some(_), Some(_)) => age(newer) > age(older),
            _ => true,
        }
    }
}

fn age(pin: &Pin) -> (Option<OffsetDateTime>, &PinId) {
    (pin.date_pinned, &pin.id)
}

impl Deploy {
    /// Whether the service has all of it.
    fn is_whole(&self) -> bool {
        self.pin.is_live() && self.pin.pinned
    }

    /// Whether nobody can be at work on it.
    fn is_settled(&self) -> bool {
        self.is_whole() || self.pin.status.is_failure()
    }
}
