//! Pins, as they cross.

use std::{collections::HashMap, time::SystemTime};

use w3pin::{Page, Pin, UnreadablePin, Verification};

use crate::words::VerificationResult;

/// A pin.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PinRecord {
    /// Its id.
    pub id: String,
    /// The content's root.
    pub cid: String,
    /// The name shown in listings.
    pub name: Option<String>,
    /// The size in bytes, as the service accounts for it.
    pub size: Option<u64>,
    /// The service's word for how far it is.
    pub status: String,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it was pinned by its CID.
    pub is_pin_by_hash: bool,
    /// Whether the content is a folder.
    pub is_dir: bool,
    /// When the content was pinned.
    pub date_pinned: Option<SystemTime>,
    /// When the content was unpinned.
    pub date_unpinned: Option<SystemTime>,
    /// The caller's own key-values.
    pub keyvalues: HashMap<String, String>,
    /// What kind of file it is.
    pub file_type: Option<String>,
    /// The service's word for how far its blocks are.
    pub sub_hash_status: Option<String>,
    /// The id of the service's record of the content.
    pub file_record_id: Option<String>,
    /// The service's own hash of the content.
    pub root_hash: Option<String>,
    /// The id of the account.
    pub user_id: Option<String>,
    /// Whether it was there before the call.
    pub already_pinned: bool,
    /// What was proved of it.
    pub verification: VerificationRecord,
}

/// What is proved of a pin.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerificationRecord {
    /// What came of the comparison.
    pub result: VerificationResult,
    /// The profile that gives the service's CID.
    pub profile: Option<String>,
    /// The CID of the bytes that were sent.
    pub computed_cid: Option<String>,
}

/// One page of the account's pins.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PageRecord {
    /// Its pins.
    pub pins: Vec<PinRecord>,
    /// The number of pins over all pages.
    pub total_files: Option<u64>,
    /// The bytes that the service accounts for over all pages.
    pub total_size: Option<u64>,
    /// Entries that can't be read as pins.
    pub unreadable: Vec<UnreadableRecord>,
}

/// An entry that can't be read as a pin.
#[derive(Clone, Debug, uniffi::Record)]
pub struct UnreadableRecord {
    /// Its place in the listing.
    pub position: u64,
    /// Its id, if it can be read.
    pub id: Option<String>,
    /// Why it can't be read.
    pub reason: String,
}

impl From<Pin> for PinRecord {
    fn from(pin: Pin) -> Self {
        Self {
            id: pin.id.to_string(),
            cid: pin.cid.to_string(),
            name: pin.name,
            size: pin.size,
            status: pin.status.as_str().to_owned(),
            pinned: pin.pinned,
            is_pin_by_hash: pin.is_pin_by_hash,
            is_dir: pin.is_dir,
            date_pinned: pin.date_pinned.map(SystemTime::from),
            date_unpinned: pin.date_unpinned.map(SystemTime::from),
            keyvalues: pin.keyvalues.into_iter().collect(),
            file_type: pin.file_type,
            sub_hash_status: pin.sub_hash_status.map(|status| status.as_str().to_owned()),
            file_record_id: pin.file_record_id,
            root_hash: pin.root_hash,
            user_id: pin.user_id,
            already_pinned: pin.already_pinned,
            verification: (&pin.verification).into(),
        }
    }
}

impl From<Page> for PageRecord {
    fn from(page: Page) -> Self {
        Self {
            pins: page.pins.into_iter().map(PinRecord::from).collect(),
            total_files: page.totals.files,
            total_size: page.totals.size,
            unreadable: page.unreadable.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Verification> for VerificationRecord {
    fn from(verification: &Verification) -> Self {
        Self {
            result: verification.into(),
            profile: verification.profile().map(ToString::to_string),
            computed_cid: verification.computed_cid().map(ToString::to_string),
        }
    }
}

impl From<&UnreadablePin> for UnreadableRecord {
    fn from(entry: &UnreadablePin) -> Self {
        Self {
            position: entry.position,
            id: entry.id.clone(),
            reason: entry.reason.clone(),
        }
    }
}
