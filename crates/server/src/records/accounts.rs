//! Accounts and their keys. Secret keys are stored as digests.

use redb::{ReadableTable, Table, WriteTransaction};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use uuid::Uuid;
use w3pin_core::Credentials;

use super::{Records, codec, tables};
use crate::error::StoreError;

/// Longer keys may not fit in a header.
const LONGEST_API_KEY: usize = 1 << 10;

/// An account that may call the API.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    api_key: [u8; 32],
    secret_key: [u8; 32],
}

impl Account {
    /// Returns the account that these keys belong to, in constant time.
    pub(crate) fn find(accounts: &[Self], keys: &KeyDigests) -> Option<Uuid> {
        let mut found = Choice::from(0);
        let mut place = 0_u64;
        for (at, account) in (0_u64..).zip(accounts) {
            let same =
                keys.api_key.ct_eq(&account.api_key) & keys.secret_key.ct_eq(&account.secret_key);
            place.conditional_assign(&at, same);
            found |= same;
        }
        let place = usize::try_from(place).ok()?;
        bool::from(found)
            .then(|| accounts.get(place).map(|account| account.id))
            .flatten()
    }

    /// Returns whether an account has this API key, regardless of the secret key.
    pub(crate) fn has_api_key(accounts: &[Self], keys: &KeyDigests) -> bool {
        let mut found = Choice::from(0);
        for account in accounts {
            found |= keys.api_key.ct_eq(&account.api_key);
        }
        found.into()
    }
}

/// The digests of keys that are stored and compared.
#[derive(Clone, Copy)]
pub(crate) struct KeyDigests {
    pub(crate) api_key: [u8; 32],
    secret_key: [u8; 32],
}

impl KeyDigests {
    pub(crate) fn of(credentials: &Credentials) -> Self {
        Self {
            api_key: Sha256::digest(credentials.api_key()).into(),
            secret_key: Sha256::digest(credentials.secret_key()).into(),
        }
    }
}

/// An account with its API key, as it is exported.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptAccount {
    api_key: String,
    #[serde(flatten)]
    kept: Kept,
}

impl KeptAccount {
    pub(crate) fn id(&self) -> Uuid {
        self.kept.id
    }

    /// Returns whether the keys are valid.
    pub(crate) fn is_valid(&self) -> bool {
        !self.kept.id.is_nil()
            && self.api_key.len() <= LONGEST_API_KEY
            && Credentials::new(&self.api_key, "any").is_ok()
    }
}

/// The stored form of an account.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: Uuid,
    secret_sha256: [u8; 32],
    /// Whether the server generated the keys; only such accounts are accepted without being
    /// configured.
    generated: bool,
}

impl Records {
    /// Returns the accounts to accept: those that are `given`, or else those with generated keys.
    /// If there are neither, generates an account and also returns its keys, which can't be
    /// retrieved later.
    ///
    /// An account is identified by its API key: if it is given with another secret key, it keeps
    /// its pins. Accounts with damaged records are skipped.
    pub(crate) fn accounts(
        &self,
        given: &[Credentials],
    ) -> Result<(Vec<Account>, Option<Credentials>), StoreError> {
        let mut accounts = Vec::new();
        for credentials in given {
            match self.let_in(credentials, false) {
                Ok(account) => accounts.push(account),
                Err(StoreError::Damaged(cause)) => {
                    tracing::error!(cause, "skipping a damaged account; run w3pin fsck");
                }
                Err(cause) => return Err(cause),
            }
        }
        if !given.is_empty() {
            return Ok((accounts, None));
        }
        let accounts = self.with_generated_keys()?;
        if !accounts.is_empty() {
            return Ok((accounts, None));
        }
        let credentials = generate_credentials()?;
        let account = self.let_in(&credentials, true)?;
        Ok((vec![account], Some(credentials)))
    }

    /// Returns the account with these keys, creating it if needed.
    pub(crate) fn let_in(
        &self,
        credentials: &Credentials,
        generated: bool,
    ) -> Result<Account, StoreError> {
        let api_key = std::str::from_utf8(credentials.api_key())
            .map_err(|_| StoreError::Damaged("an API key isn't UTF-8"))?;
        let before = self.read(|transaction| {
            let table = transaction.open_table(tables::ACCOUNTS)?;
            let kept = table.get(api_key)?;
            kept.map(|kept| parse(kept.value())).transpose()
        })?;
        let keys = KeyDigests::of(credentials);
        let kept = Kept {
            id: before.as_ref().map_or_else(Uuid::new_v4, |kept| kept.id),
            secret_sha256: keys.secret_key,
            generated: before.as_ref().map_or(generated, |kept| kept.generated),
        };
        if before.as_ref() != Some(&kept) {
            let written = self.write(|transaction| {
                insert(
                    &mut transaction.open_table(tables::ACCOUNTS)?,
                    api_key,
                    &kept,
                )
            });
            match written {
                // An existing account stays usable on a full disk, with the new secret key for this
                // session only.
                Err(StoreError::Full) if before.is_some() => {}
                written => written?,
            }
        }
        Ok(Account {
            id: kept.id,
            api_key: keys.api_key,
            secret_key: keys.secret_key,
        })
    }

    fn with_generated_keys(&self) -> Result<Vec<Account>, StoreError> {
        let (kept, _) = self.kept_accounts()?;
        let generated = kept.into_iter().filter(|account| account.kept.generated);
        let accounts = generated.map(|account| Account {
            id: account.kept.id,
            api_key: Sha256::digest(&account.api_key).into(),
            secret_key: account.kept.secret_sha256,
        });
        Ok(accounts.collect())
    }

    /// Returns all accounts, and the API keys of those with damaged records.
    pub(crate) fn kept_accounts(&self) -> Result<(Vec<KeptAccount>, Vec<String>), StoreError> {
        self.read(|transaction| {
            let (mut accounts, mut damaged) = (Vec::new(), Vec::new());
            for entry in transaction.open_table(tables::ACCOUNTS)?.iter()? {
                let (api_key, kept) = entry?;
                let api_key = api_key.value().to_owned();
                match parse(kept.value()) {
                    Ok(kept) => accounts.push(KeptAccount { api_key, kept }),
                    Err(_) => damaged.push(api_key),
                }
            }
            if !damaged.is_empty() {
                let count = damaged.len();
                tracing::error!(count, "accounts are damaged; run w3pin fsck");
            }
            Ok((accounts, damaged))
        })
    }

    /// Adds an account of another data folder, unless its API key exists here. Returns its ID,
    /// which no other account has.
    pub(crate) fn take_account(&self, account: KeptAccount) -> Result<Uuid, StoreError> {
        let KeptAccount { api_key, mut kept } = account;
        self.write(|transaction| {
            let mut table = transaction.open_table(tables::ACCOUNTS)?;
            let here = table
                .get(&api_key[..])?
                .map(|kept| parse(kept.value()))
                .transpose()?;
            if let Some(here) = here {
                return Ok(here.id);
            }
            if is_taken(transaction, &table, kept.id)? {
                kept.id = Uuid::new_v4();
            }
            insert(&mut table, &api_key, &kept)?;
            Ok(kept.id)
        })
    }
}

/// Returns whether an account has this ID, or pins exist of one that had it.
fn is_taken(
    transaction: &WriteTransaction,
    accounts: &impl ReadableTable<&'static str, &'static [u8]>,
    id: Uuid,
) -> Result<bool, StoreError> {
    for entry in accounts.iter()? {
        if parse(entry?.1.value()).is_ok_and(|kept| kept.id == id) {
            return Ok(true);
        }
    }
    let pins = transaction.open_table(tables::PINS_BY_ACCOUNT)?;
    let mut pins = pins.range((id.as_u128(), 0)..=(id.as_u128(), u64::MAX))?;
    Ok(pins.next().transpose()?.is_some())
}

fn insert(
    table: &mut Table<'_, &'static str, &'static [u8]>,
    api_key: &str,
    kept: &Kept,
) -> Result<(), StoreError> {
    let bytes = codec::encode(kept)?;
    table.insert(api_key, &bytes[..])?;
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<Kept, StoreError> {
    codec::decode(bytes).ok_or(StoreError::Damaged("an account can't be read"))
}

/// Generates keys of the same lengths as the service's: 24 and 44 characters.
pub(crate) fn generate_credentials() -> Result<Credentials, StoreError> {
    Credentials::new(&random_text(24)?, &random_text(44)?)
        .map_err(|_| StoreError::Damaged("generated keys are invalid"))
}

fn random_text(length: usize) -> Result<String, StoreError> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        // 248 is the largest multiple of the alphabet's length, so all characters are equally
        // likely.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let characters = fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]));
        text.extend(characters.take(length - text.len()));
    }
    Ok(text)
}
