//! Pins, as they cross.

use std::{collections::HashMap, time::SystemTime};

use crate::error::ErrorDetails;

/// One entry of the account.
#[derive(Clone, Debug, uniffi::Record)]
pub struct PinRecord {
    /// The service's name for it.
    pub id: String,
    /// The content's root.
    pub cid: String,
    /// The name it was given.
    pub name: Option<String>,
    /// The size in bytes, once known.
    pub size: Option<u64>,
    /// The service's word for how far it is.
    pub status: String,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it was pinned by its CID.
    pub is_pin_by_hash: bool,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// When it was pinned.
    pub date_pinned: Option<SystemTime>,
    /// When it was unpinned.
    pub date_unpinned: Option<SystemTime>,
    /// Its metadata.
    pub keyvalues: HashMap<String, String>,
    /// The content's type.
    pub file_type: Option<String>,
    /// The service's word for how far its blocks are.
    pub sub_hash_status: Option<String>,
    /// The service's record of the file.
    pub file_record_id: Option<String>,
    /// The root it belongs to.
    pub root_hash: Option<String>,
    /// Whose it is.
    pub user_id: Option<String>,
    /// Whether the account had it before the call.
    pub already_pinned: bool,
    /// What is proved of it.
    pub verification: VerificationRecord,
}

/// What is proved of a pin.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerificationRecord {
    /// `unchecked`, `verified`, `mismatch` or `unproved`.
    pub result: String,
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
    /// How many files the account has.
    pub total_files: Option<u64>,
    /// How many bytes the account has.
    pub total_size: Option<u64>,
}

/// How one of many calls ended.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Outcome {
    /// The pin, where the call gives one.
    pub pin: Option<PinRecord>,
    /// Why it failed.
    pub error: Option<ErrorDetails>,
}

impl From<w3pin::Pin> for PinRecord {
    fn from(pin: w3pin::Pin) -> Self {
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
            verification: VerificationRecord {
                result: pin.verification.as_str().to_owned(),
                profile: pin.verification.profile().map(ToString::to_string),
                computed_cid: pin.verification.computed_cid().map(ToString::to_string),
            },
        }
    }
}

impl From<w3pin::Page> for PageRecord {
    fn from(page: w3pin::Page) -> Self {
        Self {
            pins: page.pins.into_iter().map(PinRecord::from).collect(),
            total_files: page.totals.files,
            total_size: page.totals.size,
        }
    }
}

impl From<w3pin::Result<w3pin::Pin>> for Outcome {
    fn from(result: w3pin::Result<w3pin::Pin>) -> Self {
        match result {
            Ok(pin) => Self {
                pin: Some(pin.into()),
                error: None,
            },
            Err(error) => error.into(),
        }
    }
}

impl From<w3pin::Result<()>> for Outcome {
    fn from(result: w3pin::Result<()>) -> Self {
        match result {
            Ok(()) => Self {
                pin: None,
                error: None,
            },
            Err(error) => error.into(),
        }
    }
}

impl From<w3pin::Error> for Outcome {
    fn from(error: w3pin::Error) -> Self {
        Self {
            pin: None,
            error: Some(error.into()),
        }
    }
}
